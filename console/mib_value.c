// SPDX-License-Identifier: GPL-2.0-or-later
/* A member of an answer as a value of the MIB. */
#include "console/mib.h"

#include "base/addr.h"

#include <string.h>

bool mib_is_octets(enum mib_type type)
{
	return type == MIB_TEXT || type == MIB_MAC || type == MIB_ADDRESS4 || type == MIB_PREFIX6;
}

/* "a.b": a member of a member. In an array a member is a number. */
static const json_t *find(const json_t *j, const char *path)
{
	while (j && *path) {
		char name[64];
		size_t n = strcspn(path, ".");
		uint64_t i;

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		path += n + (path[n] == '.');
		if (json_is_array(j))
			j = str_to_u64(name, 0, UINT32_MAX, &i) ? NULL : json_array_get(j, i);
		else
			j = json_object_get(j, name);
	}
	return j;
}

static struct mib_value number(uint64_t n)
{
	return (struct mib_value){ .there = true, .number = n };
}

static struct mib_value octets(struct sbuf *out, const void *p, size_t len)
{
	struct mib_value v = { .there = true, .number = out->len };

	v.len = (uint8_t)(len > MIB_OCTETS_MAX ? MIB_OCTETS_MAX : len);
	sbuf_append(out, p, v.len);
	return v;
}

/* A text is UTF-8 and is cut off between characters (RFC 3411, section 5, on SnmpAdminString). */
static struct mib_value text(struct sbuf *out, const char *s, size_t len)
{
	if (len > MIB_OCTETS_MAX)
		for (len = MIB_OCTETS_MAX; len && ((unsigned char)s[len] & 0xc0) == 0x80;)
			len--;
	return octets(out, s, len);
}

static struct mib_value address4(struct sbuf *out, const char *s)
{
	uint32_t a;

	if (ip4_parse(s, &a))
		return (struct mib_value){ 0 };
	return octets(out,
		      (const uint8_t[]){ (uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8),
					 (uint8_t)a },
		      4);
}

static struct mib_value from_text(const char *s, size_t len, const struct mib_column *c,
				  struct sbuf *out)
{
	struct prefix6 p;
	struct mac mac;

	switch (c->type) {
	case MIB_TEXT:
		return text(out, s, len);
	case MIB_ADDRESS4:
		return address4(out, s);
	case MIB_MAC:
		if (!mac_parse(s, &mac))
			return octets(out, mac.b, sizeof(mac.b));
		break;
	case MIB_PREFIX6:
		if (!prefix6_parse(s, &p))
			return octets(out, p.addr.b, sizeof(p.addr.b));
		break;
	case MIB_PREFIX6_LEN:
		if (!prefix6_parse(s, &p))
			return number(p.len);
		break;
	case MIB_ENUM:
		for (unsigned i = 0; c->names[i]; i++)
			if (!strcmp(c->names[i], s))
				return number(i + 1);
		break;
	case MIB_GAUGE:
	case MIB_COUNTER:
	case MIB_TICKS:
	case MIB_TRUTH:
		break;
	}
	return (struct mib_value){ 0 };
}

/* jansson's integers are signed: a counter beyond them does not arise in a thousand years. */
static struct mib_value from_number(uint64_t n, const struct mib_column *c)
{
	switch (c->type) {
	case MIB_GAUGE:
		return number(n > UINT32_MAX ? UINT32_MAX : n);
	case MIB_COUNTER:
		return number(n);
	case MIB_TICKS:
		return number((uint32_t)(n * 100)); /* RFC 2578, section 7.1.8: modulo 2^32 */
	case MIB_TRUTH:
		return number(n ? 1 : 2);
	case MIB_ENUM:
	case MIB_TEXT:
	case MIB_MAC:
	case MIB_ADDRESS4:
	case MIB_PREFIX6:
	case MIB_PREFIX6_LEN:
		break;
	}
	return (struct mib_value){ 0 };
}

struct mib_value mib_value_of(const json_t *row, const struct mib_column *c, struct sbuf *out)
{
	const json_t *j = find(row, c->path);

	if (json_is_string(j))
		return from_text(json_string_value(j), json_string_length(j), c, out);
	if (json_is_integer(j) && json_integer_value(j) >= 0)
		return from_number((uint64_t)json_integer_value(j), c);
	if (json_is_boolean(j) && c->type == MIB_TRUTH)
		return number(json_is_true(j) ? 1 : 2);
	return (struct mib_value){ 0 };
}
