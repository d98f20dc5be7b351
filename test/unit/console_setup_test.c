// SPDX-License-Identifier: GPL-2.0-or-later
/* `brasctl setup`: what is read of the system, what follows from few answers, and the file. */
#include "console/setup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct setup_box box;
static struct setup_answers answers;
static struct sbuf why, warnings, text;

static void add_port(const char *name, const char *driver)
{
	struct setup_port *p = &box.ports[box.port_count++];

	snprintf(p->name, sizeof(p->name), "%s", name);
	snprintf(p->driver, sizeof(p->driver), "%s", driver);
	p->ethernet = strcmp(name, "lo") != 0;
	p->up = p->carrier = true;
	p->mtu = 1500;
}

static void add_address(const char *ifname, const char *net, const char *addr)
{
	struct setup_address *a = &box.addresses[box.address_count++];

	snprintf(a->ifname, sizeof(a->ifname), "%s", ifname);
	assert_int_equal(prefix4_parse(net, &a->net), 0);
	assert_int_equal(ip4_parse(addr, &a->addr), 0);
}

/* eth0 is the way to the internet, eth1 is free. */
static int fresh(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	memset(&answers, 0, sizeof(answers));
	why.len = warnings.len = text.len = 0;
	add_port("lo", "");
	add_port("eth0", "r8169");
	add_port("eth1", "igb");
	add_address("eth0", "192.0.2.0/24", "192.0.2.7");
	box.ports[1].default4 = true;
	snprintf(box.host, sizeof(box.host), "north");
	return 0;
}

static int done(void **state)
{
	(void)state;
	sbuf_fini(&why);
	sbuf_fini(&warnings);
	sbuf_fini(&text);
	return 0;
}

static void answer(const char *const *list)
{
	for (; *list; list++)
		assert_int_equal(setup_answer(&answers, *list, &why), 0);
}
#define ANSWER(...) answer((const char *const[]){ __VA_ARGS__, NULL })

static void decides(void)
{
	if (setup_decide(&box, &answers, &why, &warnings))
		fail_msg("%s", why.p);
}

static void refuses(const char *part)
{
	assert_int_equal(setup_decide(&box, &answers, &why, &warnings), -EINVAL);
	if (!strstr(why.p, part))
		fail_msg("'%s' is not in '%s'", part, why.p);
}

static void bad_answer(const char *one, const char *part)
{
	unsigned count = answers.count;

	why.len = 0;
	assert_int_equal(setup_answer(&answers, one, &why), -EINVAL);
	assert_non_null(strstr(why.p, part));
	assert_int_equal(answers.count, count);
}

static void takes_answers(void **state)
{
	(void)state;
	ANSWER("pool=10.0.0.0/24", "shaper.up=police", "pppoe.service-name=a",
	       "pppoe.service-name=b", "profile gold.rate=1");
	assert_string_equal(setup_answer_of(&answers, "pool"), "10.0.0.0/24");
	assert_null(setup_answer_of(&answers, "access"));
	bad_answer("pool=10.1.0.0/24", "answered already");
	bad_answer("pol=10.1.0.0/24", "unknown; known are access pool");
	bad_answer("pool", "KEY=VALUE");
	bad_answer("=5", "KEY=VALUE");
	bad_answer(".x=5", "unknown");
	bad_answer("x.=5", "unknown");
	bad_answer("[ppp].mtu=5", "unknown");
	bad_answer("name=a\nb", "control characters");
}

static void reads_answers(void **state)
{
	(void)state;
	assert_int_equal(setup_answers_read(&answers, "f",
					    "# a comment\n\n  access=eth1\n"
					    "radius=192.0.2.9,\"s # x\"\n",
					    &why),
			 0);
	assert_int_equal(answers.count, 2);
	assert_string_equal(setup_answer_of(&answers, "radius"), "192.0.2.9,\"s # x\"");
	assert_int_equal(setup_answers_read(&answers, "f", "# one\nacess=eth1\n", &why), -EINVAL);
	assert_memory_equal(why.p, "f:2: 'acess=eth1'", 17);
}

static void makes_a_file_of_nothing(void **state)
{
	(void)state;
	snprintf(box.dns[0], sizeof(box.dns[0]), "192.0.2.53");
	decides();
	setup_write(&answers, &text);
	assert_non_null(strstr(text.p, "\n[pppoe]\ninterface = eth1\nac-name = north\n"
				       "\n[ppp]\nipv6 = deny\n"
				       "\n[auth]\nusers-file = /etc/brasberry/users\n"
				       "\n[ip-pool]\ngw-ip-address = 100.64.0.1\n"
				       "pool = 100.64.0.0/18\n"
				       "\n[dns]\ndns1 = 192.0.2.53\n"
				       "\n[nat44]\nmasquerade = eth0\n"));
	assert_int_equal(warnings.len, 0);
}

static void makes_a_file_of_answers(void **state)
{
	(void)state;
	ANSWER("access=eth1", "pool=203.0.113.0/24", "gateway=203.0.113.9",
	       "radius=192.0.2.9,secret", "ipv6=2001:db8:100::/40", "dns=192.0.2.1,192.0.2.2",
	       "speed=1000/500", "name=bras1", "ppp.ipv4=prefer", "pppoe.service-name=a",
	       "pppoe.service-name=b", "ppp.ipv6=require", "mirror.port=eth0");
	decides();
	setup_write(&answers, &text);
	assert_non_null(strstr(text.p, "\n[pppoe]\nservice-name = a\nservice-name = b\n"
				       "interface = eth1\nac-name = bras1\n"
				       "\n[ppp]\nipv4 = prefer\nipv6 = require\n"
				       "\n[radius]\nserver = 192.0.2.9,secret\n"
				       "\n[ip-pool]\ngw-ip-address = 203.0.113.9\n"
				       "pool = 203.0.113.0/24\n"
				       "\n[dns]\ndns1 = 192.0.2.1\ndns2 = 192.0.2.2\n"
				       "\n[ipv6-pool]\ngw-ip6-address = fe80::1\n"
				       "prefix = 2001:db8:100::/40,64\n"
				       "\n[shaper]\ndefault = 1000/500\n"
				       "\n[mirror]\nport = eth0\n"));
	/* Addresses that the internet knows are not translated. */
	assert_null(strstr(text.p, "nat44"));
	assert_null(strstr(text.p, "users-file"));
}

static void refuses_what_does_not_fit(void **state)
{
	static const struct {
		const char *answer, *part;
	} cases[] = {
		{ "access=eth7", "there is no such interface; there are eth0, eth1" },
		{ "core=eth9", "there is no such interface; there are eth0, eth1" },
		{ "pool=192.0.2.128/25", "overlaps the network of eth0 (192.0.2.7/24)" },
		{ "pool=100.64.0.1/18", "a prefix" },
		{ "pool=100.64.0.0/31", "a prefix" },
		{ "gateway=here", "no address" },
		{ "nat=perhaps", "yes or no" },
		{ "user=a b", "not allowed" },
		{ "password=a\"b", "not allowed" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		fresh(state);
		ANSWER(cases[i].answer);
		refuses(cases[i].part);
	}
	assert_null(strstr(why.p, "a\"b"));
	fresh(state);
	add_port("eth2", "igb");
	refuses("access needs an answer");
	fresh(state);
	box.ports[1].default4 = false;
	box.address_count = 0;
	ANSWER("access=eth1", "nat=yes");
	refuses("nat=yes: needs core");
}

static void warns(void **state)
{
	(void)state;
	add_port("eth1.5", "802.1Q VLAN Support");
	setup_vlans_read(&box, "VLAN Dev name    | VLAN ID\nName-Type: X\n"
			       "eth1.5         | 5  | eth1\n");
	assert_string_equal(box.ports[3].vlan_of, "eth1");
	ANSWER("access=eth1.5");
	decides();
	assert_non_null(strstr(warnings.p, "eth1.5 is a VLAN device of eth1"));
}

/* A Raspberry Pi has one port: the way to the internet is the default's, and access is the same. */
static void has_one_port(void **state)
{
	(void)state;
	box.port_count = 2; /* lo, eth0 */
	ANSWER("access=eth0");
	decides();
	assert_non_null(strstr(warnings.p, "eth0 is the way to the internet as well"));
	assert_null(strstr(warnings.p, "hardly"));
	setup_write(&answers, &text);
	assert_non_null(strstr(text.p, "interface = eth0\n"));
	assert_non_null(strstr(text.p, "masquerade = eth0\n"));
}

static bool proposes(const char *access)
{
	text.len = 0;
	setup_default(&box, &answers, "access", &text);
	return text.len == strlen(access) && !strncmp(text.p ? text.p : "", access, text.len);
}

/* A Raspberry Pi at a switch with VLANs: lines in one, the internet untagged or in another one. */
static void takes_a_vlan(void **state)
{
	(void)state;
	box.port_count = 2;
	add_port("wlan0", "brcmfmac");
	box.ports[2].wireless = true;
	assert_true(proposes(""));
	add_port("eth0.100", "802.1Q VLAN Support");
	setup_vlans_read(&box, "eth0.100       | 100  | eth0\n");
	assert_true(proposes("eth0.100"));
	add_port("eth0.10", "802.1Q VLAN Support");
	setup_vlans_read(&box, "eth0.10        | 10  | eth0\n");
	assert_true(proposes("")); /* either */
	snprintf(box.addresses[0].ifname, IFNAMSIZ, "eth0.10");
	box.ports[1].default4 = false;
	box.ports[4].default4 = true;
	assert_true(proposes("eth0.100")); /* and not eth0, which has the internet's VLAN */
	decides();
	assert_int_equal(warnings.len, 0);
	setup_write(&answers, &text);
	assert_non_null(strstr(text.p, "interface = eth0.100\n"));
	assert_non_null(strstr(text.p, "masquerade = eth0.10\n"));
	text.len = 0;
	setup_report(&box, &answers, SETUP_FILE, "default", &text);
	assert_non_null(strstr(text.p, "eth0.100: the subscribers' side: that VLAN of eth0\n"));
}

static void warns_of_wifi(void **state)
{
	(void)state;
	add_port("wlan0", "brcmfmac");
	box.ports[3].wireless = true;
	assert_true(proposes("eth1"));
	ANSWER("access=wlan0");
	decides();
	assert_non_null(strstr(warnings.p, "wlan0 is Wi-Fi"));
}

static void reads_the_system(void **state)
{
	(void)state;
	box.ports[1].default4 = false;
	setup_routes4_read(&box,
			   "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n"
			   "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n"
			   "eth1\t00000000\t010200C0\t0200\t0\t0\t0\t00000000\t0\n");
	assert_false(box.ports[1].default4 || box.ports[2].default4);
	setup_routes4_read(&box, "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	assert_true(box.ports[1].default4);
	setup_routes6_read(&box, "00000000000000000000000000000000 00 "
				 "00000000000000000000000000000000 00 "
				 "fe800000000000000000000000000001 00000400 1 0 00000003 eth1\n"
				 "00000000000000000000000000000000 00 "
				 "00000000000000000000000000000000 00 "
				 "00000000000000000000000000000000 ffffffff 1 0 00200200 eth0\n");
	assert_true(box.ports[2].default6);
	assert_false(box.ports[1].default6);
	setup_resolv_read(&box, "# x\nnameserver 127.0.0.53\nnameserver 2001:db8::1\n"
				"nameserver 192.0.2.53\nsearch example.net\nnameserver 192.0.2.54\n"
				"nameserver 192.0.2.55");
	assert_string_equal(box.dns[0], "192.0.2.53");
	assert_string_equal(box.dns[1], "192.0.2.54");
	assert_int_equal(setup_kernel_option("CONFIG_VETH=m\n", "VETH"), SETUP_YES);
	assert_int_equal(setup_kernel_option("#\nCONFIG_VETH=y\n", "VETH"), SETUP_YES);
	assert_int_equal(setup_kernel_option("# CONFIG_VETH is not set\n", "VETH"), SETUP_NO);
	assert_int_equal(setup_kernel_option("CONFIG_VETH_X=y\n", "VETH"), SETUP_NO);
}

static void says_what_to_plug_where(void **state)
{
	(void)state;
	box.ports[2].carrier = false;
	decides();
	setup_describe(&box, &text);
	assert_non_null(strstr(text.p, "eth0            r8169, link, MTU 1500, no native XDP"));
	assert_non_null(strstr(text.p, "192.0.2.7/24, default route (IPv4)\n"));
	assert_non_null(strstr(text.p, "eth1            igb, no link, MTU 1500, native XDP\n"));
	assert_null(strstr(text.p, "lo "));
	text.len = 0;
	setup_report(&box, &answers, SETUP_FILE, "default", &text);
	assert_non_null(strstr(text.p, "  eth1: the subscribers' side"));
	assert_non_null(strstr(text.p, "nothing is plugged in yet"));
	assert_non_null(strstr(text.p, "  eth0: the internet's side\n"));
	assert_non_null(strstr(text.p, "systemctl enable --now brasd@default\n"));
}

/* Read in drivers/net of Linux 6.1: ixgbevf has ndo_bpf without ndo_xdp_xmit, tsnep neither. */
static void drivers(void **state)
{
	static const char *const with[] = { "veth", "igb", "rvu-nicpf", "mtk_soc_eth", "fsl_dpa" };
	static const char *const without[] = { "ixgbevf", "tsnep", "bcmgenet", "r8169", "" };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(with); i++)
		assert_true(setup_driver_has_xdp(with[i]));
	for (unsigned i = 0; i < ARRAY_SIZE(without); i++)
		assert_false(setup_driver_has_xdp(without[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drivers),
		cmocka_unit_test_setup(takes_answers, fresh),
		cmocka_unit_test_setup(reads_answers, fresh),
		cmocka_unit_test_setup(makes_a_file_of_nothing, fresh),
		cmocka_unit_test_setup(makes_a_file_of_answers, fresh),
		cmocka_unit_test_setup(refuses_what_does_not_fit, fresh),
		cmocka_unit_test_setup(warns, fresh),
		cmocka_unit_test_setup(has_one_port, fresh),
		cmocka_unit_test_setup(takes_a_vlan, fresh),
		cmocka_unit_test_setup(warns_of_wifi, fresh),
		cmocka_unit_test_setup(reads_the_system, fresh),
		cmocka_unit_test_setup_teardown(says_what_to_plug_where, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
