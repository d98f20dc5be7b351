#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbered packets of many lines, and whether each line's arrive in order.

  spread.py send DEV MAC COUNT PPS DST [FORGED]  sessions (show sessions --json) on stdin: each sends COUNT
                                             UDP packets in PPPoE to MAC, in turn; FORGED: all from that source
  spread.py receive PORT LINES COUNT         until all are there or none has come for 5 s; prints what
                                             is missing and what was overtaken; 0: nothing is missing
"""
import json
import socket
import struct
import sys
import time

PORT = 9000


def mac(text):
    return bytes(int(x, 16) for x in text.split(":"))


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def head(session, own, src, dst):
    """Everything of a line's frames but the number."""
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 32, 1, 0, 64, 17, 0)
    ip += socket.inet_aton(src) + socket.inet_aton(dst)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    pppoe = struct.pack("!HBBHHH", 0x8864, 0x11, 0, session["sid"], 34, 0x21)
    return own + mac(session["calling-sid"]) + pppoe + ip + struct.pack("!HHHH", PORT, PORT, 12, 0)


def send(dev, own, count, pps, dst, forged=None):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((dev, 0))
    heads = [head(s, mac(own), forged or s["ip"], dst) for s in json.load(sys.stdin)]
    begin, sent = time.monotonic(), 0
    at = begin
    for number in range(int(count)):
        for h in heads:
            sock.send(h + struct.pack("!I", number) + bytes(12))
        sent += len(heads)
        # Who was kept waiting does not make up for it in a burst: a veth holds 256 packets.
        at = max(at + len(heads) / float(pps), time.monotonic())
        time.sleep(max(0, at - time.monotonic()))
    print("sent %d in %.2f s" % (sent, time.monotonic() - begin))
    return 0


def receive(port, lines, count):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    sock.bind(("", int(port)))
    sock.settimeout(20)
    last, seen, overtaken = {}, 0, 0
    print("listening", flush=True)
    try:
        while seen < int(lines) * int(count):
            data, (source, _) = sock.recvfrom(64)
            sock.settimeout(5)
            number = struct.unpack("!I", data[:4])[0]
            overtaken += number != last.get(source, -1) + 1
            last[source] = number
            seen += 1
    except socket.timeout:
        pass
    missing = int(lines) * int(count) - seen
    print("seen %d missing %d overtaken %d lines %d" % (seen, missing, overtaken, len(last)))
    return 1 if missing else 0


sys.exit(globals()[sys.argv[1]](*sys.argv[2:]))
