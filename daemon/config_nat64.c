// SPDX-License-Identifier: GPL-2.0-or-later
/* What no single line of [nat64] shows. What only the running box shows is nat64/check.c's. */
#include "daemon/config_table.h"
#include "nat64/nat64.h"

#include <string.h>

static void check_pool6(struct config_reader *r)
{
	const struct prefix6 *p = &r->cfg->nat64.pool6;
	unsigned line = config_line_of(r, "nat64", "pool6"), len = p->len;
	const struct config *cfg = r->cfg;
	const struct {
		const struct config_prefix_pool *pools;
		unsigned count;
	} rows[] = {
		{ cfg->ipv6_pool.prefixes, cfg->ipv6_pool.prefix_count },
		{ cfg->ipv6_pool.delegates, cfg->ipv6_pool.delegate_count },
		{ cfg->ipv6_pool.addresses, cfg->ipv6_pool.address_count },
	};

	/* RFC 6052, section 2.2 */
	if (len != 32 && len != 40 && len != 48 && len != 56 && len != 64 && len != 96)
		config_error(r, line, "nat64", "pool6",
			     "/%u; allowed lengths are 32, 40, 48, 56, 64 and 96", len);
	if (len == 96 && p->addr.b[8])
		config_error(r, line, "nat64", "pool6",
			     "its bits 64 to 71 must be 0 (RFC 6052, section 2.2)");
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned k = 0; k < rows[i].count; k++)
			if (prefix6_overlap(p, &rows[i].pools[k].prefix))
				config_error(r, line, "nat64", "pool6",
					     "it overlaps the subscribers' prefix of line %u",
					     rows[i].pools[k].line);
}

static void check_pool4(struct config_reader *r, unsigned i)
{
	const struct config *cfg = r->cfg;
	const struct config_pool4 *p = &cfg->nat64.pool4[i];

	for (unsigned k = 0; k < i; k++) {
		const struct config_pool4 *q = &cfg->nat64.pool4[k];

		if (q->addr == p->addr && q->protos & p->protos && q->first_port <= p->last_port &&
		    p->first_port <= q->last_port)
			config_error(r, p->line, "nat64", "pool4",
				     "the ports overlap those of line %u", q->line);
	}
	for (unsigned k = 0; k < cfg->ip_pool.pool_count; k++)
		if (p->addr >= cfg->ip_pool.pools[k].first && p->addr <= cfg->ip_pool.pools[k].last)
			config_error(r, p->line, "nat64", "pool4",
				     "the address is one of the subscribers': line %u",
				     cfg->ip_pool.pools[k].line);
}

static void check_hosts(struct config_reader *r)
{
	const struct config *cfg = r->cfg;
	const struct prefix4 *p = &cfg->nat64.tayga_hosts;
	unsigned line = config_line_of(r, "nat64", "tayga-hosts");
	uint32_t last;

	if (p->len < 8 || p->len > 29) {
		config_error(r, line, "nat64", "tayga-hosts", "/%u; allowed are /8 to /29", p->len);
		return;
	}
	last = p->addr | UINT32_MAX >> p->len;
	for (unsigned k = 0; k < cfg->ip_pool.pool_count; k++)
		if (cfg->ip_pool.pools[k].first <= last && p->addr <= cfg->ip_pool.pools[k].last)
			config_error(r, line, "nat64", "tayga-hosts",
				     "it overlaps the subscribers' addresses of line %u",
				     cfg->ip_pool.pools[k].line);
}

void config_check_nat64(struct config_reader *r)
{
	const struct config *cfg = r->cfg;
	const char *device = cfg->nat64.tayga_device;
	size_t len = strlen(cfg->subscriber.device);

	check_pool6(r);
	for (unsigned i = 0; i < cfg->nat64.pool4_count; i++)
		check_pool4(r, i);
	check_hosts(r);
	if ((cfg->nat64.backend == CONFIG_NAT64_JOOL || cfg->nat64.backend == CONFIG_NAT64_TAYGA) &&
	    !cfg->nat64.pool4_count)
		config_error(r, config_line_of(r, "nat64", "backend"), "nat64", "pool4",
			     "missing; subscribers need addresses and ports to go out with");
	if (!strncmp(device, cfg->subscriber.device, len) &&
	    (!device[len] || !strcmp(device + len, "p")))
		config_error(r, config_line_of(r, "nat64", "tayga-device"), "nat64", "tayga-device",
			     "'%s' is the subscriber device, or its other end", device);
}
