// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Plays clips with the elements that choose a decoder by themselves, and checks
 * which one they chose and that the frames are exact.
 *
 *   e2e-autoplug --expect ELEMENT[,ELEMENT...] CLIP...
 *
 * One line for each clip and way to play. Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <stdio.h>
#include <string.h>

#define USAGE "e2e-autoplug --expect ELEMENT[,ELEMENT...] CLIP..."
#define TIMEOUT_S 60

/*
 * With a short clip, decodebin3 of GStreamer 1.26 hangs once in a while before
 * the first frame, with software decoders as well. Only that is tried again.
 */
#define HANG_S 10
#define ATTEMPTS 5

static gchar *expected;

static const GOptionEntry options[] = {
	{ "expect", 'e', 0, G_OPTION_ARG_STRING, &expected,
	  "Decoders of which one has to be chosen in the end", "ELEMENTS" },
	{ NULL }
};

/* With the URI in place of %s. */
static const struct player {
	const char *name;
	const char *description;
	gboolean may_hang;
} players[] = {
	{ "decodebin", "urisourcebin uri=%s ! decodebin ! fakesink name=sink sync=false", FALSE },
	{ "uridecodebin3", "uridecodebin3 uri=%s ! fakesink name=sink sync=false", TRUE },
	{ "playbin", "playbin uri=%s video-sink=\"fakesink name=sink sync=false\"", FALSE },
	{ "playbin3", "playbin3 uri=%s video-sink=\"fakesink name=sink sync=false\"", TRUE },
};

struct playing {
	GMutex lock;		/* protects what is below */
	GPtrArray *md5s;
	char *decoder;		/* the last one that was added */
	char *problem;
	gboolean hung;		/* no frame at all; of the main thread */
};

static GstPadProbeReturn on_buffer(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct playing *playing = data;
	char *problem = NULL;
	char *md5 = e2e_frame_md5(GST_PAD_PROBE_INFO_BUFFER(info), pad, E2E_SYSTEM, &problem);

	g_mutex_lock(&playing->lock);
	if (md5)
		g_ptr_array_add(playing->md5s, md5);
	else if (!playing->problem)
		playing->problem = g_steal_pointer(&problem);
	g_mutex_unlock(&playing->lock);
	g_free(problem);
	return GST_PAD_PROBE_OK;
}

static void on_element(GstBin *bin, GstBin *parent, GstElement *element, gpointer data)
{
	struct playing *playing = data;
	GstElementFactory *factory = gst_element_get_factory(element);

	(void)bin;
	(void)parent;
	if (!factory || !gst_element_factory_list_is_type(factory,
			GST_ELEMENT_FACTORY_TYPE_DECODER | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO) ||
	    g_str_has_prefix(GST_OBJECT_NAME(factory), "decodebin"))
		return;
	g_mutex_lock(&playing->lock);
	g_free(playing->decoder);
	playing->decoder = g_strdup(GST_OBJECT_NAME(factory));
	g_mutex_unlock(&playing->lock);
}

/* Until the last frame has come; the end of stream is another test's. */
static char *wait_for_frames(GstElement *pipeline, struct playing *playing, guint n, gint seconds)
{
	GstBus *bus = gst_element_get_bus(pipeline);
	gint64 end = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
	char *problem = NULL;
	gboolean done = FALSE;

	while (!done && !problem) {
		GstMessage *msg = gst_bus_timed_pop_filtered(bus, 20 * GST_MSECOND,
							     GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

		if (msg && GST_MESSAGE_TYPE(msg) == GST_MESSAGE_ERROR)
			problem = e2e_error(msg);
		g_mutex_lock(&playing->lock);
		done = msg || playing->problem || playing->md5s->len >= n;
		if (!done && !problem && g_get_monotonic_time() > end) {
			problem = g_strdup_printf("%u of %u frames within %d s",
						  playing->md5s->len, n, seconds);
			playing->hung = !playing->md5s->len;
		}
		g_mutex_unlock(&playing->lock);
		g_clear_pointer(&msg, gst_message_unref);
	}
	gst_object_unref(bus);
	return problem;
}

static char *check_decoder(const char *chosen)
{
	char **names = g_strsplit(expected, ",", -1);
	char *problem = NULL;

	if (!chosen)
		problem = g_strdup("no decoder was chosen");
	else if (!g_strv_contains((const gchar *const *)names, chosen))
		problem = g_strdup_printf("%s was chosen, not %s", chosen, expected);
	g_strfreev(names);
	return problem;
}

static char *play(const char *file, const struct player *player, char **references, gboolean *hung)
{
	struct playing playing = { .md5s = g_ptr_array_new_with_free_func(g_free) };
	gchar *uri = gst_filename_to_uri(file, NULL);
	GString *description = g_string_new(player->description);
	GstElement *pipeline, *sink;
	GError *error = NULL;
	char *problem = NULL;
	GstPad *pad;

	g_string_replace(description, "%s", uri, 1);
	pipeline = gst_parse_launch(description->str, &error);
	if (error) {
		problem = g_strdup(error->message);
		g_error_free(error);
	} else {
		g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(on_element), &playing);
		sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
		if (!sink)
			g_object_get(pipeline, "video-sink", &sink, NULL);
		pad = gst_element_get_static_pad(sink, "sink");
		gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, &playing, NULL);
		gst_object_unref(pad);
		gst_object_unref(sink);
		gst_element_set_state(pipeline, GST_STATE_PLAYING);
		problem = wait_for_frames(pipeline, &playing, g_strv_length(references),
					  player->may_hang ? HANG_S : TIMEOUT_S);
		gst_element_set_state(pipeline, GST_STATE_NULL);
	}
	g_clear_object(&pipeline);
	if (!problem)
		problem = check_decoder(playing.decoder);
	if (!problem)
		problem = g_steal_pointer(&playing.problem);
	if (!problem)
		problem = e2e_compare(playing.md5s, references);
	*hung = playing.hung && player->may_hang;
	g_ptr_array_unref(playing.md5s);
	g_string_free(description, TRUE);
	g_free(playing.decoder);
	g_free(playing.problem);
	g_free(uri);
	return problem;
}

static gboolean test(const char *file)
{
	char **references = e2e_references(file);
	gchar *base = g_path_get_basename(file);
	gboolean ok = TRUE;

	for (guint i = 0; i < G_N_ELEMENTS(players); i++) {
		gchar *name = g_strdup_printf("%s by %s", base, players[i].name);
		char *problem = references ? NULL : g_strdup("no reference");
		gboolean hung = TRUE;

		for (int attempt = 1; references && hung && attempt <= ATTEMPTS; attempt++) {
			g_free(problem);
			problem = play(file, &players[i], references, &hung);
			if (hung)
				fprintf(stderr, "%s, attempt %d: %s\n", name, attempt, problem);
		}
		ok &= e2e_report(name, problem);
		g_free(name);
	}
	g_strfreev(references);
	g_free(base);
	return ok;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	if (!expected)
		e2e_usage(USAGE);
	return e2e_test_clips(argc, argv, test);
}
