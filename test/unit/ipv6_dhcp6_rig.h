/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line, its owner with small pools, a client that builds messages, and an answer taken apart by a
 * reader of its own. */
#ifndef TEST_IPV6_DHCP6_RIG_H
#define TEST_IPV6_DHCP6_RIG_H

#include "ipv6/dhcp6_msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SEC NSEC_PER_SEC

static const struct ip6 rig_self = { .b = { 0xfe, 0x80, [15] = 1 } };
static const struct ip6 rig_peer = { .b = { 0xfe, 0x80, [8] = 0xab, [15] = 7 } };
static const uint8_t rig_duid[] = { 0, 2, 0, 0, 0xaa, 0xbb, 1, 2, 3 };
static const uint8_t rig_client[] = { 0, 3, 0, 1, 2, 0, 0, 0, 0, 1 };
static const uint8_t rig_other_client[] = { 0, 3, 0, 1, 2, 0, 0, 0, 0, 2 };

/* --- the owner -------------------------------------------------------------------------------- */

struct rig_slot {
	bool assigned, bound;
	struct prefix6 prefix;
};

static struct rig {
	struct wheel wheel;
	uint64_t now;
	struct dhcp6_stats stats;
	struct dhcp6_line line;
	struct rig_slot slot[DHCP6_KINDS][DHCP6_LEASES_MAX];
	unsigned next[DHCP6_KINDS]; /* numbers given out */
	unsigned empty;		    /* assign() says -ENOSPC from then on, 0: never */
	int bind_error;
	bool has_exclude;
	struct prefix6 exclude, hint;
	unsigned binds, extends, unbinds;
	enum dhcp6_unbind why;
	struct dhcp6_binding last; /* bound or unbound */
	unsigned sent_count;
	size_t sent_len;
	uint8_t sent[DHCP6_PACKET_MAX];
} rig;

/* 2001:db8:8000:NN00::/56 and 2001:db8:200::NN */
static struct prefix6 rig_prefix(enum dhcp6_kind kind, unsigned n)
{
	struct prefix6 p = { .addr = { .b = { 0x20, 0x01, 0x0d, 0xb8 } }, .len = 56 };

	if (kind == DHCP6_NA) {
		p.addr.b[4] = 2;
		p.addr.b[15] = (uint8_t)n;
		p.len = 128;
		return p;
	}
	p.addr.b[4] = 0x80;
	p.addr.b[6] = (uint8_t)n;
	return p;
}

static int rig_assign(struct dhcp6_line *line, enum dhcp6_kind kind, unsigned index,
		      const struct prefix6 *hint, struct prefix6 *ret)
{
	struct rig_slot *slot = &rig.slot[kind][index];

	assert_ptr_equal(line, &rig.line);
	assert_true(index < DHCP6_LEASES_MAX);
	if (hint)
		rig.hint = *hint;
	if (!slot->assigned) {
		if (rig.empty && rig.next[kind] + 1 >= rig.empty)
			return -ENOSPC;
		slot->assigned = true;
		slot->prefix = rig_prefix(kind, ++rig.next[kind]);
	}
	*ret = slot->prefix;
	return 0;
}

static int rig_bind(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		    enum dhcp6_bind what, struct rd duid)
{
	struct rig_slot *slot = &rig.slot[b->kind][b->index];

	(void)now;
	assert_true(line->count >= 1 && line->count <= DHCP6_LEASES_MAX);
	assert_true(rd_left(&duid) >= DHCP6_DUID_MIN);
	assert_true(slot->assigned && dhcp6_prefix_equal(&slot->prefix, &b->prefix));
	assert_int_equal(slot->bound, what == DHCP6_BIND_EXTENDED);
	if (rig.bind_error)
		return rig.bind_error;
	if (what == DHCP6_BIND_NEW)
		rig.binds++;
	else
		rig.extends++;
	slot->bound = true;
	rig.last = *b;
	return 0;
}

static void rig_unbind(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		       enum dhcp6_unbind why)
{
	struct rig_slot *slot = &rig.slot[b->kind][b->index];

	(void)now;
	for (unsigned i = 0; i < line->count; i++)
		assert_false(line->binding[i].kind == b->kind &&
			     line->binding[i].index == b->index);
	assert_true(slot->bound && dhcp6_prefix_equal(&slot->prefix, &b->prefix));
	slot->bound = false;
	if (why == DHCP6_UNBIND_DECLINED || why == DHCP6_UNBIND_WITHDRAWN)
		slot->assigned = false;
	rig.unbinds++;
	rig.why = why;
	rig.last = *b;
}

static void rig_transmit(struct dhcp6_line *line, uint64_t now, const uint8_t *packet, size_t len)
{
	assert_ptr_equal(line, &rig.line);
	assert_int_equal(now, rig.now);
	assert_true(len <= sizeof(rig.sent));
	memcpy(rig.sent, packet, len);
	rig.sent_len = len;
	rig.sent_count++;
}

static bool rig_exclude(struct dhcp6_line *line, const struct prefix6 *delegated,
			struct prefix6 *ret)
{
	(void)line, (void)delegated;
	*ret = rig.exclude;
	return rig.has_exclude;
}

static const struct dhcp6_ops rig_ops = {
	.assign = rig_assign,
	.bind = rig_bind,
	.unbind = rig_unbind,
	.transmit = rig_transmit,
	.exclude = rig_exclude,
};

static struct dhcp6_ctx rig_ctx;

static int rig_setup(void **state)
{
	(void)state;
	rig = (struct rig){ .now = 1000 * SEC };
	wheel_init(&rig.wheel, rig.now);
	rig_ctx = (struct dhcp6_ctx){
		.wheel = &rig.wheel,
		.ops = &rig_ops,
		.stats = &rig.stats,
		.values = { .max = { 1, 2 }, .preferred = 1800, .valid = 3600 },
		.self = rig_self,
		.duid_len = sizeof(rig_duid),
	};
	memcpy(rig_ctx.duid, rig_duid, sizeof(rig_duid));
	dhcp6_line_init(&rig.line, &rig_ctx);
	return 0;
}

static int rig_teardown(void **state)
{
	(void)state;
	dhcp6_line_down(&rig.line, rig.now);
	assert_int_equal(rig.line.count, 0);
	assert_int_equal(rig.binds, rig.unbinds);
	assert_int_equal(rig.wheel.armed, 0);
	return 0;
}

static inline void rig_run(uint64_t until)
{
	for (; rig.now < until; wheel_run(&rig.wheel, rig.now))
		rig.now = rig.now + SEC / 4 < until ? rig.now + SEC / 4 : until;
}

/* --- the client ------------------------------------------------------------------------------- */

static struct {
	uint8_t buf[2000];
	struct wr w;
	size_t ia; /* where the open IA's length goes */
	uint32_t xid;
	struct ip6 dst;
} out;

/* The IPv6 and UDP headers, written without the part's own code. */
static inline void msg_begin(uint8_t type)
{
	out.w = wr_init(out.buf, sizeof(out.buf));
	out.xid = (out.xid + 0x010203) & 0xffffff;
	out.dst = dhcp6_all_servers;
	wr_zero(&out.w, 48);
	wr_be32(&out.w, (uint32_t)type << 24 | out.xid);
}

static inline void msg_option(uint16_t option, const void *value, size_t len)
{
	wr_be16(&out.w, option);
	wr_be16(&out.w, (uint16_t)len);
	wr_bytes(&out.w, value, len);
}

static inline void msg_client(void)
{
	msg_option(DHCP6_OPT_CLIENTID, rig_client, sizeof(rig_client));
}

static inline void msg_server(void)
{
	msg_option(DHCP6_OPT_SERVERID, rig_duid, sizeof(rig_duid));
}

static inline void msg_oro(uint16_t a, uint16_t b)
{
	uint8_t v[4] = { (uint8_t)(a >> 8), (uint8_t)a, (uint8_t)(b >> 8), (uint8_t)b };

	msg_option(DHCP6_OPT_ORO, v, sizeof(v));
}

static inline void msg_ia_begin(uint16_t option, uint32_t iaid)
{
	wr_be16(&out.w, option);
	out.ia = out.w.len;
	wr_be16(&out.w, 0);
	wr_be32(&out.w, iaid);
	if (option != DHCP6_OPT_IA_TA)
		wr_zero(&out.w, 8);
}

static inline void msg_ia_end(void)
{
	wr_patch_be16(&out.w, out.ia, out.w.len - out.ia - 2);
}

static inline void msg_ia(uint16_t option, uint32_t iaid)
{
	msg_ia_begin(option, iaid);
	msg_ia_end();
}

static inline void msg_item(const struct prefix6 *p, bool is_prefix)
{
	wr_be16(&out.w, is_prefix ? DHCP6_OPT_IAPREFIX : DHCP6_OPT_IAADDR);
	wr_be16(&out.w, is_prefix ? 25 : 24);
	if (!is_prefix)
		wr_bytes(&out.w, p->addr.b, 16);
	wr_be32(&out.w, 7);
	wr_be32(&out.w, 9);
	if (is_prefix) {
		wr_u8(&out.w, p->len);
		wr_bytes(&out.w, p->addr.b, 16);
	}
}

/* An IA of that kind with one item. */
static inline void msg_ia_with(enum dhcp6_kind kind, uint32_t iaid, const struct prefix6 *p)
{
	msg_ia_begin(kind == DHCP6_PD ? DHCP6_OPT_IA_PD : DHCP6_OPT_IA_NA, iaid);
	msg_item(p, kind == DHCP6_PD);
	msg_ia_end();
}

/* RFC 1071 the slow way, over the pseudo header and the UDP datagram. */
static inline uint16_t msg_sum(const uint8_t *packet, size_t len)
{
	uint64_t acc = (len - 40) + 17;

	for (size_t i = 8; i < len; i++)
		acc += i % 2 ? packet[i] : (uint64_t)packet[i] << 8;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return (uint16_t)acc;
}

static inline void msg_patch16(size_t at, size_t v)
{
	out.buf[at] = (uint8_t)(v >> 8);
	out.buf[at + 1] = (uint8_t)v;
}

static inline void msg_finish(void)
{
	size_t len = out.w.len;
	uint16_t sum;

	out.buf[0] = 0x60;
	msg_patch16(4, len - 40);
	out.buf[6] = 17;
	out.buf[7] = 1;
	memcpy(out.buf + 8, rig_peer.b, 16);
	memcpy(out.buf + 24, out.dst.b, 16);
	msg_patch16(40, 546);
	msg_patch16(42, 547);
	msg_patch16(44, len - 40);
	msg_patch16(46, 0);
	sum = (uint16_t)~msg_sum(out.buf, len);
	msg_patch16(46, sum ? sum : 0xffff);
}

/* Into the line as it lies there. What was sent before is forgotten. */
static inline enum dhcp6_drop msg_input(void)
{
	enum dhcp6_drop reason = DHCP6_DROP_NONE;
	int r;

	rig.sent_len = 0;
	rig.sent_count = 0;
	r = dhcp6_line_input(&rig.line, rig.now, out.buf, out.w.len, &reason);
	assert_int_equal(r, reason ? -EBADMSG : 0);
	if (reason)
		assert_int_equal(rig.sent_count, 0);
	return reason;
}

static inline enum dhcp6_drop msg_send(void)
{
	assert_false(out.w.bad);
	msg_finish();
	return msg_input();
}

/* --- the answer ------------------------------------------------------------------------------- */

struct got_lease {
	struct prefix6 prefix;
	uint32_t preferred, valid;
	uint8_t exclude_len;
	uint8_t exclude[16];
	size_t exclude_octets;
};

struct got_ia {
	uint16_t option;
	uint32_t iaid, t1, t2;
	int status; /* -1: none */
	unsigned count;
	struct got_lease lease[8];
};

static struct got {
	uint8_t type;
	int status, preference; /* -1: none */
	bool client, server, rapid;
	unsigned ia_count, options;
	struct got_ia ia[DHCP6_IAS_MAX];
	struct rd value[128]; /* options by their number; p is NULL where there is none */
} got;

static inline int got_status(struct rd r)
{
	return rd_be16(&r);
}

static inline void got_iaaddr(struct got_ia *ia, struct rd r)
{
	struct got_lease *l = &ia->lease[ia->count++];

	*l = (struct got_lease){ .prefix.len = 128 };
	rd_copy(&r, l->prefix.addr.b, 16);
	l->preferred = rd_be32(&r);
	l->valid = rd_be32(&r);
	assert_false(r.bad || rd_left(&r));
}

static inline void got_iaprefix(struct got_ia *ia, struct rd r)
{
	struct got_lease *l = &ia->lease[ia->count++];

	*l = (struct got_lease){ .preferred = rd_be32(&r) };
	l->valid = rd_be32(&r);
	l->prefix.len = rd_u8(&r);
	rd_copy(&r, l->prefix.addr.b, 16);
	if (rd_left(&r)) {
		assert_int_equal(rd_be16(&r), DHCP6_OPT_PD_EXCLUDE);
		l->exclude_octets = rd_be16(&r) - 1u;
		l->exclude_len = rd_u8(&r);
		rd_copy(&r, l->exclude, l->exclude_octets);
	}
	assert_false(r.bad || rd_left(&r));
}

static inline void got_ia_parse(uint16_t option, struct rd r)
{
	struct got_ia *ia = &got.ia[got.ia_count++];

	*ia = (struct got_ia){ .option = option, .iaid = rd_be32(&r), .status = -1 };
	if (option != DHCP6_OPT_IA_TA) {
		ia->t1 = rd_be32(&r);
		ia->t2 = rd_be32(&r);
	}
	while (rd_left(&r)) {
		uint16_t inner = rd_be16(&r);
		struct rd value = rd_sub(&r, rd_be16(&r));

		assert_true(ia->count < 8);
		if (inner == DHCP6_OPT_STATUS_CODE)
			ia->status = got_status(value);
		else if (inner == DHCP6_OPT_IAADDR && option == DHCP6_OPT_IA_NA)
			got_iaaddr(ia, value);
		else if (inner == DHCP6_OPT_IAPREFIX && option == DHCP6_OPT_IA_PD)
			got_iaprefix(ia, value);
		else
			fail_msg("option %u in IA %u", inner, option);
	}
	assert_false(r.bad);
}

static inline void got_option(uint16_t option, struct rd r)
{
	assert_true(option < 128);
	got.options++;
	if (option == DHCP6_OPT_IA_NA || option == DHCP6_OPT_IA_PD || option == DHCP6_OPT_IA_TA) {
		got_ia_parse(option, r);
		return;
	}
	assert_null(got.value[option].p); /* none of the others comes twice */
	got.value[option] = r;
	if (option == DHCP6_OPT_STATUS_CODE)
		got.status = got_status(r);
	else if (option == DHCP6_OPT_PREFERENCE)
		got.preference = rd_u8(&r);
	else if (option == DHCP6_OPT_RAPID_COMMIT)
		got.rapid = true;
	else if (option == DHCP6_OPT_CLIENTID)
		got.client = true;
	else if (option == DHCP6_OPT_SERVERID)
		got.server = rd_left(&r) == sizeof(rig_duid) && !memcmp(r.p, rig_duid, 9);
}

/* The one packet that was sent: headers right, to the client that asked, options whole. */
static inline void got_parse(void)
{
	struct rd r = rd_init(rig.sent, rig.sent_len);

	memset(&got, 0, sizeof(got));
	got.status = got.preference = -1;
	assert_int_equal(rig.sent_count, 1);
	assert_int_equal(rd_be32(&r), 6u << 28);
	assert_int_equal(rd_be16(&r), rig.sent_len - 40);
	assert_int_equal(rd_u8(&r), 17);
	rd_skip(&r, 1);
	assert_memory_equal(rd_bytes(&r, 16), rig_self.b, 16);
	assert_memory_equal(rd_bytes(&r, 16), rig_peer.b, 16);
	assert_int_equal(rd_be16(&r), 547);
	assert_int_equal(rd_be16(&r), 546);
	assert_int_equal(rd_be16(&r), rig.sent_len - 40);
	assert_int_not_equal(rd_be16(&r), 0);
	assert_int_equal(msg_sum(rig.sent, rig.sent_len), 0xffff);
	got.type = rd_u8(&r);
	assert_int_equal((uint32_t)rd_u8(&r) << 16 | rd_be16(&r), out.xid);
	while (rd_left(&r)) {
		uint16_t option = rd_be16(&r);
		struct rd value = rd_sub(&r, rd_be16(&r));

		assert_false(r.bad);
		got_option(option, value);
	}
	assert_true(got.server);
}

/* Send it, it is good, and this is the answer. */
static inline void exchange(uint8_t type)
{
	assert_int_equal(msg_send(), DHCP6_DROP_NONE);
	got_parse();
	assert_int_equal(got.type, type);
}

static inline void assert_lease(unsigned i, unsigned j, const struct prefix6 *p, uint32_t valid)
{
	assert_true(i < got.ia_count && j < got.ia[i].count);
	assert_true(dhcp6_prefix_equal(&got.ia[i].lease[j].prefix, p));
	assert_int_equal(got.ia[i].lease[j].valid, valid);
}

/* A Request for one IA_PD, which gets it. */
static inline struct prefix6 bind_pd(uint32_t iaid)
{
	msg_begin(DHCP6_REQUEST);
	msg_client();
	msg_server();
	msg_ia(DHCP6_OPT_IA_PD, iaid);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia_count, 1);
	assert_int_equal(got.ia[0].count, 1);
	return got.ia[0].lease[0].prefix;
}

#endif
