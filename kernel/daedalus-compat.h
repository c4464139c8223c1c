/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * API changes between Linux 6.1 and 7.3. The rest of the module is written for
 * the newest kernel and does not look at the version.
 */
#ifndef DAEDALUS_COMPAT_H
#define DAEDALUS_COMPAT_H

#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <media/v4l2-fh.h>

/* kzalloc_obj(*pointer) or kzalloc_obj(*pointer, gfp); the default is GFP_KERNEL. */
#ifndef kzalloc_obj
#define daedalus_gfp(none, gfp, ...) (none gfp)
#define kzalloc_obj(obj, ...) \
	kzalloc(sizeof(obj), daedalus_gfp(, ##__VA_ARGS__, GFP_KERNEL))
#endif

/* Names of symbol namespaces became strings. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define DAEDALUS_IMPORT_NS_DMA_BUF MODULE_IMPORT_NS("DMA_BUF")
#else
#define DAEDALUS_IMPORT_NS_DMA_BUF MODULE_IMPORT_NS(DMA_BUF)
#endif

/* vb2 drops the queue lock by itself while it waits. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define DAEDALUS_WAIT_OPS
#else
#define DAEDALUS_WAIT_OPS \
	.wait_prepare = vb2_ops_wait_prepare, .wait_finish = vb2_ops_wait_finish,
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define DAEDALUS_REMOVE_BUFS .vidioc_remove_bufs = v4l2_m2m_ioctl_remove_bufs,
#else
#define DAEDALUS_REMOVE_BUFS
#endif

/* A driver's remove returns nothing. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define DAEDALUS_REMOVE_RETURN void
#define DAEDALUS_REMOVE_RESULT
#else
#define DAEDALUS_REMOVE_RETURN int
#define DAEDALUS_REMOVE_RESULT 0
#endif

/* v4l2_fh_add() stores the handle in the file. */
static inline void daedalus_fh_add(struct v4l2_fh *fh, struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	v4l2_fh_add(fh, file);
#else
	file->private_data = fh;
	v4l2_fh_add(fh);
#endif
}

static inline void daedalus_fh_del(struct v4l2_fh *fh, struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	v4l2_fh_del(fh, file);
#else
	v4l2_fh_del(fh);
#endif
}

#endif /* DAEDALUS_COMPAT_H */
