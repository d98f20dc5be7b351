// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The RADIUS client (radius/sys.c) against a real server: keeps WINDOW logins on their way until
 * COUNT were answered, then hands over as many accounting records, all in a real loop. Prints what
 * an exchange took of wall and CPU time, and what `show radius` says; fails when an answer is
 * missing or wrong.
 *
 *   radius_client ADDRESS AUTH-PORT ACCT-PORT SECRET USER PASSWORD COUNT WINDOW STATE-DIR
 */
#include "base/log.h"
#include "radius/radius.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define DEADLINE (60 * NSEC_PER_SEC)

static struct loop *loop;
static struct radius_client *client;
static struct timer watch;
static const char *user, *password;
static unsigned long count, window, asked, told, accepted;
static bool accounting;
static uint64_t deadline;

static uint64_t cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NSEC_PER_SEC +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static void ask(uint64_t now);

static void answered(void *arg, uint64_t now, const struct radius_reply *reply)
{
	(void)arg;
	told++;
	accepted += reply->verdict == RADIUS_ACCEPT;
	if (asked < count)
		ask(now);
	else if (told == count)
		loop_stop(loop);
}

static void ask(uint64_t now)
{
	struct radius_access a = { .line = { .username = user,
					     .calling_station_id = "02:00:00:00:00:01",
					     .nas_port_id = "acc0:100.200" },
				   .method = RADIUS_PAP,
				   .response = (const uint8_t *)password,
				   .response_len = strlen(password) };

	snprintf(a.line.acct_session_id, sizeof(a.line.acct_session_id), "%016lx", asked);
	asked++;
	if (radius_access_send(client, now, &a, answered, NULL, NULL)) {
		fprintf(stderr, "refused\n");
		exit(1);
	}
}

static unsigned long number_in(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? strtoul(p + strlen(name), NULL, 10) : ~0ul;
}

/* Hands records over, as many as there is room for, and ends when none waits any more. */
static void on_watch(struct timer *t, uint64_t now)
{
	struct sbuf b = { 0 };
	struct json j = { .out = &b };

	if (now > deadline) {
		loop_stop(loop);
		return;
	}
	timer_set(loop_wheel(loop), t, now + WHEEL_TICK);
	if (!accounting)
		return;
	radius_client_show(client, &j);
	sbuf_append(&b, "", 1);
	for (unsigned long w = number_in(b.p, "\"acct-waiting\":"); asked < count && w < 900; w++) {
		struct radius_record r = { .status = RADIUS_START, .line.username = user };

		snprintf(r.line.acct_session_id, sizeof(r.line.acct_session_id), "%016lx", asked++);
		if (radius_account(client, now, &r))
			exit(1);
	}
	told = number_in(b.p, "\"acct-answers\":");
	if (told == count && !number_in(b.p, "\"acct-waiting\":"))
		loop_stop(loop);
	sbuf_fini(&b);
}

static void measure(const char *what)
{
	uint64_t wall = loop_clock(), cpu = cpu_ns();

	deadline = wall + DEADLINE;
	timer_set(loop_wheel(loop), &watch, wall);
	loop_run(loop);
	wall = loop_clock() - wall;
	cpu = cpu_ns() - cpu;
	timer_cancel(loop_wheel(loop), &watch);
	printf("%s: %lu answered in %.3f s, %.0f a second, %.2f us of CPU each\n", what, told,
	       (double)wall / 1e9, (double)told * 1e9 / (double)wall,
	       (double)cpu / 1e3 / (double)count);
}

static int show(void)
{
	struct sbuf b = { 0 };
	struct json j = { .out = &b };

	radius_client_show(client, &j);
	printf("%.*s\n", (int)b.len, b.p);
	sbuf_fini(&b);
	return 0;
}

int main(int argc, char **argv)
{
	struct radius_server_config server = { 0 };
	struct radius_config config = { .servers = &server,
					.server_count = 1,
					.nas_identifier = "lab",
					.timeout = 2 * NSEC_PER_SEC,
					.max_try = 3,
					.dead_time = 30 * NSEC_PER_SEC,
					.queue_max = 1024,
					.spool_max = 1 << 20 };
	char why[128];

	if (argc != 10)
		return 2;
	snprintf(server.address, sizeof(server.address), "%s", argv[1]);
	server.auth_port = (uint16_t)atoi(argv[2]);
	server.acct_port = (uint16_t)atoi(argv[3]);
	snprintf(server.secret, sizeof(server.secret), "%s", argv[4]);
	user = argv[5];
	password = argv[6];
	count = strtoul(argv[7], NULL, 10);
	window = strtoul(argv[8], NULL, 10);
	config.window = (unsigned)window;
	config.state_dir = argv[9];
	log_setup(3);
	if (loop_new(&loop))
		return 1;
	if (radius_client_new(&client, loop, &config, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	timer_init(&watch, on_watch);
	for (unsigned i = 0; i < window && asked < count; i++)
		ask(loop_now(loop));
	measure("access");
	if (told != count || accepted != count) {
		fprintf(stderr, "%lu told, %lu accepted of %lu\n", told, accepted, count);
		return 1;
	}
	asked = told = 0;
	accounting = true;
	measure("accounting");
	show();
	if (told != count)
		return 1;
	radius_client_free(client);
	loop_free(loop);
	return 0;
}
