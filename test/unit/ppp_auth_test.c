// SPDX-License-Identifier: GPL-2.0-or-later
/* Published vectors and every wrong length: PAP, CHAP-MD5, MS-CHAPv2. */
#include "ppp/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* RFC 2759 section 9.2. */
static const uint8_t ms_challenge[16] = { 0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
					  0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };
static const uint8_t ms_response[49] = {
	0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a, 0x28, 0x29, 0x5f, 0x2b, 0x3a,
	0x33, 0x7c, 0x7e, 0,	0,    0,    0,	  0,	0,    0,    0,	  0x82, 0x30,
	0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83,
	0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf, 0,
};
#define MS_SUCCESS "S=407A5589115FD0D6209F510FE9C04566932CDA56"

static struct ppp_auth_request ms_request(const char *name)
{
	return (struct ppp_auth_request){ .method = PPP_AUTH_MSCHAP_V2,
					  .name = (const uint8_t *)name,
					  .name_len = strlen(name),
					  .id = 1,
					  .challenge = ms_challenge,
					  .challenge_len = 16,
					  .response = ms_response,
					  .response_len = 49 };
}

static void test_mschap_v2_vector(void **state)
{
	struct ppp_auth_request req = ms_request("User");
	struct ppp_auth_result res = { .ip4 = 77 };

	(void)state;
	ppp_auth_verify(&req, "clientPass", 10, &res);
	assert_true(res.ok);
	assert_int_equal(res.ip4, 77);
	assert_memory_equal(res.message, MS_SUCCESS, strlen(MS_SUCCESS));
	assert_memory_equal(res.message + strlen(MS_SUCCESS), " M=", 3);

	req = ms_request("DOMAIN\\User");
	ppp_auth_verify(&req, "clientPass", 10, &res);
	assert_true(res.ok);

	req = ms_request("Usex");
	ppp_auth_verify(&req, "clientPass", 10, &res);
	assert_false(res.ok);
	assert_string_equal(res.message, "E=691 R=0 C=5B5D7C7D7B3F2F3E3C2C602132262628 V=3 "
					 "M=Authentication failed");
	req = ms_request("User");
	ppp_auth_verify(&req, "clientpass", 10, &res);
	assert_false(res.ok);
}

/* Each octet of the NT-Response counts. */
static void test_mschap_v2_every_octet(void **state)
{
	(void)state;
	for (size_t i = 24; i < 48; i++) {
		uint8_t response[49];
		struct ppp_auth_request req = ms_request("User");
		struct ppp_auth_result res;

		memcpy(response, ms_response, 49);
		response[i] ^= 1;
		req.response = response;
		ppp_auth_verify(&req, "clientPass", 10, &res);
		assert_false(res.ok);
	}
}

/* MD5(01 "secret" 00 01 .. 0f), computed with coreutils' md5sum. */
static void test_chap_md5(void **state)
{
	static const uint8_t challenge[16] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	};
	static const uint8_t good[16] = { 0x74, 0x0e, 0x86, 0x46, 0x3b, 0xda, 0x3a, 0x4d,
					  0x70, 0x17, 0xd6, 0xe0, 0xfb, 0xa0, 0x69, 0x9d };
	struct ppp_auth_request req = { .method = PPP_AUTH_CHAP_MD5,
					.name = (const uint8_t *)"u",
					.name_len = 1,
					.id = 1,
					.challenge = challenge,
					.challenge_len = 16,
					.response = good,
					.response_len = 16 };
	struct ppp_auth_result res;

	(void)state;
	ppp_auth_verify(&req, "secret", 6, &res);
	assert_true(res.ok);
	req.id = 2;
	ppp_auth_verify(&req, "secret", 6, &res);
	assert_false(res.ok);
	req.id = 1;
	ppp_auth_verify(&req, "secreT", 6, &res);
	assert_false(res.ok);
	for (size_t len = 0; len < 16; len++) {
		req.response_len = len;
		ppp_auth_verify(&req, "secret", 6, &res);
		assert_false(res.ok);
	}
}

static void test_pap(void **state)
{
	struct ppp_auth_request req = { .method = PPP_AUTH_PAP,
					.name = (const uint8_t *)"u",
					.name_len = 1,
					.response = (const uint8_t *)"secret",
					.response_len = 6 };
	struct ppp_auth_result res;

	(void)state;
	ppp_auth_verify(&req, "secret", 6, &res);
	assert_true(res.ok);
	ppp_auth_verify(&req, "secrets", 7, &res);
	assert_false(res.ok);
	ppp_auth_verify(&req, "secre", 5, &res);
	assert_false(res.ok);
	req.name_len = 0;
	ppp_auth_verify(&req, "secret", 6, &res);
	assert_false(res.ok);
}

/* The longest secrets, of one to four octets a character and not UTF-8 at all: no overrun (the
 * sanitizers look), and no success. */
static void test_secrets_of_all_kinds(void **state)
{
	static const char *const unit[] = { "a",    "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
					    "\xff", "\xf0",	"\xe2\x82" };

	(void)state;
	for (size_t u = 0; u < sizeof(unit) / sizeof(unit[0]); u++) {
		for (size_t len = 0; len <= PPP_SECRET_MAX + 1; len++) {
			char *secret = malloc(len + 1); /* exact, so that a read beyond is seen */
			struct ppp_auth_request req = ms_request("User");
			struct ppp_auth_result res;

			for (size_t i = 0; i < len; i++)
				secret[i] = unit[u][i % strlen(unit[u])];
			ppp_auth_verify(&req, secret, len, &res);
			assert_false(res.ok);
			free(secret);
		}
	}
}

static void test_parsers_refuse_every_truncation(void **state)
{
	static const uint8_t pap[] = { 4, 'u', 's', 'e', 'r', 6, 's', 'e', 'c', 'r', 'e', 't' };
	uint8_t chap[1 + 49 + 4] = { 49 };
	struct ppp_credentials c;

	(void)state;
	assert_int_equal(ppp_pap_parse(pap, sizeof(pap), &c), 0);
	assert_int_equal(c.name_len, 4);
	assert_memory_equal(c.name, "user", 4);
	assert_int_equal(c.response_len, 6);
	for (size_t n = 0; n < sizeof(pap); n++)
		assert_int_equal(ppp_pap_parse(pap, n, &c), -EBADMSG);
	assert_int_equal(ppp_chap_parse(PPP_AUTH_MSCHAP_V2, chap, sizeof(chap), &c), 0);
	assert_int_equal(c.name_len, 4);
	assert_int_equal(c.response_len, 49);
	for (size_t n = 0; n < 50; n++)
		assert_int_equal(ppp_chap_parse(PPP_AUTH_MSCHAP_V2, chap, n, &c), -EBADMSG);
	assert_int_equal(ppp_chap_parse(PPP_AUTH_CHAP_MD5, chap, sizeof(chap), &c), -EBADMSG);
	chap[0] = 16;
	assert_int_equal(ppp_chap_parse(PPP_AUTH_CHAP_MD5, chap, sizeof(chap), &c), 0);
	for (size_t n = 0; n < 17; n++)
		assert_int_equal(ppp_chap_parse(PPP_AUTH_CHAP_MD5, chap, n, &c), -EBADMSG);
}

static void test_chap_name_length(void **state)
{
	uint8_t chap[17 + 256] = { 16 };
	struct ppp_credentials c;

	(void)state;
	assert_int_equal(ppp_chap_parse(PPP_AUTH_CHAP_MD5, chap, 17 + 255, &c), 0);
	assert_int_equal(c.name_len, 255);
	assert_int_equal(ppp_chap_parse(PPP_AUTH_CHAP_MD5, chap, 17 + 256, &c), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mschap_v2_vector),
		cmocka_unit_test(test_mschap_v2_every_octet),
		cmocka_unit_test(test_chap_md5),
		cmocka_unit_test(test_pap),
		cmocka_unit_test(test_secrets_of_all_kinds),
		cmocka_unit_test(test_parsers_refuse_every_truncation),
		cmocka_unit_test(test_chap_name_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
