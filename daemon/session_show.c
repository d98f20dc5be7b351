// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show session`: what show.c knows at once, and what takes a while: rates between two looks at the
 * counters, the flows past the stack, counted a piece of the map at a time, and what the line holds
 * of NAT64, which may take as long as others' tables are and is waited for so long only.
 */
#include "daemon/story.h"

#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/match.h"
#include "daemon/nat64.h"

#include <stdlib.h>

#define APART (NSEC_PER_SEC / 4)
#define NAT64 (5 * NSEC_PER_SEC) /* so long it is waited for */
#define PIECE 256		 /* flows that are read in a turn */

struct story {
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
	struct story *st = state;

	timer_cancel(loop_wheel(st->d->loop), &st->timer);
	nat64_line_free(st->more.nat64);
	free(st);
}

/* NULL: it has ended meanwhile. */
static struct session *session_of(const struct story *st)
{
	struct session *s = &st->d->table.sessions[st->slot];

	return s->generation == st->generation && s->state != SESSION_DEAD &&
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

static void rates(struct story *st, const struct abi_counters *c, uint64_t ns)
{
	const struct abi_counters *b = &st->before;
	struct show_more *m = &st->more;

	m->rx_bps = 8 * rate(b->rx4_bytes + b->rx6_bytes, c->rx4_bytes + c->rx6_bytes, ns);
	m->tx_bps = 8 * rate(b->tx4_bytes + b->tx6_bytes, c->tx4_bytes + c->tx6_bytes, ns);
	m->rx_pps = rate(b->rx4_packets + b->rx6_packets, c->rx4_packets + c->rx6_packets, ns);
	m->tx_pps = rate(b->tx4_packets + b->tx6_packets, c->tx4_packets + c->tx6_packets, ns);
}

static void answer(struct story *st)
{
	struct json j = { .out = control_body(st->reply) };
	uint64_t now = loop_now(st->d->loop);
	struct session *s = session_of(st);
	struct abi_counters c;

	if (!s) {
		control_refuse(st->reply, "the session has just ended");
		return;
	}
	session_counters(s, &c);
	rates(st, &c, now - st->began);
	show_session(&j, s, now, &c, &st->more);
	control_done(st->reply);
}

static int flows_piece(struct story *st)
{
	int n = dp_flows_next(st->d->dp, &st->cursor, st->keys, st->flows, PIECE);

	for (int i = 0; i < n; i++)
		st->more.flows += !st->keys[i].down && st->flows[i].slot == st->slot &&
				  st->flows[i].generation == st->generation;
	return n;
}

static void on_timer(struct timer *timer, uint64_t now)
{
	struct story *st = container_of(timer, struct story, timer);

	struct nat64_line *n = st->more.nat64;

	if (flows_piece(st) > 0) {
		timer_set(loop_wheel(st->d->loop), timer, now);
	} else if (now < st->began + APART) {
		timer_set(loop_wheel(st->d->loop), timer, st->began + APART);
	} else if (n && !nat64_line_done(n) && now < st->began + NAT64) {
		timer_set(loop_wheel(st->d->loop), timer, st->began + NAT64);
	} else {
		answer(st);
		end(st);
	}
}

static void on_nat64(void *arg)
{
	struct story *st = arg;
	uint64_t now = loop_now(st->d->loop);

	if (now >= st->began + APART) /* it was only waited for */
		timer_set(loop_wheel(st->d->loop), &st->timer, now);
}

void story_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct session *s;
	struct story *st;
	struct match m;

	(void)argc;
	if (match_parse(argv[0], &m) || m.kind == MATCH_ALL) {
		control_usage(r, "'%s' is not USER, sid=N, ip=ADDRESS or mac=MAC", argv[0]);
		return;
	}
	s = match_find(d, &m);
	st = s ? calloc(1, sizeof(*st)) : NULL;
	if (!st) {
		control_refuse(r, s ? "out of memory" : "no session matches '%s'", argv[0]);
		return;
	}
	st->d = d;
	st->reply = r;
	st->slot = s->slot;
	st->generation = s->generation;
	st->began = loop_now(d->loop);
	session_counters(s, &st->before);
	timer_init(&st->timer, on_timer);
	timer_set(loop_wheel(d->loop), &st->timer, st->began);
	st->more.nat64_rc = nat64_line_ask(&st->more.nat64, s, on_nat64, st);
	control_defer(r, end, st);
}
