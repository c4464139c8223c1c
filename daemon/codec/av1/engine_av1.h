/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DAEDALUS_ENGINE_AV1_H
#define DAEDALUS_ENGINE_AV1_H

#include "codec/engine.h"

/** engine_av1 - AV1 on libdav1d */
extern const struct engine_ops engine_av1;

#endif /* DAEDALUS_ENGINE_AV1_H */
