// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Decodes clips and compares each frame with the reference beside the clip.
 *
 *   e2e-decode [--decoder ELEMENT] [--output system|dmabuf|plain] [--streams N]
 *              [--restart] [--via ELEMENTS] [--captions] [--last N] CLIP...
 *
 * With --streams, N pipelines decode the clip at the same time. With --restart,
 * they are stopped in mid-stream a few times before that (IVF and raw clips only).
 * With --captions, each frame must have those of CLIP's .captions file. With --last,
 * only so many frames at the end need be right. One line for each clip: "ok NAME" or
 * "not ok NAME: REASON". Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>

#define USAGE "e2e-decode [--decoder ELEMENT] [--output system|dmabuf|plain] [--streams N] " \
	"[--restart] [--via ELEMENTS] [--captions] [--last N] CLIP..."
#define TIMEOUT_S 60

static gchar *decoder;
static gchar *output_name;
static gint num_streams = 1;
static gboolean restart;
static gchar *via;
static gboolean captions;
static gint last;

static enum e2e_output output;

static const GOptionEntry options[] = {
	{ "decoder", 'd', 0, G_OPTION_ARG_STRING, &decoder,
	  "Element with properties (default daedalusvp9dec)", "ELEMENT" },
	{ "output", 'o', 0, G_OPTION_ARG_STRING, &output_name,
	  "What is downstream: system (default), dmabuf or plain", "KIND" },
	{ "streams", 'n', 0, G_OPTION_ARG_INT, &num_streams,
	  "Pipelines at the same time (default 1)", "N" },
	{ "restart", 'r', 0, G_OPTION_ARG_NONE, &restart,
	  "Stop and start the pipelines before the decoding that counts", NULL },
	{ "via", 'v', 0, G_OPTION_ARG_STRING, &via,
	  "What is between the file and the decoder (default parsebin)", "ELEMENTS" },
	{ "captions", 'c', 0, G_OPTION_ARG_NONE, &captions,
	  "Compare the closed captions too", NULL },
	{ "last", 'l', 0, G_OPTION_ARG_INT, &last,
	  "Frames at the end that are compared (default all)", "N" },
	{ NULL }
};

/* One pipeline; its frames come in its streaming thread. */
struct stream {
	GstElement *pipeline;
	GPtrArray *md5s;
	GPtrArray *captions;
	char *problem;
};

/* The bytes of all captions of a frame in hex. */
static char *captions_of(GstBuffer *buffer)
{
	GString *text = g_string_new(NULL);
	gpointer state = NULL;
	GstMeta *meta;

	while ((meta = gst_buffer_iterate_meta_filtered(buffer, &state,
							GST_VIDEO_CAPTION_META_API_TYPE))) {
		const GstVideoCaptionMeta *caption = (GstVideoCaptionMeta *)meta;

		for (gsize i = 0; i < caption->size; i++)
			g_string_append_printf(text, "%02x", caption->data[i]);
	}
	return g_string_free(text, FALSE);
}

static void on_frame(GstPad *pad, GstBuffer *buffer, gpointer data)
{
	struct stream *stream = data;
	char *md5;

	if (stream->problem)
		return;
	md5 = e2e_frame_md5(buffer, pad, output, &stream->problem);
	if (!md5)
		return;
	g_ptr_array_add(stream->md5s, md5);
	g_ptr_array_add(stream->captions, captions_of(buffer));
}

/* Sets the state to READY or NULL at some moment, which drops the frames in flight. */
static void start_and_stop(struct stream *stream)
{
	GstBus *bus = gst_element_get_bus(stream->pipeline);

	for (int i = 0; i < 8; i++) {
		gst_element_set_state(stream->pipeline, GST_STATE_PLAYING);
		g_usleep(i * 15000);
		gst_element_set_state(stream->pipeline, i % 2 ? GST_STATE_READY : GST_STATE_NULL);
	}
	gst_bus_set_flushing(bus, TRUE);
	gst_bus_set_flushing(bus, FALSE);
	g_ptr_array_set_size(stream->md5s, 0);
	g_ptr_array_set_size(stream->captions, 0);
	gst_object_unref(bus);
}

/* Compares the frames with the reference; with --last, only the last ones. */
static char *compare(GPtrArray *got, char **lines)
{
	guint n = g_strv_length(lines);

	if (last && got->len > (guint)last)
		g_ptr_array_remove_range(got, 0, got->len - last);
	return e2e_compare(got, lines + (last && n > (guint)last ? n - last : 0));
}

static char *finish(struct stream *stream, const char *file, char **references)
{
	char *problem = e2e_wait(stream->pipeline, GST_MESSAGE_EOS, TIMEOUT_S);

	gst_element_set_state(stream->pipeline, GST_STATE_NULL);
	gst_object_unref(stream->pipeline);
	if (!problem)
		problem = g_steal_pointer(&stream->problem);
	if (!problem)
		problem = compare(stream->md5s, references);
	if (!problem && captions) {
		char **lines = e2e_lines(file, "captions");

		problem = lines ? compare(stream->captions, lines) :
			g_strdup("it has no list of captions");
		g_strfreev(lines);
	}
	g_free(stream->problem);
	g_ptr_array_unref(stream->md5s);
	g_ptr_array_unref(stream->captions);
	return problem;
}

static gboolean decode(const char *file)
{
	struct stream *streams = g_new0(struct stream, num_streams);
	char **references = e2e_references(file);
	gchar *name = g_path_get_basename(file);
	char *problem = NULL;
	gboolean ok;
	gint i;

	if (!references)
		problem = g_strdup("it has no reference");
	for (i = 0; i < num_streams && !problem; i++) {
		struct stream *stream = &streams[i];
		/* Elements that parsebin creates do not survive a restart. */
		char *source = restart ? e2e_static_source(file) :
			e2e_file_source(file, via ? via : "parsebin");

		stream->md5s = g_ptr_array_new_with_free_func(g_free);
		stream->captions = g_ptr_array_new_with_free_func(g_free);
		stream->pipeline = e2e_pipeline(source, decoder, output, on_frame, stream);
		g_free(source);
		if (restart)
			start_and_stop(stream);
		gst_element_set_state(stream->pipeline, GST_STATE_PLAYING);
	}
	for (i = 0; i < num_streams && streams[i].pipeline; i++) {
		char *failure = finish(&streams[i], file, references);

		if (failure && !problem)
			problem = num_streams == 1 ? g_strdup(failure) :
				g_strdup_printf("stream %d: %s", i, failure);
		g_free(failure);
	}
	ok = e2e_report(name, problem);
	g_strfreev(references);
	g_free(streams);
	g_free(name);
	return ok;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	if (num_streams < 1 || last < 0 || (output_name && !e2e_output_parse(output_name, &output)))
		e2e_usage(USAGE);
	if (!decoder)
		decoder = g_strdup("daedalusvp9dec");
	return e2e_test_clips(argc, argv, decode);
}
