/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_ERROR_H
#define GST_DAEDALUS_ERROR_H

#include <glib.h>

G_BEGIN_DECLS

#define GST_DAEDALUS_ERROR (gst_daedalus_error_quark ())

/**
 * GstDaedalusError:
 * @GST_DAEDALUS_ERROR_NO_DEVICE: no decoder was found
 * @GST_DAEDALUS_ERROR_GONE: the decoder disappeared while it was in use
 * @GST_DAEDALUS_ERROR_DEVICE: the device failed at an operation that it should
 *   support; nothing more can be decoded
 * @GST_DAEDALUS_ERROR_TIMEOUT: the device did not answer
 * @GST_DAEDALUS_ERROR_FLUSHING: a flush ended the wait
 * @GST_DAEDALUS_ERROR_FRAME: this frame is damaged; the next may be good
 * @GST_DAEDALUS_ERROR_UNSUPPORTED: the device cannot decode a feature of the
 *   stream
 *
 * Kinds of errors, by the reaction that they need from the element. The
 * messages are sentences for the user.
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

/* Sets an error of GST_DAEDALUS_ERROR_@code with a printf() format and
 * arguments; always FALSE. */
#define gst_daedalus_failed(error, code, ...) \
    (g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_##code, \
        __VA_ARGS__), FALSE)

G_END_DECLS
#endif
