// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Jool's mappings in the kernel's log (logging-bib):
 *
 *	Jool: NAME 2026/11/26 17:3:9 (GMT) - Mapped 2001:db8::2#4143 to 203.0.113.10#64307 (TCP)
 */
#include "nat64/nat64.h"

#include <errno.h>
#include <string.h>

#define ENDPOINT_MAX 64

/* Takes @word off the front. */
static bool skip(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len))
		return false;
	*p += len;
	return true;
}

/* "ADDRESS#PORT" up to a blank: the address into @addr. */
static bool endpoint(const char **p, char addr[ENDPOINT_MAX], uint16_t *ret_port)
{
	size_t len = strcspn(*p, "# "), port_len;
	char text[8];
	uint64_t port;

	if (len >= ENDPOINT_MAX || (*p)[len] != '#')
		return false;
	memcpy(addr, *p, len);
	addr[len] = '\0';
	*p += len + 1;
	port_len = strcspn(*p, " ");
	if (port_len >= sizeof(text))
		return false;
	memcpy(text, *p, port_len);
	text[port_len] = '\0';
	*p += port_len;
	if (str_to_u64(text, 0, 65535, &port))
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

static bool protocol(const char *p, enum nat64_proto *ret)
{
	for (unsigned i = 0; i < NAT64_PROTOS; i++) {
		const char *name = nat64_proto_name((enum nat64_proto)i);
		size_t len = strlen(name);

		if (strncasecmp(p, name, len) || p[len] != ')')
			continue;
		*ret = (enum nat64_proto)i;
		return true;
	}
	return false;
}

int nat64_log_parse(const char *line, size_t len, const char *label, struct nat64_mapping *ret)
{
	struct nat64_mapping m = { 0 };
	char text[256], addr[ENDPOINT_MAX];
	const char *p = text;

	if (len >= sizeof(text) || memchr(line, '\0', len))
		return -ENOENT;
	memcpy(text, line, len);
	text[len] = '\0';
	p = strstr(text, "Jool: ");
	if (!p)
		return -ENOENT;
	p += strlen("Jool: ");
	if (!skip(&p, label) || !skip(&p, " "))
		return -ENOENT;
	p = strstr(p, " (GMT) - ");
	if (!p)
		return -ENOENT;
	p += strlen(" (GMT) - ");
	m.gone = skip(&p, "Forgot ");
	if (!m.gone && !skip(&p, "Mapped "))
		return -ENOENT;
	if (!endpoint(&p, addr, &m.port6) || ip6_parse(addr, &m.src6) || !skip(&p, " to ") ||
	    !endpoint(&p, addr, &m.port4) || ip4_parse(addr, &m.src4) || !skip(&p, " (") ||
	    !protocol(p, &m.proto))
		return -ENOENT;
	*ret = m;
	return 0;
}
