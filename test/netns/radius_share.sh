#!/bin/bash
# Proves: two servers with weights share the requests, a backup gets none while they live and all
# once they are gone; requests come from the address that `bind` names.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

try() { echo x | lab_ctl test radius alice > /dev/null; }

tries() { # N
	local i
	for ((i = 0; i < $1; i++)); do try || return 1; done
}

accepts() { lab_value "[s['accepts'] for s in j]" show radius; }

server() { echo "radius.server+=$RADIUS_AT,$RADIUS_SECRET,auth-port=$1,acct-port=0,$2"; }

run() {
	radius_ns
	radius_fake one 1912 accept
	radius_fake two 1913 accept
	radius_fake last 1914 accept
	g ip addr add 198.51.100.77/24 dev rad0
	lab_start_brasd "$(server 1914 backup)" "$(server 1912 weight=1)" "$(server 1913 weight=1)" \
		radius.timeout=1 radius.max-try=1 radius.bind=198.51.100.77
	lab_spawn sniff r tcpdump -nn -l -i r0 udp dst port 1912 or udp dst port 1913
	wait_for 10 grep -q 'listening on' "$LAB_DIR/sniff.log" || fail "tcpdump does not listen"
	expect "forty logins" tries 40
	say "accepts: $(accepts)"
	expect "both have a share, the backup none" \
		lab_json 'j[0]["accepts"] == 0 and j[1]["accepts"] > 5 and j[2]["accepts"] > 5 and j[1]["accepts"] + j[2]["accepts"] == 40' show radius
	expect "from the address of bind" wait_for 10 grep -q 'IP 198.51.100.77\.' "$LAB_DIR/sniff.log"
	refuse "and from no other" grep -q 'IP 198.51.100.1\.' "$LAB_DIR/sniff.log"
	radius_stop one
	radius_stop two
	expect "without them the backup answers" wait_for 20 try
	expect "and counts" lab_json 'j[0]["accepts"] >= 1' show radius
	lab_stop brasd
	lab_conf "$(server 1912 weight=1)" radius.bind=198.51.100.250
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	expect "an address that is not ours is told" wait_for 10 grep -q "server $RADIUS_AT: Cannot assign" "$LAB_DIR/brasd.log"
}

LAB_MODES=xdp lab_each_mode run
