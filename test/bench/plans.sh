#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All lines get another plan while others log in: test/bench/plans.sh BUILD [SESSIONS:QUEUES...]. The
# pool is filled before; the dialer's next lines come at LOGINS a second the whole time, and each of
# them gets its plan, too. FILL_SECONDS bounds the wait for the classes.
. "$(dirname "$0")/lib.sh"
shift
[ $# -gt 0 ] || set -- 50000:16
LOGINS=${LOGINS:-200}
FILL_SECONDS=${FILL_SECONDS:-1500}
late=''
down_late() {
	[ -z "$late" ] || kill -9 "$late" 2> /dev/null
	down
}
trap down_late EXIT

shaped() { # KBIT: lines that have it
	ctl show shaper --json | jq "[.[] | select(.\"rate-down\" == $1)] | length"
}
pool_is_full() { [ "$(ctl show shaper --json | jq length)" = "$N" ] && ctl show stat --json | jq -e '.shaper."classes-made" == .shaper."classes-wanted"'; }
some_up() { [ "$(active)" -gt $((N + LOGINS / 4)) ]; }

row() { # QUEUES
	local began took before after got most=$((LOGINS * 15))
	config xdp $((N + most)) 0 "mode = htb
	default = 5000/5000
	queues = $1
	class-pool = $most"
	brasd_start
	began=$EPOCHREALTIME
	dial "$N" --no-ipv6
	wait_for "$FILL_SECONDS" pool_is_full || die "the pool of $N is not full in $FILL_SECONDS s"
	filled=$(awk "BEGIN { print $EPOCHREALTIME - $began }")
	nsenter --net=/run/netns/$H taskset -c $(($(nproc) - 1)) "$B/dialer" -i wan0 -n $most -u user -p pass -a chap \
		--mac-base 02:cc:00:00:00:00 --rate "$LOGINS" --max-outstanding 200 --hold-forever --quiet --no-ipv6 \
		> "$T/late.json" 2> "$T/late.log" &
	late=$!
	wait_for 60 some_up || die "nobody logs in"
	before=$(active) began=$EPOCHREALTIME
	got=$(ctl shaper change all 7000/7000 --json)
	took=$(awk "BEGIN { print $EPOCHREALTIME - $began }")
	after=$(active)
	[ "$(jq .failed <<< "$got")" = 0 ] || echo "bench: $got" >&2
	awk -v n="$(jq .changed <<< "$got")" -v q="$1" -v f="$filled" -v t="$took" -v l=$((after - before)) \
		'BEGIN { printf "| %d | %d | %.0f | %.1f | %.0f | %d (%.0f/s) |\n", n, q, f, t, n / t, l, l / t }'
	kill -9 "$late"
	wait "$late" 2> /dev/null
	late=''
	end "$dialer" 60
	dialer=''
	brasd_stop
}

lab
echo "| plans | queues | until all had a class, s | all changed in, s | plans/s | logins meanwhile |"
echo "| --- | --- | --- | --- | --- | --- |"
for what in "$@"; do
	N=${what%:*}
	row "${what#*:}"
done
