// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Puts a line's IP traffic into its session: a veth pair whose one end is the subscriber's device
 * (in a namespace of its own, if wished), with the two programs of emu.bpf.c. Several dialers may
 * share one access link: the first one's program stays there, the others find its map through it.
 * The commands that make devices run one after another, waiting: it is a tool for a few lines.
 */
#include "base/str.h"
#include "test/dialer/dialer.h"
#include "test/dialer/emu.h"
#include "test/dialer/emu.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define VLAN_ID 0x0fff

extern char **environ;

struct emu {
	struct dialer *d;
	struct emu_bpf *skel;
	int link_ifindex;
};

/* The device's name, its other end's (one per session and access link), and how a command is put
 * before its namespace. */
struct place {
	char dev[IFNAMSIZ], inner[IFNAMSIZ], ns[64], enter[128];
};

static int place_of(const struct emu *e, const struct line *l, struct place *p)
{
	char text[128], *at;

	expand(text, sizeof(text), e->d->o.plumb, line_index(e->d, l));
	at = strchr(text, '@');
	if (at)
		*at++ = '\0';
	if (strlen(text) >= sizeof(p->dev) || (at && strlen(at) >= sizeof(p->ns)))
		return -ENAMETOOLONG;
	snprintf(p->dev, sizeof(p->dev), "%.15s", text);
	snprintf(p->inner, sizeof(p->inner), "e%02x%03x%03x%04x", e->link_ifindex & 0xff,
		 l->svlan & VLAN_ID, l->cvlan & VLAN_ID, l->sid);
	snprintf(p->ns, sizeof(p->ns), "%s", at ? at : "");
	p->enter[0] = '\0';
	if (at)
		snprintf(p->enter, sizeof(p->enter), "nsenter --net=/run/netns/%s ", p->ns);
	return 0;
}

static int shell(struct sbuf *script)
{
	char *argv[] = { (char *)"sh", (char *)"-e", (char *)"-c", script->p, NULL };
	int status = 0, r;
	pid_t pid;

	if (script->bad)
		return -ENOMEM;
	r = posix_spawnp(&pid, "sh", NULL, NULL, argv, environ);
	if (r)
		return -r;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

/* The map of the program that is on the access link already; -ENOENT when there is none. */
static int map_in_use(int ifindex)
{
	__u32 id = 0, ids[8], prog_len, map_len;
	struct bpf_prog_info prog = { .nr_map_ids = ARRAY_SIZE(ids),
				      .map_ids = (__u64)(unsigned long)ids };
	int fd, found = -ENOENT;

	if (bpf_xdp_query_id(ifindex, XDP_FLAGS_DRV_MODE, &id) || !id)
		return -ENOENT;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return -ENOENT;
	prog_len = sizeof(prog);
	if (bpf_obj_get_info_by_fd(fd, &prog, &prog_len) || strcmp(prog.name, "em_rx"))
		prog.nr_map_ids = 0;
	close(fd);
	for (unsigned i = 0; i < prog.nr_map_ids && i < ARRAY_SIZE(ids) && found < 0; i++) {
		struct bpf_map_info info = { 0 };

		fd = bpf_map_get_fd_by_id(ids[i]);
		map_len = sizeof(info);
		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &map_len) &&
		    !strcmp(info.name, "emu_rx"))
			found = fd;
		else if (fd >= 0)
			close(fd);
	}
	return found;
}

static int load(struct emu *e)
{
	int fd = map_in_use(e->link_ifindex), r = 0;

	e->skel = emu_bpf__open();
	if (!e->skel)
		return -errno;
	if (fd >= 0) {
		r = bpf_map__reuse_fd(e->skel->maps.emu_rx, fd);
		close(fd);
	}
	if (!r)
		r = emu_bpf__load(e->skel);
	if (!r && fd < 0)
		r = bpf_xdp_attach(e->link_ifindex, bpf_program__fd(e->skel->progs.em_rx),
				   XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
	if (r) {
		emu_bpf__destroy(e->skel);
		e->skel = NULL;
	}
	return r;
}

int emu_new(struct emu **ret, struct dialer *d)
{
	struct emu *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	e->d = d;
	e->link_ifindex = (int)if_nametoindex(d->o.ifname);
	r = load(e);
	if (r == -EBUSY || r == -EEXIST)
		r = load(e); /* another dialer was first: join it */
	if (r) {
		free(e);
		return r;
	}
	*ret = e;
	return 0;
}

void emu_free(struct emu *e)
{
	if (!e)
		return;
	emu_bpf__destroy(e->skel);
	free(e);
}

static int device_mac(const char *dev, uint8_t ret[6])
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &ifr))
		return -errno;
	memcpy(ret, ifr.ifr_hwaddr.sa_data, 6);
	return 0;
}

static int make_devices(const struct place *p, uint16_t mtu, uint8_t ret_mac[6])
{
	struct sbuf s = { 0 };
	int r;

	sbuf_printf(&s, "ip link add %s type veth peer name %s\n", p->inner, p->dev);
	sbuf_printf(&s, "ip link set %s mtu %u arp off\n", p->dev, mtu);
	sbuf_printf(&s, "ip link set %s arp off addrgenmode none up\n", p->inner);
	r = shell(&s);
	sbuf_fini(&s);
	return r ? r : device_mac(p->dev, ret_mac);
}

static struct ip6 slaac(const struct line *l)
{
	struct ip6 a = l->prefix;

	memcpy(a.b + 8, l->ifid, 8);
	return a;
}

/* What a host makes of what was negotiated: addresses, default routes, MTU per family. */
static int configure(const struct place *p, const struct line *l)
{
	char buf[IP6_STRLEN], prefix[PREFIX_STRLEN];
	struct ip6 ll = ip6_link_local(l->ifid), global = slaac(l);
	struct prefix6 pre = { .addr = l->prefix, .len = l->prefix_len };
	struct sbuf s = { 0 };
	int r;

	if (p->ns[0])
		sbuf_printf(&s, "ip link set %s netns %s\n", p->dev, p->ns);
	sbuf_printf(&s,
		    "%ssysctl -qw net.ipv6.conf.%s.accept_ra=0 net.ipv6.conf.%s.accept_dad=0 "
		    "net.ipv6.conf.%s.disable_ipv6=%d\n",
		    p->enter, p->dev, p->dev, p->dev, l->ipv6cp.state != N_OPENED);
	sbuf_printf(&s, "%sip link set %s addrgenmode none up\n", p->enter, p->dev);
	/* A CPE's frames have full checksums and the size of the wire: no offload that sends
	 * super-packets. GRO on, or the device could not receive a redirect; set before it is up
	 * and moved, that has no effect. */
	sbuf_printf(&s, "%sethtool -K %s tx off tso off gso off gro on >/dev/null\n", p->enter,
		    p->dev);
	sbuf_printf(&s, "%sip link set lo up\n", p->enter);
	if (l->ip) {
		sbuf_printf(&s, "%sip addr add %s/32 dev %s\n", p->enter, ip4_str(buf, l->ip),
			    p->dev);
		sbuf_printf(&s, "%sip route replace default dev %s src %s\n", p->enter, p->dev,
			    ip4_str(buf, l->ip));
	}
	if (l->ipv6cp.state == N_OPENED)
		sbuf_printf(&s, "%sip -6 addr add %s/64 dev %s nodad\n", p->enter,
			    ip6_str(buf, &ll), p->dev);
	if (l->ipv6cp.state == N_OPENED && l->has_ra) {
		if ((l->prefix_flags & 0x40) && l->prefix_len == 64)
			sbuf_printf(&s, "%sip -6 addr add %s/128 dev %s nodad\n", p->enter,
				    ip6_str(buf, &global), p->dev);
		if (l->prefix_flags & 0x80)
			sbuf_printf(&s, "%sip -6 route replace %s dev %s\n", p->enter,
				    prefix6_str(prefix, &pre), p->dev);
		if (l->ra_lifetime)
			sbuf_printf(&s, "%sip -6 route replace default via %s dev %s\n", p->enter,
				    ip6_str(buf, &l->router), p->dev);
	}
	if (l->ra_mtu >= 1280)
		sbuf_printf(&s, "%ssysctl -qw net.ipv6.conf.%s.mtu=%u || :\n", p->enter, p->dev,
			    l->ra_mtu < line_mtu(l) ? l->ra_mtu : line_mtu(l));
	r = shell(&s);
	sbuf_fini(&s);
	return r;
}

static struct emu_key key_of(const struct line *l)
{
	return (struct emu_key){ .svlan = l->svlan, .cvlan = l->cvlan, .sid = l->sid };
}

static int fill_maps(struct emu *e, const struct line *l, uint32_t inner, const uint8_t dev_mac[6])
{
	struct emu_key key = key_of(l);
	struct emu_rx rx = { .ifindex = inner };
	struct emu_tx tx = {
		.ifindex = (__u32)e->link_ifindex,
		.tags = (__u16)(!!l->svlan + !!l->cvlan),
		.sid = l->sid,
		.tpid = e->d->o.tpid,
		.svlan = l->svlan & VLAN_ID,
		.cvlan = l->cvlan & VLAN_ID,
	};

	memcpy(rx.line_mac, l->mac, 6);
	memcpy(rx.dev_mac, dev_mac, 6);
	memcpy(tx.dst, l->ac_mac, 6);
	memcpy(tx.src, l->mac, 6);
	if (bpf_map_update_elem(bpf_map__fd(e->skel->maps.emu_tx), &inner, &tx, BPF_ANY) ||
	    bpf_map_update_elem(bpf_map__fd(e->skel->maps.emu_rx), &key, &rx, BPF_ANY))
		return -errno;
	return bpf_xdp_attach((int)inner, bpf_program__fd(e->skel->progs.em_tx), XDP_FLAGS_DRV_MODE,
			      NULL);
}

int emu_attach(struct emu *e, const struct line *l)
{
	uint8_t dev_mac[6];
	struct place p;
	int r = place_of(e, l, &p);

	if (!r)
		r = make_devices(&p, line_mtu(l), dev_mac);
	if (r)
		return r;
	r = fill_maps(e, l, if_nametoindex(p.inner), dev_mac);
	if (!r)
		r = configure(&p, l);
	if (r)
		emu_detach(e, l);
	return r;
}

void emu_detach(struct emu *e, const struct line *l)
{
	struct emu_key key = key_of(l);
	struct sbuf s = { 0 };
	struct place p;
	uint32_t inner;

	(void)bpf_map_delete_elem(bpf_map__fd(e->skel->maps.emu_rx), &key);
	if (place_of(e, l, &p))
		return;
	inner = if_nametoindex(p.inner);
	if (!inner)
		return;
	(void)bpf_map_delete_elem(bpf_map__fd(e->skel->maps.emu_tx), &inner);
	sbuf_printf(&s, "ip link del %s\n", p.inner);
	(void)shell(&s);
	sbuf_fini(&s);
}
