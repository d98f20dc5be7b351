// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any file is a record or is none; whatever lies in its slots is a content or is found out, and
 * afterwards every slot can be used. The input is the head, or links and blocks; where a block asks
 * for it, its checksum is made right, which would keep the fuzzer out.
 */
#include "daemon/record_priv.h"

#include "base/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SLOTS 8
#define CELLS (SLOTS + RECORD_SPARE)

/* The door is not here: memory is all there is, files of their own cannot be read. */
int record_sys_lock(const char *path, int *ret_fd)
{
	(void)path;
	(void)ret_fd;
	abort();
}

int record_sys_open(const char *path, bool write, int *ret_fd, size_t *ret_size)
{
	(void)path;
	(void)write;
	(void)ret_fd;
	(void)ret_size;
	abort();
}

int record_sys_create(const char *path, size_t size, int *ret_fd)
{
	(void)path;
	(void)size;
	(void)ret_fd;
	abort();
}

int record_sys_resize(int fd, size_t size)
{
	(void)fd;
	(void)size;
	abort();
}

int record_sys_map(int fd, size_t size, bool write, uint8_t **ret)
{
	(void)fd;
	(void)size;
	(void)write;
	(void)ret;
	abort();
}

void record_sys_unmap(uint8_t *map, size_t size)
{
	(void)map;
	(void)size;
}

int record_sys_allocate(int fd, size_t at, size_t len)
{
	(void)fd;
	return at + len <= record_size(SLOTS) ? 0 : (abort(), 0);
}

int record_sys_rename(const char *from, const char *to)
{
	(void)from;
	(void)to;
	abort();
}

void record_sys_close(int fd)
{
	(void)fd;
}

int record_sys_side_write(const struct record *rec, uint32_t block, const void *p, size_t len)
{
	(void)rec;
	(void)block;
	(void)p;
	return len ? -ENOSPC : 0;
}

int record_sys_side_read(const struct record *rec, uint32_t block, void *buf, size_t len)
{
	(void)rec;
	memset(buf, (int)block, len);
	return 0;
}

void record_sys_side_remove(const struct record *rec, uint32_t block)
{
	(void)rec;
	if (block >= CELLS)
		abort();
}

void record_sys_side_sweep(const struct record *rec)
{
	(void)rec;
}

int record_sys_quarantine(const struct record *rec, uint32_t slot, const void *p, size_t len)
{
	(void)rec;
	return slot < SLOTS && p && len ? 0 : (abort(), 0);
}

int record_sys_set_aside(const char *path)
{
	(void)path;
	abort();
}

static void fill_block(struct rd *in, struct record_block *b, size_t max)
{
	uint8_t how = rd_u8(in);

	b->seq = how & 1 ? rd_be32(in) : 2;
	b->slot = how & 2 ? rd_be32(in) : rd_u8(in);
	b->generation = rd_u8(in);
	b->flags = how & 4 ? rd_be16(in) : 0;
	b->len = how & 8 ? rd_be16(in) : rd_u8(in);
	rd_copy(in, b->data, rd_left(in) < 16 ? rd_left(in) : 16);
	if (b->len <= max && how & 16)
		b->sum = record_sum(&b->slot, RECORD_BLOCK_HEAD - 12 + b->len);
}

static void fill(struct rd *in, struct record *rec)
{
	struct record_live *live = record_live(rec);

	live->slots = SLOTS;
	live->high = rd_u8(in) % (CELLS + 1);
	live->area = rd_u8(in);
	for (unsigned i = 0; i < 2; i++)
		fill_block(in,
			   (struct record_block *)(void *)(rec->map + RECORD_AREA_AT +
							   i * RECORD_AREA_LEN),
			   RECORD_AREA_MAX);
	for (uint32_t i = 0; i < live->high && rd_left(in); i++) {
		struct record_cell *c = (struct record_cell *)(void *)(rec->map + RECORD_CELLS_AT +
								       i * RECORD_CELL);
		uint8_t to = rd_u8(in);

		/* A right link, or any. */
		c->link = to == 255 ? rd_be32(in)
			  : to	    ? (to - 1u) | ((to - 1u) * 0x9e3779b1u >> 25 | 0x80) << 24
				    : 0;
		c->generation = rd_u8(in);
		fill_block(in, &c->b, RECORD_INLINE_MAX);
	}
}

static void expect(struct record *rec, uint32_t slot, uint32_t n)
{
	uint8_t buf[64];
	uint32_t generation = 0;
	size_t len = 0;

	if (record_get(rec, slot, buf, sizeof(buf), &len, &generation) || len != 8 ||
	    generation != n || buf[0] != (uint8_t)slot || buf[7] != (uint8_t)n)
		abort();
}

static void use(struct record *rec)
{
	static uint8_t buf[RECORD_CONTENT_MAX];
	uint32_t generation;
	size_t len;

	(void)record_area_get(rec, buf, sizeof(buf), &len);
	for (uint32_t i = 0; i < SLOTS; i++) {
		(void)record_side_used(rec, i);
		(void)record_generation(rec, i);
		if (record_get(rec, i, buf, sizeof(buf), &len, &generation) == -EBADMSG && i % 2 &&
		    record_clear(rec, i))
			abort();
	}
	for (uint32_t n = 1; n < 4; n++)
		for (uint32_t i = 0; i < SLOTS; i++) {
			uint8_t content[8] = { (uint8_t)i, [7] = (uint8_t)n };

			/* Damage may cost blocks until the next start, but not more than there
			 * are slots that it hit. */
			if (!record_put(rec, i, n, content, sizeof(content)))
				expect(rec, i, n);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_init(data, size);
	struct record_head head;
	struct record rec = { .layout = 1, .writable = true, .lock = -1, .fd = -1 };

	(void)record_head_parse(data, size, 1, &head);
	rec.slots = SLOTS;
	rec.cells = CELLS;
	rec.size = record_size(SLOTS);
	rec.map = calloc(1, rec.size);
	if (!rec.map)
		return 0;
	fill(&in, &rec);
	if (!record_scan(&rec))
		use(&rec);
	free(rec.free);
	free(rec.map);
	return 0;
}
