#!/bin/bash
# Proves: somebody deletes single classes or leaves, or the subscriber device itself, or sets it down,
# or makes another of its name: noticed, told once, put right, while all sessions live and keep
# addresses, counters, routes and speeds. A device that goes while no daemon is there is made anew by
# the next start.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../shape.sh"
SHAPE_PERCENT=15 # accuracy is shape.sh's

SHAPE_SECONDS=2
CONFIG=(shaper.mode=htb shaper.queues=2 ppp.lcp-echo-interval=30)

again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
}
agrees() { lab_json 'j["problems"] == 0' check || ! lab_ctl check; }
times() { grep -c "$1" "$LAB_DIR/brasd.log"; }
told() { [ "$(times "$2")" = "$1" ]; }
class_of() { g tc class show dev "$1" | awk -v rate="$2" '{ for (i = 1; i < NF; i++) if ($i == "ceil" && $(i + 1) == rate) print $3 }'; } # DEVICE RATE
planned() { [ "$(class_of subs0 20Mbit)" ] && [ "$(class_of subs0p 10Mbit)" ]; }
identity() { lab_value "sorted([s['sid'], s['username'], s['ip'], s['ip6'], s['acct-session-id'], s['state']] for s in j)" show sessions; }
bytes() { lab_value "sum(s['rx-bytes'] for s in j)" show sessions; }
traffic() {
	lab_has_sessions 3 && lab_ping "$NS" $WEB4 -c 2 && lab_ping "$NS" $WEB6 -c 2 && lab_ping "$INTERNET" "$IP" -c 2 &&
		lab_ping "$OWN" $WEB4 -c 2
}

CLASSES='somebody has changed the classes of 1 sessions: they are programmed again'
classes() {
	local n=0 dev rate
	for dev in subs0 subs0p; do
		rate=20Mbit
		[ "$dev" = subs0 ] || rate=10Mbit
		n=$((n + 1))
		g tc class del dev "$dev" classid "$(class_of "$dev" $rate)" || fail "no class on $dev"
		expect "a class of $dev is deleted: noticed" wait_for 5 told $n "$CLASSES"
		expect "and back" wait_for 5 planned
	done
	g tc qdisc del dev subs0 parent "$(class_of subs0 20Mbit)" || fail "no leaf"
	expect "a leaf is deleted: noticed" wait_for 5 told 3 "$CLASSES"
	expect "and all agrees" wait_for 5 agrees
	expect "the plan holds" shape_tcp "$NS" 20 -c $WEB4 -R
	expect "both ways" shape_tcp "$NS" 10 -c $WEB4
	expect "told once each" told 3 "$CLASSES"
}

GONE='subs0: somebody has deleted it: it is made anew'
DOWN='subs0: somebody has set it down: it is up again'
back() { # N TEXT
	expect "noticed, told once" wait_for 10 told "$1" "$2"
	expect "plans are back" wait_for 10 planned
	expect "all sessions carry" wait_for 10 traffic
	expect "they are the same" test "$(identity)" = "$IDENTITY"
	expect "their counters went on" test "$(bytes)" -ge "$BYTES"
	expect "and all agrees" wait_for 5 agrees
}

device() {
	IDENTITY=$(identity) BYTES=$(bytes)
	g ip link del subs0 || fail "no subs0"
	echo "== subs0 is deleted"
	back 1 "$GONE"
	# All at once, or it is back before there can be another.
	printf 'link %s\n' 'del subs0p' 'add subs0 type dummy' 'set subs0 up' | g ip -force -batch - || :
	echo "== another subs0 is in its place"
	back 2 "$GONE"
	g ip link set subs0 down || fail "subs0 is not set down"
	echo "== subs0 is set down"
	back 1 "$DOWN"
	g ip link set subs0p down || fail "subs0p is not set down"
	echo "== subs0p is set down"
	back 2 "$DOWN"
	expect "a plan holds" shape_tcp "$NS" 20 -c $WEB4 -R
	lab_dial late -u late -p secret --mac-base 02:bb:00:03:00:00
	lab_hangup late
	lab_stop brasd KILL > /dev/null 2>&1
	again
	echo "== brasd dies after that"
	back 0 "$GONE"
}

dead() {
	lab_stop brasd KILL > /dev/null 2>&1
	g ip link del subs0 || fail "no subs0"
	again
	echo "== subs0 is deleted while brasd is dead"
	back 1 "$GONE"
	expect "and they know that they go on" grep -q '3 sessions go on' "$LAB_DIR/brasd.log"
	lab_stop brasd KILL > /dev/null 2>&1
	g ip link del subs0 && g ip link add subs0 type veth peer name subs0p || fail "no other subs0"
	again
	echo "== another takes its place then"
	back 1 "$GONE"
}

run() {
	lab_users 'own * secret 10.8.8.8 -' 'fast * secret * 20000/10000'
	lab_start_brasd "${CONFIG[@]}"
	n ip route add 10.8.8.8/32 via $CORE4
	lab_ns one; NS=$REPLY
	lab_dial fast -u fast -p secret --plumb "u0@$NS"
	IP=$(lab_field fast ip)
	lab_ns own; OWN=$REPLY
	lab_dial own -u own -p secret --mac-base 02:bb:00:01:00:00 --plumb "u1@$OWN"
	lab_dial third -u third -p secret --mac-base 02:bb:00:02:00:00
	expect "plans" wait_for 10 planned
	expect "all is well" traffic
	classes
	device
	dead
	lab_hangup third
	lab_hangup own
	lab_hangup fast
	expect "all agrees in the end" agrees
	lab_stop brasd || fail "the clean end was none"
	refuse "no device is left" g ip link show subs0
}

lab_each_mode run
