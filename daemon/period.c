// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The calendar (daemon/period.h). Where midnight is left out or comes twice (clocks are changed at
 * midnight in places), a day begins at the first moment that has its date.
 */
#include "daemon/period.h"

#include <time.h>

#define QUARTER 900   /* time zones, and their changes, are multiples of it */
#define SEARCH	10800 /* no change of clocks is larger, but for days that are left out whole */

static int date_of(time_t t)
{
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return 0;
	return (tm.tm_year * 12 + tm.tm_mon) * 32 + tm.tm_mday;
}

/* The first moment of a day; days and months beyond their range count on. */
static uint64_t day_start(int year, int month, int day)
{
	struct tm tm = {
		.tm_year = year, .tm_mon = month, .tm_mday = day, .tm_hour = 12, .tm_isdst = -1
	};
	time_t noon = mktime(&tm), t;
	int date = date_of(noon);

	for (t = noon - 12 * 3600 - SEARCH; t < noon && date_of(t) < date; t += QUARTER)
		;
	return t > 0 ? (uint64_t)t : 0;
}

void period_of(enum period_kind kind, uint64_t wall, struct period *ret)
{
	time_t t = (time_t)wall;
	struct tm tm;
	int d, step;

	if (kind == PERIOD_NONE || !localtime_r(&t, &tm)) {
		*ret = (struct period){ .next = UINT64_MAX };
		return;
	}
	if (kind == PERIOD_MONTHLY) {
		ret->prev = day_start(tm.tm_year, tm.tm_mon - 1, 1);
		ret->start = day_start(tm.tm_year, tm.tm_mon, 1);
		ret->next = day_start(tm.tm_year, tm.tm_mon + 1, 1);
		return;
	}
	step = kind == PERIOD_WEEKLY ? 7 : 1;
	d = tm.tm_mday - (kind == PERIOD_WEEKLY ? (tm.tm_wday + 6) % 7 : 0);
	ret->prev = day_start(tm.tm_year, tm.tm_mon, d - step);
	ret->start = day_start(tm.tm_year, tm.tm_mon, d);
	ret->next = day_start(tm.tm_year, tm.tm_mon, d + step);
	if (ret->prev == ret->start) /* the day before was left out */
		ret->prev = day_start(tm.tm_year, tm.tm_mon, d - step - 1);
}

void period_watch_init(struct period_watch *w, enum period_kind kind, uint64_t wall,
		       uint64_t newest)
{
	*w = (struct period_watch){ .kind = kind };
	/* A clock that has lost its time comes up in the past. */
	period_of(kind, newest > wall ? newest : wall, &w->now);
}

enum period_event period_watch(struct period_watch *w, uint64_t now, uint64_t wall)
{
	if (wall >= w->now.start && wall < w->now.next) {
		w->behind = 0;
		return PERIOD_SAME;
	}
	if (wall >= w->now.next) {
		w->behind = 0;
		period_of(w->kind, wall, &w->now);
		return PERIOD_ROLL;
	}
	if (!w->behind)
		w->behind = now ? now : 1;
	if (now - w->behind < PERIOD_PATIENCE)
		return PERIOD_SAME;
	w->behind = 0;
	period_of(w->kind, wall, &w->now);
	return PERIOD_MOVED;
}
