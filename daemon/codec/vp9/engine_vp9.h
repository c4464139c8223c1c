/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DAEDALUS_ENGINE_VP9_H
#define DAEDALUS_ENGINE_VP9_H

#include "codec/engine.h"

/** engine_vp9 - VP9 on libavcodec */
extern const struct engine_ops engine_vp9;

#endif /* DAEDALUS_ENGINE_VP9_H */
