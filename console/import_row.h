/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the import: a row for each key of accel-ppp's, and what its conversion may do. */
#ifndef CONSOLE_IMPORT_ROW_H
#define CONSOLE_IMPORT_ROW_H

#include "base/addr.h"
#include "console/import.h"

enum import_section {
	TO_PPPOE,
	TO_PPP,
	TO_AUTH,
	TO_IP_POOL,
	TO_DNS,
	TO_IPV6_POOL,
	TO_IPV6_ND,
	TO_IPV6_DNS,
	TO_IPV6_DHCP,
	TO_RADIUS,
	TO_SHAPER,
	TO_HOOKS,
	TO_CLI,
	TO_HTTP,
	TO_LOG,
	TO_SECTIONS,
};

#define IMPORT_RANGES 512 /* pools that are looked at for overlaps, of each family */

struct import {
	struct sbuf to[TO_SECTIONS]; /* "key = value" lines of ours */
	struct sbuf maps, differs, ignored, why;
	struct import_counts n;
	struct sbuf modules; /* "\nNAME\n..." of [modules] */
	bool has_modules, differed;
	struct {
		uint32_t first, last;
	} range[IMPORT_RANGES];
	struct prefix6 prefix[IMPORT_RANGES];
	unsigned range_count, prefix_count;
};

struct import_row {
	const char *section, *key; /* theirs; the key "" is a line that is a bare value */
	/* 0, or -EINVAL with the reason in im->why. NULL: the key is ignored, for @note. */
	int (*convert)(struct import *im, const struct import_row *row, const char *value);
	enum import_section to;
	const char *to_key;
	const char *names; /* of an enumeration: "a|b|c" */
	uint32_t min, max; /* of a number */
	const char *note;  /* how ours differs, or why it is ignored */
};

extern const struct import_row import_rows[];
extern const unsigned import_row_count;

/* A section of theirs that counts only with this module; or one that is not for us at all. */
struct import_module {
	const char *section, *module;
};
extern const struct import_module import_modules[];
extern const unsigned import_module_count;

/* Adds a line of ours. A key that ours allows once keeps its first value: -EEXIST for another. */
void import_put(struct import *im, enum import_section to, const char *key, const char *value);
int import_put_once(struct import *im, enum import_section to, const char *key, const char *value);
bool import_has(const struct import *im, enum import_section to, const char *key);
bool import_has_module(const struct import *im, const char *name);
/* The value, quoted where our syntax needs it. */
void import_quote(struct sbuf *dst, const char *value);
/* The reason why a line is ignored; always -EINVAL. */
int import_refuse(struct import *im, const char *why);
/* Says that this line of theirs maps, but not to quite the same. */
void import_differ(struct import *im, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int import_number(struct import *im, const struct import_row *row, const char *value);
int import_bool(struct import *im, const struct import_row *row, const char *value);
int import_enum(struct import *im, const struct import_row *row, const char *value);
int import_copy(struct import *im, const struct import_row *row, const char *value);
int import_list(struct import *im, const struct import_row *row, const char *value);
int import_addresses(struct import *im, const struct import_row *row, const char *value);
int import_host(struct import *im, const struct import_row *row, const char *value);
int import_address(struct import *im, const struct import_row *row, const char *value);
int import_interface(struct import *im, const struct import_row *row, const char *value);
int import_vlan_mon(struct import *im, const struct import_row *row, const char *value);
int import_raw(struct import *im, const struct import_row *row, const char *value);
int import_echo_timeout(struct import *im, const struct import_row *row, const char *value);
int import_ip_range(struct import *im, const struct import_row *row, const char *value);
int import_prefix(struct import *im, const struct import_row *row, const char *value);
int import_server(struct import *im, const struct import_row *row, const char *value);
int import_endpoint_secret(struct import *im, const struct import_row *row, const char *value);
int import_down_limiter(struct import *im, const struct import_row *row, const char *value);
int import_telnet(struct import *im, const struct import_row *row, const char *value);
int import_log_level(struct import *im, const struct import_row *row, const char *value);
int import_fail_timeout(struct import *im, const struct import_row *row, const char *value);

#endif
