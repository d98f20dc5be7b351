// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who had which address and port of pool4, from when and until when: a line for each beginning and
 * each end, as Jool tells the kernel's log. The file is bounded: a full one becomes FILE.1.
 *
 *	2026-11-26T17:03:09Z begin tcp 203.0.113.10 64307 2001:db8:1::2 41434
 */
#include "daemon/nat64_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct nat64_log {
	struct nat64_kmsg *kmsg;
	int fd;
	char path[CONFIG_PATH_MAX];
	char label[NAT64_LABEL_MAX];
	uint64_t size, max, lost;
	struct log_limit limit;
};

static int file_open(struct nat64_log *l)
{
	struct stat st;

	l->fd = open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (l->fd < 0 || fstat(l->fd, &st))
		return -errno;
	l->size = (uint64_t)st.st_size;
	return 0;
}

static int turn_over(struct nat64_log *l)
{
	char old[CONFIG_PATH_MAX + 4];

	snprintf(old, sizeof(old), "%s.1", l->path);
	if (rename(l->path, old))
		return -errno;
	close(l->fd);
	return file_open(l);
}

static void put(struct nat64_log *l, uint64_t now, const char *text, size_t len)
{
	int rc = l->size + len > l->max && l->size ? turn_over(l) : 0;
	uint64_t suppressed;

	if (!rc && write(l->fd, text, len) != (ssize_t)len)
		rc = errno ? -errno : -EIO;
	if (!rc) {
		l->size += len;
		return;
	}
	l->lost++;
	if (log_limit_ok(&l->limit, now, &suppressed))
		log_error("nat64: %s: %s", l->path, strerror(-rc));
}

static size_t stamp(char *buf, size_t cap)
{
	time_t t = time(NULL);
	struct tm tm;

	gmtime_r(&t, &tm);
	return strftime(buf, cap, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void on_line(void *arg, uint64_t now, const char *line, size_t len)
{
	struct nat64_log *l = arg;
	char when[32], text[192], ip4[IP4_STRLEN], ip6[IP6_STRLEN];
	struct nat64_mapping m;
	int n;

	if (nat64_log_parse(line, len, l->label, &m) || !stamp(when, sizeof(when)))
		return;
	n = snprintf(text, sizeof(text), "%s %s %s %s %u %s %u\n", when, m.gone ? "end" : "begin",
		     nat64_proto_name(m.proto), ip4_str(ip4, m.src4), m.port4,
		     ip6_str(ip6, &m.src6), m.port6);
	put(l, now, text, (size_t)n);
}

static void on_lost(void *arg, uint64_t now)
{
	struct nat64_log *l = arg;
	char when[32], text[64];
	int n;

	l->lost++;
	if (!stamp(when, sizeof(when)))
		return;
	n = snprintf(text, sizeof(text), "%s lost\n", when);
	put(l, now, text, (size_t)n);
}

int nat64_log_open(struct nat64_log **ret, struct loop *loop, const char *path, uint32_t megabytes,
		   const char *label)
{
	static const struct nat64_kmsg_ops ops = { on_line, on_lost };
	struct nat64_log *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return -ENOMEM;
	snprintf(l->path, sizeof(l->path), "%s", path);
	snprintf(l->label, sizeof(l->label), "%s", label);
	l->max = (uint64_t)megabytes << 20;
	rc = file_open(l);
	rc = rc ? rc : nat64_kmsg_open(&l->kmsg, loop, &ops, l);
	if (rc) {
		nat64_log_close(l);
		return rc;
	}
	*ret = l;
	return 0;
}

void nat64_log_close(struct nat64_log *l)
{
	if (!l)
		return;
	nat64_kmsg_close(l->kmsg);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

uint64_t nat64_log_lost(const struct nat64_log *l)
{
	return l->lost;
}
