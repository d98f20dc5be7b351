/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a vector of test/vectors: frames as they were on the wire, and which way they went. */
#ifndef TEST_VECTORS_H
#define TEST_VECTORS_H

#include "base/wire.h"

#include <stdio.h>
#include <stdlib.h>

#define VECTOR_FRAMES	 64
#define VECTOR_FRAME_MAX 1530
#define VECTOR_PPP	 20 /* where the PPP frame begins, at its protocol: Ethernet and PPPoE */

struct vector_frame {
	bool from_peer; /* by the subscriber */
	size_t len;
	uint8_t octets[VECTOR_FRAME_MAX];
};

struct vector {
	unsigned count;
	struct vector_frame frame[VECTOR_FRAMES];
};

static const char *const vector_names[] = {
	"pap",		 "chap-md5",   "mschap-v2",
	"chap-md5-ipv6", "mru-1500",   "mru-1500-no-room",
	"pap-wrong",	 "chap-wrong", "mschap-v2-wrong",
	"host-uniq",
};
#define VECTOR_NAMES (sizeof(vector_names) / sizeof(vector_names[0]))

static inline uint16_t vector_be16(const struct vector_frame *f, size_t off)
{
	return (uint16_t)(f->octets[off] << 8 | f->octets[off + 1]);
}

static inline bool vector_is_ppp(const struct vector_frame *f, uint16_t protocol)
{
	return vector_be16(f, 12) == 0x8864 && vector_be16(f, VECTOR_PPP) == protocol;
}

static inline int vector_line(const char *line, struct vector_frame *f)
{
	unsigned octet;
	int used;

	f->from_peer = line[0] == '>';
	f->len = 0;
	for (line += 2; sscanf(line, "%2x%n", &octet, &used) == 1; line += used) {
		if (used != 2 || f->len == VECTOR_FRAME_MAX)
			return -EBADMSG;
		f->octets[f->len++] = (uint8_t)octet;
		if (line[2] == ' ')
			return 0;
	}
	return -EBADMSG;
}

/* From the directory where `make` runs. Exits with 1 and a sentence when the file is not good. */
static inline void vector_read(const char *name, struct vector *v)
{
	static char line[2 * VECTOR_FRAME_MAX + 200];
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "test/vectors/%s.hex", name);
	f = fopen(path, "re");
	v->count = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (line[0] == '#')
			continue;
		if (v->count == VECTOR_FRAMES || vector_line(line, &v->frame[v->count++])) {
			fprintf(stderr, "%s: frame %u is not hex\n", path, v->count);
			exit(1);
		}
	}
	if (!f || !v->count) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	fclose(f);
}

#endif
