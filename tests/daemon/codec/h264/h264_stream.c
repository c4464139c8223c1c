// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_stream.h"
#include "file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/h264_poc.h"
#include "codec/h264/h264_slice.h"

/* State while a stream is read from its start. */
struct reader {
	struct h264_stream *stream;
	struct h264_sps_info sps[32];
	struct h264_pps_info pps[256];
	bool has_pps[256];
	struct h264_poc poc;
	unsigned int epoch;
	const uint8_t *sei;		/* recovery point of the next picture */
	size_t sei_size;
};

static void append(struct h264_picture *picture, const uint8_t *data, size_t size)
{
	picture->data = realloc(picture->data, picture->size + size + 4);
	if (!picture->data)
		abort();
	memcpy(picture->data + picture->size, "\0\0\0\1", 4);
	memcpy(picture->data + picture->size + 4, data, size);
	picture->size += size + 4;
}

static struct h264_picture *last_picture(struct reader *reader)
{
	struct h264_stream *stream = reader->stream;

	return stream->num_pictures ? &stream->pictures[stream->num_pictures - 1] : NULL;
}

static bool is_second_field(const struct h264_picture *last, const struct h264_slice *slice)
{
	return last && !last->second_field && last->first.field_pic && slice->field_pic &&
	       last->first.bottom_field != slice->bottom_field &&
	       last->first.frame_num == slice->frame_num && !slice->idr;
}

static void set_params(struct h264_picture *picture, const int32_t counts[2])
{
	const struct h264_slice *slice = &picture->first;

	picture->params = (struct v4l2_ctrl_h264_decode_params){
		.nal_ref_idc = slice->nal_ref_idc,
		.frame_num = (uint16_t)slice->frame_num,
		.idr_pic_id = (uint16_t)slice->idr_pic_id,
		.pic_order_cnt_lsb = (uint16_t)slice->pic_order_cnt_lsb,
		.delta_pic_order_cnt_bottom = slice->delta_pic_order_cnt_bottom,
		.delta_pic_order_cnt0 = slice->delta_pic_order_cnt[0],
		.delta_pic_order_cnt1 = slice->delta_pic_order_cnt[1],
		.top_field_order_cnt = counts[0],
		.bottom_field_order_cnt = counts[1],
		.flags = (slice->idr ? V4L2_H264_DECODE_PARAM_FLAG_IDR_PIC : 0) |
			 (slice->field_pic ? V4L2_H264_DECODE_PARAM_FLAG_FIELD_PIC : 0) |
			 (slice->bottom_field ? V4L2_H264_DECODE_PARAM_FLAG_BOTTOM_FIELD : 0),
	};
}

static void start_picture(struct reader *reader, const struct h264_slice *slice)
{
	struct h264_coded_picture coded = h264_slice_picture(slice);
	struct h264_stream *stream = reader->stream;
	bool second = is_second_field(last_picture(reader), slice);
	const struct h264_pps_info *pps = &reader->pps[slice->pic_parameter_set_id];
	const struct h264_sps_info *sps = &reader->sps[pps->control.seq_parameter_set_id];
	int32_t counts[2] = { INT32_MAX, INT32_MAX };
	struct h264_picture *picture;

	stream->pictures = realloc(stream->pictures,
				   (stream->num_pictures + 1) * sizeof(*stream->pictures));
	if (!stream->pictures)
		abort();
	picture = &stream->pictures[stream->num_pictures++];
	*picture = (struct h264_picture){
		.first = *slice, .sps = *sps, .pps = *pps, .second_field = second,
	};
	h264_poc_begin(&reader->poc, &sps->control, &coded, counts);
	set_params(picture, counts);
	h264_poc_end(&reader->poc, &coded, counts);
	if (slice->idr || h264_slice_resets(slice))
		reader->epoch++;
	picture->epoch = reader->epoch;
	picture->count = counts[0] < counts[1] ? counts[0] : counts[1];
	if (reader->sei_size) {
		append(picture, reader->sei, reader->sei_size);
		picture->sei_size = picture->size;
		reader->sei_size = 0;
	}
}

static bool add_slice(struct reader *reader, const uint8_t *data, size_t size)
{
	int id = h264_slice_pps_id(data, size);
	struct h264_picture *picture = last_picture(reader);
	struct h264_slice slice;
	const char *error;

	if (id < 0 || !reader->has_pps[id]) {
		printf("a slice refers to the missing PPS %d\n", id);
		return false;
	}
	error = h264_slice_parse(&slice, data, size,
				 &reader->sps[reader->pps[id].control.seq_parameter_set_id].control,
				 &reader->pps[id].control);
	if (error) {
		printf("slice: %s\n", error);
		return false;
	}
	if (slice.redundant_pic_cnt)
		return true;
	if (!picture || reader->sei_size || !h264_slice_same_picture(&picture->first, &slice)) {
		start_picture(reader, &slice);
		picture = last_picture(reader);
	}
	picture->slices++;
	append(picture, data, size);
	return true;
}

static bool add_nal(struct reader *reader, const uint8_t *data, size_t size)
{
	struct h264_sps_info sps;
	struct h264_pps_info pps;
	uint32_t frames;

	switch (*data & 31) {
	case H264_NAL_SLICE:
	case H264_NAL_IDR_SLICE:
		return add_slice(reader, data, size);
	case H264_NAL_SEI:
		if (h264_sei_recovery_point(data, size, &frames)) {
			reader->sei = data;
			reader->sei_size = size;
		}
		return true;
	case H264_NAL_SPS:
		if (!h264_parse_sps(&sps, data, size))
			return false;
		reader->sps[sps.control.seq_parameter_set_id] = sps;
		return true;
	case H264_NAL_PPS:
		if (!h264_parse_pps(&pps, reader->sps, data, size))
			return false;
		if (pps.control.num_slice_groups_minus1) {
			printf("PPS %u has several slice groups, whose syntax is not read here\n",
			       pps.control.pic_parameter_set_id);
			return false;
		}
		reader->pps[pps.control.pic_parameter_set_id] = pps;
		reader->has_pps[pps.control.pic_parameter_set_id] = true;
		return true;
	default:
		return true;
	}
}

bool h264_stream_parse(struct h264_stream *stream, const char *name, const uint8_t *data,
		       size_t size)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	struct h264_nal nal;
	size_t position = 0;
	bool ok = true;

	*stream = (struct h264_stream){ 0 };
	if (!reader)
		abort();
	reader->stream = stream;
	while (ok && h264_nal_next(data, size, &position, &nal)) {
		ok = add_nal(reader, data + nal.offset, nal.size);
		if (!ok)
			printf("%s: NAL unit of type %u at byte %zu makes no sense\n", name,
			       data[nal.offset] & 31, nal.offset);
	}
	free(reader);
	if (ok && !stream->num_pictures)
		printf("%s has no pictures\n", name);
	return ok && stream->num_pictures;
}

bool h264_stream_load(struct h264_stream *stream, const char *path)
{
	size_t size;
	uint8_t *data = file_read(path, 1, &size);
	bool ok = false;

	*stream = (struct h264_stream){ 0 };
	if (data)
		ok = h264_stream_parse(stream, path, data, size);
	free(data);
	return ok;
}

void h264_stream_free(struct h264_stream *stream)
{
	size_t i;

	for (i = 0; i < stream->num_pictures; i++)
		free(stream->pictures[i].data);
	free(stream->pictures);
	*stream = (struct h264_stream){ 0 };
}
