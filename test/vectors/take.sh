#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Takes the vectors of this folder anew: pppoe-server in kernel mode and pppd, both with pppd 2.4.9,
# over a veth between two namespaces in the guest of test/vm/vmrun. One text file per dialogue.
#   test/vectors/take.sh [NAME...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${VMRUN:-}" ]; then
	[ -s "${VMRUN_DIR:-$HOME/.cache/vmrun}/vmlinux" ] || "$here/../vm/vmrun" --setup
	exec "$here/../vm/vmrun" -t 300 -w "$here" "$here/take.sh" "$@"
fi

# NAME | method the server requires | link MTU | options of the client's pppd | of the server's pppd
dialogues() {
	cat <<-END
	pap|pap|1500|mtu 1492 mru 1492 noccp usepeerdns|ms-dns 192.0.2.53 ms-dns 192.0.2.54
	chap-md5|chap|1500|mtu 1492 mru 1492 noccp usepeerdns|ms-dns 192.0.2.53 ms-dns 192.0.2.54
	mschap-v2|mschap-v2|1500|mtu 1492 mru 1492 usepeerdns|ms-dns 192.0.2.53
	chap-md5-ipv6|chap|1500|mtu 1492 mru 1492 noccp +ipv6 ipv6 ::2,::1|+ipv6 ipv6 ::1,::2
	mru-1500|chap|1508|mtu 1500 mru 1500 noccp +ipv6|+ipv6 mtu 1500 mru 1500
	mru-1500-no-room|chap|1500|mtu 1500 mru 1500 noccp|mtu 1492 mru 1492
	pap-wrong|pap|1500|mtu 1492 mru 1492 noccp user mallory|
	chap-wrong|chap|1500|mtu 1492 mru 1492 noccp user mallory|
	mschap-v2-wrong|mschap-v2|1500|mtu 1492 mru 1492 noccp user mallory|
	host-uniq|chap|1500|mtu 1492 mru 1492 noccp host-uniq 0123456789abcdef rp_pppoe_service internet|
	END
}

wait_for() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

take() { # NAME METHOD LINK-MTU CLIENT-OPTIONS SERVER-OPTIONS
	local name=$1 dir=/tmp/take
	rm -rf $dir && mkdir -p $dir
	printf '%s\n' "require-$2" "$5" lcp-echo-interval\ 2 lcp-echo-failure\ 3 noipdefault nodefaultroute \
		name\ access | sed '/^$/d' > $dir/options
	ip netns add house && ip netns add access
	ip link add acc0 netns access mtu "$3" address 02:00:00:00:00:01 type veth \
		peer name wan0 netns house mtu "$3" address 02:00:00:00:01:01
	for n in house:wan0 access:acc0; do
		ip netns exec ${n%:*} sysctl -qw net.ipv6.conf.${n#*:}.disable_ipv6=1
		ip -n ${n%:*} link set ${n#*:} up
	done
	ip netns exec access tcpdump -i acc0 -s 0 -U -w $dir/pcap 'ether[12:2] >= 0x8863 and ether[12:2] <= 0x8864' \
		2> $dir/tcpdump &
	local tap=$!
	wait_for 10 grep -q 'listening on' $dir/tcpdump
	ip netns exec access pppoe-server -F -k -I acc0 -C access -S internet -L 100.64.0.1 \
		-R 100.64.0.10 -N 10 -O $dir/options > $dir/server 2>&1 &
	local server=$!
	# shellcheck disable=SC2086 # options are words
	timeout 30 ip netns exec house pppd plugin rp-pppoe.so nic-wan0 user alice password "secret one" noauth \
		nodefaultroute nodetach lcp-echo-interval 3 lcp-echo-failure 3 maxfail 1 $4 \
		> $dir/client 2>&1 &
	local client=$!
	case $name in
	*-wrong) wait $client || true ;;
	*)
		wait_for 20 grep -q 'remote IP address' $dir/client || { cat $dir/client; exit 1; }
		case $4 in *+ipv6*) wait_for 10 grep -q 'remote LL address' $dir/client ;; esac
		wait_for 10 replies $dir/pcap
		kill -INT "$(pgrep -P $client pppd || echo $client)"
		wait $client || true
		;;
	esac
	wait_for 10 ended $dir/pcap || echo "$name: no PADT seen"
	kill $server $tap && wait $tap || true
	ip netns del house && ip netns del access
	"$here/pcap2hex.py" "$name" < $dir/pcap > "$here/$name.hex"
	echo "$name: $(grep -c '^[<>]' "$here/$name.hex") frames"
}

# An LCP Echo-Reply has been seen (each direction has its own timer; one is enough).
replies() { tcpdump -r "$1" -x 2> /dev/null | grep -q 'c021 0a'; }

ended() { tcpdump -r "$1" 2> /dev/null | grep -q PADT; }

printf 'alice * "secret one" *\n' | tee /etc/ppp/chap-secrets > /etc/ppp/pap-secrets
dialogues | while IFS='|' read -r name method mtu client server; do
	[ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
	take "$name" "$method" "$mtu" "$client" "$server" < /dev/null
done
