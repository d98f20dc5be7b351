// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PADOs that wait: an access concentrator with more sessions answers later, so that others with
 * fewer are chosen (RFC 2516, section 5.2 leaves the choice to the host, and hosts take the first
 * offer). A ring of fixed size and one timer. When the delay shrinks, new PADOs still leave after
 * those that wait already: at most the old delay, once.
 */
#include "pppoe/server.h"

#include <stdlib.h>

uint64_t pppoe_delay_for(const struct pppoe_config *config, uint32_t sessions)
{
	const struct pppoe_pado_delay *best = NULL;
	uint64_t delay;

	for (unsigned i = 0; i < config->pado_delay_count; i++) {
		const struct pppoe_pado_delay *d = &config->pado_delay[i];

		if (d->sessions <= sessions && (!best || d->sessions >= best->sessions))
			best = d;
	}
	if (!best)
		return 0;
	if (best->delay_ms < 0)
		return UINT64_MAX;
	delay = (uint64_t)best->delay_ms * NSEC_PER_MSEC;
	return delay < PPPOE_COOKIE_AHEAD ? delay : PPPOE_COOKIE_AHEAD;
}

static struct pppoe_delayed *first(struct pppoe_server *s)
{
	return &s->delayed[s->delayed_first];
}

static void send_due(struct timer *t, uint64_t now)
{
	struct pppoe_server *s = container_of(t, struct pppoe_server, timer);

	while (s->delayed_count && first(s)->due <= now) {
		struct pppoe_delayed *d = first(s);

		s->delayed_first = (s->delayed_first + 1) % PPPOE_DELAYED_MAX;
		s->delayed_count--;
		s->stats.pado_tx++;
		s->ops.transmit(s->arg, d->port, d->frame, d->len);
	}
	if (s->delayed_count)
		timer_set(s->wheel, &s->timer, first(s)->due);
}

int pppoe_delay_init(struct pppoe_server *s)
{
	timer_init(&s->timer, send_due);
	s->delayed = calloc(PPPOE_DELAYED_MAX, sizeof(*s->delayed));
	return s->delayed ? 0 : -ENOMEM;
}

void pppoe_delay_fini(struct pppoe_server *s)
{
	timer_cancel(s->wheel, &s->timer);
	free(s->delayed);
}

static struct pppoe_delayed *nth(struct pppoe_server *s, unsigned n)
{
	return &s->delayed[(s->delayed_first + n) % PPPOE_DELAYED_MAX];
}

struct pppoe_delayed *pppoe_delay_room(struct pppoe_server *s, uint64_t now, uint64_t delay)
{
	struct pppoe_delayed *d;

	if (s->delayed_count == PPPOE_DELAYED_MAX)
		return NULL;
	d = nth(s, s->delayed_count);
	d->due = now + delay;
	if (s->delayed_count && nth(s, s->delayed_count - 1)->due > d->due)
		d->due = nth(s, s->delayed_count - 1)->due;
	return d;
}

void pppoe_delay_commit(struct pppoe_server *s, struct pppoe_delayed *d)
{
	if (!s->delayed_count++)
		timer_set(s->wheel, &s->timer, d->due);
}
