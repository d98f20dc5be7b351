#!/bin/bash
# Proves: smilint has nothing to say of the MIB; snmpwalk of snmpd, to which brasd-snmp is a subagent,
# reads by its names what brasctl says of lines, counters, pools and drops; v2c bulk, v3, next and odd
# names; snmptrapd is told of a RADIUS server that does not answer, of a pool that is exhausted, of a daemon
# that has gone and come; without the daemon there are no values, and with it again there are; snmpd may go and come.
# Sample: mode xdp
. "$(dirname "$0")/../lab.sh"

MIB_DIR=$LAB_TEST_DIR/../etc
AT=127.0.0.1:1161
ROOT=1.3.6.1.4.1.8072.9999.9999.2516

snmp() { # PROGRAM ARGS...
	MIBDIRS=$LAB_DIR/mibs MIBS=$NAMES SNMPCONFPATH=$LAB_DIR SNMP_PERSISTENT_DIR=$LAB_DIR g timeout 30 "$1" \
		-v2c -c public -t 5 "${@:2}"
}
get() { snmp snmpget -Oqv "$AT" "$1"; }
get_is() { local v; v=$(get "$1") && [ "$v" = "$2" ] || { echo "$1 is '$v', not '$2'"; return 1; }; }
walk_has() { # OBJECT PATTERN COUNT
	snmp snmpbulkwalk -Oqv "$AT" "$1" > "$LAB_DIR/walk" 2>&1
	[ "$(grep -c -- "$2" "$LAB_DIR/walk")" = "$3" ] || { echo "$1 has not $3 of '$2' in $(wc -l < "$LAB_DIR/walk"):"; tail -n 18 "$LAB_DIR/walk"; return 1; }
}

names() { snmp "$1" -Oqn "$AT" "$ROOT" | sed 's/ .*//'; }

# Those that ours is built on: smilint knows a module by its bare name, net-snmp any file of the folder.
modules() {
	local f
	mkdir -p "$LAB_DIR/mibs"
	cp /usr/share/snmp/mibs/NET-SNMP-{MIB,TC}.txt "$MIB_DIR/BRASBERRY-MIB.txt" "$LAB_DIR/mibs/"
	for f in $(dpkg -L erlang-snmp | grep '/SNMPv2-[^/]*\.mib$'); do
		cp "$f" "$LAB_DIR/mibs/$(basename "$f" .mib)"
	done
	[ -s "$LAB_DIR/mibs/SNMPv2-SMI" ] || fail "no SNMPv2-SMI: test/deps.sh installs it"
}

start_snmpd() {
	cat > "$LAB_DIR/snmpd.conf" <<- END
		rocommunity public 127.0.0.1
		createUser reader SHA authsecret AES privsecret
		rouser reader priv
		master agentx
		agentXSocket unix:$LAB_DIR/agentx
		trap2sink 127.0.0.1:1162 public
	END
	SNMP_PERSISTENT_DIR=$LAB_DIR/state lab_spawn snmpd g /usr/sbin/snmpd -f -Lo -C -c "$LAB_DIR/snmpd.conf" \
		-p "$LAB_DIR/snmpd.pid" "udp:$AT"
	wait_for 20 test -S "$LAB_DIR/agentx" || fail "no snmpd"
}

start_agent() {
	lab_spawn agent g "$B/brasd-snmp" -i "$INSTANCE" -x "unix:$LAB_DIR/agentx" -a 1 -t 1
	wait_for 20 grep -q 'ready: ' "$LAB_DIR/agent.log" || fail "no subagent"
	wait_for 20 get_is $ROOT.1.1.5.0 "$1" || fail "nothing is answered"
}

# Who is told: each notification is one line.
start_trapd() {
	printf 'disableAuthorization yes\nformat2 %%v\\n\n' > "$LAB_DIR/snmptrapd.conf"
	MIBDIRS=$LAB_DIR/mibs MIBS=BRASBERRY-MIB SNMP_PERSISTENT_DIR=$LAB_DIR/trapd lab_spawn trapd \
		g /usr/sbin/snmptrapd -f -Lo -n -C -c "$LAB_DIR/snmptrapd.conf" -p "$LAB_DIR/trapd.pid" udp:127.0.0.1:1162
	wait_for 20 lab_listens "$BNG" u 1162 || fail "no snmptrapd"
}
told() { # NOTIFICATION PATTERN
	wait_for 40 grep -q "BRASBERRY-MIB::$1.*$2" "$LAB_DIR/trapd.log" || fail "nobody is told: $1"
	echo "ok: $1"
}

by_number() {
	expect "the limit" get_is $ROOT.1.1.4.0 "$(lab_value "j['max-sessions']" show health)"
	expect "three users" walk_has $ROOT.1.4.1.2 '"one"' 3
	expect "nothing behind the last table" sh -c "! MIBS= ip netns exec $BNG snmpwalk -v2c -c public -Onq $AT $ROOT | grep -vq '^\.$ROOT\.'"
	expect "of a name that is none: no such" sh -c "MIBS= ip netns exec $BNG snmpget -v2c -c public $AT $ROOT.1.4.1.2.1.2.3 | grep -q 'No Such'"
}

# Each session of `show sessions`, by its id: the same values.
by_name() {
	local id name suffix
	lab_ctl show sessions --json > "$LAB_DIR/sessions"
	while read -r id name; do
		suffix=$(sed 's/../0x& /g' <<< "$id")
		# shellcheck disable=SC2046,SC2086
		suffix=$(printf '.%d' $suffix)
		while IFS=$'\t' read -r object value; do
			expect "$object" get_is "BRASBERRY-MIB::$object$suffix" "$value"
		done < <(jq -r --arg id "$id" '.[] | select(.["acct-session-id"] == $id) |
			["brasSessionUser", .username], ["brasSessionInterface", .ifname],
			["brasSessionSid", .sid], ["brasSessionState", .state], ["brasSessionIpv4", .ip],
			["brasSessionMtu", (.mtu | tostring) + " octets"] | @tsv' "$LAB_DIR/sessions")
	done < <(jq -r '.[0] | .["acct-session-id"] + " " + .username' "$LAB_DIR/sessions")
}

as_text() {
	expect "smilint has nothing to say" test -z "$(SMIPATH=$LAB_DIR/mibs smilint -l 6 -s "$MIB_DIR/BRASBERRY-MIB.txt" 2>&1)"
	NAMES=BRASBERRY-MIB
	expect "no trouble with the module" test -z "$(MIBDIRS=$LAB_DIR/mibs MIBS=BRASBERRY-MIB snmptranslate BRASBERRY-MIB::brasSessionUser 2>&1 > /dev/null)"
	by_name
	expect "octets in 64 bits" sh -c "MIBDIRS=$LAB_DIR/mibs MIBS=BRASBERRY-MIB ip netns exec $BNG snmpwalk -v2c -c public $AT BRASBERRY-MIB::brasSessionInOctets | grep -c 'Counter64: [0-9]* octets' | grep -qx 3"
	expect "bulk gives what next gives" diff <(names snmpwalk) <(names snmpbulkwalk)
	expect "as many drops as brasctl has reasons" walk_has BRASBERRY-MIB::brasDropReason ^. "$(lab_value 'len(j)' show drops)"
	expect "pools" walk_has BRASBERRY-MIB::brasPoolName . "$(lab_value 'len(j)' show pools)"
	expect "the pool's use" walk_has BRASBERRY-MIB::brasPoolUsed '^3$' "$(lab_value 'sum(p["used"] == 3 for p in j)' show pools)"
	expect "logins" get_is BRASBERRY-MIB::brasLoginsOk.0 "3 logins"
	expect "its interface" get_is BRASBERRY-MIB::brasInterfaceSessions.1 "3 sessions"
	expect "a table as a table" sh -c "MIBDIRS=$LAB_DIR/mibs MIBS=BRASBERRY-MIB ip netns exec $BNG snmptable -v2c -c public -CB $AT BRASBERRY-MIB::brasPoolTable | grep -q default"
	expect "version 3, encrypted" sh -c "MIBS= SNMP_PERSISTENT_DIR=$LAB_DIR ip netns exec $BNG snmpget -v3 -u reader -l authPriv -a SHA -A authsecret -x AES -X privsecret -Oqv $AT $ROOT.1.1.5.0 | grep -qx 3"
}

run() {
	[ "$LAB_MODE" = xdp ] || return 0 # SNMP does not know of the data plane
	NAMES=
	modules
	lab_start_brasd ip-pool.pool=100.64.0.8/29 auth.users-file-first=yes \
		radius.server=127.0.0.1,secret,auth-port=1,acct-port=2 radius.timeout=1 radius.max-try=2
	start_snmpd
	start_trapd
	start_agent 0
	lab_dial one -u one -p secret -n 3
	wait_for 20 get_is $ROOT.1.1.5.0 3 || fail "not three sessions"
	by_number
	as_text
	told brasRadiusDown 'brasRadiusServer.1 = STRING: 127.0.0.1'
	lab_dial rest -u rest -p secret --mac-base 02:bb:00:03:00:00 -n $(($(lab_value "[p['total'] for p in j if p['family'] == 4][0]" show pools) - 3))
	told brasPoolExhausted 'brasPoolUsed.1 = Gauge32: '
	lab_hangup rest
	told brasPoolFree 'brasPoolUsed.1 = Gauge32: 3$'
	expect "each is told of once" test "$(grep -c 'brasRadiusDown\|brasPoolExhausted' "$LAB_DIR/trapd.log")" = 2
	NAMES=
	lab_stop brasd || fail "brasd did not end well"
	wait_for 20 sh -c "MIBS= ip netns exec $BNG snmpget -v2c -c public $AT $ROOT.1.1.5.0 | grep -q 'No Such'" ||
		fail "values of a daemon that is gone"
	told brasDown ''
	expect "which the log says once" test "$(grep -c 'is not answered for' "$LAB_DIR/agent.log")" = 1
	lab_start_brasd
	wait_for 20 get_is $ROOT.1.1.5.0 "$(lab_sessions)" || fail "no values again"
	told brasUp brasUptime
	lab_stop snmpd
	start_snmpd
	wait_for 60 get_is $ROOT.1.1.5.0 "$(lab_sessions)" || fail "no subagent at the new snmpd"
	lab_stop agent || fail "brasd-snmp did not end well"
	expect "snmpd has none of it then" sh -c "MIBS= ip netns exec $BNG snmpget -v2c -c public $AT $ROOT.1.1.5.0 | grep -q 'No Such'"
	lab_stop snmpd
	lab_stop one
	lab_stop brasd || fail "brasd did not end well"
}

lab_each_mode run
