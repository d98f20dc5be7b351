// SPDX-License-Identifier: GPL-2.0-or-later
/* A DHCPv6 server at its edges: answers that are too long, checksums of zero, messages that look
 * like another one repeated, what fails or is withdrawn in between. */
#include "test/unit/ipv6_dhcp6_rig.h"

static const struct prefix6 foreign = { .addr = { .b = { 0x20, 0x01, 0x0d, 0xb8, 0xee } },
					.len = 56 };

static void start(uint8_t type, const uint8_t *client)
{
	msg_begin(type);
	msg_option(DHCP6_OPT_CLIENTID, client, sizeof(rig_client));
	if (type != DHCP6_SOLICIT && type != DHCP6_CONFIRM && type != DHCP6_REBIND)
		msg_server();
}

/* The sum of some answer is 0, which UDP has no word for: got_parse() looks at each. */
static void test_checksum_zero(void **state)
{
	unsigned ones = 0;

	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		msg_begin(DHCP6_INFORMATION_REQUEST);
		exchange(DHCP6_REPLY);
		ones += rig.sent[46] == 0xff && rig.sent[47] == 0xff;
	}
	assert_true(ones);
}

/* The longest of everything: leases and what is taken back are there, other options as far as they
 * fit, whole. */
static void test_longest(void **state)
{
	static const struct ip6 servers[4] = { { .b = { 1 } } };
	static const uint8_t search[DHCP6_SEARCH_MAX] = { 1 };
	static const uint8_t oro[] = { 0, 23, 0, 24, 0, 31, 0, 56, 0, 67, 0, 82, 0, 83 };
	struct prefix6 gone = foreign;
	uint8_t duid[DHCP6_DUID_MAX] = { 1 };

	(void)state;
	rig_ctx.values.max[DHCP6_PD] = 4;
	rig_ctx.values.dns = rig_ctx.values.ntp = servers;
	rig_ctx.values.dns_count = rig_ctx.values.ntp_count = 4;
	rig_ctx.values.search = search;
	rig_ctx.values.search_len = sizeof(search);
	rig_ctx.values.sol_max_rt = rig_ctx.values.inf_max_rt = 3600;
	msg_begin(DHCP6_REBIND);
	msg_option(DHCP6_OPT_CLIENTID, duid, sizeof(duid));
	msg_option(DHCP6_OPT_ORO, oro, sizeof(oro));
	for (uint32_t i = 0; i < DHCP6_IAS_MAX; i++) {
		msg_ia_begin(DHCP6_OPT_IA_PD, i);
		for (unsigned j = 0; i < 4 && j < 3; j++) {
			gone.addr.b[5]++;
			msg_item(&gone, true);
		}
		msg_ia_end();
	}
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia_count, DHCP6_IAS_MAX);
	for (unsigned i = 0; i < DHCP6_IAS_MAX; i++) {
		assert_int_equal(got.ia[i].count, i < 4 ? 4 : 0);
		assert_int_equal(got.ia[i].status, i < 4 ? -1 : DHCP6_NO_PREFIX_AVAIL);
	}
	assert_int_equal(rd_left(&got.value[DHCP6_OPT_DNS_SERVERS]), 64);
	assert_int_equal(rd_left(&got.value[DHCP6_OPT_SOL_MAX_RT]), 4);
	assert_int_equal(rd_left(&got.value[DHCP6_OPT_DOMAIN_LIST]), DHCP6_SEARCH_MAX);
	assert_null(got.value[DHCP6_OPT_NTP_SERVER].p);
	assert_null(got.value[DHCP6_OPT_SNTP_SERVERS].p);
	assert_in_range(rig.sent_len, 1200, DHCP6_PACKET_MAX);
}

/* With the longest of our DUIDs, too, and prefixes that exclude: an answer always fits. */
static void test_longest_duid(void **state)
{
	struct prefix6 gone = foreign;
	uint8_t duid[DHCP6_DUID_MAX] = { 1 };
	enum dhcp6_drop reason;

	(void)state;
	memcpy(rig_ctx.duid, duid, sizeof(duid));
	rig_ctx.duid_len = sizeof(duid);
	rig_ctx.values.max[DHCP6_PD] = 4;
	rig.has_exclude = true;
	rig.exclude = (struct prefix6){ .len = 128 };
	memcpy(rig.exclude.addr.b, rig_prefix(DHCP6_PD, 1).addr.b, 16);
	for (unsigned round = 0; round < 2; round++) {
		msg_begin(DHCP6_REBIND);
		msg_option(DHCP6_OPT_CLIENTID, duid, sizeof(duid));
		msg_oro(DHCP6_OPT_PD_EXCLUDE, DHCP6_OPT_DNS_SERVERS);
		for (uint32_t i = 0; i < DHCP6_IAS_MAX; i++) {
			msg_ia_begin(DHCP6_OPT_IA_PD, i);
			for (unsigned j = 0; i < 4 && j < 3; j++) {
				gone.addr.b[5]++;
				msg_item(&gone, true);
			}
			msg_ia_end();
		}
		msg_finish();
		rig.sent_count = 0;
		assert_int_equal(dhcp6_line_input(&rig.line, rig.now, out.buf, out.w.len, &reason),
				 0);
		assert_int_equal(rig.sent_count, 1);
		for (unsigned i = 0; i < 4; i++) /* in the second round these are told, too */
			dhcp6_line_withdraw(&rig.line, DHCP6_PD, i);
	}
	assert_int_equal(rig.unbinds, 4);
}

/* A new binding could not be made: asked again later, the client keeps what it has till then. */
static void test_renew_fails(void **state)
{
	(void)state;
	rig.bind_error = -EIO;
	start(DHCP6_RENEW, rig_client);
	msg_ia_with(DHCP6_PD, 1, &foreign);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia[0].count, 0);
	assert_int_equal(got.ia[0].status, DHCP6_UNSPEC_FAIL);
	assert_int_equal(rig.stats.count[DHCP6_COUNT_UNSPEC_FAIL], 1);
	rig.bind_error = 0;
}

/* Of two it is the withdrawn one whose place is taken, though the other is older. */
static void test_withdrawn_goes_first(void **state)
{
	struct prefix6 new = rig_prefix(DHCP6_PD, 3);

	(void)state;
	bind_pd(1);
	rig_run(rig.now + SEC);
	bind_pd(2);
	dhcp6_line_withdraw(&rig.line, DHCP6_PD, 1);
	start(DHCP6_REQUEST, rig_other_client);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_REPLY);
	assert_lease(0, 0, &new, 3600);
	assert_int_equal(rig.why, DHCP6_UNBIND_WITHDRAWN);
	assert_int_equal(rig.unbinds, 1);
}

/* A kind that is not given to this line any more: what is there stays, and nobody takes its place.
 */
static void test_none_any_more(void **state)
{
	(void)state;
	bind_pd(1);
	rig_ctx.values.max[DHCP6_PD] = 0;
	start(DHCP6_REQUEST, rig_other_client);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia[0].status, DHCP6_NO_PREFIX_AVAIL);
	assert_int_equal(rig.unbinds, 0);
	bind_pd(1);
	assert_int_equal(rig.extends, 1);
}

static void test_confirm_withdrawn(void **state)
{
	struct prefix6 na;

	(void)state;
	start(DHCP6_REQUEST, rig_client);
	msg_ia(DHCP6_OPT_IA_NA, 1);
	exchange(DHCP6_REPLY);
	na = got.ia[0].lease[0].prefix;
	dhcp6_line_withdraw(&rig.line, DHCP6_NA, 0);
	start(DHCP6_CONFIRM, rig_client);
	msg_ia_with(DHCP6_NA, 1, &na);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.status, DHCP6_NOT_ON_LINK);
}

/* One transaction id, but another client, another type, or another life of the line. */
static void test_not_repeated(void **state)
{
	static const struct {
		uint8_t type;
		const uint8_t *client;
		bool down;
	} rows[] = {
		{ DHCP6_RELEASE, rig_client, false }, /* the first */
		{ DHCP6_DECLINE, rig_client, false },
		{ DHCP6_DECLINE, rig_other_client, false },
		{ DHCP6_DECLINE, rig_other_client, true },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct prefix6 na;

		if (rows[i].down)
			dhcp6_line_down(&rig.line, rig.now);
		start(DHCP6_REQUEST, rows[i].client);
		msg_ia(DHCP6_OPT_IA_NA, 1);
		exchange(DHCP6_REPLY);
		na = got.ia[0].lease[0].prefix;
		out.xid = 0xfefdfc; /* which makes the next one 0xffffff */
		start(rows[i].type, rows[i].client);
		msg_ia_with(DHCP6_NA, 1, &na);
		exchange(DHCP6_REPLY);
		assert_int_equal(out.xid, 0xffffff);
		assert_int_equal(rig.unbinds, i + 1);
	}
}

/* The owner may change his mind about a line between two messages. */
static void values(struct dhcp6_line *line, struct dhcp6_values *ret)
{
	assert_ptr_equal(line, &rig.line);
	assert_int_equal(ret->valid, 3600);
	ret->valid = 100;
	ret->preferred = 50;
	ret->max[DHCP6_PD] = 1;
}

static void test_values_of_a_line(void **state)
{
	struct dhcp6_ops ops = rig_ops;

	(void)state;
	ops.values = values;
	ops.exclude = NULL;
	rig_ctx.ops = &ops;
	start(DHCP6_REQUEST, rig_client);
	msg_oro(DHCP6_OPT_PD_EXCLUDE, DHCP6_OPT_DNS_SERVERS);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	msg_ia(DHCP6_OPT_IA_PD, 2);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia[0].lease[0].valid, 100);
	assert_int_equal(got.ia[0].t1, 25);
	assert_int_equal(got.ia[0].t2, 40);
	assert_int_equal(got.ia[1].status, DHCP6_NO_PREFIX_AVAIL);
	rig_run(rig.now + 101 * SEC);
	assert_int_equal(rig.unbinds, 1);
	rig_ctx.ops = &rig_ops;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(test_checksum_zero),	      T(test_longest),
		T(test_longest_duid),	      T(test_renew_fails),
		T(test_withdrawn_goes_first), T(test_confirm_withdrawn),
		T(test_none_any_more),	      T(test_not_repeated),
		T(test_values_of_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
