/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The book of usage: what each user's lines have carried in this period and in the last one. It
 * knows no sessions and no clock: volume.c tells it both. A bounded number of users; the one that
 * has been idle the longest is forgotten first.
 */
#ifndef DAEMON_USAGE_H
#define DAEMON_USAGE_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define USAGE_NAME_MAX 255
#define USAGE_LINE_MAX 1024	       /* octets of a line of the file, its end included */
#define USAGE_TIME_MAX 253402300800ull /* the year 10000 */
#define USAGE_NONE     UINT32_MAX

struct usage_bytes {
	uint64_t rx, tx; /* from, and to the subscriber */
};

struct usage_entry {
	char *name;
	uint64_t start; /* of `now`'s period; s since 1970 */
	uint64_t seen;	/* wall clock, s: when it was last in use */
	struct usage_bytes now, last;
	uint32_t live; /* sessions; such an entry is not forgotten */
	uint32_t next, prev;
};

struct usage;

/* @max: users remembered; at least as many as sessions. */
int usage_new(struct usage **ret, uint32_t max);
void usage_free(struct usage *u);

/* A session of this user begins: its entry, made where there is none; USAGE_NONE: no memory. */
uint32_t usage_get(struct usage *u, const char *name, uint64_t wall);
/* It ends. */
void usage_put(struct usage *u, uint32_t i, uint64_t wall);
/* @start: the period in which the bytes were carried; any other than this one is the last. */
void usage_add(struct usage *u, uint32_t i, uint64_t start, const struct usage_bytes *b);

/* The running period, and the one before it. Every entry follows when it is next looked at. 0 as
 * the start: there are no periods, and an entry's begins with itself. */
void usage_period(struct usage *u, uint64_t start, uint64_t prev);
uint64_t usage_start(const struct usage *u);

/* Entries by number: below usage_high(); NULL: a free one. */
uint32_t usage_high(const struct usage *u);
const struct usage_entry *usage_entry(struct usage *u, uint32_t i);
uint32_t usage_count(const struct usage *u);

/* --- usage_file.c: the file, a line each, which ends in '\n' ------------------------------- */

/* What a line says; the name is not the book's. */
struct usage_line {
	char name[USAGE_NAME_MAX + 1];
	uint64_t start, seen;
	struct usage_bytes now, last;
};

void usage_line_write(const struct usage_line *l, struct sbuf *out);
/* @len: without the line's end. 0, or -EBADMSG: damaged, or not of a version that we know. */
int usage_line_parse(const char *p, size_t len, struct usage_line *ret);

/* Calls @fn for each good line; the number of bad ones, the first of which is *ret_line. */
unsigned usage_text_parse(const char *p, size_t len,
			  void (*fn)(void *arg, const struct usage_line *l), void *arg,
			  unsigned *ret_line);

/* Takes the file's users over; of more than there is room for, those seen last. A damaged line is
 * logged and skipped. 0 (also where there is no file) or -errno. @ret_newest: the latest start of
 * a period in it; 0: none. */
int usage_load(struct usage *u, const char *path, uint64_t *ret_newest);
/* For usage_load(): an entry as the file has it. */
void usage_restore(struct usage *u, const struct usage_line *l);

#endif
