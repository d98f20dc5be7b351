// SPDX-License-Identifier: GPL-2.0-or-later
/* Which messages a DHCPv6 server looks at (RFC 8415, sections 16 and 21), and which it refuses. */
#include "test/unit/ipv6_dhcp6_rig.h"

static enum dhcp6_drop check(uint64_t drops_before)
{
	enum dhcp6_drop reason = msg_input();
	uint64_t sum = 0;

	for (unsigned i = 0; i < DHCP6_DROP_COUNT; i++)
		sum += rig.stats.drop[i];
	assert_int_equal(sum - drops_before, reason ? 1 : 0);
	return reason;
}

static uint64_t drops(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < DHCP6_DROP_COUNT; i++)
		sum += rig.stats.drop[i];
	return sum;
}

/* --- section 16: every type, with and without identifiers, IAs, and to multicast or us ---------
 */

enum server { NONE, OURS, OTHER };

/* Section 16 as it stands there, one line a type: what a server MUST discard. */
static enum dhcp6_drop want(uint8_t type, bool client, enum server server, bool ia, bool unicast)
{
	bool to_one = type == DHCP6_REQUEST || type == DHCP6_RENEW || type == DHCP6_DECLINE ||
		      type == DHCP6_RELEASE;
	bool to_all = type == DHCP6_SOLICIT || type == DHCP6_CONFIRM || type == DHCP6_REBIND;

	if (type == DHCP6_RELAY_FORW || type == DHCP6_RELAY_REPL)
		return DHCP6_DROP_RELAY;
	if (!to_one && !to_all && type != DHCP6_INFORMATION_REQUEST)
		return DHCP6_DROP_TYPE;
	if (unicast && !to_one)
		return DHCP6_DROP_UNICAST;
	if (!client && type != DHCP6_INFORMATION_REQUEST)
		return DHCP6_DROP_NO_CLIENT_ID;
	if (to_one && server == NONE)
		return DHCP6_DROP_NO_SERVER_ID;
	if (to_all && server != NONE)
		return DHCP6_DROP_SERVER_ID;
	if (server == OTHER)
		return DHCP6_DROP_OTHER_SERVER;
	if (ia && type == DHCP6_INFORMATION_REQUEST)
		return DHCP6_DROP_IA;
	if (type == DHCP6_CONFIRM) /* no address in it, whether there is an IA or not */
		return DHCP6_DROP_NO_ADDRESS;
	return DHCP6_DROP_NONE;
}

static void cell(uint8_t type, bool client, enum server server, bool ia, bool unicast)
{
	uint8_t other[] = { 0, 2, 0, 0, 0xaa, 0xbb, 1, 2, 4 };
	enum dhcp6_drop got_reason, want_reason = want(type, client, server, ia, unicast);
	uint64_t before = drops();

	msg_begin(type);
	if (client)
		msg_client();
	if (server != NONE)
		msg_option(DHCP6_OPT_SERVERID, server == OURS ? rig_duid : other, sizeof(other));
	if (ia)
		msg_ia(DHCP6_OPT_IA_PD, 1);
	if (unicast)
		out.dst = rig_self;
	msg_finish();
	got_reason = check(before);
	if (got_reason != want_reason)
		fail_msg("type %u client %d server %d ia %d unicast %d: %s, should be %s", type,
			 client, server, ia, unicast, dhcp6_drop_name(got_reason),
			 dhcp6_drop_name(want_reason));
	if (got_reason)
		return;
	got_parse();
	assert_int_equal(got.client, client);
	assert_int_equal(got.status == DHCP6_USE_MULTICAST, unicast);
	if (unicast) /* section 18.4: and no other options */
		assert_int_equal(got.options, 3);
}

static void test_section_16(void **state)
{
	unsigned cells = 0;

	for (unsigned type = 0; type < 256; type++)
		for (unsigned bits = 0; bits < 24; bits++, cells++) {
			cell((uint8_t)type, bits & 1, bits >> 3, bits & 2, bits & 4);
			rig_teardown(state);
			rig_setup(state);
		}
	assert_int_equal(cells, 6144);
}

/* --- IPv6 and UDP -------------------------------------------------------------------------------
 */

static void good_solicit(void)
{
	msg_begin(DHCP6_SOLICIT);
	msg_client();
	msg_oro(DHCP6_OPT_DNS_SERVERS, DHCP6_OPT_SOL_MAX_RT);
	msg_option(DHCP6_OPT_ELAPSED_TIME, "\0\0", 2);
	msg_ia(DHCP6_OPT_IA_NA, 1);
	msg_ia_with(DHCP6_PD, 2, &(struct prefix6){ .len = 60 });
	msg_finish();
}

static void fix_sum(void)
{
	uint16_t sum;

	msg_patch16(46, 0);
	sum = (uint16_t)~msg_sum(out.buf, out.w.len);
	msg_patch16(46, sum ? sum : 0xffff);
}

static void test_packet(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum dhcp6_drop want;
	} rows[] = {
		{ 0, 0x40, DHCP6_DROP_VERSION },
		{ 6, 58, DHCP6_DROP_VERSION },
		{ 6, 0, DHCP6_DROP_VERSION }, /* hop-by-hop options */
		{ 4, 0xff, DHCP6_DROP_SHORT },
		{ 8, 0x20, DHCP6_DROP_SOURCE }, /* global */
		{ 8, 0xff, DHCP6_DROP_SOURCE },
		{ 9, 0xc0, DHCP6_DROP_SOURCE }, /* fec0::/10 */
		{ 9, 0xbf, DHCP6_DROP_NONE },	/* the end of fe80::/10 */
		{ 39, 3, DHCP6_DROP_DESTINATION },
		{ 25, 5, DHCP6_DROP_DESTINATION }, /* ff05::1:2 */
		{ 7, 255, DHCP6_DROP_NONE },	   /* hop limit */
		{ 7, 0, DHCP6_DROP_NONE },
		{ 1, 0x0f, DHCP6_DROP_NONE },  /* flow label */
		{ 41, 1, DHCP6_DROP_NONE },    /* source port */
		{ 43, 0x22, DHCP6_DROP_PORT }, /* 546 */
		{ 45, 7, DHCP6_DROP_LENGTH },
		{ 44, 0xff, DHCP6_DROP_LENGTH },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		good_solicit();
		out.buf[rows[i].at] = rows[i].value;
		fix_sum();
		if (msg_input() != rows[i].want)
			fail_msg("row %u", i);
	}
	good_solicit();
	memcpy(out.buf + 8, rig_self.b, 16); /* from us */
	fix_sum();
	assert_int_equal(msg_input(), DHCP6_DROP_SOURCE);
	good_solicit();
	out.buf[46] ^= 1;
	assert_int_equal(msg_input(), DHCP6_DROP_CHECKSUM);
	good_solicit();
	msg_patch16(46, 0);
	assert_int_equal(msg_input(), DHCP6_DROP_CHECKSUM);
	good_solicit();
	wr_zero(&out.w, 9); /* padding behind the packet */
	assert_int_equal(msg_input(), DHCP6_DROP_NONE);
}

/* Every octet of a good message changed, one at a time: with the checksum as it was it is refused.
 */
static void test_checksum_covers_all(void **state)
{
	(void)state;
	for (size_t i = 8; i < out.w.len || i == 8; i++) {
		good_solicit();
		out.buf[i] ^= 0x10;
		assert_int_not_equal(msg_input(), DHCP6_DROP_NONE);
	}
	assert_int_equal(rig.line.count, 0);
}

/* --- options ------------------------------------------------------------------------------------
 */

/* Cut anywhere, with lengths and checksum of what is left: never more than what is there is read
 * (the sanitizers see that), and what is cut within an option is refused. */
static void test_truncated(void **state)
{
	size_t full;
	unsigned whole = 0;

	(void)state;
	good_solicit();
	full = out.w.len;
	for (size_t len = 0; len < full; len++) {
		uint8_t *copy = malloc(len ? len : 1);
		enum dhcp6_drop reason = DHCP6_DROP_NONE;

		assert_non_null(copy);
		good_solicit();
		out.w.len = len;
		if (len >= 48) {
			msg_patch16(4, len - 40);
			msg_patch16(44, len - 40);
			fix_sum();
		}
		memcpy(copy, out.buf, len);
		dhcp6_line_input(&rig.line, rig.now, copy, len, &reason);
		if (len < 52)
			assert_int_equal(reason, DHCP6_DROP_SHORT);
		else if (!reason)
			whole++;
		else
			assert_true(reason == DHCP6_DROP_OPTION ||
				    reason == DHCP6_DROP_NO_CLIENT_ID);
		free(copy);
	}
	/* Behind client, ORO, elapsed time, IA_NA; with up to three octets that are no option. */
	assert_int_equal(whole, 4 * 4);
}

static enum dhcp6_drop with_option(uint16_t option, const void *value, size_t len)
{
	msg_begin(DHCP6_SOLICIT);
	if (option != DHCP6_OPT_CLIENTID)
		msg_client();
	msg_option(option, value, len);
	return msg_send();
}

/* Two octets too many, as dhcpcd sends them: at the end of a message, and there alone. */
static void test_stray(void **state)
{
	static const uint8_t pd[14] = { 0, 0, 0, 2 };

	(void)state;
	assert_int_equal(with_option(DHCP6_OPT_IA_PD, pd, 12), DHCP6_DROP_NONE);
	assert_int_equal(with_option(DHCP6_OPT_IA_PD, pd, 14), DHCP6_DROP_OPTION);
	msg_begin(DHCP6_SOLICIT);
	msg_client();
	msg_option(DHCP6_OPT_IA_PD, pd, 12);
	wr_be16(&out.w, 0);
	assert_int_equal(msg_send(), DHCP6_DROP_NONE);
}

static void test_lengths(void **state)
{
	static const uint8_t zeros[200];
	static const struct {
		uint16_t option;
		uint8_t least, most; /* that are good; 0xff: no limit */
		enum dhcp6_drop want;
	} rows[] = {
		{ DHCP6_OPT_CLIENTID, 3, 130, DHCP6_DROP_DUID },
		{ DHCP6_OPT_IA_NA, 12, 0xff, DHCP6_DROP_OPTION },
		{ DHCP6_OPT_IA_TA, 4, 0xff, DHCP6_DROP_OPTION },
		{ DHCP6_OPT_IA_PD, 12, 0xff, DHCP6_DROP_OPTION },
		{ DHCP6_OPT_ELAPSED_TIME, 2, 2, DHCP6_DROP_OPTION },
		{ DHCP6_OPT_RAPID_COMMIT, 0, 0, DHCP6_DROP_OPTION },
		{ DHCP6_OPT_RECONF_ACCEPT, 0, 0, DHCP6_DROP_OPTION },
		{ DHCP6_OPT_AUTH, 11, 0xff, DHCP6_DROP_OPTION },
		{ 16, 0, 0xff, DHCP6_DROP_NONE },    /* vendor class */
		{ 17, 0, 0xff, DHCP6_DROP_NONE },    /* vendor options */
		{ 64999, 0, 0xff, DHCP6_DROP_NONE }, /* unknown */
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t len = 0; len < 140; len++) {
			bool good = len >= rows[i].least && len <= rows[i].most;
			enum dhcp6_drop reason;

			/* In an IA there are options: zeros are such, of length 0, in fours. */
			if (rows[i].most == 0xff && rows[i].want && (len - rows[i].least) % 4 &&
			    rows[i].option != DHCP6_OPT_AUTH)
				good = false;
			reason = with_option(rows[i].option, zeros, len);
			if (reason != (good ? DHCP6_DROP_NONE : rows[i].want))
				fail_msg("option %u length %zu: %s", rows[i].option, len,
					 dhcp6_drop_name(reason));
		}
	for (size_t len = 0; len < 9; len++)
		assert_int_equal(with_option(DHCP6_OPT_ORO, zeros, len),
				 len % 2 ? DHCP6_DROP_OPTION : DHCP6_DROP_NONE);
}

static void test_server_duid(void **state)
{
	static const uint8_t zeros[200];

	(void)state;
	for (size_t len = 0; len < 200; len++) {
		msg_begin(DHCP6_RENEW);
		msg_client();
		msg_option(DHCP6_OPT_SERVERID, zeros, len);
		assert_int_equal(msg_send(),
				 len < 3 || len > 130 ? DHCP6_DROP_DUID : DHCP6_DROP_OTHER_SERVER);
	}
}

static void test_twice(void **state)
{
	static const struct {
		uint16_t option;
		size_t len;
		bool may;
	} rows[] = {
		{ DHCP6_OPT_CLIENTID, 10, false },
		{ DHCP6_OPT_ORO, 2, false },
		{ DHCP6_OPT_ELAPSED_TIME, 2, false },
		{ DHCP6_OPT_RAPID_COMMIT, 0, false },
		{ DHCP6_OPT_RECONF_ACCEPT, 0, false },
		{ DHCP6_OPT_AUTH, 11, false },
		{ 15, 4, false },
		{ 16, 8, true },
		{ 17, 8, true },
		{ 64999, 4, true },
		{ DHCP6_OPT_STATUS_CODE, 2, false },
	};
	static const uint8_t zeros[20];

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		msg_begin(DHCP6_SOLICIT);
		if (rows[i].option != DHCP6_OPT_CLIENTID)
			msg_client();
		msg_option(rows[i].option, zeros, rows[i].len);
		msg_option(rows[i].option, zeros, rows[i].len);
		if (msg_send() != (rows[i].may ? DHCP6_DROP_NONE : DHCP6_DROP_DUPLICATE))
			fail_msg("option %u", rows[i].option);
	}
	msg_begin(DHCP6_RENEW);
	msg_client();
	msg_server();
	msg_server();
	assert_int_equal(msg_send(), DHCP6_DROP_DUPLICATE);
}

static void test_ias(void **state)
{
	static const struct prefix6 p = { .addr = { .b = { 0x20, 1 } }, .len = 48 };

	(void)state;
	msg_begin(DHCP6_SOLICIT); /* one IAID, two types: two IAs */
	msg_client();
	msg_ia(DHCP6_OPT_IA_NA, 1);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_ADVERTISE);
	assert_int_equal(got.ia_count, 2);
	msg_begin(DHCP6_SOLICIT);
	msg_client();
	msg_ia(DHCP6_OPT_IA_PD, 1);
	msg_ia(DHCP6_OPT_IA_PD, 2);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	assert_int_equal(msg_send(), DHCP6_DROP_DUPLICATE);
	for (unsigned n = DHCP6_IAS_MAX; n <= DHCP6_IAS_MAX + 1; n++) {
		msg_begin(DHCP6_SOLICIT);
		msg_client();
		for (unsigned i = 0; i < n; i++)
			msg_ia(DHCP6_OPT_IA_PD, i);
		assert_int_equal(msg_send(),
				 n > DHCP6_IAS_MAX ? DHCP6_DROP_TOO_MANY : DHCP6_DROP_NONE);
	}
	for (unsigned n = DHCP6_ITEMS_MAX; n <= DHCP6_ITEMS_MAX + 1; n++) {
		msg_begin(DHCP6_SOLICIT);
		msg_client();
		msg_ia_begin(DHCP6_OPT_IA_PD, 1);
		for (unsigned i = 0; i < n; i++)
			msg_item(&p, true);
		msg_ia_end();
		assert_int_equal(msg_send(),
				 n > DHCP6_ITEMS_MAX ? DHCP6_DROP_TOO_MANY : DHCP6_DROP_NONE);
	}
}

/* Lengths of options in options in options. */
static void test_nested(void **state)
{
	struct prefix6 p = { .addr = { .b = { 0x20, 1 } }, .len = 129 };

	(void)state;
	msg_begin(DHCP6_SOLICIT);
	msg_client();
	msg_ia_with(DHCP6_PD, 1, &p);
	assert_int_equal(msg_send(), DHCP6_DROP_OPTION);
	p.len = 128;
	for (unsigned cut = 0; cut < 29 + 6; cut++) {
		msg_begin(DHCP6_SOLICIT);
		msg_client();
		msg_ia_begin(DHCP6_OPT_IA_PD, 1);
		wr_be16(&out.w, DHCP6_OPT_IAPREFIX); /* with a status code in it */
		wr_be16(&out.w, 25 + 6);
		wr_zero(&out.w, 25);
		msg_option(DHCP6_OPT_STATUS_CODE, "\0\0", 2);
		out.w.len -= cut; /* the IA ends sooner than what is in it */
		msg_ia_end();
		assert_int_equal(msg_send(),
				 cut && cut != 35 ? DHCP6_DROP_OPTION : DHCP6_DROP_NONE);
	}
	msg_begin(DHCP6_SOLICIT); /* an address in an IA_PD, a prefix in an IA_NA: not seen */
	msg_client();
	msg_ia_begin(DHCP6_OPT_IA_PD, 1);
	msg_item(&p, false);
	msg_ia_end();
	msg_ia_begin(DHCP6_OPT_IA_NA, 1);
	msg_item(&p, true);
	msg_ia_end();
	exchange(DHCP6_ADVERTISE);
	assert_true(ip6_is_zero(&rig.hint.addr));
	assert_int_equal(rig.hint.len, 0);
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DHCP6_DROP_COUNT; i++)
		assert_string_not_equal(dhcp6_drop_name(i), "unknown");
	for (unsigned i = 0; i < DHCP6_COUNTER_COUNT; i++)
		assert_string_not_equal(dhcp6_counter_name(i), "unknown");
	assert_string_equal(dhcp6_drop_name(DHCP6_DROP_COUNT), "unknown");
	assert_string_equal(dhcp6_counter_name(DHCP6_COUNTER_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_section_16, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_packet, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_checksum_covers_all, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_truncated, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_stray, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_lengths, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_server_duid, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_twice, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_ias, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_nested, rig_setup, rig_teardown),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
