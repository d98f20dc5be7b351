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
#include <time.h>
#include <unistd.h>

#define LAYOUT	     "layout"
#define BPF_FS	     "/sys/fs/bpf"
#define BPF_FS_MAGIC 0xcafe4a11
#define EVICT_TRIES  100 /* of a millisecond; before the loop runs */

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

/* The programs' constants are not kept, nor what has not reached the daemon: each load has its own. */
static bool kept(const struct bpf_map *map)
{
	return !strchr(bpf_map__name(map), '.') && strcmp(bpf_map__name(map), "padts");
}

/* --- reading ------------------------------------------------------------------------------- */

/* The kernel writes as much as the map says a value has. */
static int read_layout(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t key = 0, version = 0, len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len) || info.key_size != sizeof(key) ||
	    info.value_size != sizeof(version))
		return -ENOTSUP;
	if (bpf_map_lookup_elem(fd, &key, &version) || version < ABI_VERSION)
		return -ESTALE;
	return version > ABI_VERSION ? -ENOTSUP : 0;
}

/* Made for us before privileges were dropped, and nothing was pinned yet. */
static bool is_empty(const char *pins)
{
	DIR *dir = opendir(pins);
	struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir)))
		found = strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	if (dir)
		closedir(dir);
	return dir && !found;
}

int dp_pins_check(const char *pins)
{
	char path[DP_PIN_MAX];
	int fd, rc;

	dp_pins_path(path, pins, LAYOUT);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return access(pins, F_OK) || is_empty(pins) ? -ENOENT : -ESTALE;
	rc = read_layout(fd);
	close(fd);
	return rc;
}

/* Counters may have stayed from a time with more sessions: dp_before_share(). */
static bool entries_fit(const struct bpf_map *map, uint32_t there)
{
	uint32_t want = bpf_map__max_entries(map);

	return there == want || (there > want && !strcmp(bpf_map__name(map), "counters"));
}

static bool same_shape(const struct bpf_map *map, int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) && entries_fit(map, info.max_entries);
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

/* In place of what is pinned there: at no time is there none. (A dot in a name is the kernel's.) */
static int pin(int fd, const char *path)
{
	char fresh[DP_PIN_MAX + 8];

	snprintf(fresh, sizeof(fresh), "%s-new", path);
	(void)unlink(fresh);
	KILLPOINT("pin");
	if (bpf_obj_pin(fd, fresh))
		return -errno;
	KILLPOINT("unpin");
	return rename(fresh, path) ? -errno : 0;
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

/* --- what others left ---------------------------------------------------------------------- */

static bool holds(const char *path, int ifindex, uint32_t prog_id)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);
	int fd = bpf_obj_get(path);
	bool is;

	if (fd < 0)
		return false;
	is = !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == BPF_LINK_TYPE_XDP &&
	     info.xdp.ifindex == (uint32_t)ifindex && info.prog_id == prog_id;
	close(fd);
	return is;
}

/* The link that holds this interface's XDP hook, if it is pinned in this directory. */
static bool find_holder(const char *pins, int ifindex, uint32_t prog_id, char ret[DP_PIN_MAX])
{
	struct dirent *e;
	DIR *dir = opendir(pins);
	bool found = false;

	while (dir && !found && (e = readdir(dir)))
		found = !strncmp(e->d_name, "link-", 5) &&
			snprintf(ret, DP_PIN_MAX, "%s/%s", pins, e->d_name) < DP_PIN_MAX &&
			holds(ret, ifindex, prog_id);
	if (dir)
		closedir(dir);
	return found;
}

bool dp_pins_evict(const char *pins, int ifindex, bool (*alive)(const char *instance))
{
	char parent[DP_PIN_MAX], path[DP_PIN_MAX], pin_path[DP_PIN_MAX];
	uint32_t prog_id;
	struct dirent *e;
	bool evicted = false;
	DIR *dir;

	snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(pins, '/') - pins), pins);
	dir = bpf_xdp_query_id(ifindex, 0, &prog_id) || !prog_id ? NULL : opendir(parent);
	while (dir && !evicted && (e = readdir(dir))) {
		if (*e->d_name == '.' || alive(e->d_name) ||
		    snprintf(path, sizeof(path), "%s/%s", parent, e->d_name) >= (int)sizeof(path))
			continue;
		if (find_holder(path, ifindex, prog_id, pin_path))
			evicted = !unlink(pin_path);
	}
	if (dir)
		closedir(dir);
	/* The kernel takes the program off a moment after its last reference has gone. */
	for (int i = 0; evicted && i < EVICT_TRIES; i++)
		if (bpf_xdp_query_id(ifindex, 0, &prog_id) || !prog_id ||
		    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL))
			break;
	return evicted;
}
