/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this process takes of the machine. */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include <stdint.h>

struct process_load {
	uint64_t at, used;   /* ns: when it was looked at, and its CPU time by then */
	uint64_t percent;    /* of one CPU, between the last two looks */
	uint64_t rss, virt;  /* kB */
};

/* Looks, but not more than once a second. @l: zeros at first, then what it has found. */
void process_load(struct process_load *l, uint64_t now);

#endif
