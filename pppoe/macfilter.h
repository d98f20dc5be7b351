/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of stations that alone may dial in, or that may not. Its text has one MAC address
 * ("02:00:00:00:00:01") or vendor prefix ("02:00:00") per line, in colons or dashes; '#' begins a
 * comment.
 */
#ifndef PPPOE_MACFILTER_H
#define PPPOE_MACFILTER_H

#include "base/addr.h"

struct pppoe_mac_filter;

/* @allow: only these may; else these may not. @name stands for the file in errors. -EINVAL and
 * `why` ("FILE:LINE: ..."), or -ENOMEM. */
int pppoe_mac_filter_parse(struct pppoe_mac_filter **ret, const char *text, size_t len, bool allow,
			   const char *name, char *why, size_t why_len);
/* The same from a file (pppoe/sys.c); also what reading it fails with. At most 16 MiB: -EFBIG. */
int pppoe_mac_filter_load(struct pppoe_mac_filter **ret, const char *path, bool allow, char *why,
			  size_t why_len);
void pppoe_mac_filter_free(struct pppoe_mac_filter *f); /* NULL is fine */
/* May this station dial in? */
bool pppoe_mac_filter_pass(const struct pppoe_mac_filter *f, const struct mac *mac);
/* A filter like `f` with this station, or without it. -EEXIST; -ENOENT: it has no entry of its own (a
 * prefix may still mean it); -ENOMEM. */
int pppoe_mac_filter_with(struct pppoe_mac_filter **ret, const struct pppoe_mac_filter *f,
			  const struct mac *mac);
int pppoe_mac_filter_without(struct pppoe_mac_filter **ret, const struct pppoe_mac_filter *f,
			     const struct mac *mac);
unsigned pppoe_mac_filter_count(const struct pppoe_mac_filter *f);

#endif
