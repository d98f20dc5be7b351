// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show session`: what show.c knows at once, and what takes a while: rates between two looks at the
 * counters, the flows past the stack, counted a piece of the map at a time, and what the line holds
 * of NAT64, which may take as long as others' tables are and is waited for so long only.
 */
#include "daemon/session_show.h"

#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/match.h"
#include "daemon/nat64.h"

#include <stdlib.h>

#define APART (NSEC_PER_SEC / 4)
#define NAT64 (5 * NSEC_PER_SEC) /* so long it is waited for */
#define PIECE 256		 /* flows that are read in a turn */

struct showing {
	struct daemon *d;
	struct control_reply *reply;
	struct timer timer;
	uint32_t slot, generation;
	uint64_t began;
	struct abi_counters before;
	struct show_more more;
	struct dp_flow_cursor cursor;
	struct abi_flow_key keys[PIECE];
	struct abi_flow flows[PIECE];
};

static void end(void *state)
{
	struct showing *sh = state;

	timer_cancel(loop_wheel(sh->d->loop), &sh->timer);
	nat64_line_free(sh->more.nat64);
	free(sh);
}

/* NULL: it has ended meanwhile. */
static struct session *session_of(const struct showing *sh)
{
	struct session *s = &sh->d->table.sessions[sh->slot];

	return s->generation == sh->generation && s->state != SESSION_DEAD &&
			       s->state != SESSION_FREE
		       ? s
		       : NULL;
}

/* Units a second; 0 also where somebody has cleared the counters meanwhile. */
static uint64_t rate(uint64_t before, uint64_t after, uint64_t ns)
{
	return after > before && ns ? (after - before) * 1000 / (ns / 1000000 ? ns / 1000000 : 1)
				    : 0;
}

static void rates(struct showing *sh, const struct abi_counters *c, uint64_t ns)
{
	const struct abi_counters *b = &sh->before;
	struct show_more *m = &sh->more;

	m->rx_bps = 8 * rate(b->rx4_bytes + b->rx6_bytes, c->rx4_bytes + c->rx6_bytes, ns);
	m->tx_bps = 8 * rate(b->tx4_bytes + b->tx6_bytes, c->tx4_bytes + c->tx6_bytes, ns);
	m->rx_pps = rate(b->rx4_packets + b->rx6_packets, c->rx4_packets + c->rx6_packets, ns);
	m->tx_pps = rate(b->tx4_packets + b->tx6_packets, c->tx4_packets + c->tx6_packets, ns);
}

static void answer(struct showing *sh)
{
	struct json j = { .out = control_body(sh->reply) };
	uint64_t now = loop_now(sh->d->loop);
	struct session *s = session_of(sh);
	struct abi_counters c;

	if (!s) {
		control_refuse(sh->reply, "the session has just ended");
		return;
	}
	session_counters(s, &c);
	rates(sh, &c, now - sh->began);
	show_session(&j, s, now, &c, &sh->more);
	control_done(sh->reply);
}

static int flows_piece(struct showing *sh)
{
	int n = dp_flows_next(sh->d->dp, &sh->cursor, sh->keys, sh->flows, PIECE);

	for (int i = 0; i < n; i++)
		sh->more.flows += !sh->keys[i].down && sh->flows[i].slot == sh->slot &&
				  sh->flows[i].generation == sh->generation;
	return n;
}

static void on_timer(struct timer *timer, uint64_t now)
{
	struct showing *sh = container_of(timer, struct showing, timer);

	struct nat64_line *n = sh->more.nat64;

	if (flows_piece(sh) > 0) {
		timer_set(loop_wheel(sh->d->loop), timer, now);
	} else if (now < sh->began + APART) {
		timer_set(loop_wheel(sh->d->loop), timer, sh->began + APART);
	} else if (n && !nat64_line_done(n) && now < sh->began + NAT64) {
		timer_set(loop_wheel(sh->d->loop), timer, sh->began + NAT64);
	} else {
		answer(sh);
		end(sh);
	}
}

static void on_nat64(void *arg)
{
	struct showing *sh = arg;
	uint64_t now = loop_now(sh->d->loop);

	if (now >= sh->began + APART) /* it was only waited for */
		timer_set(loop_wheel(sh->d->loop), &sh->timer, now);
}

void session_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct session *s;
	struct showing *sh;
	struct match m;

	(void)argc;
	if (match_parse(argv[0], &m) || m.kind == MATCH_ALL) {
		control_usage(r, "'%s' is not USER, sid=N, ip=ADDRESS or mac=MAC", argv[0]);
		return;
	}
	s = match_find(d, &m);
	sh = s ? calloc(1, sizeof(*sh)) : NULL;
	if (!sh) {
		control_refuse(r, s ? "out of memory" : "no session matches '%s'", argv[0]);
		return;
	}
	sh->d = d;
	sh->reply = r;
	sh->slot = s->slot;
	sh->generation = s->generation;
	sh->began = loop_now(d->loop);
	session_counters(s, &sh->before);
	timer_init(&sh->timer, on_timer);
	timer_set(loop_wheel(d->loop), &sh->timer, sh->began);
	sh->more.nat64_rc = nat64_line_ask(&sh->more.nat64, s, on_nat64, sh);
	control_defer(r, end, sh);
}
