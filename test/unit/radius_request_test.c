// SPDX-License-Identifier: GPL-2.0-or-later
/* What we write: Access-Request by method, Accounting-Request by status. */
#include "radius/message.h"
#include "test/unit/radius_rig.h"

static const uint8_t auth[RADIUS_AUTH_LEN] = { 1, 2, 3 };
static const struct radius_nas nas = { "lab",
				       0xc0000201,
				       { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } } };

static struct radius_line line(void)
{
	return (struct radius_line){
		.username = "alice",
		.acct_session_id = "00000000000000a1",
		.acct_multi_session_id = "00000000000000b2",
		.calling_station_id = "02:00:00:00:00:01",
		.called_station_id = "internet",
		.nas_port = 77,
		.nas_port_id = "acc0:100.200",
		.circuit_id = "slot 1",
		.remote_id = "remote",
	};
}

static const struct radius_packet *access_write(struct rig *g, const struct radius_access *a)
{
	radius_begin(&g->w, g->buf, RADIUS_ACCESS_REQUEST, 1, auth, true);
	radius_access_write(&g->w, &nas, a, RIG_SECRET, auth, 1700000000);
	assert_true(radius_finish_access(&g->w, RIG_SECRET) > 0);
	assert_int_equal(radius_packet_parse(g->buf, g->w.len, &g->p), 0);
	return &g->p;
}

static void check_line(const struct radius_packet *p)
{
	rig_text(p, 0, RADIUS_ATTR_USER_NAME, "alice");
	rig_text(p, 0, RADIUS_ATTR_NAS_IDENTIFIER, "lab");
	rig_text(p, 0, RADIUS_ATTR_NAS_PORT_ID, "acc0:100.200");
	rig_text(p, 0, RADIUS_ATTR_CALLING_STATION_ID, "02:00:00:00:00:01");
	rig_text(p, 0, RADIUS_ATTR_CALLED_STATION_ID, "internet");
	rig_text(p, 0, RADIUS_ATTR_ACCT_SESSION_ID, "00000000000000a1");
	rig_text(p, RADIUS_VENDOR_ADSL_FORUM, 1, "slot 1");
	rig_text(p, RADIUS_VENDOR_ADSL_FORUM, 2, "remote");
	assert_int_equal(rig_u32(p, RADIUS_ATTR_NAS_IP_ADDRESS), 0xc0000201);
	assert_memory_equal(rig_find(p, 0, RADIUS_ATTR_NAS_IPV6_ADDRESS, 0).value, nas.ip6.b, 16);
	assert_int_equal(rig_u32(p, RADIUS_ATTR_NAS_PORT), 77);
	assert_int_equal(rig_u32(p, RADIUS_ATTR_NAS_PORT_TYPE), 5);
	assert_int_equal(rig_u32(p, RADIUS_ATTR_SERVICE_TYPE), 2);
	assert_int_equal(rig_u32(p, RADIUS_ATTR_FRAMED_PROTOCOL), 1);
	assert_int_equal(rig_u32(p, RADIUS_ATTR_EVENT_TIMESTAMP), 1700000000);
}

static void test_pap(void **state)
{
	struct radius_access a = { .line = line(),
				   .method = RADIUS_PAP,
				   .response = (const uint8_t *)"secret one",
				   .response_len = 10,
				   .mtu = 1492 };
	const struct radius_packet *p;
	uint8_t expected[64];
	enum radius_ma ma;
	struct rig g;
	struct wr w = wr_init(expected, sizeof(expected));
	static const struct radius_octets granted = { 5, "\0Abc\xff" };

	(void)state;
	p = access_write(&g, &a);
	check_line(p);
	assert_int_equal(p->raw[20], RADIUS_ATTR_MESSAGE_AUTHENTICATOR);
	assert_int_equal(radius_verify_request(p, RIG_SECRET, &ma), 0);
	assert_int_equal(rig_u32(p, RADIUS_ATTR_FRAMED_MTU), 1492);
	radius_put_password(&w, auth, RIG_SECRET, "secret one", 10);
	assert_memory_equal(rig_find(p, 0, RADIUS_ATTR_USER_PASSWORD, 0).value, expected + 2, 16);
	assert_null(rig_find(p, 0, RADIUS_ATTR_ACCT_MULTI_SESSION_ID, 0).value);
	assert_null(rig_find(p, 0, RADIUS_ATTR_CHAP_CHALLENGE, 0).value);

	assert_null(rig_find(p, 0, RADIUS_ATTR_STATE, 0).value);
	a.state = &granted;
	p = access_write(&g, &a);
	assert_int_equal(rig_find(p, 0, RADIUS_ATTR_STATE, 0).len, 5);
	assert_memory_equal(rig_find(p, 0, RADIUS_ATTR_STATE, 0).value, "\0Abc\xff", 5);
	a.state = NULL;

	/* What there is not is not sent. */
	a.mtu = 0;
	a.line.circuit_id = NULL;
	a.line.called_station_id = "";
	p = access_write(&g, &a);
	assert_null(rig_find(p, 0, RADIUS_ATTR_FRAMED_MTU, 0).value);
	assert_null(rig_find(p, RADIUS_VENDOR_ADSL_FORUM, 1, 0).value);
	assert_null(rig_find(p, 0, RADIUS_ATTR_CALLED_STATION_ID, 0).value);
}

static void test_chap(void **state)
{
	uint8_t challenge[16], response[16];
	struct radius_access a = { .line = line(),
				   .method = RADIUS_CHAP_MD5,
				   .chap_id = 200,
				   .challenge = challenge,
				   .challenge_len = sizeof(challenge),
				   .response = response,
				   .response_len = sizeof(response) };
	const struct radius_packet *p;
	struct radius_attr attr;
	struct rig g;

	(void)state;
	memset(challenge, 0xcc, sizeof(challenge));
	memset(response, 0xee, sizeof(response));
	p = access_write(&g, &a);
	check_line(p);
	attr = rig_find(p, 0, RADIUS_ATTR_CHAP_PASSWORD, 0);
	assert_int_equal(attr.len, 17);
	assert_int_equal(attr.value[0], 200);
	assert_memory_equal(attr.value + 1, response, 16);
	attr = rig_find(p, 0, RADIUS_ATTR_CHAP_CHALLENGE, 0);
	assert_int_equal(attr.len, 16);
	assert_memory_equal(attr.value, challenge, 16);
	assert_null(rig_find(p, 0, RADIUS_ATTR_USER_PASSWORD, 0).value);

	a.response_len = 15;
	radius_begin(&g.w, g.buf, RADIUS_ACCESS_REQUEST, 1, auth, true);
	radius_access_write(&g.w, &nas, &a, RIG_SECRET, auth, 0);
	assert_int_equal(radius_finish_access(&g.w, RIG_SECRET), -ENOSPC);
}

/* PPP has the flags last, RADIUS has them behind the identifier. */
static void test_mschap(void **state)
{
	uint8_t challenge[16], response[49];
	struct radius_access a = { .line = line(),
				   .method = RADIUS_MSCHAP_V2,
				   .chap_id = 9,
				   .challenge = challenge,
				   .challenge_len = sizeof(challenge),
				   .response = response,
				   .response_len = sizeof(response) };
	const struct radius_packet *p;
	struct radius_attr attr;
	struct rig g;

	(void)state;
	memset(challenge, 0xcc, sizeof(challenge));
	for (unsigned i = 0; i < sizeof(response); i++)
		response[i] = (uint8_t)i;
	p = access_write(&g, &a);
	attr = rig_find(p, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_CHAP2_RESPONSE, 0);
	assert_int_equal(attr.len, 50);
	assert_int_equal(attr.value[0], 9);
	assert_int_equal(attr.value[1], 48);
	assert_memory_equal(attr.value + 2, response, 48);
	attr = rig_find(p, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_CHAP_CHALLENGE, 0);
	assert_int_equal(attr.len, 16);
	assert_memory_equal(attr.value, challenge, 16);

	a.response_len = 50;
	radius_begin(&g.w, g.buf, RADIUS_ACCESS_REQUEST, 1, auth, true);
	radius_access_write(&g.w, &nas, &a, RIG_SECRET, auth, 0);
	assert_int_equal(radius_finish_access(&g.w, RIG_SECRET), -ENOSPC);
}

/* An identifier of a line is cut to what fits; a name never: it would be another's. */
static void test_long_texts(void **state)
{
	char text[300];
	struct radius_access a = { .line = line(), .method = RADIUS_PAP, .response_len = 0 };
	struct rig g;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	a.line.circuit_id = text;
	assert_int_equal(rig_find(access_write(&g, &a), RADIUS_VENDOR_ADSL_FORUM, 1, 0).len, 247);
	a.line.username = text;
	radius_begin(&g.w, g.buf, RADIUS_ACCESS_REQUEST, 1, auth, true);
	radius_access_write(&g.w, &nas, &a, RIG_SECRET, auth, 0);
	assert_int_equal(radius_finish_access(&g.w, RIG_SECRET), -ENOSPC);
}

/* --- accounting ----------------------------------------------------------------------------------
 */

static const struct radius_octets classes[2] = { { 3, { 0, 1, 2 } }, { 2, { 'h', 'i' } } };

static struct radius_record record(enum radius_status status)
{
	return (struct radius_record){
		.status = status,
		.line = line(),
		.event_time = 1700000000,
		.session_time = 4000,
		.cause = RADIUS_LOST_CARRIER,
		.ip4 = 0x64400a0a,
		.has_ifid = true,
		.has_prefix6 = true,
		.delegated6_count = 1,
		.address6_count = 2,
		.address6 = { { { 0x20, 1, [15] = 1 } }, { { 0x20, 1, [15] = 2 } } },
		.ifid = { 1, 2, 3, 4, 5, 6, 7, 8 },
		.prefix6 = { { { 0x20, 1, 0xd, 0xb8, 1 } }, 64 },
		.delegated6 = { { { { 0x20, 1, 0xd, 0xb8, 2 } }, 56 } },
		.rx4_bytes = 0xffffffff,
		.rx6_bytes = 0x500000002,
		.tx4_bytes = 10,
		.tx6_bytes = 20,
		.rx4_packets = 1,
		.rx6_packets = 2,
		.tx4_packets = 30,
		.tx6_packets = 40,
		.class = classes,
		.class_count = 2,
	};
}

static const struct radius_packet *record_write(struct rig *g, const struct radius_record *r)
{
	enum radius_ma ma;

	radius_begin(&g->w, g->buf, RADIUS_ACCOUNTING_REQUEST, 1, NULL, false);
	radius_record_write(&g->w, &nas, r, 5);
	assert_true(radius_finish_request(&g->w, RIG_SECRET) > 0);
	assert_int_equal(radius_packet_parse(g->buf, g->w.len, &g->p), 0);
	assert_int_equal(radius_verify_request(&g->p, RIG_SECRET, &ma), 0);
	assert_int_equal(rig_u32(&g->p, RADIUS_ATTR_ACCT_STATUS_TYPE), r->status);
	assert_int_equal(rig_u32(&g->p, RADIUS_ATTR_ACCT_DELAY_TIME), 5);
	return &g->p;
}

static void check_u64(const struct radius_packet *p, uint8_t type, uint64_t expected)
{
	struct radius_attr a = rig_find(p, RADIUS_VENDOR_BRASBERRY, type, 0);
	struct rd r = rd_init(a.value, a.len);

	assert_int_equal(a.len, 8);
	assert_int_equal(rd_be64(&r), expected);
}

static void check_session(const struct radius_packet *p)
{
	static const uint8_t prefix[] = { 0, 64, 0x20, 1, 0xd, 0xb8, 1 };

	check_line(p);
	rig_text(p, 0, RADIUS_ATTR_ACCT_MULTI_SESSION_ID, "00000000000000b2");
	assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_AUTHENTIC), RADIUS_AUTHENTIC_RADIUS);
	assert_int_equal(rig_u32(p, RADIUS_ATTR_FRAMED_IP_ADDRESS), 0x64400a0a);
	assert_memory_equal(rig_find(p, 0, RADIUS_ATTR_CLASS, 0).value, "\0\1\2", 3);
	assert_memory_equal(rig_find(p, 0, RADIUS_ATTR_CLASS, 1).value, "hi", 2);
	assert_memory_equal(rig_find(p, 0, RADIUS_ATTR_FRAMED_INTERFACE_ID, 0).value,
			    "\1\2\3\4\5\6\7\10", 8);
	assert_int_equal(rig_find(p, 0, RADIUS_ATTR_FRAMED_IPV6_PREFIX, 0).len, 18);
	assert_memory_equal(rig_find(p, 0, RADIUS_ATTR_FRAMED_IPV6_PREFIX, 0).value, prefix,
			    sizeof(prefix));
	assert_int_equal(rig_find(p, 0, RADIUS_ATTR_DELEGATED_IPV6_PREFIX, 0).value[1], 56);
	assert_int_equal(rig_find(p, 0, RADIUS_ATTR_FRAMED_IPV6_ADDRESS, 1).len, 16);
	assert_int_equal(rig_find(p, 0, RADIUS_ATTR_FRAMED_IPV6_ADDRESS, 1).value[15], 2);
}

static void test_start(void **state)
{
	struct radius_record r = record(RADIUS_START);
	const struct radius_packet *p;
	struct rig g;

	(void)state;
	p = record_write(&g, &r);
	check_session(p);
	assert_null(rig_find(p, 0, RADIUS_ATTR_ACCT_INPUT_OCTETS, 0).value);
	assert_null(rig_find(p, 0, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, 0).value);
	r.ip4 = 0, r.has_ifid = r.has_prefix6 = false, r.delegated6_count = r.address6_count = 0;
	r.authentic_local = true;
	p = record_write(&g, &r);
	assert_null(rig_find(p, 0, RADIUS_ATTR_FRAMED_IP_ADDRESS, 0).value);
	assert_null(rig_find(p, 0, RADIUS_ATTR_FRAMED_INTERFACE_ID, 0).value);
	assert_null(rig_find(p, 0, RADIUS_ATTR_FRAMED_IPV6_PREFIX, 0).value);
	assert_null(rig_find(p, 0, RADIUS_ATTR_DELEGATED_IPV6_PREFIX, 0).value);
	assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_AUTHENTIC), RADIUS_AUTHENTIC_LOCAL);
}

/* One of the users file; a record is worth more than the end of a name. */
static void test_long_name(void **state)
{
	struct radius_record r = record(RADIUS_START);
	const struct radius_packet *p;
	char name[256] = "";
	struct rig g;

	(void)state;
	memset(name, 'x', 255);
	r.line.username = name;
	p = record_write(&g, &r);
	assert_int_equal(rig_find(p, 0, RADIUS_ATTR_USER_NAME, 0).len, 253);
}

/* Summed over the families with Gigawords, and apart in 64 bits. */
static void test_stop_and_interim(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct radius_record r = record(i ? RADIUS_STOP : RADIUS_INTERIM);
		const struct radius_packet *p;
		struct rig g;

		p = record_write(&g, &r);
		check_session(p);
		assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_SESSION_TIME), 4000);
		assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_INPUT_OCTETS), 1);
		assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_INPUT_GIGAWORDS), 6);
		assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_OUTPUT_OCTETS), 30);
		assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_OUTPUT_GIGAWORDS), 0);
		assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_INPUT_PACKETS), 3);
		assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_OUTPUT_PACKETS), 70);
		check_u64(p, 1, 0xffffffff);
		check_u64(p, 2, 10);
		check_u64(p, 3, 0x500000002);
		check_u64(p, 4, 20);
		check_u64(p, 5, 1);
		check_u64(p, 6, 30);
		check_u64(p, 7, 2);
		check_u64(p, 8, 40);
		if (i)
			assert_int_equal(rig_u32(p, RADIUS_ATTR_ACCT_TERMINATE_CAUSE), 2);
		else
			assert_null(rig_find(p, 0, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, 0).value);
	}
}

/* Of no line, and with an id all the same. */
static void test_on_off(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct radius_record r = { .status = i ? RADIUS_OFF : RADIUS_ON,
					   .event_time = 0x65 };
		const struct radius_packet *p;
		struct rig g;

		p = record_write(&g, &r);
		rig_text(p, 0, RADIUS_ATTR_ACCT_SESSION_ID, "0000000000000065");
		rig_text(p, 0, RADIUS_ATTR_NAS_IDENTIFIER, "lab");
		assert_null(rig_find(p, 0, RADIUS_ATTR_USER_NAME, 0).value);
		assert_null(rig_find(p, 0, RADIUS_ATTR_NAS_PORT, 0).value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pap),
		cmocka_unit_test(test_chap),
		cmocka_unit_test(test_mschap),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_stop_and_interim),
		cmocka_unit_test(test_on_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
