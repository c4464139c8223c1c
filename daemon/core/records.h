/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text records: one a line, "KIND key=value key=value". In a value, bytes other than
 * printable ASCII, and space, '=' and '%', are written as %XX. docs/protocol.md lists
 * the kinds that daedalusd writes to its status socket.
 */
#ifndef DAEDALUS_RECORDS_H
#define DAEDALUS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Longest text that records_add() makes and records_parse() takes, in bytes. */
#define RECORDS_MAX	(128 * 1024)

/**
 * struct record_text - a text in the making
 * @text:	ends with a NUL byte; NULL at first; free() it
 * @length:	bytes before the NUL byte
 * @room:	bytes at @text
 * @failed:	memory or RECORDS_MAX ran out; further calls do nothing
 */
struct record_text {
	char *text;
	size_t length;
	size_t room;
	bool failed;
};

/** record_begin() - start a line; @kind has letters, digits and '-' only */
void record_begin(struct record_text *to, const char *kind);

/** record_add() - add "key=value" to the line; @key like a kind, the value by printf() */
void record_add(struct record_text *to, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** record_end() - end the line */
void record_end(struct record_text *to);

/** record_drop() - remove everything from byte @length on */
void record_drop(struct record_text *to, size_t length);

/** struct record_field - a key and its value, without %XX */
struct record_field {
	char *key;
	char *value;
};

/** struct record - one line; @fields has @count entries */
struct record {
	char *kind;
	struct record_field *fields;
	size_t count;
};

/** struct records - a whole text; @list has @count entries */
struct records {
	struct record *list;
	size_t count;
};

/**
 * records_parse() - read a text
 * @records:	filled in; records_free() it, also after a failure
 * @text:	ends with a NUL byte
 *
 * Return: 0, -EINVAL if a line is not a record or the last line has no end, -E2BIG, -ENOMEM.
 */
int records_parse(struct records *records, const char *text);

/** records_free() - free what records_parse() has allocated; all zero is fine */
void records_free(struct records *records);

/** records_first() - the first record of a kind; NULL if there is none */
const struct record *records_first(const struct records *records, const char *kind);

/** record_value() - the value of a key; NULL if @record is NULL or has no such key */
const char *record_value(const struct record *record, const char *key);

/** record_number() - the value of a key as a number; 0 if it is none, negative or missing */
unsigned long long record_number(const struct record *record, const char *key);

#endif /* DAEDALUS_RECORDS_H */
