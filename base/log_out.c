// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log_out.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
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

/* A log that cannot be written must not stop the daemon. */
void log_out_stderr(const void *p, size_t len)
{
	if (write(STDERR_FILENO, p, len) < 0)
		errno = 0;
}
