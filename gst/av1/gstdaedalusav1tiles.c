/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gst_av1_parser_parse_tile_group_obu() is not used. It reads beyond its arrays
 * if tg_end is beyond the last tile, its tile sizes can wrap around, and its
 * tg_end has 8 bits although 512 tiles are legal. See test_damaged_tiles and
 * test_many_tiles of tests/gst/av1/test_av1_refs.c.
 */
#include "common/bits.h"
#include "core/gstdaedaluserror.h"
#include "gstdaedalusav1tiles.h"

/**
 * gst_daedalus_av1_tiles_clear:
 * @tiles: the tiles, emptied for the next frame
 */
void
gst_daedalus_av1_tiles_clear (GstDaedalusAv1Tiles *tiles)
{
  g_clear_pointer (&tiles->joined, g_byte_array_unref);
  tiles->n_entries = 0;
  tiles->data = NULL;
  tiles->size = 0;
}

static guint
num_tiles (const GstDaedalusAv1Header *header)
{
  return header->control.tile_info.tile_cols
      * header->control.tile_info.tile_rows;
}

/* Most frames are one OBU, which needs no copy. */
static void
append (GstDaedalusAv1Tiles *tiles, const guint8 *data, gsize size)
{
  if (!tiles->data) {
    tiles->data = data;
    tiles->size = size;
    return;
  }
  if (!tiles->joined) {
    tiles->joined = g_byte_array_new ();
    g_byte_array_append (tiles->joined, tiles->data, tiles->size);
  }
  g_byte_array_append (tiles->joined, data, size);
  tiles->data = tiles->joined->data;
  tiles->size = tiles->joined->len;
}

static gboolean
fail (GError **error, guint tile, const gchar *what, gsize claimed, gsize left)
{
  return gst_daedalus_failed (error, FRAME,
      "Tile %u of an AV1 frame %s %" G_GSIZE_FORMAT ", where %" G_GSIZE_FORMAT
      " was possible.", tile, what, claimed, left);
}

/**
 * gst_daedalus_av1_tiles_add:
 * @tiles: the tiles of this frame so far
 * @header: header of the frame
 * @data: (transfer none): payload of an OBU_FRAME or OBU_TILE_GROUP, which must
 *   outlive @tiles
 * @size: bytes of @data, at most 2^28
 * @start: offset of the tile group in @data, bytes
 * @error: set on failure
 *
 * Parses tile_group_obu() of section 5.11.1.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if the tile group is damaged
 */
gboolean
gst_daedalus_av1_tiles_add (GstDaedalusAv1Tiles *tiles,
    const GstDaedalusAv1Header *header, const guint8 *data, gsize size,
    gsize start, GError **error)
{
  const struct v4l2_av1_tile_info *info = &header->control.tile_info;
  const guint n = num_tiles (header);
  const GstAV1TileInfo *parsed = &header->parsed.tile_info;
  const guint n_bits = parsed->tile_cols_log2 + parsed->tile_rows_log2;
  const gsize base = tiles->size;
  guint32 first = 0, last = n - 1;
  struct bits bits;
  guint i, byte;
  gsize pos;

  if (size > G_MAXUINT32 / 16 || base > G_MAXUINT32 / 16)
    return fail (error, tiles->n_entries, "is in an OBU of", size,
        G_MAXUINT32 / 16);
  bits_init (&bits, data, size);
  bits.position = MIN (start, size) * 8;
  /* Bits beyond the end are read as 0; then no bytes are left for a tile. */
  if (n > 1 && bits_flag (&bits)) {
    first = bits_read (&bits, n_bits);
    last = bits_read (&bits, n_bits);
  }
  if (first != tiles->n_entries)
    return fail (error, tiles->n_entries, "is missing; there is tile", first,
        tiles->n_entries);
  if (last < first || last >= n)
    return fail (error, first, "is in a group that ends with tile", last,
        n - 1);

  pos = (bits.position + 7) / 8;
  for (i = first; i <= last; i++) {
    struct v4l2_ctrl_av1_tile_group_entry *entry = &tiles->entries[i];
    const gsize field = i < last ? info->tile_size_bytes : 0;
    guint64 tile_size;

    if (size - pos <= field)
      return fail (error, i, "starts at byte", pos + field, size);
    tile_size = size - pos;
    if (i < last) {
      for (tile_size = 1, byte = 0; byte < field; byte++)
        tile_size += (guint64) data[pos + byte] << (8 * byte);
      pos += field;
    }
    if (tile_size > size - pos)
      return fail (error, i, "has a size of", tile_size, size - pos);
    entry->tile_offset = base + pos;
    entry->tile_size = tile_size;
    entry->tile_row = i / info->tile_cols;
    entry->tile_col = i % info->tile_cols;
    pos += tile_size;
  }
  tiles->n_entries = last + 1;
  append (tiles, data, size);
  return TRUE;
}

/**
 * gst_daedalus_av1_tiles_complete:
 * @tiles: the tiles so far
 * @header: header of the frame
 *
 * Returns: whether all tiles of the frame have arrived
 */
gboolean
gst_daedalus_av1_tiles_complete (const GstDaedalusAv1Tiles *tiles,
    const GstDaedalusAv1Header *header)
{
  return tiles->n_entries == num_tiles (header);
}
