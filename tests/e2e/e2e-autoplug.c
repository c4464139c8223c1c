// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Plays clips with the elements that choose a decoder by themselves, and checks
 * which one they chose and that the frames are exact.
 *
 *   e2e-autoplug --expect ELEMENT[,ELEMENT...] [--player NAME] [--patience MS]
 *                [--stall ELEMENT] CLIP...
 *
 * One line for each clip and way to play, and a line "# RETRY" for each hang of GStreamer
 * that is played again. With --stall nothing reaches that element, for a test of this
 * test. Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <stdio.h>
#include <string.h>

#define USAGE "e2e-autoplug --expect ELEMENT[,ELEMENT...] [--player NAME] [--patience MS] " \
	"[--stall ELEMENT] CLIP..."

/* The time limit for frames from a decoder is this multiple of the patience. */
#define DECODER_PATIENCE 6

/*
 * Once in a while (4 of 240 times, natively, without a device, with vp9dec) decodebin3
 * of GStreamer 1.26.2 gets the stream's collection, tags and segment from urisourcebin,
 * but no buffer: the tasks of urisourcebin stand still, and no decoder is ever made. Only
 * such a hang is retried, at most this many times in total; a hang with a decoder is a
 * failure.
 */
#define MAX_RETRIES 2

static gchar *expected;
static gchar *only_player;
static gchar *stalled;
static gint patience_ms = 10000;
static gint retries;

static const GOptionEntry options[] = {
	{ "expect", 'e', 0, G_OPTION_ARG_STRING, &expected,
	  "Decoders of which one has to be chosen in the end", "ELEMENTS" },
	{ "player", 'p', 0, G_OPTION_ARG_STRING, &only_player,
	  "Way to play: decodebin, uridecodebin3, playbin or playbin3 (default all)", "NAME" },
	{ "patience", 't', 0, G_OPTION_ARG_INT, &patience_ms,
	  "Milliseconds until a decoder must be there (default 10000)", "MS" },
	{ "stall", 's', 0, G_OPTION_ARG_STRING, &stalled,
	  "Let nothing into elements of this name", "ELEMENT" },
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
	gboolean hung;		/* without a decoder; of the main thread */
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

static void on_element(GstBin *bin, GstBin *parent, GstElement *element, gpointer data)
{
	struct playing *playing = data;
	GstElementFactory *factory = gst_element_get_factory(element);

	(void)bin;
	(void)parent;
	if (factory && !g_strcmp0(stalled, GST_OBJECT_NAME(factory)))
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
			playing->hung = TRUE;
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
		gboolean hung = FALSE;

		if (!only_player || !strcmp(only_player, players[i].name)) {
			if (references)
				problem = play(file, &players[i], references, &hung);
			while (hung && retries < MAX_RETRIES) {
				retries++;
				printf("# RETRY %s: %s\n", name, problem);
				g_free(problem);
				problem = play(file, &players[i], references, &hung);
			}
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
	if (!expected || patience_ms <= 0)
		e2e_usage(USAGE);
	return e2e_test_clips(argc, argv, test);
}
