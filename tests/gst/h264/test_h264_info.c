/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptions of pictures from SPS, VUI, SEI messages and upstream's caps. */
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/gstvideodecoder.h>

#include "h264/gstdaedalush264info.h"
#include "h264_nal.h"

/* A decoder that only describes its output. */
typedef struct
{
  GstVideoDecoder parent;
  const GstH264SPS *sps;
  GstDaedalusHdr hdr;
  GstDaedalusDescription description;
} Describer;

typedef GstVideoDecoderClass DescriberClass;

GType describer_get_type (void);
G_DEFINE_TYPE (Describer, describer, GST_TYPE_VIDEO_DECODER);

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-h264"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw"));

static gboolean
describer_set_format (GstVideoDecoder *decoder, GstVideoCodecState *state)
{
  Describer *self = (Describer *) decoder;
  GstVideoCodecState *output;

  gst_daedalus_description_init (&self->description, 1, &state->info,
      state->caps);
  gst_daedalus_h264_describe (&self->description,
      gst_caps_get_structure (state->caps, 0), self->sps, &self->hdr);
  output = gst_video_decoder_set_output_state (decoder, GST_VIDEO_FORMAT_NV12,
      720, 480, state);
  gst_daedalus_description_apply (&self->description, &output->info);
  gst_video_codec_state_unref (output);
  return gst_video_decoder_negotiate (decoder);
}

static GstFlowReturn
describer_handle_frame (GstVideoDecoder *decoder, GstVideoCodecFrame *frame)
{
  return gst_video_decoder_drop_frame (decoder, frame);
}

static void
describer_init (Describer *self)
{
  (void) self;
}

static void
describer_class_init (DescriberClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  klass->set_format = describer_set_format;
  klass->handle_frame = describer_handle_frame;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Describer",
      "Codec/Decoder/Video", "Describes", "The Daedalus developers");
}

/* Negotiates with upstream's @caps; the SPS's VUI is what @put_vui writes. */
static GstHarness *
negotiate (const gchar *caps, void (*put_vui) (Rbsp *), gboolean fields,
    const GstH264SEIMessage *mastering, const GstH264SEIMessage *light)
{
  const SpsSpec spec = {
    .profile_idc = 100,.level_idc = 30,.chroma_format_idc = 1,.width_mbs = 45,
    .height_map_units = fields ? 15 : 30,.fields = fields,.put_vui = put_vui,
  };
  Describer *self = g_object_new (describer_get_type (), NULL);
  GstHarness *h = gst_harness_new_with_element (GST_ELEMENT (self), "sink",
      "src");
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  GstH264SPS sps;

  parse_sps (parser, &spec, &sps);
  self->sps = &sps;
  if (mastering)
    gst_daedalus_h264_read_hdr (&self->hdr, mastering);
  if (light)
    gst_daedalus_h264_read_hdr (&self->hdr, light);
  gst_harness_set_src_caps_str (h, caps);
  fail_unless (self->description.caps_serial);
  self->sps = NULL;
  gst_h264_nal_parser_free (parser);
  gst_object_unref (self);
  return h;
}

/* Whether the negotiated caps have @fields and @absent is not among them. */
static void
check_caps (GstHarness *h, const gchar *fields, const gchar *absent)
{
  GstPad *pad = gst_element_get_static_pad (h->element, "src");
  GstCaps *caps = gst_pad_get_current_caps (pad);
  gchar *text = g_strdup_printf ("video/x-raw, format = (string) NV12, "
      "width = (int) 720, height = (int) 480%s", fields);
  GstCaps *expected = gst_caps_from_string (text);
  gchar *got;

  fail_unless (caps && expected);
  got = gst_caps_to_string (caps);
  fail_unless (gst_caps_is_subset (caps, expected), "%s instead of %s", got,
      text);
  if (absent)
    fail_if (gst_structure_has_field (gst_caps_get_structure (caps, 0),
            absent), "%s in %s", absent, got);
  gst_caps_unref (expected);
  gst_caps_unref (caps);
  gst_object_unref (pad);
  g_free (got);
  g_free (text);
}

/* E.1.1, up to and including fixed_frame_rate_flag, then nothing more. */
typedef struct
{
  guint aspect_ratio_idc, sar_width, sar_height;
  gint full_range;              /* -1: no video_signal_type */
  guint colour[3];              /* primaries, transfer, matrix; 0: none */
  gint chroma_loc;              /* -1: no chroma_loc_info */
  guint num_units_in_tick, time_scale;
  gboolean fixed;
} VuiSpec;

static const VuiSpec *coded_vui;

static void
put_vui (Rbsp *to)
{
  const VuiSpec *vui = coded_vui;
  guint i;

  put_u (to, 1, 1);             /* aspect_ratio_info_present_flag */
  put_u (to, vui->aspect_ratio_idc, 8);
  if (vui->aspect_ratio_idc == 255) {
    put_u (to, vui->sar_width, 16);
    put_u (to, vui->sar_height, 16);
  }
  put_u (to, 0, 1);             /* overscan_info_present_flag */
  put_u (to, vui->full_range >= 0, 1);
  if (vui->full_range >= 0) {
    put_u (to, 5, 3);           /* video_format */
    put_u (to, vui->full_range, 1);
    put_u (to, vui->colour[0] != 0, 1);
    for (i = 0; vui->colour[0] && i < 3; i++)
      put_u (to, vui->colour[i], 8);
  }
  put_u (to, vui->chroma_loc >= 0, 1);
  if (vui->chroma_loc >= 0) {
    put_ue (to, vui->chroma_loc);
    put_ue (to, vui->chroma_loc);
  }
  put_u (to, vui->time_scale != 0, 1);
  if (vui->time_scale) {
    put_u (to, vui->num_units_in_tick >> 16, 16);
    put_u (to, vui->num_units_in_tick & 0xffff, 16);
    put_u (to, vui->time_scale >> 16, 16);
    put_u (to, vui->time_scale & 0xffff, 16);
    put_u (to, vui->fixed, 1);
  }
  put_u (to, 0, 4);             /* no HRD, pic_struct, bitstream restriction */
}

GST_START_TEST (test_describe)
{
  static const struct
  {
    VuiSpec vui;
    const gchar *upstream, *fields, *absent;
  } cases[] = {
    /* nothing is said; a size that is above the limit of SD would be BT.709 */
    {{.full_range = -1,.chroma_loc = -1}, "",
        ", pixel-aspect-ratio = (fraction) 1/1, framerate = (fraction) 0/1, "
        "interlace-mode = (string) progressive, "
        "chroma-site = (string) mpeg2", "colorimetry"},
    /* limited range and no colours is what everybody assumes */
    {{.chroma_loc = -1}, "", "", "colorimetry"},
    {{.aspect_ratio_idc = 3,.full_range = -1,.chroma_loc = 1,
            .num_units_in_tick = 1001,.time_scale = 60000,.fixed = TRUE}, "",
        ", pixel-aspect-ratio = (fraction) 10/11, "
        "framerate = (fraction) 30000/1001, chroma-site = (string) jpeg",
        NULL},
    {{.aspect_ratio_idc = 255,.sar_width = 64,.sar_height = 45,
                .full_range = -1,.chroma_loc = 2,.num_units_in_tick = 1,
            .time_scale = 50}, "",
        ", pixel-aspect-ratio = (fraction) 64/45, "
        "framerate = (fraction) 0/1, chroma-site = (string) cosited", NULL},
    /* nonsense: a ratio with 0, a rate that no fraction holds */
    {{.aspect_ratio_idc = 255,.sar_height = 45,.full_range = -1,
                .chroma_loc = 3,.num_units_in_tick = 4000000000U,
            .time_scale = 1,.fixed = TRUE}, "",
        ", pixel-aspect-ratio = (fraction) 1/1, "
        "framerate = (fraction) 0/1, chroma-site = (string) v-cosited",
        NULL},
    {{.aspect_ratio_idc = 77,.full_range = -1,.chroma_loc = 5}, "",
        ", pixel-aspect-ratio = (fraction) 1/1", "chroma-site"},
    {{.full_range = 0,.colour = {1, 1, 1},.chroma_loc = -1}, "",
        ", colorimetry = (string) bt709", NULL},
    {{.full_range = 0,.colour = {9, 16, 9},.chroma_loc = -1}, "",
        ", colorimetry = (string) bt2100-pq", NULL},
    {{.full_range = 1,.colour = {1, 1, 1},.chroma_loc = -1}, "",
        ", colorimetry = (string) 1:3:5:1", NULL},
    /* full range alone needs the matrix that is assumed anyway */
    {{.full_range = 1,.chroma_loc = -1}, "",
        ", colorimetry = (string) 1:4:0:0", NULL},
    /* unspecified and, for 4:2:0, impossible ones */
    {{.full_range = 0,.colour = {1, 2, 0},.chroma_loc = -1}, "",
        ", colorimetry = (string) 2:4:0:1", NULL},

    /* upstream knows better */
    {{.aspect_ratio_idc = 3,.full_range = 1,.colour = {9, 16, 9},
            .chroma_loc = 1,.num_units_in_tick = 1001,.time_scale = 60000,
            .fixed = TRUE},
        ", pixel-aspect-ratio = (fraction) 4/3, "
        "framerate = (fraction) 25/1, colorimetry = (string) bt601, "
        "chroma-site = (string) mpeg2, interlace-mode = (string) "
        "interleaved, field-order = (string) bottom-field-first",
        ", pixel-aspect-ratio = (fraction) 4/3, "
        "framerate = (fraction) 25/1, colorimetry = (string) bt601, "
        "chroma-site = (string) mpeg2, interlace-mode = (string) "
        "interleaved, field-order = (string) bottom-field-first", NULL},
    /* but not of all */
    {{.full_range = 1,.colour = {1, 1, 1},.chroma_loc = -1},
        ", colorimetry = (string) 0:4:0:1",
        ", colorimetry = (string) 1:4:5:1", NULL},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *caps = g_strdup_printf ("video/x-h264%s", cases[i].upstream);
    GstHarness *h;

    coded_vui = &cases[i].vui;
    h = negotiate (caps, put_vui, FALSE, NULL, NULL);
    check_caps (h, cases[i].fields, cases[i].absent);
    gst_harness_teardown (h);
    g_free (caps);
  }
}

GST_END_TEST;

GST_START_TEST (test_fields)
{
  GstHarness *h = negotiate ("video/x-h264", NULL, TRUE, NULL, NULL);

  check_caps (h, ", interlace-mode = (string) mixed, "
      "pixel-aspect-ratio = (fraction) 1/1", "colorimetry");
  gst_harness_teardown (h);
}

GST_END_TEST;

/* The order of the primaries is green, blue, red in the message (D.2.29). */
GST_START_TEST (test_hdr)
{
  const GstH264SEIMessage mastering = {
    .payloadType = GST_H264_SEI_MASTERING_DISPLAY_COLOUR_VOLUME,
    .payload.mastering_display_colour_volume = {
          .display_primaries_x = {13250, 7500, 34000},
          .display_primaries_y = {34500, 3000, 16000},
          .white_point_x = 15635,.white_point_y = 16450,
          .max_display_mastering_luminance = 10000000,
          .min_display_mastering_luminance = 50,
        },
  };
  const GstH264SEIMessage light = {
    .payloadType = GST_H264_SEI_CONTENT_LIGHT_LEVEL,
    .payload.content_light_level = {1000, 400},
  };
  GstHarness *h = negotiate ("video/x-h264", NULL, FALSE, &mastering, &light);
  GstDaedalusHdr *hdr = &((Describer *) h->element)->description.hdr;
  gchar *text;

  text = gst_video_mastering_display_info_to_string (&hdr->mastering);
  fail_unless_equals_string (text,
      "34000:16000:13250:34500:7500:3000:15635:16450:10000000:50");
  g_free (text);
  text = gst_video_content_light_level_to_string (&hdr->light);
  fail_unless_equals_string (text, "1000:400");
  g_free (text);
  gst_harness_teardown (h);

  /* Each part of upstream's metadata takes precedence. */
  h = negotiate ("video/x-h264, content-light-level = (string) \"500:200\"",
      NULL, FALSE, &mastering, &light);
  hdr = &((Describer *) h->element)->description.hdr;
  fail_unless_equals_int (hdr->mastering.white_point.x, 15635);
  fail_unless_equals_int (hdr->light.max_content_light_level, 500);
  gst_harness_teardown (h);

  h = negotiate ("video/x-h264", NULL, FALSE, NULL, NULL);
  hdr = &((Describer *) h->element)->description.hdr;
  fail_if (hdr->has_mastering);
  fail_if (hdr->has_light);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Monochrome, without a description in upstream's caps or a VUI. */
GST_START_TEST (test_nothing_said)
{
  const GstH264SPS sps = {.frame_mbs_only_flag = 1,.chroma_format_idc = 0 };
  const GstDaedalusHdr hdr = { 0 };
  GstDaedalusDescription description = { 0 };
  const GstVideoInfo *info = &description.info;

  gst_video_info_init (&description.info);
  gst_daedalus_h264_describe (&description, NULL, &sps, &hdr);
  fail_unless_equals_int (info->interlace_mode,
      GST_VIDEO_INTERLACE_MODE_PROGRESSIVE);
  fail_unless_equals_int (info->chroma_site, GST_VIDEO_CHROMA_SITE_UNKNOWN);
  fail_unless_equals_int (info->par_n, 1);
  fail_unless_equals_int (info->par_d, 1);
}

GST_END_TEST;

GST_START_TEST (test_size)
{
  static const struct
  {
    SpsSpec spec;
    gint container[2];
    GstVideoRectangle visible;
  } cases[] = {
    {{.profile_idc = 66,.width_mbs = 11,.height_map_units = 9}, {0, 0},
        {0, 0, 176, 144}},
    /* 638x362 as x264 writes it */
    {{.profile_idc = 100,.chroma_format_idc = 1,.width_mbs = 40,
            .height_map_units = 23,.cropping = TRUE,.crop = {0, 1, 0, 3}},
        {638, 362}, {0, 0, 638, 362}},
    /* CropUnitY is 4 where there are fields */
    {{.profile_idc = 77,.width_mbs = 120,.height_map_units = 34,
            .fields = TRUE,.cropping = TRUE,.crop = {2, 3, 1, 1}}, {0, 0},
        {4, 4, 1910, 1080}},
    /* and CropUnitX is 1 without chroma */
    {{.profile_idc = 100,.width_mbs = 2,.height_map_units = 2,
            .cropping = TRUE,.crop = {1, 2, 3, 4}}, {0, 0}, {1, 3, 29, 25}},
    /* nothing would be left */
    {{.profile_idc = 66,.width_mbs = 2,.height_map_units = 2,
            .cropping = TRUE,.crop = {8, 8, 0, 0}}, {0, 0}, {0, 0, 32, 32}},

    /* the container crops */
    {{.profile_idc = 66,.width_mbs = 120,.height_map_units = 68}, {1920, 1080},
        {0, 0, 1920, 1080}},
    {{.profile_idc = 77,.width_mbs = 120,.height_map_units = 34,
            .fields = TRUE}, {1913, 1057}, {0, 0, 1913, 1057}},
    {{.profile_idc = 66,.width_mbs = 120,.height_map_units = 68,
            .cropping = TRUE,.crop = {0, 1, 0, 2}}, {1917, 1080},
        {0, 0, 1917, 1080}},
    /* by too much, or to something else */
    {{.profile_idc = 66,.width_mbs = 120,.height_map_units = 68}, {1920, 1072},
        {0, 0, 1920, 1088}},
    {{.profile_idc = 77,.width_mbs = 120,.height_map_units = 34,
            .fields = TRUE}, {1920, 1056}, {0, 0, 1920, 1088}},
    {{.profile_idc = 66,.width_mbs = 120,.height_map_units = 68}, {1904, 1080},
        {0, 0, 1920, 1088}},
    {{.profile_idc = 66,.width_mbs = 120,.height_map_units = 68}, {1920, 1089},
        {0, 0, 1920, 1088}},
    {{.profile_idc = 66,.width_mbs = 120,.height_map_units = 68}, {-1, -8},
        {0, 0, 1920, 1088}},
    {{.profile_idc = 66,.width_mbs = 120,.height_map_units = 68,
            .cropping = TRUE,.crop = {0, 1, 0, 0}}, {1920, 1080},
        {0, 0, 1918, 1088}},
    {{.profile_idc = 66,.width_mbs = 120,.height_map_units = 68,
            .cropping = TRUE,.crop = {0, 0, 0, 4}}, {1919, 1081},
        {0, 0, 1920, 1080}},
    /* the SPS crops to the middle, where a size alone says nothing */
    {{.profile_idc = 66,.width_mbs = 4,.height_map_units = 4,
            .cropping = TRUE,.crop = {1, 1, 0, 0}}, {58, 64},
        {2, 0, 60, 64}},
  };
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstStructure *s = gst_structure_new_empty ("video/x-h264");
    const GstVideoRectangle *expected = &cases[i].visible;
    GstVideoRectangle visible;
    GstH264SPS sps;

    parse_sps (parser, &cases[i].spec, &sps);
    if (cases[i].container[0])
      gst_structure_set (s, "width", G_TYPE_INT, cases[i].container[0],
          "height", G_TYPE_INT, cases[i].container[1], NULL);
    gst_daedalus_h264_size (&sps, s, &visible);
    fail_unless (!memcmp (&visible, expected, sizeof (visible)),
        "%u: %dx%d at %d, %d instead of %dx%d at %d, %d", i, visible.w,
        visible.h, visible.x, visible.y, expected->w, expected->h,
        expected->x, expected->y);
    gst_structure_free (s);
    if (!cases[i].container[0]) {
      gst_daedalus_h264_size (&sps, NULL, &visible);
      fail_unless (!memcmp (&visible, expected, sizeof (visible)));
    }
  }
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

#define INTERLACED GST_VIDEO_BUFFER_FLAG_INTERLACED
#define TFF GST_VIDEO_BUFFER_FLAG_TFF
#define RFF GST_VIDEO_BUFFER_FLAG_RFF
#define ONEFIELD GST_VIDEO_BUFFER_FLAG_ONEFIELD
#define TOP GST_DAEDALUS_H264_TOP
#define BOTTOM GST_DAEDALUS_H264_BOTTOM
#define BOTH GST_DAEDALUS_H264_BOTH

GST_START_TEST (test_buffer_flags)
{
  static const struct
  {
    gboolean frames_only, mbaff, coded_fields;
    guint fields;
    gint32 poc[2];
    gint pic_struct;
    guint flags;
  } cases[] = {
    /* no fields in the stream, whatever a message says */
    {TRUE, FALSE, FALSE, BOTH, {0, 0}, -1, 0},
    {TRUE, FALSE, FALSE, BOTH, {0, 1}, 5, 0},
    /* as it was coded */
    {FALSE, FALSE, FALSE, BOTH, {0, 1}, -1, 0},
    {FALSE, TRUE, FALSE, BOTH, {0, 1}, -1, INTERLACED | TFF},
    {FALSE, TRUE, FALSE, BOTH, {1, 0}, -1, INTERLACED},
    {FALSE, FALSE, TRUE, BOTH, {-4, -3}, -1, INTERLACED | TFF},
    {FALSE, FALSE, TRUE, BOTH, {-3, -4}, -1, INTERLACED},
    {FALSE, FALSE, TRUE, BOTH, {5, 5}, -1, INTERLACED | TFF},
    /* as the message says */
    {FALSE, TRUE, FALSE, BOTH, {0, 1}, 0, 0},
    {FALSE, FALSE, TRUE, BOTH, {0, 1}, 1, INTERLACED | TFF},
    {FALSE, FALSE, TRUE, BOTH, {1, 0}, 2, INTERLACED},
    {FALSE, FALSE, FALSE, BOTH, {0, 1}, 3, INTERLACED | TFF},
    {FALSE, FALSE, FALSE, BOTH, {0, 0}, 3, INTERLACED | TFF},
    {FALSE, FALSE, FALSE, BOTH, {0, 0}, 4, INTERLACED},
    {FALSE, FALSE, FALSE, BOTH, {0, 1}, 5, INTERLACED | TFF | RFF},
    {FALSE, FALSE, FALSE, BOTH, {1, 0}, 6, INTERLACED | RFF},
    {FALSE, FALSE, FALSE, BOTH, {0, 0}, 6, INTERLACED | RFF},
    {FALSE, FALSE, FALSE, BOTH, {0, 0}, 7, 0},
    {FALSE, FALSE, FALSE, BOTH, {0, 0}, 8, 0},
    {FALSE, TRUE, FALSE, BOTH, {0, 0}, 15, 0},
    /* a field without the other one */
    {FALSE, FALSE, TRUE, TOP, {0, 0}, -1, INTERLACED | TFF | ONEFIELD},
    {FALSE, FALSE, TRUE, BOTTOM, {0, 0}, -1, INTERLACED | ONEFIELD},
    {FALSE, FALSE, TRUE, TOP, {0, 0}, 0, INTERLACED | TFF | ONEFIELD},
    {FALSE, FALSE, TRUE, BOTTOM, {0, 0}, 2, INTERLACED | ONEFIELD},
    {FALSE, FALSE, TRUE, TOP, {0, 0}, 5, INTERLACED | TFF | ONEFIELD},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    const GstH264SPS sps = {
      .frame_mbs_only_flag = cases[i].frames_only,
      .mb_adaptive_frame_field_flag = cases[i].mbaff,
    };
    const GstDaedalusH264Frame frame = {
      .fields = cases[i].fields,.coded_fields = cases[i].coded_fields,
      .pic_order_cnt = {cases[i].poc[0], cases[i].poc[1]},
    };
    guint flags = gst_daedalus_h264_buffer_flags (&frame, &sps,
        cases[i].pic_struct);

    fail_unless (flags == cases[i].flags, "%u: 0x%x instead of 0x%x", i,
        flags, cases[i].flags);
  }
}

GST_END_TEST;

static Suite *
h264_info_suite (void)
{
  Suite *suite = suite_create ("h264_info");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_describe);
  tcase_add_test (tc, test_fields);
  tcase_add_test (tc, test_hdr);
  tcase_add_test (tc, test_nothing_said);
  tcase_add_test (tc, test_size);
  tcase_add_test (tc, test_buffer_flags);
  return suite;
}

GST_CHECK_MAIN (h264_info);
