// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/hooks_queue.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct hook_job *hook_job_new(enum hook hook, uint64_t line)
{
	struct hook_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->hook = hook;
	j->line = line;
	j->pidfd = -1;
	return j;
}

static void add(struct hook_job *j, char **list, unsigned *count, unsigned max, const char *fmt,
		va_list ap)
{
	char *text;

	if (*count == max || vasprintf(&text, fmt, ap) < 0)
		j->bad = true;
	else
		list[(*count)++] = text;
}

void hook_job_arg(struct hook_job *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(j, j->argv, &j->argc, HOOK_ARGS_MAX, fmt, ap);
	va_end(ap);
}

void hook_job_env(struct hook_job *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(j, j->env, &j->envc, HOOK_ENV_MAX, fmt, ap);
	va_end(ap);
}

void hook_job_free(struct hook_job *j)
{
	if (!j)
		return;
	for (unsigned i = 0; i < j->argc; i++)
		free(j->argv[i]);
	for (unsigned i = 0; i < j->envc; i++)
		free(j->env[i]);
	free(j->radattr);
	free(j->radattr_old);
	free(j->text);
	free(j);
}

void hooks_queue_init(struct hooks_queue *q)
{
	*q = (struct hooks_queue){ 0 };
	TAILQ_INIT(&q->waiting);
	TAILQ_INIT(&q->running);
}

void hooks_queue_fini(struct hooks_queue *q)
{
	struct hook_job *j;

	while ((j = TAILQ_FIRST(&q->running)))
		hooks_queue_done(q, j);
	while ((j = TAILQ_FIRST(&q->waiting))) {
		TAILQ_REMOVE(&q->waiting, j, link);
		hook_job_free(j);
	}
	q->waiting_count = 0;
}

int hooks_queue_add(struct hooks_queue *q, struct hook_job *j)
{
	if (j->bad)
		return -ENOMEM;
	if (q->waiting_count == HOOKS_QUEUE_MAX)
		return -ENOBUFS;
	TAILQ_INSERT_TAIL(&q->waiting, j, link);
	q->waiting_count++;
	return 0;
}

static bool line_runs(const struct hooks_queue *q, uint64_t line)
{
	const struct hook_job *j;

	TAILQ_FOREACH(j, &q->running, link) {
		if (j->line == line)
			return true;
	}
	return false;
}

/* The first one of a line is the only one of it that can be taken: those behind it find it running,
 * or are behind it in the list. */
struct hook_job *hooks_queue_next(struct hooks_queue *q, unsigned limit)
{
	struct hook_job *j;

	if (q->running_count >= limit)
		return NULL;
	TAILQ_FOREACH(j, &q->waiting, link) {
		if (line_runs(q, j->line))
			continue;
		TAILQ_REMOVE(&q->waiting, j, link);
		TAILQ_INSERT_TAIL(&q->running, j, link);
		q->waiting_count--;
		q->running_count++;
		return j;
	}
	return NULL;
}

void hooks_queue_done(struct hooks_queue *q, struct hook_job *j)
{
	TAILQ_REMOVE(&q->running, j, link);
	q->running_count--;
	hook_job_free(j);
}
