// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * H.264 on libavcodec.
 *
 * The OUTPUT buffer holds the slices of a frame or field as an Annex B byte stream. The
 * engine rebuilds the parameter sets from the controls and puts them before the slices
 * when they have changed. It also parses the slice headers itself. It refuses slices
 * that contradict the controls. It recognizes a second field, which libavcodec decodes
 * into the picture of the first field. And it finds the pictures that depend on a lost
 * picture.
 */
#include "engine_h264.h"

#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>

#include "codec/engine_base.h"
#include "h264_params.h"
#include "h264_refs.h"
#include "h264_rows.h"
#include "h264_slice.h"
#include "h264_wash.h"
#include "codec/library/lavc.h"

/* Bytes reserved before the slices for an SPS and a PPS. */
#define HEAD_BYTES	(2 * H264_PARAMS_BYTES)

/**
 * struct param_set - a parameter set that libavcodec has
 * @nal:	the NAL unit, owned; NULL: libavcodec has none
 * @size:	bytes of @nal
 */
struct param_set {
	uint8_t *nal;
	size_t size;
};

struct h264_engine {
	struct engine base;
	struct lavc_decoder *decoder;	/* NULL until the first picture */
	struct lavc_bitstream bitstream;
	struct param_set sps_sent[H264_MAX_SPS];
	struct param_set pps_sent[H264_MAX_PPS];
	/* PPSs of earlier requests: a picture's slices may use several, but a request has one. */
	struct v4l2_ctrl_h264_pps pps[H264_MAX_PPS];
	struct v4l2_ctrl_h264_sps sps;	/* of the last picture, if @has_sps */
	bool has_sps;
	struct h264_refs refs;
	struct h264_rows rows;		/* of the current picture */
	uint64_t timestamp;		/* of the last picture */
	bool unwashed;			/* libavcodec keeps coefficients of a broken macroblock */
	struct lavc_bitstream wash;
	struct h264_slice first;	/* of the current picture */
	struct h264_slice last;		/* of the picture that libavcodec decoded last */
	struct h264_slice slice;	/* scratch */
};

/**
 * struct request - the controls of a job and values parsed from its slices
 * @recovery_frames:	recovery_frame_cnt of a recovery point SEI message, -1: none
 * @slices:		number of coded slices
 * @intra:		all are I slices
 * @filtered:		the slice that ends the first row of macroblocks uses the deblocking filter
 */
struct request {
	const struct engine_job *job;
	const struct v4l2_ctrl_h264_sps *sps;
	const struct v4l2_ctrl_h264_pps *pps;
	const struct v4l2_ctrl_h264_scaling_matrix *scaling;
	const struct v4l2_ctrl_h264_decode_params *params;
	uint8_t *data;
	int64_t recovery_frames;
	unsigned int slices;
	bool intra;
	bool filtered;
};

static int h264_load(char *text, size_t size)
{
	return lavc_load_decoder("h264", text, size);
}

static struct engine *h264_open(const struct engine_config *config)
{
	struct h264_engine *h264 = calloc(1, sizeof(*h264));

	if (!h264)
		return NULL;
	engine_init(&h264->base, &engine_h264, config);
	h264_refs_reset(&h264->refs);
	return &h264->base;
}

static void forget_params(struct param_set *sets, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free(sets[i].nal);
		sets[i] = (struct param_set){ 0 };
	}
}

static void h264_close(struct engine *engine)
{
	struct h264_engine *h264 = (struct h264_engine *)engine;

	lavc_close(h264->decoder);
	lavc_release(&h264->bitstream);
	lavc_release(&h264->wash);
	forget_params(h264->sps_sent, H264_MAX_SPS);
	forget_params(h264->pps_sent, H264_MAX_PPS);
	free(h264);
}

/* Clears stray coefficients in libavcodec; not to be called between the fields of a frame. */
static void wash(struct h264_engine *h264)
{
	bool resets = h264_slice_resets(&h264->last);
	uint8_t *data = lavc_reserve(&h264->wash, H264_WASH_BYTES);

	if (!data)
		return;
	lavc_swallow(h264->decoder, &h264->wash,
		     h264_write_wash(&h264->sps, resets ? 0 : h264->last.frame_num,
				     resets ? 0 : h264->last.pic_order_cnt_lsb, data));
	forget_params(&h264->pps_sent[H264_WASH_PPS], 1);
	h264->unwashed = false;
}

static void h264_flush(struct engine *engine)
{
	struct h264_engine *h264 = (struct h264_engine *)engine;

	/* libavcodec keeps parameter sets and stray coefficients over a flush. */
	if (h264->unwashed)
		wash(h264);
	if (h264->decoder)
		lavc_flush(h264->decoder);
	h264_refs_flush(&h264->refs);
	engine_forget(engine);
}

static void h264_skip(struct engine *engine)
{
	struct h264_engine *h264 = (struct h264_engine *)engine;

	h264_refs_lost(&h264->refs);
}

static uint8_t *h264_reserve(struct engine *engine, size_t size)
{
	struct h264_engine *h264 = (struct h264_engine *)engine;
	uint8_t *data;

	if (size > SIZE_MAX - HEAD_BYTES)
		return NULL;
	data = lavc_reserve(&h264->bitstream, size + HEAD_BYTES);
	return data ? data + HEAD_BYTES : NULL;
}

static bool find_controls(struct request *request, struct engine_result *result)
{
	const struct control_list *controls = &request->job->controls;
	enum daedalus_status status;
	const char *error;

	request->sps = control_find(controls, V4L2_CID_STATELESS_H264_SPS, sizeof(*request->sps));
	request->pps = control_find(controls, V4L2_CID_STATELESS_H264_PPS, sizeof(*request->pps));
	request->scaling = control_find(controls, V4L2_CID_STATELESS_H264_SCALING_MATRIX,
					sizeof(*request->scaling));
	request->params = control_find(controls, V4L2_CID_STATELESS_H264_DECODE_PARAMS,
				       sizeof(*request->params));
	if (!request->sps || !request->pps || !request->params)
		return engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
				     "the request has no H264_SPS, H264_PPS or H264_DECODE_PARAMS control");
	error = h264_sps_check(request->sps, &status);
	if (!error)
		error = h264_pps_check(request->pps, request->scaling, &status);
	if (error)
		return engine_refuse(result, status, error);
	if (request->pps->seq_parameter_set_id != request->sps->seq_parameter_set_id)
		return engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
				     "the PPS control refers to another SPS than the SPS control");
	if (h264_sps_width(request->sps) > request->job->max_width ||
	    h264_sps_height(request->sps) > request->job->max_height)
		return engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
				     "the SPS control's frame is larger than the CAPTURE format");
	return true;
}

/* Compares the values that both the slice header and the DECODE_PARAMS control have. */
static const char *check_params(const struct h264_slice *slice,
				const struct v4l2_ctrl_h264_decode_params *params)
{
	if (slice->idr != !!(params->flags & V4L2_H264_DECODE_PARAM_FLAG_IDR_PIC))
		return "nal_unit_type of the slice and the IDR_PIC flag of DECODE_PARAMS differ";
	if (!slice->nal_ref_idc != !params->nal_ref_idc)
		return "nal_ref_idc of the slice and of DECODE_PARAMS differ";
	if (slice->frame_num != params->frame_num)
		return "frame_num of the slice and of DECODE_PARAMS differ";
	if (slice->field_pic != !!(params->flags & V4L2_H264_DECODE_PARAM_FLAG_FIELD_PIC) ||
	    (slice->field_pic && slice->bottom_field !=
	     !!(params->flags & V4L2_H264_DECODE_PARAM_FLAG_BOTTOM_FIELD)))
		return "the field flags of the slice and of DECODE_PARAMS differ";
	return NULL;
}

/* Parses a slice header into h264->slice. */
static const char *read_slice(struct h264_engine *h264, const struct request *request,
			      const struct h264_nal *nal, enum daedalus_status *status)
{
	const uint8_t *data = request->data + nal->offset;
	int id = h264_slice_pps_id(data, nal->size);
	const char *error;

	*status = DAEDALUS_STATUS_CORRUPT;
	if (id < 0)
		return "a slice header is unreadable";
	if (!h264->pps_sent[id].nal && id != request->pps->pic_parameter_set_id) {
		*status = DAEDALUS_STATUS_MISMATCH;
		return "a slice refers to a PPS that no request has brought";
	}
	error = h264_slice_parse(&h264->slice, data, nal->size, request->sps, &h264->pps[id]);
	if (!error && (h264->slice.slice_type == H264_SLICE_SP ||
		       h264->slice.slice_type == H264_SLICE_SI)) {
		*status = DAEDALUS_STATUS_UNSUPPORTED;
		return "SP or SI slices";
	}
	return error;
}

/* Checks that a slice belongs to the picture and follows the slice before it. */
static const char *check_order(const struct h264_engine *h264, const struct request *request,
			       int64_t last_mb, enum daedalus_status *status)
{
	const struct h264_slice *slice = &h264->slice;

	if (!request->slices) {
		*status = DAEDALUS_STATUS_MISMATCH;
		return check_params(slice, request->params);
	}
	if (!h264_slice_same_picture(&h264->first, slice)) {
		*status = DAEDALUS_STATUS_MISMATCH;
		return "the OUTPUT buffer holds slices of several pictures; it must hold one frame or field";
	}
	if (slice->first_mb_in_slice <= last_mb) {
		*status = DAEDALUS_STATUS_UNSUPPORTED;
		return "slices in arbitrary order (ASO)";
	}
	return NULL;
}

/*
 * Parses all slice headers and recovery points. Changes all NAL units but the slices to
 * filler data. Parameter sets come from the controls only. Of SEI messages, libavcodec
 * would add film grain to the picture, imitate errors of old encoders, and call a picture
 * broken if a message is.
 */
static bool read_slices(struct h264_engine *h264, struct request *request,
			struct engine_result *result)
{
	enum daedalus_status status = DAEDALUS_STATUS_CORRUPT;
	const char *error = NULL;
	struct h264_nal nal;
	size_t position = 0;
	int64_t last_mb = -1;

	while (!error && h264_nal_next(request->data, request->job->size, &position, &nal)) {
		uint8_t *data = request->data + nal.offset;
		unsigned int type = *data & 31;

		if (type == H264_NAL_SEI) {
			uint32_t frames;

			if (h264_sei_recovery_point(data, nal.size, &frames))
				request->recovery_frames = frames;
		}
		if (type >= H264_NAL_PARTITION_A && type <= H264_NAL_PARTITION_C) {
			status = DAEDALUS_STATUS_UNSUPPORTED;
			error = "data partitioning";
			break;
		}
		if (type != H264_NAL_SLICE && type != H264_NAL_IDR_SLICE) {
			*data = H264_NAL_FILLER;
			continue;
		}
		error = read_slice(h264, request, &nal, &status);
		if (error)
			break;
		if (h264->slice.redundant_pic_cnt) {
			*data = H264_NAL_FILLER;
			continue;
		}
		error = check_order(h264, request, last_mb, &status);
		if (!request->slices++)
			h264->first = h264->slice;
		request->intra &= h264->slice.slice_type == H264_SLICE_I;
		last_mb = h264->slice.first_mb_in_slice;
		/* The last slice that begins in the first row ends it. */
		if (last_mb <= request->sps->pic_width_in_mbs_minus1)
			request->filtered = !h264->slice.unfiltered;
	}
	if (!error && !request->slices) {
		status = DAEDALUS_STATUS_CORRUPT;
		error = "the OUTPUT buffer has no slice with an Annex B start code";
	}
	return error ? engine_refuse(result, status, error) : true;
}

/* The worst damage of the references of all slices. */
static uint64_t inherited_damage(struct h264_engine *h264, const struct request *request)
{
	enum daedalus_status status;
	uint64_t damage = 0;
	struct h264_nal nal;
	size_t position = 0;

	while (h264_nal_next(request->data, request->job->size, &position, &nal)) {
		unsigned int type = request->data[nal.offset] & 31;
		uint64_t inherited;

		if ((type != H264_NAL_SLICE && type != H264_NAL_IDR_SLICE) ||
		    read_slice(h264, request, &nal, &status))
			continue;
		inherited = h264_refs_check(&h264->refs, request->sps, &h264->slice);
		if (inherited > damage)
			damage = inherited;
	}
	return damage;
}

/* Return: bytes to send; 0: libavcodec has this parameter set already; -1: no memory. */
static int remember(struct param_set *sent, const uint8_t *nal, size_t size)
{
	uint8_t *copy;

	if (sent->nal && sent->size == size && !memcmp(sent->nal, nal, size))
		return 0;
	copy = realloc(sent->nal, size);
	if (!copy)
		return -1;
	memcpy(copy, nal, size);
	*sent = (struct param_set){ .nal = copy, .size = size };
	return (int)size;
}

/*
 * Puts the parameter sets that libavcodec does not have yet before the slices.
 * Return: offset at which the packet starts, -1 if there is no memory.
 */
static int64_t prepend_params(struct h264_engine *h264, const struct request *request)
{
	uint8_t nal[2 * H264_PARAMS_BYTES];
	unsigned int id = request->sps->seq_parameter_set_id;
	size_t size = h264_write_sps(request->sps, nal);
	int bytes = remember(&h264->sps_sent[id], nal, size);
	int more;
	unsigned int i;

	if (bytes < 0)
		return -1;
	/* A new SPS makes libavcodec drop the PPSs that belong to it. */
	for (i = 0; bytes && i < H264_MAX_PPS; i++)
		if (h264->pps[i].seq_parameter_set_id == id)
			forget_params(&h264->pps_sent[i], 1);
	size = h264_write_pps(request->pps, request->scaling, nal + bytes);
	more = remember(&h264->pps_sent[request->pps->pic_parameter_set_id], nal + bytes, size);
	if (more < 0)
		return -1;
	bytes += more;
	memcpy(request->data - bytes, nal, (size_t)bytes);
	return HEAD_BYTES - bytes;
}

static bool same_coding(const struct v4l2_ctrl_h264_sps *a, const struct v4l2_ctrl_h264_sps *b)
{
	return a->seq_parameter_set_id == b->seq_parameter_set_id &&
	       a->chroma_format_idc == b->chroma_format_idc &&
	       a->bit_depth_luma_minus8 == b->bit_depth_luma_minus8 &&
	       a->log2_max_frame_num_minus4 == b->log2_max_frame_num_minus4 &&
	       a->pic_width_in_mbs_minus1 == b->pic_width_in_mbs_minus1 &&
	       h264_sps_height(a) == h264_sps_height(b) && a->flags == b->flags;
}

static void note_band(void *owner, int y, int height)
{
	struct h264_engine *h264 = owner;

	h264_rows_band(&h264->rows, y, height);
}

static bool open_decoder(struct h264_engine *h264)
{
	if (h264->decoder)
		return true;
	h264->decoder = lavc_open("h264", 1, 0);
	if (!h264->decoder)
		return false;
	h264->decoder->keep_picture = true;
	h264->decoder->on_band = note_band;
	h264->decoder->owner = h264;
	return true;
}

static void describe_picture(struct h264_engine *h264, const struct request *request,
			     bool second, struct engine_result *result)
{
	/* Every picture but a second field makes libavcodec allocate a frame. */
	if (second == !h264->decoder->allocated)
		result->has_picture = lavc_picture(h264->decoder, &result->picture);
	if (result->has_picture &&
	    (result->picture.width != h264_sps_width(request->sps) ||
	     result->picture.height != h264_sps_height(request->sps) ||
	     result->picture.bit_depth != request->sps->bit_depth_luma_minus8 + 8U))
		result->has_picture = false;
	if (result->has_picture && h264->first.field_pic && !second)
		lavc_double_field(h264->decoder, h264->first.bottom_field);
}

static void decode_picture(struct h264_engine *h264, struct request *request,
			   struct engine_result *result)
{
	int64_t start;
	uint64_t inherited;
	bool second, exact;
	int error;

	if (!open_decoder(h264)) {
		engine_refuse(result, DAEDALUS_STATUS_NO_MEMORY,
			      "libavcodec's decoder does not open");
		return;
	}
	if (h264->unwashed && !h264_refs_completes(&h264->refs, &h264->first))
		wash(h264);
	start = prepend_params(h264, request);
	if (start < 0) {
		h264_refs_lost(&h264->refs);
		engine_refuse(result, DAEDALUS_STATUS_NO_MEMORY,
			      "no memory for the parameter sets");
		return;
	}
	if (h264->has_sps && !same_coding(&h264->sps, request->sps))
		h264_refs_reset(&h264->refs);
	h264->sps = *request->sps;
	h264->has_sps = true;
	second = h264_refs_begin(&h264->refs, request->sps, &h264->first,
				 request->recovery_frames, request->intra);
	inherited = inherited_damage(h264, request);

	h264_rows_begin(&h264->rows, request->sps, &h264->first, request->filtered);
	lavc_limit(h264->decoder, h264_sps_width(request->sps), h264_sps_height(request->sps));
	error = lavc_decode(h264->decoder, &h264->bitstream, (size_t)start,
			    request->job->size + HEAD_BYTES - (size_t)start);
	describe_picture(h264, request, second, result);
	if (error < 0)
		engine_refuse(result, lavc_status(error), "libavcodec could not decode it");
	else if (!h264_rows_complete(&h264->rows))
		engine_refuse(result, DAEDALUS_STATUS_CORRUPT, "a part of it is missing");
	else if (h264->first.first_mb_in_slice)
		engine_refuse(result, DAEDALUS_STATUS_CORRUPT, "its first slice is missing");
	else if (atomic_load(&h264->decoder->errors))
		engine_refuse(result, DAEDALUS_STATUS_CORRUPT,
			      "libavcodec had to conceal a part of it");
	else if (second && request->job->timestamp != h264->timestamp)
		engine_refuse(result, DAEDALUS_STATUS_CORRUPT,
			      "by its timestamp it is not the second field of the frame that lacks one");
	else if (!result->has_picture)
		engine_refuse(result, DAEDALUS_STATUS_CORRUPT, second ?
			      "its second field does not belong to the first" :
			      "libavcodec made no picture of it");
	if (result->status != DAEDALUS_STATUS_OK && (h264->decoder->allocated || second))
		h264->unwashed = true;
	h264->last = h264->first;
	h264->timestamp = request->job->timestamp;
	exact = h264_refs_end(&h264->refs, request->sps, &h264->first, inherited,
			      result->status != DAEDALUS_STATUS_OK);
	if (inherited)
		engine_refuse(result, DAEDALUS_STATUS_MISSING_REFERENCE,
			      "it depends on a picture that was lost or broken");
	else if (!exact && result->status == DAEDALUS_STATUS_OK)
		engine_refuse(result, DAEDALUS_STATUS_MISSING_REFERENCE,
			      "the other field of its frame is not exact");
}

static void h264_submit(struct engine *engine, const struct engine_job *job)
{
	struct h264_engine *h264 = (struct h264_engine *)engine;
	struct engine_result *result = engine_begin(engine, job);
	struct request request = {
		.job = job,
		.data = h264->bitstream.ref->data + HEAD_BYTES,
		.recovery_frames = -1,
		.intra = true,
	};

	if (find_controls(&request, result)) {
		h264->pps[request.pps->pic_parameter_set_id] = *request.pps;
		if (read_slices(h264, &request, result))
			decode_picture(h264, &request, result);
		else
			h264_refs_lost(&h264->refs);
	} else {
		h264_refs_lost(&h264->refs);
	}
	engine_end(engine);
}

const struct engine_ops engine_h264 = {
	.name = "H.264",
	.pixelformat = V4L2_PIX_FMT_H264_SLICE,
	.capture_formats = DAEDALUS_CAPTURE_ALL,
	.max_width = 8192,
	.max_height = 8192,
	.load = h264_load,
	.open = h264_open,
	.reserve = h264_reserve,
	.submit = h264_submit,
	.collect = engine_collect,
	.skip = h264_skip,
	.flush = h264_flush,
	.close = h264_close,
};
