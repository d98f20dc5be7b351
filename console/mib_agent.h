/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subagent (RFC 2741): registers the tables at the master agent and answers for them. */
#ifndef CONSOLE_MIB_AGENT_H
#define CONSOLE_MIB_AGENT_H

#include "base/control.h"

#define MIB_AGE_MIN	1 /* s */
#define MIB_AGE_MAX	3600
#define MIB_AGE_DEFAULT 5

#define MIB_LOOK_MAX	 3600 /* s */
#define MIB_LOOK_DEFAULT 10

struct mib_agent_config {
	const char *socket;  /* the daemon's control socket */
	const char *master;  /* the master agent's; NULL: the library's own choice */
	const char *context; /* SNMP context; "": the default one */
	unsigned age;	     /* s: what was read serves this long at least */
	unsigned look;	     /* s: so often is looked for what there is to notify of; 0: never */
};

/* Runs until SIGTERM or SIGINT. 0, or -errno when the tables cannot be registered. */
int mib_agent(const struct mib_agent_config *config);

#endif
