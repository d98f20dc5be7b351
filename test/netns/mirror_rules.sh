#!/bin/bash
# Proves: a rule selects the same packets for a port, for VXLAN and in a pcapng stream, each counted where it
# arrives: direction, family, protocol, port, network, off, and several of them together; one packet of N is
# about one of N; until= ends at its time.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../mirror.sh"

VXLAN=vxlan:$MONITOR4
OTHER4=192.0.2.77 # of the internet's, too

# Ten UDP packets and their answers to each of two ports of three addresses, and five pings to two of these: of each
# direction 30 to 5001 and 30 to 5002, 25 for WEB4, 20 for OTHER4, 25 for WEB6.
servers() {
	n ip addr add $OTHER4/24 dev k0
	lab_spawn echo n python3 -c "
import select, socket
socks = []
for addr in ('$WEB4', '$OTHER4', '$WEB6'):
    for port in (5001, 5002):
        s = socket.socket(socket.AF_INET6 if ':' in addr else socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((addr, port))
        socks.append(s)
while True:
    for s in select.select(socks, [], [])[0]:
        s.sendto(*s.recvfrom(2000))"
	wait_for 20 lab_listens "$INTERNET" u 5002 || fail "nobody answers"
}
known() {
	in_ns "$ONE" python3 -c "
import socket
for addr in ('$WEB4', '$OTHER4', '$WEB6'):
    for port in (5001, 5002):
        s = socket.socket(socket.AF_INET6 if ':' in addr else socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(5)
        s.connect((addr, port))
        for i in range(10):
            s.send(b'known')
            s.recv(100)" && lab_ping "$ONE" $WEB4 && lab_ping "$ONE" $WEB6
}

# 4,000 packets up, 500 a ms at most: no queue of a port may be the reason that one is missing.
many() {
	in_ns "$ONE" python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('$WEB4', 9))
for i in range(4000):
    try: s.send(b'many')
    except ConnectionRefusedError: pass
    if i % 20 == 19: time.sleep(0.005)"
}

AT_PORT="ether dst 02:b5:6d:6f:6e:00"
arrived() { tcpdump -r "$LAB_DIR/mon.pcap" -n --count "$1" 2> /dev/null | cut -d" " -f1; } # FILTER
counts() { echo "$(arrived "$AT_PORT") $(arrived 'udp dst port 4789') $(capinfos -TrMc "$LAB_DIR/stream.pcapng" | awk '{ print $NF }')"; }
are() { [ "$(counts)" = "$1 $1 $1" ]; }

watch() { # RULE...: in all three ways
	capture mon "$MON" m0
	lab_ctl mirror alice reset > /dev/null 2>&1 # counters begin anew
	lab_ctl mirror alice "$@" to=mon0 to=$VXLAN > /dev/null || fail "mirror alice $*"
	lab_spawn stream g "$B/brasmon" -i "$INSTANCE" -w "$LAB_DIR/stream.pcapng" alice "$@"
	wait_for 20 grep -q ready "$LAB_DIR/stream.log" || fail "brasmon does not get ready"
}
# The line's last packet, which the rule takes or not, is behind all others in each of the three.
unwatch() {
	lab_stop stream INT || fail "brasmon ended with $?"
	in_ns "$BNG" ping -q -c 1 -W 5 -p 77 $MONITOR4 > /dev/null
	wait_for 20 pinged || fail "no end of the capture"
	lab_stop cap-mon INT
}
pinged() { [ "$(arrived "icmp[icmptype] == icmp-echo and dst $MONITOR4 and src 203.0.113.1")" -gt 0 ]; }

selects() { # N RULE...
	local n=$1
	shift
	watch "$@"
	known > /dev/null || fail "traffic"
	unwatch
	are "$n" || fail "$*: port, VXLAN, stream: $(counts), not $n of each"
	echo "ok: $*: $n"
	expect "$*: counted, none dropped" lab_json \
		"[(r['packets'], r['drops']) for r in j if r['username'] == 'alice'] == [($n, 0), ($n, 0)]" show mirror
}

about() { # COUNT WHAT: one of ten of 4,000; 400, within five times what chance does to it
	[ "$1" -ge 300 ] && [ "$1" -le 500 ] || fail "$2: $1 of 4,000, not about 400"
	echo "ok: one of ten, $2: $1 of 4,000"
}
sampled() {
	local port vxlan stream
	watch up proto=udp port=9 sample=10
	many || fail "traffic"
	unwatch
	read -r port vxlan stream <<< "$(counts)"
	about "$port" "to the port"
	about "$vxlan" "to VXLAN"
	about "$stream" "in the stream"
	expect "both targets have the same ones" [ "$port" = "$vxlan" ]
	expect "counted" lab_json "[(r['packets'], r['drops']) for r in j if r['username'] == 'alice'] == [($port, 0)] * 2" show mirror
}

ends_at() {
	expect "until a time" lab_ctl mirror alice both "until=$(date -d '+5 seconds' +%H:%M:%S)"
	capture mon "$MON" m0
	expect "copied" lab_ping "$ONE" $WEB4
	expect "the time comes" wait_for 20 grep -q 'mirror: alice: its time is over' "$LAB_DIR/brasd.log"
	expect "not copied any more" lab_ping "$ONE" $WEB4 -s 100
	in_ns "$BNG" ping -q -c 1 -W 5 $MONITOR4 > /dev/null
	wait_for 20 pinged || fail "no end of the capture"
	lab_stop cap-mon INT
	expect "what was before" [ "$(arrived "$AT_PORT and greater 98 and less 98")" = 10 ]
	expect "and nothing of what was after" [ "$(arrived "$AT_PORT and greater 99")" = 0 ]
}

run() {
	monitor_up
	servers
	lab_start_brasd mirror.port=mon0 mirror.port+=$VXLAN,vni=5 mirror.everybody=off
	expect "a way" wait_for 15 grep -q "copies go to $VXLAN" "$LAB_DIR/brasd.log"
	lab_ns one; ONE=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	expect "all answer" known
	selects 140 both
	selects 70 up
	selects 70 down
	selects 90 ip4
	selects 25 up ip6
	selects 120 proto=udp
	selects 10 proto=icmp
	selects 60 proto=udp port=5002
	selects 50 net=$WEB4
	selects 90 net=192.0.2.0/24
	selects 20 down net=$OTHER4
	selects 10 up ip6 proto=udp port=5001 "net=$WEB6"
	selects 0 net=198.51.100.0/24
	sampled
	ends_at
	lab_hangup one
	lab_stop brasd || fail "brasd ended with $?"
}

lab_each_mode run
