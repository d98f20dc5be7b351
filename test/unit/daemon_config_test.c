// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration: good and bad files, every error by its text; the dump reads back; sample and
 * manual page agree with the table (it reads etc/). --man prints the options part of that page.
 */
#include "daemon/config_file.h"
#include "daemon/config_table.h"
#include "test/unit/daemon_config_rig.h"

#include <errno.h>
#include <stdio.h>

static void minimal_has_defaults(void **state)
{
	struct config *cfg = good(MINIMAL);

	(void)state;
	assert_int_equal(cfg->pppoe.interface_count, 1);
	assert_string_equal(cfg->pppoe.interfaces[0].name, "acc0");
	assert_int_equal(cfg->pppoe.interfaces[0].padi_limit, 0);
	assert_string_equal(cfg->pppoe.ac_name, "brasberry");
	assert_true(cfg->pppoe.accept_any_service);
	assert_true(cfg->pppoe.accept_blank_service);
	assert_int_equal(cfg->pppoe.max_sessions, 4096);
	assert_int_equal(cfg->pppoe.max_sessions_per_mac, 8);
	assert_int_equal(cfg->pppoe.pado_delay_count, 1);
	assert_int_equal(cfg->pppoe.pado_delays[0].delay_ms, 0);
	assert_int_equal(cfg->ppp.mtu, 1492);
	assert_int_equal(cfg->ppp.ipv4, PPP_ALLOW);
	assert_int_equal(cfg->ppp.lcp_echo_interval, 30);
	assert_int_equal(cfg->ppp.lcp_echo_failure, 3);
	assert_true(cfg->ppp.lcp_echo_adaptive);
	assert_int_equal(cfg->ppp.timeout, 3);
	assert_int_equal(cfg->auth.method_count, 3);
	assert_int_equal(cfg->auth.methods[0], PPP_AUTH_CHAP_MD5);
	assert_int_equal(cfg->auth.methods[1], PPP_AUTH_MSCHAP_V2);
	assert_int_equal(cfg->auth.methods[2], PPP_AUTH_PAP);
	assert_string_equal(cfg->subscriber.device, "subs0");
	assert_int_equal(cfg->subscriber.datapath, DP_AUTO);
	assert_true(cfg->subscriber.mss_clamp);
	assert_int_equal(cfg->ipv6_pool.gw_ip6_address.b[15], 1);
	assert_int_equal(cfg->log.level, 3);
	assert_int_equal(cfg->warnings.len, 0);
	config_free(cfg);
}

/* design's example, whole: every section and key is known. */
static void full_example(void **state)
{
	struct config *cfg = good(
		"[pppoe]\ninterface = acc0 # repeat\ninterface=acc1,max-sessions=100,padi-limit=5\n"
		"ac-name = brasberry\nservice-name = internet\nservice-name = a,\"b c\"\n"
		"padi-limit = 7\npado-delay=0,100:1000,-1:4000\nmac-filter=/m,deny\n"
		"[ppp]\nmtu = 1500\nipv4 = deny\nipv6 = require\n"
		"[auth]\nmethods = pap , mschap-v2\nusers-file = \"/a b#c,d\"\n"
		"[ip-pool]\ngw-ip-address = 100.64.0.1\npool = 100.64.0.0/18\n"
		"pool = 10.0.0.5-10.0.0.9,name=x\npool=10.0.1.5-9,y\n"
		"[dns]\ndns1 = 100.64.0.1\ndns2 = 192.0.2.53\n"
		"[ipv6-pool]\nprefix = 2001:db8:100::/40,64\n"
		"delegate = 2001:db8:8000::/34,56\naddress = 2001:db8:200::/64\n"
		"[ipv6-dns]\ndns = 2001:db8::53\n"
		"[radius]\nserver = 127.0.0.1,\"s,#\",auth-port=1,acct-port=0\n"
		"dae-server = [::1]:3799,x\ndae-allowed = 127.0.0.1,::1\n"
		"[shaper]\nmode = tbf\nup = police\ndefault = 10000/5000\nbackhaul-down = 4\n"
		"[subscriber]\ndevice = s0\ndatapath = xdp\nfastpath = off\nmss-clamp = no\n"
		"[nat44]\nmasquerade = core0\n[nat64]\nbackend=jool\npool4 = 203.0.113.10,1-65535\n"
		"[dns64]\nenable = yes\nlisten = 2001:db8:100::53\n"
		"forward = 2001:db8::1\nclients = !2001:db8:7::/64, 192.0.2.9\n"
		"mapped = !10.0.0.0/8\nexclude = 2001:db8:bad::/48\nprobe = "
		"v4.example\n[mirror]\nport = mon0\n"
		"[cli]\ntelnet = 127.0.0.1:2000\n[http]\nlisten = 127.0.0.1:8080\n"
		"[log]\r\nlevel = 4\r\n");

	(void)state;
	assert_int_equal(cfg->pppoe.interface_count, 2);
	assert_int_equal(cfg->pppoe.interfaces[0].padi_limit, 7);
	assert_int_equal(cfg->pppoe.interfaces[1].padi_limit, 5);
	assert_int_equal(cfg->pppoe.interfaces[1].max_sessions, 100);
	assert_int_equal(cfg->pppoe.service_name_count, 3);
	assert_string_equal(cfg->pppoe.service_names[2], "b c");
	assert_int_equal(cfg->pppoe.pado_delay_count, 3);
	assert_int_equal(cfg->pppoe.pado_delays[1].delay_ms, 100);
	assert_int_equal(cfg->pppoe.pado_delays[1].sessions, 1000);
	assert_int_equal(cfg->pppoe.pado_delays[2].delay_ms, -1);
	assert_string_equal(cfg->pppoe.mac_filter.file, "/m");
	assert_true(cfg->pppoe.mac_filter.deny);
	assert_int_equal(cfg->auth.method_count, 2);
	assert_string_equal(cfg->auth.users_file, "/a b#c,d");
	assert_int_equal(cfg->ip_pool.pool_count, 3);
	assert_true(cfg->ip_pool.pools[0].is_prefix);
	assert_int_equal(cfg->ip_pool.pools[0].last, 0x64403fff);
	assert_int_equal(cfg->ip_pool.pools[1].last, 0x0a000009);
	assert_string_equal(cfg->ip_pool.pools[1].name, "x");
	assert_int_equal(cfg->ip_pool.pools[2].last, 0x0a000109);
	assert_string_equal(cfg->ip_pool.pools[2].name, "y");
	assert_int_equal(cfg->ipv6_pool.prefixes[0].plen, 64);
	assert_int_equal(cfg->ipv6_pool.delegates[0].plen, 56);
	assert_string_equal(cfg->radius.servers[0].secret, "s,#");
	assert_int_equal(cfg->radius.servers[0].acct_port, 0);
	assert_string_equal(cfg->radius.dae_server.listen.address, "::1");
	assert_int_equal(cfg->radius.dae_allowed_count, 2);
	assert_int_equal(cfg->shaper.default_plan.up.pir, 5000000);
	assert_int_equal(cfg->subscriber.datapath, DP_XDP);
	assert_int_equal(cfg->nat64.pool4[0].last_port, 65535);
	assert_int_equal(cfg->log.level, 4);
	config_free(cfg);
}

static void core_interfaces(void **state)
{
	struct config *cfg = good(MINIMAL "[subscriber]\ncore = core0\ncore = core1,tc\n"
					  "flows = 2000\n[nat44]\npool = 203.0.113.1/32\nblock = 512\n");

	(void)state;
	assert_int_equal(cfg->subscriber.core_count, 2);
	assert_string_equal(cfg->subscriber.cores[1].name, "core1");
	assert_int_equal(cfg->subscriber.cores[0].kind, DP_CORE_AUTO);
	assert_int_equal(cfg->subscriber.cores[1].kind, DP_CORE_TC);
	assert_int_equal(cfg->subscriber.flows, 2000);
	assert_int_equal(cfg->nat44.pools[0].first, 0xcb007101);
	assert_int_equal(cfg->nat44.block, 512);
	config_free(cfg);
	bad(MINIMAL "[subscriber]\ncore = core0,fast\n",
	    "f:6: [subscriber] core: 'fast' is not auto, xdp or tc\n");
	bad(MINIMAL "[nat44]\nblock = 512\n",
	    "f:6: [nat44] block: needs an address: pool or masquerade\n");
	bad(MINIMAL "[nat44]\nmasquerade = core0\nlog = /tmp/l\n",
	    "f:7: [nat44] log: tells of blocks: it needs block\n");
}

static void errors_of_form(void **state)
{
	char text[2 * CONFIG_LINE_MAX] = "[ppp]\n";

	(void)state;
	bad("mtu = 1\n", "f:1: a key before the first [section]\n");
	bad("[pppoe\n", "f:1: a section is [NAME], alone on its line\n");
	bad("[pppoe] x\n", "f:1: a section is [NAME], alone on its line\n");
	bad("[ppoe]\nfoo = 1\n", "f:1: [ppoe]: unknown section; did you mean [pppoe]?\n");
	bad("[modules]\n", "f:1: [modules]: unknown section; allowed are those of brasd.conf(5), "
			   "[pppoe] for one\n");
	bad("[ppp]\nmtoo = 1\n", "f:2: [ppp] mtoo: unknown key; did you mean 'mtu'?\n");
	bad("[dns]\nverbose = 1\n", "f:2: [dns] verbose: unknown key; allowed are: dns1 dns2\n");
	bad("[ppp]\nmtu 1492\n",
	    "f:2: [ppp] mtu: no '='; a line is KEY = VALUE, [SECTION] or # COMMENT\n");
	bad("[ppp]\nmtu =\n", "f:2: [ppp] mtu: no value; allowed is NUMBER (576 to 1500)\n");
	bad("[ppp]\nipv4 = # x\n",
	    "f:2: [ppp] ipv4: no value; allowed is deny | allow | prefer | require\n");
	bad("[ppp]\nmtu = 1492\n\nmtu = 1400\n",
	    "f:4: [ppp] mtu: given already in line 2; only one is allowed\n");
	bad("[pppoe]\nac-name = a b\n",
	    "f:2: [pppoe] ac-name: a blank within a value: quote it, \"...\"\n");
	bad("[pppoe]\nac-name = a#b\n", "f:2: [pppoe] ac-name: a '#' within a value: quote it, "
					"\"...\", or put a blank before a comment\n");
	bad("[pppoe]\nac-name = \"a\n", "f:2: [pppoe] ac-name: a quote is not closed\n");
	bad("[pppoe]\nac-name = \"a\\n\"\n",
	    "f:2: [pppoe] ac-name: a backslash in quotes stands only before \" or \\\n");
	bad("[pppoe]\nac-name = \"\"\n",
	    "f:2: [pppoe] ac-name: an empty text; 1 to 63 octets are allowed\n");
	bad("[pppoe]\nservice-name = a,,b\n",
	    "f:2: [pppoe] service-name: nothing between two commas, or at an end\n");
	bad("[pppoe]\nac-name = a,b\n", "f:2: [pppoe] ac-name: 2 values where one is allowed\n");
	bad("[ppp]\nmtu = 1\x01\n", "f:2: [ppp]: octet 0x01 at position 8; control characters are "
				    "not allowed\n");
	memset(text + 6, '#', CONFIG_LINE_MAX);
	bad(text, "f:2: [ppp]: 1024 octets in the line; at most 1023 are allowed\n");
}

static void nul_octet(void **state)
{
	static const char text[] = MINIMAL "[ppp]\nmtu = 14\0"
					   "92\n";
	struct config *cfg = NULL;

	(void)state;
	sbuf_fini(&errors);
	assert_int_equal(config_parse("f", text, sizeof(text) - 1, &cfg, &errors), -EINVAL);
	assert_null(cfg);
	assert_string_equal(errors.p, "f:6: [ppp]: octet 0x00 at position 9; control characters "
				      "are not allowed\n");
}

static void errors_of_value(void **state)
{
	(void)state;
	bad("[ppp]\nmtu = 575\n", "f:2: [ppp] mtu: '575' is not a number from 576 to 1500\n");
	bad("[ppp]\nmtu = 1\\\x7f\n",
	    "f:2: [ppp] mtu: '1\\x5c\\x7f' is not a number from 576 to 1500\n");
	bad("[ppp]\nipv4 = maybe\n",
	    "f:2: [ppp] ipv4: 'maybe' is not one of: deny allow prefer require\n");
	bad("[ppp]\nlcp-echo-adaptive = 2\n",
	    "f:2: [ppp] lcp-echo-adaptive: '2' is not yes or no\n");
	bad("[pppoe]\ninterface = a/b\n", "f:2: [pppoe] interface: 'a/b' is not the name of an "
					  "interface (1 to 15 characters)\n");
	bad("[pppoe]\ninterface = a,x=1\n", "f:2: [pppoe] interface: 'x=1' is not max-sessions=N "
					    "or padi-limit=N\n");
	bad("[pppoe]\ninterface = a,padi-limit=x\n",
	    "f:2: [pppoe] interface: padi-limit= must be a number from 0 to 1000000\n");
	bad("[pppoe]\nmac-filter = /f\n",
	    "f:2: [pppoe] mac-filter: a file and, after a comma, allow or deny\n");
	bad("[pppoe]\npado-delay = -2\n",
	    "f:2: [pppoe] pado-delay: '-2' is not DELAY or DELAY:SESSIONS (0 to 60000 "
	    "milliseconds, or -1 for no offer; 0 to 1000000 sessions)\n");
	bad("[auth]\nmethods = pap,chap-md5,mschap-v2,pap\n",
	    "f:2: [auth] methods: given more often than 3 times\n");
	bad("[ip-pool]\npool = 10.0.0.1/24\n",
	    "f:2: [ip-pool] pool: '10.0.0.1/24' is not a range of host addresses: ADDRESS/LENGTH "
	    "with no bit set behind its length, or FIRST-LAST\n");
	bad("[ip-pool]\npool = 10.0.0.0/24,name=*\n",
	    "f:2: [ip-pool] pool: '*' is not a name for a pool\n");
	bad("[ip-pool]\ngw-ip-address = 224.0.0.1\n",
	    "f:2: [ip-pool] gw-ip-address: '224.0.0.1' is not the IPv4 address of a host\n");
	bad("[ipv6-pool]\nprefix = 2001:db8::/40\n",
	    "f:2: [ipv6-pool] prefix: the length that each session gets is missing: PREFIX,64\n");
	bad("[ipv6-pool]\nprefix = 2001:db8::/40,56\n",
	    "f:2: [ipv6-pool] prefix: each session's length must be 64 to 64 and not below the "
	    "prefix's\n");
	bad("[ipv6-pool]\nprefix = fe80::/64,64\n",
	    "f:2: [ipv6-pool] prefix: 'fe80::/64' is not an IPv6 prefix for subscribers: "
	    "ADDRESS/LENGTH, unicast, no bit set behind its length\n");
	bad("[cli]\ntelnet = 2000\n", "f:2: [cli] telnet: not ADDRESS:PORT (an IPv6 address in "
				      "brackets; port 1 to 65535)\n");
	bad("[nat64]\npool4 = 203.0.113.1,2-1\n",
	    "f:2: [nat64] pool4: not ADDRESS,FIRST-LAST[,tcp][,udp][,icmp] (an IPv4 address, ports "
	    "1 to 65535)\n");
}

/* A secret stands in no error. */
static void secrets_are_not_told(void **state)
{
	(void)state;
	bad("[pppoe]\ninterface=a\n[auth]\nusers-file = x\nusername = mac\n",
	    "f:5: [auth] username: a line cannot log in by mschap-v2; methods = pap,chap-md5 is "
	    "needed, or username = ppp\n");
	bad("[auth]\nusername = port\n",
	    "f:2: [auth] username: 'port' is not one of: ppp circuit-id remote-id mac\n");
	bad("[radius]\nserver = 127.0.0.1,hush,auth-port=x\n",
	    "f:2: [radius] server: after the secret only auth-port=N and acct-port=N, 0 to 65535, "
	    "weight=N, 1 to 1000, and backup are allowed\n");
	bad("[radius]\nserver = ::1,hush,weight=0\n",
	    "f:2: [radius] server: after the secret only auth-port=N and acct-port=N, 0 to 65535, "
	    "weight=N, 1 to 1000, and backup are allowed\n");
	bad("[pppoe]\ninterface=a\n[radius]\nserver = ::1,hush\nbind = ::2\nbind = ::3\n",
	    "f:5: [radius] bind: two addresses of one family; one of each is allowed\n");
	bad("[radius]\nserver = hush\n", "f:2: [radius] server: the server is not an IPv4 or IPv6 "
					 "address (names are not resolved)\n");
	bad("[radius]\ndae-server = hush,127.0.0.1:3799\n",
	    "f:2: [radius] dae-server: not ADDRESS:PORT (an IPv6 address in brackets; port 1 to "
	    "65535)\n");
}

static void cross_checks(void **state)
{
	(void)state;
	bad("[auth]\nusers-file = x\n",
	    "f:1: [pppoe] interface: missing; at least one access interface is needed\n");
	bad("# x\n[pppoe]\ninterface = a\n",
	    "f:1: [auth] users-file: missing, and no [radius] server: nobody could log in\n");
	bad(MINIMAL "[pppoe]\ninterface = acc0\n",
	    "f:6: [pppoe] interface: 'acc0' stands already in line 2\n");
	bad(MINIMAL "[subscriber]\ndevice = acc\n[pppoe]\ninterface = accp\n",
	    "f:8: [pppoe] interface: 'accp' is the subscriber device, or its other end\n");
	bad(MINIMAL "[subscriber]\ndevice = abcdefghijklmno\n",
	    "f:6: [subscriber] device: 'abcdefghijklmno'; at most 14 characters are allowed, its "
	    "other end has one more\n");
	bad(MINIMAL "[ppp]\nmtu = 1279\n",
	    "f:6: [ppp] mtu: 1279; IPv6 needs 1280 to 1500 (or ipv6 = deny)\n");
	bad(MINIMAL "[ppp]\nipv4 = deny\nipv6 = deny\n",
	    "f:7: [ppp] ipv6: ipv4 and ipv6 are both denied; one must be allowed\n");
	bad(MINIMAL "[ppp]\nipv6 = require\n",
	    "f:6: [ppp] ipv6: require needs a [ipv6-pool] prefix, or a [radius] server that gives "
	    "one\n");
	bad(MINIMAL "methods = pap,pap\n",
	    "f:5: [auth] methods: 'pap' stands there twice; once is allowed\n");
	bad(MINIMAL "[pppoe]\npado-delay = 5:1\n", "f:6: [pppoe] pado-delay: the first delay is "
						   "that from 0 sessions on, without a count\n");
	bad(MINIMAL "[pppoe]\npado-delay = 5,6:9,7:9\n",
	    "f:6: [pppoe] pado-delay: 9 sessions after 9; the counts must rise\n");
	bad(MINIMAL "[ip-pool]\npool = 10.0.0.0/24\n",
	    "f:5: [ip-pool] gw-ip-address: missing; a pool needs our address\n");
	bad(MINIMAL "[ip-pool]\ngw-ip-address = 10.0.0.1\npool = 10.0.0.0/24\n"
		    "pool = 10.1.0.0/24\npool = 10.0.0.9-10.0.0.10,name=z\n",
	    "f:9: [ip-pool] pool: the range overlaps that of line 7\n");
	bad(MINIMAL "[ip-pool]\ngw-ip-address = 10.0.0.1\npool = 10.0.0.1/32\n",
	    "f:7: [ip-pool] pool: holds the gateway's address and no other\n");
	bad(MINIMAL "[ipv6-pool]\ndelegate = 2001:db8:ff::/48,56\nprefix = 2001:db8::/40,64\n",
	    "f:7: [ipv6-pool] prefix: the prefix overlaps that of line 6\n");
	bad(MINIMAL "[ipv6-pool]\ngw-ip6-address = 2001:db8::1\n",
	    "f:6: [ipv6-pool] gw-ip6-address: must be link-local: fe80::1 to fe80::ffff:...\n");
	bad(MINIMAL "[nat64]\npool6 = 64:ff9b::/95\n",
	    "f:6: [nat64] pool6: /95; allowed lengths are 32, 40, 48, 56, 64 and 96\n");
	bad(MINIMAL "[dns64]\nenable = yes\n",
	    "f:6: [dns64] listen: missing; with enable = yes an address is needed\n");
	config_free(good(MINIMAL "[ppp]\nmtu = 576\nipv6 = deny\n"));
	config_free(good(MINIMAL "[ip-pool]\ngw-ip-address=10.0.0.1\npool=10.0.0.0/31\n"));
}

static void checks_of_dns64(void **state)
{
	(void)state;
	bad(MINIMAL "[dns64]\nenable = yes\nlisten = fe80::53\n",
	    "f:7: [dns64] listen: a link-local or special address; subscribers need one that can "
	    "be routed\n");
	bad(MINIMAL "[dns64]\nenable = yes\nlisten = 2001:db8:64::53\n[nat64]\n"
		    "pool6 = 2001:db8:64::/96\n",
	    "f:7: [dns64] listen: it lies in [nat64] pool6\n");
	bad(MINIMAL "[dns64]\nenable = yes\nlisten = 2001:db8::53\ntls-cert = /c.pem\n",
	    "f:8: [dns64] tls-key: missing; a certificate and its key go together\n");
	bad(MINIMAL "[dns64]\nenable = yes\nlisten = 2001:db8::53\ntls-cert = c.pem\n"
		    "tls-key = /k.pem\n",
	    "f:8: [dns64] tls-cert: a file's whole path is needed, from '/' on\n");
	bad(MINIMAL "[dns64]\nenable = yes\nlisten = 2001:db8::53\nallow = !10.0.0.0/8\n",
	    "f:8: [dns64] allow: '!' is for clients; whoever is not allowed is refused\n");
	bad(MINIMAL "[dns64]\nmapped = 2001:db8::/32\n",
	    "f:6: [dns64] mapped: '2001:db8::/32' is not an IPv4 prefix or address, or one with "
	    "'!' before it\n");
	bad(MINIMAL "[dns64]\nuser = -x\n", "f:6: [dns64] user: '-x' is not the name of a user\n");
	bad(MINIMAL "[dns64]\nenable = yes\nlisten = 2001:db8::53\n"
		    "[ipv6-pool]\nprefix = 2001:db8::/64,64\n",
	    "f:7: [dns64] listen: the pool of line 9 has nothing else to give\n");
	bad(MINIMAL "[dns64]\nenable = yes\nlisten = 2001:db8::53\nlisten4 = 10.0.0.9\n"
		    "[ip-pool]\ngw-ip-address = 10.0.0.1\npool = 10.0.0.9/32\n",
	    "f:8: [dns64] listen4: the pool of line 11 has nothing else to give\n");
}

static void all_errors_up_to_twenty(void **state)
{
	struct sbuf text = { 0 };
	unsigned lines = 0;

	(void)state;
	sbuf_printf(&text, "[ppp]\n");
	for (unsigned i = 0; i < 25; i++)
		sbuf_printf(&text, "mtu = x%u\n", i);
	assert_null(parse(text.p));
	for (const char *p = errors.p; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 21);
	assert_non_null(strstr(errors.p, "f:21: "));
	assert_null(strstr(errors.p, "f:22: "));
	assert_non_null(strstr(errors.p, "f: 5 more errors are not shown\n"));
	sbuf_fini(&text);
}

/* What the dump says reads back as the same dump. */
static void dump_round_trip(void **state)
{
	struct config *cfg = good(
		"[pppoe]\ninterface = acc0,max-sessions=3\nac-name = \"a \\\"b\\\\\"\n"
		"service-name = a,b,c,d,\"e f\"\npado-delay = 1,2:3\nmac-filter = \"/a b\",allow\n"
		"[auth]\nmethods = pap\nusers-file = u\nusername = circuit-id\nline-password = "
		"hush\n[ip-pool]\ngw-ip-address = 10.0.0.1\n"
		"pool = 10.0.0.0/24\npool=10.1.0.1-10.1.0.6,name=\"x y\"\npool=10.2.0.0/32\n"
		"[ipv6-pool]\nprefix = 2001:db8::/40,64,name=n\naddress = 2001:db9::/64\n"
		"[radius]\nserver = ::1,hush\nserver = ::2,hush,weight=3,backup\nbind = ::3\nbind "
		"= 1.2.3.4\ndae-server=[::1]:1,hush\n[shaper]\ndefault = 3000\n");
	struct sbuf one = { 0 }, two = { 0 };

	(void)state;
	config_dump(cfg, &one);
	config_free(cfg);
	assert_null(strstr(one.p, "hush"));
	assert_non_null(strstr(one.p, "\nservice-name = a,b,c,d\nservice-name = \"e f\"\n"));
	assert_non_null(strstr(one.p, "\nac-name = \"a \\\"b\\\\\"\n"));
	assert_non_null(strstr(one.p, "\npool = 10.2.0.0/32\n"));
	assert_non_null(strstr(one.p, "\ndefault = 3000/3000\n"));
	assert_non_null(strstr(one.p, "::2,***,auth-port=1812,acct-port=1813,weight=3,backup\n"));
	assert_non_null(strstr(one.p, "\nbind = ::3,1.2.3.4\n"));
	assert_non_null(strstr(one.p, "\nusername = circuit-id\nline-password = ***\n"));
	cfg = good(one.p);
	config_dump(cfg, &two);
	assert_string_equal(one.p, two.p);
	config_free(cfg);
	sbuf_fini(&one);
	sbuf_fini(&two);
}

static char *slurp(const char *path)
{
	struct file_text file;
	int rc = file_read(path, 1 << 20, &file);
	char *text;

	if (rc)
		fail_msg("%s: %s", path, file_strerror(rc));
	text = strndup(file.text, file.len);
	file_text_fini(&file);
	return text;
}

static void sample_is_good(void **state)
{
	struct config *cfg = NULL;

	(void)state;
	sbuf_fini(&errors);
	if (config_load("etc/brasd.conf", &cfg, &errors))
		fail_msg("%s", errors.p);
	assert_int_equal(cfg->warnings.len, 0);
	config_free(cfg);
}

/* Each key stands in the sample in its section, and all that is commented out is good as well. */
static void sample_is_complete(void **state)
{
	_cleanup_free_ char *text = slurp("etc/brasd.conf");
	struct config *cfg;
	char *line;

	(void)state;
	for (line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (*line == '#' && line[1] != ' ' && line[1] != '\n')
			memmove(line, line + 1, strlen(line));
	for (unsigned i = 0; i < config_row_count; i++) {
		char section[64], key[64];
		const char *begin, *end, *at;

		snprintf(section, sizeof(section), "[%s%s", config_rows[i].section,
			 config_section_of(&config_rows[i])->list ? " " : "]");
		snprintf(key, sizeof(key), "\n%s = ", config_rows[i].key);
		begin = strstr(text, section);
		if (!begin)
			fail_msg("the sample has no %s", section);
		end = strstr(begin, "\n\n");
		at = strstr(begin, key);
		if (!at || (end && at > end))
			fail_msg("the sample has no [%s] %s", config_rows[i].section, key);
	}
	cfg = good(text);
	assert_int_equal(cfg->pppoe.interface_count, 2);
	assert_int_equal(cfg->radius.server_count, 1);
	config_free(cfg);
}

static void manual_page_is_the_table(void **state)
{
	_cleanup_free_ char *text = slurp("etc/brasd.conf.5");
	struct sbuf man = { 0 };
	char *begin = strstr(text, ".\\\" options: begin\n"), *end;

	(void)state;
	assert_non_null(begin);
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, ".\\\" options: end\n");
	assert_non_null(end);
	*end = '\0';
	config_man_print(&man);
	assert_string_equal(begin, man.p);
	sbuf_fini(&man);
}

/* Each row can be written down: it has a help, a syntax, and its default parses (parse() of the
 * minimal text has read them all). */
static void table_is_whole(void **state)
{
	struct sbuf out = { 0 };
	unsigned lines = 0;

	(void)state;
	for (unsigned i = 0; i < config_row_count; i++) {
		bool known = false;

		for (unsigned s = 0; s < config_section_count; s++)
			known = known || !strcmp(config_sections[s].name, config_rows[i].section);
		assert_true(known);
		if (config_section_of(&config_rows[i])->list)
			assert_true(config_rows[i].count_offset && !config_rows[i].def &&
				    config_rows[i].flags & CONFIG_REPEAT);
		assert_true(config_rows[i].help && *config_rows[i].help);
		assert_true(config_rows[i].type->syntax || config_rows[i].names);
		for (unsigned j = 0; j < i; j++)
			assert_false(!strcmp(config_rows[i].section, config_rows[j].section) &&
				     !strcmp(config_rows[i].key, config_rows[j].key));
	}
	config_table_print(&out);
	for (const char *p = out.p; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, config_row_count);
	assert_non_null(strstr(out.p, "ppp\tmtu\tNUMBER (576 to 1500)\t1492\tThe largest"));
	sbuf_fini(&out);
}

static void load_tells_what_it_met(void **state)
{
	struct config *cfg = NULL;

	(void)state;
	sbuf_fini(&errors);
	assert_int_equal(config_load("/nonexistent/f", &cfg, &errors), -ENOENT);
	assert_string_equal(errors.p, "/nonexistent/f: No such file or directory\n");
	sbuf_fini(&errors);
	assert_int_equal(config_load("/", &cfg, &errors), -EISDIR);
	assert_string_equal(errors.p, "/: Is a directory\n");
	sbuf_fini(&errors);
	assert_int_equal(config_load("/dev/zero", &cfg, &errors), -ENOTSUP);
	assert_string_equal(errors.p, "/dev/zero: not a regular file\n");
	assert_null(cfg);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minimal_has_defaults),
		cmocka_unit_test(full_example),
		cmocka_unit_test(core_interfaces),
		cmocka_unit_test(errors_of_form),
		cmocka_unit_test(nul_octet),
		cmocka_unit_test(errors_of_value),
		cmocka_unit_test(secrets_are_not_told),
		cmocka_unit_test(cross_checks),
		cmocka_unit_test(checks_of_dns64),
		cmocka_unit_test(all_errors_up_to_twenty),
		cmocka_unit_test(dump_round_trip),
		cmocka_unit_test(sample_is_good),
		cmocka_unit_test(sample_is_complete),
		cmocka_unit_test(manual_page_is_the_table),
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(load_tells_what_it_met),
	};
	struct sbuf man = { 0 };

	if (argc > 1 && !strcmp(argv[1], "--man")) {
		config_man_print(&man);
		fputs(man.p, stdout);
		sbuf_fini(&man);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, teardown);
}
