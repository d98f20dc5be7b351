/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the record: what record.c, record_open.c and record_sys.c share. Not for others. */
#ifndef DAEMON_RECORD_PRIV_H
#define DAEMON_RECORD_PRIV_H

#include "daemon/record.h"

#define RECORD_PATH_MAX 256

/* Where things lie in the file. */
#define RECORD_HEAD_LEN 2048 /* identity: written once, before the file has its name */
#define RECORD_LIVE_AT	2048 /* struct record_live */
#define RECORD_AREA_AT	4096 /* two blocks of RECORD_AREA_LEN */
#define RECORD_AREA_LEN 4096
#define RECORD_CELLS_AT (RECORD_AREA_AT + 2 * RECORD_AREA_LEN)
#define RECORD_SPARE	16 /* more cells than slots: see record.c */

/*
 * Memory shared with the process that comes after this one on the same machine, and with readers:
 * native byte order, fixed sizes, as a map of the kernel. Each field that a reader or a successor
 * acts upon is one aligned store.
 */
struct record_live {
	uint32_t slots;
	uint32_t high; /* cells below have memory; a multiple of RECORD_CHUNK, or all */
	uint32_t area; /* 1, 2: which of the two blocks; 0: none */
};

struct record_block {
	uint64_t sum; /* over all from `slot` to the end of data */
	uint32_t seq; /* odd: being written */
	uint32_t slot, generation;
	uint16_t len, flags;
	uint8_t data[];
};

struct record_cell {
	uint32_t link;	       /* of this cell's slot: to the block it has; 0: the slot is free */
	uint32_t generation;   /* of a free slot: what it had last */
	struct record_block b; /* of any slot */
};

#define RECORD_BLOCK_HEAD 24
_Static_assert(sizeof(struct record_block) == RECORD_BLOCK_HEAD, "block");
_Static_assert(8 + RECORD_BLOCK_HEAD + RECORD_INLINE_MAX == RECORD_CELL, "cell");
_Static_assert(RECORD_BLOCK_HEAD + RECORD_AREA_MAX == RECORD_AREA_LEN, "area");

#define RECORD_FLAG_SIDE                                                                           \
	1		    /* data: length (4) and checksum (8) of the file that has the content  \
			     */
#define RECORD_CHUNK	 64 /* cells that get their memory at once */
#define RECORD_AREA_SLOT UINT32_MAX

struct record {
	char path[RECORD_PATH_MAX];
	uint16_t layout;
	bool writable;
	int lock, fd; /* -1: none */
	uint8_t *map;
	size_t size;
	uint32_t slots, cells;
	/* The writer's, from the file: blocks that no slot has. */
	uint32_t *free;
	uint32_t free_count, fresh; /* from `fresh` on none was ever used */
};

#define RECORD_POINT(what)                                                                         \
	do {                                                                                       \
		if (record_killpoint)                                                              \
			record_killpoint(what);                                                    \
	} while (0)

static inline struct record_live *record_live(const struct record *rec)
{
	return (struct record_live *)(void *)(rec->map + RECORD_LIVE_AT);
}

static inline size_t record_size(uint32_t slots)
{
	return RECORD_CELLS_AT + ((size_t)slots + RECORD_SPARE) * RECORD_CELL;
}

/* record.c */
uint64_t record_sum(const void *p, size_t len);
/* Which blocks are free: after the file has been mapped for writing. 0 or -ENOMEM. */
int record_scan(struct record *rec);
/* The last generation of a free slot, in a record that is being made. 0 or -errno. */
int record_remember(struct record *rec, uint32_t slot, uint32_t generation);
/* Is block `b` some slot's, and lies in a file of its own? */
bool record_side_used(const struct record *rec, uint32_t b);

/* record_open.c: what the head of a file says. No side effect. */
struct record_head {
	uint16_t layout;
	uint8_t boot[16];
	uint64_t netns;
	char instance[RECORD_INSTANCE_MAX];
	uint8_t device[RECORD_DEVICE_MAX];
	size_t device_len;
	uint32_t cell, area;
};
/* 0; -EBADMSG: no head of ours. Of a layout beyond `newest` only the first three are set. */
int record_head_parse(const uint8_t *p, size_t len, uint16_t newest, struct record_head *ret);

/* record_sys.c: the door to the kernel. 0 or -errno. */
int record_sys_lock(const char *path, int *ret_fd);
int record_sys_open(const char *path, bool write, int *ret_fd, size_t *ret_size);
int record_sys_create(const char *path, size_t size, int *ret_fd);
int record_sys_resize(int fd, size_t size);
int record_sys_map(int fd, size_t size, bool write, uint8_t **ret);
void record_sys_unmap(uint8_t *map, size_t size);
/* Memory for these octets of the file, so that no store there can fail. */
int record_sys_allocate(int fd, size_t at, size_t len);
int record_sys_rename(const char *from, const char *to);
void record_sys_close(int fd);
/* PATH.d/LAYOUT.BLOCK */
int record_sys_side_write(const struct record *rec, uint32_t block, const void *p, size_t len);
int record_sys_side_read(const struct record *rec, uint32_t block, void *buf, size_t len);
void record_sys_side_remove(const struct record *rec, uint32_t block);
/* Removes what no slot has. */
void record_sys_side_sweep(const struct record *rec);
/* Writes PATH.bad/SLOT anew. */
int record_sys_quarantine(const struct record *rec, uint32_t slot, const void *p, size_t len);
/* PATH and PATH.d/ become PATH.foreign-1; older ones move on, the oldest goes. */
int record_sys_set_aside(const char *path);

#endif
