#!/bin/bash
# DNS64 with real bind9: a line with IPv6 alone gets synthesised addresses from the named that brasd
# runs, names with IPv6 are left as they are, signed ones by the rule, DNS over TLS and HTTPS work, and
# nobody but subscribers is answered. Another named is the world. named killed, hung, replaced or
# with other answers is noticed and put right; brasd killed, restarted and reloaded leaves it alone.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../dns.sh"

for tool in named dig kdig openssl dnssec-signzone; do
	command -v $tool > /dev/null || { echo "$tool is not installed"; exit 1; }
done
DNS6=2001:db8:100::53 DNS4=100.64.0.53 POOL6=2001:db8:64::/96
MIXED="nat64.pool6=$POOL6 nat64.pool4=192.0.2.1,61000-65535 dns64.enable=yes dns64.listen=$DNS6
	dns64.listen4=$DNS4 dns64.forward=$WEB6 dns64.dnssec-validation=no"

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=dns.example \
		-addext "subjectAltName=IP:$DNS6,DNS:dns.example" -keyout "$LAB_DIR/key.pem" -out "$LAB_DIR/cert.pem" \
		2> /dev/null || fail "no certificate"
	chmod 755 "$LAB_DIR"
	chmod 644 "$LAB_DIR/key.pem"
}

# --- asking --------------------------------------------------------------------------------------

asks() { h dig +time=3 +tries=2 "$@"; }
short() { asks +short "$@"; }
gives() { # TEXT DIG-ARGS...: just that
	local want=$1 got
	shift
	got=$(short "$@" | grep -v '^RRSIG\|^AAAA [0-9]' | sort | tr '\n' ' ')
	echo "$got"
	[ "${got% }" = "$want" ]
}
says() { local text=$1; shift; "$@" 2>&1 | tee /dev/stderr | grep -q -- "$text"; }
is() { lab_json "$1" show dns64; }
up() { is 'j["state"] == "up"'; }
named_pid() { lab_value 'j["pid"]' show dns64; }
another_pid() { local now; now=$(named_pid) && [ "$now" != "$1" ] && [ "$now" != 0 ]; }
conf() { echo "/run/brasberry/$INSTANCE/named/named.conf"; }
good_after() { is "j['state'] == 'up' and j['probe']['good'] > $1"; }
goods() { lab_value 'j["probe"]["good"]' show dns64; }

answers() {
	lab_spawn ra h tcpdump -lnvi s0 -c 400 pppoes
	wait_for 10 grep -q listening "$LAB_DIR/ra.log" || fail "no tcpdump"
	lab_dial house --hold-forever --no-ipv4 --plumb "h0@$HOUSE"
	expect "the line is told of the name server" wait_for 10 grep -q "rdnss.* addr: $DNS6" "$LAB_DIR/ra.log"
	expect "and of the prefix" grep -q "pref64\|option (38)" "$LAB_DIR/ra.log"
	lab_stop ra
	expect "a name with IPv4 alone gets a synthesised address" gives 2001:db8:64::c000:202 @$DNS6 AAAA v4only.example
	expect "by TCP as well" gives 2001:db8:64::c000:202 +tcp @$DNS6 AAAA v4only.example
	expect "its IPv4 address is told, too" gives $WEB4 @$DNS6 A v4only.example
	expect "a name with both is left alone" gives $WEB6 @$DNS6 AAAA both.example
	expect "and one with IPv6 alone" gives $WEB6 @$DNS6 AAAA v6only.example
	expect "RFC 7050: the prefix is found" gives "2001:db8:64::c000:aa 2001:db8:64::c000:ab" @$DNS6 AAAA ipv4only.arpa
	expect "the other way around" says v4only.example asks +short @$DNS6 -x 2001:db8:64::c000:202
	expect "an address of an excluded prefix counts as none" gives 2001:db8:64::c000:202 @$DNS6 AAAA bad.example
	expect "signatures asked for: nothing is synthesised" gives "" +dnssec @$DNS6 AAAA v4only.signed.example
	expect "not asked for: it is" gives 2001:db8:64::c000:202 @$DNS6 AAAA v4only.signed.example
	expect "its version is nobody's business" gives "" @$DNS6 CH TXT version.bind
	refuse "no zone transfer" says 'SOA' asks @$DNS6 AXFR example
}

strangers() {
	expect "who is no subscriber is refused" says 'status: REFUSED' n dig +time=3 @$DNS6 AAAA v4only.example
	expect "by IPv4, too" says 'status: REFUSED' n dig +time=3 @$DNS4 A v4only.example
	refuse "nothing listens elsewhere on the box" n dig +time=1 +tries=1 @$CORE6 A v4only.example
}

# What named counts by itself; what it was asked above is in it.
counted() {
	expect "named's counters are shown: each question" wait_for 20 is \
		'j["queries"]["ipv6"] >= 12 and j["queries"]["ipv4"] >= 1 and j["queries"]["udp"] >= 12 and j["queries"]["tcp"] >= 1'
	expect "  what was synthesised" is 'j["queries"]["synthesised"] >= 4'
	expect "  who was refused" wait_for 20 is 'j["queries"]["refused"] >= 2'
	expect "  the recursion" is 'j["queries"]["recursion"] >= 4 and j["queries"]["responses"] >= j["queries"]["success"] > 0'
	expect "  anew with each look at it" wait_for 20 is 'j["queries"]["seconds-ago"] <= 6'
	refuse "they are nobody else's" eval "h curl -sg -m 3 'http://[$DNS6]:8053/json/v1/server' | grep -q nsstats"
	refuse "  not on the box, either" eval "g curl -sg -m 3 --interface $CORE6 'http://[$DNS6]:8053/json/v1/server' | grep -q nsstats"
	[ -z "${STATS:-}" ] || g curl -sgi -m 3 --interface $DNS6 "http://[$DNS6]:8053/json/v1/server" > "$STATS"
}

encrypted() {
	expect "DNS over TLS" says 2001:db8:64::c000:202 h kdig +tls-ca="$LAB_DIR/cert.pem" +tls-hostname=dns.example \
		+time=5 +short @$DNS6 AAAA v4only.example
	expect "DNS over HTTPS" says 2001:db8:64::c000:202 h kdig +https +tls-ca="$LAB_DIR/cert.pem" \
		+tls-hostname=dns.example +time=5 +short @$DNS6 AAAA v4only.example
}

both_families() {
	lab_ns second
	lab_dial dual --hold-forever --plumb "h4@$REPLY" -u dual
	expect "IPCP tells its IPv4 address" [ "$(lab_field dual dns1)" = $DNS4 ]
	expect "it serves by IPv4" says "^$WEB4" in_ns "$REPLY" dig +short +time=3 @$DNS4 A v4only.example
	refuse "no line has its IPv4 address" [ "$(lab_field dual ip)" = $DNS4 ]
	refuse "nor the prefix around it" [ "$(lab_field dual ip6)" = 2001:db8:100::/64 ]
	refuse "nor has the other" [ "$(lab_field house ip6)" = 2001:db8:100::/64 ]
	lab_hangup dual
}

deaths() {
	local pid
	pid=$(named_pid)
	kill -KILL "$pid"
	expect "named is killed: another one is there" wait_for 20 another_pid "$pid"
	expect "and serves" wait_for 30 up
	expect "it is counted" is 'j["restarts"] == 1'
	expect "a subscriber gets an answer" gives 2001:db8:64::c000:202 @$DNS6 AAAA v4only.example
	pid=$(named_pid)
	kill -STOP "$pid"
	expect "named hangs: it is ended, another one is there" wait_for 90 another_pid "$pid"
	expect "and serves" wait_for 30 up
	expect "what was wrong has been told" says 'does not answer' cat "$LAB_DIR/brasd.log"
}

helper_pid() { pgrep -f "brasd-deeds .*-d -i $INSTANCE\$" | head -n 1; }

helper_dies() {
	local pid
	pid=$(named_pid)
	kill -KILL "$(helper_pid)"
	expect "the helper is killed: both are there again" wait_for 30 another_pid "$pid"
	expect "named is another one, alone" lab_gone "$pid"
	expect "and named serves" wait_for 30 up
	expect "a subscriber gets an answer" gives 2001:db8:64::c000:202 @$DNS6 AAAA v4only.example
}

tampering() {
	local before
	before=$(goods)
	sed -i 's/2001:db8:64::/2001:db8:666::/' "$(conf)"
	expect "named.conf is changed by somebody: it is written anew" wait_for 30 is 'j["rewrites"] == 1'
	expect "as it was" grep -q 'dns64 2001:db8:64::/96' "$(conf)"
	expect "and said" says "somebody has changed $(conf)" cat "$LAB_DIR/brasd.log"
	expect "it serves" wait_for 30 good_after "$before"
	sed -i 's/2001:db8:64::/2001:db8:666::/' "$(conf)"
	kill -HUP "$(named_pid)"
	expect "somebody makes named read another one: it reads ours again" wait_for 40 is 'j["rewrites"] == 2'
	expect "subscribers get the right addresses" wait_for 30 gives 2001:db8:64::c000:202 @$DNS6 AAAA v4only.example
	g ip addr del $DNS6/128 dev subs0
	expect "its address is taken away: it is back" wait_for 30 says "$DNS6" g ip addr show dev subs0
	expect "and serves" wait_for 60 gives 2001:db8:64::c000:202 @$DNS6 AAAA v4only.example
}

# Another name server has the address: its answers are seen to be wrong.
usurper() {
	local pid
	pid=$(named_pid)
	n ip addr add 2001:db8:0:1::66/64 dev k0 nodad
	lab_spawn usurper n python3 "$LAB_TEST_DIR/netns/net.py" dns-serve 2001:db8:0:1::66
	g nft -f - <<-END || fail "no redirect"
		table ip6 usurper { chain out { type nat hook output priority -100;
			ip6 daddr $DNS6 udp dport 53 dnat to 2001:db8:0:1::66; }; }
	END
	expect "another name server answers: tampering is seen" wait_for 60 is \
		'j["state"] == "tampered" and j["probe"]["address"] == "2001:db8::53" and "2001:db8::53" in j["why"]'
	expect "again and again" wait_for 60 is 'j["probe"]["wrong"] >= 4'
	expect "and said once" [ "$(grep -c 'answers ipv4only.arpa with 2001:db8::53' "$LAB_DIR/brasd.log")" = 1 ]
	g nft delete table ip6 usurper
	expect "when it is gone, all is well" wait_for 60 up
	expect "with the same named" [ "$(named_pid)" = "$pid" ]
	lab_stop usurper > /dev/null 2>&1
}

adoption() {
	local pid reloads
	pid=$(named_pid)
	lab_spawn asker h bash -c "while :; do dig +short +time=2 +tries=1 @$DNS6 AAAA v4only.example || echo lost; done"
	wait_for 10 grep -q c000:202 "$LAB_DIR/asker.log" || fail "the asker gets nothing"
	lab_stop brasd KILL > /dev/null 2>&1
	expect "brasd is killed: named answers" gives 2001:db8:64::c000:202 @$DNS6 AAAA v4only.example
	again
	expect "the next brasd finds it well" wait_for 30 up
	expect "the same named" [ "$(named_pid)" = "$pid" ]
	expect "that has not been told to read anything" is 'j["reloads"] == 0 and j["restarts"] == 0'
	lab_ctl restart > /dev/null && wait_for 20 lab_gone "${LAB_PID[brasd]}" || fail "no restart"
	lab_stop brasd
	again
	expect "restarted: the same" wait_for 30 up
	expect "again the same named" [ "$(named_pid)" = "$pid" ]
	lab_stop brasd KILL > /dev/null 2>&1
	sed -i 's/2001:db8:64::/2001:db8:666::/' "$(conf)"
	again
	expect "named.conf was changed while there was no brasd: named reads ours" wait_for 30 is 'j["state"] == "up" and j["reloads"] == 1'
	expect "as it was" grep -q 'dns64 2001:db8:64::/96' "$(conf)"
	lab_stop asker > /dev/null 2>&1
	refuse "nobody was left without an answer in all that time" grep -q 'lost\|timed out\|no servers' "$LAB_DIR/asker.log"
}

again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
}

limited() {
	printf 'v4only.example AAAA\n%.0s' {1..8} > "$LAB_DIR/questions"
	h dig +ignore +nocookie +time=1 +tries=1 @$DNS6 -f "$LAB_DIR/questions" 2>&1 | grep -q '^;; flags:.* tc'
}

reloads() {
	local pid
	pid=$(named_pid)
	lab_conf $MIXED dns64.break-dnssec=yes dns64.exclude=2001:db8:bad::/48 "dns64.clients=!$(lab_field house ip6)" \
		dns64.clients+=2001:db8:100::/40
	expect "reload" lab_ctl reload
	expect "named reads the new configuration" wait_for 30 is 'j["state"] == "up" and j["break-dnssec"] and j["reloads"] >= 1'
	expect "as the same process" [ "$(named_pid)" = "$pid" ]
	expect "a line that is no client of DNS64 has no synthesised address" wait_for 20 gives "" @$DNS6 AAAA v4only.example
	lab_conf $MIXED dns64.break-dnssec=yes
	expect "and reload" lab_ctl reload
	expect "break-dnssec: synthesised for who asks for signatures, too" wait_for 30 gives 2001:db8:64::c000:202 \
		+dnssec @$DNS6 AAAA v4only.signed.example
	lab_conf $MIXED dns64.rate-limit=2
	expect "and reload with a rate limit" lab_ctl reload
	expect "who asks the same again and again is told to ask by TCP" wait_for 30 limited
	expect "that answers" gives 2001:db8:64::c000:202 +tcp @$DNS6 AAAA v4only.example
	lab_conf $MIXED dns64.listen=2001:db8:100:ffff::53
	expect "reload with another address" lab_ctl reload
	expect "it serves there" wait_for 40 gives 2001:db8:64::c000:202 @2001:db8:100:ffff::53 AAAA v4only.example
	refuse "and has no other" says $DNS6/ g ip -o addr show dev subs0
	lab_conf dns64.enable=no
	expect "reload without it" lab_ctl reload
	expect "named ends" wait_for 20 lab_gone "$pid"
	expect "its addresses go" [ -z "$(g ip -o addr show dev subs0 | grep -e ffff::53 -e $DNS4)" ]
	expect "and so it is told" is 'j["state"] == "off"'
}

refused() {
	local pid
	lab_conf $MIXED dns64.user=nobody-of-this-name
	expect "a user that is not there" lab_ctl reload
	expect "is told" wait_for 20 is 'j["state"] == "failed" and "nobody-of-this-name" in j["why"]'
	expect "lines come up all the same" lab_has_sessions 1
	lab_conf $MIXED
	expect "with a good one" lab_ctl reload
	expect "it serves" wait_for 60 up
	pid=$(named_pid)
	lab_hangup house
	lab_stop brasd || fail "brasd ends with $?"
	expect "brasd ends: named ends" wait_for 20 lab_gone "$pid"
	refuse "nothing of it stays" [ -e "$(conf)" ]
}

caps() { # UNIT: its capabilities, as setpriv wants them
	sed -e ':a;/\\$/{N;s/\\\n//;ba}' "$LAB_TEST_DIR/../systemd/$1" | sed -n 's/^CapabilityBoundingSet=//p' |
		paste -sd ' ' | tr 'A-Z\t' 'a-z ' | tr -s ' ' | sed 's/cap_/+/g;s/ /,/g'
}
as_unit() { # UNIT COMMAND...: root with what its unit leaves it
	g setpriv --no-new-privs --inh-caps=-all --bounding-set="-all,$(caps "$1")" "${@:2}"
}

# As the units of systemd have it: few capabilities, and files that are nobody else's.
units() {
	umask 0027
	lab_spawn deeds as_unit brasd-deeds@.service "$B/brasd-deeds" -u "$LAB_USER" -i "$INSTANCE"
	wait_for 10 [ -S "/run/brasberry/$INSTANCE/deeds" ] || fail "no helper"
	lab_conf $MIXED
	lab_spawn brasd as_unit brasd@.service "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "with the units' capabilities: named serves" wait_for 60 up
	lab_dial unit --hold-forever --no-ipv4 --plumb "h0@$HOUSE"
	expect "a subscriber gets an answer" gives 2001:db8:64::c000:202 @$DNS6 AAAA v4only.example
	lab_hangup unit
	lab_stop brasd || fail "brasd ends with $?"
	expect "brasd ends: so does the helper" wait_for 20 lab_gone "${LAB_PID[deeds]}"
	umask 0022
}

lab_up
dns_world
certificate
lab_start_brasd $MIXED dns64.exclude=2001:db8:bad::/48 "dns64.tls-cert=$LAB_DIR/cert.pem" "dns64.tls-key=$LAB_DIR/key.pem"
expect "named serves" wait_for 60 up
expect "the box's own checker finds nothing" named-checkconf "$(conf)"
expect "it is nobody's root" says '^bind' ps -o user= -p "$(named_pid)"
answers
strangers
counted
encrypted
both_families
deaths
helper_dies
tampering
usurper
adoption
reloads
refused
units
