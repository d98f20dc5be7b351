// SPDX-License-Identifier: GPL-2.0-or-later
/* What the pools do not give out: the addresses of [dns64], and the prefixes that hold them. */
#include "test/unit/daemon_pool_rig.h"

#include <errno.h>

/* The name server's addresses, and the prefixes that hold them, are nobody's. */
static void own_addresses_are_held_back(void **state)
{
	struct pools *p = pools_of("[ip-pool]\ngw-ip-address = 10.0.0.2\npool = 10.0.0.0/29\n"
				   "[ipv6-pool]\nprefix = 2001:db8::/62,64\n"
				   "delegate = 2001:db8:8000::/54,56\naddress = 2001:db8:2::/126\n"
				   "[dns64]\nenable = yes\nlisten = 2001:db8::53\n"
				   "listen4 = 10.0.0.4\n");
	struct prefix6 own = { { { 0x20, 0x01, 0x0d, 0xb8 } }, 64 }, got;
	struct seen s = seen_of(p);
	uint32_t addr;

	(void)state;
	assert_int_equal(s.info[0].total, 4); /* 1, 3, 5, 6 */
	assert_int_equal(s.info[1].total, 3);
	assert_int_equal(s.info[2].total, 4);
	assert_int_equal(s.info[3].total, 3);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), 0);
		assert_true(addr != 0x0a000002 && addr != 0x0a000004);
	}
	assert_int_equal(pool_ip4_get(p, NULL, NULL, &addr), -ENOSPC);
	assert_int_equal(pool_ip4_take(p, 0x0a000004), -ENOENT);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pool6_get(p, POOL_PREFIX6, NULL, NULL, &got), 0);
		assert_true(got.addr.b[7] == i + 1);
	}
	assert_int_equal(pool6_get(p, POOL_PREFIX6, NULL, NULL, &got), -ENOSPC);
	assert_int_equal(pool6_take(p, POOL_PREFIX6, &own), -ENOENT);
	pools_free(p);
	p = pools_of("[ipv6-pool]\ndelegate = 2001:db8:8000::/54,56\naddress = 2001:db8:2::/126\n"
		     "[dns64]\nenable = yes\nlisten = 2001:db8:2::3\n");
	s = seen_of(p);
	assert_int_equal(s.info[0].total, 4);
	assert_int_equal(s.info[1].total, 2); /* 1, 2 */
	pools_free(p);
	p = pools_of("[ipv6-pool]\ndelegate = 2001:db8:8000::/54,56\n"
		     "[dns64]\nenable = yes\nlisten = 2001:db8:8000:3ff::53\n");
	assert_int_equal(seen_of(p).info[0].total, 3);
	pools_free(p);
	p = pools_of("[ipv6-pool]\nprefix = 2001:db8::/62,64\n[dns64]\nlisten = 2001:db8::53\n");
	assert_int_equal(seen_of(p).info[0].total, 4); /* not enabled */
	pools_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_addresses_are_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
