// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A session's speed as octets, for the record. What is pending is left out: it is asked for again
 * by whoever asked, or was refused with the process.
 */
#include "base/wire.h"
#include "daemon/daemon.h"
#include "daemon/freeze.h"
#include "daemon/plan_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1

enum { HAS_PIR = 1 << 0, HAS_CIR = 1 << 1, HAS_PEAK = 1 << 2, HAS_BURST = 1 << 3 };
enum { KEEP_TIMED = 1 << 0, KEEP_NONE = 1 << 1, KEEP_TEMP = 1 << 2, KEEP_ATTRS = 1 << 3 };

static void put_rate(struct wr *w, const struct shaper_rate *r)
{
	wr_u8(w, (uint8_t)((r->pir ? HAS_PIR : 0) | (r->cir ? HAS_CIR : 0) |
			   (r->peak ? HAS_PEAK : 0) | (r->burst ? HAS_BURST : 0)));
	wr_u8(w, r->priority);
	if (r->pir)
		wr_be64(w, r->pir);
	if (r->cir)
		wr_be64(w, r->cir);
	if (r->peak)
		wr_be64(w, r->peak);
	if (r->burst)
		wr_be64(w, r->burst);
}

static void put_plan(struct wr *w, const struct shaper_plan *p)
{
	put_rate(w, &p->down);
	put_rate(w, &p->up);
}

static void put_source(struct wr *w, const struct shaper_source *s)
{
	wr_u8(w, (uint8_t)s->dict);
	freeze_text(w, s->said);
	freeze_text(w, s->range);
}

void plan_freeze(const struct session *s, struct wr *w)
{
	static const struct plan_attrs none;
	const struct plan *p = s->plan;
	const struct plan_attrs *attrs = p && p->speed.attrs ? p->speed.attrs : &none;

	if (!p)
		return;
	wr_u8(w, VERSION);
	wr_u8(w,
	      (uint8_t)((p->speed.timed ? KEEP_TIMED : 0) | (p->speed.says_none ? KEEP_NONE : 0) |
			(p->has_temp ? KEEP_TEMP : 0) | (p->speed.attrs ? KEEP_ATTRS : 0)));
	wr_u8(w, (uint8_t)p->speed.origin);
	wr_u8(w, (uint8_t)p->speed.otherwise_origin);
	wr_be16(w, attrs->len);
	wr_bytes(w, attrs->octets, attrs->len);
	put_plan(w, &p->speed.plan);
	put_plan(w, &attrs->otherwise);
	put_source(w, &attrs->down);
	put_source(w, &attrs->up);
	freeze_text(w, attrs->missing);
	put_plan(w, &p->has);
	if (!p->has_temp)
		return;
	wr_u8(w, (uint8_t)p->temp_origin);
	put_plan(w, &p->temp);
}

/* --- back ---------------------------------------------------------------------------------- */

static void get_rate(struct rd *r, struct shaper_rate *ret)
{
	uint8_t has = rd_u8(r);

	*ret = (struct shaper_rate){ .priority = rd_u8(r) };
	if (has & HAS_PIR)
		ret->pir = rd_be64(r);
	if (has & HAS_CIR)
		ret->cir = rd_be64(r);
	if (has & HAS_PEAK)
		ret->peak = rd_be64(r);
	if (has & HAS_BURST)
		ret->burst = rd_be64(r);
	if (has >= HAS_BURST << 1 || ret->priority > SHAPER_PRIORITY_LOW ||
	    ret->pir > SHAPER_RATE_MAX || (ret->pir && ret->pir < SHAPER_RATE_MIN) ||
	    ret->cir > SHAPER_RATE_MAX || ret->peak > SHAPER_RATE_MAX)
		r->bad = true;
}

static void get_plan(struct rd *r, struct shaper_plan *ret)
{
	get_rate(r, &ret->down);
	get_rate(r, &ret->up);
}

static void get_source(struct rd *r, struct shaper_source *ret)
{
	uint8_t dict = rd_u8(r);

	if (dict >= SHAPER_DICT_COUNT)
		r->bad = true;
	ret->dict = (enum shaper_dict)dict;
	(void)thaw_text(r, ret->said, sizeof(ret->said));
	(void)thaw_text(r, ret->range, sizeof(ret->range));
}

static enum plan_origin get_origin(struct rd *r)
{
	uint8_t origin = rd_u8(r);

	if (origin > PLAN_QUOTA)
		r->bad = true;
	return (enum plan_origin)origin;
}

/* @said: all of it but the attributes' octets, which stay in place. */
static int parse(struct rd *r, struct plan *p, struct plan_attrs *said, struct rd *ret_attrs,
		 uint8_t *ret_flags)
{
	uint8_t version = rd_u8(r), flags = rd_u8(r);

	memset(p, 0, sizeof(*p));
	if (version > VERSION)
		return -ENOTSUP;
	p->speed.timed = flags & KEEP_TIMED;
	p->speed.says_none = flags & KEEP_NONE;
	p->has_temp = flags & KEEP_TEMP;
	p->speed.origin = get_origin(r);
	p->speed.otherwise_origin = get_origin(r);
	said->len = rd_be16(r);
	*ret_attrs = rd_sub(r, said->len);
	get_plan(r, &p->speed.plan);
	get_plan(r, &said->otherwise);
	get_source(r, &said->down);
	get_source(r, &said->up);
	(void)thaw_text(r, said->missing, sizeof(said->missing));
	get_plan(r, &p->has);
	if (p->has_temp) {
		p->temp_origin = get_origin(r);
		get_plan(r, &p->temp);
	}
	*ret_flags = flags;
	return r->bad || rd_left(r) || !version || flags >= KEEP_ATTRS << 1 ? -EBADMSG : 0;
}

int plan_frozen_check(struct rd r)
{
	struct plan_attrs said;
	struct plan p;
	struct rd attrs;
	uint8_t flags;

	return rd_left(&r) ? parse(&r, &p, &said, &attrs, &flags) : 0;
}

int plan_thaw(struct session *s, struct rd *r)
{
	struct plan_attrs said;
	struct plan p, *plan;
	struct rd attrs;
	uint8_t flags;
	int rc;

	if (!rd_left(r))
		return 0;
	rc = parse(r, &p, &said, &attrs, &flags);
	if (rc)
		return rc;
	plan = plan_get(s);
	if (!plan)
		return -ENOMEM;
	if (flags & KEEP_ATTRS) {
		p.speed.attrs = malloc(sizeof(said) + said.len);
		if (!p.speed.attrs)
			return -ENOMEM;
		*p.speed.attrs = said;
		rd_copy(&attrs, p.speed.attrs->octets, said.len);
	}
	plan->speed = p.speed;
	plan->has_temp = p.has_temp;
	plan->temp_origin = p.temp_origin;
	plan->temp = p.temp;
	plan->has = p.has;
	return 0;
}
