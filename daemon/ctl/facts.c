// SPDX-License-Identifier: LGPL-2.1-or-later
#include "facts.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/videodev2.h>

#include "core/status.h"
#include "daedalus_v4l2_proto.h"

#define MODULE		"daedalus_v4l2"
#define NODE_NAME	"daedalus-dec"	/* the driver's name of its video node */

extern char **environ;

/* Reads the first line of a file; "" if there is none. */
static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return false;
	if (fgets(line, (int)size, file))
		line[strcspn(line, "\n")] = '\0';
	fclose(file);
	return true;
}

/*
 * Runs a program and reads its stdout into @out, without the last newline. Return: its
 * exit status, -1 if it could not be started, died of a signal or wrote too much.
 */
static int run(char *const argv[], char *out, size_t size)
{
	posix_spawn_file_actions_t actions;
	size_t used = 0;
	int status = -1;
	int pipes[2];
	ssize_t got;
	pid_t pid;

	out[0] = '\0';
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	while (pid > 0 && used < size - 1) {
		got = read(pipes[0], out + used, size - 1 - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	close(pipes[0]);
	out[used] = '\0';
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Return: whether modprobe knows the module. */
static bool modinfo(const char *field, char *value, size_t size)
{
	char *argv[] = { "modinfo", "-F", (char *)field, MODULE, NULL };
	char *old = getenv("PATH");
	char path[1024];
	int status;

	/* It is in sbin, which the PATH of a user may not have. */
	snprintf(path, sizeof(path), "%s%s/usr/sbin:/sbin", old ? old : "", old ? ":" : "");
	setenv("PATH", path, 1);
	status = run(argv, value, size);
	value[strcspn(value, "\n")] = '\0';
	return status == 0;
}

static void gather_module(struct facts *facts)
{
	char text[32];

	facts->module_loaded = access("/sys/module/" MODULE, F_OK) == 0;
	read_line("/sys/module/" MODULE "/version", facts->loaded.version,
		  sizeof(facts->loaded.version));
	read_line("/sys/module/" MODULE "/srcversion", facts->loaded.source,
		  sizeof(facts->loaded.source));
	facts->module_installed = modinfo("version", facts->installed.version,
					  sizeof(facts->installed.version));
	modinfo("srcversion", facts->installed.source, sizeof(facts->installed.source));
	if (read_line("/sys/class/misc/daedalus-v4l2/protocol", text, sizeof(text)))
		facts->module_protocol = (unsigned int)strtoul(text, NULL, 10);
	facts->our_protocol = DAEDALUS_PROTO_VERSION;
}

static int open_error(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Adds the names of files such as libavcodec.so.61, not those with a minor version. */
static void add_libraries(struct facts *facts, const char *folder, const char *stem)
{
	size_t used = strlen(facts->other_libraries);
	char pattern[512];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/%s.so.*", folder, stem);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;
		size_t length = strlen(name);

		if (strspn(name + strlen(stem) + 4, "0123456789") + strlen(stem) + 4 != length ||
		    used + length + 2 > sizeof(facts->other_libraries))
			continue;
		used += (size_t)snprintf(facts->other_libraries + used,
					 sizeof(facts->other_libraries) - used, "%s%s",
					 used ? " " : "", name);
	}
	globfree(&found);
}

static void gather_libraries(struct facts *facts)
{
	static const char *const folders[] = {
		"/usr/local/lib", "/usr/local/lib/*", "/usr/lib", "/usr/lib/*-linux-*", "/usr/lib64",
	};
	static const char *const stems[] = { "libavcodec", "libdav1d" };
	const char *more = getenv("LD_LIBRARY_PATH");
	char paths[1024], *rest = paths, *folder;
	size_t i, k;

	snprintf(paths, sizeof(paths), "%s", more ? more : "");
	while ((folder = strsep(&rest, ":")) != NULL)
		for (k = 0; *folder && k < sizeof(stems) / sizeof(stems[0]); k++)
			add_libraries(facts, folder, stems[k]);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		for (k = 0; k < sizeof(stems) / sizeof(stems[0]); k++)
			add_libraries(facts, folders[i], stems[k]);
}

static void gather_daemon(struct facts *facts, const char *socket, const char *daemon)
{
	char *argv[] = { (char *)daemon, "--probe", NULL };
	char text[4096];

	facts->status_error = status_fetch(socket, &facts->status);
	facts->control_error = facts->status_error ? open_error(DAEDALUS_CONTROL_DEVICE, O_RDWR) : -1;
	facts->probe_status = run(argv, text, sizeof(text));
	if (records_parse(&facts->probe, text) && !facts->probe_status)
		facts->probe_status = -1;
}

static void gather_formats(struct facts *facts)
{
	struct v4l2_fmtdesc format = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE };
	int fd = open(facts->video, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		facts->video_error = errno;
		return;
	}
	while (facts->num_formats < FACTS_MAX_FORMATS && ioctl(fd, VIDIOC_ENUM_FMT, &format) == 0) {
		facts->formats[facts->num_formats++] = format.pixelformat;
		format.index++;
	}
	close(fd);
}

static void gather_nodes(struct facts *facts)
{
	char name[64], path[512];
	glob_t nodes, media;
	size_t i;

	if (glob("/sys/class/video4linux/video*", 0, NULL, &nodes))
		return;
	for (i = 0; i < nodes.gl_pathc && !facts->video[0]; i++) {
		snprintf(path, sizeof(path), "%s/name", nodes.gl_pathv[i]);
		if (!read_line(path, name, sizeof(name)) || strcmp(name, NODE_NAME) != 0)
			continue;
		snprintf(facts->video, sizeof(facts->video), "/dev/%s",
			 strrchr(nodes.gl_pathv[i], '/') + 1);
		snprintf(path, sizeof(path), "%s/device/media*", nodes.gl_pathv[i]);
		if (glob(path, 0, NULL, &media) == 0) {
			snprintf(facts->media, sizeof(facts->media), "/dev/%s",
				 strrchr(media.gl_pathv[0], '/') + 1);
			globfree(&media);
		}
	}
	globfree(&nodes);
	if (facts->media[0])
		facts->media_error = open_error(facts->media, O_RDWR);
	if (facts->video[0])
		gather_formats(facts);
}

void facts_gather(struct facts *facts, const char *socket, const char *daemon)
{
	const struct passwd *user = getpwuid(geteuid());
	struct utsname machine;

	*facts = (struct facts){ 0 };
	uname(&machine);
	snprintf(facts->kernel, sizeof(facts->kernel), "%s", machine.release);
	if (user)
		snprintf(facts->user, sizeof(facts->user), "%s", user->pw_name);
	else
		snprintf(facts->user, sizeof(facts->user), "%u", geteuid());
	gather_module(facts);
	gather_daemon(facts, socket, daemon);
	gather_libraries(facts);
	gather_nodes(facts);
}

void facts_free(struct facts *facts)
{
	records_free(&facts->status);
	records_free(&facts->probe);
}
