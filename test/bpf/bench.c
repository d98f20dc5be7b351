// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cost of the XDP programs alone: `bench OBJECT` prints ns per packet by BPF_PROG_TEST_RUN, with
 * 1000 and with 60,000 sessions hit at random, beside the loop that makes the frames; upstream also
 * when each session is policed (and never above its rate), or shaped (up to where tc takes over).
 */
#include "test/bpf/bed.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX    60000u
#define REPEAT 1000000
#define ROUNDS 5

static void check(int err, const char *what)
{
	if (err) {
		fprintf(stderr, "bench: %s (%s)\n", what, strerror(err < 0 ? -err : err));
		exit(1);
	}
}

static struct bed_frame frame_up(void)
{
	struct bed_line line = { 100 | ABI_VLAN_PRESENT, 0, 1 };
	struct bed_ip ip = { .src4 = bed_ip4(0), .dst4 = 0xc6336401, .proto = 17, .payload = 10 };

	return bed_up_frame(&line, &ip);
}

static struct bed_frame frame_up6(void)
{
	struct bed_line line = { 100 | ABI_VLAN_PRESENT, 0, 1 };
	struct bed_ip ip = { .proto = 17, .payload = 10 };

	bed_prefix6(0, ip.src6);
	bed_prefix6(1, ip.dst6);
	return bed_up_frame(&line, &ip);
}

static void set_plan(struct dp *dp, uint32_t flags)
{
	uint32_t i;

	for (i = 0; i < MAX; i++) {
		struct abi_session s =
			bed_session_entry(i, 100 | ABI_VLAN_PRESENT, 0, (uint16_t)(i + 1));

		s.flags |= flags;
		s.police_cost = dp_police_cost(100000000000);
		s.police_depth = UINT64_MAX / 2;
		check(dp_session_set(dp, i, &s), "changing the plans");
	}
}

static void fill(struct dp *dp)
{
	uint32_t i;

	for (i = 0; i < MAX; i++) {
		struct abi_session s =
			bed_session_entry(i, 100 | ABI_VLAN_PRESENT, 0, (uint16_t)(i + 1));

		check(dp_session_set(dp, i, &s) || dp_line_add(dp, &s.line, i) ||
			      dp_ip4_add(dp, s.ip4_be, i) || dp_prefix6_add(dp, s.prefix6, i),
		      "filling the maps");
	}
}

/* The programs of this object work on the data plane's maps. */
static struct bpf_object *load(struct dp *dp, const char *path, uint32_t sessions)
{
	struct bpf_object *o = bpf_object__open_file(path, NULL);
	struct bpf_map *m, *from;

	check(!o, "opening the object");
	bpf_object__for_each_map(m, o)
	{
		struct {
			struct abi_config config;
			uint32_t sessions;
		} * data;
		size_t size;

		from = bpf_object__find_map_by_name(dp->skel->obj, bpf_map__name(m));
		if (from && !bpf_map__is_internal(m)) {
			check(bpf_map__reuse_fd(m, bpf_map__fd(from)), "sharing maps");
		} else if (strstr(bpf_map__name(m), ".rodata")) {
			data = (void *)(uintptr_t)bpf_map__initial_value(m, &size);
			check(size < sizeof(*data), "finding the configuration");
			data->config = dp->skel->rodata->abi_config;
			data->sessions = sessions;
		}
	}
	check(bpf_object__load(o), "loading the object");
	return o;
}

static unsigned measure(struct bpf_object *o, const char *name, const struct bed_frame *f,
			uint32_t end)
{
	struct bpf_program *p = bpf_object__find_program_by_name(o, name);
	unsigned best = 0, i;

	for (i = 0; i < ROUNDS; i++) {
		uint8_t out[BED_FRAME];
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f->b, .data_size_in = f->len,
			    .data_out = out, .data_size_out = sizeof(out), .repeat = REPEAT);

		check(bpf_prog_test_run_opts(bpf_program__fd(p), &opts), name);
		if (opts.retval != end) {
			fprintf(stderr, "bench: %s ended with %u\n", name, opts.retval);
			exit(1);
		}
		if (!best || opts.duration < best)
			best = opts.duration;
	}
	return best;
}

/* The tap on a session's data. Test runs take an Ethernet header off before a socket filter. */
static unsigned measure_tap(struct dp *dp, int ifindex, struct bed_frame f)
{
	struct __sk_buff ctx = { .ifindex = (uint32_t)ifindex };
	uint8_t in[14 + BED_FRAME] = { 0 };
	unsigned best = 0, i;

	memcpy(in, bed_port_mac, 6);
	memcpy(in + 14, f.b, f.len);
	for (i = 0; i < ROUNDS; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in, .data_size_in = 14 + f.len,
			    .repeat = REPEAT, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

		check(bpf_prog_test_run_opts(bpf_program__fd(dp->skel->progs.tap), &opts), "tap");
		check(opts.retval, "the tap lets data through");
		if (!best || opts.duration < best)
			best = opts.duration;
	}
	return best;
}

static void row(struct dp *dp, const char *object, uint32_t sessions)
{
	struct bed_ip down = { .src4 = 0xc6336401, .dst4 = bed_ip4(0), .proto = 17, .payload = 10 };
	struct bed_frame fu = frame_up(), fd = bed_down_frame(&down);
	struct bpf_object *o = load(dp, object, sessions);

	set_plan(dp, 0);
	printf("%-10u %10u %10u", sessions, measure(o, "bench_frame_up", &fu, XDP_REDIRECT),
	       measure(o, "bench_up", &fu, XDP_REDIRECT));
	set_plan(dp, ABI_SESSION_POLICED_UP);
	printf(" %10u", measure(o, "bench_up", &fu, XDP_REDIRECT));
	set_plan(dp, ABI_SESSION_SHAPED_UP);
	printf(" %10u", measure(o, "bench_up", &fu, XDP_PASS));
	printf(" %10u %10u\n", measure(o, "bench_frame_down", &fd, XDP_REDIRECT),
	       measure(o, "bench_down", &fd, XDP_REDIRECT));
	bpf_object__close(o);
}

int main(int argc, char **argv)
{
	static const uint32_t counts[] = { 1000, MAX };
	struct dp_config config = {
		.mode = DP_XDP, .max_sessions = MAX, .mss_clamp = 1, .trees = 1
	};
	char why[256] = "";
	struct bed bed = { 0 };
	struct dp *dp;
	int lo = 1, i;
	uint32_t port = BED_PORT;

	if (argc != 2)
		return 1;
	bed_devices(&bed);
	config.subs_ifindex = bed.subs;
	config.peer_ifindex = bed.peer;
	check(dp_new(&dp, &config, why, sizeof(why)), why);
	check(dp_port_attach(dp, BED_PORT, bed.acc, bed_port_mac), "attaching");
	/* Test runs come from lo. */
	check(bpf_map_update_elem(bpf_map__fd(dp->skel->maps.ports), &lo, &port, 0), "ports");
	fill(dp);
	printf("%-10s %10s %10s %10s %10s %10s %10s   ns a packet, best of %d\n", "sessions",
	       "frame up", "up", "policed", "shaped", "frame dn", "down", ROUNDS);
	for (i = 0; i < 2; i++)
		row(dp, argv[1], counts[i]);
	printf("tap, data of a session: IPv4 %u ns, IPv6 %u ns\n",
	       measure_tap(dp, bed.acc, frame_up()), measure_tap(dp, bed.acc, frame_up6()));
	dp_free(dp);
	return 0;
}
