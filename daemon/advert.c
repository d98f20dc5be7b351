// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a session's router advertisements say (ipv6/ra.h has when they go out), and what of it
 * DHCPv6 says as well: name servers and search domains. A RADIUS server's values for the line come
 * before the configuration's.
 */
#include "base/json.h"
#include "daemon/daemon.h"

#include <string.h>
#include <strings.h>

static bool flag(enum config_auto value, bool automatic)
{
	return value == CONFIG_AUTO ? automatic : value == CONFIG_YES;
}

/* @g: what RADIUS said of the line; NULL: nothing. */
static unsigned dns_of(const struct config *c, const struct given6 *g, struct ip6 ret[IPV6_RA_DNS])
{
	const struct ip6 *from = c->ipv6_dns.dns;
	unsigned n = c->ipv6_dns.dns_count;

	if (c->dns64.enable) { /* another one would tell of no IPv4-only server */
		from = &c->dns64.listen;
		n = 1;
	}
	if (g && g->dns_count) {
		from = g->dns;
		n = g->dns_count;
	}
	n = n < IPV6_RA_DNS ? n : IPV6_RA_DNS;
	for (unsigned i = 0; i < n; i++)
		ret[i] = from[i];
	return n;
}

unsigned advert_dns(const struct session *s, struct ip6 ret[IPV6_RA_DNS])
{
	return dns_of(s->d->config, s->given6, ret);
}

static struct prefix6 pref64_of(const struct config *c)
{
	if (c->nat64.backend == CONFIG_NAT64_OFF || !c->nat64.pool4_count || !c->ipv6_nd.pref64)
		return (struct prefix6){ 0 };
	return c->nat64.pool6;
}

struct prefix6 advert_pref64(const struct daemon *d)
{
	return pref64_of(d->config);
}

static bool address6(const struct config *c, const struct given6 *g)
{
	return c->ipv6_pool.address_count || (g && (g->has_address || *g->address_pool));
}

static bool delegation6(const struct config *c, const struct given6 *g)
{
	return c->ipv6_pool.delegate_count || (g && (g->has_delegated || *g->delegated_pool));
}

bool advert_address6(const struct session *s)
{
	return address6(s->d->config, s->given6);
}

bool advert_delegation6(const struct session *s)
{
	return delegation6(s->d->config, s->given6);
}

static void fill_prefix(const struct config *c, const struct prefix6 *p, bool final,
			struct ipv6_ra *ra)
{
	ra->prefix_count = 1;
	ra->prefix[0] = (struct ipv6_ra_prefix){
		.prefix = *p,
		.on_link = c->ipv6_nd.adv_on_link_flag,
		.autonomous = c->ipv6_nd.adv_autonomous_flag,
		.valid = final ? 0 : c->ipv6_nd.adv_valid_lifetime,
		.preferred = final ? 0 : c->ipv6_nd.adv_preferred_lifetime,
	};
}

/* All but MTU, prefix and search domains. RFC 8106, section 5.1, and RFC 8781, section 4.1, have
 * the same default: three times the interval, so that one lost advertisement takes nothing away.
 * Other implies that there is something else to ask for; a client that is only told Managed asks
 * for that anyway (RFC 4861, section 4.2). */
static void fill(const struct config *c, const struct given6 *g, size_t dnssl_len, bool final,
		 struct ipv6_ra *ret)
{
	uint32_t thrice = 3 * c->ipv6_nd.max_rtr_adv_interval;

	*ret = (struct ipv6_ra){
		.hop_limit = (uint8_t)c->ipv6_nd.adv_cur_hop_limit,
		.lifetime = final ? 0 : (uint16_t)c->ipv6_nd.adv_default_lifetime,
		.dns_lifetime = final		       ? 0
				: c->ipv6_dns.lifetime ? c->ipv6_dns.lifetime
						       : thrice,
		.dnssl_len = dnssl_len,
		.pref64 = pref64_of(c),
		.pref64_lifetime = final ? 0 : thrice,
	};
	ret->dns_count = dns_of(c, g, ret->dns);
	ret->managed = flag(c->ipv6_nd.adv_managed_flag, address6(c, g));
	ret->other = flag(c->ipv6_nd.adv_other_config_flag,
			  ret->dns_count || dnssl_len || delegation6(c, g));
}

void advert_fill(const struct session *s, bool final, struct ipv6_ra *ret)
{
	const struct daemon *d = s->d;

	fill(d->config, s->given6, d->dnssl_len, final, ret);
	ret->mtu = session_mtu(s);
	ret->dnssl = d->dnssl;
	if (s->has & SESSION_HAS_PREFIX6)
		fill_prefix(d->config, &s->prefix6, final, ret);
}

void advert_show(struct json *j, const struct session *s)
{
	const struct config *c = s->d->config;
	char text[PREFIX_STRLEN];
	struct ipv6_ra ra;

	if (!(s->has & SESSION_UP6)) {
		json_null(j, "ra");
		return;
	}
	advert_fill(s, false, &ra);
	json_open(j, "ra", '{');
	json_bool(j, "managed", ra.managed);
	json_bool(j, "other", ra.other);
	json_u64(j, "lifetime", ra.lifetime);
	json_u64(j, "mtu", ra.mtu);
	json_str(j, "prefix", ra.prefix_count ? prefix6_str(text, &ra.prefix[0].prefix) : NULL);
	json_open(j, "dns", '[');
	for (unsigned i = 0; i < ra.dns_count; i++)
		json_str(j, NULL, ip6_str(text, &ra.dns[i]));
	json_close(j, ']');
	json_open(j, "dnssl", '[');
	for (unsigned i = 0; i < c->ipv6_dns.dnssl_count; i++)
		json_str(j, NULL, c->ipv6_dns.dnssl[i].name);
	json_close(j, ']');
	json_str(j, "pref64", ra.pref64.len ? prefix6_str(text, &ra.pref64) : NULL);
	json_close(j, '}');
}

static void transmit(struct session *s, const struct ip6 *dst, const struct ipv6_ra *ra)
{
	uint8_t buf[2 + IPV6_RA_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_be16(&w, PPP_IPV6);
	line_ip6_transmit(s, &w,
			  ipv6_ra_write(&w, &s->d->config->ipv6_pool.gw_ip6_address, dst, ra));
}

static bool has_dns(const struct ip6 *list, unsigned count, const struct ip6 *dns)
{
	for (unsigned i = 0; i < count; i++)
		if (ip6_equal(&list[i], dns))
			return true;
	return false;
}

/* What a reload has taken away, in an advertisement of its own: RFC 4861, section 6.2.3 allows it,
 * and one for all might be larger than the link. */
static void transmit_gone(struct session *s, const struct ip6 *dst, const struct ipv6_ra *now_said)
{
	const struct advert_gone *gone = &s->d->gone;
	struct ipv6_ra ra = *now_said;

	ra.mtu = 0;
	ra.prefix_count = 0;
	ra.dns_lifetime = 0;
	ra.dns_count = 0;
	for (unsigned i = 0; i < gone->dns_count; i++)
		if (!has_dns(now_said->dns, now_said->dns_count, &gone->dns[i]))
			ra.dns[ra.dns_count++] = gone->dns[i];
	ra.dnssl = gone->dnssl;
	ra.dnssl_len = gone->dnssl_len;
	ra.pref64 = gone->pref64;
	ra.pref64_lifetime = 0;
	if (ra.dns_count || ra.dnssl_len || ra.pref64.len)
		transmit(s, dst, &ra);
}

void line_ra_transmit(struct ipv6_ra_sender *sender, uint64_t now, const struct ip6 *dst,
		      bool final)
{
	struct session *s = container_of(sender, struct session, ra);
	struct ipv6_ra ra;

	advert_fill(s, final, &ra);
	transmit(s, dst, &ra);
	if (!final && now < s->d->gone.until)
		transmit_gone(s, dst, &ra);
}

static size_t write_names(const struct config *c, uint8_t ret[IPV6_RA_DNSSL])
{
	struct wr w = wr_init(ret, IPV6_RA_DNSSL);

	for (unsigned i = 0; i < c->ipv6_dns.dnssl_count; i++)
		(void)dname_write(&w, c->ipv6_dns.dnssl[i].name); /* config_check() has looked */
	return w.len;
}

void advert_setup(struct daemon *d)
{
	d->dnssl_len = write_names(d->config, d->dnssl);
}

/* --- a reload ------------------------------------------------------------------------------- */

/* Until each line has heard of it three times, as of a new router: ipv6/ra.h. */
#define GONE_FOR (2 * 16 * NSEC_PER_SEC + 2 * IPV6_RA_AGAIN_WITHIN)

/* What lines hear with this configuration, as octets to be compared. */
static size_t said(const struct config *c, uint8_t ret[IPV6_RA_PACKET_MAX])
{
	static const struct prefix6 any = { .len = 64 };
	uint8_t names[IPV6_RA_DNSSL];
	struct wr w = wr_init(ret, IPV6_RA_PACKET_MAX);
	struct ipv6_ra ra;

	fill(c, NULL, write_names(c, names), false, &ra);
	ra.dnssl = names;
	fill_prefix(c, &any, false, &ra);
	return ipv6_ra_write(&w, &any.addr, &any.addr, &ra) ? 0 : w.len;
}

static bool has_name(const struct config *c, const char *name)
{
	for (unsigned i = 0; i < c->ipv6_dns.dnssl_count; i++)
		if (!strcasecmp(c->ipv6_dns.dnssl[i].name, name))
			return true;
	return false;
}

static void fill_gone(struct daemon *d, const struct config *before)
{
	struct advert_gone *gone = &d->gone;
	struct wr w = wr_init(gone->dnssl, sizeof(gone->dnssl));
	struct prefix6 was = pref64_of(before), is = pref64_of(d->config);
	struct ip6 old[IPV6_RA_DNS], new[IPV6_RA_DNS];
	unsigned n = dns_of(before, NULL, old), now = dns_of(d->config, NULL, new);

	*gone = (struct advert_gone){ .until = loop_now(d->loop) + GONE_FOR };
	for (unsigned i = 0; i < n; i++)
		if (!has_dns(new, now, &old[i]))
			gone->dns[gone->dns_count++] = old[i];
	for (unsigned i = 0; i < before->ipv6_dns.dnssl_count; i++)
		if (!has_name(d->config, before->ipv6_dns.dnssl[i].name))
			(void)dname_write(&w, before->ipv6_dns.dnssl[i].name);
	gone->dnssl_len = w.len;
	if (was.len && (was.len != is.len || !ip6_equal(&was.addr, &is.addr)))
		gone->pref64 = was;
}

void advert_reload(struct daemon *d, const struct config *before)
{
	uint8_t was[IPV6_RA_PACKET_MAX], is[IPV6_RA_PACKET_MAX];
	size_t was_len = said(before, was), len = said(d->config, is);
	struct session *s;

	if (was_len == len && !memcmp(was, is, len))
		return;
	fill_gone(d, before);
	for (uint32_t i = 0; (s = table_next(d, &i));)
		ipv6_ra_sender_again(&s->ra, loop_now(d->loop));
}
