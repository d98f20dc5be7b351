// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/render.h"

#include "console/cell.h"
#include "console/rows.h"

#include <errno.h>
#include <string.h>

#define DEPTH_MAX 16 /* of nested objects; the parser has a limit too, but a far one */

int render_columns_parse(const char *list, struct render_columns *ret)
{
	ret->count = 0;
	for (;;) {
		size_t n = strcspn(list, ",");

		if (!n || n >= RENDER_NAME_MAX)
			return -EINVAL;
		if (ret->count == RENDER_COLUMNS_MAX)
			return -E2BIG;
		memcpy(ret->name[ret->count], list, n);
		ret->name[ret->count++][n] = '\0';
		if (!list[n])
			return 0;
		list += n + 1;
	}
}

/* --- a table ------------------------------------------------------------------------------------
 */

struct table {
	struct render_columns columns;
	bool fixed; /* the columns were asked for */
	struct column {
		size_t width;
		bool seen, number, text; /* what its values are; a column of numbers only is
					    aligned to the right */
	} column[RENDER_COLUMNS_MAX];
};

static void add_columns(struct table *t, const json_t *row)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)row, key, v)
	{
		struct render_columns *c = &t->columns;
		unsigned i = 0;

		while (i < c->count && strcmp(c->name[i], key) != 0)
			i++;
		if (i == c->count && i < RENDER_COLUMNS_MAX && strlen(key) < RENDER_NAME_MAX)
			memcpy(c->name[c->count++], key, strlen(key) + 1);
	}
}

/* First pass: which columns there are, and how wide. */
static int measure(struct table *t, const char *json, size_t len)
{
	struct sbuf cell = { 0 };
	struct rows rows;
	json_t *row;
	int r;

	rows_init(&rows, json, len);
	while ((r = rows_next(&rows, &row)) > 0) {
		if (!t->fixed)
			add_columns(t, row);
		for (unsigned i = 0; i < t->columns.count; i++) {
			const json_t *v = json_object_get(row, t->columns.name[i]);
			struct column *c = &t->column[i];

			if (!v)
				continue;
			cell.len = 0;
			cell_write(&cell, t->columns.name[i], v);
			c->seen = true;
			c->number |= json_is_number(v);
			c->text |= !json_is_number(v) && !json_is_null(v);
			c->width = cell.len > c->width ? cell.len : c->width;
		}
		json_decref(row);
	}
	if (cell.bad)
		r = -ENOMEM;
	sbuf_fini(&cell);
	return r;
}

static void put_cell(FILE *out, const struct table *t, unsigned i, const struct sbuf *cell,
		     bool right)
{
	bool last = i + 1 == t->columns.count;
	int width = last && !right ? 0 : (int)t->column[i].width; /* no blanks at the end */
	const char *text = cell->len ? cell->p : "";

	fprintf(out, "%s%*s", i ? " | " : " ", right ? width : -width, text);
}

static void put_header(FILE *out, struct table *t)
{
	struct sbuf name = { 0 };

	for (unsigned i = 0; i < t->columns.count; i++) {
		struct column *c = &t->column[i];

		name.len = 0;
		cell_escape(&name, t->columns.name[i], strlen(t->columns.name[i]));
		c->width = name.len > c->width ? name.len : c->width;
		put_cell(out, t, i, &name, false);
	}
	fputs("\n", out);
	for (unsigned i = 0; i < t->columns.count; i++) {
		if (i)
			fputc('+', out);
		for (size_t k = 0; k < t->column[i].width + 2; k++)
			fputc('-', out);
	}
	fputs("\n", out);
	sbuf_fini(&name);
}

static int put_rows(FILE *out, const struct table *t, const char *json, size_t len)
{
	struct sbuf cell = { 0 };
	struct rows rows;
	json_t *row;
	int r;

	rows_init(&rows, json, len);
	while ((r = rows_next(&rows, &row)) > 0) {
		for (unsigned i = 0; i < t->columns.count; i++) {
			const json_t *v = json_object_get(row, t->columns.name[i]);

			cell.len = 0;
			if (v)
				cell_write(&cell, t->columns.name[i], v);
			put_cell(out, t, i, &cell, t->column[i].number && !t->column[i].text);
		}
		fputs("\n", out);
		json_decref(row);
	}
	if (cell.bad)
		r = -ENOMEM;
	sbuf_fini(&cell);
	return r;
}

/* Columns that no row has are a mistake of the user's; where there is no row, nobody knows. */
static int check_columns(const struct table *t, const struct render_columns *columns,
			 const char **ret_missing)
{
	bool any = false;

	for (unsigned i = 0; i < t->columns.count; i++)
		any |= t->column[i].seen;
	for (unsigned i = 0; any && i < t->columns.count; i++) {
		if (t->column[i].seen)
			continue;
		*ret_missing = columns->name[i];
		return -ENOENT;
	}
	return 0;
}

static int put_table(FILE *out, const char *json, size_t len, const struct render_columns *columns,
		     const char **ret_missing)
{
	struct table t = { 0 };
	int r;

	if (columns && columns->count) {
		t.columns = *columns;
		t.fixed = true;
	}
	r = measure(&t, json, len);
	if (!r && t.fixed)
		r = check_columns(&t, columns, ret_missing);
	if (r || !t.columns.count)
		return r;
	put_header(out, &t);
	return put_rows(out, &t, json, len);
}

/* --- an object ----------------------------------------------------------------------------------
 */

static void put_object(FILE *out, const json_t *object, int indent, int depth);

/* A list within an object: each element a block of its own, begun by a dash. */
static void put_list(FILE *out, const json_t *array, int indent, int depth)
{
	size_t i;
	const json_t *v;

	json_array_foreach(array, i, v)
	{
		fprintf(out, "%*s-\n", indent, "");
		put_object(out, v, indent + 2, depth);
	}
}

static bool all_objects(const json_t *array)
{
	size_t i;
	const json_t *v;

	json_array_foreach(array, i, v) if (!json_is_object(v)) return false;
	return json_array_size(array);
}

static void put_member(FILE *out, const char *key, const json_t *v, int indent, int depth)
{
	struct sbuf text = { 0 };

	cell_escape(&text, key, strlen(key));
	fprintf(out, "%*s%s:", indent, "", text.len ? text.p : "");
	if (depth < DEPTH_MAX && json_is_object(v)) {
		fputs("\n", out);
		put_object(out, v, indent + 2, depth + 1);
	} else if (depth < DEPTH_MAX && json_is_array(v) && all_objects(v)) {
		fputs("\n", out);
		put_list(out, v, indent + 2, depth + 1);
	} else {
		text.len = 0;
		cell_write(&text, key, v);
		fprintf(out, " %s\n", text.len ? text.p : "");
	}
	sbuf_fini(&text);
}

static void put_object(FILE *out, const json_t *object, int indent, int depth)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)object, key, v) put_member(out, key, v, indent, depth);
}

int render_text(FILE *out, const char *json, size_t len, const struct render_columns *columns,
		const char **ret_missing)
{
	struct sbuf text = { 0 };
	json_t *value;

	if (rows_is_table(json, len))
		return put_table(out, json, len, columns, ret_missing);
	value = json_loadb(json, len, ROWS_JSON_FLAGS | JSON_DECODE_ANY, NULL);
	if (!value)
		return -EBADMSG;
	if (json_is_object(value)) {
		put_object(out, value, 0, 0);
	} else {
		cell_write(&text, "", value);
		fprintf(out, "%s\n", text.len ? text.p : "");
		sbuf_fini(&text);
	}
	json_decref(value);
	return 0;
}

static int put_json_row(FILE *out, const json_t *row, const struct render_columns *columns)
{
	json_t *less = json_object();
	int r = less ? 0 : -ENOMEM;

	for (unsigned i = 0; !r && i < columns->count; i++) {
		json_t *v = json_object_get(row, columns->name[i]);

		if (v && json_object_set(less, columns->name[i], v))
			r = -ENOMEM;
	}
	if (!r && json_dumpf(less, out, JSON_COMPACT))
		r = -EIO;
	json_decref(less);
	return r;
}

int render_json(FILE *out, const char *json, size_t len, const struct render_columns *columns,
		const char **ret_missing)
{
	struct table t = { .columns = *columns, .fixed = true };
	const char *comma = "[";
	struct rows rows;
	json_t *row;
	int r;

	if (!rows_is_table(json, len))
		return fwrite(json, 1, len, out) == len ? 0 : -EIO;
	r = measure(&t, json, len);
	if (!r)
		r = check_columns(&t, columns, ret_missing);
	if (r)
		return r;
	rows_init(&rows, json, len);
	while ((r = rows_next(&rows, &row)) > 0) {
		fputs(comma, out);
		comma = ",";
		r = put_json_row(out, row, columns);
		json_decref(row);
		if (r)
			return r;
	}
	fputs(*comma == '[' ? "[]\n" : "]\n", out);
	return r;
}
