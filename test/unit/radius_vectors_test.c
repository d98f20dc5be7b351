// SPDX-License-Identifier: GPL-2.0-or-later
/* Exchanges between radclient and FreeRADIUS 3.2 (test/vectors/radius.hex): what they sign is good
 * to us, what we would have hidden is what they sent, what they say is understood. */
#include "radius/message.h"
#include "test/unit/radius_rig.h"

#define FILE_NAME "test/vectors/radius.hex"

struct exchange {
	uint8_t octets[2][RADIUS_PACKET_MAX];
	struct radius_packet request, reply;
	bool answered;
};

static void read_exchange(const char *name, struct exchange *ret)
{
	FILE *f = fopen(FILE_NAME, "re");
	char line[2 * RADIUS_PACKET_MAX + 64];
	bool found = false;

	assert_non_null(f);
	ret->answered = false;
	while (fgets(line, sizeof(line), f)) {
		char *comment = strchr(line, '#');
		bool reply = line[0] == '<';
		struct radius_packet *p = reply ? &ret->reply : &ret->request;
		size_t len;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || strcmp(comment + 2, name))
			continue;
		len = rig_hex(line + 2, ret->octets[reply], RADIUS_PACKET_MAX);
		assert_int_equal(radius_packet_parse(ret->octets[reply], len, p), 0);
		assert_int_equal(p->len, len);
		found = true;
		ret->answered |= reply;
	}
	(void)fclose(f);
	assert_true(found);
}

/* The reply is good, and is not when it, or the secret, or the request is another. */
static void check_reply(struct exchange *x, enum radius_ma expected)
{
	enum radius_ma ma = RADIUS_MA_WRONG;
	uint8_t other[RADIUS_AUTH_LEN];

	assert_true(x->answered);
	assert_int_equal(x->reply.id, x->request.id);
	assert_int_equal(radius_verify_reply(&x->reply, RIG_SECRET, x->request.auth, &ma), 0);
	assert_int_equal(ma, expected);
	assert_int_equal(radius_verify_reply(&x->reply, "testing124", x->request.auth, &ma),
			 -EBADMSG);
	memcpy(other, x->request.auth, sizeof(other));
	other[15] ^= 1;
	assert_int_equal(radius_verify_reply(&x->reply, RIG_SECRET, other, &ma), -EBADMSG);
}

static void test_pap(void **state)
{
	static const char password[] = "wonderland and a long tail"; /* two blocks */
	uint8_t hidden[64];
	struct wr w = wr_init(hidden, sizeof(hidden));
	struct exchange x;
	struct radius_reply r;
	struct radius_attr a;
	enum radius_ma ma;

	(void)state;
	read_exchange("pap accept", &x);
	assert_int_equal(radius_verify_request(&x.request, RIG_SECRET, &ma), 0);
	radius_put_password(&w, x.request.auth, RIG_SECRET, password, strlen(password));
	a = rig_find(&x.request, 0, RADIUS_ATTR_USER_PASSWORD, 0);
	assert_int_equal(a.len + 2, w.len);
	assert_memory_equal(a.value, hidden + 2, a.len);

	check_reply(&x, RADIUS_MA_NONE);
	radius_reply_parse(&x.reply, 0, rig_wants, &r);
	assert_string_equal(r.message, "Welcome home");
	assert_int_equal(r.verdict, RADIUS_ACCEPT);
	read_exchange("pap reject", &x);
	check_reply(&x, RADIUS_MA_NONE);
	radius_reply_parse(&x.reply, 0, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_REJECT);
	assert_string_equal(r.message, "Welcome home");
	assert_int_equal(r.has, 0);
}

static void test_every_attribute(void **state)
{
	struct radius_reply r;
	struct exchange x;
	char text[PREFIX_STRLEN];

	(void)state;
	read_exchange("chap accept", &x);
	check_reply(&x, RADIUS_MA_NONE);
	radius_reply_parse(&x.reply, 0, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_ACCEPT);
	assert_int_equal(r.has, 0xffff & ~(RADIUS_HAS_IP4_POOL | RADIUS_HAS_IP4_ANY));
	assert_string_equal(r.username, "alice@example.net");
	assert_int_equal(r.ip4, 0xc000020a);
	assert_int_equal(r.mtu, 1492);
	assert_string_equal(r.filter_id, "10000/2000");
	assert_int_equal(r.route4_count, 2);
	assert_string_equal(prefix4_str(text, &r.routes4[0]), "198.51.100.0/24");
	assert_string_equal(prefix4_str(text, &r.routes4[1]), "203.0.113.8/29");
	assert_string_equal(r.pool, "customers");
	assert_string_equal(r.pool6, "six");
	assert_string_equal(r.delegated_pool, "pd");
	assert_int_equal(r.class_count, 2);
	assert_int_equal(r.class[0].len, 4);
	assert_memory_equal(r.class[0].b, "\0\1\xff\0", 4);
	assert_int_equal(r.session_timeout, 86400);
	assert_int_equal(r.idle_timeout, 3600);
	assert_int_equal(r.termination_action, 1);
	assert_int_equal(r.interim, 600);
	assert_int_equal(r.port_limit, 2);
	assert_memory_equal(r.ifid, "\0\0\0\0\0\0\0\x10", 8);
	assert_string_equal(prefix6_str(text, &r.prefix6), "2001:db8:1:2::/64");
	assert_string_equal(prefix6_str(text, &r.delegated6), "2001:db8:8000:100::/56");
	assert_int_equal(r.route6_count, 1);
	assert_string_equal(prefix6_str(text, &r.routes6[0]), "2001:db8:77::/48");
	assert_string_equal(ip6_str(text, &r.address6), "2001:db8:2::10");
	assert_int_equal(r.dns6_count, 2);
	assert_string_equal(ip6_str(text, &r.dns6[1]), "2001:db8::54");
	assert_int_equal(r.dns4[0], 0xc0000235);
	assert_int_equal(r.dns4[1], 0xc0000236);
	assert_int_equal(r.speed_len, 36);
	assert_memory_equal(r.speed,
			    "\0\0\0\0\x0b\x0a"
			    "10000/2000",
			    16);
	assert_int_equal(r.quota, 0x100000005);
}

/* What PPP brings (RFC 2759 section 9.2) becomes, octet for octet, what FreeRADIUS accepted. */
static void check_mschap_request(const struct radius_packet *accepted)
{
	static const struct radius_nas nas = { .identifier = "lab" };
	uint8_t challenge[16], response[49];
	struct radius_access access = { .method = RADIUS_MSCHAP_V2,
					.line.username = "User",
					.chap_id = 1,
					.challenge = challenge,
					.challenge_len = sizeof(challenge),
					.response = response };
	struct rig g;

	rig_hex("5b5d7c7d7b3f2f3e3c2c602132262628", challenge, sizeof(challenge));
	access.response_len = rig_hex("21402324255e262a28295f2b3a337c7e 0000000000000000"
				      "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00",
				      response, sizeof(response));
	rig_begin(&g, RADIUS_ACCESS_REQUEST);
	radius_access_write(&g.w, &nas, &access, RIG_SECRET, g.buf + 4, 0);
	rig_end(&g);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t type = i ? RADIUS_MS_CHAP2_RESPONSE : RADIUS_MS_CHAP_CHALLENGE;
		struct radius_attr ours = rig_find(&g.p, RADIUS_VENDOR_MICROSOFT, type, 0);
		struct radius_attr theirs = rig_find(accepted, RADIUS_VENDOR_MICROSOFT, type, 0);

		assert_int_equal(ours.len, theirs.len);
		assert_memory_equal(ours.value, theirs.value, theirs.len);
	}
}

/* The response is RFC 2759's, so its success message is known. */
static void test_mschap(void **state)
{
	struct radius_reply r;
	struct exchange x;

	(void)state;
	read_exchange("mschap accept", &x);
	check_reply(&x, RADIUS_MA_GOOD);
	radius_reply_parse(&x.reply, 1, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_ACCEPT);
	assert_string_equal(r.message, "S=407A5589115FD0D6209F510FE9C04566932CDA56 M=hello");
	radius_reply_parse(&x.reply, 2, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_BAD);
	assert_string_equal(r.message, "MS-CHAP2-Success: of another identifier");

	check_mschap_request(&x.request);
	read_exchange("mschap reject", &x);
	check_reply(&x, RADIUS_MA_GOOD);
	radius_reply_parse(&x.reply, 1, rig_wants, &r);
	assert_int_equal(r.verdict, RADIUS_REJECT);
	assert_memory_equal(r.message, "E=691 R=", 8);
	assert_non_null(strstr(r.message, " M="));
}

/* FreeRADIUS signs an Accounting-Response's Message-Authenticator over an authenticator of zeros.
 */
static void test_accounting(void **state)
{
	struct exchange x;
	enum radius_ma ma;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		read_exchange(i ? "accounting signed" : "accounting", &x);
		assert_int_equal(radius_verify_request(&x.request, RIG_SECRET, &ma), 0);
		assert_int_equal(ma, i ? RADIUS_MA_GOOD : RADIUS_MA_NONE);
		assert_int_equal(radius_verify_request(&x.request, "x", &ma), -EBADMSG);
		check_reply(&x, RADIUS_MA_GOOD);
	}
	read_exchange("status", &x);
	assert_int_equal(radius_verify_request(&x.request, RIG_SECRET, &ma), 0);
	check_reply(&x, RADIUS_MA_NONE);
}

static void test_dae(void **state)
{
	static const struct radius_nas nas = { .identifier = "lab" };
	struct radius_dae_request q;
	struct exchange x;
	enum radius_ma ma;

	(void)state;
	read_exchange("coa", &x);
	assert_int_equal(radius_verify_request(&x.request, RIG_SECRET, &ma), 0);
	assert_int_equal(ma, RADIUS_MA_GOOD);
	assert_int_equal(radius_dae_parse(&x.request, &nas, rig_wants, &q), RADIUS_DAE_OK);
	assert_false(q.disconnect);
	assert_int_equal(q.keys, RADIUS_KEY_ACCT_ID | RADIUS_KEY_USERNAME);
	assert_int_equal(q.change.session_timeout, 60);
	assert_int_equal(q.change.speed_len, 20);
	assert_memory_equal(q.change.speed, "\0\0\x27\x47\x01\x04\0\0\x03\xe8", 10);
	assert_memory_equal(q.change.speed + 10, "\0\0\x27\x47\x02\x04\0\0\x13\x88", 10);
	assert_int_equal(q.change.class[0].len, 2);

	read_exchange("disconnect", &x);
	assert_int_equal(radius_verify_request(&x.request, RIG_SECRET, &ma), 0);
	assert_int_equal(ma, RADIUS_MA_NONE);
	assert_int_equal(radius_dae_parse(&x.request, &nas, rig_wants, &q), RADIUS_DAE_OK);
	assert_true(q.disconnect);
	assert_int_equal(q.keys, RADIUS_KEY_PREFIX6 | RADIUS_KEY_IFID | RADIUS_KEY_DELEGATED6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pap),    cmocka_unit_test(test_every_attribute),
		cmocka_unit_test(test_mschap), cmocka_unit_test(test_accounting),
		cmocka_unit_test(test_dae),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
