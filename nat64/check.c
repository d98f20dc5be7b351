// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The traps of pool4. Jool takes a packet for an address and port of pool4 before the box's own
 * stack sees it: a port that the box's own connections leave from must not be among them. And a
 * packet for an address of pool4 must come to the box at all.
 */
#include "nat64/nat64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const uint8_t well_known[12] = { 0x00, 0x64, 0xff, 0x9b };

bool nat64_is_well_known(const struct prefix6 *p)
{
	return p->len == 96 && !memcmp(p->addr.b, well_known, sizeof(well_known));
}

/* Clears the ports of "8080,9000-9100" in @used. What does not look like that is skipped. */
static void take_reserved(bool *used, const char *list)
{
	while (*list) {
		unsigned first, last;
		int n = sscanf(list, "%5u-%5u", &first, &last);

		if (n == 1)
			last = first;
		for (unsigned p = first; n >= 1 && p <= last && p <= 65535; p++)
			used[p] = false;
		list += strcspn(list, ",");
		list += *list == ',';
	}
}

/* The first run of ports that both the box and the range use. */
static bool overlap(const struct nat64_range *r, const struct nat64_ports *ports, unsigned *first,
		    unsigned *last)
{
	_cleanup_free_ bool *used = calloc(65536, sizeof(*used));
	unsigned p = r->first;

	if (!used)
		return false;
	for (unsigned i = ports->first; i <= ports->last; i++)
		used[i] = true;
	take_reserved(used, ports->reserved);
	while (p <= r->last && !used[p])
		p++;
	if (p > r->last)
		return false;
	*first = p;
	while (p < r->last && used[p + 1])
		p++;
	*last = p;
	return true;
}

static bool same_net(const struct nat64_own *own, uint32_t addr)
{
	uint32_t mask = own->len ? UINT32_MAX << (32 - own->len) : 0;

	return own->len < 32 && !((own->addr ^ addr) & mask);
}

/* Ports of TCP and UDP leave from the box itself; identifiers of ICMP are asked for, not taken. */
static int check_own(const struct nat64_range *r, const struct nat64_ports *ports, struct sbuf *why)
{
	char addr[IP4_STRLEN];
	unsigned first, last;

	if (!(r->protos & (1u << NAT64_TCP | 1u << NAT64_UDP)) || !overlap(r, ports, &first, &last))
		return 0;
	sbuf_printf(why,
		    "pool4 %s,%u-%u: it is this box's own address, and ports %u-%u are those of "
		    "its own connections (net.ipv4.ip_local_port_range = %u %u): Jool would take "
		    "their answers. Begin pool4 behind them, move ip_local_port_range, or keep "
		    "them free: net.ipv4.ip_local_reserved_ports = %u-%u\n",
		    ip4_str(addr, r->addr), r->first, r->last, first, last, ports->first,
		    ports->last, first, last);
	return -EADDRINUSE;
}

static void check_foreign(const struct nat64_range *r, const struct nat64_own *net,
			  struct sbuf *why)
{
	char addr[IP4_STRLEN];

	ip4_str(addr, r->addr);
	if (net)
		sbuf_printf(why,
			    "pool4 %s: it is in the network of %s, but no address of this box: who "
			    "looks for it there finds nobody. Give it to the box (ip address add "
			    "%s/32 dev %s), or have it routed here\n",
			    addr, net->ifname, addr, net->ifname);
	else
		sbuf_printf(why,
			    "pool4 %s: it is in no network of this box: the routers around must "
			    "have a route to it through this box\n",
			    addr);
}

static bool seen_before(const struct nat64_config *c, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (c->pool4[k].addr == c->pool4[i].addr)
			return true;
	return false;
}

int nat64_check(const struct nat64_config *c, enum nat64_backend b, const struct nat64_own *own,
		unsigned own_count, const struct nat64_ports *ports, struct sbuf *why)
{
	int rc = 0;

	for (unsigned i = 0; i < c->pool4_count; i++) {
		const struct nat64_range *r = &c->pool4[i];
		const struct nat64_own *net = NULL;
		bool is_own = false;

		for (unsigned k = 0; k < own_count; k++) {
			is_own = is_own || own[k].addr == r->addr;
			if (same_net(&own[k], r->addr))
				net = &own[k];
		}
		/* conntrack sees the box's own connections, too, and gives no port twice. */
		if (is_own && b == NAT64_JOOL)
			rc = check_own(r, ports, why) ? -EADDRINUSE : rc;
		else if (!is_own && !seen_before(c, i))
			check_foreign(r, net, why);
	}
	if (b == NAT64_TAYGA && nat64_is_well_known(&c->pool6))
		sbuf_printf(why, "pool6 64:ff9b::/96 stands for public IPv4 addresses only (RFC "
				 "6052, section 3.1): tayga drops what goes to others. A prefix of "
				 "your own as pool6 serves them, too\n");
	return rc;
}
