// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of [dns64], and what no single line of it shows. */
#include "daemon/config_table.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* A prefix, or an address alone; '!' before it: all but that. */
static int net_read(const char *s, bool ip6, struct dns64_net *ret)
{
	struct dns64_net v = { .except = *s == '!' };

	s += v.except;
	while (*s == ' ')
		s++;
	v.is6 = strchr(s, ':');
	if (v.is6 && !ip6)
		return -EINVAL;
	if (strchr(s, '/')) {
		if (v.is6 ? prefix6_parse(s, &v.p6) : prefix4_parse(s, &v.p4))
			return -EINVAL;
	} else {
		if (v.is6 ? ip6_parse(s, &v.p6.addr) : ip4_parse(s, &v.p4.addr))
			return -EINVAL;
		v.p4.len = v.is6 ? 0 : 32;
		v.p6.len = v.is6 ? 128 : 0;
	}
	*ret = v;
	return 0;
}

static int net_parse(const struct config_row *row, const struct config_input *in, void *item,
		     struct sbuf *why)
{
	(void)row;
	if (net_read(in->field[0], true, item))
		return config_refuse(why, in->field[0],
				     "a prefix or an address, or one with '!' before it");
	return 0;
}

static int mapped_parse(const struct config_row *row, const struct config_input *in, void *item,
			struct sbuf *why)
{
	(void)row;
	if (net_read(in->field[0], false, item))
		return config_refuse(why, in->field[0],
				     "an IPv4 prefix or address, or one with '!' before it");
	return 0;
}

static bool net_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct dns64_net *v = item;
	char text[PREFIX_STRLEN];

	(void)row;
	sbuf_printf(out, "%s%s", v->except ? "!" : "",
		    v->is6 ? prefix6_str(text, &v->p6) : prefix4_str(text, &v->p4));
	return true;
}

const struct config_type config_type_dns64_net = {
	.syntax = "[!]PREFIX",
	.parse = net_parse,
	.format = net_format,
	.each = true,
};

const struct config_type config_type_dns64_mapped = {
	.syntax = "[!]IPV4-PREFIX",
	.parse = mapped_parse,
	.format = net_format,
	.each = true,
};

/* As the helper takes it: what useradd makes without being forced. */
static int user_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	const char *s = in->field[0];
	bool ok = *s && *s != '-' && strlen(s) < row->size;

	for (const char *p = s; *p; p++)
		ok = ok && (isalnum((unsigned char)*p) || *p == '-' || *p == '_');
	if (!ok)
		return config_refuse(why, s, "the name of a user");
	return config_text_copy(item, row->size, s, why);
}

static bool user_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	(void)row;
	sbuf_printf(out, "%s", (const char *)item);
	return true;
}

const struct config_type config_type_user = {
	.syntax = "USER",
	.parse = user_parse,
	.format = user_format,
};

static void check_listen(struct config_reader *r)
{
	const struct config *cfg = r->cfg;
	const struct ip6 *a = &cfg->dns64.listen;
	struct prefix6 self = { *a, 128 };
	unsigned line = config_line_of(r, "dns64", "listen");

	if (ip6_is_zero(a))
		config_error(r, config_line_of(r, "dns64", "enable"), "dns64", "listen",
			     "missing; with enable = yes an address is needed");
	else if (ip6_is_link_local(a) || !a->b[0])
		config_error(r, line, "dns64", "listen",
			     "a link-local or special address; subscribers need one that can be "
			     "routed");
	else if (prefix6_overlap(&self, &cfg->nat64.pool6))
		config_error(r, line, "dns64", "listen", "it lies in [nat64] pool6");
}

/* A list of exceptions alone would be everybody, and that is not what somebody who lets in means.
 */
static void check_allow(struct config_reader *r)
{
	for (unsigned i = 0; i < r->cfg->dns64.allow_count; i++)
		if (r->cfg->dns64.allows[i].except)
			config_error(r, config_line_of(r, "dns64", "allow"), "dns64", "allow",
				     "'!' is for clients; whoever is not allowed is refused");
}

static bool pool_is(const struct config_prefix_pool *p, unsigned count, const struct ip6 *addr,
		    unsigned *ret_line)
{
	struct prefix6 self = { *addr, 128 };

	for (; count; p++, count--) {
		*ret_line = p->line;
		if (p->prefix.len == p->plen && prefix6_overlap(&p->prefix, &self))
			return true;
	}
	return false;
}

/* What holds our own address is not given out: daemon/pool.c. */
static void check_pools(struct config_reader *r)
{
	const struct config *c = r->cfg;
	const struct ip6 *addr = &c->dns64.listen;
	unsigned line;

	if (pool_is(c->ipv6_pool.prefixes, c->ipv6_pool.prefix_count, addr, &line) ||
	    pool_is(c->ipv6_pool.delegates, c->ipv6_pool.delegate_count, addr, &line) ||
	    pool_is(c->ipv6_pool.addresses, c->ipv6_pool.address_count, addr, &line))
		config_error(r, config_line_of(r, "dns64", "listen"), "dns64", "listen",
			     "the pool of line %u has nothing else to give", line);
	for (unsigned i = 0; i < c->ip_pool.pool_count; i++)
		if (c->ip_pool.pools[i].first == c->ip_pool.pools[i].last &&
		    c->ip_pool.pools[i].first == c->dns64.listen4)
			config_error(r, config_line_of(r, "dns64", "listen4"), "dns64", "listen4",
				     "the pool of line %u has nothing else to give",
				     c->ip_pool.pools[i].line);
}

static void check_tls(struct config_reader *r)
{
	const char *cert = r->cfg->dns64.tls_cert, *key = r->cfg->dns64.tls_key;

	if (!*cert != !*key)
		config_error(r, config_line_of(r, "dns64", *cert ? "tls-cert" : "tls-key"), "dns64",
			     *cert ? "tls-key" : "tls-cert",
			     "missing; a certificate and its key go together");
	if ((*cert && *cert != '/') || (*key && *key != '/'))
		config_error(r, config_line_of(r, "dns64", *cert != '/' ? "tls-cert" : "tls-key"),
			     "dns64", *cert != '/' ? "tls-cert" : "tls-key",
			     "a file's whole path is needed, from '/' on");
}

void config_check_dns64(struct config_reader *r)
{
	const struct config *cfg = r->cfg;

	if (!cfg->dns64.enable)
		return;
	check_listen(r);
	check_allow(r);
	check_pools(r);
	check_tls(r);
	if (cfg->nat64.backend == CONFIG_NAT64_OFF || !cfg->nat64.pool4_count)
		sbuf_printf(
			&r->cfg->warnings,
			"%s:%u: [dns64] enable: synthesised addresses lead nowhere on this box: "
			"[nat64] has no pool4, or is off\n",
			r->path, config_line_of(r, "dns64", "enable"));
}
