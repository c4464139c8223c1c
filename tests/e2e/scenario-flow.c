// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenario-flow.h"

#include <string.h>

#include "scenario-file.h"

struct scenario_flow {
	GstPad *pad;
	char *expected_path;
	char **events;		/* names of the types that are logged */
	GMutex lock;		/* protects what is below */
	GString *log;
	GHashTable *contents;	/* checksum: number of the first frame with it, plus 1 */
};

/* Only what validate/tests uses is written, so nothing else may be asked for. */
static const char * const fixed[][2] = {
	{ "buffers-checksum", "as-id" },
	{ "logged-fields", "buffer={pts}, segment={format, start, stop}" },
};

static void log_segment(GString *log, GstEvent *event)
{
	const GstSegment *segment;

	gst_event_parse_segment(event, &segment);
	g_string_append_printf(log, "event segment: format=TIME, start=%" GST_TIME_FORMAT ", stop=",
			       GST_TIME_ARGS(segment->start));
	if (GST_CLOCK_TIME_IS_VALID(segment->stop))
		g_string_append_printf(log, "%" GST_TIME_FORMAT, GST_TIME_ARGS(segment->stop));
	else
		g_string_append(log, "none");
	if (segment->rate != 1.0)
		g_string_append_printf(log, ", rate=%f", segment->rate);
	if (segment->applied_rate != 1.0)
		g_string_append_printf(log, ", applied_rate=%f", segment->applied_rate);
	g_string_append_c(log, '\n');
}

static void log_event(struct scenario_flow *flow, GstEvent *event)
{
	const char *name = gst_event_type_get_name(GST_EVENT_TYPE(event));
	const GstStructure *s = gst_event_get_structure(event);
	char *text = s ? gst_structure_to_string(s) : g_strdup("(no structure)");

	if (!g_strv_contains((const char * const *)flow->events, name))
		;
	else if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT)
		log_segment(flow->log, event);
	else
		g_string_append_printf(flow->log, "event %s: %s\n", name, text);
	g_free(text);
}

static void log_buffer(struct scenario_flow *flow, GstBuffer *buffer)
{
	GstMapInfo map;
	gpointer number;
	char *sum;

	if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) {
		g_string_append(flow->log, "buffer: cannot be mapped\n");
		return;
	}
	sum = g_compute_checksum_for_data(G_CHECKSUM_SHA1, map.data, map.size);
	gst_buffer_unmap(buffer, &map);
	number = g_hash_table_lookup(flow->contents, sum);
	if (!number) {
		number = GUINT_TO_POINTER(g_hash_table_size(flow->contents) + 1);
		g_hash_table_insert(flow->contents, g_strdup(sum), number);
	}
	g_free(sum);
	g_string_append_printf(flow->log, "buffer: content-id=%u, pts=%" GST_TIME_FORMAT "\n",
			       GPOINTER_TO_UINT(number) - 1,
			       GST_TIME_ARGS(GST_BUFFER_PTS(buffer)));
}

static GstPadProbeReturn on_data(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	struct scenario_flow *flow = data;

	(void)pad;
	g_mutex_lock(&flow->lock);
	if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER)
		log_buffer(flow, GST_PAD_PROBE_INFO_BUFFER(info));
	else
		log_event(flow, GST_PAD_PROBE_INFO_EVENT(info));
	g_mutex_unlock(&flow->lock);
	return GST_PAD_PROBE_OK;
}

/* The pad ELEMENT:PAD; NULL if there is none. */
static GstPad *find_pad(GstElement *pipeline, const char *name)
{
	char **parts = g_strsplit(name, ":", 2);
	GstElement *element = gst_bin_get_by_name(GST_BIN(pipeline), parts[0]);
	GstPad *pad = element && parts[1] ? gst_element_get_static_pad(element, parts[1]) : NULL;

	g_clear_pointer(&element, gst_object_unref);
	g_strfreev(parts);
	return pad;
}

/* What is wrong with the fields of a configuration; NULL if nothing is. */
static char *check_config(const GstStructure *s)
{
	static const char * const needed[] = { "pad", "expectations-dir" };

	if (!s || !gst_structure_has_name(s, "validateflow"))
		return g_strdup("no configuration of validateflow");
	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!gst_structure_get_string(s, needed[i]))
			return g_strdup_printf("no %s", needed[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		if (g_strcmp0(gst_structure_get_string(s, fixed[i][0]), fixed[i][1]))
			return g_strdup_printf("%s is not \"%s\"", fixed[i][0], fixed[i][1]);
	return NULL;
}

static char *expected_path(const GstStructure *s)
{
	char *pad = g_strdelimit(g_strdup(gst_structure_get_string(s, "pad")), ":", '-');
	char *name = g_strdup_printf("log-%s-expected", pad);
	char *path = g_build_filename(gst_structure_get_string(s, "expectations-dir"), name, NULL);

	g_free(name);
	g_free(pad);
	return path;
}

struct scenario_flow *scenario_flow_start(GstElement *pipeline, const char *config,
					  char **problem)
{
	GstStructure *s = gst_structure_from_string(config, NULL);
	struct scenario_flow *flow = NULL;
	GstPad *pad = NULL;

	*problem = check_config(s);
	if (!*problem) {
		pad = find_pad(pipeline, gst_structure_get_string(s, "pad"));
		if (!pad)
			*problem = g_strdup_printf("no pad %s", gst_structure_get_string(s, "pad"));
	}
	if (pad) {
		flow = g_new0(struct scenario_flow, 1);
		flow->pad = pad;
		flow->expected_path = expected_path(s);
		flow->events = scenario_strings(s, "logged-event-types");
		flow->log = g_string_new(NULL);
		flow->contents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER |
				  GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
				  GST_PAD_PROBE_TYPE_EVENT_FLUSH, on_data, flow, NULL);
	}
	if (s)
		gst_structure_free(s);
	return flow;
}

/* The first line that differs; NULL if none does. */
static char *first_difference(const char *log, const char *expected)
{
	char **got = g_strsplit(log, "\n", -1), **want = g_strsplit(expected, "\n", -1);
	char *problem = NULL;
	unsigned int i = 0;

	while (got[i] && want[i] && !strcmp(got[i], want[i]))
		i++;
	if (got[i] || want[i])
		problem = g_strdup_printf("line %u of the flow is \"%s\", not \"%s\"", i + 1,
					  got[i] ? got[i] : "(end)", want[i] ? want[i] : "(end)");
	g_strfreev(want);
	g_strfreev(got);
	return problem;
}

char *scenario_flow_end(struct scenario_flow *flow)
{
	char *expected = NULL, *problem;
	GError *error = NULL;

	if (g_file_get_contents(flow->expected_path, &expected, NULL, &error))
		problem = first_difference(flow->log->str, expected);
	else
		problem = g_strdup(error->message);
	g_clear_error(&error);
	g_free(expected);
	gst_object_unref(flow->pad);
	g_free(flow->expected_path);
	g_strfreev(flow->events);
	g_string_free(flow->log, TRUE);
	g_hash_table_unref(flow->contents);
	g_free(flow);
	return problem;
}
