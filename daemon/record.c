// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Slots and their contents. A process may die between any two stores, and what it has stored stays,
 * in the order of the program: the file's pages are the kernel's. So:
 *
 * Copy on write. A slot does not have its content, it has the number of the block that does. A new
 * content goes into a block that no slot has; then one aligned store of four octets makes it the
 * slot's. Before that store the old content is whole and the slot's; after it the new one is. There
 * is no store in which both are touched, and nothing to be repaired: which blocks are free is not
 * in the file, but found by looking which ones are some slot's. One spare block would do, because
 * one content is written at a time; there are a few, so that damage to some does not end it. This
 * costs one block for each slot; two halves that take turns would cost two.
 *
 * A content that is too long lies in a file named by the block's number, which is written before
 * the block is the slot's, and like the block is nobody's until then. Memory is reserved before it
 * is stored to: a full file system fails a call, it does not kill us with SIGBUS.
 *
 * The checksum is for what is not our doing: memory that flips, others who write here. A reader
 * beside the writer looks at the block's sequence number and at the slot's block before and
 * after it has copied; a block that has become another slot's meanwhile shows there.
 */
#include "daemon/record_priv.h"

#include "base/siphash.h"
#include "base/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define READ_TRIES 64
#define SIDE_LEN   12 /* length and checksum */

void (*record_killpoint)(const char *what);

/* No secret: against accidents, not against who may write to the file. */
uint64_t record_sum(const void *p, size_t len)
{
	static const struct siphash_key key = { { 0x6272617362657272, 0x7265636f72642d31 } };

	return siphash(&key, p, len);
}

static struct record_cell *cell(const struct record *rec, uint32_t i)
{
	return (struct record_cell *)(void *)(rec->map + RECORD_CELLS_AT + (size_t)i * RECORD_CELL);
}

static struct record_block *area(const struct record *rec, uint32_t i)
{
	return (struct record_block *)(void *)(rec->map + RECORD_AREA_AT + i * RECORD_AREA_LEN);
}

static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* Everything before is stored when this is. */
static void store(uint32_t *p, uint32_t v, const char *what)
{
	RECORD_POINT(what);
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/* In small pieces where a test looks for the one that tears. */
static void copy_in(uint8_t *dst, const uint8_t *src, size_t len)
{
	if (!record_killpoint) {
		memcpy(dst, src, len);
		return;
	}
	for (size_t i = 0; i < len; i += 64) {
		RECORD_POINT("data");
		memcpy(dst + i, src + i, len - i < 64 ? len - i : 64);
	}
}

uint32_t record_slots(const struct record *rec)
{
	return rec->slots;
}

uint32_t record_high(const struct record *rec)
{
	uint32_t high = load(&record_live(rec)->high);

	return high < rec->slots ? high : rec->slots;
}

/* --- links -------------------------------------------------------------------------------------
 */

/* The number of a block and a check, so that a bit that flips makes neither another block of it nor
 * a free slot. */
#define LINK_BITS 24
#define LINK_MASK ((1u << LINK_BITS) - 1)

static uint32_t link_check(uint32_t number)
{
	return (number * 0x9e3779b1u >> 25 | 0x80) << LINK_BITS; /* never 0 */
}

static uint32_t link_to(uint32_t b)
{
	return b | link_check(b);
}

/* The block of a link that is not 0. False: damaged. */
static bool link_block(const struct record *rec, uint32_t link, uint32_t *ret)
{
	uint32_t b = link & LINK_MASK;

	if (link != link_to(b) || b >= rec->cells)
		return false;
	*ret = b;
	return true;
}

/* --- blocks ------------------------------------------------------------------------------------
 */

bool record_side_used(const struct record *rec, uint32_t b)
{
	const struct record_block *blk;

	if (b >= load(&record_live(rec)->high))
		return false;
	blk = &cell(rec, b)->b;
	return blk->slot < rec->slots && load(&cell(rec, blk->slot)->link) == link_to(b) &&
	       blk->flags & RECORD_FLAG_SIDE;
}

int record_scan(struct record *rec)
{
	uint32_t high = record_live(rec)->high;
	uint8_t *used = calloc(rec->cells, 1);

	free(rec->free);
	rec->free = calloc(rec->cells, sizeof(*rec->free));
	if (!used || !rec->free) {
		free(used);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < high && i < rec->slots; i++) {
		uint32_t link = cell(rec, i)->link, b;

		if (link && link_block(rec, link, &b))
			used[b] = 1;
	}
	rec->free_count = 0;
	for (uint32_t i = high; i-- > 0;)
		if (!used[i])
			rec->free[rec->free_count++] = i;
	rec->fresh = high;
	/* Damage may have a slot point beyond all that has memory: not to be given out twice. */
	for (uint32_t i = high; i < rec->cells; i++)
		if (used[i])
			rec->fresh = i + 1;
	free(used);
	return 0;
}

/* Memory for cells below `n`. */
static int reach(struct record *rec, uint32_t n)
{
	struct record_live *live = record_live(rec);
	uint32_t want = (n + RECORD_CHUNK - 1) / RECORD_CHUNK * RECORD_CHUNK;
	int rc;

	if (n <= live->high)
		return 0;
	if (want > rec->cells)
		want = rec->cells;
	rc = record_sys_allocate(rec->fd, RECORD_CELLS_AT + (size_t)live->high * RECORD_CELL,
				 (size_t)(want - live->high) * RECORD_CELL);
	if (!rc)
		store(&live->high, want, "high");
	return rc;
}

/* The last freed comes first: its memory is there already. */
static int block_get(struct record *rec, uint32_t *ret)
{
	if (rec->free_count)
		*ret = rec->free[--rec->free_count];
	else if (rec->fresh < rec->cells)
		*ret = rec->fresh++;
	else
		return -ENOSPC;
	return 0;
}

static void block_put(struct record *rec, uint32_t b)
{
	rec->free[rec->free_count++] = b;
}

/* The slot has another block now, or none. A block that says it is another slot's stays with that
 * one: only damage leads here. */
static void block_leave(struct record *rec, uint32_t slot, uint32_t link)
{
	struct record_block *blk;
	uint32_t b;

	if (!link || !link_block(rec, link, &b))
		return;
	blk = &cell(rec, b)->b;
	if (blk->slot != slot)
		return;
	if (blk->flags & RECORD_FLAG_SIDE)
		record_sys_side_remove(rec, b);
	block_put(rec, b);
}

/* A block that is nobody's: the order within matters to readers alone. */
static void block_write(struct record_block *blk, uint32_t slot, uint32_t generation,
			uint16_t flags, const void *octets, size_t len)
{
	uint32_t seq = blk->seq | 1;

	store(&blk->seq, seq, "open");
	__atomic_thread_fence(__ATOMIC_RELEASE); /* no store below is seen before that one */
	RECORD_POINT("head");
	blk->slot = slot;
	blk->generation = generation;
	blk->len = (uint16_t)len;
	blk->flags = flags;
	copy_in(blk->data, octets, len);
	RECORD_POINT("sum");
	blk->sum = record_sum(&blk->slot, RECORD_BLOCK_HEAD - 12 + len);
	store(&blk->seq, seq + 1 ? seq + 1 : 2, "shut");
}

/* @copy: a whole block, `max` octets of data. */
static bool block_good(const struct record_block *copy, uint32_t slot, size_t max)
{
	return copy->seq && !(copy->seq & 1) && copy->slot == slot && copy->len <= max &&
	       copy->sum == record_sum(&copy->slot, RECORD_BLOCK_HEAD - 12 + copy->len) &&
	       (!(copy->flags & RECORD_FLAG_SIDE) || copy->len == SIDE_LEN);
}

/* False: it was written meanwhile. */
static bool block_copy(struct record_block *dst, const struct record_block *src, size_t len)
{
	uint32_t seq = load(&src->seq);

	memcpy(dst, src, len);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return dst->seq == seq && load(&src->seq) == seq;
}

/* --- slots -------------------------------------------------------------------------------------
 */

static int write_content(struct record *rec, uint32_t b, uint32_t slot, uint32_t generation,
			 const void *octets, size_t len)
{
	uint8_t side[SIDE_LEN];
	struct wr w = wr_init(side, sizeof(side));
	int rc;

	if (len <= RECORD_INLINE_MAX) {
		block_write(&cell(rec, b)->b, slot, generation, 0, octets, len);
		return 0;
	}
	rc = record_sys_side_write(rec, b, octets, len);
	wr_be32(&w, (uint32_t)len);
	wr_be64(&w, record_sum(octets, len));
	if (!rc)
		block_write(&cell(rec, b)->b, slot, generation, RECORD_FLAG_SIDE, side, w.len);
	return rc;
}

int record_put(struct record *rec, uint32_t slot, uint32_t generation, const void *octets,
	       size_t len)
{
	uint32_t b, old;
	int rc;

	if (!rec->writable || slot >= rec->slots)
		return -EINVAL;
	if (len > RECORD_CONTENT_MAX)
		return -EMSGSIZE;
	rc = block_get(rec, &b);
	if (rc)
		return rc;
	rc = reach(rec, (b > slot ? b : slot) + 1);
	rc = rc ? rc : write_content(rec, b, slot, generation, octets, len);
	if (rc) {
		block_put(rec, b);
		return rc;
	}
	old = cell(rec, slot)->link;
	store(&cell(rec, slot)->link, link_to(b), "commit");
	if (old != link_to(b)) /* it was this one only where damage had it be so */
		block_leave(rec, slot, old);
	return 0;
}

int record_remember(struct record *rec, uint32_t slot, uint32_t generation)
{
	int rc = reach(rec, slot + 1);

	if (!rc)
		store(&cell(rec, slot)->generation, generation, "generation");
	return rc;
}

int record_clear(struct record *rec, uint32_t slot)
{
	struct record_cell *c;
	uint32_t old, generation;

	if (!rec->writable || slot >= rec->slots)
		return -EINVAL;
	if (slot >= record_live(rec)->high)
		return 0;
	c = cell(rec, slot);
	old = c->link;
	generation = record_generation(rec, slot);
	store(&c->generation, generation, "generation"); /* means nothing while the slot is used */
	store(&c->link, 0, "clear");
	block_leave(rec, slot, old);
	return 0;
}

uint32_t record_generation(const struct record *rec, uint32_t slot)
{
	const struct record_cell *c;
	uint32_t link, b;

	if (slot >= rec->slots || slot >= load(&record_live(rec)->high))
		return 0;
	c = cell(rec, slot);
	link = load(&c->link);
	if (link && link_block(rec, link, &b) && cell(rec, b)->b.slot == slot)
		return cell(rec, b)->b.generation;
	return c->generation;
}

/* The content of a good block into `buf`. */
static int take_content(const struct record *rec, uint32_t b, const struct record_block *blk,
			void *buf, size_t cap, size_t *ret_len)
{
	struct rd r = rd_init(blk->data, blk->len);
	size_t len = blk->len;
	uint64_t sum = 0;
	int rc;

	if (blk->flags & RECORD_FLAG_SIDE) {
		len = rd_be32(&r);
		sum = rd_be64(&r);
	}
	if (len > RECORD_CONTENT_MAX)
		return -EBADMSG;
	if (len > cap)
		return -ENOSPC;
	if (!(blk->flags & RECORD_FLAG_SIDE)) {
		memcpy(buf, blk->data, len);
	} else {
		rc = record_sys_side_read(rec, b, buf, len);
		if (rc || record_sum(buf, len) != sum)
			return -EBADMSG;
	}
	*ret_len = len;
	return 0;
}

union block_copy {
	struct record_block b;
	uint8_t octets[RECORD_CELL - 8];
};

/* Once. -EAGAIN: it was written meanwhile. */
static int get(const struct record *rec, uint32_t slot, union block_copy *copy, void *buf,
	       size_t cap, size_t *ret_len)
{
	uint32_t *mine = &cell(rec, slot)->link, link = load(mine), b;
	size_t len = 0;
	int rc = -EBADMSG;

	memset(copy, 0, sizeof(*copy));
	if (!link)
		return -ENOENT;
	if (link_block(rec, link, &b) && b < load(&record_live(rec)->high)) {
		struct record_block *blk = &cell(rec, b)->b;

		if (!block_copy(&copy->b, blk, sizeof(*copy)))
			return -EAGAIN;
		if (block_good(&copy->b, slot, RECORD_INLINE_MAX))
			rc = take_content(rec, b, &copy->b, buf, cap, &len);
		if (load(&blk->seq) != copy->b.seq)
			return -EAGAIN;
	}
	if (load(mine) != link)
		return -EAGAIN;
	if (!rc)
		*ret_len = len;
	return rc;
}

/* What there is of it, for people. */
static void quarantine(struct record *rec, uint32_t slot, const union block_copy *copy)
{
	uint8_t buf[8 + sizeof(*copy)];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_be32(&w, cell(rec, slot)->link);
	wr_be32(&w, cell(rec, slot)->generation);
	wr_bytes(&w, copy->octets, sizeof(copy->octets));
	(void)record_sys_quarantine(rec, slot, buf, w.len);
}

int record_get(struct record *rec, uint32_t slot, void *buf, size_t cap, size_t *ret_len,
	       uint32_t *ret_generation)
{
	union block_copy copy;
	int rc = -EAGAIN;

	if (slot >= rec->slots)
		return -EINVAL;
	if (slot >= load(&record_live(rec)->high))
		return -ENOENT;
	for (unsigned i = 0; i < READ_TRIES && rc == -EAGAIN; i++)
		rc = get(rec, slot, &copy, buf, cap, ret_len);
	if (rc == -EAGAIN) /* the writer is never half-way when it reads: an odd number is damage */
		rc = rec->writable ? -EBADMSG : -EAGAIN;
	if (rc == -EBADMSG && rec->writable)
		quarantine(rec, slot, &copy);
	if (!rc)
		*ret_generation = copy.b.generation;
	return rc;
}

/* --- the caller's area: two blocks that take turns -----------------------------------------------
 */

int record_area_put(struct record *rec, const void *octets, size_t len)
{
	struct record_live *live = record_live(rec);
	uint32_t other = live->area == 1;

	if (!rec->writable)
		return -EINVAL;
	if (len > RECORD_AREA_MAX)
		return -EMSGSIZE;
	block_write(area(rec, other), RECORD_AREA_SLOT, 0, 0, octets, len);
	store(&live->area, other + 1, "area");
	return 0;
}

int record_area_get(struct record *rec, void *buf, size_t cap, size_t *ret_len)
{
	union {
		struct record_block b;
		uint8_t octets[RECORD_AREA_LEN];
	} copy;

	for (unsigned i = 0; i < READ_TRIES; i++) {
		uint32_t which = load(&record_live(rec)->area);

		if (!which)
			return -ENOENT;
		if (which > 2)
			return -EBADMSG;
		if (!block_copy(&copy.b, area(rec, which - 1), sizeof(copy)))
			continue;
		if (!block_good(&copy.b, RECORD_AREA_SLOT, RECORD_AREA_MAX))
			return -EBADMSG;
		if (copy.b.len > cap)
			return -ENOSPC;
		memcpy(buf, copy.b.data, copy.b.len);
		*ret_len = copy.b.len;
		return 0;
	}
	return -EAGAIN;
}

/* --- growth ------------------------------------------------------------------------------------
 */

/* At the end of the file: slots and blocks that are there stay where they are. The file is long
 * enough before it says that it has more; a longer one than it says is a good record, too. */
int record_grow(struct record *rec, uint32_t slots)
{
	size_t size = record_size(slots);
	uint32_t *bigger;
	uint8_t *map;
	int rc;

	if (!rec->writable || slots < rec->slots || slots > RECORD_SLOTS_MAX)
		return -EINVAL;
	bigger = realloc(rec->free, ((size_t)slots + RECORD_SPARE) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	rec->free = bigger;
	rc = record_sys_resize(rec->fd, size);
	rc = rc ? rc : record_sys_map(rec->fd, size, true, &map);
	if (rc)
		return rc;
	record_sys_unmap(rec->map, rec->size);
	rec->map = map;
	rec->size = size;
	store(&record_live(rec)->slots, slots, "slots");
	rec->slots = slots;
	rec->cells = slots + RECORD_SPARE;
	return 0;
}
