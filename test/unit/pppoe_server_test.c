// SPDX-License-Identifier: GPL-2.0-or-later
/* The discovery server, whole frames in and out: what real pppd sends (test/vectors), each rule,
 * each reason to drop. Each test looks at every counter, so nothing else may have happened. */
#include "test/unit/pppoe_fake.h"

#include "pppoe/macfilter.h"

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

static int setup(void **state)
{
	(void)state;
	return fake_setup_at(&fake, START);
}

static int teardown(void **state)
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

static void begin_to(struct out *o, const struct mac *dst, const struct mac *src,
		     const struct pppoe_line *line, uint8_t code, uint16_t sid)
{
	o->w = wr_init(o->buf, sizeof(o->buf));
	o->line = *line;
	pppoe_frame_begin(&o->w, dst, src, line, PPPOE_ETH_DISCOVERY, code, sid);
}

static void begin(struct out *o, const struct mac *src, const struct pppoe_line *line, uint8_t code)
{
	begin_to(o, code == PADI ? &broadcast : &fake.port_mac, src, line, code, 0);
}

static void tag(struct out *o, enum pppoe_tag t, const char *text)
{
	pppoe_tag_put(&o->w, t, text, strlen(text));
}

static void send_at(struct out *o, uint64_t now)
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

static void expect_sent(unsigned n, uint8_t code)
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

static void expect_text(const struct pppoe_bytes *b, const char *want)
{
	assert_non_null(b->p);
	assert_int_equal(b->len, strlen(want));
	assert_memory_equal(b->p, want, b->len);
}

/* The counters that differ from `before` are those named, by these amounts; then they are the new
 * `before`. */
static struct pppoe_stats before;

static void check_stats(struct pppoe_stats want, int line)
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

static int setup_counters(void **state)
{
	before = (struct pppoe_stats){ 0 };
	seen = 0;
	return setup(state);
}

/* A PADI, and the cookie of its PADO. */
static uint8_t cookie[64];
static uint16_t cookie_len;

static void padi(const struct mac *src, const struct pppoe_line *line, const char *service,
		 uint64_t now)
{
	struct out o;

	begin(&o, src, line, PADI);
	tag(&o, PPPOE_TAG_SERVICE_NAME, service);
	tag(&o, PPPOE_TAG_HOST_UNIQ, "uniq");
	send_at(&o, now);
}

static void offer(const struct mac *src, const struct pppoe_line *line, uint64_t now)
{
	padi(src, line, "", now);
	expect_sent(1, PADO);
	assert_in_range(got_tags.cookie.len, 1, sizeof(cookie));
	cookie_len = got_tags.cookie.len;
	memcpy(cookie, got_tags.cookie.p, cookie_len);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
}

static void begin_padr(struct out *o, const struct mac *src, const struct pppoe_line *line,
		       const char *service)
{
	begin(o, src, line, PADR);
	tag(o, PPPOE_TAG_SERVICE_NAME, service);
	tag(o, PPPOE_TAG_HOST_UNIQ, "uniq");
	pppoe_tag_put(&o->w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
}

static void padr(const struct mac *src, const struct pppoe_line *line, const char *service,
		 uint64_t now)
{
	struct out o;

	begin_padr(&o, src, line, service);
	send_at(&o, now);
}

static uint16_t dial(const struct mac *src, const struct pppoe_line *line, uint64_t now)
{
	offer(src, line, now);
	padr(src, line, "internet", now);
	expect_sent(1, PADS);
	EXPECT_STATS(.padr_rx = 1, .pads_tx = 1);
	return got.sid;
}

/* --- real clients ------------------------------------------------------------------------- */

static size_t hex(const char *s, uint8_t *ret, size_t cap)
{
	size_t n = 0;
	unsigned v;

	for (; n < cap && sscanf(s, "%2x", &v) == 1; s += 2)
		ret[n++] = (uint8_t)v;
	return n;
}

/* Puts the cookie where the recorded one was: ours has another length. */
static void padr_with_our_cookie(const uint8_t *frame, size_t len)
{
	struct pppoe_frame f;
	struct pppoe_tags t;
	struct out o;

	assert_int_equal(pppoe_frame_parse(1, frame, len, &f), 0);
	assert_int_equal(pppoe_tags_parse(f.payload, &t), 0);
	assert_non_null(t.cookie.p);
	begin_to(&o, &f.dst, &f.src, &f.line, f.code, f.sid);
	wr_bytes(&o.w, f.payload.p, (size_t)(t.cookie.p - 4 - f.payload.p));
	pppoe_tag_put(&o.w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
	wr_bytes(&o.w, t.cookie.p + t.cookie.len,
		 (size_t)(f.payload.end - t.cookie.p - t.cookie.len));
	send_at(&o, START);
}

/* The octets of our PADS: its tags in our order, all of them known beforehand. */
static void expect_pads(const struct pppoe_frame *padr_frame, const char *service)
{
	const struct fake_sent *s = &fake.sent[(fake.sent_count - 1) % FAKE_SENT];
	struct pppoe_tags t;
	struct out o;
	int len;

	assert_int_equal(pppoe_tags_parse(padr_frame->payload, &t), 0);
	begin_to(&o, &padr_frame->src, &fake.port_mac, &padr_frame->line, PADS, 1);
	tag(&o, PPPOE_TAG_SERVICE_NAME, service);
	tag(&o, PPPOE_TAG_AC_NAME, "brasberry");
	pppoe_tag_echo(&o.w, PPPOE_TAG_HOST_UNIQ, &t.host_uniq);
	if (t.max_payload)
		pppoe_tag_put_be16(&o.w, PPPOE_TAG_MAX_PAYLOAD, t.max_payload);
	len = pppoe_frame_end(&o.w, &o.line);
	assert_int_equal(s->len, len);
	assert_memory_equal(s->frame, o.buf, (size_t)len);
}

static void replay_frame(const uint8_t *frame, size_t len)
{
	struct pppoe_frame f;

	assert_int_equal(pppoe_frame_parse(1, frame, len, &f), 0);
	if (f.ethertype != PPPOE_ETH_DISCOVERY)
		return;
	if (f.code == PADI) {
		pppoe_server_input(fake.server, START, 1, frame, len);
		expect_sent(1, PADO);
		EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
		cookie_len = got_tags.cookie.len;
		memcpy(cookie, got_tags.cookie.p, cookie_len);
	} else if (f.code == PADR) {
		padr_with_our_cookie(frame, len);
		EXPECT_STATS(.padr_rx = 1, .pads_tx = 1);
		expect_sent(1, PADS);
		expect_pads(&f, "internet");
	} else { /* the server there gave the session id 1, as ours does */
		pppoe_server_input(fake.server, START, 1, frame, len);
		EXPECT_STATS(.padt_rx = 1);
	}
}

/* Replays what the subscriber sent. Returns how many discovery frames there were. */
static void replay(const char *path)
{
	static char text[8192];
	static uint8_t frame[PPPOE_FRAME_MAX];
	FILE *f = fopen(path, "re");
	unsigned frames = 0;

	fake.config.accept_blank_service = true; /* pppd's PADR names what it was told to, or "" */
	if (!f)
		fail_msg("%s is not there: run from the top of the tree", path);
	while (fgets(text, sizeof(text), f)) {
		size_t len = *text == '>' ? hex(text + 2, frame, sizeof(frame)) : 0;

		if (!len)
			continue;
		replay_frame(frame, len);
		frames++;
	}
	fclose(f);
	assert_true(frames > 3);
	assert_int_equal(fake.opens, 1);
}

static void test_pppd_plain(void **state)
{
	(void)state;
	replay("test/vectors/pap.hex");
	assert_int_equal(fake.session[0].req.max_payload, 0);
}

static void test_pppd_host_uniq_and_service(void **state)
{
	(void)state;
	replay("test/vectors/host-uniq.hex");
	assert_string_equal(fake.session[0].req.service, "internet");
}

static void test_pppd_mru_1500(void **state)
{
	(void)state;
	replay("test/vectors/mru-1500.hex");
	assert_int_equal(fake.session[0].req.max_payload, 1500);
}

/* --- discovery as it should be -------------------------------------------------------------- */

static void test_pado_octets(void **state)
{
	static const uint8_t head[] = { 2,    0, 0,    0,    1, 1, 2, 0,    0,	  0,	0, 1, 0x88,
					0xa8, 0, 0x64, 0x81, 0, 0, 7, 0x88, 0x63, 0x11, 7, 0, 0 };
	const uint8_t *p;
	struct rd r;

	(void)state;
	padi(&host, &tagged, "voice", START);
	expect_sent(1, PADO);
	p = fake.sent[0].frame;
	assert_memory_equal(p, head, sizeof(head));
	r = got.payload;
	assert_memory_equal(rd_bytes(&r, 13), "\1\2\0\11brasberry", 13);
	assert_memory_equal(rd_bytes(&r, 9), "\1\1\0\5voice", 9); /* what was asked comes first */
	rd_skip(&r, 4 + (size_t)got_tags.cookie.len);
	assert_memory_equal(rd_bytes(&r, 8), "\1\3\0\4uniq", 8);
	assert_memory_equal(rd_bytes(&r, 12), "\1\1\0\10internet", 12);
	assert_false(r.bad);
	assert_int_equal(rd_left(&r), 0);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
}

static void test_dial(void **state)
{
	const struct pppoe_request *req = &fake.session[0].req;
	uint16_t sid = dial(&host, &tagged, START);

	(void)state;
	assert_true(mac_equal(&got.dst, &host));
	assert_true(fake_line_equal(&got.line, &tagged));
	assert_int_equal(sid, 1);
	assert_true(fake.session[0].opened);
	expect_text(&got_tags.service, "internet");
	expect_text(&got_tags.host_uniq, "uniq");
	assert_true(mac_equal(&req->mac, &host));
	assert_string_equal(req->service, "internet");
	assert_int_equal(req->circuit_id_len, 0);
	assert_null(got_tags.cookie.p);
}

static void test_padr_again(void **state)
{
	uint16_t sid = dial(&host, &plain, START);

	(void)state;
	fake.open_rc = -EBUSY; /* a limit reached meanwhile is nothing to a duplicate */
	fake.admit_rc = -EBUSY;
	padr(&host, &plain, "internet", START + SEC);
	expect_sent(1, PADS);
	assert_int_equal(got.sid, sid);
	EXPECT_STATS(.padr_rx = 1, .padr_dup_rx = 1, .pads_tx = 1);
	assert_int_equal(fake.opens, 1);
	fake.open_rc = fake.admit_rc = 0;
	assert_int_not_equal(dial(&host, &plain, START + SEC), sid);
	assert_int_equal(fake.opens, 2);
}

static void test_relay_session_id(void **state)
{
	struct out o;

	(void)state;
	begin(&o, &host, &plain, PADI);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "");
	tag(&o, PPPOE_TAG_RELAY_SESSION_ID, "relay0123456");
	send_at(&o, START);
	expect_sent(1, PADO);
	expect_text(&got_tags.relay, "relay0123456");
	assert_null(got_tags.host_uniq.p);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	tag(&o, PPPOE_TAG_RELAY_SESSION_ID, "relay0123456");
	send_at(&o, START);
	expect_sent(1, PADS);
	expect_text(&got_tags.relay, "relay0123456");
}

static void max_payload(uint16_t asked, uint16_t ours, uint16_t want)
{
	struct out o;

	fake.config.max_payload = ours;
	begin(&o, &host, &plain, PADI);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "");
	tag(&o, PPPOE_TAG_HOST_UNIQ, "uniq");
	pppoe_tag_put_be16(&o.w, PPPOE_TAG_MAX_PAYLOAD, asked);
	send_at(&o, START);
	expect_sent(1, PADO);
	assert_int_equal(got_tags.max_payload, want);
	cookie_len = got_tags.cookie.len;
	memcpy(cookie, got_tags.cookie.p, cookie_len);
	begin_padr(&o, &host, &plain, "internet");
	pppoe_tag_put_be16(&o.w, PPPOE_TAG_MAX_PAYLOAD, asked);
	send_at(&o, START);
	expect_sent(1, PADS);
	assert_int_equal(got_tags.max_payload, want);
	assert_int_equal(fake.session[fake.opens - 1].req.max_payload, want);
}

static void test_max_payload(void **state)
{
	(void)state;
	max_payload(1500, 1500, 1500);
	max_payload(9000, 1500, 1500);
	max_payload(1496, 1500, 1496);
	max_payload(1493, 1500, 1493);
	max_payload(1492, 1500, 0);
	max_payload(1000, 1500, 0);
	max_payload(1500, 1492, 0);
	max_payload(0xffff, 0, 0);
}

static void test_tr101(void **state)
{
	static const uint8_t ids[] = { 0,   0,	 0x0d, 0xe9, 1, 4, 'a', 0,
				       'b', 'c', 2,    0,    2, 2, 'r', '7' };
	const struct pppoe_request *req = &fake.session[0].req;
	struct out o;

	(void)state;
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	pppoe_tag_put(&o.w, PPPOE_TAG_VENDOR, ids, sizeof(ids));
	send_at(&o, START);
	expect_sent(1, PADS);
	EXPECT_STATS(.padr_rx = 1, .pads_tx = 1, .tr101_ignored = 1);
	assert_int_equal(req->circuit_id_len, 4);
	assert_memory_equal(req->circuit_id, "a\0bc", 5);
	assert_int_equal(req->remote_id_len, 2);
	assert_string_equal(req->remote_id, "r7");
}

static void test_reconfigure(void **state)
{
	struct pppoe_config other = fake.config;

	(void)state;
	strcpy(other.ac_name, "another");
	pppoe_server_reconfigure(fake.server, &other);
	memset(&fake.config, 0xff, sizeof(fake.config)); /* may be freed */
	padi(&host, &plain, "internet", START);
	expect_sent(1, PADO);
	expect_text(&got_tags.ac_name, "another");
}

/* --- services ------------------------------------------------------------------------------- */

static void expect_service_error(const char *service)
{
	offer(&host, &plain, START);
	padr(&host, &plain, service, START);
	expect_sent(1, PADS);
	assert_int_equal(got.sid, 0);
	assert_int_equal(got_tags.error, PPPOE_TAG_SERVICE_NAME_ERROR);
	expect_text(&got_tags.host_uniq, "uniq");
	expect_text(&got_tags.service, service);
	EXPECT_STATS(.padr_rx = 1, .pads_error_tx = 1, .drop_service_name = 1);
}

static void expect_no_offer(const char *service)
{
	padi(&host, &plain, service, START);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_service_name = 1);
}

static void expect_service(const char *service, const char *named)
{
	padi(&host, &plain, service, START);
	expect_sent(1, PADO);
	expect_text(&got_tags.service, service);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
	offer(&host, &plain, START);
	padr(&host, &plain, service, START);
	expect_sent(1, PADS);
	expect_text(&got_tags.service, named);
	assert_string_equal(fake.session[fake.opens - 1].req.service, named);
	EXPECT_STATS(.padr_rx = 1, .pads_tx = 1);
}

static void test_listed_services(void **state)
{
	(void)state;
	expect_service("internet", "internet");
	expect_service("voice", "voice");
	expect_no_offer("interne");
	expect_no_offer("internet2");
	expect_service_error("video");
	expect_service_error(""); /* blank was answered in the PADI, but is not a choice */
	assert_int_equal(fake.opens, 2);
}

static void test_blank_service(void **state)
{
	(void)state;
	fake.config.accept_blank_service = true;
	expect_service("", "internet");
	expect_no_offer("video");
	expect_service_error("video");
	fake.config.service_count = 0;
	expect_service("", "");
}

static void test_any_service(void **state)
{
	char longest[PPPOE_SERVICE_MAX + 1] = "";

	(void)state;
	fake.config.accept_any_service = true;
	expect_service("video", "video");
	expect_service("", "internet");
	memset(longest, 'x', PPPOE_SERVICE_MAX - 1);
	expect_service(longest, longest);
	longest[PPPOE_SERVICE_MAX - 1] = 'x';
	expect_no_offer(longest); /* more than a session can say of itself */
	expect_service_error(longest);
}

static void test_service_with_a_nul(void **state)
{
	struct out o;

	(void)state;
	fake.config.accept_any_service = true;
	begin(&o, &host, &plain, PADI);
	pppoe_tag_put(&o.w, PPPOE_TAG_SERVICE_NAME, "internet\0x", 10);
	send_at(&o, START);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_service_name = 1);
}

static void test_no_service_tag_is_blank(void **state)
{
	struct out o;

	(void)state;
	fake.config.accept_any_service = true;
	begin(&o, &host, &plain, PADI);
	send_at(&o, START);
	expect_sent(1, PADO);
	expect_text(&got_tags.service, "");
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
}

static void test_full_pado_keeps_what_matters(void **state)
{
	static char many[64][PPPOE_SERVICE_MAX];
	struct out o;

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		snprintf(many[i], sizeof(many[i]), "service-%02u-%050u", i, i);
	fake.config.services = many;
	fake.config.service_count = 64;
	padi(&host, &tagged, many[40], START);
	expect_sent(1, PADO);
	expect_text(&got_tags.service, many[40]);
	expect_text(&got_tags.host_uniq, "uniq");
	assert_true(got_tags.cookie.p && got_tags.duplicates > 15);
	assert_in_range(rd_left(&got.payload), 1494 - 67, 1494);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
	/* A Host-Uniq that leaves no room even for that. */
	begin(&o, &host, &plain, PADI);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "");
	pppoe_tag_put(&o.w, PPPOE_TAG_HOST_UNIQ, o.buf, 1450);
	send_at(&o, START);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_bad_tag = 1);
}

/* The largest Host-Uniq that a PADO has room for, and a PADR with more than a PADS has room for:
 * no session may come of it. */
static void test_pads_that_does_not_fit(void **state)
{
	static uint8_t uniq[1400];
	struct out o;

	(void)state;
	fake.config.service_count = 1;
	memset(fake.services[0], 's', PPPOE_SERVICE_MAX - 1);
	memset(fake.config.ac_name, 'a', PPPOE_SERVICE_MAX - 1);
	fake.config.accept_blank_service = true;
	begin(&o, &host, &plain, PADI);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "");
	pppoe_tag_put(&o.w, PPPOE_TAG_HOST_UNIQ, uniq, 1380);
	send_at(&o, START);
	expect_sent(1, PADO);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
	cookie_len = got_tags.cookie.len;
	memcpy(cookie, got_tags.cookie.p, cookie_len);
	begin(&o, &host, &plain, PADR);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "");
	pppoe_tag_put(&o.w, PPPOE_TAG_HOST_UNIQ, uniq, 1380);
	pppoe_tag_put(&o.w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
	send_at(&o, START);
	expect_sent(0, 0);
	EXPECT_STATS(.padr_rx = 1, .drop_bad_tag = 1);
	assert_int_equal(fake.opens, 0);
}

static void ac_name(const char *name, bool answered)
{
	struct out o;

	begin(&o, &host, &plain, PADI);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "");
	tag(&o, PPPOE_TAG_AC_NAME, name);
	send_at(&o, START);
	expect_sent(answered, PADO);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = answered, .drop_not_for_us = !answered);
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	tag(&o, PPPOE_TAG_AC_NAME, name);
	send_at(&o, START);
	expect_sent(answered, PADS);
	EXPECT_STATS(.padr_rx = 1, .pads_tx = answered, .drop_not_for_us = !answered);
}

static void test_ac_name(void **state)
{
	(void)state;
	ac_name("brasberry", true);
	ac_name("brasberr", false);
	ac_name("another", false);
}

/* --- what is dropped ------------------------------------------------------------------------ */

static void send_odd(const struct mac *dst, const struct mac *src, uint8_t code, uint16_t sid)
{
	struct out o;

	begin_to(&o, dst, src, &plain, code, sid);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "internet");
	tag(&o, PPPOE_TAG_HOST_UNIQ, "uniq");
	pppoe_tag_put(&o.w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
	send_at(&o, START);
	expect_sent(0, 0);
}

static void test_destination(void **state)
{
	const struct mac *us = &fake.port_mac;

	(void)state;
	offer(&host, &plain, START);
	send_odd(us, &host, PADI, 0);
	send_odd(&host2, &host, PADI, 0);
	EXPECT_STATS(.padi_rx = 2, .drop_not_for_us = 2);
	send_odd(&broadcast, &host, PADR, 0);
	send_odd(&host2, &host, PADR, 0);
	EXPECT_STATS(.padr_rx = 2, .drop_not_for_us = 2);
	send_odd(&broadcast, &host, PADT, 1);
	EXPECT_STATS(.padt_rx = 1, .drop_not_for_us = 1);
	fake.port_gone = true;
	send_odd(&broadcast, &host, PADI, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_not_for_us = 1);
}

static void test_source(void **state)
{
	static const struct mac group = { { 3, 0, 0, 0, 1, 1 } }, zero = { { 0 } };
	const struct mac *us = &fake.port_mac;

	(void)state;
	send_odd(&broadcast, &group, PADI, 0);
	send_odd(&broadcast, &broadcast, PADI, 0);
	send_odd(&broadcast, &zero, PADI, 0);
	send_odd(&broadcast, us, PADI, 0); /* a loop in the network */
	EXPECT_STATS(.padi_rx = 4, .drop_source_mac = 4);
	send_odd(us, &group, PADR, 0);
	EXPECT_STATS(.padr_rx = 1, .drop_source_mac = 1);
	send_odd(us, &group, PADT, 1);
	EXPECT_STATS(.padt_rx = 1, .drop_source_mac = 1);
}

static void test_session_id_and_code(void **state)
{
	const struct mac *us = &fake.port_mac;

	(void)state;
	offer(&host, &plain, START);
	send_odd(&broadcast, &host, PADI, 1);
	EXPECT_STATS(.padi_rx = 1, .drop_malformed = 1);
	send_odd(us, &host, PADR, 1);
	EXPECT_STATS(.padr_rx = 1, .drop_malformed = 1);
	send_odd(us, &host, PADO, 0);
	send_odd(us, &host, PADS, 1);
	send_odd(us, &host, 0xd3, 0); /* PADM */
	EXPECT_STATS(.drop_bad_code = 3);
}

static void test_tags_that_are_wrong(void **state)
{
	struct out o;

	(void)state;
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	tag(&o, PPPOE_TAG_SERVICE_NAME, "voice"); /* which one? */
	send_at(&o, START);
	begin_padr(&o, &host, &plain, "internet");
	tag(&o, PPPOE_TAG_GENERIC_ERROR, "no\nthing");
	send_at(&o, START);
	begin_padr(&o, &host, &plain, "internet");
	wr_bytes(&o.w, "\1\1\0\5abcd", 8); /* beyond the packet */
	send_at(&o, START);
	expect_sent(0, 0);
	EXPECT_STATS(.padr_rx = 3, .drop_bad_tag = 3);
	assert_int_equal(fake.opens, 0);
}

static void test_every_truncation(void **state)
{
	struct out o;
	int len;

	(void)state;
	offer(&host, &plain, START);
	begin_padr(&o, &host, &plain, "internet");
	len = pppoe_frame_end(&o.w, &o.line);
	for (int i = 0; i < len; i++) {
		uint8_t *copy = malloc((size_t)i + 1);

		assert_non_null(copy);
		memcpy(copy, o.buf, (size_t)i);
		pppoe_server_input(fake.server, START, 1, copy, (size_t)i);
		free(copy);
		expect_sent(0, 0);
		EXPECT_STATS(.drop_malformed = 1);
	}
	pppoe_server_input(fake.server, START, 1, o.buf, (size_t)len);
	expect_sent(1, PADS);
}

static void test_session_frame_is_not_discovery(void **state)
{
	static const struct pppoe_line line = { 0 };
	uint8_t buf[PPPOE_FRAME_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	pppoe_frame_begin(&w, &fake.port_mac, &host, &line, PPPOE_ETH_SESSION, 0, 1);
	wr_be16(&w, 0xc021);
	pppoe_server_input(fake.server, START, 1, buf, (size_t)pppoe_frame_end(&w, &line));
	expect_sent(0, 0);
	EXPECT_STATS(.drop_malformed = 1);
}

static void test_cookie(void **state)
{
	struct out o;

	(void)state;
	offer(&host, &plain, START);
	padr(&host2, &plain, "internet", START); /* stolen */
	padr(&host, &tagged, "internet", START); /* of another line */
	cookie[cookie_len - 1] ^= 1;
	padr(&host, &plain, "internet", START); /* made up */
	cookie[cookie_len - 1] ^= 1;
	begin(&o, &host, &plain, PADR);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "internet");
	tag(&o, PPPOE_TAG_HOST_UNIQ, "uniq");
	send_at(&o, START); /* none */
	begin(&o, &host, &plain, PADR);
	tag(&o, PPPOE_TAG_SERVICE_NAME, "internet");
	tag(&o, PPPOE_TAG_HOST_UNIQ, "another");
	pppoe_tag_put(&o.w, PPPOE_TAG_AC_COOKIE, cookie, cookie_len);
	send_at(&o, START);
	padr(&host, &plain, "no such service", START + 6 * SEC); /* stale, whatever it asks */
	expect_sent(0, 0);
	EXPECT_STATS(.padr_rx = 6, .drop_bad_cookie = 5, .drop_stale_cookie = 1);
	assert_int_equal(fake.opens, 0);
	padr(&host, &plain, "internet", START + 5 * SEC);
	expect_sent(1, PADS);
}

static void test_mac_filter(void **state)
{
	struct pppoe_mac_filter *f = NULL;
	char why[128];

	(void)state;
	assert_int_equal(
		pppoe_mac_filter_parse(&f, "02:00:00:00:01:02", 17, false, "f", why, sizeof(why)),
		0);
	fake.config.mac_filter = f;
	offer(&host, &plain, START);
	padi(&host2, &plain, "", START);
	EXPECT_STATS(.padi_rx = 1, .drop_mac_filter = 1);
	padr(&host2, &plain, "", START);
	EXPECT_STATS(.padr_rx = 1, .drop_mac_filter = 1);
	expect_sent(0, 0);
	pppoe_mac_filter_free(f);
}

/* --- limits --------------------------------------------------------------------------------- */

static void test_limit_of_sessions(void **state)
{
	(void)state;
	offer(&host, &plain, START);
	fake.admit_rc = -EBUSY;
	padi(&host, &plain, "", START);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_limit = 1);
	for (unsigned i = 0; i < 4; i++) {
		static const int rc[] = { -EBUSY, -ENOMEM, -ENOSPC, -EIO };

		fake.open_rc = rc[i];
		padr(&host, &plain, "internet", START);
		expect_sent(1, PADS);
		assert_int_equal(got.sid, 0);
		assert_int_equal(got_tags.error,
				 i < 3 ? PPPOE_TAG_AC_SYSTEM_ERROR : PPPOE_TAG_GENERIC_ERROR);
		expect_text(&got_tags.host_uniq, "uniq");
		EXPECT_STATS(.padr_rx = 1, .pads_error_tx = 1, .drop_limit = 1);
	}
	assert_int_equal(fake.opens, 0);
}

static void test_padi_limit(void **state)
{
	static const struct pppoe_line other = { .port = 2 };

	(void)state;
	fake.config.padi_limit = 10;
	for (unsigned i = 0; i < 25; i++)
		padi(&host, &plain, "", START);
	EXPECT_STATS(.padi_rx = 25, .pado_tx = 10, .drop_padi_rate = 15);
	padi(&host, &other, "", START); /* another port's is another limit */
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
	for (unsigned i = 0; i < 1000; i++) /* 100 a second for ten seconds */
		padi(&host, &plain, "", START + i * SEC / 100);
	EXPECT_STATS(.padi_rx = 1000, .pado_tx = 99, .drop_padi_rate = 901);
	/* What is not for us does not use it up. */
	for (unsigned i = 0; i < 100; i++)
		padi(&host, &plain, "unknown", START + 20 * SEC);
	padi(&host, &plain, "", START + 20 * SEC);
	EXPECT_STATS(.padi_rx = 101, .pado_tx = 1, .drop_service_name = 100);
}

static void test_padr_limit(void **state)
{
	(void)state;
	fake.config.padr_limit = 3;
	offer(&host, &plain, START);
	for (unsigned i = 0; i < 50; i++)
		padr(&host2, &plain, "internet", START); /* forged: uses nothing up */
	EXPECT_STATS(.padr_rx = 50, .drop_bad_cookie = 50);
	for (unsigned i = 0; i < 5; i++)
		padr(&host, &plain, "internet", START);
	EXPECT_STATS(.padr_rx = 5, .padr_dup_rx = 2, .pads_tx = 3, .drop_padr_rate = 2);
	padr(&host, &plain, "internet", START + SEC / 3 + 1);
	EXPECT_STATS(.padr_rx = 1, .padr_dup_rx = 1, .pads_tx = 1);
}

static struct pppoe_pado_delay delays[] = { { 100, -1 }, { 10, 500 }, { 50, 2000 } };

static void test_delay_by_load(void **state)
{
	(void)state;
	fake.config.pado_delay = delays;
	fake.config.pado_delay_count = 3;
	offer(&host, &plain, START); /* nine sessions: at once */
	fake.count = 10;
	padi(&host, &plain, "", START);
	expect_sent(0, 0);
	wheel_run(&fake.wheel, START + 499 * NSEC_PER_MSEC);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1);
	wheel_run(&fake.wheel, START + 520 * NSEC_PER_MSEC);
	expect_sent(1, PADO);
	EXPECT_STATS(.pado_tx = 1);
	fake.count = 99;
	padi(&host, &plain, "", START + SEC);
	wheel_run(&fake.wheel, START + 2900 * NSEC_PER_MSEC);
	expect_sent(0, 0);
	wheel_run(&fake.wheel, START + 3100 * NSEC_PER_MSEC);
	expect_sent(1, PADO);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1);
	fake.count = 100;
	padi(&host, &plain, "", START + 4 * SEC);
	wheel_run(&fake.wheel, START + 100 * SEC);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .drop_pado_delay = 1);
}

/* The cookie's life begins when the PADO leaves. */
static void test_cookie_of_a_delayed_pado(void **state)
{
	static struct pppoe_pado_delay long_delay = { 0, 8000 };

	(void)state;
	fake.config.pado_delay = &long_delay;
	fake.config.pado_delay_count = 1;
	padi(&host, &plain, "", START);
	wheel_run(&fake.wheel, START + 8100 * NSEC_PER_MSEC);
	expect_sent(1, PADO);
	cookie_len = got_tags.cookie.len;
	memcpy(cookie, got_tags.cookie.p, cookie_len);
	padr(&host, &plain, "internet", START + 12 * SEC);
	expect_sent(1, PADS);
	padr(&host, &plain, "internet", START + 14 * SEC);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1, .pado_tx = 1, .padr_rx = 2, .pads_tx = 1,
		     .drop_stale_cookie = 1);
}

static void test_delay_ring_full(void **state)
{
	(void)state;
	fake.config.pado_delay = delays;
	fake.config.pado_delay_count = 3;
	fake.count = 50;
	for (unsigned i = 0; i < 1000; i++)
		padi(&host, &plain, "", START);
	fake.count = 10; /* shorter now, but not past those that wait */
	for (unsigned i = 0; i < 30; i++)
		padi(&host2, &plain, "", START);
	expect_sent(0, 0);
	EXPECT_STATS(.padi_rx = 1030, .drop_pado_delay = 6);
	wheel_run(&fake.wheel, START + 1900 * NSEC_PER_MSEC);
	expect_sent(0, 0);
	wheel_run(&fake.wheel, START + 2100 * NSEC_PER_MSEC);
	expect_sent(1024, PADO);
	assert_true(mac_equal(&got.dst, &host2));
	EXPECT_STATS(.pado_tx = 1024);
	padi(&host2, &plain, "", START + 3 * SEC); /* and it serves again, around the end */
	wheel_run(&fake.wheel, START + 3600 * NSEC_PER_MSEC);
	expect_sent(1, PADO);
}

/* --- PADT ----------------------------------------------------------------------------------- */

static void test_padt_received(void **state)
{
	struct out o;
	uint16_t sid = dial(&host, &plain, START);

	(void)state;
	begin_to(&o, &fake.port_mac, &host2, &plain, PADT, sid);
	send_at(&o, START);
	EXPECT_STATS(.padt_rx = 1, .drop_padt_wrong_mac = 1);
	begin_to(&o, &fake.port_mac, &host, &tagged, PADT, sid);
	send_at(&o, START);
	EXPECT_STATS(.padt_rx = 1, .drop_padt_no_session = 1);
	assert_int_equal(fake.ends, 0);
	begin_to(&o, &fake.port_mac, &host, &plain, PADT, sid);
	wr_bytes(&o.w, "\1\1\xff\xff", 4); /* its tags do not matter */
	send_at(&o, START);
	EXPECT_STATS(.padt_rx = 1);
	assert_int_equal(fake.ends, 1);
	send_at(&o, START);
	EXPECT_STATS(.padt_rx = 1, .drop_padt_no_session = 1);
	expect_sent(0, 0);
}

static void test_padt_sent(void **state)
{
	(void)state;
	pppoe_server_padt(fake.server, &tagged, &host, 0x1234, "shut down");
	expect_sent(1, PADT);
	assert_int_equal(got.sid, 0x1234);
	assert_true(mac_equal(&got.dst, &host));
	assert_true(fake_line_equal(&got.line, &tagged));
	assert_int_equal(got_tags.error, PPPOE_TAG_GENERIC_ERROR);
	expect_text(&got_tags.error_text, "shut down");
	pppoe_server_padt(fake.server, &plain, &host, 7, NULL);
	expect_sent(1, PADT);
	assert_int_equal(rd_left(&got.payload), 0);
	EXPECT_STATS(.padt_tx = 2);
	fake.port_gone = true;
	pppoe_server_padt(fake.server, &plain, &host, 7, NULL);
	expect_sent(0, 0);
	EXPECT_STATS(.padt_tx = 0);
}

static void unknown(uint64_t now, unsigned station)
{
	struct mac m = { { 2, 0, 0, 1, (uint8_t)(station >> 8), (uint8_t)station } };

	pppoe_server_padt_unknown(fake.server, now, &plain, &m, 9);
}

/* After an outage three thousand stations send ten times a second each until they are told. */
static void tell_all(uint64_t start)
{
	static bool told[3000];
	const struct pppoe_stats *s = pppoe_server_stats(fake.server);
	unsigned left = 3000;

	for (uint64_t now = start; left; now += SEC / 10) {
		uint64_t sent = s->padt_tx;

		assert_true(now < start + 10 * SEC);
		for (unsigned i = 0; i < 3000; i++) {
			uint64_t n = s->padt_tx;

			if (!told[i])
				unknown(now, i);
			left -= s->padt_tx != n;
			told[i] = told[i] || s->padt_tx != n;
		}
		assert_true(s->padt_tx - sent <= 1000);
	}
	assert_int_equal(s->padt_tx - before.padt_tx, 3000);
}

static void test_padt_for_unknown_sessions(void **state)
{
	const struct pppoe_stats *s = pppoe_server_stats(fake.server);

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		unknown(START + i * NSEC_PER_MSEC, 1);
	expect_sent(1, PADT);
	assert_int_equal(got.sid, 9);
	EXPECT_STATS(.padt_tx = 1, .drop_padt_rate = 999);
	unknown(START + 2 * SEC, 1);
	EXPECT_STATS(.padt_tx = 1);
	tell_all(START + 10 * SEC);
	before = *s;
	pppoe_server_padt_unknown(fake.server, START, &plain, &broadcast, 9);
	EXPECT_STATS(.drop_source_mac = 1);
	pppoe_server_padt_unknown(fake.server, START, &plain, &host, 0);
	pppoe_server_padt_unknown(fake.server, START, &plain, &host, 0xffff);
	EXPECT_STATS(.drop_malformed = 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup_counters, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pppd_plain),
		TEST(pppd_host_uniq_and_service),
		TEST(pppd_mru_1500),
		TEST(pado_octets),
		TEST(dial),
		TEST(padr_again),
		TEST(relay_session_id),
		TEST(max_payload),
		TEST(tr101),
		TEST(reconfigure),
		TEST(listed_services),
		TEST(blank_service),
		TEST(any_service),
		TEST(service_with_a_nul),
		TEST(no_service_tag_is_blank),
		TEST(full_pado_keeps_what_matters),
		TEST(pads_that_does_not_fit),
		TEST(ac_name),
		TEST(destination),
		TEST(source),
		TEST(session_id_and_code),
		TEST(tags_that_are_wrong),
		TEST(every_truncation),
		TEST(session_frame_is_not_discovery),
		TEST(cookie),
		TEST(mac_filter),
		TEST(limit_of_sessions),
		TEST(padi_limit),
		TEST(padr_limit),
		TEST(delay_by_load),
		TEST(cookie_of_a_delayed_pado),
		TEST(delay_ring_full),
		TEST(padt_received),
		TEST(padt_sent),
		TEST(padt_for_unknown_sessions),
	};

	return cmocka_run_group_tests_name("pppoe_server", tests, NULL, NULL);
}
