// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Jool's instance as it should be. `jool file handle` takes it whole or not at all, and keeps the
 * mappings of an instance that is there; only pool6 and framework are for ever.
 *
 * lowest-ipv6-mtu: an IPv4 packet that may be fragmented (DF not set) is cut so that it fits every
 * line, whatever its MTU: 1280, the least that IPv6 has (RFC 7915, section 4: what a translator
 * knows nothing better for). Packets with DF are answered with a fragmentation needed of the line's
 * own MTU minus 20 by Jool itself, and nothing has to be set for them. The plateaus (RFC 1191,
 * section 7) matter for routers that do not tell their MTU; Jool's own list has 1492.
 */
#include "nat64/nat64.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void range_write(struct json *j, const struct nat64_range *r, enum nat64_proto p)
{
	static const char *const names[NAT64_PROTOS] = { "TCP", "UDP", "ICMP" };
	char text[IP4_STRLEN + 4], addr[IP4_STRLEN];

	json_open(j, NULL, '{');
	json_str(j, "protocol", names[p]);
	snprintf(text, sizeof(text), "%s/32", ip4_str(addr, r->addr));
	json_str(j, "prefix", text);
	snprintf(text, sizeof(text), "%u-%u", r->first, r->last);
	json_str(j, "port range", text);
	json_close(j, '}');
}

void nat64_jool_write(const struct nat64_config *c, struct sbuf *out)
{
	char label[NAT64_LABEL_MAX], text[PREFIX_STRLEN];
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_str(&j, "instance", nat64_label(label, c->instance));
	json_str(&j, "framework", c->iptables ? "iptables" : "netfilter");
	json_open(&j, "global", '{');
	json_bool(&j, "manually-enabled", true);
	json_str(&j, "pool6", prefix6_str(text, &c->pool6));
	json_u64(&j, "lowest-ipv6-mtu", NAT64_MTU_LOWEST);
	json_bool(&j, "logging-bib", c->log);
	json_close(&j, '}');
	json_open(&j, "pool4", '[');
	for (unsigned i = 0; i < c->pool4_count; i++)
		for (unsigned p = 0; p < NAT64_PROTOS; p++)
			if (c->pool4[i].protos & 1u << p)
				range_write(&j, &c->pool4[i], (enum nat64_proto)p);
	json_close(&j, ']');
	json_close(&j, '}');
	sbuf_append(out, "\n", 1);
}

enum nat64_change nat64_jool_compare(const struct nat64_config *c,
				     const struct nat64_global *global, bool iptables,
				     const struct nat64_ranges *pool4)
{
	struct nat64_ranges wanted;
	bool same;

	if (iptables != c->iptables || global->pool6.len != c->pool6.len ||
	    !ip6_equal(&global->pool6.addr, &c->pool6.addr))
		return NAT64_REPLACE;
	if (nat64_ranges_normal(c->pool4, c->pool4_count, &wanted))
		return NAT64_UPDATE;
	same = nat64_ranges_equal(&wanted, pool4) && global->enabled && global->log == c->log &&
	       global->lowest_mtu == NAT64_MTU_LOWEST;
	free(wanted.item);
	return same ? NAT64_SAME : NAT64_UPDATE;
}
