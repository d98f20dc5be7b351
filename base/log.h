/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: one line each on stderr (with the journal's <N> prefix where stderr is the journal and
 * cannot be had directly), or a record for the journal with fields, or for syslog; as text or as a
 * JSON object. Nothing here waits for a reader: what a full pipe, journal or syslog does not take is
 * counted; of stderr, told with the next line.
 * A function logs an error or returns it, never both. Bytes that came from a peer go through
 * str_escape() (base/str.h) first.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
/* AUTO: the journal when stderr is the journal, else stderr. */
enum log_target { LOG_TARGET_AUTO, LOG_TARGET_STDERR, LOG_TARGET_JOURNAL, LOG_TARGET_SYSLOG };

/* @level: 0 (errors only) to 4 (everything), as `[log] level`, whose 3 is INFO. As text, AUTO, and
 * without a limit. */
void log_setup(unsigned level);
/* @limit: lines a second that are no errors and no warnings; 0: none. What is left out is counted,
 * and told with the next line. */
void log_options(enum log_format format, enum log_target target, uint32_t limit);
bool log_enabled(enum log_level level);
uint64_t log_lost(void); /* lines left out, or not taken by their readers */
void log_printf(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What a line is about: fields of the journal (PPPOE_USER=, ...) and members of the JSON object.
 * NULL and 0: not known. Text has them in its message alone. */
struct log_tag {
	const char *event;     /* "login" */
	const char *user;      /* escaped */
	const char *interface; /* of access */
	const char *mac, *ip;
	const char *session; /* Acct-Session-Id */
	unsigned sid;
	bool traced; /* somebody follows it: debug lines are told at any level */
};
void log_tagged(enum log_level level, const struct log_tag *tag, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

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
