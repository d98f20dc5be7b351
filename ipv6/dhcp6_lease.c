// SPDX-License-Identifier: GPL-2.0-or-later
/* The bindings of a line, their times, and how they outlive the process. */
#include "ipv6/dhcp6_lease.h"

#include "base/siphash.h"
#include "ipv6/dhcp6_msg.h"

#include <stddef.h>

const char *dhcp6_unbind_name(enum dhcp6_unbind why)
{
	switch (why) {
	case DHCP6_UNBIND_RELEASED:
		return "released";
	case DHCP6_UNBIND_EXPIRED:
		return "expired";
	case DHCP6_UNBIND_DECLINED:
		return "declined";
	case DHCP6_UNBIND_REPLACED:
		return "replaced";
	case DHCP6_UNBIND_WITHDRAWN:
		return "withdrawn";
	case DHCP6_UNBIND_LINE_DOWN:
		return "line-down";
	}
	return "unknown";
}

uint64_t dhcp6_client_hash(struct rd duid)
{
	static const struct siphash_key key = { { 0x6272617362657272, 0x7920444843507636 } };

	return siphash(&key, duid.p, rd_left(&duid));
}

static void set_timer(struct dhcp6_line *line)
{
	uint64_t at = UINT64_MAX;

	for (unsigned i = 0; i < line->count; i++)
		if (line->binding[i].valid_until < at)
			at = line->binding[i].valid_until;
	if (at == UINT64_MAX)
		timer_cancel(line->ctx->wheel, &line->timer);
	else
		timer_set(line->ctx->wheel, &line->timer, at);
}

static void on_timer(struct timer *t, uint64_t now)
{
	struct dhcp6_line *line = container_of(t, struct dhcp6_line, timer);

	dhcp6_lease_expire(line, now);
}

void dhcp6_line_init(struct dhcp6_line *line, const struct dhcp6_ctx *ctx)
{
	*line = (struct dhcp6_line){ .ctx = ctx };
	timer_init(&line->timer, on_timer);
}

struct dhcp6_binding *dhcp6_lease_find(struct dhcp6_line *line, uint64_t client,
				       enum dhcp6_kind kind, uint32_t iaid)
{
	for (unsigned i = 0; i < line->count; i++) {
		struct dhcp6_binding *b = &line->binding[i];

		if (b->client == client && b->kind == kind && b->iaid == iaid)
			return b;
	}
	return NULL;
}

static uint64_t until(uint64_t now, uint32_t seconds)
{
	return seconds == DHCP6_INFINITE ? UINT64_MAX : now + seconds * NSEC_PER_SEC;
}

static void set_times(struct dhcp6_binding *b, uint64_t now, const struct dhcp6_values *v)
{
	b->valid_until = until(now, v->valid);
	b->preferred_until = until(now, v->preferred);
}

/* Out of the line: the last one takes its place. */
static void take_out(struct dhcp6_line *line, struct dhcp6_binding *b)
{
	*b = line->binding[--line->count];
	set_timer(line);
}

int dhcp6_lease_new(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *new,
		    const struct dhcp6_values *v, struct rd duid)
{
	struct dhcp6_binding *b;
	int r;

	if (line->count == DHCP6_LEASES_MAX)
		return -ENOSPC;
	b = &line->binding[line->count++];
	*b = *new;
	b->since = now;
	set_times(b, now, v);
	set_timer(line);
	r = line->ctx->ops->bind(line, now, b, DHCP6_BIND_NEW, duid);
	if (r)
		take_out(line, b);
	return r;
}

int dhcp6_lease_extend(struct dhcp6_line *line, uint64_t now, struct dhcp6_binding *b,
		       const struct dhcp6_values *v, struct rd duid)
{
	struct dhcp6_binding before = *b;
	int r;

	set_times(b, now, v);
	r = line->ctx->ops->bind(line, now, b, DHCP6_BIND_EXTENDED, duid);
	if (r)
		*b = before;
	set_timer(line);
	return r;
}

void dhcp6_lease_end(struct dhcp6_line *line, uint64_t now, struct dhcp6_binding *b,
		     enum dhcp6_unbind why)
{
	struct dhcp6_binding ended = *b;

	take_out(line, b);
	line->ctx->ops->unbind(line, now, &ended, why);
}

static struct dhcp6_binding *overdue(struct dhcp6_line *line, uint64_t now)
{
	for (unsigned i = 0; i < line->count; i++)
		if (line->binding[i].valid_until <= now)
			return &line->binding[i];
	return NULL;
}

void dhcp6_lease_expire(struct dhcp6_line *line, uint64_t now)
{
	struct dhcp6_binding *b;

	while ((b = overdue(line, now)))
		dhcp6_lease_end(line, now, b, DHCP6_UNBIND_EXPIRED);
}

int dhcp6_line_withdraw(struct dhcp6_line *line, enum dhcp6_kind kind, unsigned index)
{
	for (unsigned i = 0; i < line->count; i++) {
		struct dhcp6_binding *b = &line->binding[i];

		if (b->kind == kind && b->index == index) {
			b->withdrawn = true;
			return 0;
		}
	}
	return -ENOENT;
}

void dhcp6_line_down(struct dhcp6_line *line, uint64_t now)
{
	while (line->count)
		dhcp6_lease_end(line, now, &line->binding[line->count - 1], DHCP6_UNBIND_LINE_DOWN);
	line->last.known = false;
}

void dhcp6_line_fini(struct dhcp6_line *line)
{
	timer_cancel(line->ctx->wheel, &line->timer);
}

/* --- freeze and thaw ------------------------------------------------------------------------- */

#define FROZEN_VERSION 1

int dhcp6_line_freeze(const struct dhcp6_line *line, struct wr *w)
{
	wr_u8(w, FROZEN_VERSION);
	wr_u8(w, line->declines);
	wr_u8(w, line->count);
	for (unsigned i = 0; i < line->count; i++) {
		const struct dhcp6_binding *b = &line->binding[i];

		wr_u8(w, (uint8_t)b->kind);
		wr_u8(w, b->index);
		wr_u8(w, b->withdrawn);
		wr_be32(w, b->iaid);
		wr_be64(w, b->client);
		wr_u8(w, b->prefix.len);
		wr_bytes(w, b->prefix.addr.b, sizeof(b->prefix.addr.b));
		wr_be64(w, b->since);
		wr_be64(w, b->preferred_until);
		wr_be64(w, b->valid_until);
	}
	return w->bad ? -ENOSPC : 0;
}

struct frozen {
	uint8_t declines, count;
	struct dhcp6_binding binding[DHCP6_LEASES_MAX];
};

static bool parse_binding(struct rd *r, struct dhcp6_binding *b)
{
	uint8_t kind = rd_u8(r), index = rd_u8(r), withdrawn = rd_u8(r), len;
	struct prefix6 cut;
	struct ip6 addr;

	b->iaid = rd_be32(r);
	b->client = rd_be64(r);
	len = rd_u8(r);
	rd_copy(r, addr.b, sizeof(addr.b));
	b->since = rd_be64(r);
	b->preferred_until = rd_be64(r);
	b->valid_until = rd_be64(r);
	if (r->bad || kind >= DHCP6_KINDS || index >= DHCP6_LEASES_MAX || withdrawn > 1 ||
	    len > 128 || (kind == DHCP6_NA && len != 128) || b->preferred_until > b->valid_until)
		return false;
	cut = dhcp6_prefix(&addr, len);
	b->kind = kind;
	b->index = index;
	b->withdrawn = withdrawn;
	b->prefix = cut;
	return ip6_equal(&cut.addr, &addr);
}

/* Two of one place, or of one IA, never were in one line. */
static bool clashes(const struct dhcp6_binding *a, const struct dhcp6_binding *b)
{
	return a->kind == b->kind &&
	       (a->index == b->index || (a->client == b->client && a->iaid == b->iaid));
}

static int frozen_parse(struct rd *r, struct frozen *z)
{
	uint8_t version = rd_u8(r);

	if (version > FROZEN_VERSION)
		return -ENOTSUP;
	*z = (struct frozen){ .declines = rd_u8(r), .count = rd_u8(r) };
	if (r->bad || !version || z->count > DHCP6_LEASES_MAX)
		return -EBADMSG;
	for (unsigned i = 0; i < z->count; i++) {
		if (!parse_binding(r, &z->binding[i]))
			return -EBADMSG;
		for (unsigned j = 0; j < i; j++)
			if (clashes(&z->binding[i], &z->binding[j]))
				return -EBADMSG;
	}
	return rd_left(r) ? -EBADMSG : 0;
}

int dhcp6_line_frozen_check(struct rd r)
{
	struct frozen z;

	return frozen_parse(&r, &z);
}

int dhcp6_line_thaw(struct dhcp6_line *line, const struct dhcp6_ctx *ctx, struct rd *r)
{
	struct frozen z;
	int rc = frozen_parse(r, &z);

	if (rc)
		return rc;
	dhcp6_line_init(line, ctx);
	line->declines = z.declines;
	line->count = z.count;
	memcpy(line->binding, z.binding, sizeof(line->binding));
	set_timer(line);
	return 0;
}
