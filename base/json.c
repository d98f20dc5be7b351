// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

/* The length of the UTF-8 sequence at p, or 0 where there is none (RFC 3629, section 4). */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (!n || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

static void quoted(struct sbuf *out, const void *value, size_t len)
{
	const unsigned char *p = value;

	sbuf_append(out, "\"", 1);
	for (size_t i = 0; i < len;) {
		size_t n = utf8_len(p + i, len - i);

		if (n) {
			sbuf_append(out, p + i, n);
			i += n;
			continue;
		}
		if (p[i] == '"' || p[i] == '\\')
			sbuf_printf(out, "\\%c", p[i]);
		else if (p[i] < 0x20 || p[i] >= 0x7f)
			sbuf_printf(out, "\\u%04x", p[i]);
		else
			sbuf_append(out, p + i, 1);
		i++;
	}
	sbuf_append(out, "\"", 1);
}

static void member(struct json *j, const char *name)
{
	if (j->comma)
		sbuf_append(j->out, ",", 1);
	j->comma = true;
	if (name) {
		quoted(j->out, name, strlen(name));
		sbuf_append(j->out, ":", 1);
	}
}

void json_open(struct json *j, const char *name, char bracket)
{
	member(j, name);
	sbuf_append(j->out, &bracket, 1);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	sbuf_append(j->out, &bracket, 1);
	j->comma = true;
}

void json_strn(struct json *j, const char *name, const void *value, size_t len)
{
	member(j, name);
	quoted(j->out, value, len);
}

void json_str(struct json *j, const char *name, const char *value)
{
	if (value)
		json_strn(j, name, value, strlen(value));
	else
		json_null(j, name);
}

void json_u64(struct json *j, const char *name, uint64_t value)
{
	member(j, name);
	sbuf_printf(j->out, "%" PRIu64, value);
}

void json_ratio(struct json *j, const char *name, double value)
{
	member(j, name);
	sbuf_printf(j->out, "%.4f", value);
}

void json_bool(struct json *j, const char *name, bool value)
{
	member(j, name);
	sbuf_printf(j->out, "%s", value ? "true" : "false");
}

void json_null(struct json *j, const char *name)
{
	member(j, name);
	sbuf_append(j->out, "null", 4);
}
