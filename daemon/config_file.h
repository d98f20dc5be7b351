/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text file, read whole: configuration, users file, MAC filter. */
#ifndef DAEMON_CONFIG_FILE_H
#define DAEMON_CONFIG_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* Which file, and which state of it: a change of any of these is a change of the file. */
struct file_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
};

struct file_text {
	char *text;
	size_t len;
	struct file_stamp stamp; /* of what was read */
};

/* Regular files only, up to @max octets. 0, -EFBIG, -EISDIR, -ENOTSUP (no file of bytes), or what
 * open and read say. */
int file_read(const char *path, size_t max, struct file_text *ret);
void file_text_fini(struct file_text *f); /* wipes it: it may hold secrets */
int file_stamp_get(const char *path, struct file_stamp *ret);
int file_stamp_cmp(const struct file_stamp *a, const struct file_stamp *b); /* 0: the same */
/* What file_read() met, in words. */
const char *file_strerror(int rc);

#endif
