// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/http_path.h"

#include "base/hex.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* One octet of the path at *p, decoded. -EINVAL. */
static int octet(const char **p)
{
	int c = (unsigned char)*(*p)++;

	if (c == '%') {
		int high = hex_digit((*p)[0]), low = high < 0 ? -1 : hex_digit((*p)[1]);

		if (low < 0)
			return -EINVAL;
		*p += 2;
		c = high << 4 | low;
		if (c == '/')
			return -EINVAL;
	}
	return c < 0x20 || c == 0x7f || c == '\\' ? -EINVAL : c;
}

static int segment(const char **p, char **to)
{
	char *begin = *to;

	while (**p && **p != '/') {
		int c = octet(p);

		if (c < 0)
			return c;
		*(*to)++ = (char)c;
	}
	*(*to)++ = '\0';
	return *begin && strcmp(begin, ".") != 0 && strcmp(begin, "..") != 0 ? 0 : -EINVAL;
}

int http_path_parse(const char *path, struct http_path *ret)
{
	char *to = ret->text;

	ret->count = 0;
	if (strlen(path) > HTTP_PATH_MAX)
		return -E2BIG;
	if (*path != '/')
		return -EINVAL;
	while (*path == '/' && path[1]) {
		int rc;

		if (ret->count == HTTP_SEGMENTS_MAX)
			return -E2BIG;
		path++;
		ret->segment[ret->count] = to;
		rc = segment(&path, &to);
		if (rc)
			return rc;
		ret->count++;
	}
	return 0;
}

bool http_path_match(const struct http_path *p, const char *pattern, unsigned more,
		     unsigned *ret_first)
{
	unsigned i = 0;

	while (*pattern == '/' && pattern[1]) {
		size_t len = strcspn(++pattern, "/");

		if (i == p->count || strlen(p->segment[i]) != len ||
		    memcmp(p->segment[i], pattern, len) != 0)
			return false;
		pattern += len;
		i++;
	}
	*ret_first = i;
	return p->count == i + more;
}

bool http_host_is_literal(const char *host)
{
	char name[64];
	struct in6_addr a;
	size_t len;

	if (!host)
		return true;
	if (*host == '[') {
		len = strcspn(++host, "]");
		if (host[len] != ']')
			return false;
	} else {
		len = strcspn(host, ":");
	}
	if (!len || len >= sizeof(name))
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	return !strcasecmp(name, "localhost") || inet_pton(AF_INET, name, &a) == 1 ||
	       inet_pton(AF_INET6, name, &a) == 1;
}
