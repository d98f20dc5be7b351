/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper's side: clients, and the deeds they ask for, one after the other. */
#ifndef DAEMON_DEEDS_SERVE_H
#define DAEMON_DEEDS_SERVE_H

#include "base/loop.h"

#include <sys/types.h>

struct helper;

/* @fd: a listening socket, ours from here on. @uid: who may ask besides root and ourselves. */
int helper_new(struct helper **ret, struct loop *loop, const char *instance, int fd, uid_t uid);
void helper_quit(struct helper *h, uint64_t now); /* stops the loop once the children are gone */
void helper_free(struct helper *h);

#endif
