#!/bin/bash
# Proves: FreeRADIUS delivers each dictionary, and the line has that speed in kbit/s, in the kernel
# as well; `show session` names the attribute that won and what it said; a malformed rate is named,
# and the line gets the default plan or none, as configured; CoA changes the speed, answers NAK when
# it is no rate or when the kernel refuses, and then the old one holds; a quota may change it.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

# NAME DOWN UP ATTRIBUTE...: kbit/s
DICTIONARIES=(
	'rp|8000|2000|RP-Downstream-Speed-Limit = 8000|RP-Upstream-Speed-Limit = 2000'
	'wispr|8000|2000|WISPr-Bandwidth-Max-Down = 8000000|WISPr-Bandwidth-Max-Up = 2000000'
	'mikrotik|8000|2000|Mikrotik-Rate-Limit = "2M/8M"'
	'mikrotik-burst|8000|2000|Mikrotik-Rate-Limit = "2M/8M 4M/16M 1M/4M 10/10 3 1M/4M"'
	'ascend|8000|2000|Ascend-Data-Rate = 2000000|Ascend-Xmit-Rate = 8000000'
	'cisco|8000|2000|Cisco-AVPair = "lcp:interface-config#1=rate-limit output 8000000 1500000 3000000 conform-action transmit exceed-action drop"|Cisco-AVPair += "lcp:interface-config#1=rate-limit input 2000000 375000 750000 conform-action transmit exceed-action drop"'
	'cisco-name|9000|3000|Cisco-AVPair = "ip:sub-qos-policy-out=gold"|Cisco-AVPair += "ip:sub-qos-policy-in=gold"'
	'erx|9000|3000|ERX-Egress-Policy-Name = "gold"|ERX-Ingress-Policy-Name = "gold"'
	'huawei|8000|2000|Huawei-Output-Average-Rate = 8000000|Huawei-Input-Average-Rate = 2000000'
	'filter|8000|2000|Filter-Id = "8000/2000"'
	'filter-name|9000|3000|Filter-Id = "gold"'
	'both|8000|2000|RP-Downstream-Speed-Limit = 8000|RP-Upstream-Speed-Limit = 2000|WISPr-Bandwidth-Max-Down = 1000000'
	'half|8000|4000|RP-Downstream-Speed-Limit = 8000'
	'ten-g|10000000|10000000|Mikrotik-Rate-Limit = "10G/10G"'
)

users() {
	local row fields
	for row in "${DICTIONARIES[@]}"; do
		IFS='|' read -r -a fields <<< "$row"
		radius_user "${fields[0]}" secret "${fields[@]:3}"
	done
	radius_user zero secret 'RP-Downstream-Speed-Limit = 0'
	radius_user nonsense secret 'Mikrotik-Rate-Limit = "fast"'
	radius_user quota secret 'RP-Downstream-Speed-Limit = 8000' 'RP-Upstream-Speed-Limit = 8000' 'Mikrotik-Total-Limit = 20000'
}

# The class of the only session, that of slot 0, has these rates on both ends, and may not exceed them, but
# for a burst's peak.
kernel_has() { # DOWN UP [PEAK-DOWN PEAK-UP], kbit/s: whole Mbit/s
	[ "$(class_rates subs0)" = "$(mbit "$1") $(mbit "${3:-$1}")" ] &&
		[ "$(class_rates subs0p)" = "$(mbit "$2") $(mbit "${4:-$2}")" ]
}
class_rates() { g tc class show dev "$1" | sed -n 's/^class htb [0-9a-f]*:10 .* rate \([^ ]*\) .*ceil \([^ ]*\) .*/\1 \2/p'; }
mbit() { [ "$1" -lt 1000000 ] && echo "$(($1 / 1000))Mbit" || echo "$(($1 / 1000000))Gbit"; }

session_is() { # USER DOWN UP
	lab_json "(j['rate-down'] == $2 and j['rate-up'] == $3 and not j['speed']['pending'] and
		j['speed']['programmed-down']['rate'] == $2 and j['speed']['programmed-up']['rate'] == $3)" show session "$1"
}

each_dictionary() {
	local row f
	local -A peak=([mikrotik-burst]="16000 4000")
	for row in "${DICTIONARIES[@]}"; do
		IFS='|' read -r -a f <<< "$row"
		lab_dial one -u "${f[0]}" -p secret
		expect "${f[0]}: ${f[1]}/${f[2]} kbit/s" wait_for 5 session_is "${f[0]}" "${f[1]}" "${f[2]}"
		expect "${f[0]}: in the kernel" kernel_has "${f[1]}" "${f[2]}" ${peak[${f[0]}]:-}
		lab_hangup one
		wait_for 10 lab_has_sessions 0
	done
}

sources() {
	lab_dial one -u both -p secret
	expect "what won, and what it said" lab_json \
		"'RP-Downstream-Speed-Limit = 8000' in j['speed']['down-source'] and 'rp' in j['speed']['down-source']" show session both
	lab_hangup one
	lab_dial one -u half -p secret
	expect "what nobody spoke of is the default's" lab_json "'default' in j['speed']['up-source']" show session half
	lab_hangup one
}

bad_rates() {
	local user
	for user in zero nonsense; do
		lab_dial one -u $user -p secret
		expect "$user: the default plan" wait_for 5 session_is $user 6000 4000
		lab_hangup one
		wait_for 10 lab_has_sessions 0
	done
	expect "the attributes are named" grep -q 'RP-Downstream-Speed-Limit' "$LAB_DIR/brasd.log"
	expect "with what they said" grep -q 'Mikrotik-Rate-Limit = fast' "$LAB_DIR/brasd.log"
}

coa() {
	lab_dial one -u rp -p secret
	expect "before" wait_for 5 session_is rp 8000 2000
	expect "CoA changes the speed" radius_dae coa 'User-Name = rp' 'Mikrotik-Rate-Limit = "3M/12M"'
	expect "at once" session_is rp 12000 3000
	expect "in the kernel" kernel_has 12000 3000
	expect "CoA with no rate is refused" nak 407 'User-Name = rp' 'Mikrotik-Rate-Limit = "fast"' 'Session-Timeout = 77'
	expect "and changes nothing" session_is rp 12000 3000
	expect "the kernel refuses: NAK, and the old speed holds" refused
	lab_hangup one
}

nak() { # ERROR-CAUSE ATTRIBUTE...
	local cause=$1 out
	shift
	out=$(radius_dae coa "$@")
	grep -q '^Received CoA-NAK' <<< "$out" && grep -Eq "Error-Cause = ($cause|$([ "$cause" = 407 ] && echo Invalid-Attribute-Value || echo Resources-Unavailable))" <<< "$out" && return
	echo "$out"
	return 1
}

# brasd builds a lost tree anew within milliseconds, so somebody takes it away again and again. A CoA that
# comes between is granted; it is taken back, so that the next try starts as the first.
refused() {
	local try
	for try in {1..5}; do
		lab_spawn deletes g bash -c 'exec tc -force -batch <(yes "qdisc del dev subs0 root")'
		wait_for 10 treeless || return
		nak 506 'User-Name = rp' 'RP-Downstream-Speed-Limit = 20000' "Filter-Id = \"silver-$try\"" && break
		lab_stop deletes KILL > /dev/null
		wait_for 10 radius_dae coa 'User-Name = rp' 'Mikrotik-Rate-Limit = "3M/12M"' || return
	done
	lab_stop deletes KILL > /dev/null
	lab_json "j['rate-down'] == 12000 and j['filter-id'] != 'silver-$try'" show session rp
}
treeless() { ! g tc qdisc show dev subs0 | grep -q htb; }

quota() {
	local ns
	lab_ns quota; ns=$REPLY
	lab_dial one -u quota -p secret --plumb "u0@$ns"
	expect "the plan" wait_for 5 session_is quota 8000 8000
	expect "more than the quota" lab_ping "$ns" $WEB4 -s 1400 -c 20
	expect "gives the other plan" wait_for 15 session_is quota 1000 1000
	expect "and the line is up" lab_ping "$ns" $WEB4
	expect "counters from zero" lab_ctl clear counters quota
	expect "give the old one back" wait_for 5 session_is quota 8000 8000
	lab_hangup one
}

profiles() { # onto the configuration, and start again
	printf '[profile gold]\nrate = 9000/3000\n[profile slow]\nrate = 1000/1000\n' >> "$CONF"
	lab_stop brasd
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready
}

run() {
	radius_users radius "$(users)"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" shaper.mode=htb shaper.default=6000/4000 shaper.quota-profile= \
		radius.dae-server="127.0.0.1:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1
	sed -i 's/^\[shaper\]$/&\nquota-profile = slow/' "$CONF"
	profiles
	each_dictionary
	sources
	bad_rates
	quota
	coa
	lab_stop brasd
	sed -i 's/^quota-profile.*/&\nbad-rate = refuse/' "$CONF"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready
	lab_dial_fails one 'auth.*' -u nonsense -p secret
	expect "told" grep -q 'Mikrotik-Rate-Limit' "$LAB_DIR/brasd.log"
}

LAB_MODES=xdp lab_each_mode run
