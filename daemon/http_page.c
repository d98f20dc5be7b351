// SPDX-License-Identifier: GPL-2.0-or-later
/* The status page: the files of etc/http and Debian's Chart.js, which the assembler puts into the
 * program, so that it is whole without a network or a folder of its own. */
#include "daemon/http.h"

#include <string.h>

#define EMBED(name, file)                                                                          \
	__asm__(".section .rodata\n" #name "_begin: .incbin \"" file "\"\n" #name "_end:\n"        \
		".previous\n");                                                                    \
	extern const char name##_begin[] __attribute__((visibility("hidden")));                    \
	extern const char name##_end[] __attribute__((visibility("hidden")))

EMBED(page_html, "etc/http/index.html");
EMBED(page_css, "etc/http/page.css");
EMBED(page_js, "etc/http/page.js");
EMBED(page_chart, CHART_JS);

static const struct {
	const char *path, *type, *begin, *end;
} files[] = {
	{ "/", "text/html; charset=utf-8", page_html_begin, page_html_end },
	{ "/page.css", "text/css; charset=utf-8", page_css_begin, page_css_end },
	{ "/page.js", "text/javascript; charset=utf-8", page_js_begin, page_js_end },
	{ "/chart.js", "text/javascript; charset=utf-8", page_chart_begin, page_chart_end },
};

void http_page(struct http *h, const struct http_route *r, const char *const *args,
	       struct http_answer *ret)
{
	(void)h, (void)args;
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		if (strcmp(files[i].path, r->path) != 0)
			continue;
		ret->type = files[i].type;
		sbuf_append(&ret->body, files[i].begin, (size_t)(files[i].end - files[i].begin));
		return;
	}
	http_fail(ret, 404, "there is no such file");
}
