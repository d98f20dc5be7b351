#!/bin/bash
# Proves: what somebody takes away from a running system is found and put right. Entries of maps and
# routes: `check` names them, `check repair` repairs them, and so does the next start. The shaper's
# qdiscs and the programs' hooks: noticed as they go, told once, built anew, and all sessions have
# their speed again.
# Run: early
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../shape.sh"
SHAPE_PERCENT=15 # accuracy is shape.sh's

CONFIG=(shaper.mode=htb shaper.queues=2 ppp.lcp-echo-interval=30)

again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
}
agrees() { lab_json 'j["problems"] == 0' check || ! lab_ctl check; }
finds() { lab_json "any(re.search(r'$1', f) for f in j['found'])" check || ! lab_ctl check; }
repairs() { lab_json "any(re.search(r'$1.*: repaired', f) for f in j['found'])" check repair || ! lab_ctl check; }

# --- entries ------------------------------------------------------------------------------------

map() { bpftool map "$1" pinned "/sys/fs/bpf/brasberry/$INSTANCE/$2" "${@:3}"; }
hex4() { printf '%s' "$1" | awk -F. '{ print $1, $2, $3, $4 }'; }
u32() { echo $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24)); }
first_key() { map dump "$1" -j | jq -r '.[0].key | map(ltrimstr("0x")) | map("0x" + .) | join(" ")'; }

take_ip4() { map delete dst4 key $(hex4 "$IP"); }
take_slot() { map update sessions key 0 0 0 0 value $(yes 0 | head -n "$(map show sessions -j | jq .bytes_value)"); }
take_lines() { map delete lines key $(first_key lines); }
take_prefix6() { map delete dst6 key $(first_key dst6); }
take_own_route() { g ip route del 10.8.8.8/32 dev subs0; }
take_pool_route() { g ip route del 100.64.0.0/18 dev subs0; }
take_pool_route6() { g ip -6 route del 2001:db8:100::/40 dev subs0; }
stray_ip4() { map update dst4 key 10 1 2 3 value 77 0 0 0; }
stray_line() { map update lines key 1 0 0 0 0 0 99 99 value 3 0 0 0; }
stray_slot() { map update sessions key $(u32 900) value 7 0 0 0 $(yes 1 | head -n $(($(map show sessions -j | jq .bytes_value) - 4))); }
stray_route() { g ip route add 10.99.0.0/24 via inet6 fe80::2 dev subs0 onlink proto static; }
# Another's, where one of ours should be: it is in the way.
usurped_prefix6() { map update dst6 key $(first_key dst6) value 88 0 0 0; }
usurped_ip4() { map update dst4 key $(hex4 "$IP") value 88 0 0 0; }

ENTRIES=(
	'take_ip4|an entry of the data plane is missing'
	'take_slot|an entry of the data plane is missing'
	'take_lines|an entry of the data plane is missing'
	'take_prefix6|an entry of the data plane is missing'
	'take_pool_route|100.64.0.0/18: its route is missing'
	'take_pool_route6|2001:db8:100::/40: its route is missing'
	'take_own_route|its route is missing'
	'stray_ip4|dst4: an entry of slot 77 is nobody'
	'stray_line|lines: an entry of slot 3 is nobody'
	'stray_slot|sessions: an entry of slot 900 is nobody'
	'stray_route|10.99.0.0/24: a route that is nobody'
	'usurped_ip4|dst4: an entry of slot 88 is nobody'
)
entries() {
	local row deed words
	for row in "${ENTRIES[@]}"; do
		deed=${row%%|*} words=${row#*|}
		$deed > /dev/null || fail "$deed does nothing"
		expect "$deed is found" finds "$words"
		expect "and repaired" repairs "$words"
		expect "so that all agrees" agrees
		expect "and all have what they had" traffic
	done
	for row in "${ENTRIES[@]}"; do
		[[ $row = usurped* ]] || ${row%%|*} > /dev/null || fail "$row does nothing the second time"
	done
	usurped_prefix6 > /dev/null
	lab_stop brasd KILL > /dev/null 2>&1
	again
	expect "all of it at once: the next start repairs it" agrees
	for row in "${ENTRIES[@]}"; do # what is missing is just put there
		[[ $row != stray* ]] || expect "and says so: ${row#*|}" grep -Eq "${row#*|}.*: repaired" "$LAB_DIR/brasd.log"
	done
	expect "what stood in a session's place ended none" traffic
}
traffic() {
	lab_has_sessions 4 && lab_ping "$NS" $WEB4 -c 2 && lab_ping "$NS" $WEB6 -c 2 && lab_ping "$INTERNET" "$IP" -c 2 &&
		lab_ping "$OWN" $WEB4 -c 2
}

# --- qdiscs -------------------------------------------------------------------------------------

times() { grep -c "$1" "$LAB_DIR/brasd.log"; }
told() { [ "$(times 'its trees away: they are built anew')" = "$1" ]; }
planned() { g tc class show dev "$1" | grep -q 'ceil 10Mbit' && g tc class show dev "$1" | grep -q 'ceil 20Mbit'; }

flush() {
	local n=0 deed
	expect "plans" shape_plan fast 10M/10M
	expect "plans" shape_plan u0 20M/20M
	expect "are in the kernel, down" wait_for 5 planned subs0
	expect "and up" wait_for 5 planned subs0p
	for deed in 'qdisc del dev subs0 root' 'qdisc del dev subs0p root' 'qdisc replace dev subs0 root pfifo' \
		'qdisc del dev subs0 parent 1:2'; do
		n=$((n + 1))
		g tc $deed || fail "tc $deed"
		expect "tc $deed: noticed" wait_for 5 told $n
		expect "all plans are back, down" wait_for 5 planned subs0
		expect "and up" wait_for 5 planned subs0p
	done
	expect "and hold" shape_tcp "$NS" 10 -c $WEB4 -R
	expect "both ways" shape_tcp "$NS" 10 -c $WEB4
	expect "a plan changes as ever" shape_plan fast 12M/12M
	expect "told once each, and not for our own doing" told 4
}

hooks() {
	local dev before list="subs0"
	[ "$LAB_MODE" = tc ] && list="subs0 subs0p acc"
	for dev in $list acc; do
		[ "$dev" != acc ] || g tc qdisc show dev acc | grep -q clsact || continue
		before=$(backs "$dev")
		g tc qdisc del dev "$dev" clsact || fail "no clsact on $dev"
		expect "clsact of $dev is deleted: the program is back" wait_for 5 back "$dev" "$before"
		expect "and all agrees" agrees
		expect "and carries" traffic
	done
	before=$(backs subs0)
	g tc filter del dev subs0 egress || fail "no filter on subs0"
	expect "a filter is deleted: it is back" wait_for 5 back subs0 "$before"
	expect "and carries" traffic
	[ "$LAB_MODE" = tc ] || refuse "an XDP link is not taken by ip link" g ip link set dev acc xdp off
	[ "$LAB_MODE" = tc ] || detached
}
more() { [ "$(times "$2")" -gt "$1" ]; }
backs() { times "$1: somebody has taken our program away: it is back"; }
back() { [ "$(backs "$1")" -gt "$2" ]; }

# Nothing tells of this one: it is looked for, now and then.
detached() {
	local n
	n=$(times 'acc: somebody has taken our program away: it is back')
	bpftool link detach pinned "/sys/fs/bpf/brasberry/$INSTANCE/link-port1" || fail "no link to detach"
	expect "a link is detached: it is back" wait_for 10 more "$n" 'acc: somebody has taken our program away: it is back'
	expect "and carries" traffic
	lab_stop brasd KILL > /dev/null 2>&1
	again
	expect "and after a death, too" traffic
}

run() {
	lab_users 'own * secret 10.8.8.8 -'
	lab_start_brasd "${CONFIG[@]}"
	n ip route add 10.8.8.8/32 via $CORE4
	lab_ns one; NS=$REPLY
	lab_dial fast -u fast -p secret --plumb "u0@$NS"
	IP=$(lab_field fast ip)
	lab_ns own; OWN=$REPLY
	lab_dial own -u own -p secret --mac-base 02:bb:00:01:00:00 --plumb "u1@$OWN"
	lab_dial many -n 2 -u 'u%d' -p secret --mac-base 02:bb:00:02:00:00
	expect "all is well" traffic
	entries
	flush
	hooks
	lab_hangup many
	lab_hangup own
	lab_hangup fast
	expect "all agrees in the end" agrees
	lab_stop brasd || fail "the clean end was none"
}

lab_each_mode run
