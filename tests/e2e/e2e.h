/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Functions of the end-to-end test programs: pipelines around one decoder, the
 * MD5 of a frame in planar format, and the clips' reference MD5s.
 *
 * A clip NAME.ivf, NAME.webm, NAME.avc3.mp4, ... has its reference in NAME.md5: the MD5 of each
 * frame that is shown, a line each, over its samples as I420 or I420_10LE without padding.
 */
#ifndef DAEDALUS_TESTS_E2E_H
#define DAEDALUS_TESTS_E2E_H

#include <gst/gst.h>
#include <gst/video/video.h>

/**
 * e2e_options() - initialise GStreamer and parse the command line
 * @options:	of the program, ending with { NULL }
 * @usage:	how to call it, for the message
 *
 * At least one clip must be left in @argv. Ends the program on an error.
 */
void e2e_options(int *argc, char ***argv, const GOptionEntry *options, const char *usage);

/** e2e_usage() - print @usage to stderr and end the program with status 2 */
void e2e_usage(const char *usage) G_GNUC_NORETURN;

/** e2e_test_clips() - call @test with each clip in @argv; returns the program's exit status */
int e2e_test_clips(int argc, char **argv, gboolean (*test)(const char *clip));

/** enum e2e_output - capabilities of the elements downstream of the decoder */
enum e2e_output {
	E2E_SYSTEM,	/* system memory caps, understands GstVideoMeta */
	E2E_DMABUF,	/* memory:DMABuf caps, understands GstVideoMeta */
	E2E_PLAIN,	/* system memory caps, no GstVideoMeta: wants packed frames */
	E2E_BOTH,	/* memory:DMABuf and system memory caps, understands GstVideoMeta */
};

/** e2e_output_parse() - from "system", "dmabuf", "plain" or "both"; false for any other name */
gboolean e2e_output_parse(const char *name, enum e2e_output *output);

/** e2e_frame_func - called in the streaming thread with each frame that reaches the sink */
typedef void (*e2e_frame_func)(GstPad *pad, GstBuffer *buffer, gpointer data);

/**
 * e2e_pipeline() - SOURCE ! DECODER name=dec ! capsfilter ! fakesink name=sink
 * @source:	as gst-launch-1.0 takes it; e2e_file_source() makes one
 * @decoder:	element with properties, likewise
 *
 * Return: the pipeline, in state NULL; ends the program if it cannot be made.
 */
GstElement *e2e_pipeline(const char *source, const char *decoder, enum e2e_output output,
			 e2e_frame_func on_frame, gpointer data);

/** e2e_file_source() - filesrc ! @elements, such as parsebin; to be freed */
char *e2e_file_source(const char *path, const char *elements);

/**
 * e2e_static_source() - the same with demuxer and parser by the file's name
 *
 * Those of IVF and raw files outlive a restart of the pipeline.
 *
 * Return: description to be freed; ends the program if the file's name tells of no container.
 */
char *e2e_static_source(const char *path);

/**
 * e2e_frame_md5() - MD5 of a frame as I420 or I420_10LE without padding
 * @pad:	that it arrived on, with its caps
 * @output:	is checked too: E2E_DMABUF buffers must be DMA-BUFs, E2E_PLAIN ones packed
 * @problem:	set to what is wrong with the buffer; to be freed
 *
 * Return: hex digits to be freed, or NULL.
 */
char *e2e_frame_md5(GstBuffer *buffer, GstPad *pad, enum e2e_output output, char **problem);

/**
 * e2e_read_ivf() - the chunks of an IVF file
 *
 * Return: GBytes, to be freed with g_ptr_array_unref(); NULL, with a message on stderr, if the
 * file is not good.
 */
GPtrArray *e2e_read_ivf(const char *path);

/**
 * e2e_read_units() - what a live source would send at a time: superframes or access units
 * @source:	set to "appsrc name=src ! PARSER" with their caps, to be freed
 *
 * Return: GBytes, to be freed with g_ptr_array_unref(); NULL, with a message on stderr, if the
 * file cannot be read.
 */
GPtrArray *e2e_read_units(const char *path, char **source);

/** e2e_lines() - lines of CLIP's file NAME.SUFFIX; NULL with a message on stderr if missing */
char **e2e_lines(const char *clip, const char *suffix);

/** e2e_references() - lines of CLIP's .md5 file; NULL with a message on stderr if missing */
char **e2e_references(const char *clip);

/**
 * e2e_wait() - wait until the pipeline posts a message of @types
 * @types:	GST_MESSAGE_ERROR is added
 * @seconds:	time limit
 *
 * Return: NULL, or the text of an error or timeout, to be freed.
 */
char *e2e_wait(GstElement *pipeline, GstMessageType types, unsigned int seconds);

/** e2e_error() - text of an ERROR message, to be freed */
char *e2e_error(GstMessage *msg);

/**
 * e2e_compare() - are the frames those of the reference?
 * @md5s:	of what came out
 * @references:	from e2e_references()
 *
 * Return: NULL, or the first difference, to be freed.
 */
char *e2e_compare(const GPtrArray *md5s, char **references);

/**
 * e2e_report() - one line on stdout, "ok" or "not ok"
 * @name:	of the check
 * @problem:	NULL if there is none; is freed
 *
 * Return: true for "ok".
 */
gboolean e2e_report(const char *name, char *problem);

#endif /* DAEDALUS_TESTS_E2E_H */
