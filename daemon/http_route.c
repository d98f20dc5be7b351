// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands behind each path. /api/v1/COMMAND is the JSON of `brasctl COMMAND --json`, no more and
 * no less; what a command refuses is 404 with {"error": MESSAGE}. */
#include "base/control.h"
#include "base/json.h"
#include "daemon/http.h"
#include "daemon/http_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 8

void http_fail(struct http_answer *a, unsigned status, const char *fmt, ...)
{
	struct json j = { .out = &a->body };
	char message[CONTROL_MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	a->status = status;
	a->type = "application/json";
	a->live = NULL;
	a->body.len = 0;
	json_open(&j, NULL, '{');
	json_str(&j, "error", message);
	json_close(&j, '}');
	sbuf_append(&a->body, "\n", 1);
}

/* The words of the route, then the arguments. */
static unsigned command(const struct http_route *r, const char *const *args, char *text,
			size_t text_len, const char **argv)
{
	unsigned n = 0;

	snprintf(text, text_len, "%s", r->words);
	for (char *save, *w = strtok_r(text, " ", &save); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	for (unsigned i = 0; i < r->more; i++)
		argv[n++] = args[i];
	return n;
}

static void fetch_command(struct http *h, const struct http_route *r, const char *const *args,
			  struct http_answer *ret)
{
	const char *argv[WORDS_MAX + HTTP_SEGMENTS_MAX];
	char text[64], message[CONTROL_MESSAGE_MAX];
	unsigned argc = command(r, args, text, sizeof(text), argv);
	int status = http_ask(h, argc, argv, &ret->body, message, sizeof(message));

	if (status)
		http_fail(ret, (unsigned)status, "%s", message);
}

/* One object out of `show stat`. */
static void fetch_drops(struct http *h, const struct http_route *r, const char *const *args,
			struct http_answer *ret)
{
	struct sbuf stat;

	fetch_command(h, r, args, ret);
	if (ret->status != 200)
		return;
	sbuf_append(&ret->body, "", 1);
	stat = ret->body;
	ret->body = (struct sbuf){ 0 };
	if (metrics_member(stat.p, "drops", &ret->body))
		http_fail(ret, 502, "the daemon's answer is not understood");
	sbuf_fini(&stat);
}

#define NEEDED 2 /* of the commands of fetch_metrics(): without the others there is less to tell   \
		  */

static bool text_missing(const struct sbuf *text, unsigned asked)
{
	for (unsigned i = 0; i < asked && i < NEEDED; i++)
		if (text[i].len <= 1)
			return true;
	return false;
}

static void fetch_metrics(struct http *h, const struct http_route *r, const char *const *args,
			  struct http_answer *ret)
{
	static const char *const commands[] = { "stat", "health", "pools", "radius", "nat64", "mirror" };
	struct sbuf text[ARRAY_SIZE(commands)] = { 0 }, kernel = { 0 };
	char message[CONTROL_MESSAGE_MAX] = "";
	struct metrics_wanted wanted;
	struct metrics_input in;

	(void)r, (void)args;
	for (unsigned i = 0; i < ARRAY_SIZE(commands) && !text_missing(text, i); i++) {
		const char *argv[] = { "show", commands[i] };

		if (http_ask(h, 2, argv, &text[i], message, sizeof(message)))
			text[i].len = 0;
		sbuf_append(&text[i], "", 1);
	}
	if (text_missing(text, NEEDED)) {
		http_fail(ret, 503, "%s", message);
	} else {
		metrics_wanted_parse(text[1].p, &wanted);
		metrics_kernel(&wanted, &kernel);
		in = (struct metrics_input){ text[0].p, text[1].p, text[2].p, text[3].p,
					     text[4].p, text[5].p, kernel.p };
		ret->type = "text/plain; version=0.0.4; charset=utf-8";
		(void)metrics_write(&in, &ret->body);
	}
	sbuf_fini(&kernel);
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
		sbuf_fini(&text[i]);
}

static void fetch_events(struct http *h, const struct http_route *r, const char *const *args,
			 struct http_answer *ret)
{
	(void)r, (void)args;
	ret->type = "text/event-stream";
	ret->live = http_events(h);
}

static void fetch_index(struct http *h, const struct http_route *r, const char *const *args,
			struct http_answer *ret)
{
	struct json j = { .out = &ret->body };

	(void)h, (void)r, (void)args;
	json_open(&j, NULL, '[');
	for (unsigned i = 0; i < http_route_count; i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s%s", http_routes[i].path,
			 http_routes[i].more ? "/NAME" : "");
		json_str(&j, NULL, path);
	}
	json_close(&j, ']');
	sbuf_append(&ret->body, "\n", 1);
}

const struct http_route http_routes[] = {
	{ "/", 0, NULL, http_page },
	{ "/page.css", 0, NULL, http_page },
	{ "/page.js", 0, NULL, http_page },
	{ "/chart.js", 0, NULL, http_page },
	{ "/metrics", 0, NULL, fetch_metrics },
	{ "/api/v1", 0, NULL, fetch_index },
	{ "/api/v1/events", 0, NULL, fetch_events },
	{ "/api/v1/sessions", 0, "show sessions", fetch_command },
	{ "/api/v1/session", 1, "show session", fetch_command },
	{ "/api/v1/history", 1, "show history", fetch_command },
	{ "/api/v1/cpu", 0, "show cpu", fetch_command },
	{ "/api/v1/stat", 0, "show stat", fetch_command },
	{ "/api/v1/drops", 0, "show stat", fetch_drops },
	{ "/api/v1/health", 0, "show health", fetch_command },
	{ "/api/v1/pools", 0, "show pools", fetch_command },
	{ "/api/v1/radius", 0, "show radius", fetch_command },
	{ "/api/v1/shaper", 0, "show shaper", fetch_command },
	{ "/api/v1/fastpath", 0, "show fastpath", fetch_command },
	{ "/api/v1/flows", 0, "show flows", fetch_command },
	{ "/api/v1/flows", 1, "show flows", fetch_command },
	{ "/api/v1/nat64", 0, "show nat64", fetch_command },
	{ "/api/v1/dns64", 0, "show dns64", fetch_command },
	{ "/api/v1/mirror", 0, "show mirror", fetch_command },
	{ "/api/v1/usage", 0, "show usage", fetch_command },
};
const unsigned http_route_count = ARRAY_SIZE(http_routes);

void http_answer(struct http *h, const char *path, struct http_answer *ret)
{
	struct http_path p;
	unsigned first;

	if (http_path_parse(path, &p)) {
		http_fail(ret, 400, "this is no path");
		return;
	}
	for (unsigned i = 0; i < http_route_count; i++) {
		const struct http_route *r = &http_routes[i];

		if (!http_path_match(&p, r->path, r->more, &first))
			continue;
		r->fetch(h, r, p.segment + first, ret);
		return;
	}
	http_fail(ret, 404, "there is nothing here; /api/v1 has a list");
}
