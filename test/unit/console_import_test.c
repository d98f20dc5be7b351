// SPDX-License-Identifier: GPL-2.0-or-later
/* accel-ppp.conf becomes ours: what maps, what differs, what is ignored, and what is never told. */
#include "console/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct sbuf ours;
static struct import_counts n;

static void take(const char *text)
{
	sbuf_fini(&ours);
	ours = (struct sbuf){ 0 };
	assert_int_equal(import_text("accel-ppp.conf", text, strlen(text), &ours, &n), 0);
}

static void holds(const char *line)
{
	if (!strstr(ours.p, line))
		fail_msg("no '%s' in:\n%s", line, ours.p);
}

static void lacks(const char *line)
{
	if (strstr(ours.p, line))
		fail_msg("'%s' in:\n%s", line, ours.p);
}

static void a_key_maps(void **state)
{
	(void)state;
	take("[pppoe]\ninterface=acc0,padi-limit=10\nac-name=bras 1\n");
	holds("\n[pppoe]\ninterface = acc0,padi-limit=10\nac-name = \"bras 1\"\n");
	holds("#   line 3, [pppoe] ac-name: [pppoe] ac-name\n");
	assert_int_equal(n.maps, 2);
	assert_int_equal(n.differs, 0);
	assert_int_equal(n.ignored, 0);
}

static void what_is_not_ours_is_told(void **state)
{
	(void)state;
	take("[core]\nthread-count=4\n[l2tp]\nsecret=hidden\n[ppp]\nnosuch=1\nmtu=9000\n");
	holds("#   line 2, [core] thread-count: brasd has one loop");
	holds("#   line 4, [l2tp] secret: not PPPoE");
	holds("#   line 6, [ppp] nosuch: not a key that is known\n");
	holds("#   line 7, [ppp] mtu: ours is a number from 1280 to 1500\n");
	lacks("hidden");
	assert_int_equal(n.ignored, 4);
}

static void secrets_stand_in_values_only(void **state)
{
	const char *end;

	(void)state;
	take("[radius]\nserver=192.0.2.1,s3\"cr#t,max-fail=3,weight=2\n"
	     "dae-server=192.0.2.1:3799,an other\nserver=host.example.net,pass\n");
	holds("server = 192.0.2.1,\"s3\\\"cr#t\",weight=2\n");
	holds("dae-server = 192.0.2.1:3799,\"an other\"\n");
	holds("(max-fail)");
	end = strstr(ours.p, "\n[");
	assert_non_null(end);
	for (const char *p = ours.p; p < end; p++)
		if (!strncmp(p, "s3", 2) || !strncmp(p, "pass", 4) || !strncmp(p, "an other", 8))
			fail_msg("a secret in a comment:\n%s", ours.p);
}

static void pools(void **state)
{
	(void)state;
	take("[ip-pool]\ngw-ip-address=100.64.0.1\n100.64.0.2-255\n100.64.1.0/24,name=b,next=c\n"
	     "100.64.1.7-9,late\n10.0.0.9/24\n10.0.1.9-8\n"
	     "[ipv6-pool]\n2001:db8::/40,64,home\n2001:db8:0:1::/64,64\ndelegate=2001:db9::/34,56\n"
	     "2001:dba::/40,62\n");
	holds("pool = 100.64.0.2-100.64.0.255\npool = 100.64.1.0-100.64.1.255,name=b\n");
	holds("prefix = 2001:db8::/40,64,name=home\ndelegate = 2001:db9::/34,56\n");
	holds("line 4, [ip-pool]: next= is left out");
	holds("line 5, [ip-pool]: overlaps");
	holds("line 6, [ip-pool]: not a range");
	holds("line 7, [ip-pool]: not a range");
	holds("line 10, [ipv6-pool]: overlaps");
	holds("line 12, [ipv6-pool]: a line's own prefix has 64 bits");
}

static void addresses(void **state)
{
	(void)state;
	take("[radius]\ndae-allowed=192.0.2.1,198.51.100.0/24, 2001:db8::1\ndae-allowed=10.0.0.0/8\n");
	holds("\ndae-allowed = 192.0.2.1\ndae-allowed = 2001:db8::1\n");
	holds("line 2, [radius] dae-allowed: 198.51.100.0/24 is no address");
	holds("line 3, [radius] dae-allowed: 10.0.0.0/8 is no address");
}

static void modules_decide(void **state)
{
	(void)state;
	take("[radius]\nserver=192.0.2.1,x\n[modules]\npppoe\nauth_pap\nauth_chap_md5\n");
	holds("methods = pap,chap-md5\n");
	holds("line 2, [radius] server: accel-ppp does not load radius");
	holds("users-file = /etc/brasberry/users\n");
	lacks("server = 192.0.2.1");
}

static void one_value_alone(void **state)
{
	(void)state;
	take("[radius]\ngw-ip-address=100.64.0.1\n[ip-pool]\ngw-ip-address=100.64.0.1\n"
	     "[chap-secrets]\ngw-ip-address=100.64.0.2\n");
	holds("line 4, [ip-pool] gw-ip-address: [ip-pool] gw-ip-address\n");
	holds("line 6, [chap-secrets] gw-ip-address: [ip-pool] gw-ip-address has a value");
	lacks("100.64.0.2");
	take("[radius]\nnas-ip-address=127.0.0.1\n");
	holds("not the address of a host");
}

static void telnet_beyond_loopback(void **state)
{
	(void)state;
	take("[cli]\ntelnet=0.0.0.0:2000\n");
	holds("line 2, [cli] telnet: beyond loopback the console wants logins");
	lacks("telnet = 0.0.0.0");
}

static void rubbish(void **state)
{
	static const char binary[] = "[pppoe]\ninterface=a\0b\nac-name=\x01\n";
	char text[4096];

	(void)state;
	memset(text, 'x', sizeof(text));
	sbuf_fini(&ours);
	ours = (struct sbuf){ 0 };
	assert_int_equal(import_text("a\nb", text, sizeof(text), &ours, &n), 0);
	holds("# Made from a\\x0ab: 0 lines map");
	holds("line 1, []: too long, or not text\n");
	sbuf_fini(&ours);
	ours = (struct sbuf){ 0 };
	assert_int_equal(import_text("f", binary, sizeof(binary) - 1, &ours, &n), 0);
	assert_int_equal(n.ignored, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_maps),
		cmocka_unit_test(what_is_not_ours_is_told),
		cmocka_unit_test(secrets_stand_in_values_only),
		cmocka_unit_test(pools),
		cmocka_unit_test(addresses),
		cmocka_unit_test(modules_decide),
		cmocka_unit_test(one_value_alone),
		cmocka_unit_test(telnet_beyond_loopback),
		cmocka_unit_test(rubbish),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	sbuf_fini(&ours);
	return r;
}
