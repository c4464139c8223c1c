// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tables are aligned, and JSON is quoted. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/report.h"

static void cell_name(const struct record *record, char *cell, size_t size)
{
	snprintf(cell, size, "%s", record_value(record, "name"));
}

static void cell_count(const struct record *record, char *cell, size_t size)
{
	snprintf(cell, size, "%s", record_value(record, "n"));
}

static const struct report_column columns[] = {
	{ "NAME", cell_name },
	{ "N", cell_count },
};

static const char text[] = "a name=x n=5\nb name=not%20shown\na name=longer n=007\n"
			   "a name=%22%5C%0A n=\n";

static void expect(void (*print)(FILE *, const struct records *), const char *wanted)
{
	struct records records;
	char *said = NULL;
	size_t size;
	FILE *out = open_memstream(&said, &size);

	CHECK(out && records_parse(&records, text) == 0);
	print(out, &records);
	fclose(out);
	CHECK_MSG(!strcmp(said, wanted), "it printed:\n%s", said);
	free(said);
	records_free(&records);
}

static void print_table(FILE *out, const struct records *records)
{
	report_table(out, records, "a", columns, 2);
}

int main(void)
{
	expect(print_table, "NAME    N\nx       5\nlonger  007\n\"\\\n     \n");
	expect(report_json,
	       "{\n  \"a\": [\n    {\"name\": \"x\", \"n\": 5},\n"
	       "    {\"name\": \"longer\", \"n\": \"007\"},\n"
	       "    {\"name\": \"\\\"\\\\\\u000a\", \"n\": \"\"}\n  ],\n"
	       "  \"b\": [\n    {\"name\": \"not shown\"}\n  ]\n}\n");
	return check_result();
}
