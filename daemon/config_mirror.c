// SPDX-License-Identifier: GPL-2.0-or-later
/* How the values of [mirror] are read and written: ports, rules, what is never copied. */
#include "daemon/config_table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int address_parse(const char *s, struct config_network *ret)
{
	*ret = (struct config_network){ .kind = CONFIG_NETWORK_IP4, .p4.len = 32 };
	if (!ip4_parse(s, &ret->p4.addr))
		return 0;
	*ret = (struct config_network){ .kind = CONFIG_NETWORK_IP6, .p6.len = 128 };
	return ip6_parse(s, &ret->p6.addr);
}

static void address_write(const struct config_network *v, struct sbuf *out)
{
	char text[IP6_STRLEN];

	sbuf_printf(out, "%s",
		    v->kind == CONFIG_NETWORK_IP4 ? ip4_str(text, v->p4.addr)
						  : ip6_str(text, &v->p6.addr));
}

/* --- ports ----------------------------------------------------------------------------------- */

static const struct {
	const char *name; /* and a colon, and the address */
	const char *id;	  /* what tells one stream from another there; NULL: nothing does */
	uint32_t id_least, id_most;
	uint16_t port; /* of UDP; 0: it has none */
} kinds[] = {
	[ABI_TUNNEL_VXLAN] = { "vxlan", "vni", 0, MIRROR_VNI_MAX, MIRROR_VXLAN_PORT },
	[ABI_TUNNEL_GRE] = { "gre", "key", 0, UINT32_MAX, 0 },
	[ABI_TUNNEL_ERSPAN] = { "erspan", "session", 0, MIRROR_ERSPAN_MAX, 0 },
	[ABI_TUNNEL_TZSP] = { "tzsp", NULL, 0, 0, MIRROR_TZSP_PORT },
};

/* "option=": what follows it, or NULL. */
static const char *value_of(const char *field, const char *option)
{
	size_t len = strlen(option);

	return !strncmp(field, option, len) && field[len] == '=' ? field + len + 1 : NULL;
}

static int port_option(struct config_mirror_port *v, const char *field, struct sbuf *why)
{
	if (!strncmp(field, "gateway=", 8) && !address_parse(field + 8, &v->gateway)) {
		v->has_gateway = true;
		return 0;
	}
	if (!strncmp(field, "mac=", 4) && !mac_parse(field + 4, &v->mac)) {
		v->has_mac = true;
		return 0;
	}
	return config_refuse(why, field, "gateway=ADDRESS or mac=MAC");
}

static int device_parse(struct config_mirror_port *v, const struct config_input *in,
			struct sbuf *why)
{
	int rc = config_ifname_copy(v->name, in->field[0], why);

	for (unsigned i = 1; i < in->count && !rc; i++)
		rc = port_option(v, in->field[i], why);
	if (!rc && v->has_gateway && v->has_mac) {
		sbuf_printf(why, "gateway= and mac= exclude each other");
		rc = -EINVAL;
	}
	return rc;
}

/* --- remote ones ----------------------------------------------------------------------------- */

/* Of a host that packets can be sent to; link-local needs an interface that nobody told. */
static bool host_parse(const char *s, bool *ret_ip6, uint32_t *ret4, struct ip6 *ret6)
{
	static const struct ip6 none, loopback = { .b = { [15] = 1 } };
	struct config_network a;

	if (address_parse(s, &a))
		return false;
	*ret_ip6 = a.kind == CONFIG_NETWORK_IP6;
	*ret4 = *ret_ip6 ? 0 : a.p4.addr;
	*ret6 = *ret_ip6 ? a.p6.addr : none;
	if (!*ret_ip6)
		return config_ip4_is_host(*ret4);
	return memcmp(ret6, &none, sizeof(none)) && memcmp(ret6, &loopback, sizeof(loopback)) &&
	       ret6->b[0] != 0xff && !(ret6->b[0] == 0xfe && (ret6->b[1] & 0xc0) == 0x80);
}

static int source_parse(struct config_mirror_port *v, const char *field, const char *value,
			struct sbuf *why)
{
	bool ip6;

	if (!host_parse(value, &ip6, &v->tunnel.src4, &v->tunnel.src6) || ip6 != v->tunnel.ip6)
		return config_refuse(why, field, "an address of the target's family");
	v->has_source = true;
	return 0;
}

static int number_parse(const char *field, const char *value, uint64_t least, uint64_t most,
			uint64_t *ret, struct sbuf *why)
{
	char allowed[64];

	if (!str_to_u64(value, least, most, ret))
		return 0;
	snprintf(allowed, sizeof(allowed), "a number from %llu to %llu", (unsigned long long)least,
		 (unsigned long long)most);
	return config_refuse(why, field, allowed);
}

static int remote_option(struct config_mirror_port *v, const char *field, struct sbuf *why)
{
	struct mirror_tunnel *t = &v->tunnel;
	const char *id = kinds[t->kind].id, *value;
	char allowed[96];
	uint64_t n;
	int rc;

	if ((value = value_of(field, "source")))
		return source_parse(v, field, value, why);
	if (id && (value = value_of(field, id))) {
		rc = number_parse(field, value, kinds[t->kind].id_least, kinds[t->kind].id_most, &n,
				  why);
		if (!rc)
			t->id = (uint32_t)n, v->has_id = t->has_key = true;
		return rc;
	}
	if (kinds[t->kind].port && (value = value_of(field, "port"))) {
		rc = number_parse(field, value, 1, UINT16_MAX, &n, why);
		t->port = rc ? 0 : (uint16_t)n;
		return rc;
	}
	if ((value = value_of(field, "snap"))) {
		rc = number_parse(field, value, MIRROR_SNAP_MIN, UINT16_MAX, &n, why);
		t->snap = rc ? 0 : (uint32_t)n;
		return rc;
	}
	snprintf(allowed, sizeof(allowed), "%s%ssource=ADDRESS%s or snap=OCTETS", id ? id : "",
		 id ? "=NUMBER, " : "", kinds[t->kind].port ? ", port=NUMBER" : "");
	return config_refuse(why, field, allowed);
}

static int remote_parse(struct config_mirror_port *v, const struct config_input *in,
			const char *address, struct sbuf *why)
{
	struct mirror_tunnel *t = &v->tunnel;
	size_t len = strlen(in->field[0]);
	int rc = 0;

	if (len >= sizeof(v->name) || !host_parse(address, &t->ip6, &t->dst4, &t->dst6))
		return config_refuse(why, in->field[0],
				     "a kind, a colon and the address of a host");
	memcpy(v->name, in->field[0], len + 1);
	v->remote = true;
	t->port = kinds[t->kind].port;
	for (unsigned i = 1; i < in->count && !rc; i++)
		rc = remote_option(v, in->field[i], why);
	if (!rc && t->kind == ABI_TUNNEL_VXLAN && !v->has_id) {
		sbuf_printf(why, "vxlan needs vni=NUMBER");
		rc = -EINVAL;
	}
	return rc;
}

static int port_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	struct config_mirror_port v = { .line = in->line };
	const char *name = in->field[0], *colon = strchr(name, ':');
	size_t len = colon ? (size_t)(colon - name) : 0;
	unsigned kind = 0;
	int rc;

	(void)row;
	while (colon && kind < ARRAY_SIZE(kinds) &&
	       (strncmp(name, kinds[kind].name, len) || kinds[kind].name[len]))
		kind++;
	if (colon && kind == ARRAY_SIZE(kinds))
		return config_refuse(why, name,
				     "an interface, vxlan:, gre:, erspan: or tzsp:ADDRESS");
	v.tunnel.kind = (enum abi_tunnel_kind)kind;
	rc = colon ? remote_parse(&v, in, colon + 1, why) : device_parse(&v, in, why);
	if (!rc)
		*(struct config_mirror_port *)item = v;
	return rc;
}

static void remote_format(const struct config_mirror_port *v, struct sbuf *out)
{
	const struct mirror_tunnel *t = &v->tunnel;
	char text[IP6_STRLEN];

	if (v->has_id)
		sbuf_printf(out, ",%s=%u", kinds[t->kind].id, t->id);
	if (t->port != kinds[t->kind].port)
		sbuf_printf(out, ",port=%u", t->port);
	if (v->has_source)
		sbuf_printf(out, ",source=%s",
			    t->ip6 ? ip6_str(text, &t->src6) : ip4_str(text, t->src4));
	if (t->snap)
		sbuf_printf(out, ",snap=%u", t->snap);
}

static bool port_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_mirror_port *v = item;
	char mac[MAC_STRLEN];

	(void)row;
	config_text_write(v->name, out);
	if (v->remote)
		remote_format(v, out);
	if (v->has_mac)
		sbuf_printf(out, ",mac=%s", mac_str(mac, &v->mac));
	if (v->has_gateway) {
		sbuf_printf(out, ",gateway=");
		address_write(&v->gateway, out);
	}
	return true;
}

static bool port_same(const void *a, const void *b)
{
	return !strcmp(((const struct config_mirror_port *)a)->name,
		       ((const struct config_mirror_port *)b)->name);
}

const struct config_type config_type_mirror_port = {
	.syntax = "INTERFACE[,gateway=ADDRESS][,mac=MAC] | KIND:ADDRESS[,OPTION=VALUE]...",
	.parse = port_parse,
	.format = port_format,
	.same = port_same,
};

/* "subs0", and with "p" or "m" behind it: the ends of pairs of ours that nobody else may send to.
 */
static bool is_our_device(const struct config *c, const char *name)
{
	const char *device = c->subscriber.device;
	size_t len = strlen(device);

	return !strncmp(name, device, len) &&
	       (!name[len] || !strcmp(name + len, "p") || !strcmp(name + len, "m"));
}

/* Copies of everybody's packets are not for subscribers. */
static void check_port(struct config_reader *r, const struct config_mirror_port *p)
{
	const struct config *c = r->cfg;

	if (is_our_device(c, p->name))
		config_error(r, p->line, "mirror", "port",
			     "'%s' is a device of ours: copies would come to lines", p->name);
	for (unsigned i = 0; i < c->pppoe.interface_count; i++)
		if (!strcmp(c->pppoe.interfaces[i].name, p->name))
			config_error(r, p->line, "mirror", "port",
				     "'%s' is an access interface: copies would come to lines",
				     p->name);
}

void config_check_mirror(struct config_reader *r)
{
	for (unsigned i = 0; i < r->cfg->mirror.port_count; i++)
		if (!r->cfg->mirror.ports[i].remote)
			check_port(r, &r->cfg->mirror.ports[i]);
}

/* --- rules ----------------------------------------------------------------------------------- */

static int rule_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	struct mirror_rule v;
	char text[256];

	(void)row;
	if (mirror_rule_parse(in->field, in->count, &v, text, sizeof(text)) ||
	    mirror_rule_of_copies(&v, text, sizeof(text))) {
		sbuf_printf(why, "%s", text);
		return -EINVAL;
	}
	if (v.seconds || v.has_until)
		return config_refuse(why, "for= or until=", "for the configuration");
	*(struct mirror_rule *)item = v;
	return 0;
}

static bool rule_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	struct sbuf words = { 0 };

	(void)row;
	mirror_rule_write(item, &words);
	for (char *p = words.p; p && *p; p++)
		*p = *p == ' ' ? ',' : *p;
	sbuf_printf(out, "%s", words.p ? words.p : "");
	sbuf_fini(&words);
	return true;
}

const struct config_type config_type_mirror_rule = {
	.syntax = "WORD[,WORD]...",
	.parse = rule_parse,
	.format = rule_format,
};

/* --- what is never copied -------------------------------------------------------------------- */

/* What begins as an address does and is none is a slip of the pen, and no interface's name. */
static bool is_like_address(const char *s)
{
	return (*s >= '0' && *s <= '9') || strpbrk(s, ":/");
}

static int network_parse(const struct config_row *row, const struct config_input *in, void *item,
			 struct sbuf *why)
{
	struct config_network v = { .kind = CONFIG_NETWORK_MAC };
	const char *s = in->field[0];

	(void)row;
	if (mac_parse(s, &v.mac)) {
		v.kind = CONFIG_NETWORK_IP4;
		if (prefix4_parse(s, &v.p4)) {
			v.kind = CONFIG_NETWORK_IP6;
			if (prefix6_parse(s, &v.p6) && address_parse(s, &v))
				v = (struct config_network){ .kind = CONFIG_NETWORK_BEHIND };
		}
	}
	if (v.kind == CONFIG_NETWORK_BEHIND && is_like_address(s))
		return config_refuse(why, s, "an address, a prefix, a MAC or an interface");
	if (v.kind == CONFIG_NETWORK_BEHIND && config_ifname_copy(v.name, s, why))
		return -EINVAL;
	*(struct config_network *)item = v;
	return 0;
}

static bool network_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_network *v = item;
	char text[PREFIX_STRLEN];

	(void)row;
	if (v->kind == CONFIG_NETWORK_BEHIND)
		config_text_write(v->name, out);
	else if (v->kind == CONFIG_NETWORK_MAC)
		sbuf_printf(out, "%s", mac_str(text, &v->mac));
	else
		sbuf_printf(out, "%s",
			    v->kind == CONFIG_NETWORK_IP4 ? prefix4_str(text, &v->p4)
							  : prefix6_str(text, &v->p6));
	return true;
}

const struct config_type config_type_network = {
	.syntax = "ADDRESS | PREFIX | MAC | INTERFACE",
	.parse = network_parse,
	.format = network_format,
	.each = true,
};
