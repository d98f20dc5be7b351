// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What outlives the process: maps and XDP links, pinned by name in a directory of a BPF file
 * system. tc filters stay by themselves. `layout` says which version of abi.h the maps are of, and
 * is pinned last and removed first: a directory without it is a half of one.
 */
#include "bpf/priv.h"

#include "base/killpoint.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LAYOUT	     "layout"
#define BPF_FS	     "/sys/fs/bpf"
#define BPF_FS_MAGIC 0xcafe4a11

void dp_pins_path(char ret[DP_PIN_MAX], const char *pins, const char *name)
{
	snprintf(ret, DP_PIN_MAX, "%s/%s", pins, name);
}

void dp_pins_link(const struct dp *dp, const char *name, char ret[DP_PIN_MAX])
{
	char link[32];

	*ret = '\0';
	if (!dp->config.pins)
		return;
	snprintf(link, sizeof(link), "link-%s", name);
	dp_pins_path(ret, dp->config.pins, link);
}

/* The programs' constants are not kept: each load has its own. */
static bool kept(const struct bpf_map *map)
{
	return !strchr(bpf_map__name(map), '.');
}

/* --- reading ------------------------------------------------------------------------------- */

int dp_pins_check(const char *pins)
{
	char path[DP_PIN_MAX];
	uint32_t key = 0, version = 0;
	int fd, rc;

	dp_pins_path(path, pins, LAYOUT);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return access(pins, F_OK) ? -ENOENT : -ESTALE;
	rc = bpf_map_lookup_elem(fd, &key, &version) || version < ABI_VERSION ? -ESTALE : 0;
	if (!rc && version > ABI_VERSION)
		rc = -ENOTSUP;
	close(fd);
	return rc;
}

static bool same_shape(const struct bpf_map *map, int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map);
}

int dp_pins_reuse(struct dp *dp)
{
	int err = dp_pins_check(dp->config.pins);
	struct bpf_map *map;

	bpf_object__for_each_map(map, dp->skel->obj)
	{
		char path[DP_PIN_MAX];
		int fd;

		if (err || !kept(map))
			continue;
		dp_pins_path(path, dp->config.pins, bpf_map__name(map));
		fd = bpf_obj_get(path);
		if (fd < 0)
			return -ESTALE;
		err = same_shape(map, fd) ? bpf_map__reuse_fd(map, fd) : -ESTALE;
		close(fd); /* libbpf has a copy */
	}
	return err;
}

/* --- writing ------------------------------------------------------------------------------- */

/* The directory, and a BPF file system to have it in: systemd mounts one, others may not. */
int dp_pins_make(const char *pins)
{
	char path[DP_PIN_MAX];
	struct statfs fs;

	if (!pins)
		return 0;
	if (!strncmp(pins, BPF_FS "/", sizeof(BPF_FS)) &&
	    (statfs(BPF_FS, &fs) || (unsigned long)fs.f_type != BPF_FS_MAGIC) &&
	    mount("bpf", BPF_FS, "bpf", 0, NULL))
		return -errno;
	snprintf(path, sizeof(path), "%s", pins);
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int pin(int fd, const char *path)
{
	KILLPOINT("unpin");
	(void)unlink(path);
	KILLPOINT("pin");
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

static int pin_layout(const char *pins)
{
	uint32_t key = 0, version = ABI_VERSION;
	char path[DP_PIN_MAX];
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "layout", sizeof(key), sizeof(version), 1,
				NULL),
	    rc;

	if (fd < 0)
		return fd;
	dp_pins_path(path, pins, LAYOUT);
	rc = bpf_map_update_elem(fd, &key, &version, BPF_ANY) ? -errno : pin(fd, path);
	close(fd);
	return rc;
}

int dp_pins_keep(struct dp *dp)
{
	const char *pins = dp->config.pins;
	char path[DP_PIN_MAX];
	struct bpf_map *map;
	int err = 0;

	if (!pins || dp->config.adopt)
		return 0;
	dp_pins_path(path, pins, LAYOUT);
	(void)unlink(path);
	bpf_object__for_each_map(map, dp->skel->obj)
	{
		if (err || !kept(map))
			continue;
		dp_pins_path(path, pins, bpf_map__name(map));
		err = pin(bpf_map__fd(map), path);
	}
	return err ? err : pin_layout(pins);
}

void dp_pins_remove(const char *pins)
{
	char path[DP_PIN_MAX];
	struct dirent *e;
	DIR *dir;

	dp_pins_path(path, pins, LAYOUT);
	(void)unlink(path);
	dir = opendir(pins);
	if (!dir)
		return;
	while ((e = readdir(dir))) {
		if (*e->d_name == '.')
			continue;
		KILLPOINT("unpin");
		if (snprintf(path, sizeof(path), "%s/%s", pins, e->d_name) < (int)sizeof(path))
			(void)unlink(path);
	}
	closedir(dir);
	(void)rmdir(pins);
}
