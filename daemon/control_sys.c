// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/control_sys.h"

#include "daemon/control.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BACKLOG 64

static int fail(char *why, size_t why_len, int err, const char *what, const char *path)
{
	snprintf(why, why_len, "cannot %s %s: %s", what, path, strerror(-err));
	return err;
}

/* Makes every directory above the last component of `path`, which is changed and restored. */
static int make_dirs(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		int r;

		*p = '\0';
		r = mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
		*p = '/';
		if (r)
			return r;
	}
	return 0;
}

/* The directory of the path, locked while we look who is there: of two daemons that start together
 * one would remove the other's fresh socket. */
static int lock_dir(const char *path, int *ret_fd)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;
	int fd;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		snprintf(dir, sizeof(dir), ".");
	else
		slash[slash == dir] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		int r = errno == EWOULDBLOCK ? -EADDRINUSE : -errno;

		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

bool control_is_served(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(path) >= sizeof(sun.sun_path))
		return false;
	memcpy(sun.sun_path, path, strlen(path));
	return !connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) || errno == EAGAIN;
}

/* Removes a socket that nobody listens on. 0, -EADDRINUSE, -EEXIST (not a socket), ... */
static int remove_stale(const struct sockaddr_un *sun)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (lstat(sun->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* EAGAIN: its queue is full, so there is one. */
	if (!connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) || errno == EAGAIN)
		return -EADDRINUSE;
	if (errno != ECONNREFUSED)
		return -errno;
	return unlink(sun->sun_path) && errno != ENOENT ? -errno : 0;
}

/* The socket file takes its mode from the socket: it is never open to all, not for a moment. */
static int bind_listen(const struct sockaddr_un *sun, int *ret_fd)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) ||
	    chmod(sun->sun_path, 0660) || listen(fd, BACKLOG)) {
		int r = -errno;

		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int control_sys_listen(const char *path, int *ret_fd, char *why, size_t why_len)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	_cleanup_close_ int lock = -1;
	int r;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		snprintf(why, why_len, "the socket path %s is longer than %zu octets", path,
			 sizeof(sun.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	memcpy(sun.sun_path, path, strlen(path));
	r = make_dirs(sun.sun_path);
	if (r)
		return fail(why, why_len, r, "make the directory of", path);
	r = lock_dir(path, &lock);
	if (!r)
		r = remove_stale(&sun);
	if (r == -EADDRINUSE) {
		snprintf(why, why_len, "another brasd of this instance already serves %s", path);
		return r;
	}
	if (r)
		return fail(why, why_len, r, "take over", path);
	r = bind_listen(&sun, ret_fd);
	return r ? fail(why, why_len, r, "listen on", path) : 0;
}

void control_sys_unlisten(int fd, const char *path)
{
	if (fd < 0)
		return;
	unlink(path);
	close(fd);
}

int control_sys_accept(int fd)
{
	int r = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	return r < 0 ? -errno : r;
}

ssize_t control_sys_read(int fd, void *buf, size_t len)
{
	ssize_t n = recv(fd, buf, len, MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

ssize_t control_sys_write(int fd, const void *buf, size_t len)
{
	ssize_t n = send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n < 0 ? -errno : n;
}

bool control_sys_hung_up(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

bool control_sys_is_root(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) && len == sizeof(peer) &&
	       (peer.uid == 0 || peer.uid == geteuid()); /* the console and HTTP are ours */
}
