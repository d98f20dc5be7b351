// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tayga (RFC 7915, stateless): each host of the subscribers' gets a private address of `hosts`,
 * and nft's masquerade gives those the addresses and ports of pool4. So it works where no module
 * can be loaded. What Jool has and this has not: hairpinning, and mappings that do not depend on
 * the destination (RFC 4787), because conntrack's do.
 */
#include "nat64/nat64.h"

#include "base/siphash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- tayga.conf ---------------------------------------------------------------------------- */

/* tayga's ICMPv6 errors need a sender. With the well-known prefix that cannot be a private address
 * (RFC 6052, section 3.1), and tayga takes nothing of 64:ff9b::/32: it is unique local (RFC 4193),
 * and nobody has to reach it. */
static void own_address(const struct nat64_config *c, uint32_t ip4, struct sbuf *out)
{
	struct ip6 a = { .b = { 0xfd, 0x64, 0xff, 0x9b } };
	char text[IP6_STRLEN];

	if (!nat64_is_well_known(&c->pool6))
		return;
	for (unsigned i = 0; i < 4; i++)
		a.b[12 + i] = (uint8_t)(ip4 >> (24 - 8 * i));
	sbuf_printf(out, "ipv6-addr %s\n", ip6_str(text, &a));
}

void nat64_tayga_write(const struct nat64_config *c, struct sbuf *out)
{
	char ip4[IP4_STRLEN], prefix[PREFIX_STRLEN];

	sbuf_printf(out, "# made by brasd; changes are lost\n");
	sbuf_printf(out, "tun-device %s\n", c->device);
	sbuf_printf(out, "ipv4-addr %s\n", ip4_str(ip4, c->hosts.addr + 1));
	own_address(c, c->hosts.addr + 1, out);
	sbuf_printf(out, "prefix %s\n", prefix6_str(prefix, &c->pool6));
	sbuf_printf(out, "dynamic-pool %s\n", prefix4_str(prefix, &c->hosts));
	sbuf_printf(out, "data-dir %s\n", c->data_dir);
}

struct prefix4 nat64_tayga_route4(const struct nat64_config *c)
{
	return c->hosts;
}

/* --- nft ----------------------------------------------------------------------------------- */

static void range_text(const struct nat64_range *r, const char *between, struct sbuf *out)
{
	char addr[IP4_STRLEN];

	sbuf_printf(out, "%s%s%u-%u", ip4_str(addr, r->addr), between, r->first, r->last);
}

/* A host keeps the range that its address falls to: other addresses in the middle of what belongs
 * together upset servers (RFC 6888, REQ-2: paired pooling). */
static void snat(const struct nat64_config *c, enum nat64_proto p, struct sbuf *out)
{
	unsigned n = 0, i;
	char hosts[PREFIX_STRLEN];

	for (i = 0; i < c->pool4_count; i++)
		n += !!(c->pool4[i].protos & 1u << p);
	if (!n)
		return;
	sbuf_printf(out, "\t\tip saddr %s meta l4proto %s counter name flows snat ip to ",
		    prefix4_str(hosts, &c->hosts), nat64_proto_name(p));
	if (n > 1)
		sbuf_printf(out, "jhash ip saddr mod %u map { ", n);
	for (i = 0, n = n > 1 ? 0 : UINT32_MAX; i < c->pool4_count; i++) {
		if (!(c->pool4[i].protos & 1u << p))
			continue;
		if (n == UINT32_MAX) {
			range_text(&c->pool4[i], ":", out);
			continue;
		}
		sbuf_printf(out, "%s%u : ", n ? ", " : "", n);
		range_text(&c->pool4[i], " . ", out);
		n++;
	}
	sbuf_printf(out, n == UINT32_MAX ? "\n" : " }\n");
}

static void guard(const struct nat64_config *c, struct sbuf *out)
{
	char pool6[PREFIX_STRLEN];

	/* Whoever can route here could use us as a relay, with our addresses. Before conntrack. All that
	 * comes in passes this rule: what ends it most often stands first. */
	sbuf_printf(out,
		    "\tcounter strangers { }\n"
		    "\tchain guard {\n"
		    "\t\ttype filter hook prerouting priority raw; policy accept;\n"
		    "\t\tip6 daddr %s iifname != \"%s\" iifname != \"lo\" counter name strangers drop\n"
		    "\t}\n",
		    prefix6_str(pool6, &c->pool6), c->subscribers);
}

static void masquerade(const struct nat64_config *c, struct sbuf *out)
{
	char hosts[PREFIX_STRLEN];

	sbuf_printf(out, "\tcounter flows { }\n"
			 "\tcounter no_pool4 { }\n"
			 "\tchain sources {\n"
			 "\t\ttype nat hook postrouting priority srcnat; policy accept;\n");
	for (unsigned p = 0; p < NAT64_PROTOS; p++)
		snat(c, (enum nat64_proto)p, out);
	/* A private address must not go out as it is. */
	sbuf_printf(out, "\t\tip saddr %s oifname != \"%s\" counter name no_pool4 drop\n\t}\n",
		    prefix4_str(hosts, &c->hosts), c->device);
}

static void body(const struct nat64_config *c, enum nat64_backend b, struct sbuf *out)
{
	if (c->subscribers)
		guard(c, out);
	if (b == NAT64_TAYGA)
		masquerade(c, out);
}

uint64_t nat64_nft_hash(const struct nat64_config *c, enum nat64_backend b)
{
	static const struct siphash_key key = { { 0x6e6674, 0x3634 } };
	struct sbuf text = { 0 };
	uint64_t hash;

	body(c, b, &text);
	hash = siphash(&key, text.p, text.len);
	sbuf_fini(&text);
	return hash ? hash : 1;
}

void nat64_nft_delete(const struct nat64_config *c, struct sbuf *out)
{
	char table[NAT64_TABLE_MAX];

	nat64_table(table, c->instance);
	sbuf_printf(out, "table inet %s\ndelete table inet %s\n", table, table);
}

void nat64_nft_write(const struct nat64_config *c, enum nat64_backend b, struct sbuf *out)
{
	char table[NAT64_TABLE_MAX];

	nat64_nft_delete(c, out);
	sbuf_printf(out, "table inet %s {\n\tcomment \"brasberry %016" PRIx64 "\"\n",
		    nat64_table(table, c->instance), nat64_nft_hash(c, b));
	body(c, b, out);
	sbuf_printf(out, "}\n");
}

/* --- what nft says ------------------------------------------------------------------------- */

/* The packets of "counter NAME { packets N bytes N }", over line ends; 0 where there is none. */
static uint64_t counter_of(const char *text, const char *name)
{
	char head[48];
	const char *p;
	uint64_t v;
	int n;

	snprintf(head, sizeof(head), "counter %s {", name);
	p = strstr(text, head);
	if (!p || sscanf(p + strlen(head), " packets %" SCNu64 " bytes%n", &v, &n) != 1)
		return 0;
	return v;
}

int nat64_nft_parse(const char *text, size_t len, struct nat64_nft *ret)
{
	_cleanup_free_ char *s = len < 1 << 20 ? malloc(len + 1) : NULL;
	static const char comment[] = "comment \"brasberry ";
	struct nat64_nft v = { 0 };
	const char *p;

	if (!s || (len && memchr(text, '\0', len)))
		return -EBADMSG;
	if (len)
		memcpy(s, text, len);
	s[len] = '\0';
	if (strncmp(s, "table inet ", 11) != 0)
		return -EBADMSG;
	p = strstr(s, comment);
	if (p && sscanf(p + sizeof(comment) - 1, "%16" SCNx64 "\"", &v.hash) != 1)
		v.hash = 0;
	v.no_pool4 = counter_of(s, "no_pool4");
	v.strangers = counter_of(s, "strangers");
	v.flows = counter_of(s, "flows");
	*ret = v;
	return 0;
}
