/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedaluserror.h"

G_DEFINE_QUARK (gst - daedalus - error - quark, gst_daedalus_error);
