# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the guest tests of NAT64 by Jool share. To be sourced after test/vm/lib.sh, POOL6 being set.

SERVER=${POOL6}192.0.2.2
PY="/usr/bin/python3 $ROOT/test/netns/nat64.py"
NET="/usr/bin/python3 $ROOT/test/netns/net.py"

setup() { # [NAT64] LINES of the configuration [OTHER SECTIONS]
	config tc 1492 "${2:-}
[nat64]
pool6 = ${POOL6}/96
log = $T/nat64.log
$1"
	sed -i 's/^ipv4 = allow/ipv4 = deny/' $T/brasd.conf
}
nat64() { # PYTHON EXPRESSION over j: printed
	ctl show nat64 --json | /usr/bin/python3 -IS -c 'import json, sys
j = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"
}
is() { [ "$(nat64 "$1")" = True ] || { ctl show nat64 --json; return 1; }; }
is_up() { is "j['state'] == 'up' and j['backend'] == 'jool'"; }

background() { # NAME NAMESPACE COMMAND...; its process in PID_NAME
	local name=$1 ns=$2
	shift 2
	nsenter --net=/run/netns/"$ns" "$@" > $T/"$name".out 2>&1 &
	printf -v "PID_$name" %s $!
}
said() { wait_for "$1" grep -Eq -- "$2" $T/"$3"; } # SECONDS PATTERN FILE

servers() {
	background echo internet $NET echo 192.0.2.2 7
	background sizes internet $PY sizes-serve 192.0.2.2 9
	background talks internet $PY talk-serve 192.0.2.2 11
	background who internet $PY who-serve 192.0.2.2 13
	ip -n internet -6 route del 2001:db8:100::/40
	for p in 7 9 13; do wait_for 30 listens u $p || not_ok "a server on port $p"; done
	wait_for 30 listens t 11 || not_ok "the TCP server"
}
listens() { internet ss -Hln"$1" "sport = :$2" | grep -q .; }

holds() { # USER PYTHON EXPRESSION over n
	ctl show session "$1" --json | /usr/bin/python3 -IS -c 'import json, sys
n = json.load(sys.stdin)["nat64"]
print(n)
sys.exit(not eval(sys.argv[1]))' "$2"
}
