/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policer's arithmetic: a token bucket kept as the time at which it will be full again (GCRA).
 * Pure, so that a unit test drives it with a clock of its own; up.h has the lock and the map.
 *
 * A packet makes that time later by octets * cost, where cost is an octet's time on the line in
 * 2^-20 ns: 2^20 * 8e9 / rate. It may pass when the bucket then is full again within `depth` ns.
 *
 *   exactness  The sum is kept in 2^-20 ns: nothing is lost per packet, however small. The cost is
 *              rounded to the nearest: off by 6e-6 at most at 100 Gbit/s (83,886), less below.
 *   overflow   8 kbit/s: 2^20 * 1e6 = 1.05e12 an octet; times 131,070 octets (the largest packet
 *              and the largest overhead) it is 1.4e17 of 1.8e19. Holds down to 64 bit/s.
 *              full_at is nanoseconds since boot: 584 years.
 *   idle       A bucket that is full keeps a time of the past, which `now` replaces.
 *   change     A new cost or depth holds from the next packet on; what was taken stays taken.
 *
 * A depth below the time of one packet lets such a packet never pass.
 */
#ifndef BPF_POLICE_H
#define BPF_POLICE_H

#include "bpf/abi.h"

#define POLICE_SHIFT	20
#define POLICE_RATE_MIN 64 /* bit/s */

/* The rate as struct abi_session has it; below 64 bit/s it is taken as that. */
static inline __attribute__((always_inline)) __u64 police_cost(__u64 bps)
{
	if (bps < POLICE_RATE_MIN)
		bps = POLICE_RATE_MIN;
	return ((8000000000ull << POLICE_SHIFT) + bps / 2) / bps;
}

/* Takes a packet's tokens, or counts it as dropped: nothing is taken then. The caller has the lock.
 * `now` may be a little older than what another CPU has written. */
static inline __attribute__((always_inline)) int
police_take(struct abi_police *p, const struct abi_session *s, __u64 now, __u32 len, __u32 overhead)
{
	__u64 at = p->full_at, sum = (__u64)(len + overhead) * s->police_cost;

	if (at < now)
		at = now;
	else
		sum += p->full_frac;
	at += sum >> POLICE_SHIFT;
	if (at - now > s->police_depth) {
		p->dropped_packets++;
		p->dropped_bytes += len;
		return 0;
	}
	p->full_at = at;
	p->full_frac = sum & ((1u << POLICE_SHIFT) - 1);
	return 1;
}

#endif
