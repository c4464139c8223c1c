// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ioctls in which the V4L2 and media cores copy from or to the client with locks
 * held: the values of controls (the lock of the file's controls, which queueing any
 * request takes below a lock of the whole media device) and the topology (the lock of
 * the media graph, which unregistering takes).
 *
 * The client decides how long such a copy lasts: a page of its own FUSE file system
 * or of userfaultfd(2) comes when the client wants. So the ioctl runs with page faults
 * disabled: a copy of memory that is not there fails with -EFAULT and does not sleep.
 * Then the memory is faulted in, with no lock held, and the ioctl runs again. That is
 * safe because these ioctls can be repeated. File systems write files in this way too,
 * see fault_in_iov_iter_readable().
 */
#include <linux/compat.h>
#include <linux/pagemap.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include <media/media-devnode.h>
#include <media/v4l2-ioctl.h>

#include "daedalus.h"

/*
 * How often an ioctl runs until -EFAULT is final. More than twice is necessary only if
 * the memory is reclaimed or unmapped in between. The core also has -EFAULT for values
 * of a wrong size.
 */
#define TRIES	64

/* Entities, interfaces, pads or links: this device has fewer of each. */
#define GRAPH_MAX	16

/*
 * Fault in what the client says that it has at @addr. Return: false if it does not
 * have all of it, which is no error yet: the core may need less.
 */
static bool fault_in(u64 addr, size_t size, bool write)
{
	char __user *at = u64_to_user_ptr(addr);

	return !(write ? fault_in_safe_writeable(at, size) : fault_in_readable(at, size));
}

/* Structures of 32-bit programs on a 64-bit kernel. */
#ifdef CONFIG_COMPAT
struct ext_controls32 {
	u32 which;
	u32 count;
	u32 error_idx;
	s32 request_fd;
	u32 reserved;
	compat_caddr_t controls;
};

struct links_enum32 {
	u32 entity;
	compat_uptr_t pads;
	compat_uptr_t links;
	u32 reserved[4];
};
#endif

/* Get the number of controls and where they are. */
static bool get_controls(void __user *arg, u32 *count, u64 *controls)
{
	struct v4l2_ext_controls ctrls;

#ifdef CONFIG_COMPAT
	if (in_compat_syscall()) {
		struct ext_controls32 ctrls32;

		if (copy_from_user(&ctrls32, arg, sizeof(ctrls32)))
			return false;
		*count = ctrls32.count;
		*controls = ctrls32.controls;
		return true;
	}
#endif
	if (copy_from_user(&ctrls, arg, sizeof(ctrls)))
		return false;
	*count = ctrls.count;
	*controls = (uintptr_t)ctrls.controls;
	return true;
}

static u64 value_of(const struct v4l2_ext_control *ctrl)
{
#ifdef CONFIG_COMPAT
	/* The pointer has the first four bytes of the union. */
	if (in_compat_syscall())
		return (u32)ctrl->value;
#endif
	return (uintptr_t)ctrl->ptr;
}

static bool fault_in_controls(unsigned int cmd, void __user *arg)
{
	u64 controls;
	u32 i, count;

	/* The core writes both structures back; the second one is equal for 32 bits. */
	if (!get_controls(arg, &count, &controls) ||
	    !fault_in((uintptr_t)arg, _IOC_SIZE(cmd), true))
		return false;
	for (i = 0; i < count && i < V4L2_CID_MAX_CTRLS; i++) {
		u64 at = controls + i * sizeof(struct v4l2_ext_control);
		struct v4l2_ext_control ctrl;

		if (copy_from_user(&ctrl, u64_to_user_ptr(at), sizeof(ctrl)) ||
		    !fault_in(at, sizeof(ctrl), true))
			return false;
		/*
		 * No value is larger than a message. The core writes it back, also when it is
		 * set, and a page that can be read may still wait for copy on write.
		 */
		if (ctrl.size && !fault_in(value_of(&ctrl),
					   min_t(size_t, ctrl.size, DAEDALUS_MSG_MAX), true))
			return false;
		if (fatal_signal_pending(current))
			return false;
	}
	return true;
}

static bool fault_in_array(u64 addr, u32 count, size_t size)
{
	return !addr || fault_in(addr, min_t(u32, count, GRAPH_MAX) * size, true);
}

static bool fault_in_topology(void __user *arg)
{
	struct media_v2_topology topo;

	return !copy_from_user(&topo, arg, sizeof(topo)) &&
	       fault_in((uintptr_t)arg, sizeof(topo), true) &&
	       fault_in_array(topo.ptr_entities, topo.num_entities,
			      sizeof(struct media_v2_entity)) &&
	       fault_in_array(topo.ptr_interfaces, topo.num_interfaces,
			      sizeof(struct media_v2_interface)) &&
	       fault_in_array(topo.ptr_pads, topo.num_pads, sizeof(struct media_v2_pad)) &&
	       fault_in_array(topo.ptr_links, topo.num_links, sizeof(struct media_v2_link));
}

/* Get where the pads and the links go. */
static bool get_links(void __user *arg, u64 *pads, u64 *links)
{
	struct media_links_enum desc;

#ifdef CONFIG_COMPAT
	if (in_compat_syscall()) {
		struct links_enum32 desc32;

		if (copy_from_user(&desc32, arg, sizeof(desc32)))
			return false;
		*pads = desc32.pads;
		*links = desc32.links;
		return true;
	}
#endif
	if (copy_from_user(&desc, arg, sizeof(desc)))
		return false;
	*pads = (uintptr_t)desc.pads;
	*links = (uintptr_t)desc.links;
	return true;
}

static bool fault_in_links(unsigned int cmd, void __user *arg)
{
	u64 pads, links;
	bool ok;

	if (!get_links(arg, &pads, &links))
		return false;
	/* The lengths of the arrays are not known here, so one may be shorter than that. */
	ok = fault_in((uintptr_t)arg, _IOC_SIZE(cmd), true);
	ok &= fault_in_array(pads, GRAPH_MAX, sizeof(struct media_pad_desc));
	ok &= fault_in_array(links, GRAPH_MAX, sizeof(struct media_link_desc));
	return ok;
}

/* Fault in all that the ioctl may copy. */
static bool fault_in_all(unsigned int cmd, void __user *arg)
{
	if (_IOC_TYPE(cmd) == 'V')
		return fault_in_controls(cmd, arg);
	if (_IOC_NR(cmd) == _IOC_NR(MEDIA_IOC_ENUM_LINKS))
		return fault_in_links(cmd, arg);
	return fault_in_topology(arg);
}

/* Is it an ioctl that copies with a lock held? @cmd may be that of a 32-bit program. */
static bool copies_locked(unsigned int cmd)
{
	switch (_IOC_TYPE(cmd)) {
	case 'V':
		return _IOC_NR(cmd) == _IOC_NR(VIDIOC_S_EXT_CTRLS) ||
		       _IOC_NR(cmd) == _IOC_NR(VIDIOC_G_EXT_CTRLS) ||
		       _IOC_NR(cmd) == _IOC_NR(VIDIOC_TRY_EXT_CTRLS);
	case '|':
		return _IOC_NR(cmd) == _IOC_NR(MEDIA_IOC_G_TOPOLOGY) ||
		       _IOC_NR(cmd) == _IOC_NR(MEDIA_IOC_ENUM_LINKS);
	default:
		return false;
	}
}

typedef long (*ioctl_fn)(struct file *file, unsigned int cmd, unsigned long arg);

static long run(ioctl_fn ioctl, struct file *file, unsigned int cmd, unsigned long arg)
{
	long ret;

	pagefault_disable();
	ret = ioctl(file, cmd, arg);
	pagefault_enable();
	return ret;
}

static long run_nofault(ioctl_fn ioctl, struct file *file, unsigned int cmd, unsigned long arg)
{
	unsigned int i;
	long ret;

	for (i = 0; i < TRIES; i++) {
		ret = run(ioctl, file, cmd, arg);
		if (ret != -EFAULT)
			return ret;
		if (!fault_in_all(cmd, (void __user *)arg))
			break;
		cond_resched();
	}
	return fatal_signal_pending(current) ? -EINTR : run(ioctl, file, cmd, arg);
}

/**
 * daedalus_video_ioctl() - v4l2_file_operations.unlocked_ioctl
 * @file:	of the video node
 * @cmd:	number of the ioctl
 * @arg:	its argument
 *
 * Return: what video_ioctl2() returns.
 */
long daedalus_video_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (!copies_locked(cmd))
		return video_ioctl2(file, cmd, arg);
	return run_nofault(video_ioctl2, file, cmd, arg);
}

static struct daedalus_node *media_node(struct file *file)
{
	return container_of(media_devnode_data(file)->fops, struct daedalus_node, media_fops);
}

/* The core is not called any more once daedalus_media_unregister() runs. */
static long call_core(ioctl_fn ioctl, struct file *file, unsigned int cmd, unsigned long arg)
{
	struct daedalus_node *node = media_node(file);
	long ret = -ENODEV;

	down_read(&node->media_sem);
	if (media_devnode_is_registered(media_devnode_data(file)))
		ret = ioctl(file, cmd, arg);
	up_read(&node->media_sem);
	return ret;
}

static long core_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return call_core(media_node(file)->core_fops->ioctl, file, cmd, arg);
}

static long media_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (!copies_locked(cmd))
		return media_node(file)->core_fops->ioctl(file, cmd, arg);
	return run_nofault(core_ioctl, file, cmd, arg);
}

#ifdef CONFIG_COMPAT
static long core_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return call_core(media_node(file)->core_fops->compat_ioctl, file, cmd, arg);
}

static long media_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (!copies_locked(cmd))
		return media_node(file)->core_fops->compat_ioctl(file, cmd, arg);
	return run_nofault(core_compat_ioctl, file, cmd, arg);
}
#endif

/**
 * daedalus_media_register() - register the media node
 * @node: with an initialised media_device
 *
 * The core has no hook for a driver's ioctl. So its file operations are replaced by
 * copies that differ in the ioctls. They live as long as the module, as @node does.
 *
 * Return: 0 or -errno.
 */
int daedalus_media_register(struct daedalus_node *node)
{
	struct media_devnode *devnode;
	int ret;

	init_rwsem(&node->media_sem);
	ret = media_device_register(&node->mdev);
	if (ret)
		return ret;
	devnode = node->mdev.devnode;
	node->core_fops = devnode->fops;
	node->media_fops = *devnode->fops;
	node->media_fops.ioctl = media_ioctl;
#ifdef CONFIG_COMPAT
	node->media_fops.compat_ioctl = media_compat_ioctl;
#endif
	/* Another CPU that sees the copy must see all of it: the node can be open already. */
	smp_store_release(&devnode->fops, &node->media_fops);
	return 0;
}

/**
 * daedalus_media_unregister() - unregister the media node
 * @node: registered
 */
void daedalus_media_unregister(struct daedalus_node *node)
{
	down_write(&node->media_sem);
	media_device_unregister(&node->mdev);
	up_write(&node->media_sem);
}
