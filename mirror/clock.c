// SPDX-License-Identifier: GPL-2.0-or-later
/* until= of a rule: a time of this box's clock and zone. Pure, but for what the C library reads of
 * the zone. */
#include "mirror/rule.h"

#include <errno.h>
#include <time.h>

#define AHEAD_MAX (366 * 86400)

static int64_t seconds_of(const struct mirror_clock *c)
{
	struct tm tm = {
		.tm_year = c->year - 1900,
		.tm_mon = c->month - 1,
		.tm_mday = c->day,
		.tm_hour = c->hour,
		.tm_min = c->minute,
		.tm_sec = c->second,
		.tm_isdst = -1,
	};

	return mktime(&tm);
}

void mirror_clock_of(int64_t at, struct mirror_clock *ret)
{
	time_t t = at;
	struct tm tm;

	localtime_r(&t, &tm);
	*ret = (struct mirror_clock){
		.year = (uint16_t)(tm.tm_year + 1900),
		.month = (uint8_t)(tm.tm_mon + 1),
		.day = (uint8_t)tm.tm_mday,
		.hour = (uint8_t)tm.tm_hour,
		.minute = (uint8_t)tm.tm_min,
		.second = (uint8_t)(tm.tm_sec > 59 ? 59 : tm.tm_sec),
	};
}

int mirror_clock_at(const struct mirror_clock *c, int64_t now, int64_t *ret)
{
	struct mirror_clock when = *c;
	int64_t at;

	if (!c->year) { /* today's; mktime() counts a day beyond the month's last one on */
		mirror_clock_of(now, &when);
		when.hour = c->hour;
		when.minute = c->minute;
		when.second = c->second;
	}
	at = seconds_of(&when);
	if (!c->year && at <= now) {
		when.day++;
		at = seconds_of(&when);
	}
	if (at <= now)
		return -ETIME;
	if (at > now + AHEAD_MAX)
		return -ERANGE;
	*ret = at;
	return 0;
}
