// SPDX-License-Identifier: GPL-2.0-or-later
/* What the discovery server must not serve: each reason to drop a packet, each limit, the delay of
 * PADOs; and PADTs, received and sent. */
#include "test/unit/pppoe_station.h"

#include "pppoe/macfilter.h"

/* --- what is dropped ------------------------------------------------------------------------ */

static void send_odd(const struct mac *dst, const struct mac *src, uint8_t code, uint16_t sid)
{
	struct out o;

	begin_to(&o, dst, src, &plain, code, sid);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "internet");
	tag(&o, PPPOE_TAG_HOST_UNIQ, "uniq");
	pppoe_tag_put(&o.w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
	send_at(&o, START);
	expect_sent(0, 0);
}

static void test_destination(void **state)
{
	const struct mac *us = &fake.port_mac;

	(void)state;
	offer(&host, &plain, START);
	send_odd(us, &host, PADI, 0);
	send_odd(&host2, &host, PADI, 0);
	EXPECT_STATS(.padi_rx = 2, .drop_not_for_us = 2);
	send_odd(&broadcast, &host, PADR, 0);
	send_odd(&host2, &host, PADR, 0);
	EXPECT_STATS(.padr_rx = 2, .drop_not_for_us = 2);
	send_odd(&broadcast, &host, PADT, 1);
	EXPECT_STATS(.padt_rx = 1, .drop_not_for_us = 1);
	fake.port_gone = true;
	send_odd(&broadcast, &host, PADI, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_not_for_us = 1);
}

static void test_source(void **state)
{
	static const struct mac group = { { 3, 0, 0, 0, 1, 1 } }, zero = { { 0 } };
	const struct mac *us = &fake.port_mac;

	(void)state;
	send_odd(&broadcast, &group, PADI, 0);
	send_odd(&broadcast, &broadcast, PADI, 0);
	send_odd(&broadcast, &zero, PADI, 0);
	send_odd(&broadcast, us, PADI, 0); /* a loop in the network */
	EXPECT_STATS(.padi_rx = 4, .drop_source_mac = 4);
	send_odd(us, &group, PADR, 0);
	EXPECT_STATS(.padr_rx = 1, .drop_source_mac = 1);
	send_odd(us, &group, PADT, 1);
	EXPECT_STATS(.padt_rx = 1, .drop_source_mac = 1);
}

static void test_session_id_and_code(void **state)
{
	const struct mac *us = &fake.port_mac;

	(void)state;
	offer(&host, &plain, START);
	send_odd(&broadcast, &host, PADI, 1);
	EXPECT_STATS(.padi_rx = 1, .drop_malformed = 1);
	send_odd(us, &host, PADR, 1);
	EXPECT_STATS(.padr_rx = 1, .drop_malformed = 1);
	send_odd(us, &host, PADO, 0);
	send_odd(us, &host, PADS, 1);
	send_odd(us, &host, 0xd3, 0); /* PADM */
	EXPECT_STATS(.drop_bad_code = 3);
}

static void test_tags_that_are_wrong(void **state)
{
	struct out o;

	(void)state;
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	tag(&o, PPPOE_TAG_SERVICE_NAME, "voice"); /* which one? */
	send_at(&o, START);
	begin_padr(&o, &host, &plain, "internet");
	tag(&o, PPPOE_TAG_GENERIC_ERROR, "no\nthing");
	send_at(&o, START);
	begin_padr(&o, &host, &plain, "internet");
	wr_bytes(&o.w, "\1\1\0\5abcd", 8); /* beyond the packet */
	send_at(&o, START);
	expect_sent(0, 0);
	EXPECT_STATS(.padr_rx = 3, .drop_bad_tag = 3);
	assert_int_equal(fake.opens, 0);
}

static void test_every_truncation(void **state)
{
	struct out o;
	int len;

	(void)state;
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	len = pppoe_frame_end(&o.w, &o.line);
	for (int i = 0; i < len; i++) {
		uint8_t *copy = malloc((size_t)i + 1);

		assert_non_null(copy);
		memcpy(copy, o.buf, (size_t)i);
		pppoe_server_input(fake.server, START, 1, copy, (size_t)i);
		free(copy);
		expect_sent(0, 0);
		EXPECT_STATS(.drop_malformed = 1);
	}
	pppoe_server_input(fake.server, START, 1, o.buf, (size_t)len);
	expect_sent(1, PADS);
}

static void test_session_frame_is_not_discovery(void **state)
{
	static const struct pppoe_line line = { 0 };
	uint8_t buf[PPPOE_FRAME_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	pppoe_frame_begin(&w, &fake.port_mac, &host, &line, PPPOE_ETH_SESSION, 0, 1);
	wr_be16(&w, 0xc021);
	pppoe_server_input(fake.server, START, 1, buf, (size_t)pppoe_frame_end(&w, &line));
	expect_sent(0, 0);
	EXPECT_STATS(.drop_malformed = 1);
}

static void test_cookie(void **state)
{
	struct out o;

	(void)state;
	offer(&host, &plain, START);
	padr(&host2, &plain, "internet", START); /* stolen */
	padr(&host, &tagged, "internet", START); /* of another line */
	cookie[cookie_len - 1] ^= 1;
	padr(&host, &plain, "internet", START); /* made up */
	cookie[cookie_len - 1] ^= 1;
	begin(&o, &host, &plain, PADR);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "internet");
	tag(&o, PPPOE_TAG_HOST_UNIQ, "uniq");
	send_at(&o, START); /* none */
	begin(&o, &host, &plain, PADR);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "internet");
	tag(&o, PPPOE_TAG_HOST_UNIQ, "another");
	pppoe_tag_put(&o.w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
	send_at(&o, START);
	padr(&host, &plain, "no such service", START + 6 * SEC); /* stale, whatever it asks */
	expect_sent(0, 0);
	EXPECT_STATS(.padr_rx = 6, .drop_bad_cookie = 5, .drop_stale_cookie = 1);
	assert_int_equal(fake.opens, 0);
	padr(&host, &plain, "internet", START + 5 * SEC);
	expect_sent(1, PADS);
}

static void test_mac_filter(void **state)
{
	struct pppoe_mac_filter *f = NULL;
	char why[128];

	(void)state;
	assert_int_equal(
		pppoe_mac_filter_parse(&f, "02:00:00:00:01:02", 17, false, "f", why, sizeof(why)),
		0);
	fake.config.mac_filter = f;
	offer(&host, &plain, START);
	padi(&host2, &plain, "", START);
	EXPECT_STATS(.padi_rx = 1, .drop_mac_filter = 1);
	padr(&host2, &plain, "", START);
	EXPECT_STATS(.padr_rx = 1, .drop_mac_filter = 1);
	expect_sent(0, 0);
	pppoe_mac_filter_free(f);
}

/* --- limits --------------------------------------------------------------------------------- */

static void test_limit_of_sessions(void **state)
{
	(void)state;
	offer(&host, &plain, START);
	fake.admit_rc = -EBUSY;
	padi(&host, &plain, "", START);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_limit = 1);
	fake.admit_rc = -EDQUOT; /* its line's: a counter of its own */
	padi(&host, &plain, "", START);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_line_limit = 1);
	fake.open_rc = -EDQUOT;
	padr(&host, &plain, "internet", START);
	expect_sent(1, PADS);
	assert_int_equal(got_tags.error, PPPOE_TAG_AC_SYSTEM_ERROR);
	expect_text(&got_tags.error_text, "no more sessions on this line");
	EXPECT_STATS(.padr_rx = 1, .pads_error_tx = 1, .drop_line_limit = 1);
	for (unsigned i = 0; i < 4; i++) {
		static const int rc[] = { -EBUSY, -ENOMEM, -ENOSPC, -EIO };

		fake.open_rc = rc[i];
		padr(&host, &plain, "internet", START);
		expect_sent(1, PADS);
		assert_int_equal(got.sid, 0);
		assert_int_equal(got_tags.error,
				 i < 3 ? PPPOE_TAG_AC_SYSTEM_ERROR : PPPOE_TAG_GENERIC_ERROR);
		expect_text(&got_tags.host_uniq, "uniq");
		EXPECT_STATS(.padr_rx = 1, .pads_error_tx = 1, .drop_limit = 1);
	}
	assert_int_equal(fake.opens, 0);
}

static void test_padi_limit(void **state)
{
	static const struct pppoe_line other = { .port = 2 };

	(void)state;
	fake.config.padi_limit = 10;
	for (unsigned i = 0; i < 25; i++)
		padi(&host, &plain, "", START);
	EXPECT_STATS(.padi_rx = 25, .pado_tx = 10, .drop_padi_rate = 15);
	padi(&host, &other, "", START); /* another port's is another limit */
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
	for (unsigned i = 0; i < 1000; i++) /* 100 a second for ten seconds */
		padi(&host, &plain, "", START + i * SEC / 100);
	EXPECT_STATS(.padi_rx = 1000, .pado_tx = 99, .drop_padi_rate = 901);
	/* What is not for us does not use it up. */
	for (unsigned i = 0; i < 100; i++)
		padi(&host, &plain, "unknown", START + 20 * SEC);
	padi(&host, &plain, "", START + 20 * SEC);
	EXPECT_STATS(.padi_rx = 101, .pado_tx = 1, .drop_service_name = 100);
}

static void test_padr_limit(void **state)
{
	(void)state;
	fake.config.padr_limit = 3;
	offer(&host, &plain, START);
	for (unsigned i = 0; i < 50; i++)
		padr(&host2, &plain, "internet", START); /* forged: uses nothing up */
	EXPECT_STATS(.padr_rx = 50, .drop_bad_cookie = 50);
	for (unsigned i = 0; i < 5; i++)
		padr(&host, &plain, "internet", START);
	EXPECT_STATS(.padr_rx = 5, .padr_dup_rx = 2, .pads_tx = 3, .drop_padr_rate = 2);
	padr(&host, &plain, "internet", START + SEC / 3 + 1);
	EXPECT_STATS(.padr_rx = 1, .padr_dup_rx = 1, .pads_tx = 1);
}

static struct pppoe_pado_delay delays[] = { { 100, -1 }, { 10, 500 }, { 50, 2000 } };

static void test_delay_by_load(void **state)
{
	(void)state;
	fake.config.pado_delay = delays;
	fake.config.pado_delay_count = 3;
	offer(&host, &plain, START); /* nine sessions: at once */
	fake.count = 10;
	padi(&host, &plain, "", START);
	expect_sent(0, 0);
	wheel_run(&fake.wheel, START + 499 * NSEC_PER_MSEC);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1);
	wheel_run(&fake.wheel, START + 520 * NSEC_PER_MSEC);
	expect_sent(1, PADO);
	EXPECT_STATS(.pado_tx = 1);
	fake.count = 99;
	padi(&host, &plain, "", START + SEC);
	wheel_run(&fake.wheel, START + 2900 * NSEC_PER_MSEC);
	expect_sent(0, 0);
	wheel_run(&fake.wheel, START + 3100 * NSEC_PER_MSEC);
	expect_sent(1, PADO);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
	fake.count = 100;
	padi(&host, &plain, "", START + 4 * SEC);
	wheel_run(&fake.wheel, START + 100 * SEC);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_pado_delay = 1);
}

/* The cookie's life begins when the PADO leaves. */
static void test_cookie_of_a_delayed_pado(void **state)
{
	static struct pppoe_pado_delay long_delay = { 0, 8000 };

	(void)state;
	fake.config.pado_delay = &long_delay;
	fake.config.pado_delay_count = 1;
	padi(&host, &plain, "", START);
	wheel_run(&fake.wheel, START + 8100 * NSEC_PER_MSEC);
	expect_sent(1, PADO);
	cookie_len = got_tags.cookie.len;
	memcpy(cookie, got_tags.cookie.p, cookie_len);
	padr(&host, &plain, "internet", START + 12 * SEC);
	expect_sent(1, PADS);
	padr(&host, &plain, "internet", START + 14 * SEC);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1, .padr_rx = 2, .pads_tx = 1,
		     .drop_stale_cookie = 1);
}

static void test_delay_ring_full(void **state)
{
	(void)state;
	fake.config.pado_delay = delays;
	fake.config.pado_delay_count = 3;
	fake.count = 50;
	for (unsigned i = 0; i < 1000; i++)
		padi(&host, &plain, "", START);
	fake.count = 10; /* shorter now, but not past those that wait */
	for (unsigned i = 0; i < 30; i++)
		padi(&host2, &plain, "", START);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1030, .drop_pado_delay = 6);
	wheel_run(&fake.wheel, START + 1900 * NSEC_PER_MSEC);
	expect_sent(0, 0);
	wheel_run(&fake.wheel, START + 2100 * NSEC_PER_MSEC);
	expect_sent(1024, PADO);
	assert_true(mac_equal(&got.dst, &host2));
	EXPECT_STATS(.pado_tx = 1024);
	padi(&host2, &plain, "", START + 3 * SEC); /* and it serves again, around the end */
	wheel_run(&fake.wheel, START + 3600 * NSEC_PER_MSEC);
	expect_sent(1, PADO);
}

/* --- PADT ----------------------------------------------------------------------------------- */

static void test_padt_received(void **state)
{
	struct out o;
	uint16_t sid = dial(&host, &plain, START);

	(void)state;
	begin_to(&o, &fake.port_mac, &host2, &plain, PADT, sid);
	send_at(&o, START);
	EXPECT_STATS(.padt_rx = 1, .drop_padt_wrong_mac = 1);
	begin_to(&o, &fake.port_mac, &host, &tagged, PADT, sid);
	send_at(&o, START);
	EXPECT_STATS(.padt_rx = 1, .drop_padt_no_session = 1);
	assert_int_equal(fake.ends, 0);
	begin_to(&o, &fake.port_mac, &host, &plain, PADT, sid);
	wr_bytes(&o.w, "\1\1\xff\xff", 4); /* its tags do not matter */
	send_at(&o, START);
	EXPECT_STATS(.padt_rx = 1);
	assert_int_equal(fake.ends, 1);
	send_at(&o, START);
	EXPECT_STATS(.padt_rx = 1, .drop_padt_no_session = 1);
	expect_sent(0, 0);
}

/* Its frame found no room, but it is known. */
static void test_padt_noted(void **state)
{
	uint16_t sid = dial(&host, &plain, START);

	(void)state;
	pppoe_server_padt_noted(fake.server, START, &plain, &host, sid);
	EXPECT_STATS(.padt_rx = 1);
	assert_int_equal(fake.ends, 1);
	expect_sent(0, 0);
}

static void test_padt_sent(void **state)
{
	(void)state;
	pppoe_server_padt(fake.server, &tagged, &host, 0x1234, "shut down");
	expect_sent(1, PADT);
	assert_int_equal(got.sid, 0x1234);
	assert_true(mac_equal(&got.dst, &host));
	assert_true(fake_line_equal(&got.line, &tagged));
	assert_int_equal(got_tags.error, PPPOE_TAG_GENERIC_ERROR);
	expect_text(&got_tags.error_text, "shut down");
	pppoe_server_padt(fake.server, &plain, &host, 7, NULL);
	expect_sent(1, PADT);
	assert_int_equal(rd_left(&got.payload), 0);
	EXPECT_STATS(.padt_tx = 2);
	fake.port_gone = true;
	pppoe_server_padt(fake.server, &plain, &host, 7, NULL);
	expect_sent(0, 0);
	EXPECT_STATS(.padt_tx = 0);
}

static void unknown(uint64_t now, unsigned station)
{
	struct mac m = { { 2, 0, 0, 1, (uint8_t)(station >> 8), (uint8_t)station } };

	pppoe_server_padt_unknown(fake.server, now, &plain, &m, 9);
}

/* After an outage three thousand stations send ten times a second each until they are told. */
static void tell_all(uint64_t start)
{
	static bool told[3000];
	const struct pppoe_stats *s = pppoe_server_stats(fake.server);
	unsigned left = 3000;

	for (uint64_t now = start; left; now += SEC / 10) {
		uint64_t sent = s->padt_tx;

		assert_true(now < start + 10 * SEC);
		for (unsigned i = 0; i < 3000; i++) {
			uint64_t n = s->padt_tx;

			if (!told[i])
				unknown(now, i);
			left -= s->padt_tx != n;
			told[i] = told[i] || s->padt_tx != n;
		}
		assert_true(s->padt_tx - sent <= 1000);
	}
	assert_int_equal(s->padt_tx - before.padt_tx, 3000);
}

static void test_padt_for_unknown_sessions(void **state)
{
	const struct pppoe_stats *s = pppoe_server_stats(fake.server);

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		unknown(START + i * NSEC_PER_MSEC, 1);
	expect_sent(1, PADT);
	assert_int_equal(got.sid, 9);
	EXPECT_STATS(.padt_tx = 1, .drop_padt_rate = 999);
	unknown(START + 2 * SEC, 1);
	EXPECT_STATS(.padt_tx = 1);
	tell_all(START + 10 * SEC);
	before = *s;
	pppoe_server_padt_unknown(fake.server, START, &plain, &broadcast, 9);
	EXPECT_STATS(.drop_source_mac = 1);
	pppoe_server_padt_unknown(fake.server, START, &plain, &host, 0);
	pppoe_server_padt_unknown(fake.server, START, &plain, &host, 0xffff);
	EXPECT_STATS(.drop_malformed = 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(destination),
		TEST(source),
		TEST(session_id_and_code),
		TEST(tags_that_are_wrong),
		TEST(every_truncation),
		TEST(session_frame_is_not_discovery),
		TEST(cookie),
		TEST(mac_filter),
		TEST(limit_of_sessions),
		TEST(padi_limit),
		TEST(padr_limit),
		TEST(delay_by_load),
		TEST(cookie_of_a_delayed_pado),
		TEST(delay_ring_full),
		TEST(padt_received),
		TEST(padt_noted),
		TEST(padt_sent),
		TEST(padt_for_unknown_sessions),
	};

	return cmocka_run_group_tests_name("pppoe_drop", tests, NULL, NULL);
}
