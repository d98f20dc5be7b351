// SPDX-License-Identifier: GPL-2.0-or-later
/* tayga.conf, the nft table, and the traps of pool4. */
#include "test/unit/nat64_rig.h"

#include <stdlib.h>

static void well_known_prefix_needs_an_address(void **state)
{
	struct nat64_config c = rig_config("64:ff9b::/96", 1);
	struct sbuf out = { 0 };

	(void)state;
	nat64_tayga_write(&c, &out);
	assert_string_equal(out.p, "# made by brasd; changes are lost\n"
				   "tun-device nat64\n"
				   "ipv4-addr 198.18.0.1\n"
				   "ipv6-addr fd64:ff9b::c612:1\n"
				   "prefix 64:ff9b::/96\n"
				   "dynamic-pool 198.18.0.0/16\n"
				   "data-dir /run/brasberry/default/tayga\n");
	sbuf_fini(&out);
	c = rig_config("2001:db8:64::/96", 1);
	nat64_tayga_write(&c, &out);
	assert_null(strstr(out.p, "ipv6-addr"));
	sbuf_fini(&out);
}

static void rules_of_tayga(void **state)
{
	struct nat64_config c = rig_config("2001:db8:64::/96", 2);
	struct sbuf out = { 0 };
	char *p;

	(void)state;
	nat64_nft_write(&c, NAT64_TAYGA, &out);
	p = strstr(out.p, "\tcounter strangers");
	assert_non_null(p);
	assert_string_equal(
		p, "\tcounter strangers { }\n"
		   "\tchain guard {\n"
		   "\t\ttype filter hook prerouting priority raw; policy accept;\n"
		   "\t\tip6 daddr 2001:db8:64::/96 iifname != \"subs0\" iifname != \"lo\" "
		   "counter name strangers drop\n"
		   "\t}\n"
		   "\tcounter flows { }\n"
		   "\tcounter no_pool4 { }\n"
		   "\tchain sources {\n"
		   "\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
		   "\t\tip saddr 198.18.0.0/16 meta l4proto tcp counter name flows snat ip to "
		   "jhash ip saddr "
		   "mod 2 map { 0 : 203.0.113.10 . 61000-65535, 1 : 203.0.113.11 . 1024-2047 }\n"
		   "\t\tip saddr 198.18.0.0/16 meta l4proto udp counter name flows snat ip to "
		   "203.0.113.10:61000-65535\n"
		   "\t\tip saddr 198.18.0.0/16 meta l4proto icmp counter name flows snat ip to "
		   "203.0.113.10:61000-65535\n"
		   "\t\tip saddr 198.18.0.0/16 oifname != \"nat64\" counter name no_pool4 drop\n"
		   "\t}\n"
		   "}\n");
	assert_int_equal(
		strncmp(out.p,
			"table inet brasberry-default-nat64\n"
			"delete table inet brasberry-default-nat64\n"
			"table inet brasberry-default-nat64 {\n\tcomment \"brasberry ",
			strlen("table inet brasberry-default-nat64\n"
			       "delete table inet brasberry-default-nat64\n"
			       "table inet brasberry-default-nat64 {\n\tcomment \"brasberry ")),
		0);
	sbuf_fini(&out);
	nat64_nft_write(&c, NAT64_JOOL, &out);
	assert_null(strstr(out.p, "snat"));
	assert_non_null(strstr(out.p, "guard"));
	sbuf_fini(&out);
}

static void hash_tells_rules_apart(void **state)
{
	struct nat64_config c = rig_config("2001:db8:64::/96", 2), other = c;

	(void)state;
	assert_int_equal(nat64_nft_hash(&c, NAT64_TAYGA), nat64_nft_hash(&other, NAT64_TAYGA));
	other.pool4_count = 1;
	assert_int_not_equal(nat64_nft_hash(&c, NAT64_TAYGA), nat64_nft_hash(&other, NAT64_TAYGA));
	assert_int_not_equal(nat64_nft_hash(&c, NAT64_TAYGA), nat64_nft_hash(&c, NAT64_JOOL));
}

static void what_nft_lists(void **state)
{
	static char buf[8192];
	struct nat64_nft v;
	size_t len = rig_vector("nft-nat64.txt", buf, sizeof(buf));
	struct nat64_config c = rig_config("2001:db8:64::/96", 2);

	(void)state;
	assert_int_equal(nat64_nft_parse(buf, len, &v), 0);
	assert_true(v.hash == nat64_nft_hash(&c, NAT64_TAYGA));
	assert_int_equal(v.flows, 3);
	assert_int_equal(v.no_pool4, 1);
	assert_int_equal(v.strangers, 2);
	for (size_t i = 0; i < len; i++) {
		int rc = nat64_nft_parse(buf, i, &v);

		assert_true(rc == -EBADMSG || (!rc && i >= 11));
	}
	assert_int_equal(nat64_nft_parse("Error: No such file", 19, &v), -EBADMSG);
}

/* --- the traps ----------------------------------------------------------------------------- */

static const struct nat64_own own[] = {
	{ .addr = 0x7f000001, .len = 8, .ifname = "lo" },
	{ .addr = 0xc0000201, .len = 24, .ifname = "core0" }, /* 192.0.2.1/24 */
};

static int check(uint32_t addr, unsigned first, unsigned last, unsigned protos,
		 enum nat64_backend b, const char *reserved, struct sbuf *why)
{
	const struct nat64_ports ports = { .first = 32768, .last = 60999, .reserved = reserved };
	const struct nat64_range r = {
		.addr = addr,
		.first = (uint16_t)first,
		.last = (uint16_t)last,
		.protos = (uint8_t)protos,
	};
	struct nat64_config c = rig_config("2001:db8:64::/96", 1);

	c.pool4 = &r;
	sbuf_fini(why);
	*why = (struct sbuf){ 0 };
	return nat64_check(&c, b, own, ARRAY_SIZE(own), &ports, why);
}

static void ports_of_the_box(void **state)
{
	struct sbuf why = { 0 };

	(void)state;
	assert_int_equal(check(0xc0000201, 61000, 65535, NAT64_ALL, NAT64_JOOL, "", &why), 0);
	assert_int_equal(why.len, 0);
	assert_int_equal(check(0xc0000201, 40000, 65535, NAT64_ALL, NAT64_JOOL, "", &why),
			 -EADDRINUSE);
	assert_non_null(strstr(why.p, "ports 40000-60999 are those of its own connections "
				      "(net.ipv4.ip_local_port_range = 32768 60999)"));
	assert_int_equal(check(0xc0000201, 1024, 40000, NAT64_ALL, NAT64_JOOL, "", &why),
			 -EADDRINUSE);
	assert_non_null(strstr(why.p, "ports 32768-40000"));
	/* the edges */
	assert_int_equal(check(0xc0000201, 1, 32767, NAT64_ALL, NAT64_JOOL, "", &why), 0);
	assert_int_equal(check(0xc0000201, 60999, 65535, NAT64_ALL, NAT64_JOOL, "", &why),
			 -EADDRINUSE);
	/* kept free by the operator, whole or not */
	assert_int_equal(
		check(0xc0000201, 50000, 65535, NAT64_ALL, NAT64_JOOL, "80,50000-60999\n", &why),
		0);
	assert_int_equal(
		check(0xc0000201, 50000, 65535, NAT64_ALL, NAT64_JOOL, "50000-55000", &why),
		-EADDRINUSE);
	assert_non_null(strstr(why.p, "ports 55001-60999"));
	/* identifiers of ICMP are no ports; conntrack gives no port twice */
	assert_int_equal(check(0xc0000201, 1, 65535, 1u << NAT64_ICMP, NAT64_JOOL, "", &why), 0);
	assert_int_equal(check(0xc0000201, 1, 65535, NAT64_ALL, NAT64_TAYGA, "", &why), 0);
	assert_int_equal(why.len, 0);
	sbuf_fini(&why);
}

static void addresses_that_nobody_finds(void **state)
{
	struct sbuf why = { 0 };

	(void)state;
	assert_int_equal(check(0xc0000209, 1, 65535, NAT64_ALL, NAT64_JOOL, "", &why), 0);
	assert_non_null(strstr(why.p, "in the network of core0, but no address of this box"));
	assert_non_null(strstr(why.p, "ip address add 192.0.2.9/32 dev core0"));
	assert_int_equal(check(0xcb00710a, 1, 65535, NAT64_ALL, NAT64_JOOL, "", &why), 0);
	assert_non_null(strstr(why.p, "in no network of this box"));
	sbuf_fini(&why);
}

static void private_targets_of_the_well_known_prefix(void **state)
{
	struct nat64_config c = rig_config("64:ff9b::/96", 1);
	const struct nat64_ports ports = { .first = 1, .last = 1, .reserved = "" };
	struct sbuf why = { 0 };

	(void)state;
	assert_int_equal(nat64_check(&c, NAT64_TAYGA, NULL, 0, &ports, &why), 0);
	assert_non_null(strstr(why.p, "public IPv4 addresses only"));
	sbuf_fini(&why);
	why = (struct sbuf){ 0 };
	assert_int_equal(nat64_check(&c, NAT64_JOOL, NULL, 0, &ports, &why), 0);
	assert_null(strstr(why.p, "public IPv4 addresses only"));
	sbuf_fini(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_known_prefix_needs_an_address),
		cmocka_unit_test(rules_of_tayga),
		cmocka_unit_test(hash_tells_rules_apart),
		cmocka_unit_test(what_nft_lists),
		cmocka_unit_test(ports_of_the_box),
		cmocka_unit_test(addresses_that_nobody_finds),
		cmocka_unit_test(private_targets_of_the_well_known_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
