#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What those who look cost: test/bench/http.sh BUILD [SESSIONS]. Turns of the loop, of so many
# scrapes of /metrics, of nothing for as long, and of three lists of all sessions; then the CPU of ten
# viewers of /api/v1/events.
. "$(dirname "$0")/lib.sh"
N=${2:-60000}
SCRAPES=50
AT=http://127.0.0.1:8080

fetch() { in_ns $G curl -sSf -o /dev/null -w '%{time_total}\n' "$AT$1"; }
# How many turns, how many of more than 1 and 2 ms, the last bucket's bound that any is in, the longest ever.
turns() { ctl show health --json | jq -r '.loop | [.count, (.counts[5:] | add), (.counts[6:] | add), ."max-us", (.counts | map(tostring) | join(","))] | @tsv'; }
row() { # WHAT COMMAND...: turns while it runs
	local what=$1 before after
	shift
	before=$(turns)
	"$@" > "$T/times"
	after=$(turns)
	sort -n "$T/times" | awk -v w="$what" -v b="$before" -v a="$after" '{ t[NR] = $1 * 1000 } END {
		split(b, x); split(a, y); split(x[5], p, ","); n = split(y[5], q, ",")
		m = split("0.05 0.1 0.25 0.5 1 2 5 10 25 50 100 250 500 1000", bound, " ")
		for (i = 1; i <= n; i++) if (q[i] > p[i]) last = i
		longest = y[4] > x[4] ? sprintf("%.2f", y[4] / 1000) : last <= m ? "under " bound[last] : "over 1000"
		printf "| %s | %s | %s | %d | %d | %d | %s |\n", w, NR ? sprintf("%.1f", t[int((NR + 1) / 2)]) : "",
			NR ? sprintf("%.1f", t[NR]) : "", y[1] - x[1], y[2] - x[2], y[3] - x[3], longest }'
}
scrapes() { for _ in $(seq $SCRAPES); do fetch /metrics; sleep 0.1; done; } # 0.1: pace, as for "nothing"
lists() { for _ in 1 2 3; do fetch /api/v1/sessions; done; }
tables() {
	local start
	for _ in 1 2 3; do
		start=$(date +%s%N)
		ctl show sessions > "$T/table"
		echo "$((($(date +%s%N) - start) / 1000000)).0e-3"
	done
}

lab
IPV6=allow config "${MODE:-xdp}" "$N" 30
printf '[http]\nlisten = 127.0.0.1:8080\n' >> "$T/brasd.conf"
brasd_start
dial "$N"
wait_for 60 fetch /metrics || die "no metrics"
sleep 5 # what the dials left to do: a pause before a window of measurement
# Before all others, so that a turn's time is the loop's own, not that of whoever has the CPU.
chrt -f -p 50 "$brasd" || echo "bench: no real-time priority: others' work is in the figures" >&2
echo "| with $(active) lines | median, ms | longest, ms | turns of the loop | over 1 ms | over 2 ms | the longest, ms |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
row "nothing, $((SCRAPES / 10)) s" sleep $((SCRAPES / 10))
row "$SCRAPES scrapes" scrapes
row "three lists of all sessions, HTTP" lists
row "three tables, brasctl show sessions" tables
chrt -o -p 0 "$brasd"
c0=$(cpu_ms "$brasd")
sleep 10 # a window of measurement
c1=$(cpu_ms "$brasd")
for _ in $(seq 10); do in_ns $G curl -sN -m 20 -o /dev/null "$AT/api/v1/events" & done
sleep 5 # the first event has all lines
c2=$(cpu_ms "$brasd")
sleep 10
c3=$(cpu_ms "$brasd")
awk "BEGIN { printf \"\nTen viewers of events: %.2f %% of one CPU, and %.2f %% without.\n\", ($c3 - $c2) / 100, ($c1 - $c0) / 100 }"
wait $(jobs -p | grep -vx "$brasd" | grep -vx "${dialer:-0}") 2> /dev/null
dial_end
