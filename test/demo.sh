#!/bin/bash
# The whole story in a minute: an ISP in network namespaces, one line, its traffic, its plan. `make demo`;
# with KEEP=1 it stays up until it is taken down by hand. The environment gives B, the build directory.
BRAS_USER=${BRAS_USER:-root} # the sample's: no user is made for a demo
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/radius.sh"
. "$(dirname "$0")/shape.sh"
. "$(dirname "$0")/demo_lib.sh"

speed() { # WHAT IPERF-ARGS...
	local out
	out=$(in_ns "$HOUSE" timeout 30 iperf3 -J -t 2 "${@:2}" | net_py iperf 1) || fail "no iperf3 $1"
	echo "    $1   $out"
}

# The sample configuration, with the lab's names put in.
demo_conf() {
	[ -s "$LAB_TEST_DIR/../etc/brasd.conf" ] || fail "etc/brasd.conf is not there"
	sed -e 's/^interface *=.*/interface = acc0/' -e "s|^users-file *=.*|users-file = $USERS|" \
		"$LAB_TEST_DIR/../etc/brasd.conf" > "$CONF"
	cat >> "$CONF" <<-END
	[radius]
	server = $RADIUS_AT,$RADIUS_SECRET,auth-port=1812,acct-port=1813
	nas-identifier = lab
	acct-interim-interval = 60
	[nat44]
	masquerade = core0
	pool = $PUBLIC4/32
	block = 1024
	log = $LAB_DIR/nat44.log
	END
	printf '# user server secret address rate\n' > "$USERS"
	chmod 600 "$USERS"
}

# Private addresses are unknown out there; the one public address is routed to the concentrator.
the_core() {
	PUBLIC4=203.0.113.44
	n ip route del 100.64.0.0/10
	n ip route add $PUBLIC4/32 via $CORE4
	n ethtool -K k0 tx off tso off gso off > /dev/null # as a network card hands packets over
}

translation() {
	title "NAT44: one public address, and a block of its ports for each line"
	show grep '^2' "$LAB_DIR/nat44.log"
	grep -q "begin $PUBLIC4 .* $IP .*alice" "$LAB_DIR/nat44.log" || fail "no block for alice"
	show grep -m 1 "$PUBLIC4 .*GET" "$LAB_DIR/web.log"
	lab_json 'j["hits-packets"] > 1000' show fastpath || fail "nothing went around the stack"
	echo "    $(lab_value '"%.1f %% of all packets went around the stack" % (100 * j["hit-rate"])' show fastpath)"
}

the_line() {
	title "A line dials in"
	lab_dial alice -u alice -p wonderland --circuit-id "olt-1 eth 1/1/3" --plumb ppp0
	IP=$(lab_field alice ip)
	echo "    user       $(lab_field alice user), by $(lab_field alice auth), in $(lab_field alice ms) ms"
	echo "    address    $IP, gateway $(lab_field alice gw), DNS $(lab_field alice dns1) $(lab_field alice dns2)"
	echo "    prefix     $(lab_field alice ip6) from router $(lab_field alice router)"
	echo "    MTU        $(lab_field alice mtu)"
}

traffic() {
	title "Ping from the house: the gateway, the internet by IPv4 and by IPv6"
	for a in $GW4 $WEB4 $WEB6; do
		in_ns "$HOUSE" ping -c 3 -i 0.2 -W 3 "$a" > "$LAB_DIR/ping.txt" || fail "no ping to $a"
		show tail -n 2 "$LAB_DIR/ping.txt"
	done
	title "A web page"
	for a in "$WEB4" "[$WEB6]"; do
		in_ns "$HOUSE" curl -sSf -m 5 "http://$a/" > "$LAB_DIR/page.txt" || fail "no page from $a"
		echo "    http://$a/: $(cat "$LAB_DIR/page.txt")"
	done
}

loaded() { # WHAT IPERF-ARGS...: ping's summary while that runs
	local out
	out=$(shape_loaded "$HOUSE" 60 -c $WEB4 "${@:2}" | grep '^average') || fail "no quick ping beside iperf3 $1"
	echo "    $1   ping $out"
}

# Within a second after a change, while a transfer runs.
measured() { # LOW HIGH: kbit/s down
	wait_for 6 lab_json "any($1 <= r['measured-down'] <= $2 for r in j)" show shaper || fail "not $1 to $2 kbit/s"
	show lab_ctl show shaper
}

plan() {
	title "The plan that FreeRADIUS gave alice: RP-Downstream-Speed-Limit, RP-Upstream-Speed-Limit in kbit/s"
	lab_ctl show session alice --json | net_py json "[print('    %-5s %6d kbit/s   %s' % (w, j['rate-' + w],
		j['speed'][w + '-source'])) for w in ('down', 'up')]" || fail "no plan"
	title "Its traffic, iperf3 over TCP: 1440 of each 1514 octets that count, so 47.6 down and 9.5 Mbit/s up"
	speed "down, IPv4" -c $WEB4 -R
	speed "up, IPv4  " -c $WEB4
	speed "down, IPv6" -c $WEB6 -R
	speed "up, IPv6  " -c $WEB6
	title "Ping beside a transfer"
	loaded "down" -R
	loaded "up  "
	title "brasctl show shaper, while a download runs"
	lab_spawn load in_ns "$HOUSE" iperf3 --forceflush -c $WEB4 -R -t 30
	measured 45000 51500
	title "brasctl shaper change alice 20M/5M temp: the same download goes on, slower"
	show lab_ctl shaper change alice 20M/5M temp
	measured 18000 20600
	title "brasctl shaper restore alice: and fast again"
	show lab_ctl shaper restore alice
	measured 45000 51500
	lab_stop load > /dev/null
}

outlive() {
	title "brasd is killed (kill -9) while the line pings, and started again"
	lab_spawn pings in_ns "$HOUSE" ping -i 0.01 -W 5 $WEB4
	wait_for 10 grep -q 'bytes from' "$LAB_DIR/pings.log"
	lab_stop brasd KILL > /dev/null 2>&1
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	show grep -E 'go on|ready' "$LAB_DIR/brasd.log"
	lab_json 'j[0]["state"] == "open" and j[0]["username"] == "alice"' show sessions || fail "alice is gone"
	lab_stop pings INT > /dev/null
	show grep 'packet loss' "$LAB_DIR/pings.log"
	grep -q ' 0% packet loss' "$LAB_DIR/pings.log" || fail "packets were lost"
	lab_json 'j["problems"] == 0' check || fail "brasctl check found something"
	echo "    brasctl check: record, data plane and routes agree"
}

take_down() {
	title "The line hangs up, the daemon ends"
	lab_hangup alice
	wait_for 10 lab_has_sessions 0 || fail "the session stays"
	wait_for 10 grep -q 'Acct-Status-Type = Stop' "$LAB_DIR/radius/detail" || fail "no Stop in the accounting"
	title "What FreeRADIUS wrote down of it"
	show grep -E 'Acct-(Status-Type|Terminate-Cause|Session-Time|(Input|Output)-Octets) =' "$LAB_DIR/radius/detail"
	end_brasd
	echo "    sessions: none; brasd ended with success"
}

LAB_ACCESS=acc0
title "The lab: a house, a concentrator, a small internet"
lab_up
the_core
echo "    namespaces  $HOUSE  $BNG  $INTERNET"
title "FreeRADIUS starts; its users are $LAB_DIR/radius/users"
radius_start radius
title "brasd starts (etc/brasd.conf, and a [radius] server)"
demo_conf
start_brasd
the_line
traffic
plan
translation
outlive
title "brasctl show sessions"
show lab_ctl show sessions
if [ "${KEEP:-}" = 1 ]; then
	KEEP_MORE="FreeRADIUS's users, to be edited:              $LAB_DIR/radius/users"
	keep
else
	take_down
	title "All of it is taken down: it worked."
fi
