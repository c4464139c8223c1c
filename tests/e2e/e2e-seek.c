// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Seeks in a clip and checks that every frame after a flush is exact.
 *
 *   e2e-seek [--decoder ELEMENT] CLIP...
 *
 * The clip must be seekable (WebM, MP4, MKV). For each: to every key frame, backwards, in
 * PAUSED and then played to its end; to frames between them; many seeks that
 * interrupt each other while PAUSED and while PLAYING. One line for each check. Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <stdio.h>
#include <string.h>

#define USAGE "e2e-seek [--decoder ELEMENT] CLIP..."
#define TIMEOUT_S 60
#define INTERRUPTED_SEEKS 24

static gchar *decoder;

static const GOptionEntry options[] = {
	{ "decoder", 'd', 0, G_OPTION_ARG_STRING, &decoder,
	  "Element with properties (default daedalusvp9dec)", "ELEMENT" },
	{ NULL }
};

struct frame {
	GstClockTime time;	/* in the stream, what a seek is told */
	char *md5;
};

struct clip {
	GstElement *pipeline;
	GMutex lock;		/* protects what is below */
	GArray *frames;		/* since the last flush */
	GArray *key_times;	/* GstClockTime of the key frames, of the first pass */
	gboolean first_pass;
	char *problem;
	guint32 seqnum;		/* of the last seek, 0 for none; main thread only */
};

static void clear_frame(gpointer data)
{
	g_free(((struct frame *)data)->md5);
}

/* Stream time of a buffer: timestamps of an MP4 file need not start at 0. */
static GstClockTime stream_time(GstPad *pad, GstBuffer *buffer)
{
	GstEvent *event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
	GstClockTime time = GST_CLOCK_TIME_NONE;
	const GstSegment *segment;

	if (event) {
		gst_event_parse_segment(event, &segment);
		time = gst_segment_to_stream_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
		gst_event_unref(event);
	}
	return time;
}

static void on_frame(GstPad *pad, GstBuffer *buffer, gpointer data)
{
	struct clip *clip = data;
	struct frame frame = { .time = stream_time(pad, buffer) };
	char *problem = NULL;

	frame.md5 = e2e_frame_md5(buffer, pad, E2E_SYSTEM, &problem);
	g_mutex_lock(&clip->lock);
	if (frame.md5)
		g_array_append_val(clip->frames, frame);
	else if (!clip->problem)
		clip->problem = g_steal_pointer(&problem);
	g_mutex_unlock(&clip->lock);
	g_free(problem);
}

static GstPadProbeReturn on_event(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct clip *clip = data;

	(void)pad;
	if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_FLUSH_STOP) {
		g_mutex_lock(&clip->lock);
		g_array_set_size(clip->frames, 0);
		g_mutex_unlock(&clip->lock);
	}
	return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn on_input(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER(info);
	GstClockTime time = stream_time(pad, buffer);
	struct clip *clip = data;

	g_mutex_lock(&clip->lock);
	if (clip->first_pass && !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT))
		g_array_append_val(clip->key_times, time);
	g_mutex_unlock(&clip->lock);
	return GST_PAD_PROBE_OK;
}

static void add_probe(struct clip *clip, const char *element_name, const char *pad_name,
		      GstPadProbeType type, GstPadProbeCallback callback)
{
	GstElement *element = gst_bin_get_by_name(GST_BIN(clip->pipeline), element_name);
	GstPad *pad = gst_element_get_static_pad(element, pad_name);

	gst_pad_add_probe(pad, type, callback, clip, NULL);
	gst_object_unref(pad);
	gst_object_unref(element);
}

static char *seek(struct clip *clip, GstClockTime time, GstSeekFlags flags)
{
	GstEvent *event = gst_event_new_seek(1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH | flags,
					     GST_SEEK_TYPE_SET, time, GST_SEEK_TYPE_NONE, 0);

	clip->seqnum = gst_event_get_seqnum(event);
	if (gst_element_send_event(clip->pipeline, event))
		return NULL;
	return g_strdup_printf("the seek to %" GST_TIME_FORMAT " failed", GST_TIME_ARGS(time));
}

/* Plays to the end of stream of the last seek, not of an earlier one. */
static char *play_to_end(struct clip *clip)
{
	gint64 end = g_get_monotonic_time() + TIMEOUT_S * G_TIME_SPAN_SECOND;
	GstBus *bus = gst_element_get_bus(clip->pipeline);
	char *problem = NULL;
	gboolean done = FALSE;

	gst_element_set_state(clip->pipeline, GST_STATE_PLAYING);
	while (!done && !problem) {
		gint64 left = end - g_get_monotonic_time();
		GstMessage *msg = left <= 0 ? NULL :
			gst_bus_timed_pop_filtered(bus, left * GST_USECOND,
						   GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

		if (!msg)
			problem = g_strdup_printf("no end of stream within %d s", TIMEOUT_S);
		else if (GST_MESSAGE_TYPE(msg) == GST_MESSAGE_ERROR)
			problem = e2e_error(msg);
		else
			done = !clip->seqnum || gst_message_get_seqnum(msg) == clip->seqnum;
		g_clear_pointer(&msg, gst_message_unref);
	}
	gst_object_unref(bus);
	return problem;
}

/* Are the frames those of @all that start at @time, and nothing else? */
static char *compare_from(struct clip *clip, GArray *all, GstClockTime time)
{
	guint first = 0;
	char *problem;

	while (first < all->len && g_array_index(all, struct frame, first).time < time)
		first++;
	g_mutex_lock(&clip->lock);
	problem = g_steal_pointer(&clip->problem);
	if (!problem && clip->frames->len != all->len - first)
		problem = g_strdup_printf("%u frames from %" GST_TIME_FORMAT ", not %u",
					  clip->frames->len, GST_TIME_ARGS(time),
					  all->len - first);
	for (guint i = 0; !problem && i < clip->frames->len; i++) {
		const struct frame *frame = &g_array_index(clip->frames, struct frame, i);
		const struct frame *want = &g_array_index(all, struct frame, first + i);

		if (frame->time != want->time)
			problem = g_strdup_printf("frame of %" GST_TIME_FORMAT " instead of %"
						  GST_TIME_FORMAT, GST_TIME_ARGS(frame->time),
						  GST_TIME_ARGS(want->time));
		else if (strcmp(frame->md5, want->md5))
			problem = g_strdup_printf("the frame of %" GST_TIME_FORMAT
						  " differs after a seek to %" GST_TIME_FORMAT,
						  GST_TIME_ARGS(frame->time), GST_TIME_ARGS(time));
	}
	g_mutex_unlock(&clip->lock);
	return problem;
}

/* Seeks to @time in PAUSED, then plays to the end. */
static char *seek_and_play(struct clip *clip, GArray *all, GstClockTime time, GstSeekFlags flags)
{
	char *problem;

	gst_element_set_state(clip->pipeline, GST_STATE_PAUSED);
	problem = seek(clip, time, flags);
	/* Until the frame of that time is there. */
	if (!problem && gst_element_get_state(clip->pipeline, NULL, NULL,
					      TIMEOUT_S * GST_SECOND) == GST_STATE_CHANGE_ASYNC)
		problem = g_strdup_printf("no preroll within %d s", TIMEOUT_S);
	if (!problem)
		problem = play_to_end(clip);
	return problem ? problem : compare_from(clip, all, time);
}

/* Seeks to all times, the last one first. */
static char *seek_to_all(struct clip *clip, GArray *all, const GArray *times, GstSeekFlags flags)
{
	char *problem = NULL;

	for (guint i = times->len; i-- && !problem;)
		problem = seek_and_play(clip, all, g_array_index(times, GstClockTime, i), flags);
	return problem;
}

/* Seeks that interrupt each other; the last one determines the frames. */
static char *interrupted_seeks(struct clip *clip, GArray *all, GstState state)
{
	guint n = clip->key_times->len;
	GstClockTime time = 0;
	char *problem = NULL;

	gst_element_set_state(clip->pipeline, state);
	for (guint i = 0; i < INTERRUPTED_SEEKS && !problem; i++) {
		time = g_array_index(clip->key_times, GstClockTime, i * 7 % n);
		problem = seek(clip, time, GST_SEEK_FLAG_KEY_UNIT);
		/* From 0 up to the duration of several frames. */
		g_usleep(i % 6 * 3000);
	}
	if (!problem)
		problem = play_to_end(clip);
	return problem ? problem : compare_from(clip, all, time);
}

static char *first_pass(struct clip *clip, char **references, GArray *all)
{
	GPtrArray *md5s = g_ptr_array_new();
	char *problem = play_to_end(clip);

	clip->first_pass = FALSE;
	g_mutex_lock(&clip->lock);
	for (guint i = 0; i < clip->frames->len; i++) {
		struct frame frame = g_array_index(clip->frames, struct frame, i);

		frame.md5 = g_strdup(frame.md5);
		g_array_append_val(all, frame);
		g_ptr_array_add(md5s, frame.md5);
	}
	g_mutex_unlock(&clip->lock);
	if (!problem)
		problem = e2e_compare(md5s, references);
	if (!problem && clip->key_times->len < 3)
		problem = g_strdup_printf("only %u key frames", clip->key_times->len);
	g_ptr_array_unref(md5s);
	return problem;
}

static gboolean report(const char *clip, const char *check, char *problem)
{
	gchar *name = g_strdup_printf("%s: %s", clip, check);
	gboolean ok = e2e_report(name, problem);

	g_free(name);
	return ok;
}

static gboolean test(const char *file)
{
	char *source = e2e_file_source(file, "parsebin"), **references = e2e_references(file);
	gchar *name = g_path_get_basename(file);
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct frame));
	GArray *between = g_array_new(FALSE, FALSE, sizeof(GstClockTime));
	struct clip clip = { .first_pass = TRUE };
	gboolean ok;

	g_array_set_clear_func(all, clear_frame);
	clip.frames = g_array_new(FALSE, FALSE, sizeof(struct frame));
	g_array_set_clear_func(clip.frames, clear_frame);
	clip.key_times = g_array_new(FALSE, FALSE, sizeof(GstClockTime));
	clip.pipeline = e2e_pipeline(source, decoder, E2E_SYSTEM, on_frame, &clip);
	add_probe(&clip, "sink", "sink", GST_PAD_PROBE_TYPE_EVENT_FLUSH, on_event);
	add_probe(&clip, "dec", "sink", GST_PAD_PROBE_TYPE_BUFFER, on_input);

	ok = report(name, "from start to end",
		    references ? first_pass(&clip, references, all) : g_strdup("no reference"));
	if (ok) {
		for (guint i = 2; i < all->len; i += 7)
			g_array_append_val(between, g_array_index(all, struct frame, i).time);
		ok &= report(name, "to each key frame, in PAUSED",
			     seek_to_all(&clip, all, clip.key_times, GST_SEEK_FLAG_KEY_UNIT));
		ok &= report(name, "to frames between key frames, in PAUSED",
			     seek_to_all(&clip, all, between, GST_SEEK_FLAG_ACCURATE));
		ok &= report(name, "interrupted seeks in PAUSED",
			     interrupted_seeks(&clip, all, GST_STATE_PAUSED));
		ok &= report(name, "interrupted seeks in PLAYING",
			     interrupted_seeks(&clip, all, GST_STATE_PLAYING));
	}

	gst_element_set_state(clip.pipeline, GST_STATE_NULL);
	gst_object_unref(clip.pipeline);
	g_array_unref(clip.frames);
	g_array_unref(clip.key_times);
	g_array_unref(between);
	g_array_unref(all);
	g_free(clip.problem);
	g_strfreev(references);
	g_free(source);
	g_free(name);
	return ok;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	if (!decoder)
		decoder = g_strdup("daedalusvp9dec");
	return e2e_test_clips(argc, argv, test);
}
