#!/bin/bash
# What brasd is allowed once it serves: its user, its capabilities, no new privileges, a filter of system
# calls; and with that a line comes up, a restart from a run as root adopts it, and files are the user's.
. "$(dirname "$0")/../lab.sh"


status_is() { [ "$(awk -v k="$2:" '$1 == k { $1 = ""; sub(/^[ \t]+/, ""); gsub(/[ \t]+/, " "); print }' "/proc/$1/status")" = "$3" ]; }
owners() { # UID: all that brasd keeps is this one's
	local found
	found=$(find "/run/brasberry/$INSTANCE" "/var/lib/brasberry/$INSTANCE" "/sys/fs/bpf/brasberry/$INSTANCE" ! -user "$1")
	echo "$found"
	[ -z "$found" ]
}
caps() { # NAME...: as /proc has them
	python3 - "$@" <<-'END'
		import sys
		bits = {'net_bind_service': 10, 'net_admin': 12, 'net_raw': 13, 'syslog': 34, 'perfmon': 38, 'bpf': 39}
		print('%016x' % sum(1 << bits[c] for c in sys.argv[1:]))
	END
}
launcher() { pgrep -f "brasd-deeds -w .*-i $INSTANCE\$"; }
same_line() { lab_json "len(j) == 1 and j[0]['state'] == 'open' and j[0]['ip'] == '$1'" show sessions; }
again() { # [SECTION.KEY=VALUE]...
	lab_ctl restart > /dev/null || fail "restart is refused"
	wait_for 20 lab_gone "${LAB_PID[brasd]}" || fail "brasd does not end"
	lab_stop brasd
	lab_start_brasd "$@"
}

confined() { # UID
	local pid=${LAB_PID[brasd]}
	KEPT=$(caps net_admin net_raw bpf perfmon net_bind_service)
	expect "brasd is user $1" status_is "$pid" Uid "$1 $1 $1 $1"
	expect "and its group" status_is "$pid" Gid "$1 $1 $1 $1"
	expect "in no other group" status_is "$pid" Groups "$1"
	for set in CapEff CapPrm CapBnd; do
		expect "it has five capabilities, $set" status_is "$pid" $set "$KEPT"
	done
	for set in CapInh CapAmb; do
		expect "none for what it starts, $set" status_is "$pid" $set 0000000000000000
	done
	expect "no new privileges" status_is "$pid" NoNewPrivs 1
	expect "a filter of system calls" status_is "$pid" Seccomp 2
	expect "its files are its own" owners "$1"
}

run() {
	local ns ip helper
	lab_start_brasd
	confined 0
	lab_ns one; ns=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ns"
	ip=$(lab_field one ip)
	expect "a line of a run as root" lab_ping "$ns" $WEB4

	LAB_USER=64217
	chown $LAB_USER "$LAB_DIR" "$USERS"
	again
	confined $LAB_USER
	expect "the line goes on" same_line "$ip"
	expect "and carries" lab_ping "$ns" $WEB4
	expect "the console works" lab_ctl show stat
	expect "root changes things by it" lab_ctl reload
	expect "which comes into effect" wait_for 20 lab_json "j['state'] == 'applied'" show reload
	expect "and the line goes on" same_line "$ip"
	expect "one process waits to start the helper" launcher
	helper=$(launcher)
	lab_stop brasd KILL
	expect "which ends with brasd, killed as it may be" wait_for 10 lab_gone "$helper"
	lab_start_brasd
	expect "the line goes on" same_line "$ip"

	again hooks.ip-up=/bin/true privileges.seccomp=off
	expect "seccomp = off: no filter" status_is "${LAB_PID[brasd]}" Seccomp 0
	expect "but no privileges either" status_is "${LAB_PID[brasd]}" CapEff "$KEPT"
	again
	lab_conf hooks.ip-up=/bin/true
	refuse "a first script is no matter of a reload: the filter is never loosened" lab_ctl reload
	lab_hangup one
	lab_stop brasd || fail "brasd ends with $?"
	expect "it takes its pins away" test ! -e "/sys/fs/bpf/brasberry/$INSTANCE"
}

wrong() {
	lab_conf privileges.user=no-such-user
	refuse "a user that is not there" g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	lab_conf privileges.user=64217
	chmod 711 "$LAB_DIR"
	chown 64218 "$LAB_DIR" "$CONF" "$USERS"
	refuse "not root, and to be somebody else" g setpriv --reuid=64218 --clear-groups "$B/brasd" -c "$CONF" -i "$INSTANCE"
}

LAB_USER=root
lab_up
run
wrong
