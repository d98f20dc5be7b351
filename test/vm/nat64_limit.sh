#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# [subscriber] connections where Jool translates: one line cannot take the ports of all. It begins so many
# sessions and no more, of UDP, TCP and ping together; what it has goes on; another line has its own; and
# without a limit all begin.
# Sample: 1 of translator
. "$(dirname "$0")/lib.sh"

POOL6=64:ff9b::
. "$ROOT/test/jool.sh"
STORM="/usr/bin/python3 $ROOT/test/netns/storm.py"
MAX=30 # a token more in ten seconds

limited() { # CONNECTIONS
	setup "pool4 = 192.0.2.1,61000-65535"
	sed -i "s/^device = subs0/&\nconnections = $1/" $T/brasd.conf
}
between() { # MIN MAX NUMBER
	echo "$3, expected $1 to $2"
	[ "$3" -ge "$1" ] && [ "$3" -lt "$2" ]
}
refused() { ctl show connections --json | grep -oE '"refused": ?[0-9]+' | grep -oE '[0-9]+$'; }
has_rules() { [ -n "$(bng nft list chain inet brasberry-default-connections translated)" ]; }

lab
for n in house internet; do in_ns $n sysctl -qw net.ipv4.ping_group_range="0 2147483647"; done
limited $MAX
brasd_start
servers
background storm internet $STORM serve 192.0.2.2 9000 4
wait_for 30 listens t 9003 || not_ok "the storm's server"
check "Jool it is" wait_for 60 is_up || give_up
check "the limit has rules for what it translates" has_rules
bng nft flush chain inet brasberry-default-connections translated
check "which are back when somebody takes them away" wait_for 20 eval 'has_rules && bng nft list chain inet brasberry-default-connections translated | grep "limit rate"'
dial 0 alice "secret one" noip defaultroute6
check "a line without IPv4" wait_for 60 line_up6 0 || give_up
dial 1 user pass noip
check "another line" wait_for 60 line_up6 1 || give_up
for i in 0 1; do
	ip -n house -6 rule add from "$(global6 $i)" lookup $((100 + i))
	ip -n house -6 route replace default via fe80::1 dev ppp$i table $((100 + i))
done
ip -n house -6 route replace default via fe80::1 dev ppp0

background t1 house $PY talk $SERVER 11 30
check "a TCP connection" said 30 running t1.out
begin=$SECONDS
house $PY flows $SERVER 7 100 6 "$(global6 0)" > $T/flows.out
more=$(((SECONDS - begin) / 10 + 2))
check "100 flows of UDP: so many as the limit leaves" between $((MAX - 1)) $((MAX + more)) "$(cat $T/flows.out)"
check "are what the line has of Jool" wait_for 60 holds alice "$((MAX - 1)) <= n['sessions'] <= $MAX + $more + 8"
house ping -q -c 3 -i 0.2 -W 1 -I "$(global6 0)" $SERVER > /dev/null
check "what is not begun is counted" [ "$(refused)" -ge 70 ]
begin=$SECONDS
house $STORM open $SERVER 9000 4 100 "$(global6 1)" > $T/open.out
more=$(((SECONDS - begin) / 10 + 2))
check "another line has its own: of 100 connections of TCP so many" between $MAX $((MAX + more)) "$(cat $T/open.out)"
check "what was there goes on" wait_for 90 gone "$PID_t1"
check "to its end" grep -q '^said' $T/t1.out

limited 0
check "reload: no limit" ctl reload
check "has no rules" wait_for 30 eval '! bng nft list table inet brasberry-default-connections'
house $PY flows $SERVER 7 100 20 "$(global6 0)" > $T/flows.out
check "and 100 flows are 100" [ "$(cat $T/flows.out)" = 100 ]
check "a clean end" brasd_stop
finish
