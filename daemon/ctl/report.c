// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.h"

#include <stdbool.h>
#include <string.h>

#define MAX_COLUMNS	16
#define CELL_BYTES	64

void report_table(FILE *out, const struct records *records, const char *kind,
		  const struct report_column *columns, size_t count)
{
	size_t widths[MAX_COLUMNS];
	char cell[CELL_BYTES];
	size_t row, i;

	for (i = 0; i < count; i++)
		widths[i] = strlen(columns[i].title);
	for (row = 0; row < records->count; row++) {
		for (i = 0; i < count && !strcmp(records->list[row].kind, kind); i++) {
			columns[i].text(&records->list[row], cell, sizeof(cell));
			if (strlen(cell) > widths[i])
				widths[i] = strlen(cell);
		}
	}
	for (i = 0; i < count; i++)
		fprintf(out, "%-*s%s", i + 1 < count ? (int)widths[i] : 0, columns[i].title,
			i + 1 < count ? "  " : "\n");
	for (row = 0; row < records->count; row++) {
		for (i = 0; i < count && !strcmp(records->list[row].kind, kind); i++) {
			columns[i].text(&records->list[row], cell, sizeof(cell));
			fprintf(out, "%-*s%s", i + 1 < count ? (int)widths[i] : 0, cell,
				i + 1 < count ? "  " : "\n");
		}
	}
}

static void json_string(FILE *out, const char *text)
{
	const unsigned char *c;

	fputc('"', out);
	for (c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < ' ' || *c == 0x7f)
			fprintf(out, "\\u%04x", *c);
		else
			fputc(*c, out);
	}
	fputc('"', out);
}

/* JSON allows no leading zeros. */
static bool is_number(const char *text)
{
	size_t length = strspn(text, "0123456789");

	return length && !text[length] && length <= 15 && (text[0] != '0' || length == 1);
}

static void json_record(FILE *out, const struct record *record)
{
	size_t i;

	fputs("{", out);
	for (i = 0; i < record->count; i++) {
		const struct record_field *field = &record->fields[i];

		fputs(i ? ", " : "", out);
		json_string(out, field->key);
		fputs(": ", out);
		if (is_number(field->value))
			fputs(field->value, out);
		else
			json_string(out, field->value);
	}
	fputs("}", out);
}

void report_json(FILE *out, const struct records *records)
{
	bool first_kind = true;
	size_t i, k;

	fputs("{", out);
	for (i = 0; i < records->count; i++) {
		const char *kind = records->list[i].kind;
		bool first = true;

		if (records_first(records, kind) != &records->list[i])
			continue;
		fputs(first_kind ? "\n  " : ",\n  ", out);
		first_kind = false;
		json_string(out, kind);
		fputs(": [", out);
		for (k = i; k < records->count; k++) {
			if (strcmp(records->list[k].kind, kind) != 0)
				continue;
			fputs(first ? "\n    " : ",\n    ", out);
			first = false;
			json_record(out, &records->list[k]);
		}
		fputs("\n  ]", out);
	}
	fputs("\n}\n", out);
}
