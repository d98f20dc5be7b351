// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose record is it? The head of the file says so; it is written once, before the file gets its
 * name, and never changed. Its first part is the same in all layouts, for ever:
 *
 *	magic (8), layout (2), boot id (16), network namespace (8), checksum of these (8)
 *
 * so that any version can tell a newer one's record from one of another life. Layout 1 goes on:
 *
 *	octets of a cell (4), of an area (4), instance (1 + n), device (2 + n), checksum of all (8)
 *
 * An older layout is read by what is kept here for it, into a new file, which then takes the old
 * one's name: until that rename the old one is untouched, after it the new one is whole. (There is
 * one layout so far; a test says that it has another one, and moves to that.)
 */
#include "daemon/record_priv.h"

#include "base/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t magic[8] = { 'B', 'R', 'A', 'S', 'r', 'e', 'c', '\n' };

/* --- the head ----------------------------------------------------------------------------------
 */

static void head_write(uint8_t *p, const struct record_identity *id, uint16_t layout)
{
	struct wr w = wr_init(p, RECORD_HEAD_LEN);
	size_t n = strnlen(id->instance, RECORD_INSTANCE_MAX - 1);

	wr_bytes(&w, magic, sizeof(magic));
	wr_be16(&w, layout);
	wr_bytes(&w, id->boot, sizeof(id->boot));
	wr_be64(&w, id->netns);
	wr_be64(&w, record_sum(p, w.len));
	wr_be32(&w, RECORD_CELL);
	wr_be32(&w, RECORD_AREA_LEN);
	wr_u8(&w, (uint8_t)n);
	wr_bytes(&w, id->instance, n);
	wr_be16(&w, (uint16_t)id->device_len);
	wr_bytes(&w, id->device, id->device_len);
	wr_be64(&w, record_sum(p, w.len));
}

int record_head_parse(const uint8_t *p, size_t len, uint16_t newest, struct record_head *ret)
{
	struct rd r = rd_init(p, len < RECORD_HEAD_LEN ? len : RECORD_HEAD_LEN), text, device;
	const uint8_t *m = rd_bytes(&r, sizeof(magic));
	struct record_head h = { .layout = rd_be16(&r) };
	size_t upto;

	rd_copy(&r, h.boot, sizeof(h.boot));
	h.netns = rd_be64(&r);
	upto = (size_t)(r.p - p);
	if (rd_be64(&r) != record_sum(p, upto) || r.bad || memcmp(m, magic, sizeof(magic)) ||
	    !h.layout)
		return -EBADMSG;
	if (h.layout > newest) {
		*ret = h;
		return 0;
	}
	h.cell = rd_be32(&r);
	h.area = rd_be32(&r);
	text = rd_sub(&r, rd_u8(&r));
	device = rd_sub(&r, rd_be16(&r));
	upto = (size_t)(r.p - p);
	if (rd_be64(&r) != record_sum(p, upto) || r.bad || rd_left(&text) >= sizeof(h.instance) ||
	    rd_left(&device) > sizeof(h.device))
		return -EBADMSG;
	h.device_len = rd_left(&device);
	rd_copy(&text, h.instance, rd_left(&text));
	rd_copy(&device, h.device, h.device_len);
	*ret = h;
	return 0;
}

/* NULL: it is ours; else whose it is. */
static const char *foreign(const struct record_head *h, const struct record_identity *id,
			   bool whole)
{
	if (memcmp(h->boot, id->boot, sizeof(h->boot)) != 0)
		return "it is of another boot";
	if (h->netns != id->netns)
		return "it is of another network namespace";
	if (!whole)
		return NULL;
	if (strcmp(h->instance, id->instance) != 0)
		return "it is of another instance";
	if (h->device_len != id->device_len ||
	    (h->device_len && memcmp(h->device, id->device, h->device_len) != 0))
		return "it is of other devices";
	return NULL;
}

/* Do the numbers that change fit the file and each other? */
static bool live_good(const struct record_live *live, size_t size)
{
	return live->slots && live->slots <= RECORD_SLOTS_MAX && record_size(live->slots) <= size &&
	       live->high <= live->slots + RECORD_SPARE;
}

/* --- a file mapped -----------------------------------------------------------------------------
 */

static int record_new(const char *path, struct record **ret)
{
	struct record *rec = calloc(1, sizeof(*rec));
	int n;

	if (!rec)
		return -ENOMEM;
	rec->lock = rec->fd = -1;
	n = snprintf(rec->path, sizeof(rec->path), "%s", path);
	if (n < 0 || (size_t)n + 32 > sizeof(rec->path)) {
		free(rec);
		return -ENAMETOOLONG;
	}
	*ret = rec;
	return 0;
}

static void unmap(struct record *rec)
{
	if (rec->map)
		record_sys_unmap(rec->map, rec->size);
	record_sys_close(rec->fd);
	free(rec->free);
	rec->free = NULL;
	rec->map = NULL;
	rec->fd = -1;
}

void record_close(struct record *rec)
{
	if (!rec)
		return;
	unmap(rec);
	record_sys_close(rec->lock);
	free(rec);
}

static int map_file(struct record *rec, bool write)
{
	int rc = record_sys_open(rec->path, write, &rec->fd, &rec->size);

	if (!rc && rec->size < RECORD_CELLS_AT)
		rc = -EBADMSG;
	return rc ? rc : record_sys_map(rec->fd, rec->size, write, &rec->map);
}

static void take_live(struct record *rec)
{
	rec->slots = record_live(rec)->slots;
	rec->cells = rec->slots + RECORD_SPARE;
}

/* A file of its own under PATH.new, without contents. */
static int make(struct record *rec, const struct record_identity *id, uint32_t slots)
{
	char path[RECORD_PATH_MAX + 8];
	int rc;

	snprintf(path, sizeof(path), "%s.new", rec->path);
	rec->size = record_size(slots);
	rc = record_sys_create(path, rec->size, &rec->fd);
	rc = rc ? rc : record_sys_allocate(rec->fd, 0, RECORD_CELLS_AT);
	rc = rc ? rc : record_sys_map(rec->fd, rec->size, true, &rec->map);
	if (rc)
		return rc;
	RECORD_POINT("head of file");
	head_write(rec->map, id, rec->layout);
	record_live(rec)->slots = slots;
	rec->writable = true;
	take_live(rec);
	return record_scan(rec);
}

static int publish(struct record *rec)
{
	char path[RECORD_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s.new", rec->path);
	return record_sys_rename(path, rec->path);
}

static int make_new(struct record *rec, const struct record_identity *id, uint32_t slots)
{
	int rc = make(rec, id, slots);

	return rc ? rc : publish(rec);
}

/* --- older layouts -----------------------------------------------------------------------------
 */

static int import_slot(struct record *to, struct record *from, uint32_t slot, uint8_t *buf)
{
	uint32_t generation = 0;
	size_t len = 0;
	int rc = record_get(from, slot, buf, RECORD_CONTENT_MAX, &len, &generation);

	if (!rc)
		return record_put(to, slot, generation, buf, len);
	if (rc != -ENOENT && rc != -EBADMSG) /* what is damaged has been put aside */
		return rc;
	generation = record_generation(from, slot);
	return generation ? record_remember(to, slot, generation) : 0;
}

/* Contents of a file whose slots, blocks and area are those of layout 1. */
static int import_1(struct record *to, struct record *from)
{
	uint8_t *buf = malloc(RECORD_CONTENT_MAX);
	size_t len;
	int rc;

	if (!buf)
		return -ENOMEM;
	rc = record_area_get(from, buf, RECORD_CONTENT_MAX, &len);
	rc = !rc ? record_area_put(to, buf, len) : rc == -ENOENT || rc == -EBADMSG ? 0 : rc;
	for (uint32_t i = 0, high = record_high(from); i < high && !rc; i++)
		rc = import_slot(to, from, i, buf);
	free(buf);
	return rc;
}

/* @rec has the old file mapped; in the end, the new one. */
static int migrate(struct record *rec, const struct record_identity *id,
		   const struct record_head *h, uint32_t slots)
{
	struct record old = *rec;
	int rc;

	old.layout = h->layout;
	old.writable = true; /* so that what is damaged is kept for people; nothing else writes */
	take_live(&old);
	rec->map = NULL;
	rec->fd = -1;
	rc = make(rec, id, slots > old.slots ? slots : old.slots);
	rc = rc ? rc : import_1(rec, &old);
	rc = rc ? rc : publish(rec);
	unmap(&old);
	return rc;
}

/* --- open --------------------------------------------------------------------------------------
 */

static int set_aside(struct record *rec, const struct record_identity *id, uint32_t slots,
		     const char *what, char *why, size_t why_len)
{
	int rc;

	unmap(rec);
	rc = record_sys_set_aside(rec->path);
	if (rc)
		return rc;
	snprintf(why, why_len, "%s: %s; it is now %s.foreign-1", rec->path, what, rec->path);
	return make_new(rec, id, slots);
}

/* @rec has the file mapped, and `h` is what its head says. */
static int adopt(struct record *rec, const struct record_identity *id, const struct record_head *h,
		 uint32_t slots, enum record_found *found, char *why, size_t why_len)
{
	const char *whose = foreign(h, id, h->layout <= rec->layout);
	int rc;

	if (whose) {
		*found = RECORD_FOREIGN;
		return set_aside(rec, id, slots, whose, why, why_len);
	}
	if (h->layout > rec->layout) {
		snprintf(why, why_len,
			 "%s: it is of layout %u, a newer program's; this one knows layouts up to "
			 "%u",
			 rec->path, h->layout, rec->layout);
		return -ENOTSUP;
	}
	if (h->cell != RECORD_CELL || h->area != RECORD_AREA_LEN ||
	    !live_good(record_live(rec), rec->size))
		return -EBADMSG;
	if (h->layout < rec->layout) {
		*found = RECORD_MIGRATED;
		return migrate(rec, id, h, slots);
	}
	*found = RECORD_OURS;
	rec->writable = true;
	take_live(rec);
	rc = record_scan(rec);
	if (!rc && slots > rec->slots)
		rc = record_grow(rec, slots);
	return rc;
}

static int open_locked(struct record *rec, const struct record_identity *id, uint32_t slots,
		       enum record_found *found, char *why, size_t why_len)
{
	struct record_head h;
	int rc = map_file(rec, true);

	if (rc == -ENOENT) {
		*found = RECORD_NEW;
		return make_new(rec, id, slots);
	}
	rc = rc ? rc : record_head_parse(rec->map, rec->size, rec->layout, &h);
	rc = rc ? rc : adopt(rec, id, &h, slots, found, why, why_len);
	if (rc != -EBADMSG)
		return rc;
	*found = RECORD_CORRUPT;
	return set_aside(rec, id, slots, "it is damaged, or no record", why, why_len);
}

int record_open(const char *path, const struct record_identity *id, uint32_t slots,
		struct record **ret, enum record_found *ret_found, char *why, size_t why_len)
{
	enum record_found found = RECORD_NEW;
	struct record *rec = NULL;
	int rc;

	*why = '\0';
	if (!slots || slots > RECORD_SLOTS_MAX || id->device_len > RECORD_DEVICE_MAX)
		rc = -EINVAL;
	else
		rc = record_new(path, &rec);
	if (!rc) {
		rec->layout = id->layout ? id->layout : RECORD_LAYOUT;
		rc = record_sys_lock(path, &rec->lock);
		rc = rc ? rc : open_locked(rec, id, slots, &found, why, why_len);
	}
	if (rc) {
		if (!*why)
			snprintf(why, why_len, "%s: %s", path,
				 rc == -EBUSY ? "another process has it" : strerror(-rc));
		record_close(rec);
		return rc;
	}
	record_sys_side_sweep(rec);
	*ret = rec;
	*ret_found = found;
	return 0;
}

int record_device(const char *path, const struct record_identity *id, void *buf, size_t cap,
		  size_t *ret_len)
{
	struct record_head h;
	struct record *rec = NULL;
	int rc = record_new(path, &rec);

	rc = rc ? rc : map_file(rec, false);
	rc = rc ? rc : record_head_parse(rec->map, rec->size, RECORD_LAYOUT, &h);
	record_close(rec);
	if (!rc && h.layout > RECORD_LAYOUT)
		rc = -ENOTSUP;
	if (!rc && (foreign(&h, id, false) || strcmp(h.instance, id->instance) != 0))
		rc = -ESTALE;
	if (!rc && h.device_len > cap)
		rc = -ENOSPC;
	if (rc)
		return rc;
	memcpy(buf, h.device, h.device_len);
	*ret_len = h.device_len;
	return 0;
}

int record_open_read(const char *path, struct record **ret, char *why, size_t why_len)
{
	struct record_head h;
	struct record *rec = NULL;
	int rc = record_new(path, &rec);

	rc = rc ? rc : map_file(rec, false);
	rc = rc ? rc : record_head_parse(rec->map, rec->size, RECORD_LAYOUT, &h);
	if (!rc && h.layout > RECORD_LAYOUT)
		rc = -ENOTSUP;
	if (!rc && (h.cell != RECORD_CELL || h.area != RECORD_AREA_LEN ||
		    !live_good(record_live(rec), rec->size)))
		rc = -EBADMSG;
	if (rc) {
		snprintf(why, why_len, "%s: %s", path,
			 rc == -ENOTSUP	  ? "it is of a newer layout"
			 : rc == -EBADMSG ? "it is damaged, or no record"
					  : strerror(-rc));
		record_close(rec);
		return rc;
	}
	rec->layout = h.layout;
	take_live(rec);
	*ret = rec;
	return 0;
}
