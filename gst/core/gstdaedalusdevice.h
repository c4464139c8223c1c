/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_DEVICE_H
#define GST_DAEDALUS_DEVICE_H

#include <glib.h>

G_BEGIN_DECLS

/* Name of our driver, in the capabilities of both nodes. */
#define GST_DAEDALUS_DRIVER "daedalus_v4l2"

/**
 * GstDaedalusDevice:
 * @media_path: node that requests are allocated from, such as /dev/media0
 * @video_path: node of the decoder, such as /dev/video0
 *
 * The nodes of a stateless decoder; not opened.
 */
typedef struct
{
  gchar *media_path;
  gchar *video_path;
} GstDaedalusDevice;

GstDaedalusDevice *gst_daedalus_device_find (GError ** error);
GstDaedalusDevice *gst_daedalus_device_for_path (const gchar * video_path,
    GError ** error);
gboolean gst_daedalus_device_decodes (const GstDaedalusDevice * device,
    guint32 coded_format);
void gst_daedalus_device_free (GstDaedalusDevice * device);

G_END_DECLS
#endif
