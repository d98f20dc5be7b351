// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/http_delta.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* [SLOT, SESSION, STATE, RX, TX] */
static int read_row(const json_t *j, struct http_delta_row *ret)
{
	const char *session = json_string_value(json_array_get(j, 1));
	const char *state = json_string_value(json_array_get(j, 2));

	if (json_array_size(j) != 5 || !session || !state)
		return -EBADMSG;
	ret->slot = (uint64_t)json_integer_value(json_array_get(j, 0));
	ret->rx = (uint64_t)json_integer_value(json_array_get(j, 3));
	ret->tx = (uint64_t)json_integer_value(json_array_get(j, 4));
	snprintf(ret->session, sizeof(ret->session), "%s", session);
	snprintf(ret->state, sizeof(ret->state), "%s", state);
	return 0;
}

static int read_rows(const char *text, size_t len, struct http_delta *ret)
{
	json_t *j = json_loadb(text, len, 0, NULL), *row;
	int rc = json_is_array(j) ? 0 : -EBADMSG;
	size_t i;

	*ret = (struct http_delta){ 0 };
	if (!rc)
		ret->rows = calloc(json_array_size(j) + 1, sizeof(*ret->rows));
	if (!rc && !ret->rows)
		rc = -ENOMEM;
	json_array_foreach(j, i, row)
	{
		if (rc)
			break;
		rc = read_row(row, &ret->rows[i]);
		if (!rc && i && ret->rows[i].slot <= ret->rows[i - 1].slot)
			rc = -EBADMSG;
		ret->count = i + 1;
	}
	json_decref(j);
	if (rc)
		http_delta_fini(ret);
	return rc;
}

static bool same(const struct http_delta_row *a, const struct http_delta_row *b)
{
	return a->rx == b->rx && a->tx == b->tx && !strcmp(a->state, b->state) &&
	       !strcmp(a->session, b->session);
}

static void write_delta(const struct http_delta *old, const struct http_delta *new,
			struct sbuf *out)
{
	const char *comma = "";
	struct sbuf gone = { 0 };
	size_t o = 0;

	sbuf_printf(out, "{\"changed\":[");
	for (size_t n = 0; n <= new->count; n++) {
		const struct http_delta_row *r = n < new->count ? &new->rows[n] : NULL;
		const struct http_delta_row *was = NULL;

		for (; o < old->count && (!r || old->rows[o].slot <= r->slot); o++) {
			if (r && old->rows[o].slot == r->slot)
				was = &old->rows[o];
			if (!was || strcmp(was->session, r->session) != 0)
				sbuf_printf(&gone, "%s\"%s\"", gone.len ? "," : "",
					    old->rows[o].session);
		}
		if (!r || (was && same(was, r)))
			continue;
		sbuf_printf(out, "%s[\"%s\",\"%s\",%" PRIu64 ",%" PRIu64 "]", comma, r->session,
			    r->state, r->rx, r->tx);
		comma = ",";
	}
	sbuf_printf(out, "],\"gone\":[%s]}", gone.len ? gone.p : "");
	sbuf_fini(&gone);
}

int http_delta(struct http_delta *d, const char *counters, size_t len, struct sbuf *out)
{
	struct http_delta new;
	int rc = read_rows(counters, len, &new);

	if (rc)
		return rc;
	write_delta(d, &new, out);
	http_delta_fini(d);
	*d = new;
	return 0;
}

void http_delta_fini(struct http_delta *d)
{
	free(d->rows);
	*d = (struct http_delta){ 0 };
}
