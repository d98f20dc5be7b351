#!/bin/bash
# Proves: copies for a monitor anywhere, behind a router: VXLAN, GRE, ERSPAN type II and TZSP, over IPv4
# and IPv6, as tshark decodes them, each packet of a line once and its octets the line's own; what the
# MTU does not carry is cut, marked and counted, and no customer's packet with it; snap=; the outer
# packets are never copied; a way that is gone, wrong or ours is told and counted; kill -9 keeps the
# device, a clean end removes it.
# Run: early
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../mirror.sh"

MON4=198.51.100.9 MON6=2001:db8:9::9
ECHOES="vxlan && icmp && !(icmp.type == 3)" # the monitor itself says "port unreachable"

monitor_up() { # behind the internet's router, with an MTU that carries whole copies
	lab_ns mon; MON=$REPLY
	n ip link add km type veth peer name m0 netns "$MON"
	lab_link_end "$INTERNET" km 1700 eui64 # a router asks for neighbours by its link-local address
	lab_link_end "$MON" m0 1700 eui64
	n ip addr add 198.51.100.1/24 dev km
	n ip addr add 2001:db8:9::1/64 dev km nodad
	in_ns "$MON" ip addr add $MON4/24 dev m0
	in_ns "$MON" ip addr add $MON6/64 dev m0 nodad
	in_ns "$MON" ip route add default via 198.51.100.1
	in_ns "$MON" ip -6 route add default via 2001:db8:9::1
	in_ns "$MON" ethtool -K m0 gro off > /dev/null 2>&1
	n sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	g ip link set core0 mtu 1700
	n ip link set k0 mtu 1700
	g ip route add 198.51.100.0/24 via $WEB4
	g ip -6 route add 2001:db8:9::/64 via $WEB6
}

way_is_there() { grep -q "copies go to $1" "$LAB_DIR/brasd.log"; }
decoded() { tshark -r "$LAB_DIR/mon.pcap" -d udp.port==37008,tzsp -d udp.port==4788,vxlan "$@" 2> /dev/null; }
all_are() { # FILTER: every packet of the monitor's is one, and some are
	[ "$(decoded -Y "$1" | wc -l)" -gt 10 ] && [ -z "$(decoded -Y "!($1) && !icmp.type==3 && !icmpv6.type==1 && !arp && !(icmpv6.type >= 133)")" ]
}

stop_line() {
	lab_hangup one
	lab_stop brasd || fail "brasd ended with $?"
	refuse "its device is gone" g ip link show subs0m
}

# Of each kind; all that there is, TCP and UDP at a rate too, only once: behind the header nothing differs.
few_of_each() { lab_ping "$1" $WEB4 && lab_ping "$1" $WEB6 && lab_ping "$1" $WEB4 -s 4000 && in_ns "$1" curl -sSf -m 5 "http://$WEB4/"; }

kind() { # PORT FILTER HEAD [TRAFFIC]: octets in front of the copy's Ethernet frame
	lab_start_brasd "mirror.port=$1"
	expect "a way to ${1%%,*}" wait_for 15 way_is_there "${1%%,*}"
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	capture line "$ONE" u0
	capture mon "$MON" m0
	expect "traffic" "${4:-few_of_each}" "$ONE"
	capture_end "$ONE" line
	wait_for 20 marked_inside $MARK || fail "the mark did not come to the monitor"
	lab_stop cap-mon INT
	expect "tshark: $2" all_are "$2"
	expect "each packet, once" python3 "$PCAP" same "$LAB_DIR/line.pcap" "$LAB_DIR/mon.pcap" "$3"
	expect "counted" counted all packets "== $(python3 "$PCAP" count "$LAB_DIR/mon.pcap" "" "$3")"
	expect "none dropped, none cut" lab_json "[(r['drops'], r['truncated']) for r in j] == [(0, 0)]" show mirror
}
marked_inside() { decoded -Y "udp.dstport == $1" | grep -q .; }

# An MTU of 1500 on the way: whole packets of a line do not fit.
too_long() {
	g ip link set core0 mtu 1500
	n ip link set k0 mtu 1500
	expect "the way is smaller" wait_for 15 grep -q "copies go to $1 out of core0, 14" "$LAB_DIR/brasd.log"
	capture mon "$MON" m0
	expect "whole packets of the line pass" lab_ping "$ONE" $WEB4 -s 1464 -M do
	expect "cut, and counted" lab_json "[(r['drops'], r['truncated']) for r in j] == [(0, 10)]" show mirror
	wait_for 20 ten_cut "$2" || fail "not ten of: $2"
	lab_stop cap-mon INT
	refuse "no fragments" decoded_any 'ip.flags.mf == 1 || ip.frag_offset > 0'
	g ip link set core0 mtu 1700
	n ip link set k0 mtu 1700
}
ten_cut() { [ "$(decoded -Y "$1" | wc -l)" -ge 10 ]; }
decoded_any() { decoded -Y "$1" | grep -q .; }

# The monitor's own way through the concentrator to a line is not copied; nor is what it is sent.
own() {
	capture mon "$MON" m0
	n ip route add 100.64.10.10/32 via $CORE4 2> /dev/null
	expect "the monitor talks to a line" lab_ping "$MON" "$(lab_field one ip)"
	expect "and a line to the internet" lab_ping "$ONE" $WEB4
	wait_for 20 ten_cut "$ECHOES" || fail "no ten copies"
	lab_stop cap-mon INT
	expect "nothing of its own comes back to it" [ "$(decoded -Y "$ECHOES" | wc -l)" = 10 ]
	refuse "nothing wrapped twice" decoded_any 'vxlan && frame.protocols matches "vxlan.*vxlan" && !(icmp.type == 3)'
}

outlives() {
	lab_stop brasd KILL 2> /dev/null
	capture mon "$MON" m0
	expect "copied while nobody is there" lab_ping "$ONE" $WEB4
	wait_for 20 ten_cut "$ECHOES" || fail "no copies while brasd is dead"
	lab_stop cap-mon INT
	MIRROR_DEVICE=$(g cat /sys/class/net/subs0m/ifindex 2> /dev/null || g ip -o link show subs0m | cut -d: -f1)
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "the device is the same" [ "$(g ip -o link show subs0m | cut -d: -f1)" = "$(cut -d: -f1 <<< "$MIRROR_DEVICE")" ]
	expect "the way is told again" wait_for 15 way_is_there "vxlan:$MON4"
	g ip link del subs0m
	expect "somebody deletes it: it is made anew" wait_for 15 grep -q 'subs0m: somebody has deleted it' "$LAB_DIR/brasd.log"
	capture mon "$MON" m0
	expect "traffic" lab_ping "$ONE" $WEB4
	wait_for 20 ten_cut "$ECHOES" || fail "no copies by the new device"
	lab_stop cap-mon INT
}

no_way() {
	g ip route replace unreachable $MON4/32
	expect "no route: told" wait_for 15 grep -q "vxlan:$MON4: there is no route to it" "$LAB_DIR/brasd.log"
	expect "customers do not notice" lab_ping "$ONE" $WEB4
	g ip route replace $MON4/32 dev subs0
	expect "to a line: told" wait_for 15 grep -q "vxlan:$MON4: the way there leads to a line" "$LAB_DIR/brasd.log"
	g ip route del $MON4/32
	g ip addr add $MON4/32 dev lo
	expect "our own: told" wait_for 15 grep -q "vxlan:$MON4: it is an address of this box" "$LAB_DIR/brasd.log"
	g ip addr del $MON4/32 dev lo
	expect "and back" wait_for 15 sh -c "tail -n 1 '$LAB_DIR/brasd.log' | grep -q 'copies go to vxlan'"
	expect "what could not be sent is counted" counted all drops "> 0"
}

both_count() { # N
	lab_json "[(r['target'], r['packets'], r['drops']) for r in j if r['username'] == 'alice'] == [('vxlan:$MON4', $1, 0), ('erspan:$MON4', $1, 0)]" show mirror
}
five_of() { [ "$(decoded -Y "$1 && icmp.type == 8 && !(icmp.type == 3)" | wc -l)" = 5 ]; }

# One line's packets to two monitors at once.
several() {
	lab_start_brasd "mirror.port=vxlan:$MON4,vni=1" "mirror.port+=erspan:$MON4,session=9" mirror.everybody=off
	expect "a way" wait_for 15 way_is_there "vxlan:$MON4"
	expect "and another" wait_for 15 way_is_there "erspan:$MON4"
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	refuse "twice the same" lab_ctl mirror alice to=vxlan:$MON4 to=vxlan:$MON4
	refuse "one that is none" lab_ctl mirror alice to=vxlan:$MON4 to=mon7
	expect "to both" lab_ctl mirror alice up proto=icmp snap=64 to=vxlan:$MON4 to=erspan:$MON4
	capture mon "$MON" m0
	expect "traffic" lab_ping "$ONE" $WEB4
	expect "five to this one" wait_for 20 five_of vxlan
	expect "five to that one" wait_for 20 five_of erspan
	lab_stop cap-mon INT
	expect "each of 64 octets behind its Ethernet header" [ "$(decoded -Y 'erspan && icmp.type == 8 && erspan.truncated == 1 && frame.len == 128' | wc -l)" = 5 ]
	expect "counted by target" both_count 5
	lab_stop brasd KILL 2> /dev/null
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "kill -9: they are the same" both_count 5
	expect "a way again" wait_for 15 way_is_there "erspan:$MON4"
	expect "traffic" lab_ping "$ONE" $WEB4
	expect "counted on" wait_for 10 both_count 10
	expect "to one" lab_ctl mirror alice up proto=icmp
	expect "is to one" lab_json "[r['target'] for r in j if r['username'] == 'alice'] == ['vxlan:$MON4']" show mirror
	expect "back" lab_ctl mirror alice reset
	stop_line
}

run() {
	monitor_up
	lab_ns one; ONE=$REPLY
	kind "vxlan:$MON4,vni=4711" 'vxlan.vni == 4711' 50 mirror_traffic
	too_long "vxlan:$MON4" vxlan
	if [ $LAB_MODE = tc ]; then # what is the daemon's alone, once
		no_way
		stop_line
		several
		return
	fi
	own
	outlives
	stop_line
	# what is put in front is the same in both
	kind "erspan:$MON4,session=99" 'erspan.spanid == 99 && erspan.version == 1' 50
	too_long "erspan:$MON4" 'erspan.truncated == 1'
	stop_line
	kind "tzsp:$MON4" tzsp 51
	too_long "tzsp:$MON4" 'tzsp.original_length == 1506'
	stop_line
	kind "gre:$MON6,key=7" 'gre.proto == 0x6558 && gre.key == 7' 62
	stop_line
	kind "vxlan:$MON6,vni=1,port=4788" 'udp.dstport == 4788' 70
	stop_line
}

lab_each_mode run
