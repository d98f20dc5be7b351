#!/bin/bash
# Proves: [mirror] where = forwarded copies what the box lets through and nothing that the firewall drops
# or the box itself takes: with NAT44, too, packet for packet what the line sent (but for the TTL), with
# sums that are right; from line to line; to NAT64 as it comes in. And what leaves for the core is whole.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../mirror.sh"
. "$(dirname "$0")/../fast.sh"

POOL6=2001:db8:64::

in_mon() { tcpdump -r "$LAB_DIR/mon.pcap" -n "$1" 2> /dev/null | wc -l; }
wrong_sums() { # NAME
	tshark -r "$LAB_DIR/$1.pcap" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-Y 'ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0' 2> /dev/null
}
send_udp() { # PORT
	in_ns "$ONE" python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('$WEB4', $1))"
}

whole() {
	capture line "$ONE" u0
	capture core "$INTERNET" k0
	capture mon "$MON" m0
	expect "traffic" mirror_traffic "$ONE"
	capture_end "$ONE" line core mon
	expect "TCP and UDP as the line has them, each once" python3 "$PCAP" same "$LAB_DIR/line.pcap" "$LAB_DIR/mon.pcap" -1
	expect "and pings" [ "$(in_mon "icmp[icmptype] == 8 and src $IP")" -gt 9 ]
	expect "the core sees another address" [ "$(tcpdump -r "$LAB_DIR/core.pcap" -n "src $IP" 2> /dev/null | wc -l)" = 0 ]
	expect "all sums are right: copies" [ -z "$(wrong_sums mon)" ]
	expect "and what leaves" [ -z "$(wrong_sums core)" ]
	expect "none dropped" counted all drops "== 0"
}

dropped() {
	g nft add table inet some
	g nft add chain inet some f '{ type filter hook forward priority 0; }'
	g nft add rule inet some f iifname subs0 udp dport 7777 drop
	capture mon "$MON" m0
	send_udp 7777
	send_udp 7778
	expect "the box answers" lab_ping "$ONE" $GW4
	expect "NAT64" lab_ping "$ONE" ${POOL6}192.0.2.2
	expect "line to line" lab_ping "$TWO" "$IP"
	capture_end "$ONE" mon
	expect "what the firewall drops is not copied" [ "$(in_mon 'udp port 7777')" = 0 ]
	expect "what it lets through is" [ "$(in_mon 'udp port 7778')" = 1 ]
	expect "nor what the box takes itself" [ "$(in_mon "icmp and dst $GW4")" = 0 ]
	expect "to NAT64 and back" [ "$(in_mon 'icmp6 and net 2001:db8:64::/96')" = 10 ]
	expect "from line to line: of both" [ "$(in_mon "icmp and host $IP and host $IP2")" = 20 ]
	g nft delete table inet some
}

run() {
	monitor_up
	fast_lab
	n ip route del 100.64.0.0/10
	lab_start_brasd mirror.port=mon0 mirror.where=forwarded nat44.masquerade=core0 subscriber.fastpath=flows \
		nat64.pool6=${POOL6}/96 nat64.tayga-device=nat64 nat64.pool4=$CORE4,61000-65535
	lab_ns one; ONE=$REPLY
	lab_ns two; TWO=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	lab_dial two -u bob -p secret --mac-base 02:bb:00:00:10:00 --plumb "u0@$TWO"
	IP=$(lab_field one ip) IP2=$(lab_field two ip)
	in_ns "$ONE" ethtool -K u0 tx off > /dev/null 2>&1 # sums are in the packets, as on a wire
	g ethtool -K core0 tx off tso off gso off > /dev/null 2>&1
	n ethtool -K k0 gro off > /dev/null 2>&1
	wait_for 30 lab_json "j['state'] == 'up'" show nat64 || fail "no NAT64"
	whole
	dropped
	lab_hangup one
	lab_hangup two
	lab_stop brasd || fail "brasd ended with $?"
	refuse "our program is gone from the core" sh -c "nsenter --net=/run/netns/$BNG tc filter show dev core0 egress | grep -q bpf"
}

lab_each_mode run
