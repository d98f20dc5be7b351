#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes radius.hex: real FreeRADIUS and radclient, with a recording relay between them.

    test/vectors/radius-take.py > test/vectors/radius.hex

Needs Debian's freeradius and freeradius-utils. The server has a configuration of its own in a
temporary directory, listens on 127.0.0.1 only, and is ended at the end. What goes either way is
printed in hex, `>` a request, `<` its reply. README.md says what is in each exchange.
"""
import os, select, shutil, signal, socket, subprocess, sys, tempfile, time

SECRET = "testing123"
CONF = """
raddbdir = {dir}
run_dir = {dir}
logdir = {dir}
libdir = /usr/lib/freeradius
pidfile = {dir}/pid
modules {{
	pap {{
	}}
	chap {{
	}}
	mschap {{
		use_mppe = yes
	}}
	always ok {{
		rcode = ok
	}}
	files {{
		filename = {dir}/users
	}}
}}
client lab {{
	ipaddr = 127.0.0.1
	secret = {secret}
}}
server lab {{
	listen {{
		type = auth
		ipaddr = 127.0.0.1
		port = {auth}
	}}
	listen {{
		type = acct
		ipaddr = 127.0.0.1
		port = {acct}
	}}
	authorize {{
		chap
		mschap
		files
		pap
	}}
	authenticate {{
		Auth-Type PAP {{
			pap
		}}
		Auth-Type CHAP {{
			chap
		}}
		Auth-Type MS-CHAP {{
			mschap
		}}
	}}
	accounting {{
		update reply {{
			Message-Authenticator := 0x00
		}}
		ok
	}}
}}
"""
USERS = """
User	Cleartext-Password := "clientPass"
	Reply-Message = "hello",
	Message-Authenticator = 0x00

alice	Cleartext-Password := "wonderland and a long tail"
	User-Name = "alice@example.net",
	Framed-IP-Address = 192.0.2.10,
	Framed-MTU = 1492,
	Filter-Id = "10000/2000",
	Framed-Route = "198.51.100.0/24 192.0.2.10 1",
	Framed-Route += "203.0.113.8/29",
	Framed-Pool = "customers",
	Class = 0x0001ff00,
	Class += "second",
	Session-Timeout = 86400,
	Idle-Timeout = 3600,
	Termination-Action = RADIUS-Request,
	Acct-Interim-Interval = 600,
	Port-Limit = 2,
	Framed-Interface-Id = 0:0:0:10,
	Framed-IPv6-Prefix = 2001:db8:1:2::/64,
	Delegated-IPv6-Prefix = 2001:db8:8000:100::/56,
	Framed-IPv6-Route = "2001:db8:77::/48 :: 1",
	Framed-IPv6-Pool = "six",
	Framed-IPv6-Address = 2001:db8:2::10,
	DNS-Server-IPv6-Address = 2001:db8::53,
	DNS-Server-IPv6-Address += 2001:db8::54,
	Delegated-IPv6-Prefix-Pool = "pd",
	MS-Primary-DNS-Server = 192.0.2.53,
	MS-Secondary-DNS-Server = 192.0.2.54,
	RP-Upstream-Speed-Limit = 2000,
	RP-Downstream-Speed-Limit = 10000,
	Mikrotik-Total-Limit = 5,
	Mikrotik-Total-Limit-Gigawords = 1,
	Mikrotik-Rate-Limit = "2M/10M",
	Reply-Message = "Welcome",
	Reply-Message += "home"
"""
LINE = ('NAS-IP-Address = 192.0.2.1, Calling-Station-Id = "02:00:00:00:00:01", '
	'Message-Authenticator = 0x00')
CHAL = "0x5b5d7c7d7b3f2f3e3c2c602132262628"
RESP = ("0x0100" "21402324255e262a28295f2b3a337c7e" "0000000000000000"
	"82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df")
AUTH = [
	("pap accept", 'User-Name = "alice", User-Password = "wonderland and a long tail", ' + LINE),
	("pap reject", 'User-Name = "alice", User-Password = "no", ' + LINE),
	("chap accept", 'User-Name = "alice", CHAP-Password = "wonderland and a long tail", ' + LINE),
	("mschap accept", 'User-Name = "User", MS-CHAP-Challenge = %s, MS-CHAP2-Response = %s, %s'
		% (CHAL, RESP, LINE)),
	("mschap reject", 'User-Name = "User", MS-CHAP-Challenge = %s, MS-CHAP2-Response = %s, %s'
		% (CHAL, RESP[:-2] + "00", LINE)),
	("status", 'Message-Authenticator = 0x00'),
]
ACCT = [("accounting", 'User-Name = "alice", Acct-Status-Type = Start, Acct-Session-Id = "01", '
	'NAS-IP-Address = 192.0.2.1'),
	("accounting signed", 'User-Name = "alice", Acct-Status-Type = Stop, Acct-Session-Id = "01", '
	'NAS-IP-Address = 192.0.2.1, Message-Authenticator = 0x00')]
DAE = [
	("coa", 'Acct-Session-Id = "01", User-Name = "alice", Session-Timeout = 60, '
		'RP-Upstream-Speed-Limit = 1000, RP-Downstream-Speed-Limit = 5000, Class = 0x0102, '
		'Event-Timestamp = 1700000000, Message-Authenticator = 0x00'),
	("disconnect", 'Framed-IPv6-Prefix = 2001:db8:1:2::/64, Framed-Interface-Id = 0:0:0:10, '
		'Delegated-IPv6-Prefix = 2001:db8:8000:100::/56'),
]


def udp():
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("127.0.0.1", 0))
	return s


def exchange(kind, port, text, name):
	"""One request by radclient through us to `port` (None: to nobody)."""
	front, back = udp(), udp()
	cmd = ["radclient", "-r", "1", "-t", "2", "127.0.0.1:%d" % front.getsockname()[1], kind, SECRET]
	client = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
				  stderr=subprocess.DEVNULL)
	client.stdin.write((text + "\n").encode())
	client.stdin.close()
	if not select.select([front], [], [], 5)[0]:
		sys.exit("%s: radclient said nothing" % name)
	request, who = front.recvfrom(4096)
	print("> %s # %s" % (request.hex(), name))
	if port:
		back.sendto(request, ("127.0.0.1", port))
		if not select.select([back], [], [], 5)[0]:
			sys.exit("%s: no answer" % name)
		reply = back.recv(4096)
		front.sendto(reply, who)
		print("< %s # %s" % (reply.hex(), name))
	rc = client.wait()
	if port and rc and "reject" not in name:
		sys.exit("%s: radclient does not like the answer" % name)


def free_port():
	s = udp()
	port = s.getsockname()[1]
	s.close()
	return port


def main():
	tmp = tempfile.mkdtemp()
	server = None
	try:
		os.chmod(tmp, 0o755)
		auth, acct = free_port(), free_port()
		with open(tmp + "/radiusd.conf", "w") as f:
			f.write(CONF.format(dir=tmp, secret=SECRET, auth=auth, acct=acct)
				.replace("server lab {", "security {\n\tstatus_server = yes\n}\nserver lab {"))
		with open(tmp + "/users", "w") as f:
			f.write(USERS)
		with open(tmp + "/log", "w") as log:
			server = subprocess.Popen(["freeradius", "-fxx", "-l", "stdout", "-d", tmp,
						   "-n", "radiusd"], stdout=log, stderr=log)
		deadline = time.monotonic() + 20
		while "Ready to process" not in open(tmp + "/log").read():
			if server.poll() is not None or time.monotonic() > deadline:
				sys.exit(open(tmp + "/log").read()[-3000:])
			select.select([], [], [], 0.1)
		print("# Taken by test/vectors/radius-take.py: FreeRADIUS and radclient of Debian 12.")
		print("# The secret is %s." % SECRET)
		for name, text in AUTH:
			exchange("status" if name == "status" else "auth", auth, text, name)
		for name, text in ACCT:
			exchange("acct", acct, text, name)
		for name, text in DAE:
			exchange(name, None, text, name)
	finally:
		if server:
			server.send_signal(signal.SIGTERM)
			server.wait()
		shutil.rmtree(tmp)


main()
