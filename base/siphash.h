/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-2-4 (Aumasson, Bernstein 2012): the keyed hash of every table whose keys come from
 * outside, and of the AC-Cookie. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k[2];
};

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len);

/* Fills the key from the kernel's random source; 0 or -errno. */
int siphash_key_random(struct siphash_key *ret);

#endif
