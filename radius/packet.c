// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RADIUS packets: the chain of attributes read and written, packets signed and verified.
 *
 * RFC 2865 sections 3 (header), 5 (attributes), 5.2 (User-Password), 5.26 (Vendor-Specific);
 * RFC 2866 section 3 (request authenticator); RFC 2869 section 5.14 (Message-Authenticator);
 * RFC 5176 section 2.3 and 3.4; RFC 5997 (Status-Server). CVE-2024-3596: Message-Authenticator
 * goes first, a reply with a Proxy-State that was never sent is refused.
 *
 * Left out: EAP, tagged and encrypted attributes, extended ones (RFC 6929), RADIUS over TLS.
 */
#include "radius/packet.h"

#include "base/str.h"
#include "radius/attr.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>

#define VALUE_MAX   253
#define VENDOR_HEAD 6 /* vendor, its type, its length */
#define MA_LEN	    16

/* RFC 2865, 5.26: the inside "should" be a chain of vendor type, vendor length, value. */
static bool is_chain(struct rd r)
{
	while (rd_left(&r)) {
		size_t len;

		rd_u8(&r);
		len = rd_u8(&r);
		if (len < 2)
			return false;
		rd_skip(&r, len - 2);
	}
	return !r.bad;
}

/* The next attribute of a chain; false at its end, or where it is broken (r->bad). */
static bool next_tlv(struct rd *r, uint8_t *ret_type, struct rd *ret_value)
{
	size_t len;

	if (!rd_left(r))
		return false;
	*ret_type = rd_u8(r);
	len = rd_u8(r);
	if (len < 2) {
		r->bad = true;
		return false;
	}
	*ret_value = rd_sub(r, len - 2);
	return !r->bad;
}

int radius_packet_parse(const uint8_t *raw, size_t len, struct radius_packet *ret)
{
	struct rd r = rd_init(raw, len), chain, value;
	struct radius_packet p = { .raw = raw };
	uint8_t type;

	p.code = rd_u8(&r);
	p.id = rd_u8(&r);
	p.len = rd_be16(&r);
	rd_copy(&r, p.auth, sizeof(p.auth));
	/* Section 3: octets beyond Length are padding, a packet shorter than it is dropped. */
	if (r.bad || p.len < RADIUS_HEADER_LEN || p.len > RADIUS_PACKET_MAX || p.len > len)
		return -EBADMSG;
	p.attrs = rd_init(raw + RADIUS_HEADER_LEN, p.len - RADIUS_HEADER_LEN);

	chain = p.attrs;
	while (next_tlv(&chain, &type, &value)) {
		if (type != RADIUS_ATTR_VENDOR_SPECIFIC)
			continue;
		/* A vendor and at least one octet. Vendor 0 would pass for a standard attribute. */
		if (rd_left(&value) < 5 || !rd_be32(&value))
			return -EBADMSG;
	}
	if (chain.bad)
		return -EBADMSG;
	*ret = p;
	return 0;
}

void radius_iter_init(struct radius_iter *it, const struct radius_packet *p)
{
	*it = (struct radius_iter){ .outer = p->attrs };
}

bool radius_iter_next(struct radius_iter *it, struct radius_attr *ret)
{
	struct rd value;
	uint8_t type;

	if (next_tlv(&it->inner, &type, &value)) {
		*ret = (struct radius_attr){ it->vendor, type, value.p, rd_left(&value) };
		return true;
	}
	if (!next_tlv(&it->outer, &type, &value))
		return false;
	if (type != RADIUS_ATTR_VENDOR_SPECIFIC) {
		*ret = (struct radius_attr){ 0, type, value.p, rd_left(&value) };
		return true;
	}
	it->vendor = rd_be32(&value);
	if (!is_chain(value)) {
		*ret = (struct radius_attr){ it->vendor, 0, value.p, rd_left(&value) };
		return true;
	}
	it->inner = value;
	return radius_iter_next(it, ret);
}

void radius_begin(struct wr *w, uint8_t *buf, enum radius_code code, uint8_t id,
		  const uint8_t auth[RADIUS_AUTH_LEN], bool message_authenticator)
{
	*w = wr_init(buf, RADIUS_PACKET_MAX);
	wr_u8(w, (uint8_t)code);
	wr_u8(w, id);
	wr_be16(w, 0);
	if (auth)
		wr_bytes(w, auth, RADIUS_AUTH_LEN);
	else
		wr_zero(w, RADIUS_AUTH_LEN);
	if (message_authenticator) {
		wr_u8(w, RADIUS_ATTR_MESSAGE_AUTHENTICATOR);
		wr_u8(w, 2 + MA_LEN);
		wr_zero(w, MA_LEN);
	}
}

/* Section 5: an attribute without a value is not sent at all. */
void radius_put(struct wr *w, uint8_t type, const void *value, size_t len)
{
	if (!len || len > VALUE_MAX) {
		w->bad = true;
		return;
	}
	wr_u8(w, type);
	wr_u8(w, (uint8_t)(2 + len));
	wr_bytes(w, value, len);
}

void radius_put_u32(struct wr *w, uint8_t type, uint32_t v)
{
	wr_u8(w, type);
	wr_u8(w, 6);
	wr_be32(w, v);
}

void radius_put_text(struct wr *w, uint8_t type, const char *s)
{
	if (s && *s)
		radius_put(w, type, s, strlen(s));
}

void radius_put_vendor(struct wr *w, uint32_t vendor, uint8_t type, const void *value, size_t len)
{
	if (!len || len > VALUE_MAX - VENDOR_HEAD) {
		w->bad = true;
		return;
	}
	wr_u8(w, RADIUS_ATTR_VENDOR_SPECIFIC);
	wr_u8(w, (uint8_t)(2 + VENDOR_HEAD + len));
	wr_be32(w, vendor);
	wr_u8(w, type);
	wr_u8(w, (uint8_t)(2 + len));
	wr_bytes(w, value, len);
}

/* c(1) = p(1) xor MD5(secret, authenticator), c(i) = p(i) xor MD5(secret, c(i-1)). */
void radius_put_password(struct wr *w, const uint8_t auth[RADIUS_AUTH_LEN], const char *secret,
			 const void *password, size_t len)
{
	size_t padded = len ? (len + 15) / 16 * 16 : 16;
	uint8_t c[RADIUS_PASSWORD_MAX] = { 0 }, b[MD5_DIGEST_SIZE];
	const uint8_t *previous = auth;
	struct md5_ctx md5;

	if (len > RADIUS_PASSWORD_MAX) {
		w->bad = true;
		return;
	}
	if (len)
		memcpy(c, password, len);
	md5_init(&md5);
	for (size_t off = 0; off < padded; off += sizeof(b)) {
		md5_update(&md5, strlen(secret), (const uint8_t *)secret);
		md5_update(&md5, RADIUS_AUTH_LEN, previous);
		md5_digest(&md5, sizeof(b), b); /* and begins anew */
		for (size_t i = 0; i < sizeof(b); i++)
			c[off + i] ^= b[i];
		previous = c + off;
	}
	radius_put(w, RADIUS_ATTR_USER_PASSWORD, c, padded);
	explicit_bzero(b, sizeof(b));
	explicit_bzero(&md5, sizeof(md5));
}

/* --- signatures ------------------------------------------------------------------------------ */

/* Where the Message-Authenticator's value stands in a sound chain: 0 when there is none, or
 * -EBADMSG when it is not alone or not of 16 octets. */
static int ma_offset(const uint8_t *raw, size_t len)
{
	struct rd r = rd_init(raw + RADIUS_HEADER_LEN, len - RADIUS_HEADER_LEN), value;
	int off = 0;
	uint8_t type;

	while (next_tlv(&r, &type, &value)) {
		if (type != RADIUS_ATTR_MESSAGE_AUTHENTICATOR)
			continue;
		if (off || rd_left(&value) != MA_LEN)
			return -EBADMSG;
		off = (int)(value.p - raw);
	}
	return off;
}

/* HMAC-MD5 over the packet, with this authenticator in its header and zeros at `off`. */
static void ma_compute(const uint8_t *raw, size_t len, size_t off, const char *secret,
		       const uint8_t auth[RADIUS_AUTH_LEN], uint8_t ret[MA_LEN])
{
	static const uint8_t zero[MA_LEN];
	struct hmac_md5_ctx hmac;

	hmac_md5_set_key(&hmac, strlen(secret), (const uint8_t *)secret);
	hmac_md5_update(&hmac, 4, raw);
	hmac_md5_update(&hmac, RADIUS_AUTH_LEN, auth);
	hmac_md5_update(&hmac, off - RADIUS_HEADER_LEN, raw + RADIUS_HEADER_LEN);
	hmac_md5_update(&hmac, MA_LEN, zero);
	hmac_md5_update(&hmac, len - off - MA_LEN, raw + off + MA_LEN);
	hmac_md5_digest(&hmac, MA_LEN, ret);
	explicit_bzero(&hmac, sizeof(hmac));
}

/* MD5 over the packet, with this authenticator in its header, and the secret. */
static void signature(const uint8_t *raw, size_t len, const char *secret,
		      const uint8_t auth[RADIUS_AUTH_LEN], uint8_t ret[RADIUS_AUTH_LEN])
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, 4, raw);
	md5_update(&md5, RADIUS_AUTH_LEN, auth);
	md5_update(&md5, len - RADIUS_HEADER_LEN, raw + RADIUS_HEADER_LEN);
	md5_update(&md5, strlen(secret), (const uint8_t *)secret);
	md5_digest(&md5, RADIUS_AUTH_LEN, ret);
	explicit_bzero(&md5, sizeof(md5));
}

static bool equal16(const uint8_t *a, const uint8_t *b)
{
	return str_equal_secret(a, 16, b, 16);
}

/* Patches the length and, where there is a place for it, the Message-Authenticator. */
static int finish(struct wr *w, const char *secret, const uint8_t ma_auth[RADIUS_AUTH_LEN])
{
	int off;

	wr_patch_be16(w, 2, w->len);
	if (w->bad)
		return -ENOSPC;
	off = ma_offset(w->buf, w->len);
	if (off > 0)
		ma_compute(w->buf, w->len, (size_t)off, secret, ma_auth, w->buf + off);
	return off < 0 ? off : (int)w->len;
}

static const uint8_t no_auth[RADIUS_AUTH_LEN];

int radius_finish_access(struct wr *w, const char *secret)
{
	return finish(w, secret, w->buf + 4);
}

/* RFC 5176, 3.4: both count as zeros for the Message-Authenticator, which is made first. */
int radius_finish_request(struct wr *w, const char *secret)
{
	int len = finish(w, secret, no_auth);

	if (len > 0)
		signature(w->buf, (size_t)len, secret, no_auth, w->buf + 4);
	return len;
}

int radius_finish_reply(struct wr *w, const char *secret,
			const uint8_t request_auth[RADIUS_AUTH_LEN])
{
	int len = finish(w, secret, request_auth);

	if (len > 0)
		signature(w->buf, (size_t)len, secret, request_auth, w->buf + 4);
	return len;
}

static int ma_check(const struct radius_packet *p, const char *secret,
		    const uint8_t auth[RADIUS_AUTH_LEN], enum radius_ma *ret)
{
	int off = ma_offset(p->raw, p->len);
	uint8_t ma[MA_LEN];

	*ret = off < 0 ? RADIUS_MA_MALFORMED : RADIUS_MA_NONE;
	if (off <= 0)
		return off;
	ma_compute(p->raw, p->len, (size_t)off, secret, auth, ma);
	*ret = equal16(ma, p->raw + off) ? RADIUS_MA_GOOD : RADIUS_MA_WRONG;
	return *ret == RADIUS_MA_GOOD ? 0 : -EBADMSG;
}

static bool has_attr(const struct radius_packet *p, uint8_t wanted)
{
	struct rd r = p->attrs, value;
	uint8_t type;

	while (next_tlv(&r, &type, &value))
		if (type == wanted)
			return true;
	return false;
}

int radius_verify_reply(const struct radius_packet *reply, const char *secret,
			const uint8_t request_auth[RADIUS_AUTH_LEN], enum radius_ma *ret_ma)
{
	uint8_t auth[RADIUS_AUTH_LEN];
	int err;

	signature(reply->raw, reply->len, secret, request_auth, auth);
	if (!equal16(auth, reply->auth))
		return -EBADMSG;
	err = ma_check(reply, secret, request_auth, ret_ma);
	/* FreeRADIUS 3.2 makes an Accounting-Response's with zeros; no RFC says how. The reply is
	 * tied to the request by its authenticator already. */
	if (err && reply->code == RADIUS_ACCOUNTING_RESPONSE)
		err = ma_check(reply, secret, no_auth, ret_ma);
	if (err)
		return err;
	return has_attr(reply, RADIUS_ATTR_PROXY_STATE) ? -EPROTO : 0;
}

int radius_verify_request(const struct radius_packet *request, const char *secret,
			  enum radius_ma *ret_ma)
{
	bool access =
		request->code == RADIUS_ACCESS_REQUEST || request->code == RADIUS_STATUS_SERVER;
	uint8_t auth[RADIUS_AUTH_LEN];
	enum radius_ma ma = RADIUS_MA_NONE;
	int err;

	if (!access) {
		signature(request->raw, request->len, secret, no_auth, auth);
		if (!equal16(auth, request->auth))
			return -EBADMSG;
		return ma_check(request, secret, no_auth, ret_ma);
	}
	/* Their authenticator is random: nothing but a Message-Authenticator signs them. */
	err = ma_check(request, secret, request->auth, &ma);
	if (!err && ma == RADIUS_MA_NONE)
		return -EBADMSG;
	*ret_ma = ma;
	return err;
}
