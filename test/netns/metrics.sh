#!/bin/bash
# Proves: [http] serves /metrics, which promtool finds no fault with and whose numbers are those of
# the lines; /api/v1/... gives the very JSON of brasctl; only GET and HEAD are answered; bad paths,
# other people's names for this box, slow readers and too many connections hurt nobody; events come
# each second; it listens where it is told, and the dashboard asks for what there is.
# Sample: mode xdp
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

same_answers() {
	expect "the same sessions" same_json sessions show sessions
	expect "the same one" same_json session/one show session one
	expect "the same history" same_json history/one show history one
	for what in stat pools radius shaper fastpath flows nat64 dns64 mirror cpu usage; do
		# shellcheck disable=SC2086
		expect "the same $what" same_json $what show $what
	done
	expect "drops are those of stat" diff <(get /api/v1/drops | jq -S 'keys') \
		<(lab_ctl show stat --json | jq -S '.drops | keys')
	expect "HEAD has no body" sh -c "test -z '$(g curl -sS -m 5 -I -o /dev/null -w '%{size_download}' "http://$HTTP/api/v1/stat" | tr -d 0)'"
	expect "the list of paths" sh -c "echo '$(get /api/v1)' | jq -e 'index(\"/api/v1/sessions\")'"
}

refused() {
	expect "nobody of that name: 404" status_is 404 "http://$HTTP/api/v1/session/nobody"
	expect "nothing there: 404" status_is 404 "http://$HTTP/secret"
	expect "POST: 405" status_is 405 -X POST -d x=1 "http://$HTTP/api/v1/stat"
	expect "DELETE: 405" status_is 405 -X DELETE "http://$HTTP/api/v1/session/one"
	expect "its line is still up" metric_is 'brasd_sessions{state="open"}' 3
	expect "dots: 400" status_is 400 --path-as-is "http://$HTTP/api/v1/../../etc/passwd"
	expect "an octet that ends lines: 400" status_is 400 "http://$HTTP/api/v1/session/a%0Aterminate%20all"
	expect "no other command by a word of it" status_is 404 "http://$HTTP/api/v1/session/one%20two"
	expect "another name for this box: 403" status_is 403 -H 'Host: evil.example' "http://$HTTP/api/v1/sessions"
	expect "localhost is no such name" status_is 200 -H 'Host: localhost:8080' "http://$HTTP/api/v1/stat"
}

# 200 that connect and say nothing, or read nothing, beside lines that come up.
crowd() { g python3 "$LAB_TEST_DIR/netns/crowd.py" 127.0.0.1 8080 "$1"; }

abused() {
	lab_spawn silent crowd silent
	wait_for 20 grep -q ready "$LAB_DIR/silent.log" || fail "no crowd"
	lab_dial late -u late -p secret --mac-base 02:bb:00:02:00:00
	expect "a line comes up beside 200 that say nothing" lab_json "len(j) == 4" show sessions
	lab_stop silent
	lab_spawn slow crowd slow
	wait_for 20 grep -q ready "$LAB_DIR/slow.log" || fail "no crowd"
	expect "brasctl answers beside those that do not read" lab_json "len(j) == 4" show sessions
	lab_stop slow
	lab_hangup late
	wait_for 20 metric_is 'brasd_sessions{state="open"}' 3 || fail "it answers no more"
	expect "rubbish is survived" g python3 "$LAB_TEST_DIR/netns/crowd.py" 127.0.0.1 8080 rubbish
	wait_for 20 metric_is 'brasd_sessions{state="open"}' 3 || fail "it answers no more"
	expect "and it answers" promtool_clean
}

events() {
	lab_spawn events g curl -sSN -m 60 "http://$HTTP/api/v1/events"
	lab_spawn events2 g curl -sSN -m 60 "http://$HTTP/api/v1/events"
	wait_for 20 sh -c "[ \$(grep -c '^event: health' $LAB_DIR/events.log) -ge 3 ]" || fail "no events"
	expect "an event is JSON" sh -c "sed -n 's/^data: //p' $LAB_DIR/events.log | head -n 1 | jq -e '.states.open == 3'"
	expect "the lines are told of" sh -c "sed -n '/^event: sessions/{n;s/^data: //p}' $LAB_DIR/events.log | head -n 1 | jq -e '.changed | length == 3 and all(.[1] == \"open\")'"
	expect "by the names of /api/v1/sessions" test -n "$(sed -n '/^event: sessions/{n;s/^data: //p}' "$LAB_DIR/events.log" | head -n 1 |
		jq -r '.changed[0][0]' | grep -Fxf <(get /api/v1/sessions | jq -r '.[]["acct-session-id"]'))"
	expect "all viewers are told the same" sh -c "grep '^data' $LAB_DIR/events2.log | head -n 1 | grep -qFxf - $LAB_DIR/events.log"
}

# Every name that the dashboard's expressions have is one that is exported.
dashboard() {
	local f="$LAB_TEST_DIR/../etc/grafana.json" missing
	get /metrics | awk '$2 == "TYPE" { print $3; if ($4 == "histogram") print $3 "_bucket\n" $3 "_sum\n" $3 "_count" }' |
		sort > "$LAB_DIR/exported"
	sed -n 's/^{ "\([a-z0-9_]*\)", "\([a-z]*\)".*/\1 \2/p' "$LAB_TEST_DIR/../daemon/metrics_rows.h" |
		awk '{ print $1; if ($2 == "histogram") print $1 "_bucket\n" $1 "_sum\n" $1 "_count" }' |
		sort -u > "$LAB_DIR/rows"
	expect "what is exported is in the table" test -z "$(comm -13 "$LAB_DIR/rows" "$LAB_DIR/exported")"
	jq -er '.panels[].targets[]?.expr' "$f" > "$LAB_DIR/exprs" || fail "the dashboard has no expressions"
	grep -oE '\b(brasd|process)_[a-z0-9_]+' "$LAB_DIR/exprs" | sort -u > "$LAB_DIR/asked"
	missing=$(comm -23 "$LAB_DIR/asked" "$LAB_DIR/rows")
	expect "the dashboard asks for what there is ($(wc -l < "$LAB_DIR/asked") names)" test -z "$missing"
	{
		echo 'groups:'
		echo '- name: dashboard'
		echo '  rules:'
		sed "s/\\\$__rate_interval/5m/g; s/'/''/g; s/.*/  - {record: x:y, expr: '&'}/" "$LAB_DIR/exprs" |
			awk '{ sub("x:y", "x:y" NR); print }'
	} > "$LAB_DIR/rules.yml"
	expect "its expressions are PromQL" promtool check rules "$LAB_DIR/rules.yml"
}

elsewhere() {
	local began=$SECONDS
	lab_stop brasd || fail "brasd did not end well"
	expect "it ends soon, with two viewers" test $((SECONDS - began)) -lt 8
	lab_start_brasd "http.listen=[::1]:8081" "http.listen+=192.0.2.1:8082"
	expect "IPv6" g curl -sSf -m 5 -o /dev/null "http://[::1]:8081/metrics"
	expect "an address that others reach" n curl -sSf -m 5 -o /dev/null http://192.0.2.1:8082/metrics
	expect "of which it warns" grep -q 'http. listen: whoever reaches 192.0.2.1' "$LAB_DIR/brasd.log"
	refuse "it listens nowhere else" n curl -sSf -m 5 -o /dev/null http://192.0.2.1:8080/metrics
	lab_stop brasd || fail "brasd did not end well"
}

# What only the kernel counts: the shaper's drops, and the octets of interfaces.
shaped() {
	local ns
	lab_ns one; ns=$REPLY
	lab_start_brasd http.listen=$HTTP shaper.mode=htb shaper.default=2000/2000 shaper.queues=2 nat64.backend=tayga \
		nat64.pool4=203.0.113.10,61000-65535
	lab_dial shaped -u alice -p wonderland --plumb "u0@$ns"
	expect "nothing is dropped yet" metric_is 'brasd_shaper_drops_total{direction="down"}' 0
	in_ns "$ns" timeout 20 iperf3 -u -c $WEB4 -R -b 20M -t 1 > /dev/null || fail "no traffic"
	in_ns "$ns" timeout 20 iperf3 -u -c $WEB4 -b 20M -t 1 > /dev/null || fail "no traffic"
	expect "drops down" more_than 100 'brasd_shaper_drops_total{direction="down"}'
	expect "drops up" more_than 100 'brasd_shaper_drops_total{direction="up"}'
	expect "octets received" more_than 1000000 'brasd_interface_receive_bytes_total{interface="acc"}'
	wait_for 20 lab_json "j['state'] == 'up'" show nat64 || fail "no NAT64"
	expect "NAT64's pool" metric_is brasd_nat64_pool_ports 13608
	expect "promtool has nothing to say of them" promtool_clean
	lab_hangup shaped
	lab_stop brasd || fail "brasd did not end well"
}
more_than() { local v; v=$(metric "$2") && [ "$v" -gt "$1" ] || { echo "$2 is ${v:-missing}"; return 1; }; }

run() {
	lab_start_brasd http.listen=$HTTP
	wait_for 20 lab_listens "$BNG" t 8080 || fail "it does not listen"
	lines
	[ "$LAB_MODE" = xdp ] || return 0 # the rest does not know of the data plane
	same_answers
	refused
	abused
	events
	dashboard
	elsewhere
	shaped
}

lab_each_mode run
