#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A box with one Ethernet port at a switch with VLANs, as a Raspberry Pi 4: lines come in by a VLAN device of
# the port (VLAN 100), the internet is by the port itself, untagged, or by another VLAN device (VLAN 10).
#
#   house (pppd; wan0) -- switch, VLAN 100 --\
#                                             +- acc0 bng: acc0.100 access; acc0 or acc0.10 core
#   internet (inet0) ---- switch, VLAN 10 ---/
#
# A real pppd has whole packets, a clamped MSS, right counters; brasd may be restarted; the port's other VLAN
# goes on. Then the same by USB: the kernel's gadget (usb0) at a host controller that is emulated, whose
# network device is the subscriber's.
# Sample: 1 of dataplane
VMRUN_ARGS="-p ${VMRUN_ARGS:-}"
. "$(dirname "$0")/lib.sh"
ACCESS=virtio

plug_in() { # the port and what was beside it, into a switch
	ip netns add switch
	ip -n house link set wan0 netns switch name trunk
	ip -n bng link set core0 netns switch name net
	ip link add wan0 netns house type veth peer name line netns switch
	house sysctl -qw net.ipv6.conf.wan0.disable_ipv6=1
	ip -n switch link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0 mcast_snooping 0
	for port in trunk net line; do
		ip -n switch link set $port master br0 up
	done
	ip -n switch link set br0 up
	ip -n house link set wan0 up
	in_ns switch bridge vlan add dev trunk vid 100
	in_ns switch bridge vlan add dev line vid 100 pvid untagged
	in_ns switch bridge vlan add dev net vid 10 pvid untagged
	ip -n bng link add link acc0 name acc0.100 type vlan id 100
	bng sysctl -qw net.ipv6.conf.acc0/100.disable_ipv6=1
}
core_is() { # DEVICE: the internet's network is there; the switch tags accordingly
	case $1 in
	*.10)
		in_ns switch bridge vlan add dev trunk vid 10
		ip -n bng link add link acc0 name acc0.10 up type vlan id 10
		;;
	*)
		in_ns switch bridge vlan add dev trunk vid 10 pvid untagged
		bng ip link del acc0.10 2> /dev/null
		bng sysctl -qw net.ipv6.conf.acc0.disable_ipv6=0
		;;
	esac
	ip -n bng addr add 192.0.2.1/24 dev "$1"
	ip -n bng addr add 2001:db8:ffff::1/64 dev "$1" nodad
	ip -n bng route replace default via 192.0.2.2
}

agrees() { [ "$(ctl check --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["problems"])')" = 0 ]; }
tcp() { house timeout 60 iperf3 -t 2 -c "$@"; }
small() { bng ping -q -c 3 -i 0.2 -W 2 192.0.2.2; } # the port's other VLAN
proposed() { # CORE
	bng "$B/brasctl" setup -o $T/setup.conf --force users=$T/users < /dev/null &&
		grep -qx 'interface = acc0.100' $T/setup.conf && grep -qx "masquerade = $1" $T/setup.conf
}
features() { bng ethtool -k acc0 | grep -E 'vlan|lro|gro-hw'; }

# What a subscriber says that has no clamp of its own: 1460 for a link of 1500.
clamped() { # FAMILY ADDRESS MSS
	nsenter --net=/run/netns/internet timeout 60 tcpdump -Z root -i inet0 -nn -l -c 1 "ip$1 and tcp port 5201" > $T/syn 2> $T/syn.log &
	local dump=$!
	wait_for 20 grep -q 'listening on' $T/syn.log || return 1
	ip -n house link set ppp0 mtu 1500
	house timeout 20 iperf3 -n 1000 -c "$2" > /dev/null
	ip -n house link set ppp0 mtu 1492
	wait $dump
	cat $T/syn
	grep -q "mss $3," $T/syn
}

counted() { # what pppd has counted is what brasd has, but for control frames
	/usr/bin/python3 - $(ip -n house -j -s link show ppp0 | jq '.[0].stats64 | .tx.packets, .rx.packets') \
		"$(sessions 's[0]["rx-pkts"]')" "$(sessions 's[0]["tx-pkts"]')" <<-'END'
	import sys
	up, down, rx, tx = map(int, sys.argv[1:])
	print("pppd: %d up, %d down; brasd: %d, %d" % (up, down, rx, tx))
	sys.exit(not (rx > 500 and tx > 500 and abs(up - rx) <= 40 and abs(down - tx) <= 40))
	END
}
shown() { [ "$(sessions '[(x["ifname"], x["svlan"], x["mtu"]) for x in s]')" = "[('$1', None, 1492)]" ]; }

carries() { # NAME
	house ip -6 route replace default via fe80::1 dev ppp0
	for f in 4 6; do
		to=192.0.2.2 whole=1464
		[ $f = 4 ] || to=2001:db8:ffff::2 whole=1444
		check "$1: all of a packet, up and down, IPv$f" ping$f 0 $to -M do -s $whole
		check "$1: TCP up, IPv$f" tcp $to
		check "$1: TCP down, IPv$f" tcp $to -R
	done
}

restarted() { # NAME
	local addresses pid=$brasd
	addresses="$(address4 0) $(global6 0)"
	ctl restart > /dev/null
	wait_for 60 gone "$pid"
	brasd_start
	check "$1: a restart keeps the line" [ "$(address4 0) $(global6 0) $(sessions 'len(s)')" = "$addresses 1" ]
	check "$1: and it carries" ping4 0 192.0.2.2
}

one_port() { # MODE CORE
	local name="$1, core $2" before
	core_is "$2"
	check "$name: the box has the internet" wait_for 20 small
	check "$name: setup proposes the VLAN's device" proposed "$2"
	before=$(features)
	config "$1" 1492
	sed -i "s/^interface = .*/interface = acc0.100/" $T/brasd.conf
	printf '[nat44]\nmasquerade = %s\n' "$2" >> $T/brasd.conf
	brasd_start
	grep 'data plane' $T/brasd.log
	check "$name: by tc, and why is said" grep -q 'data plane.* tc' $T/brasd.log
	check "$name: the port's own features stay" [ "$(features)" = "$before" ]
	dial 0 alice "secret one" defaultroute
	check "$name: line is up" up 0 || give_up
	check "$name: on the VLAN's device" shown acc0.100
	carries "$name"
	check "$name: MSS" clamped "" 192.0.2.2 1452
	check "$name: MSS, IPv6" clamped 6 2001:db8:ffff::2 1432
	check "$name: flows go around the stack" [ "$(ctl show fastpath --json | jq '."hits-up" > 100 and ."hits-down" > 100')" = true ]
	restarted "$name"
	check "$name: counted" counted
	check "$name: all agrees" agrees
	check "$name: the port's other VLAN" small
	check "$name: pppd ends" hang_up $pppd
	check "$name: session is gone" wait_for 10 no_sessions
	check "$name: brasd ends with 0" brasd_stop
	check "$name: the box has the internet still" small
}

named() { # MAC: the device that has it
	ip -o link | sed -n "s/^[0-9]*: \([^:@]*\)[:@].* link\/ether $1 .*/\1/p" | grep .
}
usb() {
	local name="usb gadget"
	modprobe -a dummy_hcd cdc_ether && modprobe g_ether dev_addr=$DEV host_addr=$HOST
	check "$name: the kernel has both ends" wait_for 60 named $HOST || give_up
	house sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip link set "$(named $DEV)" netns bng name usb0
	ip link set "$(named $HOST)" netns house name usb1
	house sysctl -qw net.ipv6.conf.default.disable_ipv6=0
	ip -n house link set usb1 up
	config auto 1492
	sed -i "s/^interface = .*/interface = usb0/" $T/brasd.conf
	brasd_start
	grep 'data plane' $T/brasd.log
	NIC=usb1 dial 0 alice "secret one" defaultroute
	check "$name: line is up" up 0 || give_up
	check "$name: on usb0" shown usb0
	house ip -6 route replace default via fe80::1 dev ppp0
	check "$name: all of a packet, up and down" ping4 0 192.0.2.2 -M do -s 1464
	check "$name: and by IPv6" ping6 0 2001:db8:ffff::2 -M do -s 1444
	check "$name: TCP up" tcp 192.0.2.2
	check "$name: TCP down" tcp 192.0.2.2 -R
	check "$name: all agrees" agrees
	hang_up $pppd
	check "$name: brasd ends with 0" brasd_stop
}
DEV=02:00:00:00:02:01 HOST=02:00:00:00:02:02

lab
plug_in
nsenter --net=/run/netns/internet iperf3 -s > $T/iperf3.internet 2>&1 &
for core in $(sample_of acc0.10 acc0); do
	one_port auto $core
done
usb
finish
