// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A live discovery server and a sequence of steps from the input: frames as they are, PADIs, PADRs
 * with the last cookie given out, PADTs, time that passes, limits and configuration that change.
 * After each step: what was sent is well-formed, and each packet ended in exactly one counter.
 */
#define FAKE_SENT 32 /* small: made anew for each input */
#include "test/unit/pppoe_fake.h"

#include "base/log.h"
#include "pppoe/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fake fake;
static uint64_t now;
static unsigned checked;
static uint8_t cookie[64];
static struct pppoe_bytes last_cookie = { .p = cookie };

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_sent(const struct fake_sent *s)
{
	struct pppoe_frame f;
	struct pppoe_tags t;

	check(s->len >= 60 && s->len <= 1522);
	check(!pppoe_frame_parse(s->port, s->frame, s->len, &f));
	check(f.ethertype == PPPOE_ETH_DISCOVERY && mac_is_unicast(&f.dst));
	check(mac_equal(&f.src, &fake.port_mac) && !mac_equal(&f.dst, &fake.port_mac));
	check(f.code == 0x07 || f.code == 0x65 || f.code == 0xa7);
	check(!pppoe_tags_parse(f.payload, &t));
	check(f.code != 0x07 || (t.cookie.p && t.ac_name.p && t.service.p && !f.sid));
	check(f.code != 0x65 || (t.service.p && !f.sid == !!t.error));
	if (f.code == 0x07 && t.cookie.len <= sizeof(cookie)) {
		memcpy(cookie, t.cookie.p, t.cookie.len);
		last_cookie.len = t.cookie.len;
	}
}

/* Every packet that came is answered, waits, or has a reason to be dropped. */
static void check_counters(uint64_t inputs)
{
	const struct pppoe_stats *s = pppoe_server_stats(fake.server);
	uint64_t drops = s->drop_malformed + s->drop_bad_tag + s->drop_bad_code +
			 s->drop_not_for_us + s->drop_source_mac + s->drop_mac_filter +
			 s->drop_padi_rate + s->drop_padr_rate + s->drop_service_name +
			 s->drop_bad_cookie + s->drop_stale_cookie + s->drop_limit +
			 s->drop_pado_delay + s->drop_padt_no_session + s->drop_padt_wrong_mac +
			 s->drop_padt_rate;
	uint64_t answered = s->pado_tx + s->pads_tx + s->padt_tx + fake.ends;

	check(answered + drops + fake.server->delayed_count + fake.server->wait.count ==
	      inputs);
	check(s->pads_tx == fake.opens + s->padr_dup_rx);
	check(s->pads_error_tx <= s->drop_limit + s->drop_service_name);
}

static void input(struct rd *frame, uint16_t port)
{
	/* A copy of just its length: each octet read too far is seen. */
	size_t len = rd_left(frame);
	uint8_t *copy = malloc(len ? len : 1);

	check(copy);
	rd_copy(frame, copy, len);
	pppoe_server_input(fake.server, now, port, copy, len);
	free(copy);
}

/* A request with the tags of the input, preceded by the last cookie in a PADR. */
static void request(struct rd *tags, uint8_t code, uint8_t station)
{
	static const struct mac broadcast = { { 255, 255, 255, 255, 255, 255 } };
	struct mac src = { { 2, 0, 0, 0, 1, station } };
	struct pppoe_line line = { .port = station & 1, .svlan = station & 2 ? 0x1005 : 0 };
	uint8_t buf[PPPOE_FRAME_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	size_t len = rd_left(tags);
	const uint8_t *p = rd_bytes(tags, len);
	uint16_t sid = code == 0xa7 ? (uint16_t)(station % 8) : 0;
	struct rd frame;

	pppoe_frame_begin(&w, code == 0x09 ? &broadcast : &fake.port_mac, &src, &line,
			  PPPOE_ETH_DISCOVERY, code, sid);
	if (code == 0x19)
		pppoe_tag_put(&w, PPPOE_TAG_AC_COOKIE, cookie, last_cookie.len);
	wr_bytes(&w, p, len);
	if (pppoe_frame_end(&w, &line) < 0)
		return;
	frame = rd_init(buf, w.len);
	input(&frame, line.port);
}

static void configure(uint8_t bits)
{
	static struct pppoe_pado_delay delay[] = { { 0, 0 }, { 5, 300 }, { 9, -1 } };

	fake.config.accept_any_service = bits & 1;
	fake.config.accept_blank_service = bits & 2;
	fake.config.padi_limit = fake.config.padr_limit = bits & 4 ? 5 : 0;
	fake.config.pado_delay = delay;
	fake.config.pado_delay_count = bits & 8 ? 3 : 0;
	fake.admit_rc = bits & 16 ? -EBUSY : 0;
	fake.open_rc = (bits & 96) == 96 ? -EAGAIN : bits & 32 ? -EBUSY : bits & 64 ? -EIO : 0;
	fake.port_gone = (bits & 0xf0) == 0x80;
	fake.count = bits & 15;
}

/* One step: returns how many packets it was. */
static unsigned step(struct rd *r)
{
	uint8_t what = rd_u8(r), arg = rd_u8(r);
	struct mac m = { { 2, 0, 0, 0, 1, arg } };
	struct pppoe_line line = { .port = arg & 1 };
	size_t len = (size_t)(what & 0x3f) << (arg >> 6);
	struct rd body = rd_sub(r, rd_left(r) < len ? rd_left(r) : len);

	switch (what >> 6 | (arg & 1) << 2) {
	case 0:
		input(&body, arg);
		return 1;
	case 1:
	case 5:
		request(&body, 0x09, arg);
		return 1;
	case 2:
	case 6:
		request(&body, 0x19, arg);
		return 1;
	case 3:
		request(&body, 0xa7, arg);
		return 1;
	case 4:
		configure(arg >> 1 | (what & 1) << 7);
		return 0;
	default:
		now += (uint64_t)arg * arg * NSEC_PER_MSEC;
		wheel_run(&fake.wheel, now);
		if (fake.port_gone) /* the one thing that is not counted: there is nobody */
			return 0;
		pppoe_server_padt_unknown(fake.server, now, &line, &m, what);
		return 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	uint64_t inputs = 0;

	log_setup(0);
	now = 1000 * NSEC_PER_SEC;
	checked = 0;
	last_cookie.len = 0;
	check(!fake_setup_at(&fake, now));
	while (rd_left(&r) && inputs < 200) {
		inputs += step(&r);
		if (fake.sent_count - checked > FAKE_SENT)
			checked = fake.sent_count - FAKE_SENT;
		for (; checked != fake.sent_count; checked++)
			check_sent(&fake.sent[checked % FAKE_SENT]);
		check_counters(inputs);
	}
	fake_teardown(&fake);
	return 0;
}
