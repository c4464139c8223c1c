// SPDX-License-Identifier: LGPL-2.1-or-later
/* daedalusctl shows what daedalusd does, and why a player does not find the decoder. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/status.h"
#include "doctor.h"
#include "facts.h"
#include "report.h"

#define RATE_MS		500	/* between the two looks that give the frames per second */
#define STATS		"/sys/kernel/debug/daedalus_v4l2/stats"

enum exit_code {
	EXIT_GOOD = 0,
	EXIT_PROBLEM = 1,	/* doctor has found one, or the daemon does not answer */
	EXIT_WRONG_USE = 2,
};

static const char help[] =
"Usage: daedalusctl COMMAND [OPTION]...\n"
"\n"
"  status             daemon, module and codecs\n"
"  sessions           the open streams: your own, as root all of them\n"
"  stats              counters of the module, as root\n"
"  doctor             why does a player not find the decoder?\n"
"\n"
"  --json             for programs\n"
"  --watch[=SECONDS]  again and again (default: every 2 seconds)\n"
"  --socket PATH      status socket of daedalusd (default: " STATUS_SOCKET ")\n"
"  --daemon PATH      daedalusd, for doctor (default: beside this program)\n"
"  --help, --version\n"
"\n"
"Exit status: 0 all well, 1 a problem was found or daedalusd does not answer,\n"
"2 wrong command line.\n";

struct options {
	const char *socket;
	char daemon[512];
	bool json;
	double watch;		/* seconds, 0: once */
};

/* Adds the records of @from to @to, of one kind or of all (NULL). */
static void copy_records(struct record_text *to, const struct records *from, const char *kind)
{
	size_t i, k;

	for (i = 0; i < from->count; i++) {
		const struct record *record = &from->list[i];

		if (kind && strcmp(record->kind, kind) != 0)
			continue;
		record_begin(to, record->kind);
		for (k = 0; k < record->count; k++)
			record_add(to, record->fields[k].key, "%s", record->fields[k].value);
		record_end(to);
	}
}

static int fetch(const struct options *options, struct records *records)
{
	int ret = status_fetch(options->socket, records);

	if (ret)
		fprintf(stderr, "daedalusctl: %s: %s; \"daedalusctl doctor\" looks for the cause\n",
			options->socket, strerror(-ret));
	return ret;
}

static const char *value_of(const struct record *record, const char *key)
{
	const char *value = record_value(record, key);

	return value ? value : "-";
}

static void print_codec(const struct record *codec)
{
	bool ok = !strcmp(value_of(codec, "state"), "ok");

	printf("  %-6s %-5s %s\n", value_of(codec, "name"), value_of(codec, "fourcc"),
	       ok ? value_of(codec, "library") : value_of(codec, "reason"));
}

static int show_status(const struct options *options)
{
	struct records records;
	const struct record *daemon;
	size_t i;
	int ret = fetch(options, &records);

	daemon = records_first(&records, "daemon");
	if (!ret && options->json) {
		report_json(stdout, &records);
	} else if (!ret) {
		printf("daedalusd %s, process %s, running for %llu s, protocol %s\n",
		       value_of(daemon, "version"), value_of(daemon, "pid"),
		       record_number(daemon, "uptime_ms") / 1000, value_of(daemon, "protocol"));
		printf("workers: %s, sandbox %s; %s threads a stream, %s ms a job\n",
		       value_of(daemon, "workers"), value_of(daemon, "sandbox"),
		       value_of(daemon, "threads"), value_of(daemon, "deadline_ms"));
		printf("streams: %s open, %s in all, %s times a worker died\n",
		       value_of(daemon, "streams"), value_of(daemon, "streams_total"),
		       value_of(daemon, "crashes"));
		puts("codecs:");
		for (i = 0; i < records.count; i++)
			if (!strcmp(records.list[i].kind, "codec"))
				print_codec(&records.list[i]);
	}
	records_free(&records);
	return ret ? EXIT_PROBLEM : EXIT_GOOD;
}

/* Cells of the table of sessions */
#define CELL(name, key)							\
	static void name(const struct record *record, char *cell, size_t size)	\
	{								\
		snprintf(cell, size, "%s", value_of(record, key));	\
	}

CELL(cell_session, "session")
CELL(cell_codec, "codec")
CELL(cell_client, "client")
CELL(cell_worker, "worker")
CELL(cell_fps, "fps")
CELL(cell_size, "size")
CELL(cell_done, "jobs-done")
CELL(cell_failed, "jobs-failed")
CELL(cell_in_flight, "jobs-in-flight")

static void cell_latency(const struct record *record, char *cell, size_t size)
{
	static const char *const keys[] = { "latency-p50-us", "latency-p99-us", "latency-max-us" };
	size_t used = 0, i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && used < size; i++)
		used += (size_t)snprintf(cell + used, size - used, "%s%.1f", i ? "/" : "",
					 (double)record_number(record, keys[i]) / 1000);
}

static const struct report_column session_columns[] = {
	{ "SESSION", cell_session },
	{ "CODEC", cell_codec },
	{ "SIZE", cell_size },
	{ "CLIENT", cell_client },
	{ "WORKER", cell_worker },
	{ "FPS", cell_fps },
	{ "DONE", cell_done },
	{ "FAILED", cell_failed },
	{ "IN FLIGHT", cell_in_flight },
	{ "P50/P99/MAX MS", cell_latency },
};

static const struct record *same_session(const struct records *records, const struct record *as)
{
	size_t i;

	for (i = 0; i < records->count; i++)
		if (!strcmp(records->list[i].kind, "session") &&
		    !strcmp(value_of(&records->list[i], "session"), value_of(as, "session")))
			return &records->list[i];
	return NULL;
}

/* The sessions of @now with their frames per second since @before. */
static void add_rates(struct record_text *to, const struct records *before,
		      const struct records *now)
{
	size_t i, k;

	for (i = 0; i < now->count; i++) {
		const struct record *record = &now->list[i];
		const struct record *old = same_session(before, record);
		unsigned long long done, ms;

		if (strcmp(record->kind, "session") != 0)
			continue;
		done = record_number(record, "jobs-done") - record_number(old, "jobs-done");
		ms = record_number(record, "age_ms") - record_number(old, "age_ms");
		record_begin(to, "session");
		for (k = 0; k < record->count; k++)
			record_add(to, record->fields[k].key, "%s", record->fields[k].value);
		record_add(to, "fps", "%.1f", ms ? (double)done * 1000 / (double)ms : 0.0);
		record_end(to);
	}
}

static void pause_ms(long ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static int show_sessions(const struct options *options)
{
	struct records before, now, rated = { 0 };
	struct record_text text = { 0 };
	int ret = fetch(options, &before);

	if (ret) {
		records_free(&before);
		return EXIT_PROBLEM;
	}
	pause_ms(RATE_MS);
	ret = fetch(options, &now);
	if (!ret) {
		add_rates(&text, &before, &now);
		ret = text.failed ? -ENOMEM : records_parse(&rated, text.text ? text.text : "");
	}
	if (!ret && options->json)
		report_json(stdout, &rated);
	else if (!ret && !rated.count)
		puts("no streams");
	else if (!ret)
		report_table(stdout, &rated, "session", session_columns,
			     sizeof(session_columns) / sizeof(session_columns[0]));
	free(text.text);
	records_free(&before);
	records_free(&now);
	records_free(&rated);
	return ret ? EXIT_PROBLEM : EXIT_GOOD;
}

static int show_stats(const struct options *options)
{
	struct record_text text = { 0 };
	struct records records = { 0 };
	FILE *file = fopen(STATS, "re");
	char line[128];
	int ret = 0;

	if (!file) {
		fprintf(stderr, "daedalusctl: " STATS ": %s; it needs root, debugfs and the module\n",
			strerror(errno));
		return EXIT_PROBLEM;
	}
	record_begin(&text, "stats");
	while (fgets(line, sizeof(line), file)) {
		char *value = strchr(line, ' ');

		if (!value)
			continue;
		*value++ = '\0';
		value[strcspn(value, "\n")] = '\0';
		if (options->json)
			record_add(&text, line, "%s", value);
		else
			printf("%-20s %s\n", line, value);
	}
	fclose(file);
	record_end(&text);
	if (options->json) {
		ret = text.failed ? -ENOMEM : records_parse(&records, text.text);
		if (!ret)
			report_json(stdout, &records);
	}
	free(text.text);
	records_free(&records);
	return ret ? EXIT_PROBLEM : EXIT_GOOD;
}

static int show_doctor(const struct options *options)
{
	struct record_text text = { 0 };
	struct records records = { 0 };
	unsigned int problems;
	struct facts facts;
	size_t i;
	int ret;

	facts_gather(&facts, options->socket, options->daemon);
	problems = doctor_judge(&facts, &text);
	if (options->json)
		copy_records(&text, facts.status_error ? &facts.probe : &facts.status, "codec");
	facts_free(&facts);
	ret = text.failed ? -ENOMEM : records_parse(&records, text.text);
	if (!ret && options->json)
		report_json(stdout, &records);
	for (i = 0; !ret && !options->json && i < records.count; i++) {
		const struct record *check = &records.list[i];
		const char *advice = record_value(check, "advice");

		printf("%-8s %s\n", value_of(check, "result"), value_of(check, "text"));
		if (advice)
			printf("         -> %s\n", advice);
	}
	if (!ret && !options->json && !problems)
		puts("A player of this user can use the decoder.");
	free(text.text);
	records_free(&records);
	return ret || problems ? EXIT_PROBLEM : EXIT_GOOD;
}

static const struct {
	const char *name;
	int (*run)(const struct options *options);
} commands[] = {
	{ "status", show_status },
	{ "sessions", show_sessions },
	{ "stats", show_stats },
	{ "doctor", show_doctor },
};

enum option_id {
	OPTION_JSON = 256,
	OPTION_WATCH,
	OPTION_SOCKET,
	OPTION_DAEMON,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "watch", optional_argument, NULL, OPTION_WATCH },
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "daemon", required_argument, NULL, OPTION_DAEMON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 }
};

/* Return: 0.1..3600, 0 if @text is no such number. */
static double parse_seconds(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	return end != text && !*end && value >= 0.1 && value <= 3600 ? value : 0;
}

/* daedalusd is beside this program, in an installation and (one folder up) in a build. */
static void find_daemon(char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - 1);
	static const char *const places[] = { "daedalusd", "../daedalusd" };
	char *slash;
	size_t i;

	path[length > 0 ? length : 0] = '\0';
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		slash = strrchr(path, '/');
		if (!slash)
			break;
		snprintf(slash + 1, size - (size_t)(slash + 1 - path), "%s", places[i]);
		if (access(path, X_OK) == 0)
			return;
	}
	snprintf(path, size, "daedalusd");
}

static int run_command(int (*run)(const struct options *), const struct options *options)
{
	int status;

	for (;;) {
		if (options->watch > 0 && isatty(STDOUT_FILENO))
			fputs("\033[H\033[2J", stdout);
		status = run(options);
		if (fflush(stdout) || !(options->watch > 0))
			return status;
		pause_ms((long)(options->watch * 1000));
	}
}

int main(int argc, char **argv)
{
	struct options options = { .socket = STATUS_SOCKET };
	size_t i;
	int id;

	find_daemon(options.daemon, sizeof(options.daemon));
	while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (id) {
		case OPTION_JSON:
			options.json = true;
			break;
		case OPTION_WATCH:
			options.watch = optarg ? parse_seconds(optarg) : 2;
			if (!(options.watch > 0)) {
				fprintf(stderr, "daedalusctl: --watch=%s is not a number of seconds from 0.1 to 3600\n",
					optarg);
				return EXIT_WRONG_USE;
			}
			break;
		case OPTION_SOCKET:
			options.socket = optarg;
			break;
		case OPTION_DAEMON:
			snprintf(options.daemon, sizeof(options.daemon), "%s", optarg);
			break;
		case OPTION_HELP:
			fputs(help, stdout);
			return EXIT_GOOD;
		case OPTION_VERSION:
			puts("daedalusctl " DAEDALUS_VERSION);
			return EXIT_GOOD;
		default:
			fputs("Try 'daedalusctl --help'.\n", stderr);
			return EXIT_WRONG_USE;
		}
	}
	for (i = 0; argc - optind == 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[optind], commands[i].name))
			return run_command(commands[i].run, &options);
	if (argc - optind == 1)
		fprintf(stderr, "daedalusctl: there is no command %s; try 'daedalusctl --help'\n",
			argv[optind]);
	else
		fputs("daedalusctl: which command? Try 'daedalusctl --help'\n", stderr);
	return EXIT_WRONG_USE;
}
