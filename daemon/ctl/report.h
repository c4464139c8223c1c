/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints records for people, as tables, and for programs, as JSON. */
#ifndef DAEDALUS_REPORT_H
#define DAEDALUS_REPORT_H

#include <stdio.h>

#include "core/records.h"

/**
 * struct report_column - a column of a table
 * @title:	headline
 * @text:	writes the cell of a record into @cell of @size bytes
 */
struct report_column {
	const char *title;
	void (*text)(const struct record *record, char *cell, size_t size);
};

/**
 * report_table() - print the records of a kind, one a line, columns aligned
 * @out:	where to
 * @records:	all records
 * @kind:	those that are printed
 * @columns:	array of @count columns
 * @count:	1..16
 */
void report_table(FILE *out, const struct records *records, const char *kind,
		  const struct report_column *columns, size_t count);

/**
 * report_json() - print all records as {"kind": [{"key": value, ...}, ...], ...}
 *
 * A value of digits is a number, every other one a string.
 */
void report_json(FILE *out, const struct records *records);

#endif /* DAEDALUS_REPORT_H */
