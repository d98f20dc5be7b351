// SPDX-License-Identifier: GPL-2.0-or-later
/* A path, a newline, a Host header. What is taken holds to what http_path.h promises. */
#include "daemon/http_path.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct http_path *p)
{
	unsigned first;

	if (p->count > HTTP_SEGMENTS_MAX)
		abort();
	for (unsigned i = 0; i < p->count; i++) {
		const char *s = p->segment[i];

		if (s < p->text || s + strlen(s) >= p->text + sizeof(p->text))
			abort();
		if (!*s || !strcmp(s, ".") || !strcmp(s, "..") || strpbrk(s, "/\\\n\r\t\x7f"))
			abort();
	}
	(void)http_path_match(p, "/api/v1/session", 1, &first);
	if (p->count && http_path_match(p, "/", p->count, &first) && first)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_path *p = malloc(sizeof(*p)); /* so that the sanitizer sees its end */
	char *text = malloc(size + 1), *host;

	if (!p || !text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	host = strchr(text, '\n');
	if (host)
		*host++ = '\0';
	if (!http_path_parse(text, p))
		check(p);
	(void)http_host_is_literal(host);
	free(text);
	free(p);
	return 0;
}
