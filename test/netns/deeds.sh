#!/bin/bash
# The helper brasd-deeds: the first deed starts it, in brasd's namespace and with nobody's
# descriptors; it does what its table has and refuses the rest; named serves under it, is started
# again when it dies, goes on when brasd is killed or restarts, and ends with brasd.
. "$(dirname "$0")/../lab.sh"
command -v named > /dev/null || { echo "named is not installed"; exit 1; }
make --no-print-directory -s B="$B" "$B/libdaemon.a" "$B/libbase.a" || exit 1
# Beside the helper, as brasd is: that is where it is looked for.
# shellcheck disable=SC2086
${CC:-gcc} -std=gnu11 -Wall -Wextra -O1 -g -D_GNU_SOURCE ${SANFLAGS:-} -I. -I"$LAB_TEST_DIR/.." \
	"$LAB_TEST_DIR/netns/deeds_client.c" "$B/libdaemon.a" "$B/libnat64.a" "$B/libbase.a" -lev -o "$B/deeds_client" || exit 1

helper_pid() { # of this instance's, that is no zombie
	local pid
	for pid in $(pgrep -f "brasd-deeds .*-d -i $INSTANCE\$"); do
		[[ $(< "/proc/$pid/stat") == *") Z "* ]] || { echo "$pid"; return; }
	done
	return 1
}
no_helper() { ! helper_pid; }
child_pid() { lab_pid=$(deed status named | grep -o '"pid":[0-9]*' | cut -d: -f2); echo "$lab_pid"; }
deed() { g "$B/deeds_client" "$INSTANCE" "$@"; }
gives() { # RC WORD...
	local rc=$1 out
	shift
	out=$(deed "$@" 2>&1)
	echo "$out"
	[ "$(tail -n 1 <<< "$out")" = "rc $rc" ]
}
says() { # TEXT COMMAND...: among what it prints
	local text=$1 out
	shift
	out=$("$@" 2>&1)
	echo "$out"
	[[ $out == *"$text"* ]]
}
serves() { g timeout 10 python3 "$LAB_TEST_DIR/netns/net.py" dns-query udp 127.0.0.1; }

write_named() {
	local dir=/run/brasberry/$INSTANCE
	mkdir "$dir/zone"
	chown bind "$dir/zone"
	cat > "$dir/named.conf" <<-END
		options {
			directory "$dir/zone"; pid-file none; session-keyfile none;
			listen-on { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no;
		};
		logging { channel err { stderr; severity info; }; category default { err; }; };
		controls { };
		zone "." { type primary; file "root.zone"; };
	END
	cat > "$dir/zone/root.zone" <<-END
		\$TTL 60
		. SOA ns. admin. 1 60 60 60 60
		. NS ns.
		ns. A 192.0.2.53
		* A 192.0.2.53
		* AAAA 2001:db8::53
	END
	echo 'options { directory' > "$dir/bad.conf"
	ln -sf /etc/passwd "$dir/passwd.conf"
	ln -sfn /etc "$dir/etc"
	ln -sf /etc/nothing-there "$dir/nothing.conf"
}

fds() { # of the helper: nothing but /dev/null, its lock, and what it made itself
	! find "/proc/$1/fd" -type l -printf '%l\n' |
		grep -v -e '^/dev/null$' -e "^/run/brasberry/$INSTANCE/deeds.lock" -e '^socket:' -e '^anon_inode:' -e '^pipe:'
}
same_ns() { [ "$(readlink "/proc/$1/ns/net")" = "$(g readlink /proc/self/ns/net)" ]; }

basics() {
	refuse "nobody needs a helper yet" helper_pid
	expect "the first deed starts it" gives 0 sysctl net/ipv4/conf/acc/rp_filter 2 9< "$CONF"
	expect "in brasd's namespace" test "$(g cat /proc/sys/net/ipv4/conf/acc/rp_filter)" = 2
	expect "and so it says" same_ns "$(helper_pid)"
	expect "with no descriptor of ours" fds "$(helper_pid)"
	expect "what is not in the table is refused" gives -1 reboot
	expect "and what is not in its lists" gives -22 module dm_mod
	expect "and files elsewhere" gives -22 named-check /etc/passwd
	expect "and a link that leads elsewhere" gives -22 named-check "/run/brasberry/$INSTANCE/passwd.conf"
	expect "and one into a folder elsewhere, where there is nothing yet" gives -22 named-dir bind "/run/brasberry/$INSTANCE/etc/brasberry-test"
	expect "of which there is nothing" test ! -e /etc/brasberry-test
	expect "and a link to nothing" gives -40 named-check "/run/brasberry/$INSTANCE/nothing.conf"
	expect "a tool's failure is told, with what it wrote" gives 1 named-check "/run/brasberry/$INSTANCE/bad.conf"
	expect "in its own words" says 'bad.conf:' deed named-check "/run/brasberry/$INSTANCE/bad.conf"
	expect "and its success" gives 0 named-check "/run/brasberry/$INSTANCE/named.conf"
	refuse "a second helper" g "$B/brasd-deeds" -i "$INSTANCE"
	chmod 666 "/run/brasberry/$INSTANCE/deeds"
	expect "another user is sent away" says 'rc -104' g setpriv --reuid=65534 --clear-groups \
		"$B/deeds_client" "$INSTANCE" status named
	chmod 600 "/run/brasberry/$INSTANCE/deeds"
}

supervision() {
	local conf=/run/brasberry/$INSTANCE/named.conf pid
	expect "named is started" gives 0 start-named bind "$conf"
	expect "and serves" wait_for 20 serves
	pid=$(child_pid)
	expect "once: asked again, it is the same" gives 0 start-named bind "$conf"
	expect "by its id" test "$(child_pid)" = "$pid"
	lab_spawn events g "$B/deeds_client" -e named -n 2 "$INSTANCE" status named
	wait_for 10 grep -q '^rc 0' "$LAB_DIR/events.log" || fail "no answer"
	kill -KILL "$pid"
	expect "its death is told, and it is back" wait_for 20 lab_gone "${LAB_PID[events]}"
	lab_stop events || fail "the client ends with $?"
	expect "in that order" test "$(sed -n 's/^named \(died 9\|runs\).*/\1/p' "$LAB_DIR/events.log" | tr '\n' ' ')" = "died 9 runs "
	expect "as another process" test "$(child_pid)" != "$pid"
	expect "that serves" wait_for 20 serves
}
lab_stop_ok() { wait_for 20 lab_gone "${LAB_PID[$1]}" && lab_stop "$1"; }

deaths() {
	local pid helper
	pid=$(child_pid) helper=$(helper_pid)
	lab_stop brasd KILL > /dev/null 2>&1
	expect "brasd is killed: named serves" serves
	again
	lab_ctl restart > /dev/null && lab_stop_ok brasd || fail "restart ends with $?"
	expect "brasd restarts: named serves" serves
	again
	expect "it is the same helper" test "$(helper_pid)" = "$helper"
	expect "with the same child" test "$(child_pid)" = "$pid"
	kill -KILL "$helper"
	expect "the helper is killed: the next deed has another one, the old one's socket does not matter" gives -3 status named
	expect "that starts named" gives 0 start-named bind "/run/brasberry/$INSTANCE/named.conf"
	expect "and ends the one that was left behind" wait_for 10 lab_gone "$pid"
	expect "which serves" wait_for 20 serves
	pid=$(child_pid)
	lab_stop brasd || fail "brasd ends with $?"
	expect "brasd ends: so does named" wait_for 10 lab_gone "$pid"
	expect "and the helper" wait_for 10 no_helper
}

again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
}

patience() {
	mkfifo "/run/brasberry/$INSTANCE/never.conf"
	expect "a tool that does not end is ended" gives -110 named-check "/run/brasberry/$INSTANCE/never.conf"
	expect "and the next deed is done" gives 0 sysctl net/ipv4/conf/acc/rp_filter 0
	expect "the helper ends when told" g "$B/deeds_client" -q "$INSTANCE" status named
	expect "at once" wait_for 5 no_helper
}

LAB_USER=root # the client below starts the helper as root
lab_up
lab_start_brasd
write_named
basics
supervision
deaths
mkdir -p "/run/brasberry/$INSTANCE"
patience
