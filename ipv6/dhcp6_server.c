// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a server answers: RFC 8415, section 18.3; each message is first decided upon, IA by IA, then
 * acted upon, then written. Answers are made anew for each message, retransmitted or not, as
 * section 18.3.2 demands; they are the same ones because bindings are found again.
 *
 * Where the RFC leaves it to the server: an IA whose leases are all taken back, without a new one,
 * has these with lifetimes of 0 and no status code, since clients that see one look no further.
 */
#include "ipv6/dhcp6_exchange.h"
#include "ipv6/dhcp6_lease.h"

#define DECLINES_MAX 3	/* of a line that are believed */
#define T1_PERCENT   50 /* of the preferred lifetime: section 21.4 */
#define T2_PERCENT   80

/* Clients give up a Release or Decline after 15 s: section 7.6. */
#define REPEATED_MAX (60 * NSEC_PER_SEC)

const char *dhcp6_counter_name(enum dhcp6_counter counter)
{
	static const char *const name[] = {
#define X(id, text) [DHCP6_COUNT_##id] = text,
		DHCP6_COUNTERS(X)
#undef X
	};

	return counter < DHCP6_COUNTER_COUNT ? name[counter] : "unknown";
}

static void count(const struct dhcp6_exchange *x, enum dhcp6_counter counter)
{
	x->line->ctx->stats->count[counter]++;
}

static void count_status(const struct dhcp6_exchange *x, enum dhcp6_status status)
{
	switch (status) {
	case DHCP6_SUCCESS:
		return;
	case DHCP6_UNSPEC_FAIL:
		count(x, DHCP6_COUNT_UNSPEC_FAIL);
		return;
	case DHCP6_NO_ADDRS_AVAIL:
		count(x, DHCP6_COUNT_NO_ADDRS_AVAIL);
		return;
	case DHCP6_NO_BINDING:
		count(x, DHCP6_COUNT_NO_BINDING);
		return;
	case DHCP6_NOT_ON_LINK:
		count(x, DHCP6_COUNT_NOT_ON_LINK);
		return;
	case DHCP6_USE_MULTICAST:
		count(x, DHCP6_COUNT_USE_MULTICAST);
		return;
	case DHCP6_NO_PREFIX_AVAIL:
		count(x, DHCP6_COUNT_NO_PREFIX_AVAIL);
		return;
	}
}

/* --- writing --------------------------------------------------------------------------------- */

static struct rd our_duid(const struct dhcp6_ctx *ctx)
{
	return rd_init(ctx->duid, ctx->duid_len);
}

/* The start of every answer: sections 18.3.9, 18.3.10. */
static void begin(struct dhcp6_exchange *x, struct wr *w, enum dhcp6_type type)
{
	const struct dhcp6_ctx *ctx = x->line->ctx;
	const struct dhcp6_msg *m = &x->msg;

	dhcp6_packet_begin(w, &ctx->self, &x->packet.src, type, m->xid);
	if (m->has_client)
		dhcp6_write_bytes(w, DHCP6_OPT_CLIENTID, m->client.p, rd_left(&m->client));
	dhcp6_write_bytes(w, DHCP6_OPT_SERVERID, ctx->duid, ctx->duid_len);
	count(x, type == DHCP6_ADVERTISE ? DHCP6_COUNT_ADVERTISE_TX : DHCP6_COUNT_REPLY_TX);
}

static void status(struct dhcp6_exchange *x, struct wr *w, enum dhcp6_status code)
{
	dhcp6_write_status(w, code);
	count_status(x, code);
}

static void send(struct dhcp6_exchange *x, struct wr *w)
{
	const struct dhcp6_ctx *ctx = x->line->ctx;

	/* It fits: DHCP6_IAS_MAX and DHCP6_ITEMS_MAX see to that. */
	if (!dhcp6_packet_end(w, &ctx->self, &x->packet.src))
		ctx->ops->transmit(x->line, x->now, w->buf, w->len);
}

/* For the answers that say how it went, and nothing else. */
static void send_status(struct dhcp6_exchange *x, enum dhcp6_status code)
{
	uint8_t buf[DHCP6_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	begin(x, &w, DHCP6_REPLY);
	status(x, &w, code);
	send(x, &w);
}

static uint32_t part_of(uint32_t seconds, unsigned percent)
{
	return seconds == DHCP6_INFINITE ? seconds : (uint32_t)((uint64_t)seconds * percent / 100);
}

static bool is_within(const struct prefix6 *in, const struct prefix6 *p)
{
	struct prefix6 cut = dhcp6_prefix(&p->addr, in->len);

	return p->len > in->len && p->len <= 128 && ip6_equal(&cut.addr, &in->addr);
}

static bool has_exclude(struct dhcp6_exchange *x, const struct prefix6 *lease, struct prefix6 *ret)
{
	const struct dhcp6_ops *ops = x->line->ctx->ops;

	return ops->exclude && dhcp6_msg_wants(&x->msg, DHCP6_OPT_PD_EXCLUDE) &&
	       ops->exclude(x->line, lease, ret) && is_within(lease, ret);
}

/* Under whatever IA: a client whose IAIDs have changed may name it under another one. */
static bool has_lease(const struct dhcp6_exchange *x, enum dhcp6_kind kind, const struct prefix6 *p)
{
	for (unsigned i = 0; i < x->line->count; i++) {
		const struct dhcp6_binding *b = &x->line->binding[i];

		if (b->kind == kind && b->client == x->client && dhcp6_prefix_equal(&b->prefix, p))
			return true;
	}
	return false;
}

/* Lifetimes of 0 for what the client has no more: sections 18.3.4, 18.3.5. False: there is none. */
static bool write_gone(struct dhcp6_exchange *x, struct wr *w, enum dhcp6_kind kind,
		       const struct dhcp6_answer *a)
{
	bool any = a->has_withdrawn;

	if (a->has_withdrawn)
		dhcp6_write_lease(w, kind, &a->withdrawn, 0, 0, NULL);
	for (unsigned i = 0; a->tell_gone && i < a->ia->count; i++) {
		const struct prefix6 *item = &x->msg.item[a->ia->first + i];

		if (ip6_is_zero(&item->addr) || has_lease(x, kind, item) ||
		    (a->has_withdrawn && dhcp6_prefix_equal(item, &a->withdrawn)))
			continue;
		dhcp6_write_lease(w, kind, item, 0, 0, NULL);
		any = true;
	}
	return any;
}

/* T1 and T2 are the same for all IAs, as section 18.3.4 wants it: lifetimes are. */
static void write_ia(struct dhcp6_exchange *x, struct wr *w, const struct dhcp6_answer *a)
{
	const struct dhcp6_values *v = &x->values;
	enum dhcp6_kind kind = a->ia->option == DHCP6_OPT_IA_PD ? DHCP6_PD : DHCP6_NA;
	size_t at = dhcp6_option_begin(w, a->ia->option);
	struct prefix6 out;

	wr_be32(w, a->ia->iaid);
	if (a->ia->option != DHCP6_OPT_IA_TA) {
		wr_be32(w, a->has_lease ? v->t1 : 0);
		wr_be32(w, a->has_lease ? v->t2 : 0);
	}
	if (a->has_lease)
		dhcp6_write_lease(w, kind, &a->lease, v->preferred, v->valid,
				  kind == DHCP6_PD && has_exclude(x, &a->lease, &out) ? &out
										      : NULL);
	if (!write_gone(x, w, kind, a) && a->status)
		status(x, w, a->status);
	dhcp6_option_end(w, at);
}

static void write_ias(struct dhcp6_exchange *x, struct wr *w)
{
	for (unsigned i = 0; i < x->msg.ia_count; i++)
		if (!x->answer[i].silent)
			write_ia(x, w, &x->answer[i]);
}

/* --- messages -------------------------------------------------------------------------------- */

/* Sections 18.3.1, 18.3.2, 18.3.4, 18.3.5. */
static void on_leases(struct dhcp6_exchange *x)
{
	bool rapid = x->msg.type == DHCP6_SOLICIT && x->msg.rapid_commit && x->values.rapid_commit;
	bool advertise = x->msg.type == DHCP6_SOLICIT && !rapid;
	uint8_t buf[DHCP6_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	x->commit = !advertise;
	for (unsigned i = 0; i < x->msg.ia_count; i++)
		dhcp6_serve_ia(x, &x->answer[i]);
	begin(x, &w, advertise ? DHCP6_ADVERTISE : DHCP6_REPLY);
	if (rapid)
		dhcp6_write_bytes(&w, DHCP6_OPT_RAPID_COMMIT, NULL, 0);
	if (advertise && x->values.preference)
		dhcp6_write_bytes(&w, DHCP6_OPT_PREFERENCE, &x->values.preference, 1);
	write_ias(x, &w);
	dhcp6_write_values(&w, &x->msg, &x->values);
	send(x, &w);
}

static bool is_bound(const struct dhcp6_exchange *x, const struct dhcp6_ia *ia,
		     const struct prefix6 *addr)
{
	const struct dhcp6_binding *b;

	if (ia->option != DHCP6_OPT_IA_NA)
		return false;
	b = dhcp6_lease_find(x->line, x->client, DHCP6_NA, ia->iaid);
	return b && !b->withdrawn && dhcp6_prefix_equal(&b->prefix, addr);
}

/* Section 18.3.3. Prefixes are not confirmed; clients that have some send Rebind. */
static enum dhcp6_drop on_confirm(struct dhcp6_exchange *x)
{
	enum dhcp6_status code = DHCP6_SUCCESS;
	unsigned addresses = 0;

	for (unsigned i = 0; i < x->msg.ia_count; i++) {
		const struct dhcp6_ia *ia = &x->msg.ia[i];

		if (ia->option == DHCP6_OPT_IA_PD)
			continue;
		for (unsigned j = 0; j < ia->count; j++, addresses++)
			if (!is_bound(x, ia, &x->msg.item[ia->first + j]))
				code = DHCP6_NOT_ON_LINK;
	}
	if (!addresses)
		return DHCP6_DROP_NO_ADDRESS;
	send_status(x, code);
	return DHCP6_DROP_NONE;
}

/* Section 18.3.6. */
static void on_information(struct dhcp6_exchange *x)
{
	uint8_t buf[DHCP6_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	begin(x, &w, DHCP6_REPLY);
	dhcp6_write_values(&w, &x->msg, &x->values);
	send(x, &w);
}

static enum dhcp6_unbind why_given_up(struct dhcp6_exchange *x)
{
	if (x->msg.type == DHCP6_RELEASE || x->line->declines >= DECLINES_MAX)
		return DHCP6_UNBIND_RELEASED;
	x->line->declines++;
	return DHCP6_UNBIND_DECLINED;
}

/* One IA of a Release or Decline; what it has is ended. False: there is no binding. A prefix is not
 * declined: it is on no link yet (section 18.2.8 speaks of addresses). */
static bool give_up(struct dhcp6_exchange *x, const struct dhcp6_ia *ia)
{
	enum dhcp6_kind kind = ia->option == DHCP6_OPT_IA_PD ? DHCP6_PD : DHCP6_NA;
	struct dhcp6_binding *b = NULL;

	if (ia->option != DHCP6_OPT_IA_TA)
		b = dhcp6_lease_find(x->line, x->client, kind, ia->iaid);
	if (!b)
		return false;
	if (x->msg.type == DHCP6_DECLINE && kind == DHCP6_PD)
		return true;
	for (unsigned i = 0; i < ia->count; i++)
		if (dhcp6_prefix_equal(&x->msg.item[ia->first + i], &b->prefix)) {
			dhcp6_lease_end(x->line, x->now, b, why_given_up(x));
			return true;
		}
	return true;
}

static bool is_repeated(const struct dhcp6_exchange *x)
{
	const struct dhcp6_line *line = x->line;

	return line->last.known && line->last.type == x->msg.type && line->last.xid == x->msg.xid &&
	       line->last.client == x->client && x->now - line->last.at < REPEATED_MAX;
}

/* Sections 18.3.7, 18.3.8. The answer may be lost, and the message come again: it ends nothing then
 * (there may be something new), and is answered as it was. */
static void on_give_up(struct dhcp6_exchange *x)
{
	struct dhcp6_line *line = x->line;
	uint8_t no_binding = 0, buf[DHCP6_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	if (is_repeated(x)) {
		no_binding = line->last.no_binding;
	} else {
		for (unsigned i = 0; i < x->msg.ia_count; i++)
			if (!give_up(x, &x->msg.ia[i]))
				no_binding |= (uint8_t)(1u << i);
		line->last.known = true;
		line->last.type = (uint8_t)x->msg.type;
		line->last.no_binding = no_binding;
		line->last.xid = x->msg.xid;
		line->last.client = x->client;
		line->last.at = x->now;
	}
	for (unsigned i = 0; i < x->msg.ia_count; i++) {
		x->answer[i].silent = !(no_binding & 1u << i);
		x->answer[i].status = DHCP6_NO_BINDING;
	}
	begin(x, &w, DHCP6_REPLY);
	status(x, &w, DHCP6_SUCCESS);
	write_ias(x, &w);
	send(x, &w);
}

/* --- input ----------------------------------------------------------------------------------- */

static void get_values(struct dhcp6_exchange *x)
{
	const struct dhcp6_ops *ops = x->line->ctx->ops;
	struct dhcp6_values *v = &x->values;

	*v = x->line->ctx->values;
	if (ops->values)
		ops->values(x->line, v);
	if (v->preferred > v->valid)
		v->preferred = v->valid;
	if (!v->t1)
		v->t1 = part_of(v->preferred, T1_PERCENT);
	if (!v->t2)
		v->t2 = part_of(v->preferred, T2_PERCENT);
	if (v->t2 > v->valid)
		v->t2 = v->valid;
	if (v->t1 > v->t2)
		v->t1 = v->t2;
}

/* One of those that dhcp6_msg_parse() lets through. */
static enum dhcp6_drop act(struct dhcp6_exchange *x)
{
	static const enum dhcp6_counter counter[] = {
		[DHCP6_SOLICIT] = DHCP6_COUNT_SOLICIT_RX,
		[DHCP6_REQUEST] = DHCP6_COUNT_REQUEST_RX,
		[DHCP6_CONFIRM] = DHCP6_COUNT_CONFIRM_RX,
		[DHCP6_RENEW] = DHCP6_COUNT_RENEW_RX,
		[DHCP6_REBIND] = DHCP6_COUNT_REBIND_RX,
		[DHCP6_RELEASE] = DHCP6_COUNT_RELEASE_RX,
		[DHCP6_DECLINE] = DHCP6_COUNT_DECLINE_RX,
		[DHCP6_INFORMATION_REQUEST] = DHCP6_COUNT_INFORMATION_RX,
	};

	count(x, counter[x->msg.type]);
	switch (x->msg.type) {
	case DHCP6_SOLICIT:
	case DHCP6_REQUEST:
	case DHCP6_RENEW:
	case DHCP6_REBIND:
		on_leases(x);
		break;
	case DHCP6_CONFIRM:
		return on_confirm(x);
	case DHCP6_RELEASE:
	case DHCP6_DECLINE:
		on_give_up(x);
		break;
	case DHCP6_INFORMATION_REQUEST:
		on_information(x);
		break;
	case DHCP6_ADVERTISE:
	case DHCP6_REPLY:
	case DHCP6_RECONFIGURE:
	case DHCP6_RELAY_FORW:
	case DHCP6_RELAY_REPL:
		break;
	}
	return DHCP6_DROP_NONE;
}

static enum dhcp6_drop input(struct dhcp6_exchange *x, const uint8_t *packet, size_t len)
{
	const struct dhcp6_ctx *ctx = x->line->ctx;
	enum dhcp6_drop reason = DHCP6_DROP_NONE;
	bool use_multicast;

	if (!rate_ok(&x->line->rate, ctx->messages_per_second, ctx->messages_burst, x->now))
		return DHCP6_DROP_FLOOD;
	if (dhcp6_packet_parse(&ctx->self, packet, len, &x->packet, &reason) ||
	    dhcp6_msg_parse(x->packet.message, &x->msg, &reason))
		return reason;
	reason = dhcp6_msg_check(&x->msg, x->packet.unicast, our_duid(ctx), &use_multicast);
	if (reason)
		return reason;
	if (use_multicast) {
		send_status(x, DHCP6_USE_MULTICAST);
		return DHCP6_DROP_NONE;
	}
	for (unsigned i = 0; i < x->msg.ia_count; i++)
		x->answer[i] = (struct dhcp6_answer){ .ia = &x->msg.ia[i] };
	x->client = x->msg.has_client ? dhcp6_client_hash(x->msg.client) : 0;
	get_values(x);
	dhcp6_lease_expire(x->line, x->now);
	return act(x);
}

int dhcp6_line_input(struct dhcp6_line *line, uint64_t now, const uint8_t *packet, size_t len,
		     enum dhcp6_drop *ret_drop)
{
	struct dhcp6_exchange x;
	enum dhcp6_drop reason;

	x.line = line;
	x.now = now;
	memset(x.offered, 0, sizeof(x.offered));
	reason = input(&x, packet, len);
	if (!reason)
		return 0;
	line->ctx->stats->drop[reason]++;
	*ret_drop = reason;
	return -EBADMSG;
}
