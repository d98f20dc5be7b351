#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lines of 1492 and of 1500 octets (RFC 4638) side by side: what fits passes whole, what does not is
# answered with too-big, upstream and downstream, in both families.
# Sample: 1 of dataplane
. "$(dirname "$0")/lib.sh"

mtu_of() { ip -n house -o link show ppp"$1" | sed "s/.* mtu \([0-9]*\) .*/\1/"; }
# Whole packets of exactly N octets with "don't fragment".
fits4() { ping4 "$1" 192.0.2.2 -M do -s $(($2 - 28)); }
fits6() { ping6 "$1" 2001:db8:ffff::2 -M do -s $(($2 - 48)); }
down4() { internet ping -4 -q -c 2 -i 0.3 -W 2 -M "$3" -s $(($2 - 28)) "$(address4 "$1")"; }
down6() { internet ping -6 -q -c 2 -i 0.3 -W 2 -M "$3" -s $(($2 - 48)) "$(global6 "$1")"; }
# The first packet is refused, and the refusal names the line's MTU.
refused4() { internet ping -4 -c 2 -i 0.3 -W 2 -M do -s $(($2 - 28)) "$(address4 "$1")" 2>&1 | grep -q "mtu *= *$3"; }
refused6() { internet ping -6 -c 2 -i 0.3 -W 2 -M do -s $(($2 - 48)) "$(global6 "$1")" 2>&1 | grep -q "Packet too big: mtu=$3\|mtu=$3"; }
too_big_up() { # FAMILY
	local to=192.0.2.53 head=28 # not what the others use: the answer is remembered
	[ "$1" = 4 ] || to=2001:db8:ffff::53 head=48
	house ping -"$1" -c 2 -i 0.3 -W 2 -I ppp0 -M do -s $((1492 - head)) $to 2>&1 | grep -q 'mtu *= *1400'
}
whole4() { # a fragmented packet comes through and its answer too
	internet ping -4 -q -c 2 -i 0.3 -W 2 -M dont -s 3000 "$(address4 "$1")" &&
		house ping -4 -q -c 2 -i 0.3 -W 2 -I ppp"$1" -M dont -s 3000 192.0.2.2
}
whole6() { house ping -6 -q -c 2 -i 0.3 -W 2 -I ppp"$1" -s 3000 2001:db8:ffff::2; }

# What the internet has learned of a line's MTU goes with its route.
routes_anew() {
	ip -n internet route del 100.64.0.0/10
	ip -n internet route del 2001:db8:100::/40
	ip -n internet route add 100.64.0.0/10 via 192.0.2.1
	ip -n internet route add 2001:db8:100::/40 via 2001:db8:ffff::1
}

lab 1508
ip -n internet addr add 2001:db8:ffff::53/64 dev inet0 nodad
for mode in $(sample_of tc xdp); do
	config $mode 1500
	brasd_start
	dial 0 alice "secret one"
	small=$pppd
	dial 1 alice "secret one" mtu 1500 mru 1500
	large=$pppd
	check "$mode: line 0 is up" up 0 || give_up
	check "$mode: line 1 is up" up 1 || give_up
	routed 0
	routed 1
	routes_anew
	check "$mode: line 0 is 1492" [ "$(mtu_of 0)" = 1492 ]
	check "$mode: line 1 is 1500" [ "$(mtu_of 1)" = 1500 ]
	check "$mode: brasctl says 1492 and 1500" [ "$(sessions 'sorted(x["mtu"] for x in s)')" = "[1492, 1500]" ]
	for f in 4 6; do
		check "$mode: 1492 up and down on line 0, IPv$f" fits$f 0 1492
		check "$mode: 1500 up and down on line 1, IPv$f" fits$f 1 1500
		check "$mode: 1500 down to line 0 is too big, 1492, IPv$f" refused$f 0 1500 1492
		check "$mode: 1492 down to line 0, IPv$f" down$f 0 1492 do
		check "$mode: 1500 down to line 1, IPv$f" down$f 1 1500 do
		ip -n bng link set core0 mtu 1400
		ip -n internet link set inet0 mtu 1400
		check "$mode: 1492 up is too big for a core of 1400, IPv$f" too_big_up $f
		ip -n bng link set core0 mtu 1500
		ip -n internet link set inet0 mtu 1500
		check "$mode: fragments on line 0, IPv$f" whole$f 0
	done
	hang_up $small
	hang_up $large
	check "$mode: both are gone" wait_for 10 no_sessions
	check "$mode: brasd ends with 0" brasd_stop
done
finish
