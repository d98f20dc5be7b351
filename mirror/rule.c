// SPDX-License-Identifier: GPL-2.0-or-later
/* A rule of the mirror, read and written: mirror/rule.h has the words. */
#include "mirror/rule.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DIRECTIONS (ABI_MIRROR_UP | ABI_MIRROR_DOWN)
#define FAMILIES   (ABI_MIRROR_IP4 | ABI_MIRROR_IP6)
#define REMOTES	   (ABI_MIRROR_REMOTE4 | ABI_MIRROR_REMOTE6)
#define WORDS_MAX  16
#define TEXT_MAX   512

enum seen {
	SEEN_DIRECTION = 1,
	SEEN_FAMILY = 2,
	SEEN_PROTO = 4,
	SEEN_PORT = 8,
	SEEN_NET = 16,
	SEEN_SAMPLE = 32,
	SEEN_TO = 64,
	SEEN_FOR = 128,
	SEEN_SNAP = 256
};

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = { { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmp6", 58 } };

static const struct {
	const char *name;
	uint16_t flags, of;
	enum seen seen;
} flag_words[] = {
	{ "off", 0, DIRECTIONS, SEEN_DIRECTION },
	{ "both", DIRECTIONS, DIRECTIONS, SEEN_DIRECTION },
	{ "on", DIRECTIONS, DIRECTIONS, SEEN_DIRECTION },
	{ "up", ABI_MIRROR_UP, DIRECTIONS, SEEN_DIRECTION },
	{ "down", ABI_MIRROR_DOWN, DIRECTIONS, SEEN_DIRECTION },
	{ "ip4", ABI_MIRROR_IP4, FAMILIES, SEEN_FAMILY },
	{ "ip6", ABI_MIRROR_IP6, FAMILIES, SEEN_FAMILY },
};

/* --- values behind a '=': 0 or -EINVAL ---------------------------------------------------------
 */

static int read_proto(struct mirror_rule *r, const char *value)
{
	uint64_t v;

	for (unsigned i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(value, protocols[i].name) != 0)
			continue;
		r->proto = protocols[i].number;
		return 0;
	}
	if (str_to_u64(value, 1, UINT8_MAX, &v))
		return -EINVAL;
	r->proto = (uint8_t)v;
	return 0;
}

static int read_u16(uint16_t *ret, const char *value)
{
	uint64_t v;

	if (str_to_u64(value, 1, UINT16_MAX, &v))
		return -EINVAL;
	*ret = (uint16_t)v;
	return 0;
}

static int read_port(struct mirror_rule *r, const char *value)
{
	return read_u16(&r->port, value);
}

static int read_sample(struct mirror_rule *r, const char *value)
{
	int rc = read_u16(&r->sample, value);

	r->sample = r->sample == 1 ? 0 : r->sample; /* each, as if nothing were said */
	return rc;
}

/* A prefix or a single address of either family. */
static int read_net(struct mirror_rule *r, const char *value)
{
	uint32_t ip4;
	struct ip6 ip6;

	if (!prefix4_parse(value, &r->net4)) {
		r->flags |= ABI_MIRROR_REMOTE4;
	} else if (!ip4_parse(value, &ip4)) {
		r->net4 = (struct prefix4){ ip4, 32 };
		r->flags |= ABI_MIRROR_REMOTE4;
	} else if (!prefix6_parse(value, &r->net6)) {
		r->flags |= ABI_MIRROR_REMOTE6;
	} else if (!ip6_parse(value, &ip6)) {
		r->net6 = (struct prefix6){ ip6, 128 };
		r->flags |= ABI_MIRROR_REMOTE6;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int read_to(struct mirror_rule *r, const char *value)
{
	size_t len = strlen(value);

	if (!len || len >= sizeof(r->to))
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		if (value[i] <= ' ' || value[i] >= 0x7f)
			return -EINVAL;
	memcpy(r->to, value, len + 1);
	return 0;
}

static int read_for(struct mirror_rule *r, const char *value)
{
	size_t len = strlen(value);
	uint32_t unit = 1;
	char digits[16];
	uint64_t v;

	if (!len || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, value, len + 1);
	if (digits[len - 1] == 'm')
		unit = 60;
	else if (digits[len - 1] == 'h')
		unit = 3600;
	if (unit > 1 || digits[len - 1] == 's')
		digits[len - 1] = '\0';
	if (str_to_u64(digits, 1, MIRROR_FOR_MAX / unit, &v))
		return -EINVAL;
	r->seconds = (uint32_t)v * unit;
	return 0;
}

static int read_snap(struct mirror_rule *r, const char *value)
{
	return read_u16(&r->snap, value);
}

/* @len digits. */
static int read_digits(const char **at, unsigned len, unsigned least, unsigned most, unsigned *ret)
{
	unsigned v = 0;

	for (unsigned i = 0; i < len; i++, ++*at) {
		if (**at < '0' || **at > '9')
			return -EINVAL;
		v = v * 10 + (unsigned)(**at - '0');
	}
	*ret = v;
	return v >= least && v <= most ? 0 : -EINVAL;
}

static int read_sign(const char **at, char sign)
{
	return *(*at)++ == sign ? 0 : -EINVAL;
}

static unsigned days_of(unsigned year, unsigned month)
{
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

	if (month == 2)
		return leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static int read_date(const char **at, struct mirror_clock *ret)
{
	unsigned year, month, day;

	if (read_digits(at, 4, 1970, 9999, &year) || read_sign(at, '-') ||
	    read_digits(at, 2, 1, 12, &month) || read_sign(at, '-') ||
	    read_digits(at, 2, 1, days_of(year, month), &day) || read_sign(at, 'T'))
		return -EINVAL;
	ret->year = (uint16_t)year;
	ret->month = (uint8_t)month;
	ret->day = (uint8_t)day;
	return 0;
}

static int read_until(struct mirror_rule *r, const char *value)
{
	struct mirror_clock c = { 0 };
	unsigned hour, minute, second = 0;

	if (strchr(value, 'T') && read_date(&value, &c))
		return -EINVAL;
	if (read_digits(&value, 2, 0, 23, &hour) || read_sign(&value, ':') ||
	    read_digits(&value, 2, 0, 59, &minute) ||
	    (*value && (read_sign(&value, ':') || read_digits(&value, 2, 0, 59, &second))) ||
	    *value)
		return -EINVAL;
	c.hour = (uint8_t)hour;
	c.minute = (uint8_t)minute;
	c.second = (uint8_t)second;
	r->until = c;
	r->has_until = true;
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct mirror_rule *r, const char *value);
	const char *allowed;
	enum seen seen;
} value_words[] = {
	{ "proto=", read_proto, "tcp, udp, icmp, icmp6 or a number from 1 to 255", SEEN_PROTO },
	{ "port=", read_port, "a number from 1 to 65535", SEEN_PORT },
	{ "net=", read_net, "an IPv4 or IPv6 prefix or address", SEEN_NET },
	{ "sample=", read_sample, "a number from 1 to 65535", SEEN_SAMPLE },
	{ "to=", read_to, "a port of [mirror]", SEEN_TO },
	{ "for=", read_for, "seconds, Nm or Nh; seven days at most", SEEN_FOR },
	{ "until=", read_until, "HH:MM or YYYY-MM-DDTHH:MM, and :SS or none", SEEN_FOR },
	{ "snap=", read_snap, "a number from 1 to 65535", SEEN_SNAP },
};

/* --- words -------------------------------------------------------------------------------------
 */

static int refuse(char *why, size_t why_len, const char *word, const char *what)
{
	char esc[64];

	snprintf(why, why_len, "'%s' %s", str_escape(esc, sizeof(esc), word, strlen(word)), what);
	return -EINVAL;
}

static int read_word(struct mirror_rule *r, unsigned *seen, const char *word, char *why,
		     size_t why_len)
{
	char allowed[96];

	for (unsigned i = 0; i < ARRAY_SIZE(flag_words); i++) {
		if (strcmp(word, flag_words[i].name) != 0)
			continue;
		if (*seen & flag_words[i].seen)
			return refuse(why, why_len, word, "says what another word has said");
		*seen |= flag_words[i].seen;
		r->flags = (r->flags & ~flag_words[i].of) | flag_words[i].flags;
		return 0;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(value_words); i++) {
		size_t len = strlen(value_words[i].name);

		if (strncmp(word, value_words[i].name, len) != 0)
			continue;
		if (*seen & value_words[i].seen)
			return refuse(why, why_len, word, "says what another word has said");
		*seen |= value_words[i].seen;
		if (!value_words[i].read(r, word + len))
			return 0;
		snprintf(allowed, sizeof(allowed), "is not %s", value_words[i].allowed);
		return refuse(why, why_len, word, allowed);
	}
	return refuse(why, why_len, word,
		      "is not off, both, up, down, ip4, ip6, proto=, port=, net=, sample=, snap=, to=, "
		      "for= or until=");
}

int mirror_rule_parse(const char *const *words, unsigned count, struct mirror_rule *ret, char *why,
		      size_t why_len)
{
	struct mirror_rule r = { .flags = DIRECTIONS | FAMILIES };
	unsigned seen = 0;
	int rc = 0;

	for (unsigned i = 0; i < count && !rc; i++)
		rc = read_word(&r, &seen, words[i], why, why_len);
	if (rc)
		return rc;
	if (r.port && r.proto && r.proto != 6 && r.proto != 17)
		return refuse(why, why_len, "port=", "needs proto=tcp or udp, or none");
	*ret = r;
	return 0;
}

int mirror_rule_parse_text(const char *text, struct mirror_rule *ret, char *why, size_t why_len)
{
	const char *words[WORDS_MAX];
	char copy[TEXT_MAX], *save = NULL;
	unsigned n = 0;

	if (strlen(text) >= sizeof(copy))
		return refuse(why, why_len, "text", "is longer than 511 octets");
	strcpy(copy, text);
	for (char *w = strtok_r(copy, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		if (n == WORDS_MAX)
			return refuse(why, why_len, w, "is one word too many");
		words[n++] = w;
	}
	return mirror_rule_parse(words, n, ret, why, why_len);
}

int mirror_rule_of_copies(const struct mirror_rule *r, char *why, size_t why_len)
{
	if (!r->snap || r->snap >= MIRROR_SNAP_MIN)
		return 0;
	snprintf(why, why_len, "'snap=%u' is less than %d, of a copy the least", r->snap,
		 MIRROR_SNAP_MIN);
	return -EINVAL;
}

bool mirror_rule_is_off(const struct mirror_rule *r)
{
	return !(r->flags & DIRECTIONS);
}

void mirror_rule_write(const struct mirror_rule *r, struct sbuf *out)
{
	static const char *const directions[] = { "off", "up", "down", "both" };
	char text[PREFIX_STRLEN];

	sbuf_printf(out, "%s", directions[r->flags & DIRECTIONS]);
	if ((r->flags & FAMILIES) != FAMILIES)
		sbuf_printf(out, " %s", r->flags & ABI_MIRROR_IP4 ? "ip4" : "ip6");
	if (r->proto)
		sbuf_printf(out, " proto=%u", r->proto);
	if (r->port)
		sbuf_printf(out, " port=%u", r->port);
	if (r->flags & ABI_MIRROR_REMOTE4)
		sbuf_printf(out, " net=%s", prefix4_str(text, &r->net4));
	if (r->flags & ABI_MIRROR_REMOTE6)
		sbuf_printf(out, " net=%s", prefix6_str(text, &r->net6));
	if (r->sample > 1)
		sbuf_printf(out, " sample=%u", r->sample);
	if (r->snap)
		sbuf_printf(out, " snap=%u", r->snap);
	if (*r->to)
		sbuf_printf(out, " to=%s", r->to);
	if (!r->has_until)
		return;
	sbuf_printf(out, " until=");
	if (r->until.year)
		sbuf_printf(out, "%04u-%02u-%02uT", r->until.year, r->until.month, r->until.day);
	sbuf_printf(out, "%02u:%02u", r->until.hour, r->until.minute);
	if (r->until.second)
		sbuf_printf(out, ":%02u", r->until.second);
}

static void put_mask(uint32_t mask[4], unsigned len)
{
	for (unsigned i = 0; i < 4; i++, len -= len < 32 ? len : 32)
		mask[i] = htonl(len >= 32 ? UINT32_MAX : ~(UINT32_MAX >> len));
}

void mirror_rule_abi(const struct mirror_rule *r, struct abi_mirror *ret)
{
	uint32_t net4 = htonl(r->net4.addr);

	*ret = (struct abi_mirror){
		.flags = r->flags,
		.proto = r->proto,
		.port = r->port,
		.sample = r->sample,
		.snap = r->snap,
	};
	if (r->flags & ABI_MIRROR_REMOTE4) {
		put_mask(ret->mask, r->net4.len);
		memcpy(ret->remote, &net4, sizeof(net4));
	}
	if (r->flags & ABI_MIRROR_REMOTE6) {
		put_mask(ret->mask, r->net6.len);
		memcpy(ret->remote, r->net6.addr.b, sizeof(ret->remote));
	}
}
