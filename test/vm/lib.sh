# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the guest tests share. A test sources it first: outside of the guest the test starts itself
# again inside (VMRUN_ARGS: further options of vmrun); inside, there is a lab:
#
#   house (pppd; wan0) -- acc0 bng (brasd) core0 -- inet0 internet (192.0.2.2, 2001:db8:ffff::2)
#
# Every wait is for a condition with a deadline.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH # Debian's programs before others
B=${1:-build}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$(dirname "$HERE")")
if [ -z "${VMRUN:-}" ]; then
	if [ ! -x "$B/brasd" ] || [ ! -x "$B/brasctl" ]; then
		echo "FAIL no $B/brasd, $B/brasctl"
		exit 1
	fi
	# shellcheck disable=SC2086
	exec "$HERE/vmrun" -t "${VM_LIMIT:-1200}" ${VMRUN_ARGS:-} "$(realpath "$0")" "$(realpath "$B")"
fi

. "$ROOT/test/sample.sh"

# shellcheck disable=SC2034,SC2086
T=/tmp/vmtest
mkdir -p $T
failures=0

ok() { echo "ok $*"; }
not_ok() {
	echo "FAIL $*"
	failures=$((failures + 1))
}
check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" > $T/check.out 2>&1; then
		ok "$name"
	else
		not_ok "$name"
		sed 's/^/  | /' $T/check.out | tail -n 15
		return 1
	fi
}
# After a failure that everything else rests on.
give_up() {
	echo "--- brasd"
	tail -n 40 $T/brasd.log
	for f in $T/pppd.*; do
		echo "--- $f"
		tail -n 25 "$f"
	done
	finish
}
finish() {
	[ $failures = 0 ] || { echo "--- brasd"; tail -n 60 $T/brasd.log; }
	exit $((failures > 0))
}

# The seconds are those of a machine that is left alone. A guest that others keep from running does not
# know it, so each is four. Who waits for long asks less often: a question takes CPU from what is waited for.
wait_for() { # SECONDS COMMAND...
	local start=$SECONDS seconds=$((4 * $1)) pause=0.1
	shift
	until "$@" > /dev/null 2>&1; do
		[ $((SECONDS - start)) -lt $seconds ] || return 1
		[ $((SECONDS - start)) -lt 3 ] || pause=0.5
		sleep $pause
	done
}

in_ns() { # NAMESPACE COMMAND... (not "ip netns exec": it hides /sys/fs/bpf)
	local ns=$1
	shift
	nsenter --net=/run/netns/"$ns" "$@"
}
house() { in_ns house "$@"; }
bng() { in_ns bng "$@"; }
internet() { in_ns internet "$@"; }

lab() { # [MTU of the access link]
	local mtu=${1:-1500} ns
	for ns in house bng internet; do
		ip netns add $ns
		ip -n $ns link set lo up
	done
	if [ "${ACCESS:-veth}" = virtio ]; then
		ip link set eth0 netns house name wan0 mtu "$mtu"
		ip link set eth1 netns bng name acc0 mtu "$mtu"
	else
		ip link add acc0 netns bng mtu "$mtu" address 02:00:00:00:00:01 type veth \
			peer name wan0 netns house mtu "$mtu" address 02:00:00:00:01:01
		# A redirect from XDP needs NAPI at the other end of a veth.
		house ethtool -K wan0 gro on
	fi
	ip link add core0 netns bng type veth peer name inet0 netns internet
	house sysctl -qw net.ipv6.conf.wan0.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.default.accept_ra=2
	bng sysctl -qw net.ipv6.conf.acc0.disable_ipv6=1 net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	internet sysctl -qw net.ipv6.conf.inet0.accept_dad=0
	bng sysctl -qw net.ipv6.conf.core0.accept_dad=0
	ip -n house link set wan0 up
	ip -n bng link set acc0 up
	ip -n bng link set core0 up
	ip -n internet link set inet0 up
	ip -n bng addr add 192.0.2.1/24 dev core0
	ip -n bng addr add 2001:db8:ffff::1/64 dev core0
	ip -n internet addr add 192.0.2.2/24 dev inet0
	ip -n internet addr add 192.0.2.53/24 dev inet0
	ip -n internet addr add 2001:db8:ffff::2/64 dev inet0
	ip -n internet route add 100.64.0.0/10 via 192.0.2.1
	ip -n internet route add 2001:db8:100::/40 via 2001:db8:ffff::1
	cat > $T/users <<-END
	alice * "secret one" * -
	bob * builder 100.64.9.9 -
	user * pass * -
	END
	chmod 600 $T/users
	printf 'nothing yet\n' > $T/brasd.log
}

config() { # MODE MTU [lines for the end]
	cat > $T/brasd.conf <<-END
	[pppoe]
	interface = acc0
	ac-name = brasberry
	service-name = internet
	max-sessions = 1024
	max-sessions-per-mac = 64
	[ppp]
	mtu = $2
	ipv4 = allow
	ipv6 = allow
	lcp-echo-interval = ${ECHO_INTERVAL:-30}
	lcp-echo-failure = 3
	[auth]
	methods = ${METHODS:-chap-md5,mschap-v2,pap}
	users-file = $T/users
	[ip-pool]
	gw-ip-address = 100.64.0.1
	pool = 100.64.0.0/18
	[dns]
	dns1 = 192.0.2.53
	dns2 = 192.0.2.54
	[ipv6-pool]
	gw-ip6-address = fe80::1
	prefix = 2001:db8:100::/40,64
	[subscriber]
	device = subs0
	datapath = $1
	[shaper]
	mode = ${SHAPER:-off}
	[log]
	level = 4
	${3:-}
	END
}

brasd_start() {
	nsenter --net=/run/netns/bng "$B/brasd" -c $T/brasd.conf > $T/brasd.log 2>&1 &
	brasd=$!
	if ! wait_for 120 brasd_ready; then
		not_ok "brasd is ready ($(tail -n 1 $T/brasd.log))"
		give_up
	fi
}
brasd_ready() { grep -q "brasd: ready" $T/brasd.log; }
brasd_stop() { # its exit status
	kill -TERM "$brasd"
	if ! wait_for 20 gone "$brasd"; then
		kill -9 "$brasd"
		return 1
	fi
	wait "$brasd"
}
gone() { ! kill -0 "$1" 2> /dev/null; }
ctl() { bng "$B/brasctl" "$@"; }
sessions() { # JQ-LIKE PYTHON EXPRESSION over the list s
	ctl show sessions --json | /usr/bin/python3 -IS -c 'import json, sys
s = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"
}
# These are asked again and again, and Python takes an emulated machine a second to begin.
sessions_are() { [ "$(ctl show sessions --json | jq '[.[] | select(.state == "open")] | length')" = "$1" ]; }
no_sessions() { [ "$(ctl show sessions --json | jq length)" = 0 ]; }
stat_of() { # DOTTED NAME
	ctl show stat --json | /usr/bin/python3 -IS -c 'import functools, json, sys
print(functools.reduce(lambda o, k: o[k], sys.argv[1].split("."), json.load(sys.stdin)))' "$1"
}

dial() { # UNIT USER PASSWORD [options of pppd]; the process in $pppd, its log in $T/pppd.UNIT
	local unit=$1 user=$2 password=$3
	shift 3
	nsenter --net=/run/netns/house pppd plugin rp-pppoe.so nic-"${NIC:-wan0}" unit "$unit" user "$user" password "$password" noauth \
		nodetach noccp debug maxfail 1 +ipv6 usepeerdns \
		mtu 1492 mru 1492 "$@" > $T/pppd."$unit" 2>&1 &
	pppd=$!
}
line_up4() { grep -q 'remote IP address' $T/pppd."$1"; }
line_up6() { global6 "$1" | grep -q .; }
global6() { house ip -6 -o addr show dev ppp"$1" scope global 2> /dev/null | awk '{ sub("/.*", "", $4); print $4; exit }'; }
address4() { house ip -4 -o addr show dev ppp"$1" | awk '{ print $4 }'; }
up() { # UNIT: both families, or a FAIL and the logs
	wait_for 60 line_up4 "$1" || return 1
	wait_for 60 line_up6 "$1"
}
# What has this line's addresses leaves by this line, whatever else there is.
routed() { # UNIT
	ip -n house rule add from "$(address4 "$1")" lookup $((100 + $1))
	ip -n house route replace default dev ppp"$1" table $((100 + $1))
	ip -n house -6 rule add from "$(global6 "$1")" lookup $((100 + $1))
	ip -n house -6 route replace default via fe80::1 dev ppp"$1" table $((100 + $1))
}
hang_up() { # PID
	kill -TERM "$1" 2> /dev/null
	wait_for 30 gone "$1"
}

ping4() { house ping -4 -q -c 3 -i 0.2 -W 2 -I ppp"$1" "${@:3}" "$2"; }
ping6() { house ping -6 -q -c 3 -i 0.2 -W 2 -I ppp"$1" "${@:3}" "$2"; }
