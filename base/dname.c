// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/dname.h"

#include <ctype.h>
#include <errno.h>

#define LABEL_MAX 63

static bool is_label(const char *s, size_t len)
{
	if (!len || len > LABEL_MAX || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	return true;
}

/* The octets of it all; 0: not a name. */
static size_t measure(const char *text)
{
	size_t octets = 1;

	while (*text) {
		size_t len = strcspn(text, ".");

		if (!is_label(text, len))
			return 0;
		octets += 1 + len;
		text += len + (text[len] == '.');
	}
	return octets > 1 && octets <= DNAME_MAX ? octets : 0;
}

int dname_write(struct wr *w, const char *text)
{
	if (!measure(text))
		return -EINVAL;
	while (*text) {
		size_t len = strcspn(text, ".");

		wr_u8(w, (uint8_t)len);
		wr_bytes(w, text, len);
		text += len + (text[len] == '.');
	}
	wr_u8(w, 0);
	return w->bad ? -ENOSPC : 0;
}
