// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log_out.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* One that is full or gone is not waited for: the line is lost, and counted. */
static int datagram(int *fd, const char *path, const void *p, size_t len)
{
	static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER; /* threads log as well */
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int s;

	memcpy(sun.sun_path, path, strlen(path) + 1);
	pthread_mutex_lock(&opening);
	if (*fd < 0)
		*fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	s = *fd;
	pthread_mutex_unlock(&opening);
	if (s < 0 || sendto(s, p, len, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&sun,
			      sizeof(sun)) < 0)
		return -errno;
	return 0;
}

int log_out_journal(const void *p, size_t len)
{
	static int fd = -1;

	return datagram(&fd, "/run/systemd/journal/socket", p, len);
}

int log_out_syslog(const void *p, size_t len)
{
	static int fd = -1;

	return datagram(&fd, "/dev/log", p, len);
}

/* --- stderr ----------------------------------------------------------------------------------- */

static int err_fd = STDERR_FILENO;
static bool err_socket, err_torn;

/* A pipe or a terminal is opened once more, for a description of our own that does not wait: others
 * have the one that we were given. A file does not wait, and has one place for all who write. */
void log_out_open(void)
{
	struct stat st, ours;
	int fd;

	if (fstat(STDERR_FILENO, &st))
		return;
	if (err_fd != STDERR_FILENO) {
		if (!fstat(err_fd, &ours) && ours.st_dev == st.st_dev && ours.st_ino == st.st_ino)
			return;
		close(err_fd);
		err_fd = STDERR_FILENO;
	}
	err_socket = S_ISSOCK(st.st_mode);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return;
	fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		err_fd = fd;
}

static ssize_t put(const void *p, size_t len)
{
	return err_socket ? send(err_fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL)
			  : write(err_fd, p, len);
}

/* A log that cannot be written must not stop the daemon. */
int log_out_stderr(const void *p, size_t len)
{
	ssize_t n = err_torn ? put("\n", 1) : 1;

	if (n == 1) {
		err_torn = false;
		n = put(p, len);
	}
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return -EAGAIN;
	err_torn = n > 0 && (size_t)n < len; /* longer than what a pipe takes in one */
	errno = 0;
	return err_torn ? -EAGAIN : 0;
}
