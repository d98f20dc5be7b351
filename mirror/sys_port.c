// SPDX-License-Identifier: GPL-2.0-or-later
/* The device of a virtual port: mirror/port.h. */
#include "mirror/port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_MTU 65521 /* the most that Ethernet's devices take */

/* Nothing is ever said on it: no addresses of IPv6, and so no solicitations. */
static void be_silent(const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return; /* a kernel without IPv6 */
	(void)!write(fd, "1", 1);
	close(fd);
}

static int bring_up(struct ifreq *r)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (fd < 0)
		return -errno;
	be_silent(r->ifr_name);
	r->ifr_mtu = PORT_MTU;
	(void)ioctl(fd, SIOCSIFMTU, r); /* only for those who look */
	r->ifr_flags = IFF_UP | IFF_NOARP;
	if (ioctl(fd, SIOCSIFFLAGS, r))
		rc = -errno;
	close(fd);
	return rc;
}

int port_make(const char *name)
{
	struct ifreq r = { 0 };
	int fd, rc = 0;

	if (!*name || strlen(name) >= sizeof(r.ifr_name))
		return -ENAMETOOLONG;
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	strcpy(r.ifr_name, name);
	r.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL;
	if (ioctl(fd, TUNSETIFF, &r))
		rc = -errno;
	rc = rc ? rc : bring_up(&r);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

int port_write(int fd, const void *frame, size_t len)
{
	return write(fd, frame, len) < 0 ? -errno : 0;
}
