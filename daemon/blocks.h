/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of ports of the addresses that lines share, one block for each line. Pure: what has whose
 * owner. Block number n is of address n / PER, and begins at port 1024 + n % PER * size. A block
 * that is given back rests until all others have had their turn: who speaks to it meanwhile means
 * its owner of before.
 */
#ifndef DAEMON_BLOCKS_H
#define DAEMON_BLOCKS_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKS_FIRST_PORT 1024
#define BLOCKS_FREE	  UINT32_MAX

struct blocks {
	uint32_t first;	    /* address, host order; 0: not known yet */
	uint32_t size, per; /* ports of a block, blocks of an address */
	uint32_t total, used;
	uint32_t next;	 /* where the search for a free one begins */
	uint32_t *owner; /* per block: slot, or BLOCKS_FREE */
	uint32_t *of;	 /* per slot: block, or BLOCKS_FREE */
	uint32_t slots;
	uint64_t exhausted; /* lines that found none */
};

/* An element of the map, as nftables lists it. */
struct blocks_item {
	uint32_t line, addr; /* host order */
	uint16_t first, last;
};

/* -EINVAL: no block fits. */
int blocks_init(struct blocks *b, uint32_t first, uint32_t addresses, uint32_t size,
		uint32_t slots);
void blocks_fini(struct blocks *b);
/* A free one for the slot: 0, -ENOSPC: counted. One that has one keeps it. */
int blocks_get(struct blocks *b, uint32_t slot);
/* That of a listing: -ENOENT: not a block of these, -EEXIST: another's. */
int blocks_take(struct blocks *b, uint32_t slot, const struct blocks_item *item);
bool blocks_put(struct blocks *b, uint32_t slot); /* false: it had none */
/* What the slot has; false: nothing. @ret's line is not set. */
bool blocks_of(const struct blocks *b, uint32_t slot, struct blocks_item *ret);

/* All "LINE : ADDRESS . FIRST-LAST" of a listing, in order of lines; freed by the caller.
 * -ENOMEM. */
int blocks_parse(const char *text, struct blocks_item **ret, size_t *ret_count);
const struct blocks_item *blocks_find(const struct blocks_item *items, size_t count, uint32_t line);
void blocks_item_write(const struct blocks_item *item, struct sbuf *out);

#endif
