#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real pppd dials in: each way to authenticate, both families, both attach modes.
. "$(dirname "$0")/lib.sh"

served() { # UNIT: what a line must be able to do
	check "$1 ping the internet, IPv4" ping4 0 192.0.2.2
	check "$1 ping the gateway, IPv4" ping4 0 100.64.0.1
	check "$1 ping the internet, IPv6" ping6 0 2001:db8:ffff::2
	check "$1 ping the gateway, fe80::1" ping6 0 fe80::1
	check "$1 DNS over IPv4, UDP" house "$HERE/dns.py" ask 192.0.2.53 "$(address4 0)" udp ppp0
	check "$1 DNS over IPv4, TCP" house "$HERE/dns.py" ask 192.0.2.53 "$(address4 0)" tcp ppp0
	check "$1 DNS over IPv6, UDP" house "$HERE/dns.py" ask 2001:db8:ffff::2 "$(global6 0)" udp ppp0
}

told() { # UNIT: pppd heard what the configuration says
	grep -q "remote IP address 100.64.0.1" $T/pppd.0 &&
		grep -q "primary   DNS address 192.0.2.53" $T/pppd.0 &&
		grep -q "secondary DNS address 192.0.2.54" $T/pppd.0 &&
		grep -q "remote LL address fe80::[0:]*1$" $T/pppd.0
}

shown() { # brasctl's view of the only line
	local want
	want="[('open', '$(address4 0)', 'acc0', 'alice', 1492, None)]"
	local got
	got=$(sessions '[(x["state"], x["ip"], x["ifname"], x["username"], x["mtu"], x["svlan"]) for x in s]')
	[ "$got" = "$want" ] || { echo "want $want"; echo "got  $got"; return 1; }
}

in_prefix() { [ "$(sessions "__import__('ipaddress').ip_address('$(global6 0)') in __import__('ipaddress').ip_network(s[0]['ip6'])")" = True ]; }
counted() { [ "$(sessions 's[0]["rx-pkts"] >= 12 and s[0]["tx-pkts"] >= 12 and s[0]["rx-bytes"] >= 12 * 84')" = True ]; }

way() { # MODE METHOD OPTIONS...
	local name="$1 $2"
	shift 2
	dial 0 alice "secret one" defaultroute "$@"
	check "$name: line is up" up 0 || give_up
	check "$name: addresses and servers told" told
	check "$name: brasctl shows it" shown
	check "$name: address is of the session's prefix" in_prefix
	served "$name:"
	check "$name: counted" counted
	check "$name: pppd ends" hang_up $pppd
	check "$name: session is gone" wait_for 10 no_sessions
}

refused() { # METHOD: all others
	local m
	for m in pap chap-md5 mschap mschap-v2 eap; do
		[ $m = "$1" ] || echo "refuse-${m%-md5}"
	done
}
methods() { # in this mode: a sample has each once
	[ -n "${SAMPLE:-}" ] && [ $mode = tc ] && echo chap-md5 pap && return
	[ -n "${SAMPLE:-}" ] && echo mschap-v2 && return
	echo chap-md5 mschap-v2 pap
}

lab
nsenter --net=/run/netns/internet "$HERE/dns.py" serve 192.0.2.53 2001:db8:ffff::2 &
dns=$!
for mode in tc xdp; do
	config $mode 1492
	brasd_start
	check "$mode: programs load, mode is said in the log" grep -qi "$mode" $T/brasd.log
	for method in $(methods); do
		# shellcheck disable=SC2046
		way $mode $method $(refused $method)
	done
	check "$mode: brasd ends with 0" brasd_stop
	check "$mode: subs0 is gone" bng bash -c '! ip link show subs0'
done
kill $dns
finish
