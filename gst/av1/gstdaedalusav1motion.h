/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_AV1_MOTION_H
#define GST_DAEDALUS_AV1_MOTION_H

#include <glib.h>

G_BEGIN_DECLS

gboolean gst_daedalus_av1_warp_is_valid (const gint32 * params);

G_END_DECLS
#endif
