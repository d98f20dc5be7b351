// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door to the wire and to files: libpcap on an access interface, and reading a MAC list. The
 * only file of this folder that calls the kernel or libpcap.
 *
 * The tap is not promiscuous: discovery is broadcast or for our address, and so is the rest that
 * we want. Until the data plane attaches its own program to the descriptor, nothing comes through
 * it: the classic filter that sees to this is the kernel's and not libpcap's, so SO_ATTACH_BPF
 * simply takes its place.
 */
#include "pppoe/macfilter.h"
#include "pppoe/pppoe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define SNAPLEN	   1600
#define RING_BYTES (16 << 20) /* ten thousand frames: two thousand lines that dial at once */
#define FILE_MAX   (16 << 20)
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

struct pppoe_tap {
	pcap_t *pcap;
	int fd;
};

struct reader {
	void (*fn)(void *arg, const uint8_t *frame, size_t len);
	void *arg;
};

/* libpcap's errors as errno values, as far as they differ for us. */
static int errno_of(int pcap_error)
{
	switch (pcap_error) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return -ENODEV;
	case PCAP_ERROR_IFACE_NOT_UP:
		return -ENETDOWN;
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return -EPERM;
	default:
		return -EIO;
	}
}

static int configure(pcap_t *p)
{
	int rc = pcap_set_snaplen(p, SNAPLEN);

	if (!rc)
		rc = pcap_set_promisc(p, 0);
	if (!rc)
		rc = pcap_set_immediate_mode(p, 1);
	if (!rc)
		rc = pcap_set_buffer_size(p, RING_BYTES);
	return rc;
}

static int shut(int fd)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &none };
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		return -errno;
	/* Our own frames need not come back. Kernels before 4.20 cannot; libpcap's direction, set
	 * too, is then what keeps them out. */
	(void)setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	return fcntl(fd, F_SETFD, FD_CLOEXEC) ? -errno : 0;
}

/* Whatever came in before the door was shut. */
static void drain(pcap_t *p)
{
	struct pcap_pkthdr *h;
	const u_char *data;

	while (pcap_next_ex(p, &h, &data) == 1)
		;
}

static int prepare(pcap_t *p, const char *ifname, char *why, size_t why_len)
{
	char err[PCAP_ERRBUF_SIZE] = "";
	int rc = configure(p);

	if (!rc)
		rc = pcap_activate(p);
	if (rc < 0) {
		snprintf(why, why_len, "%s: %s: %s", ifname, pcap_statustostr(rc), pcap_geterr(p));
		return errno_of(rc);
	}
	if (pcap_datalink(p) != DLT_EN10MB) {
		snprintf(why, why_len, "%s is not an Ethernet interface", ifname);
		return -EINVAL;
	}
	if (pcap_setnonblock(p, 1, err) || pcap_setdirection(p, PCAP_D_IN)) {
		snprintf(why, why_len, "%s: %s", ifname, *err ? err : pcap_geterr(p));
		return -EIO;
	}
	rc = shut(pcap_get_selectable_fd(p));
	if (rc) {
		snprintf(why, why_len, "%s: the socket cannot be set up: %s", ifname,
			 strerror(-rc));
		return rc;
	}
	drain(p);
	return 0;
}

int pppoe_tap_open(struct pppoe_tap **ret, const char *ifname, char *why, size_t why_len)
{
	char err[PCAP_ERRBUF_SIZE] = "";
	struct pppoe_tap *t = calloc(1, sizeof(*t));
	int rc;

	if (!t) {
		snprintf(why, why_len, "%s: out of memory", ifname);
		return -ENOMEM;
	}
	t->pcap = pcap_create(ifname, err);
	if (!t->pcap) {
		snprintf(why, why_len, "%s: %s", ifname, err);
		free(t);
		return -EIO;
	}
	rc = prepare(t->pcap, ifname, why, why_len);
	if (rc) {
		pppoe_tap_close(t);
		return rc;
	}
	t->fd = pcap_get_selectable_fd(t->pcap);
	*ret = t;
	return 0;
}

void pppoe_tap_close(struct pppoe_tap *t)
{
	if (!t)
		return;
	pcap_close(t->pcap);
	free(t);
}

int pppoe_tap_fd(const struct pppoe_tap *t)
{
	return t->fd;
}

static void on_frame(u_char *user, const struct pcap_pkthdr *h, const u_char *data)
{
	const struct reader *r = (const void *)user;

	/* A frame that was cut is longer than any of ours. */
	if (h->caplen == h->len)
		r->fn(r->arg, data, h->caplen);
}

int pppoe_tap_read(struct pppoe_tap *t, unsigned max,
		   void (*fn)(void *arg, const uint8_t *frame, size_t len), void *arg)
{
	struct reader r = { .fn = fn, .arg = arg };
	int n = pcap_dispatch(t->pcap, (int)max, on_frame, (u_char *)&r);

	return n < 0 ? -ENETDOWN : n;
}

int pppoe_tap_write(struct pppoe_tap *t, const uint8_t *frame, size_t len)
{
	if (pcap_inject(t->pcap, frame, len) >= 0)
		return 0;
	return errno ? -errno : -EIO;
}

uint64_t pppoe_tap_dropped(struct pppoe_tap *t)
{
	struct pcap_stat st;

	return pcap_stats(t->pcap, &st) ? 0 : st.ps_drop;
}

static int read_all(FILE *f, char **ret, size_t *ret_len)
{
	size_t cap = 4096, len = 0;
	char *buf = NULL;

	for (;;) {
		char *p = realloc(buf, cap);

		if (!p)
			break;
		buf = p;
		len += fread(buf + len, 1, cap - len, f);
		if (len < cap && !ferror(f)) {
			*ret = buf;
			*ret_len = len;
			return 0;
		}
		if (ferror(f) || cap >= FILE_MAX) {
			int rc = ferror(f) ? (errno ? -errno : -EIO) : -EFBIG;

			free(buf);
			return rc;
		}
		cap *= 2;
	}
	free(buf);
	return -ENOMEM;
}

int pppoe_mac_filter_load(struct pppoe_mac_filter **ret, const char *path, bool allow, char *why,
			  size_t why_len)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t len = 0;
	int rc = f ? read_all(f, &text, &len) : -errno;

	if (f)
		fclose(f);
	if (rc) {
		snprintf(why, why_len, "%s: %s", path, strerror(-rc));
		return rc;
	}
	rc = pppoe_mac_filter_parse(ret, text, len, allow, path, why, why_len);
	free(text);
	return rc;
}
