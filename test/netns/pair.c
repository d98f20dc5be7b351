// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes the subscriber device with `pair NAME QUEUES`, as the daemon does; exits 2 for -EINVAL. */
#include "daemon/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct net *net;
	int rc;

	if (argc != 3 || net_new(&net, NULL, NULL, NULL))
		return 1;
	rc = net_pair_create(net, argv[1], 1492, (unsigned)atoi(argv[2]), 0, NULL);
	if (rc)
		fprintf(stderr, "pair: %s\n", strerror(-rc));
	net_free(net);
	return rc == -EINVAL ? 2 : rc ? 1 : 0;
}
