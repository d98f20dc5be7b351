/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calendar of accounting: when a period began by local time, and when the next one does. */
#ifndef DAEMON_PERIOD_H
#define DAEMON_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

enum period_kind { PERIOD_NONE, PERIOD_DAILY, PERIOD_WEEKLY, PERIOD_MONTHLY };

/* s since 1970: the first moments of the running period, of the one before, of the next. */
struct period {
	uint64_t start, prev, next;
};

/* @wall: s since 1970. A week begins on Monday. With PERIOD_NONE start and prev are 0, and next
 * never comes. */
void period_of(enum period_kind kind, uint64_t wall, struct period *ret);

#define PERIOD_PATIENCE (24 * 3600ull * 1000000000ull)

/* The running period, as the clock is watched. Periods only go forward: a clock that was put back
 * is waited for, and believed once it has been behind for PERIOD_PATIENCE. */
struct period_watch {
	enum period_kind kind;
	struct period now;
	uint64_t behind; /* monotonic ns: since when; 0: it is not */
};

enum period_event {
	PERIOD_SAME,
	PERIOD_ROLL,  /* a boundary was passed */
	PERIOD_MOVED, /* the clock was put back: the same period, with another start */
};

/* @newest: the latest period that was running before a restart; 0: not known. */
void period_watch_init(struct period_watch *w, enum period_kind kind, uint64_t wall,
		       uint64_t newest);
enum period_event period_watch(struct period_watch *w, uint64_t now, uint64_t wall);

#endif
