// SPDX-License-Identifier: LGPL-2.1-or-later
/* daedalusd decodes for the video node of daedalus_v4l2. This file reads the command line. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "codec/engines.h"
#include "daedalus_v4l2_proto.h"
#include "exit_status.h"
#include "log.h"
#include "resume.h"
#include "sandbox.h"
#include "status.h"
#include "supervisor.h"
#include "threads.h"

static const char help[] =
"Usage: daedalusd [OPTION]...\n"
"Decodes video for the daedalus_v4l2 kernel module, one worker process per stream.\n"
"\n"
"  --device PATH      control device (default: " DAEDALUS_CONTROL_DEVICE ")\n"
"  --threads N        decoder threads per stream, 0 to 64 (default: 0, automatic)\n"
"  --log-level LEVEL  error, warning, info or debug (default: info)\n"
"  --sandbox LEVEL    what workers must have, else daedalusd does not start:\n"
"                       strict         all of it (default)\n"
"                       no-namespaces  all but namespaces of their own, where there are\n"
"                                      no user namespaces\n"
"                       off            nothing, for sanitizers and debuggers\n"
"  --worker-memory M  private memory of a worker, MiB, 64 to 1048576; 0: no limit\n"
"                     (default: half of the machine's, at least 1024)\n"
"  --in-process       workers are threads without a sandbox, for debuggers and sanitizers\n"
"  --probe            load the codec libraries, print a record for each codec, and end\n"
"  --status-socket P  where daedalusctl asks (default: " STATUS_SOCKET "); '': nowhere\n"
"  --foreground       stay in the foreground; always so\n"
"  --help             print this text\n"
"  --version          print the version\n"
"\n"
"SIGTERM and SIGINT end it after the jobs in flight, at most a second later.\n"
"With $NOTIFY_SOCKET set, it tells the service manager when it is ready, and with\n"
"$WATCHDOG_USEC that it is alive. After the crash of a worker it executes itself again\n"
"with " RESUME_OPTION "=FD, so that the next worker has another address space layout.\n"
"\n"
"Exit status: 0 stopped by a signal, 1 a system call failed, 2 wrong command line,\n"
"3 no codec library works, 4 the control device cannot be opened (module not loaded,\n"
"another daedalusd, no permission), 5 the module refuses this version, 6 the module\n"
"was unloaded or unbound, 7 this machine does not let workers have the sandbox.\n";

enum option_id {
	OPTION_DEVICE = 256,
	OPTION_THREADS,
	OPTION_LOG_LEVEL,
	OPTION_SANDBOX,
	OPTION_WORKER_MEMORY,
	OPTION_IN_PROCESS,
	OPTION_RESUME,
	OPTION_PROBE,
	OPTION_STATUS_SOCKET,
	OPTION_FOREGROUND,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option options[] = {
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "threads", required_argument, NULL, OPTION_THREADS },
	{ "log-level", required_argument, NULL, OPTION_LOG_LEVEL },
	{ "sandbox", required_argument, NULL, OPTION_SANDBOX },
	{ "worker-memory", required_argument, NULL, OPTION_WORKER_MEMORY },
	{ "resume", required_argument, NULL, OPTION_RESUME },
	{ "in-process", no_argument, NULL, OPTION_IN_PROCESS },
	{ "probe", no_argument, NULL, OPTION_PROBE },
	{ "status-socket", required_argument, NULL, OPTION_STATUS_SOCKET },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 }
};

#define LEAST_MEMORY_MIB	64
#define MOST_MEMORY_MIB		1048576

/* Return: the number, @least..@most; -1 if @text is not such a number. */
static long parse_number(const char *text, long least, long most)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < least || value > most)
		return -1;
	return value;
}

/* Return: MiB; -1 if @text is neither 0 nor in range. */
static long parse_memory(const char *text)
{
	return parse_number(text, 0, 0) == 0 ?
	       0 : parse_number(text, LEAST_MEMORY_MIB, MOST_MEMORY_MIB);
}

/* Nothing that is opened later may become a standard stream. */
static void open_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int probe(void)
{
	struct daedalus_hello hello = { 0 };
	struct record_text text = { 0 };
	unsigned int codecs = engines_load(&hello);

	engines_describe(&text);
	if (text.text)
		fputs(text.text, stdout);
	free(text.text);
	if (text.failed || fflush(stdout))
		return EXIT_FAILED;
	return codecs ? EXIT_STOPPED : EXIT_NO_CODEC;
}

int main(int argc, char **argv)
{
	struct supervisor_params params = {
		.device = DAEDALUS_CONTROL_DEVICE,
		.status = STATUS_SOCKET,
		.memory = sandbox_memory_default(),
		.resume = -1,
		.argv = argv,
	};
	long threads = 0;
	long memory;
	bool probe_only = false;
	int level;
	int id;

	open_standard_streams();
	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (id) {
		case OPTION_DEVICE:
			params.device = optarg;
			break;
		case OPTION_THREADS:
			threads = parse_number(optarg, 0, THREADS_MAX);
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
		case OPTION_SANDBOX:
			level = sandbox_level_from_name(optarg);
			if (level < 0) {
				fprintf(stderr, "daedalusd: --sandbox %s is not strict, no-namespaces or off\n",
					optarg);
				return EXIT_USAGE;
			}
			params.sandbox = (enum sandbox_level)level;
			break;
		case OPTION_WORKER_MEMORY:
			memory = parse_memory(optarg);
			if (memory < 0) {
				fprintf(stderr, "daedalusd: --worker-memory %s is neither 0 nor a number from %d to %d\n",
					optarg, LEAST_MEMORY_MIB, MOST_MEMORY_MIB);
				return EXIT_USAGE;
			}
			params.memory = (uint64_t)memory << 20;
			break;
		case OPTION_RESUME:
			params.resume = (int)parse_number(optarg, STDERR_FILENO + 1, INT_MAX);
			if (params.resume < 0) {
				fprintf(stderr, "daedalusd: " RESUME_OPTION " %s is not a descriptor\n",
					optarg);
				return EXIT_USAGE;
			}
			break;
		case OPTION_IN_PROCESS:
			params.in_process = true;
			break;
		case OPTION_PROBE:
			probe_only = true;
			break;
		case OPTION_STATUS_SOCKET:
			params.status = optarg;
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

	if (probe_only)
		return probe();
	params.config.threads = threads ? (unsigned int)threads : threads_automatic();
	return supervisor_run(&params);
}
