// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PPPoE of the kernel (pppoe.ko, ppp_generic) as pppd leaves it when a line is up: a socket for
 * each session, its channel, a network device on it. bench-kppp DEVICE MAC COUNT makes
 * sessions 1..COUNT with the same peer, prints "ready" and keeps them until it is ended. What pppd
 * sets up besides (compression, filters) is off here, as it is in the options of
 * test/bench/compare.sh.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "kppp: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int channel(const char *dev, const unsigned char mac[6], unsigned sid)
{
	struct sockaddr_pppox sa = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OE };
	int fd = socket(AF_PPPOX, SOCK_STREAM, PX_PROTO_OE), number;

	if (fd < 0)
		die("socket");
	sa.sa_addr.pppoe.sid = __builtin_bswap16((unsigned short)sid);
	memcpy(sa.sa_addr.pppoe.remote, mac, 6);
	snprintf(sa.sa_addr.pppoe.dev, sizeof(sa.sa_addr.pppoe.dev), "%s", dev);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) || ioctl(fd, PPPIOCGCHAN, &number))
		die("session");
	return number;
}

static int open_ppp(void)
{
	int fd = open("/dev/ppp", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/ppp");
	return fd;
}

/* Device ppp<number>; how pppd does it, in this order. */
static void line(const char *dev, const unsigned char mac[6], unsigned sid)
{
	int number = channel(dev, mac, sid), chan = open_ppp(), unit = open_ppp();
	int want = (int)sid, mru = 1492;

	if (ioctl(chan, PPPIOCATTCHAN, &number) || ioctl(unit, PPPIOCNEWUNIT, &want) ||
	    ioctl(chan, PPPIOCCONNECT, &want) || ioctl(unit, PPPIOCSMRU, &mru))
		die("line");
}

int main(int argc, char **argv)
{
	struct rlimit files = { 1 << 20, 1 << 20 };
	unsigned char m[6];

	if (argc != 4 || sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &m[0], &m[1], &m[2],
				&m[3], &m[4], &m[5]) != 6) {
		fputs("usage: bench-kppp DEVICE MAC COUNT\n", stderr);
		return 2;
	}
	if (setrlimit(RLIMIT_NOFILE, &files))
		die("files");
	for (unsigned sid = 1; sid <= (unsigned)atoi(argv[3]); sid++)
		line(argv[1], m, sid);
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
