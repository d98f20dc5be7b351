// SPDX-License-Identifier: GPL-2.0-or-later
/* The table that limits connections: whom its rules count as one, and what is read of a listing. */
#include "daemon/connections.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct config *config(unsigned connections)
{
	static const char text[] = "[pppoe]\ninterface = acc0\n[auth]\nusers-file = /users\n"
				   "[ipv6-pool]\nprefix = 2001:db8:100::/40,64\n"
				   "delegate = 2001:db8:8000::/34,57\n";
	struct sbuf errors = { 0 };
	struct config *c = NULL;

	assert_int_equal(config_parse("f", text, strlen(text), &c, &errors), 0);
	sbuf_fini(&errors);
	c->subscriber.connections = connections;
	return c;
}

static void none_is_wanted(void **state)
{
	struct config *c = config(0);
	struct sbuf out = { 0 };

	(void)state;
	assert_false(connections_write(c, "lab", false, &out));
	assert_int_equal(out.len, 0);
	config_free(c);
}

static void a_delegated_prefix_is_one(void **state)
{
	struct config *c = config(4000);
	struct sbuf out = { 0 };

	(void)state;
	assert_true(connections_write(c, "lab", false, &out));
	assert_non_null(strstr(out.p, "add table inet brasberry-lab-connections\n"));
	assert_non_null(strstr(out.p, "ip6 saddr 2001:db8:8000::/34 add @lines6 "
				      "{ ip6 saddr & ffff:ffff:ffff:ff80:: ct count over 4000 }"));
	assert_non_null(strstr(out.p, "ip6 saddr 2001:db8:8000::/34 return\n"));
	assert_non_null(strstr(out.p, "{ ip saddr ct count over 4000 }"));
	sbuf_fini(&out);
	config_free(c);
}

static void what_jool_translates_is_begun(void **state)
{
	struct config *c = config(4000);
	struct sbuf out = { 0 }, without = { 0 };
	const char *jump, *count;

	(void)state;
	prefix6_parse("64:ff9b::/96", &c->nat64.pool6);
	assert_true(connections_write(c, "lab", true, &out));
	jump = strstr(out.p, "ip6 daddr 64:ff9b::/96 jump translated\n");
	count = strstr(out.p, "ct state != new return\n");
	assert_true(jump && count && jump < count);
	assert_non_null(strstr(out.p, "tcp flags & (syn | ack) != syn return\n"));
	assert_non_null(strstr(out.p, "ip6 saddr 2001:db8:8000::/34 update @begun "
				      "{ ip6 saddr & ffff:ffff:ffff:ff80:: limit rate over "
				      "800/minute burst 4000 packets } counter drop\n"));
	assert_non_null(strstr(out.p, "\t\tupdate @begun { ip6 saddr & ffff:ffff:ffff:ffff:: limit "
				      "rate over 800/minute burst 4000 packets } counter drop\n"));
	/* The mark differs, or the kernel's table would be taken for the other. */
	assert_true(connections_write(c, "lab", false, &without));
	assert_null(strstr(without.p, "translated"));
	assert_memory_not_equal(strstr(out.p, "made by brasd"), strstr(without.p, "made by brasd"),
				strlen("made by brasd, 0123456789abcdef"));
	sbuf_fini(&out);
	sbuf_fini(&without);
	c->subscriber.connections = 3;
	assert_true(connections_write(c, "lab", true, &out));
	assert_non_null(strstr(out.p, "limit rate over 1/minute burst 3 packets"));
	sbuf_fini(&out);
	config_free(c);
}

static void counters_are_added_up(void **state)
{
	uint64_t n = 1;

	(void)state;
	assert_int_equal(connections_refused("table inet x { }", &n), -2);
	assert_int_equal(connections_refused("chain prerouting { type filter hook prerouting\n"
					     "comment \"made by brasd, 0\"\n"
					     "counter packets 7 bytes 420 drop\n"
					     "counter packets 5 bytes 300 drop\n}",
					     &n),
			 0);
	assert_int_equal(n, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_wanted),
		cmocka_unit_test(a_delegated_prefix_is_one),
		cmocka_unit_test(what_jool_translates_is_begun),
		cmocka_unit_test(counters_are_added_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
