// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lavc.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avutil.h>
#include <libavutil/buffer.h>
#include <libavutil/frame.h>
#include <libavutil/log.h>

#include "library.h"
#include "core/log.h"

/* A packet decodes to a few pictures at most; more iterations mean a broken library. */
#define MAX_DRAIN	64

#define CODEC_FUNCTIONS(X) \
	X(avcodec_version) \
	X(avcodec_get_class) \
	X(avcodec_find_decoder_by_name) \
	X(avcodec_alloc_context3) \
	X(avcodec_free_context) \
	X(avcodec_open2) \
	X(avcodec_send_packet) \
	X(avcodec_receive_frame) \
	X(avcodec_flush_buffers) \
	X(avcodec_default_get_buffer2) \
	X(avcodec_align_dimensions2) \
	X(av_packet_alloc) \
	X(av_packet_free) \
	X(av_packet_unref)

#define UTIL_FUNCTIONS(X) \
	X(avutil_version) \
	X(av_buffer_alloc) \
	X(av_buffer_create) \
	X(av_buffer_ref) \
	X(av_buffer_unref) \
	X(av_buffer_is_writable) \
	X(av_frame_alloc) \
	X(av_frame_free) \
	X(av_frame_ref) \
	X(av_frame_unref) \
	X(av_frame_move_ref) \
	X(av_log_set_callback)

/* Function pointers with the types that the headers declare. */
static struct {
#define DECLARE(name) __typeof__(name) *name;
	CODEC_FUNCTIONS(DECLARE)
	UTIL_FUNCTIONS(DECLARE)
#undef DECLARE
	bool loaded;
	char text[64];
} lavc;

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/*
 * Does a log message say that a packet was not decoded exactly? The H.264 decoder
 * conceals errors and logs them. It also flags the frames that it returns, but it
 * does not return each picture.
 */
static bool is_complaint(int level, const char *format)
{
	/* Errors about references; h264_refs.h finds those that change a sample. */
	static const char *const harmless[] = {
		/* marking: it changes which pictures later ones refer to, no sample of this one */
		"mmco:",
		/* also for lists with more entries than there are pictures, which is legal */
		"Missing reference picture, default is",
	};
	size_t i;

	if (level == AV_LOG_INFO)
		return starts_with(format, "concealing ");
	if (level < 0 || level > AV_LOG_ERROR)
		return false;
	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (starts_with(format, harmless[i]))
			return false;
	return true;
}

static void count_complaint(void *context, int level, const char *format)
{
	struct lavc_decoder *decoder;

	if (!context || *(const AVClass **)context != lavc.avcodec_get_class() ||
	    !is_complaint(level, format))
		return;
	decoder = ((AVCodecContext *)context)->opaque;
	if (decoder)
		atomic_fetch_add(&decoder->errors, 1);
}

static void forward_log(void *context, int level, const char *format, va_list args)
{
	level &= 0xff;	/* the higher bits are a colour */
	count_complaint(context, level, format);
	if (level <= AV_LOG_VERBOSE)
		log_library("FFmpeg", format, args);
}

static bool check_major(const char *file, unsigned int version, unsigned int major, char *text,
			size_t size)
{
	if (AV_VERSION_MAJOR(version) == major)
		return true;
	snprintf(text, size, "%s has version %u.%u.%u, this daedalusd was built for major version %u",
		 file, AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version),
		 AV_VERSION_MICRO(version), major);
	return false;
}

int lavc_load_from(const struct lavc_names *names, char *text, size_t size)
{
#define ENTRY(name) LIBRARY_SYMBOL(lavc, name),
	static const struct library_symbol from_codec[] = { CODEC_FUNCTIONS(ENTRY) };
	static const struct library_symbol from_util[] = { UTIL_FUNCTIONS(ENTRY) };
#undef ENTRY
	void *codec, *util;
	unsigned int version;

	if (lavc.loaded) {
		snprintf(text, size, "%s", lavc.text);
		return 0;
	}
	/* Unload nothing on failure: FFmpeg needs OpenMP, which leaks when it is unloaded. */
	util = library_open(names->util, text, size);
	codec = util ? library_open(names->codec, text, size) : NULL;
	if (!codec ||
	    !library_bind(codec, names->codec, from_codec,
			  sizeof(from_codec) / sizeof(from_codec[0]), text, size) ||
	    !library_bind(util, names->util, from_util,
			  sizeof(from_util) / sizeof(from_util[0]), text, size))
		return -ENOENT;
	version = lavc.avcodec_version();
	if (!check_major(names->codec, version, names->codec_major, text, size) ||
	    !check_major(names->util, lavc.avutil_version(), names->util_major, text, size))
		return -ENOENT;

	lavc.av_log_set_callback(forward_log);
	snprintf(lavc.text, sizeof(lavc.text), "libavcodec %u.%u.%u", AV_VERSION_MAJOR(version),
		 AV_VERSION_MINOR(version), AV_VERSION_MICRO(version));
	snprintf(text, size, "%s", lavc.text);
	lavc.loaded = true;
	return 0;
}

int lavc_load(char *text, size_t size)
{
	static const struct lavc_names names = {
		.codec = LIBRARY_NAME("libavcodec", LIBAVCODEC_VERSION_MAJOR),
		.util = LIBRARY_NAME("libavutil", LIBAVUTIL_VERSION_MAJOR),
		.codec_major = LIBAVCODEC_VERSION_MAJOR,
		.util_major = LIBAVUTIL_VERSION_MAJOR,
	};

	return lavc_load_from(&names, text, size);
}

int lavc_load_decoder(const char *name, char *text, size_t size)
{
	int ret = lavc_load(text, size);

	if (ret < 0)
		return ret;
	if (!lavc.avcodec_find_decoder_by_name(name)) {
		snprintf(text, size, "this libavcodec was built without its %s decoder", name);
		return -ENOENT;
	}
	return 0;
}

uint8_t *lavc_reserve(struct lavc_bitstream *bitstream, size_t size)
{
	size_t padded = size + AV_INPUT_BUFFER_PADDING_SIZE;

	if (size > INT_MAX - AV_INPUT_BUFFER_PADDING_SIZE)
		return NULL;
	/* If it is not writable, a decoder still reads the last packet. */
	if (!bitstream->ref || bitstream->ref->size < padded ||
	    !lavc.av_buffer_is_writable(bitstream->ref)) {
		lavc_release(bitstream);
		/* Half as much again, so that slowly growing packets rarely reallocate. */
		bitstream->ref = lavc.av_buffer_alloc(padded + padded / 2);
		if (!bitstream->ref)
			return NULL;
	}
	memset(bitstream->ref->data + size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
	return bitstream->ref->data;
}

void lavc_release(struct lavc_bitstream *bitstream)
{
	lavc.av_buffer_unref(&bitstream->ref);
}

/* Bits per sample of a pixel format; 0 if the engines do not support it. */
static unsigned int bit_depth(int format)
{
	switch (format) {
	case AV_PIX_FMT_YUV420P:
	case AV_PIX_FMT_YUVJ420P:
		return 8;
	case AV_PIX_FMT_YUV420P10:
		return 10;
	default:
		return 0;
	}
}

static void put_block(void *opaque, uint8_t *data)
{
	(void)data;
	picture_pool_put(opaque);
}

static int allocate(struct lavc_decoder *decoder, AVFrame *frame)
{
	int stride_align[AV_NUM_DATA_POINTERS];
	int width = frame->width, height = frame->height;
	struct picture_layout layout;
	struct picture_block *block;
	int i;

	lavc.avcodec_align_dimensions2(decoder->context, &width, &height, stride_align);
	if (width <= 0 || height <= 0 ||
	    !picture_layout_init(&layout, (uint32_t)width, ((uint32_t)height + 1) & ~1U,
				 bit_depth(frame->format) > 8, true) ||
	    layout.stride[0] > INT_MAX)
		return AVERROR(EINVAL);
	block = picture_pool_get(decoder->pictures, layout.size);
	if (!block)
		return AVERROR(ENOMEM);
	frame->buf[0] = lavc.av_buffer_create(block->data, block->size, put_block, block, 0);
	if (!frame->buf[0]) {
		picture_pool_put(block);
		return AVERROR(ENOMEM);
	}
	for (i = 0; i < 3; i++) {
		frame->data[i] = block->data + layout.offset[i];
		frame->linesize[i] = (int)layout.stride[!!i];
	}
	frame->extended_data = frame->data;
	return 0;
}

static int take_buffer(AVCodecContext *context, AVFrame *frame, int flags)
{
	struct lavc_decoder *decoder = context->opaque;
	int ret;

	ret = bit_depth(frame->format) ? allocate(decoder, frame) :
					 lavc.avcodec_default_get_buffer2(context, frame, flags);
	if (ret < 0)
		return ret;
	decoder->allocated++;
	lavc.av_frame_unref(decoder->picture);
	return lavc.av_frame_ref(decoder->picture, frame);
}

static void report_band(AVCodecContext *context, const AVFrame *frame,
			int offset[AV_NUM_DATA_POINTERS], int y, int type, int height)
{
	struct lavc_decoder *decoder = context->opaque;

	if (decoder->on_band)
		decoder->on_band(decoder->owner, y, height);
}

struct lavc_decoder *lavc_open(const char *name, unsigned int threads, int thread_type)
{
	const AVCodec *codec = lavc.avcodec_find_decoder_by_name(name);
	struct lavc_decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder || !codec)
		goto fail;
	decoder->packet = lavc.av_packet_alloc();
	decoder->returned = lavc.av_frame_alloc();
	decoder->picture = lavc.av_frame_alloc();
	decoder->pictures = picture_pool_new();
	decoder->context = lavc.avcodec_alloc_context3(codec);
	if (!decoder->packet || !decoder->returned || !decoder->picture || !decoder->pictures ||
	    !decoder->context)
		goto fail;

	decoder->context->opaque = decoder;
	decoder->context->get_buffer2 = take_buffer;
	decoder->context->thread_count = (int)threads;
	decoder->context->thread_type = thread_type;
	if (threads == 1) {
		decoder->context->draw_horiz_band = report_band;
		decoder->context->slice_flags = SLICE_FLAG_CODED_ORDER | SLICE_FLAG_ALLOW_FIELD;
	}
	if (lavc.avcodec_open2(decoder->context, codec, NULL) < 0)
		goto fail;
	return decoder;

fail:
	lavc_close(decoder);
	return NULL;
}

void lavc_close(struct lavc_decoder *decoder)
{
	if (!decoder)
		return;
	lavc.avcodec_free_context(&decoder->context);
	lavc.av_frame_free(&decoder->picture);
	lavc.av_frame_free(&decoder->returned);
	lavc.av_packet_free(&decoder->packet);
	picture_pool_close(decoder->pictures);
	free(decoder);
}

/* Receive all frames that are ready. Keeps a picture that get_buffer2 was not called for. */
static int drain(struct lavc_decoder *decoder)
{
	int error = 0;
	int i;

	for (i = 0; i < MAX_DRAIN; i++) {
		int ret = lavc.avcodec_receive_frame(decoder->context, decoder->returned);

		if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF)
			return error;
		if (ret < 0) {
			error = ret;
			continue;
		}
		/* Ignore frames of earlier packets: their errors were reported with those. */
		if (decoder->returned->decode_error_flags & ~FF_DECODE_ERROR_MISSING_REFERENCE &&
		    (decoder->returned->pts == decoder->pts ||
		     decoder->returned->pts == decoder->picture->pts))
			error = AVERROR_INVALIDDATA;
		if (!decoder->picture->buf[0] && decoder->returned->pts == decoder->pts)
			lavc.av_frame_move_ref(decoder->picture, decoder->returned);
		else
			lavc.av_frame_unref(decoder->returned);
	}
	return error ? error : AVERROR_BUG;
}

void lavc_limit(struct lavc_decoder *decoder, uint32_t width, uint32_t height)
{
	/* libavcodec compares with sizes rounded up to its own alignment. */
	decoder->context->max_pixels = ((int64_t)width + 128) * ((int64_t)height + 128);
}

int lavc_decode(struct lavc_decoder *decoder, struct lavc_bitstream *bitstream, size_t start,
		size_t size)
{
	AVPacket *packet = decoder->packet;
	int send_error;
	int drain_error;

	decoder->allocated = 0;
	atomic_store(&decoder->errors, 0);
	if (!decoder->keep_picture)
		lavc.av_frame_unref(decoder->picture);

	packet->buf = lavc.av_buffer_ref(bitstream->ref);
	if (!packet->buf)
		return AVERROR(ENOMEM);
	packet->data = packet->buf->data + start;
	packet->size = (int)size;
	packet->pts = ++decoder->pts;
	send_error = lavc.avcodec_send_packet(decoder->context, packet);
	lavc.av_packet_unref(packet);
	drain_error = drain(decoder);
	return send_error < 0 ? send_error : drain_error;
}

void lavc_swallow(struct lavc_decoder *decoder, struct lavc_bitstream *bitstream, size_t size)
{
	int concealment = decoder->context->error_concealment;

	decoder->context->error_concealment = 0;
	lavc_decode(decoder, bitstream, 0, size);
	decoder->context->error_concealment = concealment;
	lavc.av_frame_unref(decoder->picture);
}

void lavc_double_field(struct lavc_decoder *decoder, bool bottom)
{
	const AVFrame *frame = decoder->picture;
	int i, y;

	for (i = 0; i < 3 && frame->data[i]; i++) {
		ptrdiff_t stride = frame->linesize[i];
		int rows = i ? (frame->height + 1) / 2 : frame->height;

		for (y = 0; y + 1 < rows; y += 2)
			memcpy(frame->data[i] + (y + !bottom) * stride,
			       frame->data[i] + (y + bottom) * stride, (size_t)stride);
	}
}

void lavc_flush(struct lavc_decoder *decoder)
{
	lavc.avcodec_flush_buffers(decoder->context);
	lavc.av_frame_unref(decoder->picture);
}

bool lavc_picture(const struct lavc_decoder *decoder, struct decoded_picture *picture)
{
	const AVFrame *frame = decoder->picture;
	int i;

	if (!frame->buf[0] || frame->width <= 0 || frame->height <= 0)
		return false;
	picture->bit_depth = bit_depth(frame->format);
	if (!picture->bit_depth)
		return false;
	picture->width = (uint32_t)frame->width;
	picture->height = (uint32_t)frame->height;
	for (i = 0; i < 3; i++) {
		picture->data[i] = frame->data[i];
		picture->stride[i] = frame->linesize[i];
	}
	return true;
}

enum daedalus_status lavc_status(int error)
{
	switch (error) {
	case AVERROR(ENOMEM):
		return DAEDALUS_STATUS_NO_MEMORY;
	case AVERROR_PATCHWELCOME:
	case AVERROR(ENOSYS):
		return DAEDALUS_STATUS_UNSUPPORTED;
	case AVERROR_INVALIDDATA:
	case AVERROR(EINVAL):
	case AVERROR(ERANGE):
		return DAEDALUS_STATUS_CORRUPT;
	default:
		return DAEDALUS_STATUS_INTERNAL;
	}
}
