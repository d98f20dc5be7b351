// SPDX-License-Identifier: GPL-2.0-or-later
/* What a DHCPv6 server answers: RFC 8415, section 18.3, message by message. */
#include "test/unit/ipv6_dhcp6_rig.h"

static const struct prefix6 foreign = { .addr = { .b = { 0x20, 0x01, 0x0d, 0xb8, 0xee } },
					.len = 56 };
static const struct prefix6 foreign_addr = { .addr = { .b = { 0x20, 0x01, 0x0d, 0xb8, 0xee } },
					     .len = 128 };

static void start(uint8_t type)
{
	msg_begin(type);
	msg_client();
	if (type == DHCP6_REQUEST || type == DHCP6_RENEW || type == DHCP6_RELEASE ||
	    type == DHCP6_DECLINE)
		msg_server();
}

static void assert_status(unsigned i, int status)
{
	assert_true(i < got.ia_count);
	assert_int_equal(got.ia[i].status, status);
	assert_int_equal(got.ia[i].count, 0);
	assert_int_equal(got.ia[i].t1, 0);
	assert_int_equal(got.ia[i].t2, 0);
}

static struct prefix6 bind_na(uint32_t iaid)
{
	start(DHCP6_REQUEST);
	msg_ia(DHCP6_OPT_IA_NA, iaid);
	exchange(DHCP6_REPLY);
	return got.ia[0].lease[0].prefix;
}

/* 18.3.1, 18.3.9: an offer, with nothing bound; the same one each time. */
static void test_solicit(void **state)
{
	const struct prefix6 na = rig_prefix(DHCP6_NA, 1), pd = rig_prefix(DHCP6_PD, 1);

	(void)state;
	rig_ctx.values.preference = 255;
	for (unsigned i = 0; i < 3; i++) {
		start(DHCP6_SOLICIT);
		msg_option(DHCP6_OPT_RAPID_COMMIT, NULL, 0); /* not configured: not heard */
		msg_ia(DHCP6_OPT_IA_NA, 5);
		msg_ia_with(DHCP6_PD, 6, &(struct prefix6){ .len = 60 });
		exchange(DHCP6_ADVERTISE);
		assert_true(got.client && !got.rapid);
		assert_int_equal(got.preference, 255);
		assert_int_equal(got.status, -1);
		assert_int_equal(got.ia_count, 2);
		assert_lease(0, 0, &na, 3600);
		assert_lease(1, 0, &pd, 3600);
		assert_int_equal(got.ia[1].lease[0].preferred, 1800);
		for (unsigned j = 0; j < 2; j++) {
			assert_int_equal(got.ia[j].iaid, 5 + j);
			assert_int_equal(got.ia[j].t1, 900);
			assert_int_equal(got.ia[j].t2, 1440);
			assert_int_equal(got.ia[j].status, -1);
		}
		assert_int_equal(rig.hint.len, 60);
	}
	assert_int_equal(rig.binds, 0);
	assert_int_equal(rig.line.count, 0);
	rig_ctx.values.preference = 0;
	start(DHCP6_SOLICIT);
	exchange(DHCP6_ADVERTISE);
	assert_int_equal(got.preference, -1);
	assert_int_equal(got.ia_count, 0);
}

static void test_rapid_commit(void **state)
{
	(void)state;
	rig_ctx.values.rapid_commit = true;
	start(DHCP6_SOLICIT);
	msg_ia(DHCP6_OPT_IA_PD, 1); /* the client did not offer it */
	exchange(DHCP6_ADVERTISE);
	assert_int_equal(rig.binds, 0);
	start(DHCP6_SOLICIT);
	msg_option(DHCP6_OPT_RAPID_COMMIT, NULL, 0);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_REPLY);
	assert_true(got.rapid);
	assert_int_equal(got.ia[0].count, 1);
	assert_int_equal(rig.binds, 1);
	assert_int_equal(rig.line.binding[0].valid_until, rig.now + 3600 * SEC);
	assert_int_equal(rig.line.binding[0].preferred_until, rig.now + 1800 * SEC);
}

/* 18.3.2: bound before the answer; the same once more; the lease that was offered. */
static void test_request(void **state)
{
	struct prefix6 p;

	(void)state;
	start(DHCP6_SOLICIT);
	msg_ia(DHCP6_OPT_IA_PD, 7);
	exchange(DHCP6_ADVERTISE);
	p = got.ia[0].lease[0].prefix;
	for (unsigned i = 0; i < 3; i++) {
		start(DHCP6_REQUEST);
		msg_ia_with(DHCP6_PD, 7, &p);
		exchange(DHCP6_REPLY);
		assert_false(got.rapid);
		assert_int_equal(got.ia[0].count, 1);
		assert_lease(0, 0, &p, 3600);
		assert_int_equal(rig.binds, 1);
		assert_int_equal(rig.extends, i);
		assert_int_equal(rig.line.binding[0].valid_until, rig.now + 3600 * SEC);
		rig_run(rig.now + 10 * SEC);
	}
}

static void test_request_twice_is_one(void **state)
{
	uint8_t first[DHCP6_PACKET_MAX];
	size_t len;

	(void)state;
	start(DHCP6_REQUEST);
	msg_ia(DHCP6_OPT_IA_PD, 7);
	msg_ia(DHCP6_OPT_IA_NA, 7);
	exchange(DHCP6_REPLY);
	memcpy(first, rig.sent, sizeof(first));
	len = rig.sent_len;
	for (unsigned i = 0; i < 3; i++) { /* octet by octet the same answer */
		rig_run(rig.now + SEC);
		assert_int_equal(msg_input(), DHCP6_DROP_NONE);
		assert_int_equal(rig.sent_len, len);
		assert_memory_equal(rig.sent, first, len);
	}
	assert_int_equal(rig.binds, 2);
}

/* 18.3.2: an address that is not this line's. A prefix that is not gets another one. */
static void test_request_not_on_link(void **state)
{
	const struct prefix6 pd = rig_prefix(DHCP6_PD, 1);

	(void)state;
	start(DHCP6_REQUEST);
	msg_ia_with(DHCP6_NA, 1, &foreign_addr);
	msg_ia_with(DHCP6_PD, 1, &foreign);
	exchange(DHCP6_REPLY);
	assert_status(0, DHCP6_NOT_ON_LINK);
	assert_int_equal(got.ia[1].count, 1);
	assert_lease(1, 0, &pd, 3600);
	assert_int_equal(rig.binds, 1);
	bind_na(1);
	start(DHCP6_REQUEST);
	msg_ia_with(DHCP6_NA, 1, &foreign_addr);
	exchange(DHCP6_REPLY);
	assert_status(0, DHCP6_NOT_ON_LINK);
	assert_int_equal(rig.extends, 0);
	start(DHCP6_REQUEST); /* :: is no address */
	msg_ia_with(DHCP6_NA, 1, &(struct prefix6){ .len = 128 });
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia[0].count, 1);
	assert_int_equal(rig.stats.count[DHCP6_COUNT_NOT_ON_LINK], 2);
}

/* Pools that are empty, IA_TA, and lines that get nothing. */
static void test_none_available(void **state)
{
	(void)state;
	rig.empty = 1;
	for (unsigned i = 0; i < 2; i++) {
		start(i ? DHCP6_REQUEST : DHCP6_SOLICIT);
		msg_ia(DHCP6_OPT_IA_NA, 1);
		msg_ia(DHCP6_OPT_IA_TA, 2);
		msg_ia(DHCP6_OPT_IA_PD, 3);
		exchange(i ? DHCP6_REPLY : DHCP6_ADVERTISE);
		assert_int_equal(got.ia_count, 3);
		assert_status(0, DHCP6_NO_ADDRS_AVAIL);
		assert_status(1, DHCP6_NO_ADDRS_AVAIL);
		assert_int_equal(got.ia[1].option, DHCP6_OPT_IA_TA);
		assert_int_equal(got.ia[1].iaid, 2);
		assert_status(2, DHCP6_NO_PREFIX_AVAIL);
	}
	assert_int_equal(rig.stats.count[DHCP6_COUNT_NO_ADDRS_AVAIL], 4);
	assert_int_equal(rig.stats.count[DHCP6_COUNT_NO_PREFIX_AVAIL], 2);
	rig.empty = 0;
	rig_ctx.values.max[DHCP6_NA] = 0;
	rig_ctx.values.valid = 0;
	start(DHCP6_REQUEST);
	msg_ia(DHCP6_OPT_IA_NA, 1);
	msg_ia(DHCP6_OPT_IA_PD, 3);
	exchange(DHCP6_REPLY);
	assert_status(0, DHCP6_NO_ADDRS_AVAIL);
	assert_status(1, DHCP6_NO_PREFIX_AVAIL);
}

static void test_bind_fails(void **state)
{
	struct dhcp6_binding before;

	(void)state;
	rig.bind_error = -ENOSPC;
	start(DHCP6_REQUEST);
	msg_ia(DHCP6_OPT_IA_NA, 1);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_REPLY);
	assert_status(0, DHCP6_NO_ADDRS_AVAIL);
	assert_status(1, DHCP6_NO_PREFIX_AVAIL);
	rig.bind_error = -EIO;
	start(DHCP6_REQUEST);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_REPLY);
	assert_status(0, DHCP6_UNSPEC_FAIL);
	assert_int_equal(rig.line.count, 0);
	assert_int_equal(rig.unbinds, 0);
	assert_int_equal(rig.wheel.armed, 0);
	rig.bind_error = 0;
	bind_pd(1);
	before = rig.line.binding[0];
	rig_run(rig.now + 100 * SEC);
	rig.bind_error = -EIO; /* it is not extended, and stays */
	start(DHCP6_RENEW);
	msg_ia_with(DHCP6_PD, 1, &before.prefix);
	exchange(DHCP6_REPLY);
	assert_status(0, DHCP6_UNSPEC_FAIL);
	assert_int_equal(rig.line.binding[0].valid_until, before.valid_until);
	assert_int_equal(rig.unbinds, 0);
}

/* 18.3.3. */
static void test_confirm(void **state)
{
	const struct prefix6 na = bind_na(1);

	(void)state;
	start(DHCP6_CONFIRM);
	msg_ia_with(DHCP6_NA, 1, &na);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.status, DHCP6_SUCCESS);
	assert_int_equal(got.options, 3);
	start(DHCP6_CONFIRM);
	msg_ia_with(DHCP6_NA, 1, &na);
	msg_ia_with(DHCP6_NA, 2, &foreign_addr);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.status, DHCP6_NOT_ON_LINK);
	start(DHCP6_CONFIRM); /* ours, but of another IA */
	msg_ia_with(DHCP6_NA, 2, &na);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.status, DHCP6_NOT_ON_LINK);
	start(DHCP6_CONFIRM);
	msg_ia_begin(DHCP6_OPT_IA_TA, 1);
	msg_item(&na, false);
	msg_ia_end();
	exchange(DHCP6_REPLY);
	assert_int_equal(got.status, DHCP6_NOT_ON_LINK);
	start(DHCP6_CONFIRM); /* prefixes are not addresses */
	msg_ia_with(DHCP6_PD, 1, &foreign);
	assert_int_equal(msg_send(), DHCP6_DROP_NO_ADDRESS);
	assert_int_equal(rig.extends, 0);
}

/* 18.3.4 and 18.3.5: extended; what is not his, with lifetimes of 0; a binding we do not know. */
static void test_renew(void **state)
{
	static const uint8_t types[] = { DHCP6_RENEW, DHCP6_REBIND };
	struct prefix6 p = bind_pd(1), q;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		rig_run(rig.now + 900 * SEC);
		start(types[i]);
		msg_ia_with(DHCP6_PD, 1, &p);
		exchange(DHCP6_REPLY);
		assert_int_equal(got.ia[0].count, 1);
		assert_lease(0, 0, &p, 3600);
		assert_int_equal(rig.extends, 2 * i + 1);
		assert_int_equal(rig.line.binding[0].valid_until, rig.now + 3600 * SEC);
		start(types[i]);
		msg_ia_begin(DHCP6_OPT_IA_PD, 1);
		msg_item(&foreign, true);
		msg_item(&p, true);
		msg_ia_end();
		exchange(DHCP6_REPLY);
		assert_int_equal(got.ia[0].count, 2);
		assert_lease(0, 0, &p, 3600);
		assert_lease(0, 1, &foreign, 0);
		assert_int_equal(got.ia[0].lease[1].preferred, 0);
	}
	start(DHCP6_RENEW); /* an IA that we do not know: one prefix out, another one in */
	msg_ia_with(DHCP6_PD, 2, &foreign);
	exchange(DHCP6_REPLY);
	q = rig_prefix(DHCP6_PD, 2);
	assert_int_equal(got.ia[0].count, 2);
	assert_lease(0, 0, &q, 3600);
	assert_lease(0, 1, &foreign, 0);
	assert_int_equal(got.ia[0].t1, 900);
	assert_int_equal(rig.binds, 2);
	assert_true(dhcp6_prefix_equal(&rig.hint, &foreign));
}

/* There is nothing new to give: only the old one is told, without a status that would hide it. */
static void test_renew_empty(void **state)
{
	(void)state;
	rig.empty = 1;
	start(DHCP6_REBIND);
	msg_ia_with(DHCP6_PD, 2, &foreign);
	msg_ia_with(DHCP6_NA, 2, &foreign_addr);
	msg_ia(DHCP6_OPT_IA_PD, 3);
	exchange(DHCP6_REPLY);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(got.ia[i].count, 1);
		assert_lease(i, 0, i ? &foreign_addr : &foreign, 0);
		assert_int_equal(got.ia[i].status, -1);
		assert_int_equal(got.ia[i].t1, 0);
	}
	assert_status(2, DHCP6_NO_PREFIX_AVAIL);
	start(DHCP6_RENEW); /* a length is no prefix to be taken back */
	msg_ia_with(DHCP6_PD, 2, &(struct prefix6){ .len = 56 });
	exchange(DHCP6_REPLY);
	assert_status(0, DHCP6_NO_PREFIX_AVAIL);
}

/* 18.3.7. */
static void test_release(void **state)
{
	const struct prefix6 pd = bind_pd(1), na = bind_na(1);

	(void)state;
	start(DHCP6_RELEASE);
	msg_ia_with(DHCP6_PD, 1, &foreign); /* not what this IA has: not heard */
	exchange(DHCP6_REPLY);
	assert_int_equal(got.status, DHCP6_SUCCESS);
	assert_int_equal(got.ia_count, 0);
	assert_int_equal(rig.unbinds, 0);
	start(DHCP6_RELEASE);
	msg_ia_with(DHCP6_PD, 9, &pd);
	msg_ia_with(DHCP6_PD, 1, &pd);
	msg_ia(DHCP6_OPT_IA_TA, 1);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.status, DHCP6_SUCCESS);
	assert_int_equal(got.ia_count, 2);
	assert_status(0, DHCP6_NO_BINDING);
	assert_int_equal(got.ia[0].iaid, 9);
	assert_status(1, DHCP6_NO_BINDING);
	assert_int_equal(got.ia[1].option, DHCP6_OPT_IA_TA);
	assert_int_equal(rig.unbinds, 1);
	assert_int_equal(rig.why, DHCP6_UNBIND_RELEASED);
	assert_true(dhcp6_prefix_equal(&rig.last.prefix, &pd));
	start(DHCP6_RELEASE);
	msg_ia_with(DHCP6_NA, 1, &na);
	exchange(DHCP6_REPLY);
	assert_int_equal(rig.line.count, 0);
	start(DHCP6_RELEASE); /* another message about what is gone */
	msg_ia_with(DHCP6_NA, 1, &na);
	exchange(DHCP6_REPLY);
	assert_status(0, DHCP6_NO_BINDING);
}

/* The answer was lost: the same message again, and the same answer; even when the line has the
 * prefix anew by then. */
static void test_release_repeated(void **state)
{
	struct prefix6 p = bind_pd(1);
	uint8_t packet[sizeof(out.buf)], first[DHCP6_PACKET_MAX];
	size_t len, first_len;

	(void)state;
	start(DHCP6_RELEASE);
	msg_ia_with(DHCP6_PD, 4, &p);
	msg_ia_with(DHCP6_PD, 1, &p);
	exchange(DHCP6_REPLY);
	memcpy(packet, out.buf, sizeof(packet));
	len = out.w.len;
	memcpy(first, rig.sent, sizeof(first));
	first_len = rig.sent_len;
	for (unsigned i = 0; i < 2; i++) {
		memcpy(out.buf, packet, sizeof(packet));
		out.w.len = len;
		assert_int_equal(msg_input(), DHCP6_DROP_NONE);
		assert_int_equal(rig.sent_len, first_len);
		assert_memory_equal(rig.sent, first, first_len);
		assert_int_equal(rig.unbinds, 1);
		if (!i)
			bind_pd(1);
	}
	assert_int_equal(rig.line.count, 1);
	rig_run(rig.now + 61 * SEC); /* that late it is another one */
	memcpy(out.buf, packet, sizeof(packet));
	out.w.len = len;
	assert_int_equal(msg_input(), DHCP6_DROP_NONE);
	assert_int_equal(rig.unbinds, 2);
}

/* 18.3.8: the owner hears of it, three times a line. */
static void test_decline(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		const struct prefix6 na = bind_na(1);

		start(DHCP6_DECLINE);
		msg_ia_with(DHCP6_NA, 1, &na);
		msg_ia_with(DHCP6_NA, 2, &na);
		exchange(DHCP6_REPLY);
		assert_int_equal(got.status, DHCP6_SUCCESS);
		assert_int_equal(got.ia_count, 1);
		assert_int_equal(got.ia[0].iaid, 2);
		assert_status(0, DHCP6_NO_BINDING);
		assert_int_equal(rig.unbinds, i + 1);
		assert_int_equal(rig.why, i < 3 ? DHCP6_UNBIND_DECLINED : DHCP6_UNBIND_RELEASED);
	}
	assert_int_equal(rig.next[DHCP6_NA], 4);
	bind_pd(1); /* a prefix is not declined */
	start(DHCP6_DECLINE);
	msg_ia_with(DHCP6_PD, 1, &rig.last.prefix);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.ia_count, 0);
	assert_int_equal(rig.line.count, 1);
}

/* --- other options ---------------------------------------------------------------------------- */

static const struct ip6 servers[6] = { { .b = { 1 } }, { .b = { 2 } }, { .b = { 3 } },
				       { .b = { 4 } }, { .b = { 5 } }, { .b = { 6 } } };
static const uint8_t search[] = "\7example\3org";

static void all_values(struct dhcp6_values *v)
{
	v->dns = servers;
	v->dns_count = 2;
	v->ntp = servers + 2;
	v->ntp_count = 1;
	v->search = search;
	v->search_len = sizeof(search);
	v->information_refresh = 3600;
	v->sol_max_rt = 7200;
	v->inf_max_rt = 86400;
}

static void assert_value(uint16_t option, const void *value, size_t len)
{
	assert_int_equal(rd_left(&got.value[option]), len);
	assert_memory_equal(got.value[option].p, value, len);
}

static void test_information_request(void **state)
{
	static const uint16_t all[] = { 23, 24, 31, 32, 56, 82, 83, 67, 64, 59 };
	uint8_t oro[sizeof(all)];

	(void)state;
	all_values(&rig_ctx.values);
	for (unsigned i = 0; i < sizeof(all) / 2; i++) {
		oro[2 * i] = 0;
		oro[2 * i + 1] = (uint8_t)all[i];
	}
	msg_begin(DHCP6_INFORMATION_REQUEST); /* without a name: 18.3.6 */
	msg_option(DHCP6_OPT_ORO, oro, sizeof(oro));
	exchange(DHCP6_REPLY);
	assert_false(got.client);
	assert_int_equal(got.options, 8);
	assert_value(23, servers, 32);
	assert_value(24, search, sizeof(search));
	assert_value(31, servers + 2, 16);
	assert_value(32, "\0\0\x0e\x10", 4);
	assert_value(56, "\0\1\0\x10\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
	assert_value(82, "\0\0\x1c\x20", 4);
	assert_value(83, "\0\1\x51\x80", 4);
	msg_begin(DHCP6_INFORMATION_REQUEST); /* nothing asked, nothing told */
	msg_client();
	msg_server();
	exchange(DHCP6_REPLY);
	assert_true(got.client);
	assert_int_equal(got.options, 2);
	start(DHCP6_SOLICIT); /* no refresh time where there are lifetimes: 21.23 */
	msg_oro(23, 32);
	msg_ia(DHCP6_OPT_IA_PD, 1);
	exchange(DHCP6_ADVERTISE);
	assert_value(23, servers, 32);
	assert_null(got.value[32].p);
}

/* What a client must not see is not told: values out of the RFC's range, lists too long. */
static void test_values_out_of_range(void **state)
{
	static const uint8_t long_search[DHCP6_SEARCH_MAX + 1];

	(void)state;
	all_values(&rig_ctx.values);
	rig_ctx.values.sol_max_rt = 59;
	rig_ctx.values.inf_max_rt = 86401;
	rig_ctx.values.information_refresh = 599;
	rig_ctx.values.dns_count = 6;
	rig_ctx.values.search = long_search;
	rig_ctx.values.search_len = sizeof(long_search);
	msg_begin(DHCP6_INFORMATION_REQUEST);
	msg_option(DHCP6_OPT_ORO, "\0\x17\0\x18\0\x20\0\x52\0\x53", 10);
	exchange(DHCP6_REPLY);
	assert_int_equal(got.options, 2);
	assert_int_equal(rd_left(&got.value[23]), 64);
}

/* RFC 6603, section 4.2: its example, and lengths that end within an octet. */
static void test_exclude(void **state)
{
	static const struct {
		uint8_t addr[16], len, octets[2], count;
	} rows[] = {
		/* 2001:db8:8000:10f::/64 of 2001:db8:8000:100::/56: the last octet of four */
		{ { 0x20, 1, 0xd, 0xb8, 0x80, 0, 1, 0x0f }, 64, { 0x0f }, 1 },
		{ { 0x20, 1, 0xd, 0xb8, 0x80, 0, 1, 0xe0 }, 59, { 0xe0 }, 1 },
		{ { 0x20, 1, 0xd, 0xb8, 0x80, 0, 1, 0x0f, 0x80 }, 65, { 0x0f, 0x80 }, 2 },
		{ { 0x20, 1, 0xd, 0xb8, 0x80, 0, 1 }, 56, { 0 }, 0 },	    /* all of it */
		{ { 0x20, 1, 0xd, 0xb8, 0x80, 0, 2, 0x0f }, 64, { 0 }, 0 }, /* not of it */
	};

	(void)state;
	rig.has_exclude = true;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(rig.exclude.addr.b, rows[i].addr, 16);
		rig.exclude.len = rows[i].len;
		start(i % 2 ? DHCP6_REQUEST : DHCP6_SOLICIT);
		msg_oro(DHCP6_OPT_DNS_SERVERS, DHCP6_OPT_PD_EXCLUDE);
		msg_ia(DHCP6_OPT_IA_PD, 1);
		exchange(i % 2 ? DHCP6_REPLY : DHCP6_ADVERTISE);
		assert_int_equal(got.ia[0].lease[0].exclude_len, rows[i].count ? rows[i].len : 0);
		assert_int_equal(got.ia[0].lease[0].exclude_octets, rows[i].count);
		assert_memory_equal(got.ia[0].lease[0].exclude, rows[i].octets, rows[i].count);
	}
	rig.exclude.len = 64;
	memcpy(rig.exclude.addr.b, rows[0].addr, 16);
	bind_pd(1); /* did not ask for it */
	assert_int_equal(got.ia[0].lease[0].exclude_octets, 0);
}

static void test_times(void **state)
{
	static const struct {
		uint32_t preferred, valid, t1, t2; /* configured */
		uint32_t want_preferred, want_t1, want_t2;
	} rows[] = {
		{ 1000, 2000, 0, 0, 1000, 500, 800 },
		{ 3000, 2000, 0, 0, 2000, 1000, 1600 },
		{ 1000, 2000, 100, 200, 1000, 100, 200 },
		{ 1000, 2000, 500, 200, 1000, 200, 200 },
		{ 1000, 2000, 0, 5000, 1000, 500, 2000 },
		{ UINT32_MAX, UINT32_MAX, 0, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX },
		{ 4000000000u, UINT32_MAX, 0, 0, 4000000000u, 2000000000u, 3200000000u },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rig_ctx.values.preferred = rows[i].preferred;
		rig_ctx.values.valid = rows[i].valid;
		rig_ctx.values.t1 = rows[i].t1;
		rig_ctx.values.t2 = rows[i].t2;
		bind_pd(1);
		assert_int_equal(got.ia[0].lease[0].valid, rows[i].valid);
		assert_int_equal(got.ia[0].lease[0].preferred, rows[i].want_preferred);
		assert_int_equal(got.ia[0].t1, rows[i].want_t1);
		assert_int_equal(got.ia[0].t2, rows[i].want_t2);
		if (rows[i].valid == DHCP6_INFINITE)
			assert_int_equal(rig.line.binding[0].valid_until, UINT64_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		T(test_solicit),
		T(test_rapid_commit),
		T(test_request),
		T(test_request_twice_is_one),
		T(test_request_not_on_link),
		T(test_none_available),
		T(test_bind_fails),
		T(test_confirm),
		T(test_renew),
		T(test_renew_empty),
		T(test_release),
		T(test_release_repeated),
		T(test_decline),
		T(test_information_request),
		T(test_values_out_of_range),
		T(test_exclude),
		T(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
