// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Runs the tests of validate/tests without gst-validate, on GStreamer's public API: the same
 * files, the same actions, the same record of what flows.
 *
 *   e2e-scenario TEST.validatetest...
 *
 * Runs in the folder of the clips. One line for each test. Exit status 0 if all are ok.
 */
#include "e2e.h"

#include <string.h>

#include "scenario-file.h"
#include "scenario-flow.h"

#define USAGE "e2e-scenario TEST.validatetest..."
#define TIMEOUT_S 60
#define STEP_MS 10

static const GOptionEntry options[] = { { NULL } };

struct scenario {
	GstElement *pipeline;
	GstBus *bus;
	gboolean error_expected;
	char *error;		/* the pipeline's */
	gboolean stopped;
};

/* Takes a message of @types from the bus; notes an error. Return: is there one of them? */
static gboolean take_message(struct scenario *scenario, GstMessageType types)
{
	GstMessage *message = gst_bus_timed_pop_filtered(scenario->bus, STEP_MS * GST_MSECOND,
							 types | GST_MESSAGE_ERROR);
	gboolean found = message && GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR;

	if (message && !found)
		scenario->error = e2e_error(message);
	g_clear_pointer(&message, gst_message_unref);
	return found;
}

static gboolean is_settled(struct scenario *scenario)
{
	return gst_element_get_state(scenario->pipeline, NULL, NULL, STEP_MS * GST_MSECOND) !=
	       GST_STATE_CHANGE_ASYNC;
}

static gboolean has_played(struct scenario *scenario, double seconds)
{
	gint64 position;

	return gst_element_query_position(scenario->pipeline, GST_FORMAT_TIME, &position) &&
	       position >= seconds * GST_SECOND;
}

/* Until the state has changed. Return: NULL or what is wrong. */
static char *settle(struct scenario *scenario)
{
	gint64 end = g_get_monotonic_time() + TIMEOUT_S * G_TIME_SPAN_SECOND;

	while (!is_settled(scenario) && !scenario->error) {
		take_message(scenario, GST_MESSAGE_ERROR);
		if (g_get_monotonic_time() > end)
			return g_strdup_printf("no change of state within %d s", TIMEOUT_S);
	}
	return NULL;
}

/* Until what an action waits for. Return: NULL or what is wrong. */
static char *wait_for(struct scenario *scenario, const GstStructure *action)
{
	gint64 end = g_get_monotonic_time() + TIMEOUT_S * G_TIME_SPAN_SECOND;
	const char *message = gst_structure_get_string(action, "on-message");
	GstMessageType types = GST_MESSAGE_ERROR;
	double seconds = 0;

	if (message && strcmp(message, "eos"))
		return g_strdup_printf("on-message=%s is not known here", message);
	if (message)
		types |= GST_MESSAGE_EOS;
	gst_structure_get_double(action, "playback-time", &seconds);
	while (!scenario->error) {
		if (take_message(scenario, types) && message)
			return NULL;
		if (!message && (!seconds || has_played(scenario, seconds)))
			return NULL;
		if (g_get_monotonic_time() > end)
			return g_strdup_printf("no %s within %d s",
					       message ? message : "such position", TIMEOUT_S);
	}
	return NULL;
}

static char *change_state(struct scenario *scenario, GstState state)
{
	if (gst_element_set_state(scenario->pipeline, state) == GST_STATE_CHANGE_FAILURE)
		return g_strdup_printf("no change to %s", gst_element_state_get_name(state));
	return settle(scenario);
}

static char *play(struct scenario *scenario, const GstStructure *action)
{
	(void)action;
	return change_state(scenario, GST_STATE_PLAYING);
}

static char *pause_it(struct scenario *scenario, const GstStructure *action)
{
	(void)action;
	return change_state(scenario, GST_STATE_PAUSED);
}

static char *stop(struct scenario *scenario, const GstStructure *action)
{
	(void)action;
	scenario->stopped = TRUE;
	return change_state(scenario, GST_STATE_NULL);
}

static char *set_state(struct scenario *scenario, const GstStructure *action)
{
	GValue state = G_VALUE_INIT;
	char *problem;

	g_value_init(&state, GST_TYPE_STATE);
	if (gst_value_deserialize(&state, gst_structure_get_string(action, "state")))
		problem = change_state(scenario, g_value_get_enum(&state));
	else
		problem = g_strdup("no such state");
	g_value_unset(&state);
	return problem;
}

static GstClockTime time_field(const GstStructure *action, const char *name)
{
	double seconds;

	return gst_structure_get_double(action, name, &seconds) ? seconds * GST_SECOND + 0.5 :
	       GST_CLOCK_TIME_NONE;
}

static char *seek(struct scenario *scenario, const GstStructure *action)
{
	GValue flags = G_VALUE_INIT;
	char *problem = NULL;
	double rate = 1.0;

	gst_structure_get_double(action, "rate", &rate);
	g_value_init(&flags, GST_TYPE_SEEK_FLAGS);
	if (!gst_value_deserialize(&flags, gst_structure_get_string(action, "flags")))
		problem = g_strdup("no such flags");
	else if (!gst_element_seek(scenario->pipeline, rate, GST_FORMAT_TIME,
				   g_value_get_flags(&flags),
				   GST_SEEK_TYPE_SET, time_field(action, "start"),
				   GST_SEEK_TYPE_SET, time_field(action, "stop")))
		problem = g_strdup("the seek failed");
	g_value_unset(&flags);
	return problem ? problem : settle(scenario);
}

static char *wait_some_time(struct scenario *scenario, const GstStructure *action)
{
	(void)scenario;
	g_usleep(time_field(action, "duration") / GST_USECOND);
	return NULL;
}

static char *run_command(struct scenario *scenario, const GstStructure *action)
{
	char **argv = scenario_strings(action, "argv"), *problem = NULL;
	GError *error = NULL;
	int status = 0;

	(void)scenario;
	if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
			  &error) || !g_spawn_check_wait_status(status, &error)) {
		problem = g_strdup(error->message);
		g_error_free(error);
	}
	g_strfreev(argv);
	return problem;
}

static const struct {
	const char *name;
	char *(*run)(struct scenario *scenario, const GstStructure *action);
} actions[] = {
	{ "play", play },
	{ "pause", pause_it },
	{ "stop", stop },
	{ "set-state", set_state },
	{ "seek", seek },
	{ "wait", wait_some_time },
	{ "run-command", run_command },
};

static char *run_action(struct scenario *scenario, const GstStructure *action)
{
	char *problem = wait_for(scenario, action), *text, *named;
	size_t i = 0;

	while (i < G_N_ELEMENTS(actions) && !gst_structure_has_name(action, actions[i].name))
		i++;
	if (!problem && !scenario->error)
		problem = i < G_N_ELEMENTS(actions) ? actions[i].run(scenario, action) :
			  g_strdup("no such action here");
	if (!problem)
		return NULL;
	text = gst_structure_to_string(action);
	named = g_strdup_printf("%s: %s", text, problem);
	g_free(text);
	g_free(problem);
	return named;
}

/* The error of the pipeline, or that there is none, where one is expected. */
static char *judge_error(struct scenario *scenario)
{
	if (scenario->error_expected)
		return scenario->error ? NULL : g_strdup("the pipeline had no error");
	return g_strdup(scenario->error);
}

static char *run(struct scenario *scenario, GPtrArray *statements, struct scenario_flow *flow)
{
	char *problem = NULL, *difference = NULL;

	for (guint i = 1; i < statements->len && !problem && !scenario->error; i++)
		problem = run_action(scenario, g_ptr_array_index(statements, i));
	if (!problem && !scenario->error && !scenario->stopped)
		problem = g_strdup("the scenario has no end");
	gst_element_set_state(scenario->pipeline, GST_STATE_NULL);
	if (flow)
		difference = scenario_flow_end(flow);
	if (!problem)
		problem = judge_error(scenario);
	if (!problem)
		problem = g_steal_pointer(&difference);
	g_free(difference);
	return problem;
}

static GstElement *make_pipeline(const GstStructure *meta, char **problem)
{
	char **args = scenario_strings(meta, "args");
	GError *error = NULL;
	GstElement *pipeline = NULL;

	if (args[0])
		pipeline = gst_parse_launch_full(args[0], NULL, GST_PARSE_FLAG_FATAL_ERRORS,
						 &error);
	if (!pipeline)
		*problem = g_strdup(error ? error->message : "no pipeline in meta");
	g_clear_error(&error);
	g_strfreev(args);
	return pipeline;
}

static gboolean expects_error(const GstStructure *meta)
{
	char **issues = scenario_strings(meta, "expected-issues");
	gboolean expects = FALSE;

	for (char **issue = issues; *issue; issue++)
		expects |= strstr(*issue, "issue-id=runtime::error-on-bus") != NULL;
	g_strfreev(issues);
	return expects;
}

static char *run_statements(GPtrArray *statements)
{
	const GstStructure *meta = g_ptr_array_index(statements, 0);
	struct scenario scenario = { .error_expected = expects_error(meta) };
	char **configs = scenario_strings(meta, "configs"), *problem = NULL;
	struct scenario_flow *flow = NULL;

	scenario.pipeline = make_pipeline(meta, &problem);
	if (!problem && configs[0])
		flow = scenario_flow_start(scenario.pipeline, configs[0], &problem);
	if (!problem) {
		scenario.bus = gst_element_get_bus(scenario.pipeline);
		problem = run(&scenario, statements, flow);
		gst_object_unref(scenario.bus);
	}
	g_clear_pointer(&scenario.pipeline, gst_object_unref);
	g_free(scenario.error);
	g_strfreev(configs);
	return problem;
}

static gboolean test(const char *path)
{
	GPtrArray *statements = scenario_read(path);
	char *name = g_path_get_basename(path), *problem;
	gboolean good;

	*strchrnul(name, '.') = '\0';
	problem = statements ? run_statements(statements) : g_strdup("the file cannot be read");
	g_clear_pointer(&statements, g_ptr_array_unref);
	good = e2e_report(name, problem);
	g_free(name);
	return good;
}

int main(int argc, char **argv)
{
	e2e_options(&argc, &argv, options, USAGE);
	return e2e_test_clips(argc, argv, test);
}
