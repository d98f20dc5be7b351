// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/view.h"

#include "console/cell.h"
#include "console/rows.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

static int name_copy(char *dst, const char *name)
{
	if (!*name || strlen(name) >= RENDER_NAME_MAX)
		return -EINVAL;
	strcpy(dst, name);
	return 0;
}

/* The words behind `show sessions`; how many were taken, or -EINVAL at *bad. */
static int take(struct view *v, unsigned argc, const char **argv, const char **ret_bad)
{
	for (unsigned i = 0; i < argc;) {
		bool order = !strcmp(argv[i], "order"), match = !strcmp(argv[i], "match");
		unsigned need = order ? 2 : match ? 3 : 1;

		*ret_bad = argv[i];
		if (i + need > argc)
			return -EINVAL;
		if (order && name_copy(v->order, argv[i + 1]))
			return -EINVAL;
		if (match &&
		    (name_copy(v->match, argv[i + 1]) || strlen(argv[i + 2]) >= sizeof(v->regex)))
			return -EINVAL;
		if (match)
			strcpy(v->regex, argv[i + 2]);
		if (!order && !match && (i || render_columns_parse(argv[i], &v->columns)))
			return -EINVAL;
		v->chosen |= !order && !match;
		i += need;
	}
	return 0;
}

int view_take(struct view *v, unsigned *argc, const char **argv, const char **ret_bad)
{
	int r;

	*v = (struct view){ 0 };
	v->stat = *argc == 2 && !strcmp(argv[0], "show") && !strcmp(argv[1], "stat");
	if (*argc < 2 || strcmp(argv[0], "show") != 0 || strcmp(argv[1], "sessions") != 0)
		return 0;
	if (!strcmp(argv[*argc - 1], "?"))
		return 0;
	(void)render_columns_parse(VIEW_SESSION_COLUMNS, &v->columns);
	r = take(v, *argc - 2, argv + 2, ret_bad);
	if (!r)
		*argc = 2;
	return r;
}

/* --- accel-ppp's columns that are no keys of ours
 * -------------------------------------------------- */

static json_t *rate_limit(const json_t *row)
{
	json_t *down = json_object_get(row, "rate-down"), *up = json_object_get(row, "rate-up");
	char text[64];

	if (!json_is_integer(down) && !json_is_integer(up))
		return json_null();
	snprintf(text, sizeof(text), "%lld/%lld", (long long)json_integer_value(down),
		 (long long)json_integer_value(up));
	return json_string(text);
}

static json_t *again(const json_t *row, const char *key)
{
	json_t *v = json_object_get(row, key);

	return v ? json_incref(v) : json_null();
}

static const struct {
	const char *name, *key; /* the key of ours that says the same */
} aliases[] = {
	{ "uptime-raw", "uptime" },
	{ "rx-bytes-raw", "rx-bytes" },
	{ "tx-bytes-raw", "tx-bytes" },
	{ "inbound-if", "ifname" },
};

static json_t *made_up(const json_t *row, const char *name)
{
	if (!strcmp(name, "rate-limit"))
		return rate_limit(row);
	if (!strcmp(name, "type"))
		return json_string("pppoe");
	if (!strcmp(name, "comp") || !strcmp(name, "called-sid") || !strcmp(name, "netns") ||
	    !strcmp(name, "vrf"))
		return json_null();
	for (unsigned i = 0; i < ARRAY_SIZE(aliases); i++)
		if (!strcmp(name, aliases[i].name))
			return again(row, aliases[i].key);
	return NULL;
}

static void add_column(json_t *row, const char *name)
{
	json_t *v = *name && !json_object_get(row, name) ? made_up(row, name) : NULL;

	if (v)
		json_object_set_new(row, name, v);
}

static void add_columns(const struct view *v, json_t *row)
{
	for (unsigned i = 0; i < v->columns.count; i++)
		add_column(row, v->columns.name[i]);
	add_column(row, v->order);
	add_column(row, v->match);
}

/* --- matching and ordering
 * ------------------------------------------------------------------------ */

static bool matches(const regex_t *re, const json_t *row, const char *column)
{
	struct sbuf cell = { 0 };
	const json_t *v = json_object_get(row, column);
	bool yes;

	if (json_is_null(v) || !v)
		return !regexec(re, "", 0, NULL, 0);
	cell_write(&cell, column, v);
	sbuf_append(&cell, "", 1);
	yes = cell.p && !regexec(re, cell.p, 0, NULL, 0);
	sbuf_fini(&cell);
	return yes;
}

static int compare(const void *a, const void *b, void *column)
{
	const json_t *x = json_object_get(*(json_t *const *)a, column);
	const json_t *y = json_object_get(*(json_t *const *)b, column);

	if (json_is_number(x) && json_is_number(y)) {
		double d = json_number_value(x) - json_number_value(y);

		return d < 0 ? -1 : d > 0;
	}
	if (json_is_string(x) && json_is_string(y))
		return strcmp(json_string_value(x), json_string_value(y));
	return json_is_string(x) + json_is_number(x) - json_is_string(y) - json_is_number(y);
}

struct list {
	json_t **row;
	size_t count, cap;
};

static int keep(struct list *l, json_t *row)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 256;
		json_t **p = realloc(l->row, cap * sizeof(*p));

		if (!p) {
			json_decref(row);
			return -ENOMEM;
		}
		l->row = p;
		l->cap = cap;
	}
	l->row[l->count++] = row;
	return 0;
}

static int collect(const struct view *v, const regex_t *re, const struct sbuf *body, struct list *l)
{
	struct rows rows;
	json_t *row;
	int r;

	rows_init(&rows, body->p, body->len);
	while ((r = rows_next(&rows, &row)) > 0) {
		add_columns(v, row);
		if (*v->match && !matches(re, row, v->match)) {
			json_decref(row);
			continue;
		}
		r = keep(l, row);
		if (r)
			return r;
	}
	return r;
}

static int write_list(const struct list *l, struct sbuf *body)
{
	body->len = 0;
	sbuf_append(body, "[", 1);
	for (size_t i = 0; i < l->count; i++) {
		_cleanup_free_ char *text = json_dumps(l->row[i], JSON_COMPACT | JSON_ENSURE_ASCII);

		if (!text)
			return -ENOMEM;
		sbuf_printf(body, "%s%s", i ? "," : "", text);
	}
	sbuf_append(body, "]\n", 2);
	return body->bad ? -ENOMEM : 0;
}

bool view_changes(const struct view *v)
{
	bool made = false;

	for (unsigned i = 0; v->chosen && i < v->columns.count; i++) {
		json_t *row = json_object();
		json_t *value = made_up(row, v->columns.name[i]);

		made |= value != NULL;
		json_decref(value);
		json_decref(row);
	}
	return made || *v->order || *v->match;
}

int view_apply(const struct view *v, struct sbuf *body)
{
	struct list l = { 0 };
	regex_t re;
	int r;

	if (*v->match && regcomp(&re, v->regex, REG_EXTENDED | REG_NOSUB))
		return -EINVAL;
	r = collect(v, &re, body, &l);
	if (!r && *v->order)
		qsort_r(l.row, l.count, sizeof(*l.row), compare, (void *)v->order);
	if (!r)
		r = write_list(&l, body);
	for (size_t i = 0; i < l.count; i++)
		json_decref(l.row[i]);
	free(l.row);
	if (*v->match)
		regfree(&re);
	return r;
}
