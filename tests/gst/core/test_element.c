/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The API of the elements, on a machine without the device. */
#include <gst/check/gstcheck.h>
#include <linux/v4l2-controls.h>
#include <stdlib.h>
#include <string.h>

#ifdef V4L2_CID_STATELESS_AV1_FRAME
#include "av1/gstdaedalusav1dec.h"
#endif
#include "core/gstdaedalusdevice.h"
#include "core/gstdaedaluserror.h"
#include "h264/gstdaedalush264dec.h"
#include "vp9/gstdaedalusvp9dec.h"

/* Asks @element for READY, which must fail; returns the first error's text. */
static gchar *
failed_start (GstElement *element)
{
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GError *error = NULL;
  gchar *text;

  gst_element_set_bus (element, bus);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NOT_FOUND), "%s", error->message);
  text = g_strdup (error->message);

  g_error_free (error);
  gst_message_unref (message);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_bus_set_flushing (bus, TRUE);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  return text;
}

static GstElement *
new_element (void)
{
  return gst_object_ref_sink (g_object_new (GST_TYPE_DAEDALUS_VP9_DEC, NULL));
}

GST_START_TEST (test_no_device)
{
  GstElement *element = new_element ();
  GError *error = NULL;
  gchar *text;

  fail_if (gst_daedalus_device_find (&error));
  fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_NO_DEVICE));
  g_error_free (error);

  text = failed_start (element);
  fail_unless_equals_string (text,
      "no Daedalus device: load daedalus_v4l2 and start daedalusd");
  g_free (text);
  gst_object_unref (element);
}

GST_END_TEST;

GST_START_TEST (test_bad_device)
{
  static const gchar *const paths[] = {
    "/dev/null", "/dev/does-not-exist", "/", "relative"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (paths); i++) {
    GstElement *element = new_element ();
    gchar *text;

    g_object_set (element, "device", paths[i], NULL);
    text = failed_start (element);
    fail_unless (strstr (text, paths[i]), "%s", text);
    g_free (text);
    gst_object_unref (element);
  }
}

GST_END_TEST;

GST_START_TEST (test_properties)
{
  GstElement *element = new_element ();
  GParamSpecUInt *spec;
  gchar *device;
  guint n;

  g_object_get (element, "device", &device, "max-in-flight", &n, NULL);
  fail_unless (device == NULL);
  fail_unless_equals_int (n, 4);
  spec = G_PARAM_SPEC_UINT (g_object_class_find_property (G_OBJECT_GET_CLASS
          (element), "max-in-flight"));
  fail_unless_equals_int (spec->minimum, 1);
  fail_unless_equals_int (spec->maximum, 16);

  g_object_set (element, "device", "/dev/video7", "max-in-flight", 16, NULL);
  g_object_get (element, "device", &device, "max-in-flight", &n, NULL);
  fail_unless_equals_string (device, "/dev/video7");
  fail_unless_equals_int (n, 16);
  g_free (device);

  /* An empty name is none. */
  g_object_set (element, "device", "", NULL);
  g_object_get (element, "device", &device, NULL);
  fail_unless (device == NULL);
  gst_object_unref (element);
}

GST_END_TEST;

#ifdef V4L2_CID_STATELESS_AV1_FRAME
/* An element has the properties of its codec and of the base class. */
GST_START_TEST (test_codec_properties)
{
  GstElement *element =
      gst_object_ref_sink (g_object_new (GST_TYPE_DAEDALUS_AV1_DEC, NULL));
  guint point, n;
  gboolean grain;

  g_object_get (element, "operating-point", &point, "film-grain", &grain,
      "max-in-flight", &n, NULL);
  fail_unless_equals_int (point, 0);
  fail_unless_equals_int (grain, TRUE);
  fail_unless_equals_int (n, 4);
  g_object_set (element, "operating-point", 31, "film-grain", FALSE,
      "max-in-flight", 7, NULL);
  g_object_get (element, "operating-point", &point, "film-grain", &grain,
      "max-in-flight", &n, NULL);
  fail_unless_equals_int (point, 31);
  fail_unless_equals_int (grain, FALSE);
  fail_unless_equals_int (n, 7);
  gst_object_unref (element);
}

GST_END_TEST;
#endif

/* A damaged frame takes what was shown before it; the first error counts,
 * but for one after which nothing can be decoded. */
GST_START_TEST (test_lose)
{
  static const struct
  {
    GstDaedalusError code;
    gboolean goes_on;
    guint counts;
  } cases[] = {
    {GST_DAEDALUS_ERROR_FRAME, TRUE, 0},
    {GST_DAEDALUS_ERROR_FRAME, TRUE, 0},
    {GST_DAEDALUS_ERROR_UNSUPPORTED, FALSE, 2},
  };
  GstDaedalusLayout layout = { 0 };
  GstDaedalusPicture *shown = NULL;
  GError *lost = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GError *error = g_error_new (GST_DAEDALUS_ERROR, cases[i].code, "%u", i);

    shown = gst_daedalus_picture_new (i + 1, &layout, NULL, NULL);
    fail_unless_equals_int (gst_daedalus_dec_lose (&shown, &lost, error),
        cases[i].goes_on);
    fail_unless (shown == NULL);
    fail_unless_equals_int (atoi (lost->message), cases[i].counts);
  }
  g_error_free (lost);
}

GST_END_TEST;

GST_START_TEST (test_templates)
{
  GstElementClass *klass = g_type_class_ref (GST_TYPE_DAEDALUS_VP9_DEC);
  GstCaps *sink =
      gst_pad_template_get_caps (gst_element_class_get_pad_template (klass,
          "sink"));
  GstCaps *src =
      gst_pad_template_get_caps (gst_element_class_get_pad_template (klass,
          "src"));
  GstCaps *caps;

  caps = gst_caps_from_string ("video/x-vp9, alignment = super-frame");
  fail_unless (gst_caps_is_subset (caps, sink));
  gst_caps_unref (caps);
  caps = gst_caps_from_string ("video/x-vp9, alignment = frame, width = 1, "
      "height = 1, profile = (string) 0");
  fail_unless (gst_caps_is_subset (caps, sink));
  gst_caps_unref (caps);
  /* Profile and chroma format are in the caps of a parser only. */
  caps = gst_caps_from_string ("video/x-vp9");
  fail_if (gst_caps_is_subset (caps, sink));
  gst_caps_unref (caps);

  /* DMA-BUFs come first. */
  fail_unless (gst_caps_features_contains (gst_caps_get_features (src, 0),
          "memory:DMABuf"));
  fail_unless (gst_caps_features_is_equal (gst_caps_get_features (src, 1),
          GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY));
  gst_caps_unref (sink);
  gst_caps_unref (src);
  g_type_class_unref (klass);
}

GST_END_TEST;

/* Each codec's element: made, described and freed without a device. */
GST_START_TEST (test_codecs)
{
  const struct
  {
    GType type;
    const gchar *name, *description, *caps;
  } codecs[] = {
#ifdef V4L2_CID_STATELESS_AV1_FRAME
    {GST_TYPE_DAEDALUS_AV1_DEC, "Daedalus AV1 decoder",
          "Decodes AV1 with the Daedalus stateless V4L2 decoder",
        "video/x-av1, stream-format = obu-stream, alignment = tu"},
#endif
    {GST_TYPE_DAEDALUS_H264_DEC, "Daedalus H.264 decoder",
          "Decodes H.264 with the Daedalus stateless V4L2 decoder",
        "video/x-h264, stream-format = avc"},
    {GST_TYPE_DAEDALUS_VP9_DEC, "Daedalus VP9 decoder",
          "Decodes VP9 with the Daedalus stateless V4L2 decoder",
        "video/x-vp9, alignment = frame"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (codecs); i++) {
    GstElement *element =
        gst_object_ref_sink (g_object_new (codecs[i].type, NULL));
    GstElementClass *klass = GST_ELEMENT_GET_CLASS (element);
    GstCaps *sink = gst_pad_template_get_caps
        (gst_element_class_get_pad_template (klass, "sink"));
    GstCaps *caps = gst_caps_from_string (codecs[i].caps);

    fail_unless_equals_string (gst_element_class_get_metadata (klass,
            GST_ELEMENT_METADATA_LONGNAME), codecs[i].name);
    fail_unless_equals_string (gst_element_class_get_metadata (klass,
            GST_ELEMENT_METADATA_DESCRIPTION), codecs[i].description);
    fail_unless_equals_string (gst_element_class_get_metadata (klass,
            GST_ELEMENT_METADATA_KLASS), "Codec/Decoder/Video/Hardware");
    fail_unless (gst_caps_is_subset (caps, sink), "%s", codecs[i].caps);
    gst_caps_unref (caps);
    gst_caps_unref (sink);
    gst_object_unref (element);
  }
}

GST_END_TEST;

/* The query with which decodebin3 chooses an element. */
GST_START_TEST (test_accept_caps)
{
  static const struct
  {
    const gchar *fields;
    gboolean accepted;
  } cases[] = {
    {"", TRUE},
    {", profile = (string) 0, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 8", TRUE},
    {", profile = (string) 2, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 10", TRUE},
    {", profile = (string) 2, bit-depth-luma = (uint) 12", FALSE},
    {", profile = (string) 1, chroma-format = (string) 4:4:4", FALSE},
    {", profile = (string) 1, chroma-format = (string) 4:4:0", FALSE},
    {", profile = (string) 3, chroma-format = (string) 4:2:2", FALSE},
    {", profile = (string) 1, colorimetry = (string) sRGB", FALSE},
  };
  GstElement *element = new_element ();
  GstPad *pad = gst_element_get_static_pad (element, "sink");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *text = g_strconcat ("video/x-vp9, alignment = (string) frame, "
        "width = 64, height = 64", cases[i].fields, NULL);
    GstCaps *caps = gst_caps_from_string (text);

    fail_unless (caps != NULL, "%s", text);
    fail_unless (gst_pad_query_accept_caps (pad, caps) == cases[i].accepted,
        "%s", text);
    gst_caps_unref (caps);
    g_free (text);
  }
  gst_object_unref (pad);
  gst_object_unref (element);
}

GST_END_TEST;

/* What downstream accepts is in the sink caps of each element, as an application
 * expects; but the caps of a byte stream without a parser stay fixed. */
GST_START_TEST (test_proxied_caps)
{
  static GstStaticPadTemplate template = GST_STATIC_PAD_TEMPLATE ("sink",
      GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw, "
          "width = [1, 640], height = [1, 480], framerate = [1/1, 30/1]"));
  const GType types[] =
      { GST_TYPE_DAEDALUS_H264_DEC, GST_TYPE_DAEDALUS_VP9_DEC };
  GstCaps *filter =
      gst_caps_from_string ("video/x-h264, "
      "stream-format = (string) byte-stream; video/x-vp9");
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (types); i++) {
    GstElement *element = gst_object_ref_sink (g_object_new (types[i], NULL));
    GstPad *pad = gst_element_get_static_pad (element, "sink");

    gst_check_setup_sink_pad (element, &template);
    for (j = 0; j < 2; j++) {
      GstCaps *caps = gst_pad_query_caps (pad, j ? filter : NULL);
      GstStructure *last = gst_caps_get_structure (caps,
          gst_caps_get_size (caps) - 1);
      const GValue *width = gst_structure_get_value (last, "width");

      fail_unless (width && GST_VALUE_HOLDS_INT_RANGE (width)
          && gst_value_get_int_range_max (width) == 640, "%s %" GST_PTR_FORMAT,
          G_OBJECT_TYPE_NAME (element), caps);
      fail_unless (gst_structure_has_field (last, "framerate"));
      if (i == 0 && j == 1) {
        caps = gst_caps_fixate (caps);
        fail_if (gst_structure_has_field (gst_caps_get_structure (caps, 0),
                "width"));
      }
      gst_caps_unref (caps);
    }
    gst_check_teardown_sink_pad (element);
    gst_object_unref (pad);
    gst_object_unref (element);
  }
  gst_caps_unref (filter);
}

GST_END_TEST;

static Suite *
element_suite (void)
{
  Suite *suite = suite_create ("element");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_bad_device);
  tcase_add_test (tc, test_properties);
#ifdef V4L2_CID_STATELESS_AV1_FRAME
  tcase_add_test (tc, test_codec_properties);
#endif
  tcase_add_test (tc, test_lose);
  tcase_add_test (tc, test_templates);
  tcase_add_test (tc, test_accept_caps);
  tcase_add_test (tc, test_proxied_caps);
  tcase_add_test (tc, test_codecs);
  /* Only where it can be true; the guest has its own tests with a device. */
  if (!g_file_test ("/dev/daedalus-v4l2", G_FILE_TEST_EXISTS))
    tcase_add_test (tc, test_no_device);
  return suite;
}

GST_CHECK_MAIN (element);
