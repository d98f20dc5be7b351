// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/connections.h"

#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/nat64.h"
#include "daemon/nft.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SET_FRAMED   65536   /* addresses of framed routes */
#define SET_SESSIONS 1048576 /* of Jool, of UDP and of ping */

static void table_name(char ret[NFT_TABLE_MAX], const char *instance)
{
	snprintf(ret, NFT_TABLE_MAX, "brasberry-%s-connections", instance);
}

static void mask_write(unsigned plen, struct sbuf *out)
{
	char text[IP6_STRLEN];
	struct ip6 mask = { 0 };

	for (unsigned i = 0; i < plen; i++)
		mask.b[i / 8] |= (uint8_t)(0x80 >> i % 8);
	sbuf_printf(out, "%s", ip6_str(text, &mask));
}

static void rules6_write(const struct config *c, struct sbuf *out)
{
	const struct config_prefix_pool *p;
	char prefix[PREFIX_STRLEN];

	for (unsigned i = 0; i < c->ipv6_pool.delegate_count; i++) {
		p = &c->ipv6_pool.delegates[i];
		prefix6_str(prefix, &p->prefix);
		sbuf_printf(out, "\t\tip6 saddr %s add @lines6 { ip6 saddr & ", prefix);
		mask_write(p->plen, out);
		sbuf_printf(out, " ct count over %u } counter drop\n\t\tip6 saddr %s return\n",
			    c->subscriber.connections, prefix);
	}
	sbuf_printf(out,
		    "\t\tmeta nfproto ipv6 add @lines6 { ip6 saddr & ffff:ffff:ffff:ffff:: "
		    "ct count over %u } counter drop\n",
		    c->subscriber.connections);
}

/* --- Jool ------------------------------------------------------------------------------------ */

/* Of a line as rules6_write() has it: one of @delegate's prefixes; NULL: its /64. */
static void begun_write(const struct config *c, const struct config_prefix_pool *delegate,
			struct sbuf *out)
{
	unsigned max = c->subscriber.connections;
	char prefix[PREFIX_STRLEN];

	sbuf_printf(out, "\t\t");
	if (delegate)
		sbuf_printf(out, "ip6 saddr %s ", prefix6_str(prefix, &delegate->prefix));
	sbuf_printf(out, "update @begun { ip6 saddr & ");
	mask_write(delegate ? delegate->plen : 64, out);
	sbuf_printf(out, " limit rate over %u/minute burst %u packets } counter drop\n",
		    max / 5 ? max / 5 : 1, max);
	if (delegate)
		sbuf_printf(out, "\t\tip6 saddr %s goto remember\n", prefix);
}

#define UDP_OF	"ip6 saddr . udp sport . ip6 daddr . udp dport"
#define PING_OF "ip6 saddr . ip6 daddr . icmpv6 id"

/*
 * Jool takes a packet before conntrack has confirmed it, so there is nothing to count. In place of
 * that a line has a bucket of beginnings: a SYN is one, and UDP or a ping of a session that it has
 * not used for as long as Jool remembers it (RFC 6146, section 4: UDP_DEFAULT, ICMP_DEFAULT). The
 * bucket fills again in the longer of these times, five minutes.
 */
static void translated_write(const struct config *c, struct sbuf *out)
{
	sbuf_printf(out,
		    "\tset begun {\n\t\ttype ipv6_addr\n\t\tsize %u\n"
		    "\t\tflags dynamic, timeout\n\t\ttimeout 10m\n\t}\n"
		    "\tset datagrams {\n\t\ttypeof " UDP_OF "\n\t\tsize %u\n"
		    "\t\tflags dynamic, timeout\n\t\ttimeout 5m\n\t}\n"
		    "\tset pings {\n\t\ttypeof " PING_OF "\n\t\tsize %u\n"
		    "\t\tflags dynamic, timeout\n\t\ttimeout 1m\n\t}\n",
		    SET_FRAMED + 4 * c->pppoe.max_sessions, SET_SESSIONS, SET_SESSIONS);
	sbuf_printf(out, "\tchain remember {\n"
			 "\t\tadd @datagrams { " UDP_OF " }\n"
			 "\t\tadd @pings { " PING_OF " }\n"
			 "\t}\n"
			 "\tchain translated {\n"
			 "\t\t" UDP_OF " @datagrams update @datagrams { " UDP_OF " } return\n"
			 "\t\ticmpv6 type echo-request " PING_OF " @pings update @pings { " PING_OF
			 " } return\n"
			 "\t\ttcp flags & (syn | ack) != syn return\n"
			 "\t\tmeta l4proto != { tcp, udp } icmpv6 type != echo-request return\n");
	for (unsigned i = 0; i < c->ipv6_pool.delegate_count; i++)
		begun_write(c, &c->ipv6_pool.delegates[i], out);
	begun_write(c, NULL, out);
	sbuf_printf(out, "\t\tgoto remember\n\t}\n");
}

/* All but the first rule, which has the mark. */
static void rules_write(const struct config *c, bool jool, struct sbuf *out)
{
	char pool6[PREFIX_STRLEN];

	if (jool)
		sbuf_printf(out, "\t\tip6 daddr %s jump translated\n",
			    prefix6_str(pool6, &c->nat64.pool6));
	sbuf_printf(
		out,
		"\t\tct state != new return\n"
		"\t\tmeta nfproto ipv4 add @lines4 { ip saddr ct count over %u } counter drop\n",
		c->subscriber.connections);
	rules6_write(c, out);
}

static void mark_write(const struct config *c, bool jool, char ret[NFT_MARK_MAX])
{
	struct sbuf rules = { 0 };

	sbuf_printf(&rules, "%s %u\n", c->subscriber.device, c->pppoe.max_sessions);
	rules_write(c, jool, &rules);
	if (jool)
		translated_write(c, &rules);
	nft_mark(ret, &rules);
	sbuf_fini(&rules);
}

static void set_write(const struct config *c, const char *name, const char *type, struct sbuf *out)
{
	sbuf_printf(out, "\tset %s {\n\t\ttype %s\n\t\tsize %u\n\t\tflags dynamic\n\t}\n", name,
		    type, SET_FRAMED + 4 * c->pppoe.max_sessions);
}

bool connections_write(const struct config *c, const char *instance, bool jool, struct sbuf *out)
{
	char table[NFT_TABLE_MAX], mark[NFT_MARK_MAX];

	if (!c->subscriber.connections)
		return false;
	table_name(table, instance);
	mark_write(c, jool, mark);
	sbuf_printf(out, "add table inet %s\ndelete table inet %s\ntable inet %s {\n", table, table,
		    table);
	set_write(c, "lines4", "ipv4_addr", out);
	set_write(c, "lines6", "ipv6_addr", out);
	if (jool)
		translated_write(c, out);
	sbuf_printf(out,
		    "\tchain prerouting {\n"
		    "\t\ttype filter hook prerouting priority mangle\n"
		    "\t\tiifname != \"%s\" return comment \"%s\"\n",
		    c->subscriber.device, mark);
	rules_write(c, jool, out);
	sbuf_printf(out, "\t}\n}\n");
	return true;
}

int connections_refused(const char *listing, uint64_t *ret)
{
	if (!strstr(listing, "hook prerouting") || !strstr(listing, "made by brasd"))
		return -ENOENT;
	*ret = nft_packets(listing);
	return 0;
}

/* --- the kernel's table ---------------------------------------------------------------------- */

/* -ENOENT: there is none. */
static int chain_list(const struct daemon *d, const char *chain, struct sbuf *out)
{
	char table[NFT_TABLE_MAX], text[NFT_TABLE_MAX + 64];

	table_name(table, d->instance);
	/* The chain: the sets have an element for each line. */
	snprintf(text, sizeof(text), "list chain inet %s %s", table, chain);
	return nft_do(text, out) || !out->p ? -ENOENT : 0;
}

static bool is_there(const struct daemon *d)
{
	bool jool = nat64_may_be_jool(d), there;
	struct sbuf out = { 0 };
	char mark[NFT_MARK_MAX];

	mark_write(d->config, jool, mark);
	there = !chain_list(d, "prerouting", &out) && strstr(out.p, mark) &&
		strstr(out.p, "hook prerouting");
	sbuf_fini(&out);
	if (there && jool)
		there = !chain_list(d, "translated", &out) && strstr(out.p, "@begun");
	sbuf_fini(&out);
	return there;
}

static int put(const struct daemon *d)
{
	struct sbuf text = { 0 };
	int rc;

	(void)connections_write(d->config, d->instance, nat64_may_be_jool(d), &text);
	rc = nft_put(&text, "[subscriber] connections", "nft_connlimit");
	sbuf_fini(&text);
	return rc;
}

static void take_away(const struct daemon *d)
{
	char table[NFT_TABLE_MAX], text[NFT_TABLE_MAX + 32];

	table_name(table, d->instance);
	snprintf(text, sizeof(text), "delete table inet %s", table);
	(void)nft_do(text, NULL);
}

int connections_setup(struct daemon *d)
{
	struct sbuf out = { 0 };
	int rc = 0;

	if (d->config->subscriber.connections)
		rc = is_there(d) ? 0 : put(d);
	else if (!chain_list(d, "prerouting", &out)) /* a process before us had a limit */
		take_away(d);
	sbuf_fini(&out);
	return rc;
}

void connections_look(struct daemon *d)
{
	if (d->config->subscriber.connections && !is_there(d) && !put(d))
		log_warn("[subscriber] connections: somebody has taken our table away: it is back");
}

void connections_teardown(struct daemon *d)
{
	if (d->config && d->config->subscriber.connections && !d->leaving)
		take_away(d);
}

void connections_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };
	struct sbuf out = { 0 };
	uint64_t refused = 0;

	(void)argc, (void)argv;
	if (d->config->subscriber.connections && !chain_list(d, "prerouting", &out)) {
		(void)connections_refused(out.p, &refused);
		sbuf_fini(&out);
		if (nat64_may_be_jool(d) && !chain_list(d, "translated", &out))
			refused += nft_packets(out.p);
	}
	json_open(&j, NULL, '{');
	json_u64(&j, "max", d->config->subscriber.connections);
	json_u64(&j, "refused", refused);
	json_close(&j, '}');
	control_done(r);
	sbuf_fini(&out);
}
