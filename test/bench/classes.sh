#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Classes and plans through shaper/ alone: test/bench/classes.sh BUILD [SESSIONS:QUEUES...]. Both
# directions of each session: a plan is two classes and two leaves changed. "fill" makes the classes
# in the background, and rests for as long as it works; it is ended after FILL_SECONDS.
. "$(dirname "$0")/lib.sh"
shift
[ $# -gt 0 ] || set -- 1000:1 10000:1 10000:16 50000:16
FILL_SECONDS=${FILL_SECONDS:-600}

pair() { # QUEUES: as the daemon makes it
	local q=$(($1 + 1))
	ip -n $G link add subs0 numtxqueues $q numrxqueues $q type veth \
		peer name subs0p numtxqueues $q numrxqueues $q
	ip -n $G link set subs0 up
	ip -n $G link set subs0p up
}

ip netns add $G
echo "| sessions | queues | leaf | fill, s (CPU) | plans/s, first | plans/s, again | all counters read, s |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for what in "$@"; do
	n=${what%:*} q=${what#*:}
	pair "$q"
	in_ns $G "$B/bench-shaper" -d subs0 -u subs0p -n "$n" -q "$q" -l "$FILL_SECONDS" > "$T/classes.json" ||
		die "$n sessions in $q queues"
	[ "$(jq .sessions "$T/classes.json")" = "$n" ] || echo "bench: the fill of $n was ended" >&2
	jq -r '"| \(.sessions) | \(.queues) | \(.leaf) | \(."fill-s" * 10 | round / 10) (\(."fill-cpu-s" * 10 | round / 10)) | \(
		.sessions / .rounds[0].s | round) | \(.sessions / .rounds[1].s | round) | \(."measure-s" * 100 | round / 100) |"' "$T/classes.json"
	ip -n $G link del subs0
done
