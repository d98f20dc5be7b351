// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RFC 4861, section 6.2.4 (unsolicited, the first three sooner), 6.2.5 (the last one), 6.2.6
 * (answers). Left out: the random delay before an answer, which keeps many routers of one link from
 * answering together.
 */
#include "ipv6/ra.h"

#include "ipv6/nd.h"

#include <stddef.h>

/* MAX_INITIAL_RTR_ADVERTISEMENTS, MAX_INITIAL_RTR_ADVERT_INTERVAL: RFC 4861, section 10 */
#define INITIAL_COUNT	 3
#define INITIAL_INTERVAL (16 * NSEC_PER_SEC)

static void send_unsolicited(struct ipv6_ra_sender *s, uint64_t now)
{
	const struct ipv6_ra_ctx *ctx = s->ctx;
	uint64_t max = ctx->interval ? ctx->interval : IPV6_RA_INTERVAL_DEFAULT;
	uint64_t wait = max - max / 4 * (ctx->random() & 0xffff) / 0x10000;

	if (s->initial)
		s->initial--;
	if (s->initial && wait > INITIAL_INTERVAL)
		wait = INITIAL_INTERVAL;
	timer_set(ctx->wheel, &s->timer, now + wait);
	ctx->transmit(s, now, &ipv6_all_nodes, false);
}

static void on_timer(struct timer *t, uint64_t now)
{
	send_unsolicited(container_of(t, struct ipv6_ra_sender, timer), now);
}

void ipv6_ra_sender_init(struct ipv6_ra_sender *s, const struct ipv6_ra_ctx *ctx)
{
	*s = (struct ipv6_ra_sender){ .ctx = ctx };
	timer_init(&s->timer, on_timer);
}

void ipv6_ra_sender_start(struct ipv6_ra_sender *s, uint64_t now)
{
	s->active = true;
	s->initial = INITIAL_COUNT;
	send_unsolicited(s, now);
}

bool ipv6_ra_sender_solicited(struct ipv6_ra_sender *s, uint64_t now, const struct ip6 *src)
{
	const struct ipv6_ra_ctx *ctx = s->ctx;

	if (!s->active || !rate_ok(&s->answers, ctx->answers_per_second, ctx->answers_burst, now))
		return false;
	ctx->transmit(s, now, ip6_is_zero(src) ? &ipv6_all_nodes : src, false);
	return true;
}

void ipv6_ra_sender_stop(struct ipv6_ra_sender *s, uint64_t now, bool final)
{
	if (!s->active)
		return;
	s->active = false;
	timer_cancel(s->ctx->wheel, &s->timer);
	if (final)
		s->ctx->transmit(s, now, &ipv6_all_nodes, true);
}
