#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose packets come to whom, for test/netns/soak.sh.

  soak.py send ADDRESS/BITS SECONDS        UDP to any address of the pool, 300 a second
  soak.py watch DEV FILE                   which (MAC, session, IPv4 address) packets to lines went to: a
                                           line of FILE for each new one; until SIGTERM
  soak.py judge FILE LOG...                each of them was a line's, by the logs of the dialers and of brasd (a
                                           line that is hung up, or whose brasd is killed, while it dials is
                                           only in that, at level 4); says how many
"""
import ipaddress
import random
import re
import signal
import socket
import struct
import sys
import time

UP = re.compile(r"^up \d+ \S+ (?P<ip>\S+) .*\bsid=(?P<sid>\d+) mac=(?P<mac>\S+)")
CARRIES = re.compile(r"^brasd: \S+ sid=(?P<sid>\d+) (?P<mac>\S+) \S+: carries (?P<ip>[\d.]+)")


def send(pool, seconds):
    net = ipaddress.ip_network(pool)
    rng = random.Random(1)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        try:
            sock.sendto(b"whose?", (str(net[rng.randrange(2, 600)]), 9))
        except OSError:  # an ICMP error of the last one: nobody has that address now
            pass
        time.sleep(1 / 300)
    return 0


def watch(dev, name):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x8864))
    sock.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    sock.bind((dev, 0x8864))
    seen = set()
    with open(name, "w", buffering=1) as out:
        while True:
            frame, where = sock.recvfrom(2048)
            if where[2] == socket.PACKET_OUTGOING or len(frame) < 42 or frame[20:22] != b"\0\x21":
                continue
            key = frame[0:6] + frame[16:18] + frame[38:42]
            if key not in seen:
                seen.add(key)
                out.write("%s %d %s\n" % (frame[0:6].hex(":"), struct.unpack("!H", frame[16:18])[0],
                                          socket.inet_ntoa(frame[38:42])))


def judge(name, *logs):
    lines = set()
    for log in logs:
        with open(log) as text:
            for match in (UP.match(line) or CARRIES.match(line) for line in text):
                if match:
                    lines.add((match["mac"], match["sid"], match["ip"]))
    with open(name) as text:
        met = {tuple(line.split()) for line in text if line.endswith("\n")}
    wrong = met - lines
    for one in sorted(wrong)[:10]:
        print("wrong: %s session %s, to %s" % one)
    print("%d of %d lines met" % (len(met - wrong), len(lines)))
    return bool(wrong) or not met


if __name__ == "__main__":
    sys.exit({"send": send, "watch": watch, "judge": judge}[sys.argv[1]](*sys.argv[2:]))
