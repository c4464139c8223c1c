// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * VP9 on libavcodec.
 *
 * The OUTPUT buffer holds a whole frame with its headers, and libavcodec gets it
 * unchanged. The engine also parses the uncompressed header itself: it refuses a frame
 * that contradicts the request's controls before libavcodec sees the frame, and it
 * finds the later frames that a broken frame damages.
 */
#include "engine_vp9.h"

#include <linux/videodev2.h>
#include <stdlib.h>

#include "codec/engine_base.h"
#include "codec/library/lavc.h"
#include "common/vp9_superframe.h"
#include "vp9_header.h"
#include "vp9_refs.h"

struct vp9_engine {
	struct engine base;
	struct lavc_decoder *decoder;	/* NULL until the first frame */
	struct lavc_bitstream bitstream;
	struct vp9_refs refs;
};

static int vp9_load(char *text, size_t size)
{
	return lavc_load_decoder("vp9", text, size);
}

static struct engine *vp9_open(const struct engine_config *config)
{
	struct vp9_engine *vp9 = calloc(1, sizeof(*vp9));

	if (!vp9)
		return NULL;
	engine_init(&vp9->base, &engine_vp9, config);
	vp9_refs_reset(&vp9->refs);
	return &vp9->base;
}

static void vp9_close(struct engine *engine)
{
	struct vp9_engine *vp9 = (struct vp9_engine *)engine;

	lavc_close(vp9->decoder);
	lavc_release(&vp9->bitstream);
	free(vp9);
}

static void vp9_flush(struct engine *engine)
{
	struct vp9_engine *vp9 = (struct vp9_engine *)engine;

	if (vp9->decoder)
		lavc_flush(vp9->decoder);
	vp9_refs_reset(&vp9->refs);
	engine_forget(engine);
}

static void vp9_skip(struct engine *engine)
{
	struct vp9_engine *vp9 = (struct vp9_engine *)engine;

	vp9_refs_lost(&vp9->refs, NULL);
}

static uint8_t *vp9_reserve(struct engine *engine, size_t size)
{
	struct vp9_engine *vp9 = (struct vp9_engine *)engine;

	return lavc_reserve(&vp9->bitstream, size);
}

static bool choose_decoder(struct vp9_engine *vp9, const struct vp9_header *header,
			   uint32_t width, uint32_t height)
{
	unsigned int threads;

	if (!engine_restart(&vp9->base, vp9->decoder, header->key_frame, width, height))
		return true;
	threads = vp9->base.threads;
	lavc_close(vp9->decoder);
	vp9_refs_reset(&vp9->refs);
	vp9->decoder = lavc_open("vp9", threads, threads > 1 ? FF_THREAD_SLICE : 0);
	return vp9->decoder;
}

/* Checks a frame against its controls and the limits, without decoding it. */
static bool check_frame(const struct vp9_header *header, const struct v4l2_ctrl_vp9_frame *control,
			const struct engine_job *job, uint32_t width, uint32_t height,
			enum vp9_refs_verdict verdict, struct engine_result *result)
{
	if (header->profile == 1 || header->profile == 3)
		return engine_refuse(result, DAEDALUS_STATUS_UNSUPPORTED,
				     "profiles 1 and 3 are not 4:2:0");
	if (header->bit_depth == 12)
		return engine_refuse(result, DAEDALUS_STATUS_UNSUPPORTED, "12 bits per sample");
	if (header->profile != control->profile)
		return engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
				     "the frame's profile is not that of the VP9_FRAME control");
	if (header->bit_depth && header->bit_depth != control->bit_depth)
		return engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
				     "the frame's bit depth is not that of the VP9_FRAME control");
	if (verdict == VP9_REFS_ABSENT)
		return engine_refuse(result, DAEDALUS_STATUS_MISSING_REFERENCE,
				     "it refers to a frame that was never decoded; waiting for a key frame");
	if (width > job->max_width || height > job->max_height)
		return engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
				     "the frame is larger than the CAPTURE format");
	if (!header->show_existing_frame &&
	    (width != control->frame_width_minus_1 + 1U ||
	     height != control->frame_height_minus_1 + 1U)) {
		/* The frame may have taken its size from a wrong reference. */
		if (verdict == VP9_REFS_DAMAGED)
			return engine_refuse(result, DAEDALUS_STATUS_MISSING_REFERENCE,
					     "it takes its size from a frame that was lost or broken");
		return engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
				     "the frame's size is not that of the VP9_FRAME control");
	}
	return true;
}

static void describe_picture(const struct vp9_engine *vp9, struct engine_result *result)
{
	result->has_picture = lavc_picture(vp9->decoder, &result->picture);
	if (!result->has_picture && result->status == DAEDALUS_STATUS_OK)
		engine_refuse(result, DAEDALUS_STATUS_UNSUPPORTED,
			      "the picture is not 8- or 10-bit 4:2:0");
}

static void decode_frame(struct vp9_engine *vp9, const struct engine_job *job,
			 const struct vp9_header *header,
			 const struct v4l2_ctrl_vp9_frame *control, struct engine_result *result)
{
	const uint64_t timestamps[VP9_REFS_PER_FRAME] = {
		control->last_frame_ts, control->golden_frame_ts, control->alt_frame_ts,
	};
	enum vp9_refs_verdict verdict;
	uint32_t width, height;
	int error;

	vp9_refs_frame_size(&vp9->refs, header, &width, &height);
	verdict = vp9_refs_check(&vp9->refs, header, timestamps);
	if (!check_frame(header, control, job, width, height, verdict, result)) {
		vp9_refs_lost(&vp9->refs, header);
		return;
	}
	if (!choose_decoder(vp9, header, width, height)) {
		engine_refuse(result, DAEDALUS_STATUS_NO_MEMORY,
			      "libavcodec's decoder does not open");
		return;
	}

	lavc_limit(vp9->decoder, width, height);
	error = lavc_decode(vp9->decoder, &vp9->bitstream, 0, job->size);
	if (error < 0) {
		engine_refuse(result, lavc_status(error), "libavcodec could not decode it");
		vp9_refs_lost(&vp9->refs, header);
		result->has_picture = lavc_picture(vp9->decoder, &result->picture);
		return;
	}
	vp9_refs_decoded(&vp9->refs, header, job->timestamp, width, height,
			 verdict == VP9_REFS_GOOD);
	if (verdict == VP9_REFS_DAMAGED)
		engine_refuse(result, DAEDALUS_STATUS_MISSING_REFERENCE,
			      "it depends on a frame that was lost or broken");
	describe_picture(vp9, result);
	if (result->has_picture &&
	    (result->picture.width != width || result->picture.height != height)) {
		result->has_picture = false;
		engine_refuse(result, DAEDALUS_STATUS_INTERNAL,
			      "libavcodec decoded another size than the frame has");
	}
}

static void vp9_submit(struct engine *engine, const struct engine_job *job)
{
	struct vp9_engine *vp9 = (struct vp9_engine *)engine;
	struct engine_result *result = engine_begin(engine, job);
	const struct v4l2_ctrl_vp9_frame *control;
	struct vp9_header header;
	const char *error;

	control = control_find(&job->controls, V4L2_CID_STATELESS_VP9_FRAME, sizeof(*control));
	error = vp9_header_parse(&header, vp9->bitstream.ref->data, job->size);
	if (error) {
		engine_refuse(result, DAEDALUS_STATUS_CORRUPT, error);
		vp9_refs_lost(&vp9->refs, NULL);
	} else if (vp9_superframe_frames(vp9->bitstream.ref->data, job->size) > 1) {
		engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
			      "the OUTPUT buffer holds a superframe; it must hold one frame");
		vp9_refs_lost(&vp9->refs, NULL);
	} else if (!control) {
		engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
			      "the request has no VP9_FRAME control");
		vp9_refs_lost(&vp9->refs, &header);
	} else {
		decode_frame(vp9, job, &header, control, result);
	}
	engine_end(engine);
}

const struct engine_ops engine_vp9 = {
	.name = "VP9",
	.pixelformat = V4L2_PIX_FMT_VP9_FRAME,
	.capture_formats = DAEDALUS_CAPTURE_ALL,
	.max_width = 8192,
	.max_height = 8192,
	.load = vp9_load,
	.open = vp9_open,
	.reserve = vp9_reserve,
	.submit = vp9_submit,
	.collect = engine_collect,
	.skip = vp9_skip,
	.flush = vp9_flush,
	.close = vp9_close,
};
