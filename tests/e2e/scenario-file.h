/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of validate/tests, in the format of gst-validate: one GstStructure for each
 * statement.
 */
#ifndef DAEDALUS_TESTS_SCENARIO_FILE_H
#define DAEDALUS_TESTS_SCENARIO_FILE_H

#include <gst/gst.h>

/**
 * scenario_read() - the statements of a .validatetest file
 * @path:	of the file; what it includes lies relative to the file that includes it
 *
 * "include" and "set-globals" are resolved, and so are the variables $(NAME) of the latter and
 * $(test_dir) and $(logsdir).
 *
 * Return: GstStructures, the first one is "meta", to be freed with g_ptr_array_unref(); NULL,
 * with a message on stderr, if there is a fault in the file.
 */
GPtrArray *scenario_read(const char *path);

/**
 * scenario_strings() - the strings of a field
 *
 * Return: a list, or the one string of a field that is no list; empty if there is no such
 * field. To be freed with g_strfreev().
 */
char **scenario_strings(const GstStructure *structure, const char *field);

#endif /* DAEDALUS_TESTS_SCENARIO_FILE_H */
