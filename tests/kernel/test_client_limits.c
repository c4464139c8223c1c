// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a client can ask for has bounds: descriptors, sizes, streams, formats,
 * profiles, time.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness.h"

static unsigned int module_users(void)
{
	FILE *file = fopen("/sys/module/daedalus_v4l2/refcnt", "r");
	unsigned int users;

	EXPECT(file);
	EXPECT_EQ(fscanf(file, "%u", &users), 1);
	fclose(file);
	return users;
}

static void no_descriptor_is_left(void)
{
	struct rlimit limit, full;
	struct client c;
	unsigned int users;
	int control = start_daemon(), fd, highest = 0;

	(void)control;
	open_client(&c);
	users = module_users();
	while ((fd = dup(c.media)) >= 0 && fd < 200)
		highest = fd;
	close(fd);
	EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	full = limit;
	full.rlim_cur = highest + 1;
	EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &full), 0);
	for (int i = 0; i < 3; i++)
		EXPECT_ERRNO(ioctl(c.media, MEDIA_IOC_REQUEST_ALLOC, &fd), EMFILE);
	EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (fd = c.media + 1; fd <= highest; fd++)
		close(fd);
	EXPECT_EQ(stat_value("requests"), 0);
	EXPECT_EQ(module_users(), users);
	EXPECT_EQ(ioctl(c.media, MEDIA_IOC_REQUEST_ALLOC, &fd), 0);
	EXPECT_EQ(stat_value("requests"), 1);
	close(fd);
}

/* VIDIOC_CREATE_BUFS of one buffer whose first plane has @size bytes. */
static int create_buffer(struct client *c, uint32_t type, uint32_t size)
{
	struct v4l2_create_buffers create = { .count = 1, .memory = V4L2_MEMORY_MMAP };

	create.format.type = type;
	EXPECT_EQ(ioctl(c->video, VIDIOC_G_FMT, &create.format), 0);
	create.format.fmt.pix_mp.plane_fmt[0].sizeimage = size;
	return ioctl(c->video, VIDIOC_CREATE_BUFS, &create);
}

static void created_buffers_have_a_bound(void)
{
	/* what S_FMT allows at most: 4096x4096 pictures, see good_hello() */
	const uint32_t picture = 4096 * 4096 / 2 * 3;
	struct v4l2_format f;
	struct client c;
	int control = start_daemon();

	(void)control;
	open_client(&c);
	set_format(&c, OUTPUT, V4L2_PIX_FMT_VP9_FRAME, 64, 64, &f);
	f.fmt.pix_mp.plane_fmt[0].sizeimage = UINT32_MAX;
	EXPECT_EQ(ioctl(c.video, VIDIOC_TRY_FMT, &f), 0);
	EXPECT_ERRNO(create_buffer(&c, OUTPUT, f.fmt.pix_mp.plane_fmt[0].sizeimage + 1), EINVAL);
	EXPECT_ERRNO(create_buffer(&c, OUTPUT, UINT32_MAX), EINVAL);
	EXPECT_ERRNO(create_buffer(&c, OUTPUT, 1), EINVAL);
	EXPECT_EQ(create_buffer(&c, OUTPUT, 1 << 20), 0);

	set_format(&c, CAPTURE, V4L2_PIX_FMT_NV12, 64, 64, &f);
	EXPECT_ERRNO(create_buffer(&c, CAPTURE, picture + 1), EINVAL);
	EXPECT_ERRNO(create_buffer(&c, CAPTURE, UINT32_MAX), EINVAL);
	EXPECT_ERRNO(create_buffer(&c, CAPTURE, 64 * 96 - 1), EINVAL);
	EXPECT_EQ(create_buffer(&c, CAPTURE, 2 * 64 * 96), 0);
	EXPECT_EQ(create_buffer(&c, CAPTURE, picture), 0);
}

static int open_video(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
}

static void streams_have_a_bound(void)
{
	char video[64], media[64];
	int control = start_daemon(), fd[3];

	(void)control;
	EXPECT(find_nodes(video, media, sizeof(video)));
	set_param("max_streams", 2);
	fd[0] = open_video(video);
	fd[1] = open_video(video);
	EXPECT(fd[0] >= 0 && fd[1] >= 0);
	EXPECT_ERRNO(open_video(video), ENFILE);
	EXPECT_EQ(stat_value("contexts"), 2);
	EXPECT_EQ(stat_value("streams"), 2);
	/* one that ends makes room, and so does a higher limit */
	close(fd[0]);
	fd[0] = open_video(video);
	EXPECT(fd[0] >= 0);
	set_param("max_streams", 3);
	fd[2] = open_video(video);
	EXPECT(fd[2] >= 0);
	set_param("max_streams", 1);
	EXPECT_ERRNO(open_video(video), ENFILE);
}

/* As user @uid: open @path @count times, then once more, which must fail with @error or not. */
static void open_as(uid_t uid, const char *path, int count, int error)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		EXPECT_EQ(setresuid(uid, uid, uid), 0);
		for (int i = 0; i < count; i++)
			EXPECT(open_video(path) >= 0);
		if (error)
			EXPECT_ERRNO(open_video(path), error);
		exit(0);
	}
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

static void users_have_a_bound(void)
{
	char video[64], media[64];
	int control = start_daemon(), fd[4];

	(void)control;
	EXPECT(find_nodes(video, media, sizeof(video)));
	EXPECT_EQ(chmod(video, 0666), 0);
	set_param("max_streams_per_user", 2);
	/* root is not bounded */
	for (int i = 0; i < 4; i++) {
		fd[i] = open_video(video);
		EXPECT(fd[i] >= 0);
	}
	open_as(1001, video, 2, EMFILE);
	open_as(1002, video, 2, EMFILE);
	set_param("max_streams", 5);
	open_as(1001, video, 1, ENFILE);
}

static void a_lower_deadline_counts_at_once(void)
{
	struct client c;
	uint64_t start;
	int control = start_daemon();

	set_param("deadline_ms", 20000);
	setup_client(&c, 2);
	first_session(&c, control);
	EXPECT_EQ(submit(&c, 1), 0);
	expect_no_capture(&c, 100);
	start = now_ms();
	set_param("deadline_ms", 200);
	/* the time already spent counts */
	expect_capture(&c, 0, true);
	EXPECT(now_ms() - start < 1000);
	expect_capture(&c, 1, true);
	EXPECT_EQ(stat_value("jobs"), 0);
}

/* A higher limit counts for the job that is in flight, too. */
static void a_higher_deadline_counts_at_once(void)
{
	struct client c;
	int control = start_daemon(), session;

	set_param("deadline_ms", 300);
	setup_client(&c, 1);
	session = first_session(&c, control);
	set_param("deadline_ms", 20000);
	expect_no_capture(&c, 600);
	answer(&c, session, 0);
}

static void pictures_are_not_smaller_than_the_stream(void)
{
	struct v4l2_format f;
	struct client c;
	int control = start_daemon();

	(void)control;
	open_client(&c);
	set_format(&c, OUTPUT, V4L2_PIX_FMT_VP9_FRAME, 641, 361, &f);
	set_format(&c, CAPTURE, V4L2_PIX_FMT_NV12, 16, 16, &f);
	EXPECT_EQ(f.fmt.pix_mp.width, 642);
	EXPECT_EQ(f.fmt.pix_mp.height, 362);
	/* more is fine, up to what the daemon decodes */
	set_format(&c, CAPTURE, V4L2_PIX_FMT_NV12, 704, 384, &f);
	EXPECT_EQ(f.fmt.pix_mp.width, 704);
	EXPECT_EQ(f.fmt.pix_mp.height, 384);
	f.fmt.pix_mp.width = 1;
	f.fmt.pix_mp.height = UINT32_MAX;
	EXPECT_EQ(ioctl(c.video, VIDIOC_TRY_FMT, &f), 0);
	EXPECT_EQ(f.fmt.pix_mp.width, 642);
	EXPECT_EQ(f.fmt.pix_mp.height, 4096);
	/* the size of the stream follows again */
	set_format(&c, OUTPUT, V4L2_PIX_FMT_VP9_FRAME, 64, 64, &f);
	f.type = CAPTURE;
	EXPECT_EQ(ioctl(c.video, VIDIOC_G_FMT, &f), 0);
	EXPECT_EQ(f.fmt.pix_mp.width, 64);
}

/* Does the menu control @id have the item @value? */
static bool has_item(struct client *c, uint32_t id, uint32_t value)
{
	struct v4l2_querymenu item = { .id = id, .index = value };
	struct v4l2_queryctrl ctrl = { .id = id };

	EXPECT_EQ(ioctl(c->video, VIDIOC_QUERYCTRL, &ctrl), 0);
	/* the ends of the range are items */
	item.index = ctrl.maximum;
	EXPECT_EQ(ioctl(c->video, VIDIOC_QUERYMENU, &item), 0);
	item.index = value;
	return !ioctl(c->video, VIDIOC_QUERYMENU, &item);
}

static void profiles_are_those_of_the_daemon(void)
{
	const uint32_t h264 = V4L2_CID_MPEG_VIDEO_H264_PROFILE;
	const uint32_t vp9 = V4L2_CID_MPEG_VIDEO_VP9_PROFILE;
	struct daedalus_hello hello;
	struct client c;
	int control = start_daemon();

	open_client(&c);
	EXPECT(has_item(&c, h264, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH));
	EXPECT(has_item(&c, h264, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_10));
	EXPECT(has_item(&c, h264, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_10_INTRA));
	EXPECT(!has_item(&c, h264, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_422));
	EXPECT(has_item(&c, vp9, V4L2_MPEG_VIDEO_VP9_PROFILE_0));
	EXPECT(has_item(&c, vp9, V4L2_MPEG_VIDEO_VP9_PROFILE_2));
	close(c.video);
	close(c.media);
	close(control);
	EXPECT(wait_for_nodes(false, 3000));

	/* without a 10-bit CAPTURE format no profile of 10 bits can be decoded */
	control = open_control();
	good_hello(&hello);
	for (int i = 0; i < 3; i++)
		hello.codecs[i].capture_formats &= ~DAEDALUS_CAPTURE_P010;
	EXPECT_EQ(ioctl(control, DAEDALUS_IOC_HELLO, &hello), 0);
	EXPECT(wait_for_nodes(true, 1000));
	open_client(&c);
	EXPECT(has_item(&c, h264, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH));
	EXPECT(has_item(&c, h264, V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_HIGH));
	EXPECT(!has_item(&c, h264, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_10));
	EXPECT(!has_item(&c, h264, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_10_INTRA));
	EXPECT(has_item(&c, vp9, V4L2_MPEG_VIDEO_VP9_PROFILE_0));
	EXPECT(!has_item(&c, vp9, V4L2_MPEG_VIDEO_VP9_PROFILE_2));
}

/* The value of @key in /proc/self/fdinfo/@fd, as text. */
static const char *fdinfo(int fd, const char *key)
{
	static char value[128];
	char path[64], line[160];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	EXPECT(file);
	while (fgets(line, sizeof(line), file)) {
		size_t length = strlen(key);

		if (strncmp(line, key, length) || line[length] != ':')
			continue;
		EXPECT_EQ(sscanf(line + length + 1, " %127[^\n]", value), 1);
		fclose(file);
		return value;
	}
	FAIL("no %s in %s", key, path);
}

#define EXPECT_FDINFO(fd, key, want) do {				\
	const char *got_ = fdinfo(fd, key);				\
	if (strcmp(got_, want))						\
		FAIL("fdinfo has %s: %s, expected %s", key, got_, want);	\
} while (0)

static void sessions_tell_what_they_do(void)
{
	struct daedalus_job job;
	struct client c;
	char pid[16];
	int control = start_daemon(), session;

	setup_client(&c, 3);
	session = first_session(&c, control);
	snprintf(pid, sizeof(pid), "%d", getpid());
	EXPECT_FDINFO(session, "daedalus-codec", "VP9F");
	EXPECT_FDINFO(session, "daedalus-client", pid);
	EXPECT_FDINFO(session, "daedalus-state", "open");
	EXPECT_FDINFO(session, "daedalus-size", "64x64");
	EXPECT_FDINFO(session, "daedalus-jobs-in-flight", "1");
	answer(&c, session, 0);
	EXPECT_EQ(submit(&c, 1), 0);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_CORRUPT), 0);
	expect_capture(&c, 1, true);
	EXPECT_EQ(submit(&c, 2), 0);
	EXPECT_FDINFO(session, "daedalus-jobs-done", "1");
	EXPECT_FDINFO(session, "daedalus-uid", "0");
	EXPECT(atoll(fdinfo(session, "daedalus-latency-p50-us")) > 0);
	EXPECT(atoll(fdinfo(session, "daedalus-latency-p50-us")) <=
	       atoll(fdinfo(session, "daedalus-latency-max-us")));
	EXPECT_FDINFO(session, "daedalus-jobs-failed", "1");
	EXPECT_FDINFO(session, "daedalus-jobs-in-flight", "1");
	close_client(&c);
	EXPECT_FDINFO(session, "daedalus-state", "over");
	EXPECT_FDINFO(session, "daedalus-jobs-in-flight", "0");
}

const struct test client_limit_tests[] = {
	{ "limit: a request when no descriptor is left", no_descriptor_is_left },
	{ "limit: sizes of VIDIOC_CREATE_BUFS", created_buffers_have_a_bound },
	{ "limit: streams", streams_have_a_bound },
	{ "limit: streams of a user", users_have_a_bound },
	{ "limit: a lower deadline counts at once", a_lower_deadline_counts_at_once },
	{ "limit: a higher deadline counts at once", a_higher_deadline_counts_at_once },
	{ "limit: CAPTURE is not smaller than the stream", pictures_are_not_smaller_than_the_stream },
	{ "limit: profiles are those of the daemon", profiles_are_those_of_the_daemon },
	{ "session: fdinfo tells what it does", sessions_tell_what_they_do },
	{ NULL, NULL }
};
