// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands of the control socket. Long answers are made piece by piece (daemon/control.h). */
#include "base/json.h"
#include "daemon/accel.h"
#include "daemon/config_show.h"
#include "daemon/connections.h"
#include "daemon/daemon.h"
#include "daemon/dns64.h"
#include "daemon/keep.h"
#include "daemon/reload.h"
#include "daemon/spread.h"
#include "daemon/match.h"
#include "daemon/session_show.h"
#include "daemon/nat44.h"
#include "daemon/nat64.h"
#include "daemon/mirror.h"
#include "daemon/fastpath_show.h"
#include "daemon/health.h"
#include "daemon/hooks.h"
#include "daemon/monitor.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Slots whose counters are read with one system call, and made into one piece of the answer. */
#define PIECE 32

struct listing {
	struct daemon *d;
	struct json json;
	uint32_t slot;
	bool brief; /* show counters */
	struct abi_counters counters[PIECE];
};

/* One session as little as can be: [SLOT, ACCT-SESSION-ID, STATE, RX, TX], in the order of slots.
 */
static void counters_row(struct json *j, const struct session *s, const struct abi_counters *c)
{
	sbuf_printf(j->out, "%s[%u,\"%016llx\",\"%s\",%llu,%llu]", j->comma ? "," : "", s->slot,
		    (unsigned long long)s->acct_id, session_state_name(s->state),
		    (unsigned long long)(c->rx4_bytes + c->rx6_bytes),
		    (unsigned long long)(c->tx4_bytes + c->tx6_bytes));
	j->comma = true;
}

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
		if (l->brief)
			counters_row(&l->json, s, &l->counters[s->slot - first]);
		else
			show_session(&l->json, s, loop_now(l->d->loop),
				     &l->counters[s->slot - first], NULL);
	}
	l->slot = end;
	if (end < l->d->table.high)
		return 1;
	json_close(&l->json, ']');
	return 0;
}

static void list(struct daemon *d, bool brief, struct control_reply *r)
{
	static const struct control_producer producer = { .more = listing_more, .free = free };
	struct listing *l = calloc(1, sizeof(*l));

	if (!l) {
		control_refuse(r, "out of memory");
		return;
	}
	l->d = d;
	l->brief = brief;
	l->json.out = control_body(r);
	json_open(&l->json, NULL, '[');
	control_stream(r, &producer, l);
}

static void show_sessions(void *ctx, unsigned argc, const char *const *argv,
			  struct control_reply *r)
{
	(void)argc, (void)argv; /* the columns are brasctl's care */
	list(ctx, false, r);
}

static void show_counters(void *ctx, unsigned argc, const char *const *argv,
			  struct control_reply *r)
{
	(void)argc, (void)argv;
	list(ctx, true, r);
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
	json_u64(j, "starting-most", d->starting_most);
	json_u64(j, "waiting", pppoe_server_waiting(d->pppoe));
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

static void stat_drop(void *arg, const char *reason, uint64_t packets)
{
	json_u64(arg, reason, packets);
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

/* accel-ppp's cpu and mem: since somebody last asked, and now. */
static void stat_process(struct json *j, struct daemon *d)
{
	process_load(&d->load, loop_now(d->loop));
	json_u64(j, "cpu", d->load.percent);
	json_open(j, "mem", '{');
	json_u64(j, "rss", d->load.rss);
	json_u64(j, "virt", d->load.virt);
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
	stat_process(&j, d);
	json_str(&j, "datapath", d->mode == DP_XDP ? "xdp" : "tc");
	stat_sessions(&j, d);
	stat_shaper(&j, d);
	stat_pppoe(&j, d);
	stat_ppp(&j, d);
	if (d->radius)
		radius_client_stat(d->radius, &j);
	dhcp_stat(&j, d);
	json_open(&j, "drops", '{');
	drops_each(d, stat_drop, &j);
	json_close(&j, '}');
	hooks_show(d, &j);
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

/* accel-ppp's words: hard is our now; soft, which is the default there, needs to be said here. */
static void shut_down(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	const char *how = argc ? argv[0] : "now";

	if (!strcmp(how, "cancel")) {
		d->draining = d->draining && !d->soft;
		d->soft = false;
		log_notice("shutdown cancelled: sessions are admitted again");
		answer_count(r, "sessions", living(d));
	} else if (!strcmp(how, "soft")) {
		log_notice("shutdown, soft: no new sessions, and the end with the last of %u",
			   living(d));
		answer_count(r, "waiting", living(d));
		d->draining = d->soft = true;
		daemon_session_gone(d);
	} else if (!strcmp(how, "now") || !strcmp(how, "hard")) {
		answer_count(r, "terminated", living(d));
		log_notice("shutdown by %s", control_who(r));
		daemon_stop(d, loop_now(d->loop));
	} else {
		control_usage(r, "'%s' is not soft, hard, now or cancel", how);
	}
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
	{ "show sessions", "[COLUMNS] [order COLUMN] [match COLUMN REGEX]", "all sessions", 0, 6,
	  show_sessions, TREE_READ },
	{ "show session", "USER|sid=N|ip=A|mac=M", "one session, everything", 1, 1, session_show,
	  TREE_READ },
	{ "show history", "USER|mac=M", "what happened to the lines of a user, ended ones too", 1, 1,
	  timeline_show, TREE_READ },
	{ "show drops", NULL, "packets dropped, by reason", 0, 0, drops_show, TREE_READ },
	{ "show counters", NULL, "for programs: slot, Acct-Session-Id, state and octets of each", 0,
	  0, show_counters, TREE_READ },
	{ "show stat", NULL, "counters: sessions, PPPoE, PPP, drops by reason", 0, 0, show_stat,
	  TREE_READ },
	{ "show health", NULL, "how long things take: the loop, logins, RADIUS", 0, 0,
	  health_show, TREE_READ },
	{ "show pools", NULL, "address pools and their use", 0, 0, show_pools, TREE_READ },
	{ "show radius", NULL, "RADIUS servers, and records that wait for one", 0, 0, show_radius,
	  TREE_READ },
	{ "show usage", NULL, "users: octets of this and of the last accounting period", 0, 0,
	  volume_show, TREE_READ },
	{ "show shaper", NULL, "speeds as planned and as measured over a second", 0, 0,
	  shaping_show, TREE_READ },
	{ "shaper change", "USER|sid=N|ip=A|mac=M|all DOWN/UP|PROFILE|none [temp]",
	  "another speed; temp: until restored", 2, 3, shaping_change, TREE_ADMIN },
	{ "shaper restore", "USER|sid=N|ip=A|mac=M|all", "the speed before the temporary one", 1, 1,
	  shaping_restore, TREE_ADMIN },
	{ "show fastpath", NULL, "what goes around the stack, how much, and why not", 0, 0,
	  fastpath_show, TREE_READ },
	{ "show flows", "[USER]", "flows that may go around the stack", 0, 1, flows_show,
	  TREE_READ },
	{ "clear flows", NULL, "each goes through the stack again", 0, 0, flows_clear_command,
	  TREE_ADMIN },
	{ "fastpath", "on|off USER|sid=N|ip=A|mac=M|all",
	  "off: all of the session goes through the stack, until it ends", 2, 2, fastpath_command,
	  TREE_ADMIN },
	{ "show cpu", NULL, "which CPU carries what, and whose sessions", 0, 0, spread_show,
	  TREE_READ },
	{ "show nat44", NULL, "how IPv4 lines are translated; who has which block of ports", 0, 0,
	  nat44_show, TREE_READ },
	{ "show connections", NULL, "how many conntrack may hold of a line, and what that refused", 0, 0,
	  connections_show, TREE_READ },
	{ "show nat64", NULL, "what translates for lines without IPv4, mappings, drops", 0, 0,
	  nat64_show, TREE_READ },
	{ "show mirror", NULL, "whose traffic is copied, by which rule, and how much", 0, 0,
	  mirror_show, TREE_READ },
	{ "mirror", "USER|all [reset | RULE...]",
	  "copies traffic to a port; a rule: off|both|up|down ip4|ip6 proto= port= net= sample= "
	  "snap= to= for= until=",
	  1, 12, mirror_command, TREE_ADMIN },
	{ "monitor", "USER|all [RULE...] [control [secrets]]",
	  "a stream of packets, for brasmon; a rule as of mirror, without to=", 1, 14,
	  monitor_command, TREE_ADMIN },
	{ "monitor events", "[USER|mac=M]", "what happens to lines, as it happens", 0, 1,
	  timeline_monitor, TREE_READ },
	{ "show monitor", NULL, "who reads streams of packets, and what was lost to him", 0, 0,
	  monitor_show, TREE_READ },
	{ "show dns64", NULL, "the name server for lines without IPv4, and whether it serves", 0, 0,
	  dns64_show, TREE_READ },
	{ "top", "[N] [rx|tx]", "the busiest lines over a second, 20 or N of them", 0, 2,
	  top_command, TREE_READ },
	{ "ping", "USER|sid=N|ip=A|mac=M", "an LCP echo: how long the line takes to answer", 1, 1,
	  ping_command, TREE_READ },
	{ "test radius", "USER", "asks for a password and tries it at the servers", 2, 2,
	  trial_radius, TREE_ADMIN },
	{ "clear counters", "USER|sid=N|ip=A|mac=M|all", "counts from 0, the line stays up", 1, 1,
	  clear_counters, TREE_ADMIN },
	{ "debug", "USER|sid=N|ip=A|mac=M [off]",
	  "all that happens to it goes into the log, whatever the level", 1, 2, trace_command,
	  TREE_ADMIN },
	{ "show debug", NULL, "who is followed", 0, 0, trace_show, TREE_READ },
	{ "terminate",
	  "all|USER|sid=N|ip=A|mac=M|if|username|ip|csid|sid|match [VALUE] [REGEX] [soft|hard]",
	  "ends sessions", 1, 4, accel_terminate, TREE_ADMIN },
	{ "pppoe interface show", NULL, "access interfaces and their sessions", 0, 0,
	  accel_interface_show, TREE_READ },
	{ "pppoe mac-filter show", NULL, "whether some stations alone may dial in", 0, 0,
	  accel_filter_show, TREE_READ },
	{ "pppoe mac-filter reload", NULL, "reads its file again", 0, 0, accel_filter_reload,
	  TREE_ADMIN },
	{ "pppoe mac-filter add", "MAC", "until its file is read again", 1, 1, accel_filter_add,
	  TREE_ADMIN },
	{ "pppoe mac-filter del", "MAC", "until its file is read again", 1, 1, accel_filter_del,
	  TREE_ADMIN },
	{ "pppoe interface add", "INTERFACE", "takes lines there, until the next reload", 1, 1,
	  accel_interface_add, TREE_ADMIN },
	{ "pppoe interface del", "INTERFACE", "no more lines there, until the next reload", 1, 1,
	  accel_interface_del, TREE_ADMIN },
	{ "pppoe show", "AC-Name|Service-Name|PADO-delay", "what holds now", 1, 1, accel_pppoe_show,
	  TREE_READ },
	{ "pppoe set", "AC-Name|Service-Name|PADO-delay VALUE", "until the next reload", 2, 2,
	  accel_pppoe_set, TREE_ADMIN },
	{ "check", "[repair]", "compares all that there is with the sessions", 0, 1, check_command,
	  TREE_ADMIN },
	{ "reload", "[force]", "reads the configuration again; force: even what sessions use", 0, 1,
	  reload_command, TREE_ADMIN },
	{ "show reload", NULL, "what became of the last reload", 0, 0, reload_show, TREE_READ },
	{ "config show", "[SECTION]", "the configuration in effect, defaults included", 0, 1,
	  config_show_command, TREE_READ },
	{ "config diff", NULL, "what of it is not as by default; brasctl: what a FILE would change",
	  0, 0, config_diff_command, TREE_READ },
	{ "config explain", "KEY", "what a key means, and what may be written; shaper.up, or up", 1,
	  1, config_explain_command, TREE_READ },
	{ "drain", "[off]", "no new sessions", 0, 1, drain, TREE_ADMIN },
	{ "restart", NULL, "ends the daemon and no session; the next one goes on", 0, 0, restart,
	  TREE_ADMIN },
	{ "shutdown", "[soft|hard|now|cancel]",
	  "ends all sessions and the daemon; soft: when the last has gone", 0, 1, shut_down,
	  TREE_ADMIN },
};
const unsigned daemon_command_count = ARRAY_SIZE(daemon_commands);
