/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authentication of the peer: PAP (RFC 1334), CHAP (RFC 1994), MS-CHAPv2 (RFC 2759). */
#ifndef PPP_AUTH_H
#define PPP_AUTH_H

#include "ppp/packet.h"
#include "ppp/ppp.h"

#define PPP_CHALLENGE_LEN  16 /* octets of our challenges, both methods */
#define PPP_CHAP_MD5_LEN   16
#define PPP_MSCHAP_V2_LEN  49
#define PPP_MESSAGE_KEPT   224 /* octets of the result's message; what is beyond is cut */
#define PPP_CHAP_ALG_MD5   5
#define PPP_CHAP_ALG_MS_V2 0x81

enum ppp_pap_code { PPP_PAP_REQ = 1, PPP_PAP_ACK, PPP_PAP_NAK };
enum ppp_chap_code {
	PPP_CHAP_CHALLENGE = 1,
	PPP_CHAP_RESPONSE,
	PPP_CHAP_SUCCESS,
	PPP_CHAP_FAILURE
};

enum ppp_auth_state {
	PPP_AUTH_IDLE,
	PPP_AUTH_WAITING, /* for the peer */
	PPP_AUTH_ASKED,	  /* the owner, who has not answered yet */
	PPP_AUTH_DONE,	  /* the peer is who it says */
	PPP_AUTH_REFUSED,
};

struct ppp_auth {
	struct timer timer; /* repeats the challenge, or begins the next one */
	uint8_t challenge[PPP_CHALLENGE_LEN];
	uint8_t state;	  /* enum ppp_auth_state */
	uint8_t id;	  /* of the challenge; PAP: of the last request */
	uint8_t tries;	  /* challenges left to send */
	bool outstanding; /* ops->auth() was called, ppp_link_auth_done() was not */
	bool again;	  /* this is a re-challenge: the network protocols are up */
	bool renewing;	  /* session_timeout is over: the next result gives the next one */
	bool ok;	  /* the last result */
	uint8_t message_len;
	char message[PPP_MESSAGE_KEPT]; /* the last result's, for repeated requests */
};

/* Name and password, or name and response, of a packet's data. No side effect; 0 or -EBADMSG. */
struct ppp_credentials {
	const uint8_t *name, *response;
	size_t name_len, response_len;
};
int ppp_pap_parse(const uint8_t *p, size_t len, struct ppp_credentials *ret);
int ppp_chap_parse(enum ppp_auth_method method, const uint8_t *p, size_t len,
		   struct ppp_credentials *ret);

void ppp_auth_init(struct ppp_link *l);
void ppp_auth_begin(struct ppp_link *l, uint64_t now);
/* Asks once more, at the end of session_timeout. False: that is not wanted. */
bool ppp_auth_renew(struct ppp_link *l, uint64_t now);
/* Forgets a negotiation that LCP has overtaken; a question outstanding stays outstanding. */
void ppp_auth_reset(struct ppp_link *l);
/* Goes on after a restart: in DONE, or in WAITING for the answer to a challenge repeated. Its timer
 * was to fire at `at`; 0: it was not set. */
void ppp_auth_thaw(struct ppp_link *l, uint64_t now, uint64_t at);
void ppp_auth_input(struct ppp_link *l, uint64_t now, uint16_t protocol, const uint8_t *p,
		    size_t len);

#endif
