/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: one line on stderr each, with the journal's <N> prefix when stderr is the journal.
 * A function logs an error or returns it, never both. Bytes that came from a peer go through
 * str_escape() (base/str.h) first.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* @level: 0 (errors only) to 4 (everything), as `[log] level`, whose 3 is INFO. */
void log_setup(unsigned level);
bool log_enabled(enum log_level level);
void log_printf(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Each line of a text by itself; NULL is fine. */
void log_lines(enum log_level level, const char *text);

#define log_error(...)  log_printf(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)   log_printf(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_notice(...) log_printf(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)   log_printf(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)                                                                             \
	do {                                                                                       \
		if (log_enabled(LOG_LEVEL_DEBUG))                                                  \
			log_printf(LOG_LEVEL_DEBUG, __VA_ARGS__);                                  \
	} while (0)

/* For what a peer can provoke: at most 5 lines a second from one place, the rest counted and told
 * with the next line. @now in ns. */
struct log_limit {
	uint64_t tat, suppressed;
};
bool log_limit_ok(struct log_limit *l, uint64_t now, uint64_t *ret_suppressed);

#endif
