/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DAEDALUS_ENGINE_H264_H
#define DAEDALUS_ENGINE_H264_H

#include "codec/engine.h"

/** engine_h264 - H.264 on libavcodec */
extern const struct engine_ops engine_h264;

#endif /* DAEDALUS_ENGINE_H264_H */
