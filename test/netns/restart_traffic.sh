#!/bin/bash
# Proves: brasd dies every few seconds at random points of its life, while it starts as well, under
# 500 sessions with traffic: of numbered UDP packets, both ways, shaped or not, IPv4 and IPv6, none
# is lost; TCP connections go on; no session is lost or told twice; the octets of the one Stop that
# each session has are those that nft counted, to the byte; no Accounting-On or -Off in between.
# SEED=N repeats a run, DEATH_SECONDS=N makes it longer.
# Run: early
# Sample: one mode
# Sample: 2 of restart
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

RADIUS_ARGS="-f -l stdout"
DEATH_SECONDS=${DEATH_SECONDS:-30}
LINES_=496
CONFIG=(shaper.mode=htb shaper.class-pool=600 radius.nas-identifier=lab ppp.lcp-echo-interval=5)
WITH_TRAFFIC="plain fast six tcp"

again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
}
ready() {
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
}

identity() {
	lab_value "sorted([s['sid'], s['username'], s['calling-sid'], s['ip'], s['ip6'], s['acct-session-id'], s['rate-down'], s['mtu'], s['state']] for s in j)" show sessions
}

# One death, some time after the start of the one that dies: 0 to 3 s; every third one in the middle of
# starting.
deaths=0 early=0
die() {
	local ms=$((RANDOM % 3000))
	[ $((RANDOM % 3)) != 0 ] || ms=$((RANDOM % 120))
	sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || early=$((early + 1))
	case $((RANDOM % 4)) in
	0) lab_ctl restart > /dev/null 2>&1 && wait_for 10 lab_gone "${LAB_PID[brasd]}" && lab_stop brasd ||
		lab_stop brasd KILL > /dev/null 2>&1 ;;
	1) lab_stop brasd USR2 > /dev/null 2>&1 ;; # before it listens to signals, that is a death, too
	*) lab_stop brasd KILL > /dev/null 2>&1 ;;
	esac
	deaths=$((deaths + 1))
	again
}

# --- what nft counts, of each line with traffic -------------------------------------------------

count_start() {
	local name
	n ethtool -K k0 gro off tso off gso off tx off > /dev/null 2>&1
	n ip link set k0 gso_max_segs 1
	g ethtool -K core0 tso off gso off > /dev/null 2>&1
	n nft -f - <<- END
	table inet count {
		$(for name in $WITH_TRAFFIC; do
			echo "counter up-$name { }"
			echo "counter down-$name { }"
		done)
		chain in {
			type filter hook prerouting priority -300;
			$(for name in $WITH_TRAFFIC; do
				echo "iifname k0 ip saddr $(lab_field "$name" ip) counter name up-$name"
				echo "iifname k0 ip6 saddr $(lab_field "$name" ip6) counter name up-$name"
			done)
		}
		chain out {
			type filter hook postrouting priority 300;
			$(for name in $WITH_TRAFFIC; do
				echo "oifname k0 ip daddr $(lab_field "$name" ip) counter name down-$name"
				echo "oifname k0 ip6 daddr $(lab_field "$name" ip6) counter name down-$name"
			done)
		}
	}
	END
}

counted() { # NAME bytes|packets: "up, down"
	n nft -j list counters table inet count | jq -r "[.nftables[].counter | select(. != null)] |
		map({(.name): .$2}) | add | \"\\(.[\"up-$1\"]), \\(.[\"down-$1\"])\""
}

of() { echo "[r for r in d if r.get('User-Name') == '$1' and r['Acct-Status-Type'] == '$2']"; }
to_the_byte() { # NAME
	radius_detail radius "(lambda r: (r['Input'], r['Output'], r['Acct-Input-Packets'], r['Acct-Output-Packets']) ==
		($(counted "$1" bytes), $(counted "$1" packets)))($(of "$1" Stop)[0])"
}

# --- the run ------------------------------------------------------------------------------------

streams() {
	local seconds=$((DEATH_SECONDS + 4)) name
	lab_spawn echo n python3 "$LAB_TEST_DIR/netns/net.py" echo :: 7
	lab_spawn iperf2 n iperf3 -s -p 5202
	wait_for 10 lab_listens "$INTERNET" u 7 && wait_for 10 lab_listens "$INTERNET" t 5202 || fail "no servers"
	lab_spawn s-plain in_ns "${NS[plain]}" python3 "$LAB_TEST_DIR/netns/net.py" numbered $WEB4 7 400 $seconds
	lab_spawn s-fast in_ns "${NS[fast]}" python3 "$LAB_TEST_DIR/netns/net.py" numbered $WEB4 7 400 $seconds
	lab_spawn s-six in_ns "${NS[six]}" python3 "$LAB_TEST_DIR/netns/net.py" numbered $WEB6 7 400 $seconds
	lab_spawn t-up in_ns "${NS[tcp]}" iperf3 -J -t $seconds -b 8M -c $WEB4
	lab_spawn t-down in_ns "${NS[tcp]}" iperf3 -J -t $seconds -b 8M -R -p 5202 -c $WEB4
	for name in plain fast six; do
		wait_for 10 grep -q running "$LAB_DIR/s-$name.log" || fail "no traffic: $name"
	done
}

streams_end() {
	local name
	for name in s-plain s-fast s-six t-up t-down; do
		wait_for 60 lab_gone "${LAB_PID[$name]}" || fail "$name does not end"
		lab_stop $name
	done
}
nothing_lost() { grep -q 'lost 0, twice 0$' "$LAB_DIR/s-$1.log" || ! cat "$LAB_DIR/s-$1.log"; }
tcp_went_on() {
	jq -e '.error == null and (.end.sum_received.bits_per_second > 4e6)' "$LAB_DIR/$1.log" || ! cat "$LAB_DIR/$1.log"
}

dial() {
	local name i=1
	for name in $WITH_TRAFFIC; do
		lab_ns "$name"
		NS[$name]=$REPLY
		lab_dial "$name" -u "$name" -p secret --mac-base "02:bb:00:0$i:00:00" --plumb "u0@$REPLY"
		i=$((i + 1))
	done
	lab_dial many -n $LINES_ -u 'u%d' -p secret --mac-base 02:bb:01:00:00:00
}

accounts() {
	local name
	for name in $WITH_TRAFFIC; do
		lab_hangup "$name"
		expect "Stop of $name" wait_for 20 radius_detail radius "$(of "$name" Stop)"
		expect "its octets and packets are nft's: $(counted "$name" bytes)" to_the_byte "$name"
		expect "and grew all the time" radius_detail radius "(lambda v: v == sorted(v) and len(v) > 2 and v[-1] > 1000000)([r['Input'] for r in $(of "$name" Interim-Update) + $(of "$name" Stop)])"
	done
	lab_hangup many
	expect "all Stops" wait_for 60 radius_detail radius "sum(r['Acct-Status-Type'] == 'Stop' for r in d) >= $((LINES_ + 4))"
	expect "one Start and one Stop of each, of one session" radius_detail radius "(lambda m: len(m) == $((LINES_ + 4)) and all(len(v) == 2 and v[0] == v[1] for v in m.values()))(
		{u: [r['Acct-Session-Id'] for r in d if r.get('User-Name') == u and r['Acct-Status-Type'] in ('Start', 'Stop')] for u in {r['User-Name'] for r in d if 'User-Name' in r}})"
	lab_stop brasd || fail "the clean end was none"
	expect "one Accounting-On, at the beginning, one -Off, at the end" wait_for 10 radius_detail radius \
		"[i for i, r in enumerate(d) if r['Acct-Status-Type'].startswith('Accounting-')] == [0, len(d) - 1]"
}

run() {
	local before end name
	declare -A NS=()
	SEED=${SEED:-$RANDOM}
	echo "SEED=$SEED"
	RANDOM=$SEED
	radius_users radius "$(radius_user fast secret 'Acct-Interim-Interval = 2' 'RP-Downstream-Speed-Limit = 20000' 'RP-Upstream-Speed-Limit = 10000')" \
		"$(for name in plain six tcp; do radius_user $name secret 'Acct-Interim-Interval = 2'; done)" \
		"$(radius_user DEFAULT secret 'Acct-Interim-Interval = 10')"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" "${CONFIG[@]}"
	dial
	expect "500 sessions" lab_has_sessions $((LINES_ + 4))
	expect "their Starts" wait_for 30 radius_detail radius "sum(r['Acct-Status-Type'] == 'Start' for r in d) == $((LINES_ + 4))"
	count_start || fail "nft"
	before=$(identity)
	streams
	end=$((SECONDS + DEATH_SECONDS))
	while [ $SECONDS -lt $end ]; do die; done
	ready
	streams_end
	say "$deaths deaths, $early of them before it was ready"
	say "$(grep -h '^sent' "$LAB_DIR"/s-*.log)"
	for name in plain fast six; do
		expect "nothing is lost: $name" nothing_lost $name
	done
	expect "TCP goes on, up" tcp_went_on t-up
	expect "and down" tcp_went_on t-down
	expect "all sessions are what they were" same "$before"
	expect "and everything agrees" lab_json 'j["problems"] == 0' check
	accounts
}
same() {
	local after
	after=$(identity)
	[ "$1" = "$after" ] || diff <(tr ']' '\n' <<< "$1") <(tr ']' '\n' <<< "$after")
}

lab_each_mode run
