// SPDX-License-Identifier: GPL-2.0-or-later
/* A frozen link in which an octet is another: it is refused, or is one that there can be. */
#include "test/unit/ppp_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* Reads what is another by one octet; how often that is a link. */
static unsigned read_changed(struct rig *other, uint8_t *buf, size_t len)
{
	unsigned links = 0;

	for (size_t i = 0; i < len; i++) {
		const uint8_t was = buf[i];

		for (unsigned v = 0; v <= UINT8_MAX; v++) {
			struct rd in = rd_init(buf, len);

			buf[i] = (uint8_t)v;
			if (ppp_link_thaw(&other->link, &other->ctx, &in, other->now))
				continue;
			links++;
			for (unsigned layer = 0; layer < PPP_LAYERS; layer++)
				assert_true(other->link.fsm[layer].state < FSM_STATES);
			ppp_link_fini(&other->link);
		}
		buf[i] = was;
	}
	return links;
}

/* No automaton gets a state that its table does not have. A layer that is up must be Opened: so
 * with each of the two that may be down, too. */
static void test_no_state_beyond_the_table(void **state)
{
	static const uint8_t up[] = { 7, 5, 3 };
	uint8_t frozen[] = {
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
	static struct rig other;

	(void)state;
	rig_init(&other);
	for (unsigned i = 0; i < sizeof(up); i++) {
		frozen[3] = up[i];
		assert_true(read_changed(&other, frozen, sizeof(frozen)) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_no_state_beyond_the_table) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
