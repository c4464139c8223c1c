// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instantiates the trace events.
 */
#include <linux/module.h>

#define CREATE_TRACE_POINTS
#include "daedalus_trace.h"
