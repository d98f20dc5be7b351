#!/bin/bash
# Plain IP through the data plane, both modes, lines with 0, 1 and 2 tags: test/bpf/traffic.sh.
set -u
build=${1:-${B:-build}}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/rig.bash"

# What the stack owes as a router, seen from both sides.
checks() {
	local ping="ping -n -W 5 -c"
	ok "ping" in_ns "$H" $ping 3 -i 0.2 192.0.2.2
	ok "ping, IPv6" in_ns "$H" $ping 3 -i 0.2 2001:db8:ffff::2
	ok "ping of the gateway" in_ns "$H" $ping 1 100.64.0.1
	ok "ping of the gateway, IPv6" in_ns "$H" $ping 1 2001:db8:0:ffff::1
	ok "ping from the gateway" in_ns "$G" $ping 1 -I 100.64.0.1 100.64.0.10
	ok "ping from the core" in_ns "$K" $ping 1 100.64.0.10
	ok "one octet, padded on the line" in_ns "$H" $ping 1 -s 1 192.0.2.2
	ok "a full packet" in_ns "$H" $ping 1 -M do -s 1464 192.0.2.2
	ok "fragments" in_ns "$H" $ping 1 -s 4000 192.0.2.2
	ok "too big, down, IPv6" says "From 2001:db8:ffff::1.*mtu ?= ?1492" in_ns "$K" $ping 1 -M do -s 1452 2001:db8:1::10
	ok "fragments, IPv6" in_ns "$H" $ping 1 -s 4000 2001:db8:ffff::2
	ok "time exceeded, up" says "From 100.64.0.1.*[Tt]ime to live exceeded" \
		in_ns "$H" $ping 1 -t 1 192.0.2.2
	ok "time exceeded, down" says "From 192.0.2.1.*[Tt]ime to live exceeded" \
		in_ns "$K" $ping 1 -t 1 100.64.0.10
	ok "too big, down" says "mtu ?= ?1492" in_ns "$K" $ping 1 -M do -s 1472 100.64.0.10
	nsenter --net=/run/netns/"$K" iperf3 --forceflush -s > "$tmp/iperf" 2>&1 8>&- 9>&- &
	pids+=($!)
	wait_for listening "$tmp/iperf"
	ok "TCP up" in_ns "$H" timeout 30 iperf3 -n 2M -c 192.0.2.2
	ok "TCP down, super-packets from the core" in_ns "$H" timeout 30 iperf3 -n 4M -R -c 192.0.2.2
	ok "TCP down, IPv6" in_ns "$H" timeout 30 iperf3 -n 4M -R -c 2001:db8:ffff::2
	ok "every frame to the house is right" bad_free
}
bad_free() { ! grep BAD "$tmp/cpe.out"; }

# MSS: both ends announce 1460 or more on their own; neither may hear of more than 1452.
clamped() {
	in_ns "$H" timeout 30 tcpdump -c 1 -nvi tun0 'tcp[13] == 18' > "$tmp/down" 2> "$tmp/d1" 8>&- 9>&- &
	local d=$!
	in_ns "$K" timeout 30 tcpdump -c 1 -nvi k0 'tcp[13] == 2' > "$tmp/up" 2> "$tmp/d2" 8>&- 9>&- &
	local u=$!
	wait_for listening "$tmp/d1" && wait_for listening "$tmp/d2" || return 1
	ip -n "$H" link set tun0 mtu 1500
	in_ns "$H" timeout 20 iperf3 -n 10K -c 192.0.2.2
	ip -n "$H" link set tun0 mtu 1492
	wait $d $u
	cat "$tmp/up" "$tmp/down"
	grep -q "mss 1452" "$tmp/up" && grep -q "mss 1452" "$tmp/down"
}

# What was counted is what went through, and nothing was dropped that should not be.
counted() {
	cat "$tmp/lab.out"
	awk '$1 ~ /^[rt]x[46]$/ && $2 < 10 { bad = 1 }
		$1 == "tx4" && $3 < 4000000 { bad = 1 }
		$1 == "drop" && $2 != "link-local" && $3 != 0 { bad = 1 }
		END { exit bad }' "$tmp/lab.out"
}

run() { # run MODE SVLAN CVLAN
	where="$1, tags $2/$3"
	devices
	addresses
	mkfifo "$tmp/lab"
	in_ns "$G" "$build/test/bpf/lab" "$1" subs0 subs0p acc0 "$2" "$3" \
		< "$tmp/lab" > "$tmp/lab.out" 2>&1 &
	local lab=$!
	exec 9> "$tmp/lab"
	if wait_for ready "$tmp/lab.out" && house "$2" "$3"; then
		checks
		ok "MSS clamped both ways" clamped
		exec 9>&-
		ok "the data plane ends well" wait "$lab"
		ok "counters" counted
	else
		rc=1
	fi
	stop
	rm -f "$tmp"/*
}

for mode in xdp tc; do
	for line in "0 0" "100 0" "100 7"; do
		# shellcheck disable=SC2086
		run $mode $line
	done
done
exit $rc
