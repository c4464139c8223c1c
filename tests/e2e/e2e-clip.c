// SPDX-License-Identifier: LGPL-2.1-or-later
#include "e2e.h"

#include <gst/app/gstappsink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_TIMEOUT_S 60

/* Container and parser by the suffix of a clip's name. */
static const struct container {
	const char *suffix;
	const char *demuxer;	/* with the link to the parser */
	const char *parser;
	const char *unit_caps;	/* caps of a live source's buffers */
} containers[] = {
#define VP9 "vp9parse", "video/x-vp9,alignment=super-frame"
#define H264 "h264parse", "video/x-h264,stream-format=byte-stream,alignment=au"
	{ ".ivf", "ivfparse ! ", VP9 },
	{ ".webm", "matroskademux ! ", VP9 },
	{ ".264", "", H264 },
	{ ".obu", "", "av1parse", "video/x-av1,stream-format=obu-stream,alignment=tu" },
	{ ".mp4", "qtdemux ! ", H264 },
	{ ".mkv", "matroskademux ! ", H264 },
#undef VP9
#undef H264
};

static const struct container *container_of_clip(const char *path)
{
	for (guint i = 0; i < G_N_ELEMENTS(containers); i++) {
		if (g_str_has_suffix(path, containers[i].suffix))
			return &containers[i];
	}
	fprintf(stderr, "e2e: %s: do not know what container that is\n", path);
	exit(2);
}

char *e2e_file_source(const char *path, const char *elements)
{
	gchar *escaped = g_strescape(path, NULL);
	char *source = g_strdup_printf("filesrc location=\"%s\" ! %s", escaped, elements);

	g_free(escaped);
	return source;
}

char *e2e_static_source(const char *path)
{
	const struct container *container = container_of_clip(path);
	gchar *elements = g_strconcat(container->demuxer, container->parser, NULL);
	char *source = e2e_file_source(path, elements);

	g_free(elements);
	return source;
}

GPtrArray *e2e_read_units(const char *path, char **source)
{
	const struct container *container = container_of_clip(path);
	GPtrArray *units = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	char *file = e2e_static_source(path), *problem;
	gchar *description = g_strdup_printf("%s ! %s ! appsink name=sink sync=false", file,
					     container->unit_caps);
	GstElement *pipeline = gst_parse_launch(description, NULL);
	GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
	GstSample *sample;

	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	while ((sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink),
						      READ_TIMEOUT_S * GST_SECOND))) {
		GstBuffer *buffer = gst_sample_get_buffer(sample);
		gpointer data;
		gsize size;

		gst_buffer_extract_dup(buffer, 0, -1, &data, &size);
		g_ptr_array_add(units, g_bytes_new_take(data, size));
		gst_sample_unref(sample);
	}
	problem = e2e_wait(pipeline, GST_MESSAGE_EOS, READ_TIMEOUT_S);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	if (problem || !units->len) {
		fprintf(stderr, "e2e: %s: %s\n", path, problem ? problem : "nothing in it");
		g_clear_pointer(&units, g_ptr_array_unref);
	}
	*source = g_strdup_printf("appsrc name=src is-live=true format=time "
				  "caps=\"%s,framerate=25/1\" ! %s", container->unit_caps,
				  container->parser);
	gst_object_unref(sink);
	gst_object_unref(pipeline);
	g_free(description);
	g_free(problem);
	g_free(file);
	return units;
}

GPtrArray *e2e_read_ivf(const char *path)
{
	GPtrArray *chunks = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	GError *error = NULL;
	gchar *data = NULL;
	gsize size, position = 32;	/* of the file header */

	if (!g_file_get_contents(path, &data, &size, &error)) {
		fprintf(stderr, "e2e: %s\n", error->message);
		g_error_free(error);
		size = 0;
	} else if (size < position || memcmp(data, "DKIF", 4)) {
		fprintf(stderr, "e2e: %s is no IVF file\n", path);
		size = 0;
	}
	/* A chunk header is 12 bytes: size, time stamp. */
	while (size && position + 12 <= size) {
		gsize length = GST_READ_UINT32_LE(data + position);

		position += 12;
		if (length > size - position)
			break;
		g_ptr_array_add(chunks, g_bytes_new(data + position, length));
		position += length;
	}
	g_free(data);
	if (!size || position != size)
		g_clear_pointer(&chunks, g_ptr_array_unref);
	return chunks;
}

char **e2e_lines(const char *clip, const char *suffix)
{
	gchar *folder = g_path_get_dirname(clip), *base = g_path_get_basename(clip);
	gchar *path, *text = NULL, **lines = NULL;
	GError *error = NULL;

	base[strcspn(base, ".")] = '\0';
	path = g_strdup_printf("%s/%s.%s", folder, base, suffix);
	if (g_file_get_contents(path, &text, NULL, &error)) {
		if (*g_strchomp(text))
			lines = g_strsplit(text, "\n", -1);
		else
			fprintf(stderr, "e2e: %s is empty\n", path);
	} else {
		fprintf(stderr, "e2e: %s\n", error->message);
		g_error_free(error);
	}
	g_free(folder);
	g_free(base);
	g_free(path);
	g_free(text);
	return lines;
}

char **e2e_references(const char *clip)
{
	return e2e_lines(clip, "md5");
}
