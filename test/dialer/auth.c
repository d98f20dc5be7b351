// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one who is asked: PAP (RFC 1334), CHAP with MD5 (RFC 1994), MS-CHAPv2 (RFC 2759), the last
 * with a check that the concentrator knows the password, too. Password changes are left out.
 */
#include "test/dialer/dialer.h"

#include <nettle/des.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>

enum { PAP_REQ = 1, PAP_ACK, PAP_NAK };
enum { CHAP_CHALLENGE = 1, CHAP_RESPONSE, CHAP_SUCCESS, CHAP_FAILURE };

#define TEXT_MAX 256

/* RFC 2759, section 8.2: the first 8 octets of SHA-1. */
static void challenge_hash(const uint8_t auth[16], const uint8_t peer[16], const char *user,
			   size_t user_len, uint8_t ret[8])
{
	struct sha1_ctx c;

	sha1_init(&c);
	sha1_update(&c, 16, peer);
	sha1_update(&c, 16, auth);
	sha1_update(&c, user_len, (const uint8_t *)user);
	sha1_digest(&c, 8, ret);
}

/* Section 8.3. A password of ASCII: its UTF-16LE form has a zero after each octet. */
static void nt_hash(const char *password, uint8_t ret[16])
{
	struct md4_ctx c;

	md4_init(&c);
	for (const char *p = password; *p; p++) {
		uint8_t wide[2] = { (uint8_t)*p, 0 };

		md4_update(&c, 2, wide);
	}
	md4_digest(&c, 16, ret);
}

/* Section 8.6: 7 octets of key make 8, parity is not looked at. */
static void des_one(const uint8_t clear[8], const uint8_t key[7], uint8_t ret[8])
{
	struct des_ctx c;
	uint64_t bits = 0;
	uint8_t k[8];

	for (unsigned i = 0; i < 7; i++)
		bits = bits << 8 | key[i];
	for (unsigned i = 0; i < 8; i++)
		k[i] = (uint8_t)((bits >> (49 - 7 * i)) << 1);
	des_fix_parity(8, k, k);
	(void)des_set_key(&c, k); /* says that a key is weak; it is what it is */
	des_encrypt(&c, 8, ret, clear);
}

void mschap_nt_response(const uint8_t auth[16], const uint8_t peer[16], const char *user,
			size_t user_len, const char *password, uint8_t ret[24])
{
	uint8_t challenge[8], hash[21] = { 0 };

	challenge_hash(auth, peer, user, user_len, challenge);
	nt_hash(password, hash);
	for (unsigned i = 0; i < 3; i++)
		des_one(challenge, hash + 7 * i, ret + 8 * i);
}

/* Section 8.7. */
void mschap_proof(const uint8_t auth[16], const uint8_t peer[16], const char *user, size_t user_len,
		  const char *password, const uint8_t nt_response[24], uint8_t ret[20])
{
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] = "Pad to make it do more than one iteration";
	uint8_t hash[16], hash_hash[16], digest[20], challenge[8];
	struct sha1_ctx s;
	struct md4_ctx m;

	nt_hash(password, hash);
	md4_init(&m);
	md4_update(&m, 16, hash);
	md4_digest(&m, 16, hash_hash);
	sha1_init(&s);
	sha1_update(&s, 16, hash_hash);
	sha1_update(&s, 24, nt_response);
	sha1_update(&s, sizeof(magic1) - 1, (const uint8_t *)magic1);
	sha1_digest(&s, 20, digest);
	challenge_hash(auth, peer, user, user_len, challenge);
	sha1_init(&s);
	sha1_update(&s, 20, digest);
	sha1_update(&s, 8, challenge);
	sha1_update(&s, sizeof(magic2) - 1, (const uint8_t *)magic2);
	sha1_digest(&s, 20, ret);
}

static void pap_request(struct dialer *d, struct line *l)
{
	char user[TEXT_MAX], password[TEXT_MAX];
	size_t ulen = expand(user, sizeof(user), d->o.user, line_index(d, l));
	size_t plen = expand(password, sizeof(password), d->o.password, line_index(d, l));
	uint8_t buf[2 * TEXT_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_u8(&w, (uint8_t)ulen);
	wr_bytes(&w, user, ulen);
	wr_u8(&w, (uint8_t)plen);
	wr_bytes(&w, password, plen);
	ppp_packet(d, l, PROTO_PAP, PAP_REQ, ++l->auth_id, buf, w.len);
}

void auth_start(struct dialer *d, uint64_t now, struct line *l)
{
	l->deadline = now + 30 * NSEC_PER_SEC;
	if (l->auth == AUTH_PAP)
		pap_request(d, l);
}

void auth_retry(struct dialer *d, struct line *l)
{
	d->st.retransmits++;
	if (l->auth == AUTH_PAP)
		pap_request(d, l);
}

void pap_input(struct dialer *d, uint64_t now, struct line *l, struct rd r)
{
	uint8_t code, id;

	if (ppp_header(&r, &code, &id)) {
		d->st.bad_frames++;
		return;
	}
	if (l->phase != PH_AUTH || id != l->auth_id)
		return;
	if (code == PAP_ACK)
		line_auth_up(d, now, l);
	else if (code == PAP_NAK)
		line_end(d, now, l, R_AUTH_REJECTED, true);
}

static void md5_response(uint8_t id, const char *secret, size_t secret_len, struct rd challenge,
			 uint8_t ret[16])
{
	struct md5_ctx c;

	md5_init(&c);
	md5_update(&c, 1, &id);
	md5_update(&c, secret_len, (const uint8_t *)secret);
	md5_update(&c, rd_left(&challenge), challenge.p);
	md5_digest(&c, 16, ret);
}

static void on_challenge(struct dialer *d, struct line *l, uint8_t id, struct rd data)
{
	char user[TEXT_MAX], password[TEXT_MAX];
	size_t ulen = expand(user, sizeof(user), d->o.user, line_index(d, l));
	size_t plen = expand(password, sizeof(password), d->o.password, line_index(d, l));
	struct rd challenge = rd_sub(&data, rd_u8(&data));
	uint8_t response[49] = { 0 }, buf[1 + 49 + TEXT_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	uint8_t size = l->auth == AUTH_CHAP ? 16 : 49;

	if (data.bad || !rd_left(&challenge) ||
	    (l->auth == AUTH_MSCHAPV2 && rd_left(&challenge) != 16)) {
		d->st.bad_frames++;
		return;
	}
	if (l->auth == AUTH_CHAP) {
		md5_response(id, password, plen, challenge, response);
	} else {
		for (unsigned i = 0; i < 16; i++)
			response[i] = (uint8_t)dialer_random(d);
		mschap_nt_response(challenge.p, response, user, ulen, password, response + 24);
		mschap_proof(challenge.p, response, user, ulen, password, response + 24, l->proof);
	}
	l->auth_id = id;
	wr_u8(&w, size);
	wr_bytes(&w, response, size);
	wr_bytes(&w, user, ulen);
	ppp_packet(d, l, PROTO_CHAP, CHAP_RESPONSE, id, buf, w.len);
}

/* "S=" and 40 hexadecimal digits, upper case (RFC 2759, section 5). */
static bool server_proved(const struct line *l, struct rd message)
{
	static const char hex[] = "0123456789ABCDEF";
	const uint8_t *p = rd_bytes(&message, 42);

	if (!p || p[0] != 'S' || p[1] != '=')
		return false;
	for (unsigned i = 0; i < 20; i++)
		if (p[2 + 2 * i] != hex[l->proof[i] >> 4] || p[3 + 2 * i] != hex[l->proof[i] & 15])
			return false;
	return true;
}

void chap_input(struct dialer *d, uint64_t now, struct line *l, struct rd r)
{
	uint8_t code, id;

	if (ppp_header(&r, &code, &id)) {
		d->st.bad_frames++;
		return;
	}
	if (code == CHAP_CHALLENGE) {
		on_challenge(d, l, id, r);
		return;
	}
	if (id != l->auth_id)
		return;
	if (code == CHAP_FAILURE)
		line_end(d, now, l, R_AUTH_REJECTED, true);
	else if (code == CHAP_SUCCESS && l->auth == AUTH_MSCHAPV2 && !server_proved(l, r))
		line_end(d, now, l, R_AUTH_SERVER, true);
	else if (code == CHAP_SUCCESS && l->phase == PH_AUTH)
		line_auth_up(d, now, l);
}
