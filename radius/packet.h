/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS packets: attributes read and written, packets signed and verified (RFC 2865 sections 3
 * and 5, RFC 2866 section 3, RFC 2869 section 5.14, RFC 5176 section 2.3). Pure.
 */
#ifndef RADIUS_PACKET_H
#define RADIUS_PACKET_H

#include "base/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RADIUS_HEADER_LEN   20
#define RADIUS_PACKET_MAX   4096
#define RADIUS_AUTH_LEN	    16
#define RADIUS_PASSWORD_MAX 128 /* RFC 2865, section 5.2 */

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT,
	RADIUS_ACCESS_REJECT,
	RADIUS_ACCOUNTING_REQUEST,
	RADIUS_ACCOUNTING_RESPONSE,
	RADIUS_ACCESS_CHALLENGE = 11,
	RADIUS_STATUS_SERVER = 12,
	RADIUS_DISCONNECT_REQUEST = 40,
	RADIUS_DISCONNECT_ACK,
	RADIUS_DISCONNECT_NAK,
	RADIUS_COA_REQUEST,
	RADIUS_COA_ACK,
	RADIUS_COA_NAK,
};

/* A packet whose length field and attribute chain are sound. */
struct radius_packet {
	uint8_t code, id;
	uint8_t auth[RADIUS_AUTH_LEN];
	const uint8_t *raw; /* all of it */
	size_t len;	    /* as its length field says; octets beyond are padding */
	struct rd attrs;
};

/* 0 or -EBADMSG. Walks the whole chain; a Vendor-Specific one has a vendor and something inside. */
int radius_packet_parse(const uint8_t *raw, size_t len, struct radius_packet *ret);

/* One attribute after the other; a Vendor-Specific one (RFC 2865, 5.26) gives its sub-attributes,
 * one after the other, with `vendor` set. False at the end. That a vendor's inside is a chain is
 * a "should" of the RFC: one that is none gives a single attribute of type 0, all its octets. */
struct radius_attr {
	uint32_t vendor; /* 0: none */
	uint8_t type;
	const uint8_t *value;
	size_t len;
};
struct radius_iter {
	struct rd outer, inner;
	uint32_t vendor;
};
void radius_iter_init(struct radius_iter *it, const struct radius_packet *p);
bool radius_iter_next(struct radius_iter *it, struct radius_attr *ret);

/* Writing: radius_begin() puts the header and, where asked, a Message-Authenticator of zeros first;
 * the finish functions patch the length and sign. `buf` has RADIUS_PACKET_MAX octets. */
void radius_begin(struct wr *w, uint8_t *buf, enum radius_code code, uint8_t id,
		  const uint8_t auth[RADIUS_AUTH_LEN], bool message_authenticator);
void radius_put(struct wr *w, uint8_t type, const void *value, size_t len); /* len 1 to 253 */
void radius_put_u32(struct wr *w, uint8_t type, uint32_t v);
void radius_put_text(struct wr *w, uint8_t type, const char *s); /* NULL, empty: nothing */
void radius_put_vendor(struct wr *w, uint32_t vendor, uint8_t type, const void *value, size_t len);
/* User-Password, hidden (RFC 2865, 5.2); at most 128 octets. */
void radius_put_password(struct wr *w, const uint8_t auth[RADIUS_AUTH_LEN], const char *secret,
			 const void *password, size_t len);
/* Access-Request, Status-Server: the authenticator is the random one. The length, or -ENOSPC. */
int radius_finish_access(struct wr *w, const char *secret);
/* Accounting-, CoA-, Disconnect-Request: the authenticator is the signature. */
int radius_finish_request(struct wr *w, const char *secret);
/* A reply to `request`. */
int radius_finish_reply(struct wr *w, const char *secret,
			const uint8_t request_auth[RADIUS_AUTH_LEN]);

/* Verification, in constant time. */
enum radius_ma {
	RADIUS_MA_NONE,
	RADIUS_MA_GOOD,
	RADIUS_MA_WRONG,
	RADIUS_MA_MALFORMED, /* more than one, or not of 16 octets */
};
/* 0, or -EBADMSG: not signed by the secret; *ret_ma is untouched then. What is signed may have a
 * Message-Authenticator: *ret_ma says of it, and a wrong or malformed one is -EBADMSG, too. A reply
 * with Proxy-State is refused (-EPROTO). Access-Request and Status-Server are signed by nothing
 * else. */
int radius_verify_reply(const struct radius_packet *reply, const char *secret,
			const uint8_t request_auth[RADIUS_AUTH_LEN], enum radius_ma *ret_ma);
int radius_verify_request(const struct radius_packet *request, const char *secret,
			  enum radius_ma *ret_ma);

#endif
