/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Collects the tile groups of a frame. */
#ifndef GST_DAEDALUS_AV1_TILES_H
#define GST_DAEDALUS_AV1_TILES_H

#include "gstdaedalusav1header.h"

G_BEGIN_DECLS

/**
 * GstDaedalusAv1Tiles:
 * @entries: V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY; offsets count from the
 *   start of the frame's payload
 * @n_entries: number of tiles so far
 * @data: the frame's payload: that of an OBU_FRAME with its frame header, or
 *   the concatenated payloads of several OBUs
 * @size: bytes of @data
 * @joined: (nullable): owns @data if there was more than one OBU
 */
typedef struct
{
  struct v4l2_ctrl_av1_tile_group_entry entries[V4L2_AV1_MAX_TILE_COUNT];
  guint n_entries;
  const guint8 *data;
  gsize size;
  GByteArray *joined;
} GstDaedalusAv1Tiles;

void gst_daedalus_av1_tiles_clear (GstDaedalusAv1Tiles * tiles);
gboolean gst_daedalus_av1_tiles_add (GstDaedalusAv1Tiles * tiles,
    const GstDaedalusAv1Header * header, const guint8 * data, gsize size,
    gsize start, GError ** error);
gboolean gst_daedalus_av1_tiles_complete (const GstDaedalusAv1Tiles * tiles,
    const GstDaedalusAv1Header * header);

G_END_DECLS
#endif
