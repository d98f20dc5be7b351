#!/bin/bash
# Proves: brasmon streams a subscriber's packets as pcapng that tshark reads: both directions and
# families, each once, with user, session, direction and plan; rules and snap length; several
# readers at once; live in a pipe; lines that come up later are in it; readers that end, are killed or
# do not read leave nothing and hurt nobody; the daemon's death is told.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

command -v tshark > /dev/null || { echo "tshark is missing"; exit 1; }

monitor() { # NAME ARGS...: in the background, until it is ready
	local name=$1
	shift
	lab_spawn "mon-$name" g "$B/brasmon" -i "$INSTANCE" -w "$LAB_DIR/$name.pcapng" "$@"
	wait_for 20 grep -q ready "$LAB_DIR/mon-$name.log" || fail "brasmon $name does not get ready"
}

monitor_end() { lab_stop "mon-$1" INT || fail "brasmon $1 ended with $?"; }

read_pcap() { tshark -n -r "$LAB_DIR/$1.pcapng" "${@:2}" 2> "$LAB_DIR/tshark.err"; }
packets() { # NAME N FILTER: just so many
	local have
	have=$(read_pcap "$1" -Y "$3" | wc -l)
	[ "$have" = "$2" ] || { echo "$have packets of $3"; read_pcap "$1" | tail -n 5; return 1; }
}

clean() { [ -n "$(read_pcap "$1")" ] && ! grep -v 'Running as user "root"' "$LAB_DIR/tshark.err"; }

# The BPF entry's own word: nobody pays for a stream that has ended.
no_streams() { lab_json "j == []" show monitor; }

content() {
	monitor alice alice
	expect "IPv4" lab_ping "$ONE" $WEB4
	expect "IPv6" lab_ping "$ONE" $WEB6
	expect "another line" lab_ping "$TWO" $WEB4
	expect "a page" in_ns "$ONE" curl -sSf -m 5 "http://$WEB4/"
	monitor_end alice
	expect "tshark has no complaint" clean alice
	expect "none was lost on the way" grep -q ' packets, 0 lost' "$LAB_DIR/mon-alice.log"
	expect "echo requests" packets alice 10 'icmp.type == 8 or icmpv6.type == 128'
	expect "their replies" packets alice 10 'icmp.type == 0 or icmpv6.type == 129'
	expect "a page's octets" [ -n "$(read_pcap alice -Y 'http.response.code == 200')" ]
	expect "nobody else's" packets alice 0 "ip.addr == $(lab_field two ip)"
	expect "who, which way, which plan" [ "$(read_pcap alice -T fields -e frame.comment -Y 'icmp.type == 8' | sort -u)" = \
		"user=alice sid=$(lab_field one sid) up plan=50000/10000" ]
	expect "and back" [ "$(read_pcap alice -T fields -e frame.comment -Y 'icmp.type == 0' | sort -u)" = \
		"user=alice sid=$(lab_field one sid) down plan=50000/10000" ]
	expect "times are of today" [ "$(read_pcap alice -c 1 -T fields -e frame.time_epoch | cut -d. -f1)" -gt $(($(date +%s) - 120)) ]
	expect "nobody reads: nothing is attached" wait_for 10 no_streams
}

rules() {
	monitor up all up proto=icmp snap=40
	monitor down bob down ip6
	expect "one line" lab_ping "$ONE" $WEB4
	expect "the other" lab_ping "$TWO" $WEB6
	lab_dial late -u carol --mac-base 02:bb:00:00:20:00 --plumb "u0@$THREE"
	expect "a line that came later" lab_ping "$THREE" $WEB4
	monitor_end up
	monitor_end down
	expect "all, up, ICMP" packets up 10 'icmp.type == 8'
	expect "nothing else" packets up 10 'frame'
	expect "with the name of the later one" [ "$(read_pcap up -T fields -e frame.comment -Y "ip.src == $(lab_field late ip)" | sort -u)" = \
		"user=carol sid=$(lab_field late sid) up" ]
	expect "cut off behind 40 octets" packets up 10 'frame.cap_len == 40 and frame.len == 84'
	expect "bob's, down, IPv6" packets down 5 'frame'
	lab_hangup late
}

# As `brasctl monitor alice | wireshark -k -i -`: who reads the pipe has packets while they come.
seen_live() { [ "$(grep -c 'Echo' "$LAB_DIR/live.log")" -ge 10 ]; }
live() {
	mkfifo "$LAB_DIR/live"
	lab_spawn live sh -c "exec tshark -n -l -c 20 -i - < '$LAB_DIR/live'"
	lab_spawn mon-live g sh -c "exec '$B/brasctl' -i '$INSTANCE' monitor alice > '$LAB_DIR/live'"
	wait_for 20 grep -q ready "$LAB_DIR/mon-live.log" || fail "brasctl monitor does not get ready"
	expect "traffic" lab_ping "$ONE" $WEB4
	expect "is seen at once" wait_for 20 seen_live
	expect "while the stream goes on" lab_running mon-live
	expect "as many more as the reader wants" lab_ping "$ONE" $WEB4
	expect "it ends" wait_for 20 lab_gone "${LAB_PID[live]}"
	expect "so does the stream, without a packet" wait_for 20 lab_gone "${LAB_PID[mon-live]}"
}

raw() { h python3 "$LAB_TEST_DIR/netns/net.py" "$@"; }
reasons() { read_pcap "$1" -T fields -e frame.comment -Y "$2" | grep -o 'drop=.*' | sort -u; }

# Each where it is dropped, with the reason; what goes on has none.
dropped() {
	local sid ac good
	sid=$(lab_field one sid)
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	good=$(net_py udp4 "$(lab_field one ip)" $WEB4)
	in_ns "$ONE" ip addr add 203.0.113.77/32 dev u0
	in_ns "$ONE" ip -6 addr add 2001:db8:ffff::77/128 dev u0 nodad
	monitor drops alice
	monitor some alice ip4 proto=udp port=9
	in_ns "$ONE" ping -c 2 -i 0.05 -W 1 -I 203.0.113.77 $WEB4 > /dev/null
	in_ns "$ONE" ping -c 3 -i 0.05 -W 1 -I 2001:db8:ffff::77 $WEB6 > /dev/null
	raw frame s0 "$ac" 02:00:00:00:00:99 "$sid" "$good"
	raw frame s0 "$ac" 02:bb:00:00:00:00 "$sid" "$(net_py udp4 "$(lab_field one ip)" 224.0.0.251)"
	raw frame s0 "$ac" 02:bb:00:00:00:00 "$sid" "${good:0:8}0800${good:12}"
	expect "an honest packet" lab_ping "$ONE" $WEB4 -I "$(lab_field one ip)"
	monitor_end drops
	monitor_end some
	expect "tshark reads them" clean drops
	expect "spoofed IPv4, whole" packets drops 2 'frame.comment contains "drop=spoofed-ip4" && icmp.type == 8 && ip.src == 203.0.113.77'
	expect "spoofed IPv6, whole" packets drops 3 'frame.comment contains "drop=spoofed-ip6" && icmpv6.type == 128'
	expect "and the others'" [ "$(reasons drops frame | tr '\n' ' ')" = \
		"drop=ip-malformed drop=ip4-multicast drop=spoofed-ip4 drop=spoofed-ip6 drop=wrong-mac " ]
	expect "what goes on has no reason" [ -z "$(reasons drops "icmp && ip.src == $(lab_field one ip)")" ]
	expect "the program's verdict" [ "$(read_pcap drops -V -Y 'frame.comment contains "spoofed-ip4"' | grep -ci "^ *eBPF $LAB_MODE: ")" = 2 ]
	expect "a rule holds for them too" [ "$(reasons some frame | tr '\n' ' ')" = "drop=ip-malformed drop=ip4-multicast drop=wrong-mac " ]
	in_ns "$ONE" ip addr del 203.0.113.77/32 dev u0
	in_ns "$ONE" ip -6 addr del 2001:db8:ffff::77/128 dev u0
}

# On a busy machine what iperf sends in its second may be below the plan: as often as it takes.
above_plan() { # DROPS BEFORE
	local try
	for try in 1 2 3 4 5 6; do
		in_ns "$ONE" timeout 20 iperf3 -t 1 -c $WEB4 -u -b 20M -l 1200 || return 1
		[ $(($(lab_value "j['drops']['rate']" show stat) - $1)) -gt 100 ] && return
	done
	return 1
}

# Twice what the plan allows: what the policer drops is in the stream, just as often as it counts.
policed() {
	local before
	before=$(lab_value "j['drops']['rate']" show stat)
	monitor rate alice up proto=udp -s 64
	expect "UDP above the plan" above_plan "$before"
	monitor_end rate
	expect "none was lost on the way" grep -q ' packets, 0 lost' "$LAB_DIR/mon-rate.log"
	expect "each drop is there" packets rate $(($(lab_value "j['drops']['rate']" show stat) - before)) 'frame.comment contains "drop=rate"'
	expect "and they are many" [ "$(read_pcap rate -Y 'frame.comment contains "drop=rate"' | wc -l)" -gt 100 ]
	expect "what passes has no reason" [ "$(read_pcap rate -Y 'udp && !(frame.comment contains "drop")' | wc -l)" -gt 100 ]
}

exits() { # CODE WHAT TEXT COMMAND...: with that, and says so
	local code=$1 what=$2 text=$3 out rc=0
	shift 3
	out=$(g "$@" 2>&1) || rc=$?
	[ $rc = "$code" ] && grep -q -- "$text" <<< "$out" || fail "$what [$LAB_MODE]: exit $rc: $out"
	echo "ok: $what"
}

refusals() {
	refuse "a rule that is none" "$B/brasmon" -i "$INSTANCE" alice sideways
	refuse "to=" "$B/brasmon" -i "$INSTANCE" alice to=mon0
	refuse "a snap length that is none" "$B/brasmon" -i "$INSTANCE" -s 99999 alice
	refuse "no brasd" "$B/brasmon" -i nobody-here alice
	exits 2 "a word that is none" "is not off, both" "$B/brasctl" -i "$INSTANCE" monitor alice sideways
	exits 2 "off" "is not off" "$B/brasctl" -i "$INSTANCE" monitor alice off
	exits 2 "a port with another protocol" "needs proto=tcp or udp" "$B/brasctl" -i "$INSTANCE" monitor alice proto=icmp port=5
	exits 2 "a time that is none" "is not seconds" "$B/brasctl" -i "$INSTANCE" monitor alice for=soon
	exits 2 "an option that is none" usage: "$B/brasctl" -i "$INSTANCE" monitor alice --everything
	exits 2 "a file and a device" usage: "$B/brasctl" -i "$INSTANCE" monitor alice -w x -d y
	exits 2 "nobody" usage: "$B/brasctl" -i "$INSTANCE" monitor
	exits 1 "a file that cannot be" "No such file" "$B/brasctl" -i "$INSTANCE" monitor alice -w /nowhere/x
	exits 1 "a device of that name" "busy" "$B/brasctl" -i "$INSTANCE" monitor alice -d subs0
	exits 3 "no brasd there" "nobody-here" "$B/brasctl" -i nobody-here monitor alice
	exits 0 "a time that ends" " packets, 0 lost" "$B/brasctl" -i "$INSTANCE" monitor alice for=1 -w "$LAB_DIR/short.pcapng"
	expect "leaves a whole file" capinfos "$LAB_DIR/short.pcapng"
	for i in 1 2 3 4 5 6 7 8; do monitor "n$i" alice; done
	refuse "a ninth reader" "$B/brasmon" -i "$INSTANCE" alice
	for i in 1 2 3 4 5 6 7 8; do lab_stop "mon-n$i" KILL > /dev/null 2>&1; done
	expect "readers that were killed leave nothing" wait_for 10 no_streams
	lab_spawn mon-again g "$B/brasctl" -i "$INSTANCE" monitor alice proto=icmp -s 60 -w "$LAB_DIR/again.pcapng"
	wait_for 20 grep -q ready "$LAB_DIR/mon-again.log" || fail "brasctl monitor does not get ready"
	expect "brasctl monitor" lab_ping "$ONE" $WEB4
	monitor_end again
	expect "is brasmon" packets again 10 'icmp and frame.cap_len == 60'
}

# Its pipe is full and nobody takes from it: its packets are lost, customers' are not.
stalled() {
	mkfifo "$LAB_DIR/fifo"
	exec 7<> "$LAB_DIR/fifo"
	lab_spawn mon-stalled g sh -c "exec '$B/brasmon' -i '$INSTANCE' alice > '$LAB_DIR/fifo'"
	wait_for 20 grep -q ready "$LAB_DIR/mon-stalled.log" || fail "brasmon does not get ready"
	expect "traffic while nobody reads" lab_iperf "$ONE" 5 -c $WEB4
	expect "and nothing is lost" lab_ping "$ONE" $WEB4
	lab_stop mon-stalled KILL > /dev/null 2>&1
	exec 7>&-
}

death() {
	monitor last alice
	lab_stop brasd KILL 2> /dev/null
	wait_for 10 lab_gone "${LAB_PID[mon-last]}" || fail "brasmon does not notice"
	expect "brasd's death is told" grep -q 'brasd has ended' "$LAB_DIR/mon-last.log"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "the next one has no reader" wait_for 10 no_streams
	expect "the line goes on" lab_ping "$ONE" $WEB4
}

run() {
	lab_users 'bob * builder 100.64.10.11 -' 'alice * wonderland 100.64.10.10 50000/10000'
	lab_start_brasd shaper.mode=htb shaper.up=police
	lab_ns one; ONE=$REPLY
	lab_ns two; TWO=$REPLY
	lab_ns three; THREE=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	lab_dial two -u bob -p builder --mac-base 02:bb:00:00:10:00 --plumb "u0@$TWO"
	content
	live
	rules
	dropped
	policed
	refusals
	stalled
	death
	lab_hangup one
	lab_hangup two
}

lab_each_mode run
