// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Decodes streams with one GStreamer element and prints the MD5 that
 * videocodectestsink computes over all frames, the digest that fluster and the
 * standards' conformance suites use.
 *
 * One process builds pipeline after pipeline, because loading a hundred shared
 * libraries per stream costs more than decoding a short one.
 *
 * stdin, a line per stream:   FILE <tab> OUTPUT_FORMAT [<tab> ELEMENTS]
 * stdout, a line per stream:  FILE <tab> ok <tab> MD5 <tab> FRAMES <tab> MILLISECONDS
 *                         or  FILE <tab> error <tab> MESSAGE
 * OUTPUT_FORMAT is a name of fluster's: yuv420p or yuv420p10le. Other formats
 * are decoded as they come. ELEMENTS, such as caps, are what is between the file and
 * the decoder in the place of parsebin.
 */
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>

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

/* Frames are counted on the decoder's source pad. */
static GstPadProbeReturn count_frame(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	(void)pad;
	(void)info;
	++*(guint *)data;
	return GST_PAD_PROBE_OK;
}

static void print_line(const gchar *file, const gchar *what, const gchar *text)
{
	gchar *clean = g_strdelimit(g_strdup(text), "\t\r\n", ' ');

	printf("%s\t%s\t%s\n", file, what, clean);
	fflush(stdout);
	g_free(clean);
}

/* The first error message of the pipeline, or what happened instead; NULL at end of stream. */
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

static void decode(const gchar *file, const gchar *format, const gchar *via)
{
	const gchar *convert = strcmp(format, "yuv420p10le") ? "" :
		"! videoconvert dither=none ! video/x-raw,format=I420_10LE ";
	gchar *description = g_strdup_printf("filesrc name=src ! %s ! %s name=dec %s"
					     "! videocodectestsink name=sink",
					     *via ? via : "parsebin", decoder, convert);
	gint64 start = g_get_monotonic_time();
	gchar *checksum = NULL, *problem, *result;
	GstElement *pipeline, *element;
	GError *error = NULL;
	guint frames = 0;
	GstPad *pad;

	pipeline = gst_parse_launch(description, &error);
	g_free(description);
	if (error) {
		print_line(file, "error", error->message);
		g_clear_error(&error);
		if (pipeline)
			gst_object_unref(pipeline);
		return;
	}

	element = gst_bin_get_by_name(GST_BIN(pipeline), "src");
	g_object_set(element, "location", file, NULL);
	gst_object_unref(element);
	element = gst_bin_get_by_name(GST_BIN(pipeline), "dec");
	pad = gst_element_get_static_pad(element, "src");
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, count_frame, &frames, NULL);
	gst_object_unref(pad);
	gst_object_unref(element);

	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	problem = wait_for_end(pipeline, &checksum);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(pipeline);

	if (!problem && !checksum)
		problem = g_strdup("end of stream without a checksum");
	if (problem) {
		print_line(file, "error", problem);
	} else {
		result = g_strdup_printf("%s\t%u\t%" G_GINT64_FORMAT, checksum, frames,
					 (g_get_monotonic_time() - start) / 1000);
		printf("%s\tok\t%s\n", file, result);
		fflush(stdout);
		g_free(result);
	}
	g_free(problem);
	g_free(checksum);
}

int main(int argc, char **argv)
{
	GOptionContext *context = g_option_context_new("< LIST");
	GError *error = NULL;
	char line[4096];

	g_option_context_set_summary(context,
		"Decodes the streams listed on stdin (FILE<tab>FORMAT[<tab>ELEMENTS]) and prints their MD5.");
	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_add_group(context, gst_init_get_option_group());
	if (!g_option_context_parse(context, &argc, &argv, &error) || !decoder) {
		fprintf(stderr, "decode-md5: %s\n", error ? error->message :
			"which element? Give --decoder ELEMENT");
		return 2;
	}
	g_option_context_free(context);

	while (fgets(line, sizeof(line), stdin)) {
		gchar **fields = g_strsplit(g_strchomp(line), "\t", 3);
		guint n = g_strv_length(fields);

		if (n && *fields[0])
			decode(fields[0], n > 1 ? fields[1] : "", n > 2 ? fields[2] : "");
		g_strfreev(fields);
	}
	g_free(decoder);
	return 0;
}
