#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long a restart takes: test/bench/restart.sh BUILD [SESSIONS...]. From exec of the next brasd,
# after kill -9: to all sessions adopted, to the ports being attached (ready), and to the end of a
# new line's login that begins then. The median of five, with and without the shaper.
. "$(dirname "$0")/lib.sh"
[ $# = 0 ] || shift
[ $# -gt 0 ] || set -- 1000 10000

# Prints adopted, ready, login in ms. The process goes on: its id is in $T/pid.
cat > "$T/timed.py" <<- 'END'
	import os, subprocess, sys, time
	house, bng, brasd, conf, instance, dialer, number, log, pidfile = sys.argv[1:]
	begin = time.monotonic()
	def ms(): return (time.monotonic() - begin) * 1000
	p = subprocess.Popen(["nsenter", "--net=/run/netns/" + bng, brasd, "-c", conf, "-i", instance],
	                     stderr=subprocess.PIPE, start_new_session=True)
	adopted = ready = 0
	for line in p.stderr:
	    if b"sessions go on" in line:
	        adopted = ms()
	    if line.startswith(b"brasd: ready"):
	        ready = ms()
	        break
	mac = "02:cc:00:00:%02x:00" % int(number)
	d = subprocess.Popen(["nsenter", "--net=/run/netns/" + house, dialer, "-i", "wan0", "-u", "user", "-p", "pass",
	                      "--mac-base", mac, "--hold", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
	login = 0
	for line in d.stdout:
	    if line.startswith(b"up "):
	        login = ms()
	d.wait()
	open(pidfile, "w").write(str(p.pid))
	print("%.0f %.0f %.0f" % (adopted, ready, login))
	sys.stdout.flush()
	os._exit(0)  # brasd stays; nobody reads what it says any more
END

killed() {
	kill -9 "$brasd"
	wait_for 10 gone "$brasd"
	wait "$brasd" 2> /dev/null
}
one() { # NUMBER
	killed
	/usr/bin/python3 "$T/timed.py" $H $G "$B/brasd" "$T/brasd.conf" $INSTANCE "$B/dialer" "$1" "$T/log" "$T/pid"
	brasd=$(cat "$T/pid")
}
median() { sort -n | sed -n 3p; }

row() { # SHAPER SESSIONS
	local i
	IPV6=allow config xdp $(($2 + 100)) 30
	sed -i "s/^\\(log\\|level\\) *= *.*/level = 3/; /^\\[shaper\\]/,/^\\[/s/^mode = .*/mode = $1/" "$T/brasd.conf"
	[ "$1" = off ] || sed -i '/^\[shaper\]/a default = 50000/10000' "$T/brasd.conf"
	brasd_start
	dial "$2"
	for i in 1 2 3 4 5; do
		one $i >> "$T/times"
	done
	[ "$(active)" = "$2" ] || echo "bench: $(active) lines of $2 are left" >&2
	echo "| $2 | $1 | $(cut -d' ' -f1 "$T/times" | median) | $(cut -d' ' -f2 "$T/times" | median) | $(cut -d' ' -f3 "$T/times" | median) |"
	rm "$T/times"
	dial_end
	end "$brasd" 120
	brasd=
}

lab
echo "| sessions | shaper | adopted, ms | ready, ms | first new login, ms |"
echo "| --- | --- | --- | --- | --- |"
for n in "$@"; do
	row off "$n"
	row htb "$n"
done
