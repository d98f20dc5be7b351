// SPDX-License-Identifier: GPL-2.0-or-later
/* The users file: any text is refused with a reason, or is read; the words of what was read lie
 * within bounds, and every name is found. */
#include "daemon/users.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const struct users *u, const char *name, size_t len)
{
	const struct user *user = users_find(u, name, len, "bras");

	if (!user)
		return;
	if (strlen(user->secret) != user->secret_len || user->secret_len > PPP_SECRET_MAX)
		abort();
	if (!users_find(u, user->name, strlen(user->name), user->server))
		abort();
	if (user->pool && (user->address != USER_ADDRESS_POOL || !*user->pool))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbuf errors = { 0 };
	struct users *u = NULL;
	int rc = users_parse("f", (const char *)data, size, &u, &errors);

	if (rc ? u || !errors.len : !u || errors.len)
		abort();
	if (u) {
		const char *text = (const char *)data;

		for (size_t i = 0; i < size;) {
			size_t len = 0;

			while (i + len < size && !strchr(" \t\r\n", text[i + len]))
				len++;
			look_up(u, text + i, len);
			i += len + 1;
		}
		look_up(u, "nobody", 6);
	}
	users_free(u);
	sbuf_fini(&errors);
	return 0;
}
