// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include "base/rate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned log_max = LOG_LEVEL_INFO;
static bool log_journal;

void log_setup(unsigned level)
{
	log_max = level;
	log_journal = getenv("JOURNAL_STREAM");
}

bool log_enabled(enum log_level level)
{
	return (unsigned)level <= log_max;
}

void log_printf(enum log_level level, const char *fmt, ...)
{
	static const char prefix[] = { '3', '4', '5', '6', '7' }; /* syslog's severities */
	char line[1024];
	int err = errno, off = 0, n;
	va_list ap;

	if (!log_enabled(level))
		return;
	if (log_journal)
		off = snprintf(line, sizeof(line), "<%c>", prefix[level]);
	off += snprintf(line + off, sizeof(line) - (size_t)off, "brasd: %s",
			level == LOG_LEVEL_ERROR  ? "error: "
			: level == LOG_LEVEL_WARN ? "warning: "
						  : "");
	va_start(ap, fmt);
	n = vsnprintf(line + off, sizeof(line) - (size_t)off - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n > sizeof(line) - (size_t)off - 2)
		n = (int)(sizeof(line) - (size_t)off - 2);
	line[off + n] = '\n';
	/* A log that cannot be written must not stop the daemon. */
	if (write(STDERR_FILENO, line, (size_t)off + (size_t)n + 1) < 0)
		errno = 0;
	errno = err;
}

void log_lines(enum log_level level, const char *text)
{
	while (text && *text) {
		int n = (int)strcspn(text, "\n");

		log_printf(level, "%.*s", n, text);
		text += n;
		text += *text == '\n';
	}
}

bool log_limit_ok(struct log_limit *l, uint64_t now, uint64_t *ret_suppressed)
{
	struct rate r = { .tat = l->tat };
	bool ok = rate_ok(&r, 5, 5, now);

	l->tat = r.tat;
	if (!ok) {
		l->suppressed++;
		return false;
	}
	*ret_suppressed = l->suppressed;
	l->suppressed = 0;
	return true;
}
