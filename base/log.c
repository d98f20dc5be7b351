// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include "base/json.h"
#include "base/log_out.h"
#include "base/rate.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_MAX 1024

static unsigned log_max = LOG_LEVEL_INFO;
static bool log_journal; /* stderr is the journal */
static enum log_format log_format;
static enum log_target log_target;
static uint32_t log_per_second;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static struct rate log_rate;
static uint64_t log_left_out, log_untold, log_unread;

static const char *const level_names[] = { "error", "warning", "notice", "info", "debug" };
static const char severities[] = "34567"; /* syslog's */

void log_setup(unsigned level)
{
	log_max = level;
	log_journal = getenv("JOURNAL_STREAM");
	log_options(LOG_FORMAT_TEXT, LOG_TARGET_AUTO, 0);
	log_out_open();
}

void log_options(enum log_format format, enum log_target target, uint32_t limit)
{
	log_format = format;
	log_target = target;
	log_per_second = limit;
}

bool log_enabled(enum log_level level)
{
	return (unsigned)level <= log_max;
}

uint64_t log_lost(void)
{
	return __atomic_load_n(&log_left_out, __ATOMIC_RELAXED);
}

static void lost(void)
{
	__atomic_add_fetch(&log_left_out, 1, __ATOMIC_RELAXED);
}

/* --- a record as octets --------------------------------------------------------------------- */

/* "brasd: error: MESSAGE" */
static const char *prefix(enum log_level level)
{
	return level == LOG_LEVEL_ERROR ? "error: " : level == LOG_LEVEL_WARN ? "warning: " : "";
}

static void text_line(struct sbuf *out, enum log_level level, const char *message)
{
	if (log_journal)
		sbuf_printf(out, "<%c>", severities[level]);
	sbuf_printf(out, "brasd: %s%s\n", prefix(level), message);
}

static void json_line(struct sbuf *out, enum log_level level, const struct log_tag *tag,
		      const char *message)
{
	struct json j = { .out = out };
	struct timespec now;
	char stamp[40];
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(stamp + n, sizeof(stamp) - n, ".%06ldZ", now.tv_nsec / 1000);
	json_open(&j, NULL, '{');
	json_str(&j, "time", stamp);
	json_str(&j, "level", level_names[level]);
	json_str(&j, "message", message);
	if (tag && tag->event)
		json_str(&j, "event", tag->event);
	if (tag && tag->user)
		json_str(&j, "username", tag->user);
	if (tag && tag->interface)
		json_str(&j, "ifname", tag->interface);
	if (tag && tag->sid)
		json_u64(&j, "sid", tag->sid);
	if (tag && tag->mac)
		json_str(&j, "calling-sid", tag->mac);
	if (tag && tag->ip)
		json_str(&j, "ip", tag->ip);
	if (tag && tag->session)
		json_str(&j, "acct-session-id", tag->session);
	json_close(&j, '}');
	sbuf_append(out, "\n", 1);
}

static void field(struct sbuf *out, const char *name, const char *value)
{
	if (value)
		sbuf_printf(out, "%s=%s\n", name, value);
}

/* systemd's native protocol: FIELD=VALUE lines. No value of ours has a newline. */
static void journal_record(struct sbuf *out, enum log_level level, const struct log_tag *tag,
			   const char *message)
{
	sbuf_printf(out, "PRIORITY=%c\nSYSLOG_IDENTIFIER=brasd\nSYSLOG_FACILITY=3\nMESSAGE=%s%s\n",
		    severities[level], prefix(level), message);
	if (!tag)
		return;
	field(out, "PPPOE_EVENT", tag->event);
	field(out, "PPPOE_USER", tag->user);
	field(out, "PPPOE_INTERFACE", tag->interface);
	field(out, "PPPOE_MAC", tag->mac);
	field(out, "PPPOE_IP", tag->ip);
	field(out, "PPPOE_SESSION", tag->session);
	if (tag->sid)
		sbuf_printf(out, "PPPOE_SID=%u\n", tag->sid);
}

/* RFC 3164, as /dev/log takes it: facility daemon. */
static void syslog_record(struct sbuf *out, enum log_level level, const struct log_tag *tag,
			  const char *message)
{
	sbuf_printf(out, "<%u>brasd[%d]: ", 3u * 8 + (unsigned)(severities[level] - '0'),
		    (int)getpid());
	if (log_format == LOG_FORMAT_JSON) {
		json_line(out, level, tag, message);
		out->len--; /* no newline */
	} else {
		sbuf_printf(out, "%s%s", prefix(level), message);
	}
}

/* --- out ------------------------------------------------------------------------------------- */

static int stderr_line(enum log_level level, const struct log_tag *tag, const char *message)
{
	struct sbuf out = { 0 };
	int rc;

	if (log_format == LOG_FORMAT_JSON)
		json_line(&out, level, tag, message);
	else
		text_line(&out, level, message);
	rc = out.bad ? 0 : log_out_stderr(out.p, out.len);
	sbuf_fini(&out);
	return rc;
}

/* What nobody took is told before the next line that somebody takes. */
static void put_stderr(enum log_level level, const struct log_tag *tag, const char *message)
{
	char told[80];
	int rc = 0;

	pthread_mutex_lock(&log_lock);
	if (log_unread) {
		snprintf(told, sizeof(told), "log: %llu lines left out: stderr was not read",
			 (unsigned long long)log_unread);
		rc = stderr_line(LOG_LEVEL_WARN, NULL, told);
		log_unread = rc ? log_unread : 0;
	}
	rc = rc ? rc : stderr_line(level, tag, message);
	if (rc) {
		log_unread++;
		lost();
	}
	pthread_mutex_unlock(&log_lock);
}

static void put(enum log_level level, const struct log_tag *tag, const char *message)
{
	bool journal =
		log_target == LOG_TARGET_JOURNAL || (log_target == LOG_TARGET_AUTO && log_journal);
	struct sbuf out = { 0 };
	int rc = -EDESTADDRREQ;

	if (log_target == LOG_TARGET_SYSLOG) {
		syslog_record(&out, level, tag, message);
		rc = out.bad ? -ENOMEM : log_out_syslog(out.p, out.len);
	} else if (journal) {
		journal_record(&out, level, tag, message);
		rc = out.bad ? -ENOMEM : log_out_journal(out.p, out.len);
	}
	if (rc == -EAGAIN || rc == -ENOBUFS) {
		lost();
	} else if (rc) { /* nobody there, or this is where it goes */
		put_stderr(level, tag, message);
	}
	sbuf_fini(&out);
}

/* False: there were too many already. *ret_untold: lines that were left out before this one. */
static bool admitted(enum log_level level, uint64_t *ret_untold)
{
	struct timespec ts;
	bool ok;

	*ret_untold = 0;
	if (!log_per_second || level <= LOG_LEVEL_WARN)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	pthread_mutex_lock(&log_lock);
	ok = rate_ok(&log_rate, log_per_second, log_per_second,
		     (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec);
	if (ok)
		*ret_untold = log_untold;
	log_untold = ok ? 0 : log_untold + 1;
	pthread_mutex_unlock(&log_lock);
	if (!ok)
		lost();
	return ok;
}

static void vlog(enum log_level level, const struct log_tag *tag, const char *fmt, va_list ap)
{
	char message[MESSAGE_MAX], told[80];
	uint64_t untold;
	int err = errno;

	if (!admitted(level, &untold))
		return;
	if (untold) {
		snprintf(told, sizeof(told), "log: %llu lines left out: more than %u a second",
			 (unsigned long long)untold, log_per_second);
		put(LOG_LEVEL_NOTICE, NULL, told);
	}
	vsnprintf(message, sizeof(message), fmt, ap);
	for (char *p = message; *p; p++)
		if (*p == '\n')
			*p = ' ';
	put(level, tag, message);
	errno = err;
}

void log_printf(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (!log_enabled(level))
		return;
	va_start(ap, fmt);
	vlog(level, NULL, fmt, ap);
	va_end(ap);
}

void log_tagged(enum log_level level, const struct log_tag *tag, const char *fmt, ...)
{
	va_list ap;

	if (!log_enabled(level) && !tag->traced)
		return;
	va_start(ap, fmt);
	vlog(level, tag, fmt, ap);
	va_end(ap);
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
