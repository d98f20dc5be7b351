#!/bin/bash
# Proves: `brasd -t` accepts the sample and the lab's configuration, refuses bad ones with exit 1
# and a message that names file, line and key; brasd itself does not start with them.
. "$(dirname "$0")/../lab.sh"

check() { "$B/brasd" -t -c "$CONF"; }

bad() { # LINE-PATTERN KEY CONFIGURATION-TEXT...: the message names file:line and the key
	local pattern=$1 key=$2 out rc=0
	printf '%s\n' "${@:3}" > "$CONF"
	out=$(check 2>&1) || rc=$?
	[ $rc = 1 ] || { echo "$out"; fail "exit $rc, not 1: ${*:3}"; }
	grep -Fq "$CONF:$pattern" <<< "$out" || { echo "$out"; fail "no \"$CONF:$pattern\""; }
	grep -Fq "$key" <<< "$out" || { echo "$out"; fail "the key \"$key\" is not named"; }
	echo "ok: refused: ${*: -1}"
}

exits_with() { # CODE COMMAND...
	local rc=0
	"${@:2}" || rc=$?
	[ $rc = "$1" ]
}

run() {
	local rc=0
	lab_conf
	expect "the lab's configuration is good" check
	expect "-t starts nothing" [ ! -e "/run/brasberry/$INSTANCE/control" ]
	bad 2 mtu '[ppp]' 'mtu = 99999'
	bad 3 mtu '[ppp]' 'ipv4 = allow' 'mtu = many'
	bad 2 ipv4 '[ppp]' 'ipv4 = perhaps'
	bad 2 colour '[ppp]' 'colour = red'
	bad 1 kitchen '[kitchen]' 'sink = yes'
	bad 2 pool '[ip-pool]' 'pool = 100.64.0.1/18'
	bad 2 prefix '[ipv6-pool]' 'prefix = 2001:db8:100::/64,40'
	bad 2 methods '[auth]' 'methods = chap-md5,rot13'
	bad 2 gw-ip-address '[ip-pool]' 'gw-ip-address = 300.1.1.1'
	bad 2 attributes '[shaper]' 'attributes = rp,carrier-pigeon'
	bad 3 time-range '[shaper]' 'time-range = day,08:00-09:00' 'time-range = day,10:00-11:00'
	bad 2 rate '[profile gold]' 'rate = fast'
	bad 3 gold '[profile gold]' 'rate = 1000' '[profile gold]'
	lab_conf shaper.mode=htb shaper.default=gold shaper.time-range=night,22:00-06:00
	printf '%s\n' '[profile gold]' 'rate = 10M/2M' '[profile slow]' 'rate = 1000' 'rate = night,2000' >> "$CONF"
	expect "profiles are good" check
	lab_conf shaper.mode=htb shaper.queues=2 shaper.backhaul-down=1000
	refuse "a backhaul of two trees" check
	lab_conf subscriber.datapath=pigeon
	expect "brasd does not start with a bad configuration" exits_with 1 g timeout 20 "$B/brasd" -c "$CONF" -i "$INSTANCE"
	lab_conf
	sed -i 's/interface = acc/interface = nothere/' "$CONF"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 10 grep -q nothere "$LAB_DIR/brasd.log" || fail "an interface that is not there is not mentioned"
	echo "ok: an interface that is not there is mentioned"
	lab_stop brasd
	lab_conf
	"$B/brasd" > /dev/null 2>&1 || rc=$?
	expect "no arguments is an error" [ $rc != 0 ]
	refuse "a file that is not there" "$B/brasd" -t -c "$LAB_DIR/nothere.conf"
}

lab_up
run
