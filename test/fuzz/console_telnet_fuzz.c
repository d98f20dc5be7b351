// SPDX-License-Identifier: GPL-2.0-or-later
/* Octets of a telnet client, made into keys, and each line of them looked up and completed in a
 * tree. */
#include "base/control.h"
#include "console/telnet.h"
#include "console/tree.h"

#include <stdlib.h>
#include <string.h>

static const struct control_command rows[] = {
	{ "show sessions", "[COLUMNS] [order COLUMN] [match COLUMN REGEX]", "a", 0, 6, NULL,
	  TREE_READ },
	{ "show session", "USER|sid=N|ip=A|mac=M", "b", 1, 1, NULL, TREE_READ },
	{ "shutdown", "[soft|hard]", "e", 0, 1, NULL, TREE_ADMIN },
	{ "mirror", "USER [RULE...]", "g", 1, 9, NULL, TREE_ADMIN },
	{ "mirror ports", NULL, "h", 0, 0, NULL, TREE_ADMIN },
	{ "pppoe interface add", "NAME", "i", 1, 1, NULL, TREE_ADMIN },
};
static const struct tree tree = { rows, sizeof(rows) / sizeof(rows[0]) };

static void offered(void *arg, const char *word, const char *help, bool is_value)
{
	(void)arg;
	(void)is_value;
	if (!*word || strlen(word) >= TREE_WORD_MAX || !help)
		abort();
}

static void line(const char *text, size_t len, enum tree_level who)
{
	const struct control_command *c;
	struct control_request req;
	char why[64];
	unsigned n;

	if (len > TELNET_LINE_MAX)
		abort();
	if (control_request_parse(text, len, &req))
		return;
	if (!tree_find(&tree, who, req.argc, req.argv, &c, &n, why, sizeof(why)) &&
	    (n > req.argc || !tree_allows(who, c)))
		abort();
	if (req.argc)
		tree_complete(&tree, who, req.argc - 1, req.argv, req.argv[req.argc - 1], offered,
			      NULL);
	tree_complete(&tree, who, req.argc, req.argv, "", offered, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct telnet_input input = { 0 };
	uint8_t *keys = malloc(size ? size : 1);
	size_t n = telnet_keys(&input, data, size, keys), start = 0;

	if (n > size)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (keys[i] == '\n' || !keys[i] || keys[i] >= 0x80)
			abort();
		if (keys[i] != '\r')
			continue;
		for (size_t k = start; k < i; k++) /* the editor would act upon these */
			if (keys[k] < ' ' || keys[k] == 0x7f)
				keys[k] = ' ';
		if (i - start <= TELNET_LINE_MAX)
			line((char *)keys + start, i - start, size & 1 ? TREE_READ : TREE_ADMIN);
		start = i + 1;
	}
	free(keys);
	return 0;
}
