#!/bin/bash
# Plain IP through the data plane, both modes, lines with 0, 1 and 2 tags: test/bpf/traffic.sh. A
# house (kernel IP on a tun device, cpe.py in front), the concentrator (programs, no daemon) and a
# small internet, each in a network namespace.
set -u
build=${1:-${B:-build}}
here=$(cd "$(dirname "$0")" && pwd)
tag=dp$$
H=${tag}h G=${tag}g K=${tag}k
tmp=$(mktemp -d)
rc=0
pids=()

in_ns() { local ns=$1; shift; nsenter --net="/run/netns/$ns" "$@"; }

stop() {
	exec 8>&- 9>&-
	local p
	for p in ${pids[@]+"${pids[@]}"}; do kill "$p" 2> /dev/null; done
	wait
	pids=()
	local ns
	for ns in "$H" "$G" "$K"; do ip netns del "$ns" 2> /dev/null; done
}
trap 'stop; rm -rf "$tmp"' EXIT

ok() { # ok NAME COMMAND...
	local name=$1
	shift
	if "$@" > "$tmp/out" 2>&1; then
		echo "ok: $where: $name"
	else
		echo "FAIL: $where: $name: $*"
		tail -n 15 "$tmp/out"
		rc=1
	fi
}

says() { # says PATTERN COMMAND...: the command's output matters, not its status
	local pattern=$1
	shift
	"$@" > "$tmp/said" 2>&1
	cat "$tmp/said"
	grep -Eq "$pattern" "$tmp/said"
}

wait_for() { # wait_for PATTERN FILE: at most 30 s
	local end=$((SECONDS + 30))
	until grep -q "$1" "$2" 2> /dev/null; do
		[ $SECONDS -lt $end ] || { echo "FAIL: $where: no '$1' in $2"; cat "$2"; return 1; }
		sleep 0.05
	done
}

devices() {
	local ns
	for ns in "$H" "$G" "$K"; do
		ip netns add "$ns"
		in_ns "$ns" ip link set lo up
	done
	# A device lets one tag pass beyond its MTU, not two.
	ip -n "$G" link add acc0 mtu 1504 address 02:00:00:00:00:ac type veth \
		peer name house0 mtu 1504 netns "$H" address 02:00:00:00:0c:e1
	ip -n "$G" link add core0 type veth peer name k0 netns "$K"
	ip -n "$G" link add subs0 address 02:00:00:00:00:50 mtu 1492 type veth peer name subs0p mtu 1492
	in_ns "$G" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv6.conf.subs0p.disable_ipv6=1 net.ipv6.conf.subs0.accept_dad=0 \
		net.ipv6.conf.core0.accept_dad=0 net.ipv6.conf.acc0.disable_ipv6=1 \
		net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.subs0.rp_filter=1 \
		net.ipv4.conf.subs0.send_redirects=0 net.ipv4.conf.all.send_redirects=0
	in_ns "$K" sysctl -qw net.ipv6.conf.k0.accept_dad=0
	in_ns "$H" sysctl -qw net.ipv6.conf.house0.disable_ipv6=1
	in_ns "$G" ethtool -K subs0 tx off tso off gso off gro on > /dev/null
	in_ns "$G" ethtool -K subs0p tso off gro off > /dev/null
	in_ns "$G" ethtool -K acc0 rxvlan off > /dev/null
	in_ns "$H" ethtool -K house0 gro on > /dev/null
	local d
	for d in subs0 subs0p; do ip -n "$G" link set $d arp off up; done
	for d in acc0 core0; do ip -n "$G" link set $d up; done
	ip -n "$H" link set house0 up
	ip -n "$K" link set k0 up
}

addresses() {
	ip -n "$G" addr add 100.64.0.1/32 dev subs0
	ip -n "$G" addr add 2001:db8:0:ffff::1/128 dev subs0 nodad
	ip -n "$G" route add 100.64.0.0/24 via inet6 fe80::2 dev subs0 onlink
	ip -n "$G" route add 2001:db8:1::/48 via fe80::2 dev subs0 onlink
	ip -n "$G" addr add 192.0.2.1/24 dev core0
	ip -n "$G" addr add 2001:db8:ffff::1/64 dev core0 nodad
	ip -n "$K" addr add 192.0.2.2/24 dev k0
	ip -n "$K" addr add 2001:db8:ffff::2/64 dev k0 nodad
	ip -n "$K" route add default via 192.0.2.1
	ip -n "$K" route add default via 2001:db8:ffff::1
}

house() {
	mkfifo "$tmp/cpe"
	in_ns "$H" python3 "$here/cpe.py" house0 02:00:00:00:00:ac "$1" "$2" \
		< "$tmp/cpe" > "$tmp/cpe.out" 2>&1 9>&- &
	pids+=($!)
	exec 8> "$tmp/cpe"
	wait_for ready "$tmp/cpe.out" || return 1
	in_ns "$H" sysctl -qw net.ipv6.conf.tun0.accept_dad=0
	ip -n "$H" link set tun0 mtu 1492 up
	ip -n "$H" addr add 100.64.0.10/32 dev tun0
	ip -n "$H" addr add 2001:db8:1::10/64 dev tun0 nodad
	ip -n "$H" route add default dev tun0
	ip -n "$H" -6 route add default dev tun0
}

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
	in_ns "$K" iperf3 --forceflush -s > "$tmp/iperf" 2>&1 8>&- 9>&- &
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
