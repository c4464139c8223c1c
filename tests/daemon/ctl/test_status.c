// SPDX-License-Identifier: LGPL-2.1-or-later
/* The status socket: what a client gets, and clients that do not read. */
#include "check.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/status.h"

static char path[128];
static unsigned int lines;	/* records in each answer */

static void fill(struct record_text *to, const struct status_reader *reader, void *data)
{
	unsigned int i;

	CHECK(data == &lines);
	for (i = 0; i < lines; i++) {
		record_begin(to, "reader");
		record_add(to, "uid", "%u", reader->uid);
		record_add(to, "all", "%d", reader->all);
		record_end(to);
	}
}

/* Serves until the listener is shut down. */
static void *serve(void *data)
{
	int listener = *(int *)data;
	struct pollfd p = { .fd = listener, .events = POLLIN };

	while (poll(&p, 1, 5000) == 1 && !(p.revents & POLLHUP))
		status_serve(listener, fill, &lines);
	return NULL;
}

static void test_visibility(void)
{
	const struct status_reader root = { .uid = 0, .all = true }, joe = { .uid = 1000 };
	const struct status_reader unknown = { .uid = (uid_t)-1 }, nobody = { .uid = 65534 };

	CHECK(status_may_see(&root, 1000) && status_may_see(&root, (uid_t)-1));
	CHECK(status_may_see(&joe, 1000) && !status_may_see(&joe, 1001));
	CHECK(!status_may_see(&joe, (uid_t)-1) && !status_may_see(&unknown, (uid_t)-1));
	CHECK(!status_may_see(&nobody, 65534));
}

int main(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct records records;
	int listener, silent;
	struct stat entry;
	pthread_t thread;

	test_visibility();
	snprintf(path, sizeof(path), "/tmp/daedalus-status-%d", getpid());
	CHECK_EQ(status_fetch(path, &records), -ENOENT);
	CHECK_EQ(status_listen(""), -ENAMETOOLONG);
	CHECK_EQ(status_listen("/no/such/folder/x"), -ENOENT);

	listener = status_listen(path);
	CHECK(listener >= 0);
	CHECK(stat(path, &entry) == 0 && (entry.st_mode & 0777) == 0666);

	/* A client that connects and never reads does not stop the others. */
	silent = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(address.sun_path, path);
	CHECK(connect(silent, (struct sockaddr *)&address, sizeof(address)) == 0);

	CHECK(pthread_create(&thread, NULL, serve, &listener) == 0);
	for (lines = 1; lines < 5000; lines *= 17) {
		CHECK_EQ(status_fetch(path, &records), 0);
		CHECK_EQ(records.count, lines);
		CHECK_EQ(record_number(&records.list[0], "uid"), geteuid());
		CHECK_EQ(record_number(&records.list[0], "all"), 1);
		records_free(&records);
	}
	shutdown(listener, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(silent);
	close(listener);

	/* A dead daemon's socket is in the way of nobody. */
	CHECK_EQ(status_fetch(path, &records), -ECONNREFUSED);
	listener = status_listen(path);
	CHECK(listener >= 0);

	/* A daemon that does not serve. */
	CHECK_EQ(status_fetch(path, &records), -ETIMEDOUT);
	close(listener);
	unlink(path);
	return check_result();
}
