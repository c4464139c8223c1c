// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-fuzz: attacks on the module. Prints the seed first, then TAP; the same seed makes
 * the same decisions again.
 */
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>

#include "harness.h"
#include "run.h"

static const struct {
	const char *name;
	bool (*run)(const struct options *options, struct watch *watch);
} modes[] = {
	{ "client", client_fuzz },
	{ "daemon", daemon_fuzz },
	{ "fault", fault_suite },
	{ "selftest", self_test },
};

static unsigned int results;

bool tap_result(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %u - ", good ? "" : "not ", ++results);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return good;
}

static void usage(void)
{
	fprintf(stderr, "usage: kernel-fuzz MODE... --corpus DIR [OPTIONS]\n"
		"  MODE          client, daemon, fault, or selftest\n"
		"  --seed N      decides everything (the time)\n"
		"  --seconds N   how long (30)\n"
		"  --ops N       operations of each thread (random)\n"
		"  --replay N    only round N, printing each operation\n"
		"  --slow N      factor for all times (1)\n"
		"  --fault N     the last allocation of an operation that fails (2000)\n"
		"  --no-imports  hostile clients import no memory\n"
		"  --no-stalls   and do not stall copies from their memory\n"
		"  --daemon PATH daedalusd, to see that the device still works\n");
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*end || end == text)
		usage();
	return value;
}

static unsigned int parameter(const char *name)
{
	unsigned int value = 0;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/daedalus_v4l2/parameters/%s", name);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%u", &value) != 1)
		FAIL("%s cannot be read: is the module loaded?", path);
	fclose(file);
	return value;
}

static bool run_mode(const char *name, const struct options *options, struct watch *watch)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(name, modes[i].name))
			return modes[i].run(options, watch);
	usage();
	return false;
}

int main(int argc, char **argv)
{
	static const struct option options_long[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seconds", required_argument, NULL, 't' },
		{ "ops", required_argument, NULL, 'o' },
		{ "replay", required_argument, NULL, 'r' },
		{ "slow", required_argument, NULL, 'l' },
		{ "fault", required_argument, NULL, 'f' },
		{ "daemon", required_argument, NULL, 'd' },
		{ "no-imports", no_argument, NULL, 'i' },
		{ "no-stalls", no_argument, NULL, 'w' },
		{ "corpus", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 }
	};
	struct options options = {
		.seed = time(NULL), .seconds = 30, .replay = -1, .slow = 1, .fault = 2000,
	};
	const char *corpus = NULL;
	unsigned int deadline_ms;
	struct watch watch;
	bool good = true;
	int c;

	while ((c = getopt_long(argc, argv, "", options_long, NULL)) != -1) {
		switch (c) {
		case 's':
			options.seed = number(optarg);
			break;
		case 't':
			options.seconds = number(optarg);
			break;
		case 'o':
			options.ops = number(optarg);
			break;
		case 'r':
			options.replay = number(optarg);
			break;
		case 'l':
			options.slow = number(optarg) ? number(optarg) : 1;
			break;
		case 'f':
			options.fault = number(optarg);
			break;
		case 'i':
			options.no_imports = true;
			break;
		case 'w':
			options.no_stalls = true;
			break;
		case 'd':
			options.daemon = optarg;
			break;
		case 'c':
			corpus = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind == argc || !corpus)
		usage();
	printf("# seed %llu\n", (unsigned long long)options.seed);
	fflush(stdout);
	signal(SIGPIPE, SIG_IGN);
	corpus_load(corpus);
	trace_init();
	trace_loud = options.replay >= 0;
	deadline_ms = parameter("deadline_ms");
	watch_init(&watch, deadline_ms, options.slow);
	/* A slow guest decodes slowly too. */
	if (options.slow > 1)
		set_param("deadline_ms", deadline_ms * options.slow);
	for (; optind < argc; optind++)
		good &= run_mode(argv[optind], &options, &watch);
	printf("1..%u\n", results);
	return good ? 0 : 1;
}
