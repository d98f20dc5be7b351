// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/caps_sys.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int set(uint64_t caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)caps, .permitted = (uint32_t)caps },
		{ .effective = (uint32_t)(caps >> 32), .permitted = (uint32_t)(caps >> 32) },
	};

	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

void caps_bound(uint64_t caps)
{
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		if (!(caps & CAPS_BIT(i)) && prctl(PR_CAPBSET_READ, i) > 0)
			(void)prctl(PR_CAPBSET_DROP, i);
}

int caps_keep(uint64_t caps, uint64_t *ret_have)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2];
	int rc;

	if (syscall(SYS_capget, &header, now))
		return -errno;
	caps &= now[0].permitted | (uint64_t)now[1].permitted << 32;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	rc = set(caps);
	if (!rc && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		rc = -errno;
	if (!rc)
		*ret_have = caps;
	return rc;
}
