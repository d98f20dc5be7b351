// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Level l has 64 slots of 64^l ticks. A timer lies in the lowest level whose span reaches it and
 * moves down ("cascades") when the wheel comes to its slot. With five levels of 10 ms ticks the
 * farthest is 124 days; what is set beyond waits at the far end and is put back from there.
 */
#include "base/wheel.h"

#include <stddef.h>

#define MASK ((uint64_t)WHEEL_SLOTS - 1)

static void list_init(struct wheel_link *h)
{
	h->next = h->prev = h;
}

static void list_del(struct wheel_link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	l->next = l->prev = NULL;
}

static void list_add_tail(struct wheel_link *h, struct wheel_link *l)
{
	l->prev = h->prev;
	l->next = h;
	h->prev->next = l;
	h->prev = l;
}

void wheel_init(struct wheel *w, uint64_t now)
{
	w->tick = now / WHEEL_TICK;
	w->armed = 0;
	w->rest = false;
	for (unsigned l = 0; l < WHEEL_LEVELS; l++)
		for (unsigned s = 0; s < WHEEL_SLOTS; s++)
			list_init(&w->slot[l][s]);
}

static void place(struct wheel *w, struct timer *t)
{
	uint64_t tick = t->tick, far = w->tick + ((1ull << WHEEL_LEVELS * WHEEL_BITS) - 1);
	unsigned level = 0;

	if (tick > far)
		tick = far;
	while (level < WHEEL_LEVELS - 1 && tick - w->tick >= 1ull << (level + 1) * WHEEL_BITS)
		level++;
	list_add_tail(&w->slot[level][tick >> level * WHEEL_BITS & MASK], &t->link);
}

void timer_set(struct wheel *w, struct timer *t, uint64_t at)
{
	if (timer_is_set(t))
		list_del(&t->link);
	else
		w->armed++;
	t->tick = at / WHEEL_TICK + (at % WHEEL_TICK ? 1 : 0);
	if (t->tick <= w->tick)
		t->tick = w->tick + 1;
	place(w, t);
}

void timer_cancel(struct wheel *w, struct timer *t)
{
	if (!timer_is_set(t))
		return;
	list_del(&t->link);
	w->armed--;
}

/* How long a run may take. */
struct limit {
	uint64_t (*clock)(void); /* NULL: as long as there is anything */
	uint64_t until;
};

static bool is_over(const struct limit *l)
{
	return l->clock && l->clock() >= l->until;
}

#define MOVES 64 /* timers moved down between two looks at the clock */

/* Moves the slot of each higher level that begins at this tick down. Nothing is put into such a
 * slot at that tick, so one that was left half full is only gone on with. False: no more time. */
static bool cascade(struct wheel *w, const struct limit *limit)
{
	unsigned moved = 0;

	for (unsigned l = 1; l < WHEEL_LEVELS; l++) {
		struct wheel_link *h;

		if (w->tick & ((1ull << l * WHEEL_BITS) - 1))
			return true;
		h = &w->slot[l][w->tick >> l * WHEEL_BITS & MASK];
		while (h->next != h) {
			struct timer *t = container_of(h->next, struct timer, link);

			list_del(&t->link);
			place(w, t);
			if (++moved % MOVES == 0 && is_over(limit))
				return false;
		}
	}
	return true;
}

/* What is due at the wheel's tick. */
static bool run_tick(struct wheel *w, uint64_t now, const struct limit *limit, unsigned *fired)
{
	struct wheel_link *h = &w->slot[0][w->tick & MASK];

	if (!cascade(w, limit))
		return false;
	while (h->next != h) {
		struct timer *t = container_of(h->next, struct timer, link);

		if (*fired && is_over(limit))
			return false;
		list_del(&t->link);
		w->armed--;
		++*fired;
		t->fn(t, now);
	}
	return true;
}

static unsigned run(struct wheel *w, uint64_t now, const struct limit *limit)
{
	uint64_t until = now / WHEEL_TICK;
	unsigned fired = 0;

	while (w->rest || w->tick < until) {
		if (!w->armed) {
			w->tick = until > w->tick ? until : w->tick;
			w->rest = false;
			break;
		}
		w->tick += !w->rest;
		w->rest = !run_tick(w, now, limit, &fired);
		if (w->rest)
			break;
	}
	return fired;
}

unsigned wheel_run(struct wheel *w, uint64_t now)
{
	return run(w, now, &(struct limit){ 0 });
}

unsigned wheel_run_until(struct wheel *w, uint64_t now, uint64_t (*clock)(void), uint64_t until)
{
	return run(w, now, &(struct limit){ clock, until });
}

uint64_t wheel_next(const struct wheel *w)
{
	if (!w->armed)
		return UINT64_MAX;
	if (w->rest)
		return w->tick * WHEEL_TICK;
	for (uint64_t i = 1; i <= WHEEL_SLOTS; i++) {
		uint64_t tick = w->tick + i;
		const struct wheel_link *h = &w->slot[0][tick & MASK];

		if (h->next != h || !(tick & MASK))
			return tick * WHEEL_TICK;
	}
	return (w->tick + WHEEL_SLOTS) * WHEEL_TICK;
}
