// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RFC 1661 sections 4.1 to 4.6. Not taken: the passive option [p] and the restart option [r].
 *
 * One deviation: where Opened is left for another negotiation (cells with tld and scr) the
 * Restart counter starts afresh. The RFC has no irc there, so that the counter would be whatever
 * the last negotiation left, down to none.
 */
#include "ppp/fsm.h"
#include "ppp/stats.h"

#define GO(state, what)                                                                            \
	{                                                                                          \
		.next = FSM_##state, .actions = (what), .valid = true                              \
	}
#define IRC FSM_IRC
#define ZRC FSM_ZRC
#define TLD FSM_TLD
#define TLU FSM_TLU
#define TLS FSM_TLS
#define TLF FSM_TLF
#define SCR FSM_SCR
#define SCA FSM_SCA
#define SCN FSM_SCN
#define STR FSM_STR
#define STA FSM_STA
#define SCJ FSM_SCJ
#define SER FSM_SER

/* clang-format off */
const struct ppp_fsm_cell ppp_fsm_table[FSM_EVENTS][FSM_STATES] = {
	[FSM_UP] = {
		[FSM_INITIAL]  = GO(CLOSED, 0),
		[FSM_STARTING] = GO(REQ_SENT, IRC | SCR),
	},
	[FSM_DOWN] = {
		[FSM_CLOSED]   = GO(INITIAL, 0),
		[FSM_STOPPED]  = GO(STARTING, TLS),
		[FSM_CLOSING]  = GO(INITIAL, 0),
		[FSM_STOPPING] = GO(STARTING, 0),
		[FSM_REQ_SENT] = GO(STARTING, 0),
		[FSM_ACK_RCVD] = GO(STARTING, 0),
		[FSM_ACK_SENT] = GO(STARTING, 0),
		[FSM_OPENED]   = GO(STARTING, TLD),
	},
	[FSM_OPEN] = {
		[FSM_INITIAL]  = GO(STARTING, TLS),
		[FSM_STARTING] = GO(STARTING, 0),
		[FSM_CLOSED]   = GO(REQ_SENT, IRC | SCR),
		[FSM_STOPPED]  = GO(STOPPED, 0),
		[FSM_CLOSING]  = GO(STOPPING, 0),
		[FSM_STOPPING] = GO(STOPPING, 0),
		[FSM_REQ_SENT] = GO(REQ_SENT, 0),
		[FSM_ACK_RCVD] = GO(ACK_RCVD, 0),
		[FSM_ACK_SENT] = GO(ACK_SENT, 0),
		[FSM_OPENED]   = GO(OPENED, 0),
	},
	[FSM_CLOSE] = {
		[FSM_INITIAL]  = GO(INITIAL, 0),
		[FSM_STARTING] = GO(INITIAL, TLF),
		[FSM_CLOSED]   = GO(CLOSED, 0),
		[FSM_STOPPED]  = GO(CLOSED, 0),
		[FSM_CLOSING]  = GO(CLOSING, 0),
		[FSM_STOPPING] = GO(CLOSING, 0),
		[FSM_REQ_SENT] = GO(CLOSING, IRC | STR),
		[FSM_ACK_RCVD] = GO(CLOSING, IRC | STR),
		[FSM_ACK_SENT] = GO(CLOSING, IRC | STR),
		[FSM_OPENED]   = GO(CLOSING, TLD | IRC | STR),
	},
	[FSM_TO_PLUS] = {
		[FSM_CLOSING]  = GO(CLOSING, STR),
		[FSM_STOPPING] = GO(STOPPING, STR),
		[FSM_REQ_SENT] = GO(REQ_SENT, SCR),
		[FSM_ACK_RCVD] = GO(REQ_SENT, SCR),
		[FSM_ACK_SENT] = GO(ACK_SENT, SCR),
	},
	[FSM_TO_MINUS] = {
		[FSM_CLOSING]  = GO(CLOSED, TLF),
		[FSM_STOPPING] = GO(STOPPED, TLF),
		[FSM_REQ_SENT] = GO(STOPPED, TLF),
		[FSM_ACK_RCVD] = GO(STOPPED, TLF),
		[FSM_ACK_SENT] = GO(STOPPED, TLF),
	},
	[FSM_RCR_PLUS] = {
		[FSM_CLOSED]   = GO(CLOSED, STA),
		[FSM_STOPPED]  = GO(ACK_SENT, IRC | SCR | SCA),
		[FSM_CLOSING]  = GO(CLOSING, 0),
		[FSM_STOPPING] = GO(STOPPING, 0),
		[FSM_REQ_SENT] = GO(ACK_SENT, SCA),
		[FSM_ACK_RCVD] = GO(OPENED, SCA | TLU),
		[FSM_ACK_SENT] = GO(ACK_SENT, SCA),
		[FSM_OPENED]   = GO(ACK_SENT, TLD | SCR | SCA),
	},
	[FSM_RCR_MINUS] = {
		[FSM_CLOSED]   = GO(CLOSED, STA),
		[FSM_STOPPED]  = GO(REQ_SENT, IRC | SCR | SCN),
		[FSM_CLOSING]  = GO(CLOSING, 0),
		[FSM_STOPPING] = GO(STOPPING, 0),
		[FSM_REQ_SENT] = GO(REQ_SENT, SCN),
		[FSM_ACK_RCVD] = GO(ACK_RCVD, SCN),
		[FSM_ACK_SENT] = GO(REQ_SENT, SCN),
		[FSM_OPENED]   = GO(REQ_SENT, TLD | SCR | SCN),
	},
	[FSM_RCA] = {
		[FSM_CLOSED]   = GO(CLOSED, STA),
		[FSM_STOPPED]  = GO(STOPPED, STA),
		[FSM_CLOSING]  = GO(CLOSING, 0),
		[FSM_STOPPING] = GO(STOPPING, 0),
		[FSM_REQ_SENT] = GO(ACK_RCVD, IRC),
		[FSM_ACK_RCVD] = GO(REQ_SENT, SCR),
		[FSM_ACK_SENT] = GO(OPENED, IRC | TLU),
		[FSM_OPENED]   = GO(REQ_SENT, TLD | SCR),
	},
	[FSM_RCN] = {
		[FSM_CLOSED]   = GO(CLOSED, STA),
		[FSM_STOPPED]  = GO(STOPPED, STA),
		[FSM_CLOSING]  = GO(CLOSING, 0),
		[FSM_STOPPING] = GO(STOPPING, 0),
		[FSM_REQ_SENT] = GO(REQ_SENT, IRC | SCR),
		[FSM_ACK_RCVD] = GO(REQ_SENT, SCR),
		[FSM_ACK_SENT] = GO(ACK_SENT, IRC | SCR),
		[FSM_OPENED]   = GO(REQ_SENT, TLD | SCR),
	},
	[FSM_RTR] = {
		[FSM_CLOSED]   = GO(CLOSED, STA),
		[FSM_STOPPED]  = GO(STOPPED, STA),
		[FSM_CLOSING]  = GO(CLOSING, STA),
		[FSM_STOPPING] = GO(STOPPING, STA),
		[FSM_REQ_SENT] = GO(REQ_SENT, STA),
		[FSM_ACK_RCVD] = GO(REQ_SENT, STA),
		[FSM_ACK_SENT] = GO(REQ_SENT, STA),
		[FSM_OPENED]   = GO(STOPPING, TLD | ZRC | STA),
	},
	[FSM_RTA] = {
		[FSM_CLOSED]   = GO(CLOSED, 0),
		[FSM_STOPPED]  = GO(STOPPED, 0),
		[FSM_CLOSING]  = GO(CLOSED, TLF),
		[FSM_STOPPING] = GO(STOPPED, TLF),
		[FSM_REQ_SENT] = GO(REQ_SENT, 0),
		[FSM_ACK_RCVD] = GO(REQ_SENT, 0),
		[FSM_ACK_SENT] = GO(ACK_SENT, 0),
		[FSM_OPENED]   = GO(REQ_SENT, TLD | SCR),
	},
	[FSM_RUC] = {
		[FSM_CLOSED]   = GO(CLOSED, SCJ),
		[FSM_STOPPED]  = GO(STOPPED, SCJ),
		[FSM_CLOSING]  = GO(CLOSING, SCJ),
		[FSM_STOPPING] = GO(STOPPING, SCJ),
		[FSM_REQ_SENT] = GO(REQ_SENT, SCJ),
		[FSM_ACK_RCVD] = GO(ACK_RCVD, SCJ),
		[FSM_ACK_SENT] = GO(ACK_SENT, SCJ),
		[FSM_OPENED]   = GO(OPENED, SCJ),
	},
	[FSM_RXJ_PLUS] = {
		[FSM_CLOSED]   = GO(CLOSED, 0),
		[FSM_STOPPED]  = GO(STOPPED, 0),
		[FSM_CLOSING]  = GO(CLOSING, 0),
		[FSM_STOPPING] = GO(STOPPING, 0),
		[FSM_REQ_SENT] = GO(REQ_SENT, 0),
		[FSM_ACK_RCVD] = GO(REQ_SENT, 0),
		[FSM_ACK_SENT] = GO(ACK_SENT, 0),
		[FSM_OPENED]   = GO(OPENED, 0),
	},
	[FSM_RXJ_MINUS] = {
		[FSM_CLOSED]   = GO(CLOSED, TLF),
		[FSM_STOPPED]  = GO(STOPPED, TLF),
		[FSM_CLOSING]  = GO(CLOSED, TLF),
		[FSM_STOPPING] = GO(STOPPED, TLF),
		[FSM_REQ_SENT] = GO(STOPPED, TLF),
		[FSM_ACK_RCVD] = GO(STOPPED, TLF),
		[FSM_ACK_SENT] = GO(STOPPED, TLF),
		[FSM_OPENED]   = GO(STOPPING, TLD | IRC | STR),
	},
	[FSM_RXR] = {
		[FSM_CLOSED]   = GO(CLOSED, 0),
		[FSM_STOPPED]  = GO(STOPPED, 0),
		[FSM_CLOSING]  = GO(CLOSING, 0),
		[FSM_STOPPING] = GO(STOPPING, 0),
		[FSM_REQ_SENT] = GO(REQ_SENT, 0),
		[FSM_ACK_RCVD] = GO(ACK_RCVD, 0),
		[FSM_ACK_SENT] = GO(ACK_SENT, 0),
		[FSM_OPENED]   = GO(OPENED, SER),
	},
};
/* clang-format on */

const char *ppp_fsm_state_name(enum ppp_fsm_state state)
{
	static const char *const name[FSM_STATES] = {
		"initial",  "starting", "closed",   "stopped",	"closing",
		"stopping", "req-sent", "ack-rcvd", "ack-sent", "opened",
	};

	return (unsigned)state < FSM_STATES ? name[state] : "?";
}

static void on_restart_timer(struct timer *t, uint64_t now)
{
	struct ppp_fsm *f = container_of(t, struct ppp_fsm, timer);

	ppp_fsm_run(f, now, f->restarts ? FSM_TO_PLUS : FSM_TO_MINUS, NULL);
}

void ppp_fsm_init(struct ppp_fsm *f, const struct ppp_ctx *ctx, enum ppp_layer layer,
		  ppp_fsm_fn *action)
{
	*f = (struct ppp_fsm){ .ctx = ctx, .action = action, .layer = layer & 0x7f };
	timer_init(&f->timer, on_restart_timer);
}

void ppp_fsm_fini(struct ppp_fsm *f)
{
	timer_cancel(f->ctx->wheel, &f->timer);
}

/* The timer runs in the states that have a TO event, and in no other (section 4.1, the note). */
static bool timer_runs(unsigned state)
{
	return ppp_fsm_table[FSM_TO_PLUS][state].valid;
}

void ppp_fsm_thaw(struct ppp_fsm *f, uint64_t now, const struct ppp_fsm *from, uint64_t at)
{
	f->state = from->state;
	f->restarts = from->restarts;
	f->awaiting = from->awaiting;
	f->req_id = from->req_id;
	f->term_id = from->term_id;
	f->nak_tx = from->nak_tx;
	f->nak_id = from->nak_id;
	f->nak_rx = from->nak_rx;
	if (timer_runs(f->state))
		timer_set(f->ctx->wheel, &f->timer, at ? at : now + f->ctx->config->restart_timer);
}

/* Initialize-Restart-Count and Zero-Restart-Count (section 4.4), Max-Failure's and our counts. */
static void set_counters(struct ppp_fsm *f, uint64_t now, enum ppp_fsm_event event,
			 uint16_t actions)
{
	const struct ppp_config *c = f->ctx->config;

	if (actions & IRC || (actions & TLD && actions & SCR))
		f->restarts = actions & STR ? c->max_terminate : c->max_configure;
	if (actions & ZRC) {
		/* One period for the peer to get our Terminate-Ack, then TO-. */
		f->restarts = 0;
		timer_set(f->ctx->wheel, &f->timer, now + c->restart_timer);
	}
	if (event == FSM_UP || event == FSM_OPEN || actions & TLD)
		f->nak_tx = f->nak_rx = 0;
	/* A retransmission keeps its identifier; every other request is a new one (5.1). */
	if (actions & SCR && event != FSM_TO_PLUS)
		f->awaiting = false;
}

void ppp_fsm_run(struct ppp_fsm *f, uint64_t now, enum ppp_fsm_event event,
		 const struct ppp_packet *in)
{
	const struct ppp_fsm_cell *c = &ppp_fsm_table[event][f->state];

	if (!c->valid) {
		f->ctx->stats->drop_unexpected++;
		return;
	}
	f->state = c->next;
	if (!timer_runs(c->next))
		timer_cancel(f->ctx->wheel, &f->timer);
	set_counters(f, now, event, c->actions);
	for (unsigned i = FSM_INDEX_TLD; i < FSM_ACTIONS; i++) {
		unsigned a = c->actions & 1u << i;

		if (!a)
			continue;
		if (a & (SCR | STR)) {
			if (f->restarts)
				f->restarts--;
			timer_set(f->ctx->wheel, &f->timer, now + f->ctx->config->restart_timer);
		}
		f->action(f, now, (enum ppp_fsm_action)a, in);
		if (f->state != c->next)
			return; /* the owner closed the link within the action */
	}
}
