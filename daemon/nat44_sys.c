// SPDX-License-Identifier: GPL-2.0-or-later
/* The address that lines share, where it is an interface's; what conntrack counts. */
#include "daemon/nat44_priv.h"
#include "daemon/nat44_stat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

int nat44_address_of(const char *ifname, uint32_t *ret)
{
	struct ifaddrs *all;
	int rc = -ENOENT;

	if (getifaddrs(&all))
		return -errno;
	for (struct ifaddrs *a = all; a && rc; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET ||
		    strcmp(a->ifa_name, ifname) != 0)
			continue;
		*ret = ntohl(
			((const struct sockaddr_in *)(const void *)a->ifa_addr)->sin_addr.s_addr);
		rc = 0;
	}
	freeifaddrs(all);
	return rc;
}

int nat44_failed(uint64_t *ret)
{
	int fd = open("/proc/net/stat/nf_conntrack", O_RDONLY | O_CLOEXEC);
	static char text[256 * 1024]; /* some 160 octets for each CPU */
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (len < sizeof(text) - 1 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	text[len] = 0;
	return nat44_stat_failed(text, ret);
}
