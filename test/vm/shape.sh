#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A plan under Debian's kernel, where leaves are fq_codel: a real pppd's line gets its rate up and
# down, a ping in it is quick, a change takes hold while a transfer runs, and a shaped line costs the
# kernel little memory. Beside it, only printed: the plain way, pppoe-server in kernel mode with a
# TBF on the ppp device and a policer at its ingress. The guest is emulated: bounds are wide. A sample has
# either the speeds or the memory.
# Run: alone, because it measures speeds
VM_LIMIT=1500
. "$(dirname "$0")/lib.sh"
NET_PY=$ROOT/test/netns/net.py
TO=192.0.2.2
LINES_MANY=1000
MEMORY_AIM=12288 # octets that a shaped line costs more than an unshaped one, kernel and daemon

iperf() { # SECONDS ARGS...: JSON; the server has one client at a time
	local try out seconds=$1
	shift
	for try in 1 2 3 4 5 6 7 8 9 10; do
		out=$(house timeout 60 iperf3 -J -t "$seconds" -O 2 -B "$(address4 0)" -c $TO "$@") && break
		grep -q busy <<< "$out" || { tail -n 5 <<< "$out"; return 1; }
		sleep 0.3
	done
	echo "$out"
}
# An emulated guest on a busy machine may be short of CPU for seconds: what holds once, holds.
tries() { # COMMAND...
	"$@" > $T/try.out 2>&1 || "$@" > $T/try.out 2>&1 || "$@" > $T/try.out 2>&1
	set -- $?
	cat $T/try.out
	return "$1"
}
goodput() { # MBIT ARGS...: of its ideal, within 10 %
	local mbit=$1
	shift
	iperf 6 "$@" | /usr/bin/python3 "$NET_PY" shaped tcp "$mbit" 10
}
ping_loaded() { # MS ARGS...: average below
	local ms=$1 load rc
	shift
	house timeout 30 iperf3 --forceflush -t 9 -B "$(address4 0)" -c $TO "$@" > $T/load 2>&1 &
	load=$!
	wait_for 10 grep -q sec $T/load || return 1
	house ping -q -c 40 -i 0.1 -W 2 -I "$(address4 0)" $TO > $T/ping
	wait $load
	rc=$?
	grep 'packet loss\|^rtt' $T/ping
	/usr/bin/python3 "$NET_PY" ping-below "$ms" < $T/ping && [ $rc = 0 ]
}
told() { # NAME COMMAND...: a check that prints what it found
	if check "$@"; then sed 's/^/   /' $T/check.out; fi
}

plan() { ctl shaper change alice "$1"; }
# Twelve seconds: of the last four each second has the new rate, in Mbit/s, within 15 %.
changes() { # FROM TO ARGS...
	local load to=$2
	plan "$1M/$1M" || return 1
	shift 2
	house timeout 60 iperf3 -J -i 1 -t 12 -B "$(address4 0)" -c $TO "$@" > $T/change.json 2>&1 &
	load=$!
	sleep 4 # into the transfer
	plan "${to}M/${to}M" || return 1
	wait $load || return 1
	/usr/bin/python3 "$NET_PY" json "([print(round(i['sum']['bits_per_second'] / 1e6, 1)) for i in j['intervals']] and
		all(0.85 <= i['sum']['bits_per_second'] / ($to * 1e6 * 1440 / 1514) <= 1.15 for i in j['intervals'][-4:]))" < $T/change.json
}

one_mode() { # MODE
	local mode=$1 mbit
	config "$mode" 1492
	brasd_start
	told "$mode: leaves are fq_codel" grep -o "leaves are fq_codel" $T/brasd.log
	dial 0 alice "secret one"
	check "$mode: line is up" up 0 || give_up
	routed 0
	for mbit in $(sample_of 5 20); do
		told "$mode: a plan of $mbit Mbit/s" plan ${mbit}M/${mbit}M
		told "$mode: $mbit down" tries goodput $mbit -R
		told "$mode: $mbit up" tries goodput $mbit
		told "$mode: $mbit down, ping under load" tries ping_loaded 60 -R
		told "$mode: $mbit up, ping under load" tries ping_loaded 60
	done
	told "$mode: 5 to 10 while it runs, down" tries changes 5 10 -R
	told "$mode: 10 to 5 while it runs, up" tries changes 10 5
	check "$mode: the line lives" ping4 0 $TO
	check "$mode: pppd ends" hang_up $pppd
	unroute
	check "$mode: brasd ends with 0" brasd_stop
}
unroute() { # the rules of routed()
	house bash -c 'while ip rule del pref $(ip rule show | sed -n "s/^\([0-9]*\):.*lookup 100$/\1/p" | head -n 1); do :; done
		while ip -6 rule del pref $(ip -6 rule show | sed -n "s/^\([0-9]*\):.*lookup 100$/\1/p" | head -n 1); do :; done' 2> /dev/null
}

# --- what a shaped line costs ----------------------------------------------------------------

kernel_kb() { # what the kernel has for itself
	echo 3 > /proc/sys/vm/drop_caches
	sleep 2 # what RCU frees later
	awk '/^(SUnreclaim|Percpu|VmallocUsed|KernelStack|PageTables):/ { sum += $2 } END { print sum }' /proc/meminfo
}
process_kb() { awk '/^Pss:/ { print $2 }' /proc/"$brasd"/smaps_rollup; }
many_up() { grep -q "^ready: $LINES_MANY up, 0 failed" $T/many; }
changed_all() { ctl shaper change all 5M/5M --json | grep -q "\"changed\": *$LINES_MANY"; }

memory() { # UP-LEAF: what a line costs goes to `costs`
	local kernel process many
	SHAPER="htb
	up-leaf = $1
	class-pool = 0" config xdp 1492
	brasd_start
	nsenter --net=/run/netns/house "$B/dialer" -i wan0 -n $LINES_MANY -u user -p pass -a chap --rate 0 \
		--max-outstanding 50 --hold-forever --quiet --no-ipv6 > $T/many 2>&1 &
	many=$!
	check "memory: $LINES_MANY lines are up" wait_for 180 many_up || give_up
	kernel=$(kernel_kb) process=$(process_kb)
	check "memory: all are shaped" changed_all
	kernel=$((($(kernel_kb) - kernel) * 1024 / LINES_MANY))
	process=$((($(process_kb) - process) * 1024 / LINES_MANY))
	costs=$((kernel + process))
	echo "   $(grep -o "leaves are .*" $T/brasd.log): a shaped line costs $kernel octets of the kernel and $process of the daemon more"
	kill $many
	wait $many 2> /dev/null
	check "memory: brasd ends with 0" brasd_stop
}

# --- the plain way ---------------------------------------------------------------------------

# As brasd's tests, but what is short of the bounds is no failure.
shown() { # NAME COMMAND...
	local name=$1
	shift
	"$@" > $T/check.out 2>&1
	echo "   plain way: $name: $(tail -n 1 $T/check.out)"
}
ppp_of_server() { bng ip -o link show type ppp | sed -n 's/^[0-9]*: \(ppp[0-9]*\):.*/\1/p' | head -n 1; }

plain_way() {
	local server dev mbit
	printf 'require-chap\nname access\nnoccp\nnoipv6\nmtu 1492\nmru 1492\n' > $T/options
	printf 'alice * "secret one" *\n' > /etc/ppp/chap-secrets
	nsenter --net=/run/netns/bng pppoe-server -F -k -I acc0 -C access -L 100.64.0.1 -R 100.64.0.2 -N 4 \
		-O $T/options > $T/server 2>&1 &
	server=$!
	dial 0 alice "secret one"
	if ! wait_for 60 line_up4 0 || ! wait_for 20 address4 0; then
		echo "   plain way: no line"
		return
	fi
	ip -n house rule add from "$(address4 0)" lookup 100
	ip -n house route replace default dev ppp0 table 100
	dev=$(ppp_of_server)
	for mbit in 5 20; do
		bng tc qdisc replace dev "$dev" root tbf rate ${mbit}mbit burst 10kb latency 50ms
		bng tc qdisc del dev "$dev" ingress 2> /dev/null
		bng tc qdisc add dev "$dev" ingress
		bng tc filter add dev "$dev" parent ffff: protocol ip u32 match u32 0 0 \
			police rate ${mbit}mbit burst 10kb drop
		shown "$mbit down, TBF" tries goodput $mbit -R
		shown "$mbit up, policed" tries goodput $mbit
		shown "$mbit down, ping under load" ping_loaded 1000 -R
		shown "$mbit up, ping under load" ping_loaded 1000
	done
	hang_up $pppd
	kill $server
	wait $server 2> /dev/null
}

lab
nsenter --net=/run/netns/internet iperf3 -s > $T/iperf3.internet 2>&1 &
parts=$(sample_of speeds memory)
if [[ $parts == *speeds* ]]; then
	for m in $(sample_of xdp tc); do
		SHAPER=htb one_mode $m
	done
fi
if [[ $parts == *memory* ]]; then
	memory fifo
	check "memory: a shaped line costs at most $MEMORY_AIM" [ $costs -le $MEMORY_AIM ]
fi
[ -z "${SAMPLE:-}" ] || finish # what follows is only printed
memory fq_codel
plain_way
finish
