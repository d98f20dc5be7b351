# The lab: an ISP in three network namespaces, for the namespace tests and the demo. To be sourced.
#
#    house (s0; subscribers) -- acc link -- bng (acc, core0; brasd) -- core link -- internet (k0)
#
# All names carry a suffix, so that labs live side by side. The environment gives B, the build
# directory. Every process is remembered by its id and ended by lab_down, which the EXIT trap calls.
#
#   lab_up                    namespaces, links, servers         lab_down   takes all of it away
#   h, g, n COMMAND...        runs it in house, bng, internet
#   lab_start_brasd [S.K=V..] writes the configuration with these changes and starts brasd
#   lab_ctl COMMAND...        brasctl                            lab_json EXPR COMMAND...
#   lab_dial NAME ARGS...     the dialer, until all its lines are up; lab_field NAME KEY [LINE]
#   lab_hangup NAME           ends it politely and expects success
#   expect WHAT COMMAND...    one check; refuse WHAT COMMAND...  the command must fail
#   wait_for S COMMAND...     until the command succeeds, S seconds at most
#   lab_each_mode FUNCTION    a lab and a run for datapath = xdp, and for tc (test/sample.sh)

set -u -o pipefail

# Debian's programs before others: a "python3" of pyenv is a shell script that takes ten times the CPU to begin.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

LAB_TEST_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$LAB_TEST_DIR/sample.sh"
B=$(cd "${B:-$LAB_TEST_DIR/../build}" 2> /dev/null && pwd) || { echo "lab: no build directory"; exit 1; }

# What the lab is made of; a test may change these before lab_up.
LAB_ACC_MTU=1500 # 1508 for lines of 1500 (RFC 4638); 4 more for a second tag
LAB_ACCESS="acc" # access interfaces in bng; the house's ends: s0, s1, ...
LAB_MODE=xdp
LAB_USER=${BRAS_USER:-64217} # whom brasd becomes: a number, so that no user need be made; root: it stays root
GW4=100.64.0.1 WEB4=192.0.2.2 CORE4=192.0.2.1
WEB6=2001:db8:0:1::2 CORE6=2001:db8:0:1::1

declare -A LAB_PID=()
LAB_CPUS=$(nproc)

say() { echo "   $*"; }

fail() {
	echo "FAIL: $*"
	for f in "$LAB_DIR"/*.log; do
		[ -s "$f" ] || continue
		echo "--- $(basename "$f"), its end:"
		case $f in */brasd.log) tail -n 25 "$f" ;; *) tail -n 4 "$f" ;; esac
	done
	exit 1
}

expect() { # WHAT COMMAND...
	local what=$1 out
	shift
	out=$("$@" 2>&1) || { echo "$out" | tail -n 20; fail "$what [$LAB_MODE]: $*"; }
	echo "ok: $what"
}

refuse() { # WHAT COMMAND...
	local what=$1 out
	shift
	out=$("$@" 2>&1) && { echo "$out" | tail -n 20; fail "$what [$LAB_MODE]: succeeded: $*"; }
	echo "ok: $what"
}

# Seconds are those of a machine that has a CPU for everybody: when three wait for each, they are three
# times as long (four at most). Who waits for long asks less often: a question takes CPU from what is waited for.
wait_for() { # SECONDS COMMAND...
	local start=$SECONDS seconds=$1 load pause=0.05
	shift
	until "$@" > /dev/null 2>&1; do
		[ $((SECONDS - start)) -lt 3 ] || pause=0.2
		if [ $((SECONDS - start)) -ge "$seconds" ]; then
			read -r load _ < /proc/loadavg
			load=$((${load%.*} / LAB_CPUS))
			[ $((SECONDS - start)) -lt $((seconds * (load > 4 ? 4 : load))) ] || return 1
		fi
		sleep $pause
	done
}

# LAB_EXEC is "exec" in lab_spawn's child: the process that is remembered is the command itself.
in_ns() { ${LAB_EXEC:-} nsenter --net="/run/netns/$1" "${@:2}"; }
h() { in_ns "$HOUSE" "$@"; }
g() { in_ns "$BNG" "$@"; }
n() { in_ns "$INTERNET" "$@"; }

# --- processes ---------------------------------------------------------------------------------

lab_spawn() { # NAME COMMAND...: in the background, its output in NAME.log
	local name=$1
	shift
	: > "$LAB_DIR/$name.log" # here: who waits for a line must not find the last one's
	{ LAB_EXEC=exec; "$@"; } > "$LAB_DIR/$name.log" 2>&1 < /dev/null &
	LAB_PID[$name]=$!
}

lab_running() { kill -0 "${LAB_PID[$1]}" 2> /dev/null; }

lab_stop() { # NAME [SIGNAL]: ends it, by force after 20 s; its exit code
	local name=$1 pid=${LAB_PID[$1]:-} rc=0
	[ -n "$pid" ] || return 0
	[ -z "${BRAS_FASTPATH:-}" ] || [ "$name" != brasd ] || lab_fastpath_told
	kill "-${2:-TERM}" "$pid" 2> /dev/null
	wait_for 20 lab_gone "$pid" || kill -KILL "$pid" 2> /dev/null
	wait "$pid" 2> /dev/null || rc=$?
	unset "LAB_PID[$name]"
	return $rc
}

# Gone or a zombie that waits for us.
lab_gone() { [ ! -e "/proc/$1/stat" ] || [[ $(< "/proc/$1/stat") == *") Z "* ]]; }

# --- namespaces and links ----------------------------------------------------------------------

lab_ns() { # NAME: one more namespace; its full name is in REPLY
	REPLY="$1-$LAB"
	ip netns add "$REPLY" || fail "no namespace: $REPLY"
	LAB_NETNS+=("$REPLY")
	in_ns "$REPLY" ip link set lo up
	in_ns "$REPLY" sysctl -qw net.ipv4.ping_group_range="0 2147483647" net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0
}

# A tag is carried in the frame, as on a wire, and a redirect is received (GRO on: NAPI).
lab_link_end() { # NETNS DEV MTU [ADDRGENMODE]
	in_ns "$1" ip link set "$2" mtu "$3" addrgenmode "${4:-none}"
	in_ns "$1" sysctl -qw "net.ipv6.conf.$2.accept_ra=0"
	in_ns "$1" ip link set "$2" up
	in_ns "$1" ethtool -K "$2" gro on txvlan off > /dev/null 2>&1
	in_ns "$1" ethtool -K "$2" tx-vlan-stag-hw-insert off > /dev/null 2>&1
}

lab_access_link() { # ACC S
	in_ns "$HOUSE" ip link add "$2" type veth peer name "$1" netns "$BNG" || fail "no access link"
	lab_link_end "$HOUSE" "$2" "$LAB_ACC_MTU"
	lab_link_end "$BNG" "$1" "$LAB_ACC_MTU"
}

lab_core_link() {
	in_ns "$BNG" ip link add core0 type veth peer name k0 netns "$INTERNET" || fail "no core link"
	lab_link_end "$BNG" core0 1500 eui64
	lab_link_end "$INTERNET" k0 1500 eui64
	g ip addr add $CORE4/24 dev core0
	g ip addr add $CORE6/64 dev core0 nodad
	n ip addr add $WEB4/24 dev k0
	n ip addr add $WEB6/64 dev k0 nodad
	n ip route add 100.64.0.0/10 via $CORE4
	n ip -6 route add 2001:db8:100::/40 via $CORE6
	g sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

lab_up() {
	local i=0 acc
	[ "$(id -u)" = 0 ] || { echo "lab: needs root: network namespaces"; exit 1; }
	LAB=$(basename "$0" .sh | tr -cd 'a-z0-9-' | cut -c1-12)-$BASHPID
	LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/lab-$LAB.XXXXXX")
	chmod 755 "$LAB_DIR"
	[ "$LAB_USER" = root ] || chown "$LAB_USER" "$LAB_DIR" # brasd reads its files as this one, and may write there
	LAB_NETNS=()
	INSTANCE=$LAB CONF=$LAB_DIR/brasd.conf USERS=$LAB_DIR/users
	trap lab_down EXIT
	trap 'exit 130' INT TERM
	mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
	lab_ns house; HOUSE=$REPLY
	lab_ns bng; BNG=$REPLY
	lab_ns inet; INTERNET=$REPLY
	for acc in $LAB_ACCESS; do
		lab_access_link "$acc" "s$i"
		i=$((i + 1))
	done
	lab_core_link
	[ -z "${BRAS_FASTPATH:-}" ] || lab_fastpath
	lab_servers
}

# BRAS_FASTPATH=flows|routed|off: any test, with a core that the fast path is really used on: known by
# name, with a rule that needs conntrack, and packets as a network card hands them over.
lab_fastpath() {
	n ethtool -K k0 tx off tso off gso off > /dev/null
	[ "$BRAS_FASTPATH" != flows ] || g nft -f - <<-END
	table inet conntrack {
		chain forward {
			type filter hook forward priority 0
			ct state invalid counter
		}
	}
	END
}
# How much went around the stack, by the daemon that is about to be ended.
lab_fastpath_told() {
	echo "fast path, $BRAS_FASTPATH: $(lab_value "'%d around the stack, %d through it' % (j['hits-packets'], j['slow-packets'])" \
		show fastpath 2> /dev/null || echo "no answer")"
}

lab_pids() { ip netns pids "$1" 2> /dev/null; } # NETNS
lab_empty() { [ -z "$(lab_pids "$1")" ]; }
lab_kill() { # SIGNAL NETNS
	local pid
	for pid in $(lab_pids "$2"); do kill "-$1" "$pid" 2> /dev/null; done
}
lab_sweep() { # NETNS, one of ours
	lab_empty "$1" && return
	lab_kill TERM "$1"
	wait_for 5 lab_empty "$1" || lab_kill KILL "$1"
	wait_for 5 lab_empty "$1"
}

lab_down() {
	local name
	trap - EXIT
	trap '' INT TERM # timeout tells the whole group, and then the outer shell does
	[ -z "${BRAS_FASTPATH:-}" ] || [ -z "${LAB_PID[brasd]:-}" ] || lab_fastpath_told
	for name in "${!LAB_PID[@]}"; do
		[ "$name" = brasd ] || kill -TERM "${LAB_PID[$name]}" 2> /dev/null
	done
	for name in brasd "${!LAB_PID[@]}"; do
		lab_stop "$name" > /dev/null
	done
	# The helper of a brasd that was killed: by its id, which its instance's name gives.
	for name in $(pgrep -f "brasd-deeds .*-d -i $INSTANCE\$"); do
		kill -TERM "$name" 2> /dev/null
		wait_for 10 lab_gone "$name"
	done
	# What these have left running: their children, whatever a command that was interrupted began.
	for name in "${LAB_NETNS[@]}"; do
		lab_sweep "$name"
		ip netns del "$name" 2> /dev/null
	done
	rm -rf "/run/brasberry/$INSTANCE" "/sys/fs/bpf/brasberry/$INSTANCE" "/var/lib/brasberry/$INSTANCE" "$LAB_DIR"
}

# --- the internet ------------------------------------------------------------------------------

lab_listens() { in_ns "$1" ss -Hln"$2" "sport = :$3" | grep -q .; } # NETNS t|u PORT

lab_servers() {
	mkdir "$LAB_DIR/www"
	echo "hello from the internet" > "$LAB_DIR/www/index.html"
	lab_spawn web n python3 -m http.server -d "$LAB_DIR/www" -b :: 80
	lab_spawn iperf n iperf3 -s
	lab_spawn dns n python3 "$LAB_TEST_DIR/netns/net.py" dns-serve ::
	wait_for 90 lab_listens "$INTERNET" t 80 || fail "the web server does not listen"
	wait_for 90 lab_listens "$INTERNET" t 5201 || fail "iperf3 does not listen"
	wait_for 90 lab_listens "$INTERNET" t 53 || fail "the name server does not listen"
}

# On the box itself: they need the gateway address, so brasd must be up.
lab_servers_bng() {
	lab_spawn iperf-bng g iperf3 -s -B $GW4
	lab_spawn dns-bng g python3 "$LAB_TEST_DIR/netns/net.py" dns-serve $GW4
	wait_for 20 lab_listens "$BNG" t 5201 || fail "iperf3 on the box does not listen"
	wait_for 20 lab_listens "$BNG" t 53 || fail "the name server on the box does not listen"
}

net_py() { python3 "$LAB_TEST_DIR/netns/net.py" "$@"; }

# --- brasd -------------------------------------------------------------------------------------

lab_conf() { # [SECTION.KEY=VALUE | SECTION.KEY+=VALUE]...: replaces, or adds; no value: leaves out
	local -a rows=(
		"pppoe ac-name lab" "pppoe max-sessions 4096" "pppoe max-sessions-per-mac 8"
		"ppp mtu 1492" "ppp ipv4 allow" "ppp ipv6 allow"
		"ppp lcp-echo-interval 30" "ppp lcp-echo-failure 3"
		"auth methods chap-md5,mschap-v2,pap" "auth users-file $USERS"
		"ip-pool gw-ip-address $GW4" "ip-pool pool 100.64.0.0/18"
		"dns dns1 $GW4" "dns dns2 $WEB4"
		"ipv6-pool gw-ip6-address fe80::1" "ipv6-pool prefix 2001:db8:100::/40,64"
		"shaper mode off" "subscriber device subs0" "subscriber datapath $LAB_MODE" "privileges user $LAB_USER" "log level 3"
		"log limit-per-line 0" # one MAC address dials again and again here, and tests read what is told of it
	) kept
	local change name value acc row section

	for acc in $LAB_ACCESS; do rows+=("pppoe interface $acc"); done
	[ -z "${BRAS_FASTPATH:-}" ] || rows+=("subscriber fastpath $BRAS_FASTPATH" "subscriber core core0,xdp")
	for change in "$@"; do
		name=${change%%=*} value=${change#*=}
		section=${name%%.*} name=${name#*.}
		if [ "${name%+}" = "$name" ]; then
			kept=()
			for row in "${rows[@]}"; do
				[[ $row == "$section $name "* ]] || kept+=("$row")
			done
			rows=("${kept[@]}")
		fi
		[ -z "$value" ] || rows+=("$section ${name%+} $value")
	done
	printf '%s\n' "${rows[@]}" | sort -s -k1,1 | while read -r section name value; do
		[ "$section" = "${last:-}" ] || echo "[$section]"
		last=$section
		echo "$name = $value"
	done > "$CONF"
	[ "$LAB_USER" = root ] || chown "$LAB_USER" "$CONF"
	[ -e "$USERS" ] || lab_users
	[ "$LAB_USER" = root ] || chown "$LAB_USER" "$USERS"
}

lab_users() { # [LINE...]: added before the one for everybody
	{
		echo "# user server secret address rate"
		printf '%s\n' "$@" 'alice * wonderland 100.64.10.10 -' '* * secret * -'
	} > "$USERS.new"
	chmod 600 "$USERS.new"
	[ "$LAB_USER" = root ] || chown "$LAB_USER" "$USERS.new"
	mv "$USERS.new" "$USERS"
}

lab_brasd_ready() { grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || lab_gone "${LAB_PID[brasd]}"; }

lab_start_brasd() { # [SECTION.KEY=VALUE]...
	lab_conf "$@"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for "${LAB_READY_TIMEOUT:-120}" lab_brasd_ready || fail "brasd did not become ready"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
}

lab_ctl() { "$B/brasctl" -i "$INSTANCE" "$@"; }

lab_json() { # PYTHON-EXPRESSION-OVER-j COMMAND...: true?
	local expr=$1 out
	shift
	out=$(lab_ctl "$@" --json) || return 1
	net_py json "$expr" <<< "$out"
}

lab_value() { # PYTHON-EXPRESSION-OVER-j COMMAND...: printed
	local expr=$1
	shift
	lab_ctl "$@" --json | net_py value "$expr"
}

lab_event() { # USER|mac=M EVENT DETAIL: show history has it
	lab_json "[e for e in j if e['event'] == '$2' and '$3' in (e['detail'] or '')]" show history "$1"
}

# --- subscribers -------------------------------------------------------------------------------

lab_dial_done() { grep -q '^ready:' "$LAB_DIR/$1.log" || lab_gone "${LAB_PID[$1]}"; }

lab_dial_start() { # NAME ARGS...: on s0 unless -i says otherwise
	local name=$1
	shift
	lab_spawn "$name" h "$B/dialer" -i "${LAB_IF:-s0}" "$@"
}

lab_dial() { # NAME ARGS...: until all of its lines are up
	lab_dial_start "$@"
	wait_for "${LAB_DIAL_TIMEOUT:-60}" lab_dial_done "$1" || fail "dialer $1 did not get ready"
	grep -q '^ready: [0-9]* up, 0 failed' "$LAB_DIR/$1.log" || fail "not all lines of $1 came up"
}

lab_dial_fails() { # NAME REASON ARGS...: no line comes up, for this reason, and it says so
	local name=$1 reason=$2 rc=0
	shift 2
	lab_dial_start "$name" "$@"
	wait_for 60 lab_gone "${LAB_PID[$name]}" || fail "dialer $name did not end"
	lab_stop "$name" || rc=$?
	[ $rc = 1 ] || fail "dialer $name: exit $rc, not 1"
	grep -Eq "^failed: [0-9]+ ($reason)\$" "$LAB_DIR/$name.log" || fail "$name: no \"$reason\""
	echo "ok: line refused: $reason ($*)"
}

# What the dialer printed of a line: user ip ip6 mtu, or one of its KEY=VALUE.
lab_field() { # NAME KEY [LINE]
	local key=$2
	awk -v line="${3:-0}" -v key="$key" '$1 == "up" && $2 == line {
		v["user"] = $3; v["ip"] = $4; v["ip6"] = $5; v["mtu"] = $6
		for (i = 7; i <= NF; i++) { e = index($i, "="); v[substr($i, 1, e - 1)] = substr($i, e + 1) }
		print v[key]
		exit
	}' "$LAB_DIR/$1.log"
}

lab_hangup() { lab_stop "$1" || fail "dialer $1 ended with $?"; }

# The number of sessions that brasd has.
lab_sessions() { lab_value 'len(j)' show sessions; }
lab_has_sessions() { [ "$(lab_sessions)" = "$1" ]; }

# --- traffic -----------------------------------------------------------------------------------

lab_ping() { # NETNS ADDRESS [ARGS...]: not one packet may be lost
	in_ns "$1" ping -q -c 5 -i 0.05 -W 3 "${@:3}" "$2" | grep ' 0% packet loss'
}

# At least so many arrive. On a machine that others use, a transfer may be short of CPU: six tries.
lab_iperf() { # NETNS MBIT ARGS...
	local try
	for try in 1 2 3 4 5 6; do
		lab_iperf_once "$@" && return
	done
	return 1
}

lab_iperf_once() { # NETNS MBIT ARGS...
	local ns=$1 least=$2 out try
	shift 2
	for try in 1 2 3 4 5 6 7 8 9 10; do # the server has one client at a time
		out=$(in_ns "$ns" timeout 20 iperf3 -J -t 1 "$@") && break
		grep -q 'busy' <<< "$out" || { tail -n 5 <<< "$out"; return 1; }
		sleep 0.2
	done
	net_py iperf "$least" <<< "$out"
}

# --- modes -------------------------------------------------------------------------------------

lab_each_mode() { # FUNCTION: each mode in a lab of its own
	local pid
	for LAB_MODE in ${LAB_MODES:-$(sample_modes "$0")}; do
		echo "== $LAB_MODE"
		( lab_up && "$1"; ) &
		pid=$!
		# Whoever ends us ends the lab, which is not ours but the subshell's. It hears it when the command
		# that it waits for has ended.
		trap 'kill -TERM $pid $(pgrep -P $pid); wait $pid; exit 130' INT TERM
		wait $pid || exit $?
		trap - INT TERM
	done
}
