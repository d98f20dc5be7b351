# FreeRADIUS beside the lab (test/lab.sh), with a configuration of its own: for the namespace tests
# and the demo. To be sourced after test/lab.sh; what it starts ends with the lab.
#
#   radius_ns                      a namespace for servers, linked to bng: RADIUS_AT becomes its address
#   radius_users NAME [ENTRY...]   the users of server NAME, these entries before the standard ones
#   radius_start NAME [AUTH [ACCT]]   starts server NAME on these ports (1812, 1813) and waits for answers
#   radius_reload NAME             makes it read its users again
#   radius_stop NAME [SIGNAL]      ends it
#   radius_fake NAME PORT MODE...  test/fake_radius.py
#   r COMMAND...                   runs it where the servers are
#   radius_detail NAME EXPR        the accounting records of NAME as d, a list of dicts: true?
#   radius_record NAME EXPR        the same, printed
#   radius_dae KIND ATTRIBUTE...   radclient from bng: coa or disconnect; its answer on stdout
#   radius_conf_of NAME            `S.K=V` words for lab_start_brasd: one server, accounting, dae
#
# Everything of a server lies in $LAB_DIR/NAME: radiusd.conf, users, detail; its log is NAME.log.

RADIUS_SECRET=${RADIUS_SECRET:-testing123}
RADIUS_DAE_SECRET=${RADIUS_DAE_SECRET:-coasecret}
RADIUS_AT=127.0.0.1
RADIUS_ARGS=${RADIUS_ARGS:--fxx -l stdout} # "-f -l stdout": fast, for measuring

r() { in_ns "${RADIUS_NETNS:-$BNG}" "$@"; }

radius_ns() {
	lab_ns radius
	RADIUS_NETNS=$REPLY RADIUS_AT=198.51.100.2 RADIUS_AT6=2001:db8:0:2::2
	in_ns "$BNG" ip link add rad0 type veth peer name r0 netns "$RADIUS_NETNS" || fail "no radius link"
	lab_link_end "$BNG" rad0 1500
	lab_link_end "$RADIUS_NETNS" r0 1500
	g ip addr add 198.51.100.1/24 dev rad0
	g ip addr add 2001:db8:0:2::1/64 dev rad0 nodad
	r ip addr add $RADIUS_AT/24 dev r0
	r ip addr add $RADIUS_AT6/64 dev r0 nodad
}

# --- the users -----------------------------------------------------------------------------------

# One entry: NAME PASSWORD [ATTRIBUTE...], each attribute as FreeRADIUS writes it, "Class := 0x01".
radius_user() {
	local name=$1 password=$2 item end=
	shift 2
	printf '%s Cleartext-Password := "%s"' "$name" "$password"
	for item in "$@"; do
		printf '%s\n\t%s' "$end" "$item"
		end=,
	done
	printf '\n\n'
}

# To be edited: whoever runs the demo finds it as $LAB_DIR/NAME/users.
radius_standard_users() {
	cat <<- 'END'
	# Users of the lab: FreeRADIUS's "files" module. The first line of an entry has the name and
	# what is checked; the indented ones are what the access concentrator is told.

	END
	radius_user alice wonderland 'Framed-IP-Address = 100.64.10.10' \
		'Framed-IPv6-Prefix = 2001:db8:1ff:1::/64' \
		'MS-Primary-DNS-Server = 192.0.2.53' 'MS-Secondary-DNS-Server = 192.0.2.54' \
		'Session-Timeout = 86400' 'Idle-Timeout = 7200' 'Acct-Interim-Interval = 600' \
		'RP-Downstream-Speed-Limit = 50000' 'RP-Upstream-Speed-Limit = 10000' \
		'Reply-Message = "Welcome, Alice"' 'Class = 0x616c6963652d636c617373' 'Class += 0x00ff01'
	radius_user bob builder 'Framed-IP-Address = 255.255.255.254' 'Filter-Id = "gold"' \
		'Class = "bob-class"'
	radius_user carol secret
	printf 'DEFAULT Auth-Type := Reject\n\tReply-Message = "No such subscriber"\n'
}

radius_users() { # NAME [ENTRY...]
	local dir=$LAB_DIR/$1 old
	shift
	mkdir -p "$dir"
	old=$(stat -c %Y "$dir/users" 2> /dev/null || echo 0)
	{
		[ $# = 0 ] || printf '%s\n\n' "$@"
		radius_standard_users
	} > "$dir/users.new"
	# FreeRADIUS sees that it changed by a time in whole seconds.
	[ "$(stat -c %Y "$dir/users.new")" -gt "$old" ] || touch -d "@$((old + 1))" "$dir/users.new"
	mv "$dir/users.new" "$dir/users"
}

# --- its configuration ---------------------------------------------------------------------------

radius_listen() { # TYPE ADDRESS-KEYWORD ADDRESS PORT
	cat <<- END
		listen {
			type = $1
			$2 = $3
			port = $4
		}
	END
}

radius_config() { # DIR AUTH-PORT ACCT-PORT
	local dir=$1 type
	cat <<- END
	prefix = /usr
	logdir = $dir
	raddbdir = $dir
	run_dir = $dir
	libdir = $(dirname "$(find /usr/lib -path '*freeradius/rlm_files.so' | head -n 1)")
	pidfile = $dir/radiusd.pid
	max_request_time = 30
	cleanup_delay = 2
	max_requests = 65536
	hostname_lookups = no
	proxy_requests = no
	security {
		max_attributes = 200
		reject_delay = 0
		status_server = yes
	}
	thread pool {
		start_servers = 2
		max_servers = 4
		min_spare_servers = 1
		max_spare_servers = 3
		max_requests_per_server = 0
		max_queue_size = 65536
	}
	modules {
		pap {
		}
		chap {
		}
		mschap {
			use_mppe = no
		}
		files {
			usersfile = $dir/users
		}
		detail {
			filename = $dir/detail
			permissions = 0600
			header = "%t"
			locking = no
		}
	}
	client lab4 {
		ipaddr = 0.0.0.0/0
		secret = $RADIUS_SECRET
	}
	client lab6 {
		ipv6addr = ::/0
		secret = $RADIUS_SECRET
	}
	server lab {
	END
	radius_listen auth ipaddr "$RADIUS_AT" "$2"
	radius_listen acct ipaddr "$RADIUS_AT" "$3"
	if [ -n "${RADIUS_AT6:-}" ]; then
		radius_listen auth ipv6addr "$RADIUS_AT6" "$2"
		radius_listen acct ipv6addr "$RADIUS_AT6" "$3"
	fi
	cat <<- END
		authorize {
			chap
			mschap
			files
			pap
		}
		authenticate {
			Auth-Type PAP {
				pap
			}
			Auth-Type CHAP {
				chap
			}
			Auth-Type MS-CHAP {
				mschap
			}
		}
		accounting {
			detail
		}
	}
	END
}

radius_answers() { # PORT TYPE
	r radclient -q -r 1 -t 1 "$RADIUS_AT:$1" status "$RADIUS_SECRET" <<< 'Message-Authenticator = 0x00'
}

radius_start() { # NAME [AUTH-PORT [ACCT-PORT]]
	local name=$1 auth=${2:-1812} acct=${3:-} dir=$LAB_DIR/$1
	local ours=$LAB_TEST_DIR/../etc/dictionary.brasberry
	command -v freeradius > /dev/null || fail "freeradius is not installed"
	acct=${acct:-$((auth + 1))}
	mkdir -p "$dir"
	[ -e "$dir/users" ] || radius_users "$name"
	radius_config "$dir" "$auth" "$acct" > "$dir/radiusd.conf"
	: > "$dir/dictionary"
	[ ! -e "$ours" ] || echo "\$INCLUDE $(realpath "$ours")" > "$dir/dictionary"
	RADIUS_RADDB=$dir
	touch "$dir/detail"
	# shellcheck disable=SC2086
	lab_spawn "$name" r env TZ=UTC LC_ALL=C freeradius $RADIUS_ARGS -d "$dir" -n radiusd
	wait_for 20 radius_up_or_gone "$name" "$auth" "$acct" || fail "FreeRADIUS $name does not answer"
	lab_running "$name" && radius_answers "$acct" || fail "FreeRADIUS $name ended"
}

radius_up_or_gone() { lab_gone "${LAB_PID[$1]}" || { radius_answers "$2" && radius_answers "$3"; }; }

radius_reloads() { grep -c '^HUP - Files loaded by a module have changed' "$LAB_DIR/$1.log"; }

# A HUP too soon after another is ignored, so it is sent until one is heeded.
radius_reload() { # NAME
	wait_for 20 radius_reloaded "$1" "$(radius_reloads "$1")" || fail "FreeRADIUS $1 did not reload"
}

radius_reloaded() {
	kill -HUP "${LAB_PID[$1]}" && wait_for 3 radius_reloaded_again "$@"
}
radius_reloaded_again() { [ "$(radius_reloads "$1")" -gt "$2" ]; }

radius_stop() { lab_stop "$@" > /dev/null || :; } # how it ends is no matter

# --- the fake one, records, dynamic authorization -------------------------------------------------

radius_fake() { # NAME PORT MODE [ARGS...]
	local name=$1 port=$2
	shift 2
	lab_spawn "$name" r python3 "$LAB_TEST_DIR/fake_radius.py" serve "$RADIUS_AT" "$port" "$RADIUS_SECRET" "$@"
	wait_for 10 lab_listens "${RADIUS_NETNS:-$BNG}" u "$port" || fail "the fake server does not listen"
}

# What the fake one received, its log's lines as d.
radius_fake_log() { python3 "$LAB_TEST_DIR/fake_radius.py" log "$LAB_DIR/$1.log" "$2"; }

radius_detail() { python3 "$LAB_TEST_DIR/fake_radius.py" detail "$LAB_DIR/$1/detail" "$2"; }
radius_record() { python3 "$LAB_TEST_DIR/fake_radius.py" detail "$LAB_DIR/$1/detail" "$2" print; }

# Exit 0 on ACK, 1 on NAK and on silence; the NAK's attributes are on stdout.
radius_dae() { # coa|disconnect ATTRIBUTE...
	local kind=$1
	shift
	# shellcheck disable=SC2086
	printf '%s\n' "$@" | g radclient ${RADIUS_RADDB:+-d "$RADIUS_RADDB"} -x -r "${RADIUS_DAE_TRIES:-2}" -t 1 "${RADIUS_DAE_AT:-127.0.0.1:3799}" \
		"$kind" "$RADIUS_DAE_SECRET" 2>&1
}

radius_conf_of() { # [NAME AUTH ACCT]...: nothing: the one on the usual ports
	local auth=1812 acct=1813
	[ $# = 0 ] || auth=$2 acct=$3
	echo "radius.server+=$RADIUS_AT,$RADIUS_SECRET,auth-port=$auth,acct-port=$acct"
	[ $# -le 3 ] || { shift 3; radius_conf_of "$@"; }
}
