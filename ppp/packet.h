/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of LCP's form (RFC 1661 section 5) and their options (section 6): parsing without side
 * effects, and writing. Which options there are is a table of rows per protocol.
 */
#ifndef PPP_PACKET_H
#define PPP_PACKET_H

#include "base/wire.h"

enum ppp_code {
	PPP_CONF_REQ = 1,
	PPP_CONF_ACK,
	PPP_CONF_NAK,
	PPP_CONF_REJ,
	PPP_TERM_REQ,
	PPP_TERM_ACK,
	PPP_CODE_REJ,
	PPP_PROTO_REJ,
	PPP_ECHO_REQ,
	PPP_ECHO_REP,
	PPP_DISCARD,
	PPP_IDENT,     /* RFC 1570 */
	PPP_REMAINING, /* RFC 1570 */
};

#define PPP_PACKET_HEADER 4
#define PPP_DATA_MAX	  (1500 - PPP_PACKET_HEADER)

/* Code, identifier, and what the length field covers of the rest. */
struct ppp_packet {
	uint8_t code, id;
	const uint8_t *data;
	size_t len;
	/* Not of the wire: what the automaton is to answer a Configure-Request with. */
	uint8_t reply_code;
	const uint8_t *reply;
	size_t reply_len;
};

/* 0; -EMSGSIZE: no room for a header; -EBADMSG: the length field is wrong. Octets beyond the
 * length are padding (section 5). */
int ppp_packet_parse(const uint8_t *p, size_t len, struct ppp_packet *ret);

/* The values of all options that any of our protocols negotiates, in host order. Bit n of a mask
 * is row n of the protocol's table. */
struct ppp_opts {
	uint16_t seen;	     /* rows present, with a length that the row allows */
	uint16_t bad_length; /* rows present with another length */
	uint16_t mru, auth;
	uint8_t auth_alg;
	uint32_t magic;
	uint32_t ip4, dns[2];
	uint8_t ifid[8];
};

struct ppp_option {
	uint8_t type;
	uint8_t min, max;				       /* octets of the value */
	void (*parse)(struct rd *value, struct ppp_opts *ret); /* NULL: always rejected */
	void (*write)(struct wr *w, const struct ppp_opts *opts);
	const char *name;
};

struct ppp_option_table {
	const struct ppp_option *row;
	unsigned count;
};

/* What we think of a Configure-Request: masks of rows. Rows without a parser and types without a
 * row are rejected anyway. */
struct ppp_verdict {
	uint16_t nak, reject;
	uint16_t append;      /* absent from the request, to be added to a Configure-Nak */
	struct ppp_opts want; /* values for the Nak */
};

/* 0, or -EBADMSG: the options do not fill the packet exactly, or one stands there twice. */
int ppp_options_parse(const struct ppp_option_table *t, const uint8_t *p, size_t len,
		      struct ppp_opts *ret);
void ppp_options_write(const struct ppp_option_table *t, struct wr *w, uint16_t mask,
		       const struct ppp_opts *opts);
/* Writes the options of the answer to a request that has been parsed. Returns its code. */
enum ppp_code ppp_options_answer(const struct ppp_option_table *t, const uint8_t *p, size_t len,
				 const struct ppp_verdict *v, struct wr *w);
/* Is every option of `p`, octet by octet, one of `ours`? Both well formed. Gives the rows. */
bool ppp_options_subset(const struct ppp_option_table *t, const uint8_t *p, size_t len,
			const uint8_t *ours, size_t ours_len, uint16_t *ret_rows);

#endif
