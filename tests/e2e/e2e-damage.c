// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Damages frames in front of the decoder and checks what becomes of the others.
 *
 *   e2e-damage [--decoder ELEMENT] [--via ELEMENTS] [--frame N]... [--kind header|payload]
 *              [--replace CLIP] [--max-lost N] [--flagged none|some] CLIP...
 *
 * The coded frames N (default 20) are damaged: all of their bytes ("header", which the
 * element refuses) or those of their second half ("payload", which the device finds).
 * With --replace, the first coded frame of another clip takes their place instead. The
 * stream must go on to its end. A frame that is not flagged CORRUPTED must be exact and have
 * the timestamp that it has in the clip without damage; at most --max-lost frames (default
 * any number) may be missing. --flagged is how many have the flag. The element must ask
 * upstream for a key frame, but not once for each frame. One line for each clip. Exit
 * status 0 if all are ok.
 */
#include "e2e.h"

#include <string.h>

#define USAGE "e2e-damage [--decoder ELEMENT] [--via ELEMENTS] [--frame N]... " \
	"[--kind header|payload] [--replace CLIP] [--max-lost N] [--flagged none|some] CLIP..."
#define TIMEOUT_S 60

static gchar *decoder;
static gchar *via;
static gchar **frames;
static gchar *kind;
static gchar *replacement_file;
static gint max_lost = -1;
static gchar *flagged;

static const GOptionEntry options[] = {
	{ "decoder", 'd', 0, G_OPTION_ARG_STRING, &decoder,
	  "Element with properties (default daedalusvp9dec)", "ELEMENT" },
	{ "via", 'v', 0, G_OPTION_ARG_STRING, &via,
	  "What is between the file and the decoder (default parsebin)", "ELEMENTS" },
	{ "frame", 'f', 0, G_OPTION_ARG_STRING_ARRAY, &frames,
	  "Coded frame that is damaged, from 0 (default 20)", "N" },
	{ "kind", 'k', 0, G_OPTION_ARG_STRING, &kind, "header (default) or payload", "KIND" },
	{ "replace", 'p', 0, G_OPTION_ARG_STRING, &replacement_file,
	  "Clip whose first frame takes the place of the damaged one", "CLIP" },
	{ "max-lost", 'l', 0, G_OPTION_ARG_INT, &max_lost, "Frames that may be missing", "N" },
	{ "flagged", 'c', 0, G_OPTION_ARG_STRING, &flagged,
	  "Frames with the flag CORRUPTED: none or some", "HOW MANY" },
	{ NULL }
};

struct frame {
	GstClockTime time;
	char *md5;
	gboolean corrupted;
};

struct run {
	gboolean damage;
	GBytes *replacement;	/* NULL: none */
	guint inputs;
	GArray *frames;
	gint key_requests;	/* atomic */
	char *problem;
};

static void clear_frame(gpointer data)
{
	g_free(((struct frame *)data)->md5);
}

static void on_frame(GstPad *pad, GstBuffer *buffer, gpointer data)
{
	struct run *run = data;
	struct frame frame = {
		.time = GST_BUFFER_PTS(buffer),
		.corrupted = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_CORRUPTED),
	};

	if (run->problem)
		return;
	frame.md5 = e2e_frame_md5(buffer, pad, E2E_SYSTEM, &run->problem);
	if (frame.md5)
		g_array_append_val(run->frames, frame);
}

static gboolean is_to_damage(guint n)
{
	for (guint i = 0; frames && frames[i]; i++) {
		if (g_ascii_strtoull(frames[i], NULL, 10) == n)
			return TRUE;
	}
	return !frames && n == 20;
}

/* The bytes of @old with damage, to be freed. */
static guint8 *damaged(const struct run *run, GstBuffer *old, gsize *size)
{
	gsize first = 0;
	gpointer data;

	if (run->replacement) {
		const guint8 *bytes = g_bytes_get_data(run->replacement, size);

		return g_memdup2(bytes, *size);
	}
	gst_buffer_extract_dup(old, 0, -1, &data, size);
	if (!g_strcmp0(kind, "payload"))
		first = *size / 2;
	for (gsize i = first; i < *size; i++)
		((guint8 *)data)[i] = first ? i * 89 + 3 : 0;
	return data;
}

static GstPadProbeReturn on_input(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct run *run = data;
	GstBuffer *old = GST_PAD_PROBE_INFO_BUFFER(info), *buffer;
	guint8 *bytes;
	gsize size;

	(void)pad;
	if (!is_to_damage(run->inputs++) || !run->damage)
		return GST_PAD_PROBE_OK;
	bytes = damaged(run, old, &size);
	buffer = gst_buffer_new_wrapped(bytes, size);
	gst_buffer_copy_into(buffer, old, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0,
			     -1);
	gst_buffer_unref(old);
	GST_PAD_PROBE_INFO_DATA(info) = buffer;
	return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn on_upstream(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct run *run = data;

	(void)pad;
	if (gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
		g_atomic_int_inc(&run->key_requests);
	return GST_PAD_PROBE_OK;
}

static void decode(const char *file, struct run *run)
{
	char *source = e2e_file_source(file, via ? via : "parsebin"), *problem;
	GstElement *pipeline = e2e_pipeline(source, decoder, E2E_SYSTEM, on_frame, run), *dec;
	GstPad *pad;

	dec = gst_bin_get_by_name(GST_BIN(pipeline), "dec");
	pad = gst_element_get_static_pad(dec, "sink");
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_input, run, NULL);
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream, run, NULL);
	gst_object_unref(pad);
	gst_object_unref(dec);

	run->frames = g_array_new(FALSE, FALSE, sizeof(struct frame));
	g_array_set_clear_func(run->frames, clear_frame);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	problem = e2e_wait(pipeline, GST_MESSAGE_EOS, TIMEOUT_S);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(pipeline);
	g_free(source);
	if (run->problem)
		g_free(problem);
	else
		run->problem = problem;
}

static const struct frame *find(const GArray *all, GstClockTime time)
{
	for (guint i = 0; i < all->len; i++) {
		if (g_array_index(all, struct frame, i).time == time)
			return &g_array_index(all, struct frame, i);
	}
	return NULL;
}

static char *compare(const struct run *good, const struct run *bad, guint *n_flagged)
{
	GstClockTime last = 0;

	*n_flagged = 0;
	for (guint i = 0; i < bad->frames->len; i++) {
		const struct frame *frame = &g_array_index(bad->frames, struct frame, i);
		const struct frame *want = find(good->frames, frame->time);

		*n_flagged += frame->corrupted;
		if (!want)
			return g_strdup_printf("frame %u has the time %" GST_TIME_FORMAT
					       " of no frame", i, GST_TIME_ARGS(frame->time));
		if (i && frame->time <= last)
			return g_strdup_printf("frame %u has the time %" GST_TIME_FORMAT
					       " after %" GST_TIME_FORMAT, i,
					       GST_TIME_ARGS(frame->time), GST_TIME_ARGS(last));
		last = frame->time;
		if (!frame->corrupted && strcmp(frame->md5, want->md5))
			return g_strdup_printf("the frame of %" GST_TIME_FORMAT " is another one",
					       GST_TIME_ARGS(frame->time));
	}
	if (max_lost >= 0 && bad->frames->len + max_lost < good->frames->len)
		return g_strdup_printf("%u of %u frames are missing",
				       good->frames->len - bad->frames->len, good->frames->len);
	if (!g_strcmp0(flagged, "none") ? *n_flagged != 0 :
	    !g_strcmp0(flagged, "some") && !*n_flagged)
		return g_strdup_printf("%u frames are flagged, not %s", *n_flagged, flagged);
	return NULL;
}

static GBytes *first_unit(const char *file)
{
	char *source = NULL;
	GPtrArray *units = e2e_read_units(file, &source);
	GBytes *bytes = units ? g_bytes_ref(g_ptr_array_index(units, 0)) : NULL;

	g_clear_pointer(&units, g_ptr_array_unref);
	g_free(source);
	return bytes;
}

static gboolean test(const char *file)
{
	struct run good = { 0 }, bad = { .damage = TRUE };
	char **references = e2e_references(file), *problem = NULL;
	gchar *base = g_path_get_basename(file), *name;
	guint n_flagged = 0;
	gint asked;
	gboolean ok;

	if (replacement_file)
		bad.replacement = first_unit(replacement_file);
	decode(file, &good);
	problem = g_steal_pointer(&good.problem);
	if (!problem && (!references || g_strv_length(references) != good.frames->len))
		problem = g_strdup("without damage it has not the frames of its reference");
	if (!problem) {
		decode(file, &bad);
		problem = g_steal_pointer(&bad.problem);
	}
	if (!problem)
		problem = compare(&good, &bad, &n_flagged);
	asked = g_atomic_int_get(&bad.key_requests);
	if (!problem && (asked < 1 || asked > 3))
		problem = g_strdup_printf("it asked %d times for a key frame", asked);
	name = g_strdup_printf("%s, %u of %u frames, %u flagged", base,
			       bad.frames ? bad.frames->len : 0, good.frames->len, n_flagged);
	ok = e2e_report(problem ? base : name, problem);
	g_clear_pointer(&bad.frames, g_array_unref);
	g_clear_pointer(&bad.replacement, g_bytes_unref);
	g_array_unref(good.frames);
	g_strfreev(references);
	g_free(name);
	g_free(base);
	return ok;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	if (!decoder)
		decoder = g_strdup("daedalusvp9dec");
	return e2e_test_clips(argc, argv, test);
}
