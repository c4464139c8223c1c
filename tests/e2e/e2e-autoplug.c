// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Plays clips with the elements that choose a decoder by themselves, and checks
 * which one they chose and that the frames are exact.
 *
 *   e2e-autoplug --expect ELEMENT[,ELEMENT...] [--player NAME] [--patience MS]
 *                [--stall ELEMENT] [--pause MS] CLIP...
 *
 * One line for each clip and way to play. With --stall nothing reaches that element, for
 * a test of this test; with --pause a player waits that long after its source has started.
 * Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <stdio.h>
#include <string.h>

#define USAGE "e2e-autoplug --expect ELEMENT[,ELEMENT...] [--player NAME] [--patience MS] " \
	"[--stall ELEMENT] [--pause MS] CLIP..."

/* The time limit for frames from a decoder is this multiple of the patience. */
#define DECODER_PATIENCE 6

static gchar *expected;
static gchar *only_player;
static gchar *stalled;
static gint patience_ms = 10000;
static gint pause_ms;

static const GOptionEntry options[] = {
	{ "expect", 'e', 0, G_OPTION_ARG_STRING, &expected,
	  "Decoders of which one has to be chosen in the end", "ELEMENTS" },
	{ "player", 'p', 0, G_OPTION_ARG_STRING, &only_player,
	  "Way to play: decodebin, uridecodebin3, playbin or playbin3 (default all)", "NAME" },
	{ "patience", 't', 0, G_OPTION_ARG_INT, &patience_ms,
	  "Milliseconds until a decoder must be there (default 10000)", "MS" },
	{ "stall", 's', 0, G_OPTION_ARG_STRING, &stalled,
	  "Let nothing into elements of this name", "ELEMENT" },
	{ "pause", 0, 0, G_OPTION_ARG_INT, &pause_ms,
	  "Milliseconds to wait when a urisourcebin is in PAUSED (default 0)", "MS" },
	{ NULL }
};

/* With the URI in place of %s. */
static const struct player {
	const char *name;
	const char *description;
} players[] = {
	{ "decodebin", "urisourcebin uri=%s ! decodebin ! fakesink name=sink sync=false" },
	{ "uridecodebin3", "uridecodebin3 uri=%s ! fakesink name=sink sync=false" },
	{ "playbin", "playbin uri=%s video-sink=\"fakesink name=sink sync=false\"" },
	{ "playbin3", "playbin3 uri=%s video-sink=\"fakesink name=sink sync=false\"" },
};

struct playing {
	GMutex lock;		/* protects what is below */
	GPtrArray *md5s;
	char *decoder;		/* the last one that was added */
	char *problem;
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

static GstPadProbeReturn drop(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	(void)pad;
	(void)info;
	(void)data;
	return GST_PAD_PROBE_DROP;
}

static void stall(GstElement *element)
{
	GstPad *pad = gst_element_get_static_pad(element, "sink");

	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM, drop, NULL, NULL);
	gst_object_unref(pad);
}

/*
 * uridecodebin3 of GStreamer 1.26.2 starts its urisourcebin before its decodebin3. What
 * the source sends in between meets pads that still flush, the source's task pauses for
 * good, and no decoder is ever made. So decodebin3 starts when the source is added.
 */
static void start_decodebin3(GstBin *uridecodebin3)
{
	GstIterator *children = gst_bin_iterate_all_by_element_factory_name(uridecodebin3,
									    "decodebin3");
	GValue child = G_VALUE_INIT;

	while (gst_iterator_next(children, &child) == GST_ITERATOR_OK) {
		gst_element_set_state(g_value_get_object(&child), GST_STATE_PAUSED);
		g_value_unset(&child);
	}
	gst_iterator_free(children);
}

static gboolean is_a(gpointer object, const char *factory_name)
{
	GstElementFactory *factory = GST_IS_ELEMENT(object) ? gst_element_get_factory(object) : NULL;

	return factory && !strcmp(GST_OBJECT_NAME(factory), factory_name);
}

/* In the thread that changes the source's state, before it goes on to the next element. */
static GstBusSyncReply pause_after_source(GstBus *bus, GstMessage *msg, gpointer data)
{
	GstState state;

	(void)bus;
	(void)data;
	if (GST_MESSAGE_TYPE(msg) == GST_MESSAGE_STATE_CHANGED &&
	    is_a(GST_MESSAGE_SRC(msg), "urisourcebin")) {
		gst_message_parse_state_changed(msg, NULL, &state, NULL);
		if (state == GST_STATE_PAUSED)
			g_usleep(pause_ms * G_TIME_SPAN_MILLISECOND);
	}
	return GST_BUS_PASS;
}

static void on_element(GstBin *bin, GstBin *parent, GstElement *element, gpointer data)
{
	struct playing *playing = data;
	GstElementFactory *factory = gst_element_get_factory(element);

	(void)bin;
	if (is_a(element, "urisourcebin") && is_a(parent, "uridecodebin3"))
		start_decodebin3(parent);
	if (stalled && is_a(element, stalled))
		stall(element);
	if (!factory || !gst_element_factory_list_is_type(factory,
			GST_ELEMENT_FACTORY_TYPE_DECODER | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO) ||
	    g_str_has_prefix(GST_OBJECT_NAME(factory), "decodebin"))
		return;
	g_mutex_lock(&playing->lock);
	g_free(playing->decoder);
	playing->decoder = g_strdup(GST_OBJECT_NAME(factory));
	g_mutex_unlock(&playing->lock);
}

/* Waits for the last frame; another test checks the end of stream. */
static char *wait_for_frames(GstElement *pipeline, struct playing *playing, guint n)
{
	GstBus *bus = gst_element_get_bus(pipeline);
	gint64 patience = patience_ms * G_TIME_SPAN_MILLISECOND;
	gint64 start = g_get_monotonic_time();
	char *problem = NULL;
	gboolean done = FALSE;

	while (!done && !problem) {
		GstMessage *msg = gst_bus_timed_pop_filtered(bus, 20 * GST_MSECOND,
							     GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

		if (msg && GST_MESSAGE_TYPE(msg) == GST_MESSAGE_ERROR)
			problem = e2e_error(msg);
		g_mutex_lock(&playing->lock);
		done = msg || playing->problem || playing->md5s->len >= n;
		if (!done && !problem && !playing->decoder &&
		    g_get_monotonic_time() > start + patience) {
			problem = g_strdup_printf("no decoder within %d ms", patience_ms);
		} else if (!done && !problem &&
			   g_get_monotonic_time() > start + DECODER_PATIENCE * patience) {
			problem = g_strdup_printf("%u of %u frames from %s within %d ms",
						  playing->md5s->len, n, playing->decoder,
						  DECODER_PATIENCE * patience_ms);
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

static char *play(const char *file, const struct player *player, char **references)
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
		GstBus *bus = gst_element_get_bus(pipeline);

		if (pause_ms)
			gst_bus_set_sync_handler(bus, pause_after_source, NULL, NULL);
		gst_object_unref(bus);
		g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(on_element), &playing);
		sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
		if (!sink)
			g_object_get(pipeline, "video-sink", &sink, NULL);
		pad = gst_element_get_static_pad(sink, "sink");
		gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, &playing, NULL);
		gst_object_unref(pad);
		gst_object_unref(sink);
		gst_element_set_state(pipeline, GST_STATE_PLAYING);
		problem = wait_for_frames(pipeline, &playing, g_strv_length(references));
		gst_element_set_state(pipeline, GST_STATE_NULL);
	}
	g_clear_object(&pipeline);
	if (!problem)
		problem = check_decoder(playing.decoder);
	if (!problem)
		problem = g_steal_pointer(&playing.problem);
	if (!problem)
		problem = e2e_compare(playing.md5s, references);
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

		if (!only_player || !strcmp(only_player, players[i].name)) {
			if (references)
				problem = play(file, &players[i], references);
			ok &= e2e_report(name, problem);
		}
		g_free(name);
	}
	g_strfreev(references);
	g_free(base);
	return ok;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	if (!expected || patience_ms <= 0 || pause_ms < 0)
		e2e_usage(USAGE);
	return e2e_test_clips(argc, argv, test);
}
