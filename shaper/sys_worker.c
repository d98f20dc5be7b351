// SPDX-License-Identifier: GPL-2.0-or-later
/* What the worker does: trees, classes made ahead of need, plans programmed, counters read. */
#include "shaper/sys_worker.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#define FILL_SLOTS   16		      /* of one batch */
#define SET_MESSAGES (4 * DIRECTIONS) /* class, tbf, and fq_codel in two */
#define SET_JOBS     (TC_BATCH_MAX / SET_MESSAGES)

/* What a class has before its first plan; nobody's packets see it. */
static const struct shaper_rate idle = { .pir = 1000000 };

/* --- messages of a slot -------------------------------------------------------------------- */

static bool class_same(const struct tree_class *a, const struct tree_class *b)
{
	return a->rate == b->rate && a->ceil == b->ceil && a->buffer == b->buffer &&
	       a->cbuffer == b->cbuffer && a->prio == b->prio;
}

static bool leaf_same(const struct tree_leaf *a, const struct tree_leaf *b)
{
	return a->rate == b->rate && a->burst == b->burst && a->limit == b->limit &&
	       a->target == b->target;
}

/* Flows can be said when it is made only, so "change it, or make it" is two messages, of which the
 * first may find it there. */
static void put_fair(struct shaper *s, int dev, uint32_t parent, uint32_t handle,
		     const struct tree_leaf *leaf, enum tc_how how)
{
	if (how == TC_ENSURE)
		tc_fq_codel(&s->batch, dev, parent, handle, leaf, TC_CREATE);
	tc_fq_codel(&s->batch, dev, parent, handle, leaf, how == TC_CREATE ? TC_CREATE : TC_CHANGE);
}

static void put_leaf(struct shaper *s, uint32_t slot, unsigned dir, const struct tree_leaf *leaf,
		     enum tc_how how)
{
	int dev = device(s, dir);
	uint32_t id = class_id(s, slot), handle = leaf_handle(s, slot);

	if (leaf->rate)
		tc_tbf(&s->batch, dev, id, handle, leaf, how);
	else if (s->fair[dir])
		put_fair(s, dev, id, handle, leaf, how);
	else
		tc_fifo(&s->batch, dev, id, handle, leaf, how);
	if (leaf->rate && inner_fair(s, slot, dir))
		put_fair(s, dev, handle | 1, inner_handle(s, slot), leaf, how);
}

/* @how TC_CHANGE sends what differs from @was only (NULL: all of it). */
static void put_slot(struct shaper *s, uint32_t slot, unsigned dir, const struct tree_class *c,
		     const struct tree_class *was, enum tc_how how)
{
	if (!was || !class_same(c, was))
		tc_class(&s->batch, device(s, dir), class_parent(s, slot, dir), class_id(s, slot),
			 c, how);
	if (!was || !leaf_same(&c->leaf, &was->leaf))
		put_leaf(s, slot, dir, &c->leaf, how);
}

/* What the kernel said of messages [from, until). @ret_there: something was there already. */
static int outcome(const struct shaper *s, unsigned from, unsigned until, bool *ret_there)
{
	int rc = s->batch.bad ? -ENOMEM : 0;

	*ret_there = false;
	for (unsigned i = from; i < until && !rc; i++) {
		rc = s->batch.rc[i] == -EEXIST ? 0 : s->batch.rc[i];
		*ret_there = *ret_there || s->batch.rc[i] == -EEXIST;
	}
	return rc;
}

/* --- plans --------------------------------------------------------------------------------- */

/* One direction of a job in a batch: its messages are [from, until). */
struct part {
	struct job *job;
	unsigned dir, from, until;
	struct tree_class want, was;
	bool had;  /* the class is as `was` says */
	bool back; /* `was` is to hold again, should the plan fail */
	bool anew; /* its leaf is of another kind, or something is not there: to be made again */
	int rc;
};

static void part_put(struct shaper *s, struct part *p, struct job *j, unsigned dir,
		     const struct shaper_rate *rate, const struct shaper_rate *was)
{
	struct slot *slot = &s->slots[j->slot];

	if (j->afresh)
		slot->made[dir] = slot->known[dir] = false;
	*p = (struct part){ .job = j, .dir = dir, .had = slot->known[dir], .was = slot->of[dir] };
	p->back = p->had || was->pir;
	tree_class_of(&s->config, rate, dir == DOWN, &p->want);
	if (!p->had && was->pir)
		tree_class_of(&s->config, was, dir == DOWN, &p->was);
	p->anew = p->had && !p->want.leaf.rate != !p->was.leaf.rate;
	p->from = s->batch.count;
	if (!p->anew)
		put_slot(s, j->slot, dir, &p->want, p->had ? &p->was : NULL,
			 slot->made[dir] ? TC_CHANGE : TC_ENSURE);
	p->until = s->batch.count;
}

/* Somebody may have deleted what was taken to be there, or put another leaf in its place; and of a
 * class that a process before us made it is not known which kind of leaf it has. */
static void part_outcome(struct shaper *s, struct part *p)
{
	bool there;

	p->rc = outcome(s, p->from, p->until, &there);
	/* The last message changes: only a leaf that is not ours can be in its way. */
	if (!p->rc && p->until > p->from && s->batch.rc[p->until - 1] == -EEXIST)
		p->anew = true;
	if (p->rc == -ENOENT || (p->rc == -EINVAL && !p->had))
		p->anew = true;
}

/* The leaf goes first, with what is queued in it: the kernel replaces none by one of another kind
 * with the same handle. */
static void make_anew(struct shaper *s, struct part *parts, unsigned count)
{
	unsigned n = 0;

	tc_begin(&s->batch, &s->tc);
	for (unsigned i = 0; i < count; i++)
		if (parts[i].anew && ++n)
			tc_qdisc_del(&s->batch, device(s, parts[i].dir),
				     class_id(s, parts[i].job->slot), 0);
	if (!n)
		return;
	(void)tc_run(&s->batch); /* there may be none */
	tc_begin(&s->batch, &s->tc);
	for (unsigned i = 0; i < count; i++) {
		struct part *p = &parts[i];

		if (!p->anew)
			continue;
		p->from = s->batch.count;
		put_slot(s, p->job->slot, p->dir, &p->want, NULL, TC_ENSURE);
		p->until = s->batch.count;
	}
	(void)tc_run(&s->batch);
	for (unsigned i = 0; i < count; i++) {
		bool there;

		if (parts[i].anew)
			parts[i].rc = outcome(s, parts[i].from, parts[i].until, &there);
	}
}

static void part_result(struct shaper *s, struct part *p)
{
	struct slot *slot = &s->slots[p->job->slot];

	slot->made[p->dir] = !p->rc; /* else the next plan makes what is missing */
	slot->known[p->dir] = !p->rc;
	slot->of[p->dir] = p->want;
	if (p->rc && !p->job->rc)
		p->job->rc = p->rc;
}

/* What was changed of a plan that failed becomes what it was: of one whose answer was lost, too,
 * which the kernel may have heeded. */
static void take_back(struct shaper *s, struct part *parts, unsigned count)
{
	tc_begin(&s->batch, &s->tc);
	for (unsigned i = 0; i < count; i++) {
		struct part *p = &parts[i];

		p->from = s->batch.count;
		if (p->job->rc && p->back)
			put_slot(s, p->job->slot, p->dir, &p->was, NULL,
				 p->anew ? TC_ENSURE : TC_CHANGE);
		p->until = s->batch.count;
	}
	(void)tc_run(&s->batch);
	for (unsigned i = 0; i < count; i++) {
		struct part *p = &parts[i];
		struct slot *slot = &s->slots[p->job->slot];
		bool there;

		if (!p->job->rc || !p->back)
			continue;
		slot->made[p->dir] = slot->known[p->dir] = !outcome(s, p->from, p->until, &there);
		slot->of[p->dir] = p->was;
	}
}

static void set_all(struct shaper *s, struct job **jobs, unsigned count)
{
	struct part parts[SET_JOBS * DIRECTIONS];
	unsigned n = 0, failed = 0;

	tc_begin(&s->batch, &s->tc);
	for (unsigned i = 0; i < count; i++) {
		if (jobs[i]->plan.down.pir)
			part_put(s, &parts[n++], jobs[i], DOWN, &jobs[i]->plan.down,
				 &jobs[i]->was.down);
		if (jobs[i]->plan.up.pir && s->config.up_ifindex)
			part_put(s, &parts[n++], jobs[i], UP, &jobs[i]->plan.up, &jobs[i]->was.up);
	}
	(void)tc_run(&s->batch);
	for (unsigned i = 0; i < n; i++)
		part_outcome(s, &parts[i]);
	make_anew(s, parts, n);
	for (unsigned i = 0; i < n; i++)
		part_result(s, &parts[i]);
	for (unsigned i = 0; i < count; i++)
		failed += jobs[i]->rc != 0;
	if (failed)
		take_back(s, parts, n);
	pthread_mutex_lock(&s->lock);
	s->failed += failed;
	pthread_mutex_unlock(&s->lock);
}

/* --- classes ahead of need ----------------------------------------------------------------- */

struct filling {
	uint32_t slot;
	unsigned dir, from, until;
};

/* One that is there already is somebody's, and stays as it is: what it is like is not known. What
 * went wrong is found, and told, when a plan wants the class. */
static void fill_result(struct shaper *s, const struct filling *f, const struct tree_class *c)
{
	struct slot *slot = &s->slots[f->slot];
	bool there;

	slot->made[f->dir] = !outcome(s, f->from, f->until, &there);
	slot->known[f->dir] = slot->made[f->dir] && !there;
	slot->of[f->dir] = *c;
}

static void fill_some(struct shaper *s, uint32_t until)
{
	struct filling filling[FILL_SLOTS * DIRECTIONS];
	struct tree_class c[DIRECTIONS];
	uint32_t first = s->filled;
	unsigned n = 0;

	tree_class_of(&s->config, &idle, true, &c[DOWN]);
	tree_class_of(&s->config, &idle, false, &c[UP]);
	tc_begin(&s->batch, &s->tc);
	for (; s->filled < until && s->filled < first + FILL_SLOTS; s->filled++)
		for (unsigned dir = DOWN; dir < DIRECTIONS; dir++) {
			struct filling *f = &filling[n];

			if (!device(s, dir) || s->slots[s->filled].made[dir])
				continue;
			*f = (struct filling){ s->filled, dir, s->batch.count, 0 };
			put_slot(s, s->filled, dir, &c[dir], NULL, TC_CREATE);
			f->until = s->batch.count;
			n++;
		}
	(void)tc_run(&s->batch);
	for (unsigned i = 0; i < n; i++)
		fill_result(s, &filling[i], &c[filling[i].dir]);
}

/* --- trees --------------------------------------------------------------------------------- */

/* What is there already: of a process before us, whose sessions go on through it. */
struct found {
	const struct shaper *s;
	uint32_t trees;
	bool fair;
};

static void on_found(void *arg, const struct tc_count *t)
{
	struct found *f = arg;

	for (uint32_t i = 0; i < f->s->config.queues; i++)
		f->trees += worker_is_tree(f->s, i, t);
	/* One without a handle is the kernel's default, of a queue that is nobody's. */
	f->fair = f->fair || (!strcmp(t->kind, "fq_codel") && t->handle);
}

/* From the root on: half of it cannot be mended. */
static int put_trees(struct shaper *s, unsigned dir)
{
	struct tree_leaf cutter;

	tree_cutter_of(&cutter);
	tc_begin(&s->batch, &s->tc);
	tc_qdisc_del(&s->batch, device(s, dir), TC_ROOT, 0);
	(void)tc_run(&s->batch); /* there is none, as a rule */
	tc_begin(&s->batch, &s->tc);
	tc_mq(&s->batch, device(s, dir));
	for (uint32_t tree = 0; tree < s->config.queues; tree++) {
		tc_tbf(&s->batch, device(s, dir), TREE_MQ | (tree + 2), cutter_handle(s, tree),
		       &cutter, TC_ENSURE);
		tc_htb(&s->batch, device(s, dir), cutter_handle(s, tree) | 1, tree_handle(s, tree));
	}
	return tc_run(&s->batch);
}

/* Changed in place, or made. */
static int put_backhaul(struct shaper *s, unsigned dir)
{
	struct tree_class c;

	if (!backhaul(s, dir))
		return 0;
	tc_begin(&s->batch, &s->tc);
	tree_backhaul_of(backhaul(s, dir), &c);
	for (uint32_t tree = 0; tree < s->config.queues; tree++)
		tc_class(&s->batch, device(s, dir), tree_handle(s, tree),
			 tree_handle(s, tree) + CLASS_ROOT, &c, TC_ENSURE);
	return tc_run(&s->batch);
}

/* Asked with slot 0's class, which stays: does the kernel have this kind of leaf? */
static void try_fair(struct shaper *s, unsigned dir)
{
	struct tree_class c;

	if ((dir == DOWN ? s->config.leaf : s->config.leaf_up) != SHAPER_LEAF_FAIR)
		return;
	tree_class_of(&s->config, &idle, dir == DOWN, &c);
	s->fair[dir] = true;
	tc_begin(&s->batch, &s->tc);
	put_slot(s, 0, dir, &c, NULL, TC_ENSURE);
	(void)tc_run(&s->batch);
	s->fair[dir] = !s->batch.rc[s->batch.count - 1]; /* what came before may be there */
}

int worker_trees(struct shaper *s, char *why, size_t why_len)
{
	int rc = 0;

	for (unsigned dir = DOWN; dir < DIRECTIONS && !rc; dir++) {
		struct found found = { .s = s };

		if (!device(s, dir))
			continue;
		rc = tc_dump_qdiscs(&s->tc, device(s, dir), on_found, &found);
		if (!rc && found.trees != s->config.queues)
			rc = put_trees(s, dir);
		rc = rc ? rc : put_backhaul(s, dir);
		if (found.trees == s->config.queues)
			s->fair[dir] = found.fair;
		else if (!rc)
			try_fair(s, dir);
	}
	if (rc)
		snprintf(why, why_len, "no HTB on the subscriber device: %s%s", strerror(-rc),
			 rc == -ENOENT ? " (the kernel needs sch_htb and sch_tbf)" : "");
	return rc;
}

/* No class of this direction is there any more. */
static void forget_slots(struct shaper *s, unsigned dir)
{
	for (uint32_t slot = 0; slot < s->config.max_sessions; slot++)
		s->slots[slot].made[dir] = s->slots[slot].known[dir] = false;
	s->filled = 0;
}

static void look(struct shaper *s, struct job *j)
{
	for (unsigned dir = DOWN; dir < DIRECTIONS && !j->rc; dir++) {
		struct found found = { .s = s };

		if (!device(s, dir))
			continue;
		j->rc = tc_dump_qdiscs(&s->tc, device(s, dir), on_found, &found);
		if (j->rc || found.trees == s->config.queues)
			continue;
		j->rebuilt = true;
		forget_slots(s, dir);
		j->rc = put_trees(s, dir);
		j->rc = j->rc ? j->rc : put_backhaul(s, dir);
	}
}

/* --- counters ------------------------------------------------------------------------------ */

struct measuring {
	struct shaper *s;
	struct shaper_counters *of;
};

static void on_class(void *arg, const struct tc_count *t)
{
	struct measuring *m = arg;
	uint32_t slot = tree_slot_of(&m->s->majors, t->handle, m->s->config.queues);
	struct shaper_counters *c;

	if (slot >= m->s->config.max_sessions)
		return;
	c = &m->of[slot];
	c->packets = t->packets;
	c->bytes = t->bytes + t->packets * (m->s->config.overhead - 14u);
	/* The kernel counts packets that were lent for, not octets. */
	c->borrowed = t->packets ? (uint64_t)((unsigned __int128)c->bytes *
					      (t->borrows < t->packets ? t->borrows : t->packets) /
					      t->packets)
				 : 0;
}

/* A leaf's parent is the class. It knows the drops of the fifo or fq_codel within it, too. */
static void on_qdisc(void *arg, const struct tc_count *t)
{
	struct measuring *m = arg;
	uint32_t slot = tree_slot_of(&m->s->majors, t->parent, m->s->config.queues);

	if (slot >= m->s->config.max_sessions)
		return;
	m->of[slot].drops = t->drops;
	m->of[slot].backlog = t->backlog;
}

/* Leaves one by one: a dump of 50,000 takes the kernel a minute. One that is not there counts 0. */
static void measure_leaves(struct shaper *s, struct measuring *m, unsigned dir)
{
	for (uint32_t slot = 0; slot < s->config.max_sessions;) {
		tc_begin(&s->batch, &s->tc);
		s->batch.told = on_qdisc;
		s->batch.told_arg = m;
		for (; slot < s->config.max_sessions && tc_room(&s->batch); slot++)
			if (s->slots[slot].made[dir])
				tc_leaf_get(&s->batch, device(s, dir), class_id(s, slot));
		(void)tc_run(&s->batch);
	}
}

static void measure(struct shaper *s, struct job *j)
{
	struct measuring m = { .s = s };

	for (unsigned dir = DOWN; dir < DIRECTIONS && !j->rc; dir++) {
		m.of = dir == DOWN ? j->down : j->up;
		if (!device(s, dir))
			continue;
		for (uint32_t tree = 0; tree < s->config.queues && !j->rc; tree++)
			j->rc = tc_dump_classes(&s->tc, device(s, dir), tree_handle(s, tree),
						on_class, &m);
		if (!j->rc)
			measure_leaves(s, &m, dir);
	}
}

/* --- the thread ---------------------------------------------------------------------------- */

/* Jobs that go together: plans up to a batch's size, or one measurement. Under the lock. */
static unsigned take_jobs(struct shaper *s, struct job **jobs)
{
	unsigned n = 0;
	struct job *j;

	while (n < SET_JOBS && (j = STAILQ_FIRST(&s->todo)) &&
	       (!n || (j->kind == JOB_SET && jobs[0]->kind == JOB_SET))) {
		/* A slot twice in a batch: the second needs the first one's outcome. */
		for (unsigned i = 0; i < n; i++)
			if (jobs[i]->slot == j->slot)
				return n;
		STAILQ_REMOVE_HEAD(&s->todo, entry);
		jobs[n++] = j;
	}
	return n;
}

static void do_jobs(struct shaper *s, struct job **jobs, unsigned n)
{
	switch (jobs[0]->kind) {
	case JOB_SET:
		set_all(s, jobs, n);
		break;
	case JOB_MEASURE:
		measure(s, jobs[0]);
		break;
	case JOB_LOOK:
		look(s, jobs[0]);
		break;
	case JOB_CHECK:
		worker_check(s, jobs[0]);
		break;
	}
	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; i < n; i++)
		STAILQ_INSERT_TAIL(&s->done, jobs[i], entry);
	pthread_mutex_unlock(&s->lock);
	(void)eventfd_write(s->event, 1);
}

static struct timespec after(uint64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += (long)(ns % NSEC_PER_SEC);
	t.tv_sec += (time_t)(ns / NSEC_PER_SEC) + t.tv_nsec / (long)NSEC_PER_SEC;
	t.tv_nsec %= (long)NSEC_PER_SEC;
	return t;
}

/* Makes some classes, and rests for as long as that took, unless a plan comes. With the lock. */
static void fill(struct shaper *s)
{
	uint32_t until = s->wanted;
	uint64_t began = loop_clock();
	struct timespec rest;

	pthread_mutex_unlock(&s->lock);
	fill_some(s, until);
	rest = after(loop_clock() - began);
	pthread_mutex_lock(&s->lock);
	s->made = s->filled;
	if (!s->stop && STAILQ_EMPTY(&s->todo))
		(void)pthread_cond_timedwait(&s->wake, &s->lock, &rest);
}

void *worker_run(void *arg)
{
	struct shaper *s = arg;
	struct job *jobs[SET_JOBS];

	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		unsigned n = take_jobs(s, jobs);

		if (n) {
			pthread_mutex_unlock(&s->lock);
			do_jobs(s, jobs, n);
			pthread_mutex_lock(&s->lock);
		} else if (s->filled < s->wanted) {
			fill(s);
		} else {
			pthread_cond_wait(&s->wake, &s->lock);
		}
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
