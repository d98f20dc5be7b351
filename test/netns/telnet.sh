#!/bin/bash
# Proves: the telnet console answers Debian's telnet, on a terminal and in tmux (keys, Tab, ?, history,
# prefixes, filters, paging), netcat and scripts; users have their levels, wrong passwords cost time and
# are logged; junk, a stalled reader, an idle one and 200 connections do no harm. brasctl makes hashes,
# completes words in bash, and repeats a command.
. "$(dirname "$0")/../lab.sh"

console() { g "$(dirname "$0")/telnet.py" 127.0.0.1 2000 "$@"; }
alive() { lab_ctl show stat > /dev/null; }
logged() { grep -q "$1" "$LAB_DIR/brasd.log"; }

refused() { # WHAT CONFIGURATION-LINE
	lab_conf cli.telnet="$2"
	expect "$1: refused" lab_config_names telnet
}

lab_config_names() {
	local out
	out=$("$B/brasd" -t -c "$CONF" 2>&1) && return 1
	grep -q "$CONF:[0-9]*: \[cli\] $1" <<< "$out"
}

# As somebody has it on his screen: telnet in tmux, in a window of 12 rows.
tm() { env -u TMUX tmux -S "$LAB_DIR/tmux" -f /dev/null "$@"; }
shows() { tm capture-pane -p -t con | grep -Eq "$1"; }
types() { tm send-keys -t con "$@"; }
sees() { # WHAT PATTERN
	wait_for 30 shows "$2" || { tm capture-pane -p -t con; fail "tmux: $1: no $2"; }
	echo "ok: tmux: $1"
}

in_tmux() {
	tm new-session -d -s con -x 100 -y 12 nsenter --net="/run/netns/$BNG" telnet 127.0.0.1 2000 || fail "no tmux"
	tm set-option -g remain-on-exit on
	sees "it asks who we are" 'Username:'
	types rolf Enter
	sees "and for a password" 'Password:'
	types guess Enter
	sees "a wrong one is refused" 'denied'
	types rolf Enter
	wait_for 30 shows 'Password: *$'
	types 'pass word' Enter
	sees "the right one is not" 'brasberry#'
	types C-l 'show st' Tab
	sees "Tab" 'brasberry# show stat *$'
	types Enter
	sees "a page" '^--More--'
	types Space
	sees "the next page" '^--More--'
	refuse "the first line has gone" shows '^uptime:'
	types q
	sees "enough" 'brasberry# *$'
	types Up
	sees "history by an arrow" 'brasberry# show stat *$'
	types C-u 'show poolz' BSpace 's | count' Enter
	sees "a line is mended" '^[0-9]+ *$'
	types exit Enter
	sees "exit" '[Dd]ead|closed by foreign host'
	tm kill-server
}

# bash asks brasctl; TAB is what readline would call with these words.
completes() { # WANT WORD...
	local got
	got=$(PATH=$B:$PATH bash -c '. "$0"; COMP_WORDS=(brasctl "$@"); COMP_CWORD=$#; _brasctl; printf "%s " "${COMPREPLY[@]}"' \
		"$LAB_TEST_DIR/../etc/brasctl.bash" "${@:2}" 2> "$LAB_DIR/bash.log")
	[ "$got" = "$1 " ] || { echo "got: $got"; cat "$LAB_DIR/bash.log"; return 1; }
}
watched() { [ "$(grep -c '^uptime: ' "$LAB_DIR/watch.log")" -ge 3 ]; }

brasctl_by_hand() {
	lab_spawn watch "$B/brasctl" -i "$INSTANCE" show stat --watch 1
	expect "bash completes a word" completes "stat" -i "$INSTANCE" show sta
	expect "and offers those there are" completes "soft hard now cancel" -i "$INSTANCE" shutdown ""
	expect "an option" completes "--watch" show --w
	expect "--watch shows it again and again" wait_for 20 watched
	expect "and again as JSON" test "$(timeout 10 "$B/brasctl" -i "$INSTANCE" show pools --json --watch 1 | head -n 2 | jq -s length)" = 2
	lab_stop watch
	return 0
}

run() {
	local hash ours
	refused "no user, and not on the loopback" 192.0.2.1:2000
	refused "no user, anywhere" '[::]:2000'
	lab_start_brasd cli.telnet=127.0.0.1:2000
	expect "keys, Tab, ?, history, prefixes, filters" console keys
	expect "paging" console paging
	expect "a script" console script
	expect "netcat" grep -q '^uptime: ' <(printf 'show stat\n' | g nc -N 127.0.0.1 2000 | tr -d '\r')
	expect "junk" console junk
	expect "it lives" alive
	lab_ctl drain off > /dev/null # junk may well have said "dr"
	expect "200 connections" console many 16
	expect "it lives on" alive
	expect "and is told" logged 'too many clients'
	expect "a stalled reader" console stall
	expect "is told" logged 'does not read'
	lab_stop brasd
	hash=$(openssl passwd -6 -salt lab 'pass word')
	ours=$("$B/brasctl" passwd <<< 'pass word') || fail "brasctl makes no hash"
	refuse "a hash of another password is another" [ "$ours" = "$("$B/brasctl" passwd <<< 'pass word')" ] # its salt
	lab_start_brasd "cli.telnet=127.0.0.1:2000" "cli.user=anna,\"$hash\",admin" "cli.user+=rolf,\"$ours\",read"
	expect "an admin" console login anna 'pass word' admin
	expect "a reader" console login rolf 'pass word' read
	in_tmux
	expect "three wrong passwords" console wrong
	expect "are told" logged 'login as mallory'
	expect "no hash is told" refuse_log
	lab_spawn held g nc 127.0.0.1 2000
	expect "a reload with a client connected" lab_ctl reload
	expect "the console is back" console login anna 'pass word' admin
	lab_stop held
	lab_stop brasd
	lab_start_brasd 'cli.telnet=[::1]:2000' cli.idle-timeout=10
	expect "IPv6" grep -q '^uptime: ' <(printf 'show stat\n' | g nc -N ::1 2000 | tr -d '\r')
	lab_spawn idle g "$(dirname "$0")/telnet.py" ::1 2000 idle
	brasctl_by_hand
	wait_for 60 lab_gone "${LAB_PID[idle]}"
	expect "an idle client is sent away" lab_stop idle
}

refuse_log() { ! logged '\$6\$'; }

lab_up
run
