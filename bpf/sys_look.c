// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A thread that looks whether programs are still at their hooks. The kernel answers that behind its
 * one lock of all networking, which others hold for many milliseconds, and behind a walk through
 * the device's qdiscs: with tens of thousands of lines nobody may wait for it in a loop. It has a
 * copy of what there is to look at; what has changed meanwhile may look like missing, so whoever
 * asked looks again himself before he does anything about it.
 */
#include "bpf/priv.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct dp_look {
	struct dp *dp;
	pthread_t thread;
	int ask, answer; /* eventfd: what they tell of is then the other's */
	bool busy;	 /* asked, and not answered; the caller's */
	bool end;
	unsigned missing, count;
	struct {
		struct dp_hook hook;
		int prog_fd;
	} at[DP_HOOKS_MAX];
};

static void tell(int fd)
{
	uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one));
}

static bool hear(int fd)
{
	uint64_t value;

	return read(fd, &value, sizeof(value)) == sizeof(value);
}

static void *run(void *arg)
{
	struct dp_look *l = arg;

	while (hear(l->ask) && !l->end) {
		l->missing = 0;
		for (unsigned i = 0; i < l->count; i++)
			l->missing += !dp_hook_in_place(&l->at[i].hook, l->at[i].prog_fd);
		tell(l->answer);
	}
	return NULL;
}

static int start(struct dp_look *l)
{
	sigset_t all, before;
	int rc;

	if (l->ask < 0 || l->answer < 0)
		return -EMFILE;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = -pthread_create(&l->thread, NULL, run, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static void release(struct dp_look *l)
{
	if (l->ask >= 0)
		close(l->ask);
	if (l->answer >= 0)
		close(l->answer);
	free(l);
}

int dp_look_new(struct dp_look **ret, struct dp *dp)
{
	struct dp_look *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return -ENOMEM;
	l->dp = dp;
	l->ask = eventfd(0, EFD_CLOEXEC);
	l->answer = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = start(l);
	if (rc)
		release(l);
	else
		*ret = l;
	return rc;
}

void dp_look_free(struct dp_look *l)
{
	if (!l)
		return;
	l->end = true;
	tell(l->ask);
	pthread_join(l->thread, NULL);
	release(l);
}

int dp_look_fd(const struct dp_look *l)
{
	return l->answer;
}

static void copy(void *arg, struct dp_hook *h, int prog_fd)
{
	struct dp_look *l = arg;

	if (!h->ifindex || l->count == DP_HOOKS_MAX)
		return;
	l->at[l->count].hook = *h;
	l->at[l->count++].prog_fd = prog_fd;
}

void dp_look_ask(struct dp_look *l)
{
	if (l->busy)
		return;
	l->busy = true;
	l->count = 0;
	dp_hooks_each(l->dp, copy, l);
	tell(l->ask);
}

unsigned dp_look_answer(struct dp_look *l)
{
	if (!hear(l->answer))
		return 0;
	l->busy = false;
	return l->missing;
}
