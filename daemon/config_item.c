// SPDX-License-Identifier: GPL-2.0-or-later
/* How the configuration's values of several fields are read and written: interfaces, pools,
 * servers, endpoints. A text that may hold a secret is never repeated in an error. */
#include "daemon/config_table.h"

#include <errno.h>
#include <string.h>

/* What stands behind "NAME=" in this field, or NULL when it is not of that name. */
static const char *option(const char *field, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(field, name, len) || field[len] != '=')
		return NULL;
	return field + len + 1;
}

static int option_number(const char *name, const char *value, uint32_t max, uint32_t *ret,
			 struct sbuf *why)
{
	uint64_t v;

	if (str_to_u64(value, 0, max, &v)) {
		sbuf_printf(why, "%s= must be a number from 0 to %u", name, max);
		return -EINVAL;
	}
	*ret = (uint32_t)v;
	return 0;
}

static int interface_parse(const struct config_row *row, const struct config_input *in, void *item,
			   struct sbuf *why)
{
	struct config_interface v = { .padi_limit = UINT32_MAX, .line = in->line };
	int rc = config_ifname_copy(v.name, in->field[0], why);

	(void)row;
	for (unsigned i = 1; i < in->count && !rc; i++) {
		const char *sessions = option(in->field[i], "max-sessions");
		const char *padi = option(in->field[i], "padi-limit");

		if (sessions)
			rc = option_number("max-sessions", sessions, 1000000, &v.max_sessions, why);
		else if (padi)
			rc = option_number("padi-limit", padi, 1000000, &v.padi_limit, why);
		else
			rc = config_refuse(why, in->field[i], "max-sessions=N or padi-limit=N");
	}
	if (!rc)
		*(struct config_interface *)item = v;
	return rc;
}

static bool interface_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_interface *v = item;

	(void)row;
	config_text_write(v->name, out);
	if (v->max_sessions)
		sbuf_printf(out, ",max-sessions=%u", v->max_sessions);
	sbuf_printf(out, ",padi-limit=%u", v->padi_limit);
	return true;
}

const struct config_type config_type_interface = {
	.syntax = "INTERFACE[,max-sessions=N][,padi-limit=N]",
	.parse = interface_parse,
	.format = interface_format,
};

static int mac_filter_parse(const struct config_row *row, const struct config_input *in, void *item,
			    struct sbuf *why)
{
	struct config_mac_filter v = { 0 };

	(void)row;
	if (in->count != 2)
		return sbuf_printf(why, "a file and, after a comma, allow or deny"), -EINVAL;
	if (strcmp(in->field[1], "allow") && strcmp(in->field[1], "deny"))
		return config_refuse(why, in->field[1], "allow or deny");
	v.deny = !strcmp(in->field[1], "deny");
	if (config_text_copy(v.file, sizeof(v.file), in->field[0], why))
		return -EINVAL;
	*(struct config_mac_filter *)item = v;
	return 0;
}

static bool mac_filter_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_mac_filter *v = item;

	(void)row;
	if (!*v->file)
		return false;
	config_text_write(v->file, out);
	sbuf_printf(out, ",%s", v->deny ? "deny" : "allow");
	return true;
}

const struct config_type config_type_mac_filter = {
	.syntax = "FILE,allow|deny",
	.parse = mac_filter_parse,
	.format = mac_filter_format,
};

/* "DELAY", or "DELAY:SESSIONS"; accel-ppp's form. */
static int pado_delay_parse(const struct config_row *row, const struct config_input *in, void *item,
			    struct sbuf *why)
{
	const char *colon = strchr(in->field[0], ':');
	size_t len = colon ? (size_t)(colon - in->field[0]) : strlen(in->field[0]);
	uint64_t delay = 0, sessions = 0;
	bool none = len == 2 && !strncmp(in->field[0], "-1", 2);
	char buf[16];

	(void)row;
	if (len < sizeof(buf)) {
		memcpy(buf, in->field[0], len);
		buf[len] = '\0';
		if ((none || !str_to_u64(buf, 0, 60000, &delay)) &&
		    (!colon || !str_to_u64(colon + 1, 0, 1000000, &sessions))) {
			*(struct pppoe_pado_delay *)item = (struct pppoe_pado_delay){
				.sessions = (uint32_t)sessions,
				.delay_ms = none ? -1 : (int32_t)delay,
			};
			return 0;
		}
	}
	return config_refuse(
		why, in->field[0],
		"DELAY or DELAY:SESSIONS (0 to 60000 milliseconds, or -1 for no offer; "
		"0 to 1000000 sessions)");
}

static bool pado_delay_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct pppoe_pado_delay *v = item;

	(void)row;
	sbuf_printf(out, "%d", v->delay_ms);
	if (v->sessions)
		sbuf_printf(out, ":%u", v->sessions);
	return true;
}

const struct config_type config_type_pado_delay = {
	.syntax = "DELAY[,DELAY:SESSIONS]...",
	.parse = pado_delay_parse,
	.format = pado_delay_format,
	.each = true,
};

/* name=NAME, or, as accel-ppp has it too, NAME alone. */
static int name_option(const struct config_input *in, unsigned first, char name[CONFIG_NAME_MAX],
		       struct sbuf *why)
{
	const char *value;
	uint32_t addr;

	if (in->count <= first)
		return 0;
	if (in->count > first + 1)
		return config_refuse(why, in->field[first + 1], "allowed here: only name=NAME is");
	value = option(in->field[first], "name");
	if (!value && strchr(in->field[first], '='))
		return config_refuse(why, in->field[first], "name=NAME");
	value = value ? value : in->field[first];
	/* What means something else in the users file. */
	if (!strcmp(value, "*") || !strcmp(value, "-") || !ip4_parse(value, &addr))
		return config_refuse(why, value, "a name for a pool");
	return config_text_copy(name, CONFIG_NAME_MAX, value, why);
}

/* "A/LEN", "A-B", or accel-ppp's "A-N" where N is the last octet of the end. */
static int range_parse(const char *s, struct config_pool *v)
{
	const char *dash = strchr(s, '-');
	struct prefix4 p;
	uint64_t octet;
	char buf[IP4_STRLEN];

	if (!dash) {
		if (prefix4_parse(s, &p))
			return -EINVAL;
		v->is_prefix = true;
		v->first = p.addr;
		v->last = p.len ? p.addr | (uint32_t)(UINT64_C(0xffffffff) >> p.len) : UINT32_MAX;
		return 0;
	}
	if ((size_t)(dash - s) >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, s, (size_t)(dash - s));
	buf[dash - s] = '\0';
	if (ip4_parse(buf, &v->first))
		return -EINVAL;
	if (!str_to_u64(dash + 1, 0, 255, &octet))
		v->last = (v->first & ~255u) | (uint32_t)octet;
	else if (ip4_parse(dash + 1, &v->last))
		return -EINVAL;
	return v->first <= v->last ? 0 : -EINVAL;
}

static int pool_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	struct config_pool v = { .line = in->line };

	(void)row;
	/* No range may reach over what is not for hosts: 127/8, and 224/3 up to the end. */
	if (range_parse(in->field[0], &v) || !config_ip4_is_host(v.first) ||
	    !config_ip4_is_host(v.last) || (v.first >> 24 < 127 && v.last >> 24 > 127))
		return config_refuse(
			why, in->field[0],
			"a range of host addresses: ADDRESS/LENGTH with no bit set behind "
			"its length, or FIRST-LAST");
	if (name_option(in, 1, v.name, why))
		return -EINVAL;
	*(struct config_pool *)item = v;
	return 0;
}

static bool pool_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_pool *v = item;
	char a[IP4_STRLEN], b[IP4_STRLEN];

	(void)row;
	if (v->is_prefix)
		sbuf_printf(out, "%s/%d", ip4_str(a, v->first),
			    v->first == v->last ? 32 : __builtin_clz(v->first ^ v->last));
	else
		sbuf_printf(out, "%s-%s", ip4_str(a, v->first), ip4_str(b, v->last));
	if (*v->name) {
		sbuf_printf(out, ",name=");
		config_text_write(v->name, out);
	}
	return true;
}

const struct config_type config_type_pool = {
	.syntax = "ADDRESS/LENGTH | FIRST-LAST [,name=NAME]",
	.parse = pool_parse,
	.format = pool_format,
};

/* Global unicast or unique local: what a subscriber can be given. */
static bool prefix_is_unicast(const struct prefix6 *p)
{
	if (!p->len || p->addr.b[0] == 0xff)
		return false;
	if (ip6_is_link_local(&p->addr))
		return false;
	return p->addr.b[0]; /* ::/8 holds loopback, mapped addresses and the like */
}

static int prefix_parse(const char *s, struct prefix6 *ret, struct sbuf *why)
{
	if (prefix6_parse(s, ret) || !prefix_is_unicast(ret))
		return config_refuse(
			why, s,
			"an IPv6 prefix for subscribers: ADDRESS/LENGTH, unicast, no bit set "
			"behind its length");
	return 0;
}

static int prefix_pool_parse(const struct config_row *row, const struct config_input *in,
			     void *item, struct sbuf *why)
{
	struct config_prefix_pool v = { .line = in->line };
	uint64_t plen;

	if (prefix_parse(in->field[0], &v.prefix, why))
		return -EINVAL;
	if (in->count < 2)
		return sbuf_printf(why, "the length that each session gets is missing: PREFIX,%u",
				   row->max),
		       -EINVAL;
	if (str_to_u64(in->field[1], row->min, row->max, &plen) || plen < v.prefix.len) {
		sbuf_printf(why,
			    "each session's length must be %u to %u and not below the prefix's",
			    row->min, row->max);
		return -EINVAL;
	}
	v.plen = (uint8_t)plen;
	if (name_option(in, 2, v.name, why))
		return -EINVAL;
	*(struct config_prefix_pool *)item = v;
	return 0;
}

static bool prefix_pool_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_prefix_pool *v = item;
	char buf[PREFIX_STRLEN];

	(void)row;
	sbuf_printf(out, "%s", prefix6_str(buf, &v->prefix));
	if (v->plen != 128)
		sbuf_printf(out, ",%u", v->plen);
	if (*v->name) {
		sbuf_printf(out, ",name=");
		config_text_write(v->name, out);
	}
	return true;
}

const struct config_type config_type_prefix_pool = {
	.syntax = "PREFIX,LENGTH[,name=NAME]",
	.parse = prefix_pool_parse,
	.format = prefix_pool_format,
};

static int address_pool_parse(const struct config_row *row, const struct config_input *in,
			      void *item, struct sbuf *why)
{
	struct config_prefix_pool v = { .plen = 128, .line = in->line };

	(void)row;
	if (prefix_parse(in->field[0], &v.prefix, why) || name_option(in, 1, v.name, why))
		return -EINVAL;
	*(struct config_prefix_pool *)item = v;
	return 0;
}

const struct config_type config_type_address_pool = {
	.syntax = "PREFIX[,name=NAME]",
	.parse = address_pool_parse,
	.format = prefix_pool_format,
};
