// SPDX-License-Identifier: GPL-2.0-or-later
/* Which flows have entries in the fast path: fastpath.h. */
#include "daemon/fastpath.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 512		    /* entries read at once */
#define AGAIN (200 * NSEC_PER_MSEC) /* after events were lost: the storm goes on for a while */

static const struct siphash_key key0; /* against accidents, not enemies: a wrong hit keeps an entry
				       * that the stack is asked about all the same */

static uint64_t hash_of(const struct abi_flow_key *key)
{
	return siphash(&key0, key, sizeof(*key));
}

/* --- the dump's memory --------------------------------------------------------------------- */

static void confirm(struct fastpath *f, const struct abi_flow_key *key)
{
	if (!f->dumping)
		return;
	if (f->seen_count == f->seen_max) {
		uint32_t max = f->seen_max ? 2 * f->seen_max : 4096;
		uint64_t *more = realloc(f->seen, max * sizeof(*more));

		if (!more) { /* none is deleted then: all of them may be good */
			f->again = true;
			return;
		}
		f->seen = more;
		f->seen_max = max;
	}
	f->seen[f->seen_count++] = hash_of(key);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_confirmed(const struct fastpath *f, const struct abi_flow_key *key)
{
	uint64_t hash = hash_of(key);

	return f->seen_count && bsearch(&hash, f->seen, f->seen_count, sizeof(hash), compare);
}

/* --- entries ------------------------------------------------------------------------------- */

static void del(struct fastpath *f, const struct abi_flow_key *key)
{
	struct abi_flow was;

	if (dp_flow_take(f->d->dp, key, &was))
		return;
	f->stats.deleted++;
	flows_share_gone(f, key, &was);
}

/* The session at this end of the connection, if it may have flows. */
static const struct session *session_at(struct fastpath *f, uint8_t family, const uint32_t addr[4])
{
	struct daemon *d = f->d;
	uint32_t slot;

	if (family == 4 ? dp_slot_of4(d->dp, addr[0], &slot)
			: dp_slot_of6(d->dp, (const uint8_t *)addr, &slot))
		return NULL;
	if (slot >= d->table.max || slot >= d->table.high ||
	    d->table.sessions[slot].state != SESSION_OPEN)
		return NULL;
	return &d->table.sessions[slot];
}

/* Which of the two tuples is upstream: 0 or 1; -1: of no line, or between two. */
static int upstream_of(struct fastpath *f, const struct flow_ct *ct, const struct session **ret)
{
	const struct session *a = session_at(f, ct->family, flow_end(ct, false, false));
	const struct session *b = session_at(f, ct->family, flow_end(ct, false, true));

	if (!a == !b)
		return -1;
	*ret = a ? a : b;
	return a ? 0 : 1;
}

static int add(struct fastpath *f, const struct flow_ct *ct, bool reply, bool down,
	       const struct session *s)
{
	struct abi_flow_key key;
	struct abi_flow flow, old;
	int rc;

	flow_entry(ct, reply, down, &key, &flow);
	flow.slot = s->slot;
	flow.generation = s->generation;
	confirm(f, &key);
	rc = dp_flow_add(f->d->dp, &key, &flow);
	if (rc == -EEXIST && !dp_flow_get(f->d->dp, &key, &old)) {
		if (old.slot == flow.slot && old.generation == flow.generation &&
		    old.flags == flow.flags && old.src_be == flow.src_be &&
		    old.dst_be == flow.dst_be && old.sport_be == flow.sport_be &&
		    old.dport_be == flow.dport_be)
			return 0;
		del(f, &key); /* of a connection before this one */
		rc = dp_flow_add(f->d->dp, &key, &flow);
	}
	if (rc) {
		f->stats.full++;
		return rc;
	}
	f->stats.added++;
	flows_share_added(f, &key, &flow);
	return 0;
}

/* Neither direction has an entry: conntrack counts every packet so far. */
static bool is_unknown(struct fastpath *f, const struct flow_ct *ct, bool reply)
{
	struct abi_flow_key key;
	struct abi_flow flow;

	flow_entry(ct, reply, false, &key, &flow);
	return dp_flow_get(f->d->dp, &key, &flow) != 0;
}

static void take(struct fastpath *f, const struct flow_ct *ct, void *raw)
{
	const struct session *s;
	int up = upstream_of(f, ct, &s);
	bool unknown;

	if (up < 0) {
		f->stats.kept[FLOW_OTHER]++;
		return;
	}
	unknown = is_unknown(f, ct, up);
	if (unknown && flows_share_full(f, s)) {
		f->stats.kept[FLOW_SHARE]++;
		return;
	}
	/* Before anything passes by conntrack, whose window then is behind: a RST that it does not
	 * believe would leave a dead connection established for days. -ENOENT: it is over. */
	if (ct->proto == 6 && unknown && flows_door_liberal(f->door, raw) == -ENOENT)
		return;
	if (!add(f, ct, up, false, s))
		(void)add(f, ct, !up, true, s);
}

/* Both ways of both tuples: whose session it was may be forgotten by now. */
static void drop(struct fastpath *f, const struct flow_ct *ct)
{
	for (int i = 0; i < 4; i++) {
		struct abi_flow_key key;
		struct abi_flow flow;

		flow_entry(ct, i & 1, i & 2, &key, &flow);
		del(f, &key);
	}
}

static void on_flow(void *arg, uint64_t now, const struct flow_ct *ct, bool gone, void *raw)
{
	struct fastpath *f = arg;
	enum flow_reason reason = flow_judge(ct);

	(void)now;
	f->stats.events++;
	if (!gone && reason == FLOW_GO) {
		take(f, ct, raw);
		return;
	}
	if (!gone)
		f->stats.kept[reason]++;
	/* One that never was assured has no entry: most of a scan's, and of short ones. */
	if (gone || ct->status & FLOW_IS_ASSURED)
		drop(f, ct);
}

/* --- dump and reconcile -------------------------------------------------------------------- */

void flows_dump(struct fastpath *f, uint64_t now)
{
	if (f->dumping) {
		f->again = true;
		return;
	}
	f->seen_count = 0;
	f->again = false;
	f->dumping = true;
	if (flows_door_dump(f->door)) {
		f->dumping = false;
		timer_set(loop_wheel(f->d->loop), &f->dump_timer, now + AGAIN);
	}
}

static void on_lost(void *arg, uint64_t now)
{
	struct fastpath *f = arg;

	(void)now;
	f->stats.lost++;
}

/* Not before: what is lost until then would be lost behind the dump, too, and nobody would say so.
 */
static void on_heard(void *arg, uint64_t now)
{
	struct fastpath *f = arg;

	if (!timer_is_set(&f->dump_timer))
		timer_set(loop_wheel(f->d->loop), &f->dump_timer, now + AGAIN);
}

static void on_dump_timer(struct timer *t, uint64_t now)
{
	flows_dump(container_of(t, struct fastpath, dump_timer), now);
}

/* Walks all entries, and counts each line's anew; deletes those that `which` says. */
static int each(struct fastpath *f,
		bool (*which)(const struct fastpath *, const struct abi_flow_key *),
		uint64_t *ret_entries)
{
	struct dp_flow_cursor cursor = { 0 };
	struct abi_flow_key *keys = calloc(PIECE, sizeof(*keys));
	struct abi_flow *flows = calloc(PIECE, sizeof(*flows));
	uint64_t total = 0;
	int n = keys && flows ? 1 : -ENOMEM;

	flows_share_zero(f);
	while (n > 0 && (n = dp_flows_next(f->d->dp, &cursor, keys, flows, PIECE)) > 0) {
		total += (unsigned)n;
		for (int i = 0; i < n; i++) {
			flows_share_added(f, &keys[i], &flows[i]);
			if (which && which(f, &keys[i]))
				del(f, &keys[i]);
		}
	}
	free(keys);
	free(flows);
	*ret_entries = total;
	return n < 0 ? n : 0;
}

static bool is_stale(const struct fastpath *f, const struct abi_flow_key *key)
{
	return !is_confirmed(f, key);
}

static bool is_any(const struct fastpath *f, const struct abi_flow_key *key)
{
	(void)f, (void)key;
	return true;
}

static void on_dumped(void *arg, uint64_t now, int rc)
{
	struct fastpath *f = arg;
	uint64_t n;

	if (!rc && !f->again) {
		if (f->seen_count)
			qsort(f->seen, f->seen_count, sizeof(*f->seen), compare);
		(void)each(f, is_stale, &n);
		f->stats.dumped++;
	}
	f->dumping = false;
	free(f->seen);
	f->seen = NULL;
	f->seen_count = f->seen_max = 0;
	if (rc || f->again)
		timer_set(loop_wheel(f->d->loop), &f->dump_timer, now + AGAIN);
}

int flows_count(struct fastpath *f, uint64_t *ret_entries)
{
	return each(f, NULL, ret_entries);
}

uint64_t flows_clear(struct fastpath *f)
{
	uint64_t before = f->stats.deleted, n;

	(void)each(f, is_any, &n);
	return f->stats.deleted - before;
}

int flows_setup(struct fastpath *f)
{
	static const struct flows_ops ops = {
		.flow = on_flow,
		.lost = on_lost,
		.heard = on_heard,
		.dumped = on_dumped,
	};
	int rc = flows_door_new(&f->door, f->d->loop, &ops, f);

	timer_init(&f->dump_timer, on_dump_timer);
	flows_share_init(f);
	if (rc)
		return rc;
	(void)flows_count(f, &f->base);
	flows_dump(f, loop_now(f->d->loop));
	return 0;
}

void flows_teardown(struct fastpath *f)
{
	flows_door_free(f->door);
	f->door = NULL;
	timer_cancel(loop_wheel(f->d->loop), &f->dump_timer);
	flows_share_fini(f);
	free(f->seen);
	f->seen = NULL;
}
