/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the box is: what is measured all the time, at a cost that nobody notices. */
#ifndef DAEMON_HEALTH_H
#define DAEMON_HEALTH_H

#include "base/hist.h"

struct control_reply;
struct session;

enum health_phase { HEALTH_LCP, HEALTH_AUTH, HEALTH_NETWORK, HEALTH_PHASES };

/* Of lines on their way up for the first time. */
struct health {
	struct hist setup;		  /* from the PADO, which answers the PADI at once, to open */
	struct hist phase[HEALTH_PHASES]; /* each by itself */
};

/* The session has this phase behind it. */
void health_phase_done(struct session *s, uint64_t now, enum health_phase phase);
/* It is open for the first time. */
void health_opened(struct session *s, uint64_t now);

/* handler: show health */
void health_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
