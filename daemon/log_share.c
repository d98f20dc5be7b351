// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/log_share.h"

#define MINUTE 60000000000ull

bool log_share_ok(struct log_share *l, uint64_t hash, uint32_t per_minute, uint64_t now,
		  uint64_t *ret_left_out)
{
	struct log_share_place *p = &l->place[hash % LOG_SHARE_PLACES];
	uint64_t step = per_minute ? MINUTE / per_minute : 0;

	*ret_left_out = 0;
	if (p->tat < now)
		p->tat = now;
	if (per_minute && p->tat - now > MINUTE - step) {
		p->left_out++;
		return false;
	}
	p->tat += step;
	*ret_left_out = p->left_out;
	p->left_out = 0;
	return true;
}
