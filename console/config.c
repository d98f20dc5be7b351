// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration in rows: console/config.h. */
#include "console/config.h"

#include "console/cell.h"

#include <errno.h>
#include <string.h>

#define SECTION_MAX 160

static int add_row(json_t *rows, const char *section, const char *line, size_t len)
{
	const char *equals = memmem(line, len, " = ", 3);
	json_t *row;

	if (!equals || !*section)
		return -EBADMSG;
	row = json_pack("{s:s, s:s%, s:s%}", "section", section, "key", line,
			(size_t)(equals - line), "value", equals + 3,
			len - (size_t)(equals + 3 - line));
	/* What is not UTF-8 has no JSON; no key's value may have such octets but a text's. */
	return !row ? -EBADMSG : json_array_append_new(rows, row) ? -ENOMEM : 0;
}

int config_rows_read(const char *text, json_t **ret)
{
	char section[SECTION_MAX] = "";
	json_t *rows = json_array();
	int rc = rows ? 0 : -ENOMEM;

	while (!rc && *text) {
		size_t len = strcspn(text, "\n");

		if (*text == '[' && len > 2 && len - 2 < sizeof(section) && text[len - 1] == ']') {
			memcpy(section, text + 1, len - 2);
			section[len - 2] = '\0';
		} else if (len) {
			rc = add_row(rows, section, text, len);
		}
		text += len + !!text[len];
	}
	if (rc)
		json_decref(rows);
	else
		*ret = rows;
	return rc;
}

static const char *text_of(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s ? s : "";
}

/* A row as one text, by which it is found: none of the three has a newline. */
static char *row_text(const json_t *row)
{
	struct sbuf text = { 0 };

	sbuf_printf(&text, "%s\n%s\n%s", text_of(row, "section"), text_of(row, "key"),
		    text_of(row, "value"));
	if (text.bad)
		sbuf_fini(&text);
	return text.p;
}

/* How often each row is there, by its text. NULL: no memory. */
static json_t *count_rows(const json_t *rows)
{
	json_t *counts = json_object();
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		_cleanup_free_ char *text = row_text(row);
		json_int_t n = text ? json_integer_value(json_object_get(counts, text)) : 0;

		if (!text || json_object_set_new(counts, text, json_integer(n + 1))) {
			json_decref(counts);
			return NULL;
		}
	}
	return counts;
}

/* Rows of @a that @b has fewer of. @in_a, @in_b: how often each is there. */
static int only_in(const json_t *a, const json_t *in_a, const json_t *in_b, const char *sign,
		   json_t *diff)
{
	size_t i;
	const json_t *row;

	json_array_foreach(a, i, row)
	{
		_cleanup_free_ char *text = row_text(row);
		json_t *change;

		if (!text)
			return -ENOMEM;
		if (json_integer_value(json_object_get(in_a, text)) <=
		    json_integer_value(json_object_get(in_b, text)))
			continue;
		change = json_pack("{s:s}", "change", sign);
		if (!change || json_object_update(change, (json_t *)row) ||
		    json_array_append_new(diff, change))
			return -ENOMEM;
	}
	return 0;
}

int config_rows_diff(const json_t *from, const json_t *to, json_t **ret)
{
	json_t *diff = json_array(), *in_from = count_rows(from), *in_to = count_rows(to);
	int rc = diff && in_from && in_to ? 0 : -ENOMEM;

	if (!rc)
		rc = only_in(from, in_from, in_to, "-", diff);
	if (!rc)
		rc = only_in(to, in_to, in_from, "+", diff);
	json_decref(in_from);
	json_decref(in_to);
	if (rc)
		json_decref(diff);
	else
		*ret = diff;
	return rc;
}

static void put_value(FILE *out, const json_t *row)
{
	struct sbuf text = { 0 };
	const char *value = text_of(row, "value");

	cell_escape(&text, value, strlen(value));
	fprintf(out, "%s = %s\n", text_of(row, "key"), text.len ? text.p : "");
	sbuf_fini(&text);
}

int config_rows_print(FILE *out, const json_t *rows)
{
	const char *section = "";
	size_t i;
	const json_t *row;

	json_array_foreach(rows, i, row)
	{
		const char *name = text_of(row, "section");

		if (strcmp(name, section) != 0)
			fprintf(out, "%s[%s]\n", i ? "\n" : "", name);
		section = name;
		put_value(out, row);
	}
	return ferror(out) ? -EIO : 0;
}

int config_diff_print(FILE *out, const json_t *diff)
{
	size_t i;
	const json_t *row;

	json_array_foreach(diff, i, row)
	{
		fprintf(out, "%s [%s] ", text_of(row, "change"), text_of(row, "section"));
		put_value(out, row);
	}
	return ferror(out) ? -EIO : 0;
}
