#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same over a NIC that is no veth: two virtio NICs wired to each other, one in the house, one at
# brasd. virtio has native XDP. Untagged only: its VLAN filter is fixed on and loses tagged frames as
# long as the port is not promiscuous.
VMRUN_ARGS=-p
. "$(dirname "$0")/lib.sh"
ACCESS=virtio

lab
nsenter --net=/run/netns/internet iperf3 -s > $T/iperf3.internet 2>&1 &
for mode in xdp tc auto; do
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
	hang_up $pppd
	check "virtio $mode: session is gone" wait_for 10 no_sessions
	check "virtio $mode: brasd ends with 0" brasd_stop
done
finish
