// SPDX-License-Identifier: GPL-2.0-or-later
/* shaper/ and radius/ do not know each other, and both have names of attributes: they are the same.
 */
#include "base/wire.h"
#include "radius/dictionary.h"
#include "shaper/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Longer than any attribute of speed, so that the shaper names it and says that it is wrong; and
 * one that is wanted, whatever the attribute. */
static void shaper_name(uint32_t vendor, uint8_t type, char ret[RADIUS_NAME_MAX])
{
	static const char avpair[] = "ip:sub-qos-policy-in=";
	uint8_t buf[6 + 254];
	struct wr w = wr_init(buf, sizeof(buf));
	struct shaper_rules rules;
	struct shaper_verdict v;

	memset(buf, '1', sizeof(buf));
	wr_be32(&w, vendor);
	wr_u8(&w, type);
	wr_u8(&w, 254);
	if (vendor == 9)
		wr_bytes(&w, avpair, strlen(avpair));
	*ret = '\0';
	if (!shaper_attr_wanted(vendor, type, buf + 6, 254))
		return;
	shaper_rules_init(&rules);
	shaper_read(buf, sizeof(buf), &rules, 0, &v);
	assert_int_equal(sscanf(v.wrong, "%63s =", ret), 1);
}

static void test_names(void **state)
{
	static const uint32_t vendors[] = {
		0, 9, 311, 529, 2011, 4874, 10055, 14122, 14988, 32473
	};
	unsigned count = 0;

	(void)state;
	assert_int_equal(radius_dictionary_setup("/nonexistent"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++)
		for (unsigned type = 1; type < 256; type++) {
			char ours[RADIUS_NAME_MAX], theirs[RADIUS_NAME_MAX];

			shaper_name(vendors[i], (uint8_t)type, ours);
			radius_attr_name(vendors[i], (uint8_t)type, theirs, sizeof(theirs));
			if (!*ours || !vendors[i]) /* Filter-Id is in libradcli's own files */
				continue;
			assert_string_equal(ours, theirs);
			count++;
		}
	assert_int_equal(count, 26);
	radius_dictionary_teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
