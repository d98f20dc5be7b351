// SPDX-License-Identifier: GPL-2.0-or-later
/* [mirror] of the configuration: what is read, what is refused and how that is said. */
#include "daemon/config_table.h"
#include "test/unit/daemon_config_rig.h"

#include <string.h>

#define M "[mirror]\n"

static void ports(void **state)
{
	struct config *c = good(
		MINIMAL M "port = mon0\nport = mon1,mac=02:00:00:00:00:07\n"
			  "port = mon2,gateway=203.0.113.9\nport = mon3,gateway=2001:db8::9\n");

	(void)state;
	assert_int_equal(c->mirror.port_count, 4);
	assert_int_equal(c->mirror.where, CONFIG_MIRROR_EDGE);
	assert_string_equal(c->mirror.ports[0].name, "mon0");
	assert_false(c->mirror.ports[0].has_mac || c->mirror.ports[0].has_gateway);
	assert_true(c->mirror.ports[1].has_mac);
	assert_int_equal(c->mirror.ports[1].mac.b[5], 7);
	assert_int_equal(c->mirror.ports[2].gateway.kind, CONFIG_NETWORK_IP4);
	assert_int_equal(c->mirror.ports[2].gateway.p4.addr, 0xcb007109);
	assert_int_equal(c->mirror.ports[3].gateway.kind, CONFIG_NETWORK_IP6);
	assert_int_equal(c->mirror.everybody.flags & 3, ABI_MIRROR_UP | ABI_MIRROR_DOWN);
	config_free(c);
}

static void rules_and_excludes(void **state)
{
	struct config *c = good(MINIMAL M "port = mon0\neverybody = up, ip4, port=53\n"
					  "exclude = 203.0.113.0/24, 2001:db8::/64\n"
					  "exclude = 192.0.2.1,2001:db8::1,02:00:00:00:00:07,eth0.7\n");
	const struct config_network *x = c->mirror.excludes;

	(void)state;
	assert_int_equal(c->mirror.everybody.port, 53);
	assert_int_equal(c->mirror.exclude_count, 6);
	assert_int_equal(x[0].kind, CONFIG_NETWORK_IP4);
	assert_int_equal(x[0].p4.len, 24);
	assert_int_equal(x[1].kind, CONFIG_NETWORK_IP6);
	assert_int_equal(x[2].p4.len, 32);
	assert_int_equal(x[3].p6.len, 128);
	assert_int_equal(x[4].kind, CONFIG_NETWORK_MAC);
	assert_int_equal(x[5].kind, CONFIG_NETWORK_BEHIND);
	assert_string_equal(x[5].name, "eth0.7");
	config_free(c);
}

static void remote_ports(void **state)
{
	struct config *c = good(
		MINIMAL M "port = vxlan:192.0.2.9,vni=4711,snap=128\n"
			  "port = gre:2001:db8::9,key=7,source=2001:db8::1\n"
			  "port = erspan:192.0.2.9\nport = tzsp:192.0.2.9,port=9\n"
			  "everybody = up,to=gre:2001:db8::9\n");
	const struct config_mirror_port *p = c->mirror.ports;

	(void)state;
	assert_int_equal(c->mirror.port_count, 4);
	assert_string_equal(p[0].name, "vxlan:192.0.2.9");
	assert_true(p[0].remote);
	assert_int_equal(p[0].tunnel.kind, ABI_TUNNEL_VXLAN);
	assert_int_equal(p[0].tunnel.dst4, 0xc0000209);
	assert_int_equal(p[0].tunnel.id, 4711);
	assert_int_equal(p[0].tunnel.port, 4789);
	assert_int_equal(p[0].tunnel.snap, 128);
	assert_true(p[1].tunnel.ip6 && p[1].tunnel.has_key && p[1].has_source);
	assert_int_equal(p[2].tunnel.kind, ABI_TUNNEL_ERSPAN);
	assert_int_equal(p[3].tunnel.port, 9);
	assert_string_equal(c->mirror.everybody.to, "gre:2001:db8::9");
	config_free(c);
}

static void refused_remote(void **state)
{
	(void)state;
	bad(M "port = vxlan:192.0.2.9\n", "f:2: [mirror] port: vxlan needs vni=NUMBER\n");
	bad(M "port = vxlan:192.0.2.9,vni=16777216\n",
	    "f:2: [mirror] port: 'vni=16777216' is not a number from 0 to 16777215\n");
	bad(M "port = vxlan:224.0.0.1,vni=1\n",
	    "f:2: [mirror] port: 'vxlan:224.0.0.1' is not a kind, a colon and the address of a "
	    "host\n");
	bad(M "port = tzsp:fe80::1\n",
	    "f:2: [mirror] port: 'tzsp:fe80::1' is not a kind, a colon and the address of a host\n");
	bad(M "port = ipip:192.0.2.9\n",
	    "f:2: [mirror] port: 'ipip:192.0.2.9' is not an interface, vxlan:, gre:, erspan: or "
	    "tzsp:ADDRESS\n");
	bad(M "port = gre:192.0.2.9,source=2001:db8::1\n",
	    "f:2: [mirror] port: 'source=2001:db8::1' is not an address of the target's family\n");
	bad(M "port = erspan:192.0.2.9,port=7\n",
	    "f:2: [mirror] port: 'port=7' is not session=NUMBER, source=ADDRESS or "
	    "snap=OCTETS\n");
	bad(M "port = tzsp:192.0.2.9,gateway=192.0.2.1\n",
	    "f:2: [mirror] port: 'gateway=192.0.2.1' is not source=ADDRESS, port=NUMBER or "
	    "snap=OCTETS\n");
}

static void refused(void **state)
{
	(void)state;
	bad(M "port = mon0\nport = mon0,mac=02:00:00:00:00:07\n",
	    "f:3: [mirror] port: 'mon0' stands there twice; once is allowed\n");
	bad(MINIMAL M "port = mon0\nport = acc0\n",
	    "f:7: [mirror] port: 'acc0' is an access interface: copies would come to lines\n");
	bad(MINIMAL M "port = subs0,mac=02:00:00:00:00:07\n",
	    "f:6: [mirror] port: 'subs0' is a device of ours: copies would come to lines\n");
	bad(MINIMAL "[subscriber]\ndevice = lines\n" M "port = linesm\n",
	    "f:8: [mirror] port: 'linesm' is a device of ours: copies would come to lines\n");
	bad(M "port = mon0,gateway=here\n",
	    "f:2: [mirror] port: 'gateway=here' is not gateway=ADDRESS or mac=MAC\n");
	bad(M "port = mon0,gateway=192.0.2.1,mac=02:00:00:00:00:07\n",
	    "f:2: [mirror] port: gateway= and mac= exclude each other\n");
	bad(M "port = mon0\nwhere = core\n",
	    "f:3: [mirror] where: 'core' is not one of: edge forwarded\n");
	bad(M "port = a-name-that-is-too-long\n",
	    "f:2: [mirror] port: 'a-name-that-is-too-long' is not the name of an interface (1 to "
	    "15 characters)\n");
	bad(M "everybody = sideways\n",
	    "f:2: [mirror] everybody: 'sideways' is not off, both, up, down, ip4, ip6, proto=, "
	    "port=, net=, sample=, snap=, to=, for= or until=\n");
	bad(M "everybody = up,for=5m\n",
	    "f:2: [mirror] everybody: 'for= or until=' is not for the configuration\n");
	bad(M "exclude = 192.0.2.1/24\n",
	    "f:2: [mirror] exclude: '192.0.2.1/24' is not an address, a prefix, a MAC or an interface\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),
		cmocka_unit_test(rules_and_excludes),
		cmocka_unit_test(remote_ports),
		cmocka_unit_test(refused_remote),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
