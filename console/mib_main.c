// SPDX-License-Identifier: GPL-2.0-or-later
/* brasd-snmp: options, and off it goes. */
#include "base/log.h"
#include "console/mib_agent.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: brasd-snmp [-i INSTANCE | -s SOCKET] [-x ADDRESS] [-n CONTEXT] [-a SECONDS]\n"
	"                   [-t SECONDS]\n"
	"\n"
	"  -i INSTANCE  the daemon's instance (default \"" CONTROL_INSTANCE "\")\n"
	"  -s SOCKET    its control socket (default " CONTROL_RUN_DIR "/INSTANCE/control)\n"
	"  -x ADDRESS   where the master agent is (default /var/agentx/master)\n"
	"  -n CONTEXT   the SNMP context in which the objects are (default: the default one)\n"
	"  -a SECONDS   how long what was read serves, 1 to 3600 (default 5)\n"
	"  -t SECONDS   how often to look for what there is to notify of, 1 to 3600; 0: never "
	"(default 10)\n"
	"  -h           this text\n";

static int bad(const char *what, const char *value)
{
	fprintf(stderr, "brasd-snmp: %s: %s\n", what, value);
	return 2;
}

int main(int argc, char **argv)
{
	struct mib_agent_config c = { .context = "",
				      .age = MIB_AGE_DEFAULT,
				      .look = MIB_LOOK_DEFAULT };
	char path[CONTROL_PATH_MAX];
	uint64_t age, look;
	int o, r;

	(void)control_path(path, CONTROL_INSTANCE);
	c.socket = path;
	while ((o = getopt(argc, argv, "i:s:x:n:a:t:h")) != -1) {
		if (o == 'i' && control_path(path, optarg))
			return bad("not an instance's name", optarg);
		if (o == 'a' && str_to_u64(optarg, MIB_AGE_MIN, MIB_AGE_MAX, &age))
			return bad("not 1 to 3600 seconds", optarg);
		if (o == 't' && str_to_u64(optarg, 0, MIB_LOOK_MAX, &look))
			return bad("not 0 to 3600 seconds", optarg);
		if (o == 's')
			c.socket = optarg;
		else if (o == 'x')
			c.master = optarg;
		else if (o == 'n')
			c.context = optarg;
		else if (o == 'a')
			c.age = (unsigned)age;
		else if (o == 't')
			c.look = (unsigned)look;
		else if (o != 'i')
			return fputs(usage, o == 'h' ? stdout : stderr), o == 'h' ? 0 : 2;
	}
	if (optind < argc)
		return bad("what is this", argv[optind]);
	r = mib_agent(&c);
	if (r)
		fprintf(stderr, "brasd-snmp: cannot register its objects: %s\n", strerror(-r));
	return r ? 1 : 0;
}
