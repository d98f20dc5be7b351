// SPDX-License-Identifier: GPL-2.0-or-later
/* PADRs that wait: they are served in their turn, once, on every line, and not for ever. */
#include "test/unit/pppoe_station.h"

#include "pppoe/server.h"

#define TICK PPPOE_WAIT_TICK

static struct mac station(unsigned n)
{
	return (struct mac){ { 2, 0, 0, 1, (uint8_t)(n >> 8), (uint8_t)n } };
}

/* A dial by a station of its own while there is no room: it waits. */
static void wait_on(unsigned n, const struct pppoe_line *line, uint64_t now)
{
	struct mac mac = station(n);

	offer(&mac, line, now);
	padr(&mac, line, "internet", now);
	expect_sent(0, PADS);
	before = *pppoe_server_stats(fake.server);
}

static void test_waits_for_room(void **state)
{
	(void)state;
	fake.open_most = 0;
	offer(&host, &tagged, START);
	padr(&host, &tagged, "internet", START);
	expect_sent(0, PADS);
	EXPECT_STATS(.padr_rx = 1);
	assert_int_equal(pppoe_server_waiting(fake.server), 1);
	wheel_run(&fake.wheel, START + SEC);
	expect_sent(0, PADS);
	fake.open_most = 1;
	wheel_run(&fake.wheel, START + SEC + TICK);
	expect_sent(1, PADS);
	assert_true(mac_equal(&got.dst, &host));
	assert_true(fake_line_equal(&got.line, &tagged));
	expect_text(&got_tags.host_uniq, "uniq");
	assert_string_equal(fake.session[0].req.service, "internet");
	assert_true(fake.session[0].opened);
	assert_int_equal(pppoe_server_waiting(fake.server), 0);
	EXPECT_STATS(.pads_tx = 1);
	wheel_run(&fake.wheel, START + 2 * SEC);
	expect_sent(0, PADS);
	padr(&host, &tagged, "internet", START + 2 * SEC); /* that PADS was lost */
	expect_sent(1, PADS);
	EXPECT_STATS(.padr_rx = 1, .padr_dup_rx = 1, .pads_tx = 1);
	assert_int_equal(fake.opens, 1);
}

/* Asked for again while it waits: the place stays, and the session is one. */
static void test_asked_again(void **state)
{
	struct mac second = station(2);

	(void)state;
	fake.open_most = 0;
	wait_on(2, &plain, START);
	wait_on(1, &plain, START);
	offer(&host, &plain, START);
	padr(&host, &plain, "internet", START);
	before = *pppoe_server_stats(fake.server);
	padr(&host, &plain, "internet", START + SEC);
	EXPECT_STATS(.padr_rx = 1, .drop_limit = 1);
	assert_int_equal(pppoe_server_waiting(fake.server), 3);
	fake.open_most = 1;
	wheel_run(&fake.wheel, START + SEC + TICK);
	expect_sent(1, PADS);
	assert_true(mac_equal(&got.dst, &second));
	fake.open_most = 3;
	wheel_run(&fake.wheel, START + SEC + 2 * TICK);
	expect_sent(2, PADS);
	assert_true(mac_equal(&got.dst, &host));
	assert_int_equal(fake.opens, 3);
}

/* Who comes while others wait does not come before them. */
static void test_in_turn(void **state)
{
	struct mac first = station(1);

	(void)state;
	fake.open_most = 0;
	wait_on(1, &plain, START);
	fake.open_most = 1;
	wait_on(2, &plain, START);
	wheel_run(&fake.wheel, START + TICK);
	expect_sent(1, PADS);
	assert_true(mac_equal(&got.dst, &first));
	assert_int_equal(pppoe_server_waiting(fake.server), 1);
}

static void test_not_for_ever(void **state)
{
	(void)state;
	fake.open_most = 0;
	wait_on(1, &plain, START);
	wheel_run(&fake.wheel, START + PPPOE_WAIT_LONGEST - TICK);
	assert_int_equal(pppoe_server_waiting(fake.server), 1);
	wheel_run(&fake.wheel, START + PPPOE_WAIT_LONGEST + TICK);
	assert_int_equal(pppoe_server_waiting(fake.server), 0);
	expect_sent(0, PADS);
	EXPECT_STATS(.drop_limit = 1);
	fake.open_most = 1;
	wheel_run(&fake.wheel, START + 2 * PPPOE_WAIT_LONGEST);
	expect_sent(0, PADS);
}

static void test_refused_in_the_end(void **state)
{
	(void)state;
	fake.open_most = 0;
	wait_on(1, &plain, START);
	fake.open_rc = -EBUSY; /* it has reached another limit meanwhile */
	wheel_run(&fake.wheel, START + TICK);
	expect_sent(1, PADS);
	assert_int_equal(got_tags.error, PPPOE_TAG_AC_SYSTEM_ERROR);
	EXPECT_STATS(.pads_error_tx = 1, .drop_limit = 1);
	assert_int_equal(pppoe_server_waiting(fake.server), 0);
}

static void test_port_goes(void **state)
{
	(void)state;
	fake.open_most = 0;
	wait_on(1, &plain, START);
	fake.open_most = 1;
	fake.port_gone = true;
	wheel_run(&fake.wheel, START + TICK);
	expect_sent(0, PADS);
	EXPECT_STATS(.drop_not_for_us = 1);
	assert_int_equal(fake.opens, 0);
}

/* One line with hosts without number leaves room for others, and they have their turn at once. */
static void test_a_line_has_its_share(void **state)
{
	struct mac last = station(PPPOE_WAIT_MAX);
	struct pppoe_line other = tagged;
	uint32_t count;

	(void)state;
	fake.open_most = 0;
	for (unsigned i = 0; i < PPPOE_WAIT_MAX; i++)
		wait_on(i, &plain, START);
	count = pppoe_server_waiting(fake.server);
	assert_in_range(count, PPPOE_WAIT_MAX / 2, PPPOE_WAIT_MAX - 1);
	fake.admit_rc = -EAGAIN;
	padi(&host, &plain, "internet", START); /* who could not even wait: no PADO */
	expect_sent(0, PADO);
	before = *pppoe_server_stats(fake.server);
	while (!pppoe_wait_room(fake.server, &other)) /* one of 64 lines shares the queue */
		other.svlan++;
	wait_on(PPPOE_WAIT_MAX, &other, START);
	assert_int_equal(pppoe_server_waiting(fake.server), count + 1);
	fake.open_most = 2;
	wheel_run(&fake.wheel, START + TICK);
	expect_sent(2, PADS);
	assert_true(
		mac_equal(&got.dst, &last) ||
		mac_equal((const struct mac *)fake.sent[(fake.sent_count - 2) % FAKE_SENT].frame,
			  &last));
	before = *pppoe_server_stats(fake.server);
	for (uint64_t t = START + TICK; pppoe_server_waiting(fake.server); t += TICK)
		wheel_run(&fake.wheel, t);
	EXPECT_STATS(.drop_limit = count - 1);
}

/* A storm does not stop everything else. */
static void test_a_tick_is_short(void **state)
{
	(void)state;
	fake.open_most = 0;
	for (unsigned i = 0; i < 2 * PPPOE_WAIT_BATCH; i++)
		wait_on(i, &plain, START);
	fake.open_most = UINT_MAX;
	fake.open_rc = -EIO;
	wheel_run(&fake.wheel, START + TICK);
	expect_sent(PPPOE_WAIT_BATCH, PADS);
	wheel_run(&fake.wheel, START + 2 * TICK);
	expect_sent(PPPOE_WAIT_BATCH, PADS);
}

static void test_long_frames_do_not_wait(void **state)
{
	char text[PPPOE_WAIT_FRAME] = "";
	struct out o;

	(void)state;
	fake.open_most = 0;
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	memset(text, 'x', sizeof(text) - 1);
	tag(&o, PPPOE_TAG_RELAY_SESSION_ID, text);
	send_at(&o, START);
	EXPECT_STATS(.padr_rx = 1, .drop_limit = 1);
	assert_int_equal(pppoe_server_waiting(fake.server), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(waits_for_room),	    TEST(asked_again),	      TEST(in_turn),
		TEST(not_for_ever),	    TEST(refused_in_the_end), TEST(port_goes),
		TEST(a_line_has_its_share), TEST(a_tick_is_short),    TEST(long_frames_do_not_wait),
	};

	return cmocka_run_group_tests_name("pppoe_wait", tests, NULL, NULL);
}
