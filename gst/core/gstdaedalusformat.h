/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The picture formats of the CAPTURE queue and their memory layout. Arithmetic
 * only: it needs no device.
 */
#ifndef GST_DAEDALUS_FORMAT_H
#define GST_DAEDALUS_FORMAT_H

#include <gst/video/video.h>
#include <linux/videodev2.h>

G_BEGIN_DECLS

/**
 * GstDaedalusFormat:
 * @pixelformat: V4L2_PIX_FMT_* of the CAPTURE queue
 * @format: GStreamer's format with the same samples
 * @drm_format: DRM's name of it, as in the field drm-format of caps
 * @bit_depth: significant bits of a sample: 8 or 10
 * @n_mems: memory planes, each a DMA-BUF, of one picture: 1 or 2
 *
 * One row of the table of formats that the elements can output.
 */
typedef struct
{
  guint32 pixelformat;
  GstVideoFormat format;
  const gchar *drm_format;
  guint bit_depth;
  guint n_mems;
} GstDaedalusFormat;

/**
 * GstDaedalusLayout:
 * @format: row of the table, static
 * @info: the picture as its caps describe it, with the default strides
 * @stride: bytes from row to row of each colour plane
 * @offset: bytes from the start of the buffer to the first visible sample of
 *   each colour plane; the memories of a buffer count as contiguous
 * @mem_size: bytes of each memory plane
 * @is_default: @stride and @offset are those of @info, so a reader that ignores
 *   #GstVideoMeta gets the right picture
 *
 * Positions of the visible samples of a picture.
 */
typedef struct
{
  const GstDaedalusFormat *format;
  GstVideoInfo info;
  gint stride[GST_VIDEO_MAX_PLANES];
  gsize offset[GST_VIDEO_MAX_PLANES];
  gsize mem_size[VIDEO_MAX_PLANES];
  gboolean is_default;
} GstDaedalusLayout;

/**
 * GstDaedalusChroma:
 *
 * Chroma formats of coded streams; but for the last one the values are those of
 * chroma_format_idc. The macros tell whether chroma has half the width and half the
 * height of luma, or is not there.
 */
typedef enum
{
  GST_DAEDALUS_CHROMA_400,
  GST_DAEDALUS_CHROMA_420,
  GST_DAEDALUS_CHROMA_422,
  GST_DAEDALUS_CHROMA_444,
  GST_DAEDALUS_CHROMA_440,
} GstDaedalusChroma;

#define GST_DAEDALUS_CHROMA_SUB_X(chroma) ((chroma) <= GST_DAEDALUS_CHROMA_422)
#define GST_DAEDALUS_CHROMA_SUB_Y(chroma) ((chroma) <= GST_DAEDALUS_CHROMA_420 \
    || (chroma) == GST_DAEDALUS_CHROMA_440)

const gchar *gst_daedalus_chroma_name (GstDaedalusChroma chroma);
GstDaedalusChroma gst_daedalus_chroma_from_caps (const GstStructure * s,
    GstDaedalusChroma otherwise);

const GstDaedalusFormat *gst_daedalus_format_nth (guint bit_depth, guint n);
const GstDaedalusFormat *gst_daedalus_format_find (guint32 pixelformat);

gboolean gst_daedalus_layout_init (GstDaedalusLayout * layout,
    const struct v4l2_pix_format_mplane *pix,
    const GstVideoRectangle * visible, GError ** error);
gboolean gst_daedalus_layout_same_caps (const GstDaedalusLayout * a,
    const GstDaedalusLayout * b);

GstCaps *gst_daedalus_format_template_caps (void);
GstCaps *gst_daedalus_format_dmabuf_caps (const GstVideoInfo * info);

G_END_DECLS
#endif
