// SPDX-License-Identifier: GPL-2.0-or-later
/* What differs between two configurations. */
#include "daemon/reload.h"
#include "test/unit/daemon_config_rig.h"

static void diff(const char *a, const char *b, const char *expected)
{
	struct config *from = good(a), *to = good(b);
	struct sbuf out = { 0 };
	unsigned n = reload_diff(from, to, &out), lines = 0;

	assert_string_equal(out.p ? out.p : "", expected);
	for (const char *p = out.p; p && (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(n, lines);
	sbuf_fini(&out);
	config_free(from);
	config_free(to);
}

static void differences(void **state)
{
	(void)state;
	diff(MINIMAL, MINIMAL "# a comment\n", "");
	diff(MINIMAL, MINIMAL "[ppp]\nmtu = 1480\n",
	     "- [ppp] mtu = 1492 (for new sessions)\n"
	     "+ [ppp] mtu = 1480 (for new sessions)\n");
	diff(MINIMAL "[profile a]\nrate = 1000\n", MINIMAL "[profile b]\nrate = 1000\n",
	     "- [profile a] rate = 1000/1000\n+ [profile b] rate = 1000/1000\n");
	diff(MINIMAL "[radius]\nserver = 192.0.2.1,s\n",
	     MINIMAL "[radius]\nserver = 192.0.2.1,s\nserver = 192.0.2.2,s\n",
	     "+ [radius] server = 192.0.2.2,***,auth-port=1812,acct-port=1813\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(differences, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
