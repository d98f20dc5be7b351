#!/bin/bash
# Run: early
# Proves: brasd may die before any write of NAT64 or DNS64 that outlives it (their files, tayga's
# routes, addresses of the name server): the next one starts, both serve again, a line of before
# resolves a name and reaches its server, `check` finds nothing wrong, and a clean end leaves nothing.
# The scenario, with build/brasd-kill: a start, a line, a reload with another pool4 and other values of
# DNS64, the end.
# KILLPOINTS=N: a sample of so many points (3), by SEED; all: each one; "nat64 7": that one.
# Sample: 1 of death
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../dns.sh"
. "$(dirname "$0")/../killpoints.sh"

KILLPOINTS=${KILLPOINTS:-3}
for tool in tayga named dig; do
	command -v $tool > /dev/null || { echo "$tool is not installed"; exit 1; }
done
DNS6=2001:db8:100::53 POOL6=2001:db8:64::/96 FOUND=2001:db8:64::c000:202

serves() { lab_json 'j["state"] == "up"' show nat64 > /dev/null && lab_json 'j["state"] == "up"' show dns64 > /dev/null; }
conf() { # what differs
	lab_conf nat64.pool6=$POOL6 nat64.backend=tayga dns64.enable=yes dns64.listen=$DNS6 dns64.forward=$WEB6 \
		dns64.dnssec-validation=no ppp.ipv4=deny "$@"
}
before() { conf nat64.pool4=$CORE4,61000-65535; }
after() { conf nat64.pool4=$CORE4,62000-65535 dns64.break-dnssec=yes; }

# --- the scenario: each step ends at once when brasd is dead --------------------------------------

scenario() {
	wait_for 60 or_dead serves && alive || return
	lab_dial_start line --hold-forever --no-ipv4 --plumb "h0@$HOUSE"
	wait_for 20 dialled
	alive || return
	after
	lab_ctl reload > /dev/null 2>&1
	wait_for 60 or_dead reloaded && alive
}
dialled() { lab_dial_done line || ! alive; }
reloaded() { lab_json 'j["state"] == "applied"' show reload > /dev/null && serves && lab_json 'j["break-dnssec"]' show dns64 > /dev/null; }

# --- what must hold afterwards --------------------------------------------------------------------

told() { [ "$STOPPED" = no ] && grep -q '^up 0 ' "$LAB_DIR/line.log" 2> /dev/null; }
resolves() { [ "$(h dig +time=2 +tries=1 +short @$DNS6 AAAA v4only.example)" = $FOUND ]; }
reaches() { h ping -q -c 1 -W 1 $FOUND; }
agrees() { lab_json 'j["problems"] == 0' check > /dev/null || ! lab_ctl check; }
nothing_left() {
	! g ip link show nat64 && ! g ip link show subs0 && [ -z "$(g nft list tables)" ] &&
		[ ! -e "/run/brasberry/$INSTANCE/tayga.conf" ] && [ ! -e "/run/brasberry/$INSTANCE/named/named.conf" ]
}

verify() { # NAME OF THE POINT
	wait_for 60 serves || { lab_ctl show nat64; lab_ctl show dns64; fail "after $1: NAT64 and DNS64 do not serve"; }
	agrees || fail "after $1: check finds something"
	[ "$(g nft list tables | grep -c .)" = 1 ] || { g nft list tables; fail "after $1: not one table"; }
	if told; then
		wait_for 30 resolves || fail "after $1: the line resolves nothing"
		wait_for 30 reaches > /dev/null || fail "after $1: the line reaches nothing"
		TOLD=$((TOLD + 1))
	fi
	pid=$(lab_value 'j["pid"]' show dns64)
}

clean_up() { # NAME OF THE POINT
	lab_stop line > /dev/null 2>&1
	lab_ctl terminate all > /dev/null
	wait_for 10 lab_has_sessions 0 || fail "after $1: sessions stay"
	lab_stop brasd || fail "after $1: the clean end was none ($?)"
	wait_for 20 lab_gone "$pid" || fail "after $1: named stays"
	wait_for 10 nothing_left > /dev/null 2>&1 || { g ip link; g nft list tables; fail "after $1: something is left"; }
}

# --- points ---------------------------------------------------------------------------------------

one_point() { # KIND POINT; 1: there is no such point
	STOPPED=no POINT="$1 $2" pid=0
	rm -f "$LAB_DIR/line.log"
	before
	kill_start "BRASD_KILLPOINT_OF=$1" "BRASD_KILLPOINT=$2"
	scenario
	if alive; then
		STOPPED=yes
		lab_stop line > /dev/null 2>&1
	fi
	kill_end
	start_good
	verify "$NAME"
	clean_up "$NAME"
	[ $DIED = yes ]
}

point() { # KIND POINT
	one_point "$1" "$2" || return
	POINTS=$((POINTS + 1))
	echo "ok: $NAME"
}

declare -A MOST
count() { # what there is of each
	local kind
	for kind in nat64 dns64 address; do
		one_point $kind $KILLPOINTS_NONE && fail "a million points"
		MOST[$kind]=$TOTAL
		[ "$TOTAL" -ge 2 ] || fail "of $kind there are only $TOTAL points"
		say "$kind: $TOTAL points"
	done
}

run() {
	local kind i n
	SEED=${SEED:-$RANDOM} POINTS=0 TOLD=0
	echo "SEED=$SEED"
	RANDOM=$SEED
	dns_world
	if [[ $KILLPOINTS == *" "* ]]; then
		point $KILLPOINTS || fail "there is no such point"
		return
	fi
	[ "$KILLPOINTS" != all ] || KILLPOINTS=10000
	count
	for kind in nat64 dns64 address; do
		for ((i = 1; i <= MOST[$kind] && i <= (KILLPOINTS + 2) / 3; i++)); do
			n=$i
			[ "$KILLPOINTS" -ge 1000 ] || n=$((RANDOM % MOST[$kind] + 1))
			point $kind $n
		done
	done
	[ $POINTS -ge 3 ] || fail "only $POINTS deaths"
	say "$POINTS deaths; $TOLD lines had been told that they are open, and are served"
}

LAB_MODES=${LAB_MODES:-xdp} lab_each_mode run
