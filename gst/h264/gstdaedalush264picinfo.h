/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a slice header says of its picture, from the parser's structs. */
#ifndef GST_DAEDALUS_H264_PICINFO_H
#define GST_DAEDALUS_H264_PICINFO_H

#include "common/h264_picture.h"
#include "gstdaedalush264frame.h"

G_BEGIN_DECLS

gint32 gst_daedalus_h264_frame_num_wrap (const GstDaedalusH264Frame * frame,
    const GstH264SPS * sps, guint frame_num);

void gst_daedalus_h264_info_init (GstDaedalusH264PicInfo * info,
    const GstH264NalUnit * nalu, const GstH264SliceHdr * slice);
guint gst_daedalus_h264_info_fields (const GstDaedalusH264PicInfo * info);
gboolean gst_daedalus_h264_info_has_mmco5 (const GstDaedalusH264PicInfo * info);
void gst_daedalus_h264_info_get_picture (const GstDaedalusH264PicInfo * info,
    struct h264_coded_picture *picture);

G_END_DECLS
#endif
