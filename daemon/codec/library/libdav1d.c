// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdav1d.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"
#include "core/log.h"

#define FUNCTIONS(X) \
	X(dav1d_version) \
	X(dav1d_default_settings) \
	X(dav1d_open) \
	X(dav1d_close) \
	X(dav1d_flush) \
	X(dav1d_data_create) \
	X(dav1d_data_unref) \
	X(dav1d_send_data) \
	X(dav1d_get_picture) \
	X(dav1d_picture_unref)

/* Function pointers with the types that the headers declare. */
static struct {
#define DECLARE(name) __typeof__(name) *name;
	FUNCTIONS(DECLARE)
#undef DECLARE
	bool loaded;
	char text[64];
} lib;

static void forward_log(void *cookie, const char *format, va_list args)
{
	log_library("dav1d", format, args);
}

int libdav1d_load_from(const char *name, unsigned int major, char *text, size_t size)
{
	static const struct library_symbol symbols[] = {
#define ENTRY(name) LIBRARY_SYMBOL(lib, name),
		FUNCTIONS(ENTRY)
#undef ENTRY
	};
	/* dav1d_version_api() exists since 1.3; older headers do not declare it. */
	unsigned int (*version_api)(void);
	void *library;

	if (lib.loaded) {
		snprintf(text, size, "%s", lib.text);
		return 0;
	}
	library = library_open(name, text, size);
	if (!library || !library_bind(library, name, symbols,
				      sizeof(symbols) / sizeof(symbols[0]), text, size))
		return -ENOENT;
	*(void **)&version_api = dlsym(library, "dav1d_version_api");
	if (version_api && version_api() >> 16 != major) {
		snprintf(text, size, "%s has API version %u.%u.%u, this daedalusd was built for major version %u",
			 name, version_api() >> 16, version_api() >> 8 & 0xff,
			 version_api() & 0xff, major);
		return -ENOENT;
	}
	snprintf(lib.text, sizeof(lib.text), "libdav1d %s", lib.dav1d_version());
	snprintf(text, size, "%s", lib.text);
	lib.loaded = true;
	return 0;
}

int libdav1d_load(char *text, size_t size)
{
	return libdav1d_load_from(LIBRARY_NAME("libdav1d", DAV1D_API_VERSION_MAJOR),
				  DAV1D_API_VERSION_MAJOR, text, size);
}

static int alloc_picture(Dav1dPicture *picture, void *cookie)
{
	struct picture_layout layout;
	struct picture_block *block;
	bool chroma = picture->p.layout == DAV1D_PIXEL_LAYOUT_I420;
	int i;

	if (!chroma && picture->p.layout != DAV1D_PIXEL_LAYOUT_I400)
		return DAV1D_ERR(ENOPROTOOPT);
	/* dav1d writes whole blocks of 128x128 luma samples. */
	if (!picture_layout_init(&layout, ((uint32_t)picture->p.w + 127) & ~127U,
				 ((uint32_t)picture->p.h + 127) & ~127U, picture->p.bpc > 8,
				 chroma))
		return DAV1D_ERR(ENOMEM);
	block = picture_pool_get(cookie, layout.size);
	if (!block)
		return DAV1D_ERR(ENOMEM);
	for (i = 0; i < (chroma ? 3 : 1); i++)
		picture->data[i] = block->data + layout.offset[i];
	for (i = 0; i < 2; i++)
		picture->stride[i] = (ptrdiff_t)layout.stride[i];
	picture->allocator_data = block;
	return 0;
}

static void release_picture(Dav1dPicture *picture, void *cookie)
{
	(void)cookie;
	picture_pool_put(picture->allocator_data);
}

struct libdav1d_decoder *libdav1d_open(unsigned int threads, unsigned int max_pixels)
{
	struct libdav1d_decoder *decoder = calloc(1, sizeof(*decoder));
	Dav1dSettings settings;

	if (!decoder)
		return NULL;
	decoder->pictures = picture_pool_new();
	lib.dav1d_default_settings(&settings);
	settings.n_threads = (int)threads;
	settings.max_frame_delay = 1;
	settings.all_layers = 0;
	settings.output_invisible_frames = 1;
	settings.frame_size_limit = max_pixels;
	settings.logger = (Dav1dLogger){ .callback = forward_log };
	settings.allocator = (Dav1dPicAllocator){
		.cookie = decoder->pictures,
		.alloc_picture_callback = alloc_picture,
		.release_picture_callback = release_picture,
	};
	if (!decoder->pictures || lib.dav1d_open(&decoder->context, &settings) < 0) {
		picture_pool_close(decoder->pictures);
		free(decoder);
		return NULL;
	}
	return decoder;
}

void libdav1d_release(struct libdav1d_decoder *decoder)
{
	if (decoder->picture.data[0])
		lib.dav1d_picture_unref(&decoder->picture);
	decoder->picture = (Dav1dPicture){ 0 };
}

void libdav1d_close(struct libdav1d_decoder *decoder)
{
	if (!decoder)
		return;
	libdav1d_release(decoder);
	lib.dav1d_close(&decoder->context);
	picture_pool_close(decoder->pictures);
	free(decoder);
}

void libdav1d_flush(struct libdav1d_decoder *decoder)
{
	libdav1d_release(decoder);
	lib.dav1d_flush(decoder->context);
}

uint8_t *libdav1d_reserve(Dav1dData *data, size_t size)
{
	*data = (Dav1dData){ 0 };
	return size <= SIZE_MAX / 2 ? lib.dav1d_data_create(data, size) : NULL;
}

int libdav1d_decode(struct libdav1d_decoder *decoder, Dav1dData *data, size_t size)
{
	int error;

	libdav1d_release(decoder);
	data->sz = size;
	error = lib.dav1d_send_data(decoder->context, data);
	if (data->data)
		lib.dav1d_data_unref(data);
	if (!error)
		error = lib.dav1d_get_picture(decoder->context, &decoder->picture);
	return error;
}

enum daedalus_status libdav1d_status(int error)
{
	switch (error) {
	case DAV1D_ERR(ENOMEM):
		return DAEDALUS_STATUS_NO_MEMORY;
	case DAV1D_ERR(ENOPROTOOPT):
	case DAV1D_ERR(ERANGE):
		return DAEDALUS_STATUS_UNSUPPORTED;
	case DAV1D_ERR(EINVAL):
		return DAEDALUS_STATUS_CORRUPT;
	default:
		return DAEDALUS_STATUS_INTERNAL;
	}
}
