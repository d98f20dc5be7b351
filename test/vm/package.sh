#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian package, for real: a guest boots systemd (in a pid namespace of its own, as a container
# does), dpkg installs, the units serve a dialled line, systemd's watchdog and readiness are used,
# reload, restart and upgrade keep the session, snmpd has it by brasd-snmp's unit, remove and purge
# leave nothing.
# Run: early
if [ -z "${VMRUN:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	build=$(realpath "${1:-build}")
	deb=$(ls "$build"/brasberry_*.deb 2> /dev/null) || { echo "no package: make deb"; exit 77; }
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	cp "$deb" "$work/one.deb"
	# The same, one version on.
	dpkg-deb -R "$deb" "$work/two" && sed -i 's/^Version: .*/&+next/' "$work/two/DEBIAN/control" &&
		dpkg-deb --root-owner-group -b "$work/two" "$work/two.deb" > /dev/null || exit 1
	rm -rf "$work/two"
	"$here/vmrun" -t 1500 -w "$work" "$(realpath "$0")" "$build" guest "$work"
	exit $?
fi
build=$1 stage=$2 work=$3

# --- outside of systemd's pid namespace: it is begun, and the test is its only unit -----------------
if [ "$stage" = guest ]; then
	mkdir -p /run/systemd/system
	for u in systemd-udevd systemd-udev-trigger systemd-timesyncd systemd-resolved systemd-networkd getty@tty1 \
		systemd-modules-load systemd-sysctl ifupdown-pre networking apparmor systemd-random-seed \
		systemd-update-utmp systemd-remount-fs systemd-tmpfiles-setup systemd-tmpfiles-setup-dev systemd-binfmt systemd-pstore dbus systemd-logind; do
		ln -sf /dev/null "/run/systemd/system/$u.service"
	done
	for m in dev-hugepages dev-mqueue sys-kernel-debug sys-kernel-tracing sys-kernel-config sys-fs-fuse-connections; do
		ln -sf /dev/null "/run/systemd/system/$m.mount"
	done
	cat > /run/systemd/system/packagetest.service <<-END
		[Unit]
		After=sysinit.target
		[Service]
		Type=oneshot
		StandardOutput=file:$work/log
		StandardError=file:$work/log
		Environment=VMRUN=1 PATH=$PATH
		ExecStart=$0 $build tests $work
		TimeoutStartSec=1450
		ExecStopPost=/bin/sh -c 'echo \$\$EXIT_STATUS > $work/rc'
		SuccessAction=poweroff-force
		FailureAction=poweroff-force
	END
	printf '[Unit]\nWants=packagetest.service systemd-journald.service\n' > /run/systemd/system/packagetest.target
	mount -o remount,mode=700 /sys/fs/bpf || mount -t bpf -o mode=700 bpf /sys/fs/bpf # as systemd mounts it
	touch "$work/log"
	tail -f "$work/log" &
	tail=$!
	unshare --fork --pid --mount --mount-proc env -i container=packagetest PATH="$PATH" \
		/lib/systemd/systemd --unit=packagetest.target > "$work/systemd" 2>&1 &
	# How long systemd takes to end is not what is tested: the guest ends it.
	until [ -s "$work/rc" ] || ! kill -0 $! 2> /dev/null; do sleep 0.2; done
	sleep 1 # what tail has to say
	kill $tail
	if [ ! -s "$work/rc" ]; then
		echo "systemd did not run the test:"
		tail -n 20 "$work/systemd"
		exit 1
	fi
	exit "$(< "$work/rc")"
fi

. "$(dirname "$0")/lib.sh"
B=$build
CONF=/etc/brasberry/default.conf

state_is() { [ "$(systemctl is-active "$1")" = "$2" ]; }
prop() { systemctl show -P "$2" "$1"; }
user_of() { stat -c %U "/proc/$(prop brasd@default MainPID)"; }
ctl() { brasctl "$@"; }
status_of() { awk -v k="$1:" '$1 == k { print $2 }' "/proc/$(prop brasd@default MainPID)/status"; }
is_user() { [ "$(id -u brasberry)" = "$(status_of Uid)" ]; }
is_filtered() { [ "$(status_of Seccomp)" = 2 ] && [ "$(status_of NoNewPrivs)" = 1 ]; }
same_line() { sessions_are 1 && [ "$(address4 0)" = "$address" ] && ping4 0 192.0.2.2; }
other_process() { [ "$(prop brasd@default MainPID)" != "$1" ] && state_is brasd@default active; }
# An emulated machine that others share needs half a minute to load programs: its watchdog waits for two.
slow_machine() {
	mkdir -p /run/systemd/system/brasd@.service.d
	printf '[Service]\nWatchdogSec=60\n' > /run/systemd/system/brasd@.service.d/slow.conf
}
# Who serves this namespace: brasd's units are in the one of the access interface.
units_in_bng() {
	local u
	for u in brasd@ brasd-deeds@; do
		mkdir -p "/run/systemd/system/$u.service.d"
		printf '[Service]\nNetworkNamespacePath=/run/netns/bng\n' > "/run/systemd/system/$u.service.d/lab.conf"
	done
}
security() { # UNIT MOST: systemd's own judgement, tenths; less is better
	local n
	n=$(systemd-analyze security --no-pager "$1" | sed -n 's/.*Overall exposure level for [^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
	echo "   $1: $n"
	[ -n "$n" ] && [ "$n" -le "$2" ]
}
deed() { # the helper, through its socket, asked by brasd's user
	setpriv --reuid=brasberry --regid=brasberry --clear-groups "$B/deeds_client" default "$@" | grep -q '^rc 0'
}
# snmpd as Debian has it, its subagent as a unit.
SNMP=1.3.6.1.4.1.8072.9999.9999.2516.1
snmp_is() { # OBJECT VALUE
	[ "$(snmpget -v2c -c public -t 5 -m '' -Oqv 127.0.0.1 "$SNMP.$1")" = "$2" ]
}
snmp_start() {
	ip link set lo up
	printf 'master agentx\nagentaddress 127.0.0.1\nrocommunity public 127.0.0.1\n' > /etc/snmp/snmpd.conf
	check "snmpd is there" systemctl start snmpd
	check "and brasd's subagent" systemctl start brasd-snmp@default
	check "which answers" wait_for 60 snmp_is 1.5.0 1
	check "a walk has the line" sh -c "snmpwalk -v2c -c public -t 5 -m '' -Oqv 127.0.0.1 $SNMP.4.1.2 | grep -qx '\"alice\"'"
	check "it can do nothing that root may" snmp_is_bare
	check "exposure of brasd-snmp@" security brasd-snmp@default 15
}
snmp_is_bare() {
	local status
	status=/proc/$(prop brasd-snmp@default MainPID)/status
	grep -q '^CapEff:[[:space:]]*0*$' "$status" && grep -q '^Seccomp:[[:space:]]*2$' "$status"
}
nothing_left() {
	local left
	left=$(ls -d /etc/brasberry /var/lib/brasberry /run/brasberry /var/log/brasberry /sys/fs/bpf/brasberry \
		/usr/sbin/brasd /lib/systemd/system/brasd* 2> /dev/null; getent passwd brasberry)
	echo "   left: $left"
	[ -z "$left" ]
}

journal() {
	[ $failures = 0 ] || journalctl --no-pager -u 'brasd@*' -u 'brasd-deeds@*' -u 'brasd-snmp@*' | tail -n 60
	finish
}

lab
rm -f /var/lib/man-db/auto-update # an index of all manual pages takes minutes here
check "dpkg installs it" dpkg -i --force-depends "$work/one.deb"
check "its user is there" getent passwd brasberry
check "whose group reads /etc/brasberry" test "$(stat -c %a:%G /etc/brasberry)" = 2750:brasberry
check "systemd has nothing against the units" systemd-analyze verify --man=no brasd@default.service brasd-deeds@default.service brasd-snmp@default.service
config auto 1492
sed "s|$T/users|/etc/brasberry/users|" $T/brasd.conf > $CONF
cp $T/users /etc/brasberry/users
chmod 640 $CONF /etc/brasberry/users
check "a new file has the group" test "$(stat -c %G $CONF)" = brasberry
units_in_bng
check "the unit has a watchdog" grep -q "^WatchdogSec=30$" /lib/systemd/system/brasd@.service
slow_machine
systemctl daemon-reload
check "systemctl start waits until it is ready" systemctl start brasd@default
state_is brasd@default active || { journalctl --no-pager -u brasd@default | tail -n 40; give_up; }
check "it is user brasberry" is_user
check "no new privileges, a filter" is_filtered
check "its watchdog is on" test "$(prop brasd@default WatchdogUSec)" = 1min
check "the helper's socket waits" state_is brasd-deeds@default.socket active
check "exposure of brasd@" security brasd@default 45
dial 0 alice "secret one" lcp-echo-failure 60 # a restart takes an emulated machine long, and pppd waits
check "pppd's line is up" up 0 || { journalctl --no-pager -u brasd@default | tail -n 40; give_up; }
address=$(address4 0)
check "and carries" ping4 0 192.0.2.2
snmp_start
pid=$(prop brasd@default MainPID)
check "systemctl reload" systemctl reload brasd@default
check "the reload is applied" wait_for 60 sh -c "brasctl show reload | grep -q applied"
check "by the same process" test "$(prop brasd@default MainPID)" = "$pid"
check "the line goes on" wait_for 10 same_line
check "systemctl restart" systemctl restart brasd@default
check "another process" other_process "$pid"
check "the line goes on, restarted" same_line
pid=$(prop brasd@default MainPID)
kill -KILL "$pid"
check "killed: systemd starts it again" wait_for 90 other_process "$pid"
check "the line goes on, killed" wait_for 60 same_line
if [ -x "$B/deeds_client" ]; then
	check "the first deed starts the helper" deed sysctl net/ipv4/conf/acc0/rp_filter 2
	helper=$(prop brasd-deeds@default MainPID)
	check "as a unit" state_is brasd-deeds@default active
fi
pid=$(prop brasd@default MainPID)
check "an upgrade" dpkg -i --force-depends "$work/two.deb"
check "has another process" wait_for 90 other_process "$pid"
check "and the line goes on, upgraded" wait_for 60 same_line
[ -z "${helper:-}" ] || check "the helper is the same" test "$(prop brasd-deeds@default MainPID)" = "$helper"
check "snmpd has the line, upgraded" wait_for 60 snmp_is 1.5.0 1
check "everything agrees" sh -c "brasctl check --json | grep -q '\"problems\": *0'"
kill -STOP "$(prop brasd@default MainPID)"
pid=$(prop brasd@default MainPID)
check "one that hangs is killed by the watchdog, and another one serves" wait_for 180 other_process "$pid"
check "the line goes on, after the watchdog" wait_for 60 same_line
check "dpkg removes it" dpkg -r brasberry
check "subscribers were told goodbye" wait_for 20 gone $pppd
check "the subagent has ended, too" state_is brasd-snmp@default inactive
check "the configuration stays" test -s $CONF
check "no pins, no device" sh -c "! ls -d /sys/fs/bpf/brasberry/default && ! ip -n bng link show subs0" 2> /dev/null
check "dpkg purges it" dpkg -P brasberry
check "nothing is left" nothing_left
journal
