#!/bin/bash
# Proves: a monitor's router that sends copies on, so that they come back by the core, is noticed, by IPv4 and by
# IPv6, told with a reason and gets no more of them: no line gets a packet twice. When it is put right, copies
# go there again. Nor is a copy sent to where our own default route leads, which would cost lines all they are sent.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../mirror.sh"

ROUND=30 # s; it is asked every 6 while something comes back

# The monitor is a router with another way to the lines: by the internet's.
second_way() {
	n ip link add kr type veth peer name r0 netns "$MON"
	lab_link_end "$INTERNET" kr 1500 eui64
	lab_link_end "$MON" r0 1500 eui64
	n ip addr add 198.51.100.1/24 dev kr
	n ip -6 addr add 2001:db8:9::1/64 dev kr nodad
	in_ns "$MON" ip addr add 198.51.100.2/24 dev r0
	in_ns "$MON" ip -6 addr add 2001:db8:9::2/64 dev r0 nodad
	n sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	in_ns "$MON" sysctl -qw net.ipv6.conf.all.forwarding=1
	n ip route add 198.51.100.0/24 dev kr 2> /dev/null
}
last_line() { grep 'mirror:' "$LAB_DIR/brasd.log" | tail -n 1 | grep -q "$1"; }
sends_on() { last_line 'mon0: it sends on what it gets'; }
is_good() { last_line 'copies go out of mon0'; }
no_twice() { # NETNS ADDRESS
	local out
	out=$(in_ns "$1" ping -c 10 -i 0.1 -W 2 "$2") || return 1
	! grep -q DUP <<< "$out"
}
in_core() { tcpdump -r "$LAB_DIR/core.pcap" -n "$1" 2> /dev/null | wc -l; }

# Copies of what a line is sent would come to it by the core: as they do, with nobody who asks.
comes_back() { # IPv4|IPv6 ADDRESS FILTER
	expect "$1: it is told" wait_for $ROUND sends_on
	capture core "$INTERNET" kr
	expect "$1: no line gets a packet twice" no_twice "$ONE" "$2"
	lab_stop cap-core INT
	expect "$1: and no copy comes back" [ "$(in_core "$3 and host $2")" = 0 ]
	expect "$1: they are counted as dropped" counted all drops "> 0"
}

run() {
	monitor_up
	second_way
	in_ns "$MON" ip route del default
	in_ns "$MON" ip route add default via 198.51.100.1
	lab_start_brasd mirror.port=mon0,gateway=$MONITOR4
	lab_ns one; ONE=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	comes_back IPv4 $WEB4 icmp

	in_ns "$MON" ip rule add iif m0 pref 5 blackhole # what a monitor does with what it is not for
	expect "put right: copies go there" wait_for $ROUND is_good
	expect "traffic" no_twice "$ONE" $WEB4
	expect "is copied" counted all packets ">= 20"

	in_ns "$MON" ip -6 route add default via 2001:db8:9::1
	g ip link set mon0 down
	expect "another start for it" wait_for 15 last_line 'mon0: the interface is down'
	g ip link set mon0 up
	comes_back IPv6 $WEB6 icmp6
	in_ns "$MON" ip -6 rule add iif m0 pref 5 blackhole
	expect "and that, too" wait_for $ROUND is_good
	expect "with IPv6" no_twice "$ONE" $WEB6
	lab_hangup one
	lab_stop brasd || fail "brasd ended with $?"

	g ip route add default via $WEB4
	lab_start_brasd mirror.port=core0,gateway=$WEB4
	expect "our own router is no monitor: told" wait_for 15 last_line 'core0: our own default route leads there'
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	expect "and lines have what they are sent" no_twice "$ONE" $WEB4
	expect "none of it is taken for a copy" lab_json "j['drops']['mirror-return'] == 0" show stat
	g ip route del default
	lab_hangup one
	lab_stop brasd || fail "brasd ended with $?"
}

lab_each_mode run
