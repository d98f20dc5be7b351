# shellcheck shell=bash
# What the tests of the data plane with real traffic share: a house (kernel IP on a tun device, cpe.py
# in front), the concentrator (programs, no daemon) and a small internet, each in a network
# namespace. A test sets `here` and `build` first, and `queues` of the subscriber device when it wants
# more than one; $where says what is being tried.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH # Debian's programs before others
tag=dp$$
H=${tag}h G=${tag}g K=${tag}k
tmp=$(mktemp -d)
rc=0
pids=()
queues=${queues:-1}

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
	ip -n "$G" link add subs0 address 02:00:00:00:00:50 mtu 1492 numtxqueues $queues numrxqueues $queues \
		type veth peer name subs0p mtu 1492 numtxqueues $queues numrxqueues $queues
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
