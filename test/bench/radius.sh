#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Logins by RADIUS: test/bench/radius.sh BUILD [LINES]. Each is an Access-Request, a Start and a
# Stop, and a whole line of PPP. FreeRADIUS runs beside the daemon on the same CPUs, so the rate is
# what both of them manage together; then a server that takes 200 ms for each answer.
B=$(cd "$1" && pwd)
LINES_UP=${2:-5000}
export B RADIUS_ARGS="-f -l stdout"
cd "$(dirname "$0")/../netns" || exit 1
. ../lab.sh
. ../radius.sh

ticks() { awk '{ print $14 + $15 }' "/proc/${LAB_PID[brasd]}/stat"; }
of_radius() { lab_ctl show radius --json | jq ".[0].\"$1\""; }

measure() { # NAME LINES
	local before after rate
	before=$(ticks)
	h timeout 300 "$B/dialer" -i s0 -n "$2" --rate 0 --max-outstanding 200 -u user%d -p pw -a pap --hold 2 \
		--json --quiet > "$LAB_DIR/dial.json" 2> /dev/null || fail "not all lines came up: $1"
	after=$(ticks)
	rate=$(jq '."per-second"' "$LAB_DIR/dial.json")
	awk -v name="$1" -v n="$2" -v rate="$rate" -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" \
		-v p50="$(of_radius latency-us-p50)" -v p99="$(of_radius latency-us-p99)" 'BEGIN {
		printf "| %s | %d | %.0f | %.3f | %.1f | %.1f |\n", name, n, rate, t * 1000 / hz / n, p50 / 1000, p99 / 1000 }'
}

BASE="radius.nas-identifier=lab pppoe.max-sessions=20000 pppoe.max-starting=4000 auth.methods=pap"
echo "| server | lines | logins/s | brasd CPU per line, ms | answer, ms: median | 99 % |"
echo "| --- | --- | --- | --- | --- | --- |"
lab_up > /dev/null
radius_users rad "$(printf 'DEFAULT Cleartext-Password := "pw"\n\tFramed-IP-Address = 255.255.255.254\n')"
radius_start rad
# shellcheck disable=SC2086
lab_start_brasd radius.server=127.0.0.1,testing123 $BASE
measure "FreeRADIUS" "$LINES_UP"
lab_stop brasd
radius_stop rad
radius_fake slow 1812 slow delay=0.2
# shellcheck disable=SC2086
lab_start_brasd radius.server=127.0.0.1,testing123,acct-port=0 $BASE
measure "one that takes 200 ms, 64 in flight" $((LINES_UP / 10))
lab_stop brasd
