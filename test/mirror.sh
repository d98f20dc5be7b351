# What the tests of the mirror share. To be sourced after lab.sh.

PCAP="$LAB_TEST_DIR/netns/pcap.py"
MONITOR4=203.0.113.9

monitor_up() {
	lab_ns mon; MON=$REPLY
	g ip link add mon0 type veth peer name m0 netns "$MON"
	lab_link_end "$BNG" mon0 1500
	lab_link_end "$MON" m0 1500
	g ethtool -K mon0 tx off tso off gso off > /dev/null 2>&1 # as a wire has them
	in_ns "$MON" ethtool -K m0 gro off > /dev/null 2>&1
	g ip addr add 203.0.113.1/24 dev mon0
	in_ns "$MON" ip addr add $MONITOR4/24 dev m0
	in_ns "$MON" ip route add default via 203.0.113.1
	in_ns "$MON" sysctl -qw net.ipv4.ip_forward=1 # as a router does
	n ip route add 203.0.113.0/24 via $CORE4
}

capture() { # NAME NETNS DEV: until capture_end
	lab_spawn "cap-$1" in_ns "$2" tcpdump -i "$3" -n -s 0 -U -B 32768 -w "$LAB_DIR/$1.pcap"
	wait_for 20 grep -q listening "$LAB_DIR/cap-$1.log" || fail "no capture on $3"
}

# A last packet that everybody has seen tells that all before it have been written.
marked() { tcpdump -r "$LAB_DIR/$1.pcap" -n "udp port $2" 2> /dev/null | grep -q .; }

capture_end() { # NETNS NAME...: a mark from the line (to MARK_TO), and the captures end
	local ns=$1 name
	MARK=$((${MARK:-20000} + 1))
	shift
	in_ns "$ns" python3 -c "import socket; to = ('${MARK_TO:-$WEB4}', $MARK)
socket.socket(socket.AF_INET6 if ':' in to[0] else socket.AF_INET, socket.SOCK_DGRAM).sendto(b'mark', to)"
	for name in "$@"; do
		wait_for 20 marked "$name" $MARK || fail "the mark is not in $name"
		lab_stop "cap-$name" INT
	done
}

mirror_traffic() { # NETNS
	lab_ping "$1" $WEB4 && lab_ping "$1" $WEB6 && lab_ping "$1" $WEB4 -s 4000 &&
		in_ns "$1" curl -sSf -m 5 "http://$WEB4/" && in_ns "$1" curl -sSf -m 5 "http://[$WEB6]/" &&
		lab_iperf "$1" 1 -c $WEB4 -b 20M && lab_iperf "$1" 1 -c $WEB6 -R -b 20M &&
		lab_iperf "$1" 1 -c $WEB4 -u -b 2M
}

counted() { lab_json "[r for r in j if r['username'] == '$1'][0]['$2'] $3" show mirror; }
