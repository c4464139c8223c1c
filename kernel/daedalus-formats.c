// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format tables and the arithmetic on them. A new CAPTURE format needs a row here. A
 * new codec needs a row here and a folder with the table of its controls.
 */
#include <linux/align.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "daedalus-ctrls.h"
#include "daedalus-formats.h"

/* The first format of a bit depth is the default. */
static const struct daedalus_picture_format picture_formats[] = {
	{
		.pixelformat = V4L2_PIX_FMT_NV12, .bit = DAEDALUS_CAPTURE_NV12,
		.depth = 8, .mem_planes = 1, .num_components = 2,
		.components = { { 0, 1, 1, 1 }, { 0, 2, 2, 2 } },
	}, {
		.pixelformat = V4L2_PIX_FMT_NV12M, .bit = DAEDALUS_CAPTURE_NV12M,
		.depth = 8, .mem_planes = 2, .num_components = 2,
		.components = { { 0, 1, 1, 1 }, { 1, 2, 2, 2 } },
	}, {
		.pixelformat = V4L2_PIX_FMT_YUV420, .bit = DAEDALUS_CAPTURE_YUV420,
		.depth = 8, .mem_planes = 1, .num_components = 3,
		.components = { { 0, 1, 1, 1 }, { 0, 1, 2, 2 }, { 0, 1, 2, 2 } },
	}, {
		.pixelformat = V4L2_PIX_FMT_P010, .bit = DAEDALUS_CAPTURE_P010,
		.depth = 10, .mem_planes = 1, .num_components = 2,
		.components = { { 0, 2, 1, 1 }, { 0, 4, 2, 2 } },
	},
};

const struct daedalus_coded_format *const daedalus_coded_formats[] = {
	&daedalus_vp9,
	&daedalus_h264,
	&daedalus_av1,
};

const unsigned int daedalus_num_coded_formats = ARRAY_SIZE(daedalus_coded_formats);

/**
 * daedalus_picture_format_find() - look up a CAPTURE format
 * @pixelformat: V4L2_PIX_FMT_*
 *
 * Return: its table entry, or NULL.
 */
const struct daedalus_picture_format *daedalus_picture_format_find(u32 pixelformat)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(picture_formats); i++)
		if (picture_formats[i].pixelformat == pixelformat)
			return &picture_formats[i];
	return NULL;
}

/**
 * daedalus_picture_format_nth() - enumerate CAPTURE formats
 * @bits:	DAEDALUS_CAPTURE_* that the daemon can write
 * @depth:	bits per sample of the stream; 0 for any
 * @n:		index, from 0; 0 is the default format
 *
 * Return: the table entry, or NULL past the end.
 */
const struct daedalus_picture_format *
daedalus_picture_format_nth(u32 bits, unsigned int depth, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(picture_formats); i++) {
		const struct daedalus_picture_format *fmt = &picture_formats[i];

		if (!(fmt->bit & bits) || (depth && fmt->depth != depth))
			continue;
		if (!n--)
			return fmt;
	}
	return NULL;
}

/* Bytes per row of colour plane @c when the luma row has @stride bytes. */
static u32 component_stride(const struct daedalus_picture_format *fmt, unsigned int c, u32 stride)
{
	return stride / fmt->components[0].bytes * fmt->components[c].bytes /
	       fmt->components[c].hdiv;
}

/**
 * daedalus_picture_fill() - complete a CAPTURE format
 * @pix:	every field except the colorimetry is set
 * @fmt:	table entry of the format
 * @width:	requested width, luma samples
 * @height:	requested height, luma samples
 * @max_width:	the codec's limit, luma samples, even
 * @max_height:	the codec's limit, luma samples, even
 *
 * Width and height are rounded up to even numbers, because 4:2:0 has one chroma sample
 * for two by two luma samples.
 */
void daedalus_picture_fill(struct v4l2_pix_format_mplane *pix,
			   const struct daedalus_picture_format *fmt,
			   u32 width, u32 height, u32 max_width, u32 max_height)
{
	/* The rows of every colour plane start aligned, including planes of half width. */
	u32 align = DAEDALUS_STRIDE_ALIGN * (fmt->num_components == 3 ? 2 : 1);
	u32 stride;
	unsigned int c;

	width = ALIGN(clamp_t(u32, width, DAEDALUS_MIN_SIZE, max_width), 2);
	height = ALIGN(clamp_t(u32, height, DAEDALUS_MIN_SIZE, max_height), 2);
	stride = ALIGN(width * fmt->components[0].bytes, align);

	pix->width = width;
	pix->height = height;
	pix->pixelformat = fmt->pixelformat;
	pix->field = V4L2_FIELD_NONE;
	pix->flags = 0;
	pix->num_planes = fmt->mem_planes;
	memset(pix->plane_fmt, 0, sizeof(pix->plane_fmt));
	memset(pix->reserved, 0, sizeof(pix->reserved));

	for (c = 0; c < fmt->num_components; c++) {
		struct v4l2_plane_pix_format *plane = &pix->plane_fmt[fmt->components[c].plane];
		u32 bytes = component_stride(fmt, c, stride);

		if (!plane->bytesperline)
			plane->bytesperline = bytes;
		plane->sizeimage += bytes * (height / fmt->components[c].vdiv);
	}
}

/**
 * daedalus_picture_max_size() - the largest size that a memory plane can need
 * @pix:	a format that daedalus_picture_fill() made
 * @plane:	memory plane of @pix
 * @max_width:	the codec's limit, luma samples, even
 * @max_height:	the codec's limit, luma samples, even
 *
 * Return: bytes of the plane in a picture of @max_width times @max_height.
 */
u32 daedalus_picture_max_size(const struct v4l2_pix_format_mplane *pix, unsigned int plane,
			      u32 max_width, u32 max_height)
{
	struct v4l2_pix_format_mplane max;

	daedalus_picture_fill(&max, daedalus_picture_format_find(pix->pixelformat), max_width,
			      max_height, max_width, max_height);
	return max.plane_fmt[plane].sizeimage;
}

/**
 * daedalus_picture_components() - compute the memory plane, offset and stride of each colour plane
 * @pix:	a format that daedalus_picture_fill() made
 * @components:	DAEDALUS_MAX_PLANES entries to fill
 *
 * Return: number of entries filled.
 */
unsigned int daedalus_picture_components(const struct v4l2_pix_format_mplane *pix,
					 struct daedalus_component *components)
{
	const struct daedalus_picture_format *fmt = daedalus_picture_format_find(pix->pixelformat);
	u64 used[VIDEO_MAX_PLANES] = { 0 };
	unsigned int c;

	for (c = 0; c < fmt->num_components; c++) {
		u8 plane = fmt->components[c].plane;
		u32 bytes = component_stride(fmt, c, pix->plane_fmt[0].bytesperline);

		components[c].plane = plane;
		components[c].bytesperline = bytes;
		components[c].offset = used[plane];
		used[plane] += (u64)bytes * (pix->height / fmt->components[c].vdiv);
	}
	return fmt->num_components;
}

/**
 * daedalus_ctrl_find() - look up a control of a codec
 * @coded:	the codec
 * @id:		V4L2_CID_*
 *
 * Return: its table entry, or NULL if the codec does not have the control.
 */
const struct daedalus_ctrl *daedalus_ctrl_find(const struct daedalus_coded_format *coded, u32 id)
{
	unsigned int i;

	for (i = 0; i < coded->num_ctrls; i++)
		if (coded->ctrls[i].cfg.id == id)
			return &coded->ctrls[i];
	return NULL;
}

/**
 * daedalus_bitstream_fill() - complete an OUTPUT format
 * @pix:	has the width, height and plane_fmt[0].sizeimage that the client requests;
 *		the colorimetry does not change, all other fields are set
 * @offer:	the coded format
 *
 * A sizeimage of 0 asks for the default: the bytes of an uncompressed 8-bit 4:2:0
 * frame, and at least 256 KiB. A sensible encoder does not exceed that.
 */
void daedalus_bitstream_fill(struct v4l2_pix_format_mplane *pix,
			     const struct daedalus_offer *offer)
{
	u32 size = pix->num_planes ? pix->plane_fmt[0].sizeimage : 0;

	pix->width = clamp_t(u32, pix->width, DAEDALUS_MIN_SIZE, offer->max_width);
	pix->height = clamp_t(u32, pix->height, DAEDALUS_MIN_SIZE, offer->max_height);
	if (!size)
		size = max_t(u32, pix->width * pix->height / 2 * 3, SZ_256K);

	pix->pixelformat = offer->coded->pixelformat;
	pix->field = V4L2_FIELD_NONE;
	pix->flags = 0;
	pix->num_planes = 1;
	memset(pix->plane_fmt, 0, sizeof(pix->plane_fmt));
	memset(pix->reserved, 0, sizeof(pix->reserved));
	pix->plane_fmt[0].sizeimage = PAGE_ALIGN(clamp_t(u32, size, DAEDALUS_MIN_BITSTREAM,
							 DAEDALUS_MAX_BITSTREAM));
}

/**
 * daedalus_hello_check() - is the daemon's introduction well-formed?
 * @hello: written by userspace, not checked yet
 *
 * Return: 0; -EPROTO for another protocol version; -EINVAL for impossible values.
 */
int daedalus_hello_check(const struct daedalus_hello *hello)
{
	unsigned int i, j;

	if (hello->version != DAEDALUS_PROTO_VERSION)
		return -EPROTO;
	if (hello->size != sizeof(*hello) || !hello->num_codecs ||
	    hello->num_codecs > DAEDALUS_MAX_CODECS ||
	    memchr_inv(hello->reserved, 0, sizeof(hello->reserved)) ||
	    strnlen(hello->engine, sizeof(hello->engine)) == sizeof(hello->engine))
		return -EINVAL;

	for (i = 0; i < hello->num_codecs; i++) {
		const struct daedalus_codec *codec = &hello->codecs[i];

		/* The bit depth is 8 until the client sets a control with another one. */
		if (!codec->pixelformat ||
		    !daedalus_picture_format_nth(codec->capture_formats, 8, 0) ||
		    codec->capture_formats & ~DAEDALUS_CAPTURE_ALL ||
		    codec->max_width < 16 || codec->max_width > 16384 ||
		    codec->max_height < 16 || codec->max_height > 16384 ||
		    memchr_inv(codec->reserved, 0, sizeof(codec->reserved)))
			return -EINVAL;
		for (j = 0; j < i; j++)
			if (hello->codecs[j].pixelformat == codec->pixelformat)
				return -EINVAL;
	}
	return 0;
}

/**
 * daedalus_hello_offers() - list the codecs that both the kernel and the daemon know
 * @hello:	checked introduction of the daemon
 * @offers:	filled in the order of the kernel's table
 *
 * Return: number of entries filled. Codecs that this kernel does not know are
 * left out.
 */
unsigned int daedalus_hello_offers(const struct daedalus_hello *hello,
				   struct daedalus_offer offers[DAEDALUS_MAX_CODECS])
{
	unsigned int i, j, n = 0;

	for (i = 0; i < daedalus_num_coded_formats; i++) {
		const struct daedalus_coded_format *coded = daedalus_coded_formats[i];

		for (j = 0; j < hello->num_codecs; j++) {
			const struct daedalus_codec *codec = &hello->codecs[j];

			if (codec->pixelformat != coded->pixelformat)
				continue;
			offers[n].coded = coded;
			offers[n].capture_formats = codec->capture_formats;
			/* CAPTURE sizes are even; keep the rounding inside the limit */
			offers[n].max_width = round_down(codec->max_width, 2);
			offers[n].max_height = round_down(codec->max_height, 2);
			n++;
		}
	}
	return n;
}
