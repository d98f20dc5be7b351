// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many flows of the fast path each line has, and may have ([subscriber] flows-per-line): so
 * that a line with thousands of them does not push everybody's out of the table. What a line has
 * beyond that stays with the stack, to its end.
 *
 * The kernel evicts entries of a full table and tells nobody, so that a count may be too high.
 * Whoever walks the table counts anew; and when a line has come to its limit, a walk in pieces
 * does, which the changes meanwhile make no worse than they are many.
 */
#include "daemon/fastpath.h"

#include <stdlib.h>

#define PIECE 256		  /* entries in a turn of the loop */
#define APART (10 * NSEC_PER_SEC) /* between two walks */

/* Whose entry it is; NULL: of a session that is no more, or the other direction's. */
static struct session *owner(struct fastpath *f, const struct abi_flow_key *key,
			     const struct abi_flow *w)
{
	struct session *s = w->slot < f->d->table.high ? &f->d->table.sessions[w->slot] : NULL;

	return s && !key->down && s->generation == w->generation ? s : NULL;
}

void flows_share_added(struct fastpath *f, const struct abi_flow_key *key, const struct abi_flow *w)
{
	struct session *s = owner(f, key, w);

	if (s)
		s->flows++;
}

void flows_share_gone(struct fastpath *f, const struct abi_flow_key *key, const struct abi_flow *w)
{
	struct session *s = owner(f, key, w);

	if (s && s->flows)
		s->flows--;
}

void flows_share_zero(struct fastpath *f)
{
	struct session *s;

	for (uint32_t i = 0; (s = table_next(f->d, &i));)
		s->flows = 0;
}

/* --- the walk -------------------------------------------------------------------------------- */

static void recount_end(struct fastpath *f)
{
	free(f->recount);
	f->recount = NULL;
}

/* How many entries there were; 0: the end; or -errno. */
static int recount_piece(struct fastpath *f)
{
	struct abi_flow_key keys[PIECE];
	struct abi_flow flows[PIECE];
	const struct session *s;
	int n = dp_flows_next(f->d->dp, &f->recount_at, keys, flows, PIECE);

	for (int i = 0; i < n; i++) {
		s = owner(f, &keys[i], &flows[i]);
		if (s)
			f->recount[s->slot]++;
	}
	return n;
}

static void on_recount(struct timer *t, uint64_t now)
{
	struct fastpath *f = container_of(t, struct fastpath, recount_timer);
	int n = recount_piece(f);
	struct session *s;

	if (n > 0) {
		timer_set(loop_wheel(f->d->loop), t, now);
		return;
	}
	for (uint32_t i = 0; !n && (s = table_next(f->d, &i));)
		s->flows = f->recount[s->slot];
	recount_end(f);
	f->recounted = now;
}

static void recount_begin(struct fastpath *f)
{
	uint64_t now = loop_now(f->d->loop);

	if (f->recount || (f->recounted && now - f->recounted < APART))
		return;
	f->recount = calloc(f->d->table.max, sizeof(*f->recount));
	if (!f->recount)
		return;
	f->recount_at = (struct dp_flow_cursor){ 0 };
	timer_set(loop_wheel(f->d->loop), &f->recount_timer, now);
}

bool flows_share_full(struct fastpath *f, const struct session *s)
{
	uint32_t limit = f->d->config->subscriber.flows_per_line;

	if (!limit || s->flows < limit)
		return false;
	recount_begin(f);
	return true;
}

void flows_share_init(struct fastpath *f)
{
	timer_init(&f->recount_timer, on_recount);
}

void flows_share_fini(struct fastpath *f)
{
	timer_cancel(loop_wheel(f->d->loop), &f->recount_timer);
	recount_end(f);
}
