/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a hostile process has: descriptors, buffers and mappings, which its threads share
 * and take from each other without a lock, as careless or malicious programs do.
 */
#ifndef DAEDALUS_FUZZ_WORLD_H
#define DAEDALUS_FUZZ_WORLD_H

#include <stdatomic.h>

#include "corpus.h"
#include "dice.h"
#include "harness.h"
#include "trace.h"

#define WORLD_VIDEOS	3
#define WORLD_MEDIAS	2
#define WORLD_REQUESTS	8
#define WORLD_DMABUFS	10
#define WORLD_KEPT	12
#define WORLD_MAPS	12
#define WORLD_BUFFERS	32
#define WORLD_THREADS	3

/** struct world_queue - what the process believes of a queue */
struct world_queue {
	atomic_uint memory;	/* V4L2_MEMORY_* */
	atomic_uint count;	/* buffers */
	atomic_uint planes;	/* memory planes of the format */
	atomic_uint size;	/* bytes of plane 0 of the format */
	atomic_uint busy;	/* a bit for each buffer that is queued */
};

/** struct world_guard - a picture that this process alone may write; see guard.c */
struct world_guard {
	uint8_t *map;
	size_t size;
	bool exported;
};

/** struct world_video - an open file of the video node */
struct world_video {
	atomic_int fd;
	atomic_uint clip;	/* of @corpora, by the OUTPUT format */
	atomic_uint frame;	/* next one of the clip */
	_Atomic uint64_t last_time_us;
	atomic_uint hold_percent;	/* of the OUTPUT buffers ask to hold the picture */
	struct world_queue queues[2];	/* OUTPUT, CAPTURE */
	struct world_guard guards[WORLD_BUFFERS];
};

/** struct world_dmabuf - memory to import */
struct world_dmabuf {
	int fd;
	uint8_t *map;
	size_t size;
	bool heap;	/* of the system heap, else a udmabuf */
};

/** struct world_map - a mapping that is kept, whatever happens to the buffer */
struct world_map {
	_Atomic(void *) at;
	size_t size;
};

/** struct world - see above; entries without a descriptor are -1 */
struct world {
	char video_path[64];
	char media_path[64];
	unsigned int threads;
	bool guarded;		/* see guard.c */
	bool imports;		/* buffers may be of imported memory */
	struct world_video videos[WORLD_VIDEOS];
	atomic_int medias[WORLD_MEDIAS];
	atomic_int requests[WORLD_REQUESTS];
	struct world_dmabuf dmabufs[WORLD_DMABUFS];
	unsigned int num_dmabufs;
	atomic_int kept[WORLD_KEPT];	/* exported dma-bufs and other descriptors */
	struct world_map maps[WORLD_MAPS];
	atomic_bool limited;	/* RLIMIT_NOFILE is lowered */
	atomic_bool quitting;	/* close everything */
	atomic_bool blocking;	/* a file may be without O_NONBLOCK now: DQBUF may wait */
	int userfault;		/* see stall.c; -1: none */
	uint8_t *fault_page;
};

/** struct hand - a thread of a hostile process */
struct hand {
	struct world *world;
	struct actor *actor;
	struct dice dice;
	uint8_t *pages;		/* 1 to write to, 1 without access, 1 to read */
};

/** struct op - something that a hand can do; @weight: how often */
struct op {
	const char *name;
	unsigned int weight;
	void (*run)(struct hand *hand);
};

/* One array per topic, terminated by an entry without a name. */
extern const struct op file_ops[];
extern const struct op queue_ops[];
extern const struct op buffer_ops[];
extern const struct op request_ops[];
extern const struct op misc_ops[];
extern const struct op stall_ops[];

/** world_open() - an empty world of a process with @threads */
void world_open(struct world *world, unsigned int threads);

/** world_close() - end everything that is open, each step as an operation of @hand */
void world_close(struct hand *hand);

/** hand_open() - @hand of this thread; @role is for reports */
void hand_open(struct hand *hand, struct world *world, const char *role, struct dice dice);

/** hand_run() - @count random operations */
void hand_run(struct hand *hand, unsigned int count);

/**
 * hand_dequeues() - the next operation may wait, if a thread lets its file block
 *
 * Before trace_begin(). O_NONBLOCK belongs to the open file, so another thread can take it
 * away after this one has looked whether the call may wait.
 */
void hand_dequeues(struct hand *hand);

/** world_lets_block() - files may be without O_NONBLOCK from now on */
void world_lets_block(struct world *world);

/**
 * hand_ioctl() - an ioctl as an operation; sometimes with a bad pointer
 * @arg:	argument of @size bytes
 *
 * Return: as ioctl().
 */
int hand_ioctl(struct hand *hand, const char *name, int fd, unsigned long request, void *arg,
	       size_t size);

/** hand_close() - close the descriptor in a slot as an operation; the slot is -1 then */
void hand_close(struct hand *hand, const char *name, atomic_int *slot);

/** hand_keep() - keep a descriptor for later; another one may be closed for it */
void hand_keep(struct hand *hand, int fd);

/** hand_video() - a random open video file, mostly; its descriptor goes to @fd */
struct world_video *hand_video(struct hand *hand, int *fd);

/** hand_type() - OUTPUT or CAPTURE, rarely another type */
uint32_t hand_type(struct hand *hand);

/** world_queue() - the queue of @type */
static inline struct world_queue *world_queue(struct world_video *video, uint32_t type)
{
	return &video->queues[type == OUTPUT ? 0 : 1];
}

/* What ops of one topic offer the others. */
void file_open_video(struct hand *hand);
int file_open_media(struct hand *hand);
void queue_reset(struct hand *hand, struct world_video *video, int fd);
void queue_setup(struct hand *hand, struct world_video *video, int fd);
void queue_note_format(struct world_video *video, const struct v4l2_format *f);
/* After a change of the format: another one, if its buffers would be huge. */
void queue_shrink(struct hand *hand, int fd);
int buffer_queue(struct hand *hand, struct world_video *video, int fd, uint32_t type,
		 unsigned int index, int request, uint64_t time_us);
unsigned int buffer_free(struct hand *hand, struct world_video *video, uint32_t type);
int buffer_dequeue(struct hand *hand, struct world_video *video, int fd, uint32_t type);
void guard_take(struct hand *hand, struct world_video *video, int fd, unsigned int index);
void guard_check(struct hand *hand, struct world_video *video, unsigned int index);
void guard_drop_all(struct hand *hand, struct world_video *video);
bool stall_open(struct world *world, struct dice *dice);

#endif /* DAEDALUS_FUZZ_WORLD_H */
