// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Device features through the ethtool ioctl, and sysctls. Features are looked up by the kernel's
 * names (ETHTOOL_GFEATURES), so that one way serves all of them.
 */
#include "base/str.h"
#include "daemon/net.h"
#include "daemon/sys_ethtool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define FEATURES_MAX 256

static int ethtool(const char *ifname, void *cmd)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { .ifr_data = cmd };

	if (fd < 0)
		return -errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	return ioctl(fd, SIOCETHTOOL, &ifr) < 0 ? -errno : 0;
}

/* The index of a feature, or -ENOENT on a kernel that does not know it. */
static int feature_index(const char *ifname, const char *name, uint32_t *ret_count)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} sset = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES } };
	_cleanup_free_ struct ethtool_gstrings *names = NULL;
	int rc = ethtool(ifname, &sset);

	if (rc)
		return rc;
	if (!sset.info.sset_mask || sset.count > FEATURES_MAX)
		return -EOPNOTSUPP;
	names = calloc(1, sizeof(*names) + sset.count * (size_t)ETH_GSTRING_LEN);
	if (!names)
		return -ENOMEM;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = sset.count;
	rc = ethtool(ifname, names);
	if (rc)
		return rc;
	*ret_count = sset.count;
	for (uint32_t i = 0; i < sset.count; i++)
		if (!strncmp((const char *)names->data + i * (size_t)ETH_GSTRING_LEN, name,
			     ETH_GSTRING_LEN))
			return (int)i;
	return -ENOENT;
}

int ethtool_feature_get(const char *ifname, const char *name, bool *ret)
{
	_cleanup_free_ struct ethtool_gfeatures *f = NULL;
	uint32_t count;
	int i = feature_index(ifname, name, &count), rc;

	if (i < 0)
		return i;
	f = calloc(1, sizeof(*f) + (count + 31) / 32 * sizeof(f->features[0]));
	if (!f)
		return -ENOMEM;
	f->cmd = ETHTOOL_GFEATURES;
	f->size = (count + 31) / 32;
	rc = ethtool(ifname, f);
	if (rc)
		return rc;
	*ret = f->features[i / 32].active & 1u << i % 32;
	return 0;
}

int ethtool_feature_set(const char *ifname, const char *name, bool on)
{
	_cleanup_free_ struct ethtool_sfeatures *f = NULL;
	bool now_on;
	uint32_t count;
	int i = feature_index(ifname, name, &count), rc;

	if (i < 0)
		return i;
	f = calloc(1, sizeof(*f) + (count + 31) / 32 * sizeof(f->features[0]));
	if (!f)
		return -ENOMEM;
	f->cmd = ETHTOOL_SFEATURES;
	f->size = (count + 31) / 32;
	f->features[i / 32].valid = 1u << i % 32;
	f->features[i / 32].requested = on ? 1u << i % 32 : 0;
	rc = ethtool(ifname, f);
	if (rc < 0)
		return rc;
	/* The ioctl reports what the driver did not grant by a positive value that gets lost. */
	rc = ethtool_feature_get(ifname, name, &now_on);
	return rc ? rc : now_on == on ? 0 : -EBUSY;
}

/* What must be off on an access interface (design, "Ports"). */
static const char *const access_off[] = {
	"rx-vlan-hw-parse",    "rx-vlan-filter", "rx-vlan-stag-hw-parse",
	"rx-vlan-stag-filter", "rx-lro",	 "rx-gro-hw",
};

int net_offload_close(const char *ifname, struct net_offload *ret, const char **ret_name)
{
	struct net_offload o = { 0 };

	for (unsigned i = 0; i < ARRAY_SIZE(access_off); i++) {
		bool on;
		int rc = ethtool_feature_get(ifname, access_off[i], &on);

		if (rc || !on)
			continue; /* a kernel or driver without the feature has it off */
		rc = ethtool_feature_set(ifname, access_off[i], false);
		/* A filter that stays on (virtio's is fixed) never mixes lines, it only loses
		 * tagged frames: unless the interface is promiscuous. */
		if (rc && strstr(access_off[i], "filter")) {
			o.promiscuous = true;
			continue;
		}
		if (rc) {
			net_offload_restore(ifname, &o);
			*ret_name = access_off[i];
			return -EBUSY;
		}
		o.was_on |= 1u << i;
	}
	*ret = o;
	return 0;
}

void net_offload_restore(const char *ifname, const struct net_offload *o)
{
	for (unsigned i = 0; i < ARRAY_SIZE(access_off); i++)
		if (o->was_on & 1u << i)
			(void)ethtool_feature_set(ifname, access_off[i], true);
}

static int sysctl_open(const char *path, int flags)
{
	char file[256];
	int fd;

	snprintf(file, sizeof(file), "/proc/sys/%s", path);
	fd = open(file, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int net_sysctl_get(const char *path, int *ret)
{
	_cleanup_close_ int fd = sysctl_open(path, O_RDONLY);
	char text[32];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	*ret = (int)strtol(text, NULL, 10);
	return 0;
}

int net_sysctl_set(const char *path, int value)
{
	_cleanup_close_ int fd = sysctl_open(path, O_WRONLY);

	if (fd < 0)
		return fd;
	return dprintf(fd, "%d\n", value) < 0 ? -errno : 0;
}
