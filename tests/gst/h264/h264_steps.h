/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hand-made H.264 pictures for the tests of the decoded picture buffer, as text.
 * A picture is a name and words:
 *
 *   idr  ref  top  bottom    IDR picture, nal_ref_idc 1, a field instead of a frame
 *   nN  pN                   frame_num, pic_order_cnt_lsb
 *   dN  0:N  1:N             delta_pic_order_cnt_bottom, delta_pic_order_cnt[0], [1]
 *   long  noout              long_term_reference_flag, no_output_of_prior_pics_flag
 *   hide                     end_picture() with show FALSE
 *   m1,N  m2,N  m3,N,IDX     memory_management_control_operation with its values:
 *   m4,N  m5  m6,IDX         difference_of_pic_nums_minus1, long_term_pic_num ...
 *
 * A field with the name of the picture before it has to be its second field, one
 * with another name must not be.
 *
 * References are told in decoding order by name, or as -N for a non-existing frame
 * with frame_num N; then which fields, if not both, are short-term ones (t, b), then
 * L with LongTermFrameIdx and which fields, if not both, are long-term ones.
 * "A Bt CL0 DtL1b -7": A is a short-term frame, the top field of B is one, C is
 * a long-term frame, D has a short-term top and a long-term bottom field.
 */
#ifndef H264_STEPS_H
#define H264_STEPS_H

#include "h264/gstdaedalush264dpb.h"

/**
 * H264Steps:
 * @sps: set before h264_steps_start()
 * @dpb: the buffer
 * @shown: names of frames that were output since it was last cleared
 * @last: name of the picture before
 * @frame: the frame of the picture before, held
 * @alive: frames with data that were not freed yet
 */
typedef struct
{
  GstH264SPS sps;
  GstDaedalusH264Dpb *dpb;
  GString *shown;
  gchar last;
  GstDaedalusH264Frame *frame;
  gint alive;
} H264Steps;

/**
 * H264Step:
 * @picture: a picture, or "drain"
 * @refs: marked frames after it
 * @shown: names of the frames that are output because of it
 */
typedef struct
{
  const gchar *picture;
  const gchar *refs;
  const gchar *shown;
} H264Step;

/* Frames of 176x144 of level 1.1, so 9 buffers, type 0, 4 reference frames. */
void h264_steps_init (H264Steps * steps);
/* With room for 9 or 4 frames. */
void h264_steps_init_buffers (H264Steps * steps, guint num_buffers,
    guint num_ref_frames);
/* Gives the SPS a VUI; before h264_steps_start(). */
void h264_steps_set_vui (H264Steps * steps, guint num_reorder_frames,
    guint max_dec_frame_buffering);
void h264_steps_start (H264Steps * steps, gboolean live);
/* Checks that no frame is left. */
void h264_steps_stop (H264Steps * steps);

void h264_steps_picture (H264Steps * steps, const gchar * picture);
/* Started and not ended; h264_steps_end() ends it. */
void h264_steps_begin (H264Steps * steps, const gchar * picture);
void h264_steps_end (H264Steps * steps, const gchar * picture);
void h264_steps_pop (H264Steps * steps);
gchar *h264_steps_refs (const H264Steps * steps);
void h264_steps_run (H264Steps * steps, const H264Step * list, guint n);

#define H264_RUN(steps, list) \
    h264_steps_run (steps, list, G_N_ELEMENTS (list))

/* All from h264_steps_start() on. */
#define H264_CHECK(steps, live, list) \
G_STMT_START { \
  h264_steps_start (steps, live); \
  H264_RUN (steps, list); \
  h264_steps_stop (steps); \
} G_STMT_END

#endif
