// SPDX-License-Identifier: GPL-2.0-or-later
/* Address pools: every address once, stickiness, reuse in the order of freeing, take and put,
 * large IPv6 ranges, routes; and thousands of random operations against a naive model. */
#include "test/unit/daemon_pool_rig.h"
#include "daemon/pool_slots.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A /24: 256 less network, broadcast and gateway, each once, and then none. */
static void every_address(void **state)
{
	struct pools *p = pools_of("[ip-pool]\ngw-ip-address = 10.0.0.7\npool = 10.0.0.0/24\n");
	bool given[256] = { 0 };
	uint32_t addr = 1;

	(void)state;
	assert_int_equal(seen_of(p).info[0].total, 253);
	for (unsigned i = 0; i < 253; i++) {
		assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), 0);
		assert_int_equal(addr & 0xffffff00, 0x0a000000);
		assert_false(given[addr & 255]);
		given[addr & 255] = true;
	}
	assert_false(given[0] || given[7] || given[255]);
	assert_int_equal(seen_of(p).info[0].used, 253);
	addr = 99;
	assert_int_equal(pool_ip4_get(p, "", "u", &addr), -ENOSPC);
	assert_int_equal(addr, 99);
	assert_int_equal(pool_ip4_put(p, 0x0a000063), 0);
	assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), 0);
	assert_int_equal(addr, 0x0a000063);
	pools_free(p);
}

/* RFC 3021; and ranges not written as a prefix keep their first and last. */
static void ends_of_ranges(void **state)
{
	struct pools *p = pools_of("[ip-pool]\ngw-ip-address = 192.0.2.1\npool = 10.0.0.0/31\n"
				   "pool = 10.0.1.0/32\npool = 10.0.2.255-10.0.3.0\n"
				   "pool = 10.0.4.0/30,name=x\n");
	struct seen s = seen_of(p);
	uint32_t addr;

	(void)state;
	assert_int_equal(s.count, 2);
	assert_int_equal(s.info[0].total, 2 + 1 + 2);
	assert_string_equal(s.info[0].name, "");
	assert_int_equal(s.info[1].total, 2);
	assert_string_equal(s.info[1].name, "x");
	assert_int_equal(pool_ip4_take(p, 0x0a000300), 0);
	assert_int_equal(pool_ip4_take(p, 0x0a0002ff), 0);
	assert_int_equal(pool_ip4_take(p, 0x0a000000), 0);
	assert_int_equal(pool_ip4_take(p, 0x0a000400), -ENOENT);
	assert_int_equal(pool_ip4_take(p, 0x0a000403), -ENOENT);
	assert_int_equal(pool_ip4_get(p, "x", NULL, &addr), 0);
	assert_int_equal(addr, 0x0a000401);
	pools_free(p);
}

static void names(void **state)
{
	struct pools *p =
		pools_of("[ip-pool]\ngw-ip-address = 10.0.0.1\n"
			 "pool = 10.0.1.1-10.0.1.2,name=a\npool = 10.0.2.1-10.0.2.2,name=b\n"
			 "pool = 10.0.3.1-10.0.3.2,name=a\n");
	uint32_t addr[4];

	(void)state;
	assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr[0]), -ENOENT);
	assert_int_equal(pool_ip4_get(p, "c", NULL, &addr[0]), -ENOENT);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pool_ip4_get(p, "a", NULL, &addr[i]), 0);
	assert_int_equal(addr[0], 0x0a000101);
	assert_int_equal(addr[1], 0x0a000102);
	assert_int_equal(addr[2], 0x0a000301);
	assert_int_equal(addr[3], 0x0a000302);
	assert_int_equal(pool_ip4_get(p, "a", NULL, &addr[0]), -ENOSPC);
	assert_int_equal(pool_ip4_get(p, "b", NULL, &addr[0]), 0);
	assert_int_equal(addr[0], 0x0a000201);
	assert_int_equal(pool_ip4_put(p, 0x0a000302), 0);
	assert_int_equal(seen_of(p).info[0].used, 3);
	assert_int_equal(seen_of(p).info[1].used, 1);
	pools_free(p);
}

static void sticky(void **state)
{
	struct pools *p = pools_of("[ip-pool]\ngw-ip-address = 10.9.9.9\npool = 10.0.0.0/29\n");
	uint32_t alice, bob, addr, again;

	(void)state;
	assert_int_equal(pool_ip4_get(p, NULL, "alice", &alice), 0);
	assert_int_equal(pool_ip4_get(p, NULL, "bob", &bob), 0);
	assert_int_equal(pool_ip4_put(p, alice), 0);
	assert_int_equal(pool_ip4_put(p, bob), 0);
	/* Fresh ones go before hers, and she gets hers. */
	assert_int_equal(pool_ip4_get(p, NULL, "carol", &addr), 0);
	assert_true(addr != alice && addr != bob);
	assert_int_equal(pool_ip4_get(p, NULL, "alice", &again), 0);
	assert_int_equal(again, alice);
	/* A second session of hers gets another, and both come back to her. */
	assert_int_equal(pool_ip4_get(p, NULL, "alice", &addr), 0);
	assert_int_not_equal(addr, alice);
	assert_int_equal(pool_ip4_put(p, addr), 0);
	assert_int_equal(pool_ip4_put(p, alice), 0);
	assert_int_equal(pool_ip4_get(p, NULL, "alice", &again), 0);
	assert_true(again == alice || again == addr);
	assert_int_equal(pool_ip4_get(p, NULL, "alice", &again), 0);
	assert_true(again == alice || again == addr);
	/* Bob's goes to another when nothing else is left; he then gets what there is. */
	while (!pool_ip4_get(p, NULL, "dave", &addr))
		;
	assert_int_equal(pool_ip4_get(p, NULL, "bob", &again), -ENOSPC);
	assert_int_equal(pool_ip4_put(p, alice), 0);
	assert_int_equal(pool_ip4_get(p, NULL, "bob", &again), 0);
	assert_int_equal(again, alice);
	pools_free(p);
}

static void freed_longest_ago_first(void **state)
{
	struct pools *p =
		pools_of("[ip-pool]\ngw-ip-address = 10.9.9.9\npool = 10.0.0.0-10.0.0.9\n");
	static const uint8_t order[10] = { 3, 9, 0, 7, 1, 8, 2, 6, 5, 4 };
	uint32_t addr;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), 0);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(pool_ip4_put(p, 0x0a000000 + order[i]), 0);
	assert_int_equal(pool_ip4_take(p, 0x0a000007), 0);
	for (unsigned i = 0; i < 10; i++) {
		if (order[i] == 7)
			continue;
		assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), 0);
		assert_int_equal(addr, 0x0a000000 + order[i]);
	}
	pools_free(p);
}

static void take_and_put(void **state)
{
	struct pools *p = pools_of("[ip-pool]\ngw-ip-address = 10.0.0.1\npool = 10.0.0.0/29\n");
	uint32_t addr;

	(void)state;
	assert_int_equal(pool_ip4_take(p, 0x0b000001), -ENOENT);
	assert_int_equal(pool_ip4_take(p, 0x0a000001), -ENOENT); /* the gateway */
	assert_int_equal(pool_ip4_put(p, 0x0a000002), -ENOENT);	 /* never given */
	assert_int_equal(pool_ip4_take(p, 0x0a000002), 0);
	assert_int_equal(pool_ip4_take(p, 0x0a000002), -EEXIST);
	for (unsigned i = 3; i < 7; i++) { /* goes around what was taken */
		assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), 0);
		assert_int_equal(addr, 0x0a000000 + i);
	}
	assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), -ENOSPC);
	assert_int_equal(pool_ip4_put(p, 0x0a000002), 0);
	assert_int_equal(pool_ip4_put(p, 0x0a000002), -ENOENT);
	assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), 0);
	assert_int_equal(addr, 0x0a000002);
	pools_free(p);
}

/* A /40 of /64s is 16 million; what is used of it costs. */
static void prefixes(void **state)
{
	struct pools *p =
		pools_of("[pppoe]\nmax-sessions = 1000\n"
			 "[ipv6-pool]\nprefix = 2001:db8:100::/40,64\n"
			 "prefix = 2001:db8:1000::/64,64\nprefix = 2001:db9::/63,64,name=n\n");
	struct prefix6 first, prefix, expected;
	char buf[PREFIX_STRLEN];
	struct seen s = seen_of(p);

	(void)state;
	assert_int_equal(s.count, 2);
	assert_int_equal(s.info[0].family, 6);
	assert_int_equal(s.info[0].total, (1 << 24) + 1);
	assert_int_equal(s.info[1].total, 2);
	assert_int_equal(pool6_get(p, POOL_PREFIX6, NULL, "alice", &first), 0);
	assert_string_equal(prefix6_str(buf, &first), "2001:db8:100::/64");
	for (unsigned i = 1; i < 1000; i++) {
		assert_int_equal(pool6_get(p, POOL_PREFIX6, NULL, "other", &prefix), 0);
		assert_int_equal(prefix.len, 64);
	}
	assert_string_equal(prefix6_str(buf, &prefix), "2001:db8:100:3e7::/64");
	assert_int_equal(pool6_put(p, POOL_PREFIX6, &first), 0);
	assert_int_equal(pool6_get(p, POOL_PREFIX6, NULL, "alice", &prefix), 0);
	assert_true(ip6_equal(&prefix.addr, &first.addr));
	assert_int_equal(pool6_take(p, POOL_PREFIX6, &first), -EEXIST);
	assert_int_equal(prefix6_parse("2001:db8:1ff:ffff::/64", &expected), 0);
	assert_int_equal(pool6_take(p, POOL_PREFIX6, &expected), 0);
	assert_int_equal(prefix6_parse("2001:db8:1000::/64", &expected), 0);
	assert_int_equal(pool6_take(p, POOL_PREFIX6, &expected), 0);
	assert_int_equal(prefix6_parse("2001:db8:200::/64", &expected), 0);
	assert_int_equal(pool6_take(p, POOL_PREFIX6, &expected), -ENOENT);
	assert_int_equal(prefix6_parse("2001:db8:100::/56", &expected), 0);
	assert_int_equal(pool6_take(p, POOL_PREFIX6, &expected), -ENOENT);
	assert_int_equal(pool6_get(p, POOL_PREFIX6, "n", NULL, &prefix), 0);
	assert_int_equal(pool6_get(p, POOL_PREFIX6, "n", NULL, &prefix), 0);
	assert_string_equal(prefix6_str(buf, &prefix), "2001:db9:0:1::/64");
	assert_int_equal(pool6_get(p, POOL_PREFIX6, "n", NULL, &prefix), -ENOSPC);
	pools_free(p);
}

/* DHCPv6's: prefixes of any length to /64, and single addresses, each with names of its own. */
static void delegated_and_addresses(void **state)
{
	struct pools *p = pools_of("[pppoe]\nmax-sessions = 100\n"
				   "[ipv6-pool]\nprefix = 2001:db8:100::/62,64\n"
				   "delegate = 2001:db8:8000::/54,56\n"
				   "delegate = 2001:db8:9000::/47,48,name=big\n"
				   "address = 2001:db8:200::/64\n"
				   "address = 2001:db8:201::ff00/126,name=few\n");
	static const char *const kinds[] = { "prefix", "delegate", "delegate", "address",
					     "address" };
	static const uint64_t totals[] = { 4, 4, 2, UINT32_MAX, 4 };
	struct seen s = seen_of(p);
	struct prefix6 a, b;
	char buf[PREFIX_STRLEN];

	(void)state;
	assert_int_equal(s.count, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(s.info[i].family, 6);
		assert_string_equal(pool_kind_name(s.info[i].kind), kinds[i]);
		assert_int_equal(s.info[i].total, totals[i]);
	}
	assert_int_equal(pool6_get(p, POOL_DELEGATE6, NULL, "alice", &a), 0);
	assert_string_equal(prefix6_str(buf, &a), "2001:db8:8000::/56");
	assert_int_equal(pool6_take(p, POOL_PREFIX6, &a), -ENOENT);
	assert_int_equal(pool6_take(p, POOL_DELEGATE6, &a), -EEXIST);
	assert_int_equal(pool6_get(p, POOL_DELEGATE6, "big", "alice", &b), 0);
	assert_string_equal(prefix6_str(buf, &b), "2001:db8:9000::/48");
	assert_int_equal(pool6_get(p, POOL_ADDRESS6, NULL, "alice", &b), 0);
	assert_string_equal(prefix6_str(buf, &b), "2001:db8:200::1/128");
	assert_int_equal(pool6_put(p, POOL_ADDRESS6, &b), 0);
	assert_int_equal(pool6_put(p, POOL_ADDRESS6, &b), -ENOENT);
	assert_int_equal(pool6_get(p, POOL_ADDRESS6, "few", "alice", &b), 0);
	assert_string_equal(prefix6_str(buf, &b), "2001:db8:201::ff00/128");
	assert_int_equal(prefix6_parse("2001:db8:200::/128", &b), 0); /* the anycast address */
	assert_int_equal(pool6_take(p, POOL_ADDRESS6, &b), -ENOENT);
	assert_int_equal(prefix6_parse("2001:db8:200::ffff:ffff/128", &b), 0);
	assert_int_equal(pool6_take(p, POOL_ADDRESS6, &b), 0);
	assert_int_equal(prefix6_parse("2001:db8:200:0:0:1::/128", &b), 0);
	assert_int_equal(pool6_take(p, POOL_ADDRESS6, &b), -ENOENT);
	pools_free(p);
}

/* What a peer wishes is its own where it is free, of its pool, and not kept for somebody else. */
static void wishes(void **state)
{
	struct pools *p = pools_of("[ipv6-pool]\ndelegate = 2001:db8:8000::/52,56\n"
				   "delegate = 2001:db8:9000::/52,56,name=n\n");
	struct prefix6 mine, wish;

	(void)state;
	assert_int_equal(prefix6_parse("2001:db8:8000:700::/56", &wish), 0);
	assert_int_equal(pool6_wish(p, POOL_DELEGATE6, "n", "alice", &wish), -ENOENT);
	assert_int_equal(pool6_wish(p, POOL_DELEGATE6, NULL, "alice", &wish), 0);
	assert_int_equal(pool6_wish(p, POOL_DELEGATE6, "", "alice", &wish), -EEXIST);
	assert_int_equal(pool6_put(p, POOL_DELEGATE6, &wish), 0);
	assert_int_equal(pool6_wish(p, POOL_DELEGATE6, NULL, "mallory", &wish), -EEXIST);
	assert_int_equal(pool6_get(p, POOL_DELEGATE6, NULL, "alice", &mine), 0);
	assert_memory_equal(&mine, &wish, sizeof(mine));
	wish.len = 57;
	assert_int_equal(pool6_wish(p, POOL_DELEGATE6, NULL, "alice", &wish), -ENOENT);
	assert_int_equal(prefix6_parse("2001:db8:a000::/56", &wish), 0);
	assert_int_equal(pool6_wish(p, POOL_DELEGATE6, NULL, "alice", &wish), -ENOENT);
	pools_free(p);
}

#define ALL_KINDS                                                                                  \
	"[ip-pool]\ngw-ip-address = 10.0.0.1\npool = 10.0.0.0/28\n"                                \
	"[ipv6-pool]\nprefix = 2001:db8:100::/60,64\ndelegate = 2001:db8:8000::/52,56\n"           \
	"address = 2001:db8:200::/64\naddress = 2001:db8:201::/64\n"

/* Each kind comes back, and a file of the version before, which had two of them, is read. */
static void frozen_kinds(void **state)
{
	struct pools *p = pools_of(ALL_KINDS), *q = pools_of(ALL_KINDS), *r = pools_of(ALL_KINDS);
	struct prefix6 of[POOL_KINDS], again;
	uint8_t *octets;
	uint32_t addr;
	size_t len;

	(void)state;
	assert_int_equal(pool_ip4_get(p, NULL, "alice", &addr), 0);
	assert_int_equal(pool_ip4_put(p, addr), 0);
	for (unsigned k = POOL_PREFIX6; k < POOL_KINDS; k++) {
		assert_int_equal(pool6_get(p, k, NULL, "bob", &again), 0);
		assert_int_equal(pool6_get(p, k, NULL, "alice", &of[k]), 0);
		assert_int_equal(pool6_put(p, k, &of[k]), 0);
	}
	assert_int_equal(pools_freeze(p, &octets, &len), 0);
	assert_int_equal(pools_thaw(q, octets, len), 0);
	for (unsigned k = POOL_PREFIX6; k < POOL_KINDS; k++) {
		assert_int_equal(pool6_get(q, k, NULL, "alice", &again), 0);
		assert_memory_equal(&again, &of[k], sizeof(again));
	}
	octets[0] = 1;
	assert_int_equal(pools_thaw(r, octets, len), -EBADMSG);
	assert_int_equal(pools_thaw(r, octets, 17 + 4 + 8 + 4 + 13), 0);
	assert_int_equal(pool6_get(r, POOL_PREFIX6, NULL, "alice", &again), 0);
	assert_memory_equal(&again, &of[POOL_PREFIX6], sizeof(again));
	assert_int_equal(pool6_get(r, POOL_DELEGATE6, NULL, "alice", &again), 0);
	assert_memory_not_equal(&again, &of[POOL_DELEGATE6], sizeof(again));
	free(octets);
	pools_free(p);
	pools_free(q);
	pools_free(r);
}

/* More users come and go than there are nodes: numbers still come, the oldest first. */
static void memory_is_bounded(void **state)
{
	struct slots s;
	uint64_t number, before = 0;

	(void)state;
	assert_int_equal(slots_init(&s, UINT64_C(1) << 40, 100), 0);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(slots_get(&s, i + 1, &number), 0);
	assert_int_equal(slots_get(&s, 7, &number), -ENOSPC);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(slots_put(&s, i), 0);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(slots_get(&s, 1000 + i, &number), 0);
		assert_int_equal(number, i % 100);
		assert_int_equal(slots_put(&s, number), 0);
	}
	/* Taking what has no node forgets the oldest, and only it. */
	assert_int_equal(slots_take(&s, UINT64_C(1) << 39, 0), 0);
	assert_int_equal(slots_put(&s, 0), -ENOENT);
	assert_int_equal(s.count, 100);
	for (unsigned i = 0; i < 99; i++) {
		assert_int_equal(slots_get(&s, 0, &number), 0);
		assert_true(number > before);
		before = number;
	}
	assert_int_equal(slots_get(&s, 0, &number), -ENOSPC);
	assert_int_equal(slots_take(&s, 5000, 0), -ENOSPC);
	slots_fini(&s);
}

#define MODEL 64

/* Random operations; what is taken is known, an exhausted pool is exhausted, a user whose last
 * number is free gets one of his own. */
static void against_a_model(void **state)
{
	uint32_t user[MODEL] = { 0 }, seed = 20261120;
	bool used[MODEL] = { 0 };
	struct slots s;

	(void)state;
	assert_int_equal(slots_init(&s, MODEL, MODEL), 0);
	for (unsigned step = 0; step < 200000; step++) {
		uint32_t who, r = seed = seed * 1664525 + 1013904223;
		unsigned n = r >> 8 & (MODEL - 1), taken = 0, his = 0;
		uint64_t number;

		who = 1 + (r >> 20) % 20;
		for (unsigned i = 0; i < MODEL; i++) {
			taken += used[i];
			his += !used[i] && user[i] == who;
		}
		assert_int_equal(s.used, taken);
		if ((r >> 16 & 15) < (step / 5000 % 2 ? 9 : 5)) {
			int rc = slots_get(&s, who, &number);

			assert_int_equal(rc, taken == MODEL ? -ENOSPC : 0);
			if (rc)
				continue;
			assert_true(number < MODEL && !used[number]);
			assert_true(!his || user[number] == who);
			used[number] = true;
			user[number] = who;
		} else if (r >> 16 & 1) {
			assert_int_equal(slots_put(&s, n), used[n] ? 0 : -ENOENT);
			used[n] = false;
		} else if (step % 3 == 0) {
			assert_int_equal(slots_take(&s, n, 0), used[n] ? -EEXIST : 0);
			if (!used[n])
				user[n] = 0;
			used[n] = true;
		}
	}
	slots_fini(&s);
}

static void note_route(void *arg, const struct pool_route *route)
{
	char buf[PREFIX_STRLEN];

	sbuf_printf(arg, "%s ",
		    route->family == 4 ? prefix4_str(buf, &route->prefix4)
				       : prefix6_str(buf, &route->prefix6));
}

static void routes(void **state)
{
	struct pools *p = pools_of("[ip-pool]\ngw-ip-address = 10.0.0.1\npool = 10.0.0.0/18\n"
				   "pool = 10.1.0.1-10.1.0.14,name=x\npool = 10.2.0.255-10.2.1.0\n"
				   "pool = 10.3.0.0-10.3.255.255\npool = 10.4.0.5-10.4.0.5\n"
				   "pool = 16.0.0.0-31.255.255.255\n"
				   "[ipv6-pool]\nprefix = 2001:db8:100::/40,64\n");
	struct sbuf text = { 0 };

	(void)state;
	pools_routes(p, note_route, &text);
	assert_string_equal(text.p, "10.0.0.0/18 10.1.0.1/32 10.1.0.2/31 10.1.0.4/30 10.1.0.8/30 "
				    "10.1.0.12/31 10.1.0.14/32 10.2.0.255/32 10.2.1.0/32 "
				    "10.3.0.0/16 10.4.0.5/32 16.0.0.0/4 2001:db8:100::/40 ");
	sbuf_fini(&text);
	pools_free(p);
}

static void no_pools(void **state)
{
	struct pools *p = pools_of("");
	struct prefix6 prefix;
	uint32_t addr;

	(void)state;
	assert_int_equal(seen_of(p).count, 0);
	assert_int_equal(pool_ip4_get(p, NULL, "u", &addr), -ENOENT);
	assert_int_equal(pool_ip4_take(p, 1), -ENOENT);
	assert_int_equal(pool6_get(p, POOL_PREFIX6, NULL, "u", &prefix), -ENOENT);
	pools_free(p);
	pools_free(NULL);
}

#define TWO_FAMILIES                                                                               \
	"[ip-pool]\ngw-ip-address = 10.9.9.9\npool = 10.0.0.0-10.0.0.9\n"                          \
	"pool = 10.0.1.0-10.0.1.1,name=x\n[ipv6-pool]\nprefix = 2001:db8::/60,64\n"

/* Who had what, and the order of freeing, come back; what is taken is adopted, and is still that
 * user's when it is free again. */
static void frozen_and_thawed(void **state)
{
	struct pools *p = pools_of(TWO_FAMILIES), *q = pools_of(TWO_FAMILIES);
	uint32_t alice, bob, carol, addr;
	struct prefix6 alice6, prefix;
	uint8_t *octets;
	size_t len;

	(void)state;
	assert_int_equal(pool_ip4_get(p, NULL, "alice", &alice), 0);
	assert_int_equal(pool_ip4_get(p, NULL, "bob", &bob), 0);
	assert_int_equal(pool_ip4_get(p, NULL, "carol", &carol), 0);
	assert_int_equal(pool6_get(p, POOL_PREFIX6, NULL, "zoe", &prefix), 0);
	assert_int_equal(pool6_get(p, POOL_PREFIX6, NULL, "alice", &alice6), 0);
	assert_int_equal(pool_ip4_put(p, bob), 0);
	assert_int_equal(pool_ip4_put(p, alice), 0);
	assert_int_equal(pool6_put(p, POOL_PREFIX6, &alice6), 0);
	assert_int_equal(pools_freeze(p, &octets, &len), 0);
	assert_int_equal(len, 33 + 2 * 8 + 13);
	assert_int_equal(pools_thaw(q, octets, len), 0);
	assert_int_equal(pool_ip4_adopt(q, carol, "carol"), 0);
	assert_int_equal(pool6_adopt(q, POOL_PREFIX6, &prefix, "zoe"), 0);
	assert_int_equal(pool6_adopt(q, POOL_PREFIX6, &prefix, "zoe"), -EEXIST);
	assert_int_equal(seen_of(q).info[0].used, 1);
	assert_int_equal(pool_ip4_get(q, NULL, "dave", &addr), 0); /* fresh ones first */
	assert_true(addr != alice && addr != bob && addr != carol);
	assert_int_equal(pool_ip4_get(q, NULL, "alice", &addr), 0);
	assert_int_equal(addr, alice);
	assert_int_equal(pool6_get(q, POOL_PREFIX6, NULL, "alice", &prefix), 0);
	assert_memory_equal(&prefix, &alice6, sizeof(prefix));
	assert_int_equal(pool_ip4_put(q, carol), 0);
	assert_int_equal(pool_ip4_get(q, NULL, "carol", &addr), 0);
	assert_int_equal(addr, carol);
	assert_int_equal(pool_ip4_put(q, alice), 0);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(pool_ip4_get(q, NULL, "eve", &addr), 0);
	assert_int_equal(pool_ip4_get(q, NULL, "eve", &addr), 0);
	assert_int_equal(addr, bob); /* freed before alice's */
	free(octets);
	pools_free(p);
	pools_free(q);
}

#define MANY  10000
#define PIECE 2048 /* of a part */

static uint32_t get4(struct pools *p, unsigned user)
{
	uint32_t addr;
	char name[16];

	snprintf(name, sizeof(name), "u%u", user);
	assert_int_equal(pool_ip4_get(p, NULL, name, &addr), 0);
	return addr;
}

/* In parts, while people come and go: who came back before his turn is not in it, whoever is next;
 * who came back after it is, which does no harm; all others are. */
static void frozen_in_parts(void **state)
{
	static const char conf[] = "[pppoe]\nmax-sessions = 20000\n[ip-pool]\n"
				   "gw-ip-address = 10.255.0.1\npool = 10.0.0.0/16\n";
	struct pools *p = pools_of(conf), *q = pools_of(conf);
	static uint32_t addr[MANY];
	struct pools_freezer *f;
	unsigned parts = 0, others = 0;
	uint8_t *octets;
	size_t len;
	int rc;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		addr[i] = get4(p, i);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(pool_ip4_put(p, addr[i]), 0);
	assert_int_equal(pools_freezer_new(&f, p), 0);
	while ((rc = pools_freezer_some(f)) > 0)
		for (unsigned i = 2000; !parts && i < 4000; i++, parts += i == 4000)
			others += get4(p, i) != addr[i];
	assert_int_equal(rc, 0);
	octets = pools_freezer_take(f, &len);
	pools_freezer_free(f);
	assert_in_range(len, 33 + 8 * (PIECE + MANY - 4000 - 4), 33 + 8 * (PIECE + MANY - 4000 + 4));
	assert_int_equal(pools_thaw(q, octets, len), 0);
	for (unsigned i = 0; i < MANY; i++)
		if (i < PIECE || i >= 4000)
			others += get4(q, i) != addr[i];
	assert_in_range(others, 0, 4); /* two of 10,000 with one hash: once in a hundred runs */
	assert_int_not_equal(get4(q, 3000), addr[3000]); /* adoption says whose that is */
	free(octets);
	pools_free(p);
	pools_free(q);
}

/* Another configuration: what is in no pool any more is forgotten; more than fits, too. */
static void thawed_elsewhere(void **state)
{
	struct pools *p = pools_of(TWO_FAMILIES), *q;
	uint32_t addr[10];
	uint8_t *octets, v;
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(pool_ip4_get(p, NULL, "u", &addr[i]), 0);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(pool_ip4_put(p, addr[i]), 0);
	assert_int_equal(pools_freeze(p, &octets, &len), 0);
	q = pools_of("[pppoe]\nmax-sessions = 1\n[ip-pool]\ngw-ip-address = 10.0.0.4\n"
		     "pool = 10.0.0.3-10.0.0.9\n");
	for (size_t n = 0; n < len; n++)
		assert_int_equal(pools_thaw(q, octets, n), -EBADMSG);
	v = octets[0]++;
	assert_int_equal(pools_thaw(q, octets, len), -ENOTSUP);
	octets[0] = v;
	assert_int_equal(pools_thaw(q, octets, len), 0);
	assert_int_equal(pools_thaw(q, octets, len), -EBUSY);
	assert_int_equal(seen_of(q).info[0].used, 0);
	assert_int_equal(pool_ip4_get(q, NULL, "w", &addr[0]), 0);
	assert_int_equal(addr[0], addr[3]); /* the first of the two that it had room for */
	free(octets);
	pools_free(p);
	pools_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address),
		cmocka_unit_test(ends_of_ranges),
		cmocka_unit_test(names),
		cmocka_unit_test(sticky),
		cmocka_unit_test(freed_longest_ago_first),
		cmocka_unit_test(take_and_put),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(delegated_and_addresses),
		cmocka_unit_test(wishes),
		cmocka_unit_test(frozen_kinds),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(against_a_model),
		cmocka_unit_test(routes),
		cmocka_unit_test(no_pools),
		cmocka_unit_test(frozen_and_thawed),
		cmocka_unit_test(frozen_in_parts),
		cmocka_unit_test(thawed_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
