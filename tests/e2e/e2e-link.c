// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Downstream of the decoder blocks or is not there.
 *
 *   e2e-link [--decoder ELEMENT] CLIP...
 *
 * For each clip:
 * - The source pad of the decoder is blocked. The decoder must go on to take input, up to
 *   max-in-flight frames.
 * - While the pad is blocked, the pipeline is set to NULL, which must take little time.
 * - The source pad is unlinked for some frames in mid-stream and linked again: the frames
 *   come out again, with the next one, and are exact.
 * One line for each check. Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "e2e-link [--decoder ELEMENT] CLIP..."
#define PATIENCE (20 * G_TIME_SPAN_SECOND)
#define IN_FLIGHT 4		/* default of max-in-flight */
#define UNLINKED_FROM 6		/* coded frames without a link */
#define UNLINKED_TO 12
/* Time for a frame to come out before the next goes in: a hidden one never does. */
#define ONE_BY_ONE (4 * G_TIME_SPAN_SECOND)
#define AFTER_BLOCK 2		/* frames that must go in while the pad is blocked */

static gchar *decoder;

static const GOptionEntry options[] = {
	{ "decoder", 'd', 0, G_OPTION_ARG_STRING, &decoder,
	  "Element with properties (default daedalusvp9dec)", "ELEMENT" },
	{ NULL }
};

struct frame {
	GstClockTime time;
	char *md5;
};

struct state {
	GMutex lock;
	GCond cond;		/* anything below changed */
	gboolean blocked;
	guint pushed;		/* coded frames since then */
	GArray *frames;
	GPtrArray *buffers;	/* of the parsed stream */
	GstCaps *caps;
	char *problem;
};

static void clear_frame(gpointer data)
{
	g_free(((struct frame *)data)->md5);
}

static void on_frame(GstPad *pad, GstBuffer *buffer, gpointer data)
{
	struct state *state = data;
	struct frame frame = { .time = GST_BUFFER_PTS(buffer) };
	char *problem = NULL;

	frame.md5 = e2e_frame_md5(buffer, pad, E2E_SYSTEM, &problem);
	g_mutex_lock(&state->lock);
	if (frame.md5)
		g_array_append_val(state->frames, frame);
	else if (!state->problem)
		state->problem = g_steal_pointer(&problem);
	g_mutex_unlock(&state->lock);
	g_free(problem);
}

static GstPad *pad_of(GstElement *pipeline, const char *element_name, const char *pad_name)
{
	GstElement *element = gst_bin_get_by_name(GST_BIN(pipeline), element_name);
	GstPad *pad = gst_element_get_static_pad(element, pad_name);

	gst_object_unref(element);
	return pad;
}

static GstPadProbeReturn keep_input(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct state *state = data;

	(void)pad;
	g_ptr_array_add(state->buffers, gst_buffer_ref(GST_PAD_PROBE_INFO_BUFFER(info)));
	return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn on_blocked(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct state *state = data;

	(void)pad;
	(void)info;
	g_mutex_lock(&state->lock);
	state->blocked = TRUE;
	g_cond_broadcast(&state->cond);
	g_mutex_unlock(&state->lock);
	return GST_PAD_PROBE_OK;
}

static gpointer stop(gpointer data)
{
	gst_element_set_state(data, GST_STATE_NULL);
	return NULL;
}

/* In a thread of its own, because it may never return. */
static char *stop_in_time(GstElement *pipeline)
{
	gint64 end = g_get_monotonic_time() + PATIENCE;
	GThread *thread = g_thread_new("stop", stop, pipeline);
	GstState now = GST_STATE_PLAYING;

	while (now != GST_STATE_NULL && g_get_monotonic_time() < end) {
		g_usleep(10000);
		GST_OBJECT_LOCK(pipeline);
		now = GST_STATE(pipeline);
		GST_OBJECT_UNLOCK(pipeline);
	}
	if (now != GST_STATE_NULL)
		return g_strdup("the pipeline does not stop");
	g_thread_join(thread);
	return NULL;
}

static struct state *state_new(void)
{
	struct state *state = g_new0(struct state, 1);

	g_mutex_init(&state->lock);
	g_cond_init(&state->cond);
	state->frames = g_array_new(FALSE, FALSE, sizeof(struct frame));
	g_array_set_clear_func(state->frames, clear_frame);
	return state;
}

static void state_free(struct state *state)
{
	g_array_unref(state->frames);
	g_clear_pointer(&state->buffers, g_ptr_array_unref);
	gst_clear_caps(&state->caps);
	g_free(state->problem);
	g_mutex_clear(&state->lock);
	g_cond_clear(&state->cond);
	g_free(state);
}

static gboolean report(const char *file, const char *check, char *problem)
{
	gchar *base = g_path_get_basename(file), *name = g_strdup_printf("%s: %s", base, check);
	gboolean ok = e2e_report(name, problem);

	g_free(name);
	g_free(base);
	return ok;
}

/* The coded frames and their caps, and the decoded frames, which are exact. */
static char *read_stream(const char *file, struct state *state)
{
	char *source = e2e_file_source(file, "parsebin"), **references = e2e_references(file);
	GstElement *pipeline = e2e_pipeline(source, decoder, E2E_SYSTEM, on_frame, state);
	GstPad *in = pad_of(pipeline, "dec", "sink");
	char *problem;

	state->buffers = g_ptr_array_new_with_free_func((GDestroyNotify)gst_buffer_unref);
	gst_pad_add_probe(in, GST_PAD_PROBE_TYPE_BUFFER, keep_input, state, NULL);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	problem = e2e_wait(pipeline, GST_MESSAGE_EOS, PATIENCE / G_TIME_SPAN_SECOND);
	state->caps = gst_pad_get_current_caps(in);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(in);
	gst_object_unref(pipeline);
	if (!problem && (!references || g_strv_length(references) != state->frames->len))
		problem = g_strdup_printf("%u frames, not those of the reference",
					  state->frames->len);
	g_strfreev(references);
	g_free(source);
	return problem;
}

/* A pad of the test's own in front of the decoder, with all events before the frames. */
static GstPad *feed(const struct state *stream, GstElement *dec)
{
	GstPad *pad = gst_pad_new("src", GST_PAD_SRC), *in = gst_element_get_static_pad(dec, "sink");
	GstSegment segment;

	gst_segment_init(&segment, GST_FORMAT_TIME);
	gst_pad_set_active(pad, TRUE);
	gst_pad_link(pad, in);
	gst_pad_push_event(pad, gst_event_new_stream_start("e2e-link"));
	gst_pad_push_event(pad, gst_event_new_caps(stream->caps));
	gst_pad_push_event(pad, gst_event_new_segment(&segment));
	gst_object_unref(in);
	return pad;
}

static void unfeed(GstPad *pad)
{
	GstPad *in = gst_pad_get_peer(pad);

	gst_pad_set_active(pad, FALSE);
	gst_pad_unlink(pad, in);
	gst_object_unref(in);
	gst_object_unref(pad);
}

/* A pipeline whose decoder has no source. */
static GstElement *new_pipeline(struct state *state, GstElement **dec)
{
	GstElement *pipeline = e2e_pipeline("identity name=unused", decoder, E2E_SYSTEM, on_frame,
					    state);
	GstElement *unused = gst_bin_get_by_name(GST_BIN(pipeline), "unused");

	*dec = gst_bin_get_by_name(GST_BIN(pipeline), "dec");
	gst_element_unlink(unused, *dec);
	gst_bin_remove(GST_BIN(pipeline), unused);
	gst_object_unref(unused);
	return pipeline;
}

/* Pushes the stream; the source pad has no peer for some of the frames. */
static char *push_all(const struct state *stream, GstElement *dec, GstElement *next)
{
	GstPad *pad = feed(stream, dec);
	gboolean refused = FALSE;
	char *problem = NULL;

	for (guint i = 0; i < stream->buffers->len && !problem; i++) {
		GstBuffer *buffer = g_ptr_array_index(stream->buffers, i);
		GstFlowReturn flow;

		if (i == UNLINKED_FROM)
			gst_element_unlink(dec, next);
		if (i == UNLINKED_TO && !gst_element_link(dec, next))
			problem = g_strdup("the decoder cannot be linked again");
		flow = gst_pad_push(pad, gst_buffer_ref(buffer));
		refused |= flow == GST_FLOW_NOT_LINKED;
		if (flow != GST_FLOW_OK &&
		    (flow != GST_FLOW_NOT_LINKED || i > UNLINKED_TO + IN_FLIGHT + 2))
			problem = g_strdup_printf("frame %u was refused: %s", i,
						  gst_flow_get_name(flow));
		/* One by one, so that it is known which frames are lost. */
		g_usleep(20000);
	}
	if (!problem && !refused)
		problem = g_strdup("upstream is not told that nothing is linked");
	gst_pad_push_event(pad, gst_event_new_eos());
	unfeed(pad);
	return problem;
}

static const struct frame *find(const GArray *all, GstClockTime time)
{
	for (guint i = 0; i < all->len; i++) {
		if (g_array_index(all, struct frame, i).time == time)
			return &g_array_index(all, struct frame, i);
	}
	return NULL;
}

static char *compare(const GArray *all, const GArray *got)
{
	const guint most_lost = UNLINKED_TO - UNLINKED_FROM + IN_FLIGHT;

	for (guint i = 0; i < got->len; i++) {
		const struct frame *frame = &g_array_index(got, struct frame, i);
		const struct frame *want = find(all, frame->time);

		if (!want || strcmp(want->md5, frame->md5))
			return g_strdup_printf("frame %u, %" GST_TIME_FORMAT ", is wrong", i,
					       GST_TIME_ARGS(frame->time));
	}
	if (got->len + most_lost < all->len)
		return g_strdup_printf("only %u of %u frames came out", got->len, all->len);
	return NULL;
}

static gboolean test_unlinked(const char *file, const struct state *stream)
{
	struct state *state = state_new();
	GstElement *dec, *pipeline = new_pipeline(state, &dec);
	GstPad *out = gst_element_get_static_pad(dec, "src"), *peer = gst_pad_get_peer(out);
	GstElement *next = gst_pad_get_parent_element(peer);
	char *problem;

	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	problem = push_all(stream, dec, next);
	if (!problem)
		problem = e2e_wait(pipeline, GST_MESSAGE_EOS, PATIENCE / G_TIME_SPAN_SECOND);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(next);
	gst_object_unref(peer);
	gst_object_unref(out);
	gst_object_unref(dec);
	gst_object_unref(pipeline);
	if (!problem)
		problem = g_steal_pointer(&state->problem);
	if (!problem)
		problem = compare(stream->frames, state->frames);
	state_free(state);
	return report(file, "not linked for some frames", problem);
}

struct pusher {
	const struct state *stream;
	struct state *state;
	GstPad *pad;
};

/* Pushes the stream: one by one until the other pad is blocked, then on and on. */
static gpointer push_on(gpointer data)
{
	const struct pusher *pusher = data;
	struct state *state = pusher->state;
	GstFlowReturn flow = GST_FLOW_OK;

	for (guint i = 0; i < pusher->stream->buffers->len && flow == GST_FLOW_OK; i++) {
		GstBuffer *buffer = g_ptr_array_index(pusher->stream->buffers, i);

		flow = gst_pad_push(pusher->pad, gst_buffer_ref(buffer));
		g_mutex_lock(&state->lock);
		if (state->blocked)
			state->pushed++;
		else
			g_cond_wait_until(&state->cond, &state->lock,
					  g_get_monotonic_time() + ONE_BY_ONE);
		g_cond_broadcast(&state->cond);
		g_mutex_unlock(&state->lock);
	}
	return NULL;
}

static gboolean test_blocked(const char *file, const struct state *stream)
{
	gint64 end = g_get_monotonic_time() + PATIENCE;
	struct state *state = state_new();
	GstElement *dec, *pipeline = new_pipeline(state, &dec);
	struct pusher pusher = { .stream = stream, .state = state };
	GstPad *out = gst_element_get_static_pad(dec, "src");
	char *problem = NULL;
	GThread *thread;
	gboolean ok;

	gst_pad_add_probe(out, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, on_blocked,
			  state, NULL);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	pusher.pad = feed(stream, dec);
	thread = g_thread_new("push", push_on, &pusher);
	g_mutex_lock(&state->lock);
	while (state->pushed < AFTER_BLOCK &&
	       g_cond_wait_until(&state->cond, &state->lock, end))
		;
	if (state->pushed < AFTER_BLOCK)
		problem = g_strdup_printf(state->blocked ?
			"only %u frames went in while the pad was blocked" :
			"no frame came to the blocked pad (%u)", state->pushed);
	g_mutex_unlock(&state->lock);
	ok = report(file, "input goes on while output is blocked", problem);

	problem = stop_in_time(pipeline);
	ok &= report(file, "it stops while output is blocked", g_strdup(problem));
	if (problem)
		_Exit(1);	/* the threads use the pipeline */
	g_thread_join(thread);
	unfeed(pusher.pad);
	gst_object_unref(out);
	gst_object_unref(dec);
	gst_object_unref(pipeline);
	state_free(state);
	return ok;
}

static gboolean test(const char *file)
{
	struct state *stream = state_new();
	char *problem = read_stream(file, stream);
	gboolean ok = !problem;

	if (problem)
		report(file, "the stream", problem);
	else
		ok = test_unlinked(file, stream) & test_blocked(file, stream);
	state_free(stream);
	return ok;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	if (!decoder)
		decoder = g_strdup("daedalusvp9dec");
	return e2e_test_clips(argc, argv, test);
}
