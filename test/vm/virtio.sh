#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same over a NIC that is no veth: two virtio NICs wired to each other, one in the house, one at
# brasd. virtio has native XDP and VLAN offloads of its own.
# Sample: 1 of dataplane
VMRUN_ARGS="-p ${VMRUN_ARGS:-}"
. "$(dirname "$0")/lib.sh"
ACCESS=virtio

lab
ip -n house link add link wan0 name wan0.7 type vlan id 7
house sysctl -qw net.ipv6.conf.wan0/7.disable_ipv6=1
ip -n house link set wan0.7 up
nsenter --net=/run/netns/internet iperf3 -s > $T/iperf3.internet 2>&1 &
for mode in $(sample_of xdp tc auto); do
	config $mode 1492
	brasd_start
	grep 'data plane' $T/brasd.log
	[ $mode = auto ] || check "virtio $mode: said in the log" grep -qi "$mode" $T/brasd.log
	dial 0 alice "secret one" defaultroute
	check "virtio $mode: line is up" up 0 || give_up
	check "virtio $mode: IPv4" ping4 0 192.0.2.2
	check "virtio $mode: IPv6" ping6 0 2001:db8:ffff::2
	check "virtio $mode: gateway" ping6 0 fe80::1
	check "virtio $mode: whole packets" ping4 0 192.0.2.2 -M do -s 1464
	check "virtio $mode: TCP up" house timeout 40 iperf3 -t 2 -c 192.0.2.2
	check "virtio $mode: TCP down" house timeout 40 iperf3 -t 2 -R -c 192.0.2.2
	first=$pppd
	# virtio's VLAN filter cannot be turned off: tagged frames must come through all the same.
	NIC=wan0.7 dial 1 alice "secret one"
	check "virtio $mode: a line in VLAN 7 is up" up 1
	check "virtio $mode: brasctl shows its tag" [ "$(sessions '[x["svlan"] for x in s if x["ip"] == "'"$(address4 1)"'"]')" = "[7]" ]
	check "virtio $mode: it carries IPv4" ping4 1 192.0.2.2
	check "virtio $mode: it carries IPv6" ping6 1 2001:db8:ffff::2
	hang_up $first
	hang_up $pppd
	check "virtio $mode: sessions are gone" wait_for 10 no_sessions
	check "virtio $mode: brasd ends with 0" brasd_stop
done
finish
