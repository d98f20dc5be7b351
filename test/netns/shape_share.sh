#!/bin/bash
# Proves: lines share a backhaul. Ten lines of 20 Mbit/s on one of 50: the greedy ones get equal
# shares, what the idle leave is lent, a guaranteed line keeps its guarantee, nobody exceeds the
# plan, and a line that only pings hardly feels it. Both directions.
# Run: alone, because it measures speeds
# Sample: 1 of speed
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../shape.sh"

ips() { # FROM TO
	local i
	for ((i = $1; i <= $2; i++)); do lab_field many ip $i; done
}

flood_down() { # SECONDS FROM TO: 25 Mbit/s to each
	# shellcheck disable=SC2046
	lab_spawn flood n python3 "$LAB_TEST_DIR/netns/net.py" flood 25 "$1" $(ips "$2" "$3")
	wait_for 10 shape_busy $(($3 - $2 + 1))
}

shape_busy() { lab_json "sum(r['measured-down'] > 1000 for r in j) >= $1" show shaper; }

# SHARE FROM TO: each of these users gets it, in kbit/s, within 5 %
shares() {
	lab_json "(all(abs(r['measured-down'] / $1 - 1) <= 0.05 for r in j
		if re.match('u[0-9]+$', r['username'] or '') and $2 <= int(r['username'][1:]) <= $3)
		and sum(1 for r in j if re.match('u[0-9]+$', r['username'] or '')) == 10)" show shaper
}

borrowed() { lab_json "all(r['borrowed-down'] > 100000 for r in j if r['username'] == 'u0')" show shaper; }

down() {
	local ns=$1
	flood_down 60 0 9
	expect "ten are greedy: each has a tenth" shares 5000 0 9
	expect "of which most is borrowed" borrowed
	expect "who is quiet pings quickly" shape_quiet "$ns" 30
	lab_stop flood > /dev/null
	flood_down 60 0 4
	expect "five are: each has a fifth" shares 10000 0 4
	lab_stop flood > /dev/null
	flood_down 60 0 1
	expect "two are: each has its plan" shares 20000 0 1
	lab_stop flood > /dev/null
	expect "one has a guarantee" lab_json 'j["changed"] == 1' shaper change u0 gold
	flood_down 60 0 9
	expect "and keeps it" shares 20000 0 0
	expect "the others share the rest" shares 3333 1 9
	lab_stop flood > /dev/null
}

shape_quiet() { # NETNS MS
	in_ns "$1" ping -q -c 40 -i 0.05 -W 2 $WEB4 | net_py ping-below "$2"
}

run() {
	local ns i
	local -a users=()
	for i in 0 1 2 3 4 5 6 7 8 9; do users+=("u$i * secret * 20000/20000"); done
	lab_users "${users[@]}"
	lab_start_brasd shaper.mode=htb shaper.backhaul-down=50000 shaper.backhaul-up=50000
	printf '[profile gold]\nrate = 20000/20000\nguaranteed = 20000/20000\n' >> "$CONF"
	lab_stop brasd
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready
	lab_ns one; ns=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ns"
	lab_dial many -n 10 -u 'u%d' -p secret --mac-base 02:bb:00:00:20:00
	down "$ns"
	lab_hangup many
	lab_hangup one
}

LAB_MODES=xdp lab_each_mode run
