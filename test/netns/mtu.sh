#!/bin/bash
# Proves: what a router owes: TTL exceeded, path MTU. A 1500-byte line (RFC 4638) and a 1492-byte
# line side by side, too-big in both directions, IPv4 and IPv6; TCP's MSS is clamped to the line.
. "$(dirname "$0")/../lab.sh"

FAR4=198.51.100.1 FAR6=2001:db8:2::1 # behind a path of 1300

says() { # NETNS TEXT PING-ARGS...: the answer to one packet is this error
	local out
	out=$(in_ns "$1" ping -n -c 1 -W 3 "${@:3}")
	grep -Eiq "$2" <<< "$out" || { echo "$out"; return 1; }
}

address6() { in_ns "$1" ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4 }'; }

no_routes_learned() { in_ns "$1" ip route flush cache; in_ns "$1" ip -6 route flush cache; }

# The MSS of the first SYN (or SYN-ACK) from port or to port 80 that passes DEV.
mss_seen() { # MSS NETNS DEV FILTER CLIENT-NETNS URL
	local log="mss-$RANDOM"
	lab_spawn "$log" in_ns "$2" tcpdump -lnn -i "$3" -c 1 "$4"
	wait_for 10 grep -q 'listening on' "$LAB_DIR/$log.log" || return 1
	in_ns "$5" curl -sSf -m 5 "$6" > /dev/null || return 1
	wait_for 5 grep -q mss "$LAB_DIR/$log.log" || return 1
	lab_stop "$log"
	grep "mss $1\\b" "$LAB_DIR/$log.log" || { cat "$LAB_DIR/$log.log"; return 1; }
}

syn='tcp[tcpflags] == tcp-syn' synack='tcp[tcpflags] == tcp-syn|tcp-ack'
syn6='ip6[6] == 6 and ip6[53] == 2' synack6='ip6[6] == 6 and ip6[53] == 18'

clamp() { # NETNS MSS4 MSS6: the host itself believes in 1500
	in_ns "$1" ip link set u0 mtu 1500
	in_ns "$1" sysctl -qw net.ipv6.conf.u0.mtu=1500
	expect "MSS $2 in a SYN from the line" mss_seen "$2" "$INTERNET" k0 "$syn" "$1" "http://$WEB4/"
	expect "MSS $2 in a SYN-ACK to the line" mss_seen "$2" "$1" u0 "$synack" "$1" "http://$WEB4/"
	expect "MSS $3 in a SYN from the line, IPv6" mss_seen "$3" "$INTERNET" k0 "$syn6" "$1" "http://[$WEB6]/"
	expect "MSS $3 in a SYN-ACK to the line, IPv6" mss_seen "$3" "$1" u0 "$synack6" "$1" "http://[$WEB6]/"
}

too_big_up() { # NETNS
	expect "too big up, IPv4" says "$1" "from $GW4.*frag(mentation)? needed.*1300" -M do -s 1400 $FAR4
	expect "too big up, IPv6" says "$1" 'too big.*1300' -M do -s 1400 $FAR6
	no_routes_learned "$1"
}

run() {
	local big small big4 small4 big6 small6
	lab_start_brasd ppp.mtu=1500
	# What is routed around the stack heeds a route's own MTU where it is locked.
	local lock=
	[ "${BRAS_FASTPATH:-}" != routed ] || lock=lock
	g ip route add $FAR4 via $WEB4 mtu $lock 1300
	g ip -6 route add $FAR6 via $WEB6 mtu $lock 1300
	n ip addr add $FAR4/32 dev lo
	n ip addr add $FAR6/128 dev lo
	lab_ns big; big=$REPLY
	lab_ns small; small=$REPLY
	lab_dial big --max-payload 1500 --plumb "u0@$big"
	lab_dial small --mac-base 02:bb:00:00:10:00 --plumb "u0@$small"
	big4=$(lab_field big ip) small4=$(lab_field small ip)
	big6=$(address6 "$big") small6=$(address6 "$small")
	expect "the line that asked has 1500" [ "$(lab_field big mtu)" = 1500 ]
	expect "the line that did not has 1492" [ "$(lab_field small mtu)" = 1492 ]
	expect "brasctl shows both" lab_json 'sorted(s["mtu"] for s in j) == [1492, 1500]' show sessions
	expect "1500 octets down the big line, IPv4" lab_ping "$INTERNET" "$big4" -M do -s 1472
	expect "1500 octets up the big line, IPv4" lab_ping "$big" $WEB4 -M do -s 1472
	expect "1500 octets down the big line, IPv6" lab_ping "$INTERNET" "$big6" -M do -s 1452
	expect "1500 octets up the big line, IPv6" lab_ping "$big" $WEB6 -M do -s 1452
	expect "1492 octets down the small line" lab_ping "$INTERNET" "$small4" -M do -s 1464
	expect "1492 octets down the small line, IPv6" lab_ping "$INTERNET" "$small6" -M do -s 1444
	expect "too big down, IPv4" says "$INTERNET" "from $CORE4.*frag(mentation)? needed.*1492" -M do -s 1472 "$small4"
	expect "too big down, IPv6" says "$INTERNET" 'too big.*1492' -M do -s 1452 "$small6"
	no_routes_learned "$INTERNET"
	expect "fragmented down instead, where that is allowed" lab_ping "$INTERNET" "$small4" -M dont -s 1472
	too_big_up "$big"
	too_big_up "$small"
	expect "TTL exceeded up, IPv4" says "$small" "from $GW4.*time to live exceeded" -t 1 $WEB4
	expect "TTL exceeded up, IPv6" says "$small" 'time exceeded.*hop limit' -t 1 $WEB6
	expect "TTL exceeded down, IPv4" says "$INTERNET" "from $CORE4.*time to live exceeded" -t 1 "$small4"
	expect "TTL exceeded down, IPv6" says "$INTERNET" "from $CORE6.*time exceeded.*hop limit" -t 1 "$small6"
	expect "TCP down both lines" lab_iperf "$small" 50 -c $WEB4 -R
	expect "TCP down both lines" lab_iperf "$big" 50 -c $WEB4 -R
	clamp "$small" 1452 1432
	clamp "$big" 1460 1440
	lab_hangup big
	lab_hangup small
}

LAB_ACC_MTU=1508
lab_each_mode run
