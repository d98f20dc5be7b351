/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of daemon/history.h as a file, so that it outlives the process. */
#ifndef DAEMON_HISTORY_SYS_H
#define DAEMON_HISTORY_SYS_H

#include <stddef.h>
#include <stdint.h>

struct history_file {
	uint8_t *p;
	size_t len;
	int fd;
};

/* PATH.new, of so many octets of zeros, mapped. 0 or -errno. */
int history_file_new(struct history_file *ret, const char *path, size_t len);
/* history_memory.take; @file: a struct history_file. */
int history_file_take(void *file, size_t at, size_t len);
int history_file_publish(const char *path); /* PATH.new becomes PATH */
void history_file_close(struct history_file *f);

/* All of a file, in memory of its own; -ENOENT: there is none; -EFBIG; -errno. */
int history_file_read(const char *path, uint8_t **ret, size_t *ret_len);
int history_file_aside(const char *path); /* PATH becomes PATH.bad */

#endif
