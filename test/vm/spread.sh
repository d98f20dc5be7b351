#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `spread` with a real client under Debian's kernel, two virtual CPUs: the line's packets are carried on
# the CPU that the list names, another list moves them, off ends it; both modes.
# Sample: 1 of dataplane
. "$(dirname "$0")/lib.sh"

cpus() { # EXPRESSION over the list c of `show cpu`
	ctl show cpu --json | /usr/bin/python3 -c 'import json, sys
c = json.load(sys.stdin)
print(c)
sys.exit(not eval(sys.argv[1]))' "$1"
}
list() { # MODE LIST: reload
	config "$1" 1492 "[subscriber]
	spread = $2"
	ctl reload > /dev/null
	wait_for 60 list_is "$2"
}
list_is() { # LIST of one CPU, or off
	ctl show reload --json | grep -q '"applied"' &&
		cpus "[x['cpu'] for x in c if x['spread']] == [int(y) for y in ['$1'] if y != 'off']"
}
carried() { # CPU: a ping's packets on that one alone
	local before after
	before=$(of "$1" packets-up)
	ping4 0 192.0.2.2 || return 1
	after=$(of "$1" packets-up)
	echo "$before $after"
	[ "$after" -ge $((before + 3)) ]
}
of() { ctl show cpu --json | /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)[int(sys.argv[1])][sys.argv[2]])' "$1" "$2"; }
handed_is_carried() { # but for link-local IPv6, which is the daemon's
	cpus "all(x['handed'] >= x['packets-up'] and x['drops'] == 0 for x in c) and c[1]['packets-up'] > 0 and c[1]['sessions'] == 1"
}

lab
for mode in $(sample_of xdp tc); do
	config $mode 1492 "[subscriber]
	spread = 1"
	brasd_start
	dial 0 alice "secret one" defaultroute
	check "spread $mode: line is up" up 0 || give_up
	check "spread $mode: CPU 1 carries it" carried 1
	check "spread $mode: with IPv6" ping6 0 2001:db8:ffff::2
	[ $mode = tc ] || check "spread $mode: what was handed was carried" handed_is_carried
	check "spread $mode: another list" list $mode 0
	check "spread $mode: CPU 0 carries it" carried 0
	check "spread $mode: off" list $mode off
	check "spread $mode: packets pass" ping4 0 192.0.2.2
	hang_up $pppd
	check "spread $mode: brasd ends with 0" brasd_stop
done
finish
