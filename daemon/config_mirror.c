// SPDX-License-Identifier: GPL-2.0-or-later
/* How the values of [mirror] are read and written: ports, rules, what is never copied. */
#include "daemon/config_table.h"

#include <errno.h>
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

static int port_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	struct config_mirror_port v = { .line = in->line };
	int rc = config_ifname_copy(v.name, in->field[0], why);

	(void)row;
	for (unsigned i = 1; i < in->count && !rc; i++)
		rc = port_option(&v, in->field[i], why);
	if (!rc && v.has_gateway && v.has_mac) {
		sbuf_printf(why, "gateway= and mac= exclude each other");
		rc = -EINVAL;
	}
	if (!rc)
		*(struct config_mirror_port *)item = v;
	return rc;
}

static bool port_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_mirror_port *v = item;
	char mac[MAC_STRLEN];

	(void)row;
	config_text_write(v->name, out);
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
	.syntax = "INTERFACE[,gateway=ADDRESS][,mac=MAC]",
	.parse = port_parse,
	.format = port_format,
	.same = port_same,
};

/* --- rules ----------------------------------------------------------------------------------- */

static int rule_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	struct mirror_rule v;
	char text[256];

	(void)row;
	if (mirror_rule_parse(in->field, in->count, &v, text, sizeof(text))) {
		sbuf_printf(why, "%s", text);
		return -EINVAL;
	}
	if (v.seconds)
		return config_refuse(why, "for=", "for the configuration");
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
				return config_refuse(why, s, "an address, a prefix or a MAC");
		}
	}
	*(struct config_network *)item = v;
	return 0;
}

static bool network_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_network *v = item;
	char text[PREFIX_STRLEN];

	(void)row;
	if (v->kind == CONFIG_NETWORK_MAC)
		sbuf_printf(out, "%s", mac_str(text, &v->mac));
	else
		sbuf_printf(out, "%s",
			    v->kind == CONFIG_NETWORK_IP4 ? prefix4_str(text, &v->p4)
							  : prefix6_str(text, &v->p6));
	return true;
}

const struct config_type config_type_network = {
	.syntax = "ADDRESS | PREFIX | MAC",
	.parse = network_parse,
	.format = network_format,
	.each = true,
};
