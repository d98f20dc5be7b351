/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record: what outlives the process. A file, memory-mapped, on tmpfs, with one slot for each
 * session; the slot's content is an opaque octet string (daemon/freeze.h). One writer holds it
 * locked; others may read it while it is written.
 *
 *	PATH            the file
 *	PATH.lock       the writer's lock; never removed
 *	PATH.new        a file that is being made; of no meaning
 *	PATH.d/         contents that do not fit into the file
 *	PATH.bad/N      what was found in slot N and was no content of ours
 *	PATH.foreign-N  a record of another life (1 is the newest; RECORD_ASIDE_MAX are kept), with
 *	                PATH.foreign-N.d/
 *
 * Whatever store or system call is the process's last, each slot has its content of before or its
 * new one; record.c says why. All of it has mode 0600: it holds what the control socket tells
 * root only, and keys.
 */
#ifndef DAEMON_RECORD_H
#define DAEMON_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_SLOTS_MAX (1u << 23)
#ifdef BRASD_NEXT /* bpf/abi.h */
#define RECORD_LAYOUT 2
#else
#define RECORD_LAYOUT 1
#endif
#define RECORD_CELL	    1024 /* octets of memory that a slot has */
#define RECORD_INLINE_MAX   992	 /* of them for its content; longer ones lie in a file each */
#define RECORD_CONTENT_MAX  65536
#define RECORD_AREA_MAX	    4072
#define RECORD_DEVICE_MAX   512
#define RECORD_INSTANCE_MAX 64
#define RECORD_ASIDE_MAX    4

struct record;

/* Whose record it is. A record of any other is not adopted. */
struct record_identity {
	const char *instance;
	uint8_t boot[16];   /* another boot: the kernel state that it tells of is gone */
	uint64_t netns;	    /* another network namespace: it is elsewhere */
	const void *device; /* opaque: the devices whose sessions these are */
	size_t device_len;
	uint16_t layout; /* 0: RECORD_LAYOUT; tests of an upgrade say another */
};

/* The boot id and this thread's network namespace. 0 or -errno. */
int record_identity_here(struct record_identity *ret);

enum record_found {
	RECORD_NEW,	 /* there was none */
	RECORD_OURS,	 /* to be adopted */
	RECORD_MIGRATED, /* ours, of an older layout: as above */
	RECORD_FOREIGN,	 /* of another boot, namespace, device or instance: set aside; a new one */
	RECORD_CORRUPT,	 /* not a record, or a damaged head: set aside; a new one */
};

/*
 * Opens the record, or makes one, with at least `slots` slots. `why`: where it was set aside, what
 * was found; where it fails, the reason: a sentence without a full stop.
 * -EBUSY: another process has it. -ENOTSUP: a newer program's: nothing was touched. Or -errno.
 */
int record_open(const char *path, const struct record_identity *id, uint32_t slots,
		struct record **ret, enum record_found *ret_found, char *why, size_t why_len);
/* The devices of the record that is there, where all the rest of its identity is `id`'s; -ESTALE:
 * it is of another life. -ENOENT, -EBADMSG, -ENOSPC, -errno. */
int record_device(const char *path, const struct record_identity *id, void *buf, size_t cap,
		  size_t *ret_len);
/* For a checker: beside a writer, and whosever it is. Nothing is changed. */
int record_open_read(const char *path, struct record **ret, char *why, size_t why_len);
void record_close(struct record *rec); /* the file stays; NULL is fine */

uint32_t record_slots(const struct record *rec);
/* Slots at and beyond this one were never used. */
uint32_t record_high(const struct record *rec);
/* More slots than before, while sessions live in it. 0 or -errno: as before. */
int record_grow(struct record *rec, uint32_t slots);

/* 0; or -EINVAL, -EMSGSIZE, -ENOSPC, -errno: the slot has the content that it had. A session's
 * generation is never 0. */
int record_put(struct record *rec, uint32_t slot, uint32_t generation, const void *octets,
	       size_t len);
int record_clear(struct record *rec, uint32_t slot);
/* 0; -ENOENT: the slot is free; -ENOSPC: `cap` is too small; -EBADMSG: what is there is no content
 * of ours: the writer finds it in PATH.bad/SLOT, reports it and clears the slot. */
int record_get(struct record *rec, uint32_t slot, void *buf, size_t cap, size_t *ret_len,
	       uint32_t *ret_generation);
/* The last one that the slot had, be it free now; 0: none. */
uint32_t record_generation(const struct record *rec, uint32_t slot);

/* One octet string of the caller's for all: ports by number, keys. As slots; -ENOENT: none yet. */
int record_area_put(struct record *rec, const void *octets, size_t len);
int record_area_get(struct record *rec, void *buf, size_t cap, size_t *ret_len);

/* Called before each store and system call that changes something: where a test ends the process.
 * NULL but in tests. */
extern void (*record_killpoint)(const char *what);

#endif
