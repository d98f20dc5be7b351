/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the log says for one peer's sake: so many lines a minute, all of which may come at once, and then
 * one by one. What is left out is counted and told with the next line. So that who dials and hangs up as
 * fast as it can neither fills a disk nor hides what is told of others. Peers are known by a keyed hash,
 * and share a place where it is the same by the number of places. Pure.
 */
#ifndef DAEMON_LOG_SHARE_H
#define DAEMON_LOG_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_SHARE_PLACES 8192

struct log_share {
	struct log_share_place {
		uint64_t tat; /* when all lines may come at once again, ns */
		uint64_t left_out;
	} place[LOG_SHARE_PLACES];
};

/* May one more line be told of this peer? @per_minute 0: always. *ret_left_out: lines since the last that
 * was told. */
bool log_share_ok(struct log_share *l, uint64_t hash, uint32_t per_minute, uint64_t now,
		  uint64_t *ret_left_out);

#endif
