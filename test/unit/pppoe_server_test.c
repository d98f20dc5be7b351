// SPDX-License-Identifier: GPL-2.0-or-later
/* The discovery server as it should serve: what real pppd sends (test/vectors), and the services,
 * tags and names of a dialogue. */
#include "test/unit/pppoe_station.h"

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
	assert_int_equal(fake.opens, 2);
}

static void test_blank_service(void **state)
{
	(void)state;
	expect_service("", "internet");
	expect_no_offer("video");
	expect_service_error("video");
	/* "any service" does not open what was shut by name. */
	fake.config.accept_blank_service = false;
	fake.config.accept_any_service = true;
	expect_no_offer("");
	expect_service_error("");
	fake.config.accept_blank_service = true;
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
	static const uint8_t uniq[1450];
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
	pppoe_tag_put(&o.w, PPPOE_TAG_HOST_UNIQ, uniq, sizeof(uniq));
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
	};

	return cmocka_run_group_tests_name("pppoe_server", tests, NULL, NULL);
}
