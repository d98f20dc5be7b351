#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nanoseconds of CPU per 64-octet packet through shaped lines, against the same lines unshaped a
# moment later and against plain IP forwarding: test/bench/shape.sh BUILD [SESSIONS:QUEUES...].
# MODES="xdp tc". Plans are above what the generator sends, so that every packet passes its class and
# none is dropped. One CPU carries everything; figures are net of the way to a sink behind the first
# link. The last column compares with the row of 100 sessions in one queue.
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
shift
[ $# -gt 0 ] || set -- 1:1 100:1 1000:1 10000:1 100:16 1000:16 10000:16
PLAN=5000000 # kbit/s

all_shaped() { [ "$(ctl show shaper --json | jq "[.[] | select(.\"rate-down\" == $PLAN)] | length")" = "$N" ]; }
change() { # SPEED
	[ "$(ctl shaper change all "$1" --json | jq .changed)" = "$N" ] || die "the plans are not changed to $1"
}

row() { # MODE QUEUES
	local su sd u d
	config "$1" $((N + 10)) 0 "mode = htb
	default = $PLAN/$PLAN
	queues = $2
	class-pool = $N"
	brasd_start taskset -c 0
	lines_up "$1"
	wait_for 300 all_shaped || die "not all of $N lines are shaped"
	change $PLAN/$PLAN
	su=$(minus "$(up pppoe-up)" "$base_up")
	sd=$(minus "$(down_to tc)" "$base_down")
	change none
	u=$(minus "$(up pppoe-up)" "$base_up")
	d=$(minus "$(down_to tc)" "$base_down")
	[ "$N:$2" != 100:1 ] || ref_up=$su ref_down=$sd
	printf '| %s | %s | %s | %.0f | %.0f | %s | %.0f | %.0f | %s | %s / %s |\n' "$1" "$N" "$2" \
		"$su" "$u" "$(ratio "$su" "$u")" "$sd" "$d" "$(ratio "$sd" "$d")" \
		"$(ratio "$su" "${ref_up:-0}")" "$(ratio "$sd" "${ref_down:-0}")"
	brasd_stop
}

lab
N=1000
plain
echo "Plain IP forwarding: $(printf '%.0f ns up, %.0f ns down' "$plain_up" "$plain_down")."
echo
echo "| | lines | queues | up, shaped | up, unshaped | ratio | down, shaped | down, unshaped | ratio | to 100 lines in one, up / down |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for m in ${MODES:-xdp tc}; do
	ref_up='' ref_down=''
	for what in "$@"; do
		N=${what%:*}
		row "$m" "${what#*:}"
	done
done
