#!/bin/bash
# Proves: [mirror] virtual makes a port that tcpdump and tshark read: both directions and families, cut
# off where the configuration says, session, length, time and verdict as brasmon.h has them, drops
# and control frames among them, PAP's password masked; a slow or absent reader hurts nobody; it
# outlives kill -9 of brasd, and ends with it and with the configuration.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

command -v tshark > /dev/null || { echo "tshark is missing"; exit 1; }

reader() { # NAME: to $LAB_DIR/NAME.pcap, until it listens
	lab_spawn "$1" g tcpdump -i brasmon0 -Z root -s 262144 -U -w "$LAB_DIR/$1.pcap"
	wait_for 20 grep -q 'listening on' "$LAB_DIR/$1.log" || fail "tcpdump $1 does not listen"
}

show() { tshark -n -r "$LAB_DIR/$1.pcap" -X "lua_script:$LAB_TEST_DIR/../etc/brasmon.lua" "${@:2}" 2> /dev/null; }
packets() { # NAME N FILTER
	local have
	have=$(show "$1" -Y "$3" | wc -l)
	[ "$have" = "$2" ] || { echo "$have packets of $3"; show "$1" | tail -n 20; return 1; }
}
stays() { packets "$@" > /dev/null; }
some() { [ "$(show "$1" -Y "$2" | wc -l)" -gt 0 ] || { show "$1" | tail -n 40; return 1; }; }
is_there() { g ip link show dev brasmon0 up > /dev/null 2>&1; }
is_gone() { ! g ip link show dev brasmon0 > /dev/null 2>&1; }
reads() { lab_json "[r['username'] for r in j] == ['all']" show monitor; }

headers() { # the raw octets, without the dissector: as a program in another language reads them
	python3 - "$LAB_DIR/$1.pcap" "$(lab_field one sid)" << 'END'
import struct, sys, time
data, seen = open(sys.argv[1], "rb").read()[24:], 0
while data:
    caplen = struct.unpack("<I", data[8:12])[0]
    frame, data = data[16:16 + caplen], data[16 + caplen:]
    kind, way = frame[16], frame[17]
    if frame[12:16] != b"\x88\xb5\x01\x30" or kind != 1:
        continue
    verdict, sid, zero = struct.unpack(">HHH", frame[18:24])
    length, have, ns = struct.unpack(">IIQ", frame[32:48])
    ip = frame[48:]
    if have != len(ip) or zero or abs(ns / 1e9 - time.time()) > 300 or have > 60 or have > length:
        sys.exit("a header that is none: " + frame[:48].hex())
    if ip[0] == 0x45 and ip[9] == 1 and not verdict:
        if sid != int(sys.argv[2]) or length != 84 or have != 60 or way not in (1, 2):
            sys.exit("not of an echo: " + frame[:48].hex())
        seen += 1
sys.exit(seen != 10 and "%d echoes, not 10" % seen)
END
}

run() {
	lab_users 'alice * wonderland 100.64.10.10 -'
	lab_start_brasd mirror.virtual=brasmon0 mirror.virtual-snap=60 mirror.virtual-control=yes \
		auth.methods=pap
	expect "the port comes" wait_for 20 is_there
	expect "brasmon reads" wait_for 20 reads
	lab_ns one; ONE=$REPLY
	reader first
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	in_ns "$ONE" ip addr add 203.0.113.77/32 dev u0
	expect "IPv4" lab_ping "$ONE" $WEB4 -I 100.64.10.10
	expect "IPv6" lab_ping "$ONE" $WEB6
	in_ns "$ONE" ping -c 2 -i 0.05 -W 1 -I 203.0.113.77 $WEB4 > /dev/null
	wait_for 10 stays first 2 'brasmon.verdict == 5' || fail "what is spoofed is not seen"
	lab_stop first INT > /dev/null
	expect "echo requests, cut" packets first 5 'brasmon.direction == 1 && icmp.type == 8 && brasmon.verdict == 0 && brasmon.caplen == 60 && brasmon.len == 84'
	expect "their replies" packets first 5 'brasmon.direction == 2 && icmp.type == 0'
	expect "IPv6's" packets first 10 'icmpv6.type == 128 || icmpv6.type == 129'
	expect "a drop, with its reason" packets first 2 'brasmon.verdict == 5 && ip.src == 203.0.113.77'
	expect "discovery" some first 'brasmon.kind == 2 && pppoe.code == 0x65'
	expect "PAP, masked" some first 'pap.password == "**********"'
	refuse "the password" grep -qa wonderland "$LAB_DIR/first.pcap"
	expect "octet for octet" headers first

	lab_stop brasd KILL 2> /dev/null
	expect "kill -9 leaves the port" is_there
	reader second
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "and it is served again" wait_for 20 reads
	expect "traffic" lab_ping "$ONE" $WEB4 -I 100.64.10.10
	expect "is seen by who has read since before" wait_for 10 stays second 10 'icmp'
	kill -STOP "${LAB_PID[second]}"
	expect "a reader that sleeps hurts nobody" lab_iperf "$ONE" 3 -c $WEB4
	expect "not one packet" lab_ping "$ONE" $WEB4 -I 100.64.10.10
	kill -CONT "${LAB_PID[second]}"
	lab_stop second INT > /dev/null

	lab_stop brasd KILL 2> /dev/null
	sed -i '/^virtual/d' "$CONF"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "taken out of the configuration, it goes" wait_for 20 is_gone
	expect "the line does not" lab_ping "$ONE" $WEB4 -I 100.64.10.10
	lab_hangup one
}

lab_each_mode run
