// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/cell.h"

#include <string.h>

void cell_escape(struct sbuf *out, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char one[8];

		str_escape(one, sizeof(one), p + i, 1);
		sbuf_append(out, one, strlen(one));
	}
}

static void write_uptime(struct sbuf *out, json_int_t s)
{
	sbuf_printf(out, "%lld:%02d:%02d", (long long)(s / 3600), (int)(s / 60 % 60),
		    (int)(s % 60));
}

static bool all_plain(const json_t *array)
{
	size_t i;
	const json_t *v;

	json_array_foreach(array, i, v) if (json_is_object(v) || json_is_array(v)) return false;
	return true;
}

static void write_nested(struct sbuf *out, const json_t *value)
{
	_cleanup_free_ char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (text)
		cell_escape(out, text, strlen(text));
	else
		out->bad = true;
}

static void write_array(struct sbuf *out, const char *key, const json_t *array)
{
	size_t i;
	const json_t *v;

	if (!all_plain(array)) {
		write_nested(out, array);
		return;
	}
	json_array_foreach(array, i, v)
	{
		if (i)
			sbuf_append(out, ",", 1);
		cell_write(out, key, v);
	}
}

void cell_write(struct sbuf *out, const char *key, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		cell_escape(out, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		if (!strcmp(key, "uptime") && json_integer_value(value) >= 0)
			write_uptime(out, json_integer_value(value));
		else
			sbuf_printf(out, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		sbuf_printf(out, "%.6g", json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		sbuf_printf(out, "%s", json_is_true(value) ? "yes" : "no");
		break;
	case JSON_NULL:
		sbuf_append(out, "-", 1);
		break;
	case JSON_ARRAY:
		write_array(out, key, value);
		break;
	case JSON_OBJECT:
		write_nested(out, value);
		break;
	}
}
