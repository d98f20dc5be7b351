#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# /metrics with the real Jool: promtool finds no fault with it before there is traffic and after, its numbers
# of NAT64 are those of `show nat64`, and what Jool drops has its reason. The rest of /metrics: test/netns/metrics.sh.
# Sample: 1 of translator
. "$(dirname "$0")/lib.sh"

HTTP=127.0.0.1:8080
SERVER=64:ff9b::192.0.2.2
PORTS=64 # of pool4, each protocol

nat64() { ctl show nat64 --json | jq -e "$1"; }
get() { bng curl -sSf -m 60 "http://$HTTP/metrics" > $T/metrics; }
clean() { get && promtool check metrics < $T/metrics; }
metric() { awk -v n="$1" '$1 == n { print $2; found = 1 } END { exit !found }' $T/metrics; }
# Both are asked until they agree: mappings come and go.
agrees() { # METRIC JQ-EXPRESSION: the same number, and not 0
	local v
	get && v=$(metric "$1") && [ "$v" != 0 ] && nat64 "$2 == $v" || { echo "$1 is ${v:-missing}"; ctl show nat64; return 1; }
}
drops_agree() { # each reason that `show nat64` has is a sample, of the same name and number
	get && ctl show nat64 --json | jq -r '."drops-by-reason" | to_entries[] | "\(.key) \(.value)"' | sort > $T/drops &&
		sed -n 's/^brasd_nat64_drops_total{reason="\(.*\)"} /\1 /p' $T/metrics | sort | diff - $T/drops
}
jool_dropped() { nat64 '[."drops-by-reason" | to_entries[] | select(.key != "stranger" and .value > 0)] | length > 0'; }

lab
config tc 1492 "[nat64]
pool6 = 64:ff9b::/96
pool4 = 192.0.2.1,61000-$((61000 + PORTS - 1))
[http]
listen = $HTTP"
sed -i 's/^ipv4 = allow/ipv4 = deny/' $T/brasd.conf
brasd_start
check "Jool it is" wait_for 60 nat64 '.state == "up" and .backend == "jool"' || give_up
check "promtool has nothing to say, without a line" wait_for 20 clean
dial 0 alice "secret one" noip defaultroute6
check "a line without IPv4" wait_for 60 line_up6 0 || give_up
ip -n house -6 route replace default via fe80::1 dev ppp0
check "it is served" wait_for 20 house ping -q -c 1 -W 2 $SERVER
# More flows than pool4 has ports: the last ones find none.
house /usr/bin/python3 -c "import socket
for i in range(2 * $PORTS):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.sendto(b'x', ('$SERVER', 7))"
check "mappings" wait_for 20 agrees brasd_nat64_mappings .bib
check "sessions" wait_for 20 agrees brasd_nat64_sessions .sessions
check "the pool" wait_for 20 agrees brasd_nat64_pool_ports '."pool-size"'
check "what is used of it" wait_for 20 agrees brasd_nat64_pool_used '."pool-used"'
check "Jool has dropped some" wait_for 20 jool_dropped
check "each reason is a sample" wait_for 20 drops_agree
check "promtool has nothing to say, with all that" clean
check "a clean end" brasd_stop
finish
