// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands of the control socket. Long answers are made piece by piece (daemon/control.h). */
#include "base/json.h"
#include "daemon/config_show.h"
#include "daemon/daemon.h"
#include "daemon/dns64.h"
#include "daemon/keep.h"
#include "daemon/reload.h"
#include "daemon/spread.h"
#include "daemon/match.h"
#include "daemon/nat64.h"
#include "daemon/mirror.h"
#include "daemon/fastpath_show.h"
#include "daemon/monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Slots whose counters are read with one system call, and made into one piece of the answer. */
#define PIECE 64

struct listing {
	struct daemon *d;
	struct json json;
	uint32_t slot;
	struct abi_counters counters[PIECE];
};

static int listing_more(void *state, struct sbuf *out)
{
	struct listing *l = state;
	uint32_t first = l->slot, end = first + PIECE, cursor = first;
	struct session *s;

	if (end > l->d->table.high)
		end = l->d->table.high;
	l->json.out = out;
	if (first < end && dp_counters_range(l->d->dp, first, end - first, l->counters))
		memset(l->counters, 0, sizeof(l->counters));
	while (cursor < end && (s = table_next(l->d, &cursor)) && s->slot < end) {
		session_since(s, &l->counters[s->slot - first]);
		show_session(&l->json, s, loop_now(l->d->loop), &l->counters[s->slot - first],
			     false);
	}
	l->slot = end;
	if (end < l->d->table.high)
		return 1;
	json_close(&l->json, ']');
	return 0;
}

static void show_sessions(void *ctx, unsigned argc, const char *const *argv,
			  struct control_reply *r)
{
	static const struct control_producer producer = { .more = listing_more, .free = free };
	struct listing *l = calloc(1, sizeof(*l));

	(void)argc; /* the columns are brasctl's care */
	(void)argv;
	if (!l) {
		control_refuse(r, "out of memory");
		return;
	}
	l->d = ctx;
	l->json.out = control_body(r);
	json_open(&l->json, NULL, '[');
	control_stream(r, &producer, l);
}

static void show_one(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct session *s, *found = NULL;
	struct abi_counters c;
	struct json j = { .out = control_body(r) };
	struct match m;

	(void)argc;
	if (match_parse(argv[0], &m) || m.kind == MATCH_ALL) {
		control_usage(r, "'%s' is not USER, sid=N, ip=ADDRESS or mac=MAC", argv[0]);
		return;
	}
	for (uint32_t i = 0; (s = table_next(d, &i));)
		if (match_session(&m, s) && (!found || found->state != SESSION_OPEN))
			found = s;
	if (!found) {
		control_refuse(r, "no session matches '%s'", argv[0]);
		return;
	}
	session_counters(found, &c);
	show_session(&j, found, loop_now(d->loop), &c, true);
	control_done(r);
}

/* padi_rx is padi-rx in JSON, and drop_id of PPP is ppp-id. */
static void stat_u64(struct json *j, const char *prefix, const char *name, uint64_t value)
{
	char dashed[64];

	snprintf(dashed, sizeof(dashed), "%s%s", prefix, name);
	for (char *p = dashed; *p; p++)
		if (*p == '_')
			*p = '-';
	json_u64(j, dashed, value);
}

static bool is_drop(const char *name)
{
	return !strncmp(name, "drop_", 5);
}

static void stat_sessions(struct json *j, const struct daemon *d)
{
	json_open(j, "sessions", '{');
	json_u64(j, "starting", table_starting(d));
	json_u64(j, "active", d->table.by_state[SESSION_OPEN]);
	json_u64(j, "closing", d->table.by_state[SESSION_CLOSING]);
	json_u64(j, "opened", d->stats.sessions_opened);
	json_u64(j, "closed", d->stats.sessions_closed);
	json_u64(j, "adopted", d->stats.sessions_adopted);
	json_u64(j, "auth-ok", d->stats.auth_ok);
	json_u64(j, "auth-failed", d->stats.auth_failed);
	json_u64(j, "auth-unreachable", d->stats.auth_unreachable);
	json_u64(j, "auth-waiting", d->asking);
	json_u64(j, "auth-waiting-most", d->asking_most);
	json_u64(j, "single-session", d->stats.single_session);
	json_close(j, '}');
}

/* Classes: made ahead of need, too; and how many of them are still to be made. */
static void stat_shaper(struct json *j, const struct daemon *d)
{
	struct shaper_state state;

	if (!d->shaper)
		return;
	shaper_state(d->shaper, &state);
	json_open(j, "shaper", '{');
	json_str(j, "leaf-down", state.leaf);
	json_str(j, "leaf-up", state.leaf_up);
	json_u64(j, "classes-used", state.used);
	json_u64(j, "classes-made", state.made);
	json_u64(j, "classes-wanted", state.wanted);
	json_u64(j, "changes-failed", state.failed);
	json_close(j, '}');
}

static void stat_pppoe(struct json *j, const struct daemon *d)
{
	const struct pppoe_stats *p = pppoe_server_stats(d->pppoe);

	json_open(j, "pppoe", '{');
#define X(name)                                                                                    \
	if (!is_drop(#name))                                                                       \
		stat_u64(j, "", #name, p->name);
	PPPOE_STATS(X)
#undef X
	json_close(j, '}');
}

/* Every way to end a packet, whoever ended it, under one roof. */
static void stat_drops(struct json *j, struct daemon *d)
{
	const struct pppoe_stats *p = pppoe_server_stats(d->pppoe);
	uint64_t drops[ABI_DROP_COUNT] = { 0 }, tap = 0;

	for (uint16_t i = 1; i <= d->port_count; i++)
		tap += d->ports[i].tap_dropped +
		       (d->ports[i].tap ? pppoe_tap_dropped(d->ports[i].tap) : 0);
	(void)dp_drops(d->dp, drops);
	json_open(j, "drops", '{');
	for (unsigned i = 0; i < ABI_DROP_COUNT; i++)
		json_u64(j, dp_drop_name(i), drops[i]);
#define X(name)                                                                                    \
	if (is_drop(#name))                                                                        \
		stat_u64(j, "discovery-", #name + 5, p->name);
	PPPOE_STATS(X)
#undef X
#define X(name)                                                                                    \
	if (is_drop(#name))                                                                        \
		stat_u64(j, "ppp-", #name + 5, d->ppp_stats.name);
	PPP_STATS(X)
#undef X
#define X(name)                                                                                    \
	if (is_drop(#name))                                                                        \
		stat_u64(j, "", #name + 5, d->stats.name);
	DAEMON_STATS(X)
#undef X
	for (unsigned i = 1; i < IPV6_ND_DROP_COUNT; i++) {
		char name[48];

		snprintf(name, sizeof(name), "nd-%s", ipv6_nd_drop_name(i));
		json_u64(j, name, d->nd_drops[i]);
	}
	for (unsigned i = 1; i < DHCP6_DROP_COUNT; i++) {
		char name[48];

		snprintf(name, sizeof(name), "dhcp6-%s", dhcp6_drop_name(i));
		json_u64(j, name, d->dhcp6_stats.drop[i]);
	}
	json_u64(j, "tap-overflow", tap);
	json_close(j, '}');
}

static void stat_ppp(struct json *j, const struct daemon *d)
{
	json_open(j, "ppp", '{');
#define X(name)                                                                                    \
	if (!is_drop(#name))                                                                       \
		stat_u64(j, "", #name, d->ppp_stats.name);
	PPP_STATS(X)
#undef X
	json_u64(j, "transmit-failed", d->stats.transmit_failed);
	json_u64(j, "pool4-empty", d->stats.pool4_empty);
	json_u64(j, "pool6-empty", d->stats.pool6_empty);
	json_close(j, '}');
}

static void show_stat(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc;
	(void)argv;
	json_open(&j, NULL, '{');
	json_u64(&j, "uptime", (loop_now(d->loop) - d->started) / NSEC_PER_SEC);
	json_str(&j, "datapath", d->mode == DP_XDP ? "xdp" : "tc");
	stat_sessions(&j, d);
	stat_shaper(&j, d);
	stat_pppoe(&j, d);
	stat_ppp(&j, d);
	dhcp_stat(&j, d);
	stat_drops(&j, d);
	if (d->dae) {
		json_open(&j, "dae", '{');
		radius_dae_show(d->dae, &j);
		json_close(&j, '}');
	}
	json_close(&j, '}');
	control_done(r);
}

static void pool_row(void *arg, const struct pool_info *info)
{
	struct json *j = arg;

	json_open(j, NULL, '{');
	json_str(j, "name", *info->name ? info->name : "default");
	json_u64(j, "family", info->family);
	json_str(j, "kind", pool_kind_name(info->kind));
	json_u64(j, "total", info->total);
	json_u64(j, "used", info->used);
	json_close(j, '}');
}

static void show_pools(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc;
	(void)argv;
	json_open(&j, NULL, '[');
	pools_each(d->pools, pool_row, &j);
	json_close(&j, ']');
	control_done(r);
}

static void show_radius(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc;
	(void)argv;
	if (!d->radius) {
		json_open(&j, NULL, '[');
		json_close(&j, ']');
	} else {
		radius_client_show(d->radius, &j);
	}
	control_done(r);
}

/* Does it to every session that `who` means, and says how many there were. */
static void for_each(struct daemon *d, const char *who, struct control_reply *r, const char *done,
		     void (*fn)(struct session *s, uint64_t now))
{
	struct json j = { .out = control_body(r) };
	struct match m;
	struct session *s;
	uint64_t n = 0;

	if (match_parse(who, &m)) {
		control_usage(r, "'%s' is not USER, sid=N, ip=ADDRESS, mac=MAC or all", who);
		return;
	}
	for (uint32_t i = 0; (s = table_next(d, &i));) {
		if (!match_session(&m, s) || s->state == SESSION_CLOSING)
			continue;
		fn(s, loop_now(d->loop));
		n++;
	}
	if (!n && m.kind != MATCH_ALL) {
		control_refuse(r, "no session matches '%s'", who);
		return;
	}
	json_open(&j, NULL, '{');
	json_u64(&j, done, n);
	json_close(&j, '}');
	control_done(r);
}

static void reset(struct session *s, uint64_t now)
{
	session_close(s, now, PPP_CAUSE_ADMIN_RESET);
}

static void terminate(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)argc;
	for_each(ctx, argv[0], r, "terminated", reset);
}

static void clear_counters(void *ctx, unsigned argc, const char *const *argv,
			   struct control_reply *r)
{
	(void)argc;
	for_each(ctx, argv[0], r, "cleared", session_clear_counters);
}

static void answer_count(struct control_reply *r, const char *name, uint64_t n)
{
	struct json j = { .out = control_body(r) };

	json_open(&j, NULL, '{');
	json_u64(&j, name, n);
	json_close(&j, '}');
	control_done(r);
}

static uint32_t living(const struct daemon *d)
{
	return d->table.used - d->table.by_state[SESSION_DEAD];
}

static void shut_down(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	bool soft = argc && !strcmp(argv[0], "soft");

	if (argc && !soft && strcmp(argv[0], "now") != 0) {
		control_usage(r, "'%s' is not soft or now", argv[0]);
		return;
	}
	if (soft) {
		log_notice("shutdown, soft: no new sessions, and the end with the last of %u",
			   living(d));
		answer_count(r, "waiting", living(d));
		d->draining = d->soft = true;
		daemon_session_gone(d);
		return;
	}
	answer_count(r, "terminated", living(d));
	log_notice("shutdown by the control socket");
	daemon_stop(d, loop_now(d->loop));
}

static void drain(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	bool off = argc && !strcmp(argv[0], "off");

	if (argc && !off) {
		control_usage(r, "'%s' is not off", argv[0]);
		return;
	}
	d->draining = !off;
	d->soft = d->soft && !off;
	log_notice(off ? "drain off: sessions are admitted again" : "drain: no new sessions");
	answer_count(r, "sessions", living(d));
}

static void restart(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;

	(void)argc, (void)argv;
	answer_count(r, "kept", d->table.by_state[SESSION_OPEN]);
	log_notice("restart by the control socket");
	daemon_leave(d);
}

const struct control_command daemon_commands[] = {
	{ "show sessions", "[COLUMN,...]", "all sessions", 0, 1, show_sessions },
	{ "show session", "USER|sid=N|ip=A|mac=M", "one session, everything", 1, 1, show_one },
	{ "show stat", NULL, "counters: sessions, PPPoE, PPP, drops by reason", 0, 0, show_stat },
	{ "show pools", NULL, "address pools and their use", 0, 0, show_pools },
	{ "show radius", NULL, "RADIUS servers, and records that wait for one", 0, 0, show_radius },
	{ "show usage", NULL, "users: octets of this and of the last accounting period", 0, 0,
	  volume_show },
	{ "show shaper", NULL, "speeds as planned and as measured over a second", 0, 0,
	  shaping_show },
	{ "shaper change", "USER|sid=N|ip=A|mac=M|all DOWN/UP|PROFILE|none [temp]",
	  "another speed; temp: until restored", 2, 3, shaping_change },
	{ "shaper restore", "USER|sid=N|ip=A|mac=M|all", "the speed before the temporary one", 1, 1,
	  shaping_restore },
	{ "show fastpath", NULL, "what goes around the stack, how much, and why not", 0, 0,
	  fastpath_show },
	{ "show flows", "[USER]", "flows that may go around the stack", 0, 1, flows_show },
	{ "clear flows", NULL, "each goes through the stack again", 0, 0, flows_clear_command },
	{ "fastpath", "on|off USER|sid=N|ip=A|mac=M|all",
	  "off: all of the session goes through the stack, until it ends", 2, 2, fastpath_command },
	{ "show cpu", NULL, "which CPU carries what, and whose sessions", 0, 0, spread_show },
	{ "show nat64", NULL, "what translates for lines without IPv4, mappings, drops", 0, 0,
	  nat64_show },
	{ "show mirror", NULL, "whose traffic is copied, by which rule, and how much", 0, 0,
	  mirror_show },
	{ "mirror", "USER|all [reset | RULE...]",
	  "copies traffic to a port; a rule: off|both|up|down ip4|ip6 proto= port= net= sample= "
	  "to= "
	  "for=",
	  1, 12, mirror_command },
	{ "monitor", "USER|all [RULE...] [snap=N] [control [secrets]]",
	  "a stream of packets, for brasmon; a rule as of mirror, without to=", 1, 14,
	  monitor_command },
	{ "show monitor", NULL, "who reads streams of packets, and what was lost to him", 0, 0,
	  monitor_show },
	{ "show dns64", NULL, "the name server for lines without IPv4, and whether it serves", 0, 0,
	  dns64_show },
	{ "test radius", "USER", "asks for a password and tries it at the servers", 2, 2,
	  trial_radius },
	{ "clear counters", "USER|sid=N|ip=A|mac=M|all", "counts from 0, the line stays up", 1, 1,
	  clear_counters },
	{ "terminate", "USER|sid=N|ip=A|mac=M|all", "ends sessions", 1, 1, terminate },
	{ "check", "[repair]", "compares all that there is with the sessions", 0, 1,
	  check_command },
	{ "reload", "[force]", "reads the configuration again; force: even what sessions use", 0, 1,
	  reload_command },
	{ "show reload", NULL, "what became of the last reload", 0, 0, reload_show },
	{ "config show", "[SECTION]", "the configuration in effect, defaults included", 0, 1,
	  config_show_command },
	{ "config diff", "[FILE]", "what of it is not as by default, or what a file would change",
	  0, 0, config_diff_command },
	{ "config explain", "KEY", "what a key means, and what may be written; shaper.up, or up", 1,
	  1, config_explain_command },
	{ "drain", "[off]", "no new sessions", 0, 1, drain },
	{ "restart", NULL, "ends the daemon and no session; the next one goes on", 0, 0, restart },
	{ "shutdown", "[soft|now]",
	  "ends all sessions and the daemon; soft: when the last has gone", 0, 1, shut_down },
};
const unsigned daemon_command_count = ARRAY_SIZE(daemon_commands);
