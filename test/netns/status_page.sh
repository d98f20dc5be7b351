#!/bin/bash
# Proves: the status page of [http] shows 200 real lines in Chromium, finds one by the search, opens it,
# fits a desk's and a phone's width (screenshots in BUILD/status), and leaves no error in the console.
. "$(dirname "$0")/../lab.sh"

HTTP=127.0.0.1:8080
LINES_UP=200

run() {
	[ "$LAB_MODE" = xdp ] || return 0 # the page does not know of the data plane
	lab_start_brasd http.listen=$HTTP
	wait_for 20 lab_listens "$BNG" t 8080 || fail "it does not listen"
	lab_dial many -u one -p secret -n $LINES_UP
	expect "only its own files may be loaded" sh -c "ip netns exec $BNG curl -sSf -m 5 -o /dev/null -D - http://$HTTP/ | grep -qi \"^content-security-policy: default-src 'none'\""
	mkdir -p "$B/status" "$LAB_DIR/home"
	HOME=$LAB_DIR/home g /usr/bin/python3 "$LAB_TEST_DIR/netns/status_page.py" "http://$HTTP/" $LINES_UP "$B/status" ||
		fail "the page is not as it should be"
	lab_hangup many
	lab_stop brasd || fail "brasd did not end well"
}

lab_each_mode run
