// SPDX-License-Identifier: GPL-2.0-or-later
/* Control packets that are shown: secrets are written over and nothing else, whatever their lengths
 * say; whose they are; RADIUS in IP and UDP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/wire.h"
#include "daemon/mask.h"
#include "daemon/monitor_packet.h"

#include <stdlib.h>

/* Ethernet, tags, PPPoE, and PPP from its protocol on. */
static size_t frame_of(uint8_t *buf, unsigned tags, const void *ppp, size_t len)
{
	struct wr w = wr_init(buf, 256);

	wr_bytes(&w, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	for (unsigned i = 0; i < tags; i++)
		wr_be32(&w, 0x81000064);
	wr_be16(&w, 0x8864);
	wr_be32(&w, 0x11001234);
	wr_be16(&w, (uint16_t)len);
	wr_bytes(&w, ppp, len);
	return (size_t)wr_done(&w);
}

/* With none, one and two tags: `to` instead of `from`, the rest as it was. */
static void becomes(const void *from, const void *to, size_t len)
{
	for (unsigned tags = 0; tags < 3; tags++) {
		uint8_t buf[256], want[256];
		size_t n = frame_of(buf, tags, from, len);

		frame_of(want, tags, to, len);
		mask_frame(buf, n);
		assert_memory_equal(buf, want, n);
	}
}
#define BECOMES(from, to)                                                                          \
	do {                                                                                       \
		_Static_assert(sizeof(from) == sizeof(to), "of one length");                       \
		becomes(from, to, sizeof(from) - 1);                                               \
	} while (0)

static void pap(void **state)
{
	(void)state;
	BECOMES("\xc0\x23\1\1\0\x10\5alice\5s3cr3", "\xc0\x23\1\1\0\x10\5alice\5*****");
	BECOMES("\xc0\x23\2\1\0\7\2no", "\xc0\x23\2\1\0\7\2no");
	/* a length that lies: the name's, the password's, the packet's */
	BECOMES("\xc0\x23\1\1\0\x10\xf0"
		"alice\5s3cr3",
		"\xc0\x23\1\1\0\x10\xf0***********");
	BECOMES("\xc0\x23\1\1\0\x10\5alice\xff"
		"s3cr3",
		"\xc0\x23\1\1\0\x10\5alice\xff*****");
	BECOMES("\xc0\x23\1\1\0\4\5alice\2s3cr3", "\xc0\x23\1\1\0\4\5alice\2*****");
}

static void chap(void **state)
{
	(void)state;
	BECOMES("\xc2\x23\1\1\0\xc\4abcdlac", "\xc2\x23\1\1\0\xc\4abcdlac");
	BECOMES("\xc2\x23\2\1\0\xe\4abcdalice", "\xc2\x23\2\1\0\xe\4****alice");
	BECOMES("\xc2\x23\2\1\0\xe\xf0"
		"abcdalice",
		"\xc2\x23\2\1\0\xe\xf0*********");
	BECOMES("\xc2\x23\3\1\0\x33S=0123456789012345678901234567890123456789 M=ok",
		"\xc2\x23\3\1\0\x33S=**************************************** M=ok");
	BECOMES("\xc2\x23\3\1\0\xbWelcome", "\xc2\x23\3\1\0\xbWelcome");
	BECOMES("\xc2\x23\4\1\0\x10"
		"E=691 R=1 C=",
		"\xc2\x23\4\1\0\x10"
		"E=691 R=1 C=");
	BECOMES("\xc2\x23\7\1\0\xbnewpass", "\xc2\x23\7\1\0\xb*******");
}

static void others(void **state)
{
	(void)state;
	BECOMES("\xc2\x27\2\1\0\xbwhatever", "\xc2\x27\2\1\0\xb********");
	BECOMES("\xc0\x21\1\1\0\xewhatever", "\xc0\x21\1\1\0\xewhatever");
	BECOMES("\xc0\x21\x08\1\0\x16\xc0\x23\1\1\0\x10\5alice\5s3cr3",
		"\xc0\x21\x08\1\0\x16\xc0\x23\1\1\0\x10\5alice\5*****");
	BECOMES("\x80\x21\1\1\0\xc\3\6\0\0\0\0", "\x80\x21\1\1\0\xc\3\6\0\0\0\0");
}

/* Cut off anywhere, nothing beyond the end is touched, and no password is left. */
static void truncated(void **state)
{
	uint8_t buf[256];
	size_t len = frame_of(buf, 1, "\xc0\x23\1\1\0\x10\5alice\5s3cr3", 18);

	(void)state;
	for (size_t n = 0; n <= len; n++) {
		uint8_t *copy = malloc(n + 1);

		assert_non_null(copy);
		memcpy(copy, buf, n);
		copy[n] = 0x55;
		mask_frame(copy, n);
		assert_int_equal(copy[n], 0x55);
		assert_null(memmem(copy, n, "s3", 2));
		free(copy);
	}
}

static void radius(void **state)
{
	static const char from[] = "\1\7\0\x50"
				   "AUTHENTICATORAUTH"
				   "\1\7alice\2\6pass\3\5res\x50\6mmac"
				   "\x1a\x0d\0\0\1\x37\x19\7secrt"
				   "\x1a\x0d\0\0\1\x37\x0b\7chall"
				   "\x1a\x0c\0\0\0\x09\1\6avpa"
				   "\x45\6tunl\x02\xf0rest";
	static const char to[] = "\1\7\0\x50"
				 "AUTHENTICATORAUTH"
				 "\1\7alice\2\6****\3\5***\x50\6mmac"
				 "\x1a\x0d\0\0\1\x37\x19\7*****"
				 "\x1a\x0d\0\0\1\x37\x0b\7chall"
				 "\x1a\x0c\0\0\0\x09\1\6avpa"
				 "\x45\6****\x02\xf0****";
	uint8_t buf[sizeof(from)];
	char name[MONITOR_NAME_CAP];

	(void)state;
	/* the authenticator is 16 octets: one less in front */
	memcpy(buf, from, 4);
	memcpy(buf + 4, from + 5, sizeof(from) - 5);
	mask_radius(buf, sizeof(from) - 2);
	assert_memory_equal(buf + 20, to + 21, sizeof(to) - 22);
	assert_true(monitor_radius_user(buf, sizeof(from) - 2, name));
	assert_string_equal(name, "alice");
	assert_false(monitor_radius_user(buf, 24, name));
	for (size_t n = 0; n < 24; n++)
		mask_radius(buf, n);
}

static void names_that_are_claimed(void **state)
{
	struct pppoe_frame f;
	char name[MONITOR_NAME_CAP];
	uint8_t buf[256];
	size_t len = frame_of(buf, 0, "\xc0\x23\1\1\0\xf\5alice\4pass", 17);

	(void)state;
	assert_int_equal(pppoe_frame_parse(1, buf, len, &f), 0);
	assert_true(monitor_claim(&f, name));
	assert_string_equal(name, "alice");
	len = frame_of(buf, 0, "\xc2\x23\2\1\0\xc\4abcdbob", 14);
	assert_int_equal(pppoe_frame_parse(1, buf, len, &f), 0);
	assert_true(monitor_claim(&f, name));
	assert_string_equal(name, "bob");
	len = frame_of(buf, 0, "\xc2\x23\1\1\0\xc\4abcdbob", 14); /* a challenge */
	assert_int_equal(pppoe_frame_parse(1, buf, len, &f), 0);
	assert_false(monitor_claim(&f, name));
	len = frame_of(buf, 0,
		       "\xc0\x23\1\1\0\x10\x7f"
		       "alice\4pass",
		       17);
	assert_int_equal(pppoe_frame_parse(1, buf, len, &f), 0);
	assert_false(monitor_claim(&f, name));
}

static uint16_t ones(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void radius_in_ip(void **state)
{
	struct radius_datagram g = { .from = { .b = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 1 } },
				     .to = { .b = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 2 } },
				     .from_port = 40000,
				     .to_port = 1812,
				     .p = (const uint8_t *)"radius!",
				     .len = 7 };
	uint8_t buf[128];

	(void)state;
	assert_int_equal(monitor_radius_packet(&g, buf, sizeof(buf)), 20 + 8 + 7);
	assert_int_equal(buf[0], 0x45);
	assert_int_equal(buf[3], 35);
	assert_int_equal(ones(buf, 20, 0), 0xffff);
	assert_memory_equal(buf + 12, "\xc0\0\2\1\xc0\0\2\2", 8);
	assert_memory_equal(buf + 20, "\x9c\x40\x07\x14\0\x0f\0\0radius!", 15);
	g.from = (struct ip6){ .b = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
	g.to = (struct ip6){ .b = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 } };
	assert_int_equal(monitor_radius_packet(&g, buf, sizeof(buf)), 40 + 8 + 7);
	assert_int_equal(buf[0], 0x60);
	assert_int_equal(buf[5], 15);
	assert_int_equal(buf[6], 17);
	assert_int_equal(ones(buf + 8, 32 + 15, 15 + 17), 0xffff); /* with the pseudo header */
	for (size_t cap = 0; cap < 55; cap++)
		assert_int_equal(monitor_radius_packet(&g, buf, cap), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pap),		cmocka_unit_test(chap),
		cmocka_unit_test(others),	cmocka_unit_test(truncated),
		cmocka_unit_test(radius),	cmocka_unit_test(names_that_are_claimed),
		cmocka_unit_test(radius_in_ip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
