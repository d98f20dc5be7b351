// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/rows.h"

#include <errno.h>
#include <string.h>

static char peek(struct rows *r)
{
	while (r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p)
		r->p++;
	return r->p < r->end ? *r->p : '\0';
}

static bool take(struct rows *r, char c)
{
	if (peek(r) != c)
		return false;
	r->p++;
	return true;
}

bool rows_is_table(const char *json, size_t len)
{
	struct rows r;
	char c;

	rows_init(&r, json, len);
	if (!take(&r, '['))
		return false;
	c = peek(&r);
	return c == '{' || c == ']';
}

void rows_init(struct rows *r, const char *json, size_t len)
{
	*r = (struct rows){ .p = json, .end = json + len, .first = true };
}

int rows_next(struct rows *r, json_t **ret)
{
	json_error_t at;
	json_t *row;

	if (r->first && !take(r, '['))
		return -EBADMSG;
	if (take(r, ']'))
		return peek(r) ? -EBADMSG : 0;
	if ((!r->first && !take(r, ',')) || peek(r) != '{')
		return -EBADMSG;
	r->first = false;
	row = json_loadb(r->p, (size_t)(r->end - r->p), ROWS_JSON_FLAGS | JSON_DISABLE_EOF_CHECK,
			 &at);
	if (!row)
		return -EBADMSG;
	r->p += at.position;
	*ret = row;
	return 1;
}
