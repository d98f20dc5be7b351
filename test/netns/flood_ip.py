#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody sends who reaches the concentrator's own sockets, as fast as he can, until SIGTERM:

  flood_ip.py coa|reply ADDRESS PORT SOURCE-PORT   CoA-Requests, or Access-Accepts, signed with nothing
                                                   known; SOURCE-PORT 0: any
  flood_ip.py connect ADDRESS PORT                 connections, 64 of them open at a time

Says "sending" when it has begun, and at the end how many in how many seconds.
"""
import random
import signal
import socket
import struct
import sys
import time

rng = random.Random(5176)
over = []


def radius(code):
    user = b"\x01\x07alice"
    return struct.pack("!BBH", code, rng.randrange(256), 20 + len(user)) + rng.randbytes(16) + user


def datagrams(code, address, port, source):
    """By a raw socket, so that the source port may be another's."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    ports = [int(port)] if port != "all" else range(1024, 65536)
    data = []
    for _ in range(4096):
        body = radius(code)
        to = rng.choice(ports)
        data.append(struct.pack("!HHHH", int(source) or rng.randrange(1024, 65536), to, 8 + len(body), 0) + body)
    sent = 0
    while not over:
        for d in data:
            try:
                sock.sendto(d, (address, 0))
                sent += 1
            except OSError:
                pass
    return sent


def connect(address, port):
    held, sent = [], 0
    while not over:
        s = socket.socket()
        s.settimeout(1)
        try:
            s.connect((address, int(port)))
            s.send(b"\xff\xfb\x1fshow")
            sent += 1
            held.append(s)
        except OSError:
            s.close()
        if len(held) > 64:
            held.pop(0).close()
    return sent


def main(kind, address, port, source="0"):
    signal.signal(signal.SIGTERM, lambda *_: over.append(True))
    begin = time.monotonic()
    print("sending", flush=True)
    if kind == "connect":
        sent = connect(address, port)
    else:
        sent = datagrams({"coa": 43, "reply": 2}[kind], address, port, source)
    print("%s: %d in %.1f s" % (kind, sent, time.monotonic() - begin))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
