/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control protocol between brasctl and brasd, over a stream socket.
 *
 * Request: one line of words, ended by a newline. Words are separated by blanks; a word in double
 * quotes may hold blanks, and \" and \\ in it. Control characters are refused.
 *
 * Reply: a status line, "0", "1 MESSAGE" (refused, nothing matched) or "2 MESSAGE" (usage); after
 * "0" a body of JSON on one line, or nothing, until end of file. A body that does not end in a
 * newline was cut off.
 */
#ifndef BASE_CONTROL_H
#define BASE_CONTROL_H

#include "base/str.h"

#include <stddef.h>

#define CONTROL_RUN_DIR	    "/run/brasberry"
#define CONTROL_INSTANCE    "default"
#define CONTROL_PATH_MAX    108	 /* sun_path */
#define CONTROL_REQUEST_MAX 2048 /* octets, with the newline */
#define CONTROL_WORDS_MAX   32
#define CONTROL_MESSAGE_MAX 256

enum control_status { CONTROL_OK = 0, CONTROL_REFUSED = 1, CONTROL_USAGE = 2 };

/* /run/brasberry/INSTANCE/control. -EINVAL: an instance is 1 to 64 of letters, digits, '-', '_',
 * '.', and does not begin with '.'. */
int control_path(char ret[CONTROL_PATH_MAX], const char *instance);

struct control_request {
	unsigned argc;
	const char *argv[CONTROL_WORDS_MAX + 1]; /* into text; NULL behind the last */
	char text[CONTROL_REQUEST_MAX];
};

/* @line: without its newline (a '\r' before it is cut off). 0; -EINVAL: control character or open
 * quote; -E2BIG: too long, too many words. An empty line has argc 0. */
int control_request_parse(const char *line, size_t len, struct control_request *ret);
/* Appends the words and the newline. -EINVAL, -E2BIG as above, and nothing is appended. */
int control_request_write(struct sbuf *out, unsigned argc, const char *const *argv);

/* @line: the status line without its newline. 0 or -EBADMSG. `*ret_message` points into it. */
int control_status_parse(const char *line, enum control_status *ret, const char **ret_message);

#endif
