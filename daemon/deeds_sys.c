// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/deeds_sys.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

int deeds_sys_connect(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

bool deeds_sys_alive(const char *path)
{
	char lock[PATH_MAX];
	_cleanup_close_ int fd = -1;

	snprintf(lock, sizeof(lock), "%s.lock", path);
	fd = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
}

int deeds_sys_send(int fd, const void *message, size_t len)
{
	return send(fd, message, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

ssize_t deeds_sys_recv(int fd, void *message, size_t cap)
{
	struct iovec iov = { message, cap };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	return m.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
}

static int find(char *path, size_t cap)
{
	static const char *const places[] = { "brasd-deeds", "../lib/brasberry/brasd-deeds" };
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return -errno;
	while (n && self[n - 1] != '/')
		n--;
	for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, cap, "%.*s%s", (int)n, self, places[i]);
		if (!access(path, X_OK))
			return 0;
	}
	return -ENOENT;
}

/* @input: its stdin; less than 0: nothing. */
static int spawn(const char *path, char *const argv[], int input, pid_t *ret)
{
	static char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	int rc;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawn_file_actions_adddup2(&files, input < 0 ? 1 : input, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_init(&attr);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attr, &set);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	rc = -posix_spawn(ret, path, &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

/* Who starts the helper for us: daemon/deeds_main.c, -w. -1: nobody is left that could. */
static int launcher;
static bool prepared;

static bool managed(void)
{
	return getenv("INVOCATION_ID") && getenv("NOTIFY_SOCKET");
}

int deeds_sys_prepare(const char *instance, uid_t uid)
{
	char path[PATH_MAX + 32], name[128], user[16];
	char *const argv[] = { path, "-w", "-u", user, "-i", name, NULL };
	int pair[2], rc = find(path, sizeof(path));
	pid_t pid;

	prepared = true;
	launcher = -1;
	if (managed())
		return 0;
	if (!rc && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		rc = -errno;
	if (rc)
		return rc;
	snprintf(name, sizeof(name), "%s", instance);
	snprintf(user, sizeof(user), "%u", uid);
	rc = spawn(path, argv, pair[1], &pid);
	close(pair[1]);
	if (rc)
		close(pair[0]);
	else
		launcher = pair[0];
	return rc;
}

int deeds_sys_start(const char *instance, pid_t *ret)
{
	char path[PATH_MAX + 32];
	char name[128];
	char *const argv[] = { path, "-d", "-i", name, NULL };
	int rc = managed() ? -EPERM : find(path, sizeof(path));

	if (rc)
		return rc;
	if (prepared) {
		*ret = 0;
		return launcher < 0 ? -ENOENT : deeds_sys_send(launcher, "s", 1);
	}
	snprintf(name, sizeof(name), "%s", instance);
	return spawn(path, argv, -1, ret);
}

void deeds_sys_end(void)
{
	struct pollfd p = { .fd = launcher, .events = POLLIN };

	if (prepared && launcher >= 0 && !deeds_sys_send(launcher, "e", 1))
		(void)poll(&p, 1, 1000);
}

bool deeds_sys_reaped(pid_t pid)
{
	pid_t rc = waitpid(pid, NULL, WNOHANG);

	return rc == pid || (rc < 0 && errno == ECHILD);
}
