/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shaper alone, on devices that are there already: how long the fill takes, how many plans a
 * second are programmed once there are that many classes, how long one look at all counters takes.
 *
 *	shaper -d DOWN-DEVICE -u UP-DEVICE -n SESSIONS -q QUEUES -l SECONDS
 *
 * One JSON object on stdout. A fill that is not over after -l seconds is ended there: the rest is
 * measured with the classes that there are, and "sessions" says how many.
 */
#include "base/log.h"
#include "shaper/shaper.h"

#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 2
#define LOOK   (20 * NSEC_PER_MSEC)

struct run {
	struct loop *loop;
	struct shaper *shaper;
	struct timer look;
	struct shaper_config config;
	uint64_t began, limit;
	uint32_t made, done, failed;
	unsigned round;
	double fill_s, round_s[ROUNDS], measure_s;
	double fill_cpu_s, round_cpu_s[ROUNDS], cpu;
	struct shaper_state end;
};

static void die(const char *what)
{
	fprintf(stderr, "shaper: %s\n", what);
	exit(1);
}

/* Of the whole process: the kernel's work for a message is done in the sender's name. */
static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double since(struct run *r)
{
	return (double)(loop_clock() - r->began) / 1e9;
}

static void begin(struct run *r)
{
	r->cpu = cpu_s();
	r->began = loop_clock();
}

static void on_measured(void *arg, uint64_t now, const struct shaper_counters *down,
			const struct shaper_counters *up, int rc)
{
	struct run *r = arg;

	(void)now, (void)down, (void)up;
	if (rc)
		die(strerror(-rc));
	r->measure_s = since(r);
	shaper_state(r->shaper, &r->end);
	loop_stop(r->loop);
}

/* Every rate differs from the one before it in both directions, as a CoA's would. */
static void change_all(struct run *r)
{
	uint64_t mbit = 1000000, down = (10 + r->round) * mbit, up = (2 + r->round) * mbit;
	struct shaper_plan plan = { .down = { .pir = down }, .up = { .pir = up } }, none = { 0 };

	r->done = 0;
	begin(r);
	for (uint32_t slot = 0; slot < r->made; slot++)
		if (shaper_set(r->shaper, slot, 1, slot, &plan, &none, false))
			die("no memory");
}

static void on_done(void *arg, uint64_t now, uint32_t slot, uint32_t generation, uint64_t ticket,
		    int rc)
{
	struct run *r = arg;

	(void)now, (void)slot, (void)generation, (void)ticket;
	r->failed += rc != 0;
	if (++r->done < r->made)
		return;
	r->round_s[r->round] = since(r);
	r->round_cpu_s[r->round] = cpu_s() - r->cpu;
	if (++r->round < ROUNDS) {
		change_all(r);
		return;
	}
	begin(r);
	if (shaper_measure(r->shaper, on_measured, r))
		die("no memory");
}

static void on_look(struct timer *t, uint64_t now)
{
	struct run *r = container_of(t, struct run, look);
	struct shaper_state s;

	shaper_state(r->shaper, &s);
	if (s.made < s.wanted && now - r->began < r->limit) {
		timer_set(loop_wheel(r->loop), t, now + LOOK);
		return;
	}
	r->made = s.made;
	r->fill_s = since(r);
	r->fill_cpu_s = cpu_s() - r->cpu;
	change_all(r);
}

static void print(const struct run *r)
{
	printf("{\"sessions\": %u, \"queues\": %u, \"leaf\": \"%s\", \"fill-s\": %.3f, "
	       "\"fill-cpu-s\": %.3f",
	       r->made, r->config.queues, r->end.leaf, r->fill_s, r->fill_cpu_s);
	printf(", \"rounds\": [");
	for (unsigned i = 0; i < ROUNDS; i++)
		printf("%s{\"s\": %.3f, \"cpu-s\": %.3f}", i ? ", " : "", r->round_s[i],
		       r->round_cpu_s[i]);
	printf("], \"measure-s\": %.3f, \"failed\": %u}\n", r->measure_s, r->failed);
}

static int device(const char *name)
{
	unsigned ifindex = if_nametoindex(name);

	if (!ifindex)
		die(name);
	return (int)ifindex;
}

static void parse(struct run *r, int argc, char **argv)
{
	struct shaper_config *c = &r->config;
	int o;

	*c = (struct shaper_config){
		.queues = 1,
		.overhead = 22,
		.leaf_up = SHAPER_LEAF_FIFO,
		.done = on_done,
		.arg = r,
	};
	r->limit = 600 * NSEC_PER_SEC;
	while ((o = getopt(argc, argv, "d:u:n:q:l:")) != -1) {
		if (o == 'd')
			c->down_ifindex = device(optarg);
		else if (o == 'u')
			c->up_ifindex = device(optarg);
		else if (o == 'n')
			c->max_sessions = (uint32_t)atoi(optarg);
		else if (o == 'q')
			c->queues = (uint16_t)atoi(optarg);
		else if (o == 'l')
			r->limit = (uint64_t)atoi(optarg) * NSEC_PER_SEC;
		else
			die("wrong usage");
	}
	c->pool = c->max_sessions;
	if (!c->down_ifindex || !c->max_sessions || !c->queues)
		die("-d, -n and -q are needed");
}

int main(int argc, char **argv)
{
	struct run r = { 0 };
	char why[256];

	parse(&r, argc, argv);
	if (loop_new(&r.loop))
		die("no loop");
	begin(&r);
	if (shaper_new(&r.shaper, r.loop, &r.config, why, sizeof(why)))
		die(why);
	timer_init(&r.look, on_look);
	timer_set(loop_wheel(r.loop), &r.look, r.began);
	(void)loop_run(r.loop);
	print(&r);
	shaper_free(r.shaper);
	loop_free(r.loop);
	return r.failed != 0;
}
