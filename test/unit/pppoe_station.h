/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A station in front of the discovery server under test: it sends packets, looks at the answers,
 * and after each step at every counter, so that nothing else may have happened. For the tests
 * pppoe_server and pppoe_drop.
 */
#ifndef TEST_PPPOE_STATION_H
#define TEST_PPPOE_STATION_H

#include "test/unit/pppoe_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SEC   NSEC_PER_SEC
#define START (1000 * SEC)

#define PADI 0x09
#define PADO 0x07
#define PADR 0x19
#define PADS 0x65
#define PADT 0xa7

static const struct mac broadcast = { { 255, 255, 255, 255, 255, 255 } };
static const struct mac host = { { 2, 0, 0, 0, 1, 1 } }, host2 = { { 2, 0, 0, 0, 1, 2 } };
static const struct pppoe_line plain = { .port = 1 };
static const struct pppoe_line tagged = { .port = 1, .svlan = 0x3064, .cvlan = 0x1007 };

static struct fake fake;

static inline int setup(void **state)
{
	(void)state;
	return fake_setup_at(&fake, START);
}

static inline int teardown(void **state)
{
	(void)state;
	fake_teardown(&fake);
	return 0;
}

/* A frame to send: begin, tags, send. */
struct out {
	uint8_t buf[PPPOE_FRAME_MAX];
	struct wr w;
	struct pppoe_line line;
};

static inline void begin_to(struct out *o, const struct mac *dst, const struct mac *src,
			    const struct pppoe_line *line, uint8_t code, uint16_t sid)
{
	o->w = wr_init(o->buf, sizeof(o->buf));
	o->line = *line;
	pppoe_frame_begin(&o->w, dst, src, line, PPPOE_ETH_DISCOVERY, code, sid);
}

static inline void begin(struct out *o, const struct mac *src, const struct pppoe_line *line,
			 uint8_t code)
{
	begin_to(o, code == PADI ? &broadcast : &fake.port_mac, src, line, code, 0);
}

static inline void tag(struct out *o, enum pppoe_tag t, const char *text)
{
	pppoe_tag_put(&o->w, t, text, strlen(text));
}

static inline void send_at(struct out *o, uint64_t now)
{
	int len = pppoe_frame_end(&o->w, &o->line);
	uint8_t *copy;

	assert_true(len > 0);
	copy = malloc((size_t)len);
	assert_non_null(copy);
	memcpy(copy, o->buf, (size_t)len);
	pppoe_server_input(fake.server, now, o->line.port, copy, (size_t)len);
	free(copy);
}

/* What has been sent since the last look: `n` frames; the last one parsed. */
static unsigned seen;
static struct pppoe_frame got;
static struct pppoe_tags got_tags;

static inline void expect_sent(unsigned n, uint8_t code)
{
	const struct fake_sent *s = &fake.sent[(fake.sent_count - 1) % FAKE_SENT];

	assert_int_equal(fake.sent_count - seen, n);
	seen = fake.sent_count;
	if (!n)
		return;
	assert_true(s->len >= 60);
	assert_int_equal(pppoe_frame_parse(s->port, s->frame, s->len, &got), 0);
	assert_int_equal(got.code, code);
	assert_int_equal(got.ethertype, PPPOE_ETH_DISCOVERY);
	assert_true(mac_equal(&got.src, &fake.port_mac));
	assert_int_equal(pppoe_tags_parse(got.payload, &got_tags), 0);
}

static inline void expect_text(const struct pppoe_bytes *b, const char *want)
{
	assert_non_null(b->p);
	assert_int_equal(b->len, strlen(want));
	assert_memory_equal(b->p, want, b->len);
}

/* The counters that differ from `before` are those named, by these amounts; then they are the new
 * `before`. */
static struct pppoe_stats before;

static inline void check_stats(struct pppoe_stats want, int line)
{
	const struct pppoe_stats *now = pppoe_server_stats(fake.server);

#define X(name)                                                                                    \
	if (now->name - before.name != want.name)                                                  \
		fail_msg("line %d: " #name " changed by %llu, not %llu", line,                     \
			 (unsigned long long)(now->name - before.name),                            \
			 (unsigned long long)want.name);
	PPPOE_STATS(X)
#undef X
	before = *now;
}

#define EXPECT_STATS(...) check_stats((struct pppoe_stats){ __VA_ARGS__ }, __LINE__)

static inline int setup_counters(void **state)
{
	before = (struct pppoe_stats){ 0 };
	seen = 0;
	return setup(state);
}

/* A PADI, and the cookie of its PADO. */
static uint8_t cookie[64];
static uint16_t cookie_len;

static inline void padi(const struct mac *src, const struct pppoe_line *line, const char *service,
			uint64_t now)
{
	struct out o;

	begin(&o, src, line, PADI);
	tag(&o, PPPOE_TAG_SERVICE_NAME, service);
	tag(&o, PPPOE_TAG_HOST_UNIQ, "uniq");
	send_at(&o, now);
}

static inline void offer(const struct mac *src, const struct pppoe_line *line, uint64_t now)
{
	padi(src, line, "internet", now);
	expect_sent(1, PADO);
	assert_in_range(got_tags.cookie.len, 1, sizeof(cookie));
	cookie_len = got_tags.cookie.len;
	memcpy(cookie, got_tags.cookie.p, cookie_len);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
}

static inline void begin_padr(struct out *o, const struct mac *src, const struct pppoe_line *line,
			      const char *service)
{
	begin(o, src, line, PADR);
	tag(o, PPPOE_TAG_SERVICE_NAME, service);
	tag(o, PPPOE_TAG_HOST_UNIQ, "uniq");
	pppoe_tag_put(&o->w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
}

static inline void padr(const struct mac *src, const struct pppoe_line *line, const char *service,
			uint64_t now)
{
	struct out o;

	begin_padr(&o, src, line, service);
	send_at(&o, now);
}

static inline uint16_t dial(const struct mac *src, const struct pppoe_line *line, uint64_t now)
{
	offer(src, line, now);
	padr(src, line, "internet", now);
	expect_sent(1, PADS);
	EXPECT_STATS(.padr_rx = 1, .pads_tx = 1);
	return got.sid;
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup_counters, teardown)

#endif
