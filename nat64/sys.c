// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses, ports and routes of the box; files. */
#include "nat64/sys.h"

#include "base/killpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define FILE_MAX (1 << 20)

/* --- the box ------------------------------------------------------------------------------- */

static bool own_of(const struct ifaddrs *i, struct nat64_own *ret)
{
	const struct sockaddr_in *a = (const void *)i->ifa_addr,
				 *mask = (const void *)i->ifa_netmask;

	if (!a || a->sin_family != AF_INET)
		return false;
	*ret = (struct nat64_own){
		.addr = ntohl(a->sin_addr.s_addr),
		.len = mask ? (uint8_t)__builtin_popcount(mask->sin_addr.s_addr) : 32,
	};
	snprintf(ret->ifname, sizeof(ret->ifname), "%s", i->ifa_name);
	return true;
}

int nat64_sys_own(struct nat64_own **ret, unsigned *ret_count)
{
	struct nat64_own *own, one;
	struct ifaddrs *list;
	unsigned n = 0;

	if (getifaddrs(&list))
		return -errno;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		n++;
	own = calloc(n + 1, sizeof(*own));
	n = 0;
	for (const struct ifaddrs *i = list; own && i; i = i->ifa_next)
		if (own_of(i, &one))
			own[n++] = one;
	freeifaddrs(list);
	if (!own)
		return -ENOMEM;
	*ret = own;
	*ret_count = n;
	return 0;
}

static int read_file(const char *path, struct sbuf *out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[4096];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0 && out->len < FILE_MAX)
		sbuf_append(out, buf, (size_t)n);
	if (n < 0)
		return -errno;
	return out->bad ? -ENOMEM : 0;
}

int nat64_sys_ports(struct nat64_ports *ret, struct sbuf *reserved)
{
	struct sbuf range = { 0 };
	unsigned first = 0, last = 0;
	int rc = read_file("/proc/sys/net/ipv4/ip_local_port_range", &range);

	if (!rc && (!range.p || sscanf(range.p, "%5u %5u", &first, &last) != 2 || last > 65535))
		rc = -EBADMSG;
	sbuf_fini(&range);
	rc = rc ? rc : read_file("/proc/sys/net/ipv4/ip_local_reserved_ports", reserved);
	if (rc)
		return rc;
	*ret = (struct nat64_ports){
		.first = (uint16_t)first,
		.last = (uint16_t)last,
		.reserved = reserved->p ? reserved->p : "",
	};
	return 0;
}

/* --- files --------------------------------------------------------------------------------- */

bool nat64_sys_has(const char *path, const char *text, size_t len)
{
	struct sbuf old = { 0 };
	bool same = !read_file(path, &old) && old.len == len && (!len || !memcmp(old.p, text, len));

	sbuf_fini(&old);
	return same;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int nat64_sys_write(const char *path, const char *text, size_t len)
{
	char new[512];
	int fd, rc;

	if (nat64_sys_has(path, text, len))
		return 1;
	if (snprintf(new, sizeof(new), "%s.new", path) >= (int)sizeof(new))
		return -ENAMETOOLONG;
	KILLPOINT("nat64 file");
	fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	rc = write_all(fd, text, len);
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && rename(new, path))
		rc = -errno;
	if (rc)
		(void)unlink(new);
	return rc;
}

int nat64_sys_mkdir(const char *path)
{
	return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
}

bool nat64_sys_exists(const char *path)
{
	return !access(path, F_OK);
}

void nat64_sys_remove(const char *path)
{
	(void)remove(path);
}

/* --- the device ---------------------------------------------------------------------------- */

int nat64_sys_mtu(const char *ifname, unsigned mtu)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { .ifr_mtu = (int)mtu };

	if (fd < 0)
		return -errno;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", ifname);
	return ioctl(fd, SIOCSIFMTU, &r) ? -errno : 0;
}

/* --- routes -------------------------------------------------------------------------------- */

static int route_errno(int err)
{
	switch (err < 0 ? -err : err) {
	case NLE_SUCCESS:
		return 0;
	case NLE_EXIST:
		return 1;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

static int route_send(struct rtnl_route *r)
{
	struct nl_sock *s = nl_socket_alloc();
	int rc = s ? nl_connect(s, NETLINK_ROUTE) : -NLE_NOMEM;

	KILLPOINT("nat64 route");
	rc = rc ? rc : rtnl_route_add(s, r, NLM_F_CREATE | NLM_F_EXCL);
	nl_socket_free(s);
	return route_errno(rc);
}

static int route_add(int ifindex, int family, const void *addr, size_t addr_len, uint8_t len)
{
	struct nl_addr *dst = nl_addr_build(family, addr, addr_len);
	struct rtnl_route *r = rtnl_route_alloc();
	struct rtnl_nexthop *nh = rtnl_route_nh_alloc();
	int rc = -ENOMEM;

	if (dst && r && nh) {
		nl_addr_set_prefixlen(dst, len);
		rtnl_route_set_family(r, (uint8_t)family);
		rtnl_route_set_protocol(r, RTPROT_STATIC);
		rtnl_route_set_scope(r, family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
		rtnl_route_nh_set_ifindex(nh, ifindex);
		rtnl_route_add_nexthop(r, nh); /* it is the route's now */
		nh = NULL;
		rc = rtnl_route_set_dst(r, dst) < 0 ? -EINVAL : route_send(r);
	}
	if (nh)
		rtnl_route_nh_free(nh);
	rtnl_route_put(r);
	nl_addr_put(dst);
	return rc;
}

int nat64_sys_route4(int ifindex, const struct prefix4 *p)
{
	uint32_t be = htonl(p->addr);

	return route_add(ifindex, AF_INET, &be, sizeof(be), p->len);
}

int nat64_sys_route6(int ifindex, const struct prefix6 *p)
{
	return route_add(ifindex, AF_INET6, p->addr.b, sizeof(p->addr.b), p->len);
}
