/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where lines of the log go. Nobody but log.c includes this. */
#ifndef BASE_LOG_OUT_H
#define BASE_LOG_OUT_H

#include "base/log.h"

#include <stddef.h>

/* Octets to a datagram socket that is opened when it is needed. 0, or -errno: nobody took it. */
int log_out_journal(const void *p, size_t len);
int log_out_syslog(const void *p, size_t len);
/* From now on, a reader of stderr that stalls is not waited for. */
void log_out_open(void);
/* 0, or -EAGAIN: it is full, and not all was taken. One caller at a time. */
int log_out_stderr(const void *p, size_t len);

#endif
