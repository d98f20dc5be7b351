// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A live server of dynamic authorization and a sequence of steps from the input: datagrams as they
 * are; attributes of the input in a request that is signed, so that what lies behind the signature
 * is reached; the last request again, from here or elsewhere; time that passes; an outcome that
 * was waited for, or of a ticket that there is not. After each step: what was sent is signed and
 * well-formed and an answer to what was asked, each datagram ended in exactly one counter or waits,
 * and nobody but who may has acted.
 */
#include "base/log.h"
#include "radius/dae.h"
#include "radius/packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET "s3cret"
#define WALL   1800000000ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct radius_dae_core *core;
static uint64_t now, wall;
static struct radius_dae_peer from;
static uint64_t inputs, acts, sent, silent, unknown;
static bool may_act, checked;
static uint8_t last[RADIUS_PACKET_MAX];
static size_t last_len;
static enum radius_error_cause answer;

/* What waits, by our own book: its ticket, and the request as it was when it came. */
struct later {
	uint64_t ticket;
	struct radius_dae_peer from;
	uint8_t head[RADIUS_HEADER_LEN];
};
static struct later later[RADIUS_DAE_LATER_MAX];
static unsigned later_count;
static const struct later *due; /* what is being answered late; else it is `last` */
static uint64_t ticket;		/* the last one seen */

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_text(const char *s, size_t cap)
{
	check(memchr(s, '\0', cap));
}

static enum radius_error_cause on_act(void *arg, uint64_t t, const struct radius_dae_request *req)
{
	(void)arg;
	check(t == now && may_act && req->keys && from.port != 1);
	check_text(req->acct_session_id, sizeof(req->acct_session_id));
	check_text(req->acct_multi_session_id, sizeof(req->acct_multi_session_id));
	check_text(req->username, sizeof(req->username));
	check_text(req->calling_station_id, sizeof(req->calling_station_id));
	check_text(req->nas_port_id, sizeof(req->nas_port_id));
	check_text(req->change.filter_id, sizeof(req->change.filter_id));
	check(req->prefix6.len <= 128 && req->delegated6.len <= 128);
	check(req->change.class_count <= RADIUS_CLASS_MAX);
	check(req->change.dns6_count <= ARRAY_SIZE(req->change.dns6));
	check(req->ticket > ticket);
	ticket = req->ticket;
	acts++;
	if (answer != RADIUS_DAE_LATER || req->disconnect)
		return answer;
	check(later_count < RADIUS_DAE_LATER_MAX);
	later[later_count] = (struct later){ .ticket = ticket, .from = from };
	memcpy(later[later_count++].head, last, RADIUS_HEADER_LEN);
	return answer;
}

static bool same_way(const struct radius_dae_peer *a, const struct radius_dae_peer *b)
{
	return ip6_equal(&a->addr, &b->addr) && a->port == b->port && ip6_equal(&a->via, &b->via) &&
	       a->scope == b->scope;
}

static int on_send(void *arg, const struct radius_dae_peer *to, const uint8_t *p, size_t len)
{
	const uint8_t *request = due ? due->head : last;
	struct radius_packet q;
	enum radius_ma ma;
	int rc;

	(void)arg;
	check(due ? same_way(to, &due->from) : to == &from && checked);
	check(len <= RADIUS_PACKET_MAX);
	check(!radius_packet_parse(p, len, &q) && q.len == len);
	check(q.id == request[1]);
	check(request[0] == RADIUS_COA_REQUEST
		      ? q.code == RADIUS_COA_ACK || q.code == RADIUS_COA_NAK
		      : q.code == RADIUS_DISCONNECT_ACK || q.code == RADIUS_DISCONNECT_NAK);
	rc = radius_verify_reply(&q, SECRET, request + 4, &ma);
	check(!rc || rc == -EPROTO); /* Proxy-State, which we give back */
	sent++;
	return answer == RADIUS_RESOURCES_UNAVAILABLE ? -ENOBUFS : 0;
}

/* A duplicate gets nothing only while the request itself waits. */
static void check_silent(const uint8_t *p)
{
	unsigned i = 0;

	while (i < later_count && memcmp(later[i].head, p, RADIUS_HEADER_LEN) != 0)
		i++;
	check(i < later_count);
	silent++;
}

static void input(const uint8_t *p, size_t len)
{
	uint64_t duplicates = radius_dae_core_stats(core)->duplicates, before = sent;
	/* A copy of just its length: each octet read too far is seen. */
	uint8_t *copy = malloc(len ? len : 1);

	check(copy);
	if (len)
		memcpy(copy, p, len);
	inputs++;
	radius_dae_core_input(core, now, wall, &from, copy, len);
	free(copy);
	if (radius_dae_core_stats(core)->duplicates != duplicates && sent == before)
		check_silent(p);
}

/* What is not signed gets nowhere; but the fuzzer may well send what was sent before. */
static void raw(struct rd *body)
{
	size_t len = rd_left(body);
	uint8_t buf[RADIUS_PACKET_MAX];

	if (len > sizeof(buf))
		return;
	rd_copy(body, buf, len);
	may_act = checked = false;
	if (len >= RADIUS_HEADER_LEN && last_len && !memcmp(buf + 4, last + 4, RADIUS_AUTH_LEN))
		checked = may_act = true;
	input(buf, len);
}

static void request(struct rd *attrs, uint8_t how)
{
	static const uint8_t no_auth[RADIUS_AUTH_LEN];
	struct wr w;
	int len;

	radius_begin(&w, last, how & 1 ? RADIUS_COA_REQUEST : RADIUS_DISCONNECT_REQUEST, how,
		     no_auth, how & 2);
	if (how & 4)
		radius_put_text(&w, 44, "0123456789abcdef");
	if (how & 8)
		radius_put_u32(&w, 55, (uint32_t)(wall + how - 128));
	wr_bytes(&w, attrs->p, rd_left(attrs));
	len = radius_finish_request(&w, SECRET);
	if (len < 0)
		return;
	last_len = (size_t)len;
	may_act = checked = from.port != 1;
	input(last, last_len);
}

static void again(uint8_t how)
{
	if (!last_len)
		return;
	from.port = (uint16_t)(how & 3 ? 1000 + how : 1);
	from.addr.b[15] = from.port == 1 ? 8 : 9;
	checked = may_act = from.port != 1;
	input(last, last_len);
}

/* The outcome of one that waits, whichever; of none where the argument is odd. */
static void outcome(uint8_t arg)
{
	static const enum radius_error_cause causes[] = { RADIUS_DAE_OK, RADIUS_SESSION_NOT_FOUND,
							  RADIUS_RESOURCES_UNAVAILABLE,
							  RADIUS_DAE_LATER };
	enum radius_error_cause cause = causes[arg >> 1 & 3];
	unsigned i = later_count ? (arg >> 3) % later_count : 0;
	struct later one = later[i];
	uint64_t before = sent;

	if (arg & 1 || !later_count) {
		radius_dae_core_answer(core, now, arg & 2 ? 0 : ticket + 1, cause);
		check(sent == before);
		unknown++;
		return;
	}
	due = &one;
	radius_dae_core_answer(core, now, one.ticket, cause);
	check(sent == before + (cause != RADIUS_DAE_LATER));
	if (cause != RADIUS_DAE_LATER)
		later[i] = later[--later_count];
	due = NULL;
}

static void step(struct rd *r)
{
	uint8_t what = rd_u8(r), arg = rd_u8(r);
	size_t len = (size_t)(what & 0x3f) * 4;
	struct rd body = rd_sub(r, rd_left(r) < len ? rd_left(r) : len);

	from.addr.b[15] = 9;
	from.port = 1000;
	from.via.b[15] = arg;
	from.scope = what;
	switch (what >> 6) {
	case 0:
		raw(&body);
		break;
	case 1:
		request(&body, arg);
		break;
	case 2:
		again(arg);
		break;
	case 3:
		if (what & 0x20) {
			outcome(arg);
			break;
		}
		now += arg * NSEC_PER_SEC;
		wall += arg;
		answer = arg & 1   ? RADIUS_SESSION_NOT_FOUND
			 : arg & 2 ? RADIUS_RESOURCES_UNAVAILABLE
			 : arg & 4 ? RADIUS_DAE_LATER
				   : RADIUS_DAE_OK;
		break;
	}
}

static void check_counters(void)
{
	const struct radius_dae_stats *s = radius_dae_core_stats(core);
	uint64_t dropped = 0;

	for (unsigned i = 0; i < RADIUS_DAE_DROP_COUNT; i++)
		if (i != RADIUS_DAE_DROP_SEND_FAILED)
			dropped += s->drop[i];
	check(dropped + s->coa_requests + s->disconnect_requests + s->duplicates == inputs);
	check(s->coa_requests + s->disconnect_requests + s->duplicates ==
	      sent + silent + later_count);
	check(s->coa_acks + s->coa_naks + later_count == s->coa_requests);
	check(s->disconnect_acks + s->disconnect_naks == s->disconnect_requests);
	check(s->unknown_tickets == unknown);
	check(acts <= s->coa_requests + s->disconnect_requests);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char who[][IP6_STRLEN] = { "2001:db8::9" };
	struct radius_dae_config c = { .secret = SECRET,
				       .allowed = who,
				       .allowed_count = 1,
				       .nas_identifier = "lab",
				       .nas_ip4 = 0xc0000201,
				       .act = on_act };
	struct rd r = rd_init(data, size);
	uint8_t flags = rd_u8(&r);
	char why[100];

	log_setup(0);
	c.require_ma = flags & 1;
	c.require_event_timestamp = flags & 2;
	now = 1000 * NSEC_PER_SEC;
	wall = WALL;
	inputs = acts = sent = silent = unknown = ticket = last_len = 0;
	later_count = 0;
	answer = RADIUS_DAE_OK;
	check(!radius_dae_address("2001:db8::9", &from.addr));
	check(!radius_dae_core_new(&core, &c, on_send, NULL, why, sizeof(why)));
	for (unsigned i = 0; i < 2 * RADIUS_DAE_LATER_MAX && rd_left(&r); i++) {
		step(&r);
		check_counters();
	}
	radius_dae_core_free(core);
	return 0;
}
