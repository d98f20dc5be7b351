// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define INSTANCE_MAX 64

static bool instance_ok(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	return n && n <= INSTANCE_MAX && !s[n] && s[0] != '.';
}

int control_path(char ret[CONTROL_PATH_MAX], const char *instance)
{
	if (!instance_ok(instance))
		return -EINVAL;
	snprintf(ret, CONTROL_PATH_MAX, CONTROL_RUN_DIR "/%s/control", instance);
	return 0;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Where one request stands: a quote may open and close within a word, as in a shell. */
struct splitter {
	struct control_request *req;
	size_t out;
	bool in_word, quoted;
};

static int begin_word(struct splitter *s)
{
	if (s->in_word)
		return 0;
	if (s->req->argc == CONTROL_WORDS_MAX)
		return -E2BIG;
	s->req->argv[s->req->argc++] = s->req->text + s->out;
	s->in_word = true;
	return 0;
}

static void end_word(struct splitter *s)
{
	if (!s->in_word)
		return;
	s->req->text[s->out++] = '\0';
	s->in_word = false;
}

/* Takes the octet at *p, and the one after it where *p escapes that. */
static int take(struct splitter *s, const char **p, const char *end)
{
	char c = *(*p)++;

	if (c == ' ' && !s->quoted) {
		end_word(s);
		return 0;
	}
	if (begin_word(s))
		return -E2BIG;
	if (c == '"') {
		s->quoted = !s->quoted;
		return 0;
	}
	if (c == '\\' && s->quoted) {
		if (*p == end || (**p != '"' && **p != '\\'))
			return -EINVAL;
		c = *(*p)++;
	}
	s->req->text[s->out++] = c;
	return 0;
}

/* Every word costs no more octets in `text` than it had in the line with the blank or newline that
 * ended it, so that `text` cannot overflow. */
int control_request_parse(const char *line, size_t len, struct control_request *ret)
{
	struct splitter s = { .req = ret };
	const char *end;

	ret->argc = 0;
	ret->argv[0] = NULL;
	if (len && line[len - 1] == '\r')
		len--;
	if (len >= CONTROL_REQUEST_MAX)
		return -E2BIG;
	for (size_t i = 0; i < len; i++)
		if (is_control(line[i]))
			return -EINVAL;
	end = line + len;
	while (line < end) {
		int r = take(&s, &line, end);

		if (r) {
			ret->argc = 0;
			return r;
		}
	}
	if (s.quoted) {
		ret->argc = 0;
		return -EINVAL;
	}
	end_word(&s);
	ret->argv[ret->argc] = NULL;
	return 0;
}

static bool plain(const char *word)
{
	return *word && !strpbrk(word, " \"\\");
}

int control_request_write(struct sbuf *out, unsigned argc, const char *const *argv)
{
	size_t need = 0;

	if (argc > CONTROL_WORDS_MAX)
		return -E2BIG;
	for (unsigned i = 0; i < argc; i++) {
		need += plain(argv[i]) ? 1 : 3;
		for (const char *p = argv[i]; *p; p++) {
			if (is_control(*p))
				return -EINVAL;
			need += *p == '"' || *p == '\\' ? 2 : 1;
		}
	}
	if (need > CONTROL_REQUEST_MAX)
		return -E2BIG;
	for (unsigned i = 0; i < argc; i++) {
		const char *quote = plain(argv[i]) ? "" : "\"";

		sbuf_printf(out, "%s%s", i ? " " : "", quote);
		for (const char *p = argv[i]; *p; p++)
			sbuf_printf(out, "%s%c", *quote && strchr("\"\\", *p) ? "\\" : "", *p);
		sbuf_printf(out, "%s", quote);
	}
	sbuf_printf(out, "\n");
	return 0;
}

int control_status_parse(const char *line, enum control_status *ret, const char **ret_message)
{
	if (line[0] < '0' || line[0] > '2' || (line[1] && line[1] != ' '))
		return -EBADMSG;
	*ret = (enum control_status)(line[0] - '0');
	*ret_message = line[1] ? line + 2 : line + 1;
	return 0;
}
