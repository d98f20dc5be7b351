// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A session to octets and back. The first octet is the version. What is added goes to the end of
 * its part, under `version >= N`, with what it means where it is missing: so each version reads all
 * before it. test/unit/daemon_freeze_test.c keeps a vector of every version.
 *
 * Left out, because it is found anew: station and index entries (the table's), the user's entry in
 * the book of usage, a question to a server that was out (PPP asks again).
 */
#include "daemon/freeze.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef BRASD_NEXT /* bpf/abi.h: one more value */
#define VERSION 4
#else
#define VERSION 3 /* 2 had no PART_IP6, 1 no PART_GIVEN */
#endif

enum part {
	PART_COUNTERS = 1 << 0,
	PART_LOGIN = 1 << 1,
	PART_GIVEN = 1 << 2,
	PART_IP6 = 1 << 3, /* lease_freeze.c */
};
#define PARTS (PART_COUNTERS | PART_LOGIN | PART_GIVEN | PART_IP6)

/* Held in other parts of this process, or of no use in the next one. */
#define HAS_NOT_FROZEN                                                                             \
	(SESSION_HAS_NAME | SESSION_HAS_USAGE | SESSION_PEER_GONE | SESSION_STOPPED |              \
	 SESSION_TRACED)

/* --- freeze ------------------------------------------------------------------------------------
 */

static void put_octets(struct wr *w, const void *p, size_t len)
{
	if (len > UINT8_MAX) {
		w->bad = true;
		return;
	}
	wr_u8(w, (uint8_t)len);
	wr_bytes(w, p, len);
}

void freeze_text(struct wr *w, const char *s)
{
	put_octets(w, s, s ? strlen(s) : 0);
}

static void put_who(const struct session *s, struct wr *w)
{
	wr_be16(w, s->line.port);
	wr_be16(w, s->line.svlan);
	wr_be16(w, s->line.cvlan);
	wr_bytes(w, s->mac.b, sizeof(s->mac.b));
	wr_be16(w, s->sid);
	wr_be64(w, s->cookie_id);
	wr_be64(w, s->acct_id);
	wr_u8(w, s->state);
	wr_be32(w, s->has & ~(uint32_t)HAS_NOT_FROZEN);
	wr_be64(w, s->started);
	wr_be64(w, s->opened);
	freeze_text(w, s->username);
	freeze_text(w, s->service);
	freeze_text(w, s->circuit_id);
	freeze_text(w, s->remote_id);
}

static void put_network(const struct session *s, struct wr *w)
{
	wr_be16(w, s->mtu_limit);
	wr_bytes(w, s->ifid, sizeof(s->ifid));
	wr_be32(w, s->ip4);
	if (s->has & SESSION_HAS_PREFIX6) {
		wr_bytes(w, s->prefix6.addr.b, sizeof(s->prefix6.addr.b));
		wr_u8(w, s->prefix6.len);
	}
	wr_be64(w, s->period);
	wr_be64(w, s->quota);
}

static void put_counters(const struct abi_counters *c, struct wr *w)
{
	wr_be64(w, c->rx4_bytes);
	wr_be64(w, c->rx4_packets);
	wr_be64(w, c->rx6_bytes);
	wr_be64(w, c->rx6_packets);
	wr_be64(w, c->tx4_bytes);
	wr_be64(w, c->tx4_packets);
	wr_be64(w, c->tx6_bytes);
	wr_be64(w, c->tx6_packets);
}

static void put_routes(const struct login *l, struct wr *w)
{
	wr_u8(w, (uint8_t)l->route4_count);
	wr_u8(w, (uint8_t)l->carried4);
	for (unsigned i = 0; i < l->route4_count; i++) {
		wr_be32(w, l->routes4[i].addr);
		wr_u8(w, l->routes4[i].len);
	}
	wr_u8(w, (uint8_t)l->route6_count);
	wr_u8(w, (uint8_t)l->carried6);
	for (unsigned i = 0; i < l->route6_count; i++) {
		wr_bytes(w, l->routes6[i].addr.b, sizeof(l->routes6[i].addr.b));
		wr_u8(w, l->routes6[i].len);
	}
}

static void put_login(const struct login *l, struct wr *w)
{
	wr_u8(w, (uint8_t)l->method);
	wr_be32(w, l->interim);
	wr_be32(w, l->port_limit);
	wr_be64(w, l->multi_id);
	wr_be64(w, l->record_started);
	wr_be64(w, timer_at(&l->timer));
	freeze_text(w, l->name);
	freeze_text(w, l->filter_id);
	wr_u8(w, (uint8_t)l->class_count);
	for (unsigned i = 0; i < l->class_count; i++)
		put_octets(w, l->class[i].b, l->class[i].len);
	put_routes(l, w);
}

/* What `show session` tells of where values are from, and what a server wants to see again. */
static void put_given(const struct session *s, struct wr *w)
{
	const struct radius_octets *state = s->login ? s->login->state : NULL;

	wr_be32(w, s->session_timeout);
	put_octets(w, s->source, sizeof(s->source));
	put_octets(w, state ? state->b : NULL, state ? state->len : 0);
#ifdef BRASD_NEXT
	wr_be32(w, s->slot);
#endif
}

/* What a part has written goes behind its length. */
static size_t part_begin(struct wr *w)
{
	wr_be16(w, 0);
	return w->len;
}

static void part_end(struct wr *w, size_t at)
{
	wr_patch_be16(w, at - 2, w->len - at);
}

static uint8_t parts_of(const struct session *s)
{
	bool ip6 = s->given6 || (s->leases && s->leases->count);

	return (uint8_t)((s->base ? PART_COUNTERS : 0) | (s->login ? PART_LOGIN : 0) | PART_GIVEN |
			 (ip6 ? PART_IP6 : 0));
}

int session_freeze(const struct session *s, struct wr *w)
{
	size_t at;
	int rc = 0;

	if (s->state != SESSION_OPEN && s->state != SESSION_NETWORK)
		return -EAGAIN;
	wr_u8(w, VERSION);
	put_who(s, w);
	put_network(s, w);
	at = part_begin(w);
	plan_freeze(s, w);
	part_end(w, at);
	wr_u8(w, parts_of(s));
	if (s->base)
		put_counters(s->base, w);
	if (s->login)
		put_login(s->login, w);
	put_given(s, w);
	if (parts_of(s) & PART_IP6) {
		at = part_begin(w);
		rc = leases_freeze(s, w);
		part_end(w, at);
	}
	at = part_begin(w);
	rc = rc ? rc : ppp_link_freeze(&s->link, w);
	part_end(w, at);
	at = part_begin(w);
	rc = rc ? rc : ipv6_ra_sender_freeze(&s->ra, w);
	part_end(w, at);
	return rc ? rc : w->bad ? -ENOSPC : 0;
}

/* --- parse -------------------------------------------------------------------------------------
 */

/* What the octets say; texts and lists stay in place. */
struct frozen {
	struct session s; /* plain values only */
	struct login l;
	struct pppoe_request req;
	struct abi_counters base;
	struct rd username, name, filter_id, class, routes4, routes6, plan, state, ip6, link, ra;
	uint64_t interim_at;
	uint8_t parts;
};

static struct rd get_octets(struct rd *r, size_t max)
{
	struct rd sub = rd_sub(r, rd_u8(r));

	if (rd_left(&sub) > max)
		r->bad = true;
	return sub;
}

/* A text has no NUL: it ends there when it is a string again. */
static struct rd get_text(struct rd *r, size_t max)
{
	struct rd sub = get_octets(r, max);

	if (rd_left(&sub) && memchr(sub.p, '\0', rd_left(&sub)))
		r->bad = true;
	return sub;
}

uint8_t thaw_text(struct rd *r, char *dst, size_t cap)
{
	struct rd sub = get_text(r, cap - 1);
	size_t n = r->bad ? 0 : rd_left(&sub);

	if (n)
		memcpy(dst, sub.p, n);
	dst[n] = '\0';
	return (uint8_t)n;
}

/* Times are those of this clock, and past. */
static uint64_t get_past(struct rd *r, uint64_t now)
{
	uint64_t t = rd_be64(r);

	if (t > now)
		r->bad = true;
	return t;
}

static void get_who(struct rd *r, struct frozen *z, uint64_t now)
{
	struct pppoe_request *q = &z->req;
	struct session *s = &z->s;

	q->line.port = rd_be16(r);
	q->line.svlan = rd_be16(r);
	q->line.cvlan = rd_be16(r);
	rd_copy(r, q->mac.b, sizeof(q->mac.b));
	s->sid = rd_be16(r);
	q->cookie_id = rd_be64(r);
	s->acct_id = rd_be64(r);
	s->state = rd_u8(r);
	s->has = rd_be32(r) & ~(uint32_t)HAS_NOT_FROZEN;
	s->started = get_past(r, now);
	s->opened = get_past(r, now);
	z->username = get_text(r, PPP_NAME_MAX);
	(void)thaw_text(r, q->service, sizeof(q->service));
	q->circuit_id_len = thaw_text(r, q->circuit_id, sizeof(q->circuit_id));
	q->remote_id_len = thaw_text(r, q->remote_id, sizeof(q->remote_id));
	if (s->state != SESSION_OPEN && s->state != SESSION_NETWORK)
		r->bad = true;
}

static struct prefix6 get_prefix6(struct rd *r)
{
	struct prefix6 p;

	rd_copy(r, p.addr.b, sizeof(p.addr.b));
	p.len = rd_u8(r);
	if (p.len > 128)
		r->bad = true;
	return p;
}

static void get_network(struct rd *r, struct session *s)
{
	s->mtu_limit = rd_be16(r);
	rd_copy(r, s->ifid, sizeof(s->ifid));
	s->ip4 = rd_be32(r);
	if (s->has & SESSION_HAS_PREFIX6)
		s->prefix6 = get_prefix6(r);
	s->period = rd_be64(r);
	s->quota = rd_be64(r);
}

static void get_counters(struct rd *r, struct abi_counters *c)
{
	c->rx4_bytes = rd_be64(r);
	c->rx4_packets = rd_be64(r);
	c->rx6_bytes = rd_be64(r);
	c->rx6_packets = rd_be64(r);
	c->tx4_bytes = rd_be64(r);
	c->tx4_packets = rd_be64(r);
	c->tx6_bytes = rd_be64(r);
	c->tx6_packets = rd_be64(r);
}

/* Steps over a list of them, and looks at each. */
static void get_routes(struct rd *r, struct frozen *z)
{
	struct login *l = &z->l;
	struct rd all;

	l->route4_count = rd_u8(r);
	l->carried4 = rd_u8(r);
	all = z->routes4 = rd_sub(r, l->route4_count * 5u);
	while (rd_left(&all)) {
		rd_skip(&all, 4);
		if (rd_u8(&all) > 32)
			r->bad = true;
	}
	l->route6_count = rd_u8(r);
	l->carried6 = rd_u8(r);
	all = z->routes6 = rd_sub(r, l->route6_count * 17u);
	while (rd_left(&all)) {
		(void)get_prefix6(&all);
		if (all.bad)
			r->bad = true;
	}
	if (l->route4_count > RADIUS_ROUTES_MAX || l->carried4 > l->route4_count ||
	    l->route6_count > RADIUS_ROUTES_MAX || l->carried6 > l->route6_count)
		r->bad = true;
}

static void get_login(struct rd *r, struct frozen *z, uint64_t now)
{
	struct login *l = &z->l;
	uint8_t method = rd_u8(r);

	l->method = (enum radius_method)method;
	l->interim = rd_be32(r);
	l->port_limit = rd_be32(r);
	l->multi_id = rd_be64(r);
	l->record_started = get_past(r, now);
	z->interim_at = rd_be64(r);
	z->name = get_text(r, RADIUS_TEXT_MAX);
	z->filter_id = get_text(r, sizeof(l->filter_id) - 1);
	l->class_count = rd_u8(r);
	if (method > RADIUS_MSCHAP_V2 || l->class_count > RADIUS_CLASS_MAX)
		r->bad = true;
	z->class = *r;
	for (unsigned i = 0; i < l->class_count && !r->bad; i++)
		(void)get_octets(r, RADIUS_TEXT_MAX);
	get_routes(r, z);
}

/* Values that this version does not know are left out, those that it has more begin as nothing. */
static void get_given(struct rd *r, struct frozen *z, uint8_t version)
{
	struct rd source;

	z->s.session_timeout = rd_be32(r);
	source = get_octets(r, UINT8_MAX);
	for (unsigned i = 0; i < SOURCE_OF_COUNT && rd_left(&source); i++) {
		z->s.source[i] = rd_u8(&source);
		if (z->s.source[i] > SOURCE_COA)
			r->bad = true;
	}
	z->state = get_octets(r, RADIUS_TEXT_MAX);
#ifdef BRASD_NEXT
	if (version >= 4)
		rd_skip(r, 4);
#else
	(void)version;
#endif
}

static int parse(const uint8_t *octets, size_t len, uint64_t now, struct frozen *z)
{
	struct rd r = rd_init(octets, len);
	uint8_t version = rd_u8(&r);
	int rc;

	memset(z, 0, sizeof(*z));
	if (version > VERSION)
		return -ENOTSUP;
	get_who(&r, z, now);
	get_network(&r, &z->s);
	z->plan = rd_sub(&r, rd_be16(&r));
	z->parts = rd_u8(&r);
	if (z->parts & PART_COUNTERS)
		get_counters(&r, &z->base);
	if (z->parts & PART_LOGIN)
		get_login(&r, z, now);
	if (z->parts & PART_GIVEN)
		get_given(&r, z, version);
	if (z->parts & PART_IP6)
		z->ip6 = rd_sub(&r, rd_be16(&r));
	z->link = rd_sub(&r, rd_be16(&r));
	z->ra = rd_sub(&r, rd_be16(&r));
	if (r.bad || rd_left(&r) || !version || z->parts & ~PARTS)
		return -EBADMSG;
	rc = ppp_link_frozen_check(z->link);
	rc = rc ? rc : plan_frozen_check(z->plan);
	if (!rc && z->parts & PART_IP6)
		rc = leases_frozen_check(z->ip6);
	return rc ? rc : ipv6_ra_sender_frozen_check(z->ra);
}

int session_frozen_read(const uint8_t *octets, size_t len, uint64_t now, struct session_frozen *ret)
{
	struct frozen z;
	int rc = parse(octets, len, now, &z);

	if (rc)
		return rc;
	*ret = (struct session_frozen){
		.port = z.req.line.port,
		.svlan = z.req.line.svlan,
		.cvlan = z.req.line.cvlan,
		.sid = z.s.sid,
		.state = z.s.state,
		.has = z.s.has,
		.ip4 = z.s.ip4,
		.prefix6_len = z.s.prefix6.len,
		.acct_id = z.s.acct_id,
		.started = z.s.started,
		.username = (const char *)z.username.p,
		.username_len = (uint8_t)rd_left(&z.username),
	};
	memcpy(ret->mac, z.req.mac.b, sizeof(ret->mac));
	memcpy(ret->prefix6, z.s.prefix6.addr.b, sizeof(ret->prefix6));
	return 0;
}

/* --- thaw --------------------------------------------------------------------------------------
 */

/* NULL is "none" and not a failure where there are no octets. */
static int take_text(const struct rd *from, char **ret)
{
	if (!rd_left(from))
		return 0;
	*ret = strndup((const char *)from->p, rd_left(from));
	return *ret ? 0 : -ENOMEM;
}

static int take_class(struct login *l, struct rd r)
{
	if (!l->class_count)
		return 0;
	l->class = calloc(l->class_count, sizeof(*l->class));
	if (!l->class)
		return -ENOMEM;
	for (unsigned i = 0; i < l->class_count; i++) {
		l->class[i].len = rd_u8(&r);
		rd_copy(&r, l->class[i].b, l->class[i].len);
	}
	return 0;
}

static int take_routes(struct login *l, struct rd r4, struct rd r6)
{
	if (!l->route4_count && !l->route6_count)
		return 0;
	l->routes4 = calloc(l->route4_count + 1, sizeof(*l->routes4));
	l->routes6 = calloc(l->route6_count + 1, sizeof(*l->routes6));
	if (!l->routes4 || !l->routes6)
		return -ENOMEM;
	for (unsigned i = 0; i < l->route4_count; i++) {
		l->routes4[i].addr = rd_be32(&r4);
		l->routes4[i].len = rd_u8(&r4);
	}
	for (unsigned i = 0; i < l->route6_count; i++)
		l->routes6[i] = get_prefix6(&r6);
	return 0;
}

static int take_state(struct login *l, struct rd state)
{
	if (!rd_left(&state))
		return 0;
	l->state = calloc(1, sizeof(*l->state));
	if (!l->state)
		return -ENOMEM;
	l->state->len = (uint8_t)rd_left(&state);
	memcpy(l->state->b, state.p, l->state->len);
	return 0;
}

static int take_login(struct session *s, const struct frozen *z)
{
	struct login *l;
	int rc;

	if (!(z->parts & PART_LOGIN))
		return 0;
	l = s->login = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	*l = z->l; /* plain values: its pointers are NULL */
	l->s = s;
	memcpy(l->filter_id, z->filter_id.p, rd_left(&z->filter_id));
	rc = take_text(&z->name, &l->name);
	rc = rc ? rc : take_class(l, z->class);
	rc = rc ? rc : take_state(l, z->state);
	return rc ? rc : take_routes(l, z->routes4, z->routes6);
}

static int take_counters(struct session *s, const struct frozen *z)
{
	if (!(z->parts & PART_COUNTERS))
		return 0;
	s->base = malloc(sizeof(*s->base));
	if (!s->base)
		return -ENOMEM;
	*s->base = z->base;
	return 0;
}

/* What needs no memory, and cannot fail. */
static void take_values(struct session *s, const struct session *z)
{
	s->has = z->has;
	s->started = z->started;
	s->opened = z->opened;
	s->mtu_limit = z->mtu_limit;
	memcpy(s->ifid, z->ifid, sizeof(s->ifid));
	s->ip4 = z->ip4;
	s->prefix6 = z->prefix6;
	s->period = z->period;
	s->session_timeout = z->session_timeout;
	memcpy(s->source, z->source, sizeof(s->source));
}

/* Where other files of the daemon count it: names, usage, quotas, the next accounting record. */
static void join(struct session *s, const struct frozen *z, uint64_t now)
{
	table_state(s, (enum session_state)z->s.state);
	names_add(s);
	volume_open(s);
	s->period = z->s.period; /* volume_open() has begun a new one */
	volume_quota(s, z->s.quota);
	s->quota = z->s.quota;
	acct_resume(s, now, z->interim_at);
}

int session_thaw(struct daemon *d, uint32_t slot, uint32_t generation, const uint8_t *octets,
		 size_t len, uint64_t now, struct session **ret)
{
	struct frozen z;
	struct session *s;
	int rc = parse(octets, len, now, &z);

	rc = rc ? rc : table_adopt(d, slot, generation, &z.req, z.s.sid, z.s.acct_id, &s);
	if (rc)
		return rc;
	(void)ppp_link_thaw(&s->link, &d->ppp, &z.link, now); /* parse() has had them checked */
	(void)ipv6_ra_sender_thaw(&s->ra, &d->ra, &z.ra, now);
	take_values(s, &z.s);
	rc = take_text(&z.username, &s->username);
	rc = rc ? rc : take_counters(s, &z);
	rc = rc ? rc : take_login(s, &z);
	if (!rc && z.parts & PART_IP6)
		rc = leases_thaw(s, z.ip6);
	rc = rc ? rc : plan_thaw(s, &z.plan);
	if (rc) {
		plan_close(s, now);
		ipv6_ra_sender_stop(&s->ra, now, false);
		table_remove(s);
		return rc;
	}
	join(s, &z, now);
	*ret = s;
	return 0;
}
