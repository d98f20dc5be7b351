#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a line gets of its plan: test/bench/accuracy.sh BUILD [MBIT...]. iperf3 over SHAPE_SECONDS
# (after one more that does not count), one flow, and eight. Percent of what the plan carries as
# payload: each IP packet and 22 octets count. Ping: average and largest of 30, beside one flow.
B=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- 1 5 20 100 500
export B SHAPE_SECONDS=${SHAPE_SECONDS:-8} LAB_MODE=${MODE:-xdp}
cd "$(dirname "$0")/../netns" || exit 1
. ../lab.sh
. ../shape.sh

tcp() { shape_tcp "$ns" "$mbit" -c $WEB4 "$@" | sed 's/.*: //'; }
udp() { shape_udp "$ns" "$mbit" -c $WEB4 "$@" | sed 's/.*: //'; }
loaded() { # ARGS...: average / largest, in ms
	shape_loaded "$ns" 100000 -c $WEB4 "$@" | sed -n 's|.*= [0-9.]*/\([0-9.]*\)/\([0-9.]*\)/.*|\1 / \2|p'
}
row() { # DIRECTION ARGS...
	local way=$1
	shift
	printf '| %s | %s | %s | %s | %s | %s |\n' "$mbit" "$way" "$(tcp "$@")" "$(tcp "$@" -P 8)" \
		"$(udp "$@")" "$(loaded "$@")"
}

lab_up > /dev/null
lab_start_brasd shaper.mode=htb
lab_ns one; ns=$REPLY
lab_dial one -u alice -p wonderland --plumb "u0@$ns"
echo "| plan, Mbit/s | way | TCP | TCP, 8 flows | UDP | ping under load, ms |"
echo "| --- | --- | --- | --- | --- | --- |"
for mbit in "$@"; do
	shape_plan alice "${mbit}M/${mbit}M" > /dev/null || fail "no plan of $mbit Mbit/s"
	row down -R
	row up
done
lab_hangup one > /dev/null
