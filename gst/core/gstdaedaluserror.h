/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_ERROR_H
#define GST_DAEDALUS_ERROR_H

#include <glib.h>

G_BEGIN_DECLS

#define GST_DAEDALUS_ERROR (gst_daedalus_error_quark ())

/**
 * GstDaedalusError:
 * @GST_DAEDALUS_ERROR_NO_DEVICE: no decoder was found
 * @GST_DAEDALUS_ERROR_GONE: the decoder went away while it was in use
 * @GST_DAEDALUS_ERROR_DEVICE: the device refused or broke something that it
 *   should be able to do; nothing more can be decoded
 * @GST_DAEDALUS_ERROR_TIMEOUT: the device did not answer
 * @GST_DAEDALUS_ERROR_FLUSHING: the wait was cut short by a flush
 * @GST_DAEDALUS_ERROR_FRAME: this frame is bad; the next may be good
 * @GST_DAEDALUS_ERROR_UNSUPPORTED: the stream uses what the device cannot decode
 *
 * What went wrong, by what the element must do about it. The messages are
 * sentences for the user.
 */
typedef enum
{
  GST_DAEDALUS_ERROR_NO_DEVICE,
  GST_DAEDALUS_ERROR_GONE,
  GST_DAEDALUS_ERROR_DEVICE,
  GST_DAEDALUS_ERROR_TIMEOUT,
  GST_DAEDALUS_ERROR_FLUSHING,
  GST_DAEDALUS_ERROR_FRAME,
  GST_DAEDALUS_ERROR_UNSUPPORTED,
} GstDaedalusError;

GQuark gst_daedalus_error_quark (void);

/* Sets an error of GST_DAEDALUS_ERROR_@code with a printf() format and arguments;
 * always FALSE. */
#define gst_daedalus_failed(error, code, ...) \
    (g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_##code, \
        __VA_ARGS__), FALSE)

G_END_DECLS
#endif
