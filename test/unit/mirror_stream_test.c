// SPDX-License-Identifier: GPL-2.0-or-later
/* Events of a stream become pcapng: what is written is read back, block by block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/wire.h"
#include "mirror/pcapng.h"
#include "mirror/stream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ETH 14

struct event {
	struct abi_stream_head head;
	uint8_t data[ETH + 64];
};

static struct event event_of(uint32_t slot, uint32_t generation, uint16_t caplen)
{
	struct event e = {
		.head = {
			.time = 5,
			.slot = slot,
			.generation = generation,
			.len = 60,
			.caplen = caplen,
			.version = ABI_STREAM_VERSION,
			.direction = ABI_MIRROR_UP,
			.off = ETH,
		},
	};

	for (unsigned i = 0; i < sizeof(e.data); i++)
		e.data[i] = (uint8_t)i;
	return e;
}

static uint32_t at32(const struct sbuf *b, size_t at)
{
	uint32_t v;

	assert_true(at + 4 <= b->len);
	memcpy(&v, b->p + at, sizeof(v));
	return v;
}

/* Each block says its length twice, and blocks fill the buffer. How many there are. */
static unsigned blocks(const struct sbuf *b)
{
	size_t at = 0;
	unsigned n = 0;

	for (; at < b->len; n++) {
		uint32_t len = at32(b, at + 4);

		assert_int_equal(len % 4, 0);
		assert_true(len >= 12);
		assert_int_equal(at32(b, at + len - 4), len);
		at += len;
	}
	assert_int_equal(at, b->len);
	return n;
}

static void a_file(void **state)
{
	const uint8_t ip[5] = { 0x45, 1, 2, 3, 4 };
	struct pcapng_packet p = {
		.time = 0x123456789abcdef0,
		.data = ip,
		.caplen = sizeof(ip),
		.len = 1000,
		.up = false,
		.comment = "x",
	};
	struct sbuf out = { 0 };
	size_t at;

	(void)state;
	pcapng_begin(&out, "app", 1, 96);
	assert_int_equal(blocks(&out), 2);
	assert_int_equal(at32(&out, 0), 0x0a0d0d0a);
	assert_int_equal(at32(&out, 8), 0x1a2b3c4d);
	at = at32(&out, 4);
	assert_int_equal(at32(&out, at), 1);
	assert_int_equal(at32(&out, at + 8), 101);
	assert_int_equal(at32(&out, at + 12), 96);
	at = out.len;
	pcapng_packet(&out, &p);
	assert_int_equal(blocks(&out), 3);
	assert_int_equal(at32(&out, at), 6);
	assert_int_equal(at32(&out, at + 12), 0x12345678);
	assert_int_equal(at32(&out, at + 16), 0x9abcdef0);
	assert_int_equal(at32(&out, at + 20), 5);
	assert_int_equal(at32(&out, at + 24), 1000);
	assert_memory_equal(out.p + at + 28, ip, 5);
	assert_int_equal(at32(&out, at + 36), 1 | 1 << 16); /* a comment of one octet */
	assert_int_equal(at32(&out, at + 44), 2 | 4 << 16); /* flags */
	assert_int_equal(at32(&out, at + 48), 2);	    /* outbound */
	pcapng_end(&out, 1, 7, 8);
	assert_int_equal(blocks(&out), 4);
	sbuf_fini(&out);
}

/* It comes, and is written at once. */
static int event(struct stream *s, const struct event *e, size_t len, struct sbuf *out)
{
	int rc = stream_event(s, e, len);

	stream_write(s, UINT64_MAX, stream_pcapng, out);
	return rc;
}

static bool holds(const struct sbuf *b, size_t from, const char *text)
{
	return memmem(b->p + from, b->len - from, text, strlen(text));
}

/* Rings of several CPUs are read one after the other: the capture has one order. */
static void by_time_and_not_before_it(void **state)
{
	struct stream s = { 0 };
	struct sbuf out = { 0 };
	struct event e = event_of(0, 1, 60);
	size_t second;

	(void)state;
	for (uint32_t slot = 1; slot <= 4; slot++) {
		static const uint64_t times[] = { 30, 10, 40, 20 };

		e = event_of(slot, 1, 60);
		e.head.time = times[slot - 1];
		assert_int_equal(stream_event(&s, &e, sizeof(e)), 0);
	}
	stream_write(&s, 9, stream_pcapng, &out);
	assert_int_equal(out.len, 0);
	stream_write(&s, 20, stream_pcapng, &out);
	assert_int_equal(blocks(&out), 2);
	second = at32(&out, 4);
	assert_true(holds(&out, 0, "slot=2 up"));
	assert_true(holds(&out, second, "slot=4 up"));
	out.len = 0;
	e = event_of(5, 1, 60);
	e.head.time = 35;
	assert_int_equal(stream_event(&s, &e, sizeof(e)), 0);
	stream_write(&s, UINT64_MAX, stream_pcapng, &out);
	assert_int_equal(blocks(&out), 3);
	second = at32(&out, 4);
	assert_false(holds(&out, second, "slot=1 up"));
	assert_true(holds(&out, second, "slot=5 up"));
	assert_true(holds(&out, 2 * second, "slot=3 up"));
	assert_int_equal(s.received, 5);
	assert_int_equal(s.waiting_count, 0);
	stream_fini(&s);
	sbuf_fini(&out);
}

static void sessions_are_named(void **state)
{
	struct stream s = { .offset = 100 };
	struct stream_session who = { .generation = 7,
				      .sid = 42,
				      .rate_down = 50000,
				      .rate_up = 10000,
				      .username = "alice" };
	struct event e = event_of(3, 7, 60);
	struct sbuf out = { 0 };

	(void)state;
	assert_int_equal(event(&s, &e, sizeof(e), &out), 0);
	assert_true(holds(&out, 0, "slot=3 up"));
	assert_int_equal(at32(&out, 16), 105);
	assert_int_equal(stream_learn(&s, 3, &who), 0);
	out.len = 0;
	assert_int_equal(event(&s, &e, sizeof(e), &out), 0);
	assert_true(holds(&out, 0, "user=alice sid=42 up plan=50000/10000"));
	assert_memory_equal(out.p + 28, e.data + ETH, 60);
	out.len = 0;
	e.head.generation = 8; /* the slot's next owner, of whom nothing is known yet */
	assert_int_equal(event(&s, &e, sizeof(e), &out), 0);
	assert_true(holds(&out, 0, "slot=3 up"));
	assert_false(holds(&out, 0, "alice"));
	assert_int_equal(s.received, 3);
	assert_int_equal(stream_learn(&s, 1u << 24, &who), -EINVAL);
	stream_fini(&s);
	sbuf_fini(&out);
}

static void drops_have_their_reason(void **state)
{
	struct stream s = { 0 };
	struct sbuf out = { 0 };
	struct event e = event_of(3, 7, 60);
	static const uint8_t verdict[] = { 7, 0, 9, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0 };
	uint8_t tc[sizeof(verdict)];
	char text[64];

	(void)state;
	e.head.verdict = ABI_DROP_SPOOFED_IP4 + 1;
	e.head.hook = ABI_HOOK_XDP;
	assert_int_equal(event(&s, &e, sizeof(e), &out), 0);
	assert_true(holds(&out, 0, "slot=3 up drop=spoofed-ip4"));
	assert_non_null(memmem(out.p, out.len, verdict, sizeof(verdict)));
	out.len = 0;
	memcpy(tc, verdict, sizeof(tc));
	tc[4] = 1;
	tc[5] = 2;			     /* TC_ACT_SHOT */
	e.head.verdict = ABI_DROP_COUNT + 1; /* a newer brasd's */
	e.head.hook = ABI_HOOK_TC;
	assert_int_equal(event(&s, &e, sizeof(e), &out), 0);
	snprintf(text, sizeof(text), "slot=3 up drop=%d", ABI_DROP_COUNT);
	assert_true(holds(&out, 0, text));
	assert_non_null(memmem(out.p, out.len, tc, sizeof(tc)));
	assert_string_equal(stream_reason(ABI_DROP_RATE + 1), "rate");
	assert_null(stream_reason(0));
	assert_null(stream_reason(ABI_DROP_COUNT + 1));
	stream_fini(&s);
	sbuf_fini(&out);
}

/* What the daemon tells goes out among the others, on interfaces of its own. */
static void control_frames(void **state)
{
	static const uint8_t frame[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0x63, 0x11 };
	struct stream_control c = { .kind = STREAM_PPPOE,
				    .time = 4,
				    .user = "alice",
				    .sid = 9,
				    .up = true,
				    .data = frame,
				    .len = sizeof(frame) };
	struct event e = event_of(3, 7, 60);
	struct stream s = { 0 };
	struct sbuf out = { 0 };

	(void)state;
	assert_int_equal(stream_event(&s, &e, sizeof(e)), 0);
	assert_int_equal(stream_control(&s, &c), 0);
	c.kind = STREAM_RADIUS;
	c.time = 6;
	c.user = NULL;
	c.up = false;
	assert_int_equal(stream_control(&s, &c), 0);
	stream_write(&s, UINT64_MAX, stream_pcapng, &out);
	assert_int_equal(blocks(&out), 3);
	assert_true(holds(&out, 0, "user=alice sid=9 up"));
	assert_int_equal(at32(&out, 8), 1); /* the interface: Ethernet */
	assert_memory_equal(out.p + 28, frame, sizeof(frame));
	assert_int_equal(at32(&out, at32(&out, 4) + 8), 0);
	c.len = STREAM_CONTROL_MAX + 1;
	assert_int_equal(stream_control(&s, &c), -EBADMSG);
	c.len = 1;
	c.kind = STREAM_IP;
	assert_int_equal(stream_control(&s, &c), -EBADMSG);
	assert_int_equal(s.bad, 2);
	stream_fini(&s);
	sbuf_fini(&out);
}

static void what_is_none(void **state)
{
	struct stream s = { 0 };
	struct sbuf out = { 0 };
	struct event e = event_of(0, 1, 60);

	(void)state;
	for (size_t len = 0; len < sizeof(e.head) + ETH + 60; len++)
		assert_int_equal(event(&s, &e, len, &out), -EBADMSG);
	e.head.version++;
	assert_int_equal(event(&s, &e, sizeof(e), &out), -EBADMSG);
	e = event_of(0, 1, 61); /* more than there was */
	assert_int_equal(event(&s, &e, sizeof(e), &out), -EBADMSG);
	e = event_of(0, 1, 60);
	e.head.direction = 3;
	assert_int_equal(event(&s, &e, sizeof(e), &out), -EBADMSG);
	e = event_of(0, 1, 60);
	e.head.off = ABI_STREAM_OFF_MAX + 1;
	assert_int_equal(event(&s, &e, sizeof(e), &out), -EBADMSG);
	assert_int_equal(out.len, 0);
	assert_int_equal(s.received, 0);
	assert_int_equal(s.bad, sizeof(e.head) + ETH + 60 + 4);
	stream_fini(&s);
	sbuf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file),
		cmocka_unit_test(sessions_are_named),
		cmocka_unit_test(drops_have_their_reason),
		cmocka_unit_test(control_frames),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(by_time_and_not_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
