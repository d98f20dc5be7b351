#!/bin/bash
# Proves, with the users file: [auth] username = circuit-id, remote-id or mac logs a line in as what
# it is, whatever name and password the subscriber gives, by PAP and by CHAP; line-password, or the
# name itself, is what the file's secret must be; a line without such an id, one that is not in the
# file and one with another secret are refused; mschap-v2 is refused with the configuration.
. "$(dirname "$0")/../lab.sh"

session_is() { lab_json "len(j) == 1 and j[0]['username'] == '$1' and j[0]['ip'] == '$2'" show sessions; }

line() { # NAME USERNAME IP DIALER-ARGS...
	lab_dial "$1" "${@:4}"
	expect "$1: the user is the line, $2" session_is "$2" "$3"
	lab_hangup "$1"
	expect "$1: no session is left" wait_for 10 lab_has_sessions 0
}

run() {
	printf '%s\n' '"olt-1 1/1/3" * "olt-1 1/1/3" 100.64.20.1 -' 'far * other 100.64.20.2 -' \
		'remote-7 * hush 100.64.20.3 -' '02:bb:00:00:00:00 * hush 100.64.20.4 -' \
		'alice * wonderland 100.64.10.10 -' > "$LAB_DIR/users"
	chmod 600 "$LAB_DIR/users"
	lab_start_brasd auth.username=circuit-id auth.methods=chap-md5,pap
	line chap "olt-1 1/1/3" 100.64.20.1 -a chap -u alice -p whatever --circuit-id "olt-1 1/1/3"
	line pap "olt-1 1/1/3" 100.64.20.1 -a pap -u nobody -p x --circuit-id "olt-1 1/1/3"
	lab_dial_fails none auth-rejected -u alice -p wonderland
	expect "that there is no id is told" grep -q 'the line has no such id' "$LAB_DIR/brasd.log"
	lab_dial_fails unknown auth-rejected -u alice -p wonderland --circuit-id elsewhere
	lab_dial_fails secret auth-rejected -u far -p other --circuit-id far
	lab_stop brasd
	lab_start_brasd auth.username=remote-id auth.methods=pap auth.line-password=hush
	line remote remote-7 100.64.20.3 -a pap -u alice -p x --circuit-id far --remote-id remote-7
	lab_dial_fails only-circuit auth-rejected -a pap -u remote-7 -p hush --circuit-id remote-7
	lab_stop brasd
	lab_start_brasd auth.username=mac auth.methods=chap-md5 auth.line-password=hush
	line mac 02:bb:00:00:00:00 100.64.20.4 -a chap -u alice -p x
	refuse "the password is in no log" grep -q hush "$LAB_DIR/brasd.log"
	lab_conf auth.username=mac
	refuse "mschap-v2 cannot be had with it" "$B/brasd" -t -c "$CONF"
}

LAB_MODES=xdp lab_each_mode run
