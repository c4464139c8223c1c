// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Decodes clips and compares each frame with the reference beside the clip.
 *
 *   e2e-decode [--decoder ELEMENT] [--output system|dmabuf|plain] [--streams N]
 *              [--restart] CLIP...
 *
 * With --streams, N pipelines decode the clip at the same time. With --restart,
 * they are stopped in mid-stream a few times before that (IVF only). One line for
 * each clip: "ok NAME" or "not ok NAME: REASON". Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_S 60

static gchar *decoder;
static gchar *output_name;
static gint num_streams = 1;
static gboolean restart;

static const GOptionEntry options[] = {
	{ "decoder", 'd', 0, G_OPTION_ARG_STRING, &decoder,
	  "Element with properties (default daedalusvp9dec)", "ELEMENT" },
	{ "output", 'o', 0, G_OPTION_ARG_STRING, &output_name,
	  "What is downstream: system (default), dmabuf or plain", "KIND" },
	{ "streams", 'n', 0, G_OPTION_ARG_INT, &num_streams,
	  "Pipelines at the same time (default 1)", "N" },
	{ "restart", 'r', 0, G_OPTION_ARG_NONE, &restart,
	  "Stop and start the pipelines before the decoding that counts", NULL },
	{ NULL }
};

/* One pipeline; its frames come in its streaming thread. */
struct stream {
	GstElement *pipeline;
	enum e2e_output output;
	GPtrArray *md5s;
	char *problem;
};

static void on_frame(GstPad *pad, GstBuffer *buffer, gpointer data)
{
	struct stream *stream = data;
	char *md5;

	if (stream->problem)
		return;
	md5 = e2e_frame_md5(buffer, pad, stream->output, &stream->problem);
	if (md5)
		g_ptr_array_add(stream->md5s, md5);
}

/* To READY or NULL at some moment, which drops what is in flight. */
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
	gst_object_unref(bus);
}

static gboolean decode(const char *file, enum e2e_output output)
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
		/* What parsebin makes does not outlive a restart. */
		char *source = restart ?
			g_strdup_printf("filesrc location=\"%s\" ! ivfparse ! vp9parse", file) :
			e2e_file_source(file);

		stream->output = output;
		stream->md5s = g_ptr_array_new_with_free_func(g_free);
		stream->pipeline = e2e_pipeline(source, decoder, output, on_frame, stream);
		g_free(source);
		if (restart)
			start_and_stop(stream);
		gst_element_set_state(stream->pipeline, GST_STATE_PLAYING);
	}
	for (i = 0; i < num_streams && streams[i].pipeline; i++) {
		struct stream *stream = &streams[i];
		char *failure = e2e_wait(stream->pipeline, GST_MESSAGE_EOS, TIMEOUT_S);

		gst_element_set_state(stream->pipeline, GST_STATE_NULL);
		gst_object_unref(stream->pipeline);
		if (!failure)
			failure = g_steal_pointer(&stream->problem);
		if (!failure)
			failure = e2e_compare(stream->md5s, references);
		if (failure && !problem)
			problem = num_streams == 1 ? g_strdup(failure) :
				g_strdup_printf("stream %d: %s", i, failure);
		g_free(failure);
		g_free(stream->problem);
		g_ptr_array_unref(stream->md5s);
	}
	ok = e2e_report(name, problem);
	g_strfreev(references);
	g_free(streams);
	g_free(name);
	return ok;
}

int main(int argc, char **argv)
{
	GOptionContext *context = g_option_context_new("CLIP...");
	enum e2e_output output = E2E_SYSTEM;
	GError *error = NULL;
	gboolean ok = TRUE;
	int i;

	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_add_group(context, gst_init_get_option_group());
	if (!g_option_context_parse(context, &argc, &argv, &error) || argc < 2 ||
	    num_streams < 1 || (output_name && !e2e_output_parse(output_name, &output))) {
		fprintf(stderr, "e2e-decode: %s\n", error ? error->message :
			"want e2e-decode [--output system|dmabuf|plain] [--streams N] [--restart] CLIP...");
		return 2;
	}
	g_option_context_free(context);
	if (!decoder)
		decoder = g_strdup("daedalusvp9dec");
	for (i = 1; i < argc; i++)
		ok = decode(argv[i], output) && ok;
	return ok ? 0 : 1;
}
