/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option negotiation automaton of RFC 1661 section 4: one const table, one runner, one timer.
 * It knows neither packets nor options: what an action does is its user's.
 */
#ifndef PPP_FSM_H
#define PPP_FSM_H

#include "ppp/ppp.h"

enum ppp_fsm_state {
	FSM_INITIAL,
	FSM_STARTING,
	FSM_CLOSED,
	FSM_STOPPED,
	FSM_CLOSING,
	FSM_STOPPING,
	FSM_REQ_SENT,
	FSM_ACK_RCVD,
	FSM_ACK_SENT,
	FSM_OPENED,
	FSM_STATES
};

enum ppp_fsm_event {
	FSM_UP,
	FSM_DOWN,
	FSM_OPEN,
	FSM_CLOSE,
	FSM_TO_PLUS,
	FSM_TO_MINUS,
	FSM_RCR_PLUS,
	FSM_RCR_MINUS,
	FSM_RCA,
	FSM_RCN,
	FSM_RTR,
	FSM_RTA,
	FSM_RUC,
	FSM_RXJ_PLUS,
	FSM_RXJ_MINUS,
	FSM_RXR,
	FSM_EVENTS
};

/* Actions, in the order in which the runner takes them. This-Layer-Up comes before
 * Send-Configure-Ack, so that whoever gets the Ack finds us ready. */
#define PPP_FSM_ACTIONS(X)                                                                         \
	X(IRC, irc)                                                                                \
	X(ZRC, zrc)                                                                                \
	X(TLD, tld)                                                                                \
	X(TLU, tlu) X(TLS, tls) X(SCR, scr) X(SCA, sca) X(SCN, scn) X(STR, str) X(STA, sta)        \
		X(SCJ, scj) X(SER, ser) X(TLF, tlf)

enum ppp_fsm_action_index {
#define X(id, name) FSM_INDEX_##id,
	PPP_FSM_ACTIONS(X)
#undef X
		FSM_ACTIONS
};
enum ppp_fsm_action {
#define X(id, name) FSM_##id = 1 << FSM_INDEX_##id,
	PPP_FSM_ACTIONS(X)
#undef X
};

struct ppp_fsm_cell {
	uint16_t actions;
	uint8_t next;
	bool valid; /* false: the dash of the RFC's table */
};
extern const struct ppp_fsm_cell ppp_fsm_table[FSM_EVENTS][FSM_STATES];

struct ppp_packet;
struct ppp_fsm;

/* One action; irc and zrc are the runner's own. @in: the packet that caused it, or NULL. */
typedef void ppp_fsm_fn(struct ppp_fsm *f, uint64_t now, enum ppp_fsm_action action,
			const struct ppp_packet *in);

struct ppp_fsm {
	struct timer timer; /* the Restart timer */
	const struct ppp_ctx *ctx;
	ppp_fsm_fn *action;
	uint8_t state;	      /* enum ppp_fsm_state; written by fsm.c alone */
	uint8_t restarts;     /* Restart counter: transmissions left */
	uint8_t layer : 7;    /* enum ppp_layer: for the user */
	uint8_t awaiting : 1; /* our last Configure-Request has had no valid answer yet */
	uint8_t req_id;	      /* of our last Configure-Request */
	uint8_t term_id;      /* of the last Terminate-Request or Code-Reject */
	uint8_t nak_tx;	      /* requests naked since the last Ack: Max-Failure */
	uint8_t nak_id;	      /* the last of them: its retransmissions are no failure to converge */
	uint8_t nak_rx;	      /* Naks and Rejects received since the last Ack */
};

void ppp_fsm_init(struct ppp_fsm *f, const struct ppp_ctx *ctx, enum ppp_layer layer,
		  ppp_fsm_fn *action);
void ppp_fsm_fini(struct ppp_fsm *f); /* stops the timer */

/* Goes on where another one was: state and counts of `from`, whose timer was to fire at `at` (ns).
 * Of an initialised one, whose timer is not set. No action is taken. The state must be one of the
 * table's: who reads it from octets has to see to that (ppp/freeze.c does). */
void ppp_fsm_thaw(struct ppp_fsm *f, uint64_t now, const struct ppp_fsm *from, uint64_t at);

/* Runs one event: apart from a thaw the only writer of the state. An empty cell is counted and
 * changes nothing. */
void ppp_fsm_run(struct ppp_fsm *f, uint64_t now, enum ppp_fsm_event event,
		 const struct ppp_packet *in);

const char *ppp_fsm_state_name(enum ppp_fsm_state state);

/* Will a Configure packet of the peer be looked at in this state? */
static inline bool ppp_fsm_negotiating(const struct ppp_fsm *f)
{
	return f->state == FSM_STOPPED || f->state >= FSM_REQ_SENT;
}

#endif
