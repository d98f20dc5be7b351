#!/bin/bash
# Proves: [mirror] copies subscribers' packets to a monitoring port: both directions and families,
# each once, packet for packet what the line carries, and before the firewall; rules of one user, by
# direction, protocol, port and network, each with a line of the log; what is never copied: the
# monitor's networks and IPv6 temporary addresses, what is behind an interface, a station's line; a
# port that is slow, down or gone drops, counts, and hurts nobody; rules outlive kill -9.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../mirror.sh"

packets_of() { python3 "$PCAP" count "$LAB_DIR/$1.pcap" ${2:-}; }

everything() {
	capture line "$ONE" u0
	capture mon "$MON" m0
	expect "traffic of all kinds" mirror_traffic "$ONE"
	capture_end "$ONE" line mon
	expect "each packet, once" python3 "$PCAP" same "$LAB_DIR/line.pcap" "$LAB_DIR/mon.pcap"
	expect "counted: packets" counted all packets "== $(packets_of mon)"
	expect "none dropped" counted all drops "== 0"
}

# Others' packets meet no program of the mirror: where only alice is copied, nothing is at subs0.
others() {
	expect "one is copied" lab_json "[r['rule'] for r in j if r['username'] == 'alice'] == ['up proto=1']" show mirror
	expect "its timeline says so, and by whom" lab_event alice mirror 'up proto=1, by control socket'
	refuse "and no line's packets are looked at for it" sh -c "nsenter --net=/run/netns/$BNG tc filter show dev subs0 ingress | grep -q subs_ingress"
}

echoes_of_size() { # OCTETS of the frame
	[ "$(tcpdump -r "$LAB_DIR/mon.pcap" -n -e "icmp[icmptype] == 8 and ip host $WEB4" 2> /dev/null | grep -c "length $1: ")" = 5 ]
}
shortened() {
	capture mon "$MON" m0
	expect "cut" lab_ctl mirror alice up proto=icmp snap=96
	expect "pings that are longer" lab_ping "$ONE" $WEB4 -s 400
	expect "cut, and counted" counted alice truncated "== 5"
	expect "five copies, none dropped" lab_json "[(r['packets'], r['drops']) for r in j if r['username'] == 'alice'] == [(5, 0)]" show mirror
	expect "shorter ones are whole" lab_ping "$ONE" $WEB4 -s 40
	expect "not cut" counted alice truncated "== 5"
	expect "the first 96 octets of each" wait_for 10 echoes_of_size 110
	expect "and of these 68" wait_for 10 echoes_of_size 82
	lab_stop cap-mon INT
	refuse "less than headers" lab_ctl mirror alice snap=63
	expect "and back" lab_ctl mirror alice reset
}

clock() {
	local at
	at=$(date -d '+4 seconds' +%H:%M:%S)
	expect "until a time of the clock" lab_ctl mirror alice both "until=$at"
	expect "with its date" lab_json "[r for r in j if r['username'] == 'alice'][0]['rule'].startswith('both until=20')" show mirror
	expect "it is over" wait_for 15 lab_json "[r['username'] for r in j] == ['all', 'bob']" show mirror
	expect "that is told" grep -q 'mirror: alice: its time is over' "$LAB_DIR/brasd.log"
	refuse "a time that is over" lab_ctl mirror alice both until=2024-12-01T06:00
	refuse "one too far away" lab_ctl mirror alice both until=2199-12-01T06:00
}

# What the firewall drops has been copied; and the monitor's own way to a line is not.
edge() {
	g nft add table ip edge
	g nft add chain ip edge forwarded '{ type filter hook forward priority 0; }'
	g nft add rule ip edge forwarded iifname subs0 udp dport 7777 drop
	capture mon "$MON" m0
	in_ns "$ONE" python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('$WEB4', 7777))"
	expect "the monitor browses" in_ns "$MON" curl -sSf -m 5 "http://$WEB4/"
	expect "and talks to a line" lab_ping "$MON" "$(lab_field one ip)"
	capture_end "$ONE" mon
	expect "a packet that the firewall drops is copied" \
		grep -q 'UDP' <(tcpdump -r "$LAB_DIR/mon.pcap" -n udp port 7777 2> /dev/null)
	expect "nothing of the monitor's own comes back to it" \
		[ "$(tcpdump -r "$LAB_DIR/mon.pcap" -e -n "ether dst 02:b5:6d:6f:6e:00 and host $MONITOR4" 2> /dev/null | wc -l)" = 0 ]
	g nft delete table ip edge
}

rules() {
	expect "all off" lab_ctl mirror all off
	capture mon "$MON" m0
	expect "traffic" lab_ping "$ONE" $WEB4
	expect "one user, up, one protocol" lab_ctl mirror alice up proto=icmp
	expect "traffic of alice" mirror_traffic "$ONE"
	expect "and of bob" lab_ping "$TWO" $WEB4
	others
	expect "five echoes, and two of three pieces" counted alice packets "== 20"
	expect "port" lab_ctl mirror alice both port=80
	expect "a page of this port" in_ns "$ONE" curl -sSf -m 5 "http://$WEB4/"
	expect "net" lab_ctl mirror bob both net=$WEB6
	expect "outside it" lab_ping "$TWO" $WEB4
	expect "inside it" lab_ping "$TWO" $WEB6
	expect "show session has the rule" lab_json "j['mirror']['rule'].startswith('both net=') and j['mirror']['packets'] > 0" show session bob
	expect "bob's" counted bob packets "== 10"
	lab_stop cap-mon INT
	expect "a line of the log for each change" [ "$(grep -c 'mirror: .* by control socket' "$LAB_DIR/brasd.log")" = 4 ]
	expect "with who and what" grep -q 'mirror: alice: up proto=1, by control socket' "$LAB_DIR/brasd.log"
	expect "only what the rules want" \
		[ "$(tcpdump -r "$LAB_DIR/mon.pcap" -n "ip and icmp[icmptype] == icmp-echoreply or udp" 2> /dev/null | wc -l)" = 0 ]
	refuse "a rule that is none" lab_ctl mirror alice sideways
	refuse "a port that is none" lab_ctl mirror alice to=eth99
	expect "back to everybody's" lab_ctl mirror alice reset
	expect "no rule of hers" lab_json "[r['username'] for r in j] == ['all', 'bob']" show mirror
	expect "told, too" grep -q 'mirror: alice: as everybody, by control socket' "$LAB_DIR/brasd.log"
	refuse "twice" lab_ctl mirror alice reset
	expect "for a while" lab_ctl mirror alice both for=1
	expect "ends by itself" wait_for 15 lab_json "[r['username'] for r in j] == ['all', 'bob']" show mirror
	clock
	shortened
}

# As the kernel of the monitor makes them (RFC 8981), and it prefers them to its own.
temporary() {
	in_ns "$MON" ip -6 -o addr show dev m0 temporary -tentative | awk '{ sub("/.*", "", $4); print $4; exit }'
}
has_temporary() { [ -n "$(temporary)" ]; }
mon_count() { tcpdump -r "$LAB_DIR/mon.pcap" -e -n "ether dst 02:b5:6d:6f:6e:00 and ($1)" 2> /dev/null | wc -l; }

# What the monitor does itself comes to it as no copy: by IPv6 with addresses that nobody knows before,
# from a network behind it, and through another interface; and a line of its own is not copied.
own() {
	local six
	six=$(in_ns "$ONE" ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
	in_ns "$MON" sysctl -qw net.ipv6.conf.m0.use_tempaddr=2
	in_ns "$MON" ip -6 addr add 2001:db8:77::9/64 dev m0 nodad mngtmpaddr
	in_ns "$MON" ip addr add 203.0.112.9/32 dev lo
	g ip -6 addr add 2001:db8:77::1/64 dev mon0 nodad
	g ip route add 203.0.112.0/24 via $MONITOR4
	in_ns "$MON" ip -6 route add default via 2001:db8:77::1
	n ip -6 route add 2001:db8:77::/64 via $CORE6
	n ip route add 203.0.112.0/24 via $CORE4
	expect "the monitor has a temporary address" wait_for 20 has_temporary
	expect "skipped, all of them" wait_for 15 skips 2001:db8:77::1 203.0.112.9
	capture mon "$MON" m0
	expect "it browses by IPv6" in_ns "$MON" curl -sSf -m 5 "http://[$WEB6]/"
	expect "and from its temporary address talks to a line" lab_ping "$MON" "$six" -I "$(temporary)"
	expect "and the line to that" lab_ping "$ONE" "$(temporary)"
	expect "from behind it" lab_ping "$MON" "$(lab_field one ip)" -I 203.0.112.9
	expect "who is no monitor's" lab_ping "$ONE" $WEB6
	capture_end "$ONE" mon
	expect "is copied" [ "$(mon_count "icmp6 and host $WEB6")" = 10 ]
	expect "the monitor's is not" [ "$(mon_count "net 2001:db8:77::/64 or net 203.0.112.0/24")" = 0 ]
	g ip -6 addr del 2001:db8:77::1/64 dev mon0
	g ip route del 203.0.112.0/24
	n ip -6 route del 2001:db8:77::/64
}
# The data plane leaves these out.
skips() { # ADDRESS...
	local a key
	for a; do
		key=$(python3 -c "import ipaddress; a = ipaddress.ip_address('$a'); print(*(a.max_prefixlen.to_bytes(4, 'little') + a.packed))")
		bpftool map lookup pinned "/sys/fs/bpf/brasberry/$INSTANCE/mirror_skip$([[ $a == *:* ]] && echo 6 || echo 4)" key $key |
			grep -q value || return 1
	done
}

# bob's rule, and that all are off, are as they were.
survives() {
	lab_stop brasd KILL 2> /dev/null
	expect "copied while nobody is there" lab_ping "$TWO" $WEB6
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "the rules are there" lab_json "[(r['username'], r['rule']) for r in j] == [('all', 'off'), ('bob', 'both net=$WEB6/128')]" show mirror
	expect "and have counted on" counted bob packets "== 20"
}

port_trouble() {
	g ip link set mon0 down
	expect "it is noticed" wait_for 10 grep -q 'mon0: the interface is down' "$LAB_DIR/brasd.log"
	expect "customers do not" lab_ping "$TWO" $WEB6
	expect "counted as dropped" counted bob drops "== 10"
	g ip link set mon0 up
	expect "up again" wait_for 10 sh -c "tail -n 1 '$LAB_DIR/brasd.log' | grep -q 'go out of mon0'"
	expect "traffic" lab_ping "$TWO" $WEB6
	expect "copied again" counted bob packets "== 30"
}

# A port that takes 256 kbit/s: what is too much for it is lost to the monitor alone, and counted.
slow_port() {
	expect "bob's UDP" lab_ctl mirror bob up proto=udp
	n nft -f - <<-END
	table netdev arrived {
		chain in {
			type filter hook ingress device k0 priority 0
			udp dport 7779 counter
		}
	}
	END
	g tc qdisc add dev mon0 root tbf rate 256kbit burst 4k limit 16k
	in_ns "$TWO" python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(500):
    s.sendto(bytes(1000), ('$WEB4', 7779))
    if i % 10 == 9: time.sleep(0.002)"
	expect "all of them arrive where they were sent" wait_for 10 all_there 500
	expect "each copy is counted, and many as dropped" lab_json \
		"[r['packets'] + r['drops'] == 500 and r['drops'] > 300 or r for r in j if r['username'] == 'bob'] == [True]" show mirror
	g tc qdisc del dev mon0 root
	n nft delete table netdev arrived
}
all_there() { n nft list table netdev arrived | grep -q "counter packets $1 "; }

to_station() { [ "$(tcpdump -r "$LAB_DIR/mon.pcap" -n "icmp and ether dst $1" 2> /dev/null | wc -l)" = 10 ]; }

# A monitor behind a router: copies are addressed to the router's station, when it answers.
gateway() {
	lab_stop brasd || fail "brasd ended with $?"
	g ip link set mon0 up
	g ip link add mon1 type veth peer name m1 netns "$MON"
	lab_link_end "$BNG" mon1 1500
	lab_link_end "$MON" m1 1500
	g ip addr add 203.0.111.1/24 dev mon1
	in_ns "$MON" ip addr add 203.0.111.9/24 dev m1
	in_ns "$MON" ip route add 100.64.10.0/24 via 203.0.111.1 table 5 # not for the copies that it forwards
	in_ns "$MON" ip rule add from 203.0.111.9 lookup 5
	lab_start_brasd mirror.port=mon0,gateway=$MONITOR4 mirror.everybody=both,proto=icmp mirror.exclude=$WEB6 \
		mirror.exclude+=02:bb:00:00:10:00 mirror.exclude+=mon1
	expect "the gateway answers" wait_for 10 grep -q 'copies go out of mon0' "$LAB_DIR/brasd.log"
	lab_dial three -u alice -p wonderland --plumb "u0@$ONE"
	capture mon "$MON" m0
	expect "traffic" lab_ping "$ONE" $WEB4
	lab_dial four -u bob -p builder --mac-base 02:bb:00:00:10:00 --plumb "u0@$TWO"
	expect "what is excluded: an address" lab_ping "$ONE" $WEB6
	expect "what is behind an interface" lab_ping "$MON" "$(lab_field three ip)" -I 203.0.111.9
	expect "a station's line" lab_ping "$TWO" $WEB4
	expect "counted" counted all packets "== 10"
	expect "to the gateway's station" wait_for 10 to_station "$(in_ns "$MON" ip -j link show m0 | net_py value 'j[0]["address"]')"
	lab_stop cap-mon INT
	expect "it forwards them, and they end where they come back" lab_json "10 <= j['drops']['mirror-return'] < 20" show stat # and what it was asked with
	lab_hangup three
	lab_hangup four
}

run() {
	monitor_up
	lab_users 'bob * builder 100.64.10.11 -'
	lab_start_brasd mirror.port=mon0
	expect "it says where copies go" grep -q 'copies go out of mon0' "$LAB_DIR/brasd.log"
	lab_ns one; ONE=$REPLY
	lab_ns two; TWO=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	lab_dial two -u bob -p builder --mac-base 02:bb:00:00:10:00 --plumb "u0@$TWO"
	everything
	edge
	own
	rules
	survives
	port_trouble
	expect "as before" lab_ctl mirror bob reset
	slow_port
	lab_hangup one
	lab_hangup two
	gateway
	lab_stop brasd || fail "brasd ended with $?"
	expect "nothing of it is left" [ ! -e "/run/brasberry/$INSTANCE/mirror" ]
}

lab_each_mode run
