/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper's door to the kernel: processes, and its socket. 0 or -errno; nothing here logs. */
#ifndef DAEMON_DEEDS_EXEC_H
#define DAEMON_DEEDS_EXEC_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct deeds_process {
	pid_t pid;
	int pidfd;  /* readable when it has ended */
	int output; /* of its stdout and stderr, does not block */
};

/* @tool: a name, looked for in deed_dirs; -ENOENT. @input: a file for its stdin, closed here; -1:
 * none. The process has a group of its own, a clean environment, and no other descriptor.
 * @supervised: it gets SIGTERM when we die. */
int deeds_exec(const char *tool, const char *const *argv, int input, bool supervised,
	       struct deeds_process *ret);
/* A file without a name that holds this. */
int deeds_exec_input(const void *p, size_t len, int *ret_fd);
void deeds_exec_kill(const struct deeds_process *p, int signo); /* its group */
/* After it has ended: its wait status. Closes what is open. */
int deeds_exec_reap(struct deeds_process *p);

/* Processes of just this command line, which a helper before us has left behind, get a SIGKILL:
 * what becomes another user outlives the SIGTERM that it should get when its parent dies
 * (prctl(2)). How many; they end soon. None of ours may run. */
unsigned deeds_exec_orphans(const char *const *argv);

int deeds_exec_real(const char *file, char ret[PATH_MAX]); /* all links followed */

/* The directory becomes @user's, mode 0750, made where it is not there. Nothing but itself: no link
 * is followed, and one of a third user's, neither root's nor @asker's, is left alone: -EPERM.
 * -ENOENT: no such user, or nothing to make it in. */
int deeds_exec_dir(const char *path, const char *user, uid_t asker);

/* -EBUSY: another helper of this instance has the lock. The lock dies with us. */
int deeds_exec_lock(const char *path);
/* From the service manager, or made at `path`, with its directory. */
int deeds_exec_listen(const char *path, int *ret_fd);
/* -EAGAIN: nobody waits; -EACCES: neither root, nor us, nor `uid`: sent away. */
int deeds_exec_accept(int fd, uid_t uid, int *ret_fd);
void deeds_exec_hang_up(int fd); /* its events come at once, and are its end */

#endif
