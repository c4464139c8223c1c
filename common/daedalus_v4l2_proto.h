/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-3-Clause */
/*
 * Wire protocol between daedalus_v4l2.ko and the decode daemon.
 *
 * Two kinds of file descriptor carry it. The *control fd* is
 * /dev/daedalus-v4l2. Only one process can have it open, the supervisor: it
 * says hello, reads events about new streams and opens a *session fd* for
 * each. A session fd belongs to one open V4L2 stream and carries the jobs,
 * replies and buffers of that stream. docs/protocol.md explains the protocol
 * with diagrams.
 *
 * Every structure has the same layout for 32- and 64-bit userspace. All
 * numbers are in host byte order. The daemon must set every reserved field to
 * zero, and the kernel does so too. Messages contain no bitstream and no
 * pixels: both are in dma-bufs, which the daemon fetches by number
 * (DAEDALUS_IOC_GET_BUFFER) and maps once.
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

/* Largest message of the kernel, bytes: a read() buffer of this size is always enough. */
#define DAEDALUS_MSG_MAX		65536

/* CAPTURE formats; bits of daedalus_codec.capture_formats. */
#define DAEDALUS_CAPTURE_NV12		(1U << 0)
#define DAEDALUS_CAPTURE_NV12M		(1U << 1)
#define DAEDALUS_CAPTURE_YUV420		(1U << 2)
#define DAEDALUS_CAPTURE_P010		(1U << 3)
#define DAEDALUS_CAPTURE_ALL		((1U << 4) - 1)

/**
 * struct daedalus_codec - one coded format that the daemon decodes
 * @pixelformat:	V4L2_PIX_FMT_* of the OUTPUT queue, e.g. V4L2_PIX_FMT_VP9_FRAME
 * @capture_formats:	DAEDALUS_CAPTURE_* bits of the formats that the daemon can write
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
 * @deadline_ms:	out: time that the oldest job in flight may take, milliseconds
 * @engine:		in: NUL-terminated text for logs, e.g. "libavcodec 61.19.101"
 * @reserved:		zero
 * @codecs:		in: coded formats that the daemon decodes, each pixelformat once
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
 * @DAEDALUS_EVENT_SESSION: a stream needs a worker: open its session
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
 * Without an event, read() blocks, or fails with -EAGAIN under O_NONBLOCK. With
 * a buffer shorter than this structure it fails with -EMSGSIZE.
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
 * Fails with -ENOENT if the stream was closed in the meantime, which is no
 * error of the daemon, or if the session was opened already.
 */
struct daedalus_open_session {
	__u32 session;
	__s32 fd;
};

/* Use of a buffer; daedalus_get_buffer.usage. */
#define DAEDALUS_USAGE_BITSTREAM	0	/* read by the daemon */
#define DAEDALUS_USAGE_PICTURE		1	/* written by the daemon */

/**
 * struct daedalus_get_buffer - DAEDALUS_IOC_GET_BUFFER, on a session fd
 * @buffer:	in: buffer number from a job
 * @fd:		out: a dma-buf, close-on-exec, which the caller owns
 * @length:	out: bytes of the memory plane
 * @usage:	out: DAEDALUS_USAGE_*; a bitstream dma-buf may be read-only
 * @reserved:	zero
 *
 * The number stays valid until DAEDALUS_MSG_BUFFER_GONE names it, so the daemon
 * fetches and maps a buffer once. Fails with -ENOENT if the client has freed the
 * buffer in the meantime.
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
 * @DAEDALUS_MSG_FLUSH:		the client stopped the OUTPUT queue (a seek): drop all
 *				references before the next job; jobs in flight have ended.
 *				The message is struct daedalus_msg.
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
 * @size:	bytes of the whole message, with this header
 *
 * One read() returns one message. If the buffer is too short, read() fails with
 * -EMSGSIZE and the message stays. It returns 0 when the stream has ended.
 */
struct daedalus_msg {
	__u32 type;
	__u32 size;
};

/**
 * struct daedalus_buffer_gone - a buffer number has become invalid
 * @hdr:	DAEDALUS_MSG_BUFFER_GONE
 * @buffer:	the buffer number
 * @reserved:	zero
 */
struct daedalus_buffer_gone {
	struct daedalus_msg hdr;
	__u32 buffer;
	__u32 reserved;
};

/**
 * struct daedalus_plane - a part of a dma-buf
 * @buffer:	buffer number for DAEDALUS_IOC_GET_BUFFER, never 0
 * @reserved:	zero
 * @offset:	offset of the first byte
 * @length:	bytes from @offset that the job may access
 */
struct daedalus_plane {
	__u32 buffer;
	__u32 reserved;
	__u64 offset;
	__u64 length;
};

/**
 * struct daedalus_component - position of a colour plane in the CAPTURE buffer
 * @plane:		index into daedalus_job.dst
 * @bytesperline:	bytes from one row to the next
 * @offset:		bytes from daedalus_plane.offset to the first row
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
 * @id:			to be copied to the reply; the daemon must not interpret it
 * @timestamp:		timestamp of the OUTPUT buffer, nanoseconds; controls of later jobs
 *			refer to this picture by it
 * @pixelformat:	coded format, V4L2_PIX_FMT_*
 * @flags:		reserved, zero
 * @deadline_ms:	time that the job may take once it is the oldest in flight, milliseconds
 * @num_controls:	number of struct daedalus_control after this structure
 * @src:		the OUTPUT payload
 * @dst_format:		CAPTURE format, V4L2_PIX_FMT_*
 * @dst_width:		width of the CAPTURE format, luma samples
 * @dst_height:		height of the CAPTURE format, luma samples
 * @dst_num_planes:	used entries of @dst; 0, as @num_components, if the client has taken the
 *			CAPTURE buffer back: decode the picture as a reference for later ones
 * @dst:		memory planes of the CAPTURE buffer
 * @num_components:	used entries of @components
 * @reserved:		zero
 * @components:		colour planes of the CAPTURE buffer, in the order Y, Cb or CbCr, Cr
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
 * @size:	bytes of the value, which follows this header: the structure of the control,
 *		or all elements of an array control. A dynamic array
 *		(V4L2_CTRL_FLAG_DYNAMIC_ARRAY) has the elements that it has for this job, at
 *		least one; @size tells their number
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
 * @DAEDALUS_STATUS_MISSING_REFERENCE:	a reference picture is missing (lost frame, new worker)
 * @DAEDALUS_STATUS_UNSUPPORTED:	the stream uses a feature that the engine does not support
 * @DAEDALUS_STATUS_MISMATCH:		controls, bitstream and CAPTURE format contradict each other
 * @DAEDALUS_STATUS_NO_MEMORY:		out of memory, or a buffer could not be mapped
 * @DAEDALUS_STATUS_INTERNAL:		the kernel or the daemon failed in another way
 * @DAEDALUS_STATUS_COUNT:		number of values
 *
 * Every status but OK sets V4L2_BUF_FLAG_ERROR on the client's CAPTURE buffer.
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
 * @id:		daedalus_job.id
 * @decode_us:	time spent decoding, microseconds, for the trace; 0 if unknown
 * @output_us:	time spent in the output stage, microseconds, for the trace; 0 if nothing was
 *		written to the CAPTURE buffer
 *
 * Jobs may be answered in any order; for the client they complete in submission
 * order. A refused reply is counted and changes nothing. write() fails with:
 * -EMSGSIZE  the write is not sizeof(struct daedalus_reply) bytes long
 * -EINVAL    @size or @status has an impossible value
 * -ENOENT    the job was never read from this fd
 * -EALREADY  the job has been answered
 * -ESTALE    the job has ended: deadline, STREAMOFF, close; or it is of an earlier session
 */
struct daedalus_reply {
	__u32 size;
	__u32 status;
	__u64 id;
	__u32 decode_us;
	__u32 output_us;
};

/*
 * A change or a compiler that breaks the layout must not build.
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
