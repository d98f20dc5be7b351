/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loop's side (sys.c) and the worker's (sys_worker.c) share. */
#ifndef SHAPER_SYS_WORKER_H
#define SHAPER_SYS_WORKER_H

#include "shaper/sys.h"

#include <pthread.h>
#include <sys/queue.h>

enum { DOWN, UP, DIRECTIONS };

struct job {
	enum { JOB_SET, JOB_MEASURE, JOB_LOOK } kind;
	int rc;
	uint32_t slot, generation;
	uint64_t ticket;
	struct shaper_plan plan;
	struct shaper_counters *down, *up; /* JOB_MEASURE */
	void (*measured)(void *arg, uint64_t now, const struct shaper_counters *down,
			 const struct shaper_counters *up, int rc);
	void *arg;
	bool rebuilt; /* JOB_LOOK: there was something to build */
	STAILQ_ENTRY(job) entry;
};
STAILQ_HEAD(jobs, job);

/* What the kernel has of a slot. */
struct slot {
	bool made[DIRECTIONS];	/* class and leaf are there */
	bool known[DIRECTIONS]; /* and are as `of` says */
	struct tree_class of[DIRECTIONS];
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
	struct slot *slots;
	uint32_t filled; /* slots below have been through the fill */
};

static inline void job_free(struct job *j)
{
	if (!j)
		return;
	free(j->down);
	free(j->up);
	free(j);
}

int worker_trees(struct shaper *s, char *why, size_t why_len); /* before the worker runs */
void *worker_run(void *shaper);

#endif
