/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon asks of the machine, for daemon_whole_fuzz.c: a loop whose time is the test's, a
 * log that formats and forgets, a record in memory, a control socket that is a string, randomness
 * that is a sequence. daemon_whole_beside.h has the rest.
 */
#ifndef TEST_DAEMON_WHOLE_DOORS_H
#define TEST_DAEMON_WHOLE_DOORS_H

#include "daemon/check.h"
#include "daemon/config_show.h"
#include "daemon/connections.h"
#include "daemon/control_sys.h"
#include "daemon/daemon.h"
#include "daemon/dns64.h"
#include "daemon/duid.h"
#include "daemon/fastpath_show.h"
#include "daemon/hooks.h"
#include "daemon/keep.h"
#include "daemon/mirror.h"
#include "daemon/monitor.h"
#include "daemon/nat44.h"
#include "daemon/nat64.h"
#include "daemon/record_priv.h"
#include "daemon/reload.h"
#include "daemon/spread.h"
#include "daemon/session_show.h"
#include "daemon/timeline.h"
#include "pppoe/macfilter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* --- the machine -------------------------------------------------------------------------------
 */

static uint64_t random_state;

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
	uint8_t *p = buf;

	(void)flags;
	for (size_t i = 0; i < len; i++) {
		random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
		p[i] = (uint8_t)(random_state >> 56);
	}
	return (ssize_t)len;
}

int mkdir(const char *path, mode_t mode) /* of RADIUS's spool, which is in memory */
{
	(void)path;
	(void)mode;
	return 0;
}

struct loop {
	uint64_t now;
	struct wheel wheel;
	struct hist turns;
};

struct loop_io {
	bool used;
	int fd;
	unsigned events;
	void (*fn)(void *arg, uint64_t now, unsigned events);
	void *arg;
};

static struct loop the_loop;
static struct loop_io ios[24];

int loop_new(struct loop **ret)
{
	*ret = &the_loop;
	return 0;
}

uint64_t loop_now(struct loop *l)
{
	return l->now;
}

uint64_t loop_clock(void)
{
	return the_loop.now;
}

struct wheel *loop_wheel(struct loop *l)
{
	return &l->wheel;
}

const struct hist *loop_turns(const struct loop *l)
{
	return &l->turns;
}

int loop_io_new(struct loop *l, int fd, unsigned events,
		void (*fn)(void *arg, uint64_t now, unsigned events), void *arg,
		struct loop_io **ret)
{
	(void)l;
	for (unsigned i = 0; i < ARRAY_SIZE(ios); i++)
		if (!ios[i].used) {
			ios[i] = (struct loop_io){ true, fd, events, fn, arg };
			*ret = &ios[i];
			return 0;
		}
	return -ENOMEM;
}

void loop_io_events(struct loop_io *io, unsigned events)
{
	io->events = events;
}

void loop_io_free(struct loop_io *io)
{
	if (io)
		io->used = false;
}

/* --- the log: whatever a peer says, a line has no control characters in it ----------------------
 */

static char line_buf[1024];

static void look_at_line(void)
{
	for (const char *p = line_buf; *p; p++)
		check((uint8_t)*p >= ' ' && *p != 0x7f);
}

bool log_enabled(enum log_level level)
{
	(void)level;
	return true;
}

void log_printf(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	va_start(ap, fmt);
	vsnprintf(line_buf, sizeof(line_buf), fmt, ap);
	va_end(ap);
	look_at_line();
}

void log_tagged(enum log_level level, const struct log_tag *tag, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	(void)tag;
	va_start(ap, fmt);
	vsnprintf(line_buf, sizeof(line_buf), fmt, ap);
	va_end(ap);
	look_at_line();
}

void log_lines(enum log_level level, const char *text)
{
	(void)level;
	(void)text;
}

uint64_t log_lost(void)
{
	return 0;
}

void log_setup(unsigned level)
{
	(void)level;
}

void log_options(enum log_format format, enum log_target target, uint32_t limit)
{
	(void)format;
	(void)target;
	(void)limit;
}

bool log_limit_ok(struct log_limit *l, uint64_t now, uint64_t *ret_suppressed)
{
	(void)now;
	*ret_suppressed = l->suppressed;
	return true;
}

/* --- the record: one file, and what lies beside it ----------------------------------------------
 */

#define SIDES 64

static struct {
	uint8_t *p;
	size_t len;
	struct {
		size_t len;
		uint8_t b[RECORD_CONTENT_MAX];
	} * side[SIDES];
} disk;

static void disk_free(void)
{
	free(disk.p);
	for (unsigned i = 0; i < SIDES; i++)
		free(disk.side[i]);
	memset(&disk, 0, sizeof(disk));
}

int record_identity_here(struct record_identity *ret)
{
	memset(ret->boot, 1, sizeof(ret->boot));
	ret->netns = 1;
	return 0;
}

int record_sys_lock(const char *path, int *ret_fd)
{
	(void)path;
	*ret_fd = -1;
	return 0;
}

int record_sys_open(const char *path, bool write, int *ret_fd, size_t *ret_size)
{
	(void)path;
	(void)write;
	*ret_fd = -1;
	*ret_size = disk.len;
	return disk.p ? 0 : -ENOENT;
}

int record_sys_create(const char *path, size_t size, int *ret_fd)
{
	(void)path;
	disk_free();
	disk.p = calloc(1, size);
	disk.len = size;
	*ret_fd = -1;
	return disk.p ? 0 : -ENOSPC;
}

int record_sys_resize(int fd, size_t size)
{
	(void)fd;
	check(size <= disk.len);
	return 0;
}

int record_sys_map(int fd, size_t size, bool write, uint8_t **ret)
{
	(void)fd;
	(void)write;
	check(size <= disk.len);
	*ret = disk.p;
	return 0;
}

void record_sys_unmap(uint8_t *map, size_t size)
{
	(void)map;
	(void)size;
}

int record_sys_allocate(int fd, size_t at, size_t len)
{
	(void)fd;
	check(at + len <= disk.len);
	return 0;
}

int record_sys_rename(const char *from, const char *to)
{
	(void)from;
	(void)to;
	return 0;
}

void record_sys_close(int fd)
{
	(void)fd;
}

int record_sys_side_write(const struct record *rec, uint32_t block, const void *p, size_t len)
{
	(void)rec;
	check(block < SIDES && len <= sizeof(disk.side[0]->b));
	if (!disk.side[block])
		disk.side[block] = malloc(sizeof(*disk.side[0]));
	if (!disk.side[block])
		return -ENOSPC;
	memcpy(disk.side[block]->b, p, len);
	disk.side[block]->len = len;
	return 0;
}

int record_sys_side_read(const struct record *rec, uint32_t block, void *buf, size_t len)
{
	(void)rec;
	if (block >= SIDES || !disk.side[block] || disk.side[block]->len != len)
		return -ENOENT;
	memcpy(buf, disk.side[block]->b, len);
	return 0;
}

void record_sys_side_remove(const struct record *rec, uint32_t block)
{
	(void)rec;
	if (block >= SIDES)
		return;
	free(disk.side[block]);
	disk.side[block] = NULL;
}

void record_sys_side_sweep(const struct record *rec)
{
	(void)rec;
}

int record_sys_quarantine(const struct record *rec, uint32_t slot, const void *p, size_t len)
{
	(void)rec;
	(void)slot;
	check(p && len);
	return 0;
}

int record_sys_set_aside(const char *path)
{
	(void)path;
	disk_free();
	return 0;
}

/* --- the control socket: a client that says `said`, reads all, and goes when `gone` -------------
 */

static struct {
	struct rd said;
	size_t heard;
	bool gone;
} client;

int control_sys_listen(const char *path, int *ret_fd, char *why, size_t why_len)
{
	(void)path;
	(void)why;
	(void)why_len;
	*ret_fd = -2;
	return 0;
}

void control_sys_unlisten(int fd, const char *path)
{
	(void)fd;
	(void)path;
}

int control_sys_accept(int fd)
{
	(void)fd;
	return -EAGAIN;
}

ssize_t control_sys_read(int fd, void *buf, size_t len)
{
	size_t n = rd_left(&client.said) < len ? rd_left(&client.said) : len;

	(void)fd;
	if (!n)
		return client.gone ? 0 : -EAGAIN;
	rd_copy(&client.said, buf, n);
	return (ssize_t)n;
}

ssize_t control_sys_write(int fd, const void *buf, size_t len)
{
	const uint8_t *p = buf;

	(void)fd;
	for (size_t i = 0; i < len; i++) /* JSON and words: what a peer said is escaped */
		check(p[i] == '\n' || p[i] >= ' ');
	client.heard += len;
	return (ssize_t)len;
}

bool control_sys_hung_up(int fd)
{
	(void)fd;
	return client.gone;
}

bool control_sys_is_root(int fd)
{
	(void)fd;
	return true;
}

#endif
