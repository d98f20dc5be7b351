/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names for what is a number on the wire: for the log and for `brasctl test radius`. Nothing is
 * parsed by name. Without a dictionary there are numbers.
 */
#ifndef RADIUS_DICTIONARY_H
#define RADIUS_DICTIONARY_H

#include "base/str.h"
#include "radius/packet.h"

#define RADIUS_NAME_MAX 64

/* Reads libradcli's dictionaries in `dir` (NULL: where its package has them) and our additions,
 * which are built in: files that are not there only cost names. 0 or -ENOMEM. */
int radius_dictionary_setup(const char *dir);
void radius_dictionary_teardown(void);

/* "Session-Timeout", or "Attr-27", "Vendor-14988-Attr-8"; returns buf, which has RADIUS_NAME_MAX.
 */
const char *radius_attr_name(uint32_t vendor, uint8_t type, char *buf, size_t cap);

/* Appends "NAME = VALUE" as the attribute's type has it; octets of no text in hex, a value that
 * does not fit its type as well, passwords and keys as their length only. */
void radius_attr_print(struct sbuf *out, const struct radius_attr *a);

/* --- between dictionary.c, which is pure, and the door (sys_dict.c) --------------------------- */

enum radius_kind {
	RADIUS_KIND_TEXT,
	RADIUS_KIND_U32,
	RADIUS_KIND_U64,
	RADIUS_KIND_IP4,
	RADIUS_KIND_DATE,
	RADIUS_KIND_IP6,
	RADIUS_KIND_PREFIX6,
	RADIUS_KIND_IFID,
	RADIUS_KIND_OCTETS,
	RADIUS_KIND_SECRET,
};

struct radius_dictionary {
	/* The name, or NULL. */
	const char *(*attr)(uint32_t vendor, uint8_t type, enum radius_kind *ret_kind);
	/* The name of an integer's value, or NULL. */
	const char *(*value)(const char *attr_name, uint32_t value);
};
void radius_dictionary_use(const struct radius_dictionary *d); /* NULL: none */

#endif
