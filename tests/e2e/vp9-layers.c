// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Encodes a moving pattern to VP9 with spatial layers, which vpxenc cannot:
 *
 *   vp9-layers LAYERS FRAMES OUTPUT.ivf
 *
 * A superframe has a frame of each layer, each with twice the width and height of
 * the one below, predicted from it, and shown.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#define WIDTH		320u
#define HEIGHT		192u
#define RATE		25u
#define KBITS		300u
#define MIN_QUANTIZER	4u
#define MAX_QUANTIZER	52u
#define SPEED		7

static void fail(const char *what, vpx_codec_ctx_t *codec)
{
	fprintf(stderr, "vp9-layers: %s: %s\n", what, codec ? vpx_codec_error(codec) : "failed");
	exit(1);
}

static void put(FILE *file, unsigned int value, int bytes)
{
	while (bytes--) {
		fputc((int)(value & 0xff), file);
		value >>= 8;
	}
}

static void write_file_header(FILE *file, unsigned int frames)
{
	fputs("DKIF", file);
	put(file, 0, 2);
	put(file, 32, 2);
	fputs("VP90", file);
	put(file, WIDTH, 2);
	put(file, HEIGHT, 2);
	put(file, RATE, 4);
	put(file, 1, 4);
	put(file, frames, 4);
	put(file, 0, 4);
}

static void open_encoder(vpx_codec_ctx_t *codec, unsigned int layers)
{
	vpx_codec_enc_cfg_t config;
	vpx_svc_extra_cfg_t svc = { 0 };
	unsigned int i;

	if (vpx_codec_enc_config_default(vpx_codec_vp9_cx(), &config, 0))
		fail("configuration", NULL);
	config.g_w = WIDTH;
	config.g_h = HEIGHT;
	config.g_timebase.num = 1;
	config.g_timebase.den = (int)RATE;
	config.g_lag_in_frames = 0;
	config.g_threads = 1;
	config.rc_end_usage = VPX_CBR;
	config.rc_target_bitrate = KBITS;
	config.rc_min_quantizer = MIN_QUANTIZER;
	config.rc_max_quantizer = MAX_QUANTIZER;
	config.kf_max_dist = 16;
	config.ss_number_layers = layers;
	config.ts_number_layers = 1;
	config.ts_rate_decimator[0] = 1;
	for (i = 0; i < layers; i++) {
		config.ss_target_bitrate[i] = KBITS / layers;
		config.layer_target_bitrate[i] = KBITS / layers;
		svc.scaling_factor_num[i] = 1;
		svc.scaling_factor_den[i] = 1 << (layers - 1 - i);
		svc.min_quantizers[i] = MIN_QUANTIZER;
		svc.max_quantizers[i] = MAX_QUANTIZER;
		svc.speed_per_layer[i] = SPEED;
	}
	if (vpx_codec_enc_init(codec, vpx_codec_vp9_cx(), &config, 0))
		fail("encoder", codec);
	if (vpx_codec_control(codec, VP8E_SET_CPUUSED, SPEED) ||
	    vpx_codec_control(codec, VP9E_SET_SVC, 1) ||
	    vpx_codec_control(codec, VP9E_SET_SVC_PARAMETERS, &svc))
		fail("layers", codec);
}

/* Draws moving edges, so that a wrong prediction changes samples. */
static void draw(vpx_image_t *image, unsigned int frame)
{
	unsigned int plane, x, y;

	for (plane = 0; plane < 3; plane++) {
		unsigned int shift = plane ? 1 : 0;

		for (y = 0; y < HEIGHT >> shift; y++) {
			unsigned char *row = image->planes[plane] + (int)y * image->stride[plane];

			for (x = 0; x < WIDTH >> shift; x++)
				row[x] = (unsigned char)((3 * x + 4 * frame) ^ (2 * y + frame) ^
							 (40 * plane));
		}
	}
}

static void encode(vpx_codec_ctx_t *codec, vpx_image_t *image, unsigned int frame, FILE *file)
{
	const vpx_codec_cx_pkt_t *packet;
	vpx_codec_iter_t iter = NULL;

	draw(image, frame);
	if (vpx_codec_encode(codec, image, frame, 1, 0, VPX_DL_REALTIME))
		fail("encoding", codec);
	while ((packet = vpx_codec_get_cx_data(codec, &iter))) {
		if (packet->kind != VPX_CODEC_CX_FRAME_PKT)
			continue;
		put(file, (unsigned int)packet->data.frame.sz, 4);
		put(file, frame, 4);
		put(file, 0, 4);
		fwrite(packet->data.frame.buf, 1, packet->data.frame.sz, file);
	}
}

int main(int argc, char **argv)
{
	unsigned int layers, frames, i;
	vpx_codec_ctx_t codec;
	vpx_image_t *image;
	FILE *file;

	if (argc != 4 || sscanf(argv[1], "%u", &layers) != 1 || sscanf(argv[2], "%u", &frames) != 1 ||
	    layers < 1 || layers > VPX_SS_MAX_LAYERS) {
		fprintf(stderr, "usage: vp9-layers LAYERS FRAMES OUTPUT.ivf\n");
		return 2;
	}
	file = fopen(argv[3], "wb");
	image = vpx_img_alloc(NULL, VPX_IMG_FMT_I420, WIDTH, HEIGHT, 16);
	if (!file || !image)
		fail(argv[3], NULL);
	open_encoder(&codec, layers);
	write_file_header(file, frames);
	for (i = 0; i < frames; i++)
		encode(&codec, image, i, file);
	vpx_codec_destroy(&codec);
	vpx_img_free(image);
	if (ferror(file) | fclose(file))
		fail(argv[3], NULL);
	return 0;
}
