// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data plane's loader: programs of the chosen mode, sizes of the maps, attaching. Access to
 * the maps' contents is in sys_maps.c, what outlives the process in sys_pins.c, the question which
 * mode fits in sys_probe.c; nothing else knows libbpf.
 */
#include "bpf/priv.h"

#include "base/killpoint.h"
#include "base/log.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int print_debug(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char line[512];
	int n;

	if (level == LIBBPF_DEBUG || !log_enabled(LOG_LEVEL_DEBUG))
		return 0;
	n = vsnprintf(line, sizeof(line), fmt, args);
	if (n > 0 && (size_t)n < sizeof(line) && line[n - 1] == '\n')
		line[n - 1] = 0;
	log_debug("%s", line);
	return 0;
}

void dp_quiet(void)
{
	libbpf_set_print(print_debug);
}

void dp_why(char *why, size_t len, const char *doing, int err)
{
	const char *hint = "";

	switch (-err) {
	case EPERM:
		hint = ": CAP_BPF and CAP_NET_ADMIN are needed";
		break;
	case EACCES:
		hint = ": the kernel's verifier refused";
		break;
	case ENOSYS:
		hint = ": the kernel is built without bpf()";
		break;
	case EOPNOTSUPP:
		hint = ": the driver or the kernel cannot";
		break;
	case EBUSY:
	case EEXIST:
		hint = ": another program is attached there";
		break;
	case ENODEV:
		hint = ": the interface is gone";
		break;
	case ESTALE:
		hint = ": it is of another layout or size";
		break;
	case ENOMEM:
		hint = ": max-sessions is too large for this machine's memory";
		break;
	}
	snprintf(why, len, "%s failed (%s)%s", doing, strerror(-err), hint);
}

/* --- attaching ----------------------------------------------------------------------------- */

uint32_t dp_hook_priority(const struct dp_hook *h)
{
	return h->tc_priority ? h->tc_priority : DP_TC_PRIORITY;
}

int dp_hook_tc(struct dp_hook *h, int ifindex, int point, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = DP_TC_HANDLE, .priority = dp_hook_priority(h),
		    .prog_fd = prog_fd, .flags = BPF_TC_F_REPLACE);
	int err, made;

	KILLPOINT("clsact");
	made = bpf_tc_hook_create(&hook);

	if (made && made != -EEXIST)
		return made;
	KILLPOINT("filter");
	err = bpf_tc_attach(&hook, &opts);
	if (err) {
		hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		if (!made)
			bpf_tc_hook_destroy(&hook);
		return err;
	}
	*h = (struct dp_hook){
		.ifindex = ifindex,
		.link_fd = -1,
		.tc_point = point,
		.tc_priority = h->tc_priority,
		.tc_made = !made,
	};
	return 0;
}

/* A link that a process before us left there, if it is still this interface's. */
static int link_exchange(const char *pin, int ifindex, int prog_fd)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);
	int fd = bpf_obj_get(pin);

	if (fd < 0)
		return -errno;
	KILLPOINT("exchange");
	if (bpf_obj_get_info_by_fd(fd, &info, &len) || info.xdp.ifindex != (uint32_t)ifindex ||
	    bpf_link_update(fd, prog_fd, NULL)) {
		close(fd);
		(void)unlink(pin);
		return -ENOENT;
	}
	return fd;
}

int dp_hook_xdp(struct dp_hook *h, int ifindex, int prog_fd, const char *pin)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);
	char name[IF_NAMESIZE];
	int fd = pin ? link_exchange(pin, ifindex, prog_fd) : -ENOENT;

	if (!if_indextoname((unsigned)ifindex, name)) /* a link would say EINVAL */
		return -ENODEV;
	if (fd < 0) {
		KILLPOINT("link");
		fd = bpf_link_create(prog_fd, ifindex, BPF_XDP, &opts);
		if (fd < 0)
			return fd;
		KILLPOINT("pin link");
		if (pin && bpf_obj_pin(fd, pin)) {
			int err = -errno;

			close(fd);
			return err;
		}
	}
	*h = (struct dp_hook){ .ifindex = ifindex, .link_fd = fd };
	if (pin)
		snprintf(h->pin, sizeof(h->pin), "%s", pin);
	return 0;
}

void dp_hook_close(struct dp_hook *h)
{
	if (h->ifindex && h->link_fd >= 0)
		dp_link_close(h->link_fd);
	*h = (struct dp_hook){ .link_fd = -1 };
}

/* An interface that is gone took its programs along: errors mean nothing here. */
void dp_unhook(struct dp_hook *h)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = h->ifindex, .attach_point = h->tc_point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = DP_TC_HANDLE, .priority = dp_hook_priority(h));

	if (!h->ifindex)
		return;
	if (h->link_fd >= 0) {
		if (*h->pin)
			(void)unlink(h->pin);
		dp_link_close(h->link_fd);
	} else {
		bpf_tc_detach(&hook, &opts);
		hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		if (h->tc_made)
			bpf_tc_hook_destroy(&hook);
	}
	*h = (struct dp_hook){ .link_fd = -1 };
}

/* --- loading ------------------------------------------------------------------------------- */

/* A redirect from XDP goes past the trees, and XDP cannot copy: a second program does both. */
static bool second_hook(const struct dp_config *config)
{
	return config->mode == DP_XDP;
}

static void choose_programs(struct brasberry_bpf *skel, const struct dp_config *config)
{
	enum dp_mode mode = config->mode;

	bpf_program__set_autoload(skel->progs.access_shape, second_hook(config));
	bpf_program__set_autoload(skel->progs.core_xdp, config->fastpath && mode == DP_XDP);
	bpf_program__set_autoload(skel->progs.core_tc, config->fastpath);
	bpf_program__set_autoload(skel->progs.core_egress, config->fastpath == ABI_FAST_FLOWS);
	bpf_program__set_autoload(skel->progs.core_passed, config->mirror_forwarded);
	bpf_program__set_autoload(skel->progs.subs_fast, config->fastpath && config->trees);
	bpf_program__set_autoload(skel->progs.access_xdp, mode == DP_XDP);
	bpf_program__set_autoload(skel->progs.peer_xdp, mode == DP_XDP);
	bpf_program__set_autoload(skel->progs.access_tc, mode == DP_TC);
	bpf_program__set_autoload(skel->progs.peer_tc, mode == DP_TC);
}

/* Two entries a flow; the least that an LRU map works with where none are wanted. */
static uint32_t flow_entries(const struct dp_config *config)
{
	return config->fastpath == ABI_FAST_FLOWS ? 2 * config->flows : 1024;
}

/* The trie of IPv6 routes grows as it is used: a line may have some of RADIUS, and those that
 * DHCPv6 delegates. */
static uint32_t routes6(uint32_t max)
{
	return max > UINT32_MAX / DP_ROUTES6 ? UINT32_MAX : max * DP_ROUTES6;
}

static int size_maps(struct brasberry_bpf *skel, const struct dp_config *config)
{
	uint32_t max = config->max_sessions;
	struct bpf_map *sized[] = { skel->maps.lines,  skel->maps.sessions, skel->maps.counters,
				    skel->maps.dst4,   skel->maps.dst6,	    skel->maps.budgets,
				    skel->maps.route4, skel->maps.police,   skel->maps.padts };
	int err = bpf_map__set_max_entries(skel->maps.streams,
					   ABI_STREAMS * (uint32_t)libbpf_num_possible_cpus());
	size_t i;

	for (i = 0; !err && i < sizeof(sized) / sizeof(sized[0]); i++)
		err = bpf_map__set_max_entries(sized[i], max);
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.flows, flow_entries(config));
	return err ? err : bpf_map__set_max_entries(skel->maps.route6, routes6(max));
}

static void configure(struct brasberry_bpf *skel, const struct dp_config *config)
{
	struct abi_config *c = (struct abi_config *)&skel->rodata->abi_config;

	c->peer_ifindex = (uint32_t)config->peer_ifindex;
	c->mss_clamp = config->mss_clamp;
	memcpy(c->subs_mac, config->subs_mac, sizeof(c->subs_mac));
	memcpy(c->gateway6, config->gateway6.b, sizeof(c->gateway6));
	memcpy(c->pool6, config->pool6.b, sizeof(c->pool6));
	for (unsigned i = 0; i < config->pool6_len && i < 128; i++)
		((uint8_t *)c->pool6_mask)[i / 8] |= 0x80 >> i % 8;
	c->limits = config->limits;
	c->trees = config->trees;
	c->overhead = config->overhead;
	c->subs_ifindex = (uint32_t)config->subs_ifindex;
	c->fastpath = config->fastpath;
	c->forwarded = config->mirror_forwarded;
	c->cpus = (uint32_t)libbpf_num_possible_cpus();
}

static int load(struct dp *dp, char *why, size_t why_len)
{
	int err;

	dp->skel = brasberry_bpf__open();
	if (!dp->skel) {
		err = -errno;
		dp_why(why, why_len, "opening the eBPF programs", err);
		return err;
	}
	choose_programs(dp->skel, &dp->config);
	dp_spread_choose(dp);
	configure(dp->skel, &dp->config);
	dp_spread_configure(dp, (struct abi_config *)&dp->skel->rodata->abi_config);
	err = size_maps(dp->skel, &dp->config);
	err = err ? err : dp_spread_size(dp);
	if (!err && dp->config.adopt) {
		err = dp_pins_reuse(dp);
		if (err) {
			dp_why(why, why_len, "adopting the data plane that is there", err);
			return err;
		}
	}
	if (!err && dp->config.attach_later && dp->config.pins)
		err = dp_before_share(dp);
	if (!err)
		err = brasberry_bpf__load(dp->skel);
	/* libbpf asks the kernel by making a map, and takes any refusal for "cannot be mapped". */
	if (!err && (!dp->skel->bss || !dp->skel->rodata))
		err = -ENOMEM;
	if (!err && dp->config.attach_later && dp->config.pins)
		err = dp_before_open(dp);
	if (!err)
		err = dp_tap_open(dp);
	if (err)
		dp_why(why, why_len, "loading the eBPF programs", err);
	return err;
}

int dp_attach(struct dp *dp, char *why, size_t why_len)
{
	const struct dp_config *c = &dp->config;
	char pin[DP_PIN_MAX];
	int err;

	err = dp_pins_make(c->pins);
	if (err) {
		dp_why(why, why_len, "making the directory for what outlives us", err);
		return err;
	}
	dp_pins_link(dp, "peer", pin);
	err = dp_hook_tc(&dp->subs, c->subs_ifindex, BPF_TC_EGRESS,
			 bpf_program__fd(dp->skel->progs.subs_egress));
	if (err) {
		dp_why(why, why_len, "attaching to the subscriber device's clsact egress", err);
		return err;
	}
	if (c->mode == DP_XDP)
		err = dp_hook_xdp(&dp->peer, c->peer_ifindex,
				  bpf_program__fd(dp->skel->progs.peer_xdp), *pin ? pin : NULL);
	else
		err = dp_hook_tc(&dp->peer, c->peer_ifindex, BPF_TC_INGRESS,
				 bpf_program__fd(dp->skel->progs.peer_tc));
	if (err) {
		dp_why(why, why_len, "attaching to the subscriber device's peer", err);
		return err;
	}
	err = dp_spread_open(dp);
	if (err) {
		dp_why(why, why_len, "spreading sessions over CPUs (spread)", err);
		return err;
	}
	err = dp_fast_attach(dp);
	if (err) {
		dp_why(why, why_len, "attaching to the subscriber device's clsact ingress", err);
		return err;
	}
	err = dp_pins_keep(dp);
	if (err)
		dp_why(why, why_len, "pinning the data plane", err);
	return err;
}

int dp_new(struct dp **ret, const struct dp_config *config, char *why, size_t why_len)
{
	int cpus = libbpf_num_possible_cpus(), err = -ENOMEM, i;
	struct dp *dp;

	if (config->mode == DP_AUTO || !config->max_sessions || cpus <= 0 ||
	    config->trees > DP_TREES_MAX) {
		dp_why(why, why_len, "setting up the data plane", -EINVAL);
		return -EINVAL;
	}
	dp_quiet();
	dp = calloc(1, sizeof(*dp));
	if (!dp)
		goto fail;
	dp->config = *config;
	dp->cpus = (unsigned)cpus;
	dp->subs.link_fd = dp->peer.link_fd = dp->before = dp->spread_fd = -1;
	dp_mirror_init(dp);
	dp_fast_init(dp);
	for (i = 0; i < ABI_PORTS_MAX; i++)
		dp->port[i].link_fd = dp->shape[i].link_fd = -1;
	dp->batch = calloc((size_t)DP_BATCH * dp->cpus, sizeof(*dp->batch));
	if (!dp->batch)
		goto fail;
	err = load(dp, why, why_len);
	if (!err && !config->attach_later)
		err = dp_attach(dp, why, why_len);
	if (err) {
		if (config->adopt || config->attach_later)
			dp_leave(dp); /* what others left there is not ours to take away */
		else
			dp_free(dp);
		return err;
	}
	*ret = dp;
	return 0;
fail:
	dp_why(why, why_len, "setting up the data plane", -ENOMEM);
	dp_free(dp);
	return err;
}

/* Nothing may be labelled when there is nobody to take it further. */
static void port_unhook(struct dp *dp, unsigned port)
{
	dp_unhook(&dp->port[port]);
	dp_unhook(&dp->shape[port]);
}

void dp_free(struct dp *dp)
{
	int i;

	if (!dp)
		return;
	for (i = 0; i < ABI_PORTS_MAX; i++)
		port_unhook(dp, i);
	dp_fast_unhook(dp);
	dp_unhook(&dp->peer);
	dp_mirror_unhook(dp);
	dp_unhook(&dp->subs);
	if (dp->config.pins)
		dp_pins_remove(dp->config.pins);
	dp_leave(dp);
}

void dp_leave(struct dp *dp)
{
	int i;

	if (!dp)
		return;
	for (i = 0; i < ABI_PORTS_MAX; i++) {
		dp_hook_close(&dp->port[i]);
		dp_hook_close(&dp->shape[i]);
	}
	dp_fast_close(dp);
	dp_hook_close(&dp->peer);
	dp_mirror_close(dp);
	dp_hook_close(&dp->subs);
	dp_before_close(dp);
	dp_spread_close(dp);
	dp_tap_close(dp);
	brasberry_bpf__destroy(dp->skel);
	free(dp->batch);
	free(dp);
}

/* --- access interfaces --------------------------------------------------------------------- */

static int port_info(struct dp *dp, uint32_t port, uint32_t ifindex, const uint8_t mac[6])
{
	struct abi_port info = { .ifindex = ifindex };

	if (mac)
		memcpy(info.mac, mac, sizeof(info.mac));
	KILLPOINT("port");
	if (bpf_map_update_elem(bpf_map__fd(dp->skel->maps.port_info), &port, &info, BPF_ANY))
		return -errno;
	return 0;
}

static int port_hook(struct dp *dp, uint16_t port, int ifindex)
{
	struct dp_hook *h = &dp->port[port];
	char pin[DP_PIN_MAX], name[16];
	int err = 0;

	snprintf(name, sizeof(name), "port%u", port);
	dp_pins_link(dp, name, pin);

	if (dp->config.mode == DP_TC)
		return dp_hook_tc(h, ifindex, BPF_TC_INGRESS,
				  bpf_program__fd(dp->skel->progs.access_tc));
	if (second_hook(&dp->config))
		err = dp_hook_tc(&dp->shape[port], ifindex, BPF_TC_INGRESS,
				 bpf_program__fd(dp->skel->progs.access_shape));
	if (!err)
		err = dp_hook_xdp(h, ifindex, bpf_program__fd(dp->skel->progs.access_xdp),
				  *pin ? pin : NULL);
	if (err)
		port_unhook(dp, port);
	return err;
}

int dp_port_announce(struct dp *dp, uint16_t port, int ifindex, const uint8_t mac[6])
{
	uint32_t key = (uint32_t)ifindex, value = port;
	int err;

	if (!port || port >= ABI_PORTS_MAX || ifindex <= 0)
		return -EINVAL;
	err = port_info(dp, port, key, mac);
	if (!err)
		dp->skel->bss->port_hints[key % ABI_HINTS] = port;
	if (!err && bpf_map_update_elem(bpf_map__fd(dp->skel->maps.ports), &key, &value, BPF_ANY))
		err = -errno;
	return err;
}

int dp_port_attach(struct dp *dp, uint16_t port, int ifindex, const uint8_t mac[6])
{
	uint32_t key = (uint32_t)ifindex;
	int err;

	if (!port || port >= ABI_PORTS_MAX || ifindex <= 0)
		return -EINVAL;
	if (dp->port[port].ifindex == ifindex)
		return port_info(dp, port, key, mac);
	dp_port_detach(dp, port);
	err = dp_port_announce(dp, port, ifindex, mac);
	if (!err)
		err = port_hook(dp, port, ifindex);
	if (err) {
		bpf_map_delete_elem(bpf_map__fd(dp->skel->maps.ports), &key);
		port_info(dp, port, 0, NULL);
	}
	return err;
}

int dp_port_detach(struct dp *dp, uint16_t port)
{
	uint32_t key;

	if (!port || port >= ABI_PORTS_MAX)
		return -EINVAL;
	if (!dp->port[port].ifindex)
		return -ENOENT;
	key = (uint32_t)dp->port[port].ifindex;
	port_unhook(dp, port);
	bpf_map_delete_elem(bpf_map__fd(dp->skel->maps.ports), &key);
	return port_info(dp, port, 0, NULL);
}
