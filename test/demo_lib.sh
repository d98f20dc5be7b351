# What the demos share; to be sourced after test/lab.sh.
#
#   title TEXT...      show COMMAND...   its output, indented
#   start_brasd        by $CONF          end_brasd
#   keep               all of it stays up, and how to enter it; KEEP_MORE: a line more

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { "$@" 2>&1 | sed 's/^/    /'; }

start_brasd() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
	show cat "$LAB_DIR/brasd.log"
}

end_brasd() {
	lab_ctl shutdown > /dev/null || fail "shutdown was refused"
	wait_for 20 lab_gone "${LAB_PID[brasd]}" || fail "brasd does not end"
	lab_stop brasd || fail "brasd ended with an error"
}

keep() {
	title "It stays up"
	trap - EXIT
	disown -a
	cat <<-END
	    the house (the subscriber's device is ppp0):   nsenter --net=/run/netns/$HOUSE
	    the concentrator:                              nsenter --net=/run/netns/$BNG
	    the internet (web, iperf3, DNS at $WEB4):   nsenter --net=/run/netns/$INTERNET
	    ask the daemon:                                $B/brasctl -i $INSTANCE show sessions
	    its log and configuration:                     $LAB_DIR
	    ${KEEP_MORE:-}
	    take it down:                                  $LAB_DIR/down
	END
	{
		echo '#!/bin/bash'
		echo "B=$B"
		echo ". $LAB_TEST_DIR/lab.sh"
		echo "LAB=$LAB LAB_DIR=$LAB_DIR INSTANCE=$INSTANCE LAB_NETNS=(${LAB_NETNS[*]})"
		for name in "${!LAB_PID[@]}"; do echo "LAB_PID[$name]=${LAB_PID[$name]}"; done
		echo "lab_down"
	} > "$LAB_DIR/down"
	chmod 700 "$LAB_DIR/down"
}
