// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text as what `brasd -p` prints: rows have three texts, differ in nothing from themselves, and
 * in each of their number from none. */
#include "console/config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static size_t differences(const json_t *from, const json_t *to)
{
	json_t *diff = NULL;
	size_t n;

	check(!config_rows_diff(from, to, &diff));
	n = json_array_size(diff);
	json_decref(diff);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = strndup((const char *)data, len);
	json_t *rows = NULL, *none = json_array();
	const json_t *row;
	size_t i;

	check(text && none);
	if (!config_rows_read(text, &rows)) {
		json_array_foreach(rows, i, row)
		{
			check(json_string_value(json_object_get(row, "section")));
			check(json_string_value(json_object_get(row, "key")));
			check(json_string_value(json_object_get(row, "value")));
		}
		check(!differences(rows, rows));
		check(differences(none, rows) == json_array_size(rows));
		check(differences(rows, none) == json_array_size(rows));
		json_decref(rows);
	}
	json_decref(none);
	free(text);
	return 0;
}
