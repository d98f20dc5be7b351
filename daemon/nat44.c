// SPDX-License-Identifier: GPL-2.0-or-later
/* NAT44's table: nat44.h. */
#include "daemon/nat44_priv.h"
#include "daemon/nat44_stat.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nat44_table(char ret[NFT_TABLE_MAX], const char *instance)
{
	snprintf(ret, NFT_TABLE_MAX, "brasberry-%s-nat44", instance);
}

static void way_write(const struct config *c, struct sbuf *out)
{
	sbuf_printf(out, "iifname \"%s\" ", c->subscriber.device);
	if (*c->nat44.masquerade)
		sbuf_printf(out, "oifname \"%s\" ", c->nat44.masquerade);
	else
		sbuf_printf(out, "oifname != \"%s\" ", c->subscriber.device);
}

static void rule_write(const struct config *c, struct sbuf *out)
{
	char a[IP4_STRLEN], b[IP4_STRLEN];
	const struct config_pool *p = c->nat44.pools;

	way_write(c, out);
	if (c->nat44.block) {
		sbuf_printf(out, "meta l4proto { tcp, udp, icmp, gre } "
				 "snat ip to ip saddr map @blocks");
		return;
	}
	if (!c->nat44.pool_count) {
		sbuf_printf(out, "counter masquerade");
		return;
	}
	sbuf_printf(out, "counter snat to %s", ip4_str(a, p->first));
	if (p->first != p->last)
		sbuf_printf(out, "-%s persistent", ip4_str(b, p->last));
}

/* What has no block, or no ports, must not be seen with a line's own address. */
static void drop_write(const struct config *c, struct sbuf *out)
{
	char a[IP4_STRLEN], b[IP4_STRLEN];

	if (!c->nat44.block || !c->ip_pool.pool_count)
		return;
	sbuf_printf(out, "\n\t\t");
	way_write(c, out);
	sbuf_printf(out, "ip saddr {");
	for (unsigned i = 0; i < c->ip_pool.pool_count; i++)
		sbuf_printf(out, "%s %s-%s", i ? "," : "", ip4_str(a, c->ip_pool.pools[i].first),
			    ip4_str(b, c->ip_pool.pools[i].last));
	sbuf_printf(out, " } counter drop comment \"no block\"");
}

static bool mark_write(const struct config *c, char ret[NFT_MARK_MAX])
{
	struct sbuf rule = { 0 };

	if (!nat44_is_wanted(c))
		return false;
	rule_write(c, &rule);
	drop_write(c, &rule);
	nft_mark(ret, &rule);
	sbuf_fini(&rule);
	return true;
}

bool nat44_write(const struct config *c, const char *instance, const char *elements,
		 struct sbuf *out)
{
	char table[NFT_TABLE_MAX], mark[NFT_MARK_MAX];

	if (!mark_write(c, mark))
		return false;
	nat44_table(table, instance);
	sbuf_printf(out, "add table ip %s\ndelete table ip %s\ntable ip %s {\n", table, table,
		    table);
	if (c->nat44.block)
		sbuf_printf(out, "\tmap blocks {\n\t\ttype ipv4_addr : interval ipv4_addr . "
				 "inet_service\n");
	if (c->nat44.block && elements && *elements)
		sbuf_printf(out, "\t\telements = { %s }\n", elements);
	sbuf_printf(out,
		    "%s\tchain postrouting {\n\t\ttype nat hook postrouting priority srcnat\n\t\t",
		    c->nat44.block ? "\t}\n" : "");
	rule_write(c, out);
	sbuf_printf(out, " comment \"%s\"", mark);
	drop_write(c, out);
	sbuf_printf(out, "\n\t}\n}\n");
	return true;
}

/* -ENOENT: there is none. */
static int table_list(const struct daemon *d, struct sbuf *out)
{
	char table[NFT_TABLE_MAX], text[NFT_TABLE_MAX + 32];

	nat44_table(table, d->instance);
	snprintf(text, sizeof(text), "list table ip %s", table);
	return nft_do(text, out) ? -ENOENT : 0;
}

int nat44_untranslated(const struct daemon *d, uint64_t *ret)
{
	struct sbuf out = { 0 };
	int rc = table_list(d, &out);

	rc = rc || !out.p ? -ENOENT : nat44_stat_untranslated(out.p, ret);
	sbuf_fini(&out);
	return rc;
}

static bool is_there(const struct daemon *d)
{
	struct sbuf out = { 0 };
	char mark[NFT_MARK_MAX];
	bool there;

	there = mark_write(d->config, mark) && !table_list(d, &out) && out.p &&
		strstr(out.p, mark) && strstr(out.p, "hook postrouting") &&
		nat44_blocks_agree(d, out.p);
	sbuf_fini(&out);
	return there;
}

static int put(struct daemon *d)
{
	struct sbuf text = { 0 }, elements = { 0 };
	int rc;

	nat44_blocks_write(d, &elements);
	(void)nat44_write(d->config, d->instance, elements.p, &text);
	rc = nft_put(&text, "NAT44", "nf_tables and nft_nat");
	sbuf_fini(&elements);
	sbuf_fini(&text);
	return rc;
}

static void take_away(struct daemon *d)
{
	char table[NFT_TABLE_MAX], text[NFT_TABLE_MAX + 32];

	nat44_table(table, d->instance);
	snprintf(text, sizeof(text), "delete table ip %s", table);
	(void)nft_do(text, NULL);
}

bool nat44_is_wanted(const struct config *c)
{
	return *c->nat44.masquerade || c->nat44.pool_count;
}

int nat44_setup(struct daemon *d)
{
	struct sbuf out = { 0 };
	int rc = 0, found = table_list(d, &out);

	if (nat44_is_wanted(d->config)) {
		rc = nat44_blocks_setup(d, found || !out.p ? "" : out.p);
	} else if (!found) { /* one of a process before us, with another configuration */
		take_away(d);
		log_notice("NAT44: off");
	}
	sbuf_fini(&out);
	return rc;
}

int nat44_begin(struct daemon *d)
{
	nat44_blocks_adopted(d);
	return !nat44_is_wanted(d->config) || is_there(d) ? 0 : put(d);
}

void nat44_look(struct daemon *d)
{
	if (!nat44_is_wanted(d->config))
		return;
	nat44_blocks_address(d);
	if (!is_there(d) && !put(d))
		log_warn("NAT44: somebody has taken our table away: it is back");
}

void nat44_teardown(struct daemon *d)
{
	if (d->config && nat44_is_wanted(d->config) && !d->leaving)
		take_away(d);
	nat44_blocks_teardown(d);
}
