/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Format tables and the arithmetic on them; no state, no locks.
 */
#ifndef DAEDALUS_FORMATS_H
#define DAEDALUS_FORMATS_H

#include <linux/types.h>
#include <linux/videodev2.h>

#include "daedalus_v4l2_proto.h"

/* The smallest frame, luma samples. */
#define DAEDALUS_MIN_SIZE	1
/* Bytes. Rows start on a cache line, which makes DMA sync and SIMD stores faster. */
#define DAEDALUS_STRIDE_ALIGN	64
/* Bounds of an OUTPUT buffer, bytes. */
#define DAEDALUS_MIN_BITSTREAM	SZ_16K
#define DAEDALUS_MAX_BITSTREAM	SZ_256M

/**
 * struct daedalus_picture_format - a CAPTURE format
 * @pixelformat:	V4L2_PIX_FMT_*
 * @bit:		DAEDALUS_CAPTURE_* of the protocol
 * @depth:		bits per sample of the streams that are decoded to it
 * @mem_planes:		number of memory planes
 * @num_components:	number of colour planes
 * @components:		each colour plane's memory plane, bytes from one sample (or CbCr
 *			pair) to the next, and horizontal and vertical subsampling
 *			factor
 */
struct daedalus_picture_format {
	u32 pixelformat;
	u32 bit;
	u8 depth;
	u8 mem_planes;
	u8 num_components;
	struct {
		u8 plane;
		u8 bytes;
		u8 hdiv;
		u8 vdiv;
	} components[DAEDALUS_MAX_PLANES];
};

/**
 * struct daedalus_coded_format - an OUTPUT format; each codec has one
 * @pixelformat:	V4L2_PIX_FMT_*; 0 if the running kernel has no controls for the
 *			codec, so that no daemon can offer it
 * @ctrls:		the codec's controls
 * @num_ctrls:		entries of @ctrls
 */
struct daedalus_coded_format {
	u32 pixelformat;
	const struct daedalus_ctrl *ctrls;
	unsigned int num_ctrls;
};

/**
 * struct daedalus_offer - a coded format that both kernel and daemon know
 * @coded:		the kernel's table entry
 * @capture_formats:	DAEDALUS_CAPTURE_* bits: formats that the daemon can write
 * @max_width:		largest width of a frame, luma samples, even
 * @max_height:		largest height of a frame, luma samples, even
 */
struct daedalus_offer {
	const struct daedalus_coded_format *coded;
	u32 capture_formats;
	u32 max_width;
	u32 max_height;
};

/* Each codec's folder defines its format. */
extern const struct daedalus_coded_format daedalus_av1;
extern const struct daedalus_coded_format daedalus_h264;
extern const struct daedalus_coded_format daedalus_vp9;

extern const struct daedalus_coded_format *const daedalus_coded_formats[];
extern const unsigned int daedalus_num_coded_formats;

const struct daedalus_picture_format *daedalus_picture_format_find(u32 pixelformat);
const struct daedalus_picture_format *
daedalus_picture_format_nth(u32 bits, unsigned int depth, unsigned int n);
void daedalus_picture_fill(struct v4l2_pix_format_mplane *pix,
			   const struct daedalus_picture_format *fmt,
			   u32 width, u32 height, u32 max_width, u32 max_height);
u32 daedalus_picture_max_size(const struct v4l2_pix_format_mplane *pix, unsigned int plane,
			      u32 max_width, u32 max_height);
unsigned int daedalus_picture_components(const struct v4l2_pix_format_mplane *pix,
					 struct daedalus_component *components);
const struct daedalus_ctrl *daedalus_ctrl_find(const struct daedalus_coded_format *coded, u32 id);
void daedalus_bitstream_fill(struct v4l2_pix_format_mplane *pix,
			     const struct daedalus_offer *offer);
int daedalus_hello_check(const struct daedalus_hello *hello);
unsigned int daedalus_hello_offers(const struct daedalus_hello *hello,
				   struct daedalus_offer offers[DAEDALUS_MAX_CODECS]);

#endif /* DAEDALUS_FORMATS_H */
