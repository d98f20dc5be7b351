/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct ppp_link, to be embedded in the owner's session (PPP_LINK_SIZE_MAX octets at most). The
 * owner may read everything here and writes nothing.
 *
 * What ppp/ppp.h leaves open:
 * - With auth_count == 0 the owner is asked all the same, for addresses and modes: a request of
 *   method PPP_AUTH_PAP with name_len and response_len 0. A real request always has a name.
 * - Each ops->auth() is answered once. Where LCP began anew in between, that answer is dropped
 *   and the peer's next response waits for it, so that one name never gets another's verdict.
 * - ppp_link_lost() of a link that is already ending reports the first cause.
 * - Layers that are up get their ops->down() before ops->finished().
 */
#ifndef PPP_LINK_H
#define PPP_LINK_H

#include "base/rate.h"
#include "base/wire.h"
#include "ppp/auth.h"
#include "ppp/fsm.h"
#include "ppp/lcp.h"
#include "ppp/ncp.h"

#include <assert.h>

#define PPP_LAYERS	  3
#define PPP_LINK_SIZE_MAX 700

struct ppp_link {
	const struct ppp_ctx *ctx;
	struct ppp_fsm fsm[PPP_LAYERS]; /* by enum ppp_layer */
	struct ppp_lcp lcp;
	struct ppp_auth auth;

	struct timer limit;	   /* the next of the times below */
	uint64_t setup_deadline;   /* the phase before the network must end by then; 0: none */
	uint64_t session_deadline; /* 0: none */
	uint64_t idle_timeout;	   /* 0: none */
	uint64_t idle_since, idle_activity;
	uint64_t network_deadline; /* no family is up; 0: one is, or there is no limit */

	struct rate answers;	 /* echo replies, Code-Rejects, Protocol-Rejects */
	struct rate negotiation; /* Configure, Terminate and authentication packets heard */

	uint32_t ip4, gateway4, dns[2]; /* host order; 0: none */
	uint8_t ifid_local[8];
	uint8_t ifid_suggest[8];
	bool reauthenticate;  /* at session_deadline: asked again, not ended */
	bool ifid_required;   /* to be ifid_suggest, and no other */
	uint8_t ifid_peer[8]; /* as acknowledged; zero before */
	uint16_t mru_limit;
	uint8_t phase;		  /* enum ppp_phase */
	uint8_t cause;		  /* enum ppp_cause; PPP_CAUSE_COUNT while nothing ended it */
	bool ended;		  /* ops->finished has been called */
	bool auth_clock;	  /* setup_deadline is that of authentication */
	uint8_t up;		  /* bit n: layer n is up (ops->up was called) */
	uint8_t heard;		  /* bit n: the peer has asked for layer n since we last began it */
	uint8_t mode[PPP_LAYERS]; /* enum ppp_mode of the NCPs, as narrowed */
	uint8_t rejected[PPP_LAYERS]; /* NCPs: rows of ours that the peer rejected */
};
static_assert(sizeof(struct ppp_link) <= PPP_LINK_SIZE_MAX, "one per session, 60,000 of them");

/*
 * A link as octets, so that it outlives its process (ppp/freeze.c). Times in them are absolute: the
 * clock of `now` must be the same in both processes. -EAGAIN: the link is not in its network phase
 * with LCP open; -ENOSPC: it does not fit.
 */
#define PPP_LINK_FROZEN_MAX 480
int ppp_link_freeze(const struct ppp_link *l, struct wr *w);
/* In place of ppp_link_init() and ppp_link_start(): goes on as if nothing had happened. The owner
 * is told nothing, nothing is sent. @r: just those octets. -EBADMSG (not what freeze wrote),
 * -ENOTSUP (a newer version's): `l` is untouched. */
int ppp_link_thaw(struct ppp_link *l, const struct ppp_ctx *ctx, struct rd *r, uint64_t now);
/* Would the thaw succeed? */
int ppp_link_frozen_check(struct rd r);

/* The most that may be sent to the peer in one packet, without the protocol field. */
uint16_t ppp_link_mtu(const struct ppp_link *l);

const char *ppp_phase_name(enum ppp_phase phase);
const char *ppp_auth_name(enum ppp_auth_method method);
#endif
