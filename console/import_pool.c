// SPDX-License-Identifier: GPL-2.0-or-later
/* Pools and RADIUS servers of accel-ppp: values of several fields. */
#include "console/import_row.h"

#include <errno.h>
#include <string.h>

/* Splits at the first comma: the length of what is before it. */
static const char *after_comma(const char *value, size_t *len)
{
	*len = strcspn(value, ",");
	return value[*len] ? value + *len + 1 : NULL;
}

/* "name=NAME", or NAME alone; next= and allocator= have no like of ours. */
static int pool_name(struct import *im, const char *rest, char name[64])
{
	name[0] = '\0';
	while (rest) {
		size_t len;
		const char *field = rest + strspn(rest, " \t");

		rest = after_comma(field, &len);
		if (!strncmp(field, "next=", 5))
			import_differ(im, "next= is left out: give the two pools one name");
		else if (!strncmp(field, "allocator=", 10))
			import_differ(im, "allocator= is left out: each line has one address");
		else if (len > 5 && !strncmp(field, "name=", 5) && len - 5 < 64)
			snprintf(name, 64, "%.*s", (int)(len - 5), field + 5);
		else if (len && len < 64 && !memchr(field, '=', len))
			snprintf(name, 64, "%.*s", (int)len, field);
		else
			return import_refuse(im, "an option of the pool that is not known");
	}
	return strpbrk(name, " \t#\"\\") ? import_refuse(im, "not a pool's name") : 0;
}

/* "a.b.c.d/m" or "a.b.c.x-y": the last part of the address runs from x to y. */
static int range_parse(const char *s, uint32_t *first, uint32_t *last)
{
	const char *dash = strchr(s, '-');
	struct prefix4 p;
	char buf[32];
	uint64_t y;

	if (!dash) {
		if (prefix4_parse(s, &p))
			return -EINVAL;
		*first = p.addr;
		*last = p.len ? p.addr | (uint32_t)(0xffffffffull >> p.len) : 0xffffffff;
		return 0;
	}
	if ((size_t)(dash - s) >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, s, (size_t)(dash - s));
	buf[dash - s] = '\0';
	if (ip4_parse(buf, first) || str_to_u64(dash + 1, *first & 0xff, 255, &y))
		return -EINVAL;
	*last = (*first & 0xffffff00) | (uint32_t)y;
	return 0;
}

int import_ip_range(struct import *im, const struct import_row *row, const char *value)
{
	char range[64], name[64], text[256], a[IP4_STRLEN], b[IP4_STRLEN];
	uint32_t first, last;
	size_t len;
	const char *rest = after_comma(value, &len);
	int r = pool_name(im, rest, name);

	if (r)
		return r;
	snprintf(range, sizeof(range), "%.*s", (int)len, value);
	if (len >= sizeof(range) || range_parse(range, &first, &last))
		return import_refuse(im, "not a range of addresses");
	for (unsigned i = 0; i < im->range_count; i++)
		if (first <= im->range[i].last && im->range[i].first <= last)
			return import_refuse(im,
					     "overlaps a pool above; an address is of one pool");
	if (im->range_count == IMPORT_RANGES)
		return import_refuse(im, "too many pools");
	im->range[im->range_count].first = first;
	im->range[im->range_count++].last = last;
	snprintf(text, sizeof(text), "%s-%s%s%s", ip4_str(a, first), ip4_str(b, last),
		 *name ? ",name=" : "", name);
	import_put(im, row->to, row->to_key, text);
	return 0;
}

/* "PREFIX/LENGTH,LENGTH-OF-EACH[,name=NAME]" of addresses and of delegated prefixes. */
int import_prefix(struct import *im, const struct import_row *row, const char *value)
{
	char prefix[64], each[8], name[64], text[256];
	struct prefix6 p;
	uint64_t plen;
	size_t len, plen_len;
	const char *rest = after_comma(value, &len), *options;
	int r;

	if (!rest)
		return import_refuse(im, "no length for each line");
	options = after_comma(rest, &plen_len);
	snprintf(prefix, sizeof(prefix), "%.*s", (int)len, value);
	snprintf(each, sizeof(each), "%.*s", (int)plen_len, rest);
	r = pool_name(im, options, name);
	if (r)
		return r;
	if (len >= sizeof(prefix) || prefix6_parse(prefix, &p) ||
	    str_to_u64(each, p.len, 64, &plen))
		return import_refuse(im, "not a prefix, with no bits set behind it, and a length");
	if (!strcmp(row->to_key, "prefix") && plen != 64)
		return import_refuse(im, "a line's own prefix has 64 bits");
	for (unsigned i = 0; i < im->prefix_count; i++)
		if (prefix6_overlap(&im->prefix[i], &p))
			return import_refuse(im, "overlaps a pool above; a prefix is of one pool");
	if (im->prefix_count == IMPORT_RANGES)
		return import_refuse(im, "too many pools");
	im->prefix[im->prefix_count++] = p;
	snprintf(text, sizeof(text), "%s,%s%s%s", prefix, each, *name ? ",name=" : "", name);
	import_put(im, row->to, row->to_key, text);
	return 0;
}

/* An option of a server that ours has for all servers. */
static bool server_global(struct import *im, const char *field, size_t len, const char *name,
			  uint64_t max)
{
	size_t n = strlen(name);
	char text[16];
	uint64_t v;

	if (len <= n || strncmp(field, name, n) || field[n] != '=' || len - n - 1 >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(len - n - 1), field + n + 1);
	if (str_to_u64(text, 1, max, &v) || import_has(im, TO_RADIUS, name))
		return false;
	import_put(im, TO_RADIUS, name, text);
	import_differ(im, "%s= holds for all servers", name);
	return true;
}

static bool server_kept(const char *field, size_t len)
{
	static const char *const kept[] = { "auth-port=", "acct-port=", "weight=" };

	for (unsigned i = 0; i < ARRAY_SIZE(kept); i++)
		if (len > strlen(kept[i]) && !strncmp(field, kept[i], strlen(kept[i])))
			return true;
	return len == 6 && !strncmp(field, "backup", 6);
}

int import_server(struct import *im, const struct import_row *row, const char *value)
{
	char address[64], secret[256];
	size_t len, secret_len;
	const char *rest = after_comma(value, &len);
	struct sbuf text = { 0 };
	struct ip6 ip6;
	uint32_t ip4;

	snprintf(address, sizeof(address), "%.*s", (int)len, value);
	if (!rest || len >= sizeof(address) ||
	    (ip4_parse(address, &ip4) && ip6_parse(address, &ip6)))
		return import_refuse(im, "ours is ADDRESS,SECRET (names are not resolved)");
	value = after_comma(rest, &secret_len);
	if (!secret_len || secret_len >= sizeof(secret))
		return import_refuse(im, "no secret, or one that is too long");
	snprintf(secret, sizeof(secret), "%.*s", (int)secret_len, rest);
	sbuf_printf(&text, "%s,", address);
	import_quote(&text, secret);
	for (rest = value; rest; rest = value) {
		value = after_comma(rest, &len);
		if (server_kept(rest, len))
			sbuf_printf(&text, ",%.*s", (int)len, rest);
		else if (!server_global(im, rest, len, "req-limit", 256) &&
			 !server_global(im, rest, len, "fail-timeout", 3600))
			import_differ(im, "an option is left out (%.*s)", (int)strcspn(rest, "=,"),
				      rest);
	}
	if (!text.bad)
		import_put(im, row->to, row->to_key, text.p);
	sbuf_fini(&text);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}
