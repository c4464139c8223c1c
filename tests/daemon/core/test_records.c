// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is written is what is read, and what is malformed is refused. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/records.h"

static const char *const values[] = {
	"", "5", "plain", "two words", "100%", "a=b", "line\nbreak", "tab\there", "\x01\x7f", "\xc3\xa4",
};

#define NUM_VALUES	(sizeof(values) / sizeof(values[0]))

static void test_round_trip(void)
{
	struct record_text text = { 0 };
	struct records records;
	size_t i;

	for (i = 0; i < NUM_VALUES; i++) {
		record_begin(&text, "kind-1");
		record_add(&text, "first", "%s", values[i]);
		record_add(&text, "second", "%d", (int)i);
		record_end(&text);
	}
	CHECK(!text.failed && text.length == strlen(text.text));
	i = text.length;
	record_begin(&text, "dropped");
	record_drop(&text, i);
	record_drop(&text, i + 1);
	CHECK(text.length == i && text.length == strlen(text.text));
	CHECK(records_parse(&records, text.text) == 0 && records.count == NUM_VALUES);
	for (i = 0; i < NUM_VALUES; i++) {
		CHECK(!strcmp(records.list[i].kind, "kind-1"));
		CHECK(!strcmp(record_value(&records.list[i], "first"), values[i]));
		CHECK(record_number(&records.list[i], "second") == i);
	}
	records_free(&records);
	free(text.text);
}

static void test_queries(void)
{
	struct records records;

	CHECK(records_parse(&records, "a x=1\nb\na x=2 y=-3 z=4k\n") == 0);
	CHECK(records.count == 3);
	CHECK(record_number(records_first(&records, "a"), "x") == 1);
	CHECK(records_first(&records, "b")->count == 0);
	CHECK(!records_first(&records, "c"));
	CHECK(!record_value(records_first(&records, "b"), "x"));
	CHECK(!record_value(NULL, "x"));
	CHECK(record_number(&records.list[2], "y") == 0);
	CHECK(record_number(&records.list[2], "z") == 0);
	records_free(&records);
}

static void test_malformed(void)
{
	static const char *const texts[] = {
		"no-end", "\n", " a=1\n", "a  b=1\n", "a b\n", "a =1\n", "a b=%\n", "a b=%4\n", "a b=%zz\n",
		"a b=%4a\n", "a b=%00\n", "A b=1\n", "a b=1 \n", "a b=1\n\n",
	};
	struct records records;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CHECK(records_parse(&records, texts[i]) == -EINVAL);
		records_free(&records);
	}
	CHECK(records_parse(&records, "") == 0 && records.count == 0);
	records_free(&records);
}

static void test_limit(void)
{
	char *big = malloc(RECORDS_MAX + 2);
	struct record_text text = { 0 };
	struct records records;
	int i;

	CHECK(big);
	memset(big, 'a', RECORDS_MAX + 1);
	big[RECORDS_MAX + 1] = '\0';
	CHECK(records_parse(&records, big) == -E2BIG);
	records_free(&records);
	big[200] = '\0';

	for (i = 0; i < RECORDS_MAX / 200; i++) {
		record_begin(&text, "k");
		record_add(&text, "v", "%s", big);
		record_end(&text);
	}
	CHECK(text.failed && text.length < RECORDS_MAX && !text.text[text.length]);
	free(text.text);
	free(big);
}

int main(void)
{
	test_round_trip();
	test_queries();
	test_malformed();
	test_limit();
	return check_result();
}
