// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets: the examples of RFC 2865 section 7, every truncation, every bit of a signature. */
#include "test/unit/radius_rig.h"

#include <nettle/md5.h>

#define SECRET "xyzzy5461"

struct example {
	const char *password, *request, *reply;
};

/* Section 7.1 (PAP), 7.2 (CHAP), 7.3 (a challenge, and the reject that its answer gets). */
static const struct example examples[] = {
	{ "arctangent",
	  "01000038 0f403f9473978057bd83d5cb98f4227a 01066e656d6f "
	  "02120dbe708d93d413ce3196e43f782a0aee 0406c0a80110 050600000003",
	  "02000026 86fe220e7624ba2a1005f6bf9b55e0b2 060600000001 0f0600000000 0e06c0a80103" },
	{ NULL,
	  "01010047 2aee86f08d0d55969ca5978e0d3367a2 0108666c6f707379 "
	  "031316e97557c316185895f293ff6344077275 0406c0a80110 050600000014 060600000002 "
	  "070600000001",
	  "02010038 15efbc7dab26cfa3dc34d9c03c8601a4 060600000002 070600000001 0806fffffffe "
	  "0a0600000002 0d0600000001 0c06000005dc" },
	{ "challenge",
	  "01020039 f3a47a1f6a6d76710b947ab93041a039 01076d6f707379 "
	  "021233657573778289b570885e15084825c5 0406c0a80110 050600000007",
	  "0b02004e 36f3c8764ae8c71157403c0c71ff9c45 12304368616c6c656e67652033323736393433302e20"
	  "20456e74657220726573706f6e73652061742070726f6d70742e 180a3332373639343330" },
	{ "99101462",
	  "01030043 b122556d428a13d0d6253807c457ecf0 01076d6f707379 "
	  "0212692c1f205fc081b919b95195f561a581 0406c0a80110 050600000007 180a3332373639343330",
	  "03030014 a42f4fca45916c4e09c8340f9e746aa0" },
};

static void test_rfc2865_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		uint8_t request[128], reply[128], out[RADIUS_PACKET_MAX];
		struct radius_packet q, r;
		enum radius_ma ma = RADIUS_MA_WRONG;
		struct radius_attr a;
		struct wr w;

		assert_int_equal(radius_packet_parse(request,
						     rig_hex(e->request, request, sizeof(request)),
						     &q),
				 0);
		assert_int_equal(
			radius_packet_parse(reply, rig_hex(e->reply, reply, sizeof(reply)), &r), 0);
		assert_int_equal(radius_verify_reply(&r, SECRET, q.auth, &ma), 0);
		assert_int_equal(ma, RADIUS_MA_NONE);
		assert_int_equal(radius_verify_reply(&r, SECRET "x", q.auth, &ma), -EBADMSG);
		if (!e->password)
			continue;
		w = wr_init(out, sizeof(out));
		radius_put_password(&w, q.auth, SECRET, e->password, strlen(e->password));
		a = rig_find(&q, 0, RADIUS_ATTR_USER_PASSWORD, 0);
		assert_int_equal(wr_done(&w), a.len + 2);
		assert_memory_equal(out + 2, a.value, a.len);
	}
}

/* Longer than one block: unhidden by the rule of section 5.2, it is what it was. */
static void test_password_blocks(void **state)
{
	static const uint8_t auth[RADIUS_AUTH_LEN] = { 9 };
	char password[129];

	(void)state;
	memset(password, 'p', sizeof(password));
	for (size_t len = 0; len <= sizeof(password); len++) {
		uint8_t out[RADIUS_PACKET_MAX];
		struct wr w = wr_init(out, sizeof(out));

		radius_put_password(&w, auth, SECRET, password, len);
		if (len > 128) {
			assert_true(w.bad);
			continue;
		}
		assert_int_equal(w.len, 2 + (len <= 16 ? 16 : (len + 15) / 16 * 16));
		assert_int_equal(out[1], w.len);
	}
}

static void test_parse_lengths(void **state)
{
	uint8_t raw[RADIUS_PACKET_MAX + 8] = { 2, 1 };
	struct radius_packet p = { .code = 99 };

	(void)state;
	for (size_t n = 0; n < RADIUS_HEADER_LEN; n++) {
		raw[3] = (uint8_t)n;
		assert_int_equal(radius_packet_parse(raw, n, &p), -EBADMSG);
		assert_int_equal(radius_packet_parse(raw, sizeof(raw), &p), -EBADMSG);
	}
	assert_int_equal(p.code, 99);
	raw[3] = 20;
	assert_int_equal(radius_packet_parse(raw, 20, &p), 0);
	assert_int_equal(radius_packet_parse(raw, 25, &p), 0); /* padding */
	assert_int_equal(p.len, 20);
	assert_int_equal(rd_left(&p.attrs), 0);
	raw[3] = 21; /* half an attribute */
	assert_int_equal(radius_packet_parse(raw, 25, &p), -EBADMSG);
	for (size_t off = 20; off + 253 <= sizeof(raw); off += 253)
		raw[off] = 1, raw[off + 1] = 253;
	raw[4068] = 1, raw[4069] = 28;
	raw[2] = 16, raw[3] = 0;
	assert_int_equal(radius_packet_parse(raw, sizeof(raw), &p), 0);
	assert_int_equal(radius_packet_parse(raw, 4095, &p), -EBADMSG);
	raw[4069] = 29, raw[3] = 1;
	assert_int_equal(radius_packet_parse(raw, sizeof(raw), &p), -EBADMSG);
}

/* Every shorter length field, and every shorter datagram: refused, unless a chain ends there. */
static void test_truncations(void **state)
{
	uint8_t full[128];
	size_t len = rig_hex(examples[1].request, full, sizeof(full)), sound = 0;

	(void)state;
	for (size_t n = 0; n < len; n++) {
		uint8_t *cut = malloc(n + 1); /* so that a sanitizer sees an octet too many */
		struct radius_packet p;

		memcpy(cut, full, n);
		assert_int_equal(radius_packet_parse(cut, n, &p), -EBADMSG);
		if (n >= RADIUS_HEADER_LEN) {
			cut[2] = 0, cut[3] = (uint8_t)n;
			sound += !radius_packet_parse(cut, n, &p);
		}
		free(cut);
	}
	assert_int_equal(sound, 6); /* no attribute to five */
}

static void test_attribute_lengths(void **state)
{
	static const struct {
		const char *attrs;
		int err;
	} cases[] = {
		{ "0100", -EBADMSG },
		{ "0101", -EBADMSG },
		{ "0102", 0 },
		{ "0103", -EBADMSG },
		{ "010361", 0 },
		{ "01036101", -EBADMSG },
		{ "1a02", -EBADMSG },
		{ "1a0600000009", -EBADMSG },
		{ "1a070000000901", 0 },
		{ "1a080000000001 02", -EBADMSG },
		{ "1a08000000090102", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t raw[64] = { 2, 1 };
		struct radius_packet p;

		raw[3] = (uint8_t)(20 + rig_hex(cases[i].attrs, raw + 20, 40));
		assert_int_equal(radius_packet_parse(raw, raw[3], &p), cases[i].err);
	}
}

static void test_iterator(void **state)
{
	static const char *attrs = "010361 1a10 0000 0009 0103 62 0207 6361747a7a "
				   "1a09 000001ad 0105 63 020364";
	static const struct radius_attr expected[] = {
		{ 0, 1, (const uint8_t *)"a", 1 },
		{ 9, 1, (const uint8_t *)"b", 1 },
		{ 9, 2, (const uint8_t *)"catzz", 5 },
		{ 429, 0, (const uint8_t *)"\1\5c", 3 }, /* no chain inside */
		{ 0, 2, (const uint8_t *)"d", 1 },
	};
	uint8_t raw[64] = { 2, 1 };
	struct radius_packet p;
	struct radius_iter it;
	struct radius_attr a;
	size_t n = 0;

	(void)state;
	raw[3] = (uint8_t)(20 + rig_hex(attrs, raw + 20, 40));
	assert_int_equal(radius_packet_parse(raw, raw[3], &p), 0);
	radius_iter_init(&it, &p);
	for (; radius_iter_next(&it, &a); n++) {
		assert_int_equal(a.vendor, expected[n].vendor);
		assert_int_equal(a.type, expected[n].type);
		assert_int_equal(a.len, expected[n].len);
		assert_memory_equal(a.value, expected[n].value, a.len);
	}
	assert_int_equal(n, 5);
	assert_false(radius_iter_next(&it, &a));
}

static void test_writer_limits(void **state)
{
	static const uint8_t value[254];
	uint8_t buf[RADIUS_PACKET_MAX];
	struct wr w;

	(void)state;
	radius_begin(&w, buf, RADIUS_ACCESS_REQUEST, 1, value, true);
	radius_put_text(&w, 1, NULL);
	radius_put_text(&w, 1, "");
	assert_int_equal(radius_finish_access(&w, SECRET), 38);
	radius_put(&w, 1, value, 253);
	radius_put_vendor(&w, 9, 1, value, 247);
	assert_int_equal(radius_finish_access(&w, SECRET), 38 + 255 + 255);
	radius_put(&w, 1, value, 254);
	assert_int_equal(radius_finish_access(&w, SECRET), -ENOSPC);
	radius_begin(&w, buf, RADIUS_ACCESS_REQUEST, 1, value, true);
	radius_put_vendor(&w, 9, 1, value, 248);
	assert_int_equal(radius_finish_request(&w, SECRET), -ENOSPC);
	radius_begin(&w, buf, RADIUS_ACCESS_REQUEST, 1, value, true);
	radius_put(&w, 1, value, 0);
	assert_int_equal(radius_finish_reply(&w, SECRET, value), -ENOSPC);
	radius_begin(&w, buf, RADIUS_ACCESS_REQUEST, 1, value, true);
	for (unsigned i = 0; i < 16; i++)
		radius_put(&w, 1, value, 253);
	assert_int_equal(radius_finish_access(&w, SECRET), -ENOSPC);
}

/* --- signatures --------------------------------------------------------------------------------
 */

static const uint8_t request_auth[RADIUS_AUTH_LEN] = { 0xaa, 0xbb, 0xcc };

static size_t signed_reply(uint8_t *buf, enum radius_code code, bool ma)
{
	struct wr w;
	int len;

	radius_begin(&w, buf, code, 5, NULL, ma);
	radius_put_text(&w, RADIUS_ATTR_REPLY_MESSAGE, "hi");
	len = radius_finish_reply(&w, SECRET, request_auth);
	assert_true(len > 20);
	return (size_t)len;
}

static int verify_reply(const uint8_t *buf, size_t len, enum radius_ma *ma)
{
	struct radius_packet p;

	if (radius_packet_parse(buf, len, &p))
		return -EBADMSG;
	return radius_verify_reply(&p, SECRET, request_auth, ma);
}

/* Each bit of a reply counts. */
static void test_reply_forged(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	enum radius_ma ma;

	(void)state;
	for (unsigned with = 0; with < 2; with++) {
		size_t len = signed_reply(buf, RADIUS_ACCESS_ACCEPT, with);

		assert_int_equal(verify_reply(buf, len, &ma), 0);
		assert_int_equal(ma, with ? RADIUS_MA_GOOD : RADIUS_MA_NONE);
		for (size_t bit = 0; bit < len * 8; bit++) {
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(verify_reply(buf, len, &ma), -EBADMSG);
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* The reply's authenticator by the letter of RFC 2865, section 3: what one who knows the secret,
 * or has a collision of MD5, would send with any attributes. */
static void sign(uint8_t *buf, size_t len)
{
	struct md5_ctx md5;

	memcpy(buf + 4, request_auth, sizeof(request_auth));
	md5_init(&md5);
	md5_update(&md5, len, buf);
	md5_update(&md5, strlen(SECRET), (const uint8_t *)SECRET);
	md5_digest(&md5, RADIUS_AUTH_LEN, buf + 4);
}

static void test_reply_message_authenticator(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX + 64];
	size_t len = signed_reply(buf, RADIUS_ACCESS_ACCEPT, true);
	enum radius_ma ma = RADIUS_MA_NONE;

	(void)state;
	assert_int_equal(buf[20], RADIUS_ATTR_MESSAGE_AUTHENTICATOR); /* it goes first */
	for (size_t i = 22; i < 38; i++) {			      /* wrong, all else right */
		buf[i] ^= 1;
		sign(buf, len);
		assert_int_equal(verify_reply(buf, len, &ma), -EBADMSG);
		assert_int_equal(ma, RADIUS_MA_WRONG);
		buf[i] ^= 1;
	}
	sign(buf, len);
	assert_int_equal(verify_reply(buf, len, &ma), 0);
	assert_int_equal(ma, RADIUS_MA_GOOD);

	memcpy(buf + len, buf + 20, 18); /* a second one */
	buf[3] = (uint8_t)(len + 18);
	sign(buf, len + 18);
	assert_int_equal(verify_reply(buf, len + 18, &ma), -EBADMSG);
	assert_int_equal(ma, RADIUS_MA_MALFORMED);
	buf[5] ^= 1; /* not ours at all: then nothing is said of it */
	ma = RADIUS_MA_NONE;
	assert_int_equal(verify_reply(buf, len + 18, &ma), -EBADMSG);
	assert_int_equal(ma, RADIUS_MA_NONE);

	len = signed_reply(buf, RADIUS_ACCESS_ACCEPT, true); /* of the wrong length */
	buf[21] = 17, buf[3] = (uint8_t)(len - 1);
	memmove(buf + 37, buf + 38, len - 38);
	sign(buf, len - 1);
	assert_int_equal(verify_reply(buf, len - 1, &ma), -EBADMSG);
	assert_int_equal(ma, RADIUS_MA_MALFORMED);

	/* Taken away by one in the middle: the authenticator tells. */
	len = signed_reply(buf, RADIUS_ACCESS_ACCEPT, true);
	buf[3] = (uint8_t)(len - 18);
	memmove(buf + 20, buf + 38, len - 38);
	assert_int_equal(verify_reply(buf, len - 18, &ma), -EBADMSG);
}

/* CVE-2024-3596: the prefix of the collision hides in a Proxy-State, which we never send. */
static void test_reply_proxy_state(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	enum radius_ma ma;
	struct wr w;
	int len;

	(void)state;
	for (unsigned with = 0; with < 2; with++) {
		radius_begin(&w, buf, RADIUS_ACCESS_ACCEPT, 5, NULL, with);
		radius_put_text(&w, RADIUS_ATTR_PROXY_STATE, "x");
		len = radius_finish_reply(&w, SECRET, request_auth);
		assert_int_equal(verify_reply(buf, (size_t)len, &ma), -EPROTO);
	}
	radius_begin(&w, buf, RADIUS_ACCESS_ACCEPT, 5, NULL, false); /* not one of a vendor's */
	radius_put_vendor(&w, 9, RADIUS_ATTR_PROXY_STATE, "x", 1);
	len = radius_finish_reply(&w, SECRET, request_auth);
	assert_int_equal(verify_reply(buf, (size_t)len, &ma), 0);
}

static void test_request_signed(void **state)
{
	static const enum radius_code codes[] = { RADIUS_ACCOUNTING_REQUEST, RADIUS_COA_REQUEST,
						  RADIUS_DISCONNECT_REQUEST };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(codes) / sizeof(codes[0]); i++) {
		uint8_t buf[RADIUS_PACKET_MAX];
		struct radius_packet p;
		enum radius_ma ma;
		struct wr w;
		size_t len;

		radius_begin(&w, buf, codes[i / 2], 5, NULL, i % 2);
		radius_put_text(&w, RADIUS_ATTR_USER_NAME, "alice");
		len = (size_t)radius_finish_request(&w, SECRET);
		assert_int_equal(radius_packet_parse(buf, len, &p), 0);
		assert_int_equal(radius_verify_request(&p, SECRET, &ma), 0);
		assert_int_equal(ma, i % 2 ? RADIUS_MA_GOOD : RADIUS_MA_NONE);
		assert_int_equal(radius_verify_request(&p, "other", &ma), -EBADMSG);
		for (size_t bit = 0; bit < len * 8; bit++) {
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (!radius_packet_parse(buf, len, &p))
				assert_int_equal(radius_verify_request(&p, SECRET, &ma), -EBADMSG);
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* An Access-Request or Status-Server is signed by its Message-Authenticator or not at all. */
static void test_access_signed(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_packet p;
	enum radius_ma ma;
	struct wr w;

	(void)state;
	for (unsigned with = 0; with < 2; with++) {
		radius_begin(&w, buf, RADIUS_STATUS_SERVER, 5, request_auth, with);
		assert_int_equal(radius_finish_access(&w, SECRET), with ? 38 : 20);
		assert_memory_equal(buf + 4, request_auth, sizeof(request_auth));
		assert_int_equal(radius_packet_parse(buf, w.len, &p), 0);
		assert_int_equal(radius_verify_request(&p, SECRET, &ma), with ? 0 : -EBADMSG);
	}
	assert_int_equal(ma, RADIUS_MA_GOOD);
	buf[30] ^= 1;
	assert_int_equal(radius_verify_request(&p, SECRET, &ma), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc2865_examples),
		cmocka_unit_test(test_password_blocks),
		cmocka_unit_test(test_parse_lengths),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_attribute_lengths),
		cmocka_unit_test(test_iterator),
		cmocka_unit_test(test_writer_limits),
		cmocka_unit_test(test_reply_forged),
		cmocka_unit_test(test_reply_message_authenticator),
		cmocka_unit_test(test_reply_proxy_state),
		cmocka_unit_test(test_request_signed),
		cmocka_unit_test(test_access_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
