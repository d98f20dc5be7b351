#!/bin/bash
# Proves: a quota of RADIUS ends its line within 10 s of being reached, no other line, and the Stop
# says so; at local midnight records are closed and the next ones opened while the line carries
# traffic, no byte is lost or counted twice, and `show usage` has them in the last and this period.
# Run: early
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

midnight_in() { # SECONDS: a zone of its own
	local left=$((86400 - ($(date -u +%s) + $1) % 86400))
	TZ=$(printf '<LAB>-%02d:%02d:%02d' $((left / 3600)) $((left / 60 % 60)) $((left % 60)))
	export TZ
}

count_start() { # IP4 PREFIX6
	n nft -f - <<- END
	table inet count {
		counter up { }
		counter down { }
		chain in {
			type filter hook prerouting priority -300;
			iifname "k0" ip saddr $1 counter name "up"
			iifname "k0" ip6 saddr $2 counter name "up"
		}
		chain out {
			type filter hook postrouting priority 300;
			oifname "k0" ip daddr $1 counter name "down"
			oifname "k0" ip6 daddr $2 counter name "down"
		}
	}
	END
}

counted() { n nft -j list counter inet count "$1" | jq '.nftables[] | select(.counter).counter.bytes'; }

of() { # USER TYPE
	printf "[r for r in d if r.get('User-Name') == '%s' and r['Acct-Status-Type'] == '%s']" "$1" "$2"
}

usage() { # USER EXPRESSION
	lab_json "(lambda r: $2)([r for r in j if r['username'] == '$1'][0])" show usage
}

quota() {
	local began
	lab_dial eve -u eve -p pw --plumb u0
	expect "eve: it pings" lab_ping "$HOUSE" $WEB4 -s 100
	lab_dial bob -u bob -p builder --mac-base 02:bb:00:00:01:00
	expect "two lines" lab_has_sessions 2
	lab_spawn flood h ping -q -i 0.002 -s 1000 $WEB4
	expect "eve: 50000 octets are reached" wait_for 10 usage eve "r['rx-bytes'] + r['tx-bytes'] >= 50000"
	began=$SECONDS
	expect "eve: the line ends" wait_for 15 lab_has_sessions 1
	expect "within 10 s" [ $((SECONDS - began)) -le 11 ]
	lab_stop flood > /dev/null
	lab_stop eve > /dev/null
	expect "the other stays" lab_json 'j[0]["username"] == "bob"' show sessions
	expect "the log says why" grep -q 'eve: ended: quota' "$LAB_DIR/brasd.log"
	expect "the Stop: Session-Timeout" wait_for 10 radius_detail radius "[r for r in $(of eve Stop) if r['Acct-Terminate-Cause'] == 'Session-Timeout' and r['Input'] + r['Output'] >= 50000]"
	lab_hangup bob
	expect "all ended" wait_for 10 lab_has_sessions 0
	h ip link del u0 2> /dev/null || true
}

boundary() {
	local stops starts start
	stops=$(of dora Stop) starts=$(of dora Start)
	midnight_in 25
	lab_start_brasd "$(radius_conf_of)" radius.accounting-period=daily
	lab_dial dora -u dora -p pw --plumb u0
	start=$(lab_value 'j[-1]["period-start"]' show usage)
	count_start 100.64.10.11 2001:db8:1ff:2::/64
	expect "Start" wait_for 10 radius_detail radius "len($starts) == 1"
	lab_spawn flood h ping -q -i 0.01 -c 2500 -s 500 $WEB4
	expect "midnight" wait_for 40 usage dora "r['period-start'] > $start"
	expect "Stop and Start" wait_for 10 radius_detail radius "len($stops) == 1 and len($starts) == 2"
	expect "still up, from 0" lab_json 'j[0]["state"] == "open"' show sessions
	wait_for 40 lab_gone "${LAB_PID[flood]}" || fail "ping does not end"
	expect "all pings were answered" grep -q ' 0% packet loss' "$LAB_DIR/flood.log"
	lab_hangup dora
	expect "the last Stop" wait_for 10 radius_detail radius "len($stops) == 2"
	expect "there was something in each" radius_detail radius "all(r['Input'] > 5000 for r in $stops)"
	expect "no byte is lost or counted twice" radius_detail radius "(sum(r['Input'] for r in $stops), sum(r['Output'] for r in $stops)) == ($(counted up), $(counted down))"
	expect "another Acct-Session-Id" radius_detail radius "len({r['Acct-Session-Id'] for r in $stops}) == 2"
	expect "the same Acct-Multi-Session-Id" radius_detail radius "len({r['Acct-Multi-Session-Id'] for r in $stops + $starts}) == 1"
	expect "usage has the same" usage dora "(r['last-rx-bytes'], r['rx-bytes'], r['last-tx-bytes'], r['tx-bytes']) == ($(radius_record radius "$stops[0]['Input']"), $(radius_record radius "$stops[1]['Input']"), $(radius_record radius "$stops[0]['Output']"), $(radius_record radius "$stops[1]['Output']"))"
	lab_stop brasd
}

run() {
	radius_users radius "$(radius_user eve pw 'Mikrotik-Total-Limit = 50000')" \
		"$(radius_user dora pw 'Framed-IP-Address = 100.64.10.11' 'Framed-IPv6-Prefix = 2001:db8:1ff:2::/64')"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)"
	quota
	lab_stop brasd
	boundary
}

lab_each_mode run
