// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/config_file.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static struct file_stamp stamp_of(const struct stat *st)
{
	return (struct file_stamp){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size,
		.mtime = st->st_mtim,
		.ctime = st->st_ctim,
	};
}

int file_stamp_get(const char *path, struct file_stamp *ret)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	*ret = stamp_of(&st);
	return 0;
}

int file_stamp_cmp(const struct file_stamp *a, const struct file_stamp *b)
{
	return a->dev != b->dev || a->ino != b->ino || a->size != b->size ||
	       a->mtime.tv_sec != b->mtime.tv_sec || a->mtime.tv_nsec != b->mtime.tv_nsec ||
	       a->ctime.tv_sec != b->ctime.tv_sec || a->ctime.tv_nsec != b->ctime.tv_nsec;
}

void file_text_fini(struct file_text *f)
{
	if (f->text)
		explicit_bzero(f->text, f->len);
	free(f->text);
	*f = (struct file_text){ 0 };
}

/* Fills f->text from the descriptor: as much as is there, whatever stat said of its size. */
static int read_all(int fd, size_t max, struct file_text *f)
{
	size_t cap = (size_t)f->stamp.size + 1;

	f->text = malloc(cap);
	if (!f->text)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, f->text + f->len, cap - f->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		f->len += (size_t)n;
		/* It grew while we read: whoever writes it is not done. */
		if (f->len == cap)
			return f->len > max ? -EFBIG : -EAGAIN;
	}
}

int file_read(const char *path, size_t max, struct file_text *ret)
{
	/* O_NONBLOCK: opening a pipe must not hold us up. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct file_text f = { 0 };
	struct stat st;
	int rc;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ENOTSUP;
	if ((uint64_t)st.st_size > max)
		return -EFBIG;
	f.stamp = stamp_of(&st);
	rc = read_all(fd, max, &f);
	if (rc) {
		file_text_fini(&f);
		return rc;
	}
	*ret = f;
	return 0;
}

const char *file_strerror(int rc)
{
	if (rc == -ENOTSUP)
		return "not a regular file";
	if (rc == -EAGAIN)
		return "it grew while it was read";
	return strerror(-rc);
}
