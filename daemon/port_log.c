// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of who had which ports: port_log.h. */
#include "daemon/port_log.h"

#include "base/log.h"
#include "daemon/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct port_log {
	int fd;
	const char *what;
	char path[CONFIG_PATH_MAX];
	uint64_t size, max, lost;
	struct log_limit limit;
};

static int file_open(struct port_log *l)
{
	struct stat st;

	l->fd = open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (l->fd < 0 || fstat(l->fd, &st))
		return -errno;
	l->size = (uint64_t)st.st_size;
	return 0;
}

static int turn_over(struct port_log *l)
{
	char old[CONFIG_PATH_MAX + 4];

	snprintf(old, sizeof(old), "%s.1", l->path);
	if (rename(l->path, old) && errno != ENOENT) /* somebody has taken it away, or we got no new one */
		return -errno;
	if (l->fd >= 0)
		close(l->fd);
	return file_open(l);
}

static void put(struct port_log *l, uint64_t now, const char *text, size_t len)
{
	int rc = l->size + len > l->max && l->size ? turn_over(l) : 0;
	uint64_t suppressed;

	errno = 0;
	if (!rc && write(l->fd, text, len) != (ssize_t)len)
		rc = errno ? -errno : -EIO;
	if (!rc) {
		l->size += len;
		return;
	}
	l->lost++;
	if (log_limit_ok(&l->limit, now, &suppressed))
		log_error("%s: %s: %s", l->what, l->path, strerror(-rc));
}

void port_log_put(struct port_log *l, uint64_t now, const char *fmt, ...)
{
	time_t t = time(NULL);
	char text[512];
	struct tm tm;
	size_t n;
	va_list ap;
	int more;

	gmtime_r(&t, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ ", &tm);
	va_start(ap, fmt);
	more = vsnprintf(text + n, sizeof(text) - n - 1, fmt, ap);
	va_end(ap);
	if (more < 0)
		return;
	n += (size_t)more < sizeof(text) - n - 1 ? (size_t)more : sizeof(text) - n - 2;
	text[n++] = '\n';
	put(l, now, text, n);
}

int port_log_open(struct port_log **ret, const char *what, const char *path, uint32_t megabytes)
{
	struct port_log *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return -ENOMEM;
	l->what = what;
	snprintf(l->path, sizeof(l->path), "%s", path);
	l->max = (uint64_t)megabytes << 20;
	rc = file_open(l);
	if (rc) {
		port_log_close(l);
		return rc;
	}
	*ret = l;
	return 0;
}

void port_log_close(struct port_log *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

void port_log_missed(struct port_log *l)
{
	l->lost++;
}

uint64_t port_log_lost(const struct port_log *l)
{
	return l->lost;
}
