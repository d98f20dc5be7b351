/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a session's Router Advertisements go out (RFC 4861, sections 6.2.4 to 6.2.6). The owner
 * writes and sends the packet: it knows prefix and lifetimes. Embedded in the session.
 *
 * On a link of two, an answer to a solicitation is unicast at once; MIN_DELAY_BETWEEN_RAS spares
 * the many listeners of a shared link and does not apply. A token bucket bounds the answers.
 */
#ifndef IPV6_RA_H
#define IPV6_RA_H

#include "base/addr.h"
#include "base/rate.h"
#include "base/wheel.h"
#include "base/wire.h"

#include <stdbool.h>
#include <stdint.h>

#define IPV6_RA_INTERVAL_DEFAULT (600 * NSEC_PER_SEC)

struct ipv6_ra_sender;

/* Shared by all senders; must outlive them. */
struct ipv6_ra_ctx {
	struct wheel *wheel;
	uint64_t interval; /* ns; unsolicited ones go out every 3/4 to 1/1 of this. 0 = default */
	uint32_t answers_per_second, answers_burst; /* per session; 0 = no limit */
	/* Send one now. @dst: ff02::1 or the solicitor. @final: with router lifetime 0. */
	void (*transmit)(struct ipv6_ra_sender *s, uint64_t now, const struct ip6 *dst, bool final);
	uint32_t (*random)(void); /* for the jitter */
};

struct ipv6_ra_sender {
	struct timer timer;
	const struct ipv6_ra_ctx *ctx;
	struct rate answers;
	uint8_t initial; /* of the first three: how many are to come */
	bool active;
};

/* Nothing is sent, no timer set, until ipv6_ra_sender_start(). */
void ipv6_ra_sender_init(struct ipv6_ra_sender *s, const struct ipv6_ra_ctx *ctx);
/* IPV6CP is up: the first goes out now. */
void ipv6_ra_sender_start(struct ipv6_ra_sender *s, uint64_t now);
/* What it says is another from now on: it goes out soon, and two more times, as after a start (RFC
 * 4861, section 6.2.4). Not of all senders at once. Harmless when not started. */
#define IPV6_RA_AGAIN_WITHIN (3 * NSEC_PER_SEC)
void ipv6_ra_sender_again(struct ipv6_ra_sender *s, uint64_t now);
/* A Router Solicitation came from `src` (may be unset). False: over the budget, or not started;
 * count it. */
bool ipv6_ra_sender_solicited(struct ipv6_ra_sender *s, uint64_t now, const struct ip6 *src);
/* A sender as octets, so that it outlives its process; times in them are absolute: the clock of
 * `now` must be the same in both. 0 or -ENOSPC. */
#define IPV6_RA_FROZEN_MAX 11
int ipv6_ra_sender_freeze(const struct ipv6_ra_sender *s, struct wr *w);
/* In place of ipv6_ra_sender_init(): goes on where the other was, sends nothing now. @r: just those
 * octets. -EBADMSG, or -ENOTSUP (a newer version's): `s` is untouched. */
int ipv6_ra_sender_thaw(struct ipv6_ra_sender *s, const struct ipv6_ra_ctx *ctx, struct rd *r,
			uint64_t now);
/* Would the thaw succeed? */
int ipv6_ra_sender_frozen_check(struct rd r);
/* IPv6 ends. @final: tell the peer (the link still carries). Harmless when not started. */
void ipv6_ra_sender_stop(struct ipv6_ra_sender *s, uint64_t now, bool final);

#endif
