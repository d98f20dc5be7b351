/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An open-addressing index: hash -> uint32_t, for objects that live in an array of their own.
 * It stores indices only and asks the owner whether an index is the one sought. Linear probing
 * with backward-shift deletion, at most half full, never grows: the number of entries is known at
 * start (`max-sessions`). Hashes must be keyed (base/siphash.h) where keys come from outside.
 */
#ifndef BASE_HIDX_H
#define BASE_HIDX_H

#include <stdbool.h>
#include <stdint.h>

#define HIDX_NONE UINT32_MAX

struct hidx_cell {
	uint32_t hash, value; /* value HIDX_NONE: free */
};

struct hidx {
	struct hidx_cell *cell;
	uint32_t mask, used, max;
};

/* @max: entries it must take. 0 or -ENOMEM. */
int hidx_init(struct hidx *h, uint32_t max);
void hidx_fini(struct hidx *h);

/* -ENOSPC when `max` entries are in. Several entries may have one hash. */
int hidx_add(struct hidx *h, uint64_t hash, uint32_t value);
/* Removes the entry with this hash and value; -ENOENT when it is not there. */
int hidx_del(struct hidx *h, uint64_t hash, uint32_t value);
/* The value for which eq(value, key, arg) is true, or HIDX_NONE. */
uint32_t hidx_find(const struct hidx *h, uint64_t hash,
		   bool (*eq)(uint32_t value, const void *key, void *arg), const void *key,
		   void *arg);

#endif
