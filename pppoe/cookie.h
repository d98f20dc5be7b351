/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The AC-Cookie (RFC 2516, appendix A): what we know of a station between PADO and PADR travels
 * with the station, not in our memory. A cookie says when it was made and carries a keyed MAC over
 * that, a nonce, both stations, the line and the Host-Uniq, so it is good for one station on one
 * line for a while and cannot be made up.
 *
 * On the wire: key number (1), ms since that key began (4), nonce (8), HMAC-SHA256 cut to 16.
 */
#ifndef PPPOE_COOKIE_H
#define PPPOE_COOKIE_H

#include "base/siphash.h"
#include "pppoe/pppoe.h"
#include "pppoe/tag.h"

#include <nettle/hmac.h>

#define PPPOE_COOKIE_LEN     29
#define PPPOE_COOKIE_KEY_LEN 32

struct pppoe_cookie_key {
	struct hmac_sha256_ctx hmac;
	uint8_t secret[PPPOE_COOKIE_KEY_LEN]; /* what hmac was keyed with: for the freeze */
	uint64_t began;			      /* ns */
	uint8_t number;
	bool valid;
};

/* Two keys: a cookie outlives the change of the key that made it. */
struct pppoe_cookies {
	struct pppoe_cookie_key current, previous;
	struct siphash_key nonce_key;
	uint64_t nonces;
	uint32_t changes; /* of the keys: each asks for another freeze */
};

/* What a cookie is bound to. */
struct pppoe_cookie_for {
	const struct mac *ac, *station;
	const struct pppoe_line *line;
	struct pppoe_bytes host_uniq;
};

/* 0, or what the random source failed with. */
int pppoe_cookies_init(struct pppoe_cookies *c);
void pppoe_cookies_fini(struct pppoe_cookies *c); /* wipes the keys */

/*
 * The keys as octets, so that a cookie made before a restart is good after it; the clock of `now`
 * must be the same in both processes. They are secrets. 0 or -ENOSPC.
 */
#define PPPOE_COOKIES_FROZEN_MAX 85
int pppoe_cookies_freeze(const struct pppoe_cookies *c, struct wr *w);
/* Takes those keys in place of its own. Its nonces stay its own: those of the earlier process were
 * counted there, and would come twice. -EBADMSG, or -ENOTSUP (a newer version's): nothing has
 * changed. */
int pppoe_cookies_thaw(struct pppoe_cookies *c, struct rd *r, uint64_t now);

/* A new cookie, as if made at `made` (a PADO that is sent later has its time), which is `now` or
 * at most PPPOE_COOKIE_AHEAD after it. Each differs from all others. */
#define PPPOE_COOKIE_AHEAD (60 * NSEC_PER_SEC)
void pppoe_cookie_make(struct pppoe_cookies *c, uint64_t now, uint64_t made, uint64_t lifetime,
		       const struct pppoe_cookie_for *f, uint8_t ret[PPPOE_COOKIE_LEN]);
/* 0 and the cookie's own number, -EBADMSG (not ours, or not this station's), or -ETIME. */
int pppoe_cookie_check(struct pppoe_cookies *c, uint64_t now, uint64_t lifetime,
		       const struct pppoe_cookie_for *f, const struct pppoe_bytes *cookie,
		       uint64_t *ret_id);
/* When a cookie that was found good was made, ns; 0: it has no key of ours. */
uint64_t pppoe_cookie_made(const struct pppoe_cookies *c, const struct pppoe_bytes *cookie);

#endif
