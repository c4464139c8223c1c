// SPDX-License-Identifier: LGPL-2.1-or-later
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <time.h>

#include "event_loop.h"
#include "exit_status.h"
#include "log.h"

/* How long to wait for the device while another daemon has it open. */
#define PREDECESSOR_MS	2000

/*
 * A daemon that was killed has the device open until the kernel has ended its last
 * process. The service manager may start the next daemon before that.
 */
int control_open(const char *device)
{
	const int64_t end = now_ms() + PREDECESSOR_MS;
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int fd;

	do {
		fd = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0)
			return fd;
	} while (errno == EBUSY && now_ms() < end && nanosleep(&pause, NULL) == 0);
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		log_error("%s: %m; load the daedalus_v4l2 module (modprobe daedalus_v4l2)",
			  device);
		break;
	case EBUSY:
		log_error("%s: %m; another daedalusd is running", device);
		break;
	case EACCES:
	case EPERM:
		log_error("%s: %m; run daedalusd as root or give its user access to the device",
			  device);
		break;
	default:
		log_error("%s: %m", device);
	}
	return -1;
}

int control_hello(int fd, const char *device, struct daedalus_hello *hello)
{
	int ret;

	hello->version = DAEDALUS_PROTO_VERSION;
	hello->size = sizeof(*hello);
	do {
		ret = ioctl(fd, DAEDALUS_IOC_HELLO, hello);
	} while (ret < 0 && errno == EINTR);
	if (!ret) {
		log_info("ready on %s with %s, %u codec%s, %u ms a job", device,
			 (const char *)hello->engine, hello->num_codecs,
			 hello->num_codecs > 1 ? "s" : "", hello->deadline_ms);
		return EXIT_STOPPED;
	}
	switch (errno) {
	case EPROTO:
		log_error("the module speaks protocol version %u, this daedalusd version %u; install both from one release",
			  hello->version, DAEDALUS_PROTO_VERSION);
		return EXIT_PROTOCOL;
	case ENOTTY:
		log_error("%s is not the control device of daedalus_v4l2", device);
		return EXIT_NO_DEVICE;
	case ENODEV:
		log_error("the daedalus_v4l2 module is being unloaded");
		return EXIT_GONE;
	default:
		log_error("the module refuses our hello: %m");
		return EXIT_PROTOCOL;
	}
}

int control_open_session(int fd, uint32_t session)
{
	struct daedalus_open_session arg = { .session = session };
	int ret;

	do {
		ret = ioctl(fd, DAEDALUS_IOC_OPEN_SESSION, &arg);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : arg.fd;
}
