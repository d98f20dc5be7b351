// SPDX-License-Identifier: GPL-2.0-or-later
/* How values of accel-ppp become ours. */
#include "console/import_row.h"

#include "base/addr.h"

#include <errno.h>
#include <string.h>

#define VALUE_MAX 512

void import_quote(struct sbuf *dst, const char *value)
{
	if (*value && !strpbrk(value, " \t#,\"\\")) {
		sbuf_printf(dst, "%s", value);
		return;
	}
	sbuf_printf(dst, "\"");
	for (const char *p = value; *p; p++)
		sbuf_printf(dst, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	sbuf_printf(dst, "\"");
}

int import_refuse(struct import *im, const char *why)
{
	sbuf_printf(&im->why, "%s", why);
	return -EINVAL;
}

/* Puts @value under the row's key, once. */
static int put(struct import *im, const struct import_row *row, const char *value)
{
	return import_put_once(im, row->to, row->to_key, value);
}

/* The fields of a list with commas: the next one, without blanks around it, or NULL. */
static const char *next_field(const char **rest, char buf[VALUE_MAX])
{
	const char *p = *rest;
	size_t len;

	if (!p)
		return NULL;
	p += strspn(p, " \t");
	len = strcspn(p, ",");
	*rest = p[len] ? p + len + 1 : NULL;
	while (len && (p[len - 1] == ' ' || p[len - 1] == '\t'))
		len--;
	if (len >= VALUE_MAX)
		len = VALUE_MAX - 1;
	memcpy(buf, p, len);
	buf[len] = '\0';
	return buf;
}

static const char *option(const char *field, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(field, name, len) && field[len] == '=' ? field + len + 1 : NULL;
}

int import_number(struct import *im, const struct import_row *row, const char *value)
{
	uint64_t v;
	char text[24];

	if (str_to_u64(value, row->min, row->max, &v)) {
		sbuf_printf(&im->why, "ours is a number from %u to %u", row->min, row->max);
		return -EINVAL;
	}
	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	return put(im, row, text);
}

int import_bool(struct import *im, const struct import_row *row, const char *value)
{
	static const char *const yes[] = { "1", "yes", "true", "on", "enable" };
	static const char *const no[] = { "0", "no", "false", "off", "disable" };

	for (unsigned i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!strcasecmp(value, yes[i]))
			return put(im, row, "yes");
		if (!strcasecmp(value, no[i]))
			return put(im, row, "no");
	}
	return import_refuse(im, "ours is yes or no");
}

int import_enum(struct import *im, const struct import_row *row, const char *value)
{
	size_t len = strlen(value);

	for (const char *p = row->names; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (len && !strncmp(p, value, len) && (!p[len] || p[len] == '|'))
			return put(im, row, value);
	sbuf_printf(&im->why, "ours is one of %s", row->names);
	return -EINVAL;
}

int import_copy(struct import *im, const struct import_row *row, const char *value)
{
	struct sbuf text = { 0 };
	int r;

	if (!*value)
		return import_refuse(im, "no value");
	import_quote(&text, value);
	r = text.bad ? -ENOMEM : put(im, row, text.p);
	sbuf_fini(&text);
	return r;
}

/* Fields that may stand more than once: a line of ours each. */
int import_list(struct import *im, const struct import_row *row, const char *value)
{
	char buf[VALUE_MAX];
	const char *field;
	struct sbuf text = { 0 };

	if (!*value)
		return import_refuse(im, "no value");
	while ((field = next_field(&value, buf))) {
		if (!*field)
			continue;
		text.len = 0;
		import_quote(&text, field);
		if (!text.bad)
			import_put(im, row->to, row->to_key, text.p);
	}
	sbuf_fini(&text);
	return 0;
}

/* A list of addresses; theirs may have networks, too. */
int import_addresses(struct import *im, const struct import_row *row, const char *value)
{
	char buf[VALUE_MAX];
	const char *field;
	bool any = false;
	struct ip6 ip6;
	uint32_t ip4;

	while ((field = next_field(&value, buf))) {
		if (!ip4_parse(field, &ip4) || !ip6_parse(field, &ip6)) {
			import_put(im, row->to, row->to_key, field);
			any = true;
		} else if (*field) {
			import_differ(im, "%s is no address: ours are listed one by one", field);
		}
	}
	return any ? 0 : import_refuse(im, "no address");
}

int import_raw(struct import *im, const struct import_row *row, const char *value)
{
	if (!*value)
		return import_refuse(im, "no value");
	return put(im, row, value);
}

/* One address of either family, literal. */
int import_address(struct import *im, const struct import_row *row, const char *value)
{
	struct ip6 ip6;
	uint32_t ip4;

	if (ip4_parse(value, &ip4) && ip6_parse(value, &ip6))
		return import_refuse(im, "not an address (names are not resolved)");
	if (row->min) { /* a list */
		import_put(im, row->to, row->to_key, value);
		return 0;
	}
	return put(im, row, value);
}

/* An IPv4 address that ours takes for a host's (RFC 6890): accel-ppp's sample has NAS-IP-Address
 * 127.0.0.1. */
int import_host(struct import *im, const struct import_row *row, const char *value)
{
	uint32_t ip4;

	if (ip4_parse(value, &ip4))
		return import_refuse(im, "not an IPv4 address");
	if (!(ip4 >> 24) || ip4 >> 24 == 127 || ip4 >> 24 >= 224)
		return import_refuse(im, "not the address of a host (loopback, multicast, ...)");
	return put(im, row, value);
}

static bool has_interface(const struct import *im, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = im->to[TO_PPPOE].p; p && *p; p = strchr(p, '\n') + 1)
		if (!strncmp(p, "interface = ", 12) && !strncmp(p + 12, name, len) &&
		    (p[12 + len] == '\n' || p[12 + len] == ','))
			return true;
	return false;
}

static int put_interface(struct import *im, const char *name, const char *padi)
{
	char text[VALUE_MAX];

	if (!*name || strlen(name) > 15 || strpbrk(name, " \t#\"\\/"))
		return import_refuse(im, "not the name of an interface");
	if (has_interface(im, name))
		return import_refuse(im, "this interface is named above");
	snprintf(text, sizeof(text), "%s%s%.16s", name, padi ? ",padi-limit=" : "",
		 padi ? padi : "");
	import_put(im, TO_PPPOE, "interface", text);
	return 0;
}

int import_interface(struct import *im, const struct import_row *row, const char *value)
{
	char name[VALUE_MAX], buf[VALUE_MAX], padi[VALUE_MAX];
	const char *field, *p, *limit = NULL;
	uint64_t n;

	(void)row;
	if (!strncmp(value, "re:", 3))
		return import_refuse(im,
				     "a pattern of names: name each interface (VLANs need none: "
				     "tagged frames arrive at the interface below them)");
	if (!next_field(&value, name))
		return import_refuse(im, "no value");
	while ((field = next_field(&value, buf))) {
		p = option(field, "padi-limit");
		if (p && !str_to_u64(p, 0, 1000000, &n))
			limit = strcpy(padi, p);
		else
			import_differ(im, "an option of the interface is left out");
	}
	return put_interface(im, name, limit);
}

/* "vlan-mon=eth0,10-200": they make a VLAN device for each tag that is seen. */
int import_vlan_mon(struct import *im, const struct import_row *row, const char *value)
{
	char name[VALUE_MAX];

	(void)row;
	if (!next_field(&value, name))
		return import_refuse(im, "no value");
	return put_interface(im, strncmp(name, "re:", 3) ? name : "", NULL);
}

int import_echo_timeout(struct import *im, const struct import_row *row, const char *value)
{
	return put(im, row, strcmp(value, "0") ? "yes" : "no");
}

int import_fail_timeout(struct import *im, const struct import_row *row, const char *value)
{
	if (!strcmp(value, "0"))
		return import_refuse(im,
				     "ours probes a dead server after 30 s when nothing is said");
	return import_number(im, row, value);
}

int import_down_limiter(struct import *im, const struct import_row *row, const char *value)
{
	if (strcmp(value, "htb") && strcmp(value, "tbf"))
		import_differ(im, "%s is not there: HTB does it",
			      strcmp(value, "clsact") ? "this limiter" : "clsact");
	return put(im, row, strcmp(value, "tbf") ? "htb" : "tbf");
}

/* Without users of its own our console answers on loopback alone. */
int import_telnet(struct import *im, const struct import_row *row, const char *value)
{
	if (strncmp(value, "127.", 4) && strncmp(value, "[::1]:", 6))
		return import_refuse(
			im, "beyond loopback the console wants logins: set [cli] user, and "
			    "telnet = ADDRESS:PORT");
	return put(im, row, value);
}

int import_log_level(struct import *im, const struct import_row *row, const char *value)
{
	uint64_t v;
	char text[24];

	if (str_to_u64(value, 0, 5, &v))
		return import_refuse(im, "ours is 0 to 4");
	if (v == 5)
		import_differ(im, "4 is our most");
	snprintf(text, sizeof(text), "%u", v > 4 ? 4 : (unsigned)v);
	return put(im, row, text);
}

/* "ADDRESS:PORT,SECRET", of Dynamic Authorization. */
int import_endpoint_secret(struct import *im, const struct import_row *row, const char *value)
{
	const char *comma = strchr(value, ',');
	struct sbuf text = { 0 };
	char secret[VALUE_MAX];
	int r;

	if (!comma || !strchr(value, ':') || strchr(value, ':') > comma)
		return import_refuse(im, "ours is ADDRESS:PORT,SECRET");
	value += strspn(value, " \t");
	sbuf_printf(&text, "%.*s,", (int)(comma - value), value);
	comma++;
	if (!next_field(&comma, secret) || !*secret) {
		sbuf_fini(&text);
		return import_refuse(im, "no secret");
	}
	if (comma)
		import_differ(im, "options behind the secret are left out");
	import_quote(&text, secret);
	r = text.bad ? -ENOMEM : put(im, row, text.p);
	sbuf_fini(&text);
	return r;
}
