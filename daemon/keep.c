// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes down what the next process needs: sessions into their slots of the record, and into its
 * area what is nobody's own: the numbers of the access interfaces, the keys of discovery's cookies,
 * how the device was made. What people had of the pools goes into a file of its own.
 */
#include "daemon/keep.h"

#include "base/killpoint.h"
#include "base/wire.h"
#include "daemon/daemon.h"
#include "daemon/freeze.h"
#include "daemon/keep_area.h"
#include "daemon/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_PERIOD  (2 * NSEC_PER_SEC)	 /* at the cookies' keys */
#define POOLS_PERIOD (60 * NSEC_PER_SEC) /* who had which address, when he dials again */
#define POOLS_TURN   WHEEL_TICK		 /* between two parts of that */
#define POOLS_PIECE  (64 * 1024)	 /* octets written in one */

/* --- sessions ------------------------------------------------------------------------------ */

void keep_session(struct session *s)
{
	static uint8_t buf[SESSION_FROZEN_MAX];
	struct daemon *d = s->d;
	struct wr w = wr_init(buf, sizeof(buf));
	uint64_t suppressed;
	int rc;

	if (!d->record || !s->opened || d->stopping)
		return;
	rc = session_freeze(s, &w);
	if (rc == -EAGAIN) /* negotiates anew: what is there is good for that, too */
		return;
	rc = rc ? rc : record_put(d->record, s->slot, s->generation, w.buf, w.len);
	if (rc && log_limit_ok(&d->log_keep, loop_now(d->loop), &suppressed))
		session_log(s, LOG_LEVEL_ERROR,
			    "not in the record, it would not survive a restart: %s", strerror(-rc));
	explicit_bzero(buf, w.len);
}

void keep_forget(struct session *s)
{
	if (s->d->record && s->opened)
		(void)record_clear(s->d->record, s->slot);
}

void keep_all(struct daemon *d)
{
	struct session *s;

	for (uint32_t i = 0; (s = table_next(d, &i));)
		keep_session(s);
}

/* --- what is not a session's --------------------------------------------------------------- */

static void keep_area(struct daemon *d)
{
	uint8_t buf[RECORD_AREA_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct keep_area a = {
		.mode = d->mode,
		.trees = d->trees,
		.max_sessions = d->table.max,
		.port_count = d->port_count,
	};
	struct wr secret = wr_init(a.secret, sizeof(a.secret));
	int rc = pppoe_server_secret_freeze(d->pppoe, &secret);

	a.secret_len = rc ? 0 : secret.len;
	for (uint16_t i = 1; i <= d->port_count; i++)
		memcpy(a.ports[i], d->ports[i].conf.name, sizeof(a.ports[i]));
	keep_area_write(&w, &a);
	rc = w.bad ? -ENOSPC : record_area_put(d->record, buf, w.len);
	if (rc)
		log_error("the record's area: %s", strerror(-rc));
	explicit_bzero(buf, sizeof(buf));
	explicit_bzero(&a, sizeof(a));
	d->secret_changes = pppoe_server_secret_changes(d->pppoe);
}

static void pools_path(const struct daemon *d, char *path, size_t len, const char *suffix)
{
	snprintf(path, len, "/run/brasberry/%s/pools%s", d->instance, suffix);
}

/* Being made, a part each turn of the loop: first the octets, then the file. */
struct keep_pools {
	struct pools_freezer *freezer; /* NULL: the octets are whole */
	uint8_t *octets;
	size_t len, written;
	int fd;
	char path[160], new_path[160];
};

static void pools_drop(struct daemon *d)
{
	struct keep_pools *k = d->keep_pools;

	if (!k)
		return;
	pools_freezer_free(k->freezer);
	free(k->octets);
	if (k->fd >= 0)
		close(k->fd);
	free(k);
	d->keep_pools = NULL;
}

static int pools_begin(struct daemon *d)
{
	struct keep_pools *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->fd = -1;
	d->keep_pools = k;
	pools_path(d, k->path, sizeof(k->path), "");
	pools_path(d, k->new_path, sizeof(k->new_path), ".new");
	return pools_freezer_new(&k->freezer, d->pools);
}

/* 1, or -errno: after the octets comes the file. */
static int pools_freeze_some(struct keep_pools *k)
{
	int rc = pools_freezer_some(k->freezer);

	if (rc)
		return rc;
	k->octets = pools_freezer_take(k->freezer, &k->len);
	pools_freezer_free(k->freezer);
	k->freezer = NULL;
	KILLPOINT("pools");
	k->fd = open(k->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return k->fd < 0 ? -errno : 1;
}

/* 1: there is more; 0: that was all. */
static int pools_write_some(struct keep_pools *k)
{
	size_t left = k->len - k->written;
	ssize_t n = write(k->fd, k->octets + k->written, left < POOLS_PIECE ? left : POOLS_PIECE);

	if (n <= 0)
		return n ? -errno : -EIO;
	k->written += (size_t)n;
	if (k->written < k->len)
		return 1;
	KILLPOINT("rename pools");
	return rename(k->new_path, k->path) ? -errno : 0;
}

/* Is there more to do? */
static bool pools_some(struct daemon *d)
{
	struct keep_pools *k = d->keep_pools;
	int rc = k ? 0 : pools_begin(d);

	k = d->keep_pools;
	if (!rc && k->freezer)
		rc = pools_freeze_some(k);
	else if (!rc)
		rc = pools_write_some(k);
	if (rc > 0)
		return true;
	if (rc)
		log_error("%s: %s", k ? k->new_path : "pools", strerror(-rc));
	pools_drop(d);
	return false;
}

static void keep_pools(struct daemon *d)
{
	pools_drop(d); /* half made: anew */
	while (pools_some(d))
		;
}

/* A file that is not ours is no reason not to start. */
void keep_take_pools(struct daemon *d)
{
	char path[160];
	uint8_t *octets = NULL;
	long len = -1;
	FILE *f;
	int rc;

	pools_path(d, path, sizeof(path), "");
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fseek(f, 0, SEEK_END) && (len = ftell(f)) > 0 && !fseek(f, 0, SEEK_SET))
		octets = malloc((size_t)len);
	rc = octets && fread(octets, 1, (size_t)len, f) == (size_t)len
		     ? pools_thaw(d->pools, octets, (size_t)len)
		     : -EIO;
	if (rc)
		log_warn("%s: %s: who had which address is forgotten", path, strerror(-rc));
	free(octets);
	fclose(f);
}

static void on_keep(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, keep_timer);

	if (pppoe_server_secret_changes(d->pppoe) != d->secret_changes)
		keep_area(d);
	if (now >= d->keep_pools_at) {
		if (pools_some(d)) {
			timer_set(loop_wheel(d->loop), t, now + POOLS_TURN);
			return;
		}
		d->keep_pools_at = now + POOLS_PERIOD;
	}
	timer_set(loop_wheel(d->loop), t, now + LOOK_PERIOD);
}

int keep_setup(struct daemon *d)
{
	uint64_t now = loop_now(d->loop);

	keep_area(d);
	timer_init(&d->keep_timer, on_keep);
	d->keep_pools_at = now + POOLS_PERIOD;
	timer_set(loop_wheel(d->loop), &d->keep_timer, now + LOOK_PERIOD);
	return 0;
}

void keep_teardown(struct daemon *d)
{
	char path[160];

	keep_area_free(d->area);
	d->area = NULL;
	if (!d->record)
		return;
	timer_cancel(loop_wheel(d->loop), &d->keep_timer);
	if (d->pppoe)
		keep_pools(d);
	pools_drop(d);
	record_close(d->record);
	d->record = NULL;
	if (d->leaving)
		return;
	snprintf(path, sizeof(path), "/run/brasberry/%s/sessions", d->instance);
	(void)unlink(path);
}
