/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loop's side (sys.c) and the worker's (sys_worker.c) share. */
#ifndef SHAPER_SYS_WORKER_H
#define SHAPER_SYS_WORKER_H

#include "shaper/sys.h"

#include <pthread.h>
#include <string.h>
#include <sys/queue.h>

enum { DOWN, UP, DIRECTIONS };

struct job {
	enum { JOB_SET, JOB_MEASURE, JOB_LOOK, JOB_CHECK } kind;
	int rc;
	uint32_t slot, generation;
	uint64_t ticket;
	struct shaper_plan plan, was; /* JOB_SET: to be; what holds */
	bool afresh;			   /* JOB_SET: nothing is taken to be there */
	struct shaper_counters *down, *up; /* JOB_MEASURE */
	void (*measured)(void *arg, uint64_t now, const struct shaper_counters *down,
			 const struct shaper_counters *up, int rc);
	void *arg;
	bool rebuilt;		  /* JOB_LOOK: there was something to build */
	struct shaper_seen *seen; /* JOB_CHECK */
	void (*checked)(void *arg, uint64_t now, const struct shaper_seen *seen, int rc);
	STAILQ_ENTRY(job) entry;
};
STAILQ_HEAD(jobs, job);

/* What the kernel has of a slot. */
struct slot {
	bool made[DIRECTIONS];	/* class and leaf are there */
	bool known[DIRECTIONS]; /* and are as `of` says */
	struct tree_class of[DIRECTIONS];
};

/* A slot's class and leaf as the kernel has them. */
struct seen {
	uint64_t rate, ceil, leaf_rate; /* octets/s */
	uint32_t buffer, cbuffer;	/* ns, to the tick */
	uint32_t leaf_limit;		/* octets */
	uint8_t prio;
	bool class, asked;    /* there is one; its leaf has been asked for */
	bool tbf, fifo, fair; /* which it is */
	bool inner_fair;      /* a fq_codel is in the tbf */
};

struct shaper_seen {
	const struct shaper *s;
	bool leaves; /* they are to be asked for, too */
	unsigned missing_trees;
	struct seen *of[DIRECTIONS]; /* a slot each */
};

struct shaper {
	struct shaper_config config;
	struct tree_majors majors;
	/* the loop's */
	struct loop_io *io;
	bool *in_use;
	uint32_t used;
	bool started;
	pthread_t thread;
	int event;
	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct jobs todo, done;
	uint32_t wanted, made;
	uint64_t failed;
	bool stop;
	/* the worker's */
	struct tc tc;
	struct tc_batch batch;
	bool fair[DIRECTIONS]; /* leaves are fq_codel */
	struct slot *slots;
	uint32_t filled; /* slots below have been through the fill */
};

static inline void job_free(struct job *j)
{
	if (!j)
		return;
	free(j->down);
	free(j->up);
	if (j->seen) {
		free(j->seen->of[DOWN]);
		free(j->seen->of[UP]);
		free(j->seen);
	}
	free(j);
}

/* --- numbers ------------------------------------------------------------------------------- */

#define CLASS_ROOT 1 /* minor of the backhaul */

static inline int device(const struct shaper *s, unsigned dir)
{
	return dir == DOWN ? s->config.down_ifindex : s->config.up_ifindex;
}

static inline uint64_t backhaul(const struct shaper *s, unsigned dir)
{
	return dir == DOWN ? s->config.backhaul_down : s->config.backhaul_up;
}

static inline uint32_t tree_handle(const struct shaper *s, uint32_t tree)
{
	return (uint32_t)s->majors.tree[tree] << 16;
}

static inline uint32_t cutter_handle(const struct shaper *s, uint32_t tree)
{
	return (uint32_t)s->majors.cutter[tree] << 16;
}

static inline uint32_t class_id(const struct shaper *s, uint32_t slot)
{
	return tree_class_id(&s->majors, slot, s->config.queues);
}

static inline uint32_t class_parent(const struct shaper *s, uint32_t slot, unsigned dir)
{
	return tree_handle(s, tree_of(slot, s->config.queues)) +
	       (backhaul(s, dir) ? CLASS_ROOT : 0);
}

static inline uint32_t leaf_handle(const struct shaper *s, uint32_t slot)
{
	return (uint32_t)s->majors.leaf[slot] << 16;
}

/* Of a fq_codel within a tbf; 0: there are not that many handles, and the tbf keeps its fifo. */
static inline uint32_t inner_handle(const struct shaper *s, uint32_t slot)
{
	if (2 * s->config.max_sessions > TREE_LEAVES_MAX)
		return 0;
	return (uint32_t)s->majors.leaf[s->config.max_sessions + slot] << 16;
}

static inline bool inner_fair(const struct shaper *s, uint32_t slot, unsigned dir)
{
	return s->fair[dir] && inner_handle(s, slot);
}

/* Is this queue's tree, behind its cutter? One of a version that had none is not. */
static inline bool worker_is_tree(const struct shaper *s, uint32_t tree, const struct tc_count *t)
{
	return !strcmp(t->kind, "htb") && t->handle == tree_handle(s, tree) &&
	       t->parent == (cutter_handle(s, tree) | 1);
}

int worker_trees(struct shaper *s, char *why, size_t why_len); /* before the worker runs */
void *worker_run(void *shaper);
void worker_check(struct shaper *s, struct job *j); /* sys_check.c */
void worker_post(struct shaper *s, struct job *j);  /* the loop's: takes the job */

#endif
