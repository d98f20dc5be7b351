/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Link Control Protocol (RFC 1661 sections 5 and 6, RFC 1570 section 1). */
#ifndef PPP_LCP_H
#define PPP_LCP_H

#include "ppp/packet.h"
#include "ppp/ppp.h"

#define PPP_MRU_DEFAULT 1500
#define PPP_LOOPS_MAX	5 /* magic numbers of our own seen until the link counts as looped back */

/* Rows of the table of options. */
enum ppp_lcp_row {
	LCP_MRU,
	LCP_AUTH,
	LCP_MAGIC,
};

struct ppp_lcp {
	struct timer echo_timer;
	uint64_t echo_sent;	/* when, ns */
	uint64_t echo_activity; /* ops->activity at the last interval */
	uint32_t echo_rtt;	/* of the last answered echo, us; 0: none yet */
	uint32_t echo_lost;	/* requests never answered, over the link's life */
	uint32_t ping_sent;	/* us, as far as they go */
	uint32_t magic, peer_magic;
	uint32_t nak_magic; /* what we proposed in our last Configure-Nak: 6.4 */
	uint16_t mru;	    /* ours, as asked for */
	uint16_t peer_mru;
	uint8_t method;	  /* enum ppp_auth_method being asked for, or agreed */
	uint8_t refused;  /* bit n: method n had a Configure-Nak */
	uint8_t rejected; /* rows that the peer rejected: not asked for again */
	uint8_t loops;
	uint8_t echo_id, echo_pending;
	uint8_t ping_id;
	bool pinging;	 /* and no answer has come */
	bool echo_off;	 /* the peer rejected the code */
	uint8_t next_id; /* of Protocol-Rejects */
};

/* Options of a Configure packet. 0 or -EBADMSG, no side effect. */
int ppp_lcp_parse(const uint8_t *p, size_t len, struct ppp_opts *ret);

struct ppp_cp;
extern const struct ppp_cp ppp_lcp_cp;

void ppp_lcp_init(struct ppp_link *l, uint16_t mru_limit);
void ppp_lcp_fini(struct ppp_link *l);
void ppp_lcp_echo_start(struct ppp_link *l, uint64_t now); /* nothing is outstanding */
/* An Echo-Request out of turn, whose answer is told by ops->echo and whose loss harms nobody. The
 * last one counts. -EAGAIN: LCP is not open; -EOPNOTSUPP: the peer has rejected Echo-Requests. */
int ppp_lcp_ping(struct ppp_link *l, uint64_t now);
void ppp_lcp_protocol_reject(struct ppp_link *l, uint64_t now, uint16_t protocol,
			     const uint8_t *info, size_t len);

#endif
