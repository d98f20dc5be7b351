/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The telnet console. telnet.c is in the loop; telnet_sys.c has a thread that listens and moves
 * octets, and telnet_line_sys.c one for each client, in which libcli edits lines. A command goes to
 * the loop over a socket pair that the loop takes for a client of the control socket: so handlers
 * run in the loop and nowhere else, answers are bounded and come piece by piece, and a stalled
 * reader loses them. Everything else that the threads tell the loop is a struct telnet_event.
 */
#ifndef DAEMON_TELNET_H
#define DAEMON_TELNET_H

#include "console/tree.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct daemon;

int telnet_setup(struct daemon *d); /* what failed has been logged */
void telnet_teardown(struct daemon *d);

#define TELNET_NAME_MAX 32
#define TELNET_HASH_MAX 128

struct telnet_user {
	char name[TELNET_NAME_MAX];
	char hash[TELNET_HASH_MAX]; /* as crypt(5) has it */
	enum tree_level level;
};

struct telnet_config {
	const char *address;
	uint16_t port;
	const struct telnet_user *users; /* none: no login, everybody is an admin */
	unsigned user_count;
	unsigned max_clients;
	unsigned idle_timeout; /* s */
	const struct control_command *commands;
	unsigned command_count;
};

struct telnet_event {
	enum telnet_event_kind {
		TELNET_COMMAND, /* fd: give it to control_attach() */
		TELNET_LOGIN,
		TELNET_FAILED,
		TELNET_BUSY,	/* sent away: too many */
		TELNET_STALLED, /* sent away: it does not read */
	} kind;
	int fd;
	enum tree_level level;
	char user[TELNET_NAME_MAX]; /* as it was typed: escape it */
	char peer[64];
};

struct telnet_sys;

/* Listens and starts the thread. The configuration is used until telnet_sys_free(). */
int telnet_sys_new(struct telnet_sys **ret, const struct telnet_config *config, char *why,
		   size_t why_len);
void telnet_sys_free(struct telnet_sys *t); /* waits for the threads: control clients go before */
int telnet_sys_fd(const struct telnet_sys *t);
/* 0, or -EAGAIN: nothing has happened. */
int telnet_sys_event(struct telnet_sys *t, struct telnet_event *ret);

/* Between the two files of threads. */
struct telnet_line {
	const struct telnet_config *config;
	int fd;	   /* the editor's end */
	int event; /* where events are written */
	char peer[64];
	atomic_uint rows; /* of its window; 0: unknown, no paging */
	atomic_bool done; /* the thread has ended, but for being joined */
};

void *telnet_line_main(void *line);
void telnet_tell(int fd, const struct telnet_event *e);

#endif
