/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pure core of the dynamic authorization server (RFC 5176): datagrams in with their source and
 * the time, answers out through a function. radius/dae_sys.c is its door to the socket.
 */
#ifndef RADIUS_DAE_H
#define RADIUS_DAE_H

#include "radius/radius.h"

#define RADIUS_DAE_WINDOW    300  /* s: how far an Event-Timestamp may be from our clock */
#define RADIUS_DAE_ANSWERS   1024 /* answers that are kept for duplicates */
#define RADIUS_DAE_LATER_MAX 64	  /* CoA requests whose outcome is not known yet */
/* How long the answer to a request without an Event-Timestamp is kept. */
#define RADIUS_DAE_LIFETIME (30 * NSEC_PER_SEC)

/* Who asked, and the way back to him. IPv4 addresses are IPv4-mapped (RFC 4291, 2.5.5.2). */
struct radius_dae_peer {
	struct ip6 addr;
	uint16_t port;
	struct ip6 via; /* our address that was asked; zero: unknown */
	uint32_t scope; /* the interface, where one of the two is link-local; else 0 */
};

/* Why a datagram got no answer: the member's name in `show radius`. */
#define RADIUS_DAE_DROPS(X)                                                                        \
	X(NOT_ALLOWED, "not-allowed")                                                              \
	X(MALFORMED, "malformed")                                                                  \
	X(BAD_CODE, "bad-code")                                                                    \
	X(BAD_AUTHENTICATOR, "bad-authenticator")                                                  \
	X(BAD_MESSAGE_AUTHENTICATOR, "bad-message-authenticator")                                  \
	X(MALFORMED_MESSAGE_AUTHENTICATOR, "malformed-message-authenticator")                      \
	X(NO_MESSAGE_AUTHENTICATOR, "no-message-authenticator")                                    \
	X(BAD_EVENT_TIMESTAMP, "bad-event-timestamp")                                              \
	X(NO_EVENT_TIMESTAMP, "no-event-timestamp")                                                \
	X(NO_ROOM, "no-room")                                                                      \
	X(SEND_FAILED, "send-failed")

#define X(name, text) RADIUS_DAE_DROP_##name,
enum radius_dae_drop { RADIUS_DAE_DROPS(X) RADIUS_DAE_DROP_COUNT };
#undef X

struct radius_dae_stats {
	uint64_t disconnect_requests, disconnect_acks, disconnect_naks;
	uint64_t coa_requests, coa_acks, coa_naks;
	uint64_t duplicates; /* not counted among the requests; answered again unless they wait */
	uint64_t unknown_tickets; /* late answers to what does not wait (any more) */
	uint64_t drop[RADIUS_DAE_DROP_COUNT];
};

struct radius_dae_core;

/* @send: 0 or -errno; called from within radius_dae_core_input() and radius_dae_core_answer(). The
 * configuration is copied, but for `address` and `port`, which are the door's. */
int radius_dae_core_new(struct radius_dae_core **ret, const struct radius_dae_config *c,
			int (*send)(void *arg, const struct radius_dae_peer *to, const uint8_t *p,
				    size_t len),
			void *arg, char *why, size_t why_len);
void radius_dae_core_free(struct radius_dae_core *d);

/* @wall: s since 1970. */
void radius_dae_core_input(struct radius_dae_core *d, uint64_t now, uint64_t wall,
			   const struct radius_dae_peer *from, const uint8_t *raw, size_t len);
/* As radius_dae_answer(). */
void radius_dae_core_answer(struct radius_dae_core *d, uint64_t now, uint64_t ticket,
			    enum radius_error_cause cause);

const struct radius_dae_stats *radius_dae_core_stats(const struct radius_dae_core *d);
void radius_dae_core_show(const struct radius_dae_core *d, struct json *j);

/* The text of an address as the configuration has it, as a peer's. 0 or -EINVAL. */
int radius_dae_address(const char *s, struct ip6 *ret);

#endif
