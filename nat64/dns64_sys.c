// SPDX-License-Identifier: GPL-2.0-or-later
#include "nat64/dns64.h"

#include "base/killpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define CONTENT_MAX (1 << 22)

static bool has(const char *path, const char *text, size_t len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_free_ char *got = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || (size_t)st.st_size != len)
		return false;
	got = len < CONTENT_MAX ? malloc(len + 1) : NULL;
	return got && read(fd, got, len + 1) == (ssize_t)len && !memcmp(got, text, len) &&
	       st.st_mode & S_IROTH;
}

/* Whatever the umask is: named reads it as another user. */
int dns64_sys_write(const char *path, const char *text, size_t len)
{
	char new[512];
	int fd, rc = 0;

	if (has(path, text, len))
		return 1;
	if (snprintf(new, sizeof(new), "%s.new", path) >= (int)sizeof(new))
		return -ENAMETOOLONG;
	KILLPOINT("dns64 file");
	(void)unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len)
		rc = -ENOSPC;
	if (!rc && fchmod(fd, 0644))
		rc = -errno;
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && rename(new, path))
		rc = -errno;
	if (rc)
		(void)unlink(new);
	return rc;
}

int dns64_sys_read(const char *path, char *buf, size_t cap)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, cap);

	if (n < 0)
		return -errno;
	if ((size_t)n == cap)
		return -E2BIG;
	buf[n] = '\0';
	return 0;
}

void dns64_sys_remove(const char *path)
{
	(void)remove(path);
}

int dns64_sys_mkdir(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	return chmod(path, 0755) ? -errno : 0;
}

int dns64_sys_open(const struct ip6 *addr, int *ret_fd)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	memcpy(&sin6.sin6_addr, addr->b, sizeof(addr->b));
	if (connect(fd, (struct sockaddr *)&sin6, sizeof(sin6))) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

int dns64_sys_connect(const struct ip6 *addr, int *ret_fd)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(DNS64_STATS_PORT) };
	struct sockaddr_in6 from = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), rc;

	if (fd < 0)
		return -errno;
	memcpy(&to.sin6_addr, addr->b, sizeof(addr->b));
	from.sin6_addr = to.sin6_addr;
	if (!bind(fd, (struct sockaddr *)&from, sizeof(from)) &&
	    (!connect(fd, (struct sockaddr *)&to, sizeof(to)) || errno == EINPROGRESS)) {
		*ret_fd = fd;
		return 0;
	}
	rc = -errno;
	close(fd);
	return rc;
}

int dns64_sys_recv(int fd, void *buf, size_t cap)
{
	ssize_t n = recv(fd, buf, cap, MSG_DONTWAIT);

	return n < 0 ? -errno : (int)n;
}

int dns64_sys_send(int fd, const void *buf, size_t len)
{
	return send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* --- AppArmor --------------------------------------------------------------------------------- */

static bool file_says(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[16384];
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (n < 0)
		return false;
	buf[n] = '\0';
	return strstr(buf, text);
}

/* Debian's profile of named knows nothing of our directory; what a site adds to it does. */
bool dns64_sys_confined(void)
{
	return file_says("/sys/module/apparmor/parameters/enabled", "Y") &&
	       file_says("/etc/apparmor.d/usr.sbin.named", "/usr/sbin/named") &&
	       !file_says("/etc/apparmor.d/usr.sbin.named", "/run/brasberry") &&
	       !file_says("/etc/apparmor.d/local/usr.sbin.named", "brasberry");
}
