// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A hostile daemon: it opens the control device and does what a daemon may do, what it must
 * not do, and noise. It answers often enough for the streams to go on.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "harness.h"
#include "run.h"

#define SESSIONS	6
#define JOBS		16
#define KEPT		12
#define THREADS		2

/** struct evil_job - a job that was read; it may have ended long ago */
struct evil_job {
	int session;
	uint64_t id;
	uint32_t src;
	uint32_t dst;
};

/** struct evil - the process; its threads share everything without a lock */
struct evil {
	atomic_int control;
	atomic_int sessions[SESSIONS];
	atomic_uint last_session;
	struct evil_job jobs[JOBS];
	atomic_uint num_jobs;
	atomic_int kept[KEPT];
	atomic_bool limited;
};

/** struct evil_hand - a thread */
struct evil_hand {
	struct actor *actor;
	struct dice dice;
	unsigned int ops;
	uint64_t message[DAEDALUS_MSG_MAX / 8];
};

static struct evil evil;

static void close_slot(struct evil_hand *hand, const char *name, atomic_int *slot)
{
	int fd = atomic_exchange(slot, -1);

	if (fd < 0)
		return;
	trace_begin(hand->actor, name, "fd %d", fd);
	trace_end(hand->actor, close(fd));
}

static void keep(struct evil_hand *hand, int fd)
{
	atomic_int *slot = &evil.kept[dice_below(&hand->dice, KEPT)];

	close_slot(hand, "close kept", slot);
	*slot = fd;
}

static atomic_int *any_session(struct evil_hand *hand)
{
	unsigned int first = dice_below(&hand->dice, SESSIONS);

	for (unsigned int i = 0; i < SESSIONS; i++)
		if (evil.sessions[(first + i) % SESSIONS] >= 0)
			return &evil.sessions[(first + i) % SESSIONS];
	return &evil.sessions[first];
}

/* An address that faults, now and then. */
static void *maybe_bad(struct evil_hand *hand, void *good)
{
	if (!dice_percent(&hand->dice, 3))
		return good;
	return (void *)(uintptr_t)dice_below(&hand->dice, 4096);
}

static void say_hello(struct evil_hand *hand)
{
	static const uint32_t formats[] = {
		V4L2_PIX_FMT_VP9_FRAME, V4L2_PIX_FMT_H264_SLICE, V4L2_PIX_FMT_AV1_FRAME,
	};
	struct daedalus_hello hello;

	good_hello(&hello);
	if (dice_percent(&hand->dice, 25)) {
		/* Another table: the nodes are unregistered and registered again. */
		hello.num_codecs = 1 + dice_below(&hand->dice, 3);
		for (unsigned int i = 0; i < hello.num_codecs; i++) {
			struct daedalus_codec *codec = &hello.codecs[i];

			codec->pixelformat = formats[dice_below(&hand->dice, 3)];
			codec->capture_formats = 1 | dice_below(&hand->dice, 16);
			codec->max_width = 16 + dice_below(&hand->dice, 4096);
			codec->max_height = 16 + dice_below(&hand->dice, 4096);
		}
	}
	if (dice_percent(&hand->dice, 15))
		dice_spoil(&hand->dice, &hello, sizeof(hello));
	if (dice_percent(&hand->dice, 3))
		dice_fill(&hand->dice, &hello, sizeof(hello));
	trace_begin(hand->actor, "HELLO", "fd %d codecs %u", evil.control, hello.num_codecs);
	trace_end(hand->actor, ioctl(evil.control, DAEDALUS_IOC_HELLO,
				     maybe_bad(hand, &hello)));
}

static void open_control_again(struct evil_hand *hand)
{
	int none = -1, fd;

	trace_begin(hand->actor, "open control", "%s", DAEDALUS_CONTROL_DEVICE);
	fd = open(DAEDALUS_CONTROL_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	trace_end(hand->actor, fd);
	if (fd < 0)
		return;
	if (!atomic_compare_exchange_strong(&evil.control, &none, fd))
		close(fd);
	say_hello(hand);
}

static void close_control(struct evil_hand *hand)
{
	close_slot(hand, "close control", &evil.control);
}

static void open_session_of(struct evil_hand *hand, uint32_t number)
{
	struct daedalus_open_session open = { .session = number };
	atomic_int *slot = &evil.sessions[dice_below(&hand->dice, SESSIONS)];

	trace_begin(hand->actor, "OPEN_SESSION", "%u", number);
	if (trace_end(hand->actor, ioctl(evil.control, DAEDALUS_IOC_OPEN_SESSION,
					 maybe_bad(hand, &open))))
		return;
	fcntl(open.fd, F_SETFL, O_NONBLOCK);
	close_slot(hand, "close session", slot);
	*slot = open.fd;
}

static void read_event(struct evil_hand *hand)
{
	struct daedalus_event event[2];
	size_t size = dice_percent(&hand->dice, 90) ? sizeof(event[0]) :
						      dice_below(&hand->dice, sizeof(event));
	ssize_t got;

	trace_begin(hand->actor, "read event", "%zu", size);
	got = trace_end(hand->actor, read(evil.control, maybe_bad(hand, event), size));
	if (got != sizeof(event[0]))
		return;
	evil.last_session = event[0].session;
	if (!dice_percent(&hand->dice, 5))
		open_session_of(hand, event[0].session);
}

static void forge_session(struct evil_hand *hand)
{
	open_session_of(hand, dice_percent(&hand->dice, 70) ?
			evil.last_session + 2 - dice_below(&hand->dice, 5) :
			dice_odd(&hand->dice));
}

/* Fetch a buffer and use it. */
static void fetch_buffer(struct evil_hand *hand, int session, uint32_t number, bool write_it)
{
	struct daedalus_get_buffer get = { .buffer = number };
	size_t length;
	void *map;

	if (dice_percent(&hand->dice, 2))
		get.reserved = dice_bits(&hand->dice);
	trace_begin(hand->actor, "GET_BUFFER", "session fd %d number %u", session, number);
	if (trace_end(hand->actor, ioctl(session, DAEDALUS_IOC_GET_BUFFER,
					 maybe_bad(hand, &get))))
		return;
	length = get.length < (1 << 20) ? get.length : 1 << 20;
	map = mmap(NULL, length, write_it ? PROT_WRITE : PROT_READ, MAP_SHARED, get.fd, 0);
	if (map != MAP_FAILED) {
		if (write_it)
			memset(map, dice_bits(&hand->dice), length);
		munmap(map, length);
	}
	if (dice_percent(&hand->dice, 30))
		keep(hand, get.fd);
	else
		close(get.fd);
}

static void reply(struct evil_hand *hand, int session, uint64_t id, uint32_t status)
{
	struct daedalus_reply answer[4] = { {
		.size = sizeof(answer[0]), .status = status, .id = id,
	} };
	size_t size = sizeof(answer[0]);

	if (dice_percent(&hand->dice, 5))
		size = dice_below(&hand->dice, sizeof(answer));
	if (dice_percent(&hand->dice, 5))
		dice_spoil(&hand->dice, &answer[0], sizeof(answer[0]));
	trace_begin(hand->actor, "reply", "session fd %d id %llx status %u size %zu", session,
		    (unsigned long long)id, status, size);
	trace_end(hand->actor, write(session, maybe_bad(hand, answer), size));
}

/* Read a message; a job is mostly done well, and else remembered. */
static void work(struct evil_hand *hand)
{
	int session = *any_session(hand);
	const struct daedalus_job *job = (const void *)hand->message;
	struct evil_job *note = &evil.jobs[evil.num_jobs++ % JOBS];
	size_t size = dice_percent(&hand->dice, 95) ? sizeof(hand->message) :
						      dice_below(&hand->dice, 512);
	ssize_t got;

	trace_begin(hand->actor, "read message", "session fd %d size %zu", session, size);
	got = trace_end(hand->actor, read(session, maybe_bad(hand, hand->message), size));
	if (got < (ssize_t)sizeof(*job) || job->hdr.type != DAEDALUS_MSG_JOB)
		return;
	*note = (struct evil_job) { session, job->id, job->src.buffer, job->dst[0].buffer };
	if (dice_percent(&hand->dice, 20))
		return;
	if (dice_percent(&hand->dice, 70)) {
		fetch_buffer(hand, session, note->src, false);
		fetch_buffer(hand, session, note->dst, true);
	}
	reply(hand, session, note->id, dice_percent(&hand->dice, 70) ? DAEDALUS_STATUS_OK :
	      dice_below(&hand->dice, DAEDALUS_STATUS_COUNT + 1));
	if (dice_percent(&hand->dice, 10))
		reply(hand, session, note->id, DAEDALUS_STATUS_OK);
}

/* Answer a job of before: late, again, of another session, or of none. */
static void answer_old(struct evil_hand *hand)
{
	const struct evil_job *job = &evil.jobs[dice_below(&hand->dice, JOBS)];
	uint64_t id = job->id;

	if (dice_percent(&hand->dice, 30))
		id += 1 + dice_below(&hand->dice, 3);
	if (dice_percent(&hand->dice, 20))
		id = dice_odd(&hand->dice);
	if (dice_percent(&hand->dice, 20))
		id += UINT64_C(1) << 32;
	reply(hand, dice_percent(&hand->dice, 60) ? job->session : *any_session(hand), id,
	      dice_below(&hand->dice, DAEDALUS_STATUS_COUNT + 1));
}

/* Fetch buffers of before, of other streams, and of nobody. */
static void fetch_any(struct evil_hand *hand)
{
	const struct evil_job *job = &evil.jobs[dice_below(&hand->dice, JOBS)];
	uint32_t number = dice_percent(&hand->dice, 60) ? job->dst :
			  dice_percent(&hand->dice, 50) ? dice_below(&hand->dice, 40) :
							  dice_odd(&hand->dice);

	fetch_buffer(hand, *any_session(hand), number, dice_percent(&hand->dice, 50));
}

static void close_session(struct evil_hand *hand)
{
	atomic_int *slot = any_session(hand);

	if (dice_percent(&hand->dice, 20) && *slot >= 0) {
		int fd = dup(*slot);

		if (fd >= 0)
			keep(hand, fd);
	}
	close_slot(hand, "close session", slot);
}

static void close_kept(struct evil_hand *hand)
{
	close_slot(hand, "close kept", &evil.kept[dice_below(&hand->dice, KEPT)]);
}

/* Hundreds of ioctls with noise. */
static void storm(struct evil_hand *hand)
{
	uint8_t data[512];

	for (unsigned int i = dice_below(&hand->dice, 200); i; i--) {
		int fd = dice_percent(&hand->dice, 30) ? evil.control : *any_session(hand);
		unsigned int number = dice_percent(&hand->dice, 80) ?
				      dice_below(&hand->dice, 20) :
				      dice_below(&hand->dice, 256);

		dice_fill(&hand->dice, data, sizeof(data));
		trace_begin(hand->actor, "noise", "fd %d number %u", fd, number);
		trace_end(hand->actor, ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, DAEDALUS_IOC_MAGIC,
						      number, dice_below(&hand->dice, 400)),
					     data));
	}
}

static void other_calls(struct evil_hand *hand)
{
	int fd = dice_percent(&hand->dice, 30) ? evil.control : *any_session(hand);
	struct pollfd wait = { .fd = fd, .events = POLLIN | POLLOUT };
	void *map;

	switch (dice_below(&hand->dice, 4)) {
	case 0:
		trace_begin(hand->actor, "mmap", "fd %d", fd);
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		trace_end(hand->actor, map == MAP_FAILED ? -1 : 0);
		if (map != MAP_FAILED)
			trace_wrong(hand->actor, "a control or session fd can be mapped");
		break;
	case 1:
		trace_begin(hand->actor, "lseek", "fd %d", fd);
		trace_end(hand->actor, lseek(fd, dice_below(&hand->dice, 100), SEEK_SET));
		break;
	case 2:
		dice_fill(&hand->dice, hand->message, sizeof(hand->message));
		trace_begin(hand->actor, "write noise", "fd %d", fd);
		trace_end(hand->actor, write(fd, hand->message,
					     dice_below(&hand->dice, sizeof(hand->message))));
		break;
	default:
		trace_begin(hand->actor, "poll", "fd %d", fd);
		trace_end(hand->actor, poll(&wait, 1, dice_below(&hand->dice, 20)));
	}
}

static void limit_files(struct evil_hand *hand)
{
	struct rlimit limit;
	int lowest = -1;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	if (!evil.limited) {
		lowest = dup(0);
		if (lowest < 0)
			return;
		close(lowest);
		limit.rlim_cur = lowest + dice_below(&hand->dice, 3);
	}
	evil.limited = lowest >= 0;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void rest(struct evil_hand *hand)
{
	usleep(dice_below(&hand->dice, dice_percent(&hand->dice, 5) ? 200000 : 3000));
}

static const struct {
	unsigned int weight;
	void (*run)(struct evil_hand *hand);
} ops[] = {
	{ 40, work },
	{ 20, read_event },
	{ 8, answer_old },
	{ 10, fetch_any },
	{ 6, rest },
	{ 5, other_calls },
	{ 3, close_session },
	{ 3, close_kept },
	{ 3, forge_session },
	{ 2, storm },
	{ 2, say_hello },
	{ 1, open_control_again },
	{ 1, close_control },
	{ 1, limit_files },
};

static void *run_thread(void *data)
{
	struct evil_hand *hand = data;
	unsigned int all = 0;

	hand->actor = trace_actor("hostile daemon");
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		all += ops[i].weight;
	open_control_again(hand);
	for (unsigned int n = 0; n < hand->ops; n++) {
		unsigned int pick = dice_below(&hand->dice, all), i = 0;

		while (pick >= ops[i].weight)
			pick -= ops[i++].weight;
		/* Without a daemon the clients have nothing to attack. */
		if (evil.control < 0 && dice_percent(&hand->dice, 20))
			open_control_again(hand);
		ops[i].run(hand);
	}
	return NULL;
}

void evil_run(void *data)
{
	static struct evil_hand hands[THREADS];
	struct hostile *hostile = data;
	unsigned int count = dice_percent(&hostile->dice, 50) ? 1 : THREADS;
	pthread_t threads[THREADS];

	evil.control = -1;
	for (unsigned int i = 0; i < SESSIONS; i++)
		evil.sessions[i] = -1;
	for (unsigned int i = 0; i < KEPT; i++)
		evil.kept[i] = -1;
	for (unsigned int i = 0; i < count; i++) {
		hands[i].dice = dice_new(dice_bits(&hostile->dice), i, 0);
		hands[i].ops = hostile->ops;
	}
	for (unsigned int i = 1; i < count; i++)
		pthread_create(&threads[i], NULL, run_thread, &hands[i]);
	run_thread(&hands[0]);
	for (unsigned int i = 1; i < count; i++)
		pthread_join(threads[i], NULL);

	if (dice_percent(&hands[0].dice, 50))
		close_control(&hands[0]);
	for (unsigned int i = 0; i < SESSIONS; i++)
		close_slot(&hands[0], "close session", &evil.sessions[i]);
	for (unsigned int i = 0; i < KEPT; i++)
		close_slot(&hands[0], "close kept", &evil.kept[i]);
	close_control(&hands[0]);
}
