/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One PPP link, the network's side of it: LCP, authentication of the peer, IPCP, IPV6CP
 * (RFC 1661, 1334, 1994, 2759, 1332, 1877, 5072). It does no I/O: frames go out through
 * ops->transmit, time comes in as an argument, timers sit in the owner's wheel. It does not know
 * what carries it. A link never frees itself; after ops->finished the owner may call
 * ppp_link_fini() once the call that led there has returned.
 *
 * A frame, in and out, begins with the two-octet PPP protocol number.
 */
#ifndef PPP_PPP_H
#define PPP_PPP_H

#include "base/addr.h"
#include "base/wheel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PPP_IP	   0x0021
#define PPP_IPV6   0x0057
#define PPP_IPCP   0x8021
#define PPP_IPV6CP 0x8057
#define PPP_CCP	   0x80fd
#define PPP_LCP	   0xc021
#define PPP_PAP	   0xc023
#define PPP_CHAP   0xc223

#define PPP_NAME_MAX	  255 /* octets of a user name */
#define PPP_SECRET_MAX	  255
#define PPP_MESSAGE_MAX	  255
#define PPP_CHALLENGE_MAX 32
#define PPP_AUTH_MAX	  3
#define PPP_MRU_MIN	  128  /* smaller requests are answered with a Nak */
#define PPP_FRAME_MAX	  1502 /* protocol and 1500 octets */

/* How much we care that a network protocol comes up: accel-ppp's words. */
enum ppp_mode {
	PPP_DENY,    /* Protocol-Reject */
	PPP_ALLOW,   /* when the peer asks */
	PPP_PREFER,  /* we ask, and live without */
	PPP_REQUIRE, /* the link ends without it */
};

enum ppp_auth_method { PPP_AUTH_PAP, PPP_AUTH_CHAP_MD5, PPP_AUTH_MSCHAP_V2 };

/* Shared by all links; must outlive them. Times in ns. */
struct ppp_config {
	uint16_t mru; /* what we ask for, and the most we agree to send */
	enum ppp_auth_method auth[PPP_AUTH_MAX]; /* in the order offered */
	uint8_t auth_count;			 /* 0: no authentication */
	char name[64];				 /* ours, in CHAP challenges */
	enum ppp_mode ipv4, ipv6;		 /* the default; ppp_auth_result may narrow it */
	uint64_t restart_timer;			 /* 3 s */
	uint8_t max_configure;			 /* 10 */
	uint8_t max_terminate;			 /* 2 */
	uint8_t max_failure;			 /* 5 */
	uint64_t auth_timeout;			 /* the peer has this long to authenticate, 30 s */
	uint64_t rechallenge;			 /* CHAP repeated this often; 0 = never */
	uint64_t echo_interval;			 /* 0 = none */
	uint8_t echo_failure;			 /* unanswered requests that end the link */
	bool echo_adaptive;			 /* no request while ops->activity moves */
	uint64_t network_timeout; /* a link with no NCP open ends after this; 0 = never */
};

/* What the peer offered; pointers are valid only during the call. No name: the peer was not asked,
 * for lack of authentication, or it was by PAP and this renews its login: what it said is the
 * owner's to know. */
struct ppp_auth_request {
	enum ppp_auth_method method;
	const uint8_t *name;
	size_t name_len;
	uint8_t id;		  /* of the Challenge: CHAP-Password needs it */
	const uint8_t *challenge; /* ours; CHAP-MD5 16, MS-CHAPv2 16 octets */
	size_t challenge_len;
	const uint8_t *response; /* PAP: the password; CHAP-MD5: 16; MS-CHAPv2: 49 octets */
	size_t response_len;
};

/* The owner's answer to a ppp_auth_request, and what the link is to be told. */
struct ppp_auth_result {
	bool ok;
	char message[PPP_MESSAGE_MAX + 1]; /* to the peer; for MS-CHAPv2 "S=..." or "E=..." */
	enum ppp_mode ipv4, ipv6;
	uint32_t ip4;		  /* the peer's address, host order; 0: none, IPCP is refused */
	uint32_t gateway4;	  /* ours */
	uint32_t dns[2];	  /* 0: none */
	uint8_t ifid_local[8];	  /* ours: ::1 makes us fe80::1 */
	bool ifid_required;	  /* ifid_peer is the only one that the peer may have */
	uint8_t ifid_peer[8];	  /* suggested to a peer that asks for zero; zero: random */
	uint64_t session_timeout; /* ns; 0 = none */
	uint64_t idle_timeout;
	/* After session_timeout the link lives on by a new result (RFC 2865, 5.29): CHAP challenges
	 * the peer again. PAP has no question for the peer, so the owner is asked at once, as
	 * without authentication, and the peer notices nothing. */
	bool reauthenticate;
};

/* Why a link ended. The names are the operator's; RADIUS terminate causes map from them. */
#define PPP_CAUSES(X)                                                                              \
	X(USER_REQUEST, "user-request") /* the peer terminated LCP, or sent PADT (the owner) */    \
	X(LOST_CARRIER, "lost-carrier") /* echo unanswered */                                      \
	X(IDLE_TIMEOUT, "idle-timeout")                                                            \
	X(SESSION_TIMEOUT, "session-timeout")                                                      \
	X(ADMIN_RESET, "admin-reset")	/* the operator */                                         \
	X(ADMIN_REBOOT, "admin-reboot") /* the daemon ends */                                      \
	X(PORT_ERROR, "port-error")	/* access interface gone for good */                       \
	X(NAS_ERROR, "nas-error")	/* we ran out of something */                              \
	X(LCP_FAILED, "lcp-failed")	/* LCP did not converge, or looped back */                 \
	X(AUTH_FAILED, "auth-failed")                                                              \
	X(NCP_FAILED, "ncp-failed") /* no, or no required, network protocol */                     \
	X(QUOTA, "quota")	    /* it has carried as many octets as it may */

enum ppp_cause {
#define X(id, name) PPP_CAUSE_##id,
	PPP_CAUSES(X)
#undef X
		PPP_CAUSE_COUNT
};
const char *ppp_cause_name(enum ppp_cause cause);

enum ppp_phase { PPP_DEAD, PPP_ESTABLISH, PPP_AUTHENTICATE, PPP_NETWORK, PPP_TERMINATE };
enum ppp_layer { PPP_LAYER_LCP, PPP_LAYER_IPCP, PPP_LAYER_IPV6CP };

struct ppp_link;

struct ppp_ops {
	/* Sends the frame now; a frame that cannot be sent is lost, as on any wire. */
	void (*transmit)(struct ppp_link *l, const uint8_t *frame, size_t len);
	/* Asks who this is. Answer with ppp_link_auth_done(), now or later; a retransmitted
	 * response is not asked again. */
	void (*auth)(struct ppp_link *l, uint64_t now, const struct ppp_auth_request *req);
	/* A layer reached Opened, or left it. IPCP and IPV6CP: the family may, may not carry. */
	void (*up)(struct ppp_link *l, uint64_t now, enum ppp_layer layer);
	void (*down)(struct ppp_link *l, uint64_t now, enum ppp_layer layer);
	/* The link is over: nothing more is sent, no timer is set. Last call. */
	void (*finished)(struct ppp_link *l, uint64_t now, enum ppp_cause cause);
	/* Data packets received from the peer so far: adaptive echo and idle timeout. */
	uint64_t (*activity)(struct ppp_link *l);
	/* An echo request had no answer (rtt 0), or ppp_lcp_ping()'s has come, after so many us. May be
	 * NULL. */
	void (*echo)(struct ppp_link *l, uint64_t now, uint32_t rtt);
	/* Random octets: magic numbers, challenges, identifiers. Tests make it predictable. */
	void (*random)(void *buf, size_t len);
};

/* What every link of an owner shares. */
struct ppp_ctx {
	const struct ppp_config *config;
	const struct ppp_ops *ops;
	struct wheel *wheel;
	struct ppp_stats *stats; /* counters of what peers did wrong; ppp/stats.h */
	uint64_t deaf_at;	 /* when frames were last lost before we could read them; 0: never */
};

/* ppp/link.h has struct ppp_link (embedded in the owner's session) and its readable fields. */

/* @mru_limit: the most that the carrier takes: 1492, or more by PPP-Max-Payload (RFC 4638). */
void ppp_link_init(struct ppp_link *l, const struct ppp_ctx *ctx, uint16_t mru_limit);
void ppp_link_fini(struct ppp_link *l);		       /* cancels timers, sends nothing */
void ppp_link_start(struct ppp_link *l, uint64_t now); /* the carrier is up: LCP begins */
void ppp_link_input(struct ppp_link *l, uint64_t now, const uint8_t *frame, size_t len);
void ppp_link_auth_done(struct ppp_link *l, uint64_t now, const struct ppp_auth_result *res);
/* Ends it the polite way: Terminate-Request, then ops->finished(cause), at the latest after
 * max_terminate tries. */
void ppp_link_close(struct ppp_link *l, uint64_t now, enum ppp_cause cause);
/* Changes what the link was told at login: ns from now on; 0: none. */
void ppp_link_session_timeout(struct ppp_link *l, uint64_t now, uint64_t timeout);
void ppp_link_idle_timeout(struct ppp_link *l, uint64_t now, uint64_t timeout);
/* The carrier is gone (PADT): ops->finished(cause) at once, nothing is sent. */
void ppp_link_lost(struct ppp_link *l, uint64_t now, enum ppp_cause cause);

/* Checks a request against the secret that we know, in constant time, and fills ret->ok and
 * ret->message (nothing else of it). */
void ppp_auth_verify(const struct ppp_auth_request *req, const void *secret, size_t secret_len,
		     struct ppp_auth_result *ret);

#endif
