// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs another program of ours and reads what it says. */
#include "console/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* In the child. The code 127 is what a shell says of a program that is not there. */
static _Noreturn void run(const char *name, const char **argv, int out, int err)
{
	char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	char *slash;

	argv[0] = name;
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(127);
	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		snprintf(slash + 1, 64, "%s", name);
		(void)execv(path, (char *const *)argv);
	}
	snprintf(path, sizeof(path), "/usr/sbin/%s", name);
	(void)execv(path, (char *const *)argv);
	(void)execvp(name, (char *const *)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", name, strerror(errno));
	_exit(127);
}

/* False: that was the end. */
static bool take(int fd, struct sbuf *ret)
{
	char piece[4096];
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n > 0)
		sbuf_append(ret, piece, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void collect(int out, int err, struct sbuf *ret_out, struct sbuf *ret_err)
{
	struct pollfd p[2] = { { .fd = out, .events = POLLIN }, { .fd = err, .events = POLLIN } };

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[0].fd >= 0 && p[0].revents && !take(out, ret_out))
			p[0].fd = -1;
		if (p[1].fd >= 0 && p[1].revents && !take(err, ret_err))
			p[1].fd = -1;
	}
}

int run_program(const char *name, const char **argv, struct sbuf *ret_out, struct sbuf *ret_err)
{
	int out[2], err[2], status = 0, rc = 0;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		return -errno;
	if (pipe2(err, O_CLOEXEC)) {
		rc = -errno;
		close(out[0]);
		close(out[1]);
		return rc;
	}
	pid = fork();
	if (!pid)
		run(name, argv, out[1], err[1]);
	rc = pid < 0 ? -errno : 0;
	close(out[1]);
	close(err[1]);
	if (!rc)
		collect(out[0], err[0], ret_out, ret_err);
	close(out[0]);
	close(err[0]);
	while (!rc && waitpid(pid, &status, 0) < 0)
		rc = errno == EINTR ? 0 : -errno;
	return rc ? rc : WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}
