// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A live source: the next superframe or access unit is sent only when the frame of
 * the one before has come out, so a decoder that waits for later input fails.
 *
 *   e2e-live [--decoder ELEMENT] [--output system|dmabuf|plain] CLIP...
 *
 * The frames of a clip must be coded in the order in which they are shown. One line
 * for each clip. Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <gst/app/gstappsrc.h>
#include <stdio.h>

#define USAGE "e2e-live [--decoder ELEMENT] [--output system|dmabuf|plain] CLIP..."
#define FRAME_DURATION (GST_SECOND / 25)
#define PATIENCE (10 * G_TIME_SPAN_SECOND)

static gchar *decoder;
static gchar *output_name;
static enum e2e_output kind = E2E_DMABUF;

static const GOptionEntry options[] = {
	{ "decoder", 'd', 0, G_OPTION_ARG_STRING, &decoder,
	  "Element with properties (default daedalusvp9dec)", "ELEMENT" },
	{ "output", 'o', 0, G_OPTION_ARG_STRING, &output_name,
	  "What is downstream: system, dmabuf (default) or plain", "KIND" },
	{ NULL }
};

struct output {
	GMutex lock;
	GCond cond;
	GPtrArray *md5s;
	char *problem;
};

static void on_frame(GstPad *pad, GstBuffer *buffer, gpointer data)
{
	struct output *output = data;
	char *problem = NULL;
	char *md5 = e2e_frame_md5(buffer, pad, kind, &problem);

	g_mutex_lock(&output->lock);
	if (md5)
		g_ptr_array_add(output->md5s, md5);
	else
		output->problem = problem;
	g_cond_signal(&output->cond);
	g_mutex_unlock(&output->lock);
}

/* Waits for @n frames. */
static char *wait_for_frames(struct output *output, guint n)
{
	gint64 end = g_get_monotonic_time() + PATIENCE;
	char *problem = NULL;

	g_mutex_lock(&output->lock);
	while (!output->problem && output->md5s->len < n &&
	       g_cond_wait_until(&output->cond, &output->lock, end))
		;
	if (output->problem)
		problem = g_steal_pointer(&output->problem);
	else if (output->md5s->len != n)
		problem = g_strdup_printf("%u frames came out after %u had gone in",
					  output->md5s->len, n);
	g_mutex_unlock(&output->lock);
	return problem;
}

static char *play(GstElement *pipeline, struct output *output, GPtrArray *units)
{
	GstElement *source = gst_bin_get_by_name(GST_BIN(pipeline), "src");
	char *problem = NULL, *end;

	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	for (guint i = 0; i < units->len && !problem; i++) {
		GstBuffer *buffer = gst_buffer_new_wrapped_bytes(g_ptr_array_index(units, i));

		GST_BUFFER_PTS(buffer) = i * FRAME_DURATION;
		GST_BUFFER_DURATION(buffer) = FRAME_DURATION;
		if (gst_app_src_push_buffer(GST_APP_SRC(source), buffer) != GST_FLOW_OK)
			problem = g_strdup_printf("unit %u was refused", i);
		else
			problem = wait_for_frames(output, i + 1);
	}
	gst_app_src_end_of_stream(GST_APP_SRC(source));
	end = e2e_wait(pipeline, GST_MESSAGE_EOS, PATIENCE / G_TIME_SPAN_SECOND);
	if (!problem)
		problem = g_steal_pointer(&end);
	g_free(end);
	gst_object_unref(source);
	return problem;
}

static gboolean test(const char *file)
{
	struct output output = { .md5s = g_ptr_array_new_with_free_func(g_free) };
	char *source = NULL;
	GPtrArray *units = e2e_read_units(file, &source);
	char **references = e2e_references(file);
	gchar *name = g_path_get_basename(file);
	char *problem;
	gboolean ok;

	if (units && references) {
		GstElement *pipeline = e2e_pipeline(source, decoder, kind, on_frame, &output);

		problem = play(pipeline, &output, units);
		gst_element_set_state(pipeline, GST_STATE_NULL);
		gst_object_unref(pipeline);
		if (!problem)
			problem = e2e_compare(output.md5s, references);
	} else {
		problem = g_strdup("no clip or no reference");
	}
	ok = e2e_report(name, problem);
	g_clear_pointer(&units, g_ptr_array_unref);
	g_free(source);
	g_ptr_array_unref(output.md5s);
	g_free(output.problem);
	g_strfreev(references);
	g_free(name);
	return ok;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	if (output_name && !e2e_output_parse(output_name, &kind))
		e2e_usage(USAGE);
	if (!decoder)
		decoder = g_strdup("daedalusvp9dec");
	return e2e_test_clips(argc, argv, test);
}
