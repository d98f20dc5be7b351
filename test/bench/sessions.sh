#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `show sessions` of many lines: how long it takes, and how long another request waits for the loop
# meanwhile, beside how long it waits when nobody lists anything; and how fast others log in while they are
# listed again and again: test/bench/sessions.sh BUILD [N].
# The waits are seen from outside, so they hold the machine's scheduling, too.
. "$(dirname "$0")/lib.sh"
N=${2:-60000}
MORE=${MORE:-600} # logins of each of nine rounds: a session id rests when it is free again, and an interface has 65,535

logins() { # lines a second
	in_ns $H taskset -c $(($(nproc) - 1)) "$B/dialer" -i wan0 -n "$MORE" -u more%d -p pass -a chap \
		--mac-base 02:bb:01:00:00:00 --rate 0 --max-outstanding 200 --hold 0 --json --quiet > "$T/more.json" 2> /dev/null
	wait_for 60 active_is "$N" || echo "bench: $(active) lines, not $N" >&2
	jq -r '"\(."per-second") \(."setup-us".p99 / 1000) \(.failed)"' "$T/more.json"
}
# In turn, three times each: nobody looks, one lists, four list.
while_listed() {
	local round readers rate p99 failed lister before lists
	echo
	echo "| $MORE logins beside $N lines | logins/s | setup, ms: 99 % | failed | lists meanwhile |"
	echo "| --- | --- | --- | --- | --- |"
	for round in 1 2 3; do
		for readers in 0 1 4; do
			lister=()
			: > "$T/lists"
			for _ in $(seq "$readers"); do
				python3 "$HERE/sessions.py" "/run/brasberry/$INSTANCE/control" loop >> "$T/lists" &
				lister+=($!)
			done
			[ "$readers" = 0 ] || wait_for 60 grep -q list "$T/lists"
			before=$(wc -l < "$T/lists")
			read -r rate p99 failed < <(logins)
			lists=$(($(wc -l < "$T/lists") - before))
			if [ "$readers" -gt 0 ]; then
				kill "${lister[@]}"
				wait "${lister[@]}" 2> /dev/null
			fi
			echo "| round $round, $readers list | $rate | $p99 | $failed | $lists |"
		done
	done
}

lab
printf '* * pass * -\n' >> "$T/users"
IPV6=allow config "${MODE:-xdp}" $((N + MORE)) 30
brasd_start
dial "$N" -u user%d
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
while_listed
dial_end
