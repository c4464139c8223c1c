/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/check/gstcheck.h>
#include <stdio.h>
#include <string.h>

#include "h264_steps.h"

typedef struct
{
  GstH264SliceHdr slice;
  GstDaedalusH264PicInfo info;
  gchar name;
  gboolean show;
} Picture;

/* What frames carry: who is to be told that they are freed, and their name. */
typedef struct
{
  gint *alive;
  gchar name;
} FrameData;

static void
free_frame_data (gpointer data)
{
  FrameData *frame_data = data;

  (*frame_data->alive)--;
  g_free (frame_data);
}

static gchar
frame_name (const GstDaedalusH264Frame *frame)
{
  return ((FrameData *) frame->data)->name;
}

void
h264_steps_init (H264Steps *steps)
{
  memset (steps, 0, sizeof (*steps));
  steps->sps.profile_idc = 77;
  steps->sps.level_idc = 11;
  steps->sps.pic_width_in_mbs_minus1 = 10;
  steps->sps.pic_height_in_map_units_minus1 = 8;
  steps->sps.frame_mbs_only_flag = TRUE;
  steps->sps.num_ref_frames = 4;
  steps->sps.log2_max_pic_order_cnt_lsb_minus4 = 4;
  steps->shown = g_string_new (NULL);
}

void
h264_steps_init_buffers (H264Steps *steps, guint num_buffers,
    guint num_ref_frames)
{
  h264_steps_init (steps);
  steps->sps.num_ref_frames = num_ref_frames;
  /* Level 1.1 has room for 9; of frames twice as high, for 4. */
  if (num_buffers == 4)
    steps->sps.pic_height_in_map_units_minus1 = 17;
}

void
h264_steps_set_vui (H264Steps *steps, guint num_reorder_frames,
    guint max_dec_frame_buffering)
{
  GstH264VUIParams *vui = &steps->sps.vui_parameters;

  steps->sps.vui_parameters_present_flag = TRUE;
  vui->bitstream_restriction_flag = TRUE;
  vui->num_reorder_frames = num_reorder_frames;
  vui->max_dec_frame_buffering = max_dec_frame_buffering;
}

void
h264_steps_start (H264Steps *steps, gboolean live)
{
  if (!steps->dpb)
    steps->dpb = gst_daedalus_h264_dpb_new (free_frame_data);
  gst_daedalus_h264_dpb_set_sps (steps->dpb, &steps->sps, live);
}

void
h264_steps_stop (H264Steps *steps)
{
  g_clear_pointer (&steps->frame, gst_daedalus_h264_frame_unref);
  gst_daedalus_h264_dpb_free (steps->dpb);
  steps->dpb = NULL;
  fail_unless_equals_int (steps->alive, 0);
  g_string_free (steps->shown, TRUE);
}

static void
parse_mmco (GstH264DecRefPicMarking *marking, const gchar *word)
{
  GstH264RefPicMarking *mmco =
      &marking->ref_pic_marking[marking->n_ref_pic_marking++];
  guint value = 0, idx = 0, operation = 0;

  fail_unless (sscanf (word, "m%u,%u,%u", &operation, &value, &idx) >= 1);
  marking->adaptive_ref_pic_marking_mode_flag = TRUE;
  mmco->memory_management_control_operation = operation;
  switch (operation) {
    case 1:
      mmco->difference_of_pic_nums_minus1 = value;
      break;
    case 2:
      mmco->long_term_pic_num = value;
      break;
    case 3:
      mmco->difference_of_pic_nums_minus1 = value;
      mmco->long_term_frame_idx = idx;
      break;
    case 4:
      mmco->max_long_term_frame_idx_plus1 = value;
      break;
    case 6:
      mmco->long_term_frame_idx = value;
      break;
    default:
      break;
  }
}

static void
parse_word (Picture *picture, const gchar *word)
{
  GstH264SliceHdr *slice = &picture->slice;
  gint value = atoi (word + 1);

  if (g_str_equal (word, "idr"))
    picture->info.idr = TRUE;
  else if (g_str_equal (word, "ref"))
    picture->info.nal_ref_idc = 1;
  else if (g_str_equal (word, "top"))
    slice->field_pic_flag = TRUE;
  else if (g_str_equal (word, "bottom"))
    slice->field_pic_flag = slice->bottom_field_flag = TRUE;
  else if (g_str_equal (word, "long"))
    slice->dec_ref_pic_marking.long_term_reference_flag = TRUE;
  else if (g_str_equal (word, "noout"))
    slice->dec_ref_pic_marking.no_output_of_prior_pics_flag = TRUE;
  else if (g_str_equal (word, "hide"))
    picture->show = FALSE;
  else if (word[0] == 'm')
    parse_mmco (&slice->dec_ref_pic_marking, word);
  else if (word[0] == 'n')
    slice->frame_num = value;
  else if (word[0] == 'p')
    slice->pic_order_cnt_lsb = value;
  else if (word[0] == 'd')
    slice->delta_pic_order_cnt_bottom = value;
  else if (g_str_has_prefix (word, "0:"))
    slice->delta_pic_order_cnt[0] = atoi (word + 2);
  else if (g_str_has_prefix (word, "1:"))
    slice->delta_pic_order_cnt[1] = atoi (word + 2);
  else
    fail ("%s is no word of a picture", word);
}

static void
parse_picture (const H264Steps *steps, Picture *picture, const gchar *text)
{
  gchar **words = g_strsplit (text, " ", -1);
  guint i;

  memset (picture, 0, sizeof (*picture));
  picture->name = words[0][0];
  picture->show = TRUE;
  picture->info.sps = &steps->sps;
  picture->info.slice = &picture->slice;
  for (i = 1; words[i]; i++)
    parse_word (picture, words[i]);
  g_strfreev (words);
}

static void
start_picture (H264Steps *steps, const Picture *picture)
{
  gboolean is_second = picture->slice.field_pic_flag &&
      picture->name == steps->last;
  GstDaedalusH264Frame *frame;

  fail_unless_equals_int (gst_daedalus_h264_dpb_is_second_field (steps->dpb,
          &picture->info), is_second);
  frame = gst_daedalus_h264_dpb_start_picture (steps->dpb, &picture->info);
  if (is_second) {
    fail_unless (frame == steps->frame);
  } else {
    FrameData *data = g_new0 (FrameData, 1);

    fail_unless (frame->data == NULL);
    data->alive = &steps->alive;
    data->name = picture->name;
    steps->alive++;
    frame->data = data;
  }
  if (steps->frame)
    gst_daedalus_h264_frame_unref (steps->frame);
  steps->frame = frame;
  steps->last = picture->name;
}

void
h264_steps_begin (H264Steps *steps, const gchar *text)
{
  Picture picture;

  parse_picture (steps, &picture, text);
  start_picture (steps, &picture);
}

void
h264_steps_end (H264Steps *steps, const gchar *text)
{
  Picture picture;

  parse_picture (steps, &picture, text);
  gst_daedalus_h264_dpb_end_picture (steps->dpb, &picture.info, picture.show);
}

void
h264_steps_picture (H264Steps *steps, const gchar *text)
{
  h264_steps_begin (steps, text);
  h264_steps_end (steps, text);
  h264_steps_pop (steps);
}

void
h264_steps_pop (H264Steps *steps)
{
  GstDaedalusH264Frame *frame;

  while ((frame = gst_daedalus_h264_dpb_pop (steps->dpb))) {
    fail_if (frame->needed_for_output);
    g_string_append_c (steps->shown, frame_name (frame));
    gst_daedalus_h264_frame_unref (frame);
  }
}

static const gchar *
fields_text (guint fields)
{
  static const gchar *const texts[] = { "", "t", "b", "" };

  return texts[fields & GST_DAEDALUS_H264_BOTH];
}

gchar *
h264_steps_refs (const H264Steps *steps)
{
  const GstDaedalusH264Frame *refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES];
  guint i, n = gst_daedalus_h264_dpb_get_references (steps->dpb, refs);
  GString *text = g_string_new (NULL);

  fail_unless (n <= GST_DAEDALUS_H264_MAX_DPB_FRAMES);
  for (i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (text, ' ');
    if (refs[i]->non_existing)
      g_string_append_printf (text, "-%u", refs[i]->frame_num);
    else
      g_string_append_c (text, frame_name (refs[i]));
    g_string_append (text, fields_text (refs[i]->short_ref));
    if (refs[i]->long_ref)
      g_string_append_printf (text, "L%u%s", refs[i]->long_term_frame_idx,
          fields_text (refs[i]->long_ref));
  }
  return g_string_free (text, FALSE);
}

void
h264_steps_run (H264Steps *steps, const H264Step *list, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    gchar *refs;

    g_string_truncate (steps->shown, 0);
    if (g_str_equal (list[i].picture, "drain")) {
      gst_daedalus_h264_dpb_drain (steps->dpb);
      h264_steps_pop (steps);
    } else {
      h264_steps_picture (steps, list[i].picture);
    }
    refs = h264_steps_refs (steps);
    fail_unless (g_str_equal (refs, list[i].refs),
        "after \"%s\" references are \"%s\", not \"%s\"", list[i].picture,
        refs, list[i].refs);
    fail_unless (g_str_equal (steps->shown->str, list[i].shown),
        "\"%s\" lets \"%s\" be output, not \"%s\"", list[i].picture,
        steps->shown->str, list[i].shown);
    g_free (refs);
  }
}
