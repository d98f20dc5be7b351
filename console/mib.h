/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answers of the control socket as the objects of etc/BRASBERRY-MIB.txt. Pure: text comes in,
 * values go out by their object identifiers; who asks and who fetches is agent_sys.c's affair.
 *
 * A table here is one of the MIB's, or a group of scalars: such a group has one row, of key 0.
 */
#ifndef CONSOLE_MIB_H
#define CONSOLE_MIB_H

#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MIB_OCTETS_MAX 255
#define MIB_ROWS_MAX   1000000 /* as many sessions as a daemon may have */
#define MIB_KEY_MAX    8       /* sub-identifiers of a key */

enum mib_type {
	MIB_TEXT,	 /* BrasText, cut off after 255 octets */
	MIB_MAC,	 /* 6 octets */
	MIB_ADDRESS4,	 /* 4 octets */
	MIB_PREFIX6,	 /* 16 octets of "ADDRESS/LENGTH" */
	MIB_PREFIX6_LEN, /* its LENGTH; Gauge32 */
	MIB_GAUGE,	 /* Gauge32, held at its maximum */
	MIB_COUNTER,	 /* Counter64 */
	MIB_TICKS,	 /* seconds as TimeTicks, which wrap */
	MIB_ENUM,	 /* a text as its place in `names`, from 1 */
	MIB_TRUTH,	 /* 1 true, 2 false */
};

enum mib_key {
	MIB_KEY_NONE,  /* scalars: one row, .0 */
	MIB_KEY_PLACE, /* one sub-identifier: the row's place in the answer, from 1 */
	MIB_KEY_ID,    /* eight: the octets of `acct-session-id` */
};

struct mib_column {
	const char *path; /* "sessions.opened" */
	enum mib_type type;
	const char *const *names; /* of MIB_ENUM; NULL behind the last */
};

struct mib_table {
	const char *name;
	unsigned at; /* below the MIB's objects */
	const char *command[3];
	const char *path; /* of the array in the answer; NULL: the answer itself */
	enum mib_key key;
	unsigned first; /* column's number; those behind it follow without a gap */
	unsigned count;
	const struct mib_column *columns;
};

extern const struct mib_table mib_tables[];
extern const unsigned mib_table_count;

struct mib_value {
	bool there;
	uint8_t len;	 /* of octets */
	uint64_t number; /* or where the octets begin */
};

/* One table as it was read. */
struct mib_image {
	const struct mib_table *table;
	unsigned rows;
	uint64_t *keys;		  /* ascending */
	struct mib_value *values; /* rows * table->count */
	struct sbuf octets;
};

/* Is it octets that the type has, not a number? */
bool mib_is_octets(enum mib_type type);

/* The value of one column of an object. Octets are appended to `octets`. A member that is missing,
 * null or of another kind gives a value that is not there. */
struct mib_value mib_value_of(const json_t *row, const struct mib_column *c, struct sbuf *octets);

/* Reads a whole answer. 0; -EBADMSG: not what the table's command answers; -ENOMEM; -E2BIG: more
 * than MIB_ROWS_MAX. Rows without a key are left out, and of two with the same key one is. */
int mib_image_read(struct mib_image *ret, const struct mib_table *t, const char *text, size_t len);
void mib_image_fini(struct mib_image *m);

/* A place in a table: what follows the entry's (or the group's) identifier. */
struct mib_place {
	unsigned column; /* its number */
	unsigned row;	 /* in the image */
};

/* The value whose identifier, below the entry, is exactly `oid`, or the first behind it.
 * NULL: there is none. */
const struct mib_value *mib_get(const struct mib_image *m, const uint32_t *oid, size_t len,
				struct mib_place *ret);
const struct mib_value *mib_next(const struct mib_image *m, const uint32_t *oid, size_t len,
				 struct mib_place *ret);
/* The identifier of a place; how many sub-identifiers, at most 1 + MIB_KEY_MAX. */
size_t mib_oid(const struct mib_image *m, const struct mib_place *p, uint32_t ret[1 + MIB_KEY_MAX]);

#endif
