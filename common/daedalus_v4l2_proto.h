/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-3-Clause */
/*
 * Wire protocol between daedalus_v4l2.ko and the decode daemon.
 *
 * Two kinds of file descriptor carry it. The *control fd* is
 * /dev/daedalus-v4l2; it has one opener, the supervisor, which says hello,
 * hears of new streams and turns each into a *session fd*. The session fd
 * belongs to one open V4L2 stream; its jobs, replies and buffers go over it
 * and over nothing else. docs/protocol.md tells the story with diagrams.
 *
 * Every structure has the same layout for 32- and 64-bit userspace, all
 * numbers are in host byte order, and every reserved field must be zero in
 * what the daemon sends and is zero in what the kernel sends. Neither
 * bitstream nor pixels travel in a message: both live in dma-bufs which the
 * daemon fetches by number (DAEDALUS_IOC_GET_BUFFER) and maps once.
 */
#ifndef DAEDALUS_V4L2_PROTO_H
#define DAEDALUS_V4L2_PROTO_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Raised on each incompatible change; both sides must agree exactly. */
#define DAEDALUS_PROTO_VERSION		1

#define DAEDALUS_CONTROL_DEVICE		"/dev/daedalus-v4l2"

#define DAEDALUS_MAX_CODECS		8
#define DAEDALUS_MAX_PLANES		3
#define DAEDALUS_ENGINE_NAME_LEN	64

/* No message of the kernel is longer; a read() buffer of this size always suffices. */
#define DAEDALUS_MSG_MAX		65536

/* What a codec can write; bits of daedalus_codec.capture_formats. */
#define DAEDALUS_CAPTURE_NV12		(1U << 0)
#define DAEDALUS_CAPTURE_NV12M		(1U << 1)
#define DAEDALUS_CAPTURE_YUV420		(1U << 2)
#define DAEDALUS_CAPTURE_P010		(1U << 3)
#define DAEDALUS_CAPTURE_ALL		((1U << 4) - 1)

/**
 * struct daedalus_codec - one coded format that the daemon decodes
 * @pixelformat:	V4L2_PIX_FMT_* of the OUTPUT queue, e.g. V4L2_PIX_FMT_VP9_FRAME
 * @capture_formats:	DAEDALUS_CAPTURE_* bits that its output stage can write
 * @max_width:		widest frame, in luma samples, 16..16384
 * @max_height:		highest frame, in luma samples, 16..16384
 * @reserved:		zero
 */
struct daedalus_codec {
	__u32 pixelformat;
	__u32 capture_formats;
	__u32 max_width;
	__u32 max_height;
	__u32 reserved[4];
};

/**
 * struct daedalus_hello - DAEDALUS_IOC_HELLO: the daemon introduces itself
 * @version:		in: DAEDALUS_PROTO_VERSION of the daemon; out: of the kernel
 *			(filled even when the call fails with -EPROTO)
 * @size:		in: sizeof(struct daedalus_hello)
 * @num_codecs:		in: used entries of @codecs, 1..DAEDALUS_MAX_CODECS
 * @deadline_ms:	out: how long the kernel waits for the oldest job, milliseconds
 * @engine:		in: NUL-terminated text for logs, e.g. "libavcodec 61.19.101"
 * @reserved:		zero
 * @codecs:		in: what the daemon decodes, no pixelformat twice
 *
 * The video and media nodes appear when this call returns 0. A second call on
 * the same control fd fails with -EALREADY.
 */
struct daedalus_hello {
	__u32 version;
	__u32 size;
	__u32 num_codecs;
	__u32 deadline_ms;
	__u8 engine[DAEDALUS_ENGINE_NAME_LEN];
	__u32 reserved[4];
	struct daedalus_codec codecs[DAEDALUS_MAX_CODECS];
};

/**
 * enum daedalus_event_type - what read() on the control fd reports
 * @DAEDALUS_EVENT_SESSION: a stream wants a worker: open its session
 */
enum daedalus_event_type {
	DAEDALUS_EVENT_SESSION = 1,
};

/**
 * struct daedalus_event - one read() on the control fd returns one of these
 * @type:		enum daedalus_event_type
 * @session:		session number for DAEDALUS_IOC_OPEN_SESSION, never 0
 * @pixelformat:	coded format of the stream, V4L2_PIX_FMT_*
 * @pid:		thread group of the client that started the stream, for logs;
 *			0 if it is not visible in the reader's pid namespace
 *
 * read() blocks, or fails with -EAGAIN under O_NONBLOCK, until an event is
 * there. A buffer shorter than this structure fails with -EMSGSIZE.
 */
struct daedalus_event {
	__u32 type;
	__u32 session;
	__u32 pixelformat;
	__u32 pid;
};

/**
 * struct daedalus_open_session - DAEDALUS_IOC_OPEN_SESSION
 * @session:	in: number from a DAEDALUS_EVENT_SESSION
 * @fd:		out: the session fd, close-on-exec
 *
 * Fails with -ENOENT when the stream has gone in the meantime (not an error
 * for the daemon) or was opened already.
 */
struct daedalus_open_session {
	__u32 session;
	__s32 fd;
};

/* What a buffer is for; daedalus_get_buffer.usage. */
#define DAEDALUS_USAGE_BITSTREAM	0	/* read by the daemon */
#define DAEDALUS_USAGE_PICTURE		1	/* written by the daemon */

/**
 * struct daedalus_get_buffer - DAEDALUS_IOC_GET_BUFFER, on a session fd
 * @buffer:	in: buffer number from a job
 * @fd:		out: a dma-buf, close-on-exec, which the caller owns
 * @length:	out: bytes of the buffer that belong to V4L2
 * @usage:	out: DAEDALUS_USAGE_*; a bitstream dma-buf may be read-only
 * @reserved:	zero
 *
 * The number stays valid until DAEDALUS_MSG_BUFFER_GONE names it; map it once.
 * Fails with -ENOENT when the client has freed the buffer in the meantime.
 */
struct daedalus_get_buffer {
	__u32 buffer;
	__s32 fd;
	__u64 length;
	__u32 usage;
	__u32 reserved;
};

#define DAEDALUS_IOC_MAGIC		0xDA
#define DAEDALUS_IOC_HELLO		_IOWR(DAEDALUS_IOC_MAGIC, 0, struct daedalus_hello)
#define DAEDALUS_IOC_OPEN_SESSION	_IOWR(DAEDALUS_IOC_MAGIC, 1, struct daedalus_open_session)
#define DAEDALUS_IOC_GET_BUFFER		_IOWR(DAEDALUS_IOC_MAGIC, 16, struct daedalus_get_buffer)

/**
 * enum daedalus_msg_type - what read() on a session fd returns
 * @DAEDALUS_MSG_JOB:		decode one request: struct daedalus_job
 * @DAEDALUS_MSG_FLUSH:		the client stopped the OUTPUT queue (a seek): forget every
 *				reference before the next job; jobs in flight are void.
 *				Only the header.
 * @DAEDALUS_MSG_BUFFER_GONE:	unmap and close a buffer: struct daedalus_buffer_gone
 */
enum daedalus_msg_type {
	DAEDALUS_MSG_JOB = 1,
	DAEDALUS_MSG_FLUSH = 2,
	DAEDALUS_MSG_BUFFER_GONE = 3,
};

/**
 * struct daedalus_msg - header of every message on a session fd
 * @type:	enum daedalus_msg_type
 * @size:	bytes of the whole message, this header included
 *
 * One read() returns one message. A buffer that is too short fails with
 * -EMSGSIZE and keeps the message. 0 bytes mean that the stream has ended.
 */
struct daedalus_msg {
	__u32 type;
	__u32 size;
};

/**
 * struct daedalus_buffer_gone - a buffer number has become invalid
 * @hdr:	DAEDALUS_MSG_BUFFER_GONE
 * @buffer:	its number
 * @reserved:	zero
 */
struct daedalus_buffer_gone {
	struct daedalus_msg hdr;
	__u32 buffer;
	__u32 reserved;
};

/**
 * struct daedalus_plane - a piece of a dma-buf
 * @buffer:	buffer number for DAEDALUS_IOC_GET_BUFFER, never 0
 * @reserved:	zero
 * @offset:	first byte
 * @length:	bytes from @offset that the job may touch
 */
struct daedalus_plane {
	__u32 buffer;
	__u32 reserved;
	__u64 offset;
	__u64 length;
};

/**
 * struct daedalus_component - where a colour plane of the picture goes
 * @plane:		index into daedalus_job.dst
 * @bytesperline:	bytes from one row to the next
 * @offset:		bytes from the plane's own offset to the first row
 *
 * Component 0 is Y. In NV12, NV12M and P010 component 1 is CbCr interleaved,
 * in YUV420 component 1 is Cb and component 2 is Cr.
 */
struct daedalus_component {
	__u32 plane;
	__u32 bytesperline;
	__u64 offset;
};

/**
 * struct daedalus_job - decode one request
 * @hdr:		DAEDALUS_MSG_JOB
 * @id:			to be given back in the reply; says nothing else
 * @timestamp:		of the OUTPUT buffer, nanoseconds; the name by which the
 *			controls of later jobs refer to this picture
 * @pixelformat:	coded format, V4L2_PIX_FMT_*
 * @flags:		reserved, zero
 * @deadline_ms:	milliseconds the kernel waits once this job is the oldest in flight
 * @num_controls:	number of struct daedalus_control after this structure
 * @src:		the OUTPUT payload
 * @dst_format:		CAPTURE format, V4L2_PIX_FMT_*
 * @dst_width:		width of the CAPTURE format, luma samples
 * @dst_height:		height of the CAPTURE format, luma samples
 * @dst_num_planes:	used entries of @dst; 0 (then @num_components is 0 too) when the client has
 *			taken the CAPTURE buffer back: decode for the sake of later pictures only
 * @dst:		memory planes of the CAPTURE buffer
 * @num_components:	used entries of @components
 * @reserved:		zero
 * @components:		colour planes of the CAPTURE buffer
 *
 * The control values follow at offset sizeof(struct daedalus_job).
 */
struct daedalus_job {
	struct daedalus_msg hdr;
	__u64 id;
	__u64 timestamp;
	__u32 pixelformat;
	__u32 flags;
	__u32 deadline_ms;
	__u32 num_controls;
	struct daedalus_plane src;
	__u32 dst_format;
	__u32 dst_width;
	__u32 dst_height;
	__u32 dst_num_planes;
	struct daedalus_plane dst[DAEDALUS_MAX_PLANES];
	__u32 num_components;
	__u32 reserved;
	struct daedalus_component components[DAEDALUS_MAX_PLANES];
};

/**
 * struct daedalus_control - header of one control value of a job
 * @id:		V4L2_CID_*
 * @size:	bytes of the value that follows at once: the control's payload structure,
 *		or for an array control all of its elements. A dynamic array
 *		(V4L2_CTRL_FLAG_DYNAMIC_ARRAY) comes with as many as it has for this job,
 *		at least one: @size is what tells their number
 *
 * The next header starts at the next multiple of 8 bytes.
 */
struct daedalus_control {
	__u32 id;
	__u32 size;
};

#define DAEDALUS_CONTROL_ALIGN		8

/**
 * enum daedalus_status - how a job ended
 * @DAEDALUS_STATUS_OK:			the picture of exactly this request is in the CAPTURE buffer
 * @DAEDALUS_STATUS_CORRUPT:		the bitstream could not be decoded
 * @DAEDALUS_STATUS_MISSING_REFERENCE:	a reference picture is not there (lost frame, new worker)
 * @DAEDALUS_STATUS_UNSUPPORTED:	a feature that the engine does not decode
 * @DAEDALUS_STATUS_MISMATCH:		controls, bitstream and CAPTURE format contradict each other
 * @DAEDALUS_STATUS_NO_MEMORY:		out of memory, or a buffer could not be mapped
 * @DAEDALUS_STATUS_INTERNAL:		the engine failed for a reason of its own
 * @DAEDALUS_STATUS_COUNT:		number of values
 *
 * Everything but OK reaches the client as V4L2_BUF_FLAG_ERROR on the CAPTURE buffer.
 */
enum daedalus_status {
	DAEDALUS_STATUS_OK = 0,
	DAEDALUS_STATUS_CORRUPT = 1,
	DAEDALUS_STATUS_MISSING_REFERENCE = 2,
	DAEDALUS_STATUS_UNSUPPORTED = 3,
	DAEDALUS_STATUS_MISMATCH = 4,
	DAEDALUS_STATUS_NO_MEMORY = 5,
	DAEDALUS_STATUS_INTERNAL = 6,
	DAEDALUS_STATUS_COUNT
};

/**
 * struct daedalus_reply - what the daemon writes to a session fd, one per write()
 * @size:	sizeof(struct daedalus_reply)
 * @status:	enum daedalus_status
 * @id:		of the job
 * @decode_us:	time spent decoding, microseconds, for the trace; 0 if unknown
 * @output_us:	time spent in the output stage, microseconds; 0 if unknown
 *
 * Replies may come in any order; the client sees submission order. A refused
 * reply is counted and changes nothing:
 * -EMSGSIZE  the write is not sizeof(struct daedalus_reply) bytes long
 * -EINVAL    @size or @status has an impossible value
 * -ENOENT    the job was never read from this fd
 * -EALREADY  the job has been answered
 * -ESTALE    the job is over: deadline, STREAMOFF, close, or another session's
 */
struct daedalus_reply {
	__u32 size;
	__u32 status;
	__u64 id;
	__u32 decode_us;
	__u32 output_us;
};

/*
 * The layout is the contract: a compiler or a field that breaks it must not build.
 */
#define DAEDALUS_ASSERT_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), #type " must be " #bytes " bytes")

DAEDALUS_ASSERT_SIZE(struct daedalus_codec, 32);
DAEDALUS_ASSERT_SIZE(struct daedalus_hello, 352);
DAEDALUS_ASSERT_SIZE(struct daedalus_event, 16);
DAEDALUS_ASSERT_SIZE(struct daedalus_open_session, 8);
DAEDALUS_ASSERT_SIZE(struct daedalus_get_buffer, 24);
DAEDALUS_ASSERT_SIZE(struct daedalus_msg, 8);
DAEDALUS_ASSERT_SIZE(struct daedalus_buffer_gone, 16);
DAEDALUS_ASSERT_SIZE(struct daedalus_plane, 24);
DAEDALUS_ASSERT_SIZE(struct daedalus_component, 16);
DAEDALUS_ASSERT_SIZE(struct daedalus_job, 208);
DAEDALUS_ASSERT_SIZE(struct daedalus_control, 8);
DAEDALUS_ASSERT_SIZE(struct daedalus_reply, 24);
_Static_assert(sizeof(struct daedalus_job) % DAEDALUS_CONTROL_ALIGN == 0,
	       "control values must start aligned");

#endif /* DAEDALUS_V4L2_PROTO_H */
