// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AC-Cookies: RFC 2516, section 5.2 and appendix A (0x0104). See cookie.h for the form.
 *
 * A key serves for ten minutes and the longest lifetime a cookie of it can still have; then it is
 * the previous one for as long again. So each cookie can be checked until it is stale, and a key
 * that leaks is worthless soon.
 */
#include "pppoe/cookie.h"

#include "base/str.h"

#include <sys/random.h>

#define FROZEN_VERSION 1
#define MAC_LEN	       16
#define KEY_TIME       (600 * NSEC_PER_SEC)
#define LIFETIME_DEF   (60 * NSEC_PER_SEC)
#define LIFETIME_MAX   (86400 * NSEC_PER_SEC) /* the ms since the key began have 32 bits */

struct parts {
	uint8_t number;
	uint32_t ms;
	uint64_t nonce;
};

static void key_set(struct pppoe_cookie_key *k)
{
	hmac_sha256_set_key(&k->hmac, sizeof(k->secret), k->secret);
}

static int key_random(struct pppoe_cookie_key *k)
{
	if (getrandom(k->secret, sizeof(k->secret), 0) != sizeof(k->secret))
		return errno ? -errno : -EIO;
	key_set(k);
	return 0;
}

int pppoe_cookies_init(struct pppoe_cookies *c)
{
	struct pppoe_cookies n = { 0 };
	int rc;

	rc = key_random(&n.current);
	if (!rc)
		rc = siphash_key_random(&n.nonce_key);
	if (!rc)
		*c = n;
	explicit_bzero(&n, sizeof(n));
	return rc;
}

void pppoe_cookies_fini(struct pppoe_cookies *c)
{
	explicit_bzero(c, sizeof(*c));
}

static void key_freeze(const struct pppoe_cookie_key *k, struct wr *w)
{
	wr_u8(w, k->valid);
	if (!k->valid)
		return;
	wr_u8(w, k->number);
	wr_be64(w, k->began);
	wr_bytes(w, k->secret, sizeof(k->secret));
}

int pppoe_cookies_freeze(const struct pppoe_cookies *c, struct wr *w)
{
	wr_u8(w, FROZEN_VERSION);
	key_freeze(&c->current, w);
	key_freeze(&c->previous, w);
	return w->bad ? -ENOSPC : 0;
}

static void key_parse(struct rd *r, struct pppoe_cookie_key *k, uint64_t now)
{
	uint8_t valid = rd_u8(r);

	if (valid > 1)
		r->bad = true;
	if (valid != 1)
		return;
	k->valid = true;
	k->number = rd_u8(r);
	k->began = rd_be64(r);
	rd_copy(r, k->secret, sizeof(k->secret));
	if (k->began > now) /* another clock's: its cookies would never be stale */
		r->bad = true;
}

int pppoe_cookies_thaw(struct pppoe_cookies *c, struct rd *r, uint64_t now)
{
	struct pppoe_cookie_key current = { 0 }, previous = { 0 };
	uint8_t version = rd_u8(r);
	int rc = 0;

	if (version > FROZEN_VERSION)
		return -ENOTSUP;
	key_parse(r, &current, now);
	key_parse(r, &previous, now);
	if (r->bad || rd_left(r) || !version || (previous.valid && !current.valid)) {
		rc = -EBADMSG;
	} else if (current.valid) { /* else none was made with those keys: ours are as good */
		key_set(&current);
		key_set(&previous);
		c->current = current;
		c->previous = previous;
		c->changes++;
	}
	explicit_bzero(&current, sizeof(current));
	explicit_bzero(&previous, sizeof(previous));
	return rc;
}

static uint64_t lifetime_of(uint64_t configured)
{
	if (!configured)
		return LIFETIME_DEF;
	return configured < LIFETIME_MAX ? configured : LIFETIME_MAX;
}

/* Takes a new key when the current one has served its time. Should the random source fail, the old
 * key goes on: worse than a new one, better than nobody dialling in. */
static void turn_keys(struct pppoe_cookies *c, uint64_t now, uint64_t lifetime)
{
	struct pppoe_cookie_key next = { .began = now,
					 .number = (uint8_t)(c->current.number + 1),
					 .valid = true };

	if (!c->current.valid) { /* the first use: from now on */
		c->current.began = now;
		c->current.valid = true;
		c->changes++;
		return;
	}
	if (now - c->current.began < KEY_TIME + PPPOE_COOKIE_AHEAD + lifetime || key_random(&next))
		return;
	c->previous = c->current;
	c->current = next;
	c->changes++;
	explicit_bzero(&next, sizeof(next));
}

static void sign(const struct pppoe_cookie_key *k, const struct pppoe_cookie_for *f,
		 const struct parts *p, uint8_t ret[MAC_LEN])
{
	struct hmac_sha256_ctx hmac = k->hmac;
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_bytes(&w, f->ac->b, sizeof(f->ac->b));
	wr_bytes(&w, f->station->b, sizeof(f->station->b));
	wr_be16(&w, f->line->port);
	wr_be16(&w, f->line->svlan);
	wr_be16(&w, f->line->cvlan);
	wr_u8(&w, p->number);
	wr_be32(&w, p->ms);
	wr_be64(&w, p->nonce);
	wr_u8(&w, f->host_uniq.p != NULL); /* none and an empty one are two things */
	hmac_sha256_update(&hmac, w.len, buf);
	if (f->host_uniq.len)
		hmac_sha256_update(&hmac, f->host_uniq.len, f->host_uniq.p);
	hmac_sha256_digest(&hmac, MAC_LEN, ret);
	explicit_bzero(&hmac, sizeof(hmac));
}

void pppoe_cookie_make(struct pppoe_cookies *c, uint64_t now, uint64_t made, uint64_t lifetime,
		       const struct pppoe_cookie_for *f, uint8_t ret[PPPOE_COOKIE_LEN])
{
	struct wr w = wr_init(ret, PPPOE_COOKIE_LEN);
	struct parts p;
	uint8_t mac[MAC_LEN];

	turn_keys(c, now, lifetime_of(lifetime));
	c->nonces++;
	p.number = c->current.number;
	p.ms = (uint32_t)((made - c->current.began) / NSEC_PER_MSEC);
	p.nonce = siphash(&c->nonce_key, &c->nonces, sizeof(c->nonces));
	sign(&c->current, f, &p, mac);
	wr_u8(&w, p.number);
	wr_be32(&w, p.ms);
	wr_be64(&w, p.nonce);
	wr_bytes(&w, mac, sizeof(mac));
}

static const struct pppoe_cookie_key *find_key(const struct pppoe_cookies *c, uint8_t number)
{
	if (c->current.valid && c->current.number == number)
		return &c->current;
	if (c->previous.valid && c->previous.number == number)
		return &c->previous;
	return NULL;
}

uint64_t pppoe_cookie_made(const struct pppoe_cookies *c, const struct pppoe_bytes *cookie)
{
	struct rd r = rd_init(cookie->p, cookie->len);
	const struct pppoe_cookie_key *k = find_key(c, rd_u8(&r));
	uint32_t ms = rd_be32(&r);

	return k && !r.bad ? k->began + ms * NSEC_PER_MSEC : 0;
}

int pppoe_cookie_check(struct pppoe_cookies *c, uint64_t now, uint64_t lifetime,
		       const struct pppoe_cookie_for *f, const struct pppoe_bytes *cookie,
		       uint64_t *ret_id)
{
	const struct pppoe_cookie_key *k;
	uint8_t mac[MAC_LEN], good[MAC_LEN];
	struct rd r = rd_init(cookie->p, cookie->len);
	struct parts p;
	uint64_t made;

	lifetime = lifetime_of(lifetime);
	turn_keys(c, now, lifetime);
	p.number = rd_u8(&r);
	p.ms = rd_be32(&r);
	p.nonce = rd_be64(&r);
	rd_copy(&r, mac, sizeof(mac));
	if (r.bad || rd_left(&r))
		return -EBADMSG;
	k = find_key(c, p.number);
	if (!k)
		return -EBADMSG;
	sign(k, f, &p, good);
	if (!str_equal_secret(mac, sizeof(mac), good, sizeof(good)))
		return -EBADMSG;
	made = k->began + p.ms * NSEC_PER_MSEC;
	if (now > made && now - made > lifetime)
		return -ETIME;
	*ret_id = p.nonce;
	return 0;
}
