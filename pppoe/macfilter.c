// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of stations that may, or may not, dial in: its text and the look-up. */
#include "pppoe/macfilter.h"

#include "base/hidx.h"
#include "base/siphash.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINE_LEN_MAX 256
#define OUI_LEN	     3
#define OUI_FLAG     (1ull << 48) /* keeps prefix 02:00:00 and a MAC apart */

struct pppoe_mac_filter {
	bool allow;
	uint32_t count;
	uint64_t *key; /* a MAC's 48 bits; a prefix's 24 and OUI_FLAG */
	struct hidx index;
	struct siphash_key hash;
};

static uint64_t key_of(const uint8_t *b, size_t len)
{
	uint64_t key = len == OUI_LEN ? OUI_FLAG : 0;
	uint64_t v = 0;

	while (len--)
		v = v << 8 | *b++;
	return key | v;
}

static bool eq_key(uint32_t value, const void *key, void *arg)
{
	const struct pppoe_mac_filter *f = arg;

	return f->key[value] == *(const uint64_t *)key;
}

static bool has(const struct pppoe_mac_filter *f, uint64_t key)
{
	return hidx_find(&f->index, siphash(&f->hash, &key, sizeof(key)), eq_key, &key,
			 (void *)f) != HIDX_NONE;
}

static int add(struct pppoe_mac_filter *f, uint64_t key)
{
	if (has(f, key))
		return 0;
	f->key[f->count] = key;
	return hidx_add(&f->index, siphash(&f->hash, &key, sizeof(key)), f->count++);
}

/* The entry on one line: 0 and its key, -ENOENT (blank or comment), or -EINVAL. */
static int parse_line(const char *s, size_t len, uint64_t *ret)
{
	static const char oui_rest[] = ":00:00:00";
	const char *hash = memchr(s, '#', len);
	char text[MAC_STRLEN];
	struct mac m;
	bool oui;

	len = hash ? (size_t)(hash - s) : len;
	while (len && strchr(" \t\r", s[len - 1]))
		len--;
	while (len && strchr(" \t", *s))
		s++, len--;
	if (!len)
		return -ENOENT;
	oui = len == sizeof("aa:bb:cc") - 1;
	if ((!oui && len != MAC_STRLEN - 1) || memchr(s, '\0', len))
		return -EINVAL;
	memcpy(text, s, len);
	memcpy(text + len, oui_rest, oui ? sizeof(oui_rest) : 1);
	text[MAC_STRLEN - 1] = '\0';
	if (mac_parse(text, &m))
		return -EINVAL;
	*ret = key_of(m.b, oui ? OUI_LEN : sizeof(m.b));
	return 0;
}

static int bad_line(const char *name, unsigned line, const char *s, size_t len, char *why,
		    size_t why_len)
{
	char text[LINE_LEN_MAX];

	snprintf(why, why_len,
		 "%s:%u: \"%s\" is neither a MAC address (aa:bb:cc:dd:ee:ff) nor a prefix "
		 "(aa:bb:cc)",
		 name, line, str_escape(text, sizeof(text), s, len));
	return -EINVAL;
}

static int parse_text(struct pppoe_mac_filter *f, const char *text, size_t len, const char *name,
		      char *why, size_t why_len)
{
	const char *end = text + len;
	unsigned line = 0;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((eol ? eol : end) - text);
		uint64_t key;
		int rc = parse_line(text, n, &key);

		line++;
		if (rc == -EINVAL)
			return bad_line(name, line, text, n, why, why_len);
		if (!rc)
			rc = add(f, key);
		if (rc && rc != -ENOENT)
			return rc;
		text += n + 1;
	}
	return 0;
}

static uint32_t count_lines(const char *text, size_t len)
{
	uint32_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* Room for so many entries, and none yet. 0, -ENOMEM, or without randomness -errno. */
static int filter_new(struct pppoe_mac_filter **ret, uint32_t room, bool allow)
{
	struct pppoe_mac_filter *f = calloc(1, sizeof(*f));
	int rc = -ENOMEM;

	if (!f)
		return -ENOMEM;
	f->allow = allow;
	f->key = calloc(room, sizeof(*f->key));
	if (f->key)
		rc = hidx_init(&f->index, room);
	if (!rc)
		rc = siphash_key_random(&f->hash);
	if (rc)
		pppoe_mac_filter_free(f);
	else
		*ret = f;
	return rc;
}

int pppoe_mac_filter_parse(struct pppoe_mac_filter **ret, const char *text, size_t len, bool allow,
			   const char *name, char *why, size_t why_len)
{
	struct pppoe_mac_filter *f;
	int rc;

	snprintf(why, why_len, "%s: out of memory", name);
	rc = filter_new(&f, count_lines(text, len), allow);
	if (rc)
		return rc;
	rc = parse_text(f, text, len, name, why, why_len);
	if (rc) {
		pppoe_mac_filter_free(f);
		return rc;
	}
	if (why_len)
		*why = '\0';
	*ret = f;
	return 0;
}

/* All entries but @less, and @more; 0 is no entry's key: 00:00:00:00:00:00 is no station. */
static int copy(struct pppoe_mac_filter **ret, const struct pppoe_mac_filter *f, uint64_t more,
		uint64_t less)
{
	struct pppoe_mac_filter *n;
	int rc = filter_new(&n, f->count + 1, f->allow);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < f->count && !rc; i++)
		if (f->key[i] != less)
			rc = add(n, f->key[i]);
	if (!rc && more)
		rc = add(n, more);
	if (rc)
		pppoe_mac_filter_free(n);
	else
		*ret = n;
	return rc;
}

int pppoe_mac_filter_with(struct pppoe_mac_filter **ret, const struct pppoe_mac_filter *f,
			  const struct mac *mac)
{
	uint64_t key = key_of(mac->b, sizeof(mac->b));

	return has(f, key) ? -EEXIST : copy(ret, f, key, 0);
}

int pppoe_mac_filter_without(struct pppoe_mac_filter **ret, const struct pppoe_mac_filter *f,
			     const struct mac *mac)
{
	uint64_t key = key_of(mac->b, sizeof(mac->b));

	return has(f, key) ? copy(ret, f, 0, key) : -ENOENT;
}

void pppoe_mac_filter_free(struct pppoe_mac_filter *f)
{
	if (!f)
		return;
	hidx_fini(&f->index);
	free(f->key);
	free(f);
}

bool pppoe_mac_filter_pass(const struct pppoe_mac_filter *f, const struct mac *mac)
{
	bool listed = has(f, key_of(mac->b, sizeof(mac->b))) || has(f, key_of(mac->b, OUI_LEN));

	return listed == f->allow;
}

unsigned pppoe_mac_filter_count(const struct pppoe_mac_filter *f)
{
	return f->count;
}
