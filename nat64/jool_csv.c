// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `jool ... display --csv` says (4.1): lines of fields between commas, one field perhaps in
 * quotes. A line is told by its first field; a header line is skipped, and anything that does not
 * look like Jool ends the reading: its sentences of error are no table.
 */
#include "nat64/nat64.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 12
#define LINE_MAX_  512

struct csv {
	const char *at, *end;
	char line[LINE_MAX_];
	char *field[FIELDS_MAX];
	unsigned count;
};

/* Takes the line apart where it stands. False: too many fields, or a quote that does not end. */
static bool split(struct csv *c)
{
	char *p = c->line;

	c->count = 0;
	for (;;) {
		if (c->count == FIELDS_MAX)
			return false;
		if (*p == '"') {
			c->field[c->count++] = ++p;
			p = strchr(p, '"');
			if (!p)
				return false;
			*p++ = '\0';
			if (*p && *p != ',')
				return false;
		} else {
			c->field[c->count++] = p;
			p += strcspn(p, ",");
		}
		if (!*p)
			return true;
		*p++ = '\0';
	}
}

/* 1: a line; 0: the end; -EBADMSG: too long, a NUL in it, or not of this shape. Empty ones are
 * skipped. */
static int next(struct csv *c)
{
	while (c->at < c->end) {
		const char *nl = memchr(c->at, '\n', (size_t)(c->end - c->at));
		size_t len = (size_t)((nl ? nl : c->end) - c->at);

		if (len >= sizeof(c->line) || memchr(c->at, '\0', len))
			return -EBADMSG;
		memcpy(c->line, c->at, len);
		c->line[len] = '\0';
		c->at = nl ? nl + 1 : c->end;
		if (len)
			return split(c) ? 1 : -EBADMSG;
	}
	return 0;
}

static struct csv csv_init(const char *text, size_t len)
{
	return (struct csv){ .at = text, .end = len ? text + len : text };
}

/* --- stats --------------------------------------------------------------------------------- */

/* Left to the kernel's stack: what is not for the translator, such as subscribers' own IPv6 traffic
 * and neighbour discovery, and what it has no mapping for. */
static const char *const passed[] = {
	"XLATOR_DISABLED",     "POOL6_UNSET",	     "POOL6_MISMATCH",	  "POOL4_MISMATCH",
	"UNKNOWN_ICMP6_TYPE",  "UNKNOWN_ICMP4_TYPE", "UNKNOWN_L4_PROTO",  "UNTRANSLATABLE_DST6",
	"UNTRANSLATABLE_DST4", "BIB4_NOT_FOUND",     "SESSION_NOT_FOUND",
};
/* Neither: packets that wait for an answer (RFC 6146, section 3.5.2.2), errors that were sent. */
static const char *const neither[] = {
	"TYPE1PKT",
	"TYPE2PKT",
	"ICMP6ERR_SUCCESS",
	"ICMP4ERR_SUCCESS",
};

static bool is_in(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(name, list[i]))
			return true;
	return false;
}

/* Jool has no counter of its own for a new connection that finds no free port: of UDP and ping they
 * are among what has no mapping, of TCP among its errors without a name. */
static const struct {
	const char *name, *as;
} no_port[] = {
	{ "BIB6_NOT_FOUND", "no-free-port-or-mapping" },
	{ "UNKNOWN", "no-free-port-or-unknown" },
};

static void drop_add(struct nat64_stats *s, const char *name, uint64_t value)
{
	struct nat64_stat *d = &s->drop[s->drop_count++];

	for (unsigned i = 0; i < ARRAY_SIZE(no_port); i++) {
		if (strcmp(name, no_port[i].name))
			continue;
		name = no_port[i].as;
		s->no_port += value;
		break;
	}
	snprintf(d->name, sizeof(d->name), "%s", name);
	for (char *p = d->name; *p; p++)
		*p = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
	d->value = value;
	s->drops += value;
}

/* @name: behind JSTAT and its line below: "BIB_ENTRIES", "64_TTL". */
static int stat_take(struct nat64_stats *s, const char *name, uint64_t value)
{
	const struct {
		const char *name;
		uint64_t *to;
	} rows[] = {
		{ "RECEIVED6", &s->received6 }, { "RECEIVED4", &s->received4 },
		{ "SUCCESS", &s->translated },	{ "BIB_ENTRIES", &s->bib },
		{ "SESSIONS", &s->sessions },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(name, rows[i].name))
			continue;
		*rows[i].to = value;
		return 0;
	}
	if (is_in(name, passed, ARRAY_SIZE(passed))) {
		s->passed += value;
		return 0;
	}
	if (!value || is_in(name, neither, ARRAY_SIZE(neither)))
		return 0;
	if (s->drop_count == NAT64_STATS_MAX)
		return -E2BIG;
	drop_add(s, name, value);
	return 0;
}

static bool is_name(const char *s)
{
	size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return len && !s[len] && len < 48;
}

int nat64_stats_parse(const char *text, size_t len, struct nat64_stats *ret)
{
	_cleanup_free_ struct nat64_stats *s = calloc(1, sizeof(*s));
	struct csv c = csv_init(text, len);
	int rc;

	if (!s)
		return -ENOMEM;
	while ((rc = next(&c)) > 0) {
		const char *name = c.field[0];
		uint64_t value;

		if (c.count < 2)
			return -EBADMSG;
		if (!strcmp(name, "Stat"))
			continue;
		if (strncmp(name, "JSTAT", 5))
			return -EBADMSG;
		name += name[5] == '_' ? 6 : 5;
		if (!is_name(name) || str_to_u64(c.field[1], 0, UINT64_MAX, &value))
			return -EBADMSG;
		rc = stat_take(s, name, value);
		if (rc)
			return rc;
	}
	if (rc)
		return rc;
	*ret = *s;
	return 0;
}

/* --- pool4 --------------------------------------------------------------------------------- */

/* Mark,Protocol,Address,Min port,Max port,Iterations,Iterations fixed */
static int pool4_line(const struct csv *c, struct nat64_range *ret)
{
	struct nat64_range r = { 0 };
	uint64_t mark, first, last;

	if (c->count < 5)
		return -EBADMSG;
	for (unsigned p = 0; p < NAT64_PROTOS; p++)
		if (!strcasecmp(c->field[1], nat64_proto_name((enum nat64_proto)p)))
			r.protos = (uint8_t)(1u << p);
	if (!r.protos || str_to_u64(c->field[0], 0, UINT32_MAX, &mark) ||
	    ip4_parse(c->field[2], &r.addr) || str_to_u64(c->field[3], 0, 65535, &first) ||
	    str_to_u64(c->field[4], first, 65535, &last))
		return -EBADMSG;
	r.first = (uint16_t)first;
	r.last = (uint16_t)last;
	*ret = r;
	return 0;
}

int nat64_pool4_parse(const char *text, size_t len, struct nat64_ranges *ret)
{
	_cleanup_free_ struct nat64_range *all = NULL;
	struct csv c = csv_init(text, len);
	unsigned n = 0, cap = 0;
	int rc;

	while ((rc = next(&c)) > 0) {
		if (!strcmp(c.field[0], "Mark"))
			continue;
		if (n == cap) {
			struct nat64_range *more = realloc(all, (cap + 64) * sizeof(*all));

			if (!more)
				return -ENOMEM;
			all = more;
			cap += 64;
		}
		rc = pool4_line(&c, &all[n]);
		if (rc)
			return rc;
		n++;
	}
	return rc ? rc : nat64_ranges_normal(all, n, ret);
}

/* --- global, instance ---------------------------------------------------------------------- */

static int bool_parse(const char *s, bool *ret)
{
	*ret = !strcasecmp(s, "TRUE");
	return *ret || !strcasecmp(s, "FALSE") ? 0 : -EBADMSG;
}

static int global_line(const struct csv *c, struct nat64_global *g, unsigned *seen)
{
	const char *name = c->field[0], *value = c->count > 1 ? c->field[1] : "";
	uint64_t n;

	if (!strcmp(name, "manually-enabled")) {
		*seen |= 1;
		return bool_parse(value, &g->enabled);
	}
	if (!strcmp(name, "logging-bib")) {
		*seen |= 2;
		return bool_parse(value, &g->log);
	}
	if (!strcmp(name, "pool6")) {
		*seen |= 4;
		return prefix6_parse(value, &g->pool6) ? -EBADMSG : 0;
	}
	if (!strcmp(name, "lowest-ipv6-mtu")) {
		*seen |= 8;
		if (str_to_u64(value, 0, UINT32_MAX, &n))
			return -EBADMSG;
		g->lowest_mtu = (uint32_t)n;
	}
	return 0;
}

int nat64_global_parse(const char *text, size_t len, struct nat64_global *ret)
{
	struct csv c = csv_init(text, len);
	struct nat64_global g = { 0 };
	unsigned seen = 0;
	int rc;

	while ((rc = next(&c)) > 0) {
		rc = global_line(&c, &g, &seen);
		if (rc)
			return rc;
	}
	if (rc || seen != 15)
		return -EBADMSG;
	*ret = g;
	return 0;
}

int nat64_framework_parse(const char *text, size_t len, const char *label, bool *ret_iptables)
{
	struct csv c = csv_init(text, len);
	int rc;

	while ((rc = next(&c)) > 0) {
		if (c.count < 3)
			return -EBADMSG;
		if (strcmp(c.field[1], label))
			continue;
		*ret_iptables = !strcmp(c.field[2], "iptables");
		return *ret_iptables || !strcmp(c.field[2], "netfilter") ? 0 : -EBADMSG;
	}
	return rc ? rc : -ENOENT;
}
