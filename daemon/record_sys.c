// SPDX-License-Identifier: GPL-2.0-or-later
/* The record's door to the kernel: files, mappings, and which boot and namespace this is. */
#include "daemon/record_priv.h"

#include "base/hex.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_ (RECORD_PATH_MAX + 64)

/* --- identity ----------------------------------------------------------------------------------
 */

static int boot_id(uint8_t ret[16])
{
	_cleanup_close_ int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char text[64];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	unsigned digits = 0;

	if (n < 0)
		return -errno;
	memset(ret, 0, 16);
	for (ssize_t i = 0; i < n && digits < 32; i++) {
		int v = hex_lower(text[i]);

		if (v >= 0) {
			ret[digits / 2] = (uint8_t)(ret[digits / 2] << 4 | v);
			digits++;
		}
	}
	return digits == 32 ? 0 : -EBADMSG;
}

/* A cookie is never given twice in one boot; a namespace's inode number is. */
static int netns_cookie(uint64_t *ret)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*ret);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret, &len))
		return -errno;
	return 0;
}

int record_identity_here(struct record_identity *ret)
{
	struct stat st;
	int rc = boot_id(ret->boot);

	if (rc)
		return rc;
	rc = netns_cookie(&ret->netns);
	if (rc == -ENOPROTOOPT) { /* before Linux 5.14 */
		rc = stat("/proc/self/ns/net", &st) ? -errno : 0;
		ret->netns = st.st_ino;
	}
	return rc;
}

/* --- the file ----------------------------------------------------------------------------------
 */

int record_sys_lock(const char *path, int *ret_fd)
{
	char name[NAME_MAX_];
	int fd, rc;

	snprintf(name, sizeof(name), "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		rc = errno == EWOULDBLOCK ? -EBUSY : -errno;
		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

int record_sys_open(const char *path, bool write, int *ret_fd, size_t *ret_size)
{
	int fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	*ret_fd = fd;
	*ret_size = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
	return 0;
}

int record_sys_create(const char *path, size_t size, int *ret_fd)
{
	int fd;

	RECORD_POINT("create");
	(void)unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return record_sys_resize(fd, size);
}

int record_sys_resize(int fd, size_t size)
{
	RECORD_POINT("resize");
	return ftruncate(fd, (off_t)size) ? -errno : 0;
}

int record_sys_map(int fd, size_t size, bool write, uint8_t **ret)
{
	void *p = mmap(NULL, size, PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	*ret = p;
	return 0;
}

void record_sys_unmap(uint8_t *map, size_t size)
{
	munmap(map, size);
}

int record_sys_allocate(int fd, size_t at, size_t len)
{
	RECORD_POINT("allocate");
	/* Where a file system cannot promise memory, it is as it would be without. */
	if (fallocate(fd, 0, (off_t)at, (off_t)len) && errno != EOPNOTSUPP)
		return -errno;
	return 0;
}

int record_sys_rename(const char *from, const char *to)
{
	RECORD_POINT("rename");
	return rename(from, to) ? -errno : 0;
}

void record_sys_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* --- contents of their own -----------------------------------------------------------------------
 */

static void side_name(const struct record *rec, uint32_t block, char name[NAME_MAX_])
{
	snprintf(name, NAME_MAX_, "%s.d/%u.%u", rec->path, rec->layout, block);
}

static int make_dir(const char *path, const char *suffix)
{
	char name[NAME_MAX_];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return mkdir(name, 0700) && errno != EEXIST ? -errno : 0;
}

static int write_file(const char *name, const void *p, size_t len)
{
	_cleanup_close_ int fd = -1;
	ssize_t n;

	RECORD_POINT("file");
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	RECORD_POINT("file data");
	n = write(fd, p, len);
	return n < 0 ? -errno : (size_t)n == len ? 0 : -ENOSPC;
}

/* Written in place: until its block is a slot's nobody reads it. */
int record_sys_side_write(const struct record *rec, uint32_t block, const void *p, size_t len)
{
	char name[NAME_MAX_];
	int rc = make_dir(rec->path, ".d");

	side_name(rec, block, name);
	return rc ? rc : write_file(name, p, len);
}

int record_sys_side_read(const struct record *rec, uint32_t block, void *buf, size_t len)
{
	char name[NAME_MAX_];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	side_name(rec, block, name);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, len);
	return n < 0 ? -errno : (size_t)n == len ? 0 : -EBADMSG;
}

void record_sys_side_remove(const struct record *rec, uint32_t block)
{
	char name[NAME_MAX_];

	side_name(rec, block, name);
	RECORD_POINT("side remove");
	(void)unlink(name);
}

void record_sys_side_sweep(const struct record *rec)
{
	char dir[NAME_MAX_], name[NAME_MAX_ + 256];
	struct dirent *e;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s.d", rec->path);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		unsigned layout, block, end = 0;

		if (*e->d_name == '.')
			continue;
		if (sscanf(e->d_name, "%u.%u%n", &layout, &block, (int *)&end) == 2 &&
		    !e->d_name[end] && layout == rec->layout && record_side_used(rec, block))
			continue;
		snprintf(name, sizeof(name), "%s/%s", dir, e->d_name);
		RECORD_POINT("sweep");
		(void)unlink(name);
	}
	if (d)
		closedir(d);
}

int record_sys_quarantine(const struct record *rec, uint32_t slot, const void *p, size_t len)
{
	char name[NAME_MAX_];
	int rc = make_dir(rec->path, ".bad");

	snprintf(name, sizeof(name), "%s.bad/%u", rec->path, slot);
	return rc ? rc : write_file(name, p, len);
}

/* --- set aside ---------------------------------------------------------------------------------
 */

static void remove_dir(const char *dir)
{
	char name[NAME_MAX_ + 256];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", dir, e->d_name);
		RECORD_POINT("remove");
		(void)unlink(name);
	}
	if (d)
		closedir(d);
	(void)rmdir(dir);
}

static void move(const char *from, const char *to, const char *suffix)
{
	char a[NAME_MAX_], b[NAME_MAX_];

	snprintf(a, sizeof(a), "%s%s", from, suffix);
	snprintf(b, sizeof(b), "%s%s", to, suffix);
	(void)record_sys_rename(a, b); /* there may be none */
}

/* The directory goes before its file: should we die between, the file is found foreign again. */
int record_sys_set_aside(const char *path)
{
	char from[RECORD_PATH_MAX + 32], to[RECORD_PATH_MAX + 32], dir[NAME_MAX_];

	snprintf(to, sizeof(to), "%s.foreign-%u", path, RECORD_ASIDE_MAX);
	snprintf(dir, sizeof(dir), "%s.d", to);
	remove_dir(dir);
	for (unsigned i = RECORD_ASIDE_MAX; i-- > 1;) {
		snprintf(from, sizeof(from), "%s.foreign-%u", path, i);
		snprintf(to, sizeof(to), "%s.foreign-%u", path, i + 1);
		move(from, to, ".d");
		move(from, to, "");
	}
	snprintf(to, sizeof(to), "%s.foreign-1", path);
	move(path, to, ".d");
	return record_sys_rename(path, to);
}
