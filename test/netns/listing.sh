#!/bin/bash
# Proves: while 2,000 lines are listed again and again by four clients of the control socket, one of
# HTTP and one of the console, 200 more log in, all of them; each list is whole; a fifth client that
# asks for it and reads nothing loses its connection; brasd does not grow by them.
# Sample: one mode
# Sample: 1 of crowd
. "$(dirname "$0")/../lab.sh"

HTTP=127.0.0.1:8080
LISTERS=(socket1 socket2 socket3 socket4 http console)
rss_kb() { awk '/^VmRSS:/ { print $2 }' "/proc/${LAB_PID[brasd]}/status"; }

lists() { "$(dirname "$0")/listing.py" "$@"; }
console() {
	printf 'show sessions username,sid\n' | g nc -w 60 -N 127.0.0.1 2000 | tr -d '\r' > "$LAB_DIR/table"
	local n
	n=$(grep -Ec '^ *(many|late) +\| +[0-9]+ *$' "$LAB_DIR/table")
	[ "$n" -ge 2000 ] || { echo "the console has $n lines:"; tail -n 5 "$LAB_DIR/table"; return 1; }
	echo "list $n"
}
over_http() {
	local n
	n=$(g curl -sSf -m 60 "http://$HTTP/api/v1/sessions" | jq length)
	[ "${n:-0}" -ge 2000 ] || { echo "HTTP has ${n:-no} lines"; return 1; }
	echo "list $n"
}
again() { while "$1"; do :; done; }
all_listed() { # N: each has N lists, whole ones
	local l
	for l in "${LISTERS[@]}"; do
		[ "$(grep -c '^list' "$LAB_DIR/$l.log")" -ge "$1" ] || return 1
	done
}
none_ended() {
	local l
	for l in "${LISTERS[@]}"; do
		lab_running "$l" || { cat "$LAB_DIR/$l.log"; return 1; }
	done
}

run() {
	local l before SOCKET=/run/brasberry/$INSTANCE/control
	lab_start_brasd ppp.lcp-echo-interval=5 pppoe.max-starting=4096 cli.telnet=127.0.0.1:2000 http.listen=$HTTP
	lab_dial many -n 2000 -u many -p secret --rate 0 --max-outstanding 500 --quiet
	expect "2,000 sessions" lab_has_sessions 2000
	expect "a list" lists loop "$SOCKET" 2000 1
	expect "one of HTTP" over_http
	expect "one of the console" console
	before=$(rss_kb)
	for l in "${LISTERS[@]}"; do
		case $l in
		socket*) lab_spawn "$l" lists loop "$SOCKET" 2000 0 ;;
		http) lab_spawn "$l" again over_http ;;
		console) lab_spawn "$l" again console ;;
		esac
	done
	lab_spawn stalled lists stall "$SOCKET"
	expect "all have their lists" wait_for 60 all_listed 2
	lab_dial late -n 200 -u late -p secret --mac-base 02:bb:00:01:00:00 --rate 0 --quiet
	expect "200 logged in meanwhile" grep -q '^ready: 200 up, 0 failed' "$LAB_DIR/late.log"
	expect "who reads nothing is sent away" wait_for 60 lab_gone "${LAB_PID[stalled]}"
	expect "without the whole of it" lab_stop stalled
	expect "the others go on" wait_for 60 all_listed 5
	expect "without a list that was not whole" none_ended
	expect "2,200 sessions" lab_has_sessions 2200
	say "lists: $(cat "$LAB_DIR"/{socket?,http,console}.log | grep -c '^list'), memory: $before kB, $(rss_kb) kB"
	expect "brasd has not grown by lists" [ $(($(rss_kb) - before)) -lt 6000 ]
	for l in "${LISTERS[@]}"; do lab_stop "$l" > /dev/null 2>&1; done
	expect "nobody's connection is left" wait_for 20 [ "$(ss -Hx src "$SOCKET" state connected | wc -l)" = 0 ]
	lab_hangup late
	lab_hangup many
}

lab_each_mode run
