#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# iperf3 through a pppd line: TCP both ways, UDP both ways, both families, both attach modes, and
# against the box itself. The guest is emulated: only that bytes flow without stalls is checked.
. "$(dirname "$0")/lib.sh"

flow() { # MINIMUM-MBIT/S ARGS...: as received
	local min=$1
	shift
	house timeout 40 iperf3 -J -t 2 "$@" > $T/iperf.json || { tail -n 5 $T/iperf.json; return 1; }
	/usr/bin/python3 -c 'import json, sys
end = json.load(open(sys.argv[1]))["end"]
got = (end.get("sum_received") or end["sum"])["bits_per_second"] / 1e6
lost = (end.get("sum") or {}).get("lost_percent") or 0
print("%.1f Mbit/s, %.1f %% lost" % (got, lost))
sys.exit(got < float(sys.argv[2]) or lost > 20)' $T/iperf.json "$min"
}
measured() { # NAME MIN ARGS...
	local name=$1
	shift
	if check "$name" flow "$@"; then
		echo "   $(cat $T/check.out)"
	fi
}

lab
nsenter --net=/run/netns/internet iperf3 -s > $T/iperf3.internet 2>&1 &
for mode in $(sample_of tc xdp); do
	config $mode 1492
	brasd_start
	nsenter --net=/run/netns/bng iperf3 -s -p 5202 > $T/iperf3.bng 2>&1 &
	box=$!
	dial 0 alice "secret one" defaultroute
	check "$mode: line is up" up 0 || give_up
	house ip -6 route show default | grep -q . || house ip -6 route add default via fe80::1 dev ppp0
	wait_for 10 bng bash -c 'ss -tln | grep -q 5202'
	for f in 4 6; do
		to=192.0.2.2
		[ $f = 4 ] || to=2001:db8:ffff::2
		measured "$mode: TCP up, IPv$f" 2 -c $to
		measured "$mode: TCP down, IPv$f" 2 -c $to -R
		measured "$mode: UDP up, IPv$f" 1.8 -c $to -u -b 2M -l 1200
		measured "$mode: UDP down, IPv$f" 1.8 -c $to -u -b 2M -l 1200 -R
	done
	measured "$mode: TCP to the box itself" 2 -c 100.64.0.1 -p 5202
	measured "$mode: TCP from the box itself" 2 -c 100.64.0.1 -p 5202 -R
	kill $box
	hang_up $pppd
	check "$mode: brasd ends with 0" brasd_stop
done
finish
