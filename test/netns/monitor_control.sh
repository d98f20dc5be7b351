#!/bin/bash
# Proves: brasmon --control shows a user's discovery, PPP and RADIUS packets in the stream of his data,
# also those that came before his name was known; a wrong password and a hang-up too; tshark decodes
# them; secrets are masked, but for root who asks; others' are not in it; the data plane's budget is.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

command -v tshark > /dev/null || { echo "tshark is missing"; exit 1; }

monitor() { # NAME ARGS...: in the background, until it is ready
	local name=$1
	shift
	lab_spawn "mon-$name" g "$B/brasmon" -i "$INSTANCE" -w "$LAB_DIR/$name.pcapng" "$@"
	wait_for 20 grep -q ready "$LAB_DIR/mon-$name.log" || fail "brasmon $name does not get ready"
}

read_pcap() { tshark -n -r "$LAB_DIR/$1.pcapng" "${@:2}" 2> "$LAB_DIR/tshark.err"; }
count() { read_pcap "$1" -Y "$2" | wc -l; }
packets() { # NAME N FILTER: just so many
	[ "$(count "$1" "$3")" = "$2" ] || { echo "$(count "$1" "$3") packets of $3"; read_pcap "$1" | head -n 60; return 1; }
}
some() { [ "$(count "$1" "$2")" -gt 0 ] || { echo "none of $2"; read_pcap "$1" | head -n 60; return 1; }; }
clean() { [ -n "$(read_pcap "$1")" ] && ! grep -v 'Running as user "root"' "$LAB_DIR/tshark.err"; }
holds() { grep -qa -- "$2" "$LAB_DIR/$1.pcapng"; }

# LCP Discard-Requests of alice's, far more than her budget.
flood() {
	local ac
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	h python3 -c "
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('s0', 0))
mac = bytes.fromhex('$ac'.replace(':', ''))
lcp = bytes.fromhex('c0210b010008') + bytes(4)
frame = mac + bytes.fromhex('02bb00000000886411') + bytes(1) + ($(lab_field one sid)).to_bytes(2, 'big')
for i in range(3000):
    s.send((frame + len(lcp).to_bytes(2, 'big') + lcp).ljust(60, bytes(1)))"
}

stranger() { # of the socket's group, but not root
	python3 -c "
import os, socket, sys
os.setgroups([])
os.setgid(os.stat('/run/brasberry/$INSTANCE/control').st_gid)
os.setuid(65534)
s = socket.socket(socket.AF_UNIX)
s.connect('/run/brasberry/$INSTANCE/control')
s.sendall(b'monitor alice control secrets\n')
told = s.recv(4096)
sys.exit(told != b'1 secrets are for root alone\n' and repr(told))"
}

run() {
	radius_users radius "$(radius_user alice wonderland)" "$(radius_user bob builder)"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" radius.dae-server="127.0.0.1:3799,$RADIUS_DAE_SECRET" \
		radius.dae-allowed=127.0.0.1 auth.methods=pap
	lab_ns one; ONE=$REPLY
	refuse "secrets without control" "$B/brasmon" -i "$INSTANCE" alice --secrets
	expect "nor for who is not root, if the socket lets him" stranger
	monitor alice alice --control
	monitor all all --control --secrets
	lab_dial two -u bob -p builder --mac-base 02:bb:00:00:10:00
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	expect "data" lab_ping "$ONE" $WEB4
	expect "CoA" radius_dae coa 'User-Name = alice' 'Session-Timeout = 3600'
	expect "who reads" lab_json "[(r['username'], r['control'], r['secrets'], r['lost'], r['control-lost']) for r in j] == \
		[('alice', True, False, 0, 0), ('all', True, True, 0, 0)] and j[0]['control-packets'] > 10" show monitor
	expect "a flood" flood
	expect "beyond the budget" wait_for 10 lab_json "j['drops']['control-rate'] > 1000" show stat
	lab_hangup one
	wait_for 10 lab_json "len(j) == 1" show sessions || fail "alice's session does not end"
	lab_hangup two
	lab_dial_fails bad ".*" -u alice -p not-hers --mac-base 02:bb:00:00:20:00
	lab_stop mon-alice INT || fail "brasmon ended with $?"
	lab_stop mon-all INT || fail "brasmon ended with $?"

	expect "tshark has no complaint" clean alice
	expect "and of all" clean all
	expect "capinfos reads it" capinfos "$LAB_DIR/alice.pcapng"
	for what in 0x09 0x07 0x19 0x65; do
		expect "discovery, code $what" some alice "pppoe.code == $what"
	done
	expect "the end" some alice 'pppoe.code == 0xa7'
	expect "LCP" some alice 'lcp && ppp.code == 1'
	expect "PAP's request, twice" packets alice 2 'pap.code == 1'
	expect "its answers" packets alice 1 'pap.code == 2'
	expect "no" packets alice 1 'pap.code == 3'
	expect "IPCP" some alice 'ipcp'
	expect "IPv6's local chatter" some alice 'icmpv6.type == 134'
	expect "Access-Request" packets alice 2 'radius.code == 1'
	expect "its answer, which has no name" packets alice 1 'radius.code == 2'
	expect "Accounting" some alice 'radius.code == 4'
	expect "CoA and its answer" packets alice 2 'radius.code == 43 || radius.code == 44'
	expect "what the budget held back" some alice 'frame.comment contains "drop=control-rate" && frame.comment contains "user=alice" && lcp && ppp.code == 11'
	expect "and what not" some alice 'lcp && ppp.code == 11 && !(frame.comment contains "drop")'
	expect "data in between" packets alice 10 'icmp'
	expect "nobody else's" packets alice 0 'eth.addr == 02:bb:00:00:10:00 || radius.User_Name == "bob"'
	refuse "his name" holds alice bob
	expect "all's has both" some all 'radius.User_Name == "bob"'
	expect "the comment says whose" some alice 'pap && frame.comment contains "user=alice sid="'
	refuse "PAP's password is masked" holds alice wonderland
	refuse "the wrong one too" holds alice not-hers
	expect "but it has its place" some alice 'pap.password == "**********"'
	expect "RADIUS's is masked" packets alice 2 'radius.User_Password_encrypted == 2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a'
	expect "Message-Authenticator is not" some alice 'radius.code == 1 && radius.Message_Authenticator && !(radius.Message_Authenticator == 2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a:2a)'
	expect "who asked for secrets has them" holds all wonderland
	expect "nobody reads: nothing is kept" lab_json "j == []" show monitor
}

lab_each_mode run
