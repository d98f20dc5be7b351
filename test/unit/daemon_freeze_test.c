// SPDX-License-Identifier: GPL-2.0-or-later
/* A session as octets and back: all of it, none of it by halves, and vectors of every version. */
#include "daemon/freeze.h"

#include "daemon/plan_priv.h"

#include "base/str.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX 16

static struct daemon d;
static struct config config;
static uint64_t now;

/* An open link, as ppp/freeze.c's version 1 wrote it (test/unit/ppp_freeze_test.c). */
static const uint8_t link_v1[] = {
	1,    0x05, 0xd4, 7,	0,    0x09, 0,	  0,	0,    0x17, 0x48, 0x76, 0xe8, 0,    0x64,
	0x40, 0,    5,	  0x64, 0x40, 0,    1,	  0x64, 0x40, 0,    1,	  0xc0, 0,    2,    0x35,
	0,    0,    0,	  0,	0,    0,    0,	  1,	2,    3,    4,	  5,	6,    7,    8,
	9,    2,    3,	  4,	5,    6,    7,	  8,	9,    1,    2,	  1,	0,    9,    0,
	10,   5,    6,	  0,	0,    0,    9,	  0,	10,   7,    8,	  0,	0,    0,    9,
	0,    10,   9,	  10,	0,    0,    0,	  0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
	0,    0,    0,	  0,	0x05, 0xd4, 0x05, 0xc8, 1,    0,    0,	  0,	42,   3,    0,
	0,    1,    0xf4, 0,	0,    0,    2,	  3,	1,    77,   10,	  2,	'O',  'K',
};

static void ra_nothing(struct ipv6_ra_sender *s, uint64_t at, const struct ip6 *dst, bool final)
{
	(void)s;
	(void)at;
	(void)dst;
	(void) final;
}

/* There is no data plane here to ask. */
static uint64_t no_activity(struct ppp_link *l)
{
	(void)l;
	return 0;
}

static struct ppp_ops ops;

static uint32_t four(void)
{
	return 4;
}

static int setup(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	memset(&config, 0, sizeof(config));
	config.pppoe.max_sessions = MAX;
	d.config = &config;
	d.acct_next = 5;
	assert_int_equal(loop_new(&d.loop), 0);
	now = loop_clock();
	ops = line_ppp_ops;
	ops.activity = no_activity;
	d.ppp = (struct ppp_ctx){
		.config = &d.ppp_config,
		.ops = &ops,
		.wheel = loop_wheel(d.loop),
		.stats = &d.ppp_stats,
	};
	d.ra = (struct ipv6_ra_ctx){ .wheel = loop_wheel(d.loop),
				     .transmit = ra_nothing,
				     .random = four };
	return table_setup(&d);
}

/* As session_finish() leaves them to the reaper. */
static void bury(void)
{
	struct session *s;

	for (uint32_t i = 0; (s = table_next(&d, &i));) {
		ipv6_ra_sender_stop(&s->ra, now, false);
		plan_close(s, now);
		table_remove(s);
	}
}

static int teardown(void **state)
{
	(void)state;
	bury();
	table_teardown(&d);
	assert_int_equal(loop_wheel(d.loop)->armed, 0);
	loop_free(d.loop);
	return 0;
}

static struct session *add(unsigned n)
{
	struct pppoe_request req = {
		.line = { .port = 3, .svlan = 0x1064, .cvlan = 0x30c8 },
		.mac = { { 2, 0, 0, 0, 1, (uint8_t)n } },
		.cookie_id = 0x1122334455667700 + n,
	};
	struct rd link = rd_init(link_v1, sizeof(link_v1));
	struct session *s;

	assert_int_equal(table_add(&d, &req, (uint16_t)(700 + n), &s), 0);
	assert_int_equal(ppp_link_thaw(&s->link, &d.ppp, &link, now), 0);
	ipv6_ra_sender_init(&s->ra, &d.ra);
	s->started = now - 1000;
	s->acct_id = 0x0102030405060700 + n;
	table_state(s, SESSION_OPEN);
	return s;
}

static void add_login(struct session *s)
{
	struct login *l = s->login = calloc(1, sizeof(*l));

	l->s = s;
	l->method = RADIUS_MSCHAP_V2;
	l->name = strdup("name@of.the.server");
	l->class_count = 2;
	l->class = calloc(2, sizeof(*l->class));
	l->class[0].len = 5;
	memcpy(l->class[0].b, "c\0ass", 5);
	l->class[1].len = 0;
	l->routes4 = calloc(3, sizeof(*l->routes4));
	l->routes6 = calloc(2, sizeof(*l->routes6));
	assert_int_equal(prefix4_parse("192.0.2.0/28", &l->routes4[0]), 0);
	assert_int_equal(prefix4_parse("198.51.100.7/32", &l->routes4[1]), 0);
	assert_int_equal(prefix6_parse("2001:db8:77::/48", &l->routes6[0]), 0);
	l->route4_count = 2;
	l->carried4 = 1;
	l->route6_count = l->carried6 = 1;
	snprintf(l->filter_id, sizeof(l->filter_id), "filter");
	l->interim = 300;
	l->port_limit = 4;
	l->multi_id = 0x0102030405060709;
	l->record_started = 2;
	acct_resume(s, now, now + 60 * NSEC_PER_SEC);
}

static const uint8_t attrs[] = { 0, 0, 0x27, 0x47, 2, 4, 0, 0, 0x27, 0x10 };

static void add_plan(struct session *s)
{
	struct plan *p = plan_get(s);
	struct plan_attrs *said = malloc(sizeof(*said) + sizeof(attrs));

	assert_non_null(p);
	assert_non_null(said);
	*said = (struct plan_attrs){
		.otherwise = { .up = { .pir = 5000000 } },
		.down = { SHAPER_RP, "RP-Downstream-Speed-Limit = 10000", "night" },
		.missing = "x: no such profile",
		.len = sizeof(attrs),
	};
	memcpy(said->octets, attrs, sizeof(attrs));
	p->speed = (struct plan_speed){
		.origin = PLAN_RADIUS,
		.attrs = said,
		.timed = true,
		.plan = { .down = { .pir = 10000000, .cir = 1000000, .burst = 5, .priority = 3 },
			  .up = { .pir = 5000000, .peak = 6000000 } },
		.otherwise_origin = PLAN_USERS_FILE,
	};
	p->has = p->speed.plan;
	p->has_temp = true;
	p->temp_origin = PLAN_QUOTA;
	p->temp = (struct shaper_plan){ .down = { .pir = 64000 } };
}

static void same_plan(const struct session *s)
{
	const struct plan *p = s->plan;

	assert_non_null(p);
	assert_int_equal(p->speed.origin, PLAN_RADIUS);
	assert_non_null(p->speed.attrs);
	assert_int_equal(p->speed.attrs->len, sizeof(attrs));
	assert_memory_equal(p->speed.attrs->octets, attrs, sizeof(attrs));
	assert_true(p->speed.timed);
	assert_int_equal(p->speed.plan.down.cir, 1000000);
	assert_int_equal(p->speed.plan.down.burst, 5);
	assert_int_equal(p->speed.plan.down.priority, 3);
	assert_int_equal(p->speed.plan.up.peak, 6000000);
	assert_int_equal(p->speed.attrs->otherwise.up.pir, 5000000);
	assert_int_equal(p->speed.otherwise_origin, PLAN_USERS_FILE);
	assert_int_equal(p->speed.attrs->down.dict, SHAPER_RP);
	assert_string_equal(p->speed.attrs->down.said, "RP-Downstream-Speed-Limit = 10000");
	assert_string_equal(p->speed.attrs->down.range, "night");
	assert_string_equal(p->speed.attrs->missing, "x: no such profile");
	assert_int_equal(p->has.down.pir, 10000000);
	assert_true(p->has_temp);
	assert_int_equal(p->temp_origin, PLAN_QUOTA);
	assert_int_equal(p->temp.down.pir, 64000);
	assert_null(p->pending);
}

static struct session *add_full(void)
{
	struct session *s = add(1);

	s->username = strdup("user@example.net");
	free(s->service);
	s->service = strdup("internet");
	s->circuit_id = strdup("eth 1/1/3:100.200");
	s->remote_id = strdup("line-4711");
	s->has = SESSION_HAS_LINE | SESSION_HAS_POOL4 | SESSION_HAS_PREFIX6 | SESSION_HAS_DST4 |
		 SESSION_HAS_DST6 | SESSION_UP4 | SESSION_UP6 | SESSION_HAS_POOL6 |
		 SESSION_HAS_START;
	s->started = 1;
	s->opened = 2;
	s->mtu_limit = 1400;
	memcpy(s->ifid, "\x02\3\4\5\6\7\x08\x09", 8);
	s->ip4 = 0x64400005;
	add_plan(s);
	assert_int_equal(prefix6_parse("2001:db8:100:5::/64", &s->prefix6), 0);
	s->period = 1700000000;
	s->quota = 123456789012;
	s->base = calloc(1, sizeof(*s->base));
	*s->base = (struct abi_counters){ 1, 2, 3, 4, 5, 6, 7, 8 };
	add_login(s);
	s->session_timeout = 86400;
	s->source[SOURCE_OF_CLASS] = SOURCE_COA;
	s->login->state = calloc(1, sizeof(*s->login->state));
	*s->login->state = (struct radius_octets){ 3, "st\0" };
	ipv6_ra_sender_start(&s->ra, now);
	names_add(s);
	return s;
}

/* The octets of a session, which is then gone. */
static size_t freeze(struct session *s, uint8_t *buf)
{
	struct wr w = wr_init(buf, SESSION_FROZEN_MAX);

	assert_int_equal(session_freeze(s, &w), 0);
	teardown(NULL);
	setup(NULL);
	return w.len;
}

static void same_counters(const struct abi_counters *c)
{
	static const struct abi_counters want = { 1, 2, 3, 4, 5, 6, 7, 8 };

	assert_non_null(c);
	assert_memory_equal(c, &want, sizeof(want));
}

static void same_login(const struct login *l)
{
	char text[PREFIX_STRLEN];

	assert_non_null(l);
	assert_int_equal(l->method, RADIUS_MSCHAP_V2);
	assert_string_equal(l->name, "name@of.the.server");
	assert_int_equal(l->class_count, 2);
	assert_int_equal(l->class[0].len, 5);
	assert_memory_equal(l->class[0].b, "c\0ass", 5);
	assert_int_equal(l->class[1].len, 0);
	assert_int_equal(l->route4_count, 2);
	assert_int_equal(l->carried4, 1);
	assert_string_equal(prefix4_str(text, &l->routes4[1]), "198.51.100.7/32");
	assert_int_equal(l->route6_count, 1);
	assert_int_equal(l->carried6, 1);
	assert_string_equal(prefix6_str(text, &l->routes6[0]), "2001:db8:77::/48");
	assert_string_equal(l->filter_id, "filter");
	assert_int_equal(l->interim, 300);
	assert_int_equal(l->port_limit, 4);
	assert_int_equal(l->multi_id, 0x0102030405060709);
	assert_int_equal(l->record_started, 2);
	assert_null(l->request);
	assert_true(timer_is_set(&l->timer));
}

static void same_full(struct session *s)
{
	char text[PREFIX_STRLEN];

	assert_int_equal(s->state, SESSION_OPEN);
	assert_int_equal(s->has, SESSION_HAS_LINE | SESSION_HAS_POOL4 | SESSION_HAS_PREFIX6 |
					 SESSION_HAS_DST4 | SESSION_HAS_DST6 | SESSION_UP4 |
					 SESSION_UP6 | SESSION_HAS_POOL6 | SESSION_HAS_START |
					 SESSION_HAS_NAME);
	assert_int_equal(s->sid, 701);
	assert_int_equal(s->line.port, 3);
	assert_int_equal(s->line.svlan, 0x1064);
	assert_int_equal(s->line.cvlan, 0x30c8);
	assert_int_equal(s->mac.b[4], 1);
	assert_int_equal(s->cookie_id, 0x1122334455667701);
	assert_int_equal(s->acct_id, 0x0102030405060701);
	assert_int_equal(s->started, 1);
	assert_int_equal(s->opened, 2);
	assert_int_equal(s->mtu_limit, 1400);
	assert_memory_equal(s->ifid, "\x02\3\4\5\6\7\x08\x09", 8);
	assert_int_equal(s->ip4, 0x64400005);
	same_plan(s);
	assert_string_equal(prefix6_str(text, &s->prefix6), "2001:db8:100:5::/64");
	assert_int_equal(s->period, 1700000000);
	assert_int_equal(s->quota, 123456789012);
	assert_string_equal(s->username, "user@example.net");
	assert_string_equal(s->service, "internet");
	assert_string_equal(s->circuit_id, "eth 1/1/3:100.200");
	assert_string_equal(s->remote_id, "line-4711");
	same_counters(s->base);
	same_login(s->login);
	assert_int_equal(s->session_timeout, 86400);
	assert_int_equal(s->source[SOURCE_OF_CLASS], SOURCE_COA);
	assert_int_equal(s->source[SOURCE_OF_IP], SOURCE_NONE);
	assert_int_equal(s->login->state->len, 3);
	assert_memory_equal(s->login->state->b, "st\0", 3);
	assert_int_equal(s->link.up, 7);
	assert_int_equal(s->link.lcp.magic, 0x11223344);
	assert_true(s->ra.active);
}

static void all_of_it(void **state)
{
	uint8_t buf[SESSION_FROZEN_MAX], again[SESSION_FROZEN_MAX];
	size_t len = freeze(add_full(), buf);
	struct wr w = wr_init(again, sizeof(again));
	struct session *s, *o;

	(void)state;
	assert_int_equal(session_thaw(&d, 9, 33, buf, len, now, &s), 0);
	assert_int_equal(s->slot, 9);
	assert_int_equal(s->generation, 33);
	same_full(s);
	assert_ptr_equal(table_by_sid(&d, &s->line, 701), s);
	assert_ptr_equal(names_find(&d, "user@example.net"), s);
	assert_true(d.acct_next > s->acct_id);
	assert_int_equal(d.table.by_state[SESSION_OPEN], 1);
	assert_int_equal(d.ports[3].sessions, 1);
	assert_int_equal(session_freeze(s, &w), 0);
	assert_int_equal(w.len, len);
	assert_memory_equal(again, buf, len);
	/* Its slot, and its id, are taken now. */
	assert_int_equal(session_thaw(&d, 9, 34, buf, len, now, &o), -EEXIST);
	assert_int_equal(session_thaw(&d, 10, 34, buf, len, now, &o), -EEXIST);
	assert_int_equal(d.table.used, 1);
	bury();
	assert_int_equal(session_thaw(&d, MAX, 34, buf, len, now, &o), -EINVAL);
	assert_int_equal(session_thaw(&d, 8, 0, buf, len, now, &o), -EINVAL);
}

static void as_little_as_there_is(void **state)
{
	uint8_t buf[SESSION_FROZEN_MAX];
	size_t len = freeze(add(2), buf);
	struct session_frozen f;
	struct session *s;

	(void)state;
	printf("the least: %zu octets\n", len);
	assert_int_equal(session_frozen_read(buf, len, now, &f), 0);
	assert_int_equal(f.sid, 702);
	assert_int_equal(f.username_len, 0);
	assert_int_equal(d.table.used, 0);
	assert_int_equal(session_thaw(&d, 0, 1, buf, len, now, &s), 0);
	assert_null(s->username);
	assert_null(s->service);
	assert_null(s->circuit_id);
	assert_null(s->base);
	assert_null(s->login);
	assert_false(s->ra.active);
}

static void only_open_ones(void **state)
{
	uint8_t buf[SESSION_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct session *s = add(1);

	(void)state;
	for (int i = SESSION_DISCOVERY; i <= SESSION_CLOSING; i++) {
		table_state(s, (enum session_state)i);
		w.len = 0;
		assert_int_equal(session_freeze(s, &w),
				 i == SESSION_OPEN || i == SESSION_NETWORK ? 0 : -EAGAIN);
	}
	table_state(s, SESSION_NETWORK);
	s->link.phase = PPP_ESTABLISH;
	w.len = 0;
	assert_int_equal(session_freeze(s, &w), -EAGAIN);
	w = wr_init(buf, 100);
	s->link.phase = PPP_NETWORK;
	assert_int_equal(session_freeze(s, &w), -ENOSPC);
}

static void refuses_what_is_not_whole(void **state)
{
	uint8_t buf[SESSION_FROZEN_MAX + 1] = { 0 };
	size_t len = freeze(add_full(), buf);
	struct session *s = NULL;
	struct session_frozen f;
	unsigned refused = 0;

	(void)state;
	for (size_t n = 0; n <= len + 1; n++) {
		uint8_t *exact = malloc(n + 1);

		if (n != len) {
			memcpy(exact, buf, n);
			assert_int_equal(session_thaw(&d, 0, 1, exact, n, now, &s), -EBADMSG);
		}
		free(exact);
	}
	assert_int_equal(session_thaw(&d, 0, 1, buf, len, 1, &s), -EBADMSG); /* before its time */
	buf[0] = 4;
	assert_int_equal(session_thaw(&d, 0, 1, buf, len, now, &s), -ENOTSUP);
	assert_int_equal(session_frozen_read(buf, len, now, &f), -ENOTSUP);
	buf[0] = 0;
	assert_int_equal(session_thaw(&d, 0, 1, buf, len, now, &s), -EBADMSG);
	buf[0] = 3;
	assert_null(s);
	/* Any octet changed: refused, or a session like any other. */
	for (size_t i = 1; i < len; i++) {
		int rc;

		buf[i] ^= 0x81;
		rc = session_thaw(&d, 0, 1, buf, len, now, &s);
		assert_true(!rc || rc == -EBADMSG || rc == -ENOTSUP || rc == -EINVAL);
		refused += rc != 0;
		buf[i] ^= 0x81;
		teardown(NULL);
		setup(NULL);
	}
	assert_true(refused > 30);
}

/* What typical sessions need: the record's slots are made for that. */
static void sizes(void **state)
{
	uint8_t buf[SESSION_FROZEN_MAX];
	struct session *s = add_full();
	struct login *l = s->login;
	size_t full;

	(void)state;
	free(s->base);
	s->base = NULL;
	l->class_count = 1;
	l->class[0].len = 32;
	l->route4_count = l->route6_count = l->carried4 = l->carried6 = 0;
	free(s->circuit_id);
	s->circuit_id = strdup("dslam-17.pop3.example.net atm 1/1/03/48:0.35");
	free(s->remote_id);
	s->remote_id = strdup("customer-0001234567");
	s->link.auth.message_len = 60; /* S= and 40 digits, M= and a greeting */
	full = freeze(s, buf);
	printf("typical, with RADIUS, MS-CHAPv2 and TR-101 ids: %zu octets\n", full);
	assert_true(full < 700);
	s = add_full();
	l = s->login;
	l->route4_count = l->route6_count = l->carried4 = l->carried6 = 0;
	full = freeze(s, buf);
	printf("with counters cleared, without routes: %zu octets\n", full);
	assert_true(full < 700);
	/* The most that there can be must fit. */
	s = add_full();
	l = s->login;
	free(s->username);
	s->username = calloc(1, 256);
	memset(s->username, 'u', 255);
	names_del(s);
	free(l->name);
	l->name = calloc(1, 254);
	memset(l->name, 'n', 253);
	l->class = realloc(l->class, RADIUS_CLASS_MAX * sizeof(*l->class));
	for (l->class_count = 0; l->class_count < RADIUS_CLASS_MAX; l->class_count++) {
		memset(&l->class[l->class_count], 7, sizeof(*l->class));
		l->class[l->class_count].len = RADIUS_TEXT_MAX;
	}
	l->routes4 = realloc(l->routes4, 16 * sizeof(*l->routes4));
	l->routes6 = realloc(l->routes6, 16 * sizeof(*l->routes6));
	memset(l->routes4, 0, 16 * sizeof(*l->routes4));
	memset(l->routes6, 0, 16 * sizeof(*l->routes6));
	l->route4_count = l->route6_count = l->carried4 = l->carried6 = 16;
	s->link.auth.message_len = PPP_MESSAGE_KEPT;
	full = freeze(s, buf);
	printf("the most: %zu octets\n", full);
	assert_int_equal(session_thaw(&d, 3, 1, buf, full, now, &s), 0);
}

/* all_of_it()'s session as version 1 wrote it: it must be read for ever. */
static const uint8_t v1[] = {
	0x01, 0x00, 0x03, 0x10, 0x64, 0x30, 0xc8, 0x02, 0x00, 0x00, 0x00, 0x01, 0x01, 0x02, 0xbd,
	0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x01, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
	0x01, 0x05, 0x00, 0x00, 0x15, 0x9f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x10, 0x75, 0x73, 0x65, 0x72, 0x40, 0x65, 0x78,
	0x61, 0x6d, 0x70, 0x6c, 0x65, 0x2e, 0x6e, 0x65, 0x74, 0x08, 0x69, 0x6e, 0x74, 0x65, 0x72,
	0x6e, 0x65, 0x74, 0x11, 0x65, 0x74, 0x68, 0x20, 0x31, 0x2f, 0x31, 0x2f, 0x33, 0x3a, 0x31,
	0x30, 0x30, 0x2e, 0x32, 0x30, 0x30, 0x09, 0x6c, 0x69, 0x6e, 0x65, 0x2d, 0x34, 0x37, 0x31,
	0x31, 0x05, 0x78, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x64, 0x40, 0x00, 0x05,
	0x20, 0x01, 0x0d, 0xb8, 0x01, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x00, 0x00, 0x00, 0x00, 0x1c, 0xbe,
	0x99, 0x1a, 0x14, 0x00, 0xc0, 0x01, 0x0d, 0x02, 0x01, 0x00, 0x0a, 0x00, 0x00, 0x27, 0x47,
	0x02, 0x04, 0x00, 0x00, 0x27, 0x10, 0x0b, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x98, 0x96,
	0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x42, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x05, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x4c, 0x4b, 0x40, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x5b, 0x8d, 0x80, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x4c,
	0x4b, 0x40, 0x01, 0x21, 0x52, 0x50, 0x2d, 0x44, 0x6f, 0x77, 0x6e, 0x73, 0x74, 0x72, 0x65,
	0x61, 0x6d, 0x2d, 0x53, 0x70, 0x65, 0x65, 0x64, 0x2d, 0x4c, 0x69, 0x6d, 0x69, 0x74, 0x20,
	0x3d, 0x20, 0x31, 0x30, 0x30, 0x30, 0x30, 0x05, 0x6e, 0x69, 0x67, 0x68, 0x74, 0x00, 0x00,
	0x00, 0x12, 0x78, 0x3a, 0x20, 0x6e, 0x6f, 0x20, 0x73, 0x75, 0x63, 0x68, 0x20, 0x70, 0x72,
	0x6f, 0x66, 0x69, 0x6c, 0x65, 0x0b, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x98, 0x96, 0x80,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x42, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x05, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x4c, 0x4b, 0x40, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x5b, 0x8d, 0x80, 0x05, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfa, 0x00,
	0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x02, 0x00, 0x00, 0x01, 0x2c, 0x00, 0x00, 0x00,
	0x04, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x02, 0x00, 0x00, 0x15, 0xf6, 0x90, 0x79, 0x32, 0x80, 0x12, 0x6e, 0x61, 0x6d, 0x65,
	0x40, 0x6f, 0x66, 0x2e, 0x74, 0x68, 0x65, 0x2e, 0x73, 0x65, 0x72, 0x76, 0x65, 0x72, 0x06,
	0x66, 0x69, 0x6c, 0x74, 0x65, 0x72, 0x02, 0x05, 0x63, 0x00, 0x61, 0x73, 0x73, 0x00, 0x02,
	0x01, 0xc0, 0x00, 0x02, 0x00, 0x1c, 0xc6, 0x33, 0x64, 0x07, 0x20, 0x01, 0x01, 0x20, 0x01,
	0x0d, 0xb8, 0x00, 0x77, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x30,
	0x00, 0x77, 0x01, 0x05, 0xd4, 0x07, 0x00, 0x09, 0x00, 0x00, 0x00, 0x17, 0x48, 0x76, 0xe8,
	0x00, 0x64, 0x40, 0x00, 0x05, 0x64, 0x40, 0x00, 0x01, 0x64, 0x40, 0x00, 0x01, 0xc0, 0x00,
	0x02, 0x35, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
	0x07, 0x08, 0x09, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x01, 0x02, 0x01, 0x00,
	0x09, 0x00, 0x0a, 0x05, 0x06, 0x00, 0x00, 0x00, 0x09, 0x00, 0x0a, 0x07, 0x08, 0x00, 0x00,
	0x00, 0x09, 0x00, 0x0a, 0x09, 0x0a, 0x00, 0x00, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
	0x77, 0x88, 0x00, 0x00, 0x00, 0x00, 0x05, 0xd4, 0x05, 0xc8, 0x01, 0x00, 0x00, 0x00, 0x2a,
	0x03, 0x00, 0x00, 0x01, 0xf4, 0x00, 0x00, 0x00, 0x02, 0x03, 0x01, 0x4d, 0x0a, 0x02, 0x4f,
	0x4b, 0x00, 0x0b, 0x01, 0x01, 0x02, 0x00, 0x00, 0x15, 0xec, 0x51, 0xde, 0x7a, 0x80,
};

static void version_1(void **state)
{
	struct session_frozen f;
	struct session *s;

	(void)state;
	assert_int_equal(session_frozen_read(v1, sizeof(v1), now, &f), 0);
	assert_int_equal(f.port, 3);
	assert_int_equal(f.mac[5], 1);
	assert_int_equal(f.ip4, 0x64400005);
	assert_int_equal(f.prefix6_len, 64);
	assert_int_equal(f.prefix6[2], 0x0d);
	assert_int_equal(f.acct_id, 0x0102030405060701);
	assert_memory_equal(f.username, "user@example.net", f.username_len);
	assert_int_equal(session_thaw(&d, 4, 8, v1, sizeof(v1), now, &s), 0);
	assert_int_equal(s->session_timeout, 0); /* what it did not have yet */
	s->session_timeout = 86400;
	s->source[SOURCE_OF_CLASS] = SOURCE_COA;
	s->login->state = calloc(1, sizeof(*s->login->state));
	*s->login->state = (struct radius_octets){ 3, "st\0" };
	same_full(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_of_it, setup, teardown),
		cmocka_unit_test_setup_teardown(as_little_as_there_is, setup, teardown),
		cmocka_unit_test_setup_teardown(only_open_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_not_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(version_1, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
