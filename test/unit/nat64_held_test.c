// SPDX-License-Identifier: GPL-2.0-or-later
/* What one line holds of the translator: Jool's sessions and tayga's file, in pieces of any size. */
#include "nat64/held.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define STR(s) s, strlen(s)

/* As Jool 4.1.9 prints them: three sessions of two ports of the line's /64, one of its /56, others'. */
static const char jool[] =
	"TCP,2001:db8:100:1::2,41434,64:ff9b::c000:202,80,192.0.2.1,61001,192.0.2.2,80,1:59:59.9,ESTABLISHED\n"
	"TCP,2001:db8:100:1::2,41434,64:ff9b::c000:202,81,192.0.2.1,61001,192.0.2.2,81,1:59:59.9,ESTABLISHED\n"
	"TCP,2001:db8:100:10::2,41434,64:ff9b::c000:202,80,192.0.2.1,61002,192.0.2.2,80,1:59:59.9,V6_INIT\n"
	"TCP,2001:db8:100:1::2,41435,64:ff9b::c000:202,80,192.0.2.1,61003,192.0.2.2,80,1:59:59.9,ESTABLISHED\n"
	"UDP,2001:db8:8000:1ff::9,41435,64:ff9b::c000:202,53,192.0.2.1,61004,192.0.2.2,53,4:59.9,\n"
	"ICMP,2001:db8:8000:200::9,7,64:ff9b::c000:202,7,192.0.2.1,61004,192.0.2.2,61004,59.9,\n";
static const char of[] = "2001:db8:100:1::/64\n2001:db8:8000:100::/56\n";
static const char tayga[] = "###\n### TAYGA dynamic map database\n### Last written: Fri Nov 27 05:00:00 2026\n\n"
			    "198.18.0.77\t2001:db8:100:1::2\t1764219600\n"
			    "198.18.0.78\t2001:db8:100:2::2\t1764219600\n"
			    "198.18.7.1\t2001:db8:8000:100::1\t1764219600\n"
			    "198.18.7\t2001:db8:8000:100::1\t1764219600\n198.18.7.1\n\n";

static struct nat64_held *held_of(const char *prefixes)
{
	struct nat64_held *h = NULL;

	assert_int_equal(nat64_held_new(&h, STR(prefixes)), 0);
	return h;
}

static void prefixes_are_a_line_each(void **state)
{
	static const char *const bad[] = { "", "2001:db8::/64", "2001:db8::/129\n", "\n",
					   "2001:db8::1/64\n", "192.0.2.0/24\n", "2001:db8::/64\n--tcp\n" };
	struct sbuf out = { 0 };
	struct nat64_of o;

	(void)state;
	assert_int_equal(nat64_of_parse(STR(of), &o), 0);
	assert_int_equal(o.count, 2);
	nat64_of_write(&o, &out);
	assert_string_equal(out.p, of);
	for (unsigned i = 0; i < NAT64_OF_MAX; i++)
		nat64_of_add(&o, &o.prefix[0]);
	assert_int_equal(o.count, NAT64_OF_MAX);
	out.len = 0;
	nat64_of_write(&o, &out);
	assert_int_equal(nat64_of_parse(out.p, out.len, &o), 0);
	sbuf_append(&out, STR(of));
	assert_int_equal(nat64_of_parse(out.p, out.len, &o), -EBADMSG); /* two more than that */
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(nat64_of_parse(STR(bad[i]), &o), -EBADMSG);
	assert_int_equal(nat64_of_parse("2001:db8::/64\0\n", 15, &o), -EBADMSG);
	sbuf_fini(&out);
}

static void of_jool_the_line_s_are_counted(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < sizeof(jool); piece++) {
		struct nat64_held *h = held_of(of);
		struct sbuf out = { 0 };
		uint64_t sessions, bib;

		for (size_t i = 0; i < sizeof(jool) - 1; i += piece)
			nat64_held_jool(h, jool + i,
					piece < sizeof(jool) - 1 - i ? piece : sizeof(jool) - 1 - i);
		assert_int_equal(nat64_held_end(h, 0, &out), 0);
		assert_string_equal(out.p, "sessions 4 bib 3\n");
		assert_int_equal(nat64_held_parse(out.p, out.len, &sessions, &bib), 0);
		assert_int_equal(sessions, 4);
		assert_int_equal(bib, 3);
		for (size_t n = 0; n < out.len; n++)
			assert_int_equal(nat64_held_parse(out.p, n, &sessions, &bib), -EBADMSG);
		sbuf_fini(&out);
		free(h);
	}
}

/* Cut off within a line, it is not taken for all; a sentence of the tool's is told. */
static void what_is_no_session_is_told(void **state)
{
	static const struct {
		const char *text;
		int status, rc;
		const char *said;
	} rows[] = {
		{ "", 0, 0, "sessions 0 bib 0\n" },
		{ "Jool error: no such instance\nmore\n", 3, 3, "Jool error: no such instance" },
		{ "Jool error: a, b and c, in vain\n", 0, -EBADMSG, "Jool error: a, b and c, in vain" },
		{ "TCP,2001:db8::1,99999,x\n", 0, -EBADMSG, "TCP,2001:db8::1,99999,x" },
		{ "TCP,2001:db8:100:1::2,1,x\nTCP,2001:db8:100:1::2,2", 0, -EBADMSG, "TCP,2001:db8:100:1::2,2" },
		{ "SCTP,2001:db8::1,9,x\n", 0, -EBADMSG, "SCTP,2001:db8::1,9,x" },
		{ "TCP,2001:db8::1,9\n", 0, -EBADMSG, "TCP,2001:db8::1,9" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct nat64_held *h = held_of(of);
		struct sbuf out = { 0 };

		nat64_held_jool(h, STR(rows[i].text));
		assert_int_equal(nat64_held_end(h, rows[i].status, &out), rows[i].rc);
		assert_string_equal(out.p, rows[i].said);
		sbuf_fini(&out);
		free(h);
	}
}

static void of_tayga_the_line_s_hosts(void **state)
{
	struct nat64_held *h = held_of(of);
	char line[80];

	(void)state;
	for (size_t i = 0; i < sizeof(tayga) - 1; i += 7)
		nat64_held_tayga(h, tayga + i, sizeof(tayga) - 1 - i < 7 ? sizeof(tayga) - 1 - i : 7);
	assert_int_equal(h->host_count, 2);
	assert_int_equal(h->host[0].ip4, 0xc612004d);
	assert_int_equal(h->host[1].ip4, 0xc6120701);
	assert_true(nat64_held_has4(h, 0xc6120701));
	assert_false(nat64_held_has4(h, 0xc612004e));
	assert_false(h->more);
	for (unsigned i = 0; i < NAT64_HOSTS_MAX; i++) {
		snprintf(line, sizeof(line), "198.18.1.%u 2001:db8:100:1::%x 1\n", i, i);
		nat64_held_tayga(h, STR(line));
	}
	assert_int_equal(h->host_count, NAT64_HOSTS_MAX);
	assert_true(h->more);
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_are_a_line_each),
		cmocka_unit_test(of_jool_the_line_s_are_counted),
		cmocka_unit_test(what_is_no_session_is_told),
		cmocka_unit_test(of_tayga_the_line_s_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
