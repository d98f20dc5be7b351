// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CPUs that are online, and receive packet steering (Documentation/networking/scaling.rst).
 *
 * A mount of sysfs shows the network namespace that it was made in, which need not be ours. Then
 * another one is made, attached nowhere, while we still may (daemon/privilege.h). The kernel lets
 * root alone write to the masks: with another [privileges] user there is no steering, and a
 * warning.
 */
#include "base/str.h"
#include "daemon/spread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int read_at(int dir, const char *path, char *ret, size_t cap)
{
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, ret, cap - 1);
	if (n < 0)
		return -errno;
	while (n && ret[n - 1] == '\n')
		n--;
	ret[n] = '\0';
	return 0;
}

static int write_at(int dir, const char *path, const char *text)
{
	_cleanup_close_ int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int spread_online(bool ret[ABI_SPREAD_MAX])
{
	char text[1024], *at = text, *end;
	int rc = read_at(AT_FDCWD, "/sys/devices/system/cpu/online", text, sizeof(text));

	if (rc)
		return rc;
	memset(ret, 0, ABI_SPREAD_MAX * sizeof(*ret));
	while (*at >= '0' && *at <= '9') {
		unsigned long first = strtoul(at, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first < ABI_SPREAD_MAX; first++)
			ret[first] = true;
		at = *end == ',' ? end + 1 : end;
	}
	return 0;
}

/* The interface's directory in this sysfs, if it is ours: the number is the namespace's own. */
static int device_open(int sysfs, const char *ifname, int ifindex)
{
	char path[64], text[32];
	int dir, rc;

	snprintf(path, sizeof(path), "class/net/%s", ifname);
	dir = openat(sysfs, path, O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	rc = read_at(dir, "ifindex", text, sizeof(text));
	if (!rc && atoi(text) == ifindex)
		return dir;
	close(dir);
	return rc ? rc : -ENOENT;
}

static int sysfs_new(void)
{
	_cleanup_close_ int fs = fsopen("sysfs", FSOPEN_CLOEXEC);

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	return fsmount(fs, FSMOUNT_CLOEXEC, 0);
}

static int queues_set(int dir, const char *mask, char *ret_was)
{
	int rc = -ENOENT;

	for (unsigned i = 0;; i++) {
		char path[64], was[SPREAD_MASK_MAX];

		snprintf(path, sizeof(path), "queues/rx-%u/rps_cpus", i);
		if (read_at(dir, path, was, sizeof(was)))
			return rc;
		rc = write_at(dir, path, mask);
		if (rc)
			return rc;
		if (!i)
			snprintf(ret_was, SPREAD_MASK_MAX, "%s", was);
	}
}

/* Ours, whichever /sys shows; -1: there is none, or nobody asked. */
static int own_sysfs = -1;

void spread_prepare(void)
{
	if (own_sysfs < 0)
		own_sysfs = sysfs_new();
}

int spread_rps(const char *ifname, int ifindex, const char *mask, char ret_was[SPREAD_MASK_MAX])
{
	_cleanup_close_ int sysfs = open("/sys", O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int dir = sysfs < 0 ? -errno : device_open(sysfs, ifname, ifindex);

	if (dir < 0)
		dir = own_sysfs < 0 ? -EPERM : device_open(own_sysfs, ifname, ifindex);
	return dir < 0 ? dir : queues_set(dir, mask, ret_was);
}

static void kept_path(char ret[256], const char *instance, const char *ifname)
{
	snprintf(ret, 256, "/run/brasberry/%s/rps-%s", instance, ifname);
}

int spread_kept(const char *instance, const char *ifname, char ret[SPREAD_MASK_MAX])
{
	char path[256];

	kept_path(path, instance, ifname);
	return read_at(AT_FDCWD, path, ret, SPREAD_MASK_MAX);
}

int spread_keep(const char *instance, const char *ifname, const char *mask)
{
	_cleanup_close_ int fd = -1;
	char path[256];

	kept_path(path, instance, ifname);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	return write(fd, mask, strlen(mask)) < 0 ? -errno : 0;
}

void spread_forget(const char *instance, const char *ifname)
{
	char path[256];

	kept_path(path, instance, ifname);
	(void)unlink(path);
}
