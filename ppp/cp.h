/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What LCP, IPCP and IPV6CP have in common, between the automaton and the link: internal. */
#ifndef PPP_CP_H
#define PPP_CP_H

#include "ppp/link.h"
#include "ppp/stats.h"

/* A control protocol: one const object each. */
struct ppp_cp {
	uint16_t protocol;
	struct ppp_option_table options;
	/* Our Configure-Request, from the link's state alone: the rows and their values. */
	uint16_t (*request)(const struct ppp_link *l, struct ppp_opts *ret);
	/* What we think of the peer's request. */
	void (*judge)(struct ppp_link *l, uint64_t now, const struct ppp_opts *o,
		      struct ppp_verdict *v);
	void (*accept)(struct ppp_link *l, const struct ppp_opts *o); /* it is being acknowledged */
	/* The peer's answers to our request. */
	void (*naked)(struct ppp_link *l, uint64_t now, const struct ppp_opts *o);
	void (*rejected)(struct ppp_link *l, uint64_t now, uint16_t rows);
	/* A code beyond Code-Reject. False: unknown to this protocol. NULL: there is none. */
	bool (*extra)(struct ppp_link *l, uint64_t now, const struct ppp_packet *p);
	/* A permitted Code-Reject (of a code beyond Code-Reject). May be NULL. */
	void (*code_rejected)(struct ppp_link *l, uint8_t code);
	/* The peer asks: a protocol that waits for that opens now. May be NULL. */
	void (*wake)(struct ppp_link *l, uint64_t now);
	void (*up)(struct ppp_link *l, uint64_t now);
	void (*down)(struct ppp_link *l, uint64_t now);
	void (*finished)(struct ppp_link *l, uint64_t now);
};

#define ppp_count(l, name) ((void)(l)->ctx->stats->name++)

void ppp_cp_init(struct ppp_link *l, enum ppp_layer layer);
void ppp_cp_input(struct ppp_link *l, uint64_t now, enum ppp_layer layer, const uint8_t *p,
		  size_t len);
static inline void ppp_cp_run(struct ppp_link *l, uint64_t now, enum ppp_layer layer,
			      enum ppp_fsm_event event)
{
	ppp_fsm_run(&l->fsm[layer], now, event, NULL);
}

/* A packet of LCP's form. */
void ppp_send(struct ppp_link *l, uint16_t protocol, uint8_t code, uint8_t id, const void *data,
	      size_t len);
/* Budgets of what a peer can make us do; false is counted. */
bool ppp_may_answer(struct ppp_link *l, uint64_t now);
bool ppp_may_negotiate(struct ppp_link *l, uint64_t now);
/* 0 to n, evenly enough for jitter. */
uint64_t ppp_random_below(const struct ppp_link *l, uint64_t n);

/* link.c: what happens to the link as a whole. */
void ppp_link_arm(struct ppp_link *l, uint64_t now); /* for the next of its times */
void ppp_link_lcp_up(struct ppp_link *l, uint64_t now);
void ppp_link_lcp_down(struct ppp_link *l, uint64_t now);
void ppp_link_lcp_finished(struct ppp_link *l, uint64_t now);
void ppp_link_ncp_up(struct ppp_link *l, uint64_t now, enum ppp_layer layer);
void ppp_link_ncp_down(struct ppp_link *l, uint64_t now, enum ppp_layer layer);
void ppp_link_ncp_finished(struct ppp_link *l, uint64_t now, enum ppp_layer layer);
void ppp_link_ncp_wake(struct ppp_link *l, uint64_t now, enum ppp_layer layer);
/* Authentication is over: the network phase begins. */
void ppp_link_network(struct ppp_link *l, uint64_t now, const struct ppp_auth_result *res);
void ppp_link_renewed(struct ppp_link *l, uint64_t now, const struct ppp_auth_result *res);
/* The peer rejects a protocol: a network protocol closes alone, authentication ends the link. */
void ppp_link_protocol_rejected(struct ppp_link *l, uint64_t now, uint16_t protocol);
#endif
