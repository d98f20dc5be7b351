/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded file that says who had which address and ports, from when and until when: NAT44's and
 * NAT64's. Each line begins with the time; a full file becomes FILE.1. */
#ifndef DAEMON_PORT_LOG_H
#define DAEMON_PORT_LOG_H

#include <stdint.h>

struct port_log;

/* @what: for complaints, outlives it. -errno: the file cannot be written. */
int port_log_open(struct port_log **ret, const char *what, const char *path, uint32_t megabytes);
void port_log_close(struct port_log *l);
void port_log_put(struct port_log *l, uint64_t now, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void port_log_missed(struct port_log *l);	  /* a line never came to us */
uint64_t port_log_lost(const struct port_log *l); /* lines that are not in the file */

#endif
