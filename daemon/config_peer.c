// SPDX-License-Identifier: GPL-2.0-or-later
/* How the configuration's values that name another machine, or a place to listen, are read and
 * written. Names are not resolved: an address is literal, so that a start never waits for DNS.
 * A text that may hold a secret is never repeated in an error. */
#include "daemon/config_table.h"
#include "nat64/nat64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The canonical text of a literal address of either family. */
static int address_copy(char dst[IP6_STRLEN], const char *src)
{
	uint32_t ip4;
	struct ip6 ip6;

	if (!ip4_parse(src, &ip4))
		ip4_str(dst, ip4);
	else if (!ip6_parse(src, &ip6))
		ip6_str(dst, &ip6);
	else
		return -EINVAL;
	return 0;
}

static int address_parse(const struct config_row *row, const struct config_input *in, void *item,
			 struct sbuf *why)
{
	struct config_endpoint v = { 0 };

	(void)row;
	if (address_copy(v.address, in->field[0])) {
		sbuf_printf(why, "not an IPv4 or IPv6 address (names are not resolved)");
		return -EINVAL;
	}
	*(struct config_endpoint *)item = v;
	return 0;
}

static bool address_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	(void)row;
	sbuf_printf(out, "%s", ((const struct config_endpoint *)item)->address);
	return true;
}

const struct config_type config_type_address = {
	.syntax = "ADDRESS",
	.parse = address_parse,
	.format = address_format,
	.each = true,
};

/* "1.2.3.4:80", "[2001:db8::1]:80". */
static int endpoint_copy(struct config_endpoint *ret, const char *s, struct sbuf *why)
{
	const char *colon = strrchr(s, ':');
	struct config_endpoint v = { 0 };
	char buf[IP6_STRLEN + 2];
	size_t len = colon ? (size_t)(colon - s) : sizeof(buf);
	const char *addr = buf;
	uint64_t port;

	if (len >= sizeof(buf))
		goto bad;
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (len > 2 && buf[0] == '[' && buf[len - 1] == ']') {
		buf[len - 1] = '\0';
		addr = buf + 1;
	} else if (strchr(buf, ':')) {
		goto bad;
	}
	if (address_copy(v.address, addr) || str_to_u64(colon + 1, 1, 65535, &port))
		goto bad;
	v.port = (uint16_t)port;
	*ret = v;
	return 0;
bad:
	sbuf_printf(why, "not ADDRESS:PORT (an IPv6 address in brackets; port 1 to 65535)");
	return -EINVAL;
}

static int endpoint_parse(const struct config_row *row, const struct config_input *in, void *item,
			  struct sbuf *why)
{
	(void)row;
	return endpoint_copy(item, in->field[0], why);
}

static bool endpoint_write(const struct config_endpoint *v, struct sbuf *out)
{
	if (!*v->address)
		return false;
	sbuf_printf(out, strchr(v->address, ':') ? "[%s]:%u" : "%s:%u", v->address, v->port);
	return true;
}

static bool endpoint_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	(void)row;
	return endpoint_write(item, out);
}

const struct config_type config_type_endpoint = {
	.syntax = "ADDRESS:PORT",
	.parse = endpoint_parse,
	.format = endpoint_format,
};

static int server_option(const char *field, struct config_radius_server *v)
{
	uint64_t n;

	if (!strcmp(field, "backup")) {
		v->backup = true;
		return 0;
	}
	if (!strncmp(field, "weight=", 7)) {
		if (str_to_u64(field + 7, 1, 1000, &n))
			return -EINVAL;
		v->weight = (uint32_t)n;
		return 0;
	}
	if (strncmp(field, "auth-port=", 10) && strncmp(field, "acct-port=", 10))
		return -EINVAL;
	if (str_to_u64(field + 10, 0, 65535, &n))
		return -EINVAL;
	*(field[1] == 'u' ? &v->auth_port : &v->acct_port) = (uint16_t)n;
	return 0;
}

static int radius_server_parse(const struct config_row *row, const struct config_input *in,
			       void *item, struct sbuf *why)
{
	struct config_radius_server *v = item;

	(void)row;
	*v = (struct config_radius_server){ .auth_port = 1812, .acct_port = 1813 };
	if (address_copy(v->address, in->field[0])) {
		sbuf_printf(why, "the server is not an IPv4 or IPv6 address "
				 "(names are not resolved)");
		return -EINVAL;
	}
	if (in->count < 2)
		return sbuf_printf(why, "the secret is missing: ADDRESS,SECRET"), -EINVAL;
	if (config_text_copy(v->secret, sizeof(v->secret), in->field[1], why))
		return -EINVAL;
	for (unsigned i = 2; i < in->count; i++) {
		if (!server_option(in->field[i], v))
			continue;
		sbuf_printf(why, "after the secret only auth-port=N and acct-port=N, "
				 "0 to 65535, weight=N, 1 to 1000, and backup are allowed");
		return -EINVAL;
	}
	return 0;
}

static bool radius_server_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_radius_server *v = item;

	(void)row;
	sbuf_printf(out, "%s,***,auth-port=%u,acct-port=%u", v->address, v->auth_port,
		    v->acct_port);
	if (v->weight)
		sbuf_printf(out, ",weight=%u", v->weight);
	if (v->backup)
		sbuf_printf(out, ",backup");
	return true;
}

const struct config_type config_type_radius_server = {
	.syntax = "ADDRESS,SECRET[,auth-port=N][,acct-port=N][,weight=N][,backup]",
	.parse = radius_server_parse,
	.format = radius_server_format,
};

static int dae_server_parse(const struct config_row *row, const struct config_input *in, void *item,
			    struct sbuf *why)
{
	struct config_dae_server *v = item;

	(void)row;
	if (in->count != 2)
		return sbuf_printf(why, "ADDRESS:PORT and, after a comma, the secret"), -EINVAL;
	if (endpoint_copy(&v->listen, in->field[0], why))
		return -EINVAL;
	return config_text_copy(v->secret, sizeof(v->secret), in->field[1], why);
}

static bool dae_server_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_dae_server *v = item;

	(void)row;
	if (!endpoint_write(&v->listen, out))
		return false;
	sbuf_printf(out, ",***");
	return true;
}

const struct config_type config_type_dae_server = {
	.syntax = "ADDRESS:PORT,SECRET",
	.parse = dae_server_parse,
	.format = dae_server_format,
};

/* The protocols behind the ports; none means all. False: something else stands there. */
static bool pool4_protos(const struct config_input *in, uint8_t *ret)
{
	unsigned protos = 0;

	for (unsigned i = 2; i < in->count; i++) {
		unsigned p = 0;

		while (p < NAT64_PROTOS &&
		       strcmp(in->field[i], nat64_proto_name((enum nat64_proto)p)) != 0)
			p++;
		if (p == NAT64_PROTOS)
			return false;
		protos |= 1u << p;
	}
	*ret = (uint8_t)(protos ? protos : NAT64_ALL);
	return true;
}

static int pool4_parse(const struct config_row *row, const struct config_input *in, void *item,
		       struct sbuf *why)
{
	unsigned addr_ok = in->count >= 2, first, last;
	struct config_pool4 v = { .line = in->line };
	char end;

	(void)row;
	addr_ok = addr_ok && !ip4_parse(in->field[0], &v.addr) && config_ip4_is_host(v.addr);
	if (!addr_ok || sscanf(in->field[1], "%5u-%5u%c", &first, &last, &end) != 2 || !first ||
	    first > last || last > 65535 || !pool4_protos(in, &v.protos)) {
		sbuf_printf(why, "not ADDRESS,FIRST-LAST[,tcp][,udp][,icmp] (an IPv4 address, "
				 "ports 1 to 65535)");
		return -EINVAL;
	}
	v.first_port = (uint16_t)first;
	v.last_port = (uint16_t)last;
	*(struct config_pool4 *)item = v;
	return 0;
}

static bool pool4_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_pool4 *v = item;
	char buf[IP4_STRLEN];

	(void)row;
	sbuf_printf(out, "%s,%u-%u", ip4_str(buf, v->addr), v->first_port, v->last_port);
	for (unsigned p = 0; v->protos != NAT64_ALL && p < NAT64_PROTOS; p++)
		if (v->protos & 1u << p)
			sbuf_printf(out, ",%s", nat64_proto_name((enum nat64_proto)p));
	return true;
}

const struct config_type config_type_pool4 = {
	.syntax = "ADDRESS,PORT-PORT[,tcp][,udp][,icmp]",
	.parse = pool4_parse,
	.format = pool4_format,
};
