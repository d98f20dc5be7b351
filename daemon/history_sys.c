// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/history_sys.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (128u << 20)
#define PATH_LEN 192

static const char *with(char buf[PATH_LEN], const char *path, const char *suffix)
{
	snprintf(buf, PATH_LEN, "%s%s", path, suffix);
	return buf;
}

int history_file_new(struct history_file *ret, const char *path, size_t len)
{
	char name[PATH_LEN];
	int fd, rc;
	void *p;

	(void)unlink(with(name, path, ".new"));
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	p = ftruncate(fd, (off_t)len) ? MAP_FAILED
				      : mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		rc = -errno;
		close(fd);
		(void)unlink(name);
		return rc;
	}
	*ret = (struct history_file){ .p = p, .len = len, .fd = fd };
	return 0;
}

/* A page that the file system cannot give is a signal when it is touched: it is asked for before. */
int history_file_take(void *file, size_t at, size_t len)
{
	struct history_file *f = file;

	if (fallocate(f->fd, 0, (off_t)at, (off_t)len) && errno != EOPNOTSUPP)
		return -errno;
	return 0;
}

int history_file_publish(const char *path)
{
	char name[PATH_LEN];

	return rename(with(name, path, ".new"), path) ? -errno : 0;
}

void history_file_close(struct history_file *f)
{
	if (!f->p)
		return;
	munmap(f->p, f->len);
	close(f->fd);
	*f = (struct history_file){ .fd = -1 };
}

/* What was never written is not read: much of the file is holes. */
static int read_data(int fd, uint8_t *octets, size_t len)
{
	off_t at = 0, end;

	while ((at = lseek(fd, at, SEEK_DATA)) >= 0 && (size_t)at < len) {
		end = lseek(fd, at, SEEK_HOLE);
		if (end < 0 || (size_t)end > len)
			end = (off_t)len;
		while (at < end) {
			ssize_t n = pread(fd, octets + at, (size_t)(end - at), at);

			if (n <= 0)
				return n < 0 ? -errno : -EIO;
			at += n;
		}
	}
	return at < 0 && errno != ENXIO ? -errno : 0;
}

int history_file_read(const char *path, uint8_t **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_free_ uint8_t *octets = NULL;
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)FILE_MAX)
		return -EFBIG;
	octets = calloc(1, (size_t)st.st_size + 1);
	rc = octets ? read_data(fd, octets, (size_t)st.st_size) : -ENOMEM;
	if (rc)
		return rc;
	*ret_len = (size_t)st.st_size;
	*ret = octets;
	octets = NULL;
	return 0;
}

int history_file_aside(const char *path)
{
	char name[PATH_LEN];

	return rename(path, with(name, path, ".bad")) ? -errno : 0;
}
