#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What DHCPv6 leases cost: test/bench/ipv6.sh BUILD [LINES]. The same number of lines twice: with
# router advertisements alone, and with a delegated prefix and an address each. Memory: growth of the
# daemon's proportional set (the shared record included) and of its maps; idle: user and system time
# over IDLE_SECONDS with echo every 30 s and advertisements every 600 s.
. "$(dirname "$0")/lib.sh"
N=${2:-10000}
IDLE_SECONDS=${IDLE_SECONDS:-60}

pss() { awk '/^Pss:/ { print $2 }' "/proc/$brasd/smaps_rollup"; }
route6_kb() { # the tries grow as they are used
	local fd
	for fd in /proc/"$brasd"/fdinfo/*; do
		awk '/^map_type:\t11$/ { trie = 1 } /^memlock:/ { m = $2 } /^map_id:/ { id = $2 } END { if (trie) print id, m }' "$fd" 2> /dev/null
	done | sort -u -k1,1n | awk '{ sum += $2 } END { printf "%.0f", sum / 1024 }'
}
leases() { ctl show pools --json | jq '[.[] | select(.kind == "delegate" or (.family == 6 and .kind == "address")) | .used] | add'; }

one() { # DIALER-OPTIONS...: sets per_line, idle, bound
	local p0 c0 c1 t0 t1
	brasd_start
	p0=$(pss)
	dial "$N" "$@"
	per_line=$((($(pss) - p0) * 1024 / N))
	bound=$(leases) open=$(active) tries=$(route6_kb)
	c0=$(cpu_ms "$brasd") t0=$(date +%s%N)
	sleep "$IDLE_SECONDS" # a window of measurement, not a wait for something
	c1=$(cpu_ms "$brasd") t1=$(date +%s%N)
	idle=$(awk "BEGIN { printf \"%.2f\", ($c1 - $c0) * 1e6 / ($t1 - $t0) * 100 }")
	[ "$(active)" = "$open" ] || echo "bench: lines were lost while idle: $open, now $(active)" >&2
	dial_end
	brasd_stop
}

lab
IPV6=allow config "${MODE:-xdp}" "$N" 30
printf '%s\n' '[ipv6-pool]' 'delegate = 2001:db8:8000::/34,56' 'address = 2001:db8:200::/64' \
	'[ipv6-dns]' 'dns = 2001:db8::53' >> "$T/brasd.conf"
one
a_line=$per_line a_idle=$idle a_open=$open
one --pd --na
echo "| what | router advertisements | with a prefix and an address each | ratio |"
echo "| --- | --- | --- | --- |"
echo "| lines open | $a_open | $open | |"
echo "| leases | 0 | $bound | |"
echo "| daemon, growth per line (PSS) | $a_line bytes | $per_line bytes | $(ratio "$per_line" "$a_line") |"
echo "| tries of routes, all of them | | $tries kB | |"
echo "| idle CPU over $IDLE_SECONDS s | $a_idle % | $idle % | $(ratio "$idle" "$a_idle") |"
