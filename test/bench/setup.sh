#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast lines are set up, natively: test/bench/setup.sh BUILD [SESSIONS...]. brasd on the first
# CPU, the dialer on the last; CHAP, IPv4, at most 200 dials at a time, none paced.
. "$(dirname "$0")/lib.sh"
shift
[ $# -gt 0 ] || set -- 2000 10000 60000

lab
echo "| lines | lines/s | brasd CPU per line, ms | setup, ms: median | 99 % | failed |"
echo "| --- | --- | --- | --- | --- | --- |"
for N in "$@"; do
	config "${MODE:-xdp}" $((N + 100)) 30
	brasd_start taskset -c 0
	before=$(cpu_ms "$brasd")
	dial "$N" --no-ipv6
	after=$(cpu_ms "$brasd")
	dial_end
	printf '| %s | %s | %s | %s | %s | %s |\n' "$N" "$(dialled '."per-second"')" \
		"$(awk "BEGIN { printf \"%.3f\", ($after - $before) / $N }")" \
		"$(dialled '."setup-us".p50 / 1000')" "$(dialled '."setup-us".p99 / 1000')" \
		"$(dialled .failed)"
	wait_for 120 active_is 0 || echo "bench: $(active) lines are left" >&2
	brasd_stop
done
