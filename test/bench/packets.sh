#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nanoseconds of CPU per 64-octet packet up and down, both attach modes, against the kernel's plain
# IP forwarding between the same interfaces: test/bench/packets.sh BUILD [SESSIONS...]. One CPU
# carries everything (gen.c); each figure is net of the way to a sink right behind the first link.
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
shift
[ $# -gt 0 ] || set -- 1000 60000

row() { # NAME MODE UP DOWN DOWN-XDP: as measured; prints net and the ratio to plain
	local u d x
	u=$(minus "$3" "$base_up")
	d=$(minus "$4" "$base_down")
	x=-
	[ -z "$5" ] || x=$(awk "BEGIN { printf \"%.0f (%.2f)\", $5 - $base_down, ($5 - $base_down) / $plain_down }")
	printf '| %s | %s | %.0f (%.2f) | %.0f (%.2f) | %s |\n' "$1" "$N" \
		"$u" "$(ratio "$u" "$plain_up")" "$d" "$(ratio "$d" "$plain_down")" "$x"
}

mode() { # xdp|tc
	local up_ns down_ns xdp_ns=''
	config "$1" $((N + 100)) 0
	brasd_start taskset -c 0
	lines_up "$1"
	up_ns=$(up pppoe-up)
	down_ns=$(down_to tc)
	[ "$1" = tc ] || xdp_ns=$(down_to xdp)
	row "brasd, $1" "$1" "$up_ns" "$down_ns" "$xdp_ns"
	brasd_stop
}

lab
echo "| | lines | up, ns (ratio) | down, ns (ratio) | down into an XDP sink |"
echo "| --- | --- | --- | --- | --- |"
for N in "$@"; do
	plain
	printf '| baseline, as measured | %s | %.0f | %.0f | |\n' "$N" "$base_up" "$base_down"
	printf '| plain IP forwarding | %s | %.0f (1.00) | %.0f (1.00) | |\n' "$N" "$plain_up" "$plain_down"
	for m in xdp tc; do
		mode $m
	done
done
