/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rings that a stream's events come through, one each CPU (libbpf's perf buffers). */
#ifndef MIRROR_RING_H
#define MIRROR_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring;

typedef void ring_event_fn(void *arg, const void *event, size_t len);
typedef void ring_lost_fn(void *arg, uint64_t count);

/* @map: the pin of the map `streams`; our entries are those of @stream. */
int ring_open(struct ring **ret, const char *map, unsigned stream, ring_event_fn *event,
	      ring_lost_fn *lost, void *arg);
void ring_close(struct ring *r);   /* NULL is fine */
int ring_fd(const struct ring *r); /* readable: something has come */
int ring_read(struct ring *r);	   /* all that is there, without waiting */

#endif
