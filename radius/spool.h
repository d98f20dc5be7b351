/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounting records that wait for an answer, on disk: numbered segment files that are only ever
 * appended to, in `spool/` under the state directory. Pure: files are reached through a store.
 *
 * A segment begins with SPOOL_MAGIC and goes on with entries
 *
 *     be32 length of the payload | be32 kind | be64 sequence | payload | be64 SipHash of all before
 *
 * of kind RECORD (payload: radius_record_encode()) and DONE (no payload: the record of this
 * sequence needs no sending any more). After a crash everything up to the first entry that is not
 * whole counts; a new run begins a new segment, so a torn tail is never written behind. A segment
 * goes once it is the oldest and none of its records waits; one that is pinned by a few records is
 * emptied by appending these again, under their sequence, to the newest.
 *
 * Each record is written before it is sent for the first time, and its DONE as it is answered: a
 * microsecond for both. Nothing is fsynced: a write() survives any end of the process, which is
 * what happens; what a power failure takes with it (seconds) is not worth stalling every line for
 * a flash card. Such a card gets some 330 octets per record, when the kernel writes back.
 */
#ifndef RADIUS_SPOOL_H
#define RADIUS_SPOOL_H

#include "radius/radius.h"

#include <sys/queue.h>

#define RADIUS_RECORD_ENCODED_MAX 3072
#define RADIUS_RECORD_TEXTS	  6
#define RADIUS_SPOOL_OVERHEAD	  24 /* octets an entry has beside its payload */
#define RADIUS_SPOOL_HEADER	  8

/* --- one record as octets ------------------------------------------------------------------ */

/* What the pointers of a decoded record point into. */
struct radius_record_room {
	char text[RADIUS_RECORD_TEXTS][RADIUS_TEXT_MAX + 1];
	struct radius_octets class[RADIUS_CLASS_MAX];
};

/* The number of octets, at most RADIUS_RECORD_ENCODED_MAX, or -ENOSPC. Texts are cut at
 * RADIUS_TEXT_MAX, which is what an attribute holds. */
int radius_record_encode(const struct radius_record *r, uint8_t *buf, size_t cap);
/* 0 or -EBADMSG. */
int radius_record_decode(const uint8_t *p, size_t len, struct radius_record *ret,
			 struct radius_record_room *room);

/* --- the files ----------------------------------------------------------------------------- */

/* Names are relative to the state directory. All of them 0 or -errno if nothing else is said. */
struct radius_store {
	void *arg;
	int (*append)(void *arg, const char *name, const void *p, size_t len); /* all or nothing */
	/* Octets read, fewer than asked for at the end of the file. */
	int (*read)(void *arg, const char *name, uint64_t off, void *p, size_t len);
	int (*replace)(void *arg, const char *name, const void *p, size_t len); /* at once */
	int (*remove)(void *arg, const char *name);
	/* Every file's name in a folder of the state directory. */
	int (*list)(void *arg, const char *folder, void (*fn)(void *ctx, const char *name),
		    void *ctx);
};

struct radius_segment;
TAILQ_HEAD(radius_rec_list, radius_rec);

/* A record that waits, in memory or on disk. */
struct radius_rec {
	TAILQ_ENTRY(radius_rec) entry;	       /* in `list` */
	TAILQ_ENTRY(radius_rec) segment_entry; /* of its segment */
	TAILQ_ENTRY(radius_rec) age_entry;     /* client_acct.c: by age, for what must go first */
	TAILQ_ENTRY(radius_rec) memory_entry;  /* client_acct.c: not yet on disk */
	LIST_ENTRY(radius_rec) busy_entry;  /* client_acct.c: sessions with a record on its way */
	struct radius_rec_list *list, *age; /* NULL: in none */
	struct radius_rec_list parked;	    /* of the same session, behind this one */
	struct radius_segment *segment;	    /* NULL: not on disk */
	uint64_t off;			    /* of its payload */
	uint64_t seq;
	uint8_t *blob; /* NULL: on disk only */
	uint32_t len;
	uint8_t status; /* enum radius_status */
	bool busy;	/* it, or one that waits for another round, is its session's turn */
	bool tired;	/* an On or Off that nobody answers holds up nothing any more */
	uint32_t tried; /* servers */
	char session[RADIUS_ACCT_ID_LEN + 1];
};

/* A record from its octets, which are copied. 0, -ENOMEM or -EBADMSG. */
int radius_rec_new(struct radius_rec **ret, uint64_t seq, const uint8_t *blob, size_t len);
void radius_rec_free(struct radius_rec *rec);

struct radius_spool;
struct radius_spool_stats {
	uint64_t live_bytes, disk_bytes; /* entries of records that wait; all files */
	uint64_t torn_bytes, torn_files; /* found at opening, not readable */
	unsigned records, segments;
};

/* Reads what is there and appends a radius_rec without a blob for each record, in order. */
int radius_spool_open(struct radius_spool **ret, const struct radius_store *store, uint64_t max,
		      struct radius_rec_list *records, uint64_t *ret_next_seq);
void radius_spool_free(struct radius_spool *s);
/* Writes the record's blob. -errno: it is not on disk, and stays as it was. */
int radius_spool_put(struct radius_spool *s, struct radius_rec *rec);
/* The octets of a record on disk: how many; -EIO: it cannot be read any more; -errno: not now. */
int radius_spool_get(struct radius_spool *s, const struct radius_rec *rec,
		     uint8_t buf[RADIUS_RECORD_ENCODED_MAX]);
/* The record needs no sending any more. */
void radius_spool_done(struct radius_spool *s, struct radius_rec *rec);
/* Files that could not be read, or not to their end, when it was opened. */
void radius_spool_bad(const struct radius_spool *s, void (*fn)(void *arg, const char *what),
		      void *arg);
const struct radius_spool_stats *radius_spool_stats(const struct radius_spool *s);

/* Reads one segment: fn() for each entry. The octets up to the first that is not whole. Pure. */
struct radius_spool_entry {
	bool done;
	uint64_t seq, off; /* of the payload */
	const uint8_t *payload;
	size_t len;
};
size_t radius_spool_parse(const uint8_t *p, size_t len,
			  void (*fn)(void *arg, const struct radius_spool_entry *e), void *arg);

#endif
