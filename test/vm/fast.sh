#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fast path under Debian's kernel: its programs load in both modes, routed and flows, and a real
# pppd's packets go around the stack; a flow with NAT44 once conntrack has accepted it.
. "$(dirname "$0")/lib.sh"

hits() { ctl show fastpath --json | /usr/bin/python3 -c 'import json, sys
sys.exit(json.load(sys.stdin)["hits-packets"] < int(sys.argv[1]))' "$1"; }

lab
nsenter --net=/run/netns/internet iperf3 -s > $T/iperf3.internet 2>&1 &
for mode in $(sample_of tc xdp); do
	for fast in routed flows; do
		config $mode 1492
		sed -i "s/^datapath = .*/&\nfastpath = $fast\ncore = core0,$mode/" $T/brasd.conf
		[ $fast = routed ] || printf '[nat44]\nmasquerade = core0\n' >> $T/brasd.conf
		brasd_start
		dial 0 alice "secret one" defaultroute
		check "$mode, $fast: line is up" up 0 || give_up
		check "$mode, $fast: TCP up" house timeout 60 iperf3 -t 4 -c 192.0.2.2
		check "$mode, $fast: TCP down" house timeout 60 iperf3 -t 4 -c 192.0.2.2 -R
		check "$mode, $fast: around the stack" hits 100
		ctl show fastpath --json
		hang_up $pppd
		check "$mode, $fast: brasd ends with 0" brasd_stop
	done
done
finish
