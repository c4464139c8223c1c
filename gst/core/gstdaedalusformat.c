/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedaluserror.h"
#include "gstdaedalusformat.h"

#include <gst/allocators/allocators.h>

/* linux/videodev2.h of Linux 5.18 and older lacks it. */
#ifndef V4L2_PIX_FMT_P010
#define V4L2_PIX_FMT_P010 v4l2_fourcc ('P', '0', '1', '0')
#endif

/* For each bit depth, the preferred format comes first. */
static const GstDaedalusFormat formats[] = {
  {V4L2_PIX_FMT_NV12, GST_VIDEO_FORMAT_NV12, "NV12", 8, 1},
  {V4L2_PIX_FMT_NV12M, GST_VIDEO_FORMAT_NV12, "NV12", 8, 2},
  {V4L2_PIX_FMT_YUV420, GST_VIDEO_FORMAT_I420, "YU12", 8, 1},
  {V4L2_PIX_FMT_P010, GST_VIDEO_FORMAT_P010_10LE, "P010", 10, 1},
};

#define SYSTEM_FORMATS "{ NV12, I420, P010_10LE }"

#if GST_CHECK_VERSION (1, 24, 0)
#define DMABUF_CAPS \
    "video/x-raw(" GST_CAPS_FEATURE_MEMORY_DMABUF "), " \
    "format = (string) DMA_DRM, drm-format = (string) { NV12, YU12, P010 }, " \
    "width = " GST_VIDEO_SIZE_RANGE ", height = " GST_VIDEO_SIZE_RANGE ", " \
    "framerate = " GST_VIDEO_FPS_RANGE
#else
#define DMABUF_CAPS \
    GST_VIDEO_CAPS_MAKE_WITH_FEATURES (GST_CAPS_FEATURE_MEMORY_DMABUF, \
    SYSTEM_FORMATS)
#endif

/* By GstDaedalusChroma. */
static const gchar *const chroma_names[] = {
  "4:0:0", "4:2:0", "4:2:2", "4:4:4", "4:4:0"
};

/**
 * gst_daedalus_chroma_name:
 * @chroma: a chroma format
 *
 * Returns: its name in caps and in messages
 */
const gchar *
gst_daedalus_chroma_name (GstDaedalusChroma chroma)
{
  return chroma_names[chroma];
}

/**
 * gst_daedalus_chroma_from_caps:
 * @s: structure of the caps of a coded stream
 * @otherwise: chroma format of the profile, for caps without chroma-format
 *
 * Returns: the chroma format
 */
GstDaedalusChroma
gst_daedalus_chroma_from_caps (const GstStructure *s,
    GstDaedalusChroma otherwise)
{
  const gchar *name = gst_structure_get_string (s, "chroma-format");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (chroma_names); i++) {
    if (!g_strcmp0 (name, chroma_names[i]))
      return i;
  }
  return otherwise;
}

/**
 * gst_daedalus_format_nth:
 * @bit_depth: significant bits of a sample
 * @n: 0 for the preferred format, 1 for the next and so on
 *
 * Returns: (nullable): a row of the table, %NULL when there are no more
 */
const GstDaedalusFormat *
gst_daedalus_format_nth (guint bit_depth, guint n)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (formats[i].bit_depth == bit_depth && n-- == 0)
      return &formats[i];
  }
  return NULL;
}

/**
 * gst_daedalus_format_find:
 * @pixelformat: V4L2_PIX_FMT_*
 *
 * Returns: (nullable): its row of the table, %NULL if there is none
 */
const GstDaedalusFormat *
gst_daedalus_format_find (guint32 pixelformat)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (formats[i].pixelformat == pixelformat)
      return &formats[i];
  }
  return NULL;
}

/* The first component of colour plane @plane. */
static gint
plane_component (const GstVideoFormatInfo *finfo, guint plane)
{
  gint c;

  for (c = 0; c < (gint) GST_VIDEO_FORMAT_INFO_N_COMPONENTS (finfo); c++) {
    if (GST_VIDEO_FORMAT_INFO_PLANE (finfo, c) == plane)
      return c;
  }
  g_return_val_if_reached (0);
}

/**
 * gst_daedalus_layout_init:
 * @layout: to fill
 * @pix: CAPTURE format as the device returned it
 * @visible: visible part of the picture, in luma samples, with even offsets
 * @error: set on failure
 *
 * Calculates offset and stride of each colour plane. As the V4L2 specification
 * says, colour planes in one memory plane follow each other, each with the rows
 * of the height of @pix, not of @visible.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_DEVICE if @pix cannot hold such a
 *   picture
 */
gboolean
gst_daedalus_layout_init (GstDaedalusLayout *layout,
    const struct v4l2_pix_format_mplane *pix, const GstVideoRectangle *visible,
    GError **error)
{
  const guint width = visible->x + visible->w;
  const guint height = visible->y + visible->h;
  const GstDaedalusFormat *format = gst_daedalus_format_find (pix->pixelformat);
  const GstVideoFormatInfo *finfo;
  gsize base = 0, used = 0;
  guint mem = 0, p;

  if (!format || pix->num_planes != format->n_mems)
    return gst_daedalus_failed (error, DEVICE,
        "The device offers pictures as %" GST_FOURCC_FORMAT " in %u planes, "
        "which this element does not know.",
        GST_FOURCC_ARGS (pix->pixelformat), pix->num_planes);
  if (pix->width < width || pix->height < height)
    return gst_daedalus_failed (error, DEVICE,
        "The device offers pictures of %ux%u for a stream of %ux%u.",
        pix->width, pix->height, width, height);

  memset (layout, 0, sizeof (*layout));
  layout->format = format;
  if (!gst_video_info_set_format (&layout->info, format->format, visible->w,
          visible->h))
    return gst_daedalus_failed (error, DEVICE,
        "Pictures of %dx%d are larger than GStreamer can describe.", visible->w,
        visible->h);
  finfo = layout->info.finfo;
  layout->is_default = TRUE;

  for (p = 0; p < GST_VIDEO_FORMAT_INFO_N_PLANES (finfo); p++) {
    gint c = plane_component (finfo, p);
    gsize stride, rows, need;

    if (p > 0 && mem + 1 < format->n_mems) {
      base += layout->mem_size[mem];
      used = 0;
      mem++;
    }
    layout->mem_size[mem] = pix->plane_fmt[mem].sizeimage;

    if (p == 0 || format->n_mems > 1) {
      stride = pix->plane_fmt[mem].bytesperline;
    } else {
      /* bytesperline is that of the luma plane; chroma rows scale with their
       * samples. */
      stride = (gsize) pix->plane_fmt[0].bytesperline *
          GST_VIDEO_FORMAT_INFO_PSTRIDE (finfo, c) /
          GST_VIDEO_FORMAT_INFO_PSTRIDE (finfo, 0);
      stride >>= GST_VIDEO_FORMAT_INFO_W_SUB (finfo, c);
    }
    rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (finfo, c, pix->height);
    need = (gsize) GST_VIDEO_FORMAT_INFO_SCALE_WIDTH (finfo, c, width) *
        GST_VIDEO_FORMAT_INFO_PSTRIDE (finfo, c);

    if (stride < need || stride > G_MAXINT
        || used + stride * rows > layout->mem_size[mem])
      return gst_daedalus_failed (error, DEVICE,
          "The device offers %" G_GSIZE_FORMAT " bytes with rows of %"
          G_GSIZE_FORMAT " for plane %u of %ux%u pictures, which is too small.",
          layout->mem_size[mem] - used, stride, p, width, height);

    layout->stride[p] = stride;
    layout->offset[p] = base + used +
        GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (finfo, c, visible->y) * stride +
        GST_VIDEO_FORMAT_INFO_SCALE_WIDTH (finfo, c, visible->x) *
        GST_VIDEO_FORMAT_INFO_PSTRIDE (finfo, c);
    used += stride * rows;

    if (layout->stride[p] != GST_VIDEO_INFO_PLANE_STRIDE (&layout->info, p)
        || layout->offset[p] != GST_VIDEO_INFO_PLANE_OFFSET (&layout->info, p))
      layout->is_default = FALSE;
  }
  return TRUE;
}

/**
 * gst_daedalus_layout_same_caps:
 * @a: a layout
 * @b: another layout
 *
 * Returns: %TRUE if pictures of both have the same format and size
 */
gboolean
gst_daedalus_layout_same_caps (const GstDaedalusLayout *a,
    const GstDaedalusLayout *b)
{
  return a->format && b->format && a->format->format == b->format->format
      && GST_VIDEO_INFO_WIDTH (&a->info) == GST_VIDEO_INFO_WIDTH (&b->info)
      && GST_VIDEO_INFO_HEIGHT (&a->info) == GST_VIDEO_INFO_HEIGHT (&b->info);
}

/**
 * gst_daedalus_format_template_caps:
 *
 * Returns: (transfer full): all that the elements can output, DMA-BUFs first
 */
GstCaps *
gst_daedalus_format_template_caps (void)
{
  return gst_caps_from_string (DMABUF_CAPS " ; "
      GST_VIDEO_CAPS_MAKE (SYSTEM_FORMATS));
}

/**
 * gst_daedalus_format_dmabuf_caps:
 * @info: a format of the table with size, frame rate and colorimetry
 *
 * Returns: (transfer full) (nullable): caps for DMA-BUFs, %NULL if the format is not
 *   in the table. From GStreamer 1.24 on they name DRM's format with its linear
 *   modifier
 */
GstCaps *
gst_daedalus_format_dmabuf_caps (const GstVideoInfo *info)
{
  const GstDaedalusFormat *format = formats;
  GstCaps *caps;

  while (format->format != GST_VIDEO_INFO_FORMAT (info)) {
    if (++format == formats + G_N_ELEMENTS (formats))
      return NULL;
  }
  caps = gst_video_info_to_caps (info);
  gst_caps_set_features_simple (caps,
      gst_caps_features_new (GST_CAPS_FEATURE_MEMORY_DMABUF, NULL));
#if GST_CHECK_VERSION (1, 24, 0)
  gst_caps_set_simple (caps, "format", G_TYPE_STRING, "DMA_DRM", "drm-format",
      G_TYPE_STRING, format->drm_format, NULL);
#endif
  return caps;
}
