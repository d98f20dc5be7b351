/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What brasd and its helper say to one another, a message per packet of a SOCK_SEQPACKET socket.
 * Integers are big-endian.
 *
 *	to the helper	version u8, kind u8
 *	  DO		id u32, words u8, each {length u16, octets}, what is left is the deed's
 *input QUIT		nothing: end, and the children with you from it		version u8, kind u8
 *	  RESULT	id u32, status i32, what is left is the deed's output
 *	  CHILD		state u8, detail i32, what is left is its name
 *	  LOG		level u8, what is left is a line
 */
#ifndef DAEMON_DEEDS_WIRE_H
#define DAEMON_DEEDS_WIRE_H

#include "base/control.h"
#include "daemon/deeds.h"

#define DEEDS_VERSION	  1
#define DEEDS_MESSAGE_MAX (DEEDS_INPUT_MAX + 4096)
#define DEEDS_WORDS_TOTAL 2048 /* octets, with a NUL each */
#define DEEDS_LINE_MAX	  512

enum deeds_kind {
	DEEDS_DO = 1,
	DEEDS_QUIT,
	DEEDS_RESULT,
	DEEDS_CHILD,
	DEEDS_LOG,
};

struct deeds_request {
	enum deeds_kind kind; /* DEEDS_DO or DEEDS_QUIT */
	uint32_t id;
	unsigned count;
	const char *words[DEEDS_WORDS_MAX + 1]; /* into text; NULL behind the last */
	const uint8_t *input;			/* into the message; NULL: none */
	size_t input_len;
	char text[DEEDS_WORDS_TOTAL];
};

struct deeds_reply {
	enum deeds_kind kind;
	uint32_t id;	/* RESULT */
	int32_t status; /* RESULT; of a CHILD its detail */
	enum deeds_child_state state;
	unsigned level; /* LOG: enum log_level */
	const uint8_t *text;
	size_t len; /* CHILD: at most DEEDS_NAME_MAX */
};

/* /run/brasberry/INSTANCE/deeds; -EINVAL, as control_path(). */
int deeds_path(char ret[CONTROL_PATH_MAX], const char *instance);

/* 0, -EPROTO (another version), -EBADMSG. A word has no NUL in it and is not empty. */
int deeds_request_parse(const void *message, size_t len, struct deeds_request *ret);
int deeds_reply_parse(const void *message, size_t len, struct deeds_reply *ret);

/* Octets of the message in `buf`, or -E2BIG. */
int deeds_request_write(void *buf, size_t cap, uint32_t id, const char *const *words,
			unsigned count, const void *input, size_t len);
int deeds_quit_write(void *buf, size_t cap);
int deeds_reply_write(void *buf, size_t cap, const struct deeds_reply *reply);

#endif
