// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control fd, /dev/daedalus-v4l2: the daemon says hello, reads events about
 * streams and opens their sessions. Only one process can have it open. When it
 * is closed, the daemon is dead; there is no other sign of that.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "daedalus.h"

static int control_open(struct inode *inode, struct file *file)
{
	struct daedalus_dev *ddev = container_of(file->private_data, struct daedalus_dev, misc);
	int ret = 0;

	mutex_lock(&ddev->lock);
	if (!ddev->bound)
		ret = -ENODEV;
	else if (ddev->daemon_open)
		ret = -EBUSY;
	else
		ddev->daemon_open = true;
	mutex_unlock(&ddev->lock);
	if (ret)
		return ret;

	file->private_data = daedalus_dev_get(ddev);
	return stream_open(inode, file);
}

static int control_release(struct inode *inode, struct file *file)
{
	struct daedalus_dev *ddev = file->private_data;
	struct daedalus_stream *stream;
	bool was_ready;

	mutex_lock(&ddev->lock);
	was_ready = ddev->daemon_ready;
	WRITE_ONCE(ddev->daemon_ready, false);
	ddev->daemon_open = false;
	list_for_each_entry(stream, &ddev->streams, dev_node)
		daedalus_stream_drop_session(stream, 0);
	if (ddev->node && was_ready)
		mod_delayed_work(daedalus_wq, &ddev->grace_work,
				 msecs_to_jiffies(READ_ONCE(daedalus_grace_ms)));
	mutex_unlock(&ddev->lock);

	daedalus_dev_put(ddev);
	return 0;
}

/* Pop the oldest event into @event; false if there is none. */
static bool take_event(struct daedalus_dev *ddev, struct daedalus_event *event)
{
	struct daedalus_stream *stream;

	spin_lock(&ddev->event_lock);
	stream = list_first_entry_or_null(&ddev->events, struct daedalus_stream, event_node);
	if (stream) {
		list_del_init(&stream->event_node);
		event->type = DAEDALUS_EVENT_SESSION;
		event->session = stream->session;
		event->pixelformat = stream->pixelformat;
		event->pid = pid_vnr(stream->pid);
	}
	spin_unlock(&ddev->event_lock);
	return stream;
}

/* No events are queued before the daemon has said hello. */
static bool control_readable(struct daedalus_dev *ddev)
{
	bool readable;

	spin_lock(&ddev->event_lock);
	readable = !list_empty(&ddev->events) || !READ_ONCE(ddev->bound);
	spin_unlock(&ddev->event_lock);
	return readable;
}

static ssize_t control_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct daedalus_dev *ddev = file->private_data;
	struct daedalus_event event;

	if (size < sizeof(event))
		return -EMSGSIZE;
	for (;;) {
		int ret;

		if (!READ_ONCE(ddev->bound))
			return -ENODEV;
		if (take_event(ddev, &event))
			break;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(ddev->event_wait, control_readable(ddev));
		if (ret)
			return ret;
	}
	return copy_to_user(to, &event, sizeof(event)) ? -EFAULT : sizeof(event);
}

static __poll_t control_poll(struct file *file, struct poll_table_struct *table)
{
	struct daedalus_dev *ddev = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &ddev->event_wait, table);
	if (!READ_ONCE(ddev->bound))
		events |= EPOLLHUP | EPOLLERR;
	if (control_readable(ddev))
		events |= EPOLLIN | EPOLLRDNORM;
	return events;
}

/* ddev->lock held */
static int say_hello(struct daedalus_dev *ddev, struct daedalus_hello *hello)
{
	int ret;

	if (ddev->daemon_ready)
		return -EALREADY;
	ret = daedalus_hello_check(hello);
	if (ret)
		return ret;

	/* Within the grace period the nodes stay if this daemon decodes exactly the same. */
	cancel_delayed_work(&ddev->grace_work);
	if (ddev->node && !daedalus_node_matches(ddev->node, hello))
		daedalus_node_destroy(ddev);
	if (!ddev->node)
		ret = daedalus_node_create(ddev, hello);
	if (ret)
		return ret;

	hello->deadline_ms = READ_ONCE(daedalus_deadline_ms);
	WRITE_ONCE(ddev->daemon_ready, true);
	dev_info(ddev->dev, "daemon is ready, %s\n", hello->engine);
	return 0;
}

static int control_hello(struct daedalus_dev *ddev, struct daedalus_hello __user *arg)
{
	struct daedalus_hello *hello = memdup_user(arg, sizeof(*hello));
	u32 version;
	int ret;

	if (IS_ERR(hello))
		return PTR_ERR(hello);
	version = hello->version;
	mutex_lock(&ddev->lock);
	ret = ddev->bound ? say_hello(ddev, hello) : -ENODEV;
	mutex_unlock(&ddev->lock);

	if (ret == -EPROTO)
		dev_info(ddev->dev,
			 "daemon refused: it speaks protocol %u, this module %u; install both from one release\n",
			 version, DAEDALUS_PROTO_VERSION);
	hello->version = DAEDALUS_PROTO_VERSION;
	if ((!ret || ret == -EPROTO) && copy_to_user(arg, hello, sizeof(*hello)))
		ret = -EFAULT;
	kfree(hello);
	return ret;
}

static int control_open_session(struct daedalus_dev *ddev,
				struct daedalus_open_session __user *arg)
{
	struct daedalus_open_session open;
	int fd;

	if (copy_from_user(&open, arg, sizeof(open)))
		return -EFAULT;
	mutex_lock(&ddev->lock);
	fd = ddev->daemon_ready ? daedalus_session_open(ddev, open.session) : -ENOENT;
	mutex_unlock(&ddev->lock);
	if (fd < 0)
		return fd;
	/* On a fault the caller cannot know the fd; it lives until the caller exits. */
	return put_user(fd, &arg->fd);
}

static long control_ioctl(struct file *file, unsigned int cmd, unsigned long data)
{
	struct daedalus_dev *ddev = file->private_data;
	void __user *arg = (void __user *)data;

	switch (cmd) {
	case DAEDALUS_IOC_HELLO:
		return control_hello(ddev, arg);
	case DAEDALUS_IOC_OPEN_SESSION:
		return control_open_session(ddev, arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.release = control_release,
	.read = control_read,
	.poll = control_poll,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* For daedalusctl, which may not open the device. */
static ssize_t protocol_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", DAEDALUS_PROTO_VERSION);
}
static DEVICE_ATTR_RO(protocol);

static struct attribute *control_attrs[] = {
	&dev_attr_protocol.attr,
	NULL
};
ATTRIBUTE_GROUPS(control);

/**
 * daedalus_control_register() - make /dev/daedalus-v4l2
 * @ddev: bound
 *
 * Return: 0 or -errno.
 */
int daedalus_control_register(struct daedalus_dev *ddev)
{
	ddev->misc.minor = MISC_DYNAMIC_MINOR;
	ddev->misc.name = "daedalus-v4l2";
	ddev->misc.fops = &control_fops;
	ddev->misc.parent = ddev->dev;
	ddev->misc.mode = 0600;
	ddev->misc.groups = control_groups;
	return misc_register(&ddev->misc);
}

/**
 * daedalus_control_unregister() - remove /dev/daedalus-v4l2
 * @ddev: being unbound; a control fd that is open reports a hang-up
 */
void daedalus_control_unregister(struct daedalus_dev *ddev)
{
	misc_deregister(&ddev->misc);
	wake_up_interruptible_poll(&ddev->event_wait, EPOLLHUP | EPOLLERR);
}
