// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PADRs that wait: when as many sessions are starting as may, a PADR whose cookie is good is kept
 * for a few seconds, and opens its session when there is room. Without that, hosts that all dialled
 * at once come again at the same times, 1, 2, 4, 8 ... s later, and in between nothing is done.
 *
 * Lines are spread over queues by a keyed hash, and queues have their turn one after the other, so
 * that a line with many hosts does not hold up the others. A queue may be eight times as long as
 * what is left for all. Everything has a fixed size: what does not fit is dropped, and comes again.
 */
#include "pppoe/server.h"

#include <stdlib.h>

static uint8_t queue_of(const struct pppoe_server *s, const struct pppoe_line *line)
{
	uint16_t k[3] = { line->port, line->svlan, line->cvlan };

	return (uint8_t)(siphash(&s->padt_key, k, sizeof(k)) % PPPOE_WAIT_QUEUES);
}

static bool same_cookie(uint32_t value, const void *key, void *arg)
{
	const struct pppoe_wait *w = arg;

	return w->all[value].cookie_id == *(const uint64_t *)key;
}

static uint32_t index_of(const struct pppoe_wait *w, const struct pppoe_waiting *e)
{
	return (uint32_t)(e - w->all);
}

static void leave(struct pppoe_wait *w, struct pppoe_waiting *e)
{
	(void)hidx_del(&w->by_cookie, e->cookie_id, index_of(w, e));
	TAILQ_REMOVE(&w->queue[e->queue], e, link);
	TAILQ_INSERT_HEAD(&w->unused, e, link);
	w->in_queue[e->queue]--;
	w->count--;
}

/* Hears it again. False: not yet. */
static bool hear(struct pppoe_server *s, uint64_t now, const struct pppoe_waiting *e)
{
	struct pppoe_packet p = { .now = now, .frame.line.port = e->port };

	p.ac = s->ops.port_mac(s->arg, e->port);
	if (!p.ac || pppoe_frame_parse(e->port, e->frame, e->len, &p.frame) ||
	    pppoe_server_tags(&p)) {
		pppoe_drop(s, &p, PPPOE_STAT_drop_not_for_us, NULL);
		return true;
	}
	if (now < e->until)
		return pppoe_server_padr(s, &p, e->cookie_id, false) != -EAGAIN;
	pppoe_drop(s, &p, PPPOE_STAT_drop_limit, NULL);
	return true;
}

/* The queue's first. False: there is none, or there is no room for it. */
static bool serve(struct pppoe_server *s, uint64_t now, unsigned queue)
{
	struct pppoe_waiting *e = TAILQ_FIRST(&s->wait.queue[queue]);

	if (!e || !hear(s, now, e))
		return false;
	leave(&s->wait, e);
	return true;
}

static void on_tick(struct timer *t, uint64_t now)
{
	struct pppoe_server *s = container_of(t, struct pppoe_server, wait.timer);
	uint64_t ready = UINT64_MAX; /* a bit for each queue */
	unsigned left = PPPOE_WAIT_BATCH;

	_Static_assert(PPPOE_WAIT_QUEUES == 64, "bits");
	while (ready && left)
		for (unsigned q = 0; q < PPPOE_WAIT_QUEUES && left; q++) {
			if (!(ready >> q & 1))
				continue;
			if (serve(s, now, q))
				left--;
			else
				ready &= ~(1ull << q);
		}
	if (s->wait.count)
		timer_set(s->wheel, &s->wait.timer, now + PPPOE_WAIT_TICK);
}

int pppoe_wait_init(struct pppoe_server *s)
{
	struct pppoe_wait *w = &s->wait;

	timer_init(&w->timer, on_tick);
	TAILQ_INIT(&w->unused);
	for (unsigned q = 0; q < PPPOE_WAIT_QUEUES; q++)
		TAILQ_INIT(&w->queue[q]);
	w->all = calloc(PPPOE_WAIT_MAX, sizeof(*w->all));
	return w->all ? hidx_init(&w->by_cookie, PPPOE_WAIT_MAX) : -ENOMEM;
}

void pppoe_wait_fini(struct pppoe_server *s)
{
	timer_cancel(s->wheel, &s->wait.timer);
	hidx_fini(&s->wait.by_cookie);
	free(s->wait.all);
}

static bool room_in(const struct pppoe_wait *w, unsigned queue)
{
	return w->in_queue[queue] < PPPOE_WAIT_SHARE * (PPPOE_WAIT_MAX - w->count);
}

bool pppoe_wait_room(const struct pppoe_server *s, const struct pppoe_line *line)
{
	return room_in(&s->wait, queue_of(s, line));
}

bool pppoe_wait_behind(const struct pppoe_server *s, const struct pppoe_line *line)
{
	return s->wait.in_queue[queue_of(s, line)];
}

/* A place; memory that was never needed stays untouched. */
static struct pppoe_waiting *place(struct pppoe_wait *w)
{
	struct pppoe_waiting *e = TAILQ_FIRST(&w->unused);

	if (!e && w->high < PPPOE_WAIT_MAX) {
		e = &w->all[w->high++];
		TAILQ_INSERT_HEAD(&w->unused, e, link);
	}
	return e;
}

static struct pppoe_waiting *enter(struct pppoe_server *s, const struct pppoe_packet *p,
				   uint64_t cookie_id)
{
	struct pppoe_wait *w = &s->wait;
	struct pppoe_waiting *e = place(w);
	uint8_t queue = queue_of(s, &p->frame.line);

	if (!e || !room_in(w, queue) || hidx_add(&w->by_cookie, cookie_id, index_of(w, e)))
		return NULL;
	TAILQ_REMOVE(&w->unused, e, link);
	TAILQ_INSERT_TAIL(&w->queue[queue], e, link);
	e->queue = queue;
	e->cookie_id = cookie_id;
	w->in_queue[queue]++;
	w->count++;
	if (!timer_is_set(&w->timer))
		timer_set(s->wheel, &w->timer, p->now + PPPOE_WAIT_TICK);
	return e;
}

int pppoe_wait_add(struct pppoe_server *s, const struct pppoe_packet *p, uint64_t cookie_id)
{
	struct pppoe_wait *w = &s->wait;
	uint32_t i = hidx_find(&w->by_cookie, cookie_id, same_cookie, &cookie_id, w);
	struct pppoe_waiting *e;

	if (p->len > PPPOE_WAIT_FRAME)
		return -ENOSPC;
	e = i == HIDX_NONE ? enter(s, p, cookie_id) : &w->all[i];
	if (!e)
		return -ENOSPC;
	memcpy(e->frame, p->octets, p->len);
	e->port = p->frame.line.port;
	e->len = (uint16_t)p->len;
	e->until = p->now + PPPOE_WAIT_LONGEST;
	return i == HIDX_NONE ? 0 : -EALREADY;
}
