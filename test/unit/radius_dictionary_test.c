// SPDX-License-Identifier: GPL-2.0-or-later
/* Names and values as people read them, with and without libradcli's files. */
#include "radius/dictionary.h"
#include "test/unit/radius_rig.h"

static void name_is(uint32_t vendor, uint8_t type, const char *expected)
{
	char buf[RADIUS_NAME_MAX];

	assert_string_equal(radius_attr_name(vendor, type, buf, sizeof(buf)), expected);
}

static void print_is(uint32_t vendor, uint8_t type, const char *hex, const char *expected)
{
	struct sbuf out = { 0 };
	struct radius_attr a = { .vendor = vendor, .type = type };
	uint8_t value[253];

	a.value = value;
	a.len = rig_hex(hex, value, sizeof(value));
	radius_attr_print(&out, &a);
	assert_false(out.bad);
	assert_string_equal(out.p, expected);
	sbuf_fini(&out);
}

static void test_none(void **state)
{
	(void)state;
	name_is(0, 27, "Attr-27");
	name_is(14988, 8, "Vendor-14988-Attr-8");
	print_is(0, 27, "0000003c", "Attr-27 = 0x0000003c");
	print_is(0, 2, "0102", "Attr-2 = <2 octets>");
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(radius_dictionary_setup(NULL), 0);
	name_is(0, 1, "User-Name");
	name_is(0, 2, "User-Password");
	name_is(0, 5, "NAS-Port");
	name_is(0, 87, "NAS-Port-Id");
	name_is(0, 171, "Delegated-IPv6-Prefix-Pool");
	name_is(0, 227, "Session-Octets-Limit");
	name_is(0, 250, "Attr-250");
	name_is(311, 26, "MS-CHAP2-Success");
	name_is(311, 30, "MS-Primary-NBNS-Server");
	name_is(3561, 1, "ADSL-Agent-Circuit-Id");
	name_is(9, 1, "Cisco-AVPair");
	name_is(529, 197, "Ascend-Data-Rate");
	name_is(529, 255, "Ascend-Xmit-Rate");
	name_is(2011, 6, "Huawei-Output-Peak-Rate");
	name_is(4874, 107, "ERX-IPv6-Egress-Policy-Name");
	name_is(4874, 177, "ERX-Cos-Shaping-Rate");
	name_is(10055, 5, "RP-Max-Sessions-Per-User");
	name_is(14122, 8, "WISPr-Bandwidth-Max-Down");
	name_is(14988, 18, "Mikrotik-Total-Limit-Gigawords");
	name_is(RADIUS_VENDOR_BRASBERRY, 4, "BRAS-Output-Octets-IPv6");
	name_is(65536 + 311, 26, "Vendor-65847-Attr-26"); /* more than libradcli's 16 bits */
	name_is(0xffffffff, 1, "Vendor-4294967295-Attr-1");
	radius_dictionary_teardown();
	name_is(0, 1, "Attr-1");
	radius_dictionary_teardown();
}

static void test_values(void **state)
{
	(void)state;
	assert_int_equal(radius_dictionary_setup(NULL), 0);
	print_is(0, 1, "616c696365", "User-Name = \"alice\"");
	print_is(0, 1, "61 0a", "User-Name = 0x610a");
	print_is(0, 8, "c000020a", "Framed-IP-Address = 192.0.2.10");
	print_is(0, 8, "c00002", "Framed-IP-Address = 0xc00002");
	print_is(0, 27, "0000003c", "Session-Timeout = 60");
	print_is(529, 197, "00989680", "Ascend-Data-Rate = 10000000");
	print_is(14988, 8, "324d2f31304d", "Mikrotik-Rate-Limit = \"2M/10M\"");
	print_is(0, 40, "00000003", "Acct-Status-Type = Alive");
	print_is(0, 55, "6553f100", "Event-Timestamp = 2023-11-14T22:13:20Z");
	print_is(0, 25, "616263", "Class = 0x616263");
	print_is(0, 96, "0000000000000010", "Framed-Interface-Id = 0000:0000:0000:0010");
	print_is(0, 97, "004020010db800010002", "Framed-IPv6-Prefix = 2001:db8:1:2::/64");
	print_is(0, 97, "00", "Framed-IPv6-Prefix = 0x00");
	print_is(0, 168, "20010db8000000000000000000000001", "Framed-IPv6-Address = 2001:db8::1");
	print_is(RADIUS_VENDOR_BRASBERRY, 1, "0000000500000002",
		 "BRAS-Input-Octets-IPv4 = 21474836482");
	print_is(311, 16, "010203", "MS-MPPE-Send-Key = <3 octets>");
	print_is(0, 2, "010203", "User-Password = <3 octets>");
	radius_dictionary_teardown();
}

/* Without the files what is built in is left, and numbers. */
static void test_no_files(void **state)
{
	(void)state;
	assert_int_equal(radius_dictionary_setup("/nonexistent"), 0);
	name_is(0, 27, "Attr-27");
	name_is(14988, 8, "Mikrotik-Rate-Limit");
	print_is(0, 27, "0000003c", "Attr-27 = 0x0000003c");
	radius_dictionary_teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
