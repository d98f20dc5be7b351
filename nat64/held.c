// SPDX-License-Identifier: GPL-2.0-or-later
/* What a line holds of the translator: nat64/held.h. Jool 4.1, tayga 0.9.2. */
#include "nat64/held.h"

#include "nat64/nat64.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- prefixes ------------------------------------------------------------------------------ */

void nat64_of_add(struct nat64_of *of, const struct prefix6 *p)
{
	if (of->count < NAT64_OF_MAX)
		of->prefix[of->count++] = *p;
}

bool nat64_of_holds(const struct nat64_of *of, const struct ip6 *addr)
{
	for (unsigned i = 0; i < of->count; i++)
		if (prefix6_holds(&of->prefix[i], addr))
			return true;
	return false;
}

void nat64_of_write(const struct nat64_of *of, struct sbuf *out)
{
	char text[PREFIX_STRLEN];

	for (unsigned i = 0; i < of->count; i++)
		sbuf_printf(out, "%s\n", prefix6_str(text, &of->prefix[i]));
}

int nat64_of_parse(const char *text, size_t len, struct nat64_of *ret)
{
	struct nat64_of of = { .count = 0 };

	for (const char *p = text, *end = len ? text + len : text; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		char line[PREFIX_STRLEN];
		size_t n = nl ? (size_t)(nl - p) : sizeof(line);

		if (n >= sizeof(line) || of.count == NAT64_OF_MAX)
			return -EBADMSG;
		memcpy(line, p, n);
		line[n] = '\0';
		if (memchr(line, '\0', n) || prefix6_parse(line, &of.prefix[of.count++]))
			return -EBADMSG;
		p = nl + 1;
	}
	if (!of.count)
		return -EBADMSG;
	*ret = of;
	return 0;
}

int nat64_held_new(struct nat64_held **ret, const char *text, size_t len)
{
	struct nat64_held *h = calloc(1, sizeof(*h));
	int rc = h ? nat64_of_parse(text, len, &h->of) : -ENOMEM;

	if (rc)
		free(h);
	else
		*ret = h;
	return rc;
}

/* --- lines --------------------------------------------------------------------------------- */

typedef bool take_fn(struct nat64_held *h, char *line);

/* Whole lines to @take, until one is bad. Of one that is too long, the beginning. */
static void feed(struct nat64_held *h, const char *text, size_t len, take_fn *take)
{
	for (size_t i = 0; i < len && !h->bad; i++) {
		if (text[i] != '\n') {
			if (h->len < sizeof(h->line) - 1)
				h->line[h->len++] = text[i] ? text[i] : '?';
			continue;
		}
		h->line[h->len] = '\0';
		h->bad = h->len && !take(h, h->line);
		if (!h->bad)
			h->len = 0;
	}
}

/* Takes the next field off the front, up to one of @ends; NULL: there is none. */
static char *field(char **p, const char *ends)
{
	char *s = *p;
	size_t n = s ? strcspn(s, ends) : 0;

	if (!s || !s[n]) {
		*p = NULL;
		return s;
	}
	s[n] = '\0';
	*p = s + n + 1;
	return s;
}

static bool is_proto(const char *s)
{
	for (unsigned p = 0; p < NAT64_PROTOS; p++)
		if (!strcasecmp(s, nat64_proto_name((enum nat64_proto)p)))
			return true;
	return false;
}

/* "TCP,2001:db8::2,41434,64:ff9b::c000:202,80,203.0.113.10,61000,192.0.2.2,80,..." */
static bool jool_line(struct nat64_held *h, char *line)
{
	char *at = line, *proto = field(&at, ","), *addr = field(&at, ","), *port = field(&at, ",");
	size_t len = at ? (size_t)(at - line) : 0; /* of these three */
	struct ip6 ip6;
	uint64_t n;
	bool ok = len && len < sizeof(h->last) && is_proto(proto) && !ip6_parse(addr, &ip6) &&
		  !str_to_u64(port, 0, 65535, &n);

	if (!ok) { /* as it was, for people */
		for (char *p = line; p < line + h->len; p++)
			*p = *p ? *p : ',';
		return false;
	}
	if (!nat64_of_holds(&h->of, &ip6))
		return true;
	h->sessions++;
	h->bib += len != h->last_len || memcmp(line, h->last, len);
	memcpy(h->last, line, len);
	h->last_len = len;
	return true;
}

/* "198.18.0.77	2001:db8::2	1764174000"; others, "### ...", are no entries. */
static bool tayga_line(struct nat64_held *h, char *line)
{
	char *at = line, *ip4 = field(&at, "\t "), *ip6 = field(&at, "\t ");
	struct nat64_host host;

	if (!ip6 || ip4_parse(ip4, &host.ip4) || ip6_parse(ip6, &host.ip6) ||
	    !nat64_of_holds(&h->of, &host.ip6))
		return true;
	if (h->host_count == NAT64_HOSTS_MAX)
		h->more = true;
	else
		h->host[h->host_count++] = host;
	return true;
}

void nat64_held_jool(struct nat64_held *h, const char *text, size_t len)
{
	feed(h, text, len, jool_line);
}

void nat64_held_tayga(struct nat64_held *h, const char *text, size_t len)
{
	feed(h, text, len, tayga_line);
}

bool nat64_held_has4(const struct nat64_held *h, uint32_t ip4)
{
	for (unsigned i = 0; i < h->host_count; i++)
		if (h->host[i].ip4 == ip4)
			return true;
	return false;
}

/* --- the answer ---------------------------------------------------------------------------- */

int nat64_held_end(const struct nat64_held *h, int status, struct sbuf *out)
{
	if (status || h->bad || h->len) { /* the tool's own words, if any */
		sbuf_append(out, h->line, h->len);
		return status ? status : -EBADMSG;
	}
	sbuf_printf(out, "sessions %" PRIu64 " bib %" PRIu64 "\n", h->sessions, h->bib);
	return 0;
}

int nat64_held_parse(const char *text, size_t len, uint64_t *ret_sessions, uint64_t *ret_bib)
{
	char line[80], *at = line, *name, *end;
	uint64_t sessions, bib;

	if (!len || len >= sizeof(line) || text[len - 1] != '\n' || memchr(text, '\0', len))
		return -EBADMSG;
	memcpy(line, text, len - 1);
	line[len - 1] = '\0';
	name = field(&at, " ");
	if (strcmp(name, "sessions") || !at || str_to_u64(field(&at, " "), 0, INT64_MAX, &sessions))
		return -EBADMSG;
	name = field(&at, " ");
	end = field(&at, " ");
	if (!name || strcmp(name, "bib") || !end || at || str_to_u64(end, 0, INT64_MAX, &bib))
		return -EBADMSG;
	*ret_sessions = sessions;
	*ret_bib = bib;
	return 0;
}
