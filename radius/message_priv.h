/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What replies and CoA requests have in common: attributes that say what a session gets. */
#ifndef RADIUS_MESSAGE_PRIV_H
#define RADIUS_MESSAGE_PRIV_H

#include "radius/message.h"
#include "radius/value.h"

enum radius_where {
	RADIUS_IN_ACCEPT = 1 << 0,
	RADIUS_IN_REJECT = 1 << 1, /* and in Access-Challenge */
	RADIUS_IN_COA = 1 << 2,
};

/* A reply as it is being read. */
struct radius_reading {
	struct radius_reply r;
	uint8_t chap_id;
	char text[RADIUS_TEXT_MAX + 1];	  /* Reply-Message, one after the other */
	char mschap[RADIUS_TEXT_MAX + 1]; /* "S=..." or "E=..." */
	bool has_port_limit;
	uint32_t limit;		    /* Session-Octets-Limit */
	uint32_t total, total_giga; /* Mikrotik-Total-Limit */
};

/* The row for an attribute, or NULL. */
const struct radius_row *radius_reply_row(const struct radius_attr *a);
/* Whether rows have attributes of this vendor. */
bool radius_reply_vendor(uint32_t vendor);
/* Keeps an attribute that was wanted. False: there is no room for it. */
bool radius_speed_keep(struct radius_reply *r, const struct radius_attr *a);

#endif
