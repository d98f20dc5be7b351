// SPDX-License-Identifier: GPL-2.0-or-later
/* named.conf as bind9's own checker judges it, the question by which named is watched, and answers
 * to it: good, wrong, cut, and of others. */
#include "nat64/dns64.h"

#include "test/unit/nat64_rig.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct prefix6 p6(const char *s)
{
	struct prefix6 p;

	assert_int_equal(prefix6_parse(s, &p), 0);
	return p;
}

static struct dns64_net net_of(const char *s)
{
	struct dns64_net n = { .except = *s == '!', .is6 = strchr(s, ':') };

	if (n.is6)
		assert_int_equal(prefix6_parse(s + n.except, &n.p6), 0);
	else
		assert_int_equal(prefix4_parse(s + n.except, &n.p4), 0);
	return n;
}

static struct dns64_config conf_of(const char *pool6)
{
	struct dns64_config c = {
		.work_dir = "/tmp",
		.pool6 = p6(pool6),
		.validate = true,
		.cache = 64,
		.rate_limit = 100,
		.recursive_clients = 1000,
		.tcp_clients = 150,
	};

	assert_int_equal(ip6_parse("2001:db8:100::53", &c.listen), 0);
	return c;
}

/* --- the configuration ------------------------------------------------------------------------ */

/* named-checkconf on it: its exit status. */
static int judged(const char *text)
{
	char path[] = "/tmp/named-conf-XXXXXX", command[128];
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	snprintf(command, sizeof(command), "PATH=$PATH:/usr/sbin named-checkconf %s", path);
	rc = system(command);
	unlink(path);
	assert_true(WIFEXITED(rc));
	return WEXITSTATUS(rc);
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part))
		return;
	print_error("not in it: %s\n%s", part, text);
	fail();
}

static void the_least(void **state)
{
	struct dns64_config c = conf_of("64:ff9b::/96");
	struct sbuf out = { 0 };

	(void)state;
	dns64_conf_write(&c, &out);
	has(out.p, "acl \"subscribers\" { 2001:db8:100::53; };\n");
	has(out.p, "\tlisten-on-v6 port 53 { 2001:db8:100::53; };\n\tlisten-on { none; };\n");
	has(out.p, "\tdnssec-validation auto;\n");
	has(out.p, "\tdns64 64:ff9b::/96 {\n\t\tclients { \"subscribers\"; };\n");
	has(out.p, "\t\texclude { ::ffff:0:0/96; };\n\t\tbreak-dnssec no;\n");
	has(out.p, "\nzone \"ipv4only.arpa\" {");
	assert_null(strstr(out.p, "forward"));
	assert_null(strstr(out.p, "tls"));
	assert_int_equal(judged(out.p), 0);
	sbuf_fini(&out);
}

/* RFC 6052, section 3.1; another prefix may stand for any IPv4 address. */
static void private_addresses_are_not_well_known(void **state)
{
	struct dns64_config c = conf_of("64:ff9b::/96");
	struct dns64_net ten = net_of("10.0.0.0/8");
	struct sbuf out = { 0 };

	(void)state;
	dns64_conf_write(&c, &out);
	has(out.p, "\t\tmapped { !0.0.0.0/8; !10.0.0.0/8; !127.0.0.0/8; !169.254.0.0/16; "
		   "!172.16.0.0/12; !192.168.0.0/16; !224.0.0.0/3; any; };\n");
	sbuf_fini(&out);
	c.mapped = &ten;
	c.mapped_count = 1;
	dns64_conf_write(&c, &out);
	has(out.p, "\t\tmapped { 10.0.0.0/8; };\n");
	sbuf_fini(&out);
	c = conf_of("2001:db8:64::/96");
	dns64_conf_write(&c, &out);
	assert_null(strstr(out.p, "mapped"));
	sbuf_fini(&out);
}

static void everything(void **state)
{
	struct dns64_config c = conf_of("2001:db8:64::/96");
	const struct dns64_net allow[] = { net_of("100.64.0.0/18"), net_of("2001:db8:100::/40") };
	const struct dns64_net clients[] = { net_of("2001:db8:100::/40"),
					     net_of("!2001:db8:100:7::/64") };
	const struct dns64_net mapped[] = { net_of("!192.0.2.0/24") };
	const struct prefix6 exclude[] = { p6("2001:db8:bad::/48") };
	const char *const forward[] = { "2001:db8::1", "192.0.2.2" };
	struct sbuf out = { 0 };

	(void)state;
	c.allow = allow;
	c.allow_count = 2;
	c.clients = clients;
	c.client_count = 2;
	c.mapped = mapped;
	c.mapped_count = 1;
	c.exclude = exclude;
	c.exclude_count = 1;
	c.forward = forward;
	c.forward_count = 2;
	c.listen4 = 0x64400035;
	c.break_dnssec = true;
	c.validate = false;
	c.tls_cert = "/etc/brasberry/dns \"64\".pem";
	c.tls_key = "/etc/brasberry/dns64.key";
	dns64_conf_write(&c, &out);
	has(out.p, "acl \"subscribers\" { 2001:db8:100::53; 100.64.0.53; 100.64.0.0/18; "
		   "2001:db8:100::/40; };\n");
	has(out.p, "\t\tclients { 2001:db8:100::53; 100.64.0.53; !2001:db8:100:7::/64; "
		   "2001:db8:100::/40; };\n");
	has(out.p, "\t\tmapped { !192.0.2.0/24; any; };\n");
	has(out.p, "\t\texclude { ::ffff:0:0/96; 2001:db8:bad::/48; };\n");
	has(out.p, "\t\tbreak-dnssec yes;\n");
	has(out.p, "\tdnssec-validation no;\n");
	has(out.p, "\tforward only;\n\tforwarders { 2001:db8::1; 192.0.2.2; };\n");
	has(out.p, "\tcert-file \"/etc/brasberry/dns \\\"64\\\".pem\";\n");
	has(out.p, "\tlisten-on port 853 tls \"brasberry\" { 100.64.0.53; };\n");
	has(out.p, "\tlisten-on-v6 port 443 tls \"brasberry\" http \"brasberry\" { "
		   "2001:db8:100::53; };\n");
	assert_int_equal(judged(out.p), 0);
	sbuf_fini(&out);
	c.work_dir = "/nowhere/at/all";
	dns64_conf_write(&c, &out);
	assert_int_not_equal(judged(out.p), 0); /* the judge can say no */
	sbuf_fini(&out);
}

static void every_length_of_a_prefix(void **state)
{
	static const char *const pools[] = { "2001:db8::/32", "2001:db8:100::/40",
					     "2001:db8:122::/48", "2001:db8:122:300::/56",
					     "2001:db8:122:344::/64" };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(pools); i++) {
		struct dns64_config c = conf_of(pools[i]);
		struct sbuf out = { 0 };

		c.listen = p6("2001:db9::/64").addr;
		c.listen.b[15] = 0x53;
		dns64_conf_write(&c, &out);
		assert_int_equal(judged(out.p), 0);
		sbuf_fini(&out);
	}
}

/* RFC 6052, section 2.4, has this table. */
static void embedded_addresses(void **state)
{
	static const struct {
		const char *prefix, *address;
	} rows[] = {
		{ "2001:db8::/32", "2001:db8:c000:221::" },
		{ "2001:db8:100::/40", "2001:db8:1c0:2:21::" },
		{ "2001:db8:122::/48", "2001:db8:122:c000:2:2100::" },
		{ "2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::" },
		{ "2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::" },
		{ "2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33" },
		{ "64:ff9b::/96", "64:ff9b::192.0.2.33" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct prefix6 p = p6(rows[i].prefix);
		struct ip6 a;

		assert_int_equal(ip6_parse(rows[i].address, &a), 0);
		assert_true(dns64_within(&p, &a));
		assert_int_equal(dns64_embedded(&p, &a), 0xc0000221);
		a.b[p.len / 8 - 1] ^= 1;
		assert_false(dns64_within(&p, &a));
	}
}

static void the_mark(void **state)
{
	static const char *const bad[] = { "", "listen ::1", "listen x listen4 0.0.0.0 loaded 1",
					   "listen ::1 listen4 1.2.3 loaded 1",
					   "listen ::1 listen4 0.0.0.0 loaded z" };
	struct sbuf out = { 0 }, conf = { 0 };
	struct dns64_mark m = { .listen4 = 0x64400035, .loaded = 0xfedcba9876543210 }, back;

	(void)state;
	assert_int_equal(ip6_parse("2001:db8:100::53", &m.listen), 0);
	dns64_mark_write(&m, &out);
	assert_true(out.len < DNS64_MARK_MAX);
	assert_int_equal(dns64_mark_parse(out.p, &back), 0);
	assert_true(ip6_equal(&back.listen, &m.listen));
	assert_int_equal(back.listen4, m.listen4);
	assert_true(back.loaded == m.loaded);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(dns64_mark_parse(bad[i], &back), -EBADMSG);
	sbuf_fini(&out);
	sbuf_printf(&conf, "options");
	m.loaded = dns64_conf_hash(&conf);
	sbuf_printf(&conf, " ");
	assert_true(m.loaded && m.loaded != dns64_conf_hash(&conf));
	sbuf_fini(&conf);
}

/* --- the question ----------------------------------------------------------------------------- */

static const uint8_t query[] = {
	0x12, 0x34, 1,	 0,   0,   1, 0,   0,	0,   0,	  0, 0, 8,  'i', 'p', 'v',
	'4',  'o',  'n', 'l', 'y', 4, 'a', 'r', 'p', 'a', 0, 0, 28, 0,	 1,
};

static struct dns64_question question(void)
{
	return (struct dns64_question){ 0x1234, DNS64_WELL_KNOWN, p6("2001:db8:64::/96") };
}

static void the_question(void **state)
{
	struct dns64_question q = question();
	uint8_t buf[DNS64_QUERY_MAX];

	(void)state;
	assert_int_equal(dns64_query_write(buf, sizeof(buf), &q), sizeof(query));
	assert_memory_equal(buf, query, sizeof(query));
	assert_int_equal(dns64_query_write(buf, sizeof(query) - 1, &q), -ENOSPC);
	q.name = "not a name";
	assert_int_equal(dns64_query_write(buf, sizeof(buf), &q), -EINVAL);
}

/* The question's own octets, answered: `addresses` of them, the last octets as given. */
static size_t answer(uint8_t *buf, uint8_t rcode, const char *const *address, unsigned count)
{
	struct wr w = wr_init(buf, DNS64_ANSWER_MAX);

	wr_bytes(&w, query, sizeof(query));
	buf[2] = 0x81;
	buf[3] = (uint8_t)(0x80 | rcode);
	buf[7] = (uint8_t)(count + 1);
	wr_bytes(&w, "\xc0\x0c\0\5\0\1\0\0\0\1\0\2\xc0\x0c", 14); /* a CNAME before them */
	for (unsigned i = 0; i < count; i++) {
		struct ip6 a;

		assert_int_equal(ip6_parse(address[i], &a), 0);
		wr_bytes(&w, "\xc0\x0c\0\x1c\0\1\0\0\0\1\0\x10", 12);
		wr_bytes(&w, a.b, sizeof(a.b));
	}
	assert_false(w.bad);
	return w.len;
}

static void judgements(void **state)
{
	static const struct {
		const char *address[2];
		unsigned count;
		uint8_t rcode;
		enum dns64_verdict verdict;
		const char *shown;
	} rows[] = {
		{ { "2001:db8:64::192.0.0.170", "2001:db8:64::192.0.0.171" },
		  2,
		  0,
		  DNS64_GOOD,
		  "2001:db8:64::c000:aa" },
		{ { "64:ff9b::192.0.0.170" }, 1, 0, DNS64_WRONG, "64:ff9b::c000:aa" },
		{ { "2001:db8:64::192.0.0.170", "2001:db8:64::192.0.2.1" },
		  2,
		  0,
		  DNS64_WRONG,
		  "2001:db8:64::c000:201" },
		{ { 0 }, 0, 0, DNS64_WRONG, "::" },
		{ { 0 }, 0, 3, DNS64_WRONG, "::" },
		{ { 0 }, 0, 2, DNS64_FAILED, "::" },
		{ { 0 }, 0, 5, DNS64_FAILED, "::" },
	};
	struct dns64_question q = question();

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t buf[DNS64_ANSWER_MAX];
		size_t len = answer(buf, rows[i].rcode, rows[i].address, rows[i].count);
		struct dns64_answer a;
		char text[IP6_STRLEN];

		assert_int_equal(dns64_answer_parse(buf, len, &q, &a), 0);
		assert_int_equal(a.verdict, rows[i].verdict);
		assert_int_equal(a.count, rows[i].count);
		assert_int_equal(a.rcode, rows[i].rcode);
		assert_string_equal(ip6_str(text, &a.address), rows[i].shown);
	}
}

static void answers_to_something_else(void **state)
{
	static const char *const address[] = { "2001:db8:64::192.0.0.170" };
	struct dns64_question q = question();
	uint8_t good[DNS64_ANSWER_MAX], buf[DNS64_ANSWER_MAX];
	size_t len = answer(good, 0, address, 1);
	struct dns64_answer a = { .count = 77 };

	(void)state;
	/* another id; no answer; an update; two questions; another name, type, class */
	static const struct {
		size_t at;
		uint8_t flip;
	} rows[] = {
		{ 1, 1 }, { 2, 0x80 }, { 2, 0x28 }, { 5, 3 }, { 14, 1 }, { 28, 1 }, { 30, 2 }
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(buf, good, len);
		buf[rows[i].at] ^= rows[i].flip;
		assert_int_equal(dns64_answer_parse(buf, len, &q, &a), -ENOENT);
	}
	memcpy(buf, good, len);
	buf[13] ^= 0x20; /* 'I' */
	assert_int_equal(dns64_answer_parse(buf, len, &q, &a), 0);
	a.count = 77;
	for (size_t cut = 0; cut < len; cut++)
		assert_int_not_equal(dns64_answer_parse(good, cut, &q, &a), 0);
	assert_int_equal(a.count, 77);
	good[len - 17] = 15; /* an address of 15 octets */
	assert_int_equal(dns64_answer_parse(good, len, &q, &a), -EBADMSG);
}

/* --- its counters ------------------------------------------------------------------------------
 */

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"

static int stats_of(const char *text, struct dns64_stats *ret)
{
	return dns64_stats_parse(text, strlen(text), ret);
}

static void counters(void **state)
{
	static const char whole[] = OK_HEAD
		"{\"rcodes\":{\"REFUSED\":3},\"nsstats\":{\"Requestv6\":12,\"QryTCP\":2,"
		"\"DNS64\":5,\"Response\":-1,\"QryUDP\":\"x\"},\"views\":{\"_default\":{}}}";
	struct dns64_stats s = { { 99 } };

	(void)state;
	assert_int_equal(stats_of(whole, &s), 0);
	assert_int_equal(s.count[DNS64_COUNT_IPV4], 0); /* left out: none */
	assert_int_equal(s.count[DNS64_COUNT_IPV6], 12);
	assert_int_equal(s.count[DNS64_COUNT_TCP], 2);
	assert_int_equal(s.count[DNS64_COUNT_SYNTHESISED], 5);
	assert_int_equal(s.count[DNS64_COUNT_REFUSED], 3);
	assert_int_equal(s.count[DNS64_COUNT_RESPONSES], 0);
	assert_int_equal(s.count[DNS64_COUNT_UDP], 0);
	s.count[0] = 77;
	for (size_t len = 0; len < strlen(whole); len++) /* cut anywhere: nothing is taken */
		assert_int_equal(dns64_stats_parse(whole, len, &s), -EBADMSG);
	assert_int_equal(stats_of("HTTP/1.1 404 Not Found\r\n\r\n{\"nsstats\":{}}", &s), -EBADMSG);
	assert_int_equal(stats_of(OK_HEAD "{\"nsstats\":[1]}", &s), -EBADMSG);
	assert_int_equal(stats_of(OK_HEAD "[]", &s), -EBADMSG);
	assert_int_equal(s.count[0], 77);
	assert_string_equal(dns64_counter_name(DNS64_COUNT_SYNTHESISED), "synthesised");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least),
		cmocka_unit_test(private_addresses_are_not_well_known),
		cmocka_unit_test(everything),
		cmocka_unit_test(every_length_of_a_prefix),
		cmocka_unit_test(embedded_addresses),
		cmocka_unit_test(the_mark),
		cmocka_unit_test(the_question),
		cmocka_unit_test(judgements),
		cmocka_unit_test(answers_to_something_else),
		cmocka_unit_test(counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
