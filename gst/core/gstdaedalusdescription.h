/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How pictures are to be shown: what upstream's caps and the stream say of it. */
#ifndef GST_DAEDALUS_DESCRIPTION_H
#define GST_DAEDALUS_DESCRIPTION_H

#include <gst/video/video.h>

G_BEGIN_DECLS

/**
 * GstDaedalusHdr:
 * @has_mastering: @mastering is valid
 * @has_light: @light is valid
 * @mastering: of the display that the stream was made with; all 0 if not valid
 * @light: of the content; all 0 if not valid
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
 * @info: colorimetry, chroma site, pixel aspect ratio, frame rate, interlacing and
 *   views; its format and size are upstream's and do not matter
 * @hdr: HDR metadata
 *
 * Belongs to whoever has it, like a number: nothing in it is shared or counted.
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
