#!/bin/bash
# Proves: Start, Interim and Stop of a line arrive with what belongs in them, and their octets and
# packets are those that nft counted on the other side, to the byte, IPv4 and IPv6, both ways; the
# cause of each end; On and Off; counters that are cleared while the line stays up lose no byte.
# Run: early
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

# Counts IP packets of the line at the core's far end. What the stack there hands over, and is
# handed, must be packets as they are on the wire: no segmentation, no coalescing.
count_start() { # IP4 PREFIX6
	n ethtool -K k0 gro off tso off gso off tx off > /dev/null 2>&1
	n ip link set k0 gso_max_segs 1 # TCP makes larger ones in software all the same
	g ethtool -K core0 tso off gso off > /dev/null 2>&1
	n nft -f - <<- END
	table inet count {
		counter up4 { }
		counter up6 { }
		counter down4 { }
		counter down6 { }
		chain in {
			type filter hook prerouting priority -300;
			iifname "k0" ip saddr $1 counter name "up4"
			iifname "k0" ip6 saddr $2 counter name "up6"
		}
		chain out {
			type filter hook postrouting priority 300;
			oifname "k0" ip daddr $1 counter name "down4"
			oifname "k0" ip6 daddr $2 counter name "down6"
		}
	}
	END
}

counted() { # bytes|packets NAME...: their sum
	local what=$1 name sum=0
	for name in "${@:2}"; do
		sum=$((sum + $(n nft -j list counter inet count "$name" | jq ".nftables[] | select(.counter).counter.$what")))
	done
	echo $sum
}

# RECORD is an expression for one record; its figures are nft's.
same_as_nft() { # RECORD
	radius_detail radius "(lambda r: (r['Input'], r['Output'], r['Acct-Input-Packets'], r['Acct-Output-Packets']) == (
		$(counted bytes up4 up6), $(counted bytes down4 down6), $(counted packets up4 up6), $(counted packets down4 down6)))($1)"
}

families() { # RECORD
	radius_detail radius "(lambda r: [r['BRAS-' + k] for k in ('Input-Octets-IPv4', 'Input-Octets-IPv6', 'Output-Octets-IPv4', 'Output-Octets-IPv6',
		'Input-Packets-IPv4', 'Input-Packets-IPv6', 'Output-Packets-IPv4', 'Output-Packets-IPv6')])($1) == [
		$(counted bytes up4), $(counted bytes up6), $(counted bytes down4), $(counted bytes down6),
		$(counted packets up4), $(counted packets up6), $(counted packets down4), $(counted packets down6)]"
}

records() { radius_detail radius "len([r for r in d if r.get('User-Name') == '$1' and r['Acct-Status-Type'] == '$2']) >= ${3:-1}"; }
OF="[r for r in d if r.get('User-Name') == 'alice' and r['Acct-Status-Type'] == '%s']"
of() { printf "$OF" "$1"; }

traffic() {
	local size
	for size in 0 1 36 700 1464; do
		expect "ping, IPv4, $size octets" lab_ping "$HOUSE" $WEB4 -s "$size"
		expect "ping down, IPv4, $size octets" lab_ping "$INTERNET" "$1" -s "$size"
	done
	for size in 0 1 36 700 1444; do
		expect "ping, IPv6, $size octets" lab_ping "$HOUSE" $WEB6 -s "$size"
	done
	expect "TCP up" lab_iperf "$HOUSE" 3 -c $WEB4 -b 4M
	expect "TCP down" lab_iperf "$HOUSE" 3 -c $WEB4 -b 4M -R
	expect "TCP down, IPv6" lab_iperf "$HOUSE" 3 -c $WEB6 -b 4M -R
}

contents() {
	local r
	for r in Start Interim-Update Stop; do
		expect "$r: who and where" radius_detail radius "all(r['NAS-Identifier'] == 'lab' and r['Calling-Station-Id'].lower() == '02:bb:00:00:00:00'
			and r['NAS-Port-Id'] == 'acc' and r['Service-Type'] == 'Framed-User' and r['Framed-Protocol'] == 'PPP'
			and r['Acct-Authentic'] == 'RADIUS' and r['Acct-Multi-Session-Id'] for r in $(of $r))"
		expect "$r: its addresses" radius_detail radius "all(r['Framed-IP-Address'] == '100.64.10.10'
			and r['Framed-IPv6-Prefix'] == '2001:db8:1ff:1::/64' and len(r['Framed-Interface-Id']) > 8 for r in $(of $r))"
		expect "$r: Class as it was given" radius_detail radius \
			"all(r['Class'] == ['0x616c6963652d636c617373', '0x00ff01'] for r in $(of $r))"
		expect "$r: when it happened" radius_detail radius "all(abs(epoch(r['Event-Timestamp']) - r['Timestamp']) <= 2
			and r.get('Acct-Delay-Time', 0) <= 1 for r in $(of $r))"
	done
	expect "all of one session have its id" radius_detail radius \
		"len({r['Acct-Session-Id'] for r in d if r.get('User-Name') == 'alice'}) == 1"
	expect "interims grow" radius_detail radius "(lambda v: v == sorted(v))([r['Input'] for r in $(of Interim-Update) + $(of Stop)])"
	expect "the time as well" radius_detail radius \
		"(lambda v: v == sorted(v) and v[-1] >= 2)([r['Acct-Session-Time'] for r in $(of Interim-Update) + $(of Stop)])"
}

one_line() {
	radius_users radius "$(radius_user alice wonderland 'Framed-IP-Address = 100.64.10.10' \
		'Framed-IPv6-Prefix = 2001:db8:1ff:1::/64' 'Acct-Interim-Interval = 2' \
		'Class = 0x616c6963652d636c617373' 'Class += 0x00ff01')"
	radius_start radius
	count_start 100.64.10.10 2001:db8:1ff:1::/64
	lab_start_brasd "$(radius_conf_of)" radius.nas-identifier=lab
	expect "Accounting-On" wait_for 10 radius_detail radius "d[0]['Acct-Status-Type'] == 'Accounting-On'"
	lab_dial alice -u alice -p wonderland --plumb u0
	expect "Start" wait_for 10 records alice Start
	traffic "$(lab_field alice ip)"
	expect "Interims" wait_for 20 records alice Interim-Update 2
	lab_hangup alice
	expect "Stop" wait_for 10 records alice Stop
	expect "Stop: input and output are nft's, to the byte" same_as_nft "$(of Stop)[0]"
	expect "Stop: so are those of each family" families "$(of Stop)[0]"
	expect "Stop: it was the user" radius_detail radius "$(of Stop)[0]['Acct-Terminate-Cause'] == 'User-Request'"
	expect "there was something to count" radius_detail radius "$(of Stop)[0]['Input'] > 300000 and $(of Stop)[0]['Output'] > 300000"
	expect "no record came twice" radius_detail radius "len($(of Start)) == 1 and len($(of Stop)) == 1"
	contents
}

causes() {
	radius_users radius "$(radius_user brief pw 'Session-Timeout = 2')" "$(radius_user idle pw 'Idle-Timeout = 2')"
	radius_reload radius
	lab_dial reset -u carol -p secret
	lab_ctl terminate carol > /dev/null
	expect "terminate: Admin-Reset" wait_for 10 cause carol Admin-Reset
	lab_dial brief -u brief -p pw
	expect "Session-Timeout" wait_for 10 cause brief Session-Timeout
	lab_dial idle -u idle -p pw
	expect "Idle-Timeout" wait_for 20 cause idle Idle-Timeout
	lab_dial lost -u bob -p builder --no-echo-reply
	expect "no echo reply: Lost-Carrier" wait_for 20 cause bob Lost-Carrier
	lab_stop lost
	lab_stop brasd
	expect "Accounting-Off at the end" wait_for 10 radius_detail radius "d[-1]['Acct-Status-Type'] == 'Accounting-Off'"
}
cause() { radius_detail radius "[r for r in d if r.get('User-Name') == '$1' and r.get('Acct-Terminate-Cause') == '$2']"; }

# What was counted before and after is in two records, and together all of it.
cleared() {
	local c="[r for r in d if r.get('User-Name') == 'dora' and r['Acct-Status-Type'] == '%s']" stops starts
	# shellcheck disable=SC2059
	stops=$(printf "$c" Stop) starts=$(printf "$c" Start)
	radius_users radius "$(radius_user dora pw 'Framed-IP-Address = 100.64.10.11' 'Framed-IPv6-Prefix = 2001:db8:1ff:2::/64')"
	radius_reload radius
	n nft delete table inet count
	count_start 100.64.10.11 2001:db8:1ff:2::/64
	lab_start_brasd "$(radius_conf_of)"
	lab_dial dora -u dora -p pw --plumb u0
	expect "Start" wait_for 10 radius_detail radius "len($starts) == 1"
	lab_spawn flood h ping -q -i 0.01 -c 400 $WEB4
	expect "it is counted" wait_for 10 lab_json 'j[0]["rx-pkts"] > 50' show sessions
	expect "clear counters" lab_ctl clear counters dora
	expect "Stop and Start, the line is up" wait_for 10 radius_detail radius "len($stops) == 1 and len($starts) == 2"
	expect "still up" lab_has_sessions 1
	expect "it goes on from 0" wait_for 10 lab_json '0 < j[0]["rx-pkts"] < 400' show sessions
	wait_for 20 lab_gone "${LAB_PID[flood]}" || fail "ping does not end"
	expect "all pings were answered" grep -q ' 0% packet loss' "$LAB_DIR/flood.log"
	lab_hangup dora
	expect "the last Stop" wait_for 10 radius_detail radius "len($stops) == 2"
	expect "no byte is lost or counted twice" radius_detail radius "(sum(r['Input'] for r in $stops), sum(r['Output'] for r in $stops)) == (
		$(counted bytes up4 up6), $(counted bytes down4 down6))"
	expect "another Acct-Session-Id" radius_detail radius "len({r['Acct-Session-Id'] for r in $stops}) == 2"
	expect "the same Acct-Multi-Session-Id" radius_detail radius "len({r['Acct-Multi-Session-Id'] for r in $stops + $starts}) == 1"
	lab_stop brasd
}

run() {
	one_line
	lab_stop brasd
	lab_start_brasd "$(radius_conf_of)" ppp.lcp-echo-interval=1 ppp.lcp-echo-failure=2
	causes
	cleared
}

lab_each_mode run
