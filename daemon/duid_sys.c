// SPDX-License-Identifier: GPL-2.0-or-later
/* A DUID-UUID (RFC 6355): it needs no interface to be named after. Clients know us by it, so the
 * file is written as a whole or not at all. */
#include "base/log.h"
#include "base/wire.h"
#include "daemon/duid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define DUID_UUID 4
#define UUID_LEN  16
#define LEN	  (2 + UUID_LEN)

static void path_of(char *path, size_t len, const char *instance, const char *suffix)
{
	snprintf(path, len, "/var/lib/brasberry/%s/duid%s", instance, suffix);
}

/* A random one: RFC 4122, section 4.4. */
static int make(uint8_t duid[LEN])
{
	uint8_t *uuid = duid + 2;

	if (getrandom(uuid, UUID_LEN, 0) != UUID_LEN)
		return -EIO;
	duid[0] = 0;
	duid[1] = DUID_UUID;
	uuid[6] = (uint8_t)(0x40 | (uuid[6] & 0x0f));
	uuid[8] = (uint8_t)(0x80 | (uuid[8] & 0x3f));
	return 0;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
	ssize_t n = write(fd, p, len);

	return n < 0 ? -errno : (size_t)n != len ? -EIO : fsync(fd) ? -errno : 0;
}

/* The name, too, is there after a power cut. */
static int sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd))
		rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

static int keep(const char *instance, const uint8_t duid[LEN])
{
	char dir[128], path[160], new_path[160];
	int fd, rc;

	snprintf(dir, sizeof(dir), "/var/lib/brasberry/%s", instance);
	(void)mkdir("/var/lib/brasberry", 0755);
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	path_of(path, sizeof(path), instance, "");
	path_of(new_path, sizeof(new_path), instance, ".new");
	fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	rc = write_all(fd, duid, LEN);
	if (close(fd) && !rc)
		rc = -errno;
	rc = rc ? rc : rename(new_path, path) ? -errno : 0;
	return rc ? rc : sync_dir(dir);
}

/* -ENOENT: there is none; -EBADMSG: it is none. */
static int read_it(const char *instance, uint8_t duid[DHCP6_DUID_MAX], uint8_t *ret_len)
{
	uint8_t buf[DHCP6_DUID_MAX + 1];
	char path[160];
	ssize_t n;
	int fd;

	path_of(path, sizeof(path), instance, "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf));
	if (n < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	close(fd);
	if (n < DHCP6_DUID_MIN || n > DHCP6_DUID_MAX)
		return -EBADMSG;
	memcpy(duid, buf, (size_t)n);
	*ret_len = (uint8_t)n;
	return 0;
}

int duid_get(const char *instance, uint8_t duid[DHCP6_DUID_MAX], uint8_t *ret_len)
{
	char path[160];
	int rc = read_it(instance, duid, ret_len);
	bool keeps;

	if (!rc)
		return 0;
	path_of(path, sizeof(path), instance, "");
	keeps = rc == -ENOENT || rc == -EBADMSG; /* what cannot be read may be good */
	if (rc != -ENOENT)
		log_warn("%s: %s: a new one is made, and clients see another server", path,
			 rc == -EBADMSG ? "not a DUID" : strerror(-rc));
	rc = make(duid);
	if (rc) {
		log_error("DHCPv6: no random numbers for a DUID: %s", strerror(-rc));
		return rc;
	}
	*ret_len = LEN;
	rc = keeps ? keep(instance, duid) : 0;
	if (rc)
		log_warn("%s: %s: the next start will make another", path, strerror(-rc));
	return 0;
}
