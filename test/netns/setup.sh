#!/bin/bash
# Proves: `brasctl setup`, asked by nobody, finds the access interface and the core, writes a
# configuration that brasd serves a line with, and overwrites nothing; `config show`, `diff` and
# `explain` of that daemon.
. "$(dirname "$0")/../lab.sh"

setup_box() { g "$B/brasctl" setup -o "$CONF" users="$USERS" user=bob password=builder "$@" < /dev/null; }

run() {
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
