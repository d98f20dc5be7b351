/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link by messages: a frame is fed, the octets that come back are compared. Frames have the form
 * that Debian's pppd gives them. Time is the test's.
 */
#ifndef TEST_PPP_SCRIPT_H
#define TEST_PPP_SCRIPT_H

#include "test/unit/ppp_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct rig r;

/* "c021 01 07 0005" -> octets; blanks are for the eye. */
static inline size_t unhex(const char *s, uint8_t *ret)
{
	size_t n = 0;

	while (*s) {
		unsigned v;

		if (*s == ' ') {
			s++;
			continue;
		}
		if (sscanf(s, "%2x", &v) != 1)
			abort();
		ret[n++] = (uint8_t)v;
		s += 2;
	}
	return n;
}

static inline void feed_octets(const uint8_t *p, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);

	memcpy(exact, p, len);
	ppp_link_input(&r.link, r.now, exact, len);
	free(exact);
}

static inline void feed(const char *hex)
{
	uint8_t b[PPP_FRAME_MAX + 100];

	feed_octets(b, unhex(hex, b));
}

static inline void expect(const char *hex)
{
	uint8_t b[PPP_FRAME_MAX];
	size_t len = unhex(hex, b);
	struct rig_frame *f = &r.sent[r.tail % RIG_FRAMES];
	char got[2 * PPP_FRAME_MAX + 1] = "";

	if (r.tail == r.head)
		fail_msg("nothing was sent, want %s", hex);
	for (size_t i = 0; i < f->len; i++)
		snprintf(got + 2 * i, 3, "%02x", f->b[i]);
	r.tail++;
	if (f->len != len || memcmp(f->b, b, len))
		fail_msg("sent %s, want %s", got, hex);
}

static inline void expect_nothing(void)
{
	if (r.tail != r.head)
		fail_msg("sent %02x%02x code %u", r.sent[r.tail % RIG_FRAMES].b[0],
			 r.sent[r.tail % RIG_FRAMES].b[1], r.sent[r.tail % RIG_FRAMES].b[2]);
}

/* expect() and feed() with numbers of the link's own: identifier and magic number in place. */
static const char *fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline const char *fmt(const char *format, ...)
{
	static char buf[4][1024];
	static unsigned n;
	char *b = buf[n++ % 4];
	va_list ap;

	va_start(ap, format);
	vsnprintf(b, sizeof(buf[0]), format, ap);
	va_end(ap);
	return b;
}

#define FSM(layer) (&r.link.fsm[PPP_LAYER_##layer])
#define ID(layer)  (FSM(layer)->req_id)
#define MAGIC	   (r.link.lcp.magic)
#define PEER	   0x12345678u

static inline void expect_lcp_request(void)
{
	const char *auth = "";
	unsigned len = 14;

	if (r.config.auth_count && r.link.lcp.method == PPP_AUTH_PAP)
		auth = "0304c023", len = 18;
	else if (r.config.auth_count)
		auth = r.link.lcp.method == PPP_AUTH_CHAP_MD5 ? "0305c22305" : "0305c22381",
		len = 19;
	expect(fmt("c021 01%02x%04x 010405d4 %s 0506%08x", ID(LCP), len, auth, MAGIC));
}

static inline void ack_lcp(void)
{
	const char *auth = "";
	unsigned len = 14;

	if (r.config.auth_count && r.link.lcp.method == PPP_AUTH_PAP)
		auth = "0304c023", len = 18;
	else if (r.config.auth_count)
		auth = r.link.lcp.method == PPP_AUTH_CHAP_MD5 ? "0305c22305" : "0305c22381",
		len = 19;
	feed(fmt("c021 02%02x%04x 010405d4 %s 0506%08x", ID(LCP), len, auth, MAGIC));
}

static inline void begin(void)
{
	rig_start(&r);
	expect_lcp_request();
	expect_nothing();
}

static inline void lcp_opens(void)
{
	feed("c021 0101000e 010405d4 050612345678");
	expect("c021 0201000e 010405d4 050612345678");
	ack_lcp();
	assert_int_equal(FSM(LCP)->state, FSM_OPENED);
	assert_int_equal(r.link.phase, r.config.auth_count ? PPP_AUTHENTICATE : PPP_NETWORK);
}

static inline int fini(void **state)
{
	(void)state;
	ppp_link_fini(&r.link);
	assert_int_equal(r.wheel.armed, 0);
	return 0;
}

static inline int pap(void **state)
{
	(void)state;
	rig_seed = 4711;
	rig_init(&r);
	r.config.auth[0] = PPP_AUTH_PAP;
	r.config.auth_count = 1;
	return 0;
}

static inline int all(void **state)
{
	(void)state;
	rig_seed = 4711;
	rig_init(&r);
	return 0;
}

static inline int nobody(void **state)
{
	pap(state);
	r.config.auth_count = 0;
	return 0;
}

static inline void pap_ok(void)
{
	feed("c023 01010010 0475736572 06736563726574");
	expect("c023 0201000c 0757656c636f6d65");
	assert_int_equal(r.link.phase, PPP_NETWORK);
}

static inline void network(void)
{
	begin();
	lcp_opens();
	if (r.config.auth_count)
		pap_ok();
}

static inline void ipcp_opens(void)
{
	feed("8021 0105000a 030664400005");
	expect(fmt("8021 01%02x000a 030664400001", ID(IPCP)));
	expect("8021 0205000a 030664400005");
	feed(fmt("8021 02%02x000a 030664400001", ID(IPCP)));
	assert_int_equal(FSM(IPCP)->state, FSM_OPENED);
}

#define WITH(setup, t) cmocka_unit_test_setup_teardown(t, setup, fini)

#endif
