/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one subscriber's line holds of the translator: of Jool's table of sessions as its tool
 * prints it, or of the file where tayga keeps who has which address. Both may be long, and come in
 * pieces of any size: nothing is kept of them but what is counted.
 */
#ifndef NAT64_HELD_H
#define NAT64_HELD_H

#include "base/addr.h"
#include "base/str.h"

#define NAT64_OF_MAX	64  /* prefixes of a line */
#define NAT64_HOSTS_MAX 256 /* of tayga's hosts that are told one by one */

/* The prefixes of one line. */
struct nat64_of {
	struct prefix6 prefix[NAT64_OF_MAX];
	unsigned count;
};

void nat64_of_add(struct nat64_of *of, const struct prefix6 *p); /* one too many is left out */
bool nat64_of_holds(const struct nat64_of *of, const struct ip6 *addr);
/* As text, a line each: what the helper is asked with. 0; -EBADMSG: none, too many, or no prefix. */
void nat64_of_write(const struct nat64_of *of, struct sbuf *out);
int nat64_of_parse(const char *text, size_t len, struct nat64_of *ret);

struct nat64_host {
	struct ip6 ip6;
	uint32_t ip4; /* host order: of tayga's private addresses */
};

struct nat64_held {
	struct nat64_of of;
	uint64_t sessions, bib; /* of Jool */
	struct nat64_host host[NAT64_HOSTS_MAX];
	unsigned host_count;
	bool more;     /* hosts than these */
	bool bad;      /* a line was none; it is the one in `line` */
	char line[256]; /* the one that has begun */
	size_t len;
	/* The port of the last session of this line's: protocol, address and number as they stand. */
	char last[80];
	size_t last_len;
};

/* Of the prefixes of this text; free() ends it. 0, -EBADMSG, -ENOMEM. */
int nat64_held_new(struct nat64_held **ret, const char *text, size_t len);

/* Lines of `jool session display --csv --no-headers --numeric`. Sessions of one port follow each
 * other there, so ports are counted by their changes. What is no such line makes it `bad`. */
void nat64_held_jool(struct nat64_held *h, const char *text, size_t len);
/* Lines of tayga's dynamic.map; what is no entry is passed over. */
void nat64_held_tayga(struct nat64_held *h, const char *text, size_t len);
bool nat64_held_has4(const struct nat64_held *h, uint32_t ip4); /* it is one of its hosts' */

/* The helper's answer, when Jool's tool has ended with this status: "sessions N bib N\n", or what
 * was no line of its. The status; -EBADMSG: the tool says 0, but that was not all. */
int nat64_held_end(const struct nat64_held *h, int status, struct sbuf *out);
int nat64_held_parse(const char *text, size_t len, uint64_t *ret_sessions, uint64_t *ret_bib);

#endif
