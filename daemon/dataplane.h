/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the configuration and bpf/: the mode is chosen, programs and maps are made or adopted. */
#ifndef DAEMON_DATAPLANE_H
#define DAEMON_DATAPLANE_H

struct daemon;

/* Into d->dp and d->mode, after the device is there. 0, or -errno and a line in the log. Maps of
 * another size than the record says become d->rebuild. */
int dataplane_setup(struct daemon *d);

#endif
