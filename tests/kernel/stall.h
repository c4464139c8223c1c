/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory whose owner decides when a page fault ends, and ioctls in threads of their
 * own that sleep in such a fault.
 */
#ifndef DAEDALUS_KERNEL_STALL_H
#define DAEDALUS_KERNEL_STALL_H

#include <pthread.h>

#include "harness.h"

/**
 * struct stall - a page that a system call waits for
 * @uffd:	userfaultfd that handles its faults
 * @page:	the page, not populated yet; stall_size() bytes
 */
struct stall {
	int uffd;
	void *page;
};

/**
 * struct call - an ioctl in a thread of its own
 * @fd:		descriptor
 * @request:	number of the ioctl
 * @arg:	argument
 * @ret:	what ioctl() returned, once call_end() has returned
 * @error:	its errno
 * @thread:	the thread
 */
struct call {
	int fd;
	unsigned long request;
	void *arg;
	int ret;
	int error;
	pthread_t thread;
};

void stall_make(struct stall *stall);
void stall_wait(struct stall *stall);
void stall_end(struct stall *stall, const void *data, size_t size);
size_t stall_size(void);
void call_start(struct call *call, int fd, unsigned long request, void *arg);
void call_end(struct call *call);

#endif /* DAEDALUS_KERNEL_STALL_H */
