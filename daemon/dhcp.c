// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DHCPv6 on a session's link: the server of ipv6/dhcp6.h gets its packets, its answers go out, and
 * what it asks for is done by lease.c. What it tells a line is the configuration's, or RADIUS's.
 */
#include "base/json.h"
#include "base/str.h"
#include "daemon/daemon.h"
#include "daemon/duid.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MESSAGES_PPS   5 /* of a line; a client sends one, and waits longer each time */
#define MESSAGES_BURST 20

static struct leases *leases_of(struct dhcp6_line *line)
{
	return container_of(line, struct leases, line);
}

static int on_assign(struct dhcp6_line *line, enum dhcp6_kind kind, unsigned index,
		     const struct prefix6 *hint, struct prefix6 *ret)
{
	/* A length alone: there is one length in a pool. */
	if (hint && ip6_is_zero(&hint->addr))
		hint = NULL;
	return lease_choose(leases_of(line), kind, index, hint, ret);
}

static void tell(const struct session *s, const struct prefix6 *prefix, const char *what,
		 const char *more)
{
	char text[PREFIX_STRLEN];

	session_log(s, LOG_LEVEL_INFO, "DHCPv6: %s %s%s%s", prefix6_str(text, prefix), what,
		    *more ? ", " : "", more);
}

static void duid_text(char *buf, size_t cap, struct rd duid)
{
	size_t len = 0;

	*buf = '\0';
	while (rd_left(&duid) && len + 3 < cap)
		len += (size_t)snprintf(buf + len, cap - len, "%02x", rd_u8(&duid));
}

static int on_bind(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		   enum dhcp6_bind what, struct rd duid)
{
	struct leases *all = leases_of(line);
	struct lease *l = lease_find(all, b->kind, b->index);
	char from[96];
	int rc;

	(void)now;
	if (!l)
		return -ENOENT;
	rc = lease_bind(all, l);
	if (rc || what != DHCP6_BIND_NEW)
		return rc;
	snprintf(from, sizeof(from), "DUID ");
	duid_text(from + 5, sizeof(from) - 5, duid);
	tell(all->s, &b->prefix, "is the line's", from);
	return 0;
}

static void on_unbind(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		      enum dhcp6_unbind why)
{
	struct leases *all = leases_of(line);
	struct lease *l = lease_find(all, b->kind, b->index);

	(void)now;
	if (!l || why == DHCP6_UNBIND_LINE_DOWN) /* dhcp_down() gives all of them back */
		return;
	tell(all->s, &b->prefix, "is the line's no more", dhcp6_unbind_name(why));
	if (why == DHCP6_UNBIND_DECLINED)
		all->declined |= (uint8_t)(1u << b->kind);
	timeline_lease(all->s, &b->prefix, dhcp6_unbind_name(why));
	lease_unbind(all, l, why == DHCP6_UNBIND_REPLACED);
}

static void on_transmit(struct dhcp6_line *line, uint64_t now, const uint8_t *packet, size_t len)
{
	uint8_t buf[2 + DHCP6_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)now;
	wr_be16(&w, PPP_IPV6);
	wr_bytes(&w, packet, len);
	line_ip6_transmit(leases_of(line)->s, &w, 0);
}

static void on_values(struct dhcp6_line *line, struct dhcp6_values *ret)
{
	static struct ip6 dns[IPV6_RA_DNS]; /* until the call into the line is over */
	const struct session *s = leases_of(line)->s;

	ret->dns_count = advert_dns(s, dns);
	ret->dns = dns;
	if (!advert_address6(s))
		ret->max[DHCP6_NA] = 0;
	if (!advert_delegation6(s))
		ret->max[DHCP6_PD] = 0;
}

/* The line's own /64, where it is of what is delegated: RFC 6603. */
static bool on_exclude(struct dhcp6_line *line, const struct prefix6 *delegated,
		       struct prefix6 *ret)
{
	const struct session *s = leases_of(line)->s;

	if (!(s->has & SESSION_HAS_PREFIX6) || s->prefix6.len <= delegated->len ||
	    !prefix6_overlap(delegated, &s->prefix6))
		return false;
	*ret = s->prefix6;
	return true;
}

static const struct dhcp6_ops ops = {
	.assign = on_assign,
	.bind = on_bind,
	.unbind = on_unbind,
	.transmit = on_transmit,
	.values = on_values,
	.exclude = on_exclude,
};

void dhcp_input(struct session *s, uint64_t now, const uint8_t *packet, size_t len)
{
	struct leases *all = leases_get(s);
	enum dhcp6_drop reason;

	if (!all) {
		s->d->stats.transmit_failed++;
		return;
	}
	if (dhcp6_line_input(&all->line, now, packet, len, &reason))
		session_debug(s, "DHCPv6: %s", dhcp6_drop_name(reason));
}

void dhcp_down(struct session *s, uint64_t now)
{
	if (!s->leases)
		return;
	dhcp6_line_down(&s->leases->line, now);
	leases_free(s);
}

int dhcp_setup(struct daemon *d)
{
	const struct config *c = d->config;
	struct dhcp6_ctx *x = &d->dhcp6;

	*x = (struct dhcp6_ctx){
		.wheel = loop_wheel(d->loop),
		.ops = &ops,
		.stats = &d->dhcp6_stats,
		.values = { .max = { [DHCP6_NA] = (uint8_t)c->ipv6_dhcp.max_leases,
				     [DHCP6_PD] = (uint8_t)c->ipv6_dhcp.max_leases },
			    .preferred = c->ipv6_dhcp.pref_lifetime,
			    .valid = c->ipv6_dhcp.valid_lifetime,
			    .search = d->dnssl,
			    .search_len = (uint16_t)d->dnssl_len,
			    .rapid_commit = c->ipv6_dhcp.rapid_commit,
			    .preference = 255 }, /* there is no other server on a line */
		.self = c->ipv6_pool.gw_ip6_address,
		.messages_per_second = MESSAGES_PPS,
		.messages_burst = MESSAGES_BURST,
	};
	return duid_get(d->instance, x->duid, &x->duid_len);
}

/* --- shown ------------------------------------------------------------------------------------ */

static void left(struct json *j, const char *name, uint64_t until, uint64_t now)
{
	if (until == UINT64_MAX)
		json_null(j, name);
	else
		json_u64(j, name, until > now ? (until - now) / NSEC_PER_SEC : 0);
}

static void show_binding(struct json *j, const struct dhcp6_binding *b, uint64_t now)
{
	char text[PREFIX_STRLEN], client[20];

	snprintf(client, sizeof(client), "%016llx", (unsigned long long)b->client);
	json_open(j, NULL, '{');
	json_str(j, "kind", b->kind == DHCP6_NA ? "address" : "prefix");
	json_str(j, "prefix", prefix6_str(text, &b->prefix));
	json_u64(j, "iaid", b->iaid);
	json_str(j, "client", client);
	json_u64(j, "age", now > b->since ? (now - b->since) / NSEC_PER_SEC : 0);
	left(j, "preferred", b->preferred_until, now);
	left(j, "valid", b->valid_until, now);
	json_bool(j, "withdrawn", b->withdrawn);
	json_close(j, '}');
}

void dhcp_show(struct json *j, const struct session *s, uint64_t now)
{
	json_open(j, "leases", '[');
	for (unsigned i = 0; s->leases && i < s->leases->line.count; i++)
		show_binding(j, &s->leases->line.binding[i], now);
	json_close(j, ']');
}

void dhcp_stat(struct json *j, const struct daemon *d)
{
	json_open(j, "dhcp6", '{');
	for (unsigned i = 0; i < DHCP6_COUNTER_COUNT; i++)
		json_u64(j, dhcp6_counter_name(i), d->dhcp6_stats.count[i]);
	json_u64(j, "lease-refused", d->stats.lease_refused);
	json_close(j, '}');
}
