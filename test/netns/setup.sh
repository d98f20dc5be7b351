#!/bin/bash
# Proves: `brasctl setup`, asked by nobody, finds the access interface and the core, writes a
# configuration that brasd serves a line with, and overwrites nothing; on a terminal it asks three
# questions; `config show`, `diff` and `explain` of that daemon.
. "$(dirname "$0")/../lab.sh"

setup_box() { g "$B/brasctl" setup -o "$CONF" users="$USERS" user=bob password=builder "$@" < /dev/null; }

# On a terminal: what is typed counts, an empty line is the default, the end of input writes nothing.
on_terminal() {
	local tty="$LAB_DIR/tty.conf"
	type_at() { g /usr/bin/python3 "$LAB_TEST_DIR/netns/setup_tty.py" "$1" "${@:2}" -- "$B/brasctl" setup -o "$tty" users="$USERS" "${more[@]}"; }
	local more=(user=bob password=builder)
	expect "the end of input ends it" type_at 1 "" "^D"
	expect "and nothing is written" test ! -e "$tty"
	expect "an interface that is not there is refused" type_at "$BAD" nosuch0 "" ""
	expect "and nothing is written" test ! -e "$tty"
	expect "three questions, with an answer of our own to one" type_at 0 "" 198.51.100.0/24 ""
	expect "the default counts" grep -qx 'interface = acc' "$tty"
	expect "what was typed counts" grep -q '198.51.100' "$tty"
	expect "brasd takes it" "$B/brasd" -t -c "$tty"
	more+=(--force access=acc pool=100.64.0.0/16 radius=none)
	expect "what is answered already is not asked" type_at 0
	expect "and counts" grep -q '100\.64\.' "$tty"
}
BAD=2

run() {
	on_terminal
	expect "setup writes a configuration" setup_box
	expect "it found the access interface" grep -qx 'interface = acc' "$CONF"
	expect "it found the core" grep -qx 'masquerade = core0' "$CONF"
	refuse "a second setup overwrites it" setup_box
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready
	expect "brasd serves with it" grep -q '^brasd: ready' "$LAB_DIR/brasd.log"
	lab_dial line -u bob -p builder --no-ipv6 --hold-forever
	expect "the line has a session" lab_json 'j[0]["username"] == "bob"' show sessions
	expect "config show" lab_json '{"section": "ppp", "key": "mtu", "value": "1492"} in j' config show ppp
	sed 's/^\[ppp\]/&\nmtu = 1480/' "$CONF" > "$LAB_DIR/other.conf"
	expect "config diff FILE" lab_json '[r["change"] + r["value"] for r in j] == ["-1492", "+1480"]' config diff "$LAB_DIR/other.conf"
	expect "config explain" lab_json 'j["section"] == "shaper" and j["in-effect"] == ["htb"]' config explain up
	refuse "config explain of what is no key" lab_ctl config explain mtuu
	lab_hangup line
	lab_stop brasd
}

lab_up
run
