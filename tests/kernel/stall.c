// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Page faults that last as long as the test wants, by userfaultfd.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "stall.h"

/* Return: bytes of the page of a struct stall. */
size_t stall_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* Make a page whose first access waits for stall_end(). Skips the test without userfaultfd. */
void stall_make(struct stall *stall)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	stall->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (stall->uffd < 0)
		SKIP("no userfaultfd (CONFIG_USERFAULTFD): %s", strerror(errno));
	EXPECT_EQ(ioctl(stall->uffd, UFFDIO_API, &api), 0);
	stall->page = mmap(NULL, stall_size(), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(stall->page != MAP_FAILED);
	reg.range.start = (uintptr_t)stall->page;
	reg.range.len = stall_size();
	EXPECT_EQ(ioctl(stall->uffd, UFFDIO_REGISTER, &reg), 0);
}

/* Wait until a thread sleeps in the fault. */
void stall_wait(struct stall *stall)
{
	struct uffd_msg msg;

	if (!readable(stall->uffd, 5000))
		FAIL("nobody accessed the page");
	EXPECT_EQ(read(stall->uffd, &msg, sizeof(msg)), sizeof(msg));
	EXPECT_EQ(msg.event, UFFD_EVENT_PAGEFAULT);
}

/* Populate the page with @size bytes of @data and zeros: the fault ends. */
void stall_end(struct stall *stall, const void *data, size_t size)
{
	struct uffdio_copy copy = { .dst = (uintptr_t)stall->page, .len = stall_size() };
	void *page = calloc(1, stall_size());

	EXPECT(page);
	memcpy(page, data, size);
	copy.src = (uintptr_t)page;
	EXPECT_EQ(ioctl(stall->uffd, UFFDIO_COPY, &copy), 0);
	free(page);
	close(stall->uffd);
}

static void *run_call(void *data)
{
	struct call *call = data;

	call->ret = ioctl(call->fd, call->request, call->arg);
	call->error = errno;
	return NULL;
}

/* Start ioctl(@fd, @request, @arg) in a thread. */
void call_start(struct call *call, int fd, unsigned long request, void *arg)
{
	*call = (struct call) { .fd = fd, .request = request, .arg = arg };
	EXPECT_EQ(pthread_create(&call->thread, NULL, run_call, call), 0);
}

/* Wait for the end of the ioctl. */
void call_end(struct call *call)
{
	EXPECT_EQ(pthread_join(call->thread, NULL), 0);
}
