// SPDX-License-Identifier: GPL-2.0-or-later
/* How simple values of the configuration are read and written: numbers, words, text, addresses.
 * Those of several fields are in config_item.c. */
#include "daemon/config_table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int config_refuse(struct sbuf *why, const char *value, const char *allowed)
{
	char esc[128];

	sbuf_printf(why, "'%s' is not %s", str_escape(esc, sizeof(esc), value, strlen(value)),
		    allowed);
	return -EINVAL;
}

static int number_parse(const struct config_row *row, const struct config_input *in, void *item,
			struct sbuf *why)
{
	char allowed[64];
	uint64_t v;

	if (!str_to_u64(in->field[0], row->min, row->max, &v)) {
		*(uint32_t *)item = (uint32_t)v;
		return 0;
	}
	snprintf(allowed, sizeof(allowed), "a number from %u to %u", row->min, row->max);
	return config_refuse(why, in->field[0], allowed);
}

static bool number_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	(void)row;
	sbuf_printf(out, "%u", *(const uint32_t *)item);
	return true;
}

const struct config_type config_type_number = {
	.syntax = "NUMBER",
	.parse = number_parse,
	.format = number_format,
	.range = true,
};

static int bool_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	const char *s = in->field[0];
	bool yes = !strcmp(s, "yes") || !strcmp(s, "1");

	(void)row;
	if (!yes && strcmp(s, "no") && strcmp(s, "0"))
		return config_refuse(why, s, "yes or no");
	*(bool *)item = yes;
	return 0;
}

static bool bool_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	(void)row;
	sbuf_printf(out, "%s", *(const bool *)item ? "yes" : "no");
	return true;
}

const struct config_type config_type_bool = {
	.syntax = "yes | no",
	.parse = bool_parse,
	.format = bool_format,
};

static int enum_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	for (unsigned i = 0; row->names[i]; i++) {
		if (strcmp(row->names[i], in->field[0]))
			continue;
		memcpy(item, &i, sizeof(i));
		return 0;
	}
	config_refuse(why, in->field[0], "one of:");
	for (unsigned i = 0; row->names[i]; i++)
		sbuf_printf(why, " %s", row->names[i]);
	return -EINVAL;
}

static bool enum_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	unsigned v;

	memcpy(&v, item, sizeof(v));
	sbuf_printf(out, "%s", row->names[v]);
	return true;
}

_Static_assert(SHAPER_NAME_MAX == CONFIG_NAME_MAX, "names of profiles");
_Static_assert(sizeof(enum ppp_mode) == sizeof(unsigned), "enums are read as unsigned");

const struct config_type config_type_enum = {
	.parse = enum_parse,
	.format = enum_format,
};

static bool enum_same(const void *a, const void *b)
{
	return !memcmp(a, b, sizeof(unsigned));
}

const struct config_type config_type_enum_list = {
	.parse = enum_parse,
	.format = enum_format,
	.same = enum_same,
	.each = true,
};

int config_text_copy(char *dst, size_t cap, const char *src, struct sbuf *why)
{
	size_t len = strlen(src);

	if (!len) {
		sbuf_printf(why, "an empty text; 1 to %zu octets are allowed", cap - 1);
		return -EINVAL;
	}
	if (len >= cap) {
		sbuf_printf(why, "%zu octets; at most %zu are allowed", len, cap - 1);
		return -EINVAL;
	}
	memcpy(dst, src, len + 1);
	return 0;
}

static int text_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	return config_text_copy(item, row->size, in->field[0], why);
}

void config_text_write(const char *s, struct sbuf *out)
{
	if (*s && !strpbrk(s, " \t#,\"\\")) {
		sbuf_printf(out, "%s", s);
		return;
	}
	sbuf_append(out, "\"", 1);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			sbuf_append(out, "\\", 1);
		sbuf_append(out, s, 1);
	}
	sbuf_append(out, "\"", 1);
}

static bool text_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	(void)row;
	if (!*(const char *)item)
		return false;
	config_text_write(item, out);
	return true;
}

const struct config_type config_type_text = {
	.syntax = "TEXT",
	.parse = text_parse,
	.format = text_format,
	.each = true,
};

static bool secret_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	(void)row;
	if (!*(const char *)item)
		return false;
	sbuf_printf(out, "***");
	return true;
}

const struct config_type config_type_secret = {
	.syntax = "SECRET",
	.parse = text_parse,
	.format = secret_format,
};

const struct config_type config_type_path = {
	.syntax = "FILE",
	.parse = text_parse,
	.format = text_format,
};

/* The kernel's rule (dev_valid_name), and nothing that a shell or a file name would trip over. */
int config_ifname_copy(char dst[IFNAMSIZ], const char *src, struct sbuf *why)
{
	size_t len = strlen(src);
	bool ok = len && len < IFNAMSIZ && strcmp(src, ".") && strcmp(src, "..");

	for (size_t i = 0; i < len; i++)
		ok = ok && src[i] > ' ' && src[i] < 0x7f && src[i] != '/' && src[i] != ':';
	if (!ok)
		return config_refuse(why, src, "the name of an interface (1 to 15 characters)");
	memcpy(dst, src, len + 1);
	return 0;
}

static int ifname_parse(const struct config_row *row, const struct config_input *in, void *item,
			struct sbuf *why)
{
	(void)row;
	return config_ifname_copy(item, in->field[0], why);
}

const struct config_type config_type_ifname = {
	.syntax = "INTERFACE",
	.parse = ifname_parse,
	.format = text_format,
};

static int ip4_item_parse(const struct config_row *row, const struct config_input *in, void *item,
			  struct sbuf *why)
{
	uint32_t addr;

	(void)row;
	if (ip4_parse(in->field[0], &addr) || !config_ip4_is_host(addr))
		return config_refuse(why, in->field[0], "the IPv4 address of a host");
	*(uint32_t *)item = addr;
	return 0;
}

/* Neither "this network", loopback, multicast, reserved nor broadcast (RFC 6890). */
bool config_ip4_is_host(uint32_t addr)
{
	return addr >> 24 && addr >> 24 != 127 && addr >> 24 < 224;
}

static bool ip4_item_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	uint32_t addr = *(const uint32_t *)item;
	char buf[IP4_STRLEN];

	(void)row;
	if (addr)
		sbuf_printf(out, "%s", ip4_str(buf, addr));
	return addr;
}

const struct config_type config_type_ip4 = {
	.syntax = "IPV4-ADDRESS",
	.parse = ip4_item_parse,
	.format = ip4_item_format,
};

static int ip6_item_parse(const struct config_row *row, const struct config_input *in, void *item,
			  struct sbuf *why)
{
	struct ip6 addr;

	(void)row;
	if (ip6_parse(in->field[0], &addr) || ip6_is_zero(&addr) || addr.b[0] == 0xff)
		return config_refuse(why, in->field[0], "the IPv6 address of a host");
	memcpy(item, &addr, sizeof(addr));
	return 0;
}

static bool ip6_item_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	char buf[IP6_STRLEN];

	(void)row;
	if (ip6_is_zero(item))
		return false;
	sbuf_printf(out, "%s", ip6_str(buf, item));
	return true;
}

const struct config_type config_type_ip6 = {
	.syntax = "IPV6-ADDRESS",
	.parse = ip6_item_parse,
	.format = ip6_item_format,
	.each = true,
};

static int prefix6_item_parse(const struct config_row *row, const struct config_input *in,
			      void *item, struct sbuf *why)
{
	(void)row;
	if (prefix6_parse(in->field[0], item))
		return config_refuse(
			why, in->field[0],
			"an IPv6 prefix (ADDRESS/LENGTH, no bit set behind its length)");
	return 0;
}

static bool prefix6_item_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct prefix6 *p = item;
	char buf[PREFIX_STRLEN];

	(void)row;
	if (!p->len)
		return false;
	sbuf_printf(out, "%s", prefix6_str(buf, p));
	return true;
}

const struct config_type config_type_prefix6 = {
	.syntax = "IPV6-PREFIX",
	.parse = prefix6_item_parse,
	.format = prefix6_item_format,
};

static int prefix4_item_parse(const struct config_row *row, const struct config_input *in,
			      void *item, struct sbuf *why)
{
	(void)row;
	if (prefix4_parse(in->field[0], item))
		return config_refuse(
			why, in->field[0],
			"an IPv4 prefix (ADDRESS/LENGTH, no bit set behind its length)");
	return 0;
}

static bool prefix4_item_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct prefix4 *p = item;
	char buf[PREFIX_STRLEN];

	(void)row;
	if (!p->len)
		return false;
	sbuf_printf(out, "%s", prefix4_str(buf, p));
	return true;
}

const struct config_type config_type_prefix4 = {
	.syntax = "IPV4-PREFIX",
	.parse = prefix4_item_parse,
	.format = prefix4_item_format,
};

static int domain_parse(const struct config_row *row, const struct config_input *in, void *item,
			struct sbuf *why)
{
	struct config_domain v = { 0 };
	uint8_t octets[DNAME_MAX];
	struct wr w = wr_init(octets, sizeof(octets));

	(void)row;
	if (dname_write(&w, in->field[0]))
		return config_refuse(why, in->field[0], "a domain name (example.net)");
	snprintf(v.name, sizeof(v.name), "%.*s", (int)sizeof(v.name) - 1, in->field[0]);
	*(struct config_domain *)item = v;
	return 0;
}

const struct config_type config_type_domain = {
	.syntax = "DOMAIN",
	.parse = domain_parse,
	.format = text_format,
	.each = true,
};

/* kbit/s: 0, or a rate that a line can have. */
static int kbit_parse(const char *s, uint32_t *ret)
{
	uint64_t v;

	if (str_to_u64(s, 0, SHAPER_RATE_MAX / 1000, &v) || (v && v < SHAPER_RATE_MIN / 1000))
		return -EINVAL;
	*ret = (uint32_t)v;
	return 0;
}

/* "DOWN/UP", or one number for both. */
int config_rate_parse(const char *s, struct config_rate *ret)
{
	const char *slash = strchr(s, '/');
	size_t len = slash ? (size_t)(slash - s) : strlen(s);
	struct config_rate rate = { .set = true };
	char buf[16];

	if (!strcmp(s, "-")) {
		*ret = (struct config_rate){ 0 };
		return 0;
	}
	if (len >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (kbit_parse(buf, &rate.down) || kbit_parse(slash ? slash + 1 : buf, &rate.up))
		return -EINVAL;
	*ret = rate;
	return 0;
}
