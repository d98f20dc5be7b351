#!/bin/bash
# Proves: what is not ours is not taken for ours, and nothing else is lost for it. A record of
# another boot or namespace, and a damaged one, is set aside, and told; one damaged slot costs that
# session alone; a record, or maps, of a newer layout are refused in words, and everything goes on
# forwarding until a brasd that knows them starts; maps of an older layout or another size are built
# anew, and neither a packet nor an octet of the counters is lost for it; a limit below what lives is
# refused; interfaces that the configuration has no more keep their sessions.
# Run: early
# Sample: one mode
# Sample: 2 of restart
. "$(dirname "$0")/../lab.sh"

LAB_ACCESS="acc acd"
RECORD_PY="$LAB_TEST_DIR/record.py"
CONFIG=(shaper.mode=htb shaper.queues=2 ppp.lcp-echo-interval=2 ppp.lcp-echo-failure=2 ppp.lcp-echo-adaptive=no pppoe.max-sessions=256)

again() { # [S.K=V...]: with another configuration, perhaps
	[ $# = 0 ] || lab_conf "${CONFIG[@]}" "$@"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
}
die() { lab_stop brasd KILL > /dev/null 2>&1; }
record() { python3 "$RECORD_PY" "$1" "/run/brasberry/$INSTANCE/sessions" "${@:2}"; }
says() { grep -Eq "$1" "$LAB_DIR/brasd.log" || ! cat "$LAB_DIR/brasd.log"; }

refused() { # WORDS [S.K=V...]: brasd does not start, and says why
	local words=$1 rc=0
	shift
	[ $# = 0 ] || lab_conf "${CONFIG[@]}" "$@"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 20 lab_gone "${LAB_PID[brasd]}" || fail "brasd starts, though: $words"
	lab_stop brasd || rc=$?
	expect "it does not start, and says: $words" says "$words"
	[ $rc = 1 ] || fail "exit $rc, not 1"
}

identity() {
	lab_value "sorted([s['sid'], s['username'], s['calling-sid'], s['ip'], s['ip6'], s['acct-session-id'], s['rate-down'], s['mtu'], s['state']] for s in j)" show sessions
}
same() {
	local after
	after=$(identity)
	[ "$1" = "$after" ] || diff <(tr ']' '\n' <<< "$1") <(tr ']' '\n' <<< "$after")
}
agrees() { lab_json 'j["problems"] == 0' check || ! lab_ctl check; }
packets() { lab_value "[s['$1'] for s in j if s['username'] == 'fast'][0]" show sessions; }

pings() { # NAME NETNS ADDRESS: until it is stopped
	lab_spawn "$1" in_ns "$2" ping -i 0.01 -W 5 "$3"
	wait_for 10 grep -q 'bytes from' "$LAB_DIR/$1.log"
}
no_loss() { tail -n 3 "$LAB_DIR/$1.log" | grep ' 0% packet loss' || ! tail -n 3 "$LAB_DIR/$1.log"; }
answers() { sed -n 's/.* \([0-9]*\) received.*/\1/p' "$LAB_DIR/$1.log"; }

# --- newer, older, larger, smaller --------------------------------------------------------------

layout() { # VERSION
	bpftool map update pinned "/sys/fs/bpf/brasberry/$INSTANCE/layout" key 0 0 0 0 value "$1" 0 0 0
}

versions() {
	local before
	before=$(identity)
	die
	record layout 2
	refused 'of layout 2, a newer program.s; this one knows layouts up to 1'
	record layout 1
	again
	expect "the old one starts again, with all" same "$before"
	die
	record area 2
	refused "the record's area is a newer brasd's; nothing was changed"
	record area 1
	again
	expect "that one starts again, with all" same "$before"
	die
	layout 99
	lab_spawn deeds g "$B/brasd-deeds" -u "$LAB_USER" -i "$INSTANCE"
	wait_for 10 test -S "/run/brasberry/$INSTANCE/deeds" || fail "no helper"
	refused 'the data plane that is there is of a newer brasd; nothing was changed'
	refuse "nor has the helper been ended" lab_gone "${LAB_PID[deeds]}"
	lab_stop deeds > /dev/null
	layout "$(sed -n 's/^#define ABI_VERSION //p' "$LAB_TEST_DIR/../bpf/abi.h" | tail -n 1)"
	again
	expect "the same with the maps" same "$before"
	expect "everything agrees" agrees
	die
	layout 1
	again
	expect "maps of an older layout are built anew" says 'tables have been built anew'
	expect "for the same sessions" same "$before"
	expect "everything agrees" agrees
}

sizes() {
	local before
	before=$(identity)
	die
	again pppoe.max-sessions=512
	expect "max-sessions is raised: built anew" says 'tables have been built anew'
	expect "for the same sessions" same "$before"
	expect "everything agrees" agrees
	die
	refused 'max-sessions = 3, but [0-9]* sessions of before have places beyond: nothing was changed' pppoe.max-sessions=3
	again pppoe.max-sessions=40
	expect "lowered as far as it goes" same "$before"
	expect "everything agrees" agrees
	die
	rm "/sys/fs/bpf/brasberry/$INSTANCE/dst6"
	again "${CONFIG[@]}"
	expect "half of the pins: built anew" says 'tables have been built anew'
	expect "for the same sessions" same "$before"
}

# Under one ping for all of it. Its own packets are counted, once each.
under_ping() {
	local name
	expect "a plan" lab_json 'j["changed"] == 1' shaper change fast 40M/10M
	pings up "$NS" $WEB4
	pings six "$NS" $WEB6
	versions
	sizes
	for name in up six; do
		lab_stop $name INT > /dev/null
		expect "nothing is lost meanwhile: $name, $(answers $name) answers" no_loss $name
	done
	SENT=$((SENT + $(answers up) + $(answers six)))
	expect "counted once each, up" [ "$(packets rx-pkts)" = $SENT ]
	expect "and down" [ "$(packets tx-pkts)" = $SENT ]
}

# --- interfaces ---------------------------------------------------------------------------------

interfaces() {
	local before
	before=$(identity)
	lab_stop brasd USR2
	again pppoe.interface=acd
	expect "the interface of live sessions is left out: they are told" says 'acc: [0-9]+ sessions of before are on it; there will be no new ones'
	expect "they stay" same "$before"
	expect "and carry packets" lab_ping "$NS" $WEB4
	SENT=$((SENT + 5))
	lab_dial_fails none 'no-pado' -u x -p secret --retries 1 --mac-base 02:bb:00:09:00:00
	LAB_IF=s1 lab_dial other -u other -p secret --mac-base 02:bb:00:09:00:00
	expect "new ones on the other" lab_has_sessions 7
	lab_stop brasd USR2
	again pppoe.interface=acd pppoe.interface+=acc
	expect "it is back, in another order: all stay" lab_has_sessions 7
	expect "everything agrees" agrees
	expect "and carry packets" lab_ping "$NS" $WEB4
	SENT=$((SENT + 5))
	lab_dial new -u new -p secret --mac-base 02:bb:00:0a:00:00
	expect "with new ones" lab_has_sessions 8
	lab_hangup new
	lab_hangup other
	expect "the rest is what it was" wait_for 10 same "$before"
}

queues() {
	local before
	before=$(identity)
	lab_stop brasd USR2
	again shaper.queues=1
	expect "[shaper] queues changes: told" says 'queues: stay as they were, 2 trees, until all sessions have ended'
	expect "they go on" same "$before"
	expect "under their plan" lab_iperf "$NS" 20 -c $WEB4 -R
	expect "everything agrees" agrees
	lab_stop brasd USR2
	again shaper.mode=off
	expect "the shaper is switched off: told" says 'queues: stay as they were, 2 trees'
	expect "they go on" lab_has_sessions 6
	lab_stop brasd USR2
	again "${CONFIG[@]}"
}

# --- damage -------------------------------------------------------------------------------------

one_slot() {
	die
	record slot 2
	again
	expect "a slot is damaged: told" says 'slot 2 of the record: .*: that session is lost'
	expect "put aside" test -s "/run/brasberry/$INSTANCE/sessions.bad/2"
	expect "the others live" lab_has_sessions 5
	expect "everything agrees" agrees
	expect "they carry packets" lab_ping "$NS" $WEB4
	lab_dial again1 -u again1 -p secret --mac-base 02:bb:00:0b:00:00
	expect "its place is taken again" lab_has_sessions 6
	lab_hangup again1
}

set_aside() { # HOW WORDS
	lab_hangup many
	lab_stop many
	die
	record "$1"
	again
	expect "$1: told" says "$2.*foreign-1"
	expect "set aside" test -s "/run/brasberry/$INSTANCE/sessions.foreign-1"
	expect "none of its sessions" lab_has_sessions 0
	lab_dial many -n 2 -u 'u%d' -p secret
	expect "a clean start" lab_has_sessions 2
	expect "everything agrees" agrees
}

elsewhere() {
	local ns before link
	before=$(identity)
	lab_ns other; ns=$REPLY
	for link in acc acd; do
		in_ns "$ns" ip link add $link type veth peer name ${link}p
		lab_link_end "$ns" $link 1500
		lab_link_end "$ns" ${link}p 1500
	done
	lab_spawn second in_ns "$ns" "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 10 lab_gone "${LAB_PID[second]}" || fail "a second one starts"
	lab_stop second && fail "a second one ends well"
	expect "a second one in another namespace is refused" grep -q 'control socket' "$LAB_DIR/second.log"
	expect "and does no harm" same "$before"
	expect "everything agrees" agrees
	lab_stop brasd KILL > /dev/null 2>&1
	lab_spawn brasd in_ns "$ns" "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready
	expect "where it died, the record is another namespace's" says "of another network namespace.*foreign-1"
	expect "with no session" lab_has_sessions 0
	lab_stop brasd || fail "the clean end was none"
	again
	expect "and back: a clean start" lab_has_sessions 0
	lab_stop many KILL > /dev/null 2>&1
	lab_dial many -n 2 -u 'u%d' -p secret --mac-base 02:bb:00:0c:00:00
	expect "for new lines" lab_has_sessions 2
}

run() {
	SENT=0
	lab_start_brasd "${CONFIG[@]}"
	lab_ns one; NS=$REPLY
	lab_dial fast -u fast -p secret --plumb "u0@$NS" --mac-base 02:bb:00:0f:00:00
	lab_dial many -n 5 -u 'u%d' -p secret
	under_ping
	interfaces
	queues
	one_slot
	lab_stop fast
	set_aside boot 'of another boot'
	set_aside netns 'of another network namespace'
	set_aside head 'it is damaged, or no record'
	elsewhere
	lab_stop brasd || fail "the clean end was none"
	refuse "no device is left" g ip link show subs0
}

lab_each_mode run
