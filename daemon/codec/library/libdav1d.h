/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libdav1d as a stateless decoder, through its own API.
 *
 * FFmpeg's wrapper cannot be used: it does not return hidden frames and lets the
 * library hold frames back. Like libavcodec, the library is loaded with dlopen()
 * by the exact name that belongs to the headers of the build, because the layout
 * of its structures differs between API versions. Without the library the daemon
 * still decodes the other codecs, and a package need not depend on a library whose
 * name changes.
 */
#ifndef DAEDALUS_LIBDAV1D_H
#define DAEDALUS_LIBDAV1D_H

#include <dav1d/dav1d.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daedalus_v4l2_proto.h"
#include "picture_pool.h"

/**
 * libdav1d_load_from() - load the library, once per process
 * @name:	file name with the major version of the API
 * @major:	major version that dav1d_version_api() must return
 * @text:	"libdav1d 1.5.1", or one line that says what is missing
 * @size:	bytes of @text
 *
 * Return: 0 or a negative errno. Further calls after success do nothing.
 */
int libdav1d_load_from(const char *name, unsigned int major, char *text, size_t size);

/** libdav1d_load() - libdav1d_load_from() with the name that belongs to this build's headers */
int libdav1d_load(char *text, size_t size);

/**
 * struct libdav1d_decoder - a context and the picture of the last frame
 * @context:	owned
 * @picture:	owned; empty (data[0] is NULL) if there is none
 * @pictures:	owned; memory of all pictures
 */
struct libdav1d_decoder {
	Dav1dContext *context;
	Dav1dPicture picture;
	struct picture_pool *pictures;
};

/**
 * libdav1d_open() - a decoder for one stream that returns every frame at once
 * @threads:	1..DAV1D_MAX_THREADS
 * @max_pixels:	refuse frames with more luma samples
 *
 * Return: NULL if there is no memory or the library refuses.
 */
struct libdav1d_decoder *libdav1d_open(unsigned int threads, unsigned int max_pixels);

/** libdav1d_close() - free it; NULL is fine */
void libdav1d_close(struct libdav1d_decoder *decoder);

/** libdav1d_flush() - forget all references, the sequence and the picture */
void libdav1d_flush(struct libdav1d_decoder *decoder);

/** libdav1d_reserve() - memory for one libdav1d_decode(), which frees it; NULL: no memory */
uint8_t *libdav1d_reserve(Dav1dData *data, size_t size);

/**
 * libdav1d_decode() - decode the OBUs of one picture
 * @data:	from libdav1d_reserve(), filled; freed by the call
 * @size:	bytes of the OBUs, at most the reserved size
 *
 * On success @decoder->picture is the picture, else it is empty. Return: 0 or a negative
 * DAV1D_ERR().
 */
int libdav1d_decode(struct libdav1d_decoder *decoder, Dav1dData *data, size_t size);

/** libdav1d_release() - drop @decoder->picture */
void libdav1d_release(struct libdav1d_decoder *decoder);

/** libdav1d_status() - DAEDALUS_STATUS_* for a negative DAV1D_ERR() */
enum daedalus_status libdav1d_status(int error);

#endif /* DAEDALUS_LIBDAV1D_H */
