// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Decodes streams with one GStreamer element and prints the MD5 that
 * videocodectestsink computes over all frames, the digest that fluster and the
 * standards' conformance suites use.
 *
 * One process builds pipeline after pipeline, because loading a hundred shared
 * libraries per stream costs more than decoding a short one.
 *
 * stdin, a line per stream:   FILE <tab> OUTPUT_FORMAT [<tab> ELEMENTS [<tab> FIELDS]]
 * stdout, a line per stream:  FILE <tab> ok <tab> MD5 <tab> FRAMES <tab> MILLISECONDS
 *                         or  FILE <tab> error <tab> MESSAGE
 * OUTPUT_FORMAT is fluster's name of the format that the frames are converted to; for
 * "Unknown", and if the sink does not take the format, they are not. ELEMENTS are the
 * elements or caps between the file and the decoder; if empty, parsebin. FIELDS is the
 * path of a file to write, with one line for each frame, see frame-md5.h.
 */
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

#include "frame-md5.h"

/* The status if there is no such element. */
#define NO_ELEMENT 3

static gchar *decoder;
static gint timeout_s = 60;
static gboolean verbose;

static const GOptionEntry options[] = {
	{ "decoder", 'd', 0, G_OPTION_ARG_STRING, &decoder,
	  "Element to test, with properties as gst-launch-1.0 takes them", "ELEMENT" },
	{ "timeout", 't', 0, G_OPTION_ARG_INT, &timeout_s,
	  "Seconds without end of stream until a stream has failed (default 60)", "SECONDS" },
	{ "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose,
	  "Print what goes wrong inside a pipeline to stderr", NULL },
	{ NULL }
};

/* fluster's names of formats, and those of GStreamer. The sink takes NV12 for I420. */
static const struct {
	const char *name, *gst;
} formats[] = {
	{ "yuv420p", "{I420,NV12}" },
	{ "yuv420p10le", "I420_10LE" },
	{ "yuv420p12le", "I420_12LE" },
	{ "yuv422p", "Y42B" },
	{ "yuv422p10le", "I422_10LE" },
	{ "yuv422p12le", "I422_12LE" },
	{ "yuv444p", "Y444" },
	{ "yuv444p10le", "Y444_10LE" },
	{ "yuv444p12le", "Y444_12LE" },
	{ "yuv444p14le", "Y444_14LE" },
	{ "yuv444p16le", "Y444_16LE" },
	{ "gbrp", "GBR" },
	{ "gbrp10le", "GBR_10LE" },
	{ "gbrp12le", "GBR_12LE" },
	{ "gbrp14le", "GBR_14LE" },
	{ "gray", "GRAY8" },
	{ "gray10le", "GRAY10_LE16" },
	{ "gray16le", "GRAY16_LE" },
};

/* Does the sink take these caps? That depends on its version. */
static gboolean sink_takes(const gchar *description)
{
	GstElementFactory *sink = gst_element_factory_find("videocodectestsink");
	GstCaps *caps = gst_caps_from_string(description);
	gboolean takes = sink && caps && gst_element_factory_can_sink_any_caps(sink, caps);

	gst_clear_caps(&caps);
	gst_clear_object(&sink);
	return takes;
}

/* The elements that convert frames to FORMAT, as a new string; "" if nothing does. */
static gchar *converter(const gchar *format)
{
	gchar *caps = NULL, *elements;
	guint i;

	for (i = 0; i < G_N_ELEMENTS(formats) && !caps; i++)
		if (!strcmp(format, formats[i].name))
			caps = g_strdup_printf("video/x-raw,format=%s", formats[i].gst);
	elements = caps && sink_takes(caps) ?
		g_strdup_printf("! videoconvert dither=none ! %s ", caps) : g_strdup("");
	g_free(caps);
	return elements;
}

/* State of the probe on the decoder's source pad. */
struct frames {
	guint count;
	/* File for the MD5s of the fields, or NULL. */
	FILE *fields;
};

static GstPadProbeReturn see_frame(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct frames *frames = data;

	frames->count++;
	if (frames->fields) {
		/* The sink gets the same bytes, even if the device still writes to the frame. */
		GstBuffer *copy = gst_buffer_copy_deep(GST_PAD_PROBE_INFO_BUFFER(info));

		gst_buffer_unref(GST_PAD_PROBE_INFO_BUFFER(info));
		GST_PAD_PROBE_INFO_DATA(info) = copy;
		frame_md5_write(frames->fields, pad, copy);
	}
	return GST_PAD_PROBE_OK;
}

static void print_line(const gchar *file, const gchar *what, const gchar *text)
{
	gchar *clean = g_strdelimit(g_strdup(text), "\t\r\n", ' ');

	printf("%s\t%s\t%s\n", file, what, clean);
	fflush(stdout);
	g_free(clean);
}

/* Waits for the end of stream. Returns NULL, or the first error message or another reason. */
static gchar *wait_for_end(GstElement *pipeline, gchar **checksum)
{
	GstBus *bus = gst_element_get_bus(pipeline);
	gint64 end = g_get_monotonic_time() + timeout_s * G_USEC_PER_SEC;
	gchar *problem = NULL;
	gboolean done = FALSE;

	while (!done) {
		gint64 left = end - g_get_monotonic_time();
		GstMessage *msg = left <= 0 ? NULL :
			gst_bus_timed_pop_filtered(bus, left * GST_USECOND,
						   GST_MESSAGE_ERROR | GST_MESSAGE_EOS |
						   GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING);
		const GstStructure *s;
		GError *error = NULL;
		gchar *debug = NULL;

		if (!msg) {
			problem = g_strdup_printf("no end of stream within %d s", timeout_s);
			break;
		}
		switch (GST_MESSAGE_TYPE(msg)) {
		case GST_MESSAGE_ERROR:
			gst_message_parse_error(msg, &error, &debug);
			problem = g_strdup_printf("%s: %s", GST_OBJECT_NAME(msg->src),
						  error->message);
			if (verbose)
				fprintf(stderr, "%s: %s\n%s\n", GST_OBJECT_NAME(msg->src),
					error->message, debug ? debug : "");
			done = TRUE;
			break;
		case GST_MESSAGE_WARNING:
			gst_message_parse_warning(msg, &error, &debug);
			if (verbose)
				fprintf(stderr, "%s: warning: %s\n%s\n",
					GST_OBJECT_NAME(msg->src), error->message,
					debug ? debug : "");
			break;
		case GST_MESSAGE_ELEMENT:
			s = gst_message_get_structure(msg);
			if (gst_structure_has_name(s, "conformance/checksum")) {
				g_free(*checksum);
				*checksum = g_strdup(gst_structure_get_string(s, "checksum"));
			}
			break;
		default:
			done = TRUE;
			break;
		}
		g_clear_error(&error);
		g_free(debug);
		gst_message_unref(msg);
	}
	gst_object_unref(bus);
	return problem;
}

static void decode(const gchar *file, const gchar *format, const gchar *via,
		   const gchar *fields)
{
	gchar *convert = converter(format);
	gchar *description = g_strdup_printf("filesrc name=src ! %s ! %s name=dec %s"
					     "! videocodectestsink name=sink",
					     *via ? via : "parsebin", decoder, convert);
	gint64 start = g_get_monotonic_time();
	gchar *checksum = NULL, *problem, *result;
	GstElement *pipeline, *element;
	struct frames frames = { 0 };
	GError *error = NULL;
	GstPad *pad;

	pipeline = gst_parse_launch(description, &error);
	g_free(description);
	g_free(convert);
	if (error) {
		print_line(file, "error", error->message);
		g_clear_error(&error);
		if (pipeline)
			gst_object_unref(pipeline);
		return;
	}

	if (*fields) {
		frames.fields = fopen(fields, "w");
		if (!frames.fields) {
			print_line(file, "error", "cannot write the file of fields");
			gst_object_unref(pipeline);
			return;
		}
	}
	element = gst_bin_get_by_name(GST_BIN(pipeline), "src");
	g_object_set(element, "location", file, NULL);
	gst_object_unref(element);
	element = gst_bin_get_by_name(GST_BIN(pipeline), "dec");
	pad = gst_element_get_static_pad(element, "src");
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, see_frame, &frames, NULL);
	gst_object_unref(pad);
	gst_object_unref(element);

	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	problem = wait_for_end(pipeline, &checksum);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(pipeline);
	if (frames.fields)
		fclose(frames.fields);

	if (!problem && !checksum)
		problem = g_strdup("end of stream without a checksum");
	if (problem) {
		print_line(file, "error", problem);
	} else {
		result = g_strdup_printf("%s\t%u\t%" G_GINT64_FORMAT, checksum, frames.count,
					 (g_get_monotonic_time() - start) / 1000);
		printf("%s\tok\t%s\n", file, result);
		fflush(stdout);
		g_free(result);
	}
	g_free(problem);
	g_free(checksum);
}

/* Can the element be made? Says why not. */
static gboolean exists(void)
{
	GError *error = NULL;
	GstElement *element = gst_parse_launch(decoder, &error);

	if (error)
		fprintf(stderr, "decode-md5: %s\n", error->message);
	if (element)
		gst_object_unref(gst_object_ref_sink(element));
	if (!error)
		return TRUE;
	g_clear_error(&error);
	return FALSE;
}

int main(int argc, char **argv)
{
	GOptionContext *context = g_option_context_new("< LIST");
	GError *error = NULL;
	char line[4096];

	g_option_context_set_summary(context,
		"Decodes the streams listed on stdin (FILE<tab>FORMAT[<tab>ELEMENTS[<tab>FIELDS]]) "
		"and prints their MD5.");
	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_add_group(context, gst_init_get_option_group());
	if (!g_option_context_parse(context, &argc, &argv, &error) || !decoder) {
		fprintf(stderr, "decode-md5: %s\n", error ? error->message :
			"which element? Give --decoder ELEMENT");
		return 2;
	}
	g_option_context_free(context);
	if (!exists())
		return NO_ELEMENT;

	while (fgets(line, sizeof(line), stdin)) {
		gchar **fields = g_strsplit(g_strchomp(line), "\t", 4);
		guint n = g_strv_length(fields);

		if (n && *fields[0])
			decode(fields[0], n > 1 ? fields[1] : "", n > 2 ? fields[2] : "",
			       n > 3 ? fields[3] : "");
		g_strfreev(fields);
	}
	g_free(decoder);
	return 0;
}
