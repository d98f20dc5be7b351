// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * accel-ppp.conf read line by line: each line is looked up in the table of its keys, converted, and
 * told of. What no single line says (methods from modules, what is missing for a start) comes last.
 */
#include "console/import.h"

#include "console/brasctl.h"
#include "console/import_row.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define LINE_MAX_LEN 1024
#define FILE_MAX_LEN (1u << 20)

static const char *const section_names[TO_SECTIONS] = {
	[TO_PPPOE] = "pppoe",	  [TO_PPP] = "ppp",	      [TO_AUTH] = "auth",
	[TO_IP_POOL] = "ip-pool", [TO_DNS] = "dns",	      [TO_IPV6_POOL] = "ipv6-pool",
	[TO_IPV6_ND] = "ipv6-nd", [TO_IPV6_DNS] = "ipv6-dns", [TO_IPV6_DHCP] = "ipv6-dhcp",
	[TO_RADIUS] = "radius",	  [TO_SHAPER] = "shaper",     [TO_HOOKS] = "hooks",
	[TO_CLI] = "cli",	  [TO_HTTP] = "http",	      [TO_LOG] = "log",
};

/* One line of theirs, taken apart; all point into a copy of it. */
struct line {
	unsigned number;
	char section[64];
	char text[LINE_MAX_LEN];
	const char *key, *value;
};

void import_put(struct import *im, enum import_section to, const char *key, const char *value)
{
	sbuf_printf(&im->to[to], "%s = %s\n", key, value);
}

bool import_has(const struct import *im, enum import_section to, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = im->to[to].p; p && *p; p = strchr(p, '\n') + 1)
		if (!strncmp(p, key, len) && p[len] == ' ')
			return true;
	return false;
}

int import_put_once(struct import *im, enum import_section to, const char *key, const char *value)
{
	char line[LINE_MAX_LEN];

	snprintf(line, sizeof(line), "%s = %s\n", key, value);
	if (im->to[to].p && strstr(im->to[to].p, line))
		return 0;
	if (import_has(im, to, key)) {
		sbuf_printf(&im->why, "[%s] %s has a value already, from a line above",
			    section_names[to], key);
		return -EEXIST;
	}
	import_put(im, to, key, value);
	return 0;
}

bool import_has_module(const struct import *im, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = im->modules.p; p && *p; p = strchr(p, '\n') + 1)
		if (!strncmp(p, name, len) && p[len] == '\n')
			return true;
	return false;
}

void import_differ(struct import *im, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sbuf_printf(&im->why, "%s%s", im->why.len ? "; " : "", text);
	im->differed = true;
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t\r");
	len = strlen(s);
	while (len && strchr(" \t\r", s[len - 1]))
		s[--len] = '\0';
	return s;
}

/* Their comments begin with '#', at the line's start or behind a blank. */
static void cut_comment(char *s)
{
	for (char *p = s; *p; p++)
		if (*p == '#' && (p == s || p[-1] == ' ' || p[-1] == '\t')) {
			*p = '\0';
			return;
		}
}

/* Whether there is something to look up; a section's head is kept in @l. */
static bool take_line(struct line *l, const char *from, size_t len, bool *bad)
{
	char *s = l->text, *equals;

	*bad = len >= sizeof(l->text) || memchr(from, '\0', len);
	if (*bad)
		return false;
	memcpy(l->text, from, len);
	l->text[len] = '\0';
	cut_comment(l->text);
	s = trim(s);
	for (const char *p = s; *p; p++)
		*bad |= (unsigned char)*p < ' ' && *p != '\t';
	if (!*s || *bad)
		return false;
	if (*s == '[') {
		char *end = strchr(s, ']');

		*bad = !end || (size_t)(end - s) > sizeof(l->section);
		if (!*bad) {
			*end = '\0';
			memcpy(l->section, s + 1, strlen(s));
		}
		return false;
	}
	equals = strchr(s, '=');
	l->key = "";
	l->value = s;
	/* A bare value may have options: "192.0.2.0/24,name=home". */
	if (equals && equals > s + strcspn(s, ","))
		equals = NULL;
	if (equals) {
		*equals = '\0';
		l->key = trim(s);
		l->value = trim(equals + 1);
	}
	return true;
}

static void tell(struct sbuf *list, const struct line *l, const char *detail)
{
	char section[80], key[80];

	sbuf_printf(list, "#   line %u, [%s]%s%s: %s\n", l->number,
		    str_escape(section, sizeof(section), l->section, strlen(l->section)),
		    *l->key ? " " : "", str_escape(key, sizeof(key), l->key, strlen(l->key)),
		    detail);
}

static void ignore(struct import *im, const struct line *l, const char *detail)
{
	im->n.ignored++;
	tell(&im->ignored, l, detail);
}

/* Most names differ in their first letter. */
static bool same(const char *a, const char *b)
{
	return *a == *b && !strcmp(a, b);
}

static const struct import_row *find_row(const struct line *l)
{
	for (unsigned i = 0; i < import_row_count; i++)
		if (same(import_rows[i].section, l->section) &&
		    (same(import_rows[i].key, l->key) || same(import_rows[i].key, "*")))
			return &import_rows[i];
	return NULL;
}

static const char *missing_module(const struct import *im, const char *section)
{
	for (unsigned i = 0; im->has_modules && i < import_module_count; i++)
		if (same(import_modules[i].section, section) &&
		    !import_has_module(im, import_modules[i].module))
			return import_modules[i].module;
	return NULL;
}

static void import_line(struct import *im, const struct line *l)
{
	const char *module = missing_module(im, l->section);
	const struct import_row *row = find_row(l);
	char text[128];
	int r;

	if (!strcmp(l->section, "modules"))
		return; /* taken before */
	if (module) {
		snprintf(text, sizeof(text), "accel-ppp does not load %s, so it has no effect",
			 module);
		ignore(im, l, text);
		return;
	}
	if (!row || !row->convert) {
		ignore(im, l, row ? row->note : "not a key that is known");
		return;
	}
	im->why.len = 0;
	im->differed = false;
	r = row->convert(im, row, l->value);
	if (r) {
		ignore(im, l, im->why.len ? im->why.p : "not understood");
		return;
	}
	if (row->note)
		import_differ(im, "%s", row->note);
	if (im->differed) {
		im->n.differs++;
		tell(&im->differs, l, im->why.p ? im->why.p : "");
		return;
	}
	im->n.maps++;
	snprintf(text, sizeof(text), "[%s] %s", section_names[row->to], row->to_key);
	tell(&im->maps, l, text);
}

typedef void line_fn(struct import *im, const struct line *l);

static void each_line(struct import *im, const char *text, size_t len, line_fn *fn, line_fn *odd)
{
	struct line l = { 0 };

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		bool bad;

		l.number++;
		l.key = "";
		if (take_line(&l, text, n, &bad))
			fn(im, &l);
		else if (bad && odd)
			odd(im, &l);
		n += end != NULL;
		text += n;
		len -= n;
	}
}

static void take_module(struct import *im, const struct line *l)
{
	if (strcmp(l->section, "modules"))
		return;
	im->has_modules = true;
	sbuf_printf(&im->modules, "%s\n", l->value);
}

static void odd_line(struct import *im, const struct line *l)
{
	ignore(im, l, "too long, or not text");
}

/* auth_... modules are offered in the order they stand. */
static void methods(struct import *im)
{
	static const struct {
		const char *module, *method;
	} known[] = {
		{ "auth_mschap_v2", "mschap-v2" },
		{ "auth_chap_md5", "chap-md5" },
		{ "auth_pap", "pap" },
	};
	struct sbuf list = { 0 };

	for (const char *p = im->modules.p; p && *p; p = strchr(p, '\n') + 1)
		for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
			size_t len = strlen(known[i].module);

			if (!strncmp(p, known[i].module, len) && p[len] == '\n' &&
			    (!list.p || !strstr(list.p, known[i].method)))
				sbuf_printf(&list, "%s%s", list.len ? "," : "", known[i].method);
		}
	if (list.len)
		import_put(im, TO_AUTH, "methods", list.p);
	sbuf_fini(&list);
}

static void note(struct import *im, const char *text)
{
	sbuf_printf(&im->differs, "#   %s\n", text);
}

/* What brasd needs, and accel-ppp can do without; and what both do when nothing is said. */
static void fill_up(struct import *im)
{
	char address[IP4_STRLEN];

	methods(im);
	if (import_has_module(im, "auth_mschap_v1"))
		note(im, "MS-CHAP version 1 is not offered: it is broken, and no client needs it");
	if (!import_has(im, TO_PPPOE, "interface")) {
		note(im, "no interface for PPPoE is named: put yours in the place of acc0");
		import_put(im, TO_PPPOE, "interface", "acc0");
	}
	if (import_has(im, TO_PPPOE, "max-sessions"))
		note(im, "max-sessions sizes tables: set it to what you will ever have");
	else
		note(im, "max-sessions is 4096 when it is not given; accel-ppp has no limit then");
	if (!import_has(im, TO_PPP, "ipv6"))
		note(im, "IPv6 is offered unless [ppp] ipv6 = deny; accel-ppp denies it when "
			 "nothing is said");
	if (!import_has(im, TO_AUTH, "users-file") && !import_has(im, TO_RADIUS, "server")) {
		note(im, "neither RADIUS nor a file of users is named: write one");
		import_put(im, TO_AUTH, "users-file", "/etc/brasberry/users");
	}
	if (import_has(im, TO_IP_POOL, "pool") && !import_has(im, TO_IP_POOL, "gw-ip-address") &&
	    im->range_count) {
		note(im, "the pool's first address is taken for gw-ip-address, as none is given");
		import_put(im, TO_IP_POOL, "gw-ip-address", ip4_str(address, im->range[0].first));
	}
}

static void put_list(struct sbuf *ret, const char *head, const struct sbuf *list)
{
	if (list->len)
		sbuf_printf(ret, "#\n# %s\n%s", head, list->p);
}

static void write_all(const struct import *im, const char *name, struct sbuf *ret)
{
	char esc[256];

	sbuf_printf(ret, "# Made from %s: %u lines map, %u differ, %u are ignored.\n",
		    str_escape(esc, sizeof(esc), name, strlen(name)), im->n.maps, im->n.differs,
		    im->n.ignored);
	put_list(ret, "Differs, look at these:", &im->differs);
	put_list(ret, "Ignored:", &im->ignored);
	put_list(ret, "Maps:", &im->maps);
	for (unsigned i = 0; i < TO_SECTIONS; i++)
		if (im->to[i].len)
			sbuf_printf(ret, "\n[%s]\n%s", section_names[i], im->to[i].p);
}

static void import_fini(struct import *im)
{
	for (unsigned i = 0; i < TO_SECTIONS; i++)
		sbuf_fini(&im->to[i]);
	sbuf_fini(&im->maps);
	sbuf_fini(&im->differs);
	sbuf_fini(&im->ignored);
	sbuf_fini(&im->why);
	sbuf_fini(&im->modules);
}

static bool is_bad(const struct import *im)
{
	bool bad = im->maps.bad || im->differs.bad || im->ignored.bad || im->modules.bad;

	for (unsigned i = 0; i < TO_SECTIONS; i++)
		bad |= im->to[i].bad;
	return bad;
}

int import_text(const char *name, const char *text, size_t len, struct sbuf *ret,
		struct import_counts *counts)
{
	_cleanup_free_ struct import *im = calloc(1, sizeof(*im));
	int r;

	if (!im)
		return -ENOMEM;
	each_line(im, text, len, take_module, NULL);
	each_line(im, text, len, import_line, odd_line);
	fill_up(im);
	write_all(im, name, ret);
	*counts = im->n;
	r = is_bad(im) || ret->bad ? -ENOMEM : 0;
	import_fini(im);
	return r;
}

static int read_file(const char *path, struct sbuf *ret)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char buf[4096];
	int r = 0;
	size_t n;

	if (!f)
		return -errno;
	while (!r && (n = fread(buf, 1, sizeof(buf), f)) > 0) {
		sbuf_append(ret, buf, n);
		if (ret->bad || ret->len > FILE_MAX_LEN)
			r = ret->bad ? -ENOMEM : -EFBIG;
	}
	if (ferror(f) && !r)
		r = -EIO;
	if (f != stdin)
		fclose(f);
	return r;
}

int import_file(const char *path, FILE *out, FILE *err)
{
	struct sbuf text = { 0 }, ours = { 0 };
	struct import_counts n = { 0 };
	int r = read_file(path, &text);

	if (!r)
		r = import_text(path, text.p ? text.p : "", text.len, &ours, &n);
	if (!r && (fwrite(ours.p, 1, ours.len, out) != ours.len || fflush(out)))
		r = -EIO;
	if (r)
		fprintf(err, "brasctl: import: %s\n", strerror(-r));
	else
		fprintf(err,
			"brasctl: %u lines map, %u differ, %u are ignored; "
			"brasd -t -c FILE checks the result\n",
			n.maps, n.differs, n.ignored);
	sbuf_fini(&text);
	sbuf_fini(&ours);
	return r ? BRASCTL_REFUSED : BRASCTL_OK;
}
