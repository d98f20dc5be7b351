/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked for over HTTP: a path's segments, decoded (RFC 3986, section 2.1), and who may ask
 * (the Host header). Pure: input from anybody. */
#ifndef DAEMON_HTTP_PATH_H
#define DAEMON_HTTP_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_PATH_MAX	 1024 /* octets, encoded */
#define HTTP_SEGMENTS_MAX 8

struct http_path {
	unsigned count;
	const char *segment[HTTP_SEGMENTS_MAX]; /* into text, decoded; none is empty */
	char text[HTTP_PATH_MAX + 1];
};

/* @path: as in the request line, up to its '?'. "/" has no segments; one '/' at the end is ignored.
 * -EINVAL: no '/' first, an empty segment, "." or "..", a bad escape, or a control character, a
 * slash or a backslash that was escaped; -E2BIG: too long, too many segments. */
int http_path_parse(const char *path, struct http_path *ret);

/* Does `pattern` ("/api/v1/session") stand for this path, with exactly @more segments after it? They
 * begin at segment[*ret_first]. */
bool http_path_match(const struct http_path *p, const char *pattern, unsigned more,
		     unsigned *ret_first);

/* A name that a page of somebody else's could make a browser's address of this box by DNS is no
 * address and not localhost. @host: "HOST" or "HOST:PORT", NULL: none given, which is fine. */
bool http_host_is_literal(const char *host);

#endif
