/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bench's packet generator: 64-octet UDP frames, one session after another, out of one device
 * as fast as one CPU carries them, counted by a sink at the far end. Generator, everything under
 * test and sink run on the CPU that we are pinned to, so CPU time per packet that arrived is the
 * cost of the whole way; the way to a sink right behind the first link is the baseline to subtract.
 */
#include "test/bench/gen.skel.h"
#include "test/bench/gen.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BATCH	 64
#define CPUS_MAX 256

struct options {
	const char *kind, *records, *ns, *dev, *sink_ns, *sink_dev, *sink;
	const char *bounce_ns, *bounce_in, *bounce_out; /* NULL: none */
	unsigned length;
	struct in_addr peer;
	uint8_t dst[6], src[6];
	unsigned sessions, cpu, step, pause;
	double seconds;
	bool sums;
	unsigned frame_len; /* 0: no frames, but records */
};

struct run {
	struct options opt;
	struct gen_bpf *skel;
	int sink_ifindex;
};

static void die(const char *what)
{
	fprintf(stderr, "gen: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *ns)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

static void mac_arg(const char *s, uint8_t mac[6])
{
	if (sscanf(s, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
		   &mac[5]) != 6) {
		fprintf(stderr, "gen: %s is not a MAC address\n", s);
		exit(2);
	}
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

static void load_records(struct run *r)
{
	struct gen_record rec;
	FILE *f = fopen(r->opt.records, "re");
	unsigned n;

	if (!f)
		die(r->opt.records);
	for (n = 0; n < r->opt.sessions && fread(&rec, sizeof(rec), 1, f) == 1; n++)
		if (bpf_map_update_elem(bpf_map__fd(r->skel->maps.records), &n, &rec, 0))
			die("records");
	fclose(f);
	if (n < r->opt.sessions) {
		fprintf(stderr, "gen: %u records, not %u\n", n, r->opt.sessions);
		exit(1);
	}
}

static void attach_bounce(struct run *r)
{
	if (!r->opt.bounce_ns)
		return;
	enter(r->opt.bounce_ns);
	if (bpf_xdp_attach((int)if_nametoindex(r->opt.bounce_in),
			   bpf_program__fd(r->skel->progs.bounce), XDP_FLAGS_DRV_MODE, NULL))
		die("bounce");
	enter(r->opt.ns);
}

static void detach_bounce(struct run *r)
{
	if (!r->opt.bounce_ns)
		return;
	enter(r->opt.bounce_ns);
	bpf_xdp_detach((int)if_nametoindex(r->opt.bounce_in), XDP_FLAGS_DRV_MODE, NULL);
}

static void load_frames(struct run *r)
{
	FILE *f = fopen(r->opt.records, "re");
	struct gen_frame frame;
	unsigned n;

	if (!f)
		die(r->opt.records);
	for (n = 0; n < r->opt.sessions && fread(&frame, sizeof(frame), 1, f) == 1; n++)
		if (bpf_map_update_elem(bpf_map__fd(r->skel->maps.frames), &n, &frame, 0))
			die("frames");
	fclose(f);
	if (n < r->opt.sessions) {
		fprintf(stderr, "gen: %u frames, not %u\n", n, r->opt.sessions);
		exit(1);
	}
}

static void load(struct run *r)
{
	const struct options *o = &r->opt;
	unsigned out = 0;

	if (o->bounce_ns) {
		enter(o->bounce_ns);
		out = if_nametoindex(o->bounce_out);
	}
	enter(o->ns);
	r->skel = gen_bpf__open();
	if (!r->skel)
		die("open");
	r->skel->rodata->bounce_to = out;
	r->skel->rodata->sums = o->sums;
	r->skel->rodata->record_len = o->length;
	r->skel->rodata->target = if_nametoindex(o->dev);
	r->skel->rodata->sessions = o->sessions;
	r->skel->rodata->peer_be = o->peer.s_addr;
	r->skel->rodata->pppoe = !strcmp(o->kind, "pppoe-up");
	r->skel->rodata->down = !strcmp(o->kind, "ip-down");
	memcpy((void *)r->skel->rodata->dst_mac, o->dst, 6);
	memcpy((void *)r->skel->rodata->src_mac, o->src, 6);
	bpf_map__set_max_entries(o->frame_len ? r->skel->maps.frames : r->skel->maps.records,
				 o->sessions);
	if (o->frame_len)
		r->skel->rodata->frame_len = o->frame_len;
	if (!r->skel->rodata->target)
		die(o->dev);
	if (gen_bpf__load(r->skel))
		die("load");
	if (o->frame_len)
		load_frames(r);
	else
		load_records(r);
}

static void attach_sink(struct run *r)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, tc, .handle = 1, .priority = 1);
	int err;

	enter(r->opt.sink_ns);
	r->sink_ifindex = hook.ifindex = (int)if_nametoindex(r->opt.sink_dev);
	if (!r->sink_ifindex)
		die(r->opt.sink_dev);
	if (!strcmp(r->opt.sink, "xdp")) {
		if (bpf_xdp_attach(r->sink_ifindex, bpf_program__fd(r->skel->progs.sink_xdp),
				   XDP_FLAGS_DRV_MODE, NULL))
			die("sink");
	} else {
		tc.prog_fd = bpf_program__fd(r->skel->progs.sink_tc);
		libbpf_set_print(NULL); /* it says that the hook is there already */
		err = bpf_tc_hook_create(&hook);
		libbpf_set_print(quiet);
		if ((err && err != -EEXIST) || bpf_tc_attach(&hook, &tc))
			die("sink");
	}
	enter(r->opt.ns);
}

static void detach_sink(struct run *r)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, tc, .handle = 1, .priority = 1);

	enter(r->opt.sink_ns);
	hook.ifindex = r->sink_ifindex;
	if (!strcmp(r->opt.sink, "xdp"))
		bpf_xdp_detach(r->sink_ifindex, XDP_FLAGS_DRV_MODE, NULL);
	else if (bpf_tc_detach(&hook, &tc))
		perror("gen: detach");
}

static uint64_t sunk(struct run *r)
{
	struct gen_counter c[CPUS_MAX];
	int cpus = libbpf_num_possible_cpus();
	uint32_t zero = 0;
	uint64_t sum = 0;

	if (cpus > CPUS_MAX || bpf_map_lookup_elem(bpf_map__fd(r->skel->maps.sunk), &zero, c))
		die("counter");
	for (int i = 0; i < cpus; i++)
		sum += c[i].packets;
	return sum;
}

/* CPU time of ksoftirqd of our CPU, where softirq work goes when there is much of it. */
static int ksoftirqd_pid(unsigned cpu)
{
	char want[32], path[300], comm[32];
	struct dirent *e;
	DIR *d = opendir("/proc");
	int pid = 0;

	snprintf(want, sizeof(want), "ksoftirqd/%u\n", cpu);
	while (d && !pid && (e = readdir(d))) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = atoi(e->d_name) ? fopen(path, "re") : NULL;
		if (f && fgets(comm, sizeof(comm), f) && !strcmp(comm, want))
			pid = atoi(e->d_name);
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return pid;
}

static uint64_t cpu_ns(int ksoftirqd)
{
	struct timespec ts;
	uint64_t soft = 0;
	char path[64];
	FILE *f;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	snprintf(path, sizeof(path), "/proc/%d/schedstat", ksoftirqd);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%lu", &soft) != 1)
		die(path);
	fclose(f);
	return soft + (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void send_frames(struct run *r, unsigned count)
{
	static uint8_t frame[GEN_RECORD_MAX];
	const struct bpf_program *p =
		r->opt.frame_len ? r->skel->progs.generate_frames : r->skel->progs.generate;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
		    .data_size_in = r->opt.frame_len ? r->opt.frame_len : r->opt.length,
		    .repeat = (int)count, .batch_size = BATCH, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	if (bpf_prog_test_run_opts(bpf_program__fd(p), &opts))
		die("test run with live frames");
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void measure(struct run *r)
{
	const unsigned step = r->opt.step;
	int soft = ksoftirqd_pid(r->opt.cpu);
	uint64_t sent = 0, got, cpu;
	double start, end;

	send_frames(r, step); /* caches, neighbours, page pool */
	if (r->opt.pause)
		usleep(20 * r->opt.pause);
	got = sunk(r);
	cpu = cpu_ns(soft);
	start = now_s();
	do {
		send_frames(r, step);
		if (r->opt.pause) /* where ksoftirqd does the work, it needs its time */
			usleep(r->opt.pause);
		sent += step;
		end = now_s();
	} while (end - start < r->opt.seconds);
	if (r->opt.pause)
		usleep(20 * r->opt.pause);
	cpu = cpu_ns(soft) - cpu;
	got = sunk(r) - got;
	printf("{\"sent\": %lu, \"received\": %lu, \"cpu-ns\": %lu, \"seconds\": %.3f, "
	       "\"ns-per-packet\": %.1f}\n",
	       sent, got, cpu, end - start, got ? (double)cpu / (double)got : 0.0);
}

static void pin(unsigned cpu, unsigned pause_us)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("affinity");
	setpriority(PRIO_PROCESS, 0, pause_us ? 0 : -20);
}

static void usage(void)
{
	fputs("usage: gen -k pppoe-up|ip-up|ip-down|frames -r RECORDS -n SESSIONS -i NS/DEV -o "
	      "NS/DEV\n"
	      "           -s xdp|tc -d DST-MAC [-m SRC-MAC] -p PEER-IP [-c CPU] [-t SECONDS]\n"
	      "           [-b PACKETS-AT-ONCE] [-w MICROSECONDS-BETWEEN] [-l LENGTH: RECORDS are "
	      "frames of it]\n"
	      "           [-L OCTETS of a record's frame] [-R NS/IN,OUT: a bare redirect there] [-S: "
	      "UDP has a checksum]\n",
	      stderr);
	exit(2);
}

static const char *split(char *s, const char **ret_dev)
{
	char *slash = strchr(s, '/');

	if (!slash)
		usage();
	*slash = 0;
	*ret_dev = slash + 1;
	return s;
}

static const char *comma(const char *s)
{
	char *at = strchr(s, ',');

	if (!at)
		usage();
	*at = 0;
	return at + 1;
}

/* What only some benches want. */
static void parse_more(struct options *o, int c)
{
	switch (c) {
	case 'L':
		o->length = (unsigned)atoi(optarg);
		break;
	case 'S':
		o->sums = true;
		break;
	case 'R':
		o->bounce_ns = split(optarg, &o->bounce_in);
		o->bounce_out = comma(o->bounce_in);
		break;
	default:
		usage();
	}
}

static void parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ .sessions = 1, .seconds = 2, .sink = "tc", .step = 200000,
			       .length = GEN_FRAME };
	while ((c = getopt(argc, argv, "k:r:n:i:o:s:d:m:p:c:t:l:b:w:L:R:S")) != -1) {
		switch (c) {
		case 'k':
			o->kind = optarg;
			break;
		case 'r':
			o->records = optarg;
			break;
		case 'n':
			o->sessions = (unsigned)atoi(optarg);
			break;
		case 'i':
			o->ns = split(optarg, &o->dev);
			break;
		case 'o':
			o->sink_ns = split(optarg, &o->sink_dev);
			break;
		case 's':
			o->sink = optarg;
			break;
		case 'd':
			mac_arg(optarg, o->dst);
			break;
		case 'm':
			mac_arg(optarg, o->src);
			break;
		case 'p':
			inet_pton(AF_INET, optarg, &o->peer);
			break;
		case 'c':
			o->cpu = (unsigned)atoi(optarg);
			break;
		case 't':
			o->seconds = atof(optarg);
			break;
		case 'l':
			o->frame_len = (unsigned)atoi(optarg);
			break;
		case 'w':
			o->pause = (unsigned)atoi(optarg);
			break;
		case 'b':
			o->step = (unsigned)atoi(optarg);
			break;
		default:
			parse_more(o, c);
		}
	}
	if (o->length < GEN_FRAME || o->length > GEN_RECORD_MAX)
		usage();
	if (!o->kind || !o->records || !o->ns || !o->sink_ns || !o->sessions)
		usage();
}

int main(int argc, char **argv)
{
	struct run r;

	parse(&r.opt, argc, argv);
	libbpf_set_print(quiet);
	load(&r);
	attach_sink(&r);
	attach_bounce(&r);
	pin(r.opt.cpu, r.opt.pause);
	measure(&r);
	detach_bounce(&r);
	detach_sink(&r);
	gen_bpf__destroy(r.skel);
	return 0;
}
