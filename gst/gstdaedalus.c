/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * plugin-daedalus:
 *
 * Decoders that use the Daedalus stateless V4L2 decoder.
 *
 * Since: 0.1
 */
#ifdef HAVE_AV1
#include "av1/gstdaedalusav1dec.h"
#endif
#include "core/gstdaedalusdevice.h"
#include "h264/gstdaedalush264dec.h"
#include "vp9/gstdaedalusvp9dec.h"

#include <linux/videodev2.h>

/* Above 257, the rank of the v4l2codecs elements for the same device. */
#define RANK_WITH_DEVICE (GST_RANK_PRIMARY + 2)

static gboolean
plugin_init (GstPlugin *plugin)
{
  static const gchar *const paths[] = { "/dev", NULL };
  static const gchar *const names[] = { "media", "video", NULL };
  const struct
  {
    const gchar *name;
    guint32 coded_format;
    GType type;
  } elements[] = {
#ifdef HAVE_AV1
    {"daedalusav1dec", V4L2_PIX_FMT_AV1_FRAME, GST_TYPE_DAEDALUS_AV1_DEC},
#endif
    {"daedalush264dec", V4L2_PIX_FMT_H264_SLICE, GST_TYPE_DAEDALUS_H264_DEC},
    {"daedalusvp9dec", V4L2_PIX_FMT_VP9_FRAME, GST_TYPE_DAEDALUS_VP9_DEC},
  };
  GstDaedalusDevice *device = gst_daedalus_device_find (NULL);
  gboolean ok = TRUE;
  guint i;

  /* GStreamer loads the plugin again, which sets new ranks, when a device
   * appears or disappears. */
  gst_plugin_add_dependency (plugin, NULL, (const gchar **) paths,
      (const gchar **) names, GST_PLUGIN_DEPENDENCY_FLAG_FILE_NAME_IS_PREFIX);

  for (i = 0; i < G_N_ELEMENTS (elements); i++) {
    gboolean present = device
        && gst_daedalus_device_decodes (device, elements[i].coded_format);

    ok = gst_element_register (plugin, elements[i].name,
        present ? RANK_WITH_DEVICE : GST_RANK_NONE, elements[i].type) && ok;
  }
  gst_daedalus_device_free (device);
  return ok;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, daedalus,
    "Decoders on the Daedalus stateless V4L2 decoder", plugin_init,
    PACKAGE_VERSION, "LGPL", PACKAGE, PACKAGE)
