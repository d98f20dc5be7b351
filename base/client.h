/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's end of the control protocol (base/control.h). Blocking: whoever uses it has nothing
 * else to do. Errors are returned, not printed. */
#ifndef BASE_CLIENT_H
#define BASE_CLIENT_H

#include "base/control.h"

#include <stddef.h>
#include <stdio.h>

#define CLIENT_TIMEOUT_S 60

struct client {
	int fd;
	size_t pos, len; /* what of buf has been read and not been taken */
	char buf[65536];
};

/* 0 or -errno of connecting. client_fini() also after a failure. */
int client_init(struct client *c, const char *path);
void client_fini(struct client *c);
int client_request(struct client *c, unsigned argc, const char *const *argv);
/* The status line. -EBADMSG: not a brasd. `message` ends up at most CONTROL_MESSAGE_MAX long. */
int client_status(struct client *c, enum control_status *ret, char message[CONTROL_MESSAGE_MAX]);
/* Some of the body, as soon as there is any: at least an octet. -EPIPE: that was all. */
int client_some(struct client *c, char *buf, size_t cap, size_t *ret_len);
/* The body, as it comes, into a file or a text. -EPIPE: it was cut off; -EIO: `out` cannot be
 * written. An empty body is whole. */
int client_body_copy(struct client *c, FILE *out);
int client_body_read(struct client *c, struct sbuf *ret);

#endif
