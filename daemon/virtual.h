/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual port of [mirror], which the helper's brasmon serves. */
#ifndef DAEMON_VIRTUAL_H
#define DAEMON_VIRTUAL_H

struct daemon;

void virtual_setup(struct daemon *d); /* what fails is logged: nobody's line depends on it */
void virtual_teardown(struct daemon *d);

#endif
