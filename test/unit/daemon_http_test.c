// SPDX-License-Identifier: GPL-2.0-or-later
/* What comes in over HTTP, and what /metrics says. */
#include "base/hist.h"
#include "base/json.h"
#include "daemon/http.h"
#include "daemon/http_delta.h"
#include "daemon/http_path.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static int parse(const char *path)
{
	static struct http_path p;

	return http_path_parse(path, &p);
}

static void test_paths(void **state)
{
	struct http_path p;

	(void)state;
	assert_int_equal(http_path_parse("/", &p), 0);
	assert_int_equal(p.count, 0);
	assert_int_equal(http_path_parse("/api/v1/session/a%20b%40c%25/", &p), 0);
	assert_int_equal(p.count, 4);
	assert_string_equal(p.segment[0], "api");
	assert_string_equal(p.segment[3], "a b@c%");
	assert_int_equal(http_path_parse("/%c3%BC", &p), 0);
	assert_string_equal(p.segment[0], "\xc3\xbc");
}

static void test_bad_paths(void **state)
{
	static const char *const bad[] = { "",	    "api",   "//",     "/a//b", "/.",	  "/a/..",
					   "/%2e%2E", "/%",    "/%1",    "/%1g",  "/%00",   "/a%0a",
					   "/a%2fb",  "/a\x7f", "/a\\b", "/a%5c", "/a/%2E/b" };
	char longer[HTTP_PATH_MAX + 2];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse(bad[i]) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	memset(longer, 'a', sizeof(longer));
	longer[0] = '/';
	longer[HTTP_PATH_MAX + 1] = '\0';
	assert_int_equal(parse(longer), -E2BIG);
	longer[HTTP_PATH_MAX] = '\0';
	assert_int_equal(parse(longer), 0);
	assert_int_equal(parse("/1/2/3/4/5/6/7/8"), 0);
	assert_int_equal(parse("/1/2/3/4/5/6/7/8/9"), -E2BIG);
}

static void test_match(void **state)
{
	struct http_path p;
	unsigned first = 99;

	(void)state;
	assert_int_equal(http_path_parse("/api/v1/session/one", &p), 0);
	assert_true(http_path_match(&p, "/api/v1/session", 1, &first));
	assert_int_equal(first, 3);
	assert_false(http_path_match(&p, "/api/v1/session", 0, &first));
	assert_false(http_path_match(&p, "/api/v1/sessions", 1, &first));
	assert_false(http_path_match(&p, "/api/v1/sess", 1, &first));
	assert_false(http_path_match(&p, "/api/v1/session/one/two", 0, &first));
	assert_int_equal(http_path_parse("/", &p), 0);
	assert_true(http_path_match(&p, "/", 0, &first));
	assert_false(http_path_match(&p, "/metrics", 0, &first));
}

static void test_hosts(void **state)
{
	static const char *const good[] = { "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[2001:db8::1]",
					    "localhost:80", "LocalHost" };
	static const char *const bad[] = { "", ":80", "evil.example", "localhost.evil.example", "[::1",
					   "127.0.0.1.evil", "[evil]" };

	(void)state;
	assert_true(http_host_is_literal(NULL));
	for (unsigned i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(http_host_is_literal(good[i]));
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(http_host_is_literal(bad[i]));
}

static void has(const struct sbuf *out, const char *text)
{
	if (!strstr(out->p, text))
		fail_msg("no '%s' in:\n%s", text, out->p);
}

static void test_histogram(void **state)
{
	struct hist h = { 0 };
	struct sbuf text = { 0 }, out = { 0 };
	struct json j = { .out = &text };
	struct metrics_input in = { 0 };

	(void)state;
	hist_add(&h, 50000);	     /* on the bound: in it */
	hist_add(&h, 50001);
	hist_add(&h, 40000000000ull); /* above all */
	assert_int_equal(hist_total(&h), 3);
	json_open(&j, NULL, '{');
	hist_show(&h, &j, "setup");
	json_close(&j, '}');
	in.health = text.p;
	assert_int_equal(metrics_write(&in, &out), 0);
	has(&out, "# TYPE brasd_session_setup_seconds histogram\n"
		  "brasd_session_setup_seconds_bucket{le=\"5e-05\"} 1\n"
		  "brasd_session_setup_seconds_bucket{le=\"0.0001\"} 2\n"
		  "brasd_session_setup_seconds_bucket{le=\"0.00025\"} 2\n");
	has(&out, "brasd_session_setup_seconds_bucket{le=\"30\"} 2\n"
		  "brasd_session_setup_seconds_bucket{le=\"+Inf\"} 3\n"
		  "brasd_session_setup_seconds_sum 40.0001\n"
		  "brasd_session_setup_seconds_count 3\n");
	sbuf_fini(&text);
	sbuf_fini(&out);
}

/* Labels are escaped, big numbers keep their digits, what is not there is not told of. */
static void test_metrics(void **state)
{
	struct sbuf out = { 0 };
	struct metrics_input in = {
		.stat = "{\"drops\":{\"spoofed-4\":9007199254740993},\"ppp\":{\"echo-tx\":7}}",
		.pools = "[{\"name\":\"a\\\"\\\\\\nb\",\"family\":4,\"kind\":\"address\",\"total\":5,\"used\":"
			 "2}]",
		.radius = "[{\"server\":\"192.0.2.1\",\"auth-port\":1812,\"state\":\"dead\",\"spool\":3}]",
		.mirror = "[{\"username\":\"bob\",\"packets\":3,\"bytes\":10,\"drops\":1},"
			  "{\"username\":\"eve\",\"packets\":4,\"bytes\":20,\"drops\":0}]",
		.nat64 = "rubbish",
	};

	(void)state;
	assert_int_equal(metrics_write(&in, &out), 0);
	has(&out, "brasd_drops_total{reason=\"spoofed-4\"} 9007199254740993\n");
	has(&out, "brasd_lcp_echo_requests_total 7\n");
	has(&out, "brasd_pool_used{pool=\"a\\\"\\\\\\nb\",family=\"4\",kind=\"address\"} 2\n");
	has(&out, "brasd_radius_server_up{server=\"192.0.2.1\",port=\"1812\"} 0\n");
	has(&out, "brasd_radius_spool_records 3\n");
	has(&out, "brasd_mirror_rules 2\n");
	has(&out, "brasd_mirror_packets_total 7\n");
	has(&out, "brasd_mirror_drops_total 1\n");
	assert_null(strstr(out.p, "bob"));
	assert_null(strstr(out.p, "nat64"));
	assert_null(strstr(out.p, "brasd_uptime"));
	sbuf_fini(&out);
}

static void test_nothing(void **state)
{
	struct metrics_input in = { .health = "", .stat = "[]", .radius = "{}", .mirror = "3" };
	struct sbuf out = { 0 };

	(void)state;
	assert_int_equal(metrics_write(&in, &out), 0);
	assert_int_equal(out.len, 0);
	sbuf_fini(&out);
}

static void test_member(void **state)
{
	struct sbuf out = { 0 };
	struct metrics_wanted w;

	(void)state;
	assert_int_equal(metrics_member("{\"a\":{\"b\":1}}", "a", &out), 0);
	sbuf_append(&out, "", 1);
	assert_string_equal(out.p, "{\"b\":1}\n");
	assert_int_equal(metrics_member("{\"a\":{\"b\":1}}", "b", &out), -EBADMSG);
	assert_int_equal(metrics_member("{", "b", &out), -EBADMSG);
	sbuf_fini(&out);
	metrics_wanted_parse("{\"device\":\"subs0\",\"shaper\":true,\"interfaces\":[{\"name\":"
			     "\"acc0\"},{\"name\":\"an-interface-of-a-long-name\"},{}]}",
			     &w);
	assert_int_equal(w.count, 3);
	assert_string_equal(w.names[1], "an-interface-of");
	assert_string_equal(w.device, "subs0");
	assert_true(w.shaper);
	metrics_wanted_parse(NULL, &w);
	assert_int_equal(w.count, 0);
}

static void delta_is(struct http_delta *d, const char *counters, const char *good)
{
	struct sbuf out = { 0 };

	assert_int_equal(http_delta(d, counters, strlen(counters), &out), 0);
	sbuf_append(&out, "", 1);
	assert_string_equal(out.p, good);
	sbuf_fini(&out);
}

static void test_delta(void **state)
{
	struct http_delta d = { 0 };
	struct sbuf out = { 0 };

	(void)state;
	delta_is(&d, "[]", "{\"changed\":[],\"gone\":[]}");
	delta_is(&d, "[[0,\"a\",\"open\",1,2],[3,\"b\",\"lcp\",0,0]]",
		 "{\"changed\":[[\"a\",\"open\",1,2],[\"b\",\"lcp\",0,0]],\"gone\":[]}");
	delta_is(&d, "[[0,\"a\",\"open\",1,2],[3,\"b\",\"open\",0,0]]",
		 "{\"changed\":[[\"b\",\"open\",0,0]],\"gone\":[]}");
	assert_int_equal(http_delta(&d, "[[0]]", 5, &out), -EBADMSG);
	assert_int_equal(http_delta(&d, "[[3,\"b\",\"\",0,0],[3,\"c\",\"\",0,0]]", 31, &out),
			 -EBADMSG);
	assert_int_equal(out.len, 0);
	/* one that came into another's slot, one between, one gone */
	delta_is(&d, "[[0,\"c\",\"lcp\",0,0],[1,\"d\",\"lcp\",0,9]]",
		 "{\"changed\":[[\"c\",\"lcp\",0,0],[\"d\",\"lcp\",0,9]],\"gone\":[\"a\",\"b\"]}");
	delta_is(&d, "[]", "{\"changed\":[],\"gone\":[\"c\",\"d\"]}");
	http_delta_fini(&d);
}

/* Each text that is cut off, and what only looks like rows: nothing has changed. */
static void test_delta_of_rubbish(void **state)
{
	static const char good[] = " [[0,\"a\",\"open\",1,2] ,\n[3,\"b\",\"lcp\",0,18446744073709551]]\n";
	static const char *const bad[] = {
		"[[0,\"a\",\"open\",1,2],]",	"[,[0,\"a\",\"open\",1,2]]",
		"[[0,\"a\",\"open\",-1,2]]",	"[[0,\"a\\n\",\"open\",1,2]]",
		"[[0,\"a\",\"open\",1,2,3]]",	"[[0,\"0123456789abcdef0123\",\"open\",1,2]]",
		"[[0,\"a\",\"open\",1,2]] []", "[[0,\"a\",\"open\",1,99999999999999999999]]",
		"[[0,a,\"open\",1,2]]",	"{}",
	};
	struct http_delta d = { 0 };
	struct sbuf out = { 0 };

	(void)state;
	for (size_t n = 0; n < sizeof(good) - 2; n++)
		assert_int_equal(http_delta(&d, good, n, &out), -EBADMSG);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		if (http_delta(&d, bad[i], strlen(bad[i]), &out) != -EBADMSG)
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(out.len, 0);
	assert_int_equal(d.count, 0);
	assert_int_equal(http_delta(&d, good, sizeof(good) - 1, &out), 0);
	assert_int_equal(d.count, 2);
	sbuf_fini(&out);
	http_delta_fini(&d);
}

/* brasd.conf(5) has each path of the interface. */
static void test_documented(void **state)
{
	static char page[131072];
	FILE *f = fopen("etc/brasd.conf.5", "re");
	const char *first, *end;

	(void)state;
	assert_non_null(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	fclose(f);
	first = strstr(page, ".It Pa /api/v1\n");
	end = first ? strstr(first, "\n.Sh ") : NULL;
	assert_non_null(end);
	page[end - page] = '\0';
	for (unsigned i = 0; i < http_route_count; i++) {
		static const char api[] = "/api/v1/";
		const char *path = http_routes[i].path;
		char listed[64], last[64];

		if (strncmp(path, api, strlen(api)) != 0)
			continue;
		snprintf(listed, sizeof(listed), " %s ", path + strlen(api));
		snprintf(last, sizeof(last), " %s\n", path + strlen(api));
		if (!strstr(first, path) && !strstr(first, listed) && !strstr(first, last))
			fail_msg("%s is not in the manual page", path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),	  cmocka_unit_test(test_bad_paths),
		cmocka_unit_test(test_match),	  cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_histogram), cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_nothing),	  cmocka_unit_test(test_member),
		cmocka_unit_test(test_delta),	  cmocka_unit_test(test_delta_of_rubbish),
		cmocka_unit_test(test_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
