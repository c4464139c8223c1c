// SPDX-License-Identifier: LGPL-2.1-or-later
#include "records.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM	512	/* bytes of a new text */
#define VALUE_BYTES	1024	/* longest value of record_add(); the rest is cut */

/* Makes room for @count more bytes and the NUL byte, twice as much each time. */
static bool grow(struct record_text *to, size_t count)
{
	size_t room = to->room ? to->room : FIRST_ROOM;
	char *text;

	if (count >= RECORDS_MAX - to->length)
		return false;
	while (room < to->length + count + 1)
		room *= 2;
	if (room == to->room)
		return true;
	text = realloc(to->text, room);
	if (!text)
		return false;
	to->text = text;
	to->room = room;
	return true;
}

static void append(struct record_text *to, const char *bytes, size_t count)
{
	if (to->failed)
		return;
	if (!grow(to, count)) {
		to->failed = true;
		return;
	}
	memcpy(to->text + to->length, bytes, count);
	to->length += count;
	to->text[to->length] = '\0';
}

static bool is_plain(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '=' && c != '%';
}

void record_begin(struct record_text *to, const char *kind)
{
	append(to, kind, strlen(kind));
}

void record_add(struct record_text *to, const char *key, const char *format, ...)
{
	char value[VALUE_BYTES];
	const char *c;
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);

	append(to, " ", 1);
	append(to, key, strlen(key));
	append(to, "=", 1);
	for (c = value; *c; c++) {
		char coded[4];

		if (is_plain((unsigned char)*c)) {
			append(to, c, 1);
			continue;
		}
		snprintf(coded, sizeof(coded), "%%%02X", (unsigned char)*c);
		append(to, coded, 3);
	}
}

void record_end(struct record_text *to)
{
	append(to, "\n", 1);
}

void record_drop(struct record_text *to, size_t length)
{
	if (!to->text || length >= to->length)
		return;
	to->length = length;
	to->text[length] = '\0';
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Replaces each %XX of @value. Return: false if it is malformed, or a NUL byte. */
static bool decode(char *value)
{
	char *to = value;
	const char *from;

	for (from = value; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || (!high && !low))
			return false;
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return true;
}

static bool is_name(const char *name)
{
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")];
}

/* Grows an array of @count entries of @size bytes by one entry, which is zero. */
static void *one_more(void *array, size_t count, size_t size)
{
	char *grown = reallocarray(array, count + 1, size);

	if (grown)
		memset(grown + count * size, 0, size);
	return grown;
}

static int parse_field(struct record *record, char *word)
{
	char *equals = strchr(word, '=');
	struct record_field *fields;

	if (!equals)
		return -EINVAL;
	*equals = '\0';
	if (!is_name(word) || !decode(equals + 1))
		return -EINVAL;
	fields = one_more(record->fields, record->count, sizeof(*fields));
	if (!fields)
		return -ENOMEM;
	record->fields = fields;
	fields += record->count++;
	fields->key = strdup(word);
	fields->value = strdup(equals + 1);
	return fields->key && fields->value ? 0 : -ENOMEM;
}

static int parse_line(struct records *records, char *line)
{
	struct record *list = one_more(records->list, records->count, sizeof(*list));
	struct record *record;
	char *word, *rest = line;
	int ret;

	if (!list)
		return -ENOMEM;
	records->list = list;
	record = &list[records->count++];

	word = strsep(&rest, " ");
	if (!is_name(word))
		return -EINVAL;
	record->kind = strdup(word);
	if (!record->kind)
		return -ENOMEM;
	while (rest) {
		ret = parse_field(record, strsep(&rest, " "));
		if (ret)
			return ret;
	}
	return 0;
}

int records_parse(struct records *records, const char *text)
{
	char *copy, *line, *rest;
	int ret = 0;

	*records = (struct records){ 0 };
	if (strnlen(text, RECORDS_MAX + 1) > RECORDS_MAX)
		return -E2BIG;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!ret && *rest) {
		line = strsep(&rest, "\n");
		if (!rest)	/* the end of the line is missing */
			ret = -EINVAL;
		else
			ret = parse_line(records, line);
	}
	free(copy);
	return ret;
}

void records_free(struct records *records)
{
	size_t i, k;

	for (i = 0; i < records->count; i++) {
		struct record *record = &records->list[i];

		for (k = 0; k < record->count; k++) {
			free(record->fields[k].key);
			free(record->fields[k].value);
		}
		free(record->fields);
		free(record->kind);
	}
	free(records->list);
	*records = (struct records){ 0 };
}

const struct record *records_first(const struct records *records, const char *kind)
{
	size_t i;

	for (i = 0; i < records->count; i++)
		if (!strcmp(records->list[i].kind, kind))
			return &records->list[i];
	return NULL;
}

const char *record_value(const struct record *record, const char *key)
{
	size_t i;

	for (i = 0; record && i < record->count; i++)
		if (!strcmp(record->fields[i].key, key))
			return record->fields[i].value;
	return NULL;
}

unsigned long long record_number(const struct record *record, const char *key)
{
	const char *value = record_value(record, key);
	unsigned long long number;
	char *end;

	if (!value || *value < '0' || *value > '9')
		return 0;
	number = strtoull(value, &end, 10);
	return *end ? 0 : number;
}
