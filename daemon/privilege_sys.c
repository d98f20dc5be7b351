// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/privilege.h"

#include "base/log.h"
#include "base/str.h"
#include "daemon/caps_sys.h"
#include "daemon/deeds_sys.h"
#include "daemon/spread.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define AUTO	     "auto"
#define SERVICE_USER "brasberry"

/* What is kept, and why. CAP_SYS_ADMIN is not among them. */
static const struct kept {
	unsigned cap;
	const char *name, *without;
} kept[] = {
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN",
	  "links, addresses, routes, shaping, XDP and tc, /proc/sys/net" },
	{ CAP_NET_RAW, "CAP_NET_RAW", "frames of the access interfaces, ping" },
	{ CAP_BPF, "CAP_BPF", "the data plane's maps and programs" },
	{ CAP_PERFMON, "CAP_PERFMON", "what the verifier asks for of programs that read packets" },
	{ CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE", "a console or HTTP port below 1024" },
};
#define OPTIONAL_FROM 4 /* without these much works */

static int look_up(const char *text, bool group, unsigned *ret, gid_t *ret_gid)
{
	struct passwd *pw = group ? NULL : getpwnam(text);
	struct group *gr = group ? getgrnam(text) : NULL;
	uint64_t v;

	if (pw)
		*ret_gid = pw->pw_gid;
	if (pw || gr) {
		*ret = pw ? pw->pw_uid : gr->gr_gid;
		return 0;
	}
	if (str_to_u64(text, 0, UINT32_MAX - 1, &v))
		return -ENOENT;
	*ret = (unsigned)v;
	if (!group)
		*ret_gid = (gid_t)v;
	return 0;
}

int privilege_ids(const struct config *c, struct privilege_ids *ret, char *why, size_t why_len)
{
	struct privilege_ids ids = { geteuid(), getegid() };
	const char *user = c->privileges.user, *group = c->privileges.group;
	bool is_auto = !strcmp(user, AUTO);

	if (look_up(is_auto ? SERVICE_USER : user, false, &ids.uid, &ids.gid) && !is_auto) {
		snprintf(why, why_len, "[privileges] user: there is no user %s", user);
		return -ENOENT;
	}
	if (strcmp(group, AUTO) != 0 && look_up(group, true, &ids.gid, NULL)) {
		snprintf(why, why_len, "[privileges] group: there is no group %s", group);
		return -ENOENT;
	}
	*ret = ids;
	return 0;
}

/* --- capabilities ------------------------------------------------------------------------------
 */

static uint64_t caps_wanted(const struct config *c)
{
	uint64_t caps = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(kept); i++)
		caps |= CAPS_BIT(kept[i].cap);
	if (*c->nat64.log) /* the kernel's log, where Jool writes */
		caps |= CAPS_BIT(CAP_SYSLOG);
	return caps;
}

static void tell_missing(uint64_t caps)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kept); i++)
		if (!(caps & CAPS_BIT(kept[i].cap)))
			log_printf(i < OPTIONAL_FROM ? LOG_LEVEL_WARN : LOG_LEVEL_NOTICE,
				   "started without %s: it is needed for %s", kept[i].name,
				   kept[i].without);
}

/* --- the drop ----------------------------------------------------------------------------------
 */

static int become(const struct privilege_ids *ids)
{
	if (geteuid())
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1) || setgroups(1, &ids->gid) ||
	    setresgid(ids->gid, ids->gid, ids->gid) || setresuid(ids->uid, ids->uid, ids->uid))
		return -errno;
	return prctl(PR_SET_KEEPCAPS, 0) ? -errno : 0;
}

static int drop_caps(const struct config *c)
{
	uint64_t have;
	int rc = caps_keep(caps_wanted(c), &have);

	if (!rc)
		tell_missing(have);
	return rc;
}

static bool has_scripts(const struct config *c)
{
	return *c->hooks.ip_up || *c->hooks.ip_down || *c->hooks.ip_change;
}

/* What only root can do. */
static int prepare(const char *instance, const struct privilege_ids *ids)
{
	static const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int rc;

	if (geteuid())
		return 0;
	(void)setrlimit(RLIMIT_MEMLOCK, &all); /* maps, on kernels that count them so */
	rc = privilege_dirs(instance, ids);
	if (rc)
		return rc;
	spread_prepare();
	if (deeds_sys_prepare(instance, ids->uid))
		log_warn("the helper brasd-deeds cannot be started when it is needed");
	return 0;
}

/* A reload reads them as the user: better told now. */
static void tell_unreadable(const char *file)
{
	if (*file && access(file, R_OK) && errno == EACCES)
		log_warn("%s: user %u may not read it: chgrp and chmod g+r it, and its folder",
			 file, geteuid());
}

int privilege_drop(const struct config *c, const char *instance)
{
	struct privilege_ids ids;
	char why[256];
	int rc = privilege_ids(c, &ids, why, sizeof(why));

	if (rc) {
		log_error("%s", why);
		return rc;
	}
	if (geteuid() && ids.uid != geteuid() && strcmp(c->privileges.user, AUTO) != 0) {
		log_error("[privileges] user: only root can become user %u", ids.uid);
		return -EPERM;
	}
	rc = prepare(instance, &ids);
	if (rc)
		return rc;
	caps_bound(caps_wanted(c));
	rc = become(&ids);
	rc = rc ? rc : drop_caps(c);
	if (rc)
		log_error("privileges cannot be dropped: %s", strerror(-rc));
	if (rc)
		return rc;
	tell_unreadable(c->auth.users_file);
	rc = seccomp_brasd(c->privileges.seccomp, has_scripts(c));
	if (rc)
		log_error("the filter of system calls cannot be set: %s", strerror(-rc));
	return rc;
}

int privilege_check_reload(const struct config *from, const struct config *to, char *why,
			   size_t why_len)
{
	const char *what = NULL;

	if (strcmp(from->privileges.user, to->privileges.user) != 0)
		what = "[privileges] user";
	else if (strcmp(from->privileges.group, to->privileges.group) != 0)
		what = "[privileges] group";
	else if (from->privileges.seccomp != to->privileges.seccomp)
		what = "[privileges] seccomp";
	else if (!has_scripts(from) && has_scripts(to) &&
		 from->privileges.seccomp != SECCOMP_MODE_OFF)
		what = "[hooks]: a first script"; /* a filter is never loosened */
	if (!what)
		return 0;
	snprintf(why, why_len, "%s is for a new process: restart brasd, which keeps the sessions",
		 what);
	return -EBUSY;
}
