// SPDX-License-Identifier: GPL-2.0-or-later
/* The address that lines share, where it is an interface's. */
#include "daemon/nat44_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

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
