/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What flows through a pad, written as gst-validate's validateflow does and compared with
 * the same files.
 */
#ifndef DAEDALUS_TESTS_SCENARIO_FLOW_H
#define DAEDALUS_TESTS_SCENARIO_FLOW_H

#include <gst/gst.h>

struct scenario_flow;

/**
 * scenario_flow_start() - record what flows from now on
 * @pipeline:	has the element of the pad
 * @config:	"validateflow, pad=ELEMENT:PAD, ..." with the fields that validate/tests uses
 * @problem:	set on failure, to be freed
 *
 * Return: to be ended with scenario_flow_end(); NULL if @config cannot be followed.
 */
struct scenario_flow *scenario_flow_start(GstElement *pipeline, const char *config,
					  char **problem);

/**
 * scenario_flow_end() - compare and free @flow; no data flows any more
 *
 * Return: NULL, or the first line that differs, to be freed.
 */
char *scenario_flow_end(struct scenario_flow *flow);

#endif /* DAEDALUS_TESTS_SCENARIO_FLOW_H */
