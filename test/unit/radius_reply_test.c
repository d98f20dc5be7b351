// SPDX-License-Identifier: GPL-2.0-or-later
/* What servers answer: each attribute good and bad, what they mean together. */
#include "radius/message.h"
#include "test/unit/radius_rig.h"

#define CHAP_ID 9
#define MS	311
#define RP	10055
#define MT	14988
#define S40	"533d34303741353538393131354644304436323039463531304645394330343536363933324344413536"

/* Every attribute with a value that is malformed, and what is said of it. */
static const struct {
	uint32_t vendor;
	uint8_t type;
	const char *hex, *message;
} bad[] = {
	{ 0, 1, "610062", "User-Name: a NUL in the text" },
	{ 0, 8, "c00002", "Framed-IP-Address: 3 octets, 4 expected" },
	{ 0, 8, "00000000", "Framed-IP-Address: not the address of a host" },
	{ 0, 8, "7f000001", "Framed-IP-Address: not the address of a host" },
	{ 0, 8, "e0000001", "Framed-IP-Address: not the address of a host" },
	{ 0, 8, "fffffffd", "Framed-IP-Address: not the address of a host" },
	{ 0, 11, "00", "Filter-Id: a NUL in the text" },
	{ 0, 12, "05dc", "Framed-MTU: 2 octets, 4 expected" },
	{ 0, 12, "0000003f", "Framed-MTU: not between 64 and 65535" },
	{ 0, 12, "00010000", "Framed-MTU: not between 64 and 65535" },
	{ 0, 18, "686900", "Reply-Message: a NUL in the text" },
	{ 0, 22, "31302e302e302e312f3234",
	  "Framed-Route: not a prefix, or bits beyond its length are set" },
	{ 0, 22, "203130", "Framed-Route: does not begin with a prefix" },
	{ 0, 22, "302e302e302e302f30", "Framed-Route: not a prefix of hosts" },
	{ 0, 22, "31302e312e302e30", "Framed-Route: no length, and bits beyond its class are set" },
	{ 0, 22, "31302e302e302e302f3800", "Framed-Route: a NUL in the text" },
	{ 0, 27, "003c", "Session-Timeout: 2 octets, 4 expected" },
	{ 0, 27, "000000003c", "Session-Timeout: 5 octets, 4 expected" },
	{ 0, 28, "3c", "Idle-Timeout: 1 octets, 4 expected" },
	{ 0, 29, "01", "Termination-Action: 1 octets, 4 expected" },
	{ 0, 29, "00000002", "Termination-Action: neither 0 (Default) nor 1 (RADIUS-Request)" },
	{ 0, 62, "02", "Port-Limit: 1 octets, 4 expected" },
	{ 0, 85, "0258", "Acct-Interim-Interval: 2 octets, 4 expected" },
	{ 0, 88, "6100", "Framed-Pool: a NUL in the text" },
	{ 0, 96, "01020304050607", "Framed-Interface-Id: 7 octets, 8 expected" },
	{ 0, 96, "0000000000000000", "Framed-Interface-Id: an identifier of zero" },
	{ 0, 97, "00", "Framed-IPv6-Prefix: 1 octets, 2 to 18 expected" },
	{ 0, 97, "004020010db80001",
	  "Framed-IPv6-Prefix: the prefix is shorter than its length says" },
	{ 0, 97, "004020010db8000100020001",
	  "Framed-IPv6-Prefix: bits beyond the length of the prefix are set" },
	{ 0, 97, "002020010db801",
	  "Framed-IPv6-Prefix: bits beyond the length of the prefix are set" },
	{ 0, 97, "001f20010db9",
	  "Framed-IPv6-Prefix: bits beyond the length of the prefix are set" },
	{ 0, 97, "012020010db8", "Framed-IPv6-Prefix: its first octet is not zero" },
	{ 0, 97, "0000", "Framed-IPv6-Prefix: the length of the prefix is not between 1 and 128" },
	{ 0, 97, "008120010db8000000000000000000000001",
	  "Framed-IPv6-Prefix: the length of the prefix is not between 1 and 128" },
	{ 0, 97, "0010ff02", "Framed-IPv6-Prefix: not a prefix of hosts" },
	{ 0, 99, "3a3a2f30", "Framed-IPv6-Route: not a prefix of hosts" },
	{ 0, 99, "323030313a3a312f3634",
	  "Framed-IPv6-Route: not a prefix, or bits beyond its length are set" },
	{ 0, 100, "00", "Framed-IPv6-Pool: a NUL in the text" },
	{ 0, 123, "00", "Delegated-IPv6-Prefix: 1 octets, 2 to 18 expected" },
	{ 0, 123, "0010fe80", "Delegated-IPv6-Prefix: not a prefix of hosts" },
	{ 0, 168, "20010db8", "Framed-IPv6-Address: 4 octets, 16 expected" },
	{ 0, 168, "00000000000000000000000000000000",
	  "Framed-IPv6-Address: not the address of a host" },
	{ 0, 169, "20010db8", "DNS-Server-IPv6-Address: 4 octets, 16 expected" },
	{ 0, 169, "ff020000000000000000000000000001",
	  "DNS-Server-IPv6-Address: not the address of a host" },
	{ 0, 171, "610061", "Delegated-IPv6-Prefix-Pool: a NUL in the text" },
	{ 0, 227, "0001", "Session-Octets-Limit: 2 octets, 4 expected" },
	{ MS, 26, "09533d", "MS-CHAP2-Success: 3 octets, 43 to 247 expected" },
	{ MS, 26, "08" S40, "MS-CHAP2-Success: of another identifier" },
	{ MS, 26,
	  "09543d34303741353538393131354644304436323039463531304645394330343536363933324344413536",
	  "MS-CHAP2-Success: does not begin with S=" },
	{ MS, 26,
	  "09"
	  "533d347a3741353538393131354644304436323039463531304645394330343536363933324344413536",
	  "MS-CHAP2-Success: not 40 hexadecimal digits" },
	{ MS, 28, "c000", "MS-Primary-DNS-Server: 2 octets, 4 expected" },
	{ MS, 29, "ffffffff", "MS-Secondary-DNS-Server: not the address of a host" },
	{ RP, 5, "01", "RP-Max-Sessions-Per-User: 1 octets, 4 expected" },
	{ MT, 17, "01", "Mikrotik-Total-Limit: 1 octets, 4 expected" },
	{ MT, 18, "0000000000", "Mikrotik-Total-Limit-Gigawords: 5 octets, 4 expected" },
};

static void test_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		static const struct radius_reply zero;
		struct radius_reply r;
		struct rig g;

		radius_reply_parse(
			rig_one(&g, RADIUS_ACCESS_ACCEPT, bad[i].vendor, bad[i].type, bad[i].hex),
			CHAP_ID, rig_wants, &r);
		assert_string_equal(r.message, bad[i].message);
		assert_int_equal(r.verdict, RADIUS_BAD);
		memset(r.message, 0, sizeof(r.message));
		r.verdict = zero.verdict;
		assert_memory_equal(&r, &zero, sizeof(r));
	}
}

/* Every text and octets attribute: empty is malformed, and so is one too long for its pool. */
static void test_limits_of_length(void **state)
{
	static const uint8_t types[] = { 1, 11, 18, 22, 24, 25, 88, 99, 100, 171 };
	char text[65];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(types); i++) {
		struct radius_reply r;
		struct rig g;

		rig_begin(&g, RADIUS_ACCESS_ACCEPT);
		wr_u8(&g.w, types[i]);
		wr_u8(&g.w, 2);
		radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
		assert_int_equal(r.verdict, RADIUS_BAD);
	}
	for (size_t i = 0; i < 3; i++) {
		static const uint8_t pools[] = { 88, 100, 171 };
		struct radius_reply r;
		struct rig g;

		rig_begin(&g, RADIUS_ACCESS_ACCEPT);
		radius_put(&g.w, pools[i], text, 64);
		radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
		assert_int_equal(r.verdict, RADIUS_BAD);
		rig_begin(&g, RADIUS_ACCESS_ACCEPT);
		radius_put(&g.w, pools[i], text, 63);
		radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
		assert_int_equal(r.verdict, RADIUS_ACCEPT);
	}
}

static struct radius_reply one(uint32_t vendor, uint8_t type, const char *hex)
{
	struct radius_reply r;
	struct rig g;

	radius_reply_parse(rig_one(&g, RADIUS_ACCESS_ACCEPT, vendor, type, hex), CHAP_ID, rig_wants,
			   &r);
	assert_int_equal(r.verdict, RADIUS_ACCEPT);
	return r;
}

static void test_framed_ip(void **state)
{
	struct radius_reply r = one(0, 8, "c000020a");
	struct rig g;

	(void)state;
	assert_int_equal(r.has, RADIUS_HAS_IP4);
	assert_int_equal(r.ip4, 0xc000020a);
	assert_int_equal(one(0, 8, "fffffffe").has, RADIUS_HAS_IP4_POOL);
	assert_int_equal(one(0, 8, "ffffffff").has, RADIUS_HAS_IP4_ANY);
	rig_begin(&g, RADIUS_ACCESS_ACCEPT); /* the last one counts */
	radius_put_u32(&g.w, 8, 0xc000020a);
	radius_put_u32(&g.w, 8, 0xfffffffe);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.has, RADIUS_HAS_IP4_POOL);
	assert_int_equal(r.ip4, 0);
}

static void route(const char *text, uint32_t addr, unsigned len)
{
	struct radius_reply r;
	struct rig g;

	rig_begin(&g, RADIUS_ACCESS_ACCEPT);
	radius_put_text(&g.w, 22, text);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_ACCEPT);
	assert_int_equal(r.route4_count, 1);
	assert_int_equal(r.routes4[0].addr, addr);
	assert_int_equal(r.routes4[0].len, len);
}

static void test_routes(void **state)
{
	struct radius_reply r;
	struct rig g;

	(void)state;
	route("198.51.100.0/24", 0xc6336400, 24);
	route("198.51.100.0/24 192.0.2.1 1 2 -1 3 400", 0xc6336400, 24);
	route("203.0.113.7/32  0.0.0.0 1", 0xcb007107, 32);
	route("10.0.0.0 192.0.2.1 1", 0x0a000000, 8);
	route("172.16.0.0", 0xac100000, 16);
	route("192.0.2.0", 0xc0000200, 24);

	rig_begin(&g, RADIUS_ACCESS_ACCEPT);
	for (unsigned i = 0; i < RADIUS_ROUTES_MAX; i++) {
		radius_put_text(&g.w, 22, "192.0.2.0/24");
		radius_put_text(&g.w, 99, "2001:db8::/32 :: 1");
	}
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_ACCEPT);
	assert_int_equal(r.route4_count, 16);
	assert_int_equal(r.route6_count, 16);
	assert_int_equal(r.routes6[15].len, 32);
	assert_int_equal(r.routes6[15].addr.b[3], 0xb8);
	radius_put_text(&g.w, 99, "2001:db8::/32");
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_string_equal(r.message, "Framed-IPv6-Route: more than 16 of them");
}

static void test_prefixes(void **state)
{
	struct radius_reply r = one(0, 97, "004020010db800010002");

	(void)state;
	assert_int_equal(r.has, RADIUS_HAS_PREFIX6);
	assert_int_equal(r.prefix6.len, 64);
	assert_memory_equal(r.prefix6.addr.b, "\x20\x01\x0d\xb8\0\1\0\2\0\0\0\0\0\0\0\0", 16);
	r = one(0, 97, "004020010db80001000200000000");
	assert_memory_equal(r.prefix6.addr.b, "\x20\x01\x0d\xb8\0\1\0\2\0\0\0\0\0\0\0\0", 16);
	r = one(0, 123, "003820010db8800001000000000000000000");
	assert_int_equal(r.has, RADIUS_HAS_DELEGATED6);
	assert_int_equal(r.delegated6.len, 56);
	r = one(0, 171, "706434");
	assert_string_equal(r.delegated_pool, "pd4");
	r = one(0, 172, "6e6136");
	assert_string_equal(r.address_pool, "na6");
	r = one(0, 97, "008020010db8000000000000000000000001");
	assert_int_equal(r.prefix6.len, 128);
}

static void test_several(void **state)
{
	struct radius_reply r;
	struct rig g;

	(void)state;
	rig_begin(&g, RADIUS_ACCESS_ACCEPT);
	for (unsigned i = 0; i < 4; i++) {
		radius_put(&g.w, 25, &i, 1 + i % 2);
		radius_put(&g.w, 169, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\5", 16);
	}
	radius_put_text(&g.w, 18, "one");
	radius_put_text(&g.w, 18, "two");
	radius_put(&g.w, 24, "\0\1", 2);
	radius_put_vendor(&g.w, 9, 1, "unknown", 7);
	radius_put(&g.w, 241, "unknown", 7);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_ACCEPT);
	assert_int_equal(r.has, RADIUS_HAS_DNS6);
	assert_int_equal(r.class_count, 4);
	assert_int_equal(r.class[1].len, 2);
	assert_int_equal(r.class[1].b[0], 1);
	assert_int_equal(r.dns6_count, 3);
	assert_string_equal(r.message, "one two");
	assert_int_equal(r.state.len, 2);
	radius_put(&g.w, 25, "x", 1);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_string_equal(r.message, "Class: more than 4 of them");
}

static void test_limits(void **state)
{
	struct radius_reply r = one(0, 227, "00001000");
	struct rig g;

	(void)state;
	assert_int_equal(r.has, RADIUS_HAS_QUOTA);
	assert_int_equal(r.quota, 4096);
	assert_int_equal(one(0, 227, "00000000").has, 0);
	assert_int_equal(one(MT, 18, "00000002").quota, 2ull << 32);
	rig_begin(&g, RADIUS_ACCESS_ACCEPT);
	radius_put_u32(&g.w, 227, 10);
	radius_put_vendor(&g.w, MT, 18, "\0\0\0\1", 4);
	radius_put_vendor(&g.w, MT, 17, "\0\0\0\5", 4);
	radius_put_u32(&g.w, 62, 3);
	radius_put_vendor(&g.w, RP, 5, "\0\0\0\2", 4);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.quota, 10);
	assert_int_equal(r.port_limit, 2);
	assert_int_equal(r.has, RADIUS_HAS_QUOTA | RADIUS_HAS_PORT_LIMIT);
}

/* A vendor whose attributes we read, its inside broken: not passed over. */
static void test_broken_vendor(void **state)
{
	struct radius_reply r;
	struct rig g;

	(void)state;
	rig_begin(&g, RADIUS_ACCESS_ACCEPT);
	radius_put(&g.w, 26, "\0\0\x27\x47\1\7\0\0\0\1", 10); /* 10055/1 of length 7 */
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_string_equal(r.message, "Vendor-Specific 10055: not a chain of attributes");
	assert_int_equal(r.verdict, RADIUS_BAD);
	assert_int_equal(one(0, 26, "000001ad0107000001").has, 0); /* another's: ignored */
}

static void test_mschap(void **state)
{
	struct radius_reply r;
	struct rig g;

	(void)state;
	assert_string_equal(one(MS, 26, "09" S40).message,
			    "S=407A5589115FD0D6209F510FE9C04566932CDA56");
	rig_begin(&g, RADIUS_ACCESS_ACCEPT);
	radius_put_text(&g.w, 18, "hello");
	radius_put_vendor(&g.w, MS, 26, "\x9S=407A5589115FD0D6209F510FE9C04566932CDA56", 43);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_string_equal(r.message, "S=407A5589115FD0D6209F510FE9C04566932CDA56 M=hello");

	rig_begin(&g, RADIUS_ACCESS_REJECT);
	radius_put_text(&g.w, 18, "no");
	radius_put_vendor(&g.w, MS, 2,
			  "\x9"
			  "E=691 R=0",
			  10);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_string_equal(r.message, "E=691 R=0 M=no");
	assert_int_equal(r.verdict, RADIUS_REJECT);
	radius_reply_parse(rig_one(&g, RADIUS_ACCESS_REJECT, MS, 2, "0945"), CHAP_ID, rig_wants,
			   &r);
	assert_string_equal(r.message, "MS-CHAP-Error: 2 octets, 3 to 247 expected");
	radius_reply_parse(rig_one(&g, RADIUS_ACCESS_REJECT, MS, 2, "09463d"), CHAP_ID, rig_wants,
			   &r);
	assert_string_equal(r.message, "MS-CHAP-Error: does not begin with E=");
	radius_reply_parse(rig_one(&g, RADIUS_ACCESS_REJECT, MS, 2, "09453d00"), CHAP_ID, rig_wants,
			   &r);
	assert_string_equal(r.message, "MS-CHAP-Error: a NUL in the text");
}

/* Attributes of speed are kept as they came, in their order, whatever stands between them. */
static void test_speed(void **state)
{
	static const uint8_t kept[] = { 0, 0,  0x27, 0x47, 2,	4,   0, 0, 0x13, 0x88, 0, 0, 0,
					0, 11, 3,    '5',  '/', '1', 0, 0, 0x27, 0x47, 1, 1, 7 };
	struct radius_reply r;
	struct rig g;

	(void)state;
	rig_begin(&g, RADIUS_ACCESS_ACCEPT);
	radius_put_vendor(&g.w, RP, 2, "\0\0\x13\x88", 4);
	radius_put_u32(&g.w, 27, 60);
	radius_put_text(&g.w, 11, "5/1");
	radius_put_vendor(&g.w, RP, 1, "\7", 1); /* too short: not for us to say */
	radius_put_text(&g.w, 11, "std.in");
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_ACCEPT);
	assert_int_equal(r.has, RADIUS_HAS_SPEED | RADIUS_HAS_SESSION_TIMEOUT);
	assert_int_equal(r.speed_len, sizeof(kept));
	assert_memory_equal(r.speed, kept, sizeof(kept));
	assert_string_equal(r.filter_id, "std.in");
	radius_reply_parse(&g.p, CHAP_ID, NULL, &r);
	assert_int_equal(r.has, RADIUS_HAS_SESSION_TIMEOUT);
	assert_int_equal(r.speed_len, 0);
	g.p.code = RADIUS_ACCESS_REJECT;
	radius_reply_parse(&g.p, CHAP_ID, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_REJECT);
	assert_int_equal(r.speed_len, 0);
}

/* 512 octets of them, and not one more. */
static void test_speed_room(void **state)
{
	char text[248];
	struct radius_reply r;
	struct rig g;

	(void)state;
	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	rig_begin(&g, RADIUS_ACCESS_ACCEPT);
	radius_put_text(&g.w, 11, text);
	radius_put_text(&g.w, 11, text + 2);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.speed_len, 504);
	radius_put_vendor(&g.w, RP, 1, "12", 2);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.speed_len, RADIUS_SPEED_MAX);
	radius_put_vendor(&g.w, RP, 2, "1", 1);
	radius_reply_parse(rig_end(&g), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_BAD);
	assert_int_equal(r.speed_len, 0);
	assert_string_equal(
		r.message,
		"Vendor-10055-Attr-2: the attributes of speed have more than 512 octets");
}

/* A reject is one whatever else stands in it; a challenge is a reject; others are no answer. */
static void test_codes(void **state)
{
	struct radius_reply r;
	struct rig g;

	(void)state;
	radius_reply_parse(rig_one(&g, RADIUS_ACCESS_REJECT, 0, 27, "01"), CHAP_ID, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_REJECT);
	assert_int_equal(r.has, 0);
	radius_reply_parse(rig_one(&g, RADIUS_ACCESS_CHALLENGE, 0, 18, "6869"), CHAP_ID, rig_wants,
			   &r);
	assert_int_equal(r.verdict, RADIUS_REJECT);
	assert_string_equal(r.message, "hi");
	radius_reply_parse(rig_one(&g, RADIUS_ACCOUNTING_RESPONSE, 0, 18, "6869"), CHAP_ID,
			   rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_BAD);
	assert_string_equal(r.message, "code 5: not an answer to Access-Request");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed), cmocka_unit_test(test_limits_of_length),
		cmocka_unit_test(test_framed_ip), cmocka_unit_test(test_routes),
		cmocka_unit_test(test_prefixes),  cmocka_unit_test(test_several),
		cmocka_unit_test(test_limits),	  cmocka_unit_test(test_broken_vendor),
		cmocka_unit_test(test_mschap),	  cmocka_unit_test(test_codes),
		cmocka_unit_test(test_speed),	  cmocka_unit_test(test_speed_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
