// SPDX-License-Identifier: LGPL-2.1-or-later
#include "status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_WAITING	16	/* clients that wait in the socket's queue */
#define FETCH_SECONDS	2
#define KEY_PREFIX	"daedalus-"
#define NO_UID		((uid_t)-1)
#define OVERFLOW_UID	65534	/* stands for all users that a user namespace does not have */

static int set_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!*path || strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	strcpy(address->sun_path, path);
	return 0;
}

/* A service manager makes the folder; without one, nobody has. */
static void make_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return;
	*slash = '\0';
	mkdir(folder, 0755);
}

int status_listen(const char *path)
{
	struct sockaddr_un address;
	int ret = set_address(&address, path);
	int fd;

	if (ret)
		return ret;
	make_folder(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Only one daemon has the control device, so a socket that exists is a dead one's. */
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(path, 0666) < 0 || listen(fd, MAX_WAITING) < 0) {
		ret = -errno;
		close(fd);
		return ret;
	}
	return fd;
}

static struct status_reader reader_of(int fd)
{
	struct status_reader reader = { .uid = NO_UID };
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
		reader.uid = peer.uid;
		reader.all = peer.uid == 0 || peer.uid == geteuid();
	}
	return reader;
}

bool status_may_see(const struct status_reader *reader, uid_t uid)
{
	return reader->all || (uid == reader->uid && uid != NO_UID && uid != OVERFLOW_UID);
}

void status_serve(int listener, status_fill_fn fill, void *data)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		const struct status_reader reader = reader_of(fd);
		const int room = 2 * RECORDS_MAX;
		struct record_text text = { 0 };

		fill(&text, &reader, data);
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
		/* A text that is cut has no last newline, so records_parse() refuses it. */
		if (text.text)
			send(fd, text.text, text.length, MSG_NOSIGNAL | MSG_DONTWAIT);
		free(text.text);
		close(fd);
	}
}

/* What the supervisor knows by itself, also when the session is over. */
static bool is_known(const char *key)
{
	static const char *const known[] = { "session", "codec", "client" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(key, known[i]))
			return true;
	return false;
}

void status_add_fdinfo(struct record_text *to, int fd, uid_t *uid)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		char *key = line + strlen(KEY_PREFIX);
		char *value = strchr(line, ':');

		if (strncmp(line, KEY_PREFIX, strlen(KEY_PREFIX)) != 0 || !value)
			continue;
		*value++ = '\0';
		value += strspn(value, " \t");
		value[strcspn(value, "\n")] = '\0';
		if (!strcmp(key, "uid"))
			*uid = (uid_t)strtoul(value, NULL, 10);
		if (!is_known(key))
			record_add(to, key, "%s", value);
	}
	fclose(file);
}

/* Return: the text, NULL with errno. */
static char *read_all(int fd)
{
	size_t used = 0;
	char *text = malloc(RECORDS_MAX + 1);

	while (text) {
		ssize_t got = read(fd, text + used, RECORDS_MAX - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(text);
			if (errno == EAGAIN)
				errno = ETIMEDOUT;
			return NULL;
		}
		if (!got)
			break;
		used += (size_t)got;
	}
	if (text)
		text[used] = '\0';
	return text;
}

int status_fetch(const char *path, struct records *records)
{
	const struct timeval patience = { .tv_sec = FETCH_SECONDS };
	struct sockaddr_un address;
	int ret = set_address(&address, path);
	char *text = NULL;
	int fd;

	*records = (struct records){ 0 };
	if (ret)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		text = read_all(fd);
	ret = text ? records_parse(records, text) : -errno;
	free(text);
	close(fd);
	return ret;
}
