/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libavcodec as a stateless decoder, for the engines that use it.
 *
 * The libraries are loaded with dlopen() by the exact names that belong to the
 * headers of the build, because structures are read which differ from one
 * major version to the next. The picture of a packet is taken in the
 * get_buffer2 callback: that is the one place where hidden and reordered
 * pictures are seen, and exactly when they are decoded.
 */
#ifndef DAEDALUS_LAVC_H
#define DAEDALUS_LAVC_H

#include <libavcodec/avcodec.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daedalus_v4l2_proto.h"
#include "codec/engine.h"
#include "picture_pool.h"

/**
 * struct lavc_names - which libraries to load
 * @codec:		file name of libavcodec, with its major version
 * @util:		file name of libavutil, with its major version
 * @codec_major:	what avcodec_version() must say
 * @util_major:		what avutil_version() must say
 */
struct lavc_names {
	const char *codec;
	const char *util;
	unsigned int codec_major;
	unsigned int util_major;
};

/**
 * lavc_load_from() - load the libraries, once per process
 * @names:	which ones
 * @text:	"libavcodec 61.19.101", or one line saying what is missing
 * @size:	bytes of @text
 *
 * Return: 0 or a negative errno. Further calls after success do nothing.
 */
int lavc_load_from(const struct lavc_names *names, char *text, size_t size);

/** lavc_load() - lavc_load_from() with the names that belong to the headers of this build */
int lavc_load(char *text, size_t size);

/** lavc_has_decoder() - whether the loaded libavcodec has a decoder of this name */
bool lavc_has_decoder(const char *name);

/**
 * struct lavc_bitstream - padded memory for packets, used again for each
 * @ref:	the memory, NULL at first
 */
struct lavc_bitstream {
	AVBufferRef *ref;
};

/**
 * lavc_reserve() - room for @size bytes, followed by zeroed padding
 *
 * Return: the memory, NULL if there is none or libavcodec cannot take so much.
 */
uint8_t *lavc_reserve(struct lavc_bitstream *bitstream, size_t size);

/** lavc_release() - free the memory */
void lavc_release(struct lavc_bitstream *bitstream);

/**
 * struct lavc_decoder - a libavcodec context and the picture of the last packet
 * @context:	owned
 * @packet:	owned, empty between calls
 * @returned:	owned, empty between calls
 * @picture:	owned; what the last packet decoded to, without buffers if nothing
 * @pictures:	owned; memory of all pictures of 8- and 10-bit 4:2:0
 * @pts:	number of the last packet
 * @allocated:	pictures that the last packet began
 * @errors:	complaints of libavcodec about the last packet
 * @rows:	luma rows that the last packet decoded, if the codec reports them (H.264);
 *		a field reports as many as its frame has
 * @keep_picture: a packet that begins no picture goes on with the last one (the second
 *		field of a frame), so leave that in @picture; false unless the owner sets it
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
	unsigned int rows;
	bool keep_picture;
};

/**
 * lavc_open() - a decoder for one stream
 * @name:		libavcodec's name for it, e.g. "vp9"
 * @threads:		1.. decoder threads
 * @thread_type:	FF_THREAD_SLICE, or 0 with one thread
 *
 * Return: NULL if there is no memory or libavcodec refuses.
 */
struct lavc_decoder *lavc_open(const char *name, unsigned int threads, int thread_type);

/** lavc_close() - free it; NULL is fine */
void lavc_close(struct lavc_decoder *decoder);

/**
 * lavc_decode() - decode one packet completely
 * @bitstream:	filled after lavc_reserve()
 * @start:	where in it the packet starts
 * @size:	bytes of the packet; with @start <= what was reserved
 * @max_pixels:	refuse pictures with more luma samples
 *
 * On return @decoder->picture holds what came of it, which may be something
 * even after an error. Return: 0 or a negative AVERROR.
 */
int lavc_decode(struct lavc_decoder *decoder, struct lavc_bitstream *bitstream, size_t start,
		size_t size, int64_t max_pixels);

/**
 * lavc_double_field() - show a lone field as a frame: each of its rows twice
 * @bottom:	it is the bottom field
 *
 * Writes the rows of the other field, which that field will write again if it comes.
 */
void lavc_double_field(struct lavc_decoder *decoder, bool bottom);

/**
 * lavc_swallow() - decode a packet for the sake of what it does to the decoder
 *
 * Nothing is concealed in its picture, and @decoder->picture is left empty.
 */
void lavc_swallow(struct lavc_decoder *decoder, struct lavc_bitstream *bitstream, size_t size);

/** lavc_flush() - forget all references */
void lavc_flush(struct lavc_decoder *decoder);

/**
 * lavc_picture() - describe @decoder->picture
 *
 * Return: false if there is none or it is not 8- or 10-bit 4:2:0.
 */
bool lavc_picture(const struct lavc_decoder *decoder, struct engine_picture *picture);

/** lavc_status() - DAEDALUS_STATUS_* for a negative AVERROR */
enum daedalus_status lavc_status(int error);

#endif /* DAEDALUS_LAVC_H */
