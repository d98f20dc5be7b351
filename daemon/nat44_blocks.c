// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A block of ports for each line: nat44.h. It is given with the IPv4 address, and is in the map
 * before the peer hears of that; it is taken back when the session ends. Each is one line of the
 *log and of the file, and no packet ever is:
 *
 *	2026-11-26T17:03:09Z begin 203.0.113.10 2048-3071 100.64.0.7 sid=12 alice
 */
#include "daemon/nat44_priv.h"

#include "base/json.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nat44 *nat44_of(const struct daemon *d)
{
	return d->nat44;
}

static bool item_of(const struct session *s, struct blocks_item *ret)
{
	ret->line = s->ip4;
	return blocks_of(&nat44_of(s->d)->blocks, s->slot, ret);
}

static void tell(const struct session *s, uint64_t now, const char *what)
{
	struct nat44 *n = s->d->nat44;
	char a[IP4_STRLEN], b[IP4_STRLEN], user[80];
	struct blocks_item i;

	if (!n->log || !item_of(s, &i))
		return;
	str_escape(user, sizeof(user), s->username ? s->username : "-",
		   s->username ? strlen(s->username) : 1);
	session_log(s, LOG_LEVEL_INFO, "NAT44: %s %s %u-%u %s", what, ip4_str(a, i.addr), i.first,
		    i.last, ip4_str(b, i.line));
	port_log_put(n->log, now, "%s %s %u-%u %s sid=%u %s", what, ip4_str(a, i.addr), i.first,
		     i.last, ip4_str(b, i.line), s->sid, user);
}

/* @verb: add or delete. */
static void map_change(struct daemon *d, const char *verb, const struct blocks_item *item)
{
	struct nat44 *n = d->nat44;
	struct sbuf text = { 0 }, said = { 0 };
	char table[NFT_TABLE_MAX];
	uint64_t suppressed;

	if (!n->blocks.first)
		return;
	nat44_table(table, d->instance);
	sbuf_printf(&text, "%s element ip %s blocks { ", verb, table);
	blocks_item_write(item, &text);
	sbuf_printf(&text, " }");
	if (nft_do(text.p, &said)) {
		n->refused++;
		if (log_limit_ok(&d->log_keep, loop_now(d->loop), &suppressed))
			log_error("NAT44: nftables refuses a block: %s", said.p ? said.p : "why?");
	}
	sbuf_fini(&text);
	sbuf_fini(&said);
}

int nat44_open(struct session *s, uint64_t now)
{
	struct nat44 *n = s->d->nat44;
	struct blocks_item item;
	int rc = n ? blocks_get(&n->blocks, s->slot) : 0;

	if (rc || !n || !item_of(s, &item))
		return rc;
	tell(s, now, "begin");
	map_change(s->d, "add", &item);
	return 0;
}

void nat44_adopt(struct session *s, uint64_t now)
{
	struct nat44 *n = s->d->nat44;
	const struct blocks_item *was;
	char name[160];

	if (!n || !s->ip4)
		return;
	was = blocks_find(n->before, n->before_count, s->ip4);
	if (was && !blocks_take(&n->blocks, s->slot, was))
		return;
	if (blocks_get(&n->blocks, s->slot))
		log_warn("%s: no block of ports is left", session_name(s, name, sizeof(name)));
	else
		tell(s, now, "begin"); /* the map has it with all others: nat44_begin() */
}

void nat44_close(struct session *s, uint64_t now)
{
	struct nat44 *n = s->d->nat44;
	struct blocks_item item;

	if (!n || !item_of(s, &item))
		return;
	map_change(s->d, "delete", &item);
	tell(s, now, "end");
	(void)blocks_put(&n->blocks, s->slot);
}

/* --- the whole map ------------------------------------------------------------------------- */

void nat44_blocks_write(const struct daemon *d, struct sbuf *out)
{
	struct blocks_item item;
	const struct session *s;

	if (!d->nat44 || !nat44_of(d)->blocks.first)
		return;
	for (uint32_t i = 0; (s = table_next((struct daemon *)d, &i));) {
		if (!item_of(s, &item))
			continue;
		if (out->len)
			sbuf_printf(out, ", ");
		blocks_item_write(&item, out);
	}
}

bool nat44_blocks_agree(const struct daemon *d, const char *listing)
{
	struct blocks_item *items, item;
	const struct blocks_item *there;
	const struct session *s;
	bool agree;
	size_t count;

	if (!d->nat44)
		return true;
	if (blocks_parse(listing, &items, &count))
		return true;
	agree = count == (nat44_of(d)->blocks.first ? nat44_of(d)->blocks.used : 0);
	for (uint32_t i = 0; agree && count && (s = table_next((struct daemon *)d, &i));) {
		if (!item_of(s, &item))
			continue;
		there = blocks_find(items, count, item.line);
		agree = there && there->addr == item.addr && there->first == item.first &&
			there->last == item.last;
	}
	free(items);
	return agree;
}

void nat44_blocks_address(struct daemon *d)
{
	struct nat44 *n = d->nat44;
	uint32_t addr = 0;
	char a[IP4_STRLEN];

	if (!n || d->config->nat44.pool_count)
		return;
	(void)nat44_address_of(d->config->nat44.masquerade, &addr);
	if (addr == n->blocks.first)
		return;
	if (!addr)
		log_warn("NAT44: %s has no IPv4 address", d->config->nat44.masquerade);
	else
		log_notice("NAT44: blocks are of %s", ip4_str(a, addr));
	n->blocks.first = addr;
}

/* --- life ---------------------------------------------------------------------------------- */

int nat44_blocks_setup(struct daemon *d, const char *listing)
{
	const struct config *c = d->config;
	const struct config_pool *p = c->nat44.pools;
	struct nat44 *n;
	int rc;

	if (!c->nat44.block)
		return 0;
	n = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	d->nat44 = n;
	rc = blocks_init(&n->blocks, c->nat44.pool_count ? p->first : 0,
			 c->nat44.pool_count ? p->last - p->first + 1 : 1, c->nat44.block,
			 d->table.max);
	nat44_blocks_address(d);
	rc = rc ? rc : blocks_parse(listing, &n->before, &n->before_count);
	if (!rc && *c->nat44.log) {
		rc = port_log_open(&n->log, "nat44", c->nat44.log, c->nat44.log_size);
		if (rc)
			log_error("[nat44] log: %s: %s", c->nat44.log, strerror(-rc));
	}
	return rc;
}

void nat44_blocks_adopted(struct daemon *d)
{
	struct nat44 *n = d->nat44;

	if (!n)
		return;
	free(n->before);
	n->before = NULL;
	n->before_count = 0;
}

void nat44_blocks_teardown(struct daemon *d)
{
	struct nat44 *n = d->nat44;

	if (!n)
		return;
	d->nat44 = NULL;
	port_log_close(n->log);
	blocks_fini(&n->blocks);
	free(n->before);
	free(n);
}

/* --- show nat44 ---------------------------------------------------------------------------- */

static void show_blocks(struct json *j, struct daemon *d)
{
	struct session *s;
	struct blocks_item item;
	char a[IP4_STRLEN], b[IP4_STRLEN];

	json_open(j, "lines", '[');
	for (uint32_t i = 0; d->nat44 && (s = table_next(d, &i));) {
		if (!item_of(s, &item))
			continue;
		json_open(j, NULL, '{');
		json_str(j, "username", s->username);
		json_u64(j, "sid", s->sid);
		json_str(j, "ip", ip4_str(a, item.line));
		json_str(j, "address",
			 item.addr && nat44_of(d)->blocks.first ? ip4_str(b, item.addr) : NULL);
		json_u64(j, "first", item.first);
		json_u64(j, "last", item.last);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* Of what cannot be told (no blocks, no such file): null. */
static void show_lost(struct json *j, struct daemon *d)
{
	uint64_t n;

	if (d->nat44 && !nat44_untranslated(d, &n))
		json_u64(j, "untranslated-packets", n);
	else
		json_null(j, "untranslated-packets");
	if (d->nat44 && !nat44_failed(&n))
		json_u64(j, "no-port-flows", n);
	else
		json_null(j, "no-port-flows");
}

void nat44_line_show(struct json *j, const struct session *s)
{
	struct blocks_item item;
	char text[IP4_STRLEN];

	if (!s->d->nat44 || !item_of(s, &item)) {
		json_null(j, "nat44");
		return;
	}
	json_open(j, "nat44", '{');
	json_str(j, "address",
		 item.addr && nat44_of(s->d)->blocks.first ? ip4_str(text, item.addr) : NULL);
	json_u64(j, "first", item.first);
	json_u64(j, "last", item.last);
	json_close(j, '}');
}

void nat44_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	const struct config *c = d->config;
	const struct nat44 *n = d->nat44;
	struct json j = { .out = control_body(r) };
	char a[IP4_STRLEN];

	(void)argc, (void)argv;
	json_open(&j, NULL, '{');
	json_str(&j, "mode",
		 n			? "blocks"
		 : c->nat44.pool_count	? "pool"
		 : *c->nat44.masquerade ? "masquerade"
					: "off");
	json_str(&j, "interface", *c->nat44.masquerade ? c->nat44.masquerade : NULL);
	json_str(&j, "first-address",
		 n && n->blocks.first  ? ip4_str(a, n->blocks.first)
		 : c->nat44.pool_count ? ip4_str(a, c->nat44.pools[0].first)
				       : NULL);
	json_u64(&j, "block", c->nat44.block);
	json_u64(&j, "total", n ? n->blocks.total : 0);
	json_u64(&j, "used", n ? n->blocks.used : 0);
	json_u64(&j, "exhausted", n ? n->blocks.exhausted : 0);
	json_u64(&j, "refused", n ? n->refused : 0);
	json_u64(&j, "log-lost", n && n->log ? port_log_lost(n->log) : 0);
	show_lost(&j, d);
	show_blocks(&j, d);
	json_close(&j, '}');
	control_done(r);
}
