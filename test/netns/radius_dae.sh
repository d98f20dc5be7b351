#!/bin/bash
# Proves: CoA and Disconnect by radclient with each key alone and several together; none and several
# matches, keys of addresses that a line does not have, and what cannot be changed get the right
# Error-Cause and change nothing; a wrong secret, who is not allowed, and a stale Event-Timestamp
# get silence; a duplicate acts once; a change holds and its line stays up. What keys make mandatory
# is missed. NAS-IPv6-Address goes out with requests, and tells of a request that is for another NAS.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

dae() { lab_value "j['dae']$1" show stat; } # ['COUNTER']
dae_is() { [ "$(dae "$1")" = "$2" ]; }
session() { lab_value "[s for s in j if s['username'] == '$1'][0]['$2']" show sessions; } # USER KEY

# The request is answered with a NAK of that Error-Cause, by number.
cause() { # NUMBER KIND ATTRIBUTE...
	local out number=$1
	shift
	out=$(radius_dae "$@")
	grep -q '^Received .*-NAK' <<< "$out" && grep -Eq "Error-Cause = ($(cause_name "$number")|$number)\$" <<< "$out" && return
	echo "$out"
	return 1
}
cause_name() {
	awk -v n="$1" '$1 == "VALUE" && $2 == "Error-Cause" && $4 == n { print $3 }' /usr/share/freeradius/dictionary.rfc5176 \
		/usr/share/freeradius/dictionary.rfc3576 2> /dev/null | paste -sd '|'
}
silence() { # KIND ATTRIBUTE...
	local out
	out=$(RADIUS_DAE_TRIES=1 radius_dae "$@")
	grep -q 'No reply from server' <<< "$out" && ! grep -q '^Received' <<< "$out" && return
	echo "$out"
	return 1
}

# Each key of the line of alice, which has everything.
each_key() {
	local key keys
	lab_dial alice -u alice -p wonderland --circuit-id olt-1
	lab_dial bob -u bob -p builder --mac-base 02:bb:00:00:20:00
	keys=("Acct-Session-Id = \"$(session alice acct-session-id)\"" 'User-Name = "alice"'
		"Acct-Multi-Session-Id = \"$(multi_id alice)\""
		'Framed-IP-Address = 100.64.10.10' 'Framed-IPv6-Prefix = 2001:db8:1ff:1::/64'
		"Framed-IPv6-Address = 2001:db8:1ff:1::1" "Framed-Interface-Id = $(ifid alice)"
		'Calling-Station-Id = "02:bb:00:00:00:00"' 'Calling-Station-Id = "02-BB-00-00-00-00"')
	for key in "${keys[@]}"; do
		expect "CoA by $key" radius_dae coa "$key" 'Session-Timeout = 5000'
	done
	expect "by all of them at once" radius_dae coa "${keys[@]:0:8}" 'Session-Timeout = 5000'
	expect "and one of another's is none's" cause 503 coa "${keys[@]:0:7}" 'Calling-Station-Id = "02:bb:00:00:20:00"'
	expect "both lines are up" lab_has_sessions 2
	for key in "${keys[@]}"; do
		expect "Disconnect by $key" radius_dae disconnect "$(key_now "$key")"
		expect "the line has ended" wait_for 10 lab_has_sessions 1
		expect "its timeline says why" lab_event alice disconnect 'by a Disconnect-Request'
		expect "the other has not" [ "$(session bob username)" = bob ]
		lab_stop alice
		lab_dial alice -u alice -p wonderland
	done
	lab_hangup alice
	lab_hangup bob
	wait_for 10 lab_has_sessions 0
}
multi_id() { radius_record radius "[r['Acct-Multi-Session-Id'] for r in d if r.get('User-Name') == '$1' and r['Acct-Status-Type'] == 'Start'][-1]"; }
# fe80::a:b:c:d -> a:b:c:d, four groups
ifid() { python3 -c 'import ipaddress, sys; print(ipaddress.ip_address(sys.argv[1]).exploded[20:])' "$(lab_field "$1" ll)"; }
# Identifiers are new with each line.
key_now() {
	case $1 in
	Acct-Session-Id*) echo "Acct-Session-Id = \"$(session alice acct-session-id)\"" ;;
	Acct-Multi*) wait_for 5 started alice; echo "Acct-Multi-Session-Id = \"$(multi_id alice)\"" ;;
	Framed-Interface-Id*) echo "Framed-Interface-Id = $(ifid alice)" ;;
	*) echo "$1" ;;
	esac
}
started() { radius_detail radius "[r for r in d if r.get('Acct-Session-Id') == '$(session "$1" acct-session-id)']"; }

matches() {
	lab_dial twins -n 2 -u carol -p secret
	lab_dial only6 -u bob -p builder --no-ipv4 --mac-base 02:bb:00:00:20:00
	expect "nobody: 503" cause 503 disconnect 'User-Name = "nobody"'
	expect "several: 508" cause 508 disconnect 'User-Name = "carol"'
	expect "several: 508, CoA" cause 508 coa 'User-Name = "carol"' 'Session-Timeout = 100'
	expect "a line without IPv4 has no IPv4 address" cause 503 disconnect 'Framed-IP-Address = 100.64.10.99'
	expect "0.0.0.0 is nobody's: 407" cause 407 disconnect 'Framed-IP-Address = 0.0.0.0'
	expect "no line has a delegated prefix" cause 503 disconnect 'Delegated-IPv6-Prefix = 2001:db8:8000::/56'
	expect "no key: 402" cause 402 disconnect 'Message-Authenticator = 0x00'
	expect "another NAS: 403" cause 403 disconnect 'User-Name = "bob"' 'NAS-Identifier = "elsewhere"'
	expect "another NAS's address: 403" cause 403 disconnect 'User-Name = "bob"' 'NAS-IP-Address = 192.0.2.77'
	expect "cannot be changed: 401" cause 401 coa 'User-Name = "bob"' 'Framed-Protocol = PPP'
	expect "no such service: 405" cause 405 coa 'User-Name = "bob"' 'Service-Type = Authorize-Only'
	expect "all lines are up" lab_has_sessions 3
	expect "by NAS-Port-Id several are meant" cause 508 disconnect 'NAS-Port-Id = "acc"'
	expect "with another key it is one" radius_dae disconnect 'NAS-Port-Id = "acc"' 'User-Name = "bob"'
	expect "who has ended" wait_for 10 lab_has_sessions 2
	lab_stop only6
	expect "one of two by MAC" radius_dae disconnect 'User-Name = "carol"' 'Calling-Station-Id = "02:bb:00:00:00:01"'
	expect "who has ended" wait_for 10 lab_has_sessions 1
	expect "the other has not" [ "$(session carol calling-sid)" = 02:bb:00:00:00:00 ]
	lab_stop twins
	wait_for 10 lab_has_sessions 0
}

changes() {
	lab_dial alice -u alice -p wonderland
	expect "NAS-Port-Id alone, of a line alone" radius_dae coa 'NAS-Port-Id = "acc"' 'Session-Timeout = 5000'
	expect "a speed is changed" radius_dae coa 'User-Name = "alice"' 'RP-Downstream-Speed-Limit = 7000' 'RP-Upstream-Speed-Limit = 3000'
	expect "it is in the table" lab_json 'j[0]["rate-down"] == 7000 and j[0]["rate-up"] == 3000' show sessions
	expect "and in its timeline, who changed it" lab_event alice coa speed
	expect "and to what" lab_event alice plan 7000/3000
	expect "all or nothing: 401" cause 401 coa 'User-Name = "alice"' 'RP-Downstream-Speed-Limit = 9000' 'Framed-IP-Address += 100.64.10.10' 'Framed-MTU = 1400'
	expect "nothing it is" lab_json 'j[0]["rate-down"] == 7000' show sessions
	expect "Class and interim interval" radius_dae coa 'User-Name = "alice"' 'Class = 0x6e6577' 'Acct-Interim-Interval = 1'
	expect "the next record has that Class" wait_for 10 radius_detail radius \
		"[r for r in d if r['Acct-Status-Type'] == 'Interim-Update' and r.get('User-Name') == 'alice' and r['Class'] == '0x6e6577']"
	expect "Session-Timeout from now on" radius_dae coa 'User-Name = "alice"' 'Session-Timeout = 2'
	expect "ends the line" wait_for 15 lab_has_sessions 0
	expect "for that cause" wait_for 10 radius_detail radius "d[-1].get('Acct-Terminate-Cause') == 'Session-Timeout'"
	lab_stop alice
}

# Nobody gets an answer who may not have one.
silent() {
	local now before
	lab_dial alice -u alice -p wonderland
	RADIUS_DAE_SECRET=wrong expect "wrong secret: silence" silence disconnect 'User-Name = "alice"'
	expect "counted" wait_for 5 dae_is "['drops']['bad-authenticator']" 1
	RADIUS_DAE_SECRET=wrong expect "wrong secret, signed" silence disconnect 'User-Name = "alice"' 'Message-Authenticator = 0x00'
	now=$(date +%s)
	expect "Event-Timestamp of ten minutes ago: silence" silence disconnect 'User-Name = "alice"' "Event-Timestamp = $((now - 600))"
	expect "and of the future" silence disconnect 'User-Name = "alice"' "Event-Timestamp = $((now + 600))"
	expect "counted" wait_for 5 dae_is "['drops']['bad-event-timestamp']" 2
	expect "an Event-Timestamp of now is fine" radius_dae coa 'User-Name = "alice"' "Event-Timestamp = $(date +%s)" 'Session-Timeout = 5000'
	expect "from who is not allowed: silence" silence_elsewhere
	expect "counted" wait_for 5 dae_is "['drops']['not-allowed']" 1
	expect "the line is up" lab_has_sessions 1
	before=$(dae "['coa-requests']")
	expect "a signed request gets a signed answer" signed
	expect "one request is one" dae_is "['coa-requests']" $((before + 1))
	lab_hangup alice
}
silence_elsewhere() {
	local out
	out=$(n radclient -x -r 1 -t 1 "$CORE4:3799" disconnect "$RADIUS_DAE_SECRET" <<< 'User-Name = "alice"' 2>&1)
	grep -q 'No reply from server' <<< "$out"
}
signed() {
	radius_dae coa 'User-Name = "alice"' 'Session-Timeout = 5000' 'Message-Authenticator = 0x00' |
		sed -n '/^Received CoA-ACK/,$p' | grep -q Message-Authenticator
}

# The same octets twice, from one socket: one act, the same answer.
duplicate() {
	lab_dial alice -u alice -p wonderland
	expect "two equal answers" g python3 "$LAB_TEST_DIR/fake_radius.py" twice 127.0.0.1 3799 "$RADIUS_DAE_SECRET" alice
	expect "the second was a duplicate" dae_is "['duplicates']" 1
	expect "the line ended once" wait_for 10 lab_has_sessions 0
	lab_stop alice
}

# One socket for both families: each is answered from the address that it asked, and a link-local
# client by the link that he is on.
both_families() {
	local at
	lab_start_brasd "$(radius_conf_of)" "radius.dae-server=[::]:3799,$RADIUS_DAE_SECRET" \
		radius.dae-allowed=127.0.0.1 radius.dae-allowed+=::1 "radius.dae-allowed+=$(link_local n k0)"
	lab_dial alice -u alice -p wonderland
	for at in '[::1]:3799' 127.0.0.1:3799 127.0.0.7:3799; do
		RADIUS_DAE_AT=$at expect "CoA to $at" radius_dae coa 'User-Name = "alice"' 'Session-Timeout = 5000'
	done
	# radclient knows no interfaces.
	expect "Disconnect to a link-local address" n python3 "$LAB_TEST_DIR/fake_radius.py" twice \
		"$(link_local g core0)%k0" 3799 "$RADIUS_DAE_SECRET" alice
	expect "the line has ended" wait_for 10 lab_has_sessions 0
	lab_stop alice
	lab_stop brasd
}
link_local() { "$1" ip -6 -br addr show dev "$2" scope link | grep -o 'fe80:[0-9a-f:]*'; } # NS DEV

demanding() {
	local sign='Message-Authenticator = 0x00' change='Session-Timeout = 5000' stamp
	radius_fake fake 1912 accept
	lab_start_brasd "radius.server=$RADIUS_AT,$RADIUS_SECRET,auth-port=1912,acct-port=0" \
		"radius.dae-server=127.0.0.1:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1 \
		radius.dae-require-message-authenticator=yes radius.dae-require-event-timestamp=yes \
		radius.nas-ipv6-address=2001:db8:0:1::1
	lab_dial alice -u alice -p wonderland
	expect "NAS-IPv6-Address in the request" radius_fake_log fake \
		"[r for r in d if [95, '20010db8000000010000000000000001'] in r['attrs']]"
	stamp="Event-Timestamp = $(date +%s)"
	expect "unsigned: silence" silence coa 'User-Name = "alice"' "$change" "$stamp"
	expect "counted" wait_for 5 dae_is "['drops']['no-message-authenticator']" 1
	expect "without a time: silence" silence coa 'User-Name = "alice"' "$change" "$sign"
	expect "counted" wait_for 5 dae_is "['drops']['no-event-timestamp']" 1
	expect "signed, with a time" radius_dae coa 'User-Name = "alice"' "$change" "$stamp" "$sign"
	expect "for this NAS" radius_dae coa 'User-Name = "alice"' "$change" "$stamp" "$sign" 'NAS-IPv6-Address = 2001:db8:0:1::1'
	expect "for another: 403" cause 403 coa 'User-Name = "alice"' "$change" "$stamp" "$sign" 'NAS-IPv6-Address = 2001:db8:0:1::2'
	lab_hangup alice
	lab_stop brasd
}

run() {
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" radius.nas-identifier=lab \
		"radius.dae-server=0.0.0.0:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1
	each_key
	matches
	changes
	silent
	duplicate
	lab_stop brasd
	both_families
	demanding
}

LAB_MODES=xdp lab_each_mode run
