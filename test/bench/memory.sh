#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Memory of unshaped lines and CPU of a daemon that only keeps them: test/bench/memory.sh BUILD
# [SESSIONS]. Memory: growth of the daemon's proportional set (its own pages, libraries and the
# shared record) from no line to N, and its BPF maps as the kernel charges them (they are sized at
# start, for max-sessions). Idle: user and system time over IDLE_SECONDS, echo every 30 s.
. "$(dirname "$0")/lib.sh"
N=${2:-60000}
IDLE_SECONDS=${IDLE_SECONDS:-60}

memory_kb() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$brasd/$2"; }
pss() { memory_kb Pss smaps_rollup; }
maps_kb() { # what the maps that the daemon holds are charged, each once
	local fd
	for fd in /proc/"$brasd"/fdinfo/*; do
		awk '/^memlock:/ { m = $2 } /^map_id:/ { id = $2 } END { if (id) print id, m }' "$fd" 2> /dev/null
	done | sort -u -k1,1n | awk '{ sum += $2 } END { printf "%.0f", sum / 1024 }'
}

lab
IPV6=allow config "${MODE:-xdp}" "$N" 30
brasd_start
pss0=$(pss)
dial "$N"
pss1=$(pss)
rss1=$(memory_kb VmRSS status)
maps=$(maps_kb)
open=$(active)
e0=$(ctl show stat --json | jq '.ppp."echo-tx"')
c0=$(cpu_ms "$brasd")
t0=$(date +%s%N)
sleep "$IDLE_SECONDS" # a window of measurement, not a wait for something
c1=$(cpu_ms "$brasd")
t1=$(date +%s%N)
e1=$(ctl show stat --json | jq '.ppp."echo-tx"')
[ "$(active)" = "$open" ] || echo "bench: lines were lost while idle: $open, now $(active)" >&2
idle=$(awk "BEGIN { printf \"%.2f\", ($c1 - $c0) * 1e6 / ($t1 - $t0) * 100 }")
dial_end
echo "| what | figure | aim |"
echo "| --- | --- | --- |"
echo "| lines open, IPv4 and IPv6 | $open | $N |"
echo "| daemon, resident | $((rss1 / 1024)) MB | < 300 MB |"
echo "| daemon, growth per line (PSS) | $(((pss1 - pss0) * 1024 / N)) bytes | |"
echo "| maps, per line | $((maps * 1024 / N)) bytes ($((maps / 1024)) MB in all) | |"
echo "| all in, per line | $(((pss1 - pss0 + maps) * 1024 / N)) bytes | <= 4096 |"
echo "| idle CPU over $IDLE_SECONDS s, $((e1 - e0)) echoes in them | $idle % of one CPU | < 3 % |"
