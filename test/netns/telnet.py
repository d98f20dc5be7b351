#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Drives the telnet console: with Debian's telnet on a terminal of our own, and with bare sockets.
telnet.py ADDRESS PORT WHAT [ARGUMENT...]; exit 0, or 1 and what was seen."""
import os, pty, random, re, select, socket, struct, sys, termios, fcntl, time

ADDRESS, PORT, WHAT = sys.argv[1], int(sys.argv[2]), sys.argv[3]
DEADLINE = 30


class Terminal:
    """telnet(1) on a pseudo-terminal."""

    def __init__(self, rows=0):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            if rows:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 132, 0, 0))
            os.environ["TERM"] = "vt100"
            os.execvp("telnet", ["telnet", ADDRESS, str(PORT)])

    def read(self, until):
        end = time.monotonic() + DEADLINE
        while not re.search(until, self.seen, re.S):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                fail(f"no {until!r} in {self.seen!r}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                fail(f"closed, no {until!r} in {self.seen!r}")
            self.seen += data
        got = self.seen
        self.seen = b""
        return got

    def send(self, text):
        os.write(self.fd, text)

    def closed(self):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 1)[0]:
                try:
                    if not os.read(self.fd, 65536):
                        return True
                except OSError:
                    return True
        return False


def fail(why):
    print(f"telnet.py {WHAT}: {why}")
    sys.exit(1)


PROMPT = rb"brasberry# $"


def connect():
    s = socket.create_connection((ADDRESS, PORT), timeout=DEADLINE)
    return s


def talk(text, half_close=True):
    """As nc does: everything is sent at once, then our half is closed."""
    s = connect()
    s.sendall(text)
    if half_close:
        s.shutdown(socket.SHUT_WR)
    got = b""
    while True:
        data = s.recv(65536)
        if not data:
            return got
        got += data


def keys():
    t = Terminal()
    t.read(PROMPT)
    t.send(b"sh\t\t")
    got = t.read(rb"show.*shutdown.*brasberry# sh")
    t.send(b"ow st\t\r")  # Tab completes the word
    got = t.read(rb"uptime: .*sessions:.*" + PROMPT)
    t.send(b"\x1b[A\r")  # the last line again
    t.read(rb"uptime: .*" + PROMPT)
    t.send(b"show ?")
    t.read(rb"sessions.*radius.*brasberry# show ")
    t.send(b"\x15sho sta\r")  # prefixes
    t.read(rb"uptime: .*" + PROMPT)
    t.send(b"shutdown ?")
    t.read(rb"soft.*hard.*" + rb"brasberry# ")
    t.send(b"\x15show s\r")
    t.read(rb"(nvalid command|mbiguous).*" + PROMPT)
    t.send(b"nonsense\r")
    t.read(rb"nvalid command.*" + PROMPT)
    t.send(b"show stat | include PADI\r")
    got = t.read(rb"recv PADI.*" + PROMPT)
    if b"sent PADO" in got:
        fail("include lets everything through")
    t.send(b"show stat | exclude PADI\r")
    got = t.read(rb"sent PADO.*" + PROMPT)
    if b"recv PADI" in got:
        fail("exclude excludes nothing")
    t.send(b"show stat | begin pppoe:\r")
    if b"uptime" in t.read(rb"pppoe:\r\n.*" + PROMPT).replace(b"show stat", b""):
        fail("begin begins at the beginning")
    t.send(b"show pools | count\r")
    t.read(rb"\r\n\d+\r\n.*" + PROMPT)
    t.send(b"show sessions | json\r")
    t.read(rb"\r\n\[\]\r\n.*" + PROMPT)
    t.send(b"exit\r")
    if not t.closed():
        fail("exit does not")


def paging():
    t = Terminal(rows=10)
    t.read(PROMPT)
    t.send(b"show stat\r")
    got = t.read(rb"--More--$")
    if got.count(b"\n") > 13:
        fail(f"a page of 10 rows: {got!r}")
    t.send(b" ")
    t.read(rb"--More--$")
    t.send(b"q")
    t.read(PROMPT)


def login():
    user, password = sys.argv[4].encode(), sys.argv[5].encode()
    t = Terminal()
    t.read(rb"Username: ")
    t.send(user + b"\r")
    t.read(rb"Password: ")
    t.send(b"wrong\r")
    start = time.monotonic()
    t.read(rb"denied.*Username: ")
    if time.monotonic() - start < 1.5:
        fail("a failed login costs no time")
    t.send(user + b"\r")
    t.read(rb"Password: ")
    t.send(password + b"\r")
    got = t.read(PROMPT)
    if password in got:
        fail("the password is echoed")
    t.send(b"show stat\r")
    t.read(rb"uptime: .*" + PROMPT)
    t.send(b"terminate all\r")
    t.read((rb"terminated: " if sys.argv[6] == "admin" else rb"nvalid command|not allowed") + rb".*" + PROMPT)


def wrong():
    t = Terminal()
    for _ in range(3):
        t.read(rb"Username: ")
        t.send(b"mallory\r")
        t.read(rb"Password: ")
        t.send(b"guess\r")
    if not t.closed():
        fail("three wrong passwords, and it stays")


def script():
    got = talk(b"show stat\nshow pools\r\nshow sessions | json\nterminate all")
    for want in rb"uptime: \d", rb"total", rb"\[\]":
        if not re.search(want, got):
            fail(f"no {want!r} in {got!r}")
    if b"terminated" in got:
        fail("a line without an end was done")
    for _ in range(10):  # a machine that is busy may need more than the moment that a script has to speak
        if b"\xff" not in got:
            return
        got = talk(b"show pools\n")
    fail("a script is offered telnet")


def junk():
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    for _ in range(60):
        s = connect()
        try:
            for _ in range(rng.randrange(1, 8)):
                kind = rng.randrange(4)
                if kind == 0:
                    s.sendall(rng.randbytes(rng.randrange(1, 8000)))
                elif kind == 1:
                    s.sendall(bytes(rng.choice(b"\t?| \r\x10\x0e\x1b[A\xff\xfa\x1f") for _ in range(2000)))
                elif kind == 2:
                    s.sendall(b"A" * 9000 + b"\x10\t" * 100 + b"\r")
                else:
                    s.sendall(b"show sessions " + b"| include x " * 300 + b"\n")
        except OSError:
            pass
        s.close()


def stall():
    """Asks for a lot, reads nothing: the console closes the connection."""
    s = connect()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    end = time.monotonic() + 90
    s.settimeout(1)
    while time.monotonic() < end:
        try:
            s.sendall(b"show stat | json\n" * 50)
        except socket.timeout:
            continue
        except OSError:
            return
    fail("a reader that stalls is kept")


def many():
    want = int(sys.argv[4])
    conns = [connect() for _ in range(200)]
    refused = served = 0
    for s in conns:
        s.sendall(b"")
        got = b""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and b"# " not in got and b"too many" not in got:
            data = s.recv(4096)
            if not data:
                break
            got += data
        refused += b"too many" in got or not got
        served += b"# " in got
    print(f"{served} served, {refused} sent away")
    if served != want or served + refused != 200:
        fail("not as configured")


def idle():
    """Says nothing: it is sent away, after ten seconds and not before."""
    s = connect()
    s.settimeout(60)
    start = time.monotonic()
    while s.recv(4096):
        pass
    if time.monotonic() - start < 9:
        fail(f"sent away after {time.monotonic() - start:.1f} s")


{f.__name__: f for f in (keys, paging, login, wrong, script, junk, stall, many, idle)}[WHAT]()
