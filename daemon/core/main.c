// SPDX-License-Identifier: LGPL-2.1-or-later
/* daedalusd decodes for the video node of daedalus_v4l2. This file reads the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "daedalus_v4l2_proto.h"
#include "log.h"
#include "supervisor.h"
#include "threads.h"

static const char help[] =
"Usage: daedalusd [OPTION]...\n"
"Decodes video for the daedalus_v4l2 kernel module, one worker process per stream.\n"
"\n"
"  --device PATH      control device (default: " DAEDALUS_CONTROL_DEVICE ")\n"
"  --threads N        decoder threads per stream, 0 to 64 (default: 0, automatic)\n"
"  --log-level LEVEL  error, warning, info or debug (default: info)\n"
"  --in-process       workers are threads, for debuggers and sanitizers\n"
"  --foreground       stay in the foreground; always so\n"
"  --help             print this text\n"
"  --version          print the version\n"
"\n"
"SIGTERM and SIGINT end it after the jobs in flight, at most a second later.\n"
"With $NOTIFY_SOCKET set, it tells the service manager when it is ready.\n"
"\n"
"Exit status: 0 stopped by a signal, 1 a system call failed, 2 wrong command line,\n"
"3 no codec library works, 4 the control device cannot be opened (module not loaded,\n"
"another daedalusd, no permission), 5 the module refuses this version, 6 the module\n"
"was unloaded or unbound.\n";

enum option_id {
	OPTION_DEVICE = 256,
	OPTION_THREADS,
	OPTION_LOG_LEVEL,
	OPTION_IN_PROCESS,
	OPTION_FOREGROUND,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option options[] = {
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "threads", required_argument, NULL, OPTION_THREADS },
	{ "log-level", required_argument, NULL, OPTION_LOG_LEVEL },
	{ "in-process", no_argument, NULL, OPTION_IN_PROCESS },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 }
};

/* Return: 0..THREADS_MAX, -1 if @text is not such a number. */
static int parse_threads(const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < 0 || value > THREADS_MAX)
		return -1;
	return (int)value;
}

int main(int argc, char **argv)
{
	struct supervisor_params params = { .device = DAEDALUS_CONTROL_DEVICE };
	int threads = 0;
	int level;
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (id) {
		case OPTION_DEVICE:
			params.device = optarg;
			break;
		case OPTION_THREADS:
			threads = parse_threads(optarg);
			if (threads < 0) {
				fprintf(stderr, "daedalusd: --threads %s is not a number from 0 to %d\n",
					optarg, THREADS_MAX);
				return EXIT_USAGE;
			}
			break;
		case OPTION_LOG_LEVEL:
			level = log_level_from_name(optarg);
			if (level < 0) {
				fprintf(stderr, "daedalusd: --log-level %s is not error, warning, info or debug\n",
					optarg);
				return EXIT_USAGE;
			}
			log_set_level((enum log_level)level);
			break;
		case OPTION_IN_PROCESS:
			params.in_process = true;
			break;
		case OPTION_FOREGROUND:
			break;
		case OPTION_HELP:
			fputs(help, stdout);
			return EXIT_STOPPED;
		case OPTION_VERSION:
			puts("daedalusd " DAEDALUS_VERSION);
			return EXIT_STOPPED;
		default:
			fputs("Try 'daedalusd --help'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "daedalusd: unexpected argument %s\nTry 'daedalusd --help'.\n",
			argv[optind]);
		return EXIT_USAGE;
	}

	params.config.threads = threads ? (unsigned int)threads : threads_automatic();
	return supervisor_run(&params);
}
