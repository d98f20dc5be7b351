// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/follow.h"

#include "console/cell.h"
#include "console/rows.h"

#include <errno.h>
#include <string.h>

#define LINE_MAX_LEN 8192

static int show_line(const char *line, size_t len, bool json, FILE *out)
{
	struct sbuf text = { 0 };
	const char *key;
	json_t *object, *v;
	bool whole;

	if (json)
		return fwrite(line, 1, len, out) == len && putc('\n', out) != EOF ? 0 : -EIO;
	object = json_loadb(line, len, ROWS_JSON_FLAGS, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return -EBADMSG;
	}
	json_object_foreach(object, key, v)
	{
		if (text.len)
			sbuf_append(&text, " ", 1);
		if (json_is_null(v))
			sbuf_append(&text, "-", 1);
		else
			cell_write(&text, key, v);
	}
	json_decref(object);
	sbuf_append(&text, "\n", 1);
	if (text.bad) {
		sbuf_fini(&text);
		return -ENOMEM;
	}
	whole = fwrite(text.p, 1, text.len, out) == text.len;
	sbuf_fini(&text);
	return whole ? 0 : -EIO;
}

int follow(struct client *c, bool json, FILE *out)
{
	char buf[LINE_MAX_LEN], *nl;
	size_t len = 0, n;
	int r;

	for (;;) {
		r = client_some(c, buf + len, sizeof(buf) - len, &n);
		if (r == -ETIMEDOUT) /* nothing has happened for long */
			continue;
		if (r)
			return r;
		len += n;
		while ((nl = memchr(buf, '\n', len))) {
			n = (size_t)(nl - buf) + 1;
			r = show_line(buf, n - 1, json, out);
			if (r)
				return r;
			memmove(buf, buf + n, len - n);
			len -= n;
		}
		if (fflush(out))
			return -EIO;
		if (len == sizeof(buf))
			return -EBADMSG;
	}
}
