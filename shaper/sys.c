// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker: all that the kernel is asked to do for shaping, in one thread of its own. The loop
 * hands it plans and gets results back, plain structs both; slots name classes, and nothing of a
 * session is known here.
 *
 * Plans come first, many in one batch. When there are none the worker makes classes ahead of need,
 * and rests after each batch for as long as it took, so that others get the kernel's lock.
 */
#include "shaper/sys_worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- the loop's side ----------------------------------------------------------------------- */

static void tell(const struct job *j, struct shaper *s, uint64_t now)
{
	switch (j->kind) {
	case JOB_SET:
		s->config.done(s->config.arg, now, j->slot, j->generation, j->ticket, j->rc);
		return;
	case JOB_MEASURE:
		j->measured(j->arg, now, j->rc ? NULL : j->down, j->rc ? NULL : j->up, j->rc);
		return;
	case JOB_LOOK:
		if (j->rebuilt && s->config.rebuilt)
			s->config.rebuilt(s->config.arg, now, j->rc);
		return;
	case JOB_CHECK:
		j->checked(j->arg, now, j->rc ? NULL : j->seen, j->rc);
		return;
	}
}

static void on_done(void *arg, uint64_t now, unsigned events)
{
	struct shaper *s = arg;
	struct job *j;
	eventfd_t n;

	(void)events;
	(void)eventfd_read(s->event, &n);
	for (;;) {
		pthread_mutex_lock(&s->lock);
		j = STAILQ_FIRST(&s->done);
		if (j)
			STAILQ_REMOVE_HEAD(&s->done, entry);
		pthread_mutex_unlock(&s->lock);
		if (!j)
			return;
		tell(j, s, now);
		job_free(j);
	}
}

void worker_post(struct shaper *s, struct job *j)
{
	pthread_mutex_lock(&s->lock);
	STAILQ_INSERT_TAIL(&s->todo, j, entry);
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

/* The pool goes on beyond the highest slot that was ever in use: slots are given from below. */
static void want(struct shaper *s, uint32_t slot)
{
	uint32_t wanted = slot + 1 + s->config.pool;

	if (!s->in_use[slot]) {
		s->in_use[slot] = true;
		s->used++;
	}
	if (wanted > s->config.max_sessions)
		wanted = s->config.max_sessions;
	if (wanted <= s->wanted)
		return;
	pthread_mutex_lock(&s->lock);
	s->wanted = wanted;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

int shaper_set(struct shaper *s, uint32_t slot, uint32_t generation, uint64_t ticket,
	       const struct shaper_plan *plan, const struct shaper_plan *was, bool afresh)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	*j = (struct job){
		.kind = JOB_SET,
		.slot = slot,
		.generation = generation,
		.ticket = ticket,
		.plan = *plan,
		.was = *was,
		.afresh = afresh,
	};
	want(s, slot);
	worker_post(s, j);
	return 0;
}

void shaper_put(struct shaper *s, uint32_t slot)
{
	if (s->in_use[slot])
		s->used--;
	s->in_use[slot] = false;
}

int shaper_look(struct shaper *s)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	j->kind = JOB_LOOK;
	worker_post(s, j);
	return 0;
}

uint32_t shaper_class_id(const struct shaper *s, uint32_t slot)
{
	return tree_class_id(&s->majors, slot, s->config.queues);
}

int shaper_measure(struct shaper *s,
		   void (*done)(void *arg, uint64_t now, const struct shaper_counters *down,
				const struct shaper_counters *up, int rc),
		   void *arg)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j) {
		j->kind = JOB_MEASURE;
		j->measured = done;
		j->arg = arg;
		j->down = calloc(s->config.max_sessions, sizeof(*j->down));
		j->up = calloc(s->config.max_sessions, sizeof(*j->up));
	}
	if (!j || !j->down || !j->up) {
		job_free(j);
		return -ENOMEM;
	}
	worker_post(s, j);
	return 0;
}

static const char *leaf_name(const struct shaper *s, enum shaper_leaf kind, unsigned dir)
{
	return kind == SHAPER_LEAF_TBF ? "tbf" : s->fair[dir] ? "fq_codel" : "bfifo";
}

void shaper_state(const struct shaper *s, struct shaper_state *ret)
{
	struct shaper *lock = (struct shaper *)s;

	pthread_mutex_lock(&lock->lock);
	*ret = (struct shaper_state){
		.made = s->made,
		.used = s->used,
		.wanted = s->wanted,
		.failed = s->failed,
		.leaf = leaf_name(s, s->config.leaf, DOWN),
		.leaf_up = leaf_name(s, s->config.leaf_up, UP),
	};
	pthread_mutex_unlock(&lock->lock);
}

/* --- setup --------------------------------------------------------------------------------- */

static int start(struct shaper *s, struct loop *loop)
{
	sigset_t all, before;
	int rc;

	s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->event < 0)
		return -errno;
	rc = loop_io_new(loop, s->event, LOOP_READ, on_done, s, &s->io);
	if (rc)
		return rc;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = -pthread_create(&s->thread, NULL, worker_run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	s->started = !rc;
	return rc;
}

int shaper_new(struct shaper **ret, struct loop *loop, const struct shaper_config *c, char *why,
	       size_t why_len)
{
	struct shaper *s = calloc(1, sizeof(*s));
	int rc = -ENOMEM;

	if (!s)
		goto fail;
	s->config = *c;
	s->event = -1;
	STAILQ_INIT(&s->todo);
	STAILQ_INIT(&s->done);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, NULL);
	tree_majors_make(&s->majors);
	s->slots = calloc(c->max_sessions, sizeof(*s->slots));
	s->in_use = calloc(c->max_sessions, sizeof(*s->in_use));
	s->wanted = c->pool < c->max_sessions ? c->pool : c->max_sessions;
	if (!s->slots || !s->in_use)
		goto fail;
	rc = tc_open(&s->tc, c->overhead);
	rc = rc ? rc : worker_trees(s, why, why_len);
	if (rc) {
		shaper_free(s);
		return rc;
	}
	rc = start(s, loop);
	if (!rc) {
		*ret = s;
		return 0;
	}
fail:
	snprintf(why, why_len, "the shaper cannot be started: %s", strerror(-rc));
	shaper_free(s);
	return rc;
}

static void drain(struct jobs *q)
{
	struct job *j;

	while ((j = STAILQ_FIRST(q))) {
		STAILQ_REMOVE_HEAD(q, entry);
		job_free(j);
	}
}

void shaper_free(struct shaper *s)
{
	if (!s)
		return;
	if (s->started) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->wake);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	loop_io_free(s->io);
	if (s->event >= 0)
		close(s->event);
	drain(&s->todo);
	drain(&s->done);
	tc_close(&s->tc);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s->slots);
	free(s->in_use);
	free(s);
}
