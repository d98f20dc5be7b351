// SPDX-License-Identifier: GPL-2.0-or-later
/* NAT44: nat44.h. */
#include "daemon/nat44.h"

#include "base/log.h"
#include "base/siphash.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void nat44_table(char ret[NFT_TABLE_MAX], const char *instance)
{
	snprintf(ret, NFT_TABLE_MAX, "brasberry-%s-nat44", instance);
}

static void rule_write(const struct config *c, struct sbuf *out)
{
	char a[IP4_STRLEN], b[IP4_STRLEN];
	const struct config_pool *p = c->nat44.pools;

	sbuf_printf(out, "iifname \"%s\" ", c->subscriber.device);
	if (*c->nat44.masquerade)
		sbuf_printf(out, "oifname \"%s\" ", c->nat44.masquerade);
	else
		sbuf_printf(out, "oifname != \"%s\" ", c->subscriber.device);
	if (!c->nat44.pool_count) {
		sbuf_printf(out, "counter masquerade");
		return;
	}
	sbuf_printf(out, "counter snat to %s", ip4_str(a, p->first));
	if (p->first != p->last)
		sbuf_printf(out, "-%s persistent", ip4_str(b, p->last));
}

/* Not against an enemy: whoever may write rules may write this one. */
static uint64_t hash_of(const char *rule, size_t len)
{
	static const struct siphash_key key = { 0 };

	return siphash(&key, rule, len);
}

static bool mark_write(const struct config *c, char *ret, size_t len)
{
	struct sbuf rule = { 0 };

	if (!*c->nat44.masquerade && !c->nat44.pool_count)
		return false;
	rule_write(c, &rule);
	snprintf(ret, len, "made by brasd, %016" PRIx64, hash_of(rule.p, rule.len));
	sbuf_fini(&rule);
	return true;
}

bool nat44_write(const struct config *c, const char *instance, struct sbuf *out)
{
	char table[NFT_TABLE_MAX], mark[48];

	if (!mark_write(c, mark, sizeof(mark)))
		return false;
	nat44_table(table, instance);
	sbuf_printf(out,
		    "add table ip %s\ndelete table ip %s\ntable ip %s {\n"
		    "\tchain postrouting {\n\t\ttype nat hook postrouting priority srcnat\n\t\t",
		    table, table, table);
	rule_write(c, out);
	sbuf_printf(out, " comment \"%s\"\n\t}\n}\n", mark);
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

static bool is_there(const struct daemon *d)
{
	struct sbuf out = { 0 };
	char mark[48];
	bool there;

	there = mark_write(d->config, mark, sizeof(mark)) && !table_list(d, &out) && out.p &&
		strstr(out.p, mark) && strstr(out.p, "hook postrouting");
	sbuf_fini(&out);
	return there;
}

static int put(struct daemon *d)
{
	struct sbuf text = { 0 }, said = { 0 };
	int rc;

	(void)nat44_write(d->config, d->instance, &text);
	rc = nft_do(text.p, &said);
	if (rc)
		log_error("NAT44: nftables refuses it: %s",
			  said.p ? said.p : "does this kernel have nf_tables and nft_nat?");
	sbuf_fini(&text);
	sbuf_fini(&said);
	return rc;
}

static void take_away(struct daemon *d)
{
	char table[NFT_TABLE_MAX], text[NFT_TABLE_MAX + 32];

	nat44_table(table, d->instance);
	snprintf(text, sizeof(text), "delete table ip %s", table);
	(void)nft_do(text, NULL);
}

static bool is_wanted(const struct daemon *d)
{
	return *d->config->nat44.masquerade || d->config->nat44.pool_count;
}

int nat44_setup(struct daemon *d)
{
	struct sbuf out = { 0 };

	if (!is_wanted(d)) { /* one of a process before us, with another configuration */
		if (!table_list(d, &out)) {
			take_away(d);
			log_notice("NAT44: off");
		}
		sbuf_fini(&out);
		return 0;
	}
	return is_there(d) ? 0 : put(d);
}

void nat44_look(struct daemon *d)
{
	if (!is_wanted(d) || is_there(d))
		return;
	if (!put(d))
		log_warn("NAT44: somebody has taken our table away: it is back");
}

void nat44_teardown(struct daemon *d)
{
	if (d->config && is_wanted(d) && !d->leaving)
		take_away(d);
}
