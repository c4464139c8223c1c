// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hostile operations on the queues: formats, allocation, start and stop.
 */
#include <sys/ioctl.h>

#include "world.h"

/* More memory than this is asked for in a few buffers only: the guest is small. */
#define LARGE_BYTES	(1 << 20)
/*
 * Buffers are not larger than this: the core clears them with a lock of all clients held, and
 * so their calls would take too long.
 */
#define HUGE_BYTES	(1 << 26)

void queue_note_format(struct world_video *video, const struct v4l2_format *f)
{
	struct world_queue *queue = world_queue(video, f->type);

	queue->planes = f->fmt.pix_mp.num_planes;
	queue->size = f->fmt.pix_mp.plane_fmt[0].sizeimage;
	for (unsigned int i = 0; f->type == OUTPUT && i < num_corpora; i++)
		if (corpora[i].pixelformat == f->fmt.pix_mp.pixelformat &&
		    corpora[video->clip].pixelformat != f->fmt.pix_mp.pixelformat)
			video->clip = i;
}

static uint32_t any_pixelformat(struct hand *hand, uint32_t type)
{
	static const uint32_t pictures[] = {
		V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV12M, V4L2_PIX_FMT_YUV420,
		V4L2_PIX_FMT_P010, V4L2_PIX_FMT_YUYV,
	};

	if (dice_percent(&hand->dice, 5))
		return dice_odd(&hand->dice);
	if (type == OUTPUT)
		return corpora[dice_below(&hand->dice, num_corpora)].pixelformat;
	return pictures[dice_below(&hand->dice, 6)];
}

/* Mostly sizes that fit the clips; else small ones, and rarely any. */
static uint32_t any_size(struct hand *hand)
{
	if (dice_percent(&hand->dice, 60))
		return 64;
	if (dice_percent(&hand->dice, 90))
		return 1 + dice_below(&hand->dice, 300);
	return dice_odd(&hand->dice);
}

static void any_format(struct hand *hand, struct v4l2_format *f)
{
	memset(f, 0, sizeof(*f));
	f->type = hand_type(hand);
	f->fmt.pix_mp.pixelformat = any_pixelformat(hand, f->type);
	f->fmt.pix_mp.width = any_size(hand);
	f->fmt.pix_mp.height = any_size(hand);
	f->fmt.pix_mp.num_planes = 1;
	f->fmt.pix_mp.plane_fmt[0].sizeimage =
		dice_percent(&hand->dice, 95) ? 16384U << dice_below(&hand->dice, 3) :
						(uint32_t)(dice_odd(&hand->dice) % (1 << 26));
	if (dice_percent(&hand->dice, 10))
		dice_spoil(&hand->dice, &f->fmt.pix_mp, sizeof(f->fmt.pix_mp));
}

static bool is_huge(int fd, uint32_t type)
{
	struct v4l2_format f = { .type = type };
	uint64_t size = 0;

	if (ioctl(fd, VIDIOC_G_FMT, &f))
		return false;
	for (unsigned int i = 0; i < f.fmt.pix_mp.num_planes; i++)
		size += f.fmt.pix_mp.plane_fmt[i].sizeimage;
	return size > HUGE_BYTES;
}

void queue_shrink(struct hand *hand, int fd)
{
	struct v4l2_format f = { .type = OUTPUT };

	if (!is_huge(fd, OUTPUT) && !is_huge(fd, CAPTURE))
		return;
	/* The CAPTURE format follows. */
	f.fmt.pix_mp.pixelformat = corpora[0].pixelformat;
	f.fmt.pix_mp.width = f.fmt.pix_mp.height = 64;
	f.fmt.pix_mp.num_planes = 1;
	f.fmt.pix_mp.plane_fmt[0].sizeimage = 16384;
	hand_ioctl(hand, "S_FMT OUTPUT", fd, VIDIOC_S_FMT, &f, sizeof(f));
}

static void set_any_format(struct hand *hand)
{
	struct v4l2_format f;
	int fd;
	struct world_video *video = hand_video(hand, &fd);

	any_format(hand, &f);
	if (hand_ioctl(hand, "S_FMT", fd, VIDIOC_S_FMT, &f, sizeof(f)))
		return;
	queue_note_format(video, &f);
	queue_shrink(hand, fd);
}

static void ask_formats(struct hand *hand)
{
	struct v4l2_fmtdesc desc = { .type = hand_type(hand) };
	struct v4l2_frmsizeenum sizes = { 0 };
	struct v4l2_capability cap;
	struct v4l2_format f;
	int fd;

	hand_video(hand, &fd);
	any_format(hand, &f);
	switch (dice_below(&hand->dice, 5)) {
	case 0:
		hand_ioctl(hand, "G_FMT", fd, VIDIOC_G_FMT, &f, sizeof(f));
		break;
	case 1:
		hand_ioctl(hand, "TRY_FMT", fd, VIDIOC_TRY_FMT, &f, sizeof(f));
		break;
	case 2:
		desc.index = dice_percent(&hand->dice, 80) ? dice_below(&hand->dice, 5) :
							     dice_odd(&hand->dice);
		hand_ioctl(hand, "ENUM_FMT", fd, VIDIOC_ENUM_FMT, &desc, sizeof(desc));
		break;
	case 3:
		sizes.pixel_format = any_pixelformat(hand, OUTPUT);
		sizes.index = dice_below(&hand->dice, 2);
		hand_ioctl(hand, "ENUM_FRAMESIZES", fd, VIDIOC_ENUM_FRAMESIZES, &sizes,
			   sizeof(sizes));
		break;
	default:
		hand_ioctl(hand, "QUERYCAP", fd, VIDIOC_QUERYCAP, &cap, sizeof(cap));
	}
}

static void request_buffers(struct hand *hand, struct world_video *video, int fd, uint32_t type,
			    uint32_t memory, uint32_t count)
{
	struct v4l2_requestbuffers req = { .type = type, .memory = memory, .count = count };
	int ret;

	if (type != OUTPUT)
		guard_drop_all(hand, video);
	if (world_queue(video, type)->size > LARGE_BYTES && count > 2)
		req.count = 2;
	if (dice_percent(&hand->dice, 3))
		req.flags = dice_odd(&hand->dice);
	ret = hand_ioctl(hand, "REQBUFS", fd, VIDIOC_REQBUFS, &req, sizeof(req));
	if (!ret && memory == V4L2_MEMORY_USERPTR)
		trace_wrong(hand->actor, "REQBUFS took USERPTR");
	if (ret)
		return;
	world_queue(video, type)->count = req.count;
	world_queue(video, type)->memory = memory;
	world_queue(video, type)->busy = 0;
	for (unsigned int i = 0; i < WORLD_BUFFERS && type != OUTPUT; i++)
		video->guards[i].exported = false;
}

static uint32_t any_memory(struct hand *hand)
{
	unsigned int pick = dice_below(&hand->dice, hand->world->imports ? 100 : 55);

	return pick < 55 ? V4L2_MEMORY_MMAP : pick < 94 ? V4L2_MEMORY_DMABUF :
	       pick < 97 ? V4L2_MEMORY_USERPTR : dice_odd(&hand->dice);
}

static void request_any(struct hand *hand)
{
	int fd;
	struct world_video *video = hand_video(hand, &fd);
	uint32_t count = dice_percent(&hand->dice, 30) ? 0 : 1 + dice_below(&hand->dice, 6);

	if (dice_percent(&hand->dice, 3))
		count = dice_odd(&hand->dice);
	request_buffers(hand, video, fd, hand_type(hand), any_memory(hand), count);
}

static void create_any(struct hand *hand)
{
	struct v4l2_create_buffers create = {
		.count = dice_below(&hand->dice, 4), .memory = any_memory(hand),
	};
	int fd;
	struct world_video *video = hand_video(hand, &fd);

	create.format.type = hand_type(hand);
	if (dice_percent(&hand->dice, 80))
		ioctl(fd, VIDIOC_G_FMT, &create.format);
	else
		any_format(hand, &create.format);
	if (dice_percent(&hand->dice, 10))
		create.format.fmt.pix_mp.plane_fmt[0].sizeimage =
			dice_odd(&hand->dice) % (1 << 24);
	if (dice_percent(&hand->dice, 1))
		create.format.fmt.pix_mp.plane_fmt[0].sizeimage = UINT32_MAX;
	if (!hand_ioctl(hand, "CREATE_BUFS", fd, VIDIOC_CREATE_BUFS, &create, sizeof(create)))
		world_queue(video, create.format.type)->count = create.index + create.count;
}

static void remove_any(struct hand *hand)
{
#ifdef VIDIOC_REMOVE_BUFS
	struct v4l2_remove_buffers remove = {
		.index = dice_below(&hand->dice, 6), .count = dice_below(&hand->dice, 3),
		.type = hand_type(hand),
	};
	int fd;
	struct world_video *video = hand_video(hand, &fd);

	if (remove.type != OUTPUT)
		for (unsigned int i = 0; i < remove.count; i++)
			guard_check(hand, video, remove.index + i);
	hand_ioctl(hand, "REMOVE_BUFS", fd, VIDIOC_REMOVE_BUFS, &remove, sizeof(remove));
#endif
}

static void stream_any(struct hand *hand)
{
	int fd, type = hand_type(hand);
	struct world_video *video = hand_video(hand, &fd);

	if (dice_percent(&hand->dice, 55)) {
		hand_ioctl(hand, type == OUTPUT ? "STREAMON OUTPUT" : "STREAMON", fd,
			   VIDIOC_STREAMON, &type, sizeof(type));
	} else {
		if (type != OUTPUT)
			guard_drop_all(hand, video);
		hand_ioctl(hand, type == OUTPUT ? "STREAMOFF OUTPUT" : "STREAMOFF", fd,
			   VIDIOC_STREAMOFF, &type, sizeof(type));
		world_queue(video, type)->busy = 0;
	}
}

/* What a program does before it decodes: after it, frames can be submitted. */
void queue_setup(struct hand *hand, struct world_video *video, int fd)
{
	const struct corpus *clip = &corpora[video->clip];
	uint32_t memory = dice_percent(&hand->dice, hand->world->imports ? 60 : 100) ?
			  V4L2_MEMORY_MMAP : V4L2_MEMORY_DMABUF;
	struct v4l2_format f = { .type = OUTPUT };
	int type;

	f.fmt.pix_mp.pixelformat = clip->pixelformat;
	f.fmt.pix_mp.width = clip->width;
	f.fmt.pix_mp.height = clip->height;
	f.fmt.pix_mp.num_planes = 1;
	f.fmt.pix_mp.plane_fmt[0].sizeimage = 16384;
	if (!hand_ioctl(hand, "S_FMT OUTPUT", fd, VIDIOC_S_FMT, &f, sizeof(f)))
		queue_note_format(video, &f);
	f.type = CAPTURE;
	f.fmt.pix_mp.pixelformat = dice_percent(&hand->dice, 80) ? V4L2_PIX_FMT_NV12 :
				   any_pixelformat(hand, CAPTURE);
	if (!hand_ioctl(hand, "S_FMT CAPTURE", fd, VIDIOC_S_FMT, &f, sizeof(f)))
		queue_note_format(video, &f);
	request_buffers(hand, video, fd, OUTPUT, memory, 2 + dice_below(&hand->dice, 3));
	if (dice_percent(&hand->dice, hand->world->imports ? 30 : 0))
		memory ^= V4L2_MEMORY_MMAP ^ V4L2_MEMORY_DMABUF;
	request_buffers(hand, video, fd, CAPTURE, memory, 2 + dice_below(&hand->dice, 4));
	type = OUTPUT;
	hand_ioctl(hand, "STREAMON OUTPUT", fd, VIDIOC_STREAMON, &type, sizeof(type));
	type = CAPTURE;
	hand_ioctl(hand, "STREAMON", fd, VIDIOC_STREAMON, &type, sizeof(type));
}

/* Start again: stop both queues, and set up as a program does. */
void queue_reset(struct hand *hand, struct world_video *video, int fd)
{
	static const char * const names[] = { "STREAMOFF OUTPUT", "STREAMOFF" };
	int types[] = { OUTPUT, CAPTURE };

	guard_drop_all(hand, video);
	for (unsigned int i = 0; i < 2; i++) {
		hand_ioctl(hand, names[i], fd, VIDIOC_STREAMOFF, &types[i], sizeof(types[i]));
		video->queues[i].busy = 0;
	}
	video->frame = 0;
	queue_setup(hand, video, fd);
}

static void setup_again(struct hand *hand)
{
	int fd;
	struct world_video *video = hand_video(hand, &fd);

	if (dice_percent(&hand->dice, 50))
		video->clip = dice_below(&hand->dice, num_corpora);
	queue_setup(hand, video, fd);
}

const struct op queue_ops[] = {
	{ "S_FMT", 2, set_any_format },
	{ "formats", 3, ask_formats },
	{ "REQBUFS", 4, request_any },
	{ "CREATE_BUFS", 2, create_any },
	{ "REMOVE_BUFS", 3, remove_any },
	{ "stream", 6, stream_any },
	{ "setup", 2, setup_again },
	{ NULL, 0, NULL }
};
