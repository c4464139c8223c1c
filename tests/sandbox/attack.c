// SPDX-License-Identifier: LGPL-2.1-or-later
#include "attack.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "core/sandbox.h"
#include "daedalus_v4l2_proto.h"

#define SESSION		SANDBOX_SESSION_FD
#define BUFFER_NUMBERS	4096U	/* streams of the test have fewer */
#define SESSIONS	512U	/* streams of the test have lower numbers */
#define REPLIES		8U	/* of each session */

static void tell_layout(void)
{
	int local;

	log_info("layout %p %p %p", (void *)(uintptr_t)attack, (void *)(uintptr_t)printf,
		 (void *)&local);
}

static void crash(void)
{
	static volatile uintptr_t nowhere = 8;

	*(volatile int *)nowhere = 1;
}

static void *spin(void *data)
{
	for (;;)
		;
	return data;
}

static void hang(void)
{
	pthread_t thread;
	sigset_t all;
	int i;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (i = 0; i < 2; i++)
		pthread_create(&thread, NULL, spin, NULL);
	spin(NULL);
}

static void close_and_hang(void)
{
	int fd;

	for (fd = 0; fd < 1024; fd++)
		close(fd);
	hang();
}

static void forbidden(void)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

static void flood(void)
{
	static const char lines[] = "error: flood\nerror: flood\nerror: flood\nerror: flood\n";
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		(void)!write(STDERR_FILENO, lines, sizeof(lines) - 1);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 1000);
}

static void forge_line(void)
{
	/* The supervisor of the test has a lower number than its worker. */
	dprintf(STDERR_FILENO, "daedalusd[1]: " FORGED "\n\033[2J\033[31m" FORGED "\n");
}

static void use_memory(void)
{
	const size_t step = 1 << 20;
	size_t total = 0;
	char *memory;

	while (total < SIZE_MAX / 4) {
		memory = mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			break;
		*memory = 1;
		total += step;
	}
	log_info("memory %zu %s", total >> 20, strerrorname_np(errno));
}

static void *wait_forever(void *data)
{
	pthread_mutex_t *mutex = data;

	pthread_mutex_lock(mutex);
	return data;
}

static void use_threads(void)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	int count = 0, error = 0;
	pthread_attr_t small;
	pthread_t thread;

	/* So that threads run out before memory. */
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 1 << 17);
	pthread_mutex_lock(&mutex);
	while (count < 4096 && !error) {
		error = pthread_create(&thread, &small, wait_forever, &mutex);
		count += !error;
	}
	log_info("threads %d %s", count, strerrorname_np(error));
}

static bool has_secret(const struct daedalus_get_buffer *get)
{
	void *map = mmap(NULL, (size_t)get->length, PROT_READ, MAP_SHARED, get->fd, 0);
	bool found;

	if (map == MAP_FAILED)
		return false;
	found = memmem(map, (size_t)get->length, SECRET, sizeof(SECRET) - 1);
	munmap(map, (size_t)get->length);
	return found;
}

static void fetch_buffers(void)
{
	unsigned int fetched = 0, secrets = 0;
	uint32_t i;

	for (i = 0; i < 2 * BUFFER_NUMBERS; i++) {
		/* The lowest numbers and the highest ones. */
		struct daedalus_get_buffer get = {
			.buffer = i < BUFFER_NUMBERS ? i : UINT32_MAX - (i - BUFFER_NUMBERS),
		};

		if (ioctl(SESSION, DAEDALUS_IOC_GET_BUFFER, &get) < 0)
			continue;
		fetched++;
		secrets += has_secret(&get);
		close(get.fd);
	}
	log_info("buffers %u secrets %u", fetched, secrets);
}

static void use_descriptors(void)
{
	struct daedalus_get_buffer get = { .buffer = 1 };
	unsigned int count = 0;

	while (count < 1U << 20 && ioctl(SESSION, DAEDALUS_IOC_GET_BUFFER, &get) == 0)
		count++;
	log_info("descriptors %u %s", count, strerrorname_np(errno));
}

static void forge_replies(void)
{
	unsigned int accepted = 0;
	uint64_t session, job;

	for (session = 0; session < SESSIONS; session++) {
		for (job = 0; job < REPLIES; job++) {
			const struct daedalus_reply reply = {
				.size = sizeof(reply), .id = session << 32 | job,
			};

			accepted += write(SESSION, &reply, sizeof(reply)) > 0;
		}
	}
	/* One of them is the job that is in work. */
	log_info("replies %u", accepted);
}

static void send_nonsense(void)
{
	static uint8_t bytes[DAEDALUS_MSG_MAX];
	unsigned int accepted = 0;
	size_t size;
	int i;

	for (size = 0; size < sizeof(bytes); size = size * 2 + 1)
		for (i = 0; i < 256; i += 51) {
			memset(bytes, i, size);
			accepted += write(SESSION, bytes, size) > 0;
		}
	log_info("messages %u", accepted);
}

static void slow(void)
{
	struct timespec start, now;

	log_info("slow");
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 500);
}

void attack(enum attack number)
{
	static void (*const attacks[ATTACK_COUNT])(void) = {
		[ATTACK_TELL_LAYOUT] = tell_layout,
		[ATTACK_CRASH] = crash,
		[ATTACK_HANG] = hang,
		[ATTACK_CLOSE_AND_HANG] = close_and_hang,
		[ATTACK_FORBIDDEN] = forbidden,
		[ATTACK_FLOOD] = flood,
		[ATTACK_FORGE_LINE] = forge_line,
		[ATTACK_MEMORY] = use_memory,
		[ATTACK_THREADS] = use_threads,
		[ATTACK_BUFFERS] = fetch_buffers,
		[ATTACK_DESCRIPTORS] = use_descriptors,
		[ATTACK_REPLIES] = forge_replies,
		[ATTACK_MESSAGES] = send_nonsense,
		[ATTACK_SLOW] = slow,
	};

	if (number < ATTACK_COUNT && attacks[number])
		attacks[number]();
}
