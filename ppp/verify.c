// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is this the secret? PAP (RFC 1334), CHAP with MD5 (RFC 1994 section 4.1), MS-CHAPv2 (RFC 2759
 * section 8). Compared in constant time; what was made of a secret is wiped.
 */
#include "base/str.h"
#include "ppp/auth.h"

#include <nettle/des.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <stdio.h>

#define HASH_LEN 16 /* of NtPasswordHash */

static bool chap_md5(const struct ppp_auth_request *req, const void *secret, size_t len)
{
	struct md5_ctx md5;
	uint8_t digest[MD5_DIGEST_SIZE];

	md5_init(&md5);
	md5_update(&md5, 1, &req->id);
	md5_update(&md5, len, secret);
	md5_update(&md5, req->challenge_len, req->challenge);
	md5_digest(&md5, sizeof(digest), digest);
	explicit_bzero(&md5, sizeof(md5));
	return str_equal_secret(digest, sizeof(digest), req->response, req->response_len);
}

/* One character of UTF-8; an octet that is no part of one counts for itself (Latin-1). */
static uint32_t next_char(const uint8_t *s, size_t len, size_t *i)
{
	uint8_t c = s[(*i)++];
	unsigned more = c >= 0xf0 && c < 0xf8 ? 3 : c >= 0xe0 ? 2 : 1;
	uint32_t v;

	if (c < 0xc2 || c >= 0xf8 || len - *i < more)
		return c;
	v = c & (0x3fu >> more);
	for (unsigned k = 0; k < more; k++) {
		if ((s[*i + k] & 0xc0) != 0x80)
			return c;
		v = v << 6 | (s[*i + k] & 0x3f);
	}
	*i += more;
	return v;
}

/* Section 8.3: MD4 of the password in UTF-16, little endian. */
static void nt_password_hash(const uint8_t *s, size_t len, uint8_t hash[HASH_LEN])
{
	uint8_t utf16[2 * PPP_SECRET_MAX];
	struct md4_ctx md4;
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		uint32_t c = next_char(s, len, &i);
		uint32_t unit[2] = { c, 0 };
		unsigned units = 1;

		if (c > 0xffff) {
			unit[0] = 0xd800 + ((c - 0x10000) >> 10 & 0x3ff);
			unit[1] = 0xdc00 + (c & 0x3ff);
			units = 2;
		}
		for (unsigned k = 0; k < units && n + 2 <= sizeof(utf16); k++) {
			utf16[n++] = (uint8_t)unit[k];
			utf16[n++] = (uint8_t)(unit[k] >> 8);
		}
	}
	md4_init(&md4);
	md4_update(&md4, n, utf16);
	md4_digest(&md4, HASH_LEN, hash);
	explicit_bzero(utf16, sizeof(utf16));
	explicit_bzero(&md4, sizeof(md4));
}

/* Section 8.2. The name is hashed without its domain. */
static void challenge_hash(const struct ppp_auth_request *req, uint8_t hash[8])
{
	struct sha1_ctx sha;
	size_t start = 0;

	for (size_t i = 0; i < req->name_len; i++)
		if (req->name[i] == '\\')
			start = i + 1;
	sha1_init(&sha);
	sha1_update(&sha, 16, req->response);
	sha1_update(&sha, req->challenge_len, req->challenge);
	if (req->name_len > start)
		sha1_update(&sha, req->name_len - start, req->name + start);
	sha1_digest(&sha, 8, hash);
}

/* Section 8.6: seven octets become a DES key; the parity bits do not matter to nettle. */
static void des_encrypt7(const uint8_t key7[7], const uint8_t clear[8], uint8_t cipher[8])
{
	struct des_ctx des;
	uint8_t key[8];

	for (unsigned i = 0; i < 8; i++) {
		unsigned hi = i ? key7[i - 1] : 0, lo = i < 7 ? key7[i] : 0;

		key[i] = (uint8_t)((hi << (8 - i) | lo >> i) & 0xfe);
	}
	des_set_key(&des, key); /* its result speaks of weak keys only */
	des_encrypt(&des, 8, cipher, clear);
	explicit_bzero(&des, sizeof(des));
	explicit_bzero(key, sizeof(key));
}

/* Section 8.5. */
static void challenge_response(const uint8_t challenge[8], const uint8_t hash[HASH_LEN],
			       uint8_t response[24])
{
	uint8_t z[21] = { 0 };

	memcpy(z, hash, HASH_LEN);
	for (unsigned i = 0; i < 3; i++)
		des_encrypt7(z + 7 * i, challenge, response + 8 * i);
	explicit_bzero(z, sizeof(z));
}

/* Section 8.7: how we prove to the peer that we know the password too. */
static void authenticator_response(const uint8_t hash[HASH_LEN], const uint8_t nt_response[24],
				   const uint8_t challenge[8], uint8_t digest[SHA1_DIGEST_SIZE])
{
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] = "Pad to make it do more than one iteration";
	struct md4_ctx md4;
	struct sha1_ctx sha;
	uint8_t hash_hash[HASH_LEN];

	md4_init(&md4);
	md4_update(&md4, HASH_LEN, hash);
	md4_digest(&md4, sizeof(hash_hash), hash_hash);
	sha1_init(&sha);
	sha1_update(&sha, sizeof(hash_hash), hash_hash);
	sha1_update(&sha, 24, nt_response);
	sha1_update(&sha, sizeof(magic1) - 1, (const uint8_t *)magic1);
	sha1_digest(&sha, SHA1_DIGEST_SIZE, digest);
	sha1_update(&sha, SHA1_DIGEST_SIZE, digest);
	sha1_update(&sha, 8, challenge);
	sha1_update(&sha, sizeof(magic2) - 1, (const uint8_t *)magic2);
	sha1_digest(&sha, SHA1_DIGEST_SIZE, digest);
	explicit_bzero(hash_hash, sizeof(hash_hash));
	explicit_bzero(&md4, sizeof(md4));
}

static void hex(char *dst, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		snprintf(dst + 2 * i, 3, "%02X", p[i]);
}

static bool mschap_v2(const struct ppp_auth_request *req, const void *secret, size_t len,
		      char message[PPP_MESSAGE_MAX + 1])
{
	uint8_t hash[HASH_LEN], challenge[8], expect[24], digest[SHA1_DIGEST_SIZE];
	const uint8_t *nt_response = req->response + 24;
	char text[2 * SHA1_DIGEST_SIZE + 1];
	bool ok;

	nt_password_hash(secret, len, hash);
	challenge_hash(req, challenge);
	challenge_response(challenge, hash, expect);
	authenticator_response(hash, nt_response, challenge, digest);
	ok = str_equal_secret(expect, sizeof(expect), nt_response, sizeof(expect));
	if (ok) {
		hex(text, digest, sizeof(digest));
		snprintf(message, PPP_MESSAGE_MAX + 1, "S=%s M=Welcome", text);
	}
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(expect, sizeof(expect));
	return ok;
}

static bool lengths_fit(const struct ppp_auth_request *req, size_t secret_len)
{
	if (!req->name_len || req->name_len > PPP_NAME_MAX || secret_len > PPP_SECRET_MAX)
		return false;
	switch (req->method) {
	case PPP_AUTH_PAP:
		return true;
	case PPP_AUTH_CHAP_MD5:
		return req->response_len == PPP_CHAP_MD5_LEN && req->challenge_len;
	case PPP_AUTH_MSCHAP_V2:
		return req->response_len == PPP_MSCHAP_V2_LEN &&
		       req->challenge_len == PPP_CHALLENGE_LEN;
	}
	return false;
}

static void failure(const struct ppp_auth_request *req, char message[PPP_MESSAGE_MAX + 1])
{
	char challenge[2 * PPP_CHALLENGE_LEN + 1] = "";

	if (req->method != PPP_AUTH_MSCHAP_V2) {
		snprintf(message, PPP_MESSAGE_MAX + 1, "Authentication failed");
		return;
	}
	if (req->challenge_len == PPP_CHALLENGE_LEN)
		hex(challenge, req->challenge, PPP_CHALLENGE_LEN);
	snprintf(message, PPP_MESSAGE_MAX + 1, "E=691 R=0 C=%s V=3 M=Authentication failed",
		 challenge);
}

void ppp_auth_verify(const struct ppp_auth_request *req, const void *secret, size_t secret_len,
		     struct ppp_auth_result *ret)
{
	bool ok = false;

	ret->message[0] = '\0';
	if (lengths_fit(req, secret_len)) {
		switch (req->method) {
		case PPP_AUTH_PAP:
			ok = str_equal_secret(secret, secret_len, req->response, req->response_len);
			break;
		case PPP_AUTH_CHAP_MD5:
			ok = chap_md5(req, secret, secret_len);
			break;
		case PPP_AUTH_MSCHAP_V2:
			ok = mschap_v2(req, secret, secret_len, ret->message);
			break;
		}
	}
	ret->ok = ok;
	if (!ok)
		failure(req, ret->message);
	else if (!ret->message[0])
		snprintf(ret->message, sizeof(ret->message), "Welcome");
}
