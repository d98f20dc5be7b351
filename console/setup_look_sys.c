// SPDX-License-Identifier: GPL-2.0-or-later
/* `brasctl setup`: a look at the box. Nothing is changed. */
#include "console/run.h"
#include "console/setup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

#define TEXT_MAX (4u << 20)

/* "" where it cannot be read. The caller frees it. */
static char *read_text(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct sbuf text = { 0 };
	char piece[4096];
	ssize_t n;

	while (fd >= 0 && text.len < TEXT_MAX && (n = read(fd, piece, sizeof(piece))) > 0)
		sbuf_append(&text, piece, (size_t)n);
	sbuf_append(&text, "", 1);
	if (!text.bad)
		return text.p;
	sbuf_fini(&text);
	return NULL;
}

static void look_text(struct setup_box *box, const char *path,
		      void (*fn)(struct setup_box *box, const char *text))
{
	_cleanup_free_ char *text = read_text(path);

	if (text)
		fn(box, text);
}

/* --- interfaces ---------------------------------------------------------------------------- */

static void look_driver(int fd, struct setup_port *p)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq ifr = { .ifr_data = (void *)&info };

	memcpy(ifr.ifr_name, p->name, IFNAMSIZ);
	if (!ioctl(fd, SIOCETHTOOL, &ifr))
		snprintf(p->driver, sizeof(p->driver), "%.*s", (int)sizeof(p->driver) - 1,
			 info.driver);
}

static bool is_wireless(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/phy80211", name);
	return !access(path, F_OK);
}

static void look_port(int fd, const char *name, struct setup_port *p)
{
	static const char *const virtual[] = { "bridge", "dummy", "tun", "bonding" };
	struct ifreq ifr = { 0 };

	snprintf(p->name, sizeof(p->name), "%s", name);
	memcpy(ifr.ifr_name, p->name, IFNAMSIZ);
	if (!ioctl(fd, SIOCGIFHWADDR, &ifr))
		p->ethernet = ifr.ifr_hwaddr.sa_family == ARPHRD_ETHER;
	if (!ioctl(fd, SIOCGIFMTU, &ifr))
		p->mtu = (unsigned)ifr.ifr_mtu;
	if (!ioctl(fd, SIOCGIFFLAGS, &ifr)) {
		p->up = ifr.ifr_flags & IFF_UP;
		p->carrier = ifr.ifr_flags & IFF_RUNNING;
		/* A device that stands for subscribers, from a brasd that runs. */
		p->ethernet = p->ethernet && !(ifr.ifr_flags & (IFF_NOARP | IFF_LOOPBACK));
	}
	p->wireless = is_wireless(p->name);
	look_driver(fd, p);
	for (unsigned i = 0; i < ARRAY_SIZE(virtual); i++)
		p->ethernet = p->ethernet && strcmp(p->driver, virtual[i]) != 0;
}

static int look_ports(struct setup_box *box)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *all = fd < 0 ? NULL : if_nameindex();

	if (!all)
		return -errno;
	for (struct if_nameindex *i = all; i->if_index && box->port_count < SETUP_PORTS_MAX; i++)
		look_port(fd, i->if_name, &box->ports[box->port_count++]);
	if_freenameindex(all);
	return 0;
}

static int look_addresses(struct setup_box *box)
{
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return -errno;
	for (struct ifaddrs *i = all; i && box->address_count < SETUP_ADDRESSES_MAX;
	     i = i->ifa_next) {
		struct setup_address *a = &box->addresses[box->address_count];
		uint32_t mask;

		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !i->ifa_netmask ||
		    i->ifa_flags & (IFF_LOOPBACK | IFF_NOARP))
			continue;
		a->addr = ntohl(((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr);
		mask = ntohl(((struct sockaddr_in *)i->ifa_netmask)->sin_addr.s_addr);
		a->net.len = (uint8_t)__builtin_popcount(mask);
		a->net.addr = a->addr & mask;
		snprintf(a->ifname, sizeof(a->ifname), "%s", i->ifa_name);
		box->address_count++;
	}
	freeifaddrs(all);
	return 0;
}

/* --- kernel and programs ------------------------------------------------------------------- */

/* The kernel's .config: from /boot, or what the kernel itself has packed. The caller frees it. */
static char *read_kernel_config(const char *release)
{
	const char *argv[] = { NULL, "-dc", "/proc/config.gz", NULL };
	struct sbuf out = { 0 }, err = { 0 };
	char path[128];
	char *text;

	snprintf(path, sizeof(path), "/boot/config-%s", release);
	text = read_text(path);
	if ((text && *text) || access(argv[2], R_OK))
		return text;
	free(text);
	(void)run_program("gzip", argv, &out, &err);
	sbuf_append(&out, "", 1);
	sbuf_fini(&err);
	if (!out.bad)
		return out.p;
	sbuf_fini(&out);
	return NULL;
}

static void look_kernel(struct setup_box *box)
{
	struct utsname u;
	unsigned major = 0, minor = 0;
	char *text;

	if (uname(&u))
		return;
	snprintf(box->release, sizeof(box->release), "%s", u.release);
	snprintf(box->host, sizeof(box->host), "%.*s", (int)sizeof(box->host) - 1, u.nodename);
	if (sscanf(u.release, "%u.%u", &major, &minor) == 2)
		box->kernel = major * 1000 + minor;
	text = read_kernel_config(box->release);
	if (text && *text) {
		box->bpf = setup_kernel_option(text, "BPF_SYSCALL");
		box->veth = setup_kernel_option(text, "VETH");
		box->cls_bpf = setup_kernel_option(text, "NET_CLS_BPF");
		box->htb = setup_kernel_option(text, "NET_SCH_HTB");
		box->fq_codel = setup_kernel_option(text, "NET_SCH_FQ_CODEL");
	}
	free(text);
}

static void look_jool(struct setup_box *box)
{
	char path[128];
	char *text;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", box->release);
	text = read_text(path);
	box->jool_module = !access("/sys/module/jool", F_OK) ? SETUP_YES
			   : !text || !*text		     ? SETUP_UNKNOWN
			   : strstr(text, "/jool.ko")	     ? SETUP_YES
							     : SETUP_NO;
	free(text);
}

static enum setup_have has_program(const char *name)
{
	static const char *const dirs[] = { "/usr/sbin",      "/usr/bin", "/usr/local/sbin",
					    "/usr/local/bin", "/sbin",	  "/bin" };
	char path[64];

	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
		if (!access(path, X_OK))
			return SETUP_YES;
	}
	return SETUP_NO;
}

int setup_look(struct setup_box *ret)
{
	int rc = look_ports(ret);

	if (!rc)
		rc = look_addresses(ret);
	if (rc)
		return rc;
	look_text(ret, "/proc/net/route", setup_routes4_read);
	look_text(ret, "/proc/net/ipv6_route", setup_routes6_read);
	look_text(ret, "/proc/net/vlan/config", setup_vlans_read);
	look_text(ret, "/etc/resolv.conf", setup_resolv_read);
	look_kernel(ret);
	look_jool(ret);
	ret->jool_tools = has_program("jool");
	ret->tayga = has_program("tayga");
	ret->nft = has_program("nft");
	ret->named = has_program("named");
	ret->freeradius =
		has_program("freeradius") == SETUP_YES ? SETUP_YES : has_program("radiusd");
	return 0;
}
