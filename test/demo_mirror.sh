#!/bin/bash
# A line that is watched, in half a minute: what it says is copied to a monitor behind a port, and to
# another behind a router by VXLAN, where tshark (and darkstat, if it is installed) reads it; and one packet's story from `brasctl monitor`.
# `make demo MIRROR=1`; with KEEP=1 it stays up until it is taken down by hand. The environment gives B,
# the build directory.
BRAS_USER=${BRAS_USER:-root} # the sample's: no user is made for a demo
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/demo_lib.sh"

MON4=203.0.113.9 FAR4=198.51.100.9

monitors() {
	lab_ns monitor; MON=$REPLY
	lab_ns far; FAR=$REPLY
	g ip link add mon0 type veth peer name m0 netns "$MON"
	lab_link_end "$BNG" mon0 1600
	lab_link_end "$MON" m0 1600
	g ip addr add 203.0.113.1/24 dev mon0
	in_ns "$MON" ip addr add $MON4/24 dev m0
	n ip link add kf type veth peer name f0 netns "$FAR"
	lab_link_end "$INTERNET" kf 1500
	lab_link_end "$FAR" f0 1500
	n ip addr add 198.51.100.1/24 dev kf
	in_ns "$FAR" ip addr add $FAR4/24 dev f0
	n sysctl -qw net.ipv4.ip_forward=1
	g ip route add 198.51.100.0/24 via $WEB4
}

begin() {
	title "The lab: a house, a concentrator, a small internet, a monitor behind mon0, another far away"
	lab_up
	monitors
	echo "    namespaces  $HOUSE  $BNG  $INTERNET  $MON  $FAR"
	title "brasd starts: two places for copies, nobody is copied yet"
	lab_conf mirror.port=mon0 "mirror.port+=vxlan:$FAR4,vni=4711" mirror.everybody=off
	show awk '/^\[/ { on = /^\[mirror\]/ } on' "$CONF"
	start_brasd
	wait_for 20 grep -q "copies go to vxlan" "$LAB_DIR/brasd.log" || fail "no way to the far monitor"
	lab_dial alice -u alice -p wonderland --plumb "ppp0@$HOUSE"
	echo "    alice has $(lab_field alice ip) and $(lab_field alice ip6)"
}

listen() { # NAME NETNS DEV [TSHARK-ARGS...]
	lab_spawn "$1" in_ns "$2" tshark -l -n -i "$3" "${@:4}"
	wait_for 20 grep -q 'Capturing on' "$LAB_DIR/$1.log" || fail "tshark does not listen"
}
visit() {
	in_ns "$HOUSE" ping -q -c 1 -W 3 $WEB6 > /dev/null && in_ns "$HOUSE" curl -sSf -m 5 "http://$WEB4/" > /dev/null &&
		in_ns "$HOUSE" ping -q -c 1 -W 3 $WEB6 > /dev/null || fail "alice has no internet"
}
heard() { # NAME PATTERN: from tshark, and shown
	wait_for 20 grep -q "$2" "$LAB_DIR/$1.log" || fail "$1 did not hear: $2"
	lab_stop "$1" INT > /dev/null
	show grep -E "$IP|2001:db8:100" "$LAB_DIR/$1.log"
}

to_port() {
	title "brasctl mirror alice both: alice pings by IPv6 and reads a page; tshark at the monitor's port"
	show lab_ctl mirror alice both
	listen near "$MON" m0
	visit
	heard near 'Echo (ping) reply'
}

# ntopng is in no Debian 12: darkstat is, sums up what a port hears and shows it as a page.
analysed() { in_ns "$MON" curl -s http://127.0.0.1:6670/hosts/ | grep -q "$IP"; }
by_analyser() {
	command -v darkstat > /dev/null || { title "No analyser: darkstat is not installed"; return; }
	title "darkstat at the monitor's port: who has had how much"
	lab_spawn darkstat in_ns "$MON" darkstat --no-daemon --no-dns -i m0 -p 6670 -b 127.0.0.1
	wait_for 20 in_ns "$MON" curl -s -o /dev/null http://127.0.0.1:6670/ || fail "darkstat does not answer"
	visit
	wait_for 20 analysed || fail "darkstat has not seen $IP"
	show in_ns "$MON" python3 -c "
import re, urllib.request
page = urllib.request.urlopen('http://127.0.0.1:6670/hosts/').read().decode()
for row in re.findall(r'<tr[^>]*>(.*?)</tr>', page, re.S):
    print('  '.join('%-16s' % re.sub('<[^>]*>', '', c).strip() for c in re.findall(r'<t[dh][^>]*>(.*?)</t[dh]>', row, re.S)))"
	lab_stop darkstat INT > /dev/null
}

to_far() {
	title "brasctl mirror alice both proto=tcp port=80 to=vxlan:$FAR4: the page alone, far away, in VXLAN"
	show lab_ctl mirror alice both proto=tcp port=80 "to=vxlan:$FAR4"
	listen far "$FAR" f0 -Y vxlan
	visit
	heard far 'HTTP/1.*200'
	title "brasctl show mirror"
	show lab_ctl show mirror
}

as_pcapng() {
	title "brasctl monitor alice: pcapng with who and when, as Wireshark shows it"
	lab_spawn monitor g "$B/brasmon" -i "$INSTANCE" alice -w "$LAB_DIR/alice.pcapng"
	wait_for 10 test -s "$LAB_DIR/alice.pcapng" || fail "brasmon does not write"
	visit
	wait_for 10 has_page || fail "the page is not in it"
	lab_stop monitor INT > /dev/null
	show tshark -r "$LAB_DIR/alice.pcapng" -n -T fields -e frame.number -e _ws.col.Protocol -e frame.comment
}
has_page() { tshark -r "$LAB_DIR/alice.pcapng" -Y http 2> /dev/null | grep -q 200; }

begin
IP=$(lab_field alice ip)
to_port
by_analyser
to_far
as_pcapng
if [ "${KEEP:-}" = 1 ]; then
	KEEP_MORE="watch:                                         nsenter --net=/run/netns/$MON tshark -i m0"
	keep
else
	title "The line hangs up, the daemon ends"
	lab_hangup alice
	end_brasd
	title "All of it is taken down: it worked."
fi
