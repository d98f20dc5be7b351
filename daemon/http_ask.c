// SPDX-License-Identifier: GPL-2.0-or-later
/* One question to the daemon. Its whole answer is read into memory at the speed of this process, so
 * that a reader far away, who is slow, keeps nothing waiting but his own thread. */
#include "base/client.h"
#include "daemon/http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PATIENCE_S 4 /* for each piece of an answer */

static int status_of(enum control_status s)
{
	return s == CONTROL_REFUSED ? 404 : 400;
}

static int unreachable(int rc, char *message, size_t len)
{
	snprintf(message, len, "the daemon does not answer: %s", strerror(-rc));
	return 503;
}

int http_ask_socket(const char *path, unsigned argc, const char *const *argv, struct sbuf *ret,
		    char *message, size_t message_len)
{
	struct client *c = malloc(sizeof(*c));
	char text[CONTROL_MESSAGE_MAX];
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	enum control_status status;
	int rc = c ? client_init(c, path) : -ENOMEM;

	if (!c)
		return unreachable(rc, message, message_len);
	if (!rc) /* a tool that the daemon waits for may hang; whoever asks us does not wait for
		    that */
		(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	rc = rc ? rc : client_request(c, argc, argv);
	if (rc == -EINVAL || rc == -E2BIG) {
		client_fini(c);
		free(c);
		snprintf(message, message_len, "the request is too long, or has control characters");
		return 400;
	}
	rc = rc ? rc : client_status(c, &status, text);
	if (!rc && status == CONTROL_OK)
		rc = client_body_read(c, ret);
	client_fini(c);
	free(c);
	if (rc)
		return unreachable(rc, message, message_len);
	if (status == CONTROL_OK)
		return 0;
	snprintf(message, message_len, "%s", text);
	return status_of(status);
}
