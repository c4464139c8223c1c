// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Other hostile operations: commands, events, the media graph, and ioctls of noise.
 */
#include <sys/ioctl.h>

#include "world.h"

static void command(struct hand *hand)
{
	struct v4l2_decoder_cmd cmd = { .cmd = V4L2_DEC_CMD_FLUSH };
	int fd;

	hand_video(hand, &fd);
	if (dice_percent(&hand->dice, 20))
		dice_spoil(&hand->dice, &cmd, sizeof(cmd));
	if (dice_percent(&hand->dice, 85))
		hand_ioctl(hand, "DECODER_CMD", fd, VIDIOC_DECODER_CMD, &cmd, sizeof(cmd));
	else
		hand_ioctl(hand, "TRY_DECODER_CMD", fd, VIDIOC_TRY_DECODER_CMD, &cmd,
			   sizeof(cmd));
}

static void event(struct hand *hand)
{
	struct v4l2_event_subscription subscription = {
		.type = dice_below(&hand->dice, 8),
		.id = dice_percent(&hand->dice, 50) ? V4L2_CID_STATELESS_H264_SPS : 0,
		.flags = dice_below(&hand->dice, 4),
	};
	struct v4l2_event got;
	int fd;

	hand_video(hand, &fd);
	switch (dice_below(&hand->dice, 3)) {
	case 0:
		hand_ioctl(hand, "SUBSCRIBE_EVENT", fd, VIDIOC_SUBSCRIBE_EVENT, &subscription,
			   sizeof(subscription));
		break;
	case 1:
		hand_ioctl(hand, "UNSUBSCRIBE_EVENT", fd, VIDIOC_UNSUBSCRIBE_EVENT, &subscription,
			   sizeof(subscription));
		break;
	default:
		if (hand->world->blocking)
			break;
		hand_dequeues(hand);
		hand_ioctl(hand, "DQEVENT", fd, VIDIOC_DQEVENT, &got, sizeof(got));
	}
}

static void graph(struct hand *hand)
{
	int fd = hand->world->medias[dice_below(&hand->dice, WORLD_MEDIAS)];
	struct media_v2_entity entities[8];
	struct media_v2_link links[16];
	struct media_v2_topology topology = {
		.num_entities = 8, .ptr_entities = (uintptr_t)entities,
		.num_links = 16, .ptr_links = (uintptr_t)links,
	};
	struct media_entity_desc entity = { .id = MEDIA_ENT_ID_FLAG_NEXT };
	struct media_link_desc link = { .flags = MEDIA_LNK_FL_ENABLED };
	struct media_device_info info;

	if (dice_percent(&hand->dice, 30))
		dice_spoil(&hand->dice, &topology, sizeof(topology));
	switch (dice_below(&hand->dice, 4)) {
	case 0:
		hand_ioctl(hand, "DEVICE_INFO", fd, MEDIA_IOC_DEVICE_INFO, &info, sizeof(info));
		break;
	case 1:
		entity.id |= dice_below(&hand->dice, 5);
		hand_ioctl(hand, "ENUM_ENTITIES", fd, MEDIA_IOC_ENUM_ENTITIES, &entity,
			   sizeof(entity));
		break;
	case 2:
		link.source.entity = 1 + dice_below(&hand->dice, 4);
		link.sink.entity = 1 + dice_below(&hand->dice, 4);
		hand_ioctl(hand, "SETUP_LINK", fd, MEDIA_IOC_SETUP_LINK, &link, sizeof(link));
		break;
	default:
		hand_ioctl(hand, "G_TOPOLOGY", fd, MEDIA_IOC_G_TOPOLOGY, &topology,
			   sizeof(topology));
	}
}

/* An ioctl of the right magic with a number and bytes of noise, to any descriptor of ours. */
static void noise(struct hand *hand)
{
	static const char magics[] = { 'V', 'V', '|', 0xda, 'b' };
	char magic = magics[dice_below(&hand->dice, sizeof(magics))];
	unsigned int number = dice_below(&hand->dice, 256);
	struct world *world = hand->world;
	struct world_video *video;
	uint8_t data[512];
	uint32_t type = hand_type(hand);
	int fd;

	video = hand_video(hand, &fd);
	if (magic != 'V')
		fd = dice_percent(&hand->dice, 50) ?
		     world->medias[dice_below(&hand->dice, WORLD_MEDIAS)] :
		     world->requests[dice_below(&hand->dice, WORLD_REQUESTS)];
	/* With these, threads may wait for as long as they like. */
	if (magic == 'V' && (number == 17 || number == 89)) {
		if (world->blocking)
			return;
		hand_dequeues(hand);
	}
	guard_drop_all(hand, video);
	dice_fill(&hand->dice, data, sizeof(data));
	if (dice_percent(&hand->dice, 50))
		memset(data, 0, sizeof(data));
	memcpy(data, &type, sizeof(type));
	trace_begin(hand->actor, "noise", "fd %d magic %02x number %u", fd, (uint8_t)magic,
		    number);
	trace_end(hand->actor, ioctl(fd, _IOC(dice_below(&hand->dice, 4), (uint8_t)magic, number,
					      dice_percent(&hand->dice, 50) ?
					      dice_below(&hand->dice, 512) : 136), data));
}

/* The ioctls with the numbers and sizes that the API has, with bytes of noise. */
static void api_noise(struct hand *hand)
{
	static const unsigned long requests[] = {
		VIDIOC_S_FMT, VIDIOC_TRY_FMT, VIDIOC_REQBUFS, VIDIOC_QUERYBUF, VIDIOC_EXPBUF,
		VIDIOC_CREATE_BUFS, VIDIOC_STREAMON, VIDIOC_S_EXT_CTRLS, VIDIOC_G_EXT_CTRLS,
		VIDIOC_TRY_EXT_CTRLS, VIDIOC_S_CTRL, VIDIOC_G_CTRL, VIDIOC_QUERYCTRL,
		VIDIOC_QUERYMENU, VIDIOC_DECODER_CMD, VIDIOC_ENUM_FRAMESIZES,
		VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_PARM, VIDIOC_S_PARM, VIDIOC_G_SELECTION,
		VIDIOC_S_SELECTION, VIDIOC_G_PRIORITY, VIDIOC_S_PRIORITY, VIDIOC_LOG_STATUS,
		VIDIOC_ENUMINPUT, VIDIOC_ENUMOUTPUT, VIDIOC_S_INPUT, VIDIOC_ENCODER_CMD,
		VIDIOC_QBUF, VIDIOC_PREPARE_BUF,
	};
	unsigned long request = requests[dice_below(&hand->dice,
						    sizeof(requests) / sizeof(requests[0]))];
	struct world_video *video;
	uint8_t data[512];
	uint32_t type = hand_type(hand);
	int fd;

	video = hand_video(hand, &fd);
	guard_drop_all(hand, video);
	memset(data, 0, sizeof(data));
	if (dice_percent(&hand->dice, 70))
		dice_spoil(&hand->dice, data, _IOC_SIZE(request));
	else
		dice_fill(&hand->dice, data, sizeof(data));
	/* The guest is small: not the largest buffers with the largest number. */
	if (request == VIDIOC_CREATE_BUFS || request == VIDIOC_REQBUFS)
		memset(data + (request == VIDIOC_REQBUFS ? 0 : 4), dice_below(&hand->dice, 3), 1),
		memset(data + (request == VIDIOC_REQBUFS ? 1 : 5), 0, 3);
	if (dice_percent(&hand->dice, 70) && request != VIDIOC_CREATE_BUFS &&
	    request != VIDIOC_REQBUFS)
		memcpy(data, &type, sizeof(type));
	trace_begin(hand->actor, "noise", "fd %d request %lx", fd, request);
	trace_end(hand->actor, ioctl(fd, request, data));
	if (request == VIDIOC_S_FMT)
		queue_shrink(hand, fd);
}

const struct op misc_ops[] = {
	{ "command", 5, command },
	{ "event", 1, event },
	{ "graph", 3, graph },
	{ "noise", 2, noise },
	{ "API noise", 4, api_noise },
	{ NULL, 0, NULL }
};
