// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A line and whatever a client may do to it: a sequence of messages, time, withdrawals, restarts
 * and owners that fail. What must hold all the time: the owner's view of what is bound is the
 * line's; never more than the limit; only what was assigned is bound, and each is unbound once; a
 * message is answered once or refused; an answer is well formed, promises what is bound, and no
 * more time than configured.
 *
 * Input: an octet of configuration, then steps: an octet that says which, and what it needs.
 */
#include "ipv6/dhcp6_msg.h"

#include <stdlib.h>

#define PREFERRED 500
#define VALID	  1000

static const struct ip6 self = { .b = { 0xfe, 0x80, [15] = 1 } };
static const struct ip6 peer = { .b = { 0xfe, 0x80, [15] = 7 } };

enum step { MESSAGE, PACKET, TIME, WITHDRAW, RESTART, THAW, DOWN, ERRORS, STEPS };

static struct world {
	struct wheel wheel;
	uint64_t now;
	struct dhcp6_stats stats;
	struct dhcp6_ctx ctx;
	struct dhcp6_line line;
	struct slot {
		bool assigned, bound;
		struct prefix6 prefix;
	} slot[DHCP6_KINDS][DHCP6_LEASES_MAX];
	uint32_t next;
	uint8_t errors; /* what the owner refuses */
	unsigned sent, binds, unbinds;
	bool offer;	     /* what was sent last is an Advertise */
	unsigned told_count; /* what it promises */
	struct prefix6 told[DHCP6_LEASES_MAX];
} w;

static void expect(bool ok)
{
	if (!ok)
		abort();
}

/* --- the owner -------------------------------------------------------------------------------- */

static int assign(struct dhcp6_line *line, enum dhcp6_kind kind, unsigned index,
		  const struct prefix6 *hint, struct prefix6 *ret)
{
	struct slot *s = &w.slot[kind][index];

	expect(line == &w.line && index < DHCP6_LEASES_MAX);
	if (hint) {
		struct prefix6 cut = dhcp6_prefix(&hint->addr, hint->len);

		expect(hint->len <= 128 && ip6_equal(&cut.addr, &hint->addr));
	}
	if (w.errors & 1)
		return -ENOSPC;
	if (!s->assigned) {
		w.next++;
		s->assigned = true;
		s->prefix = (struct prefix6){ .len = kind == DHCP6_PD ? 56 : 128 };
		s->prefix.addr.b[0] = 0x20;
		s->prefix.addr.b[1] = (uint8_t)kind;
		s->prefix.addr.b[5] = (uint8_t)(w.next >> 8);
		s->prefix.addr.b[6] = (uint8_t)w.next;
	}
	*ret = s->prefix;
	return 0;
}

static int bind(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		enum dhcp6_bind what, struct rd duid)
{
	struct slot *s = &w.slot[b->kind][b->index];
	uint8_t buf[DHCP6_FROZEN_MAX];
	struct wr frozen = wr_init(buf, sizeof(buf));

	expect(line == &w.line && now == w.now);
	expect(rd_left(&duid) >= DHCP6_DUID_MIN && rd_left(&duid) <= DHCP6_DUID_MAX);
	expect(s->assigned && dhcp6_prefix_equal(&s->prefix, &b->prefix));
	expect(s->bound == (what == DHCP6_BIND_EXTENDED));
	expect(b->valid_until == now + VALID * NSEC_PER_SEC &&
	       b->preferred_until <= b->valid_until);
	expect(!dhcp6_line_freeze(line, &frozen)); /* the owner writes his record here */
	expect(!dhcp6_line_frozen_check(rd_init(buf, frozen.len)));
	if (w.errors & 2)
		return w.errors & 4 ? -ENOSPC : -EIO;
	w.binds += what == DHCP6_BIND_NEW;
	s->bound = true;
	return 0;
}

static void unbind(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		   enum dhcp6_unbind why)
{
	struct slot *s = &w.slot[b->kind][b->index];

	expect(line == &w.line && now == w.now && s->bound);
	expect(dhcp6_prefix_equal(&s->prefix, &b->prefix));
	expect(why != DHCP6_UNBIND_EXPIRED || b->valid_until <= now);
	expect(why != DHCP6_UNBIND_WITHDRAWN || b->withdrawn);
	s->bound = false;
	if (why == DHCP6_UNBIND_DECLINED || why == DHCP6_UNBIND_WITHDRAWN)
		s->assigned = false;
	w.unbinds++;
}

static bool exclude(struct dhcp6_line *line, const struct prefix6 *delegated, struct prefix6 *ret)
{
	(void)line;
	*ret = (struct prefix6){ .addr = delegated->addr, .len = 64 };
	ret->addr.b[7] = 0xff;
	return true;
}

/* --- the answer ------------------------------------------------------------------------------- */

static void check_lease(enum dhcp6_kind kind, struct rd r)
{
	struct prefix6 p = { .len = 128 };
	uint32_t preferred, valid;
	bool known = false;

	if (kind == DHCP6_NA)
		rd_copy(&r, p.addr.b, 16);
	preferred = rd_be32(&r);
	valid = rd_be32(&r);
	if (kind == DHCP6_PD) {
		p.len = rd_u8(&r);
		rd_copy(&r, p.addr.b, 16);
	}
	expect(!r.bad && preferred <= valid && (valid == VALID || !valid));
	for (unsigned i = 0; i < DHCP6_LEASES_MAX; i++) {
		const struct slot *s = &w.slot[kind][i];

		known |= s->assigned && (s->bound || w.offer) && dhcp6_prefix_equal(&s->prefix, &p);
	}
	expect(known || !valid);
	for (unsigned i = 0; i < w.told_count; i++) /* once with time, once without: which is it? */
		expect(!dhcp6_prefix_equal(&w.told[i], &p) || valid);
	if (valid && w.told_count < DHCP6_LEASES_MAX)
		w.told[w.told_count++] = p;
}

static void check_options(struct rd r, uint16_t in)
{
	while (rd_left(&r)) {
		uint16_t option = rd_be16(&r);
		struct rd value = rd_sub(&r, rd_be16(&r));

		expect(!r.bad);
		if (option == DHCP6_OPT_IA_NA || option == DHCP6_OPT_IA_PD) {
			rd_skip(&value, 12);
			check_options(value, option);
		}
		if (option == DHCP6_OPT_IAADDR || option == DHCP6_OPT_IAPREFIX) {
			expect(in ==
			       (option == DHCP6_OPT_IAADDR ? DHCP6_OPT_IA_NA : DHCP6_OPT_IA_PD));
			check_lease(option == DHCP6_OPT_IAPREFIX ? DHCP6_PD : DHCP6_NA, value);
		}
	}
}

/* RFC 1071 the slow way, over pseudo header and datagram. */
static uint16_t udp_sum(const uint8_t *packet, size_t len)
{
	uint64_t acc = (len - 40) + 17;

	for (size_t i = 8; i < len; i++)
		acc += i % 2 ? packet[i] : (uint64_t)packet[i] << 8;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return (uint16_t)acc;
}

static void transmit(struct dhcp6_line *line, uint64_t now, const uint8_t *packet, size_t len)
{
	expect(line == &w.line && now == w.now);
	expect(len >= 52 && len <= DHCP6_PACKET_MAX);
	expect((size_t)(packet[4] << 8 | packet[5]) == len - 40);
	expect(udp_sum(packet, len) == 0xffff && (packet[46] || packet[47]));
	w.sent++;
	w.offer = packet[48] == DHCP6_ADVERTISE;
	w.told_count = 0;
	check_options(rd_init(packet + 52, len - 52), 0);
	check_options(rd_init(packet + 52, len - 52),
		      0); /* against what the whole of it promises */
}

static const struct dhcp6_ops ops = {
	.assign = assign,
	.bind = bind,
	.unbind = unbind,
	.transmit = transmit,
	.exclude = exclude,
};

/* --- steps ------------------------------------------------------------------------------------ */

/* What the owner holds bound is what the line has. */
static void check_line(void)
{
	unsigned bound = 0, of_kind[DHCP6_KINDS] = { 0 };

	for (unsigned k = 0; k < DHCP6_KINDS; k++)
		for (unsigned i = 0; i < DHCP6_LEASES_MAX; i++)
			bound += w.slot[k][i].bound;
	expect(w.line.count <= DHCP6_LEASES_MAX && bound == w.line.count);
	expect(w.binds - w.unbinds == w.line.count);
	for (unsigned i = 0; i < w.line.count; i++) {
		const struct dhcp6_binding *b = &w.line.binding[i];
		const struct slot *s = &w.slot[b->kind][b->index];

		of_kind[b->kind]++;
		expect(s->bound && dhcp6_prefix_equal(&s->prefix, &b->prefix));
		expect(b->valid_until + WHEEL_TICK >= w.now);
	}
	for (unsigned k = 0; k < DHCP6_KINDS; k++)
		expect(of_kind[k] <= w.ctx.values.max[k]);
	expect(w.wheel.armed == !!w.line.count);
}

/* @copy: exactly as long, so that the sanitizer sees one octet too many. */
static void input(const uint8_t *octets, size_t len)
{
	enum dhcp6_drop reason = DHCP6_DROP_NONE;
	uint8_t *copy = malloc(len ? len : 1);
	int r;

	if (!copy)
		return;
	if (len)
		memcpy(copy, octets, len);
	w.sent = 0;
	r = dhcp6_line_input(&w.line, w.now, copy, len, &reason);
	free(copy);
	expect(r ? r == -EBADMSG && reason && reason < DHCP6_DROP_COUNT : !reason);
	expect(w.sent == !r);
}

/* The headers around it are right. */
static void message(struct rd r, bool unicast)
{
	uint8_t buf[2100];
	struct wr out = wr_init(buf, sizeof(buf));
	size_t len = rd_left(&r) + 8;
	uint16_t sum;

	wr_be32(&out, 6u << 28);
	wr_be16(&out, (uint16_t)len);
	wr_be16(&out, 17 << 8 | 64);
	wr_bytes(&out, peer.b, 16);
	wr_bytes(&out, unicast ? self.b : dhcp6_all_servers.b, 16);
	wr_be16(&out, 546);
	wr_be16(&out, 547);
	wr_be16(&out, (uint16_t)len);
	wr_be16(&out, 0);
	wr_bytes(&out, r.p, rd_left(&r));
	if (out.bad)
		return;
	sum = (uint16_t)~udp_sum(buf, out.len);
	buf[46] = sum ? (uint8_t)(sum >> 8) : 0xff;
	buf[47] = sum ? (uint8_t)sum : 0xff;
	input(buf, out.len);
}

static void restart(void)
{
	uint8_t buf[DHCP6_FROZEN_MAX], again[DHCP6_FROZEN_MAX];
	struct wr frozen = wr_init(buf, sizeof(buf)), second = wr_init(again, sizeof(again));
	struct rd r;

	expect(!dhcp6_line_freeze(&w.line, &frozen));
	dhcp6_line_fini(&w.line);
	memset(&w.line, 0xa5, sizeof(w.line));
	r = rd_init(buf, frozen.len);
	expect(!dhcp6_line_thaw(&w.line, &w.ctx, &r));
	expect(!dhcp6_line_freeze(&w.line, &second));
	expect(second.len == frozen.len && !memcmp(buf, again, frozen.len));
}

/* Octets of anywhere: what is taken is what was written. */
static void thaw(struct rd r)
{
	uint8_t again[DHCP6_FROZEN_MAX];
	struct wr out = wr_init(again, sizeof(again));
	const uint8_t *octets = r.p;
	size_t len = rd_left(&r);
	struct dhcp6_line other;

	if (dhcp6_line_thaw(&other, &w.ctx, &r))
		return;
	expect(!dhcp6_line_freeze(&other, &out));
	expect(out.len == len && !memcmp(again, octets, len));
	dhcp6_line_fini(&other);
}

static void step(struct rd *r)
{
	uint8_t which = rd_u8(r), arg = rd_u8(r);
	size_t want = (which % STEPS) <= PACKET || which % STEPS == THAW ? rd_be16(r) : 0;
	struct rd data = rd_sub(r, want < rd_left(r) ? want : rd_left(r));

	switch ((enum step)(which % STEPS)) {
	case MESSAGE:
		message(data, arg & 1);
		break;
	case PACKET:
		input(data.p, rd_left(&data));
		break;
	case TIME:
		w.now += arg * 10 * NSEC_PER_SEC;
		wheel_run(&w.wheel, w.now);
		break;
	case WITHDRAW:
		dhcp6_line_withdraw(&w.line, arg & 1, arg >> 1 & 7);
		break;
	case RESTART:
		restart();
		break;
	case THAW:
		thaw(data);
		break;
	case DOWN:
		dhcp6_line_down(&w.line, w.now);
		break;
	case ERRORS:
		w.errors = arg;
		break;
	case STEPS:
		break;
	}
	check_line();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ip6 servers[2] = { { .b = { 1 } }, { .b = { 2 } } };
	struct rd r = rd_init(data, size);
	uint8_t config = rd_u8(&r);

	w = (struct world){ .now = 1000 * NSEC_PER_SEC };
	wheel_init(&w.wheel, w.now);
	w.ctx = (struct dhcp6_ctx){
		.wheel = &w.wheel,
		.ops = &ops,
		.stats = &w.stats,
		.self = self,
		.duid = { 0, 2, 0, 0, 0xaa, 0xbb, 1, 2, 3 },
		.duid_len = 9,
		.values = { .max = { config & 3, config >> 2 & 3 },
			    .preferred = PREFERRED,
			    .valid = VALID,
			    .rapid_commit = config & 16,
			    .preference = config & 32,
			    .dns = servers,
			    .dns_count = 2,
			    .ntp = servers,
			    .ntp_count = 2,
			    .search = (const uint8_t *)"\7example\3org",
			    .search_len = 13,
			    .sol_max_rt = 3600,
			    .inf_max_rt = 3600,
			    .information_refresh = 86400 },
	};
	dhcp6_line_init(&w.line, &w.ctx);
	while (rd_left(&r))
		step(&r);
	dhcp6_line_down(&w.line, w.now);
	check_line();
	expect(w.binds == w.unbinds);
	return 0;
}
