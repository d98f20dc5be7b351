// SPDX-License-Identifier: GPL-2.0-or-later
/* As root, before it drops that: directories for the user. What is handed over was root's or that
 * of the directory's last owner; a second name of a file is none of ours, nor where a link leads
 * to. */
#include "base/log.h"
#include "base/str.h"
#include "daemon/privilege.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BPF_FS	     "/sys/fs/bpf"
#define BPF_FS_MAGIC 0xcafe4a11
#define DEPTH_MAX    4

struct walk {
	const struct privilege_ids *ids;
	uid_t before;
};

static void give(const struct walk *w, int dir, unsigned depth);

static void give_entry(const struct walk *w, int dir, const char *name, unsigned depth)
{
	_cleanup_close_ int sub = -1;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || S_ISLNK(st.st_mode) ||
	    (st.st_uid && st.st_uid != w->before && st.st_uid != w->ids->uid))
		return;
	if (!S_ISDIR(st.st_mode)) {
		if (st.st_nlink == 1 && (st.st_uid != w->ids->uid || st.st_gid != w->ids->gid))
			(void)fchownat(dir, name, w->ids->uid, w->ids->gid, AT_SYMLINK_NOFOLLOW);
		return;
	}
	sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub < 0)
		return;
	(void)fchown(sub, w->ids->uid, w->ids->gid);
	if (depth < DEPTH_MAX)
		give(w, sub, depth + 1);
}

/* @dir stays open. */
static void give(const struct walk *w, int dir, unsigned depth)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d && fd >= 0)
		close(fd);
	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			give_entry(w, dir, e->d_name, depth);
	if (d)
		closedir(d);
}

static int fail(const char *what, const char *path)
{
	int rc = -errno;

	log_error("cannot %s %s: %s", what, path, strerror(-rc));
	return rc;
}

/* @path and all in it is the user's. -ENOENT: it is not there, and was not to be made. */
static int own(const char *path, mode_t mode, bool make, const struct privilege_ids *ids)
{
	struct walk w = { .ids = ids };
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (make && mkdir(path, mode) && errno != EEXIST)
		return fail("make", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !make)
		return -ENOENT;
	if (fd < 0 || fstat(fd, &st))
		return fail("open", path);
	w.before = st.st_uid;
	if (st.st_uid == ids->uid && st.st_gid == ids->gid)
		return 0; /* what has another owner in it has it for a reason */
	give(&w, fd, 0);
	return fchown(fd, ids->uid, ids->gid) ? fail("hand over", path) : 0;
}

/* The pins. systemd mounts the file system for root alone: others may pass through it, and see what
 * is theirs. The folder of all instances is root's: deeds_sys_end() has the instance's removed. */
static int own_pins(const char *instance, const struct privilege_ids *ids)
{
	char path[PATH_MAX];
	struct statfs fs;
	struct stat st;

	if ((statfs(BPF_FS, &fs) || (unsigned long)fs.f_type != BPF_FS_MAGIC) &&
	    mount("bpf", BPF_FS, "bpf", 0, NULL))
		return 0; /* the data plane says why it cannot be had */
	if (ids->uid && !stat(BPF_FS, &st) && !(st.st_mode & S_IXOTH) &&
	    chmod(BPF_FS, (st.st_mode & 07777) | S_IXOTH))
		return fail("open the way through", BPF_FS);
	if (mkdir(BPF_FS "/brasberry", 0755) && errno != EEXIST)
		return fail("make", BPF_FS "/brasberry");
	if (chmod(BPF_FS "/brasberry", 0755))
		return fail("open the way through", BPF_FS "/brasberry");
	snprintf(path, sizeof(path), BPF_FS "/brasberry/%s", instance);
	return own(path, 0700, true, ids);
}

int privilege_dirs(const char *instance, const struct privilege_ids *ids)
{
	char run[PATH_MAX], lib[PATH_MAX];
	int rc;

	snprintf(run, sizeof(run), "/run/brasberry/%s", instance);
	snprintf(lib, sizeof(lib), "/var/lib/brasberry/%s", instance);
	(void)mkdir("/run/brasberry", 0755);
	(void)mkdir("/var/lib/brasberry", 0755);
	rc = own(run, 0755, true, ids);
	rc = rc ? rc : own(lib, 0700, true, ids);
	rc = rc ? rc : own_pins(instance, ids);
	if (!rc)
		rc = own("/var/log/brasberry", 0750, false, ids);
	return rc == -ENOENT ? 0 : rc;
}
