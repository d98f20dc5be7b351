#!/bin/bash
# Proves: the status page of [http] shows 2,000 real lines in Chromium, one with traffic; by keyboard alone
# the search finds it and opens it: rate, echo time, timeline; lines that come and go within the pace of
# the list are not missed; light and dark, a desk's and a phone's width (screenshots in BUILD/status), names
# and contrast for who does not see well; no error in the console.
# Run: alone, because 2,000 lines and a browser share the CPUs, and it looks at how smooth the page is.
# Sample: mode xdp
# Sample: 1 of crowd
. "$(dirname "$0")/../lab.sh"

HTTP=127.0.0.1:8080
LINES_UP=2000

look() { HOME=$LAB_DIR/home g /usr/bin/python3 "$LAB_TEST_DIR/netns/status_page.py" "http://$HTTP/" "$@" "$B/status"; }
told() { grep -q "^ok: $1" "$LAB_DIR/page.log" || lab_gone "${LAB_PID[page]}"; }
awaited() { wait_for 180 told "$1" || fail "the page does not come to: $1"; }

cpu_us() { lab_value "j['process']['cpu-us']" show health; }

# Ten more that watch, and read: what they cost, in hundredths of a percent of a core.
viewers() {
	local i before quiet watched
	before=$(cpu_us); sleep 5; quiet=$(($(cpu_us) - before))
	for i in 1 2 3 4 5 6 7 8 9 10; do
		lab_spawn "viewer$i" g curl -sSN -m 60 -o /dev/null "http://$HTTP/api/v1/events"
	done
	before=$(cpu_us); sleep 5; watched=$(($(cpu_us) - before))
	for i in 1 2 3 4 5 6 7 8 9 10; do lab_stop "viewer$i"; done
	echo "CPU of the daemon in 5 s: $quiet us without viewers, $watched us with ten"
	expect "ten viewers cost under 5 % of a core, on any machine" test $((watched - quiet)) -lt 250000
}

run() {
	local ns
	[ "$LAB_MODE" = xdp ] || return 0 # the page does not know of the data plane
	lab_ns busy; ns=$REPLY
	lab_start_brasd http.listen=$HTTP ppp.lcp-echo-interval=2 ppp.lcp-echo-failure=20
	wait_for 20 lab_listens "$BNG" t 8080 || fail "it does not listen"
	lab_dial many -u one -p secret -n $LINES_UP
	lab_dial busy -u alice -p wonderland --mac-base 02:bb:00:03:00:00 --plumb "u0@$ns"
	expect "only its own files may be loaded" sh -c "ip netns exec $BNG curl -sSf -m 5 -o /dev/null -D - http://$HTTP/ | grep -qi \"^content-security-policy: default-src 'none'\""
	viewers
	mkdir -p "$B/status" "$LAB_DIR/home"
	lab_spawn ping in_ns "$ns" ping -q -i 0.01 -s 1000 "$WEB4"
	lab_spawn page look $((LINES_UP + 1))
	awaited "all lines are told of"
	lab_dial late -u late1 -p secret --mac-base 02:bb:00:04:00:00
	awaited "a new line is told of"
	lab_dial later -u late2 -p secret --mac-base 02:bb:00:05:00:00
	awaited "the next one too"
	lab_hangup late
	wait_for 120 lab_gone "${LAB_PID[page]}" || fail "the page's test does not end"
	cat "$LAB_DIR/page.log"
	lab_stop page || fail "the page is not as it should be"
	lab_stop ping
	lab_hangup later
	lab_hangup busy
	lab_hangup many
	lab_stop brasd || fail "brasd did not end well"
}

lab_each_mode run
