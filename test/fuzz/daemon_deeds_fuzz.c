// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any message into the helper's parser, and what it asks for into the table: what is let through
 * has no argument that is an option or a way out of the directories. The same into brasd's parser.
 */
#include "daemon/deeds_table.h"
#include "daemon/deeds_wire.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void expect(bool ok)
{
	if (!ok)
		abort();
}

static void resolve(const struct deeds_request *q)
{
	struct deed_call call;
	char why[128];

	if (deed_resolve(q->words, q->count, q->input_len, "one", &call, why, sizeof(why)))
		return;
	expect(call.argc && !call.argv[call.argc]);
	for (unsigned i = 0; i < call.file_count; i++)
		expect(!strstr(call.files[i], "/.") && strstr(call.files[i], "/brasberry/"));
	for (unsigned i = 1; i < q->count; i++)
		expect(*q->words[i] != '-' || !strncmp(q->words[0], "jool-pool4", 10));
}

static void round_trip(const struct deeds_request *q)
{
	static uint8_t message[DEEDS_MESSAGE_MAX];
	struct deeds_request again;
	int len = deeds_request_write(message, sizeof(message), q->id, q->words, q->count, q->input,
				      q->input_len);

	expect(len > 0 && !deeds_request_parse(message, (size_t)len, &again));
	expect(again.count == q->count && again.input_len == q->input_len);
	for (unsigned i = 0; i < q->count; i++)
		expect(!strcmp(again.words[i], q->words[i]));
}

/* What is taken begins with our table, and ends with a line. */
static void nft(const char *text, size_t len)
{
#define TABLE "table inet brasberry-one-nat64"
	if (!deed_nft_ok(text, len, "one") || !len)
		return;
	expect(text[len - 1] == '\n' && !memchr(text, '\0', len) && !memchr(text, '#', len));
	expect(!strncmp(text, TABLE, strlen(TABLE)) ||
	       !strncmp(text, "delete " TABLE, strlen("delete " TABLE)));
#undef TABLE
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct deeds_request q;
	struct deeds_reply r;

	if (!deeds_request_parse(data, size, &q) && q.kind == DEEDS_DO) {
		resolve(&q);
		round_trip(&q);
	}
	nft((const char *)data, size);
	if (!deeds_reply_parse(data, size, &r))
		expect(!r.len || (r.text >= data && r.text + r.len == data + size));
	return 0;
}
