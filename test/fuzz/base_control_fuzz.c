// SPDX-License-Identifier: GPL-2.0-or-later
/* Any line into control_request_parse(); what was understood, written and read again, is the same.
 */
#include "base/control.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static void expect(bool ok)
{
	if (!ok)
		abort();
}

static void round_trip(const struct control_request *req)
{
	struct control_request again;
	struct sbuf line = { 0 };
	int r = control_request_write(&line, req->argc, req->argv);

	if (r) { /* quoting may make a long request too long */
		expect(r == -E2BIG && !line.len);
		return;
	}
	expect(line.p[line.len - 1] == '\n');
	expect(!control_request_parse(line.p, line.len - 1, &again));
	expect(again.argc == req->argc);
	for (unsigned i = 0; i < req->argc; i++)
		expect(!strcmp(again.argv[i], req->argv[i]));
	sbuf_fini(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_request req;
	enum control_status status;
	const char *message;
	char *copy = malloc(size + 1);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	if (control_request_parse(copy, size, &req)) {
		expect(!req.argc);
	} else {
		expect(req.argc <= CONTROL_WORDS_MAX && !req.argv[req.argc]);
		round_trip(&req);
	}
	if (!control_status_parse(copy, &status, &message))
		expect(message >= copy && message <= copy + size && status <= CONTROL_USAGE);
	free(copy);
	return 0;
}
