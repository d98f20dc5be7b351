#!/bin/bash
# Shaping with real traffic, both modes: test/bpf/shape.sh. Three queues (so two trees), an HTB on each
# of the latter made by tc; the session's class is b03:10. What is shaped hits its class and no other,
# what is not goes past the trees; IPv4 and IPv6, GRO on everywhere; the policer and a forged label.
# Run: alone, because it measures speeds
set -u
build=${1:-${B:-build}}
here=$(cd "$(dirname "$0")" && pwd)
queues=3
. "$here/rig.bash"

# A leaf that segments: a TBF that never blocks, with a fifo of LIMIT octets.
class() { # DEVICE CLASS VERB KBIT LIMIT
	local leaf=${2#b0}
	in_ns "$G" tc class "$3" dev "$1" parent "${2%:*}:1" classid "$2" htb rate "$4"kbit \
		ceil "$4"kbit burst 5000 cburst 5000 overhead 8 quantum 3000
	in_ns "$G" tc qdisc "$3" dev "$1" parent "$2" handle "${leaf/:/}": tbf rate 32tbit \
		burst 1600 limit "$5"
}
trees() {
	local dev c
	for dev in subs0 subs0p; do
		in_ns "$G" tc qdisc add dev $dev root handle 1: mq
		for c in b02 b03; do
			in_ns "$G" tc qdisc add dev $dev parent 1:${c#b0} handle $c: htb
			in_ns "$G" tc class add dev $dev parent $c: classid $c:1 htb rate 1gbit quantum 20000
			class $dev $c:10 add 20000 50000
			class $dev $c:11 add 20000 50000
		done
	done
}
rate() { class subs0 b03:10 change "$@" && class subs0p b03:10 change "$@"; } # KBIT LIMIT

packets() { # DEVICE CLASS
	in_ns "$G" tc -s class show dev "$1" |
		awk -v c="$2" '$1 == "class" { hit = $3 == c } hit && $1 == "Sent" { print $4 }'
}
direct() { # DEVICE: packets in a tree that no class took
	in_ns "$G" tc qdisc show dev "$1" | grep -o 'direct_packets_stat [0-9]*' |
		awk '{ n += $2 } END { print n + 0 }'
}
past() { # DEVICE: packets of the first queue
	in_ns "$G" tc -s class show dev "$1" | awk '$3 == "1:1" { hit = 1 } hit && $1 == "Sent" { print $4; exit }'
}
plan() { echo "$*" >&9 && wait_for "^plan: $*\$" "$tmp/lab.out"; }

counts() {
	local dev c
	for dev in subs0 subs0p; do
		for c in b02:10 b02:11 b03:10 b03:11; do echo "$dev $c $(packets $dev $c)"; done
		echo "$dev direct $(direct $dev)"
		echo "$dev past $(past $dev)"
	done
}
# The packets of COMMAND went by these: "DOWN-CLASS UP-CLASS DOWN-PAST UP-PAST"; +: some.
went() { # WANTED COMMAND...
	local want=$1
	shift
	counts > "$tmp/before"
	"$@" || return 1
	counts > "$tmp/after"
	paste -d' ' "$tmp/before" "$tmp/after" | awk -v want="$want" '
		{ n[$1 " " $2] = $6 - $3; print $1, $2, $6 - $3 }
		function is(n, w) { return w == "+" ? n > 0 : n == w }
		END {
			split(want, w)
			bad = !is(n["subs0 b03:10"], w[1]) || !is(n["subs0p b03:10"], w[2]) ||
				!is(n["subs0 past"], w[3]) || !is(n["subs0p past"], w[4])
			for (k in n)
				if (k !~ /b03:10|past/ && n[k])
					bad = 1
			exit bad
		}'
}
pings() { in_ns "$H" ping -n -W 5 -c 4 -i 0.05 192.0.2.2 && in_ns "$H" ping -n -W 5 -c 6 -i 0.05 2001:db8:ffff::2; }
refused() { ! in_ns "$H" nc -z -w 5 192.0.2.2 9; } # a SYN, a RST

goodput() { # MIN MAX (kbit/s) ARGS...
	local min=$1 max=$2
	shift 2
	in_ns "$H" timeout 30 iperf3 -J -O 1 -t 3 "$@" > "$tmp/json" || return 1
	python3 -c 'import json, sys
got = json.load(open(sys.argv[1]))["end"]["sum_received"]["bits_per_second"] / 1000
print("%.0f kbit/s" % got)
sys.exit(not float(sys.argv[2]) <= got <= float(sys.argv[3]))' "$tmp/json" "$min" "$max"
}
# Round trips beside a transfer: within MAX ms on average.
loaded() { # MAX ARGS...
	local max=$1 busy
	shift
	nsenter --net=/run/netns/"$H" timeout 30 iperf3 --forceflush -t 3 "$@" > "$tmp/busy" 8>&- 9>&- &
	busy=$!
	wait_for ' sec ' "$tmp/busy" || return 1
	in_ns "$H" ping -n -i 0.05 -w 1 -q 192.0.2.2 | tee "$tmp/ping"
	wait $busy || return 1
	awk -F/ -v max="$max" '/^rtt/ { ok = $5 <= max } END { exit !ok }' "$tmp/ping"
}

forge() { # from the house: an IPv4 packet for the core with slot 1's label
	in_ns "$H" python3 -c '
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("house0", 0))
label = struct.pack("=2sHH2sHH", b"\x02\xb5", 1, 0, b"\x02\xb6", 1, 0)
ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 60, 0, 0, 64, 17, 0, bytes([198, 51, 100, 9]), bytes([192, 0, 2, 2]))
for tag in b"", b"\x81\x00\x00\x64":
    for _ in range(5):
        s.send(label + tag + b"\x08\x00" + ip + bytes(40))'
}

# Upstream, packets of one session that follow each other become super-packets behind access_xdp, label
# and all, and are segments again on subs0p. The frames come one by one here: GRO is told to wait.
merged() {
	in_ns "$G" unshare --mount sh -c 'mount -t sysfs s /sys; cd /sys/class/net/acc0
		echo 2 > napi_defer_hard_irqs; echo 2000000 > gro_flush_timeout'
	in_ns "$G" timeout 20 tcpdump -ni acc0 -c 20 'ether[0:2] == 0x02b5 and greater 2000' \
		> "$tmp/acc" 2> "$tmp/acc.err" 8>&- 9>&- &
	local acc=$!
	in_ns "$G" timeout 20 tcpdump -lneti subs0p -Q out tcp > "$tmp/peer" 2> "$tmp/peer.err" 8>&- 9>&- &
	local peer=$!
	wait_for listening "$tmp/acc.err" && wait_for listening "$tmp/peer.err" || return 1
	in_ns "$H" timeout 30 iperf3 -n 2M -c 192.0.2.2
	wait $acc || return 1
	kill $peer
	wait $peer
	# "MAC > MAC, ethertype IPv4 (0x0800), length N: ..."
	awk -F'length ' '{ n[$2 + 0]++ } $2 + 0 > 1506 { bad = 1 }
		END { for (i in n) print n[i], "of", i; exit bad || n[1506] < 1000 }' "$tmp/peer"
}

# What was dropped: ten forged frames (in mode tc no label means anything there), and by the policer.
counted() {
	cat "$tmp/lab.out"
	awk -v forged=$([ "$mode" = xdp ] && echo 10 || echo 0) '
		$1 == "police" { police = $2 }
		$1 == "drop" { n[$2] = $3; if ($2 !~ /^(link-local|label-forged|rate)$/ && $3) bad = 1 }
		END { exit bad || n["label-forged"] != forged || n["rate"] != police || !police }' "$tmp/lab.out"
}

checks() {
	local d=192.0.2.2 d6=2001:db8:ffff::2
	local past=+
	[ "$mode" = tc ] || past=0 # a redirect from XDP passes no queue at all
	ok "unshaped: no queue" went "0 0 0 0" pings
	ok "unshaped TCP: past the trees" went "0 0 + $past" refused
	plan down
	ok "shaped down" went "10 0 0 0" pings
	plan up
	ok "shaped up" went "0 10 0 0" pings
	plan down up
	ok "shaped both ways" went "10 10 0 0" pings
	ok "forged labels" went "0 0 0 0" forge
	ok "a full packet" went "2 2 0 0" in_ns "$H" ping -n -W 5 -c 2 -M do -s 1464 $d
	ok "fragments" went "10 6 0 0" in_ns "$H" ping -n -W 5 -c 2 -s 4000 $d
	ok "the gateway" went "2 2 0 0" in_ns "$H" ping -n -W 5 -c 2 100.64.0.1
	nsenter --net=/run/netns/"$K" iperf3 --forceflush -s > "$tmp/iperf" 2>&1 8>&- 9>&- &
	pids+=($!)
	wait_for listening "$tmp/iperf"
	rate 5000 25000
	# 1440 of 1514 octets carry data: 4756 kbit/s; IPv6, 1420: 18758 of 20000. The bounds are wide: what a short
	# transfer gets from a fifo varies, and accuracy is not what is tested here.
	ok "TCP up at 5 Mbit/s" goodput 4470 4900 -c $d
	ok "TCP down at 5 Mbit/s" goodput 4470 4900 -R -c $d
	ok "ping beside TCP up" loaded 60 -c $d
	ok "ping beside TCP down" loaded 60 -R -c $d
	rate 20000 50000
	ok "TCP up at 20 Mbit/s, IPv6" goodput 17400 19400 -c $d6
	ok "TCP down at 20 Mbit/s, IPv6" goodput 17400 19400 -R -c $d6
	[ "$mode" = tc ] || ok "super-packets with a label" merged
	policed $d $d6
}
# 1172 octets of data in packets of 1200 (IPv6: 1152), 1226 on the line: 1912 and 1879 kbit/s at 2 Mbit/s.
# The 200 ms of the bucket are gone in the omitted second.
policed() {
	plan "police=2000000,200"
	ok "policed at 2 Mbit/s" goodput 1870 1950 -u -b 5M -l 1172 -c "$1"
	ok "policed, IPv6" goodput 1840 1920 -u -b 5M -l 1152 -c "$2"
	plan "up police=4000000,200"
	ok "policed and shaped" goodput 3740 3900 -u -b 10M -l 1172 -c "$1"
}

run() { # MODE SVLAN CVLAN
	mode=$1
	where="$1, tags $2/$3"
	devices
	addresses
	trees
	in_ns "$G" ethtool -K acc0 gro on > /dev/null
	mkfifo "$tmp/lab"
	in_ns "$G" "$build/test/bpf/lab" "$1" subs0 subs0p acc0 "$2" "$3" $((queues - 1)) \
		< "$tmp/lab" > "$tmp/lab.out" 2>&1 &
	local lab=$!
	exec 9> "$tmp/lab"
	if wait_for ready "$tmp/lab.out" && house "$2" "$3"; then
		checks
		exec 9>&-
		ok "the data plane ends well" wait "$lab"
		ok "counters" counted
	else
		rc=1
	fi
	stop
	rm -f "$tmp"/*
}

run xdp 100 0
run tc 100 0
exit $rc
