// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Downstream keeps pictures, as an encoder with look-ahead does, or plays backwards.
 *
 *   e2e-hold [--decoder ELEMENT] [--output system|dmabuf|plain|both] [--keep N] [--min N]
 *            [--reverse] [--copies none|some|all] CLIP...
 *
 * The last N frames are kept (default 45) and released in order; when a frame is released
 * it must still be that of the reference. With --min, downstream says in the allocation
 * query that it keeps so many. With --reverse the clip, which must be seekable,
 * is played from its end to its start. --copies is how many frames may be copies of the
 * decoder's buffers, in system memory: by default any number. If frames are copied, the
 * element says so in one performance warning, and in none otherwise. One line for each clip.
 * Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <gst/allocators/allocators.h>
#include <string.h>

#define USAGE "e2e-hold [--decoder ELEMENT] [--output system|dmabuf|plain|both] [--keep N] " \
	"[--min N] [--reverse] [--copies none|some|all] CLIP..."
#define TIMEOUT_S 60

static gchar *decoder;
static gchar *output_name;
static gint keep = 45;
static gint min;
static gboolean reverse;
static gchar *copies;
static enum e2e_output output;
static gint warnings;		/* performance warnings of the decoder, atomic */

static const GOptionEntry options[] = {
	{ "decoder", 'd', 0, G_OPTION_ARG_STRING, &decoder,
	  "Element with properties (default daedalusvp9dec)", "ELEMENT" },
	{ "output", 'o', 0, G_OPTION_ARG_STRING, &output_name,
	  "What is downstream: system (default), dmabuf, plain or both", "KIND" },
	{ "keep", 'k', 0, G_OPTION_ARG_INT, &keep, "Frames that downstream keeps (default 45)",
	  "N" },
	{ "min", 'm', 0, G_OPTION_ARG_INT, &min,
	  "Buffers that downstream asks for in the allocation query", "N" },
	{ "reverse", 'r', 0, G_OPTION_ARG_NONE, &reverse, "Play backwards", NULL },
	{ "copies", 'c', 0, G_OPTION_ARG_STRING, &copies,
	  "Frames that may be copies: none, some or all (default any number)", "HOW MANY" },
	{ NULL }
};

/* The fields are those of the streaming thread until the pipeline has ended. */
struct holder {
	GQueue kept;		/* of GstBuffer, oldest first */
	GPtrArray *md5s;	/* of the frames that were released */
	guint copied;
	char *problem;
};

/* The oldest frame, which may have been overwritten while it was kept. */
static void release_oldest(struct holder *holder, GstPad *pad)
{
	GstBuffer *buffer = g_queue_pop_head(&holder->kept);
	char *md5 = NULL;

	if (!holder->problem)
		md5 = e2e_frame_md5(buffer, pad, output, &holder->problem);
	if (md5)
		g_ptr_array_add(holder->md5s, md5);
	gst_buffer_unref(buffer);
}

static void on_frame(GstPad *pad, GstBuffer *buffer, gpointer data)
{
	struct holder *holder = data;

	holder->copied += !gst_is_dmabuf_memory(gst_buffer_peek_memory(buffer, 0));
	g_queue_push_tail(&holder->kept, gst_buffer_ref(buffer));
	if (holder->kept.length > (guint)keep)
		release_oldest(holder, pad);
}

static void on_log(GstDebugCategory *category, GstDebugLevel level, const gchar *file,
		   const gchar *function, gint line, GObject *object, GstDebugMessage *message,
		   gpointer data)
{
	(void)file;
	(void)function;
	(void)line;
	(void)data;
	if (level != GST_LEVEL_WARNING || !object || !GST_IS_ELEMENT(object) ||
	    strcmp(gst_debug_category_get_name(category), "GST_PERFORMANCE") ||
	    strcmp(GST_OBJECT_NAME(object), "dec"))
		return;
	g_printerr("e2e-hold: %s\n", gst_debug_message_get(message));
	g_atomic_int_inc(&warnings);
}

static GstPadProbeReturn on_flush(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct holder *holder = data;

	(void)pad;
	if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_FLUSH_STOP)
		return GST_PAD_PROBE_OK;
	g_queue_clear_full(&holder->kept, (GDestroyNotify)gst_buffer_unref);
	g_ptr_array_set_size(holder->md5s, 0);
	holder->copied = 0;
	return GST_PAD_PROBE_OK;
}

/* After the answer of downstream. */
static GstPadProbeReturn ask_for_buffers(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);

	(void)pad;
	(void)data;
	if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION)
		gst_query_add_allocation_pool(query, NULL, 1, min, 0);
	return GST_PAD_PROBE_OK;
}

/* Seeks to the end, backwards; waits until the last frame is there. */
static char *turn_around(GstElement *pipeline)
{
	gst_element_set_state(pipeline, GST_STATE_PAUSED);
	if (gst_element_get_state(pipeline, NULL, NULL, TIMEOUT_S * GST_SECOND) !=
	    GST_STATE_CHANGE_SUCCESS)
		return g_strdup("no preroll");
	if (!gst_element_seek(pipeline, -1.0, GST_FORMAT_TIME,
			      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, 0,
			      GST_SEEK_TYPE_END, 0))
		return g_strdup("the seek failed");
	return NULL;
}

static void turn_lines_around(char **lines)
{
	for (guint i = 0, j = g_strv_length(lines); i + 1 < j; i++, j--) {
		char *line = lines[i];

		lines[i] = lines[j - 1];
		lines[j - 1] = line;
	}
}

static char *check_copies(const struct holder *holder)
{
	guint frames = holder->md5s->len, least = 0, most = frames;
	gint said = g_atomic_int_get(&warnings);

	if (!g_strcmp0(copies, "none"))
		most = 0;
	else if (!g_strcmp0(copies, "some"))
		least = 1, most = frames - 1;
	else if (!g_strcmp0(copies, "all"))
		least = frames;
	if (holder->copied < least || holder->copied > most)
		return g_strdup_printf("%u of %u frames were copied, expected %s", holder->copied,
				       frames, copies);
	/* DMA-BUFs are never copied; there, a warning has another reason. */
	if (holder->copied ? said != 1 : said && output == E2E_SYSTEM)
		return g_strdup_printf("%d performance warnings for %u copies", said,
				       holder->copied);
	return NULL;
}

static char *play(GstElement *pipeline, struct holder *holder, char **references)
{
	GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
	GstPad *pad = gst_element_get_static_pad(sink, "sink");
	char *problem = NULL;

	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_FLUSH, on_flush, holder, NULL);
	if (min) {
		GstElement *dec = gst_bin_get_by_name(GST_BIN(pipeline), "dec");
		GstPad *out = gst_element_get_static_pad(dec, "src");

		gst_pad_add_probe(out, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM |
				       GST_PAD_PROBE_TYPE_PULL, ask_for_buffers, NULL, NULL);
		gst_object_unref(out);
		gst_object_unref(dec);
	}
	if (reverse) {
		problem = turn_around(pipeline);
		turn_lines_around(references);
	}
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	if (!problem)
		problem = e2e_wait(pipeline, GST_MESSAGE_EOS, TIMEOUT_S);
	while (!problem && holder->kept.length)
		release_oldest(holder, pad);
	/* What is kept is let go before the decoder, as it would be by a player. */
	g_queue_clear_full(&holder->kept, (GDestroyNotify)gst_buffer_unref);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(pad);
	gst_object_unref(sink);
	return problem;
}

static gboolean test(const char *file)
{
	struct holder holder = { .md5s = g_ptr_array_new_with_free_func(g_free) };
	char *source = e2e_file_source(file, "parsebin"), **references = e2e_references(file);
	gchar *base = g_path_get_basename(file), *name;
	char *problem = NULL;
	gboolean ok;

	g_atomic_int_set(&warnings, 0);
	if (references) {
		GstElement *pipeline = e2e_pipeline(source, decoder, output, on_frame, &holder);

		problem = play(pipeline, &holder, references);
		gst_object_unref(pipeline);
		if (!problem)
			problem = g_steal_pointer(&holder.problem);
		if (!problem)
			problem = e2e_compare(holder.md5s, references);
		if (!problem)
			problem = check_copies(&holder);
	} else {
		problem = g_strdup("it has no reference");
	}
	name = g_strdup_printf("%s, %u copied", base, holder.copied);
	ok = e2e_report(problem ? base : name, problem);
	g_ptr_array_unref(holder.md5s);
	g_free(holder.problem);
	g_strfreev(references);
	g_free(source);
	g_free(name);
	g_free(base);
	return ok;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	if (keep < 0 || (output_name && !e2e_output_parse(output_name, &output)))
		e2e_usage(USAGE);
	if (!decoder)
		decoder = g_strdup("daedalusvp9dec");
	gst_debug_set_active(TRUE);
	gst_debug_set_threshold_for_name("GST_PERFORMANCE", GST_LEVEL_WARNING);
	gst_debug_remove_log_function(gst_debug_log_default);
	gst_debug_add_log_function(on_log, NULL, NULL);
	return e2e_test_clips(argc, argv, test);
}
