#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `show sessions` of many lines: how long it takes, and how long another request waits for the loop
# meanwhile, beside how long it waits when nobody lists anything: test/bench/sessions.sh BUILD [N].
# The waits are seen from outside, so they hold the machine's scheduling, too.
. "$(dirname "$0")/lib.sh"
N=${2:-60000}

lab
IPV6=allow config "${MODE:-xdp}" "$N" 30
brasd_start
dial "$N"
echo "| $(active) lines | |"
echo "| --- | --- |"
for readers in 0 1 4; do
	python3 "$HERE/sessions.py" "/run/brasberry/$INSTANCE/control" "$readers" || die "no answer"
done
start=$(date +%s%N)
ctl show sessions > "$T/table"
echo "| brasctl show sessions, $(wc -l < "$T/table") lines of a table | $((($(date +%s%N) - start) / 1000000)) ms |"
start=$(date +%s%N)
ctl show sessions username,ip order ip match username '7$' > "$T/table"
echo "| the same, matched and ordered, $(wc -l < "$T/table") lines | $((($(date +%s%N) - start) / 1000000)) ms |"
dial_end
