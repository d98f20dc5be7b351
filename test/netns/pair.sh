#!/bin/bash
# The subscriber device has the queues that were asked for, on both ends and in both directions, and
# the offloads of the data plane whatever their number; it takes an mq root with an HTB each.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
: "${B:?the build directory}"
make --no-print-directory -s B="$B" "$B/libdaemon.a" "$B/libbase.a" || exit 1
mkdir -p "$B/netns"
# shellcheck disable=SC2046
${CC:-gcc} -std=gnu11 -Wall -Wextra -O1 -g -D_GNU_SOURCE -I. test/netns/pair.c "$B/libdaemon.a" \
	"$B/libbase.a" $(pkg-config --cflags --libs libnl-route-3.0 libnl-3.0) -lev \
	-o "$B/netns/pair" || exit 1

ns=pair$$
ip netns add $ns || exit 1
trap 'ip netns del $ns' EXIT
rc=0
in_ns() { nsenter --net=/run/netns/$ns "$@"; }
ok() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then echo "ok: $name"; else echo "FAIL: $name: $*"; rc=1; fi
}
has_queues() { # DEVICE NUMBER: as they are used, not as they are allotted
	[ "$(in_ns ip -d -o link show "$1" | grep -o 'num[tr]xqueues [0-9]*' | tr '\n' ' ')" = \
		"numtxqueues $2 numrxqueues $2 " ] &&
		[ "$(in_ns unshare --mount sh -c "mount -t sysfs s /sys; ls /sys/class/net/$1/queues" |
			grep -c -e '^rx-' -e '^tx-')" = $((2 * $2)) ]
}
feature() { in_ns ethtool -k "$1" | grep -q "^$2: $3"; }
is_refused() { in_ns "$B/netns/pair" subs0 "$1" 2> /dev/null; [ $? = 2 ]; }
trees() { # NUMBER: tree q has handle q+1
	in_ns tc qdisc add dev "$1" root handle 1: mq || return 1
	for ((q = 1; q <= $2; q++)); do
		in_ns tc qdisc add dev "$1" parent 1:"$(printf %x $((q + 1)))" handle "$(printf %x $((q + 1)))": htb || return 1
	done
}

for n in 1 2 5 17; do
	ok "$n queues: the pair is made" in_ns "$B/netns/pair" subs0 $n
	for d in subs0 subs0p; do
		ok "$n queues: $d" has_queues $d $n
		ok "$n queues: $d, no TSO" feature $d tcp-segmentation-offload off
		[ $n = 1 ] || ok "$n queues: $d, trees" trees $d $((n - 1))
	done
	ok "$n queues: subs0, GRO" feature subs0 generic-receive-offload on
	ok "$n queues: subs0p, no GRO" feature subs0p generic-receive-offload off
done
ok "no queue is refused" is_refused 0
ok "too many are refused" is_refused 4097
exit $rc
