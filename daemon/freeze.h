/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session as octets, for its slot of the record: everything that must go on in the next process.
 * Times in them are those of CLOCK_MONOTONIC, which runs on within one boot.
 */
#ifndef DAEMON_FREEZE_H
#define DAEMON_FREEZE_H

#include "base/wire.h"

struct daemon;
struct session;

#define SESSION_FROZEN_MAX 4096

/* 0; -ENOSPC; or -EAGAIN: the session is not open. One that never was has no business in the
 * record. One that was, and negotiates anew, is best left there as it was: adopted, it answers the
 * peer's next Configure-Request by beginning anew, too. */
int session_freeze(const struct session *s, struct wr *w);

/*
 * Puts a session into that slot of the table, in all indices, with its timers running. What it
 * holds in other parts the caller takes there, by s->has: addresses of the pools
 * (pool_ip4_adopt(), pool6_adopt()), its id (pppoe_sids_take()), its entries in the data
 * plane. Ascending slots are fastest.
 *
 * -EBADMSG (not what freeze wrote), -ENOTSUP (a newer version's), -EINVAL, -EEXIST (slot, port or
 * id: table_adopt()), -ENOMEM: there is no session.
 */
int session_thaw(struct daemon *d, uint32_t slot, uint32_t generation, const uint8_t *octets,
		 size_t len, uint64_t now, struct session **ret);

/* A text of 255 octets at most in a part of it, NULL is an empty one; and back into `cap` octets,
 * terminated. Its length; one that is longer, or has a NUL, makes the reader bad, and is "". */
void freeze_text(struct wr *w, const char *s);
uint8_t thaw_text(struct rd *r, char *dst, size_t cap);

/* What a checker wants to know of one without adopting it. Texts point into the octets. */
struct session_frozen {
	uint16_t port, svlan, cvlan, sid;
	uint8_t mac[6];
	uint8_t state; /* enum session_state */
	uint32_t has;  /* enum session_has */
	uint32_t ip4;  /* host order; 0: none */
	uint8_t prefix6[16], prefix6_len;
	uint64_t acct_id, started;
	const char *username;
	uint8_t username_len;
};
int session_frozen_read(const uint8_t *octets, size_t len, uint64_t now,
			struct session_frozen *ret);

#endif
