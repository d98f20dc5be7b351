// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel has of trees, classes and leaves, against what they should be. The worker reads
 * it, in its turn among plans, so what it has read belongs to the plans whose results came before.
 */
#include "shaper/sys_worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS(ns) ((ns) >> TC_TICK_SHIFT)

/* --- the worker's side --------------------------------------------------------------------- */

struct reading {
	struct shaper *s;
	struct seen *of;
	uint32_t trees, from, until; /* the slots whose leaves are asked for just now */
};

static void on_tree(void *arg, const struct tc_count *t)
{
	struct reading *r = arg;

	for (uint32_t i = 0; i < r->s->config.queues; i++)
		r->trees += worker_is_tree(r->s, i, t);
}

static void on_class(void *arg, const struct tc_count *t)
{
	struct reading *r = arg;
	uint32_t slot = tree_slot_of(&r->s->majors, t->handle, r->s->config.queues);
	struct seen *seen;

	if (slot >= r->s->config.max_sessions)
		return;
	seen = &r->of[slot];
	seen->class = true;
	seen->rate = t->rate;
	seen->ceil = t->ceil;
	seen->buffer = t->buffer;
	seen->cbuffer = t->cbuffer;
	seen->prio = t->prio;
}

static void on_leaf(void *arg, const struct tc_count *t)
{
	struct reading *r = arg;

	for (uint32_t slot = r->from; slot < r->until; slot++) {
		struct seen *seen = &r->of[slot];
		uint32_t leaf = leaf_handle(r->s, slot);

		if (t->parent == (leaf | 1)) {
			seen->inner_fair = !strcmp(t->kind, "fq_codel");
			return;
		}
		if (t->parent != class_id(r->s, slot))
			continue;
		seen->tbf = t->handle == leaf && !strcmp(t->kind, "tbf");
		seen->fifo = t->handle == leaf && !strcmp(t->kind, "bfifo");
		seen->fair = t->handle == leaf && !strcmp(t->kind, "fq_codel");
		seen->leaf_rate = t->rate;
		seen->leaf_limit = t->limit;
		return;
	}
}

/* One by one, as for counters: a dump of all qdiscs takes the kernel a minute. */
static void read_leaves(struct reading *r, unsigned dir)
{
	struct shaper *s = r->s;
	for (uint32_t slot = 0; slot < s->config.max_sessions; r->from = slot) {
		tc_begin(&s->batch, &s->tc);
		s->batch.told = on_leaf;
		s->batch.told_arg = r;
		for (; slot < s->config.max_sessions && tc_room(&s->batch) >= 2; slot++) {
			if (!s->slots[slot].made[dir] || !r->of[slot].class)
				continue;
			r->of[slot].asked = true;
			tc_leaf_get(&s->batch, device(s, dir), class_id(s, slot));
			if (inner_fair(s, slot, dir)) /* where it is a tbf */
				tc_leaf_get(&s->batch, device(s, dir), leaf_handle(s, slot) | 1);
		}
		r->until = slot;
		(void)tc_run(&s->batch);
	}
}

void worker_check(struct shaper *s, struct job *j)
{
	for (unsigned dir = DOWN; dir < DIRECTIONS && !j->rc; dir++) {
		struct reading r = { .s = s, .of = j->seen->of[dir] };

		if (!device(s, dir))
			continue;
		j->rc = tc_dump_qdiscs(&s->tc, device(s, dir), on_tree, &r);
		if (!j->rc && r.trees < s->config.queues)
			j->seen->missing_trees += s->config.queues - r.trees;
		for (uint32_t tree = 0; tree < s->config.queues && !j->rc && r.trees; tree++)
			j->rc = tc_dump_classes(&s->tc, device(s, dir), tree_handle(s, tree),
						on_class, &r);
		if (!j->rc && r.trees && j->seen->leaves)
			read_leaves(&r, dir);
	}
}

/* --- the loop's side ----------------------------------------------------------------------- */

int shaper_check(struct shaper *s, bool leaves,
		 void (*done)(void *arg, uint64_t now, const struct shaper_seen *seen, int rc),
		 void *arg)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j) {
		j->kind = JOB_CHECK;
		j->checked = done;
		j->arg = arg;
		j->seen = calloc(1, sizeof(*j->seen));
	}
	for (unsigned dir = DOWN; dir < DIRECTIONS && j && j->seen; dir++)
		j->seen->of[dir] = calloc(s->config.max_sessions, sizeof(struct seen));
	if (!j || !j->seen || !j->seen->of[DOWN] || !j->seen->of[UP]) {
		job_free(j);
		return -ENOMEM;
	}
	j->seen->s = s;
	j->seen->leaves = leaves;
	worker_post(s, j);
	return 0;
}

unsigned shaper_missing_trees(const struct shaper_seen *seen)
{
	return seen->missing_trees;
}

static bool rate_fault(const struct seen *seen, const struct tree_class *want)
{
	return seen->rate != want->rate || seen->ceil != want->ceil || seen->prio != want->prio ||
	       TICKS(seen->buffer) != TICKS(want->buffer) ||
	       TICKS(seen->cbuffer) != TICKS(want->cbuffer);
}

static bool leaf_fault(const struct shaper *s, uint32_t slot, unsigned dir, const struct seen *seen,
		       const struct tree_leaf *want)
{
	if (!seen->asked)
		return false;
	if (want->rate)
		return !seen->tbf || seen->leaf_rate != want->rate ||
		       seen->leaf_limit != want->limit ||
		       (inner_fair(s, slot, dir) && !seen->inner_fair);
	if (s->fair[dir])
		return !seen->fair;
	return !seen->fifo || seen->leaf_limit != want->limit;
}

static bool fault(const struct shaper_seen *of, uint32_t slot, unsigned dir,
		  const struct shaper_rate *rate, char *why, size_t why_len)
{
	const struct shaper *s = of->s;
	const struct seen *seen = &of->of[dir][slot];
	const char *name = dir == DOWN ? "down" : "up";
	struct tree_class want;

	if (!rate->pir || !device(s, dir))
		return false;
	tree_class_of(&s->config, rate, dir == DOWN, &want);
	if (!seen->class)
		snprintf(why, why_len, "%s: its class is missing", name);
	else if (rate_fault(seen, &want))
		snprintf(why, why_len,
			 "%s: its class has %llu of %llu kbit/s, and not %llu of %llu, or another "
			 "burst or priority",
			 name, (unsigned long long)seen->rate / 125,
			 (unsigned long long)seen->ceil / 125, (unsigned long long)want.rate / 125,
			 (unsigned long long)want.ceil / 125);
	else if (leaf_fault(s, slot, dir, seen, &want.leaf))
		snprintf(why, why_len, "%s: its class has another leaf than it should have", name);
	else
		return false;
	return true;
}

bool shaper_fault(const struct shaper_seen *seen, uint32_t slot, const struct shaper_plan *plan,
		  char *why, size_t why_len)
{
	return fault(seen, slot, DOWN, &plan->down, why, why_len) ||
	       fault(seen, slot, UP, &plan->up, why, why_len);
}
