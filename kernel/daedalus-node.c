// SPDX-License-Identifier: GPL-2.0-only
/*
 * The video and media nodes: one struct daedalus_node per registration.
 *
 * The media core does not count references on a media_device. A request fd uses it
 * when it is closed, however late. So each request holds a reference on the node (and
 * on this module), besides the one of the v4l2_device, which the open video files
 * hold. An open media file uses the media_device without a reference too: in an ioctl
 * that began before the node was unregistered and sleeps in copy_from_user(), for as
 * long as the client likes. But such a file holds a reference on this module. So a
 * node without users is retired, and only module exit frees it.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <media/media-request.h>
#include <media/v4l2-ioctl.h>

#include "daedalus.h"
#include "daedalus-compat.h"

/* How long a client that still uses the media node may delay what comes next. */
#define UNREGISTER_WAIT_MS	100

static atomic_t nodes_alive = ATOMIC_INIT(0);
static atomic_t requests_alive = ATOMIC_INIT(0);
static DEFINE_SPINLOCK(retired_lock);	/* protects retired_nodes */
static LIST_HEAD(retired_nodes);
static atomic_t nodes_retired = ATOMIC_INIT(0);
/* When the last request was freed or the last node retired. */
static unsigned long last_use;

/**
 * daedalus_nodes_alive() - how many nodes are in use
 *
 * Return: the number of nodes that are registered or that an open video file or a
 * request uses.
 */
unsigned int daedalus_nodes_alive(void)
{
	return atomic_read(&nodes_alive);
}

/**
 * daedalus_nodes_retired() - how many nodes wait for module exit
 *
 * Return: their number.
 */
unsigned int daedalus_nodes_retired(void)
{
	return atomic_read(&nodes_retired);
}

/**
 * daedalus_requests_alive() - how many media requests are not freed yet
 *
 * Return: their number, of all nodes.
 */
unsigned int daedalus_requests_alive(void)
{
	return atomic_read(&requests_alive);
}

/**
 * daedalus_nodes_free() - free the retired nodes
 *
 * For module exit, when no file and no request is open any more, so all nodes are
 * retired. The media core decrements a counter in the media_device right after it has
 * called req_free, and v4l2-mem2mem may still have a work to run that finds nothing to
 * do. Nothing can wait for these, so this waits until the last use is a second ago.
 */
void daedalus_nodes_free(void)
{
	struct daedalus_node *node, *next;
	long left = READ_ONCE(last_use) + HZ - jiffies;

	if (!list_empty(&retired_nodes) && left > 0)
		msleep(jiffies_to_msecs(min_t(long, left, HZ)));
	WARN_ON(atomic_read(&nodes_alive));
	list_for_each_entry_safe(node, next, &retired_nodes, retired) {
		v4l2_m2m_release(node->m2m_dev);
		media_device_cleanup(&node->mdev);
		daedalus_dev_put(node->ddev);
		kfree(node);
	}
}

/* May be called in atomic context, where a buffer completes its request. */
static void node_release(struct kref *ref)
{
	struct daedalus_node *node = container_of(ref, struct daedalus_node, ref);

	spin_lock(&retired_lock);
	list_add_tail(&node->retired, &retired_nodes);
	spin_unlock(&retired_lock);
	WRITE_ONCE(last_use, jiffies);
	atomic_inc(&nodes_retired);
	atomic_dec(&nodes_alive);
}

static void v4l2_release(struct v4l2_device *v4l2_dev)
{
	struct daedalus_node *node = container_of(v4l2_dev, struct daedalus_node, v4l2_dev);

	kref_put(&node->ref, node_release);
}

static struct media_request *req_alloc(struct media_device *mdev)
{
	struct daedalus_node *node = container_of(mdev, struct daedalus_node, mdev);
	struct media_request *req = kzalloc_obj(*req);

	if (!req)
		return NULL;
	/* Linux before 6.14 calls req_free without setting it if no descriptor is left. */
	req->mdev = mdev;
	__module_get(THIS_MODULE);
	kref_get(&node->ref);
	atomic_inc(&requests_alive);
	return req;
}

static void req_free(struct media_request *req)
{
	struct daedalus_node *node = container_of(req->mdev, struct daedalus_node, mdev);

	kfree(req);
	WRITE_ONCE(last_use, jiffies);
	atomic_dec(&requests_alive);
	kref_put(&node->ref, node_release);
	module_put(THIS_MODULE);
}

static const struct media_device_ops media_ops = {
	.req_validate = daedalus_request_validate,
	.req_queue = v4l2_m2m_request_queue,
	.req_alloc = req_alloc,
	.req_free = req_free,
};

static const struct v4l2_m2m_ops m2m_ops = {
	.device_run = daedalus_device_run,
};

static void init_video_device(struct daedalus_node *node)
{
	struct video_device *vdev = &node->vdev;

	strscpy(vdev->name, "daedalus-dec", sizeof(vdev->name));
	vdev->vfl_dir = VFL_DIR_M2M;
	vdev->fops = &daedalus_fops;
	vdev->ioctl_ops = &daedalus_ioctl_ops;
	vdev->release = video_device_release_empty;
	vdev->device_caps = V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING;
	vdev->v4l2_dev = &node->v4l2_dev;
	video_set_drvdata(vdev, node);
}

static void init_media_device(struct daedalus_node *node)
{
	struct media_device *mdev = &node->mdev;

	mdev->dev = node->ddev->dev;
	mdev->ops = &media_ops;
	/* Without a name the core asks mdev->dev for its driver, which may be unbound. */
	strscpy(mdev->driver_name, DAEDALUS_NAME, sizeof(mdev->driver_name));
	strscpy(mdev->model, "Daedalus stateless decoder", sizeof(mdev->model));
	strscpy(mdev->bus_info, "platform:" DAEDALUS_NAME, sizeof(mdev->bus_info));
	media_device_init(mdev);
	node->v4l2_dev.mdev = mdev;
}

static void unregister_media(struct work_struct *work)
{
	struct daedalus_node *node = container_of(work, struct daedalus_node, unregister_work);

	daedalus_media_unregister(node);
	v4l2_m2m_unregister_media_controller(node->m2m_dev);
	complete_all(&node->unregistered);
	v4l2_device_put(&node->v4l2_dev);
}

/**
 * daedalus_node_create() - register the nodes
 * @ddev:	the device, with @lock held and without a node
 * @hello:	hello of the daemon, checked
 *
 * Return: 0 or -errno.
 */
int daedalus_node_create(struct daedalus_dev *ddev, const struct daedalus_hello *hello)
{
	struct daedalus_node *node = kzalloc_obj(*node);
	int ret;

	if (!node)
		return -ENOMEM;
	node->num_offers = daedalus_hello_offers(hello, node->offers);
	if (!node->num_offers) {
		dev_info(ddev->dev, "daemon refused: it decodes nothing that this module knows\n");
		ret = -EINVAL;
		goto free;
	}

	kref_init(&node->ref);
	INIT_WORK(&node->unregister_work, unregister_media);
	init_completion(&node->unregistered);
	node->ddev = ddev;

	ret = v4l2_device_register(ddev->dev, &node->v4l2_dev);
	if (ret)
		goto free;
	node->v4l2_dev.release = v4l2_release;
	node->m2m_dev = v4l2_m2m_init(&m2m_ops);
	if (IS_ERR(node->m2m_dev)) {
		ret = PTR_ERR(node->m2m_dev);
		v4l2_device_unregister(&node->v4l2_dev);
		goto free;
	}

	/* From here on the last v4l2_device_put() ends in node_release(). */
	daedalus_dev_get(ddev);
	atomic_inc(&nodes_alive);
	init_media_device(node);
	init_video_device(node);
	ret = video_register_device(&node->vdev, VFL_TYPE_VIDEO, -1);
	if (ret)
		goto put;
	ret = v4l2_m2m_register_media_controller(node->m2m_dev, &node->vdev,
						 MEDIA_ENT_F_PROC_VIDEO_DECODER);
	if (ret)
		goto unregister_video;
	ret = daedalus_media_register(node);
	if (ret)
		goto unregister_controller;

	ddev->node = node;
	dev_info(ddev->dev, "registered as %s\n", video_device_node_name(&node->vdev));
	return 0;

unregister_controller:
	v4l2_m2m_unregister_media_controller(node->m2m_dev);
unregister_video:
	video_unregister_device(&node->vdev);
put:
	v4l2_device_unregister(&node->v4l2_dev);
	v4l2_device_put(&node->v4l2_dev);
	return ret;
free:
	kfree(node);
	return ret;
}

/* Wake clients that sleep in DQBUF or poll: the device is gone. ddev->lock held. */
static void stop_clients(struct daedalus_node *node)
{
	struct daedalus_stream *stream;

	list_for_each_entry(stream, &node->ddev->streams, dev_node) {
		struct daedalus_ctx *ctx = stream->ctx;

		if (ctx->node != node)
			continue;
		vb2_queue_error(v4l2_m2m_get_src_vq(ctx->fh.m2m_ctx));
		vb2_queue_error(v4l2_m2m_get_dst_vq(ctx->fh.m2m_ctx));
	}
}

/**
 * daedalus_node_destroy() - unregister the nodes
 * @ddev: the device, with @lock held and a node
 *
 * Open files and requests keep struct daedalus_node alive, but not the device nodes.
 *
 * Unregistering the media node takes the lock of its graph. An ioctl that began before
 * daedalus_media_register() was done may hold that lock for as long as the client
 * likes, so a work does it: usually before this function returns.
 */
void daedalus_node_destroy(struct daedalus_dev *ddev)
{
	struct daedalus_node *node = ddev->node;

	ddev->node = NULL;
	dev_info(ddev->dev, "unregistering %s\n", video_device_node_name(&node->vdev));
	video_unregister_device(&node->vdev);
	v4l2_device_unregister(&node->v4l2_dev);
	stop_clients(node);
	queue_work(daedalus_wq, &node->unregister_work);
	if (!wait_for_completion_timeout(&node->unregistered,
					 msecs_to_jiffies(UNREGISTER_WAIT_MS)))
		dev_info(ddev->dev, "a client keeps the media node busy\n");
}

/**
 * daedalus_node_matches() - can a new daemon serve the nodes of the old one?
 * @node:	registered
 * @hello:	hello of the new daemon, checked
 *
 * Return: true if it decodes exactly the same.
 */
bool daedalus_node_matches(const struct daedalus_node *node, const struct daedalus_hello *hello)
{
	struct daedalus_offer offers[DAEDALUS_MAX_CODECS] = { };
	unsigned int n = daedalus_hello_offers(hello, offers);

	return n == node->num_offers && !memcmp(offers, node->offers, n * sizeof(offers[0]));
}
