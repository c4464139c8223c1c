/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libavcodec as a stateless decoder, for the engines that use it.
 *
 * The libraries are loaded with dlopen() by the exact names that belong to the
 * headers of the build, because the layout of their structures differs between
 * major versions. The picture of a packet is taken in the get_buffer2 callback:
 * only there hidden and reordered pictures are seen, at the time when they are
 * decoded.
 */
#ifndef DAEDALUS_LAVC_H
#define DAEDALUS_LAVC_H

#include <libavcodec/avcodec.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/picture.h"
#include "daedalus_v4l2_proto.h"
#include "picture_pool.h"

/**
 * struct lavc_names - which libraries to load
 * @codec:		file name of libavcodec, with its major version
 * @util:		file name of libavutil, with its major version
 * @codec_major:	major version that avcodec_version() must return
 * @util_major:		major version that avutil_version() must return
 */
struct lavc_names {
	const char *codec;
	const char *util;
	unsigned int codec_major;
	unsigned int util_major;
};

/**
 * lavc_load_from() - load the libraries, once per process
 * @names:	libraries to load
 * @text:	"libavcodec 61.19.101", or one line that says what is missing
 * @size:	bytes of @text
 *
 * Return: 0 or a negative errno. Further calls after success do nothing.
 */
int lavc_load_from(const struct lavc_names *names, char *text, size_t size);

/** lavc_load() - lavc_load_from() with the names that belong to the headers of this build */
int lavc_load(char *text, size_t size);

/**
 * lavc_load_decoder() - lavc_load(), and check that libavcodec has a decoder
 * @name:	libavcodec's name of the decoder, e.g. "vp9"
 * @text:	as for lavc_load()
 * @size:	bytes of @text
 *
 * Return: 0 or a negative errno; -ENOENT also if this libavcodec lacks the decoder.
 */
int lavc_load_decoder(const char *name, char *text, size_t size);

/**
 * struct lavc_bitstream - padded memory for packets, reused for each packet
 * @ref:	the memory, NULL at first
 */
struct lavc_bitstream {
	AVBufferRef *ref;
};

/**
 * lavc_reserve() - room for @size bytes, followed by zeroed padding
 *
 * Return: the memory, owned by @bitstream; NULL if out of memory or @size is more than
 * libavcodec takes.
 */
uint8_t *lavc_reserve(struct lavc_bitstream *bitstream, size_t size);

/** lavc_release() - free the memory */
void lavc_release(struct lavc_bitstream *bitstream);

/**
 * struct lavc_decoder - a libavcodec context and the picture of the last packet
 * @context:	owned
 * @packet:	owned, empty between calls
 * @returned:	owned, empty between calls
 * @picture:	owned; picture of the last packet, without buffers if there is none
 * @pictures:	owned; memory of all pictures of 8- and 10-bit 4:2:0
 * @pts:	number of the last packet
 * @allocated:	pictures that the last packet began
 * @errors:	errors that libavcodec logged about the last packet
 * @on_band:	called with @owner for each band of rows that is ready, only with one thread
 *		and if the codec reports them (H.264); NULL: not called; set by the owner.
 *		@y and @height are luma rows of the frame, also for a field.
 * @owner:	of @on_band
 * @keep_picture: keep @picture for a packet that begins no picture but continues the last
 *		one (the second field of a frame); set by the owner, false at first
 */
struct lavc_decoder {
	AVCodecContext *context;
	AVPacket *packet;
	AVFrame *returned;
	AVFrame *picture;
	struct picture_pool *pictures;
	int64_t pts;
	unsigned int allocated;
	atomic_uint errors;
	void (*on_band)(void *owner, int y, int height);
	void *owner;
	bool keep_picture;
};

/**
 * lavc_open() - a decoder for one stream
 * @name:		libavcodec's name of the decoder, e.g. "vp9"
 * @threads:		decoder threads, at least 1
 * @thread_type:	FF_THREAD_SLICE, or 0 with one thread
 *
 * Return: NULL if there is no memory or libavcodec refuses.
 */
struct lavc_decoder *lavc_open(const char *name, unsigned int threads, int thread_type);

/** lavc_close() - free it; NULL is fine */
void lavc_close(struct lavc_decoder *decoder);

/**
 * lavc_limit() - refuse larger pictures from the next packet on
 * @width:	luma samples
 * @height:	luma samples
 */
void lavc_limit(struct lavc_decoder *decoder, uint32_t width, uint32_t height);

/**
 * lavc_decode() - decode one packet completely
 * @bitstream:	filled after lavc_reserve()
 * @start:	offset of the packet in @bitstream, bytes
 * @size:	bytes of the packet; @start + @size is at most the reserved size
 *
 * On return @decoder->picture is the decoded picture; there may be one even after
 * an error. Return: 0 or a negative AVERROR.
 */
int lavc_decode(struct lavc_decoder *decoder, struct lavc_bitstream *bitstream, size_t start,
		size_t size);

/**
 * lavc_double_field() - make a frame of a single field: copy its rows to the other field
 * @bottom:	the field is the bottom field
 *
 * If the other field is decoded later, it overwrites these rows.
 */
void lavc_double_field(struct lavc_decoder *decoder, bool bottom);

/**
 * lavc_swallow() - decode a packet only to change the decoder's state
 *
 * Error concealment is off, and @decoder->picture is empty afterwards.
 */
void lavc_swallow(struct lavc_decoder *decoder, struct lavc_bitstream *bitstream, size_t size);

/** lavc_flush() - forget all references */
void lavc_flush(struct lavc_decoder *decoder);

/**
 * lavc_picture() - describe @decoder->picture
 *
 * Return: false if there is none or it is not 8- or 10-bit 4:2:0.
 */
bool lavc_picture(const struct lavc_decoder *decoder, struct decoded_picture *picture);

/** lavc_status() - DAEDALUS_STATUS_* for a negative AVERROR */
enum daedalus_status lavc_status(int error);

#endif /* DAEDALUS_LAVC_H */
