// SPDX-License-Identifier: GPL-2.0-or-later
/* What no single line of the configuration shows: keys that need, or exclude, one another. */
#include "daemon/config_table.h"
#include "ipv6/nd.h"

#include <stdlib.h>
#include <string.h>

static void check_interfaces(struct config_reader *r)
{
	struct config *cfg = r->cfg;

	if (!cfg->pppoe.interface_count)
		config_error(r, config_line_of(r, "pppoe", "interface"), "pppoe", "interface",
			     "missing; at least one access interface is needed");
	for (unsigned i = 0; i < cfg->pppoe.interface_count; i++) {
		struct config_interface *a = &cfg->pppoe.interfaces[i];

		if (a->padi_limit == UINT32_MAX)
			a->padi_limit = cfg->pppoe.padi_limit;
		for (unsigned j = 0; j < i; j++)
			if (!strcmp(cfg->pppoe.interfaces[j].name, a->name))
				config_error(r, a->line, "pppoe", "interface",
					     "'%s' stands already in line %u", a->name,
					     cfg->pppoe.interfaces[j].line);
		if (!strncmp(a->name, cfg->subscriber.device, strlen(cfg->subscriber.device)) &&
		    (!a->name[strlen(cfg->subscriber.device)] ||
		     !strcmp(a->name + strlen(cfg->subscriber.device), "p")))
			config_error(r, a->line, "pppoe", "interface",
				     "'%s' is the subscriber device, or its other end", a->name);
	}
}

static void check_pado_delay(struct config_reader *r)
{
	const struct pppoe_pado_delay *d = r->cfg->pppoe.pado_delays;
	unsigned line = config_line_of(r, "pppoe", "pado-delay");

	for (unsigned i = 0; i < r->cfg->pppoe.pado_delay_count; i++) {
		if (!i && d[i].sessions)
			config_error(r, line, "pppoe", "pado-delay",
				     "the first delay is that from 0 sessions on, without a count");
		if (i && d[i].sessions <= d[i - 1].sessions)
			config_error(r, line, "pppoe", "pado-delay",
				     "%u sessions after %u; the counts must rise", d[i].sessions,
				     d[i - 1].sessions);
	}
}

static void check_ppp(struct config_reader *r)
{
	const struct config *cfg = r->cfg;

	if (cfg->ppp.ipv4 == PPP_DENY && cfg->ppp.ipv6 == PPP_DENY)
		config_error(r, config_line_of(r, "ppp", "ipv6"), "ppp", "ipv6",
			     "ipv4 and ipv6 are both denied; one must be allowed");
	/* RFC 8200, section 5: every link of IPv6 carries 1280 octets. */
	if (cfg->ppp.ipv6 != PPP_DENY && cfg->ppp.mtu < 1280)
		config_error(r, config_line_of(r, "ppp", "mtu"), "ppp", "mtu",
			     "%u; IPv6 needs 1280 to 1500 (or ipv6 = deny)", cfg->ppp.mtu);
	if (cfg->ppp.ipv6 == PPP_REQUIRE && !cfg->ipv6_pool.prefix_count &&
	    !cfg->radius.server_count)
		config_error(
			r, config_line_of(r, "ppp", "ipv6"), "ppp", "ipv6",
			"require needs a [ipv6-pool] prefix, or a [radius] server that gives one");
}

static void check_auth(struct config_reader *r)
{
	const struct config *cfg = r->cfg;

	/* RFC 2759, section 5: its Success proves the password to the peer, and ours is not his. */
	for (unsigned i = 0; i < cfg->auth.method_count; i++)
		if (cfg->auth.username != CONFIG_USERNAME_PPP &&
		    cfg->auth.methods[i] == PPP_AUTH_MSCHAP_V2)
			config_error(r, config_line_of(r, "auth", "username"), "auth", "username",
				     "a line cannot log in by mschap-v2; methods = pap,chap-md5 is "
				     "needed, or username = ppp");
	if (!*cfg->auth.users_file && !cfg->radius.server_count)
		config_error(r, config_line_of(r, "auth", "users-file"), "auth", "users-file",
			     "missing, and no [radius] server: nobody could log in");
}

static void check_binds(struct config_reader *r)
{
	const struct config_endpoint *b = r->cfg->radius.binds;

	if (r->cfg->radius.bind_count == 2 &&
	    !strchr(b[0].address, ':') == !strchr(b[1].address, ':'))
		config_error(r, config_line_of(r, "radius", "bind"), "radius", "bind",
			     "two addresses of one family; one of each is allowed");
}

static void check_overlap(struct config_reader *r, const struct config_pool *a,
			  const struct config_pool *b)
{
	const struct config_pool *later = a->line > b->line ? a : b;

	config_error(r, later->line, "ip-pool", "pool", "the range overlaps that of line %u",
		     a->line > b->line ? b->line : a->line);
}

static int by_first(const void *a, const void *b)
{
	const struct config_pool *const *x = a, *const *y = b;

	return ((*x)->first > (*y)->first) - ((*x)->first < (*y)->first);
}

static void check_pools(struct config_reader *r)
{
	const struct config *cfg = r->cfg;
	unsigned n = cfg->ip_pool.pool_count;
	_cleanup_free_ const struct config_pool **sorted = calloc(n + 1, sizeof(*sorted));
	const struct config_pool *widest = NULL;

	if (!sorted) {
		config_error(r, 1, "ip-pool", "pool", "no memory");
		return;
	}
	for (unsigned i = 0; i < n; i++)
		sorted[i] = &cfg->ip_pool.pools[i];
	qsort(sorted, n, sizeof(*sorted), by_first);
	for (unsigned i = 0; i < n; i++) {
		if (widest && sorted[i]->first <= widest->last)
			check_overlap(r, sorted[i], widest);
		if (!widest || sorted[i]->last > widest->last)
			widest = sorted[i];
		if (sorted[i]->first == sorted[i]->last &&
		    sorted[i]->first == cfg->ip_pool.gw_ip_address)
			config_error(r, sorted[i]->line, "ip-pool", "pool",
				     "holds the gateway's address and no other");
	}
	if (n && cfg->ppp.ipv4 != PPP_DENY && !cfg->ip_pool.gw_ip_address)
		config_error(r, config_line_of(r, "ip-pool", "gw-ip-address"), "ip-pool",
			     "gw-ip-address", "missing; a pool needs our address");
}

struct named_prefix {
	const struct config_prefix_pool *pool;
	const char *key;
};

static unsigned collect(struct named_prefix *dst, const struct config_prefix_pool *src,
			unsigned count, const char *key)
{
	for (unsigned i = 0; i < count; i++)
		dst[i] = (struct named_prefix){ .pool = &src[i], .key = key };
	return count;
}

/* By address, and the shorter before the longer: an overlap is then with a neighbour. */
static int by_prefix(const void *a, const void *b)
{
	const struct prefix6 *x = &((const struct named_prefix *)a)->pool->prefix;
	const struct prefix6 *y = &((const struct named_prefix *)b)->pool->prefix;
	int d = memcmp(x->addr.b, y->addr.b, sizeof(x->addr.b));

	return d ? d : x->len - y->len;
}

static void check_prefixes(struct config_reader *r)
{
	const struct config *cfg = r->cfg;
	unsigned n = cfg->ipv6_pool.prefix_count + cfg->ipv6_pool.delegate_count +
		     cfg->ipv6_pool.address_count;
	_cleanup_free_ struct named_prefix *all = calloc(n + 1, sizeof(*all));
	const struct named_prefix *widest = NULL;

	if (!all) {
		config_error(r, 1, "ipv6-pool", "prefix", "no memory");
		return;
	}
	n = collect(all, cfg->ipv6_pool.prefixes, cfg->ipv6_pool.prefix_count, "prefix");
	n += collect(all + n, cfg->ipv6_pool.delegates, cfg->ipv6_pool.delegate_count, "delegate");
	n += collect(all + n, cfg->ipv6_pool.addresses, cfg->ipv6_pool.address_count, "address");
	qsort(all, n, sizeof(*all), by_prefix);
	for (unsigned i = 0; i < n; i++) {
		if (!widest || !prefix6_overlap(&widest->pool->prefix, &all[i].pool->prefix)) {
			widest = &all[i];
			continue;
		}
		config_error(r,
			     all[i].pool->line > widest->pool->line ? all[i].pool->line
								    : widest->pool->line,
			     "ipv6-pool",
			     all[i].pool->line > widest->pool->line ? all[i].key : widest->key,
			     "the prefix overlaps that of line %u",
			     all[i].pool->line > widest->pool->line ? widest->pool->line
								    : all[i].pool->line);
	}
}

/* fe80::/64 (RFC 4291, section 2.5.6) with an interface identifier. */
static void check_gateway6(struct config_reader *r)
{
	static const uint8_t link_local[8] = { 0xfe, 0x80 };
	static const uint8_t zero[8];
	const struct ip6 *gw = &r->cfg->ipv6_pool.gw_ip6_address;

	if (memcmp(gw->b, link_local, 8) || !memcmp(gw->b + 8, zero, 8))
		config_error(r, config_line_of(r, "ipv6-pool", "gw-ip6-address"), "ipv6-pool",
			     "gw-ip6-address", "must be link-local: fe80::1 to fe80::ffff:...");
}

static void check_nat44(struct config_reader *r)
{
	const struct config *cfg = r->cfg;
	unsigned line = config_line_of(r, "nat44", "pool");

	if (cfg->nat44.pool_count && *cfg->nat44.pools[0].name)
		config_error(r, line, "nat44", "pool", "has a name; ADDRESS/LENGTH or FIRST-LAST is "
						       "allowed");
	if (cfg->nat44.block && !cfg->nat44.pool_count && !*cfg->nat44.masquerade)
		config_error(r, config_line_of(r, "nat44", "block"), "nat44", "block",
			     "needs an address: pool or masquerade");
	if (*cfg->nat44.log && !cfg->nat44.block)
		config_error(r, config_line_of(r, "nat44", "log"), "nat44", "log",
			     "tells of blocks: it needs block");
}

/* RFC 4861, sections 4.6.2 and 6.2.1. */
static void check_nd(struct config_reader *r)
{
	const struct config *cfg = r->cfg;
	uint32_t lifetime = cfg->ipv6_nd.adv_default_lifetime;
	size_t octets = 0;

	if (lifetime && lifetime < cfg->ipv6_nd.max_rtr_adv_interval)
		config_error(r, config_line_of(r, "ipv6-nd", "AdvDefaultLifetime"), "ipv6-nd",
			     "AdvDefaultLifetime",
			     "%u is below MaxRtrAdvInterval; 0, or %u to 9000 is allowed", lifetime,
			     cfg->ipv6_nd.max_rtr_adv_interval);
	if (cfg->ipv6_nd.adv_preferred_lifetime > cfg->ipv6_nd.adv_valid_lifetime)
		config_error(r, config_line_of(r, "ipv6-nd", "AdvPreferredLifetime"), "ipv6-nd",
			     "AdvPreferredLifetime", "%u is above AdvValidLifetime, %u",
			     cfg->ipv6_nd.adv_preferred_lifetime, cfg->ipv6_nd.adv_valid_lifetime);
	if (cfg->ipv6_dhcp.pref_lifetime > cfg->ipv6_dhcp.valid_lifetime)
		config_error(r, config_line_of(r, "ipv6-dhcp", "pref-lifetime"), "ipv6-dhcp",
			     "pref-lifetime", "%u is above valid-lifetime, %u",
			     cfg->ipv6_dhcp.pref_lifetime, cfg->ipv6_dhcp.valid_lifetime);
	for (unsigned i = 0; i < cfg->ipv6_dns.dnssl_count; i++)
		octets += strlen(cfg->ipv6_dns.dnssl[i].name) + 2;
	if (octets > IPV6_RA_DNSSL)
		config_error(r, config_line_of(r, "ipv6-dns", "dnssl"), "ipv6-dns", "dnssl",
			     "%zu octets in all; an advertisement has room for %u", octets,
			     IPV6_RA_DNSSL);
}

/* There is no password: whoever reaches it reads who the subscribers are. */
static void check_http(struct config_reader *r)
{
	const struct config *c = r->cfg;

	for (unsigned i = 0; i < c->http.listen_count; i++) {
		const char *address = c->http.listens[i].address;

		if (strncmp(address, "127.", 4) != 0 && strcmp(address, "::1") != 0)
			sbuf_printf(&r->cfg->warnings,
				    "%s:%u: [http] listen: whoever reaches %s can read all about "
				    "every line: there is no password\n",
				    r->path, config_line_of(r, "http", "listen"), address);
	}
}

void config_check(struct config_reader *r)
{
	if (strlen(r->cfg->subscriber.device) > IFNAMSIZ - 2)
		config_error(r, config_line_of(r, "subscriber", "device"), "subscriber", "device",
			     "'%s'; at most %d characters are allowed, its other end has one more",
			     r->cfg->subscriber.device, IFNAMSIZ - 2);
	check_interfaces(r);
	check_pado_delay(r);
	check_ppp(r);
	check_auth(r);
	check_binds(r);
	check_pools(r);
	check_prefixes(r);
	check_gateway6(r);
	check_nd(r);
	config_check_shaper(r);
	check_nat44(r);
	config_check_nat64(r);
	config_check_dns64(r);
	config_check_mirror(r);
	config_check_spread(r);
	check_http(r);
	config_check_cli(r);
}
