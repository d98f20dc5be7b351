#!/bin/bash
# Proves: `brasctl import` makes a configuration of accel-ppp's that brasd -t accepts, of several
# whole ones and of rubbish, and starts with each; a line dials in by the chap-secrets of one.
. "$(dirname "$0")/../lab.sh"

VECTORS=$(dirname "$0")/../vectors/accel

accepted() { # FILE
	"$B/brasctl" import "$1" > "$CONF" 2> "$LAB_DIR/summary" || return 1
	grep -q ' lines map, ' "$LAB_DIR/summary" && "$B/brasd" -t -c "$CONF"
}

# The interfaces that these files have, and a way to their RADIUS servers.
wires() {
	local i
	for i in acc0 eth0 eth1.10; do
		g ip link add "$i" type veth peer name "$i-far" && g ip link set "$i" up && g ip link set "$i-far" up ||
			fail "no $i"
	done
	g ip route replace default dev core0 && g ip -6 route replace default dev core0 || fail "no route"
}

starts() { # with the last one that was accepted
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 120 lab_brasd_ready
	expect "$1: brasd starts" grep -q '^brasd: ready' "$LAB_DIR/brasd.log"
	lab_stop brasd || fail "$1: brasd did not end well"
}

exits_with() { # CODE COMMAND...
	local rc=0
	"${@:2}" || rc=$?
	[ $rc = "$1" ]
}

theirs() {
	cat <<- END
	[modules]
	pppoe
	auth_chap_md5
	chap-secrets
	ippool
	shaper
	[ppp]
	mtu=1480
	[pppoe]
	interface=acc
	[chap-secrets]
	gw-ip-address=100.64.0.1
	chap-secrets=$LAB_DIR/chap-secrets
	[ip-pool]
	100.64.7.10-20
	[shaper]
	rate-limit=20000/5000
	END
}

run() {
	local f
	wires
	for f in "$VECTORS"/*.conf; do
		expect "$(basename "$f"): brasd -t accepts what is made of it" accepted "$f"
		starts "$(basename "$f")"
	done
	expect "exit 1: no such file" exits_with 1 "$B/brasctl" import "$LAB_DIR/nothere"
	expect "exit 2: no file named" exits_with 2 "$B/brasctl" import

	printf 'mary\t*\tlamb\t*\n' > "$LAB_DIR/chap-secrets"
	theirs > "$LAB_DIR/accel-ppp.conf"
	expect "ours is made" accepted "$LAB_DIR/accel-ppp.conf"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 120 lab_brasd_ready || fail "brasd did not become ready"
	lab_dial import -a chap -u mary -p lamb
	expect "the line is up, with their pool, MTU and speed" lab_json \
		'len(j) == 1 and j[0]["ip"].startswith("100.64.7.1") and j[0]["mtu"] == 1480 and j[0]["rate-down"] == 20000 and j[0]["rate-up"] == 5000' \
		show sessions
}

lab_up
run
