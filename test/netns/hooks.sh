#!/bin/bash
# Proves: [hooks] runs scripts as pppd and accel-ppp do: arguments, environment, radattr file; a line's
# up ends before its down begins; few at once; one that hangs is killed, and disturbs no login; CoA
# runs ip-change; what fails is told; the file goes with the line; a clean end runs the last ones, of lines
# that were adopted with the arguments that their ip-up had.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

script() { # NAME [COMMAND]: notes its arguments, its environment, the file, and its begin and end
	cat > "$LAB_DIR/$1" <<-EOF
	#!/bin/sh
	printf '%s\n' "$1 begin \$*" >> $LAB_DIR/trace
	env | sort > $LAB_DIR/env.$1.\$1
	cp $LAB_DIR/radattr.\$1 $LAB_DIR/attr.$1.\$1 2> /dev/null
	${2:-:}
	printf '%s\n' "$1 end \$*" >> $LAB_DIR/trace
	EOF
	chmod 755 "$LAB_DIR/$1"
}
traced() { [ "$(grep -c "^$1" "$LAB_DIR/trace")" = "$2" ]; }
env_has() { grep -qx "$2" "$LAB_DIR/env.$1"; }

up_and_down() {
	: > "$LAB_DIR/trace"
	chmod 666 "$LAB_DIR/trace" # scripts run as another user
	lab_dial alice -u alice -p wonderland --service internet
	wait_for 20 traced 'ip-up end' 1 || fail "ip-up was not run to its end"
	NAME=$(awk '/^ip-up begin/ { print $3 }' "$LAB_DIR/trace")
	expect "its arguments are accel-ppp's" grep -qx "ip-up begin ppp[0-9]* none 0 $GW4 100.64.10.10 02:bb:00:00:00:00" "$LAB_DIR/trace"
	for e in PEERNAME=alice "IPLOCAL=$GW4" IPREMOTE=100.64.10.10 "IFNAME=$NAME" DEVICE=acc \
		CALLING_SID=02:bb:00:00:00:00 CALLED_SID=internet MACREMOTE=02:bb:00:00:00:00 SPEED=0; do
		expect "environment: $e" env_has "ip-up.$NAME" "$e"
	done
	expect "and the prefix" grep -q '^IPV6_PREFIX=2001:db8:' "$LAB_DIR/env.ip-up.$NAME"
	expect "nothing of ours is inherited" sh -c "! grep -q '^HOME=\|^B=' $LAB_DIR/env.ip-up.$NAME"
	expect "RADIUS's attributes are there before the script" grep -qx 'Framed-IP-Address 100.64.10.10' "$LAB_DIR/attr.ip-up.$NAME"
	expect "the file is for nobody else" [ "$(stat -c %a "$LAB_DIR/radattr.$NAME")" = 600 ]
	expect "no secret in it" sh -c "! grep -qi 'password\|mppe' $LAB_DIR/radattr.$NAME"
	expect "CoA" radius_dae coa 'User-Name = "alice"' 'Session-Timeout = 5000'
	wait_for 20 traced 'ip-change end' 1 || fail "ip-change was not run"
	expect "the change's attributes" grep -qx 'Session-Timeout 5000' "$LAB_DIR/attr.ip-change.$NAME"
	expect "those of before are kept" grep -qx 'Framed-IP-Address 100.64.10.10' "$LAB_DIR/radattr_old.$NAME"
	lab_hangup alice
	wait_for 20 traced 'ip-down end' 1 || fail "ip-down was not run"
	for e in PEERNAME=alice IPREMOTE=100.64.10.10 'CONNECT_TIME=[0-9]*' 'BYTES_RCVD=[0-9]*' \
		'BYTES_SENT=[0-9]*' 'PACKETS_RCVD=[0-9]*' 'TERMINATE_CAUSE=.*'; do
		expect "environment at the end: $e" env_has "ip-down.$NAME" "$e"
	done
	expect "ip-down still finds the file" test -s "$LAB_DIR/attr.ip-down.$NAME"
	expect "which has gone then" wait_for 10 test ! -e "$LAB_DIR/radattr.$NAME" -a ! -e "$LAB_DIR/radattr_old.$NAME"
}

# 40 lines at once that go at once: never more than four scripts, and each line's in their order.
crowd() {
	script ip-up 'sleep 0.1'
	: > "$LAB_DIR/trace"
	chmod 666 "$LAB_DIR/trace" # scripts run as another user
	lab_dial many -u 'm%d' -p secret -n 40 --mac-base 02:bb:00:01:00:00
	lab_hangup many
	wait_for 60 traced 'ip-down end' 40 || fail "not all have been run: $(sort "$LAB_DIR/trace" | cut -d' ' -f1,2 | uniq -c)"
	expect "each once" traced 'ip-up end' 40
	expect "four at once, and each line's one after the other" awk '
		{ n += $2 == "begin" ? 1 : -1; if (n > most) most = n; s[$3] = s[$3] " " $1 "." $2 }
		END { for (i in s) if (s[i] !~ /^( ip-up.begin ip-up.end ip-down.begin ip-down.end)+$/) { print i s[i]; exit 1 }
			exit most > 4 || most < 2 }' "$LAB_DIR/trace"
}

failures() {
	script ip-up 'case $PEERNAME in hang) sleep 600 & sleep 600 ;; bad) exit 3 ;; esac'
	: > "$LAB_DIR/trace"
	chmod 666 "$LAB_DIR/trace" # scripts run as another user
	lab_dial hang -u hang -p secret --mac-base 02:bb:00:02:00:00
	lab_dial bad -u bad -p secret --mac-base 02:bb:00:03:00:00
	wait_for 20 grep -q 'hooks: .*/ip-up for ppp[0-9]*: ended with exit status 3' "$LAB_DIR/brasd.log" || fail "a failure is not told"
	wait_for 20 grep -q 'hooks: .*/ip-up for ppp[0-9]*: ended with signal 9' "$LAB_DIR/brasd.log" || fail "one that hangs is not killed"
	expect "they are counted" lab_json "j['hooks']['failed'] == 2 and j['hooks']['timeouts'] == 1" show stat
	expect "the lines are up" lab_has_sessions 2
	rm "$LAB_DIR/ip-up"
	lab_dial none -u none -p secret --mac-base 02:bb:00:04:00:00
	wait_for 20 grep -q 'ip-up for ppp[0-9]*: cannot be run: No such file' "$LAB_DIR/brasd.log" || fail "a missing script is not told"
	script ip-up
}

# What a user's script was given, by the environment of its run.
arguments() { # SCRIPT USER
	local env
	env=$(grep -lx "PEERNAME=$2" "$LAB_DIR/env.$1".* | head -n 1)
	awk -v s="$1" -v n="${env##*.}" '$1 == s && $2 == "begin" && $3 == n { sub(/^[^ ]* begin /, ""); a = $0 } END { print a }' "$LAB_DIR/trace"
}

ends() {
	local up e
	up=$(arguments ip-up hang)
	expect "ip-up's arguments are whole: $up" [ "$(wc -w <<< "$up")" = 6 ]
	: > "$LAB_DIR/trace"
	chmod 666 "$LAB_DIR/trace" # scripts run as another user
	lab_stop brasd KILL
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "adopted lines are no news" traced ip-up 0
	lab_stop brasd || fail "brasd did not end well"
	expect "a clean end runs the last ones" traced 'ip-down end' 3
	expect "with the same arguments as before" [ "$(arguments ip-down hang)" = "$up" ]
	for e in "PEERNAME=hang" 'CONNECT_TIME=[1-9][0-9]*' "IPREMOTE=$(cut -d' ' -f5 <<< "$up")" 'TERMINATE_CAUSE=.*'; do
		expect "and environment: $e" env_has "ip-down.$(cut -d' ' -f1 <<< "$up")" "$e"
	done
	refuse "nothing is left behind" sh -c "ls $LAB_DIR/radattr*"
}

run() {
	local s users=()
	for s in ip-up ip-down ip-change; do script $s; done
	for s in hang bad none m{0..39}; do users+=("$(radius_user "$s" secret)"); done
	radius_users radius "${users[@]}"
	radius_start radius
	# shellcheck disable=SC2046
	lab_start_brasd $(radius_conf_of) "hooks.ip-up=$LAB_DIR/ip-up" "hooks.ip-down=$LAB_DIR/ip-down" \
		"hooks.ip-change=$LAB_DIR/ip-change" "hooks.radattr-prefix=$LAB_DIR/radattr" \
		hooks.fork-limit=4 hooks.timeout=3 auth.users-file= \
		"radius.dae-server=127.0.0.1:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1
	up_and_down
	crowd
	failures
	ends
}

lab_up
run
