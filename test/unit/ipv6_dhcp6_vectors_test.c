// SPDX-License-Identifier: GPL-2.0-or-later
/* Dialogues of real clients, played again: each message is answered with the octets that they took
 * then. test/vectors/README.md says how they were taken. */
#include "test/unit/ipv6_dhcp6_rig.h"
#include "test/vectors/vectors.h"

#define DHCP (40 + 8) /* where the message begins */

/* The configuration of test/vectors/dhcp6_tap.c under dhcp6clients.sh. */
static int setup(void **state)
{
	static const struct ip6 dns = { .b = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x53 } };
	struct dhcp6_values *v = &rig_ctx.values;

	rig_setup(state);
	*v = (struct dhcp6_values){
		.max = { 1, 2 }, .preferred = 30, .valid = 60, .t1 = 2, .t2 = 4
	};
	v->dns = &dns;
	v->dns_count = 1;
	v->search = (const uint8_t *)"\7example\3org";
	v->search_len = 13;
	v->sol_max_rt = 3600;
	v->information_refresh = 86400;
	return 0;
}

static unsigned messages[16], withdrawals;

static void play_line(const char *text)
{
	struct vector_frame f;

	if (!strncmp(text, "# withdraw", 10)) {
		assert_int_equal(dhcp6_line_withdraw(&rig.line, DHCP6_PD, 0), 0);
		withdrawals++;
	}
	if (text[0] == '#')
		return;
	assert_int_equal(vector_line(text, &f), 0);
	if (f.from_peer) {
		enum dhcp6_drop reason;

		assert_int_equal(rig.sent_count, 0); /* the last answer was in the file */
		messages[f.octets[DHCP]]++;
		rig.now += SEC;
		assert_int_equal(dhcp6_line_input(&rig.line, rig.now, f.octets, f.len, &reason), 0);
		assert_int_equal(rig.sent_count, 1);
		return;
	}
	assert_int_equal(rig.sent_len, f.len);
	assert_memory_equal(rig.sent, f.octets, f.len);
	rig.sent_count = 0;
}

static void play(const char *name)
{
	static char line[2 * VECTOR_FRAME_MAX + 200];
	char path[64];
	FILE *f;

	memset(messages, 0, sizeof(messages));
	withdrawals = 0;
	snprintf(path, sizeof(path), "test/vectors/dhcp6-%s.hex", name);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		play_line(line);
	fclose(f);
	assert_int_equal(withdrawals, 1);
}

/* Four messages, then renewals, one of them after the withdrawal, and the end. */
static void test_dhclient(void **state)
{
	(void)state;
	play("dhclient");
	assert_true(messages[DHCP6_SOLICIT] == 1 && messages[DHCP6_REQUEST] == 1);
	assert_true(messages[DHCP6_RENEW] >= 3 && messages[DHCP6_RELEASE] == 1);
	assert_int_equal(rig.line.count, 0);
}

static void test_dhcpcd(void **state)
{
	(void)state;
	play("dhcpcd");
	assert_true(messages[DHCP6_SOLICIT] == 1 && messages[DHCP6_REQUEST] == 1);
	assert_true(messages[DHCP6_RENEW] >= 3 && messages[DHCP6_RELEASE] == 1);
	assert_int_equal(rig.line.count, 0);
}

/* Rapid commit; each IA by a message of its own, renewed and released. */
static void test_dhcp6c(void **state)
{
	(void)state;
	rig_ctx.values.rapid_commit = true;
	play("dhcp6c");
	assert_true(messages[DHCP6_SOLICIT] == 1 && messages[DHCP6_REQUEST] == 0);
	assert_true(messages[DHCP6_RENEW] >= 6 && messages[DHCP6_RELEASE] == 2);
	assert_int_equal(rig.line.count, 0);
}

/* Rapid commit; it says nothing when it ends. */
static void test_networkd(void **state)
{
	(void)state;
	rig_ctx.values.rapid_commit = true;
	play("networkd");
	assert_true(messages[DHCP6_SOLICIT] == 1 && messages[DHCP6_REQUEST] == 0);
	assert_true(messages[DHCP6_RENEW] + messages[DHCP6_REBIND] >= 3);
	assert_int_equal(rig.line.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_dhclient, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_dhcpcd, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_dhcp6c, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_networkd, setup, rig_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
