// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dynamic authorization: RFC 5176, sections 2 and 3 (Disconnect and CoA, Error-Cause, Proxy-State
 * given back) and 6.3 (Event-Timestamp against replay); RFC 5080, section 2.2.2 (duplicates).
 *
 * Left out: Authorize Only (section 3.2), and requests that come through a proxy's reverse path
 * check (6.1): who may ask is a list of addresses.
 *
 * Nobody who has not shown that he knows the secret gets an answer, and what a request asks for
 * is done once. A duplicate (same source, port, identifier, authenticator) is answered with the
 * octets that it was answered with before. With an Event-Timestamp the same signed octets act
 * once wherever they come from, for as long as the timestamp is good: a captured Disconnect cannot
 * be played again from another port.
 *
 * A CoA may wait for its outcome. A duplicate of one that waits gets nothing: the one answer is on
 * its way. So that what was begun can always be answered, its place is taken before it begins.
 */
#include "radius/dae.h"

#include "base/hidx.h"
#include "base/log.h"
#include "base/siphash.h"
#include "radius/dae_later.h"
#include "radius/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTR_PROXY_STATE     33
#define ATTR_EVENT_TIMESTAMP 55
#define ATTR_ERROR_CAUSE     101

struct answer {
	struct radius_dae_peer peer;
	uint8_t id, auth[RADIUS_AUTH_LEN];
	bool stamped; /* the request had an Event-Timestamp */
	uint64_t hash, expires;
	uint8_t *p; /* NULL: this slot is free */
	size_t len;
};

struct radius_dae_core {
	int (*send)(void *arg, const struct radius_dae_peer *to, const uint8_t *p, size_t len);
	void *arg;
	enum radius_error_cause (*act)(void *arg, uint64_t now,
				       const struct radius_dae_request *req);
	void *act_arg;
	char *secret, *identifier;
	struct radius_nas nas;
	struct ip6 *allowed;
	unsigned allowed_count;
	bool require_ma, require_event_timestamp;
	radius_wants_speed *wants_speed;

	struct siphash_key key;
	struct hidx index;
	struct answer answers[RADIUS_DAE_ANSWERS]; /* the oldest makes room */
	uint32_t next;

	struct radius_dae_later later;
	uint64_t ticket; /* the last one given */

	struct radius_dae_stats stats;
	struct log_limit drop_limit[RADIUS_DAE_DROP_COUNT], note_limit;
};

static const char *const drop_name[] = {
#define X(name, text) [RADIUS_DAE_DROP_##name] = (text),
	RADIUS_DAE_DROPS(X)
#undef X
};

/* --- configuration --------------------------------------------------------------------------- */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

int radius_dae_address(const char *s, struct ip6 *ret)
{
	uint32_t v;
	struct ip6 a;

	if (ip4_parse(s, &v))
		return ip6_parse(s, ret);
	memcpy(a.b, mapped, sizeof(mapped));
	for (int i = 0; i < 4; i++)
		a.b[12 + i] = (uint8_t)(v >> (24 - 8 * i));
	*ret = a;
	return 0;
}

static const char *peer_str(char buf[IP6_STRLEN], const struct ip6 *a)
{
	const uint8_t *b = a->b + 12;

	if (memcmp(a->b, mapped, sizeof(mapped)) != 0)
		return ip6_str(buf, a);
	return ip4_str(buf,
		       (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
}

static int copy_allowed(struct radius_dae_core *d, const struct radius_dae_config *c, char *why,
			size_t why_len)
{
	d->allowed = calloc(c->allowed_count ? c->allowed_count : 1, sizeof(*d->allowed));
	if (!d->allowed)
		return -ENOMEM;
	for (unsigned i = 0; i < c->allowed_count; i++) {
		if (radius_dae_address(c->allowed[i], &d->allowed[i])) {
			snprintf(why, why_len, "%s is not an address", c->allowed[i]);
			return -EINVAL;
		}
	}
	d->allowed_count = c->allowed_count;
	return 0;
}

static int copy_config(struct radius_dae_core *d, const struct radius_dae_config *c, char *why,
		       size_t why_len)
{
	int rc;

	if (!c->secret || !*c->secret || !c->act) {
		snprintf(why, why_len, "dynamic authorization needs a secret");
		return -EINVAL;
	}
	d->secret = strdup(c->secret);
	d->identifier = strdup(c->nas_identifier ? c->nas_identifier : "");
	rc = d->secret && d->identifier ? copy_allowed(d, c, why, why_len) : -ENOMEM;
	if (!rc)
		rc = siphash_key_random(&d->key);
	if (!rc)
		rc = hidx_init(&d->index, RADIUS_DAE_ANSWERS);
	if (rc && rc != -EINVAL)
		snprintf(why, why_len, "dynamic authorization: %s", strerror(-rc));
	d->nas = (struct radius_nas){ d->identifier, c->nas_ip4, c->nas_ip6 };
	d->act = c->act;
	d->act_arg = c->arg;
	d->require_ma = c->require_ma;
	d->require_event_timestamp = c->require_event_timestamp;
	d->wants_speed = c->wants_speed;
	return rc;
}

int radius_dae_core_new(struct radius_dae_core **ret, const struct radius_dae_config *c,
			int (*send)(void *arg, const struct radius_dae_peer *to, const uint8_t *p,
				    size_t len),
			void *arg, char *why, size_t why_len)
{
	struct radius_dae_core *d = calloc(1, sizeof(*d));
	int rc;

	if (!d) {
		snprintf(why, why_len, "dynamic authorization: no memory");
		return -ENOMEM;
	}
	d->send = send;
	d->arg = arg;
	rc = copy_config(d, c, why, why_len);
	if (rc) {
		radius_dae_core_free(d);
		return rc;
	}
	*ret = d;
	return 0;
}

void radius_dae_core_free(struct radius_dae_core *d)
{
	if (!d)
		return;
	for (uint32_t i = 0; i < RADIUS_DAE_ANSWERS; i++)
		free(d->answers[i].p);
	radius_dae_later_fini(&d->later);
	hidx_fini(&d->index);
	free(d->allowed);
	free(d->identifier);
	if (d->secret)
		explicit_bzero(d->secret, strlen(d->secret));
	free(d->secret);
	free(d);
}

/* --- what is checked before a request counts as one ---------------------------------------------
 */

/* "", or how many lines were left out before this one. */
static const char *more_str(char *buf, size_t len, uint64_t suppressed)
{
	*buf = '\0';
	if (suppressed)
		snprintf(buf, len, " (%llu more not shown)", (unsigned long long)suppressed);
	return buf;
}

static void drop(struct radius_dae_core *d, const struct radius_dae_datagram *q,
		 enum radius_dae_drop reason)
{
	char from[IP6_STRLEN], more[48];
	uint64_t suppressed;

	d->stats.drop[reason]++;
	if (log_limit_ok(&d->drop_limit[reason], q->now, &suppressed))
		log_warn("radius: dae: from %s port %u: code %u, %zu octets: %s%s",
			 peer_str(from, &q->from->addr), q->from->port, q->code, q->len,
			 drop_name[reason], more_str(more, sizeof(more), suppressed));
}

static bool is_allowed(const struct radius_dae_core *d, const struct ip6 *a)
{
	for (unsigned i = 0; i < d->allowed_count; i++)
		if (ip6_equal(&d->allowed[i], a))
			return true;
	return false;
}

static int read_stamp(struct radius_dae_datagram *q, const struct radius_attr *a)
{
	struct rd r = rd_init(a->value, a->len);
	uint32_t stamp = rd_be32(&r);
	uint64_t age = q->wall > stamp ? q->wall - stamp : stamp - q->wall;

	if (r.bad || rd_left(&r) || age > RADIUS_DAE_WINDOW)
		return -EBADMSG;
	if (!q->stamped || stamp > q->stamp)
		q->stamp = stamp;
	q->stamped = true;
	return 0;
}

/* RFC 5176, section 6.3: a request that is not current is dropped in silence. */
static int read_stamps(struct radius_dae_datagram *q)
{
	struct radius_iter it;
	struct radius_attr a;

	radius_iter_init(&it, &q->packet);
	while (radius_iter_next(&it, &a))
		if (!a.vendor && a.type == ATTR_EVENT_TIMESTAMP && read_stamp(q, &a))
			return -EBADMSG;
	if (q->stamped)
		q->fresh = q->now +
			   ((uint64_t)q->stamp + RADIUS_DAE_WINDOW + 1 - q->wall) * NSEC_PER_SEC;
	return 0;
}

/* RADIUS_DAE_DROP_COUNT: it is genuine. */
static enum radius_dae_drop check(struct radius_dae_core *d, struct radius_dae_datagram *q,
				  const uint8_t *raw, size_t len)
{
	int rc;

	if (!is_allowed(d, &q->from->addr))
		return RADIUS_DAE_DROP_NOT_ALLOWED;
	if (radius_packet_parse(raw, len, &q->packet))
		return RADIUS_DAE_DROP_MALFORMED;
	if (q->packet.code != RADIUS_DISCONNECT_REQUEST && q->packet.code != RADIUS_COA_REQUEST)
		return RADIUS_DAE_DROP_BAD_CODE;
	rc = radius_verify_request(&q->packet, d->secret, &q->ma);
	if (q->ma == RADIUS_MA_WRONG)
		return RADIUS_DAE_DROP_BAD_MESSAGE_AUTHENTICATOR;
	if (q->ma == RADIUS_MA_MALFORMED)
		return RADIUS_DAE_DROP_MALFORMED_MESSAGE_AUTHENTICATOR;
	if (rc)
		return RADIUS_DAE_DROP_BAD_AUTHENTICATOR;
	if (d->require_ma && q->ma != RADIUS_MA_GOOD)
		return RADIUS_DAE_DROP_NO_MESSAGE_AUTHENTICATOR;
	if (read_stamps(q))
		return RADIUS_DAE_DROP_BAD_EVENT_TIMESTAMP;
	if (d->require_event_timestamp && !q->stamped)
		return RADIUS_DAE_DROP_NO_EVENT_TIMESTAMP;
	return RADIUS_DAE_DROP_COUNT;
}

/* --- the answers that are kept ------------------------------------------------------------------
 */

static uint64_t hash_of(const struct radius_dae_core *d, const struct radius_dae_datagram *q)
{
	uint8_t key[RADIUS_AUTH_LEN + 1];

	memcpy(key, q->packet.auth, RADIUS_AUTH_LEN);
	key[RADIUS_AUTH_LEN] = q->packet.id;
	return siphash(&d->key, key, sizeof(key));
}

static bool answers(uint32_t slot, const void *key, void *arg)
{
	const struct radius_dae_core *d = arg;
	const struct radius_dae_datagram *q = key;
	const struct answer *a = &d->answers[slot];

	if (a->expires <= q->now || a->id != q->packet.id ||
	    memcmp(a->auth, q->packet.auth, RADIUS_AUTH_LEN) != 0)
		return false;
	return radius_dae_same_client(a->stamped, &a->peer, q->from);
}

static const struct answer *find_answer(struct radius_dae_core *d,
					const struct radius_dae_datagram *q)
{
	uint32_t slot = hidx_find(&d->index, q->hash, answers, q, d);

	return slot == HIDX_NONE ? NULL : &d->answers[slot];
}

/* For want of memory an answer is not kept: a duplicate then acts again, as if it were the first.
 */
static void keep_answer(struct radius_dae_core *d, const struct radius_dae_datagram *q,
			const uint8_t *p, size_t len)
{
	uint32_t slot = d->next;
	struct answer *a = &d->answers[slot];
	uint8_t *copy = malloc(len);

	if (!copy)
		return;
	if (a->p)
		hidx_del(&d->index, a->hash, slot);
	free(a->p);
	memcpy(copy, p, len);
	*a = (struct answer){ .peer = *q->from,
			      .id = q->packet.id,
			      .stamped = q->stamped,
			      .hash = q->hash,
			      .expires = q->stamped ? q->fresh : q->now + RADIUS_DAE_LIFETIME,
			      .p = copy,
			      .len = len };
	memcpy(a->auth, q->packet.auth, RADIUS_AUTH_LEN);
	hidx_add(&d->index, a->hash, slot); /* cannot be full: it has as many cells as slots */
	d->next = (slot + 1) % RADIUS_DAE_ANSWERS;
}

/* --- acting and answering -----------------------------------------------------------------------
 */

static enum radius_code reply_code(const struct radius_dae_datagram *q,
				   enum radius_error_cause cause)
{
	if (q->packet.code == RADIUS_DISCONNECT_REQUEST)
		return cause ? RADIUS_DISCONNECT_NAK : RADIUS_DISCONNECT_ACK;
	return cause ? RADIUS_COA_NAK : RADIUS_COA_ACK;
}

/* The length, or -ENOSPC: the Proxy-States of the request leave no room. */
static int write_reply(const struct radius_dae_core *d, const struct radius_dae_datagram *q,
		       uint8_t *buf, enum radius_error_cause cause)
{
	struct radius_iter it;
	struct radius_attr a;
	struct wr w;

	radius_begin(&w, buf, reply_code(q, cause), q->packet.id, q->packet.auth,
		     q->ma == RADIUS_MA_GOOD);
	if (cause)
		radius_put_u32(&w, ATTR_ERROR_CAUSE, cause);
	radius_iter_init(&it, &q->packet);
	while (radius_iter_next(&it, &a))
		if (!a.vendor && a.type == ATTR_PROXY_STATE)
			radius_put(&w, a.type, a.value, a.len);
	return radius_finish_reply(&w, d->secret, q->packet.auth);
}

/* RADIUS_DAE_LATER: it waits. */
static enum radius_error_cause change(struct radius_dae_core *d,
				      const struct radius_dae_datagram *q,
				      const struct radius_dae_request *req)
{
	struct radius_dae_waiting *w = radius_dae_later_take(&d->later, q);
	enum radius_error_cause cause;

	if (!w)
		return RADIUS_RESOURCES_UNAVAILABLE;
	cause = d->act(d->act_arg, q->now, req);
	if (cause == RADIUS_DAE_LATER)
		w->ticket = req->ticket;
	else
		radius_dae_later_leave(w);
	return cause;
}

static enum radius_error_cause act(struct radius_dae_core *d, const struct radius_dae_datagram *q,
				   struct radius_dae_request *req)
{
	enum radius_error_cause cause = radius_dae_parse(&q->packet, &d->nas, d->wants_speed, req);

	if (cause)
		return cause;
	if (!req->keys) /* it would be everybody */
		return RADIUS_MISSING_ATTRIBUTE;
	req->ticket = ++d->ticket;
	if (!req->disconnect)
		return change(d, q, req);
	cause = d->act(d->act_arg, q->now, req);
	return cause == RADIUS_DAE_LATER ? RADIUS_RESOURCES_UNAVAILABLE : cause;
}

/* @unsupported: the attribute that the request was refused for, or empty. */
static void note(struct radius_dae_core *d, const struct radius_dae_datagram *q,
		 enum radius_error_cause cause, const char *unsupported)
{
	char from[IP6_STRLEN], name[4 * sizeof(((struct radius_dae_request *)NULL)->unsupported)];
	char more[48];
	uint64_t suppressed;

	if (!log_limit_ok(&d->note_limit, q->now, &suppressed))
		return;
	str_escape(name, sizeof(name), unsupported, strlen(unsupported));
	log_info("radius: dae: from %s: %s %s, Error-Cause %u%s%s%s",
		 peer_str(from, &q->from->addr),
		 q->packet.code == RADIUS_DISCONNECT_REQUEST ? "Disconnect" : "CoA",
		 cause ? "refused" : "done", cause, *name ? ": " : "", name,
		 more_str(more, sizeof(more), suppressed));
}

static void count(struct radius_dae_stats *s, const struct radius_dae_datagram *q,
		  enum radius_error_cause cause)
{
	if (q->packet.code == RADIUS_DISCONNECT_REQUEST)
		(*(cause ? &s->disconnect_naks : &s->disconnect_acks))++;
	else
		(*(cause ? &s->coa_naks : &s->coa_acks))++;
}

static void transmit(struct radius_dae_core *d, const struct radius_dae_datagram *q,
		     const uint8_t *p, size_t len)
{
	if (d->send(d->arg, q->from, p, len))
		drop(d, q, RADIUS_DAE_DROP_SEND_FAILED);
}

static void finish(struct radius_dae_core *d, const struct radius_dae_datagram *q,
		   enum radius_error_cause cause, const char *unsupported)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	int len = write_reply(d, q, buf, cause);

	note(d, q, cause, unsupported);
	count(&d->stats, q, cause);
	if (len < 0)
		return;
	keep_answer(d, q, buf, (size_t)len);
	transmit(d, q, buf, (size_t)len);
}

static void answer_new(struct radius_dae_core *d, const struct radius_dae_datagram *q)
{
	struct radius_dae_request req = { 0 };
	uint8_t buf[RADIUS_PACKET_MAX];
	enum radius_error_cause cause;

	/* Whether the answer fits is known before anything is done: a NAK is the longer one. */
	if (write_reply(d, q, buf, RADIUS_SESSION_NOT_FOUND) < 0) {
		drop(d, q, RADIUS_DAE_DROP_NO_ROOM);
		return;
	}
	if (q->packet.code == RADIUS_DISCONNECT_REQUEST)
		d->stats.disconnect_requests++;
	else
		d->stats.coa_requests++;
	cause = act(d, q, &req);
	if (cause != RADIUS_DAE_LATER)
		finish(d, q, cause, req.unsupported);
}

void radius_dae_core_answer(struct radius_dae_core *d, uint64_t now, uint64_t ticket,
			    enum radius_error_cause cause)
{
	struct radius_dae_waiting *w = radius_dae_later_find(&d->later, ticket);

	if (!w) {
		d->stats.unknown_tickets++;
		return;
	}
	if (cause == RADIUS_DAE_LATER)
		return;
	w->q.now = now;
	finish(d, &w->q, cause, "");
	radius_dae_later_leave(w);
}

void radius_dae_core_input(struct radius_dae_core *d, uint64_t now, uint64_t wall,
			   const struct radius_dae_peer *from, const uint8_t *raw, size_t len)
{
	struct radius_dae_datagram q = { .now = now,
					 .wall = wall,
					 .from = from,
					 .code = len ? raw[0] : 0,
					 .len = len,
					 .ma = RADIUS_MA_NONE };
	enum radius_dae_drop reason = check(d, &q, raw, len);
	const struct answer *a;

	if (reason != RADIUS_DAE_DROP_COUNT) {
		drop(d, &q, reason);
		return;
	}
	q.hash = hash_of(d, &q);
	a = find_answer(d, &q);
	if (a) {
		d->stats.duplicates++;
		transmit(d, &q, a->p, a->len);
	} else if (radius_dae_later_has(&d->later, &q)) {
		d->stats.duplicates++;
	} else {
		answer_new(d, &q);
	}
}

/* --- counters -------------------------------------------------------------------------------- */

const struct radius_dae_stats *radius_dae_core_stats(const struct radius_dae_core *d)
{
	return &d->stats;
}

void radius_dae_core_show(const struct radius_dae_core *d, struct json *j)
{
	const struct radius_dae_stats *s = &d->stats;

	json_u64(j, "disconnect-requests", s->disconnect_requests);
	json_u64(j, "disconnect-acks", s->disconnect_acks);
	json_u64(j, "disconnect-naks", s->disconnect_naks);
	json_u64(j, "coa-requests", s->coa_requests);
	json_u64(j, "coa-acks", s->coa_acks);
	json_u64(j, "coa-naks", s->coa_naks);
	json_u64(j, "duplicates", s->duplicates);
	json_u64(j, "unknown-tickets", s->unknown_tickets);
	json_open(j, "drops", '{');
	for (unsigned i = 0; i < RADIUS_DAE_DROP_COUNT; i++)
		json_u64(j, drop_name[i], s->drop[i]);
	json_close(j, '}');
}
