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

#define TIMEOUT_S 60

static gchar *expected;

static const GOptionEntry options[] = {
	{ "expect", 'e', 0, G_OPTION_ARG_STRING, &expected,
	  "Decoders of which one has to be chosen in the end", "ELEMENTS" },
	{ NULL }
};

/* With the URI in place of %s. */
static const struct {
	const char *name;
	const char *description;
} players[] = {
	{ "decodebin", "urisourcebin uri=%s ! decodebin ! fakesink name=sink sync=false" },
	{ "uridecodebin3", "uridecodebin3 uri=%s ! fakesink name=sink sync=false" },
	{ "playbin", "playbin uri=%s video-sink=\"fakesink name=sink sync=false\"" },
	{ "playbin3", "playbin3 uri=%s video-sink=\"fakesink name=sink sync=false\"" },
};

struct playing {
	GPtrArray *md5s;
	GMutex lock;
	char *decoder;		/* the last one that was added */
	char *problem;
};

static GstPadProbeReturn on_buffer(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct playing *playing = data;
	char *md5;

	if (playing->problem)
		return GST_PAD_PROBE_OK;
	md5 = e2e_frame_md5(GST_PAD_PROBE_INFO_BUFFER(info), pad, E2E_SYSTEM, &playing->problem);
	if (md5)
		g_ptr_array_add(playing->md5s, md5);
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

static char *play(const char *file, const char *format, char **references)
{
	struct playing playing = { .md5s = g_ptr_array_new_with_free_func(g_free) };
	gchar *uri = gst_filename_to_uri(file, NULL);
	GString *description = g_string_new(format);
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
		problem = e2e_wait(pipeline, GST_MESSAGE_EOS, TIMEOUT_S);
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

		ok &= e2e_report(name, references ?
				 play(file, players[i].description, references) :
				 g_strdup("no reference"));
		g_free(name);
	}
	g_strfreev(references);
	g_free(base);
	return ok;
}

int main(int argc, char **argv)
{
	GOptionContext *context = g_option_context_new("CLIP...");
	GError *error = NULL;
	gboolean ok = TRUE;

	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_add_group(context, gst_init_get_option_group());
	if (!g_option_context_parse(context, &argc, &argv, &error) || argc < 2 || !expected) {
		fprintf(stderr, "e2e-autoplug: %s\n", error ? error->message :
			"want e2e-autoplug --expect ELEMENT[,ELEMENT...] CLIP...");
		return 2;
	}
	g_option_context_free(context);
	for (int i = 1; i < argc; i++)
		ok = test(argv[i]) && ok;
	g_free(expected);
	return ok ? 0 : 1;
}
