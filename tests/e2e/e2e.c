// SPDX-License-Identifier: LGPL-2.1-or-later
#include "e2e.h"

#include <gst/allocators/allocators.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void e2e_usage(const char *usage)
{
	fprintf(stderr, "want %s\n", usage);
	exit(2);
}

void e2e_options(int *argc, char ***argv, const GOptionEntry *options, const char *usage)
{
	GOptionContext *context = g_option_context_new(NULL);
	GError *error = NULL;

	g_option_context_set_summary(context, usage);
	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_add_group(context, gst_init_get_option_group());
	if (!g_option_context_parse(context, argc, argv, &error)) {
		fprintf(stderr, "%s\n", error->message);
		exit(2);
	}
	g_option_context_free(context);
	if (*argc < 2)
		e2e_usage(usage);
}

int e2e_test_clips(int argc, char **argv, gboolean (*test)(const char *clip))
{
	gboolean ok = TRUE;

	for (int i = 1; i < argc; i++)
		ok &= test(argv[i]);
	return ok ? 0 : 1;
}

static const struct {
	const char *name;
	const char *caps;
	gboolean video_meta;
} outputs[] = {
	[E2E_SYSTEM] = { "system", "video/x-raw", TRUE },
	[E2E_DMABUF] = { "dmabuf", "video/x-raw(memory:DMABuf)", TRUE },
	[E2E_PLAIN] = { "plain", "video/x-raw", FALSE },
	[E2E_BOTH] = { "both", "capsfilter caps=\"video/x-raw(memory:DMABuf);video/x-raw\"", TRUE },
};

gboolean e2e_output_parse(const char *name, enum e2e_output *output)
{
	for (guint i = 0; i < G_N_ELEMENTS(outputs); i++) {
		if (!strcmp(name, outputs[i].name)) {
			*output = i;
			return TRUE;
		}
	}
	return FALSE;
}

/* fakesink answers no allocation query; this answers in its place. */
static GstPadProbeReturn offer_video_meta(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);

	(void)pad;
	(void)data;
	if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION)
		return GST_PAD_PROBE_OK;
	gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
	return GST_PAD_PROBE_HANDLED;
}

struct frame_callback {
	e2e_frame_func func;
	gpointer data;
};

/* A probe sees each buffer once, unlike the sink's signals in PAUSED. */
static GstPadProbeReturn call_back(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	const struct frame_callback *callback = data;

	callback->func(pad, GST_PAD_PROBE_INFO_BUFFER(info), callback->data);
	return GST_PAD_PROBE_OK;
}

GstElement *e2e_pipeline(const char *source, const char *decoder, enum e2e_output output,
			 e2e_frame_func on_frame, gpointer data)
{
	gchar *description = g_strdup_printf("%s ! %s name=dec ! %s ! fakesink name=sink sync=false",
					     source, decoder, outputs[output].caps);
	struct frame_callback *callback = g_new(struct frame_callback, 1);
	GError *error = NULL;
	GstElement *pipeline = gst_parse_launch(description, &error), *sink;
	GstPad *pad;

	if (error) {
		fprintf(stderr, "e2e: %s: %s\n", description, error->message);
		exit(2);
	}
	g_free(description);

	sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
	pad = gst_element_get_static_pad(sink, "sink");
	callback->func = on_frame;
	callback->data = data;
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, call_back, callback, g_free);
	if (outputs[output].video_meta)
		gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, offer_video_meta,
				  NULL, NULL);
	gst_object_unref(pad);
	gst_object_unref(sink);
	return pipeline;
}

/* The kernel's name for what a descriptor is. */
static gboolean is_kernel_dmabuf(int fd)
{
	char path[64], target[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	target[MAX(length, 0)] = '\0';
	return g_str_has_prefix(target, "/dmabuf");
}

static char *check_memory(GstBuffer *buffer, const GstVideoInfo *info, enum e2e_output output)
{
	if (output == E2E_PLAIN && gst_buffer_get_size(buffer) != GST_VIDEO_INFO_SIZE(info))
		return g_strdup_printf("%" G_GSIZE_FORMAT " bytes where a packed frame has %"
				       G_GSIZE_FORMAT, gst_buffer_get_size(buffer),
				       GST_VIDEO_INFO_SIZE(info));
	for (guint i = 0; output == E2E_DMABUF && i < gst_buffer_n_memory(buffer); i++) {
		GstMemory *memory = gst_buffer_peek_memory(buffer, i);

		if (!gst_is_dmabuf_memory(memory))
			return g_strdup_printf("memory %u is %s, not a DMA-BUF", i,
					       memory->allocator->mem_type);
		if (!is_kernel_dmabuf(gst_dmabuf_memory_get_fd(memory)))
			return g_strdup_printf("memory %u is no DMA-BUF of the kernel", i);
	}
	return NULL;
}

/*
 * Of one component, rows without padding, 10-bit samples in the low bits. The
 * size is that of the caps: a GstVideoMeta may have one with padding.
 */
static void add_component(GChecksum *sum, const GstVideoFrame *frame, const GstVideoInfo *info,
			  guint c)
{
	const GstVideoFormatInfo *finfo = info->finfo;
	guint shift = GST_VIDEO_FORMAT_INFO_SHIFT(finfo, c);
	guint bytes = GST_VIDEO_FORMAT_INFO_DEPTH(finfo, c) > 8 ? 2 : 1;
	gint width = GST_VIDEO_INFO_COMP_WIDTH(info, c);
	gint pixel_stride = GST_VIDEO_FRAME_COMP_PSTRIDE(frame, c);
	guint plane = GST_VIDEO_FORMAT_INFO_PLANE(finfo, c);
	/* Not COMP_DATA: GStreamer 1.26 has Cr of P010 one byte behind Cb. */
	const guint8 *data = (const guint8 *)GST_VIDEO_FRAME_PLANE_DATA(frame, plane) +
			     (c == 2 && plane == 1 ? bytes : 0);
	guint8 *row = g_malloc(MAX(width, 1) * bytes);

	for (gint y = 0; y < GST_VIDEO_INFO_COMP_HEIGHT(info, c); y++) {
		const guint8 *in = data + (gssize)y * GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane);

		for (gint x = 0; x < width; x++) {
			if (bytes == 2)
				GST_WRITE_UINT16_LE(row + 2 * x,
						    GST_READ_UINT16_LE(in + x * pixel_stride) >> shift);
			else
				row[x] = in[x * pixel_stride];
		}
		g_checksum_update(sum, row, width * bytes);
	}
	g_free(row);
}

static gboolean video_info(GstVideoInfo *info, const GstCaps *caps)
{
#if GST_CHECK_VERSION(1, 24, 0)
	GstVideoInfoDmaDrm drm;

	if (gst_video_is_dma_drm_caps(caps))
		return gst_video_info_dma_drm_from_caps(&drm, caps) &&
		       gst_video_info_dma_drm_to_video_info(&drm, info);
#endif
	return gst_video_info_from_caps(info, caps);
}

char *e2e_frame_md5(GstBuffer *buffer, GstPad *pad, enum e2e_output output, char **problem)
{
	GstCaps *caps = gst_pad_get_current_caps(pad);
	GstVideoInfo info;
	GstVideoFrame frame;
	GChecksum *sum;
	char *md5;

	if (!caps || !video_info(&info, caps)) {
		*problem = g_strdup("a frame without caps that describe it");
		gst_clear_caps(&caps);
		return NULL;
	}
	gst_caps_unref(caps);
	*problem = check_memory(buffer, &info, output);
	if (*problem)
		return NULL;
	/* Without the meta, only the caps say where the samples are. */
	if (output == E2E_PLAIN) {
		buffer = gst_buffer_copy(buffer);
		for (GstVideoMeta *meta; (meta = gst_buffer_get_video_meta(buffer));)
			gst_buffer_remove_meta(buffer, &meta->meta);
	} else {
		gst_buffer_ref(buffer);
	}
	if (!gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ)) {
		*problem = g_strdup("a frame that cannot be mapped");
		gst_buffer_unref(buffer);
		return NULL;
	}
	sum = g_checksum_new(G_CHECKSUM_MD5);
	for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame); c++)
		add_component(sum, &frame, &info, c);
	gst_video_frame_unmap(&frame);
	gst_buffer_unref(buffer);
	md5 = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	return md5;
}

char *e2e_error(GstMessage *msg)
{
	GError *error = NULL;
	char *text;

	gst_message_parse_error(msg, &error, NULL);
	text = g_strdup_printf("%s: %s", GST_OBJECT_NAME(msg->src), error->message);
	g_error_free(error);
	return text;
}

char *e2e_wait(GstElement *pipeline, GstMessageType types, unsigned int seconds)
{
	GstBus *bus = gst_element_get_bus(pipeline);
	GstMessage *msg = gst_bus_timed_pop_filtered(bus, seconds * GST_SECOND,
						     types | GST_MESSAGE_ERROR);
	char *problem = NULL;

	gst_object_unref(bus);
	if (!msg)
		return g_strdup_printf("nothing happened for %u s", seconds);
	if (GST_MESSAGE_TYPE(msg) == GST_MESSAGE_ERROR)
		problem = e2e_error(msg);
	gst_message_unref(msg);
	return problem;
}

char *e2e_compare(const GPtrArray *md5s, char **references)
{
	guint n = g_strv_length(references);

	for (guint i = 0; i < md5s->len && i < n; i++) {
		if (strcmp(g_ptr_array_index(md5s, i), references[i]))
			return g_strdup_printf("frame %u of %u differs: %s, reference %s", i, n,
					       (char *)g_ptr_array_index(md5s, i), references[i]);
	}
	if (md5s->len != n)
		return g_strdup_printf("%u frames instead of %u", md5s->len, n);
	return NULL;
}

gboolean e2e_report(const char *name, char *problem)
{
	gboolean ok = !problem;

	if (ok)
		printf("ok %s\n", name);
	else
		printf("not ok %s: %s\n", name, g_strdelimit(problem, "\r\n", ' '));
	fflush(stdout);
	g_free(problem);
	return ok;
}
