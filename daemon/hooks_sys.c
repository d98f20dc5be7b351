// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that runs scripts. Its fork is a vfork (posix_spawn), which stops this thread for the
 * moment of the exec and not the loop's; a script that takes too long is killed with its group. */
#include "base/log.h"
#include "base/loop.h"
#include "daemon/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MAX 64

struct hooks {
	pthread_t thread;
	pthread_mutex_t lock;
	struct hooks_queue queue;
	struct hooks_stats stats;
	unsigned limit;
	uint64_t timeout;
	int event;
	uint64_t end; /* 0: not yet */
	struct log_limit log;
};

static void complain(struct hooks *h, const struct hook_job *j, const char *what, const char *detail)
{
	uint64_t suppressed = 0;

	h->stats.failed++;
	if (log_limit_ok(&h->log, loop_clock(), &suppressed))
		log_warn("hooks: %s for %s: %s%s", j->argv[0] ? j->argv[0] : j->radattr,
			 j->argc > 1 ? j->argv[1] : "?", what, detail);
}

/* Written whole, and then it has its name: who reads it never finds half of it. */
static void write_radattr(struct hooks *h, const struct hook_job *j)
{
	char path[512];
	size_t len = strlen(j->text);
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s.new", j->radattr);
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		n = write(fd, j->text, len);
		close(fd);
	}
	if (j->hook == HOOK_CHANGE && n == (ssize_t)len)
		(void)rename(j->radattr, j->radattr_old);
	if (n != (ssize_t)len || rename(path, j->radattr))
		complain(h, j, "cannot write: ", strerror(errno));
}

static void files(struct hooks *h, const struct hook_job *j, bool before)
{
	if (!j->radattr)
		return;
	if (before && j->text && j->hook != HOOK_DOWN)
		write_radattr(h, j);
	if (!before && j->hook == HOOK_DOWN) {
		(void)unlink(j->radattr);
		(void)unlink(j->radattr_old);
	}
}

static int spawn(struct hook_job *j)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, 1, 2);
	posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	posix_spawn_file_actions_addchdir_np(&fa, "/");
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	rc = -posix_spawn(&j->pid, j->argv[0], &fa, &attr, j->argv, j->env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	if (rc)
		return rc;
	j->pidfd = pidfd_open(j->pid, 0);
	if (j->pidfd >= 0)
		return 0;
	rc = -errno;
	kill(-j->pid, SIGKILL);
	(void)waitpid(j->pid, NULL, 0);
	return rc;
}

/* True: it runs. */
static bool start(struct hooks *h, struct hook_job *j)
{
	int rc;

	files(h, j, true);
	rc = j->argv[0] ? spawn(j) : -ENOENT;
	if (!rc) {
		j->deadline = loop_clock() + h->timeout;
		h->stats.started++;
		return true;
	}
	if (j->argv[0])
		complain(h, j, "cannot be run: ", strerror(-rc));
	files(h, j, false);
	return false;
}

static void reap(struct hooks *h, struct hook_job *j)
{
	char text[64];
	int status = 0;

	(void)waitpid(j->pid, &status, 0);
	close(j->pidfd);
	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "signal %d", WTERMSIG(status));
	else
		snprintf(text, sizeof(text), "exit status %d", WEXITSTATUS(status));
	if (status)
		complain(h, j, "ended with ", text);
	files(h, j, false);
}

static void start_all(struct hooks *h)
{
	struct hook_job *j;

	pthread_mutex_lock(&h->lock);
	while ((j = hooks_queue_next(&h->queue, h->limit))) {
		bool runs;

		pthread_mutex_unlock(&h->lock);
		runs = start(h, j);
		pthread_mutex_lock(&h->lock);
		if (!runs)
			hooks_queue_done(&h->queue, j);
	}
	pthread_mutex_unlock(&h->lock);
}

/* The list of those that run is this thread's: nobody else changes it. */
static void wait_some(struct hooks *h)
{
	struct pollfd fds[LIMIT_MAX + 1] = { { .fd = h->event, .events = POLLIN } };
	struct hook_job *jobs[LIMIT_MAX], *j;
	uint64_t now = loop_clock(), next = now + 60 * NSEC_PER_SEC, value;
	unsigned n = 0;

	TAILQ_FOREACH(j, &h->queue.running, link) {
		jobs[n] = j;
		fds[++n] = (struct pollfd){ .fd = j->pidfd, .events = POLLIN };
		if (j->deadline < next)
			next = j->deadline;
	}
	pthread_mutex_lock(&h->lock);
	if (h->end && h->end < next)
		next = h->end;
	pthread_mutex_unlock(&h->lock);
	if (poll(fds, n + 1, next > now ? (int)((next - now) / NSEC_PER_MSEC) + 1 : 0) < 0)
		return;
	if (fds[0].revents)
		(void)!read(h->event, &value, sizeof(value));
	now = loop_clock();
	for (unsigned i = 0; i < n; i++) {
		if (!fds[i + 1].revents && now < jobs[i]->deadline)
			continue;
		if (!fds[i + 1].revents) {
			kill(-jobs[i]->pid, SIGKILL);
			h->stats.timeouts++;
		}
		reap(h, jobs[i]);
		pthread_mutex_lock(&h->lock);
		hooks_queue_done(&h->queue, jobs[i]);
		pthread_mutex_unlock(&h->lock);
	}
}

/* Has all been done, or is there no more time? */
static bool over(struct hooks *h)
{
	uint64_t end;
	unsigned left;

	pthread_mutex_lock(&h->lock);
	end = h->end;
	left = h->queue.waiting_count + h->queue.running_count;
	pthread_mutex_unlock(&h->lock);
	if (!end || (left && loop_clock() < end))
		return false;
	if (left)
		log_warn("hooks: %u scripts have not been run to their end", left);
	return true;
}

static void *run(void *arg)
{
	struct hooks *h = arg;
	struct hook_job *j;

	while (!over(h)) {
		start_all(h);
		wait_some(h);
	}
	TAILQ_FOREACH(j, &h->queue.running, link) {
		kill(-j->pid, SIGKILL);
		reap(h, j);
	}
	return NULL;
}

static void wake(struct hooks *h)
{
	uint64_t one = 1;

	(void)!write(h->event, &one, sizeof(one));
}

int hooks_new(struct hooks **ret, unsigned limit, uint64_t timeout)
{
	struct hooks *h = calloc(1, sizeof(*h));
	sigset_t all, before;
	int rc;

	if (!h)
		return -ENOMEM;
	h->limit = limit < LIMIT_MAX ? limit : LIMIT_MAX;
	h->timeout = timeout;
	hooks_queue_init(&h->queue);
	pthread_mutex_init(&h->lock, NULL);
	h->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = h->event < 0 ? -errno : -pthread_create(&h->thread, NULL, run, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!rc) {
		*ret = h;
		return 0;
	}
	if (h->event >= 0)
		close(h->event);
	free(h);
	return rc;
}

void hooks_free(struct hooks *h, uint64_t patience)
{
	if (!h)
		return;
	pthread_mutex_lock(&h->lock);
	h->end = loop_clock() + patience;
	pthread_mutex_unlock(&h->lock);
	wake(h);
	pthread_join(h->thread, NULL);
	hooks_queue_fini(&h->queue);
	pthread_mutex_destroy(&h->lock);
	close(h->event);
	free(h);
}

int hooks_run(struct hooks *h, struct hook_job *j)
{
	int rc;

	pthread_mutex_lock(&h->lock);
	rc = hooks_queue_add(&h->queue, j);
	h->stats.dropped += rc != 0;
	pthread_mutex_unlock(&h->lock);
	if (rc)
		hook_job_free(j);
	else
		wake(h);
	return rc;
}

void hooks_stats(struct hooks *h, struct hooks_stats *ret)
{
	pthread_mutex_lock(&h->lock);
	*ret = h->stats;
	ret->waiting = h->queue.waiting_count;
	ret->running = h->queue.running_count;
	pthread_mutex_unlock(&h->lock);
}
