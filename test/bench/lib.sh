# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the benches share: a lab of namespaces (house -- bng -- internet), brasd in it, lines dialled
# with our dialer. Names carry the process id; everything is taken down at exit.
set -u
B=${1:-build}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
T=$(mktemp -d /tmp/bench.XXXXXX)
H=bh-$$ G=bb-$$ I=bi-$$
INSTANCE=bench-$$
brasd='' dialer=''
MAC_ACC=02:00:00:00:00:01 MAC_WAN=02:00:00:00:01:01 MAC_CORE=02:00:00:00:00:02 MAC_INET=02:00:00:00:01:02

die() { echo "bench: $*" >&2; exit 1; }
in_ns() { local ns=$1; shift; nsenter --net=/run/netns/"$ns" "$@"; }
wait_for() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}
gone() { ! kill -0 "$1" 2> /dev/null; }
end() { # PID: TERM, KILL after a while
	[ -n "$1" ] && ! gone "$1" || return 0
	kill -TERM "$1"
	wait_for "${2:-60}" gone "$1" || kill -9 "$1"
	wait "$1" 2> /dev/null
}
down() {
	[ -z "$dialer" ] || kill -9 "$dialer" 2> /dev/null
	end "$brasd" 120
	local ns
	for ns in $H $G $I; do
		ip netns del "$ns" 2> /dev/null
	done
	rm -rf "$T" "/run/brasberry/$INSTANCE" "/sys/fs/bpf/brasberry/$INSTANCE" "/var/lib/brasberry/$INSTANCE"
}
trap down EXIT
trap 'exit 1' INT TERM

lab() {
	local ns
	for ns in $H $G $I; do
		ip netns add "$ns" && ip -n "$ns" link set lo up
		in_ns "$ns" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	ip link add acc0 netns $G address $MAC_ACC type veth peer name wan0 netns $H address $MAC_WAN
	ip link add core0 netns $G address $MAC_CORE type veth peer name inet0 netns $I address $MAC_INET
	in_ns $H sysctl -qw net.ipv6.conf.wan0.disable_ipv6=1
	in_ns $G sysctl -qw net.ipv6.conf.acc0.disable_ipv6=1 net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	ip -n $H link set wan0 up
	ip -n $G link set acc0 up
	ip -n $G link set core0 up
	ip -n $I link set inet0 up
	# An XDP redirect into a veth needs NAPI at the other end.
	in_ns $H ethtool -K wan0 gro on
	in_ns $G ethtool -K acc0 gro on
	in_ns $G ethtool -K core0 gro on
	in_ns $I ethtool -K inet0 gro on
	ip -n $G addr add 192.0.2.1/24 dev core0
	ip -n $I addr add 192.0.2.2/24 dev inet0
	ip -n $G addr add 2001:db8:ffff::1/64 dev core0
	ip -n $I addr add 2001:db8:ffff::2/64 dev inet0
	ip -n $G neigh replace 192.0.2.2 lladdr $MAC_INET dev core0 nud permanent
	ip -n $I route add 100.64.0.0/10 via 192.0.2.1
	ip -n $I route add 2001:db8:100::/40 via 2001:db8:ffff::1
	printf 'user * pass * -\n' > "$T/users"
	chmod 600 "$T/users"
}

config() { # MODE SESSIONS ECHO-INTERVAL [lines of [shaper]]
	cat > "$T/brasd.conf" <<-END
	[pppoe]
	interface = acc0
	ac-name = brasberry
	max-sessions = $2
	max-sessions-per-mac = 0
	[ppp]
	mtu = 1492
	ipv4 = allow
	ipv6 = ${IPV6:-deny}
	lcp-echo-interval = $3
	lcp-echo-failure = 3
	[auth]
	methods = chap-md5
	users-file = $T/users
	[ip-pool]
	gw-ip-address = 100.127.255.254
	pool = 100.64.0.0/15
	[ipv6-pool]
	gw-ip6-address = fe80::1
	prefix = 2001:db8:100::/40,64
	[shaper]
	${4:-mode = off}
	[subscriber]
	device = subs0
	datapath = $1
	fastpath = ${FASTPATH:-off}
	${CORE:+core = $CORE}
	${FLOWS:+flows = $FLOWS}
	${SPREAD:+spread = $SPREAD}
	[nat44]
	${NAT44:+masquerade = $NAT44}
	[log]
	level = 2
	END
}
brasd_start() { # [COMMAND in front...]
	nsenter --net=/run/netns/$G "$@" "$B/brasd" -i "$INSTANCE" -c "$T/brasd.conf" > "$T/brasd.log" 2>&1 &
	brasd=$!
	wait_for 60 grep -q 'brasd: ready' "$T/brasd.log" || { cat "$T/brasd.log" >&2; die "brasd is not ready"; }
}
brasd_stop() {
	end "$brasd" 180
	brasd=''
}
ctl() { in_ns $G "$B/brasctl" -i "$INSTANCE" "$@"; }
active() { ctl show stat --json | jq .sessions.active; }
active_is() { [ "$(active)" = "$1" ]; }

# N lines of the dialer on the last CPU; they stay. Its story in $T/dialer.log, the JSON at its end.
dial() { # N [OPTIONS...]
	local n=$1
	shift
	rm -f "$T/dialer.log"
	nsenter --net=/run/netns/$H taskset -c $(($(nproc) - 1)) "$B/dialer" -i wan0 -n "$n" -u user \
		-p pass -a chap --rate 0 --max-outstanding "${OUTSTANDING:-200}" --hold-forever --json --quiet "$@" \
		> "$T/dialer.json" 2> "$T/dialer.log" &
	dialer=$!
	wait_for $((90 + n / 10 + n * ${SLOW:-0})) grep -q '^ready:' "$T/dialer.log" ||
		die "not all dials ended: $(tail -n 3 "$T/dialer.log")"
	grep -q "^ready: $n up" "$T/dialer.log" || echo "bench: $(grep '^ready:' "$T/dialer.log")" >&2
}
dial_end() {
	end "$dialer" 60
	dialer=''
}
dialled() { jq -r "$1" "$T/dialer.json"; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "-" }'; }
# user+system CPU of a process and its dead children, in ms
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13 + $14 + $15) * 1000 / hz }' "/proc/$1/stat"; }
