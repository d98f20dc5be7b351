#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real pppd stays up, under a ping each way, through 20 deaths of brasd in each attach mode, and each
# brasd answers it. Then the power is cut: a fresh guest that has the state of the one before, its record included, knows
# that all of it is of another boot, and starts clean.
if [ -z "${VMRUN:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd) rc=0
	shared=$(mktemp -d)
	for stage in deaths after; do
		"$here/vmrun" -t 1200 -w "$shared" "$(realpath "$0")" "$(realpath "${1:-build}")" $stage "$shared" || rc=$?
		[ $rc = 0 ] || break
	done
	rm -rf "$shared"
	exit $rc
fi
. "$(dirname "$0")/lib.sh"
stage=$2 shared=$3
DEATHS=$([ -n "${SAMPLE:-}" ] && echo 4 || echo 20)
MODES=$(sample_of tc xdp)

same_line() { [ "$(address4 0) $(global6 0)" = "$addresses" ] && sessions_are 1; }
nothing_lost() { grep ' 0% packet loss' $T/ping."$1" || ! tail -n 3 $T/ping."$1"; }
agrees() { [ "$(ctl check --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["problems"])')" = 0 ]; }

ping_of() { # NAME NAMESPACE ARGS...: its process in $ping
	nsenter --net=/run/netns/"$2" ping -q -i 0.1 -W 10 "${@:3}" > $T/ping."$1" 2>&1 &
	ping=$!
}
pings() {
	ping_of up4 house -4 -I ppp0 192.0.2.2
	pings=$ping
	ping_of up6 house -6 -I ppp0 2001:db8:ffff::2
	pings="$pings $ping"
	ping_of down4 internet -4 "$(address4 0)"
	pings="$pings $ping"
	sleep 1
}
# pppd probes each second. In an emulated guest brasd needs seconds to start, and a probe that comes
# before that has no answer: by Debian's options (four of 30 s) pppd would give up a line whose brasd
# is ended again as soon as it is ready. So each brasd lives until it has answered.
PROBES="lcp-echo-interval 1 lcp-echo-failure 60"
answers() { grep -c 'sent LCP Echo-Reply' $T/brasd.log; } # pppd's own log has none of them
answered() { [ "$(answers)" -gt 0 ]; }
# shellcheck disable=SC2086
pings_end() {
	sleep 1 # what is on its way
	kill -INT $pings
	wait $pings
}

die() { # NUMBER
	case $(($1 % 2)) in
	0) kill -KILL "$brasd" ;;
	1) ctl restart > /dev/null ;;
	esac
	wait_for 20 gone "$brasd"
	wait "$brasd" 2> /dev/null
}

deaths() { # MODE
	local i
	config "$1" 1492
	sed -i '/^\[shaper\]/,/^\[log\]/s|^mode = off|mode = htb\ndefault = 50000/20000|' $T/brasd.conf
	brasd_start
	# shellcheck disable=SC2086
	dial 0 alice "secret one" defaultroute $PROBES
	check "$1: line is up" up 0 || give_up
	addresses="$(address4 0) $(global6 0)"
	pings
	for ((i = 1; i <= DEATHS; i++)); do
		die $i
		brasd_start
		wait_for 30 answered || { check "$1: pppd is answered after death $i" answered; give_up; }
		same_line || { check "$1: the line after death $i" same_line; give_up; }
	done
	pings_end
	check "$1: pppd is up after $DEATHS deaths" kill -0 $pppd
	check "$1: with its addresses, in one session" same_line
	for i in up4 up6 down4; do
		check "$1: nothing is lost, $i" nothing_lost $i
	done
	check "$1: all agrees" agrees
	[ "$1" != "${MODES##* }" ] || return 0 # the power is cut while that one runs
	check "$1: pppd ends" hang_up $pppd
	check "$1: session is gone" wait_for 10 no_sessions
	check "$1: brasd ends with 0" brasd_stop
}

lab
if [ "$stage" = deaths ]; then
	for mode in $MODES; do deaths $mode; done
	tar -C / -c --exclude=control --ignore-failed-read run/brasberry var/lib/brasberry 2> /dev/null | tar -C "$shared" -x
	check "the record is there when the power is cut" test -s "$shared/run/brasberry/default/sessions"
	finish # with all that runs
fi
cp -a "$shared/." /
config xdp 1492
brasd_start
check "after a power cut: the record is of another boot" grep -q 'it is of another boot.*foreign-1' $T/brasd.log
check "no session" no_sessions
check "all agrees" agrees
dial 0 alice "secret one" defaultroute
check "a new line comes up" up 0 || give_up
check "and carries" ping4 0 192.0.2.2
check "pppd ends" hang_up $pppd
check "brasd ends with 0" brasd_stop
finish
