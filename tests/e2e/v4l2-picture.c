// SPDX-License-Identifier: LGPL-2.1-or-later
#include "v4l2-picture.h"

#include <glib.h>

static const struct picture_layout layouts[] = {
	{ V4L2_PIX_FMT_NV12, 1, 2, 1, 0 },
	{ V4L2_PIX_FMT_NV12M, 2, 2, 1, 0 },
	{ V4L2_PIX_FMT_YUV420, 1, 3, 1, 0 },
	{ V4L2_PIX_FMT_P010, 1, 2, 2, 6 },
};

const struct picture_layout *picture_layout_find(uint32_t fourcc)
{
	for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++)
		if (layouts[i].fourcc == fourcc)
			return &layouts[i];
	return NULL;
}

/* First sample of a component, and the distance of its samples and rows in bytes. */
static const uint8_t *component(const struct queue *queue, unsigned int index,
				const struct picture_layout *layout, unsigned int c,
				unsigned int *step, unsigned int *stride)
{
	const struct v4l2_pix_format_mplane *pix = &queue->pix;
	const struct queue_plane *planes = queue->planes[index];
	size_t luma_size = (size_t)pix->plane_fmt[0].bytesperline * pix->height;

	*step = layout->bytes;
	*stride = pix->plane_fmt[0].bytesperline;
	if (!c)
		return planes[0].data;
	if (layout->components == 3) {
		*stride /= 2;
		return planes[0].data + luma_size + (c - 1) * (size_t)*stride * (pix->height / 2);
	}
	*step *= 2;
	if (layout->mem_planes == 1)
		return planes[0].data + luma_size + (c - 1) * layout->bytes;
	*stride = pix->plane_fmt[1].bytesperline;
	return planes[1].data + (c - 1) * layout->bytes;
}

char *picture_md5(struct queue *queue, unsigned int index, const struct picture_layout *layout,
		  unsigned int width, unsigned int height)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_MD5);
	uint8_t *row = g_malloc(width * layout->bytes);
	char *md5;

	queue_access(queue, index, true);
	for (unsigned int c = 0; c < 3; c++) {
		unsigned int w = c ? (width + 1) / 2 : width, h = c ? (height + 1) / 2 : height;
		unsigned int step, stride;
		const uint8_t *data = component(queue, index, layout, c, &step, &stride);

		for (unsigned int y = 0; y < h; y++, data += stride) {
			for (unsigned int x = 0; x < w; x++) {
				const uint8_t *sample = data + x * step;
				unsigned int value = layout->bytes == 2 ?
					(sample[0] | sample[1] << 8) >> layout->shift : sample[0];

				row[x * layout->bytes] = value;
				if (layout->bytes == 2)
					row[x * 2 + 1] = value >> 8;
			}
			g_checksum_update(sum, row, w * layout->bytes);
		}
	}
	queue_access(queue, index, false);
	md5 = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	g_free(row);
	return md5;
}
