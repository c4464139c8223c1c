// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenario-file.h"

#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 4	/* of includes */

struct reader {
	GPtrArray *statements;
	GHashTable *variables;
	unsigned int depth;
};

static gboolean fault(const char *path, const char *what, const char *text)
{
	fprintf(stderr, "%s: %s: %s\n", path, what, text);
	return FALSE;
}

/* @text with the values of $(NAME); NULL for an unknown name. */
static char *resolve(const struct reader *reader, const char *text)
{
	GString *result = g_string_new(NULL);
	const char *start, *end;

	while ((start = strstr(text, "$(")) && (end = strchr(start, ')'))) {
		char *name = g_strndup(start + 2, end - start - 2);
		const char *value = g_hash_table_lookup(reader->variables, name);

		g_string_append_len(result, text, start - text);
		g_string_append(result, value ? value : "");
		g_free(name);
		if (!value) {
			g_string_free(result, TRUE);
			return NULL;
		}
		text = end + 1;
	}
	g_string_append(result, text);
	return g_string_free(result, FALSE);
}

static gboolean set_variable(GQuark field, const GValue *value, gpointer data)
{
	struct reader *reader = data;

	if (G_VALUE_HOLDS_STRING(value))
		g_hash_table_insert(reader->variables, g_strdup(g_quark_to_string(field)),
				    g_value_dup_string(value));
	return G_VALUE_HOLDS_STRING(value);
}

static gboolean read_file(struct reader *reader, const char *path);

static gboolean include(struct reader *reader, const char *path, const char *location)
{
	char *dir = g_path_get_dirname(path), *included = g_build_filename(dir, location, NULL);
	gboolean good = reader->depth < MAX_DEPTH ? read_file(reader, included) :
			fault(path, "too many files that include each other", location);

	g_free(included);
	g_free(dir);
	return good;
}

static gboolean add_statement(struct reader *reader, const char *path, const char *text)
{
	char *resolved = resolve(reader, text);
	GstStructure *s = resolved ? gst_structure_from_string(resolved, NULL) : NULL;
	gboolean good = TRUE;

	if (!s)
		good = fault(path, resolved ? "no valid statement" : "unknown variable", text);
	else if (gst_structure_has_name(s, "include") && gst_structure_has_field(s, "location"))
		good = include(reader, path, gst_structure_get_string(s, "location"));
	else if (gst_structure_has_name(s, "set-globals"))
		good = gst_structure_foreach(s, set_variable, reader) ||
		       fault(path, "a variable is no string", text);
	else
		g_ptr_array_add(reader->statements, g_steal_pointer(&s));
	if (s)
		gst_structure_free(s);
	g_free(resolved);
	return good;
}

/* A statement goes on in the next line after one of these, as in gst-validate. */
static gboolean goes_on(const char *line)
{
	size_t length = strlen(line);

	return length && strchr(",{\\[<", line[length - 1]);
}

static gboolean read_file(struct reader *reader, const char *path)
{
	GString *statement = g_string_new(NULL);
	GError *error = NULL;
	gboolean good = TRUE;
	char *text, **lines;

	if (!g_file_get_contents(path, &text, NULL, &error)) {
		fprintf(stderr, "%s\n", error->message);
		g_error_free(error);
		g_string_free(statement, TRUE);
		return FALSE;
	}
	reader->depth++;
	lines = g_strsplit(text, "\n", -1);
	for (unsigned int i = 0; lines[i] && good; i++) {
		char *line = g_strstrip(lines[i]);

		if (*line == '#')
			continue;
		g_string_append(statement, line);
		if (goes_on(line) || !statement->len)
			continue;
		good = add_statement(reader, path, statement->str);
		g_string_truncate(statement, 0);
	}
	if (good && statement->len)
		good = fault(path, "the last statement has no end", statement->str);
	reader->depth--;
	g_strfreev(lines);
	g_free(text);
	g_string_free(statement, TRUE);
	return good;
}

GPtrArray *scenario_read(const char *path)
{
	struct reader reader = {
		.statements = g_ptr_array_new_with_free_func((GDestroyNotify)gst_structure_free),
		.variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
	};
	gboolean good;

	g_hash_table_insert(reader.variables, g_strdup("test_dir"), g_path_get_dirname(path));
	g_hash_table_insert(reader.variables, g_strdup("logsdir"), g_strdup(g_get_tmp_dir()));
	good = read_file(&reader, path);
	if (good && (!reader.statements->len ||
		     !gst_structure_has_name(g_ptr_array_index(reader.statements, 0), "meta")))
		good = fault(path, "the first statement must be", "meta");
	if (!good)
		g_clear_pointer(&reader.statements, g_ptr_array_unref);
	g_hash_table_unref(reader.variables);
	return reader.statements;
}

char **scenario_strings(const GstStructure *structure, const char *field)
{
	const GValue *value = gst_structure_get_value(structure, field);
	guint n = value && GST_VALUE_HOLDS_LIST(value) ? gst_value_list_get_size(value) : 0;
	char **strings = g_new0(char *, n + 2);

	for (guint i = 0; i < n; i++)
		strings[i] = g_value_dup_string(gst_value_list_get_value(value, i));
	if (value && G_VALUE_HOLDS_STRING(value))
		strings[0] = g_value_dup_string(value);
	return strings;
}
