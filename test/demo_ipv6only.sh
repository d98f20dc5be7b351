#!/bin/bash
# An ISP without IPv4 in half a minute: a line with IPv6 only, a name with an IPv4 address only, and the
# way from the one to the other. `make demo IPV6ONLY=1`; with KEEP=1 it stays up until it is taken down by
# hand. The environment gives B, the build directory.
BRAS_USER=${BRAS_USER:-root} # the sample's: no user is made for a demo
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/demo_lib.sh"

DNS6=2001:db8:100::53
NAME=v4only.example

# Jool's module makes the well-known prefix possible; tayga drops it for a laboratory's addresses.
choose_pool6() {
	POOL6=2001:db8:64::/96 WHY="this kernel has no module of Jool: tayga translates, and the prefix is one of our own,
    because tayga takes none of the lab's addresses under 64:ff9b::/96 (RFC 6052, section 3.1)"
	if modprobe -n -q jool 2> /dev/null; then
		POOL6=64:ff9b::/96 WHY="Jool translates in the kernel, and the prefix is the well-known one"
	fi
	SYNTHESISED=$(python3 -c "import ipaddress as i
print(i.ip_network('$POOL6')[int(i.ip_address('$WEB4'))])")
}

# As a house does it, by names: with a resolv.conf of its own.
house() {
	in_ns "$HOUSE" unshare -m sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$LAB_DIR/resolv.conf" "$@"
}

nat64_up() { lab_json "j['state'] == 'up'" show nat64; }
dns64_up() { lab_json "j['state'] == 'up'" show dns64; }

begin() {
	title "The lab: a house, a concentrator, a small internet with its own names"
	lab_up
	dns_world
	echo "    namespaces  $HOUSE  $BNG  $INTERNET"
	echo "    a server    $NAME, $WEB4, and no IPv6"
	title "brasd starts: no IPv4 for lines, NAT64, DNS64"
	choose_pool6
	lab_conf ppp.ipv4=deny ip-pool.gw-ip-address= ip-pool.pool= dns.dns1= dns.dns2= \
		ipv6-pool.delegate=2001:db8:8000::/34,56 "nat64.pool6=$POOL6" nat64.pool4=$CORE4,61000-65535 \
		dns64.enable=yes dns64.listen=$DNS6 dns64.forward=$WEB6 dns64.dnssec-validation=no
	show awk '/^\[/ { on = /^\[(ppp|nat64|dns64)\]/ } on && !/lcp-echo/' "$CONF"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	wait_for 30 nat64_up || fail "NAT64 is not up"
	wait_for 60 dns64_up || fail "DNS64 is not up"
	show cat "$LAB_DIR/brasd.log"
	echo "    $WHY"
}

the_line() {
	title "A line dials in"
	lab_dial house --hold-forever --plumb "ppp0@$HOUSE"
	echo "    user       $(lab_field house user), in $(lab_field house ms) ms"
	echo "    address    none: IPCP is refused"
	echo "    prefix     $(lab_field house ip6) from router $(lab_field house router)"
	[ "$(lab_field house ip)" = - ] || fail "it has an IPv4 address"
	printf 'nameserver %s\noptions timeout:3\n' $DNS6 > "$LAB_DIR/resolv.conf"
	title "What the house has: no route to IPv4"
	show in_ns "$HOUSE" ip -br addr show dev ppp0
	in_ns "$HOUSE" ping -c 1 -W 1 $WEB4 > "$LAB_DIR/ping4.txt" 2>&1 && fail "IPv4 goes somewhere"
	show tail -n 1 "$LAB_DIR/ping4.txt"
}

names() {
	title "dig AAAA $NAME: it has none, and is given one"
	in_ns "$HOUSE" dig +time=3 +noall +answer @$DNS6 AAAA $NAME > "$LAB_DIR/dig.txt" || fail "no answer"
	show cat "$LAB_DIR/dig.txt"
	grep -q "AAAA.$SYNTHESISED\$" "$LAB_DIR/dig.txt" || fail "that is not $SYNTHESISED"
	title "dig AAAA both.example: its own"
	in_ns "$HOUSE" dig +time=3 +noall +answer @$DNS6 AAAA both.example > "$LAB_DIR/dig.txt" || fail "no answer"
	show cat "$LAB_DIR/dig.txt"
	grep -q "AAAA.$WEB6\$" "$LAB_DIR/dig.txt" || fail "that is not $WEB6"
}

traffic() {
	title "ping $NAME"
	house ping -c 3 -i 0.2 -W 3 $NAME > "$LAB_DIR/ping.txt" || fail "no ping"
	show cat "$LAB_DIR/ping.txt"
	title "curl http://$NAME/, and what the server saw"
	house curl -sSf -m 10 "http://$NAME/" > "$LAB_DIR/page.txt" || fail "no page"
	show cat "$LAB_DIR/page.txt"
	wait_for 10 grep -q "$CORE4.*GET / " "$LAB_DIR/web.log" || fail "it did not come from pool4"
	show grep "$CORE4.*GET / " "$LAB_DIR/web.log"
}

look() {
	title "brasctl show nat64"
	show lab_ctl show nat64
	title "brasctl show dns64"
	show lab_ctl show dns64
	title "brasctl show sessions"
	show lab_ctl show sessions
}

outlive() {
	title "brasd is killed (kill -9) while the house pings $NAME and asks for names"
	# By count, so that ping waits for the answer to its last.
	lab_spawn pings in_ns "$HOUSE" ping -c 100 -i 0.05 -W 5 "$SYNTHESISED"
	wait_for 10 grep -q 'bytes from' "$LAB_DIR/pings.log" || fail "no ping"
	lab_stop brasd KILL > /dev/null 2>&1
	in_ns "$HOUSE" dig +time=3 +short @$DNS6 AAAA $NAME | grep -q "^$SYNTHESISED\$" || fail "no name while it is dead"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	wait_for 30 dns64_up || fail "DNS64 is not up again"
	wait_for 30 lab_gone "${LAB_PID[pings]}" || fail "ping does not end"
	lab_stop pings
	show grep 'packet loss' "$LAB_DIR/pings.log"
	grep -q ' 0% packet loss' "$LAB_DIR/pings.log" || { show cat "$LAB_DIR/pings.log"; fail "packets were lost"; }
}

begin
the_line
names
traffic
look
outlive
if [ "${KEEP:-}" = 1 ]; then
	KEEP_MORE="names in the house:                            dig @$DNS6"
	keep
else
	title "The line hangs up, the daemon ends"
	lab_hangup house
	end_brasd
	title "All of it is taken down: it worked."
fi
