/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The CAPTURE buffers of one format, as GstBuffers of DMA-BUF memory.
 */
#ifndef GST_DAEDALUS_ALLOCATOR_H
#define GST_DAEDALUS_ALLOCATOR_H

#include "gstdaedalusformat.h"
#include "gstdaedalusv4l2.h"

G_BEGIN_DECLS

typedef struct _GstDaedalusAllocator GstDaedalusAllocator;

GstDaedalusAllocator *gst_daedalus_allocator_new (GstDaedalusV4l2 * v4l2,
    const struct v4l2_pix_format_mplane *pix, const GstDaedalusLayout * layout,
    guint n_buffers, GError ** error);
GstBuffer *gst_daedalus_allocator_acquire (GstDaedalusAllocator * allocator,
    guint * index, GError ** error);
void gst_daedalus_allocator_release (GstBuffer * buffer);
guint gst_daedalus_allocator_count_lent (GstDaedalusAllocator * allocator,
    GstBuffer * buffer);
guint gst_daedalus_allocator_get_size (GstDaedalusAllocator * allocator);
gboolean gst_daedalus_allocator_wait (GstDaedalusAllocator * allocator,
    gint64 until);
void gst_daedalus_allocator_set_flushing (GstDaedalusAllocator * allocator,
    gboolean flushing);
void gst_daedalus_allocator_free (GstDaedalusAllocator * allocator);

G_END_DECLS
#endif
