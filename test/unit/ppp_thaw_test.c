// SPDX-License-Identifier: GPL-2.0-or-later
/* A frozen link of an older version is read, octet for octet. */
#include "test/unit/ppp_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct rig r;

/* As version 1 wrote it: it must be read for ever. */
static void test_vector(void **state)
{
	static const uint8_t v1[] = {
		1,    0x05, 0xd4, 7,	0,    0x09, 0,	 0, 0,	  0x17, 0x48, 0x76, 0xe8, 0,
		0x64, 0x40, 0,	  5,	0x64, 0x40, 0,	 1, 0x64, 0x40, 0,    1,    0xc0, 0,
		2,    0x35, 0,	  0,	0,    0,    0,	 0, 0,	  1,	2,    3,    4,	  5,
		6,    7,    8,	  9,	2,    3,    4,	 5, 6,	  7,	8,    9,    1,	  2,
		1,    0,    9,	  0,	10,   5,    6,	 0, 0,	  0,	9,    0,    10,	  7,
		8,    0,    0,	  0,	9,    0,    10,	 9, 10,	  0,	0,    0,    0x11, 0x22,
		0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0,	 0, 0,	  0,	0x05, 0xd4, 0x05, 0xc8,
		1,    0,    0,	  0,	42,   3,    0,	 0, 1,	  0xf4, 0,    0,    0,	  2,
		3,    1,    77,	  10,	2,    'O',  'K',
	};
	struct rd in = rd_init(v1, sizeof(v1));
	uint8_t buf[PPP_LINK_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	rig_init(&r);
	assert_int_equal(ppp_link_thaw(&r.link, &r.ctx, &in, 5), 0);
	assert_int_equal(r.link.mru_limit, 1492);
	assert_int_equal(r.link.session_deadline, 100 * NSEC_PER_SEC);
	assert_true(r.link.ifid_required);
	assert_int_equal(r.link.ip4, 0x64400005);
	assert_int_equal(r.link.dns[1], 0xc0000235);
	assert_int_equal(r.link.ifid_peer[7], 9);
	assert_int_equal(r.link.mode[PPP_LAYER_IPCP], PPP_ALLOW);
	assert_int_equal(r.link.rejected[PPP_LAYER_IPCP], 2);
	assert_int_equal(r.link.fsm[PPP_LAYER_IPV6CP].term_id, 10);
	assert_int_equal(r.link.lcp.magic, 0x11223344);
	assert_int_equal(r.link.lcp.peer_magic, 0x55667788);
	assert_int_equal(r.link.lcp.peer_mru, 1480);
	assert_int_equal(r.link.lcp.method, PPP_AUTH_CHAP_MD5);
	assert_int_equal(r.link.lcp.echo_id, 42);
	assert_int_equal(r.link.lcp.echo_lost, 2);
	assert_int_equal(r.link.auth.id, 77);
	assert_memory_equal(r.link.auth.message, "OK", 2);
	assert_int_equal(ppp_link_freeze(&r.link, &w), 0);
	assert_int_equal(w.len, sizeof(v1));
	assert_memory_equal(buf, v1, sizeof(v1));
	ppp_link_fini(&r.link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
