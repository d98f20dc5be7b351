#!/bin/bash
# Proves: a server that is killed costs a line a wait and not its login, and lives again when it is
# back; a wrong secret, and replies that are forged, truncated, misnumbered, from elsewhere or
# malformed log nobody in, and do not stop the right answer that comes after them; a server that
# signs once must sign always, also after a restart; a slow server delays nobody else; servers
# beyond a link, by IPv4 and IPv6.
# Run: early
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

FAST=(radius.timeout=1 radius.max-try=2 radius.fail-timeout=2)

server() { # PORT KEY: what `show radius` says of the server with that auth-port
	lab_value "[s['$2'] for s in j if s['auth-port'] == $1][0]" show radius
}
server_is() { [ "$(server "$1" "$2")" = "$3" ]; } # PORT KEY VALUE
up_soon() { wait_for 20 server_is "$1" auth-state up; }
asked() { [ "$(server "$1" requests)" -gt "$2" ]; } # PORT MORE-THAN

quicker() { [ "$(lab_field "$1" ms | cut -d. -f1)" -lt "$2" ]; } # NAME MILLISECONDS

dial_in() { # NAME ARGS...: a line that comes up and is hung up again
	lab_dial "$@"
	lab_hangup "$1"
	wait_for 10 lab_has_sessions 0 || fail "a session is left of $1"
}

two_servers() {
	radius_start one 1812 1813
	radius_start two 1912 1913
	lab_start_brasd $(radius_conf_of one 1812 1813 two 1912 1913) "${FAST[@]}"
	dial_in both -u alice -p wonderland
	expect "the first server is asked" server_is 1812 accepts 1
	expect "the second is not" server_is 1912 accepts 0
	radius_stop one KILL
	dial_in failover -u alice -p wonderland
	expect "the first is dead: the second answers" server_is 1912 accepts 1
	expect "and is known to be dead" wait_for 10 server_is 1812 auth-state dead
	dial_in again -u alice -p wonderland
	expect "the dead one costs no wait any more" quicker again 900
	radius_start one 1812 1813
	expect "it is probed, and up again" up_soon 1812
	dial_in back -u alice -p wonderland
	expect "and asked again" server_is 1812 accepts 2
	radius_stop one KILL
	radius_stop two KILL
	lab_dial_fails none 'auth-rejected|auth-timeout' -u alice -p wonderland
	lab_stop brasd
}

wrong_secret() {
	radius_start one
	lab_start_brasd "radius.server=$RADIUS_AT,not-the-secret" "${FAST[@]}"
	lab_dial_fails secret 'auth-rejected|auth-timeout' -u alice -p wonderland
	expect "nothing was accepted" server_is 1812 accepts 0
	lab_stop brasd
	radius_stop one
}

# Not one of these logs anybody in; each is followed by a good answer, which does.
forged() {
	local mode
	radius_fake fake 1812 accept
	lab_start_brasd "radius.server=$RADIUS_AT,$RADIUS_SECRET,acct-port=0" radius.nas-identifier=lab \
		radius.timeout=1 radius.max-try=1 radius.fail-timeout=1
	for mode in forged wrong-id wrong-port truncated short long-length bad-chain overrun proxy-state bad-ma garbage; do
		up_soon 1812 || fail "the fake server is not asked"
		lab_dial_fails "$mode" 'auth-rejected|auth-timeout' -a pap -u "mode=$mode" -p x
		up_soon 1812 || fail "the fake server is not asked after $mode"
		dial_in "$mode-then-good" -a pap -u "mode=then-good:$mode" -p x
		echo "ok: $mode is refused, the good answer after it is taken"
	done
	up_soon 1812
	dial_in twice -a pap -u mode=twice -p x
	expect "every request was signed, first of all" radius_fake_log fake 'all(r["ma"] == "first" for r in d)'
	expect "and says who asks, where, and when" radius_fake_log fake \
		'all({1, 5, 6, 7, 31, 32, 44, 55, 61, 87} <= {a[0] for a in r["attrs"]} for r in d if r["code"] == 1)'
	lab_stop brasd
	radius_stop fake
}

# require-message-authenticator
signed() {
	local conf=("radius.server=$RADIUS_AT,$RADIUS_SECRET,acct-port=0" radius.timeout=1 radius.max-try=1 radius.fail-timeout=1)
	rm -rf "/var/lib/brasberry/$INSTANCE" # where it is remembered who signs
	radius_fake fake 1812 "@$LAB_DIR/mode"
	echo no-ma > "$LAB_DIR/mode"
	lab_start_brasd "${conf[@]}"
	dial_in unsigned -a pap -u a -p x
	echo accept > "$LAB_DIR/mode"
	dial_in signed -a pap -u a -p x
	echo no-ma > "$LAB_DIR/mode"
	lab_dial_fails stripped 'auth-rejected|auth-timeout' -a pap -u a -p x
	lab_stop brasd
	lab_start_brasd "${conf[@]}"
	lab_dial_fails remembered 'auth-rejected|auth-timeout' -a pap -u a -p x
	lab_stop brasd
	lab_start_brasd "${conf[@]}" radius.require-message-authenticator=no
	dial_in "no" -a pap -u a -p x
	lab_stop brasd
	radius_stop fake
	rm -rf "/var/lib/brasberry/$INSTANCE"
	radius_fake fake 1812 no-ma
	lab_start_brasd "${conf[@]}" radius.require-message-authenticator=yes
	lab_dial_fails "yes" 'auth-rejected|auth-timeout' -a pap -u a -p x
	lab_stop brasd
	radius_stop fake
}

# One server answers after 3 s, its logins wait; lines of the users file, discovery and the console
# do not. (A server is not chosen by the user; whose login does not need a server is.)
slow() {
	local before
	radius_fake fake 1812 slow delay=3
	lab_users 'local * here * -'
	lab_start_brasd "radius.server=$RADIUS_AT,$RADIUS_SECRET,acct-port=0" radius.timeout=10 radius.max-try=1 \
		auth.users-file-first=yes
	sed -i '/^alice/d; /^\*/d' "$USERS"
	lab_dial_start waits -a pap -u waits -p x
	expect "a login waits" wait_for 5 asked 1812 0
	before=$(server 1812 accepts)
	lab_dial local -u local -p here --mac-base 02:bb:00:00:20:00
	expect "another line came up meanwhile" [ "$(server 1812 accepts)" = "$before" ]
	expect "the waiting one then does" wait_for 10 lab_has_sessions_open 2
	wait_for 10 lab_dial_done waits || fail "the line that waited did not come up"
	lab_hangup waits
	lab_hangup local
	lab_stop brasd
	radius_stop fake
}
lab_has_sessions_open() { lab_json "len([s for s in j if s['state'] == 'open']) == $1" show sessions; }

# A server beyond a link, reached by IPv4 and by IPv6.
elsewhere() {
	local at
	radius_ns
	radius_start far
	for at in "$RADIUS_AT" "$RADIUS_AT6"; do
		lab_start_brasd "radius.server=$at,$RADIUS_SECRET"
		dial_in "far-$at" -u alice -p wonderland
		expect "by $at: accepted" server_is 1812 accepts 1
		expect "its records arrive" wait_for 10 radius_detail far "len([r for r in d if r['Acct-Status-Type'] == 'Stop']) >= 1"
		rm -f "$LAB_DIR/far/detail"
		lab_stop brasd
	done
	radius_stop far
}

run() {
	two_servers
	wrong_secret
	forged
	signed
	slow
	elsewhere
}

LAB_MODES=xdp lab_each_mode run
