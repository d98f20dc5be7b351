/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the fast path's programs share: packets of each kind up and down, entries of
 * flows, and where a packet went.
 */
#ifndef TEST_BPF_FAST_RIG_H
#define TEST_BPF_FAST_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/bpf/bed.h"

#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define V(id) (ABI_VLAN_PRESENT | (id))
#define WEB4  0xc6336401 /* 198.51.100.1 */
#define NAT4  0xc0000201 /* 192.0.2.1 */
#define NATP  61234
#define SLOT  1

static struct bed bed;
static const struct bed_line line = { V(100), 0, 1 };
static const uint8_t web6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0xff, [15] = 9 };

struct kind {
	const char *name;
	bool ip4, nat;
	uint8_t proto;
};

static const struct kind kinds[] = {
	{ "IPv4 TCP", true, false, 6 },	   { "IPv4 UDP", true, false, 17 },
	{ "IPv4 TCP NAT", true, true, 6 }, { "IPv4 UDP NAT", true, true, 17 },
	{ "IPv6 TCP", false, false, 6 },   { "IPv6 UDP", false, false, 17 },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* --- packets --------------------------------------------------------------------------------- */

static inline uint32_t ip_off(void)
{
	return 26;
}

static inline struct bed_ip packet(const struct kind *k, uint16_t payload)
{
	struct bed_ip ip = { .proto = k->proto, .payload = payload, .tcp_flags = 0x10 };

	if (k->ip4) {
		ip.src4 = bed_ip4(SLOT);
		ip.dst4 = WEB4;
		return ip;
	}
	bed_prefix6(SLOT, ip.src6);
	ip.src6[15] = 1;
	memcpy(ip.dst6, web6, 16);
	return ip;
}

/* The answer to it, as the core sends it. */
static inline struct bed_ip answer(const struct kind *k, uint16_t payload)
{
	struct bed_ip up = packet(k, payload), ip = up;

	ip.src4 = up.dst4;
	ip.dst4 = k->nat ? NAT4 : up.src4;
	ip.sport = 443;
	ip.dport = k->nat ? NATP : 40000;
	memcpy(ip.src6, up.dst6, 16);
	memcpy(ip.dst6, up.src6, 16);
	return ip;
}

static inline struct bed_frame from_core(const struct bed_ip *ip)
{
	struct bed_frame f = bed_down_frame(ip);

	memcpy(f.b, bed_core_mac, 6);
	memcpy(f.b + 6, bed_hop_mac, 6);
	return f;
}

static inline void ip6_of(uint32_t dst[4], const uint8_t src[16])
{
	memcpy(dst, src, 16);
}

static inline struct abi_flow_key key_of(const struct kind *k, bool down)
{
	struct bed_ip ip = down ? answer(k, 0) : packet(k, 0);
	struct abi_flow_key key = {
		.sport_be = htobe16(down ? 443 : 40000),
		.dport_be = htobe16(down ? ip.dport : 443),
		.proto = k->proto,
		.family = k->ip4 ? 4 : 6,
		.down = down,
	};

	if (k->ip4) {
		key.src[0] = htobe32(ip.src4);
		key.dst[0] = htobe32(ip.dst4);
	} else {
		ip6_of(key.src, ip.src6);
		ip6_of(key.dst, ip.dst6);
	}
	return key;
}

static inline uint16_t diff(const void *from, const void *to, size_t len)
{
	const uint16_t *a = from, *b = to;
	uint32_t sum = 0;

	for (size_t i = 0; i < len / 2; i++)
		sum += (uint16_t)~a[i] + b[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static inline struct abi_flow flow_of(const struct kind *k, bool down)
{
	struct abi_flow_key key = key_of(k, down);
	struct abi_flow w = { .slot = SLOT,
			      .generation = bed_session_entry(SLOT, 0, 0, 1).generation };
	uint32_t from[2] = { key.src[0], key.dst[0] }, to[2];
	uint16_t ports[2] = { key.sport_be, key.dport_be }, out[2];

	if (!k->nat)
		return w;
	w.flags = ABI_FLOW_NAT;
	w.src_be = to[0] = down ? key.src[0] : htobe32(NAT4);
	w.dst_be = to[1] = down ? htobe32(bed_ip4(SLOT)) : key.dst[0];
	w.sport_be = out[0] = down ? key.sport_be : htobe16(NATP);
	w.dport_be = out[1] = down ? htobe16(40000) : key.dport_be;
	w.addr_diff = diff(from, to, sizeof(from));
	w.port_diff = diff(ports, out, sizeof(ports));
	return w;
}

/* --- ends ------------------------------------------------------------------------------------ */

static inline bool is_fast_up(const struct bed_frame *f)
{
	struct bed_frame out;

	assert_int_equal(bed_up(&bed, f, &out), BED_REDIRECT);
	if (!memcmp(out.b, bed_hop_mac, 6))
		return true;
	assert_memory_equal(out.b, bed_subs_mac, 6); /* to the stack */
	return false;
}

static inline bool is_fast_down(const struct bed_frame *f)
{
	struct bed_frame out;
	enum bed_end end = bed_core_in(&bed, f, &out);

	assert_int_not_equal(end, BED_DROP);
	if (end == BED_PASS)
		assert_memory_equal(out.b, f->b, f->len);
	return end == BED_REDIRECT;
}

/* Entries as if the stack had just let both through. */
static inline void offer(const struct kind *k, bool accepted)
{
	for (int down = 0; down < 2; down++) {
		struct abi_flow_key key = key_of(k, down);
		struct abi_flow w = flow_of(k, down);
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
		if (accepted) {
			w.accepted = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
			w.rules = 1;
			w.seen = 1500;
		}
		(void)dp_flow_del(bed.dp, &key);
		assert_int_equal(dp_flow_add(bed.dp, &key, &w), 0);
	}
}

static inline void withdraw(const struct kind *k)
{
	for (int down = 0; down < 2; down++) {
		struct abi_flow_key key = key_of(k, down);

		(void)dp_flow_del(bed.dp, &key);
	}
}

static inline void check_out(const struct bed_frame *in, uint32_t from, const struct bed_frame *out,
			     uint32_t to, const struct kind *k, bool down)
{
	const uint8_t *a = in->b + from, *b = out->b + to;
	struct abi_flow w = flow_of(k, down);
	uint32_t len = in->len - from, l4 = k->ip4 ? 20 : 40;

	assert_int_equal(out->len - to, len);
	assert_true(bed_checksums_ok(b, len));
	assert_int_equal(b[k->ip4 ? 8 : 7], 56);
	assert_memory_equal(a + l4 + 8, b + l4 + 8, k->proto == 6 ? 8 : len - l4 - 8);
	if (!k->nat) {
		assert_memory_equal(a + l4 - 8, b + l4 - 8, len - l4 + 8);
		return;
	}
	assert_memory_equal(b + 12, &w.src_be, 4);
	assert_memory_equal(b + 16, &w.dst_be, 4);
	assert_memory_equal(b + 20, &w.sport_be, 2);
	assert_memory_equal(b + 22, &w.dport_be, 2);
}

static inline void slow(struct bed_ip ip)
{
	struct bed_frame f = bed_up_frame(&line, &ip);

	assert_false(is_fast_up(&f));
}

static inline void slow_down(struct bed_ip ip)
{
	struct bed_frame f = from_core(&ip);

	assert_false(is_fast_down(&f));
}

static inline int setup(enum dp_mode mode, enum abi_fastpath fastpath)
{
	bed.fastpath = fastpath;
	if (bed_open(&bed, mode, NULL, 1) || bed_core_attach(&bed))
		return -1;
	bed_session(&bed, SLOT, line.svlan, line.cvlan, line.sid);
	bed_session(&bed, 2, 0, 0, 2);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	bed_close(&bed);
	return 0;
}

#endif
