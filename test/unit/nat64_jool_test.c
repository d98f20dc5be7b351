// SPDX-License-Identifier: GPL-2.0-or-later
/* Jool's configuration as we write it, and its answers as the real one gave them (test/vectors). */
#include "test/unit/nat64_rig.h"

#define STR(s) s, strlen(s)

static char buf[16384];

static void configuration_is_what_jool_takes(void **state)
{
	struct nat64_config c = rig_config("64:ff9b::/96", 2);
	struct sbuf out = { 0 };

	(void)state;
	nat64_jool_write(&c, &out);
	assert_string_equal(
		out.p,
		"{\"instance\":\"default\",\"framework\":\"netfilter\",\"global\":{"
		"\"manually-enabled\":true,\"pool6\":\"64:ff9b::/96\",\"lowest-ipv6-mtu\":1280,"
		"\"logging-bib\":false},\"pool4\":["
		"{\"protocol\":\"TCP\",\"prefix\":\"203.0.113.10/32\",\"port "
		"range\":\"61000-65535\"},"
		"{\"protocol\":\"UDP\",\"prefix\":\"203.0.113.10/32\",\"port "
		"range\":\"61000-65535\"},"
		"{\"protocol\":\"ICMP\",\"prefix\":\"203.0.113.10/32\","
		"\"port range\":\"61000-65535\"},"
		"{\"protocol\":\"TCP\",\"prefix\":\"203.0.113.11/32\",\"port range\":\"1024-2047\"}"
		"]}\n");
	sbuf_fini(&out);
	c.iptables = c.log = true;
	c.instance = "a-name-that-is-too-long-for-jool";
	nat64_jool_write(&c, &out);
	assert_non_null(strstr(out.p, "\"framework\":\"iptables\""));
	assert_non_null(strstr(out.p, "\"logging-bib\":true"));
	assert_non_null(strstr(out.p, "\"instance\":\"a-name-t-"));
	sbuf_fini(&out);
}

static void labels_are_short_and_differ(void **state)
{
	char a[NAT64_LABEL_MAX], b[NAT64_LABEL_MAX], t[NAT64_TABLE_MAX];

	(void)state;
	assert_string_equal(nat64_label(a, "fifteen-letters"), "fifteen-letters");
	nat64_label(a, "sixteen-letters-");
	nat64_label(b, "sixteen-letters+");
	assert_int_equal(strlen(a), NAT64_LABEL_MAX - 1);
	assert_string_not_equal(a, b);
	assert_string_equal(nat64_table(t, "default"), "brasberry-default-nat64");
}

static void stats_of_a_running_instance(void **state)
{
	struct nat64_stats s;
	size_t len = rig_vector("jool-stats.csv", buf, sizeof(buf));

	(void)state;
	assert_int_equal(nat64_stats_parse(buf, len, &s), 0);
	assert_int_equal(s.bib, 3);
	assert_int_equal(s.sessions, 3);
	assert_int_equal(s.received6, 18);
	assert_int_equal(s.received4, 5);
	assert_int_equal(s.translated, 10);
	assert_int_equal(s.passed, 13); /* neighbour discovery */
	assert_int_equal(s.drops, 0);
	len = rig_vector("jool-stats-all.csv", buf, sizeof(buf));
	assert_int_equal(nat64_stats_parse(buf, len, &s), 0);
	assert_int_equal(s.passed, 6);
	assert_int_equal(s.drop_count, 0);
}

static void drops_have_their_reasons(void **state)
{
	struct nat64_stats s;

	(void)state;
	assert_int_equal(
		nat64_stats_parse(
			STR("JSTAT_SYN6_EXPECTED,4\nJSTAT64_TTL,2\nJSTAT_UNKNOWN,7\n"
			    "JSTAT_BIB6_NOT_FOUND,8\nJSTAT_TYPE1PKT,9\nJSTAT_ICMP6ERR_SUCCESS,5\n"
			    "JSTAT_A_NEW_ONE,1,\"what, it is\"\n"),
			&s),
		0);
	assert_int_equal(s.drops, 22);
	assert_int_equal(s.drop_count, 5);
	assert_string_equal(s.drop[0].name, "syn6-expected");
	assert_string_equal(s.drop[1].name, "64-ttl");
	assert_string_equal(s.drop[2].name, "no-free-port-or-unknown");
	assert_int_equal(s.drop[2].value, 7);
	assert_string_equal(s.drop[3].name, "no-free-port-or-mapping");
	assert_int_equal(s.no_port, 15);
	assert_string_equal(s.drop[4].name, "a-new-one");
}

/* Each truncation is either less of it or refused: never something else. */
static void truncated_answers(void **state)
{
	struct nat64_global g;
	struct nat64_stats s;
	size_t len = rig_vector("jool-stats-all.csv", buf, sizeof(buf));

	(void)state;
	for (size_t i = 0; i < len; i++) {
		s.bib = 99;
		if (nat64_stats_parse(buf, i, &s))
			assert_int_equal(s.bib, 99);
		else
			assert_int_equal(s.bib, 0);
	}
	len = rig_vector("jool-global.csv", buf, sizeof(buf));
	g.lowest_mtu = 99;
	for (size_t i = 0; i + 60 < len; i++)
		if (!nat64_global_parse(buf, i, &g))
			assert_int_equal(g.lowest_mtu, 1280);
}

static void what_is_no_table_is_refused(void **state)
{
	static const char *const bad[] = {
		"Error: The kernel module returned error 3: This namespace lacks an instance named "
		"'default'.\nStat,Value\n",
		"JSTAT_X,-1\n",
		"JSTAT_X\n",
		"JSTAT_x,1\n",
		"JSTAT_X,1,\"a\n",
		"JSTAT_X,99999999999999999999\n",
		"a,b,c,d,e,f,g,h,i,j,k,l,m,n\n",
	};
	struct nat64_ranges r;
	struct nat64_stats s;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(nat64_stats_parse(STR(bad[i]), &s), -EBADMSG);
	assert_int_equal(nat64_stats_parse("JSTAT_X,1\0", 10, &s), -EBADMSG);
	assert_int_equal(nat64_pool4_parse(STR("0,TCP,203.0.113.10,2,1,1,0\n"), &r), -EBADMSG);
	assert_int_equal(nat64_pool4_parse(STR("0,GRE,203.0.113.10,1,2,1,0\n"), &r), -EBADMSG);
	assert_int_equal(nat64_pool4_parse(STR("0,TCP,203.0.113.10\n"), &r), -EBADMSG);
}

static void pool4_is_compared_as_ports(void **state)
{
	static const struct nat64_range parts[] = {
		{ .addr = 0xcb00710a, .first = 63000, .last = 65535, .protos = NAT64_ALL },
		{ .addr = 0xcb00710a, .first = 61000, .last = 62999, .protos = NAT64_ALL },
	};
	struct nat64_config c = rig_config("64:ff9b::/96", 1);
	struct nat64_global g;
	struct nat64_ranges r;
	size_t len = rig_vector("jool-pool4.csv", buf, sizeof(buf));

	(void)state;
	assert_int_equal(nat64_pool4_parse(buf, len, &r), 0);
	assert_int_equal(r.count, 3);
	assert_int_equal(nat64_ranges_size(&r), 3 * 4536);
	len = rig_vector("jool-global.csv", buf, sizeof(buf));
	assert_int_equal(nat64_global_parse(buf, len, &g), 0);
	assert_int_equal(nat64_jool_compare(&c, &g, false, &r), NAT64_SAME);
	c.pool4 = parts; /* the same ports, written otherwise */
	c.pool4_count = 2;
	assert_int_equal(nat64_jool_compare(&c, &g, false, &r), NAT64_SAME);
	c.pool4_count = 1;
	assert_int_equal(nat64_jool_compare(&c, &g, false, &r), NAT64_UPDATE);
	c = rig_config("64:ff9b::/96", 1);
	c.log = true;
	assert_int_equal(nat64_jool_compare(&c, &g, false, &r), NAT64_UPDATE);
	assert_int_equal(nat64_jool_compare(&c, &g, true, &r), NAT64_REPLACE);
	c = rig_config("2001:db8:64::/96", 1);
	assert_int_equal(nat64_jool_compare(&c, &g, false, &r), NAT64_REPLACE);
	free(r.item);
}

static void framework_of_our_instance(void **state)
{
	size_t len = rig_vector("jool-instance.csv", buf, sizeof(buf));
	bool iptables = true;

	(void)state;
	assert_int_equal(nat64_framework_parse(buf, len, "default", &iptables), 0);
	assert_false(iptables);
	assert_int_equal(nat64_framework_parse(buf, len, "other", &iptables), -ENOENT);
	assert_int_equal(nat64_framework_parse(STR("1,default,iptables\n"), "default", &iptables),
			 0);
	assert_true(iptables);
	assert_int_equal(nat64_framework_parse(STR("Error: no\n"), "default", &iptables), -EBADMSG);
}

static void mappings_in_the_kernels_log(void **state)
{
	static const char mapped[] = "Jool: default 2026/11/26 17:3:9 (GMT) - Mapped "
				     "2001:db8:1::2#41434 to 203.0.113.10#64307 (TCP)";
	struct nat64_mapping m;

	(void)state;
	assert_int_equal(nat64_log_parse(STR(mapped), "default", &m), 0);
	assert_false(m.gone);
	assert_int_equal(m.proto, NAT64_TCP);
	assert_int_equal(m.port6, 41434);
	assert_int_equal(m.port4, 64307);
	assert_int_equal(m.src4, 0xcb00710a);
	assert_int_equal(nat64_log_parse(STR(mapped), "defaul", &m), -ENOENT);
	for (size_t i = 0; i + 1 < sizeof(mapped); i++)
		assert_int_equal(nat64_log_parse(mapped, i, "default", &m), -ENOENT);
	assert_int_equal(
		nat64_log_parse(
			STR("Jool: x 1/1/1 1:1:1 (GMT) - Forgot ::1#65535 to 1.2.3.4#0 (ICMP)"),
			"x", &m),
		0);
	assert_true(m.gone);
	assert_int_equal(m.proto, NAT64_ICMP);
	assert_int_equal(
		nat64_log_parse(STR("Jool: x 1 (GMT) - Forgot ::1#65536 to 1.2.3.4#0 (ICMP)"), "x",
				&m),
		-ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration_is_what_jool_takes),
		cmocka_unit_test(labels_are_short_and_differ),
		cmocka_unit_test(stats_of_a_running_instance),
		cmocka_unit_test(drops_have_their_reasons),
		cmocka_unit_test(truncated_answers),
		cmocka_unit_test(what_is_no_table_is_refused),
		cmocka_unit_test(pool4_is_compared_as_ports),
		cmocka_unit_test(framework_of_our_instance),
		cmocka_unit_test(mappings_in_the_kernels_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
