// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Systematic failures: a client and its daemon, in one thread, do one step after the other.
 * In each step the first memory allocation fails, then in a new process the second one, and
 * so on until the step makes no more. The step may fail then; done again it must succeed, and
 * so must all that comes after it, and nothing may be left.
 *
 * It uses /proc/thread-self/fail-nth of the kernel's fault injection. Where the kernel has
 * that too, allocations of pages and copies from and to userspace fail in the same way.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "harness.h"
#include "run.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEBUGFS		"/sys/kernel/debug"
/* Exit status of a process whose step made fewer allocations than the one that should fail. */
#define NO_FAULT	76

/** struct scene - what the steps have opened so far */
struct scene {
	const struct corpus *clip;
	char video_path[64];
	char media_path[64];
	int control;
	int video;
	int media;
	int request;
	int session;
	int exported;
	int fetched;
	uint32_t session_number;
	struct daedalus_job job;
	uint8_t *map;
	size_t map_size;
};

/** struct step - a call that may fail without side effects */
struct step {
	const char *name;
	long (*run)(struct scene *scene);
};

static uint64_t message[DAEDALUS_MSG_MAX / 8];

static long open_control_fd(struct scene *s)
{
	s->control = open_control();
	return s->control;
}

static long hello(struct scene *s)
{
	struct daedalus_hello good;

	good_hello(&good);
	return ioctl(s->control, DAEDALUS_IOC_HELLO, &good);
}

static long open_video(struct scene *s)
{
	s->video = open(s->video_path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return s->video;
}

static long open_media(struct scene *s)
{
	s->media = open(s->media_path, O_RDWR | O_CLOEXEC);
	return s->media;
}

static long set_format_of(struct scene *s, uint32_t type, uint32_t pixelformat)
{
	struct v4l2_format f = { .type = type };

	f.fmt.pix_mp.pixelformat = pixelformat;
	f.fmt.pix_mp.width = s->clip->width;
	f.fmt.pix_mp.height = s->clip->height;
	f.fmt.pix_mp.num_planes = 1;
	f.fmt.pix_mp.plane_fmt[0].sizeimage = 16384;
	return ioctl(s->video, VIDIOC_S_FMT, &f);
}

static long set_output(struct scene *s)
{
	return set_format_of(s, OUTPUT, s->clip->pixelformat);
}

static long set_capture(struct scene *s)
{
	return set_format_of(s, CAPTURE, V4L2_PIX_FMT_NV12);
}

static long set_controls(struct scene *s, int request)
{
	const struct corpus_frame *frame = &s->clip->frames[0];
	struct v4l2_ext_control ctrls[CORPUS_CONTROLS] = { 0 };
	struct v4l2_ext_controls all = {
		.which = request < 0 ? V4L2_CTRL_WHICH_CUR_VAL : V4L2_CTRL_WHICH_REQUEST_VAL,
		.request_fd = request, .controls = ctrls, .count = frame->num_controls,
	};

	for (unsigned int i = 0; i < frame->num_controls; i++) {
		ctrls[i].id = frame->controls[i]->id;
		ctrls[i].size = frame->controls[i]->size;
		ctrls[i].ptr = (void *)corpus_value(frame->controls[i]);
	}
	return ioctl(s->video, VIDIOC_S_EXT_CTRLS, &all);
}

static long set_current(struct scene *s)
{
	return set_controls(s, -1);
}

static long set_in_request(struct scene *s)
{
	return set_controls(s, s->request);
}

static long request_buffers(struct scene *s, uint32_t type, uint32_t count)
{
	struct v4l2_requestbuffers req = {
		.type = type, .memory = V4L2_MEMORY_MMAP, .count = count,
	};

	return ioctl(s->video, VIDIOC_REQBUFS, &req);
}

static long request_output(struct scene *s)
{
	return request_buffers(s, OUTPUT, 2);
}

static long request_capture(struct scene *s)
{
	return request_buffers(s, CAPTURE, 2);
}

static long create_capture(struct scene *s)
{
	struct v4l2_create_buffers create = { .count = 1, .memory = V4L2_MEMORY_MMAP };

	create.format.type = CAPTURE;
	return ioctl(s->video, VIDIOC_G_FMT, &create.format) ?:
	       ioctl(s->video, VIDIOC_CREATE_BUFS, &create);
}

static long map_output(struct scene *s)
{
	struct v4l2_plane plane = { 0 };
	struct v4l2_buffer buf = { .type = OUTPUT, .length = 1, .m.planes = &plane };

	if (ioctl(s->video, VIDIOC_QUERYBUF, &buf))
		return -1;
	s->map = mmap(NULL, plane.length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		      s->video, plane.m.mem_offset);
	if (s->map == MAP_FAILED)
		return -1;
	s->map_size = plane.length;
	return 0;
}

static long export_capture(struct scene *s)
{
	struct v4l2_exportbuffer export = { .type = CAPTURE, .flags = O_RDWR | O_CLOEXEC };

	if (ioctl(s->video, VIDIOC_EXPBUF, &export))
		return -1;
	s->exported = export.fd;
	return 0;
}

static long stream_on(struct scene *s)
{
	int output = OUTPUT, capture = CAPTURE;

	return ioctl(s->video, VIDIOC_STREAMON, &output) ?:
	       ioctl(s->video, VIDIOC_STREAMON, &capture);
}

static long alloc_request(struct scene *s)
{
	return ioctl(s->media, MEDIA_IOC_REQUEST_ALLOC, &s->request);
}

static long queue_buffer_of(struct scene *s, uint32_t type)
{
	struct v4l2_plane plane = { .bytesused = s->clip->frames[0].size };
	struct v4l2_buffer buf = {
		.type = type, .memory = V4L2_MEMORY_MMAP, .length = 1, .m.planes = &plane,
	};

	if (type == OUTPUT) {
		memcpy(s->map, s->clip->frames[0].payload, s->clip->frames[0].size);
		buf.flags = V4L2_BUF_FLAG_REQUEST_FD;
		buf.request_fd = s->request;
	} else {
		plane.bytesused = 0;
	}
	return ioctl(s->video, VIDIOC_QBUF, &buf);
}

static long queue_output(struct scene *s)
{
	return queue_buffer_of(s, OUTPUT);
}

static long queue_capture(struct scene *s)
{
	return queue_buffer_of(s, CAPTURE);
}

static long queue_request(struct scene *s)
{
	return ioctl(s->request, MEDIA_REQUEST_IOC_QUEUE);
}

static long read_event(struct scene *s)
{
	struct daedalus_event event;

	if (!readable(s->control, 2000))
		return -1;
	if (read(s->control, &event, sizeof(event)) != sizeof(event))
		return -1;
	s->session_number = event.session;
	return 0;
}

static long open_session_fd(struct scene *s)
{
	struct daedalus_open_session open = { .session = s->session_number };

	if (ioctl(s->control, DAEDALUS_IOC_OPEN_SESSION, &open))
		return -1;
	s->session = open.fd;
	return 0;
}

static long read_job_message(struct scene *s)
{
	if (!readable(s->session, 2000) || read(s->session, message, sizeof(message)) < 0)
		return -1;
	memcpy(&s->job, message, sizeof(s->job));
	return s->job.hdr.type == DAEDALUS_MSG_JOB ? 0 : -1;
}

static long fetch(struct scene *s, uint32_t number)
{
	struct daedalus_get_buffer get = { .buffer = number };

	if (ioctl(s->session, DAEDALUS_IOC_GET_BUFFER, &get))
		return -1;
	close(s->fetched);
	s->fetched = get.fd;
	return 0;
}

static long fetch_source(struct scene *s)
{
	return fetch(s, s->job.src.buffer);
}

static long fetch_picture(struct scene *s)
{
	return fetch(s, s->job.dst[0].buffer);
}

static long reply(struct scene *s)
{
	return write_reply(s->session, s->job.id, DAEDALUS_STATUS_OK);
}

static long dequeue_of(struct scene *s, uint32_t type)
{
	struct v4l2_plane plane = { 0 };
	struct v4l2_buffer buf = {
		.type = type, .memory = V4L2_MEMORY_MMAP, .length = 1, .m.planes = &plane,
	};

	if (ioctl(s->video, VIDIOC_DQBUF, &buf))
		return -1;
	if (buf.flags & V4L2_BUF_FLAG_ERROR) {
		errno = EIO;
		return -1;
	}
	return 0;
}

static long dequeue_capture(struct scene *s)
{
	return dequeue_of(s, CAPTURE);
}

static long dequeue_output(struct scene *s)
{
	return dequeue_of(s, OUTPUT);
}

static long reinit(struct scene *s)
{
	return ioctl(s->request, MEDIA_REQUEST_IOC_REINIT);
}

static long flush_command(struct scene *s)
{
	struct v4l2_decoder_cmd cmd = { .cmd = V4L2_DEC_CMD_FLUSH };

	return ioctl(s->video, VIDIOC_DECODER_CMD, &cmd);
}

static long subscribe(struct scene *s)
{
	struct v4l2_event_subscription subscription = {
		.type = V4L2_EVENT_CTRL, .id = s->clip->frames[0].controls[0]->id,
	};

	return ioctl(s->video, VIDIOC_SUBSCRIBE_EVENT, &subscription);
}

static long stream_off(struct scene *s)
{
	int output = OUTPUT, capture = CAPTURE;

	return ioctl(s->video, VIDIOC_STREAMOFF, &output) ?:
	       ioctl(s->video, VIDIOC_STREAMOFF, &capture);
}

static long import_capture(struct scene *s)
{
	struct v4l2_plane plane = { .m.fd = s->exported };
	struct v4l2_buffer buf = {
		.type = CAPTURE, .memory = V4L2_MEMORY_DMABUF, .length = 1, .m.planes = &plane,
	};

	return ioctl(s->video, VIDIOC_QBUF, &buf);
}

static long request_imports(struct scene *s)
{
	struct v4l2_requestbuffers req = {
		.type = CAPTURE, .memory = V4L2_MEMORY_DMABUF, .count = 2,
	};

	return ioctl(s->video, VIDIOC_REQBUFS, &req);
}

static long free_output(struct scene *s)
{
	return request_buffers(s, OUTPUT, 0);
}

static const struct step steps[] = {
	{ "open of the control device", open_control_fd },
	{ "HELLO", hello },
	{ "open of the video node", open_video },
	{ "open of the media node", open_media },
	{ "S_FMT of OUTPUT", set_output },
	{ "S_EXT_CTRLS", set_current },
	{ "S_FMT of CAPTURE", set_capture },
	{ "SUBSCRIBE_EVENT", subscribe },
	{ "REQBUFS of OUTPUT", request_output },
	{ "REQBUFS of CAPTURE", request_capture },
	{ "CREATE_BUFS", create_capture },
	{ "mmap", map_output },
	{ "EXPBUF", export_capture },
	{ "STREAMON", stream_on },
	{ "REQUEST_ALLOC", alloc_request },
	{ "S_EXT_CTRLS in a request", set_in_request },
	{ "QBUF of OUTPUT", queue_output },
	{ "QBUF of CAPTURE", queue_capture },
	{ "REQUEST_QUEUE", queue_request },
	{ "read of the event", read_event },
	{ "OPEN_SESSION", open_session_fd },
	{ "read of the job", read_job_message },
	{ "GET_BUFFER of OUTPUT", fetch_source },
	{ "GET_BUFFER of CAPTURE", fetch_picture },
	{ "reply", reply },
	{ "DQBUF of CAPTURE", dequeue_capture },
	{ "DQBUF of OUTPUT", dequeue_output },
	{ "REQUEST_REINIT", reinit },
	{ "DECODER_CMD", flush_command },
	{ "STREAMOFF", stream_off },
	{ "REQBUFS of imports", request_imports },
	{ "QBUF of an import", import_capture },
	{ "REQBUFS 0", free_output },
};

#define NUM_STEPS	(sizeof(steps) / sizeof(steps[0]))

/** struct failing - which allocation of which step fails, in a process */
struct failing {
	size_t step;
	unsigned int nth;
	const struct corpus *clip;
};

/* Where copies from and to userspace fail too, those of the file itself can be the ones. */
static void set_fail_nth(int fd, unsigned int nth)
{
	char text[16];
	int size = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fd, text, size, 0) != size)
		EXPECT_EQ(pwrite(fd, text, size, 0), size);
}

/* Return: 0 if the fault has happened, and not only while this reads the file. */
static unsigned int get_fail_nth(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 1;
	return strtoul(text, NULL, 10);
}

/* Take the step with the fault, and again without it if it failed. */
static void fail_step(struct actor *actor, struct scene *scene, const struct failing *failing,
		      int fail_fd)
{
	const struct step *step = &steps[failing->step];
	unsigned int left;
	int error;
	long ret;

	set_fail_nth(fail_fd, failing->nth);
	errno = 0;
	ret = step->run(scene);
	error = errno;
	left = get_fail_nth(fail_fd);
	set_fail_nth(fail_fd, 0);
	errno = error;
	trace_end(actor, ret);
	if (left) {
		if (ret < 0)
			trace_wrong(actor, "%s without a fault: %s", step->name, strerror(error));
		_exit(NO_FAULT);
	}
	if (ret >= 0)
		return;
	/*
	 * A failed copy to userspace may come after the call has done its work, so it
	 * cannot be repeated, and what it returned is lost.
	 */
	if (error == EFAULT)
		_exit(0);
	trace_begin(actor, step->name, "again after failed allocation %u", failing->nth);
	if (trace_end(actor, step->run(scene)) < 0)
		trace_wrong(actor, "%s again after failed allocation %u: %s", step->name,
			    failing->nth, strerror(errno));
}

/*
 * Some failures are reported by a later call: the control framework does not say that it
 * had no memory for an array in a request before the request is queued. That call and the
 * one before must succeed then. Return: true if they do.
 */
static bool late_report(struct actor *actor, struct scene *scene, const struct failing *failing,
			size_t step)
{
	if (errno != ENOMEM || step < failing->step)
		return false;
	trace_begin(actor, steps[failing->step].name, "again after ENOMEM of a later call");
	if (trace_end(actor, steps[failing->step].run(scene)) < 0)
		return false;
	trace_begin(actor, steps[step].name, "again after ENOMEM");
	return trace_end(actor, steps[step].run(scene)) >= 0;
}

static void run_steps(void *data)
{
	const struct failing *failing = data;
	struct actor *actor = trace_actor("client and daemon");
	struct scene scene = {
		.clip = failing->clip, .control = -1, .video = -1, .media = -1, .request = -1,
		.session = -1, .exported = -1, .fetched = -1,
	};
	int fail_fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);

	EXPECT(fail_fd >= 0);
	for (size_t i = 0; i < NUM_STEPS; i++) {
		/* The nodes have other numbers each time. */
		if (steps[i].run == open_video)
			EXPECT(find_nodes(scene.video_path, scene.media_path,
					  sizeof(scene.video_path)));
		trace_begin(actor, steps[i].name, "allocation %u of %s fails", failing->nth,
			    steps[failing->step].name);
		if (i == failing->step)
			fail_step(actor, &scene, failing, fail_fd);
		else if (trace_end(actor, steps[i].run(&scene)) < 0 &&
			 !late_report(actor, &scene, failing, i))
			trace_wrong(actor, "%s after failed allocation %u of %s: %s",
				    steps[i].name, failing->nth, steps[failing->step].name,
				    strerror(errno));
	}
}

/* Let allocations that may sleep fail too, quietly. */
static void write_setting(const char *fault, const char *name, const char *value)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), DEBUGFS "/%s/%s", fault, name);
	file = fopen(path, "w");
	if (!file)
		return;
	fputs(value, file);
	fclose(file);
}

static bool prepare(void)
{
	static const char * const faults[] = { "failslab", "fail_page_alloc", "fail_usercopy" };

	if (access(FAIL_NTH, W_OK) || access(DEBUGFS "/failslab", F_OK))
		return false;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		write_setting(faults[i], "verbose", "0");
		write_setting(faults[i], "ignore-gfp-wait", "N");
		write_setting(faults[i], "ignore-gfp-highmem", "N");
		write_setting(faults[i], "min-order", "0");
	}
	return true;
}

/* All allocations of a step, one after the other. */
static bool fail_all(const struct options *options, struct watch *watch,
		     const struct corpus *clip, size_t step, unsigned int *faults)
{
	/* In a slow guest some of them, others with each seed, unless there is time. */
	unsigned int stride = options->seconds ? 1 : options->slow;
	struct failing failing = { .step = step, .clip = clip };

	watch->late_status = NO_FAULT;
	failing.nth = 1 + (options->seed + step) % stride;
	for (; failing.nth <= options->fault; failing.nth += stride) {
		snprintf(watch->label, sizeof(watch->label), "allocation %u of %s", failing.nth,
			 steps[step].name);
		trace_reset();
		watch->late = false;
		watch_start(watch, 0, run_steps, &failing);
		if (!watch_run(watch, 20000 * watch->slow) || !watch_idle(watch))
			return false;
		if (watch->late)
			return true;
		++*faults;
	}
	return watch_fail(watch, "more than %u allocations in one call", options->fault);
}

bool fault_suite(const struct options *options, struct watch *watch)
{
	/* The first clip is AV1, which has the most controls; all of them if there is time. */
	unsigned int clips = options->seconds ? num_corpora : 1;
	bool good = true;

	if (!prepare()) {
		tap_result(true, "failing allocations # SKIP this kernel has no fault injection");
		return true;
	}
	set_param("grace_ms", 0);
	for (size_t i = 0; i < NUM_STEPS; i++) {
		unsigned int faults = 0;
		bool step_good;

		if (options->replay >= 0 && (size_t)options->replay != i)
			continue;
		step_good = true;
		for (unsigned int c = 0; c < clips && step_good; c++)
			step_good = fail_all(options, watch, &corpora[c], i, &faults);
		good &= tap_result(step_good, "%s: %u allocations fail, each once",
				   steps[i].name, faults);
	}
	return good;
}
