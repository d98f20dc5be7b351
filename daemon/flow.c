// SPDX-License-Identifier: GPL-2.0-or-later
/* Conntrack's connections as entries of the fast path: flow.h. */
#include "daemon/flow.h"

#include <string.h>

const char *flow_reason_name(enum flow_reason reason)
{
	static const char *const names[FLOW_REASON_COUNT] = {
#define X(id, name) [FLOW_##id] = name,
		FLOW_REASONS(X)
#undef X
	};

	return (unsigned)reason < FLOW_REASON_COUNT ? names[reason] : "unknown";
}

static struct flow_tuple turned(const struct flow_tuple *t)
{
	struct flow_tuple r = { .sport_be = t->dport_be, .dport_be = t->sport_be };

	memcpy(r.src, t->dst, sizeof(r.src));
	memcpy(r.dst, t->src, sizeof(r.dst));
	return r;
}

static bool is_translated(const struct flow_ct *ct)
{
	struct flow_tuple r = turned(&ct->reply);

	return memcmp(&r, &ct->orig, sizeof(r)) != 0;
}

enum flow_reason flow_judge(const struct flow_ct *ct)
{
	const uint32_t all = FLOW_IS_SEEN_REPLY | FLOW_IS_ASSURED;

	if ((ct->status & all) != all || ct->status & FLOW_IS_DYING)
		return FLOW_YOUNG;
	if (ct->proto == 6 && ct->tcp_state != FLOW_TCP_ESTABLISHED)
		return FLOW_YOUNG;
	if (ct->proto != 6 && ct->proto != 17)
		return FLOW_OTHER;
	if (ct->mark || ct->zone)
		return FLOW_MARKED;
	if (ct->status & (FLOW_IS_HELPED | FLOW_IS_SEQ_ADJUST | FLOW_IS_OFFLOAD))
		return FLOW_HELPER;
	if (ct->family == 6 && is_translated(ct))
		return FLOW_TRANSLATED;
	return FLOW_GO;
}

const uint32_t *flow_end(const struct flow_ct *ct, bool reply, bool down)
{
	const struct flow_tuple *in = reply ? &ct->reply : &ct->orig;
	const struct flow_tuple *other = reply ? &ct->orig : &ct->reply;

	return down ? other->src : in->src;
}

/* RFC 1624: what a checksum changes by, as it is added up in memory. */
static uint16_t difference(const uint16_t *from, const uint16_t *to, unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += (uint16_t)~from[i] + to[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static void translate(const struct flow_tuple *in, const struct flow_tuple *out, struct abi_flow *f)
{
	uint16_t from[6], to[6];

	f->flags = ABI_FLOW_NAT;
	f->src_be = out->src[0];
	f->dst_be = out->dst[0];
	f->sport_be = out->sport_be;
	f->dport_be = out->dport_be;
	memcpy(from, in->src, 4);
	memcpy(from + 2, in->dst, 4);
	from[4] = in->sport_be;
	from[5] = in->dport_be;
	memcpy(to, out->src, 4);
	memcpy(to + 2, out->dst, 4);
	to[4] = out->sport_be;
	to[5] = out->dport_be;
	f->addr_diff = difference(from, to, 4);
	f->port_diff = difference(from + 4, to + 4, 2);
}

void flow_entry(const struct flow_ct *ct, bool reply, bool down, struct abi_flow_key *ret_key,
		struct abi_flow *ret)
{
	const struct flow_tuple *in = reply ? &ct->reply : &ct->orig;
	struct flow_tuple out = turned(reply ? &ct->orig : &ct->reply);

	*ret_key = (struct abi_flow_key){
		.sport_be = in->sport_be,
		.dport_be = in->dport_be,
		.proto = ct->proto,
		.family = ct->family,
		.down = down,
	};
	memcpy(ret_key->src, in->src, sizeof(ret_key->src));
	memcpy(ret_key->dst, in->dst, sizeof(ret_key->dst));
	*ret = (struct abi_flow){ 0 };
	if (ct->family == 4 && is_translated(ct))
		translate(in, &out, ret);
}

struct abi_flow_key flow_other(const struct abi_flow_key *key, const struct abi_flow *f)
{
	struct abi_flow_key r = {
		.sport_be = key->dport_be,
		.dport_be = key->sport_be,
		.proto = key->proto,
		.family = key->family,
		.down = !key->down,
	};

	memcpy(r.src, key->dst, sizeof(r.src));
	memcpy(r.dst, key->src, sizeof(r.dst));
	if (f->flags & ABI_FLOW_NAT) {
		r.src[0] = f->dst_be;
		r.dst[0] = f->src_be;
		r.sport_be = f->dport_be;
		r.dport_be = f->sport_be;
	}
	return r;
}
