// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The client as a GStreamer plugin, so that the runners of this project take it like any
 * decoder. Its types have the names of those of the real plugin: use only one of them in a
 * process.
 */
#ifdef HAVE_AV1
#include "av1/gstdaedalusav1dec.h"
#endif
#include "h264/gstdaedalush264dec.h"
#include "vp9/gstdaedalusvp9dec.h"

#define PACKAGE "daedalus-tests"

static gboolean plugin_init(GstPlugin *plugin)
{
	gboolean ok = TRUE;

#ifdef HAVE_AV1
	ok = gst_element_register(plugin, "ffmpegav1dec", GST_RANK_NONE,
				  GST_TYPE_DAEDALUS_AV1_DEC);
#endif
	return ok &&
	       gst_element_register(plugin, "ffmpegh264dec", GST_RANK_NONE,
				    GST_TYPE_DAEDALUS_H264_DEC) &&
	       gst_element_register(plugin, "ffmpegvp9dec", GST_RANK_NONE,
				    GST_TYPE_DAEDALUS_VP9_DEC);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, v4l2ffmpeg,
		  "A V4L2 client that acts like FFmpeg", plugin_init, "1", "LGPL", PACKAGE, PACKAGE)
