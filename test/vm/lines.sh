#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Twenty lines of real pppd at once, and every way in which a line ends: kill -9 of its pppd (lost
# echo), pppd's own Terminate-Request, the operator, the daemon's end; and a login that is refused.
# Sample: 1 of house
VM_LIMIT=1500
. "$(dirname "$0")/lib.sh"
N=20
ECHO_INTERVAL=10 # an emulated guest on a busy machine may keep a pppd waiting for long

all_up() { local i; for i in $(seq 0 $((N - 1))); do up "$i" || { echo "line $i"; tail -n 12 $T/pppd."$i"; return 1; }; done; }
different() { [ "$(sessions 'len({x["ip"] for x in s}) == len({x["ip6"] for x in s}) == len({x["sid"] for x in s}) == len(s)')" = True ]; }
carry() { # UNIT...
	local i
	for i in "$@"; do
		house ping -4 -q -c 1 -W 3 -I ppp"$i" 192.0.2.2 && house ping -6 -q -c 1 -W 3 -I ppp"$i" 2001:db8:ffff::2 ||
			{ echo "line $i is dead"; return 1; }
	done
}
sid_of() { sessions "[x['sid'] for x in s if x['ip'] == '$(address4 "$1")'][0]"; }
more_than() { [ "$(stat_of "$1")" -gt "$2" ]; }
only_open() { [ "$(sessions 'all(x["state"] == "open" for x in s)')" = True ]; }
all_gone() { local p; for p in "${pids[@]}"; do gone "$p" || return 1; done; }


# One mode, from the first dial to the daemon's end.
every_end() {
	local mode=$1 i sent sid method way
	config "$mode" 1492
	brasd_start
	pids=()
	for i in $(seq 0 $((N - 1))); do
		dial "$i" user pass
		pids+=($pppd)
	done
	check "$mode: $N lines are up" all_up || give_up
	check "$mode: brasctl shows $N open" sessions_are $N
	check "$mode: no two share an address, a prefix or an id" different
	check "$mode: all $N carry both families" carry $(seq 0 $((N - 1)))

	# Its kernel interface goes with the process: the daemon hears nothing but silence, or a PADT.
	kill -9 "${pids[3]}"
	check "$mode: kill -9 of one pppd ends its line" wait_for 90 sessions_are $((N - 1))
	check "$mode: the other lines live" carry 0 1 2 4 5 10 19

	sent=$(stat_of pppoe.padt-tx)
	check "$mode: LCP Terminate-Request of pppd ends its line" hang_up "${pids[5]}"
	check "$mode: and its session" wait_for 10 sessions_are $((N - 2))

	sid=$(sid_of 7)
	check "$mode: brasctl terminate sid=$sid" ctl terminate sid="$sid"
	check "$mode: its pppd ends" wait_for 15 gone "${pids[7]}"
	check "$mode: pppd was told by LCP" grep -q 'rcvd \[LCP TermReq' $T/pppd.7
	check "$mode: and a PADT is counted" wait_for 10 more_than pppoe.padt-tx "$sent"
	ctl terminate sid="$sid" > $T/check.out 2>&1
	check "$mode: terminate of what is gone is refused with 1" [ $? = 1 ]
	check "$mode: the other lines live still" carry 0 1 2 4 6 8 10 19

	for way in "pap refuse-chap refuse-mschap-v2" "chap refuse-pap refuse-mschap-v2" "mschap-v2 refuse-pap refuse-chap"; do
		# shellcheck disable=SC2086
		set -- $way
		method=$1
		shift
		dial 30 alice "not the secret" "$@"
		check "$mode: wrong password, $method: pppd gives up" wait_for 20 gone $pppd
		wait $pppd
		check "$mode: wrong password, $method: pppd says why" [ $? = 19 ]
	done
	check "$mode: wrong password: no session is left" wait_for 10 only_open

	dial 31 bob builder
	check "$mode: an address of the users file, outside the order of the pool" up 31
	check "$mode: is the one written there" [ "$(address4 31)" = 100.64.9.9 ]
	check "$mode: and carries" carry 31
	pids+=($pppd)

	check "$mode: shutdown: brasd ends with 0" brasd_stop
	check "$mode: shutdown: every pppd ends" wait_for 30 all_gone
	check "$mode: shutdown: subs0 is gone" bng bash -c '! ip link show subs0'
	check "$mode: shutdown: nothing is left at acc0" bng bash -c '! { tc filter show dev acc0 ingress; ip link show acc0; } | grep -q "bpf\|xdp"'
}

lab
for m in $(sample_of tc xdp); do
	every_end $m
done
finish
