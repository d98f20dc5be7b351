#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checksums of a capture, all made anew.

  sums.py FILE [LEAST]   IPv4's header, TCP and UDP of each packet, in Ethernet or PPPoE (up to two
                         tags). What is wrong is told, else how many there were of each kind; fewer
                         than LEAST of one of tcp4, tcp6, udp4, udp6, or none with an odd length, is
                         wrong as well.
"""
import collections
import struct
import sys


def frames(path):
    data = open(path, "rb").read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at + 16 <= len(data):
        caplen, length = struct.unpack(order + "II", data[at + 8:at + 16])
        if caplen == length:
            yield data[at + 16:at + 16 + caplen]
        at += 16 + caplen


def ip_of(f):
    at = 12
    while f[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, p = f[at:at + 2], f[at + 2:]
    if kind == b"\x88\x64":
        kind, p = {b"\x00\x21": b"\x08\x00", b"\x00\x57": b"\x86\xdd"}.get(p[6:8]), p[8:]
    return {b"\x08\x00": 4, b"\x86\xdd": 6}.get(kind), p


def total(*parts):
    data = b"".join(parts)
    data += b"\0" * (len(data) % 2)
    n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return n


def check(family, p):
    """(kind, odd, what is wrong) or None: neither TCP nor UDP, or a fragment."""
    if family == 4:
        head = (p[0] & 15) * 4
        p = p[:struct.unpack("!H", p[2:4])[0]]
        if total(p[:head]) != 0xffff:
            return "ip4", False, "header"
        if p[6] & 0x3f or p[7]:
            return None
        proto, addresses = p[9], p[12:20]
    else:
        head, proto = 40, p[6]
        p = p[:40 + struct.unpack("!H", p[4:6])[0]]
        addresses = p[8:40]
    name = {6: "tcp", 17: "udp"}.get(proto)
    if not name:
        return None
    l4 = p[head:]
    kind = "%s%d" % (name, family)
    if name == "udp" and family == 4 and l4[6:8] == b"\0\0":
        return kind, len(l4) % 2, ""
    good = total(addresses, struct.pack("!HH", proto, len(l4)), l4) == 0xffff
    return kind, len(l4) % 2, "" if good else "checksum"


def main():
    least = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    count, wrong = collections.Counter(), 0
    for f in frames(sys.argv[1]):
        family, p = ip_of(f)
        found = check(family, p) if family else None
        if not found:
            continue
        kind, odd, what = found
        count[kind] += 1
        count[kind + " odd"] += odd
        if what:
            wrong += 1
            if wrong < 10:
                print("%s: wrong %s: %s" % (kind, what, p[:64].hex()))
    print(dict(count))
    for kind in ("tcp4", "tcp6", "udp4", "udp6"):
        if count[kind] < least or (least and not count[kind + " odd"]):
            print("too few: %s" % kind)
            wrong += 1
    sys.exit(1 if wrong else 0)


main()
