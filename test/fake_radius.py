#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A RADIUS server that misbehaves on demand, and a reader of FreeRADIUS's detail files.

  fake_radius.py serve ADDR PORT SECRET MODE [delay=S] [attr=TYPE:HEX]...
  fake_radius.py log FILE EXPR             over what `serve` printed, as d: true?
  fake_radius.py twice ADDR PORT SECRET USER   a Disconnect-Request sent two times: are both answers
                                           acknowledgements, and equal?
  fake_radius.py detail FILE EXPR [print]  over the records of a detail file, as d: true? or printed

MODE says what is done with a request; a User-Name "mode=MODE" says it for that request, and
"@FILE" has the mode in a file that is read for each request, so that it may change. Of a plain mode
the answer is Access-Accept (or Accounting-Response), signed, Message-Authenticator first.

  accept reject       what they say                   drop            no answer
  no-ma               without Message-Authenticator   bad-ma          with one that is wrong
  forged              signed by another secret        wrong-id        another identifier
  wrong-port          from another port               twice           the same answer, two times
  truncated           its last three octets missing   short           19 octets
  long-length         a length beyond the datagram    bad-chain       an attribute of length 1
  overrun             an attribute beyond the end     proxy-state     with a Proxy-State
  bad-vendor          a Vendor-Specific one whose inside is broken
  bad-address         a Framed-IP-Address of three octets
  garbage             random octets
  then-good:MODE      as MODE says, then the right answer
  slow                the right answer, `delay` seconds later (2)

Each request is printed as one line of JSON: code, id, length, ma (first|there|none, and whether it
is right), attrs (a list of [type, hex]), user, mode, time.
"""
import datetime
import hashlib
import hmac
import json
import os
import re
import socket
import struct
import sys
import threading
import time

ACCESS, ACCEPT, REJECT, ACCT, ACCT_REPLY, STATUS = 1, 2, 3, 4, 5, 12


def attr(kind, value):
    return bytes([kind, len(value) + 2]) + value


def attributes(packet):
    found, at = [], 20
    while at + 2 <= len(packet) and packet[at + 1] >= 2:
        found.append((packet[at], packet[at + 2:at + packet[at + 1]], at))
        at += packet[at + 1]
    return found


def ma_of(packet, at, auth, secret):
    zeroed = packet[:4] + auth + packet[20:at + 2] + bytes(16) + packet[at + 18:]
    return hmac.new(secret, zeroed, hashlib.md5).digest()


def pack(code, ident, request_auth, attrs, secret, ma=True):
    body = (attr(80, bytes(16)) if ma else b"") + attrs
    packet = struct.pack("!BBH", code, ident, 20 + len(body)) + request_auth + body
    if ma:
        packet = packet[:22] + ma_of(packet, 20, request_auth, secret) + packet[38:]
    return packet[:4] + hashlib.md5(packet + secret).digest() + packet[20:]


def resign(packet, request_auth, secret):
    return packet[:4] + hashlib.md5(packet[:4] + request_auth + packet[20:] + secret).digest() + packet[20:]


def ma_state(packet, secret):
    auth = packet[4:20] if packet[0] in (ACCESS, STATUS) else bytes(16)
    for number, (kind, value, at) in enumerate(attributes(packet)):
        if kind == 80 and len(value) == 16:
            good = hmac.compare_digest(ma_of(packet, at, auth, secret), value)
            return ("first" if number == 0 else "there") + ("" if good else " wrong")
    return "none"


class Server:
    def __init__(self, addr, port, secret, mode, options):
        kind = socket.AF_INET6 if ":" in addr else socket.AF_INET
        self.sock = socket.socket(kind, socket.SOCK_DGRAM)
        self.sock.bind((addr, port))
        self.other = socket.socket(kind, socket.SOCK_DGRAM)
        self.other.bind((addr, 0))
        self.secret, self.mode = secret.encode(), mode
        self.delay, self.attrs = 2.0, b""
        for option in options:
            name, value = option.split("=", 1)
            if name == "delay":
                self.delay = float(value)
            elif name == "attr":
                kind, value = value.split(":", 1)
                self.attrs += attr(int(kind), bytes.fromhex(value))
            else:
                sys.exit("fake_radius: what is " + name)

    def mode_for(self, user):
        if user.startswith("mode="):
            return user[5:]
        if self.mode.startswith("@"):
            with open(self.mode[1:], encoding="ascii") as f:
                return f.read().strip()
        return self.mode

    def good(self, packet, code=None, extra=b"", ma=True, secret=None, ident=None):
        if code is None:
            code = ACCT_REPLY if packet[0] == ACCT else ACCEPT
        attrs = self.attrs if code == ACCEPT else b""
        return pack(code, packet[1] if ident is None else ident, packet[4:20], attrs + extra,
                    secret or self.secret, ma)

    def answers(self, packet, mode):
        """What is sent: (from the right socket?, octets)."""
        auth, plain = packet[4:20], self.good(packet)
        if mode.startswith("then-good:"):
            return self.answers(packet, mode[10:]) + [(True, plain)]
        broken = {"overrun": attr(18, b"x" * 8)[:1] + b"\xff" + b"x" * 8, "bad-chain": b"\x12\x01",
                  "proxy-state": attr(33, b"proxy"), "bad-address": attr(8, b"\x64\x40\x01"),
                  "bad-vendor": attr(26, struct.pack("!I", 10055) + b"\x01\x40\x00")}
        if mode in broken:
            return [(True, self.good(packet, extra=broken[mode]))]
        if mode == "bad-ma":
            return [(True, resign(plain[:22] + bytes(16) + plain[38:], auth, self.secret))]
        made = {"accept": lambda: plain, "slow": lambda: plain,
                "reject": lambda: self.good(packet, REJECT, attr(18, b"no")),
                "no-ma": lambda: self.good(packet, ma=False),
                "forged": lambda: self.good(packet, secret=b"not the secret"),
                "wrong-id": lambda: self.good(packet, ident=packet[1] ^ 1),
                "wrong-port": lambda: plain, "twice": lambda: plain,
                "truncated": lambda: plain[:-3], "short": lambda: plain[:19],
                "long-length": lambda: plain[:2] + struct.pack("!H", len(plain) + 7) + plain[4:],
                "garbage": lambda: os.urandom(64)}
        if mode == "drop":
            return []
        answer = (mode != "wrong-port", made[mode]())
        return [answer] * (2 if mode == "twice" else 1)

    def send(self, answers, peer):
        for right, octets in answers:
            (self.sock if right else self.other).sendto(octets, peer)

    def handle(self, packet, peer):
        attrs = attributes(packet)
        user = next((v for k, v, _ in attrs if k == 1), b"").decode("latin-1")
        mode = self.mode_for(user)
        print(json.dumps({"time": time.time(), "code": packet[0], "id": packet[1],
                          "length": len(packet), "ma": ma_state(packet, self.secret),
                          "user": user, "mode": mode, "port": peer[1],
                          "attrs": [[k, v.hex()] for k, v, _ in attrs]}), flush=True)
        if packet[0] == STATUS and mode != "drop":
            mode = "accept"
        answers = self.answers(packet, mode)
        if mode == "slow":
            threading.Timer(self.delay, self.send, (answers, peer)).start()
        else:
            self.send(answers, peer)

    def run(self):
        while True:
            packet, peer = self.sock.recvfrom(4096)
            if len(packet) >= 20:
                self.handle(packet, peer)


NUMBER = re.compile(r"^\d+$")


def detail(path):
    """Each record a dict; an attribute that comes several times is a list. Numbers are numbers."""
    records, record = [], None
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            if not line.strip():
                record = None
            elif not line.startswith("\t"):
                record = {}
                records.append(record)
            elif record is not None and " = " in line:
                name, value = line.strip().split(" = ", 1)
                value = value.strip('"')
                value = int(value) if NUMBER.match(value) else value
                if name in record:
                    old = record[name]
                    record[name] = (old if isinstance(old, list) else [old]) + [value]
                else:
                    record[name] = value
    for record in records:
        for way in ("Input", "Output"):
            if f"Acct-{way}-Octets" in record:
                record[way] = record[f"Acct-{way}-Octets"] + (record.get(f"Acct-{way}-Gigawords", 0) << 32)
    return records


def log(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.startswith("{")]


def epoch(text):
    """A date as FreeRADIUS writes it, "Nov 21 2026 00:38:03 UTC"."""
    return int(datetime.datetime.strptime(text.rsplit(" ", 1)[0] + " +0000", "%b %d %Y %H:%M:%S %z").timestamp())


def evaluate(rows, expr, show):
    try:
        value = eval(expr, {"d": rows, "re": re, "epoch": epoch})  # pylint: disable=eval-used
    except (KeyError, IndexError, TypeError) as e:
        print(f"{type(e).__name__}: {e}: {expr}")
        value = None
    if show:
        print(value)
        return value is not None
    if not value:
        print(f"false: {expr}")
        for row in rows[-12:]:
            print(" ", row)
    return bool(value)


def twice(addr, port, secret, user):
    attrs = attr(1, user.encode())
    head = struct.pack("!BBH", 40, 99, 20 + len(attrs))
    packet = head + hashlib.md5(head + bytes(16) + attrs + secret.encode()).digest() + attrs
    family, kind, _, _, peer = socket.getaddrinfo(addr, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as sock:
        sock.settimeout(5)
        sock.connect(peer)
        answers = []
        for _ in range(2):
            sock.send(packet)
            answers.append(sock.recv(4096))
    print([a.hex() for a in answers])
    return answers[0] == answers[1] and answers[0][0] == 41


def main(argv):
    if len(argv) == 6 and argv[1] == "twice":
        return not twice(*argv[2:])
    if len(argv) >= 6 and argv[1] == "serve":
        Server(argv[2], int(argv[3]), argv[4], argv[5], argv[6:]).run()
    if len(argv) == 4 and argv[1] == "log":
        return not evaluate(log(argv[2]), argv[3], False)
    if len(argv) in (4, 5) and argv[1] == "detail":
        return not evaluate(detail(argv[2]), argv[3], len(argv) == 5)
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
