// SPDX-License-Identifier: GPL-2.0-or-later
/* `show fastpath`, `show flows`, `clear flows`, `fastpath on|off USER`. */
#include "base/json.h"
#include "daemon/fastpath.h"
#include "daemon/fastpath_show.h"
#include "daemon/match.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 256

/* --- show fastpath ------------------------------------------------------------------------- */

static bool conntrack_is_empty(void)
{
	int n;

	return !net_sysctl_get("net/netfilter/nf_conntrack_count", &n) && !n;
}

/* Why nothing goes past the stack; NULL: it may. */
static const char *why_not(const struct fastpath *f)
{
	enum config_fastpath mode = f->d->config->subscriber.fastpath;

	if (mode == CONFIG_FASTPATH_OFF)
		return "the configuration says off";
	if (!f->now.on)
		return "the kernel has no nf_conntrack_netlink";
	if (!f->core_count)
		return "no core interface: no default route, and [subscriber] core is not given";
	if (mode == CONFIG_FASTPATH_FLOWS && conntrack_is_empty())
		return "conntrack sees no flows: no rule needs it (NAT or 'ct state' would)";
	return NULL;
}

static void counts(struct json *j, const struct fastpath *f)
{
	uint64_t n[ABI_FAST_COUNT] = { 0 }, hits, slow;

	(void)dp_fast_counts(f->d->dp, n);
	hits = n[ABI_FAST_UP_FAST] + n[ABI_FAST_UP_LATE] + n[ABI_FAST_DOWN_FAST];
	slow = n[ABI_FAST_UP_SLOW] - n[ABI_FAST_UP_LATE] + n[ABI_FAST_DOWN_SLOW];
	json_u64(j, "hits-packets", hits);
	json_u64(j, "slow-packets", slow);
	json_ratio(j, "hit-rate", hits + slow ? (double)hits / (double)(hits + slow) : 0);
	json_u64(j, "hits-up", n[ABI_FAST_UP_FAST] + n[ABI_FAST_UP_LATE]);
	json_u64(j, "hits-down", n[ABI_FAST_DOWN_FAST]);
}

void fastpath_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	static const char *const modes[] = { "flows", "routed", "off" };
	struct daemon *d = ctx;
	struct fastpath *f = d->fastpath;
	struct json j = { .out = control_body(r) };
	uint64_t entries = 0, in = f->base + f->stats.added;

	(void)argc, (void)argv;
	(void)flows_count(f, &entries);
	json_open(&j, NULL, '{');
	json_str(&j, "mode", modes[d->config->subscriber.fastpath]);
	json_str(&j, "core", f->cores);
	json_str(&j, "reason", why_not(f));
	json_u64(&j, "flows", (entries + 1) / 2);
	json_u64(&j, "flows-per-line", d->config->subscriber.flows_per_line);
	counts(&j, f);
	json_u64(&j, "evicted",
		 in > f->stats.deleted + entries ? in - f->stats.deleted - entries : 0);
	json_u64(&j, "events", f->stats.events);
	json_u64(&j, "events-lost", f->stats.lost);
	json_u64(&j, "dumps", f->stats.dumped);
	json_u64(&j, "full", f->stats.full);
	json_open(&j, "with-the-stack", '{');
	for (unsigned i = FLOW_GO + 1; i < FLOW_REASON_COUNT; i++)
		json_u64(&j, flow_reason_name(i), f->stats.kept[i]);
	json_close(&j, '}');
	json_u64(&j, "rules-generation", f->now.rules);
	json_u64(&j, "routes-generation", f->now.routes);
	json_u64(&j, "lease-ms", f->now.lease_ms);
	json_close(&j, '}');
	control_done(r);
}

/* --- show flows ---------------------------------------------------------------------------- */

struct listing {
	struct daemon *d;
	struct json json;
	struct dp_flow_cursor cursor;
	struct abi_flow_key keys[PIECE];
	struct abi_flow flows[PIECE];
	char user[256]; /* empty: all */
};

static void address(struct json *j, const char *name, uint8_t family, const uint32_t *a)
{
	char text[INET6_ADDRSTRLEN];

	json_str(j, name, inet_ntop(family == 4 ? AF_INET : AF_INET6, a, text, sizeof(text)));
}

static const struct session *session_of(const struct daemon *d, const struct abi_flow *w)
{
	const struct session *s;

	if (w->slot >= d->table.high)
		return NULL;
	s = &d->table.sessions[w->slot];
	return s->state == SESSION_OPEN && s->generation == w->generation ? s : NULL;
}

static void flow_row(struct listing *l, const struct abi_flow_key *key, const struct abi_flow *w)
{
	const struct session *s = session_of(l->d, w);
	struct abi_flow_key other = flow_other(key, w);
	struct abi_flow back = { 0 };
	struct json *j = &l->json;

	if (key->down || !s || (*l->user && (!s->username || strcmp(s->username, l->user) != 0)))
		return;
	(void)dp_flow_get(l->d->dp, &other, &back);
	json_open(j, NULL, '{');
	json_str(j, "username", s->username);
	json_str(j, "family", key->family == 4 ? "ipv4" : "ipv6");
	json_str(j, "proto", key->proto == 6 ? "tcp" : "udp");
	address(j, "src", key->family, key->src);
	json_u64(j, "sport", ntohs(key->sport_be));
	address(j, "dst", key->family, key->dst);
	json_u64(j, "dport", ntohs(key->dport_be));
	if (w->flags & ABI_FLOW_NAT) {
		address(j, "nat", 4, &w->src_be);
		json_u64(j, "nat-port", ntohs(w->sport_be));
	} else {
		json_null(j, "nat");
		json_null(j, "nat-port");
	}
	json_u64(j, "packets", w->packets + back.packets);
	json_u64(j, "bytes", w->bytes + back.bytes);
	json_u64(j, "packets-up", w->packets);
	json_u64(j, "packets-down", back.packets);
	json_close(j, '}');
}

static int listing_more(void *state, struct sbuf *out)
{
	struct listing *l = state;
	int n = dp_flows_next(l->d->dp, &l->cursor, l->keys, l->flows, PIECE);

	l->json.out = out;
	for (int i = 0; i < n; i++)
		flow_row(l, &l->keys[i], &l->flows[i]);
	if (n > 0)
		return 1;
	json_close(&l->json, ']');
	return 0;
}

void flows_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	static const struct control_producer producer = { .more = listing_more, .free = free };
	struct listing *l = calloc(1, sizeof(*l));

	if (!l) {
		control_refuse(r, "out of memory");
		return;
	}
	l->d = ctx;
	snprintf(l->user, sizeof(l->user), "%s", argc ? argv[0] : "");
	l->json.out = control_body(r);
	json_open(&l->json, NULL, '[');
	control_stream(r, &producer, l);
}

/* --- deeds --------------------------------------------------------------------------------- */

void flows_clear_command(void *ctx, unsigned argc, const char *const *argv,
			 struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '{');
	json_u64(&j, "cleared", (flows_clear(d->fastpath) + 1) / 2);
	json_close(&j, '}');
	if (d->fastpath->door)
		flows_dump(d->fastpath, loop_now(d->loop));
	control_done(r);
}

void fastpath_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };
	bool off = !strcmp(argv[0], "off");
	struct match m;
	struct session *s;
	uint64_t n = 0;

	(void)argc;
	if ((!off && strcmp(argv[0], "on") != 0) || match_parse(argv[1], &m)) {
		control_usage(r, NULL);
		return;
	}
	for (uint32_t i = 0; (s = table_next(d, &i));) {
		if (!match_session(&m, s))
			continue;
		s->has = off ? s->has | SESSION_SLOW : s->has & ~(uint32_t)SESSION_SLOW;
		(void)path_replan(s);
		n++;
	}
	if (!n && m.kind != MATCH_ALL) {
		control_refuse(r, "no session matches '%s'", argv[1]);
		return;
	}
	json_open(&j, NULL, '{');
	json_u64(&j, "sessions", n);
	json_close(&j, '}');
	control_done(r);
}
