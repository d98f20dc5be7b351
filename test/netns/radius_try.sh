#!/bin/bash
# Proves: `brasctl test radius USER` tells accept, reject, a malformed accept and silence apart, with
# the server, the time it took and what it gave; its exit code is the verdict; the password comes
# from a terminal that does not echo or from standard input and is in no log; no session is opened
# and no record sent; realm rules hold.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

try() { printf '%s\n' "$2" | lab_ctl test radius "$1" "${@:3}"; } # USER PASSWORD [--json]

exits_with() { # CODE COMMAND...
	local rc=0
	"${@:2}" || rc=$?
	[ $rc = "$1" ]
}

answer() { # USER PASSWORD PYTHON-EXPRESSION-OVER-j
	local out
	out=$(try "$1" "$2" --json) || :
	python3 -c 'import json, sys
j = json.loads(sys.argv[1])
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$out" "$3" || { echo "$out"; return 1; }
}

# A real terminal; what is typed is sent once the prompt is there.
on_terminal() {
	python3 - "$B/brasctl" "$INSTANCE" <<- 'END'
		import os, pty, sys
		pid, fd = pty.fork()
		if not pid:
		    os.execv(sys.argv[1], [sys.argv[1], "-i", sys.argv[2], "test", "radius", "alice"])
		seen = b""
		while b"Password: " not in seen:
		    seen += os.read(fd, 1024)
		os.write(fd, b"wonderland\n")
		try:
		    while True:
		        piece = os.read(fd, 1024)
		        if not piece:
		            break
		        seen += piece
		except OSError:
		    pass
		code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
		sys.exit(code or b"wonderland" in seen or b"verdict: accept" not in seen)
	END
}

run() {
	radius_users radius "$(radius_user carol@example.net secret 'Port-Limit = 3' \
		'Framed-Route = "203.0.113.128/29 0.0.0.0 1"' 'Framed-Pool = special')" \
		"$(radius_user alice@example.net wonderland 'Framed-IP-Address = 100.64.10.10' \
			'Framed-IPv6-Prefix = 2001:db8:1ff:1::/64' 'MS-Primary-DNS-Server = 192.0.2.53' \
			'Session-Timeout = 86400' 'RP-Downstream-Speed-Limit = 50000' 'Filter-Id = "gold"' \
			'Reply-Message = "Welcome, Alice"' 'Class = 0x616c6963652d636c617373' 'Class += 0x00ff01')"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" radius.default-realm=example.net
	expect "accept: exit 0" exits_with 0 try alice wonderland
	expect "readable" grep -q '^  Framed-IP-Address: 100.64.10.10$' <(try alice wonderland)
	expect "accept, who, and how long" answer alice wonderland \
		"j['verdict'] == 'accept' and j['server'] == '$RADIUS_AT' and 0 <= j['latency-ms'] < 5000"
	expect "the server's message" answer alice wonderland 'j["message"] == "Welcome, Alice"'
	expect "addresses" answer alice wonderland 'j["attributes"]["Framed-IP-Address"] == "100.64.10.10" and
		j["attributes"]["Framed-IPv6-Prefix"] == "2001:db8:1ff:1::/64" and
		j["attributes"]["MS-Primary-DNS-Server"] == "192.0.2.53"'
	expect "numbers and texts, and no others" answer alice wonderland 'j["attributes"]["Session-Timeout"] == 86400 and
		j["attributes"]["rate-down"] == 50000 and j["attributes"]["Filter-Id"] == "gold" and
		j["attributes"]["Class"] == ["0x616c6963652d636c617373", "0x00ff01"] and len(j["attributes"]) == 8'
	expect "speeds as they came" answer alice wonderland '"RP-Downstream-Speed-Limit = 50000" in j["attributes"]["speed"]'
	expect "realm, pool, route, limit" answer carol secret 'j["attributes"] == {"Framed-Pool": "special",
		"Port-Limit": 3, "Framed-Route": ["203.0.113.128/29"]}'
	expect "reject: exit 1" exits_with 1 try alice wrong-password
	expect "reject, and its message" answer nobody x 'j["verdict"] == "reject" and j["message"] == "No such subscriber"'
	expect "an empty password is one" answer alice "" 'j["verdict"] == "reject"'
	expect "a terminal is asked and does not echo" on_terminal
	expect "exit 2 without a password" exits_with 2 lab_ctl test radius alice < /dev/null
	expect "no session was opened" lab_has_sessions 0
	expect "no login counted" lab_json 'j["sessions"]["auth-ok"] == 0 and j["sessions"]["auth-failed"] == 0' show stat
	expect "no record but the daemon's own" radius_detail radius 'all(r["Acct-Status-Type"] == "Accounting-On" for r in d)'
	refuse "the password is in no log" grep -Eq 'wonderland|wrong-password' "$LAB_DIR/brasd.log"
	lab_stop brasd
	radius_fake fake 1912 accept
	lab_start_brasd "$(radius_conf_of fake 1912 0)" radius.timeout=1 radius.max-try=1
	expect "a malformed accept is named" answer mode=bad-address x \
		'j["verdict"] == "bad answer" and "Framed-IP-Address" in j["message"]'
	expect "exit 1 for it" exits_with 1 try mode=bad-address x
	expect "silence" answer mode=drop x 'j["verdict"] == "no answer" and j["server"] is None and j["latency-ms"] >= 900'
	lab_stop brasd
	lab_start_brasd
	expect "exit 1 without servers" exits_with 1 try alice wonderland
}

LAB_MODES=xdp lab_each_mode run
