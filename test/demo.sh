#!/bin/bash
# The whole story in a minute: an ISP in network namespaces, one line, its traffic. `make demo`;
# with KEEP=1 it stays up until it is taken down by hand. The environment gives B, the build directory.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/radius.sh"

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { "$@" 2>&1 | sed 's/^/    /'; }

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
	END
	printf '# user server secret address rate\n' > "$USERS"
	chmod 600 "$USERS"
}

start_brasd() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
	show cat "$LAB_DIR/brasd.log"
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
	title "Speed, iperf3 over TCP"
	speed "up, IPv4  " -c $WEB4
	speed "down, IPv4" -c $WEB4 -R
	speed "up, IPv6  " -c $WEB6
	speed "down, IPv6" -c $WEB6 -R
}

keep() {
	title "It stays up"
	trap - EXIT
	disown -a
	cat <<-END
	    the house (the subscriber's device is ppp0):   nsenter --net=/run/netns/$HOUSE
	    the concentrator:                              nsenter --net=/run/netns/$BNG
	    the internet (web, iperf3, DNS at $WEB4):   nsenter --net=/run/netns/$INTERNET
	    ask the daemon:                                $B/brasctl -i $INSTANCE show sessions
	    its log and configuration:                     $LAB_DIR
	    FreeRADIUS's users, to be edited:              $LAB_DIR/radius/users
	    take it down:                                  $LAB_DIR/down
	END
	{
		echo '#!/bin/bash'
		echo "B=$B"
		echo ". $LAB_TEST_DIR/lab.sh"
		echo "LAB=$LAB LAB_DIR=$LAB_DIR INSTANCE=$INSTANCE LAB_NETNS=(${LAB_NETNS[*]})"
		for name in "${!LAB_PID[@]}"; do echo "LAB_PID[$name]=${LAB_PID[$name]}"; done
		echo "lab_down"
	} > "$LAB_DIR/down"
	chmod 700 "$LAB_DIR/down"
}

take_down() {
	title "The line hangs up, the daemon ends"
	lab_hangup alice
	wait_for 10 lab_has_sessions 0 || fail "the session stays"
	wait_for 10 grep -q 'Acct-Status-Type = Stop' "$LAB_DIR/radius/detail" || fail "no Stop in the accounting"
	title "What FreeRADIUS wrote down of it"
	show grep -E 'Acct-(Status-Type|Terminate-Cause|Session-Time|(Input|Output)-Octets) =' "$LAB_DIR/radius/detail"
	lab_ctl shutdown > /dev/null || fail "shutdown was refused"
	wait_for 20 lab_gone "${LAB_PID[brasd]}" || fail "brasd does not end"
	lab_stop brasd || fail "brasd ended with an error"
	echo "    sessions: none; brasd ended with success"
}

LAB_ACCESS=acc0
title "The lab: a house, a concentrator, a small internet"
lab_up
echo "    namespaces  $HOUSE  $BNG  $INTERNET"
title "FreeRADIUS starts; its users are $LAB_DIR/radius/users"
radius_start radius
title "brasd starts (etc/brasd.conf, and a [radius] server)"
demo_conf
start_brasd
the_line
traffic
title "brasctl show sessions"
show lab_ctl show sessions
if [ "${KEEP:-}" = 1 ]; then
	keep
else
	take_down
	title "All of it is taken down: it worked."
fi
