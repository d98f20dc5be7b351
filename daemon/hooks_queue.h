/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts that wait for their turn: first come, first served, but of one line never two at a time. A
 * job is all that a process needs, made where the session is known, run where nobody waits. Pure. */
#ifndef DAEMON_HOOKS_QUEUE_H
#define DAEMON_HOOKS_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#define HOOKS_QUEUE_MAX 4096
#define HOOK_ARGS_MAX	8
#define HOOK_ENV_MAX	32

enum hook { HOOK_UP, HOOK_DOWN, HOOK_CHANGE, HOOKS };

struct hook_job {
	TAILQ_ENTRY(hook_job) link;
	uint64_t line; /* jobs of one line have the same */
	enum hook hook;
	char *argv[HOOK_ARGS_MAX + 1], *env[HOOK_ENV_MAX + 1]; /* NULL at the end; argv[0] NULL: no
								 * script, only the files */
	unsigned argc, envc;
	bool bad;			    /* no memory for some of it */
	char *radattr, *radattr_old, *text; /* NULL: none; UP and CHANGE write the file, DOWN removes
					     * both */
	/* of the one who runs it */
	pid_t pid;
	int pidfd;
	uint64_t deadline;
};

struct hooks_queue {
	TAILQ_HEAD(hook_list, hook_job) waiting, running;
	unsigned waiting_count, running_count;
};

struct hook_job *hook_job_new(enum hook hook, uint64_t line);
void hook_job_arg(struct hook_job *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void hook_job_env(struct hook_job *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void hook_job_free(struct hook_job *j);

void hooks_queue_init(struct hooks_queue *q);
void hooks_queue_fini(struct hooks_queue *q); /* frees what waits and what runs */
/* 0, and the job is the queue's; -ENOBUFS; -ENOMEM: the job is incomplete. */
int hooks_queue_add(struct hooks_queue *q, struct hook_job *j);
/* The next that may run, moved to the running ones; NULL: none, or `limit` run. */
struct hook_job *hooks_queue_next(struct hooks_queue *q, unsigned limit);
void hooks_queue_done(struct hooks_queue *q, struct hook_job *j); /* frees it */

#endif
