// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/process.h"

#include "base/str.h"
#include "base/wheel.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t ns(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * NSEC_PER_SEC + (uint64_t)tv->tv_usec * 1000;
}

static void memory(struct process_load *l)
{
	_cleanup_close_ int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
	unsigned long virt, rss;
	char text[128];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return;
	text[n] = '\0';
	if (sscanf(text, "%lu %lu", &virt, &rss) != 2)
		return;
	l->virt = virt * page;
	l->rss = rss * page;
}

void process_load(struct process_load *l, uint64_t now)
{
	struct rusage u;
	uint64_t used;

	if ((l->at && now - l->at < NSEC_PER_SEC) || getrusage(RUSAGE_SELF, &u))
		return;
	used = ns(&u.ru_utime) + ns(&u.ru_stime);
	if (l->at)
		l->percent = (used - l->used) * 100 / (now - l->at);
	l->at = now;
	l->used = used;
	memory(l);
}
