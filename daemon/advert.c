// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a session's router advertisements say (ipv6/ra.h has when they go out), and what of it
 * DHCPv6 says as well: name servers and search domains. A RADIUS server's values for the line come
 * before the configuration's.
 */
#include "base/json.h"
#include "daemon/daemon.h"

static bool flag(enum config_auto value, bool automatic)
{
	return value == CONFIG_AUTO ? automatic : value == CONFIG_YES;
}

unsigned advert_dns(const struct session *s, struct ip6 ret[IPV6_RA_DNS])
{
	const struct config *c = s->d->config;
	const struct ip6 *from = c->ipv6_dns.dns;
	unsigned n = c->ipv6_dns.dns_count;

	if (c->dns64.enable) { /* another one would tell of no IPv4-only server */
		from = &c->dns64.listen;
		n = 1;
	}
	if (s->given6 && s->given6->dns_count) {
		from = s->given6->dns;
		n = s->given6->dns_count;
	}
	n = n < IPV6_RA_DNS ? n : IPV6_RA_DNS;
	for (unsigned i = 0; i < n; i++)
		ret[i] = from[i];
	return n;
}

struct prefix6 advert_pref64(const struct daemon *d)
{
	const struct config *c = d->config;

	if (c->nat64.backend == CONFIG_NAT64_OFF || !c->nat64.pool4_count || !c->ipv6_nd.pref64)
		return (struct prefix6){ 0 };
	return c->nat64.pool6;
}

bool advert_address6(const struct session *s)
{
	const struct given6 *g = s->given6;

	return s->d->config->ipv6_pool.address_count || (g && (g->has_address || *g->address_pool));
}

bool advert_delegation6(const struct session *s)
{
	const struct given6 *g = s->given6;

	return s->d->config->ipv6_pool.delegate_count ||
	       (g && (g->has_delegated || *g->delegated_pool));
}

/* Other implies that there is something else to ask for; a client that is only told Managed asks
 * for that anyway (RFC 4861, section 4.2). */
static void fill_flags(const struct session *s, struct ipv6_ra *ra)
{
	const struct config *c = s->d->config;
	bool other = ra->dns_count || ra->dnssl_len || advert_delegation6(s);

	ra->managed = flag(c->ipv6_nd.adv_managed_flag, advert_address6(s));
	ra->other = flag(c->ipv6_nd.adv_other_config_flag, other);
}

static void fill_prefix(const struct session *s, bool final, struct ipv6_ra *ra)
{
	const struct config *c = s->d->config;

	if (!(s->has & SESSION_HAS_PREFIX6))
		return;
	ra->prefix_count = 1;
	ra->prefix[0] = (struct ipv6_ra_prefix){
		.prefix = s->prefix6,
		.on_link = c->ipv6_nd.adv_on_link_flag,
		.autonomous = c->ipv6_nd.adv_autonomous_flag,
		.valid = final ? 0 : c->ipv6_nd.adv_valid_lifetime,
		.preferred = final ? 0 : c->ipv6_nd.adv_preferred_lifetime,
	};
}

/* RFC 8106, section 5.1, and RFC 8781, section 4.1, have the same default: three times the
 * interval, so that one lost advertisement takes nothing away. */
void advert_fill(const struct session *s, bool final, struct ipv6_ra *ret)
{
	const struct daemon *d = s->d;
	const struct config *c = d->config;
	uint32_t thrice = 3 * c->ipv6_nd.max_rtr_adv_interval;

	*ret = (struct ipv6_ra){
		.hop_limit = (uint8_t)c->ipv6_nd.adv_cur_hop_limit,
		.lifetime = final ? 0 : (uint16_t)c->ipv6_nd.adv_default_lifetime,
		.mtu = session_mtu(s),
		.dns_lifetime = final		       ? 0
				: c->ipv6_dns.lifetime ? c->ipv6_dns.lifetime
						       : thrice,
		.dnssl = d->dnssl,
		.dnssl_len = d->dnssl_len,
		.pref64 = advert_pref64(d),
		.pref64_lifetime = final ? 0 : thrice,
	};
	ret->dns_count = advert_dns(s, ret->dns);
	fill_prefix(s, final, ret);
	fill_flags(s, ret);
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

void line_ra_transmit(struct ipv6_ra_sender *sender, uint64_t now, const struct ip6 *dst,
		      bool final)
{
	struct session *s = container_of(sender, struct session, ra);
	uint8_t buf[2 + IPV6_RA_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct ipv6_ra ra;

	(void)now;
	advert_fill(s, final, &ra);
	wr_be16(&w, PPP_IPV6);
	line_ip6_transmit(s, &w,
			  ipv6_ra_write(&w, &s->d->config->ipv6_pool.gw_ip6_address, dst, &ra));
}

void advert_setup(struct daemon *d)
{
	const struct config *c = d->config;
	struct wr w = wr_init(d->dnssl, sizeof(d->dnssl));

	for (unsigned i = 0; i < c->ipv6_dns.dnssl_count; i++)
		(void)dname_write(&w, c->ipv6_dns.dnssl[i].name); /* config_check() has looked */
	d->dnssl_len = w.len;
}
