/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What "daedalusctl doctor" finds out about a machine, without a judgement. */
#ifndef DAEDALUS_FACTS_H
#define DAEDALUS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/records.h"

#define FACTS_MAX_FORMATS	16

/**
 * struct module_build - a build of the module; empty texts are unknown
 * @version:	MODULE_VERSION
 * @source:	srcversion, a hash of the sources
 */
struct module_build {
	char version[32];
	char source[64];
};

/**
 * struct facts - the state of a machine
 * @kernel:		release of the running kernel
 * @user:		name of the user who asks
 * @module_loaded:	the module is in the kernel
 * @module_installed:	modprobe finds the module for this kernel
 * @loaded:		the build in the kernel
 * @installed:		the build on the disk
 * @module_protocol:	protocol version of the loaded module, 0: unknown
 * @our_protocol:	protocol version of this daedalusctl and its daedalusd
 * @control_error:	errno of opening the control device: 0, EBUSY while a daemon has it,
 *			EACCES, ENOENT; -1 if it was not tried, because @status_error is 0
 * @status_error:	0 if the daemon answered, else a negative errno
 * @status:		its answer
 * @probe_status:	exit status of "daedalusd --probe", -1 if it could not be run
 * @probe:		its records
 * @other_libraries:	names of installed libavcodec and libdav1d files, separated by spaces
 * @video:		path of the video node, "" if there is none
 * @video_error:	errno of opening it, 0 if it works
 * @media:		path of the media node, "" if there is none
 * @media_error:	errno of opening it, 0 if it works
 * @formats:		coded formats of the video node, @num_formats of them
 * @num_formats:	valid entries of @formats
 */
struct facts {
	char kernel[65];
	char user[33];
	bool module_loaded;
	bool module_installed;
	struct module_build loaded;
	struct module_build installed;
	unsigned int module_protocol;
	unsigned int our_protocol;
	int control_error;
	int status_error;
	struct records status;
	int probe_status;
	struct records probe;
	char other_libraries[256];
	char video[32];
	int video_error;
	char media[32];
	int media_error;
	uint32_t formats[FACTS_MAX_FORMATS];
	unsigned int num_formats;
};

/**
 * facts_gather() - look at this machine
 * @facts:	filled in; facts_free() it
 * @socket:	path of the status socket
 * @daemon:	path of daedalusd
 */
void facts_gather(struct facts *facts, const char *socket, const char *daemon);

/** facts_free() - free what facts_gather() has allocated */
void facts_free(struct facts *facts);

#endif /* DAEDALUS_FACTS_H */
