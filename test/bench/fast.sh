#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nanoseconds of CPU per packet, up and down: the fast path, the way through the stack, the kernel's
# plain forwarding without and with conntrack and NAT, and the least there is, a bare XDP redirect:
# test/bench/fast.sh BUILD [FLOWS:OCTETS...]. One CPU carries everything (gen.c). The sink is XDP where
# frames come by XDP redirect, else tc.
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
. "$HERE/flows.sh"
shift
[ $# -gt 0 ] || set -- 1:64 1000:64 1000:1400

row() { # NAME UP DOWN: as measured
	printf '| %s | %s | %s | %s | %s |\n' "$1" "$N" "$LENGTH" "$(cell "$2" "$base_up" "$plain_up")" \
		"$(cell "$3" "$base_down" "$plain_down")"
}

lab
echo "| | flows | octets | up, ns (ratio) | down, ns (ratio) |"
echo "| --- | --- | --- | --- | --- |"
for what in "$@"; do
	N=${what%:*} LENGTH=${what#*:} LENGTHS=${what#*:}
	plain
	printf '| baseline, as measured | %s | %s | %.0f | %.0f |\n' "$N" "$LENGTH" "$base_up" "$base_down"
	printf '| plain IP forwarding | %s | %s | %.0f (1.00) | %.0f (1.00) |\n' "$N" "$LENGTH" "$plain_up" "$plain_down"
	plain_more
	for m in ${MODES:-xdp tc}; do
		ours "$m"
	done
done
