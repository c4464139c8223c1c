// SPDX-License-Identifier: GPL-2.0-only
/*
 * daedalus_v4l2: a V4L2 stateless decoder whose hardware is a userspace daemon.
 *
 * Clients see an ordinary stateless decoder (mem2mem, request API). Jobs go to
 * the daemon over a character device and come back as pictures in dma-bufs. The
 * kernel never waits for the daemon: see daedalus-job.c.
 *
 * The shape of the V4L2 side follows visl (drivers/media/test-drivers/visl),
 * the early job_finish follows rpi-hevc-dec, and living with a userspace server
 * follows ublk (drivers/block/ublk_drv.c).
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <media/videobuf2-dma-contig.h>
#include <media/videobuf2-dma-sg.h>

#include "daedalus.h"
#include "daedalus-compat.h"

#define DEADLINE_MIN_MS	50
#define DEADLINE_MAX_MS	60000
#define GRACE_MAX_MS	600000
#define MAX_STREAMS	4096

struct workqueue_struct *daedalus_wq;
unsigned int daedalus_deadline_ms = 900;
unsigned int daedalus_grace_ms = 5000;
unsigned int daedalus_max_streams = 256;
unsigned int daedalus_max_streams_per_user = 64;

/* The bound device, for a change of a parameter. */
static DEFINE_MUTEX(bound_lock);	/* protects bound_dev; taken before its lock */
static struct daedalus_dev *bound_dev;

static void retime_all(void)
{
	struct daedalus_stream *stream;

	mutex_lock(&bound_lock);
	if (bound_dev) {
		mutex_lock(&bound_dev->lock);
		list_for_each_entry(stream, &bound_dev->streams, dev_node)
			daedalus_jobs_retime(stream);
		mutex_unlock(&bound_dev->lock);
	}
	mutex_unlock(&bound_lock);
}

static int set_deadline(const char *val, const struct kernel_param *param)
{
	int ret = param_set_uint_minmax(val, param, DEADLINE_MIN_MS, DEADLINE_MAX_MS);

	if (!ret)
		retime_all();
	return ret;
}

static int set_grace(const char *val, const struct kernel_param *param)
{
	return param_set_uint_minmax(val, param, 0, GRACE_MAX_MS);
}

static int set_streams(const char *val, const struct kernel_param *param)
{
	return param_set_uint_minmax(val, param, 1, MAX_STREAMS);
}

static const struct kernel_param_ops deadline_ops = { .set = set_deadline, .get = param_get_uint };
static const struct kernel_param_ops grace_ops = { .set = set_grace, .get = param_get_uint };
static const struct kernel_param_ops streams_ops = { .set = set_streams, .get = param_get_uint };

module_param_cb(deadline_ms, &deadline_ops, &daedalus_deadline_ms, 0644);
MODULE_PARM_DESC(deadline_ms,
		 "Milliseconds that the oldest job in flight may take before its frame is flagged ERROR, 50..60000 (default 900: GStreamer gives up after 1000)");

module_param_cb(grace_ms, &grace_ops, &daedalus_grace_ms, 0644);
MODULE_PARM_DESC(grace_ms,
		 "Milliseconds that the video and media nodes outlive the daemon, 0..600000 (default 5000)");

module_param_cb(max_streams, &streams_ops, &daedalus_max_streams, 0644);
MODULE_PARM_DESC(max_streams,
		 "Open files of the video node, 1..4096 (default 256); one more fails with ENFILE");

module_param_cb(max_streams_per_user, &streams_ops, &daedalus_max_streams_per_user, 0644);
MODULE_PARM_DESC(max_streams_per_user,
		 "Open files of the video node for each user without CAP_SYS_RESOURCE, 1..4096 (default 64); one more fails with EMFILE");

static bool contiguous;
module_param(contiguous, bool, 0444);
MODULE_PARM_DESC(contiguous,
		 "Allocate physically contiguous buffers, for displays without IOMMU (default: scattered pages)");

/**
 * daedalus_mem_ops() - the vb2 memory operations that the module was loaded with
 *
 * Return: dma-sg or dma-contig.
 */
const struct vb2_mem_ops *daedalus_mem_ops(void)
{
	return contiguous ? &vb2_dma_contig_memops : &vb2_dma_sg_memops;
}

static void dev_free(struct kref *ref)
{
	struct daedalus_dev *ddev = container_of(ref, struct daedalus_dev, ref);

	put_device(ddev->dev);
	kfree(ddev);
}

/**
 * daedalus_dev_get() - take a reference
 * @ddev: the caller has a reference already
 *
 * Return: @ddev.
 */
struct daedalus_dev *daedalus_dev_get(struct daedalus_dev *ddev)
{
	kref_get(&ddev->ref);
	return ddev;
}

/**
 * daedalus_dev_put() - drop a reference
 * @ddev: not to be used by the caller any more
 */
void daedalus_dev_put(struct daedalus_dev *ddev)
{
	kref_put(&ddev->ref, dev_free);
}

static void grace_over(struct work_struct *work)
{
	struct daedalus_dev *ddev = container_of(to_delayed_work(work), struct daedalus_dev,
						 grace_work);

	mutex_lock(&ddev->lock);
	if (ddev->node && !ddev->daemon_ready) {
		dev_info(ddev->dev, "no daemon came back in %u ms\n",
			 READ_ONCE(daedalus_grace_ms));
		daedalus_node_destroy(ddev);
	}
	mutex_unlock(&ddev->lock);
}

static int daedalus_probe(struct platform_device *pdev)
{
	struct daedalus_dev *ddev;
	int ret;

	ret = dma_coerce_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return dev_err_probe(&pdev->dev, ret, "no 64-bit DMA mask\n");
	/* dma-contig requires that an imported buffer is one segment. */
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);

	ddev = kzalloc_obj(*ddev);
	if (!ddev)
		return -ENOMEM;
	kref_init(&ddev->ref);
	ddev->dev = get_device(&pdev->dev);
	mutex_init(&ddev->lock);
	INIT_LIST_HEAD(&ddev->streams);
	INIT_DELAYED_WORK(&ddev->grace_work, grace_over);
	spin_lock_init(&ddev->event_lock);
	INIT_LIST_HEAD(&ddev->events);
	init_waitqueue_head(&ddev->event_wait);
	ddev->bound = true;
	platform_set_drvdata(pdev, ddev);

	ret = daedalus_control_register(ddev);
	if (ret) {
		daedalus_dev_put(ddev);
		return dev_err_probe(&pdev->dev, ret, "cannot make %s\n",
				     DAEDALUS_CONTROL_DEVICE);
	}
	daedalus_debugfs_init(ddev);
	mutex_lock(&bound_lock);
	bound_dev = ddev;
	mutex_unlock(&bound_lock);
	return 0;
}

static DAEDALUS_REMOVE_RETURN daedalus_remove(struct platform_device *pdev)
{
	struct daedalus_dev *ddev = platform_get_drvdata(pdev);
	struct daedalus_stream *stream;

	mutex_lock(&bound_lock);
	bound_dev = NULL;
	mutex_unlock(&bound_lock);

	mutex_lock(&ddev->lock);
	WRITE_ONCE(ddev->bound, false);
	WRITE_ONCE(ddev->daemon_ready, false);
	list_for_each_entry(stream, &ddev->streams, dev_node)
		daedalus_stream_drop_session(stream, 0);
	if (ddev->node)
		daedalus_node_destroy(ddev);
	mutex_unlock(&ddev->lock);

	daedalus_control_unregister(ddev);
	cancel_delayed_work_sync(&ddev->grace_work);
	daedalus_debugfs_exit(ddev);
	daedalus_dev_put(ddev);
	return DAEDALUS_REMOVE_RESULT;
}

static struct platform_driver daedalus_driver = {
	.probe = daedalus_probe,
	.remove = daedalus_remove,
	.driver.name = DAEDALUS_NAME,
};

static struct platform_device *daedalus_pdev;

static int __init daedalus_init(void)
{
	int ret;

	daedalus_wq = alloc_workqueue(DAEDALUS_NAME, WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!daedalus_wq)
		return -ENOMEM;
	ret = platform_driver_register(&daedalus_driver);
	if (ret)
		goto destroy_wq;
	daedalus_pdev = platform_device_register_simple(DAEDALUS_NAME, PLATFORM_DEVID_NONE,
							NULL, 0);
	if (IS_ERR(daedalus_pdev)) {
		ret = PTR_ERR(daedalus_pdev);
		goto unregister_driver;
	}
	return 0;

unregister_driver:
	platform_driver_unregister(&daedalus_driver);
destroy_wq:
	destroy_workqueue(daedalus_wq);
	return ret;
}

static void __exit daedalus_exit(void)
{
	platform_device_unregister(daedalus_pdev);
	platform_driver_unregister(&daedalus_driver);
	destroy_workqueue(daedalus_wq);
	daedalus_nodes_free();
}

module_init(daedalus_init);
module_exit(daedalus_exit);

MODULE_DESCRIPTION("V4L2 stateless video decoder that decodes in a userspace daemon");
MODULE_VERSION(DAEDALUS_VERSION);
MODULE_LICENSE("GPL");
DAEDALUS_IMPORT_NS_DMA_BUF;
