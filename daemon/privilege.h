/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How brasd gives up what it does not need, once, before it opens anything that a stranger can
 * write to: its user, all capabilities but a few, the right to gain any by execve(), and all system
 * calls but those of seccomp_sys.c. What root alone can do is done before: directories, the BPF
 * file system, what an earlier run as another user has left.
 */
#ifndef DAEMON_PRIVILEGE_H
#define DAEMON_PRIVILEGE_H

#include "daemon/config.h"

#include <stdbool.h>
#include <sys/types.h>

enum seccomp_mode {
	SECCOMP_MODE_ON,
	SECCOMP_MODE_LOG, /* all is allowed; the kernel logs what is not on the list */
	SECCOMP_MODE_OFF,
};

/* Who brasd becomes. */
struct privilege_ids {
	uid_t uid;
	gid_t gid;
};

/* @c: [privileges]; 0, or -ENOENT and a sentence: there is no such user or group. */
int privilege_ids(const struct config *c, struct privilege_ids *ret, char *why, size_t why_len);

/* All of it. 0 or -errno, which was logged: then brasd must not go on. Started by somebody else
 * than root, it keeps what it has of the capabilities it needs, and is told which are missing. */
int privilege_drop(const struct config *c, const char *instance);
/* What cannot be had any more by a reload: -EBUSY and a sentence. */
int privilege_check_reload(const struct config *from, const struct config *to, char *why,
			   size_t why_len);

/* privilege_dirs_sys.c: the directories of an instance become the user's. Of what lies in them only
 * what root or the directory's last owner had: named's, say, stay its own. */
int privilege_dirs(const char *instance, const struct privilege_ids *ids);

/* seccomp_sys.c. From here on this thread and what it starts may do only what is listed there.
 * @scripts: hooks are run, by programs of the operator's. */
int seccomp_brasd(enum seccomp_mode mode, bool scripts);
/* The helper's, which its children (named, modprobe) inherit: a list of what nothing of them needs.
 */
int seccomp_helper(void);

#endif
