// SPDX-License-Identifier: GPL-2.0-or-later
/* Bindings: how long they last, who takes whose place, floods, and another process. */
#include "test/unit/ipv6_dhcp6_rig.h"

static void request(const uint8_t *client, unsigned count, const uint32_t *iaid)
{
	msg_begin(DHCP6_REQUEST);
	msg_option(DHCP6_OPT_CLIENTID, client, sizeof(rig_client));
	msg_server();
	for (unsigned i = 0; i < count; i++)
		msg_ia(DHCP6_OPT_IA_PD, iaid[i]);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia_count, count);
}

/* The end of the valid lifetime, to the tick; each binding its own; extending moves it. */
static void test_expires(void **state)
{
	uint64_t start = rig.now;

	(void)state;
	bind_pd(1);
	rig_run(start + 1000 * SEC);
	bind_pd(2);
	rig_run(start + 3600 * SEC - SEC);
	assert_int_equal(rig.unbinds, 0);
	rig_run(start + 3600 * SEC + WHEEL_TICK);
	assert_int_equal(rig.unbinds, 1);
	assert_int_equal(rig.why, DHCP6_UNBIND_EXPIRED);
	assert_int_equal(rig.last.iaid, 1);
	bind_pd(2);
	rig_run(start + 4601 * SEC);
	assert_int_equal(rig.unbinds, 1);
	rig_run(start + 7201 * SEC);
	assert_int_equal(rig.unbinds, 2);
	assert_int_equal(rig.wheel.armed, 0);
	rig_ctx.values.valid = rig_ctx.values.preferred = DHCP6_INFINITE;
	bind_pd(1);
	assert_int_equal(rig.wheel.armed, 0);
	rig_ctx.values.valid = 100;
	bind_pd(1); /* less than before: that is what the client knows now */
	rig_run(rig.now + 101 * SEC);
	assert_int_equal(rig.unbinds, 3);
}

/* A message that comes before the wheel has run finds no binding that is over. */
static void test_expired_before_timer(void **state)
{
	struct prefix6 p = bind_pd(1);

	(void)state;
	rig.now += 3600 * SEC;
	msg_begin(DHCP6_RELEASE);
	msg_client();
	msg_server();
	msg_ia_with(DHCP6_PD, 1, &p);
	exchange(DHCP6_REPLY);
	assert_int_equal(rig.why, DHCP6_UNBIND_EXPIRED);
	assert_int_equal(got.ia[0].status, DHCP6_NO_BINDING);
	assert_int_equal(rig.unbinds, 1);
	wheel_run(&rig.wheel, rig.now + SEC);
	assert_int_equal(rig.unbinds, 1);
}

/* Another box on the line, or the same one with new IAIDs, gets the old one's place and prefix. */
static void test_replaced(void **state)
{
	static const uint32_t one[] = { 1 }, two[] = { 2 }, three[] = { 3 };
	struct prefix6 first, second;

	(void)state;
	first = bind_pd(1);
	rig_run(rig.now + SEC);
	request(rig_client, 1, two); /* two are allowed */
	second = got.ia[0].lease[0].prefix;
	assert_int_equal(rig.unbinds, 0);
	rig_run(rig.now + SEC);
	msg_begin(DHCP6_SOLICIT); /* an offer replaces nothing */
	msg_option(DHCP6_OPT_CLIENTID, rig_other_client, sizeof(rig_other_client));
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_ADVERTISE);
	assert_lease(0, 0, &first, 3600);
	assert_int_equal(rig.unbinds, 0);
	request(rig_other_client, 1, one);
	assert_lease(0, 0, &first, 3600);
	assert_int_equal(rig.unbinds, 1);
	assert_int_equal(rig.why, DHCP6_UNBIND_REPLACED);
	rig_run(rig.now + SEC);
	request(rig_client, 1, two); /* still there: extended */
	assert_lease(0, 0, &second, 3600);
	assert_int_equal(rig.unbinds, 1);
	rig_run(rig.now + SEC);
	request(rig_client, 1, three); /* the one that was extended longest ago goes */
	assert_lease(0, 0, &first, 3600);
	assert_int_equal(rig.unbinds, 2);
	assert_int_equal(rig.next[DHCP6_PD], 2);
}

/* New IAIDs, old prefixes: none is both taken back and promised in one answer. */
static void test_renamed(void **state)
{
	struct prefix6 first = bind_pd(1), second = rig_prefix(DHCP6_PD, 2);

	(void)state;
	msg_begin(DHCP6_RENEW);
	msg_client();
	msg_server();
	msg_ia_with(DHCP6_PD, 7, &first);
	msg_ia_with(DHCP6_PD, 1, &first);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia[0].count, 1);
	assert_lease(0, 0, &second, 3600);
	assert_int_equal(got.ia[1].count, 1);
	assert_lease(1, 0, &first, 3600);
	msg_begin(DHCP6_REBIND); /* another client's is not his */
	msg_option(DHCP6_OPT_CLIENTID, rig_other_client, sizeof(rig_other_client));
	msg_ia_with(DHCP6_PD, 9, &second);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia[0].count, 2);
	assert_lease(0, 1, &second, 0);
}

/* One message asks for more than the line may have: its own IAs do not replace each other. */
static void test_limit(void **state)
{
	static const uint32_t ids[] = { 1, 2, 3, 4, 5, 6 }, turned[] = { 6, 5, 4, 3, 2, 1 };

	(void)state;
	for (unsigned max = 1; max <= 6; max++) {
		unsigned can = max < DHCP6_LEASES_MAX ? max : DHCP6_LEASES_MAX;

		rig_ctx.values.max[DHCP6_PD] = (uint8_t)max;
		for (unsigned round = 0; round < 3; round++) {
			request(rig_client, 6, round ? turned : ids);
			assert_int_equal(rig.line.count, can);
			for (unsigned i = 0; i < 6; i++) {
				bool has = round ? i >= 6 - can : i < can;

				assert_int_equal(got.ia[i].count, has);
				assert_int_equal(got.ia[i].status,
						 has ? -1 : DHCP6_NO_PREFIX_AVAIL);
			}
			for (unsigned i = 0; i < can; i++)
				assert_int_not_equal(rig.line.binding[i].iaid, 6);
		}
		assert_int_equal(rig.unbinds, 0);
		msg_begin(DHCP6_SOLICIT); /* offers are bounded alike */
		msg_option(DHCP6_OPT_CLIENTID, rig_other_client, sizeof(rig_other_client));
		for (unsigned i = 0; i < 6; i++)
			msg_ia(DHCP6_OPT_IA_PD, ids[i]);
		exchange(DHCP6_ADVERTISE);
		for (unsigned i = 0; i < 6; i++)
			assert_int_equal(got.ia[i].count, i < can);
	}
}

/* The limit is of both kinds together, too; and one kind does not drive out the other. */
static void test_limit_together(void **state)
{
	static const uint32_t ids[] = { 1, 2, 3, 4 };

	(void)state;
	rig_ctx.values.max[DHCP6_NA] = rig_ctx.values.max[DHCP6_PD] = 4;
	request(rig_client, 4, ids);
	msg_begin(DHCP6_REQUEST);
	msg_client();
	msg_server();
	msg_ia(DHCP6_OPT_IA_NA, 1);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia[0].status, DHCP6_NO_ADDRS_AVAIL);
	assert_int_equal(rig.unbinds, 0);
}

/* The operator takes it back: told at the next Renew, with the new one beside it. */
static void test_withdraw(void **state)
{
	struct prefix6 old = bind_pd(1), new = rig_prefix(DHCP6_PD, 2);

	(void)state;
	assert_int_equal(dhcp6_line_withdraw(&rig.line, DHCP6_PD, 1), -ENOENT);
	assert_int_equal(dhcp6_line_withdraw(&rig.line, DHCP6_NA, 0), -ENOENT);
	assert_int_equal(dhcp6_line_withdraw(&rig.line, DHCP6_PD, 0), 0);
	assert_int_equal(rig.unbinds, 0);
	for (unsigned i = 0; i < 3; i++) { /* the answer may be lost */
		msg_begin(i == 1 ? DHCP6_REBIND : DHCP6_RENEW);
		msg_client();
		if (i != 1)
			msg_server();
		msg_ia_with(DHCP6_PD, 1, &old);
		exchange(DHCP6_REPLY);
		assert_int_equal(got.ia[0].count, 2);
		assert_lease(0, 0, &new, 3600);
		assert_lease(0, 1, &old, 0);
		assert_int_equal(rig.unbinds, 1);
		assert_int_equal(rig.binds, 2);
	}
	assert_int_equal(rig.why, DHCP6_UNBIND_WITHDRAWN);
}

/* Nothing new, and the client did not name it: it hears of it all the same. */
static void test_withdraw_unnamed(void **state)
{
	struct prefix6 old = bind_pd(1);

	(void)state;
	rig.empty = 2;
	dhcp6_line_withdraw(&rig.line, DHCP6_PD, 0);
	msg_begin(DHCP6_RENEW);
	msg_client();
	msg_server();
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia[0].count, 1);
	assert_lease(0, 0, &old, 0);
	assert_int_equal(got.ia[0].status, -1);
}

/* A client that starts anew gets the new one; one that never speaks keeps it until it is over. */
static void test_withdraw_solicit(void **state)
{
	struct prefix6 new = rig_prefix(DHCP6_PD, 2), newer = rig_prefix(DHCP6_PD, 3);
	static const uint32_t one[] = { 1 };

	(void)state;
	rig_ctx.values.max[DHCP6_PD] = 1;
	bind_pd(1);
	dhcp6_line_withdraw(&rig.line, DHCP6_PD, 0);
	msg_begin(DHCP6_SOLICIT);
	msg_client();
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_ADVERTISE);
	assert_int_equal(got.ia[0].count, 1);
	assert_lease(0, 0, &new, 3600);
	bind_pd(1);
	dhcp6_line_withdraw(&rig.line, DHCP6_PD, 0);
	request(rig_other_client, 1, one); /* not the withdrawn one, though its place */
	assert_lease(0, 0, &newer, 3600);
	assert_int_equal(rig.why, DHCP6_UNBIND_WITHDRAWN);
	dhcp6_line_withdraw(&rig.line, DHCP6_PD, 0);
	rig_run(rig.now + 3601 * SEC);
	assert_int_equal(rig.why, DHCP6_UNBIND_EXPIRED);
}

static void test_flood(void **state)
{
	(void)state;
	rig_ctx.messages_per_second = 2;
	rig_ctx.messages_burst = 4;
	for (unsigned i = 0; i < 100; i++) {
		msg_begin(DHCP6_SOLICIT);
		msg_client();
		assert_int_equal(msg_send(), i < 4 ? DHCP6_DROP_NONE : DHCP6_DROP_FLOOD);
	}
	assert_int_equal(rig.stats.drop[DHCP6_DROP_FLOOD], 96);
	assert_int_equal(rig.stats.count[DHCP6_COUNT_SOLICIT_RX], 4);
	rig.now += SEC;
	for (unsigned i = 0; i < 3; i++) {
		msg_begin(DHCP6_SOLICIT);
		msg_client();
		assert_int_equal(msg_send(), i < 2 ? DHCP6_DROP_NONE : DHCP6_DROP_FLOOD);
	}
	rig_ctx.messages_per_second = 0;
}

static void test_line_down(void **state)
{
	(void)state;
	bind_pd(1);
	bind_pd(2);
	rig.sent_count = 0;
	dhcp6_line_down(&rig.line, rig.now);
	assert_int_equal(rig.unbinds, 2);
	assert_int_equal(rig.why, DHCP6_UNBIND_LINE_DOWN);
	assert_int_equal(rig.sent_count, 0);
	dhcp6_line_down(&rig.line, rig.now);
	assert_int_equal(rig.unbinds, 2);
	bind_pd(1);
	assert_int_equal(rig.line.count, 1);
}

/* --- another process ----------------------------------------------------------------------------
 */

static size_t freeze(uint8_t buf[DHCP6_FROZEN_MAX])
{
	struct wr w = wr_init(buf, DHCP6_FROZEN_MAX);

	assert_int_equal(dhcp6_line_freeze(&rig.line, &w), 0);
	return w.len;
}

static int thaw(const uint8_t *buf, size_t len)
{
	struct rd r = rd_init(buf, len);
	int check = dhcp6_line_frozen_check(r);

	assert_int_equal(dhcp6_line_thaw(&rig.line, &rig_ctx, &r), check);
	return check;
}

/* Bindings go on as they were: same lease, same end, and the client's next Renew finds it. */
static void test_thaw(void **state)
{
	static const uint32_t ids[] = { 1, 2 };
	struct dhcp6_binding before[DHCP6_LEASES_MAX];
	uint8_t buf[DHCP6_FROZEN_MAX], again[DHCP6_FROZEN_MAX];
	uint64_t start = rig.now;
	size_t len;

	(void)state;
	request(rig_client, 2, ids);
	msg_begin(DHCP6_REQUEST);
	msg_client();
	msg_server();
	msg_ia(DHCP6_OPT_IA_NA, 3);
	exchange(DHCP6_REPLY);
	dhcp6_line_withdraw(&rig.line, DHCP6_PD, 1);
	rig_run(rig.now + 500 * SEC);
	memcpy(before, rig.line.binding, sizeof(before));
	len = freeze(buf);
	assert_int_equal(len, 3 + 3 * DHCP6_FROZEN_BINDING);
	dhcp6_line_fini(&rig.line);
	assert_int_equal(rig.wheel.armed, 0);
	memset(&rig.line, 0xa5, sizeof(rig.line));
	assert_int_equal(thaw(buf, len), 0);
	assert_int_equal(rig.line.count, 3);
	assert_memory_equal(rig.line.binding, before, 3 * sizeof(before[0]));
	assert_int_equal(freeze(again), len);
	assert_memory_equal(again, buf, len);
	assert_int_equal(rig.unbinds, 0);
	bind_pd(1);
	assert_int_equal(rig.extends, 1);
	rig_run(start + 3601 * SEC);
	assert_int_equal(rig.unbinds, 2);
	rig_run(start + 4101 * SEC);
	assert_int_equal(rig.unbinds, 3);
}

static void test_thaw_late(void **state)
{
	uint8_t buf[DHCP6_FROZEN_MAX];
	size_t len;

	(void)state;
	bind_pd(1);
	len = freeze(buf);
	dhcp6_line_fini(&rig.line);
	rig.now += 5000 * SEC;
	wheel_run(&rig.wheel, rig.now);
	assert_int_equal(thaw(buf, len), 0);
	assert_int_equal(rig.unbinds, 0); /* not from within thaw */
	rig.now += WHEEL_TICK;
	wheel_run(&rig.wheel, rig.now);
	assert_int_equal(rig.unbinds, 1);
	assert_int_equal(rig.why, DHCP6_UNBIND_EXPIRED);
}

/* As version 1 writes it; one octet changed at a time says what is checked. */
static void test_thaw_refuses(void **state)
{
	static const uint8_t v1[] = {
		1,    2,    1,					/* version, declines, count */
		1,    0,    0,	  0,	0,    0,    7,		/* PD, index, in force, IAID */
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, /* the client */
		56,   0x20, 1,	  0xd,	0xb8, 0x80, 0,	  1,	0,
		0,    0,    0,	  0,	0,    0,    0,	  0, /* prefix */
		0,    0,    0,	  0xe8, 0xd4, 0xa5, 0x10, 0, /* since 1000 s */
		0,    0,    1,	  0x8b, 0xc6, 0xb6, 0,	  0, /* preferred until */
		0,    0,    1,	  0x8b, 0xc6, 0xb6, 0,	  1, /* valid until */
	};
	static const struct {
		uint8_t at, value;
		int want;
	} rows[] = {
		{ 0, 0, -EBADMSG },  { 0, 2, -ENOTSUP },    { 1, 255, 0 },
		{ 2, 0, -EBADMSG },  { 2, 2, -EBADMSG },    { 2, 5, -EBADMSG },
		{ 3, 2, -EBADMSG },  { 3, 0, -EBADMSG },    { 4, 3, 0 },
		{ 4, 4, -EBADMSG },  { 5, 1, 0 },	    { 5, 2, -EBADMSG },
		{ 9, 8, 0 },	     { 18, 129, -EBADMSG }, { 18, 55, -EBADMSG },
		{ 18, 57, 0 },	     { 18, 48, -EBADMSG },  { 34, 1, -EBADMSG },
		{ 50, 2, -EBADMSG },
	};
	uint8_t buf[sizeof(v1) + 1] = { 0 };
	struct dhcp6_line untouched;

	(void)state;
	memset(&rig.line, 0x5a, sizeof(rig.line));
	untouched = rig.line;
	memcpy(buf, v1, sizeof(v1));
	for (size_t n = 0; n <= sizeof(buf); n++)
		if (n != sizeof(v1))
			assert_int_equal(thaw(buf, n), -EBADMSG);
	assert_memory_equal(&rig.line, &untouched, sizeof(untouched));
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(buf, v1, sizeof(v1));
		buf[rows[i].at] = rows[i].value;
		if (thaw(buf, sizeof(v1)) != rows[i].want)
			fail_msg("row %u", i);
		if (!rows[i].want)
			dhcp6_line_fini(&rig.line);
	}
	assert_int_equal(thaw(v1, sizeof(v1)), 0);
	assert_int_equal(rig.line.declines, 2);
	assert_int_equal(rig.line.binding[0].client, 0x1122334455667788);
	assert_int_equal(rig.line.binding[0].prefix.len, 56);
	assert_int_equal(rig.line.binding[0].since, 1000 * SEC);
	dhcp6_line_fini(&rig.line);
	dhcp6_line_init(&rig.line, &rig_ctx);
}

/* Two bindings of one place, or of one IA. */
static void test_thaw_clash(void **state)
{
	static const uint32_t ids[] = { 1, 2 };
	uint8_t buf[DHCP6_FROZEN_MAX], *second = buf + 3 + DHCP6_FROZEN_BINDING;
	size_t len;

	(void)state;
	request(rig_client, 2, ids);
	len = freeze(buf);
	dhcp6_line_down(&rig.line, rig.now);
	second[1] = 0; /* index */
	assert_int_equal(thaw(buf, len), -EBADMSG);
	second[1] = 1;
	second[6] = 1; /* IAID */
	assert_int_equal(thaw(buf, len), -EBADMSG);
	second[14] ^= 1; /* of another client */
	assert_int_equal(thaw(buf, len), 0);
	dhcp6_line_fini(&rig.line);
	dhcp6_line_init(&rig.line, &rig_ctx);
}

/* The hash is in records: it must never change. */
static void test_client_hash(void **state)
{
	(void)state;
	bind_pd(1);
	assert_int_equal(rig.line.binding[0].client, 0xfd45e8527555f29a);
}

/* RFC 8168: the owner hears what is wished for, once. */
static void test_wish(void **state)
{
	static const struct prefix6 any = { .len = 0 }, length = { .len = 60 },
				    other = { .len = 48 };
	static const struct prefix6 named = { .addr = { .b = { 0x20, 1 } }, .len = 52 };
	static const struct {
		const struct prefix6 *a, *b, *want;
	} rows[] = {
		{ &any, &any, &any },	      { &any, &length, &length },
		{ &length, &other, &length }, { &length, &named, &named },
		{ &named, &length, &named },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rig.hint = any;
		msg_begin(DHCP6_SOLICIT);
		msg_client();
		msg_ia_begin(DHCP6_OPT_IA_PD, 1);
		msg_item(rows[i].a, true);
		msg_item(rows[i].b, true);
		msg_ia_end();
		exchange(DHCP6_ADVERTISE);
		assert_true(dhcp6_prefix_equal(&rig.hint, rows[i].want));
	}
	rig.hint = any;
	msg_begin(DHCP6_SOLICIT); /* :: is not an address to wish for */
	msg_client();
	msg_ia_with(DHCP6_NA, 1, &any);
	exchange(DHCP6_ADVERTISE);
	assert_int_equal(rig.hint.len, 0);
}

/* What a line with DHCPv6 pays. */
static void test_size(void **state)
{
	(void)state;
	assert_true(sizeof(struct dhcp6_line) <= 448);
	assert_true(DHCP6_FROZEN_MAX <= 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(test_expires),
		T(test_expired_before_timer),
		T(test_replaced),
		T(test_renamed),
		T(test_limit),
		T(test_limit_together),
		T(test_withdraw),
		T(test_withdraw_unnamed),
		T(test_withdraw_solicit),
		T(test_flood),
		T(test_line_down),
		T(test_thaw),
		T(test_thaw_late),
		T(test_thaw_clash),
		T(test_wish),
		T(test_client_hash),
		cmocka_unit_test_setup(test_thaw_refuses, rig_setup),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
