// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/http_delta.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Two thousand rows a second: read as they come, without a tree of them. */
struct scan {
	const char *p, *end;
	bool bad;
};

static bool next_is(struct scan *s, char c)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n'))
		s->p++;
	return s->p < s->end && *s->p == c;
}

static void take(struct scan *s, char c)
{
	if (s->bad || !next_is(s, c))
		s->bad = true;
	else
		s->p++;
}

static uint64_t take_number(struct scan *s)
{
	uint64_t n = 0;
	const char *first;

	(void)next_is(s, '0'); /* blanks */
	first = s->p;
	for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
		n = n * 10 + (uint64_t)(*s->p - '0');
	s->bad |= s->p == first || s->p - first > 19;
	return n;
}

/* What is in quotes here has nothing that needs an escape. */
static void take_text(struct scan *s, char *ret, size_t cap)
{
	size_t n = 0;

	take(s, '"');
	for (; !s->bad && s->p < s->end && *s->p != '"'; s->p++) {
		s->bad = *s->p == '\\' || (unsigned char)*s->p < ' ' || n + 1 == cap;
		if (!s->bad)
			ret[n++] = *s->p;
	}
	ret[n] = '\0';
	take(s, '"');
}

/* [SLOT, SESSION, STATE, RX, TX] */
static void take_row(struct scan *s, struct http_delta_row *ret)
{
	take(s, '[');
	ret->slot = take_number(s);
	take(s, ',');
	take_text(s, ret->session, sizeof(ret->session));
	take(s, ',');
	take_text(s, ret->state, sizeof(ret->state));
	take(s, ',');
	ret->rx = take_number(s);
	take(s, ',');
	ret->tx = take_number(s);
	take(s, ']');
}

static size_t rows_most(const char *text, size_t len)
{
	size_t n = 0;

	for (const char *p = text, *end = text + len; (p = memchr(p, ']', (size_t)(end - p))); p++)
		n++;
	return n;
}

static int read_rows(const char *text, size_t len, struct http_delta *ret)
{
	struct scan s = { .p = text, .end = text + len };
	size_t most = rows_most(text, len);

	*ret = (struct http_delta){ .rows = calloc(most + 1, sizeof(*ret->rows)) };
	if (!ret->rows)
		return -ENOMEM;
	take(&s, '[');
	while (!s.bad && ret->count < most && !next_is(&s, ']')) {
		struct http_delta_row *r = &ret->rows[ret->count];

		if (ret->count)
			take(&s, ',');
		take_row(&s, r);
		s.bad |= ret->count && r->slot <= r[-1].slot;
		ret->count++;
	}
	take(&s, ']');
	if (s.bad || next_is(&s, '\0') || s.p != s.end) {
		http_delta_fini(ret);
		return -EBADMSG;
	}
	return 0;
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
