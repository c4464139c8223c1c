/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory layouts of pictures, and their caps. */
#include <gst/allocators/gstdmabuf.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#include "core/gstdaedaluserror.h"
#include "core/gstdaedalusformat.h"

/* A format as the driver fills it in: even sizes, rows of a multiple of 64. */
static struct v4l2_pix_format_mplane
make_pix (guint32 pixelformat, guint width, guint height, guint bytesperline,
    guint sizeimage, guint sizeimage2)
{
  struct v4l2_pix_format_mplane pix = {
    .width = width,.height = height,.pixelformat = pixelformat
  };

  pix.num_planes = sizeimage2 ? 2 : 1;
  pix.plane_fmt[0].bytesperline = bytesperline;
  pix.plane_fmt[0].sizeimage = sizeimage;
  if (sizeimage2) {
    pix.plane_fmt[1].bytesperline = bytesperline;
    pix.plane_fmt[1].sizeimage = sizeimage2;
  }
  return pix;
}

GST_START_TEST (test_layout)
{
  static const struct
  {
    guint32 pixelformat;
    guint width, height;        /* of the picture */
    guint pix_width, pix_height, bytesperline, sizeimage, sizeimage2;
    gint stride[3];
    gsize offset[3];
    gboolean is_default;
  } cases[] = {
    {V4L2_PIX_FMT_NV12, 352, 288, 352, 288, 384, 384 * 432, 0,
        {384, 384}, {0, 384 * 288}, FALSE},
    {V4L2_PIX_FMT_NV12, 640, 360, 640, 360, 640, 640 * 540, 0,
        {640, 640}, {0, 640 * 360}, TRUE},
    /* 1x1 and other odd sizes: chroma is rounded up */
    {V4L2_PIX_FMT_NV12, 1, 1, 2, 2, 64, 64 * 3, 0, {64, 64}, {0, 128}, FALSE},
    {V4L2_PIX_FMT_NV12, 559, 443, 560, 444, 576, 576 * 666, 0,
        {576, 576}, {0, 576 * 444}, FALSE},
    /* a driver that does not round the height up */
    {V4L2_PIX_FMT_NV12, 7, 5, 7, 5, 64, 64 * 8, 0,
        {64, 64}, {0, 64 * 5}, FALSE},
    {V4L2_PIX_FMT_NV12M, 64, 64, 64, 64, 64, 4096, 2048,
        {64, 64}, {0, 4096}, TRUE},
    /* the second memory starts where the first ends, not where luma does */
    {V4L2_PIX_FMT_NV12M, 64, 48, 64, 48, 64, 4096, 4096,
        {64, 64}, {0, 4096}, FALSE},
    {V4L2_PIX_FMT_YUV420, 352, 288, 352, 288, 384, 384 * 432, 0,
        {384, 192, 192}, {0, 384 * 288, 384 * 288 + 192 * 144}, FALSE},
    {V4L2_PIX_FMT_YUV420, 1, 1, 2, 2, 128, 256 + 2 * 64, 0,
        {128, 64, 64}, {0, 256, 320}, FALSE},
    {V4L2_PIX_FMT_P010, 160, 90, 160, 90, 320, 320 * 135, 0,
        {320, 320}, {0, 320 * 90}, TRUE},
    {V4L2_PIX_FMT_P010, 33, 17, 34, 18, 128, 128 * 27, 0,
        {128, 128}, {0, 128 * 18}, FALSE},
  };
  guint i, p;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    struct v4l2_pix_format_mplane pix = make_pix (cases[i].pixelformat,
        cases[i].pix_width, cases[i].pix_height, cases[i].bytesperline,
        cases[i].sizeimage, cases[i].sizeimage2);
    const GstVideoRectangle visible = {
      .w = cases[i].width,.h = cases[i].height
    };
    GstDaedalusLayout layout;
    GError *error = NULL;

    gst_daedalus_layout_init (&layout, &pix, &visible, &error);
    fail_if (error, "case %u: %s", i, error ? error->message : "");
    fail_unless_equals_int (GST_VIDEO_INFO_WIDTH (&layout.info),
        cases[i].width);
    fail_unless_equals_int (GST_VIDEO_INFO_HEIGHT (&layout.info),
        cases[i].height);
    fail_unless_equals_int (layout.format->pixelformat, cases[i].pixelformat);
    for (p = 0; p < GST_VIDEO_INFO_N_PLANES (&layout.info); p++) {
      fail_unless_equals_int (layout.stride[p], cases[i].stride[p]);
      fail_unless_equals_uint64 (layout.offset[p], cases[i].offset[p]);
    }
    fail_unless_equals_uint64 (layout.mem_size[0], cases[i].sizeimage);
    fail_unless_equals_uint64 (layout.mem_size[1], cases[i].sizeimage2);
    fail_unless_equals_int (layout.is_default, cases[i].is_default);
  }
}

GST_END_TEST;

/* Cropping at the left and at the top moves the offsets of the planes. */
GST_START_TEST (test_cropped_layout)
{
  static const struct
  {
    guint32 pixelformat;
    guint bytesperline, sizeimage, sizeimage2;
    gsize offset[3];
  } cases[] = {
    {V4L2_PIX_FMT_NV12, 64, 64 * 72, 0, {4 * 64 + 2, 48 * 64 + 2 * 64 + 2}},
    {V4L2_PIX_FMT_NV12M, 64, 64 * 48, 64 * 24,
        {4 * 64 + 2, 48 * 64 + 2 * 64 + 2}},
    {V4L2_PIX_FMT_YUV420, 64, 64 * 72, 0,
        {4 * 64 + 2, 48 * 64 + 2 * 32 + 1, 60 * 64 + 2 * 32 + 1}},
    {V4L2_PIX_FMT_P010, 128, 128 * 72, 0,
        {4 * 128 + 4, 48 * 128 + 2 * 128 + 4}},
  };
  const GstVideoRectangle visible = {.x = 2,.y = 4,.w = 62,.h = 44 };
  guint i, p;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    struct v4l2_pix_format_mplane pix = make_pix (cases[i].pixelformat, 64, 48,
        cases[i].bytesperline, cases[i].sizeimage, cases[i].sizeimage2);
    GstDaedalusLayout layout;
    GError *error = NULL;

    gst_daedalus_layout_init (&layout, &pix, &visible, &error);
    fail_if (error, "case %u: %s", i, error ? error->message : "");
    fail_unless_equals_int (GST_VIDEO_INFO_WIDTH (&layout.info), 62);
    fail_unless_equals_int (GST_VIDEO_INFO_HEIGHT (&layout.info), 44);
    for (p = 0; p < GST_VIDEO_INFO_N_PLANES (&layout.info); p++)
      fail_unless_equals_uint64 (layout.offset[p], cases[i].offset[p]);
    fail_if (layout.is_default);
  }
}

GST_END_TEST;

GST_START_TEST (test_bad_layout)
{
  static const struct
  {
    guint32 pixelformat;
    guint width, height, bytesperline, sizeimage, sizeimage2;
  } cases[] = {
    {V4L2_PIX_FMT_NV16, 64, 64, 64, 64 * 128, 0},       /* not in the table */
    {V4L2_PIX_FMT_NV12, 62, 64, 64, 64 * 96, 0},        /* too narrow */
    {V4L2_PIX_FMT_NV12, 64, 62, 64, 64 * 96, 0},        /* too low */
    {V4L2_PIX_FMT_NV12, 64, 64, 62, 64 * 96, 0},        /* rows too short */
    {V4L2_PIX_FMT_NV12, 64, 64, 64, 64 * 96 - 1, 0},    /* a byte is missing */
    {V4L2_PIX_FMT_NV12, 64, 64, 64, 64 * 64, 64 * 32},  /* two planes */
    {V4L2_PIX_FMT_NV12M, 64, 64, 64, 64 * 96, 0},       /* one plane */
    {V4L2_PIX_FMT_NV12M, 64, 64, 64, 64 * 64, 64 * 31},
    {V4L2_PIX_FMT_P010, 64, 64, 64, 64 * 192, 0},
    {V4L2_PIX_FMT_NV12, 64, 64, 0x80000000u, 0xffffffffu, 0},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    struct v4l2_pix_format_mplane pix = make_pix (cases[i].pixelformat,
        cases[i].width, cases[i].height, cases[i].bytesperline,
        cases[i].sizeimage, cases[i].sizeimage2);
    const GstVideoRectangle visible = {.w = 64,.h = 64 };
    GstDaedalusLayout layout;
    GError *error = NULL;

    fail_if (gst_daedalus_layout_init (&layout, &pix, &visible, &error),
        "case %u", i);
    fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_DEVICE));
    g_error_free (error);
  }
}

GST_END_TEST;

GST_START_TEST (test_table)
{
  guint bit_depths[] = { 8, 10 };
  guint32 preferred[] = { V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_P010 };
  guint i, n;

  for (i = 0; i < G_N_ELEMENTS (bit_depths); i++) {
    const GstDaedalusFormat *format;

    fail_unless_equals_int (gst_daedalus_format_nth (bit_depths[i],
            0)->pixelformat, preferred[i]);
    for (n = 0; (format = gst_daedalus_format_nth (bit_depths[i], n)); n++) {
      const GstVideoFormatInfo *finfo =
          gst_video_format_get_info (format->format);

      fail_unless_equals_int (GST_VIDEO_FORMAT_INFO_DEPTH (finfo, 0),
          bit_depths[i]);
      fail_unless (gst_daedalus_format_find (format->pixelformat) == format);
    }
    fail_unless (n > 0);
  }
  fail_if (gst_daedalus_format_nth (12, 0));
  fail_if (gst_daedalus_format_find (0));
}

GST_END_TEST;

/* The caps of each format; the pad template allows them. */
GST_START_TEST (test_caps)
{
  GstCaps *template = gst_daedalus_format_template_caps ();
  guint bit_depths[] = { 8, 10 };
  const GstDaedalusFormat *format;
  GstVideoInfo other;
  guint i, n;

  for (i = 0; i < G_N_ELEMENTS (bit_depths); i++) {
    for (n = 0; (format = gst_daedalus_format_nth (bit_depths[i], n)); n++) {
      GstVideoInfo info;
      GstCaps *system, *dmabuf;
#if GST_CHECK_VERSION (1, 24, 0)
      GstVideoInfoDmaDrm drm;
#endif

      fail_unless (gst_video_info_set_format (&info, format->format, 33, 17));
      system = gst_video_info_to_caps (&info);
      dmabuf = gst_daedalus_format_dmabuf_caps (&info);
      fail_unless (gst_caps_is_subset (system, template));
      fail_unless (gst_caps_is_subset (dmabuf, template));
      fail_unless (gst_caps_features_contains (gst_caps_get_features (dmabuf,
                  0), GST_CAPS_FEATURE_MEMORY_DMABUF));
#if GST_CHECK_VERSION (1, 24, 0)
      fail_unless_equals_string (gst_structure_get_string
          (gst_caps_get_structure (dmabuf, 0), "format"), "DMA_DRM");
      fail_unless_equals_string (gst_structure_get_string
          (gst_caps_get_structure (dmabuf, 0), "drm-format"),
          format->drm_format);
      fail_unless (gst_video_info_dma_drm_from_caps (&drm, dmabuf));
      fail_unless_equals_int (gst_video_dma_drm_fourcc_to_format
          (drm.drm_fourcc), format->format);
      fail_unless_equals_uint64 (drm.drm_modifier, 0);
#endif
      gst_caps_unref (system);
      gst_caps_unref (dmabuf);
    }
  }
  fail_unless (gst_video_info_set_format (&other, GST_VIDEO_FORMAT_Y444, 33,
          17));
  fail_if (gst_daedalus_format_dmabuf_caps (&other));
  gst_caps_unref (template);
}

GST_END_TEST;

/* The chroma format in the caps of a parser. */
GST_START_TEST (test_chroma)
{
  static const struct
  {
    const gchar *fields;
    GstDaedalusChroma otherwise, chroma;
    gboolean x, y;
  } cases[] = {
    {"", GST_DAEDALUS_CHROMA_420, GST_DAEDALUS_CHROMA_420, TRUE, TRUE},
    {"", GST_DAEDALUS_CHROMA_444, GST_DAEDALUS_CHROMA_444, FALSE, FALSE},
    {", chroma-format=4:0:0", GST_DAEDALUS_CHROMA_444,
        GST_DAEDALUS_CHROMA_400, TRUE, TRUE},
    {", chroma-format=4:2:0", GST_DAEDALUS_CHROMA_444,
        GST_DAEDALUS_CHROMA_420, TRUE, TRUE},
    {", chroma-format=4:2:2", GST_DAEDALUS_CHROMA_420,
        GST_DAEDALUS_CHROMA_422, TRUE, FALSE},
    {", chroma-format=4:4:4", GST_DAEDALUS_CHROMA_420,
        GST_DAEDALUS_CHROMA_444, FALSE, FALSE},
    {", chroma-format=4:4:0", GST_DAEDALUS_CHROMA_420,
        GST_DAEDALUS_CHROMA_440, FALSE, TRUE},
    /* not known */
    {", chroma-format=4:1:1", GST_DAEDALUS_CHROMA_420,
        GST_DAEDALUS_CHROMA_420, TRUE, TRUE},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *text = g_strconcat ("video/x-test", cases[i].fields, NULL);
    GstStructure *s = gst_structure_from_string (text, NULL);
    GstDaedalusChroma chroma;

    fail_unless (s != NULL, "%s", text);
    chroma = gst_daedalus_chroma_from_caps (s, cases[i].otherwise);
    fail_unless (chroma == cases[i].chroma, "%s: %s", text,
        gst_daedalus_chroma_name (chroma));
    fail_unless_equals_int (GST_DAEDALUS_CHROMA_SUB_X (chroma), cases[i].x);
    fail_unless_equals_int (GST_DAEDALUS_CHROMA_SUB_Y (chroma), cases[i].y);
    gst_structure_free (s);
    g_free (text);
  }
}

GST_END_TEST;

static Suite *
format_suite (void)
{
  Suite *suite = suite_create ("format");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_layout);
  tcase_add_test (tc, test_cropped_layout);
  tcase_add_test (tc, test_bad_layout);
  tcase_add_test (tc, test_table);
  tcase_add_test (tc, test_caps);
  tcase_add_test (tc, test_chroma);
  return suite;
}

GST_CHECK_MAIN (format);
