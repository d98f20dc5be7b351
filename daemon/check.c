// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Do record, data plane, routes, pools, classes and spool say the same as the sessions? Between any
 * two writes a process may die, so the next one asks this of everything it adopts; `check` asks it
 * of a running one. What is there and is nobody's is taken away, what is missing is put there.
 */
#include "daemon/check.h"

#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/freeze.h"
#include "daemon/keep.h"
#include "daemon/record.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct check {
	struct daemon *d;
	struct check_report r;
};

void check_found(struct check_report *r, const char *what, const char *which)
{
	r->found++;
	sbuf_printf(r->text, "%s: %s%s\n", what, which, r->repair ? ": repaired" : "");
}

static void found(struct check *c, const char *what, const char *which)
{
	check_found(&c->r, what, which);
}

static struct session *session_at(struct daemon *d, uint32_t slot)
{
	struct session *s = slot < d->table.high ? &d->table.sessions[slot] : NULL;

	return s && s->state != SESSION_FREE && s->state != SESSION_DEAD ? s : NULL;
}

/* --- entries that are nobody's ------------------------------------------------------------- */

static bool has_route4(const struct session *s, const struct abi_route4 *r)
{
	for (unsigned i = 0; s->login && i < s->login->carried4; i++)
		if (s->login->routes4[i].len == r->prefixlen &&
		    htonl(s->login->routes4[i].addr) == r->addr_be)
			return true;
	return false;
}

static bool has_route6(const struct session *s, const struct abi_route6 *r)
{
	struct prefix6 p = { .len = (uint8_t)r->prefixlen };

	for (unsigned i = 0; s->login && i < s->login->carried6; i++)
		if (s->login->routes6[i].len == r->prefixlen &&
		    !memcmp(s->login->routes6[i].addr.b, r->addr, sizeof(r->addr)))
			return true;
	memcpy(p.addr.b, r->addr, sizeof(p.addr.b));
	return lease_is_entry(s, &p);
}

static const char *const entry_names[] = {
	[DP_ENTRY_LINE] = "lines",    [DP_ENTRY_IP4] = "dst4",	    [DP_ENTRY_PREFIX6] = "dst6",
	[DP_ENTRY_ROUTE4] = "route4", [DP_ENTRY_ROUTE6] = "route6", [DP_ENTRY_SLOT] = "sessions",
};

static bool is_known(const struct session *s, enum dp_entry kind, const void *key)
{
	struct abi_line line;
	struct abi_session entry;
	struct prefix6 p = { .len = 64 };
	uint32_t addr;

	switch (kind) {
	case DP_ENTRY_LINE:
		line = path_line(s);
		return s->has & SESSION_HAS_LINE && !memcmp(&line, key, sizeof(line));
	case DP_ENTRY_IP4:
		memcpy(&addr, key, sizeof(addr));
		return s->has & SESSION_HAS_DST4 && addr == htonl(s->ip4);
	case DP_ENTRY_PREFIX6:
		memcpy(p.addr.b, key, 8);
		return (s->has & SESSION_HAS_DST6 && ip6_equal(&p.addr, &s->prefix6.addr)) ||
		       lease_is_entry(s, &p);
	case DP_ENTRY_ROUTE4:
		return has_route4(s, key);
	case DP_ENTRY_ROUTE6:
		return has_route6(s, key);
	case DP_ENTRY_SLOT:
		memcpy(&entry, key, sizeof(entry));
		return entry.generation == s->generation;
	}
	return false;
}

static bool known(void *arg, enum dp_entry kind, const void *key, uint32_t slot)
{
	struct check *c = arg;
	struct session *s = session_at(c->d, slot);
	char which[48];

	if (s && is_known(s, kind, key))
		return true;
	snprintf(which, sizeof(which), "an entry of slot %u is nobody's", slot);
	found(c, entry_names[kind], which);
	return false;
}

/* --- what a session should have ------------------------------------------------------------ */

static bool has_framed(const struct session *s)
{
	const struct login *l = s->login;
	bool all = true;

	for (unsigned i = 0; l && all && i < l->carried4; i++) {
		struct abi_route4 r = { l->routes4[i].len, htonl(l->routes4[i].addr) };

		all = dp_has(s->d->dp, DP_ENTRY_ROUTE4, &r, s->slot);
	}
	for (unsigned i = 0; l && all && i < l->carried6; i++) {
		struct abi_route6 r = { .prefixlen = l->routes6[i].len };

		memcpy(r.addr, l->routes6[i].addr.b, sizeof(r.addr));
		all = dp_has(s->d->dp, DP_ENTRY_ROUTE6, &r, s->slot);
	}
	return all;
}

static bool has_all(const struct session *s)
{
	struct dp *dp = s->d->dp;
	struct abi_session entry = path_entry(s);
	struct abi_line line = path_line(s);
	uint32_t addr = htonl(s->ip4);

	return dp_has(dp, DP_ENTRY_SLOT, &entry, s->slot) &&
	       (!(s->has & SESSION_HAS_LINE) || dp_has(dp, DP_ENTRY_LINE, &line, s->slot)) &&
	       (!(s->has & SESSION_HAS_DST4) || dp_has(dp, DP_ENTRY_IP4, &addr, s->slot)) &&
	       (!(s->has & SESSION_HAS_DST6) ||
		dp_has(dp, DP_ENTRY_PREFIX6, s->prefix6.addr.b, s->slot)) &&
	       has_framed(s) && leases_have_entries(s);
}

static bool in_record(const struct session *s)
{
	static uint8_t buf[SESSION_FROZEN_MAX];
	uint32_t generation;
	size_t len;

	return !record_get(s->d->record, s->slot, buf, sizeof(buf), &len, &generation) &&
	       generation == s->generation;
}

static void check_session(struct check *c, struct session *s)
{
	char name[160];

	session_name(s, name, sizeof(name));
	if (!has_all(s)) {
		found(c, name, "an entry of the data plane is missing");
		if (c->r.repair && path_adopt(s))
			found(c, name, "and cannot be made");
	}
	if (s->opened && s->state == SESSION_OPEN && !in_record(s)) {
		found(c, name, "it is not in the record");
		if (c->r.repair)
			keep_session(s);
	}
}

static void check_record(struct check *c)
{
	struct daemon *d = c->d;
	static uint8_t buf[SESSION_FROZEN_MAX];

	for (uint32_t slot = 0; slot < record_high(d->record); slot++) {
		uint32_t generation;
		size_t len;
		char which[48];
		int rc = record_get(d->record, slot, buf, sizeof(buf), &len, &generation);
		struct session *s = session_at(d, slot);

		if (rc == -ENOENT || (!rc && s && s->generation == generation))
			continue;
		snprintf(which, sizeof(which), "slot %u has %s", slot,
			 rc ? "no content of ours" : "a session that there is not");
		found(c, "record", which);
		if (c->r.repair)
			(void)record_clear(d->record, slot);
	}
}

/* --- pools --------------------------------------------------------------------------------- */

struct given {
	uint64_t used4, used6;
};

static void on_pool(void *arg, const struct pool_info *info)
{
	struct given *g = arg;

	*(info->family == 6 ? &g->used6 : &g->used4) += info->used;
}

/* Nothing here can tell which one is too many: it is told, not repaired. */
static void check_pools(struct check *c)
{
	struct given pools = { 0 }, sessions = { 0 };
	struct session *s;

	pools_each(c->d->pools, on_pool, &pools);
	for (uint32_t i = 0; (s = table_next(c->d, &i));) {
		sessions.used4 += !!(s->has & SESSION_HAS_POOL4);
		sessions.used6 += !!(s->has & SESSION_HAS_POOL6);
		for (unsigned k = 0; s->leases && k < s->leases->count; k++)
			sessions.used6 += !!(s->leases->lease[k].flags & LEASE_OF_POOL);
	}
	if (pools.used4 == sessions.used4 && pools.used6 == sessions.used6)
		return;
	c->r.found++;
	sbuf_printf(c->r.text,
		    "pools: %llu addresses and %llu prefixes are given out, sessions have %llu and "
		    "%llu\n",
		    (unsigned long long)pools.used4, (unsigned long long)pools.used6,
		    (unsigned long long)sessions.used4, (unsigned long long)sessions.used6);
}

/* --- all of it ----------------------------------------------------------------------------- */

static void on_missing(void *arg, const char *ifname, int err)
{
	struct check *c = arg;

	found(c, ifname, "our program is not attached");
	if (err)
		found(c, ifname, "and cannot be");
}

int check_entries(struct daemon *d, bool repair, struct sbuf *report)
{
	struct check c = { .d = d, .r = { .repair = repair, .text = report } };
	int rc = dp_sweep(d->dp, known, &c, repair);

	(void)dp_hooks_check(d->dp, repair, on_missing, &c);

	return rc < 0 ? rc : c.r.found;
}

int check_sessions(struct daemon *d, bool repair, struct sbuf *report)
{
	struct check c = { .d = d, .r = { .repair = repair, .text = report } };
	struct session *s;
	int rc;

	for (uint32_t i = 0; (s = table_next(d, &i));)
		check_session(&c, s);
	check_pools(&c);
	if (d->record)
		check_record(&c);
	rc = check_routes(d, &c.r);
	rc = rc < 0 ? rc : check_spool(d, &c.r);
	return rc < 0 ? rc : c.r.found;
}

void check_answer(struct daemon *d, struct control_reply *reply, const struct check_report *report)
{
	struct json j = { .out = control_body(reply) };

	json_open(&j, NULL, '{');
	json_u64(&j, "sessions", d->table.used - d->table.by_state[SESSION_DEAD]);
	json_u64(&j, "problems", (uint64_t)report->found);
	json_open(&j, "found", '[');
	for (char *line = report->text->p, *end; line && (end = strchr(line, '\n')); line = end + 1)
		json_strn(&j, NULL, line, (size_t)(end - line));
	json_close(&j, ']');
	json_close(&j, '}');
	control_done(reply);
}

void check_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct sbuf text = { 0 };
	struct check_report report = { .text = &text };
	int n, more;

	report.repair = argc && !strcmp(argv[0], "repair");
	if (argc && !report.repair) {
		control_usage(r, "'%s' is not repair", argv[0]);
		return;
	}
	if (d->check_run) {
		control_refuse(r, "another check is under way");
		return;
	}
	n = check_entries(d, report.repair, &text);
	more = n < 0 ? n : check_sessions(d, report.repair, &text);
	report.found = n + more;
	if (more < 0)
		control_refuse(r, "the check broke off: %s", strerror(-more));
	else if (!check_shaper(d, &report, r))
		check_answer(d, r, &report);
	sbuf_fini(&text);
}
