/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How pictures are shown: colorimetry, aspect ratio and HDR metadata of
 * upstream's caps and of the stream. */
#ifndef GST_DAEDALUS_DESCRIPTION_H
#define GST_DAEDALUS_DESCRIPTION_H

#include <gst/video/video.h>

G_BEGIN_DECLS

/**
 * GstDaedalusHdr:
 * @has_mastering: @mastering is valid
 * @has_light: @light is valid
 * @mastering: mastering display color volume; all 0 if not valid
 * @light: content light level; all 0 if not valid
 *
 * HDR metadata in GStreamer's units.
 */
typedef struct
{
  gboolean has_mastering;
  gboolean has_light;
  GstVideoMasteringDisplayInfo mastering;
  GstVideoContentLightLevel light;
} GstDaedalusHdr;

/**
 * GstDaedalusDescription:
 * @caps_serial: differs for different caps of upstream
 * @info: colorimetry, chroma site, pixel aspect ratio, frame rate, interlacing
 *   and views; its format and size are upstream's and are not used
 * @hdr: HDR metadata
 *
 * A plain value that can be copied: it has no pointers to other objects.
 */
typedef struct
{
  guint caps_serial;
  GstVideoInfo info;
  GstDaedalusHdr hdr;
} GstDaedalusDescription;

void gst_daedalus_description_init (GstDaedalusDescription * description,
    guint caps_serial, const GstVideoInfo * info, const GstCaps * caps);
void gst_daedalus_description_add_colors (GstDaedalusDescription * description,
    guint primaries, guint transfer, guint matrix, gboolean full_range,
    guint height);
void gst_daedalus_description_add_hdr (GstDaedalusDescription * description,
    const GstDaedalusHdr * hdr);
gboolean gst_daedalus_description_is_equal (const GstDaedalusDescription * a,
    const GstDaedalusDescription * b);
void gst_daedalus_description_apply (const GstDaedalusDescription * description,
    GstVideoInfo * info);
void gst_daedalus_description_apply_hdr (const GstDaedalusDescription *
    description, GstCaps * caps);

G_END_DECLS
#endif
