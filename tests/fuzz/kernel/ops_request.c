// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hostile operations on requests and controls. Most frames come from the clips, so that
 * their jobs reach the decoder; some of their fields and bytes are spoiled.
 */
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "world.h"

static void alloc_request(struct hand *hand, atomic_int *slot)
{
	int media = hand->world->medias[dice_below(&hand->dice, WORLD_MEDIAS)];
	int none = -1, fd = -1;

	if (media < 0)
		media = file_open_media(hand);
	if (hand_ioctl(hand, "REQUEST_ALLOC", media, MEDIA_IOC_REQUEST_ALLOC, &fd, sizeof(fd)) ||
	    fd < 0)
		return;
	if (!atomic_compare_exchange_strong(slot, &none, fd))
		close(fd);
}

static atomic_int *any_slot(struct hand *hand)
{
	return &hand->world->requests[dice_below(&hand->dice, WORLD_REQUESTS)];
}

static void alloc_any(struct hand *hand)
{
	alloc_request(hand, any_slot(hand));
}

static int queue_request(struct hand *hand, int request)
{
	trace_begin(hand->actor, "REQUEST_QUEUE", "fd %d", request);
	return trace_end(hand->actor, ioctl(request, MEDIA_REQUEST_IOC_QUEUE));
}

static int reinit_request(struct hand *hand, int request)
{
	trace_begin(hand->actor, "REQUEST_REINIT", "fd %d", request);
	return trace_end(hand->actor, ioctl(request, MEDIA_REQUEST_IOC_REINIT));
}

static void request_any(struct hand *hand)
{
	atomic_int *slot = any_slot(hand);

	switch (dice_below(&hand->dice, 4)) {
	case 0:
		queue_request(hand, *slot);
		break;
	case 1:
		reinit_request(hand, *slot);
		break;
	default:
		hand_close(hand, "close request", slot);
	}
}

/* Set the controls of @frame, in @request or as the current values. */
static int set_controls(struct hand *hand, int fd, int request, const struct corpus_frame *frame,
			unsigned int spoil_percent)
{
	struct v4l2_ext_control ctrls[CORPUS_CONTROLS];
	struct v4l2_ext_controls all = {
		.which = request < 0 ? V4L2_CTRL_WHICH_CUR_VAL : V4L2_CTRL_WHICH_REQUEST_VAL,
		.request_fd = request, .controls = ctrls, .count = frame->num_controls,
	};
	void *values[CORPUS_CONTROLS];
	unsigned int i;
	int ret;

	memset(ctrls, 0, sizeof(ctrls));
	for (i = 0; i < frame->num_controls; i++) {
		const struct daedalus_control *control = frame->controls[i];

		values[i] = malloc(control->size);
		memcpy(values[i], corpus_value(control), control->size);
		ctrls[i].id = control->id;
		ctrls[i].size = control->size;
		ctrls[i].ptr = values[i];
		if (!dice_percent(&hand->dice, spoil_percent))
			continue;
		if (dice_percent(&hand->dice, 80))
			dice_spoil(&hand->dice, values[i], control->size);
		else if (dice_percent(&hand->dice, 30))
			dice_fill(&hand->dice, values[i], control->size);
		else if (dice_percent(&hand->dice, 30))
			ctrls[i].size = dice_odd(&hand->dice);
		else if (dice_percent(&hand->dice, 30))
			ctrls[i].ptr = hand->pages + sysconf(_SC_PAGESIZE);
		else if (dice_percent(&hand->dice, 50))
			ctrls[i].id = dice_odd(&hand->dice);
	}
	if (dice_percent(&hand->dice, spoil_percent / 3))
		all.count = dice_below(&hand->dice, frame->num_controls + 1);
	trace_begin(hand->actor, "S_EXT_CTRLS", "fd %d request %d count %u", fd, request,
		    all.count);
	ret = trace_end(hand->actor, ioctl(fd, VIDIOC_S_EXT_CTRLS, &all));
	for (i = 0; i < frame->num_controls; i++)
		free(values[i]);
	return ret;
}

static const struct corpus_frame *next_frame(struct hand *hand, struct world_video *video)
{
	const struct corpus *clip = &corpora[video->clip];

	if (dice_percent(&hand->dice, 4))
		video->frame = dice_below(&hand->dice, clip->num_frames);
	return &clip->frames[video->frame % clip->num_frames];
}

static void set_any_controls(struct hand *hand)
{
	int fd, request = -1;
	struct world_video *video = hand_video(hand, &fd);
	const struct corpus *other = &corpora[dice_below(&hand->dice, num_corpora)];

	if (dice_percent(&hand->dice, 40))
		request = *any_slot(hand);
	set_controls(hand, fd, request, dice_percent(&hand->dice, 80) ? next_frame(hand, video) :
		     &other->frames[0], 30);
}

static void ask_controls(struct hand *hand)
{
	const struct corpus_frame *frame =
		&corpora[dice_below(&hand->dice, num_corpora)].frames[0];
	struct v4l2_query_ext_ctrl query = { .id = V4L2_CTRL_FLAG_NEXT_CTRL |
						   V4L2_CTRL_FLAG_NEXT_COMPOUND };
	uint8_t value[8192];
	struct v4l2_ext_control ctrl = { .ptr = value, .size = sizeof(value) };
	struct v4l2_ext_controls all = { .controls = &ctrl, .count = 1 };
	int fd;

	hand_video(hand, &fd);
	ctrl.id = frame->controls[dice_below(&hand->dice, frame->num_controls)]->id;
	if (dice_percent(&hand->dice, 30))
		ctrl.size = dice_below(&hand->dice, sizeof(value));
	if (dice_percent(&hand->dice, 50)) {
		all.which = V4L2_CTRL_WHICH_REQUEST_VAL;
		all.request_fd = *any_slot(hand);
	}
	if (dice_percent(&hand->dice, 10))
		all.which = dice_odd(&hand->dice);
	switch (dice_below(&hand->dice, 4)) {
	case 0:
		query.id |= dice_bits(&hand->dice) & 0xffffff;
		hand_ioctl(hand, "QUERY_EXT_CTRL", fd, VIDIOC_QUERY_EXT_CTRL, &query,
			   sizeof(query));
		break;
	case 1:
		memset(value, 0, sizeof(value));
		hand_ioctl(hand, "TRY_EXT_CTRLS", fd, VIDIOC_TRY_EXT_CTRLS, &all, sizeof(all));
		break;
	default:
		hand_ioctl(hand, "G_EXT_CTRLS", fd, VIDIOC_G_EXT_CTRLS, &all, sizeof(all));
	}
}

/* Put the bitstream of @frame into OUTPUT buffer @index, if that is memory of the driver. */
static void write_payload(struct hand *hand, struct world_video *video, int fd,
			  unsigned int index, const struct corpus_frame *frame)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = {
		.type = OUTPUT, .index = index, .length = VIDEO_MAX_PLANES, .m.planes = planes,
	};
	struct world *world = hand->world;
	uint8_t *at;

	if (world_queue(video, OUTPUT)->memory == V4L2_MEMORY_DMABUF) {
		for (unsigned int i = 0; i < world->num_dmabufs; i++)
			if (world->dmabufs[i].map && world->dmabufs[i].size >= frame->size)
				memcpy(world->dmabufs[i].map, frame->payload, frame->size);
		return;
	}
	if (ioctl(fd, VIDIOC_QUERYBUF, &buf) || planes[0].length < frame->size)
		return;
	at = mmap(NULL, planes[0].length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		  planes[0].m.mem_offset);
	if (at == MAP_FAILED)
		return;
	memcpy(at, frame->payload, frame->size);
	if (dice_percent(&hand->dice, 8))
		dice_spoil(&hand->dice, at, frame->size);
	munmap(at, planes[0].length);
}

/*
 * A whole frame, mostly good: it becomes a job. Two frames with one time are the fields of
 * one picture if the first one asks to hold it; @field: take the time of the last frame.
 */
static void submit_field(struct hand *hand, bool field)
{
	int fd, request;
	struct world_video *video = hand_video(hand, &fd);
	const struct corpus_frame *frame = next_frame(hand, video);
	atomic_int *slot = any_slot(hand);
	unsigned int index;

	if (!dice_percent(&hand->dice, 30))
		buffer_dequeue(hand, video, fd, OUTPUT);
	if (!dice_percent(&hand->dice, 30))
		buffer_dequeue(hand, video, fd, CAPTURE);
	if (*slot < 0)
		alloc_request(hand, slot);
	request = *slot;
	if (request < 0 || (reinit_request(hand, request) && dice_percent(&hand->dice, 90)))
		return;
	index = buffer_free(hand, video, OUTPUT);
	if (!field)
		video->last_time_us = frame->time_us;
	set_controls(hand, fd, request, frame, 3);
	write_payload(hand, video, fd, index, frame);
	if (buffer_queue(hand, video, fd, OUTPUT, index, request, video->last_time_us) &&
	    dice_percent(&hand->dice, 25)) {
		queue_reset(hand, video, fd);
		return;
	}
	if (!dice_percent(&hand->dice, 20) &&
	    buffer_queue(hand, video, fd, CAPTURE, buffer_free(hand, video, CAPTURE), -1, 0) &&
	    dice_percent(&hand->dice, 25)) {
		queue_reset(hand, video, fd);
		return;
	}
	if (!dice_percent(&hand->dice, 95))
		return;
	if (!queue_request(hand, request))
		video->frame++;
	if (dice_percent(&hand->dice, 8))
		hand_close(hand, "close request", slot);
}

static void submit_frame(struct hand *hand)
{
	submit_field(hand, dice_percent(&hand->dice, 10));
}

/* Several fields of one picture, more than two or with an unusual end. */
static void submit_fields(struct hand *hand)
{
	struct v4l2_decoder_cmd flush = { .cmd = V4L2_DEC_CMD_FLUSH };
	int fd;
	struct world_video *video = hand_video(hand, &fd);

	video->hold_percent = 85;
	for (unsigned int i = 0; i < 2 + dice_below(&hand->dice, 3); i++)
		submit_field(hand, i);
	video->hold_percent = dice_percent(&hand->dice, 80) ? 10 : 50;
	if (dice_percent(&hand->dice, 50))
		submit_field(hand, false);
	else
		hand_ioctl(hand, "DECODER_CMD", fd, VIDIOC_DECODER_CMD, &flush, sizeof(flush));
	/* Take what comes at once: later fields may still be decoded. */
	for (unsigned int i = 0; i < 20 && !hand->world->blocking; i++) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };

		if (poll(&ready, 1, 1) > 0 && buffer_dequeue(hand, video, fd, CAPTURE))
			break;
	}
}

/* Several frames one after the other, so that several jobs are in flight. */
static void submit_frames(struct hand *hand)
{
	for (unsigned int i = 2 + dice_below(&hand->dice, 4); i; i--)
		submit_frame(hand);
}

const struct op request_ops[] = {
	{ "REQUEST_ALLOC", 2, alloc_any },
	{ "request", 5, request_any },
	{ "S_EXT_CTRLS", 6, set_any_controls },
	{ "controls", 3, ask_controls },
	{ "frame", 14, submit_frame },
	{ "frames", 5, submit_frames },
	{ "fields", 4, submit_fields },
	{ NULL, 0, NULL }
};
