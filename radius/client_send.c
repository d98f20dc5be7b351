// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests on their way: the choice of a server, identifiers, the packet, and repetition of the
 * same octets under the same identifier by RFC 5080, section 2.2.1 (IRT is `timeout`, MRT 16 s, MRC
 * `max_try` per server; no MRD). RFC 2865, section 2.5: another server gets a packet of its own.
 */
#include "radius/attr.h"
#include "radius/client.h"

#include "base/log.h"

#define JITTER_STEPS 2000 /* of -0.1 to +0.1 */

static const uint8_t zero_auth[RADIUS_AUTH_LEN];

uint64_t radius_jitter(struct radius_client *c, uint64_t rt)
{
	uint16_t r;

	radius_random(c, &r, sizeof(r));
	return rt - rt / 10 + rt / 10 * 2 * (r % (JITTER_STEPS + 1)) / JITTER_STEPS;
}

/* Where the rank ends that begins with this server. */
static unsigned rank_end(const struct radius_client *c, unsigned first)
{
	unsigned end = first + 1;

	if (!c->server[first].config.weight)
		return end;
	while (end < c->server_count && c->server[end].config.weight &&
	       c->server[end].config.backup == c->server[first].config.backup)
		end++;
	return end;
}

static bool may_be_asked(const struct radius_link *l, uint32_t tried)
{
	return l->used && !(tried & 1u << l->server);
}

static bool has_room(const struct radius_link *l)
{
	return l->state == LINK_UP ? l->inflight < l->client->config.window
				   : l->state == LINK_TRIAL && !l->inflight;
}

/* By weight and chance among those of a rank that have room: so nobody has to catch up. */
static struct radius_link *draw(struct radius_client *c, enum radius_kind kind, uint32_t tried,
				unsigned first, unsigned end)
{
	struct radius_link *last = NULL;
	uint64_t sum = 0;
	uint32_t r;

	for (unsigned pass = 0; pass < 2; pass++) {
		if (pass) {
			radius_random(c, &r, sizeof(r));
			sum = r % sum;
		}
		for (unsigned i = first; i < end; i++) {
			struct radius_link *l = &c->server[i].link[kind];
			uint32_t weight = c->server[i].config.weight;

			if (!may_be_asked(l, tried) || !has_room(l))
				continue;
			last = l;
			if (!pass)
				sum += weight;
			else if (sum < weight)
				return l;
			else
				sum -= weight;
		}
		if (!last || !sum || end - first == 1)
			break;
	}
	return last;
}

/* One rank: NONE where none of it lives. */
static enum radius_pick pick_rank(struct radius_client *c, enum radius_kind kind, uint32_t tried,
				  unsigned first, unsigned end, struct radius_link **ret)
{
	struct radius_link *l = draw(c, kind, tried, first, end);

	if (l) {
		*ret = l;
		return PICK_OK;
	}
	for (unsigned i = first; i < end; i++) {
		l = &c->server[i].link[kind];
		if (may_be_asked(l, tried) && l->state == LINK_UP)
			return PICK_WAIT;
	}
	return PICK_NONE;
}

enum radius_pick radius_pick(struct radius_client *c, enum radius_kind kind, uint32_t tried,
			     struct radius_link **ret)
{
	bool hope = false;

	for (unsigned backup = 0; backup < 2; backup++) {
		for (unsigned i = 0, end; i < c->server_count; i = end) {
			enum radius_pick p = PICK_NONE;

			end = rank_end(c, i);
			if (c->server[i].config.backup == backup)
				p = pick_rank(c, kind, tried, i, end, ret);
			if (p != PICK_NONE)
				return p;
			for (unsigned k = i; k < end; k++)
				hope |= may_be_asked(&c->server[k].link[kind], tried);
		}
	}
	/* Whoever has tried a server has waited already; a new one waits for a probe's answer. */
	return hope && !tried ? PICK_WAIT : PICK_NONE;
}

unsigned radius_client_window(const struct radius_client *c)
{
	for (unsigned backup = 0; backup < 2; backup++) {
		for (unsigned i = 0, end; i < c->server_count; i = end) {
			unsigned up = 0;

			end = rank_end(c, i);
			for (unsigned k = i; c->server[i].config.backup == backup && k < end; k++) {
				const struct radius_link *l = &c->server[k].link[RADIUS_AUTH];

				up += l->used && l->state == LINK_UP;
			}
			if (up)
				return up * c->config.window;
		}
	}
	return c->config.window;
}

static int slot_take(struct radius_link *l, struct radius_request *r)
{
	if (!l->free_count)
		return -EBUSY;
	r->slot = l->free[l->free_head];
	l->free_head = (l->free_head + 1) % l->slots;
	l->free_count--;
	l->slot[r->slot] = r;
	r->link = l;
	return 0;
}

static void slot_give(struct radius_link *l, unsigned slot)
{
	l->slot[slot] = NULL;
	l->free[(l->free_head + l->free_count) % l->slots] = (uint16_t)slot;
	l->free_count++;
}

void radius_slot_release(struct radius_request *r)
{
	struct radius_link *l = r->link;

	timer_cancel(r->client->wheel, &r->timer);
	slot_give(l, r->slot);
	if (r->what != REQUEST_PROBE)
		l->inflight--;
	radius_request_list_move(r, NULL, false);
	r->link = NULL;
}

/* --- the packet ---------------------------------------------------------------------------- */

static int build_account(struct radius_request *r, const char *secret, uint8_t id)
{
	struct radius_client *c = r->client;
	struct radius_record_room room;
	struct radius_record record;
	struct wr w = wr_init(c->buf, sizeof(c->buf));
	uint64_t wall = c->doors.wall(c->doors.arg), delay;
	int rc = radius_acct_record(c, r->rec, &record, &room);

	if (rc)
		return rc;
	delay = wall > record.event_time ? wall - record.event_time : 0;
	radius_begin(&w, c->buf, RADIUS_ACCOUNTING_REQUEST, id, zero_auth, false);
	radius_record_write(&w, &c->nas, &record,
			    delay < UINT32_MAX ? (uint32_t)delay : UINT32_MAX);
	return radius_finish_request(&w, secret);
}

static int build(struct radius_request *r, const struct radius_link *l)
{
	struct radius_client *c = r->client;
	const char *secret = c->server[l->server].config.secret;
	struct wr w = wr_init(c->buf, sizeof(c->buf));
	uint8_t id = (uint8_t)(r->slot % RADIUS_IDS);

	if (r->what == REQUEST_ACCOUNT)
		return build_account(r, secret, id);
	radius_random(c, r->auth, sizeof(r->auth));
	radius_begin(&w, c->buf,
		     r->what == REQUEST_PROBE ? RADIUS_STATUS_SERVER : RADIUS_ACCESS_REQUEST, id,
		     r->auth, true);
	if (r->what == REQUEST_PROBE)
		radius_put_text(&w, RADIUS_ATTR_NAS_IDENTIFIER, c->identifier);
	else
		radius_access_write(&w, &c->nas, r->access, secret, r->auth,
				    c->doors.wall(c->doors.arg));
	return radius_finish_access(&w, secret);
}

static void send_packet(struct radius_request *r)
{
	struct radius_client *c = r->client;
	struct radius_link *l = r->link;

	if (c->doors.send(c->doors.arg, l->server, l->kind, r->slot / RADIUS_IDS, r->packet,
			  r->len))
		l->count.send_errors++;
}

int radius_transmit(struct radius_request *r, struct radius_link *l, uint64_t now)
{
	struct radius_client *c = r->client;
	int len = slot_take(l, r);
	uint8_t *packet;

	if (len)
		return len;
	len = build(r, l);
	packet = len < 0 ? NULL : realloc(r->packet, (size_t)len);
	if (!packet) {
		slot_give(l, r->slot);
		r->link = NULL;
		return len < 0 ? len : -ENOMEM;
	}
	memcpy(packet, c->buf, (size_t)len);
	r->packet = packet;
	r->len = (size_t)len;
	memcpy(r->auth, packet + 4, sizeof(r->auth));
	r->state = REQUEST_FLYING;
	r->sent = now;
	r->tries = 1;
	r->max_try = l->state == LINK_UP ? c->config.max_try : 1;
	r->rt = radius_jitter(c, c->config.timeout);
	if (r->what != REQUEST_PROBE) {
		if (r->tried)
			l->count.failovers++;
		r->tried |= 1u << l->server;
		l->inflight++;
		l->count.requests++;
		radius_request_list_move(r, &l->flying, false);
	}
	timer_set(c->wheel, &r->timer, now + r->rt);
	send_packet(r);
	return 0;
}

/* --- waiting and repeating ------------------------------------------------------------------ */

void radius_dispatch(struct radius_client *c, enum radius_kind kind, uint64_t now)
{
	if (c->closing)
		return;
	if (kind == RADIUS_AUTH)
		radius_access_dispatch(c, now);
	else
		radius_acct_dispatch(c, now);
}

static void end_soon(struct radius_request *r, uint64_t now)
{
	radius_request_list_move(r, &r->client->ending, false);
	r->state = REQUEST_ENDING;
	timer_set(r->client->wheel, &r->timer, now);
}

/* Sends from the front of the queue as long as a server takes it. */
static void dispatch_queue(struct radius_client *c, struct request_list *q, uint64_t now)
{
	struct radius_request *r;
	struct radius_link *l;

	while ((r = TAILQ_FIRST(q))) {
		enum radius_pick p = radius_pick(c, RADIUS_AUTH, r->tried, &l);

		if (p == PICK_WAIT)
			return;
		if (p == PICK_NONE || radius_transmit(r, l, now))
			end_soon(r, now);
	}
}

void radius_access_dispatch(struct radius_client *c, uint64_t now)
{
	dispatch_queue(c, &c->again, now);
	dispatch_queue(c, &c->fresh, now);
}

void radius_request_move(struct radius_request *r, uint64_t now)
{
	struct radius_client *c = r->client;

	radius_slot_release(r);
	if (r->what == REQUEST_ACCOUNT) {
		radius_acct_unanswered(r, now);
		return;
	}
	r->state = REQUEST_QUEUED;
	radius_request_list_move(r, &c->again, false);
	timer_set(c->wheel, &r->timer, now + c->config.timeout * c->config.max_try);
}

static void repeat(struct radius_request *r, uint64_t now)
{
	struct radius_client *c = r->client;
	uint64_t rt = 2 * r->rt;

	/* RT = 2 * RTprev + RAND * RTprev, where r->rt has its own randomness already. */
	rt = rt - r->rt + radius_jitter(c, r->rt);
	r->rt = rt > RADIUS_MRT ? radius_jitter(c, RADIUS_MRT) : rt;
	r->tries++;
	r->link->count.retransmits++;
	timer_set(c->wheel, &r->timer, now + r->rt);
	send_packet(r);
}

static void flying_timeout(struct radius_request *r, uint64_t now)
{
	struct radius_client *c = r->client;
	struct radius_link *l = r->link;
	enum radius_kind kind = l->kind;

	l->count.timeouts++;
	if (r->what == REQUEST_PROBE) {
		radius_probe_timeout(r, now);
		return;
	}
	if (r->what == REQUEST_ACCOUNT)
		radius_acct_timeout(r);
	if (r->tries < r->max_try)
		repeat(r, now);
	else
		radius_request_move(r, now);
	radius_link_silent(l, now);
	radius_dispatch(c, kind, now);
}

void radius_request_timer(struct timer *t, uint64_t now)
{
	struct radius_request *r = container_of(t, struct radius_request, timer);
	struct radius_client *c = r->client;

	switch (r->state) {
	case REQUEST_FLYING:
		flying_timeout(r, now);
		return;
	case REQUEST_SLEEPING:
		radius_acct_wake(r);
		radius_acct_dispatch(c, now);
		return;
	case REQUEST_QUEUED:
	case REQUEST_ENDING:
		radius_access_done(r, now, NULL);
		return;
	}
}
