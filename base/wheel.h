/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hierarchical timer wheel. Time is an argument: monotonic nanoseconds, never read here, so a
 * test advances it by hand. A timer is embedded in its owner (no allocation); setting, moving and
 * cancelling are O(1) and may be done from within any timer's function, its own included.
 * Resolution is WHEEL_TICK: a timer never fires early, and at most one tick late, or as much later
 * as those before it take.
 */
#ifndef BASE_WHEEL_H
#define BASE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#define NSEC_PER_SEC  1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define WHEEL_TICK    (10 * NSEC_PER_MSEC)
#define WHEEL_LEVELS  5
#define WHEEL_BITS    6
#define WHEEL_SLOTS   (1 << WHEEL_BITS)

struct wheel_link {
	struct wheel_link *next, *prev;
};

struct timer {
	struct wheel_link link; /* next is NULL while the timer is not set */
	uint64_t tick;
	void (*fn)(struct timer *t, uint64_t now);
};

struct wheel {
	uint64_t tick; /* ticks up to and including this one have been run */
	uint64_t armed;
	bool rest; /* but for some of the last of them: wheel_run_until() had no more time */
	struct wheel_link slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* @now: where time starts. */
void wheel_init(struct wheel *w, uint64_t now);

/* Runs everything due at or before `now`. Returns how many timers fired. */
unsigned wheel_run(struct wheel *w, uint64_t now);

/* The same, but only while clock() is before `until`; it gets on in any case. What is left is run
 * first by the next run, in the order it would have had. */
unsigned wheel_run_until(struct wheel *w, uint64_t now, uint64_t (*clock)(void), uint64_t until);

/* When wheel_run() has work next, in ns (never later than the earliest timer; may be earlier, by
 * a level's span), or UINT64_MAX when nothing is set. */
uint64_t wheel_next(const struct wheel *w);

static inline void timer_init(struct timer *t, void (*fn)(struct timer *t, uint64_t now))
{
	*t = (struct timer){ .fn = fn };
}

static inline bool timer_is_set(const struct timer *t)
{
	return t->link.next;
}

/* Sets, or moves, the timer to fire at `at` (ns). A time in the past fires at the next run. */
void timer_set(struct wheel *w, struct timer *t, uint64_t at);

/* When it will fire, ns, to the tick; 0 while it is not set. */
static inline uint64_t timer_at(const struct timer *t)
{
	return timer_is_set(t) ? t->tick * WHEEL_TICK : 0;
}

/* A timer that is not set may be cancelled: nothing happens. */
void timer_cancel(struct wheel *w, struct timer *t);

#endif
