#!/bin/bash
# Proves: the log as JSON, each line an object with what it is about; records of login, logout and of
# a login that failed; `debug` follows one line at any level and nobody else; a limit of lines that is
# told; the same to a real journald with fields, and to syslog; a reader that stalls, of these or of stderr,
# holds nobody up.
. "$(dirname "$0")/../lab.sh"

log_has() { # JQ-EXPRESSION of one line
	grep '^{' "$LAB_DIR/brasd.log" | jq -es "any(.[]; $1)"
}
log_has_no() { ! log_has "$1"; }
all_json() { grep -v '^brasd: ready$' "$LAB_DIR/brasd.log" | jq -es 'length > 3 and all(.[]; .time and .level and .message)'; }

records() {
	lab_start_brasd log.format=json
	lab_dial one -u alice -p wonderland
	lab_dial_fails wrong '.*' -u alice -p wrong --mac-base 02:bb:00:09:00:00
	expect "a login's record" log_has '.event == "login" and .username == "alice" and .ip == "100.64.10.10" and
		.ifname == "acc" and .sid > 0 and ."calling-sid" == "02:bb:00:00:00:00" and (."acct-session-id" | length) == 16'
	expect "one that failed" log_has '.event == "login-failed" and .level == "notice" and ."calling-sid" == "02:bb:00:09:00:00"'
	expect "whose line has no address" log_has_no '.event == "login-failed" and .ip'
	expect "every line of a session has its tag" log_has '(.message | test("IPv4 open")) and .username == "alice"'
	lab_hangup one
	wait_for 10 log_has '.event == "logout" and .username == "alice"' || fail "no record of the end"
	expect "each line is an object" all_json
}

followed() {
	lab_stop brasd || fail "brasd did not end well"
	lab_start_brasd log.format=json log.level=2
	expect "follow one by name" lab_ctl debug bob
	expect "and one by MAC" lab_ctl debug mac=02:bb:00:03:00:00
	expect "who is followed" lab_json "[r['follows'] for r in j] == ['bob', 'mac=02:bb:00:03:00:00']" show debug
	lab_dial eve -u eve -p secret
	lab_dial bob -u bob -p secret --mac-base 02:bb:00:02:00:00
	lab_dial mac -u carol -p secret --mac-base 02:bb:00:03:00:00
	expect "of a name: from where it is known" log_has '.username == "bob" and .level == "debug" and (.message | test("received IPCP Configure-Request"))'
	expect "of a MAC: from the PADR on" log_has '."calling-sid" == "02:bb:00:03:00:00" and (.message | test("opened by a PADR"))'
	expect "LCP's options" log_has '."calling-sid" == "02:bb:00:03:00:00" and (.message | test("sent LCP Configure-Request id=[0-9]+ [0-9a-f ]+$"))'
	expect "what authenticates is not shown" log_has_no '.message | test("CHAP.* id=[0-9]+ ")'
	expect "of the others nothing" log_has_no '.username == "eve" or ."calling-sid" == "02:bb:00:00:00:00"'
	expect "no more of it" lab_ctl debug bob off
	refuse "who is not followed cannot be left alone" lab_ctl debug bob off
	lab_hangup bob
	wait_for 10 lab_has_sessions 2
	expect "its end is not told at this level" log_has_no '.username == "bob" and .event == "logout"'
	for i in 1 2 3 4 5 6 7; do lab_ctl debug "u$i" > /dev/null; done
	refuse "eight at most" lab_ctl debug u8
	expect "all off" lab_ctl debug all off
	expect "nobody is followed" lab_json "j == []" show debug
	lab_hangup eve
	lab_hangup mac
}

limited() {
	lab_stop brasd || fail "brasd did not end well"
	lab_start_brasd log.limit=20
	lab_dial many -n 100 -u 'm%d' -p secret
	lab_hangup many
	wait_for 20 lab_has_sessions 0
	wait_for 20 log_some_after || fail "it is not told what was left out"
	expect "many lines are left out" [ "$(grep -c 'm[0-9]*: IPv4 open' "$LAB_DIR/brasd.log")" -lt 60 ]
}
log_some_after() {
	lab_ctl drain off > /dev/null # a notice
	grep -q 'brasd: log: [0-9]* lines left out: more than 20 a second' "$LAB_DIR/brasd.log"
}

# With a journald and a /dev/log of its own.
elsewhere() { ${LAB_EXEC:-} nsenter --net="/run/netns/$BNG" unshare -m --propagation private "$@"; }
journal_up() { # COMMAND...
	mkdir -p "$LAB_DIR/journal" "$LAB_DIR/up" "$LAB_DIR/work" /run/systemd /run/log &&
		mount -t tmpfs none /run/systemd && mkdir /run/systemd/journal &&
		mount --bind "$LAB_DIR/journal" /run/log &&
		mount -t overlay none -o "lowerdir=/dev,upperdir=$LAB_DIR/up,workdir=$LAB_DIR/work" /dev || exit 1
	ln -sf /run/systemd/journal/dev-log /dev/log
	/lib/systemd/systemd-journald > /dev/null 2>&1 &
	echo $! > "$LAB_DIR/journald.pid"
	until [ -S /run/systemd/journal/socket ] && [ -S /run/systemd/journal/dev-log ]; do sleep 0.05; done
	exec "$@"
}
export -f journal_up
in_journal() { journalctl -D "$LAB_DIR/journal/journal" -o json --no-pager -q "$@"; }
journal_has() { in_journal | jq -es "any(.[]; $1)"; }

start_with_journal() { # TARGET
	lab_conf "log.target=$1"
	export LAB_DIR
	lab_spawn brasd elsewhere bash -c 'journal_up "$@"' - "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	LAB_PID[journald]=$(cat "$LAB_DIR/journald.pid")
}

journald() {
	[ -x /lib/systemd/systemd-journald ] || fail "no journald"
	lab_stop brasd || fail "brasd did not end well"
	start_with_journal journal
	lab_dial one -u alice -p wonderland
	wait_for 20 journal_has '.PPPOE_EVENT == "login"' || fail "no login in the journal"
	expect "its fields" journal_has '.PPPOE_EVENT == "login" and .PPPOE_USER == "alice" and .PPPOE_MAC == "02:bb:00:00:00:00" and
		.PPPOE_IP == "100.64.10.10" and .PPPOE_INTERFACE == "acc" and .PRIORITY == "6" and .SYSLOG_IDENTIFIER == "brasd"'
	expect "found by a field" test -n "$(in_journal PPPOE_USER=alice PPPOE_EVENT=login)"
	expect "nothing of it is on stderr" sh -c "! grep -q 'logged in' $LAB_DIR/brasd.log"
	lab_hangup one
	wait_for 20 journal_has '.PPPOE_EVENT == "logout"' || fail "no logout in the journal"
	kill -STOP "${LAB_PID[journald]}"
	lab_dial stalled -n 300 -u 'm%d' -p secret
	expect "300 lines come up though the journal stands still" lab_has_sessions 300
	lab_hangup stalled
	kill -CONT "${LAB_PID[journald]}"
	lab_stop brasd || fail "brasd did not end well"
	lab_stop journald
	start_with_journal syslog
	lab_dial two -u alice -p wonderland
	wait_for 20 journal_has '._TRANSPORT == "syslog" and .SYSLOG_IDENTIFIER == "brasd" and .PRIORITY == "6" and
		.SYSLOG_FACILITY == "3" and (.MESSAGE | test("alice: logged in: IPv4 100.64.10.10"))' || fail "no login in syslog"
	lab_hangup two
	lab_stop brasd || fail "brasd did not end well"
	lab_stop journald
	echo "ok: syslog"
}

# stderr is a pipe whose reader stands still: what it does not take is left out, and told.
unread() {
	lab_stop brasd || fail "brasd did not end well"
	mkfifo "$LAB_DIR/pipe"
	lab_spawn brasd-reader exec cat "$LAB_DIR/pipe"
	lab_conf log.level=4
	lab_spawn brasd g sh -c 'exec "$@" 2> "$0"' "$LAB_DIR/pipe" "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 120 grep -q '^brasd: ready' "$LAB_DIR/brasd-reader.log" || fail "brasd did not become ready"
	python3 -c 'import fcntl; fcntl.fcntl(0, 1031, 4096)' <> "$LAB_DIR/pipe" || fail "F_SETPIPE_SZ" # room for some 60 lines
	kill -STOP "${LAB_PID[brasd-reader]}"
	lab_dial many -n 300 -u 'm%d' -p secret
	expect "300 lines come up though nobody reads stderr" lab_has_sessions 300
	kill -CONT "${LAB_PID[brasd-reader]}"
	lab_hangup many
	expect "and it is told what was left out" wait_for 20 grep -q 'log: [0-9]* lines left out: stderr was not read' "$LAB_DIR/brasd-reader.log"
}

run() {
	records
	followed
	limited
	unread
	journald
}

lab_up
run
