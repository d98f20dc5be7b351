// SPDX-License-Identifier: GPL-2.0-or-later
/* CoA- and Disconnect-Request: each key, each change, each refusal with its Error-Cause. */
#include "radius/message.h"
#include "test/unit/radius_rig.h"

static const struct radius_nas nas = { "lab", 0xc0000201, { { 0x20, 1, 0xd, 0xb8, [15] = 1 } } };

static void add(struct rig *g, uint32_t vendor, uint8_t type, const char *hex)
{
	uint8_t value[253];
	size_t len = rig_hex(hex, value, sizeof(value));

	if (vendor)
		radius_put_vendor(&g->w, vendor, type, value, len);
	else
		radius_put(&g->w, type, value, len);
}

static void begin(struct rig *g, bool disconnect)
{
	rig_begin(g, disconnect ? RADIUS_DISCONNECT_REQUEST : RADIUS_COA_REQUEST);
}

static enum radius_error_cause end(struct rig *g, struct radius_dae_request *ret)
{
	return radius_dae_parse(rig_end(g), &nas, rig_wants, ret);
}

static void test_keys(void **state)
{
	static const struct {
		uint8_t type;
		const char *hex;
		uint32_t key;
	} keys[] = {
		{ 1, "616c696365", RADIUS_KEY_USERNAME },
		{ 8, "c000020a", RADIUS_KEY_IP4 },
		{ 31, "6d6163", RADIUS_KEY_CALLING },
		{ 44, "6131", RADIUS_KEY_ACCT_ID },
		{ 50, "6232", RADIUS_KEY_MULTI_ID },
		{ 87, "61636330", RADIUS_KEY_PORT_ID },
		{ 96, "0102030405060708", RADIUS_KEY_IFID },
		{ 97, "004020010db800010002", RADIUS_KEY_PREFIX6 },
		{ 123, "003820010db880000100", RADIUS_KEY_DELEGATED6 },
		{ 168, "20010db8000000000000000000000001", RADIUS_KEY_ADDRESS6 },
	};
	struct radius_dae_request q;
	struct rig all, g;
	uint32_t sum = 0;

	(void)state;
	begin(&all, true);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		for (unsigned disconnect = 0; disconnect < 2; disconnect++) {
			begin(&g, disconnect);
			add(&g, 0, keys[i].type, keys[i].hex);
			assert_int_equal(end(&g, &q), RADIUS_DAE_OK);
			assert_int_equal(q.keys, keys[i].key);
			assert_int_equal(q.disconnect, disconnect);
			assert_string_equal(q.unsupported, "");
			add(&g, 0, keys[i].type, keys[i].hex); /* twice */
			assert_int_equal(end(&g, &q), RADIUS_INVALID_REQUEST);
		}
		add(&all, 0, keys[i].type, keys[i].hex);
		sum |= keys[i].key;
	}
	assert_int_equal(end(&all, &q), RADIUS_DAE_OK);
	assert_int_equal(q.keys, sum);
	assert_string_equal(q.username, "alice");
	assert_string_equal(q.calling_station_id, "mac");
	assert_string_equal(q.acct_session_id, "a1");
	assert_string_equal(q.acct_multi_session_id, "b2");
	assert_string_equal(q.nas_port_id, "acc0");
	assert_int_equal(q.ip4, 0xc000020a);
	assert_memory_equal(q.ifid, "\1\2\3\4\5\6\7\10", 8);
	assert_int_equal(q.prefix6.len, 64);
	assert_int_equal(q.prefix6.addr.b[7], 2);
	assert_int_equal(q.delegated6.len, 56);
	assert_int_equal(q.address6.b[15], 1);
	assert_int_equal(q.change.has, 0);
}

/* One attribute beside a key (Acct-Session-Id). */
static const struct {
	bool disconnect;
	uint32_t vendor;
	uint8_t type;
	const char *hex;
	enum radius_error_cause cause;
	const char *blame;
} cases[] = {
	{ 0, 0, 4, "c0000201", RADIUS_DAE_OK, "" },
	{ 1, 0, 4, "c0000202", RADIUS_NAS_IDENTIFICATION_MISMATCH, "NAS-IP-Address" },
	{ 1, 0, 4, "c00002", RADIUS_INVALID_REQUEST, "NAS-IP-Address" },
	{ 0, 0, 32, "6c6162", RADIUS_DAE_OK, "" },
	{ 0, 0, 32, "6c6163", RADIUS_NAS_IDENTIFICATION_MISMATCH, "NAS-Identifier" },
	{ 0, 0, 32, "6c616262", RADIUS_NAS_IDENTIFICATION_MISMATCH, "NAS-Identifier" },
	{ 0, 0, 95, "20010db8000000000000000000000001", RADIUS_DAE_OK, "" },
	{ 0, 0, 95, "20010db8000000000000000000000002", RADIUS_NAS_IDENTIFICATION_MISMATCH,
	  "NAS-IPv6-Address" },
	{ 0, 0, 6, "00000011", RADIUS_UNSUPPORTED_SERVICE, "Service-Type" },
	{ 0, 0, 6, "00000002", RADIUS_DAE_OK, "" },
	{ 1, 0, 6, "00000011", RADIUS_UNSUPPORTED_ATTRIBUTE, "Service-Type" },
	{ 0, 0, 33, "01", RADIUS_DAE_OK, "" },
	{ 1, 0, 55, "00000001", RADIUS_DAE_OK, "" },
	{ 1, 0, 80, "00000000000000000000000000000000", RADIUS_DAE_OK, "" },
	{ 1, 0, 49, "00000006", RADIUS_DAE_OK, "" },
	{ 0, 0, 49, "00000006", RADIUS_UNSUPPORTED_ATTRIBUTE, "Attr-49" },
	{ 1, 0, 18, "6869", RADIUS_DAE_OK, "" },
	{ 0, 0, 18, "6869", RADIUS_UNSUPPORTED_ATTRIBUTE, "Reply-Message" },
	{ 1, 0, 25, "01", RADIUS_DAE_OK, "" },
	{ 1, 0, 27, "0000003c", RADIUS_UNSUPPORTED_ATTRIBUTE, "Session-Timeout" },
	{ 0, 0, 12, "000005dc", RADIUS_UNSUPPORTED_ATTRIBUTE, "Framed-MTU" },
	{ 0, 0, 5, "00000001", RADIUS_UNSUPPORTED_ATTRIBUTE, "Attr-5" },
	{ 0, 0, 24, "01", RADIUS_UNSUPPORTED_ATTRIBUTE, "State" },
	{ 0, 14988, 8, "314d", RADIUS_UNSUPPORTED_ATTRIBUTE, "Vendor-14988-Attr-8" },
	{ 1, 10055, 1, "00000001", RADIUS_UNSUPPORTED_ATTRIBUTE, "Vendor-10055-Attr-1" },
	{ 0, 0, 26, "000027470107000001", RADIUS_UNSUPPORTED_ATTRIBUTE, "Vendor-10055-Attr-0" },
	{ 0, 0, 27, "003c", RADIUS_INVALID_REQUEST, "Session-Timeout" },
	{ 0, 0, 8, "ffffffff", RADIUS_INVALID_ATTRIBUTE_VALUE, "Framed-IP-Address" },
	{ 0, 0, 8, "00000000", RADIUS_INVALID_ATTRIBUTE_VALUE, "Framed-IP-Address" },
	{ 0, 0, 97, "004020010db8", RADIUS_INVALID_ATTRIBUTE_VALUE, "Framed-IPv6-Prefix" },
	{ 0, 0, 97, "00", RADIUS_INVALID_REQUEST, "Framed-IPv6-Prefix" },
	{ 0, 0, 11, "610062", RADIUS_INVALID_ATTRIBUTE_VALUE, "Filter-Id" },
};

static void test_causes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct radius_dae_request q;
		struct rig g;

		begin(&g, cases[i].disconnect);
		add(&g, 0, 44, "6131");
		add(&g, cases[i].vendor, cases[i].type, cases[i].hex);
		assert_int_equal(end(&g, &q), cases[i].cause);
		assert_string_equal(q.unsupported, cases[i].blame);
	}
}

static void test_no_key(void **state)
{
	struct radius_dae_request q;
	struct rig g;

	(void)state;
	for (unsigned disconnect = 0; disconnect < 2; disconnect++) {
		begin(&g, disconnect);
		assert_int_equal(end(&g, &q), RADIUS_MISSING_ATTRIBUTE);
		add(&g, 0, 32, "6c6162");
		assert_int_equal(end(&g, &q), RADIUS_MISSING_ATTRIBUTE);
		assert_string_equal(q.unsupported, "");
		add(&g, 0, 5, "00000001"); /* one that we do not know is told rather */
		assert_int_equal(end(&g, &q), RADIUS_UNSUPPORTED_ATTRIBUTE);
	}
}

/* The gravest fault is told, in whatever order they stand. */
static void test_gravest(void **state)
{
	struct radius_dae_request q;
	struct rig g;

	(void)state;
	begin(&g, false);
	add(&g, 0, 12, "000005dc");
	assert_int_equal(end(&g, &q), RADIUS_UNSUPPORTED_ATTRIBUTE);
	add(&g, 0, 8, "00000000");
	assert_int_equal(end(&g, &q), RADIUS_INVALID_ATTRIBUTE_VALUE);
	add(&g, 0, 27, "01");
	assert_int_equal(end(&g, &q), RADIUS_INVALID_REQUEST);
	add(&g, 0, 6, "00000011");
	assert_int_equal(end(&g, &q), RADIUS_UNSUPPORTED_SERVICE);
	add(&g, 0, 32, "6c6163");
	assert_int_equal(end(&g, &q), RADIUS_NAS_IDENTIFICATION_MISMATCH);
	assert_string_equal(q.unsupported, "NAS-Identifier");
	add(&g, 0, 12, "000005dc");
	assert_int_equal(end(&g, &q), RADIUS_NAS_IDENTIFICATION_MISMATCH);
}

static void test_change(void **state)
{
	struct radius_dae_request q;
	struct rig g;

	(void)state;
	begin(&g, false);
	add(&g, 0, 44, "6131");
	add(&g, 0, 27, "0000003c");
	add(&g, 0, 28, "0000001e");
	add(&g, 0, 85, "00000258");
	add(&g, 0, 11, "676f6c64");
	add(&g, 0, 25, "0102");
	add(&g, 0, 25, "03");
	add(&g, 10055, 1, "000003e8");
	add(&g, 10055, 2, "00001388");
	assert_int_equal(end(&g, &q), RADIUS_DAE_OK);
	assert_int_equal(q.change.has, RADIUS_HAS_SESSION_TIMEOUT | RADIUS_HAS_IDLE_TIMEOUT |
					       RADIUS_HAS_INTERIM | RADIUS_HAS_SPEED);
	assert_int_equal(q.change.session_timeout, 60);
	assert_int_equal(q.change.idle_timeout, 30);
	assert_int_equal(q.change.interim, 600);
	assert_int_equal(q.change.speed_len, 20);
	assert_memory_equal(q.change.speed, "\0\0\x27\x47\x01\x04\0\0\x03\xe8", 10);
	assert_memory_equal(q.change.speed + 10, "\0\0\x27\x47\x02\x04\0\0\x13\x88", 10);
	assert_string_equal(q.change.filter_id, "gold");
	assert_int_equal(q.change.class_count, 2);
	assert_int_equal(q.change.class[1].b[0], 3);
}

/* Speeds are asked for by who knows them; Filter-Id is also a filter's name. */
static void test_speed(void **state)
{
	struct radius_dae_request q;
	struct rig g;

	(void)state;
	begin(&g, false);
	add(&g, 0, 44, "6131");
	add(&g, 10055, 1, "000003e8");
	assert_int_equal(radius_dae_parse(rig_end(&g), &nas, NULL, &q),
			 RADIUS_UNSUPPORTED_ATTRIBUTE);
	assert_string_equal(q.unsupported, "Vendor-10055-Attr-1");
	assert_int_equal(end(&g, &q), RADIUS_DAE_OK);
	add(&g, 0, 11, "352f31"); /* 5/1 */
	assert_int_equal(end(&g, &q), RADIUS_DAE_OK);
	assert_int_equal(q.change.has, RADIUS_HAS_SPEED);
	assert_string_equal(q.change.filter_id, "5/1");
	assert_int_equal(q.change.speed_len, 19);
	assert_memory_equal(q.change.speed + 10,
			    "\0\0\0\0\x0b\x03"
			    "5/1",
			    9);
	add(&g, 0, 11, "352f00"); /* still a text */
	assert_int_equal(end(&g, &q), RADIUS_INVALID_ATTRIBUTE_VALUE);
	assert_string_equal(q.unsupported, "Filter-Id");

	begin(&g, false);
	add(&g, 0, 44, "6131");
	for (unsigned i = 0; i < 51; i++)
		add(&g, 10055, 1, "000003e8");
	assert_int_equal(end(&g, &q), RADIUS_DAE_OK);
	assert_int_equal(q.change.speed_len, 510);
	add(&g, 10055, 2, "000003e8");
	assert_int_equal(end(&g, &q), RADIUS_INVALID_REQUEST);
	assert_string_equal(q.unsupported, "Vendor-10055-Attr-2");

	begin(&g, true);
	add(&g, 0, 44, "6131");
	add(&g, 10055, 1, "000003e8");
	assert_int_equal(end(&g, &q), RADIUS_UNSUPPORTED_ATTRIBUTE);
}

/* Who has no address of a family is not meant by a request that names one. */
static void test_nas_without_address(void **state)
{
	static const struct radius_nas none = { .identifier = NULL };
	struct radius_dae_request q;
	struct rig g;

	(void)state;
	begin(&g, true);
	add(&g, 0, 44, "6131");
	assert_int_equal(radius_dae_parse(rig_end(&g), &none, rig_wants, &q), RADIUS_DAE_OK);
	add(&g, 0, 4, "00000000");
	assert_int_equal(radius_dae_parse(rig_end(&g), &none, rig_wants, &q),
			 RADIUS_NAS_IDENTIFICATION_MISMATCH);
	begin(&g, true);
	add(&g, 0, 44, "6131");
	add(&g, 0, 95, "00000000000000000000000000000000");
	assert_int_equal(radius_dae_parse(rig_end(&g), &none, rig_wants, &q),
			 RADIUS_NAS_IDENTIFICATION_MISMATCH);
	begin(&g, true);
	add(&g, 0, 44, "6131");
	add(&g, 0, 32, "61");
	assert_int_equal(radius_dae_parse(rig_end(&g), &none, rig_wants, &q),
			 RADIUS_NAS_IDENTIFICATION_MISMATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_gravest),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_nas_without_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
