#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real pppd that takes nothing but MS-CHAPv2, at a FreeRADIUS: the line comes up with what the
# server gave, pppd has verified that the server knows the password too (RFC 2759, section 8.7: the
# success message of FreeRADIUS, passed on as it is), accounting arrives; when Session-Timeout is over
# pppd answers the new challenge and the line lives on; a wrong password is refused in its words.
# Sample: 1 of house
VM_LIMIT=1500
. "$(dirname "$0")/lib.sh"
. "$ROOT/test/radius.sh"

METHODS=mschap-v2
ONLY="refuse-pap refuse-chap refuse-mschap refuse-eap"
R=$T/radius BNG=bng

server() {
	mkdir -p $R
	{
		radius_user ann wonderland 'Session-Timeout = 86000' 'Termination-Action = Default' 'Class = "second"' \
			| sed 's/^ann /&State == 0x6f6e65, /'
		radius_user ann wonderland 'Session-Timeout = 15' 'Termination-Action = RADIUS-Request' 'State = 0x6f6e65' \
			'Class = "first"' 'Framed-IP-Address = 100.64.10.11'
		radius_standard_users
	} > $R/users
	: > $R/dictionary
	: > $R/detail
	radius_config $R 1812 1813 > $R/radiusd.conf
	LC_ALL=C TZ=UTC bng freeradius -f -l stdout -d $R -n radiusd > $T/radius.log 2>&1 &
	wait_for 60 radius_answers 1813 ||
		{ tail -n 20 $T/radius.log; return 1; }
}

# The records of a user as d: python's opinion of them.
records() { # USER EXPR
	/usr/bin/python3 "$ROOT/test/fake_radius.py" detail $R/detail \
		"(lambda v: $2)([r for r in d if r.get('User-Name') == '$1'])"
}
said() { grep -q -- "$2" $T/pppd."$1"; } # UNIT TEXT
verified() { # UNIT: its proof came, and was right
	said "$1" 'rcvd \[CHAP Success id=0x[0-9a-f]* "S=[0-9A-F]\{40\}' &&
		said "$1" 'CHAP authentication succeeded' && ! said "$1" 'mutual authentication failed'
}
told_dns() { said 0 'primary   DNS address 192.0.2.53' && said 0 'secondary DNS address 192.0.2.54'; }
stopped() { wait_for 20 records "$1" "[r for r in v if r['Acct-Status-Type'] == 'Stop' and r['Acct-Terminate-Cause'] == 'User-Request']"; }
responses() { [ "$(grep -c 'sent \[CHAP Response' $T/pppd.1)" = "$1" ]; }

lab
config tc 1492 "[radius]
server = 127.0.0.1,$RADIUS_SECRET
nas-identifier = guest"
check "FreeRADIUS answers" server || give_up
brasd_start

# shellcheck disable=SC2086
dial 0 alice wonderland defaultroute $ONLY
check "MS-CHAPv2: the line is up" up 0 || give_up
check "MS-CHAPv2: pppd has verified the server" verified 0
check "Reply-Message reaches pppd" said 0 'Welcome, Alice'
check "the address that the server gave" [ "$(address4 0)" = 100.64.10.10 ]
check "its name servers" told_dns
check "and its prefix" grep -q '^2001:db8:1ff:1:' <<< "$(global6 0)"
check "the session says where from" grep -q 'radius Framed-IPv6-Prefix' <<< "$(ctl show session alice)"
check "ping, IPv4" ping4 0 192.0.2.2
check "Start" wait_for 20 records alice "[r for r in v if r['Acct-Status-Type'] == 'Start' and r['Framed-IP-Address'] == '100.64.10.10']"
check "pppd ends" hang_up $pppd
check "Stop" stopped alice
check "it counted" records alice "v[-1]['Input'] >= 3 * 84 and v[-1]['Output'] >= 3 * 84"

# shellcheck disable=SC2086
dial 1 ann wonderland defaultroute $ONLY
check "a line for 15 s, Termination-Action RADIUS-Request" up 1 || give_up
check "pppd is asked again, and answers" wait_for 60 responses 2
check "the new Accept counts" wait_for 20 grep -q 'ann: session-timeout is over, authenticated anew, for 86000 s' $T/brasd.log
check "the line lives" ping4 1 192.0.2.2
check "pppd ends" hang_up $pppd
check "one session, the new Class" stopped ann
check "and no other record" records ann "[r['Acct-Status-Type'] for r in v] == ['Start', 'Stop'] and '7365636f6e64' in str(v[-1]['Class'])"

# shellcheck disable=SC2086
dial 2 alice "not the secret" $ONLY
check "wrong password: pppd gives up" wait_for 60 gone $pppd
check "wrong password: pppd knows why" said 2 'E=691'
check "brasd ends with 0" brasd_stop
finish
