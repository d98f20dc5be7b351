#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fast path under Debian's kernel: its programs load in both modes, routed and flows, and a real
# pppd's packets go around the stack, up and down, by IPv4 and IPv6, and come whole; a flow with NAT44
# once conntrack has accepted it. In mode xdp they are redirected into the core's veth; what comes from
# there has its checksums made, as a network card's, and then not, as a container's.
# Sample: 1 of dataplane
. "$(dirname "$0")/lib.sh"

WEB4=192.0.2.2 WEB6=2001:db8:ffff::2
ODD=$ROOT/test/netns/odd.py

listens() { internet ss -Hlnt "sport = :$1" | grep -q .; }
hits() { # up|down: all so far
	ctl show fastpath --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["hits-" + sys.argv[1]])' "$1"
}
around() { # up|down COMMAND...: with a hundred packets and more in that direction
	local way=$1 before
	before=$(hits "$way")
	shift
	"$@" || return 1
	echo "hits $way: $before, then $(hits "$way")"
	[ "$(hits "$way")" -gt $((before + 100)) ]
}
tcp() { house timeout 60 iperf3 -t 2 -c "$@"; }
whole() { house timeout 100 /usr/bin/python3 "$ODD" run 7100 $WEB4 $WEB6; }
# The veth's other end makes its own checksums and segments, or leaves them to the device.
core_sums() { internet ethtool -K inet0 tx "$1" tso "$1" gso "$1"; }

one() { # MODE FASTPATH
	local name="$1, $2" web
	config "$1" 1492
	sed -i "s/^datapath = .*/&\nfastpath = $2\ncore = core0,$1/" $T/brasd.conf
	[ "$2" = routed ] || printf '[nat44]\nmasquerade = core0\n' >> $T/brasd.conf
	core_sums off
	brasd_start
	[ "$1" = tc ] || check "$name: core0 takes XDP" eval "! grep 'core0 is not read by XDP' $T/brasd.log"
	dial 0 alice "secret one" defaultroute
	check "$name: line is up" up 0 || give_up
	ip -n house -6 route replace default via fe80::1 dev ppp0
	for web in $WEB4 $WEB6; do
		check "$name: TCP up to $web, around the stack" around up tcp $web
		check "$name: TCP down from $web, around the stack" around down tcp $web -R
	done
	check "$name: what was sent comes back, TCP and UDP" around up whole
	core_sums on
	check "$name: checksums left to be made: TCP down" around down tcp $WEB4 -R
	check "$name: and by IPv6" around down tcp $WEB6 -R
	ctl show fastpath --json
	hang_up $pppd
	check "$name: brasd ends with 0" brasd_stop
}

lab
# A redirect from XDP needs NAPI at the other end of a veth.
internet ethtool -K inet0 gro on
# Flows are conntrack's: IPv6 has no NAT44 that would wake it.
bng nft -f - <<-END
	table inet fw { chain forward { type filter hook forward priority 0; ct state established,related accept; }; }
END
nsenter --net=/run/netns/internet iperf3 -s > $T/iperf3.internet 2>&1 &
nsenter --net=/run/netns/internet /usr/bin/python3 "$ODD" serve 7100 > $T/odd 2>&1 &
wait_for 30 listens 5201 && wait_for 30 listens 7100 || { not_ok "a server does not listen"; give_up; }
for mode in $(sample_of tc xdp); do
	for fast in routed flows; do
		one $mode $fast
	done
done
finish
