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

void ipv6_ra_sender_again(struct ipv6_ra_sender *s, uint64_t now)
{
	if (!s->active)
		return;
	s->initial = INITIAL_COUNT;
	timer_set(s->ctx->wheel, &s->timer,
		  now + IPV6_RA_AGAIN_WITHIN / 0x10000 * (s->ctx->random() & 0xffff));
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

/* --- freeze and thaw ---------------------------------------------------------------------------
 */

#define FROZEN_VERSION 1

int ipv6_ra_sender_freeze(const struct ipv6_ra_sender *s, struct wr *w)
{
	wr_u8(w, FROZEN_VERSION);
	wr_u8(w, s->active);
	wr_u8(w, s->initial);
	if (s->active)
		wr_be64(w, timer_at(&s->timer));
	return w->bad ? -ENOSPC : 0;
}

struct frozen {
	uint64_t at;
	uint8_t initial;
	bool active;
};

static int frozen_parse(struct rd *r, struct frozen *z)
{
	uint8_t version = rd_u8(r), active = rd_u8(r);

	if (version > FROZEN_VERSION)
		return -ENOTSUP;
	z->active = active;
	z->initial = rd_u8(r);
	z->at = active ? rd_be64(r) : 0;
	if (r->bad || rd_left(r) || !version || active > 1 || z->initial > INITIAL_COUNT)
		return -EBADMSG;
	return 0;
}

int ipv6_ra_sender_frozen_check(struct rd r)
{
	struct frozen z;

	return frozen_parse(&r, &z);
}

int ipv6_ra_sender_thaw(struct ipv6_ra_sender *s, const struct ipv6_ra_ctx *ctx, struct rd *r,
			uint64_t now)
{
	struct frozen z;
	int rc = frozen_parse(r, &z);

	if (rc)
		return rc;
	ipv6_ra_sender_init(s, ctx);
	s->active = z.active;
	s->initial = z.initial;
	/* One that is late goes out soon; not all of them at once. */
	if (z.active && z.at <= now)
		z.at = now + INITIAL_INTERVAL / 0x10000 * (ctx->random() & 0xffff);
	if (z.active)
		timer_set(ctx->wheel, &s->timer, z.at);
	return 0;
}
