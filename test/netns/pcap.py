#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares captures (pcap, Ethernet), packet for packet.

  pcap.py same A B      the IP packets of both are the same, each as often; else says what differs.
                        Link-local and multicast IPv6 is left out: it ends on the line. Of a TCP SYN
                        only its ports and numbers count: the MSS is clamped between A and B. TCP
                        with data is compared octet for octet and as often: a device may have merged
                        or cut it.
  pcap.py count A [PROTO]   how many IP packets there are (of this protocol's number)
"""
import collections
import hashlib
import struct
import sys


def frames(path):
    data = open(path, "rb").read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at + 16 <= len(data):
        caplen, = struct.unpack(order + "I", data[at + 8:at + 12])
        yield data[at + 16:at + 16 + caplen]
        at += 16 + caplen


def packet4(p):
    return p[:struct.unpack("!H", p[2:4])[0]], p[9], (p[0] & 15) * 4


def packet6(p):
    return p[:40 + struct.unpack("!H", p[4:6])[0]], p[6], 40


def local6(p):
    return p[24] == 0xff or (p[8] == 0xfe and p[9] & 0xc0 == 0x80) or (p[24] == 0xfe and p[25] & 0xc0 == 0x80)


def ip_packets(path):
    """(packet, protocol, length of the IP header) of each."""
    for f in frames(path):
        kind = f[12:14]
        if kind not in (b"\x08\x00", b"\x86\xdd"):
            continue
        p, proto, head = packet4(f[14:]) if kind == b"\x08\x00" else packet6(f[14:])
        if kind == b"\x86\xdd" and local6(p):
            continue
        yield p, proto, head


def stream(pieces):
    """Ranges of a direction's octets, how many there were, and their hash."""
    ranges, data, total = [], hashlib.sha256(), 0
    for seq, payload in sorted(pieces):
        total += len(payload)
        if ranges and seq <= ranges[-1][1]:
            payload = payload[ranges[-1][1] - seq:]
            ranges[-1][1] += len(payload)
        else:
            ranges.append([seq, seq + len(payload)])
        data.update(payload)
    return str((ranges, total, data.hexdigest())).encode()


def compared(path):
    """What is compared, and how often it is there."""
    found, streams = collections.Counter(), collections.defaultdict(list)
    for p, proto, head in ip_packets(path):
        if proto != 6:
            found[p] += 1
            continue
        addresses = p[12:20] if p[0] >> 4 == 4 else p[8:40]
        payload = p[head + (p[head + 12] >> 4) * 4:]
        if payload:
            seq, = struct.unpack("!I", p[head + 4:head + 8])
            streams[addresses + p[head:head + 4]].append((seq, payload))
        elif p[head + 13] & 2:
            found[addresses + p[head:head + 12]] += 1
        else:
            found[p] += 1
    for flow, pieces in streams.items():
        found[flow + stream(pieces)] += 1
    return found


def same(a, b):
    a, b = compared(a), compared(b)
    if a and a == b:
        return True
    only_a, only_b = a - b, b - a
    print(f"{sum(a.values())} and {sum(b.values())} packets and streams; {sum(only_a.values())} only in the "
          f"first, {sum(only_b.values())} only in the second")
    for name, only in (("first", only_a), ("second", only_b)):
        for p, n in list(only.items())[:3]:
            print(f"  {name}, {n} times: {p[:200].hex()}")
    return False


if sys.argv[1] == "same":
    sys.exit(0 if same(sys.argv[2], sys.argv[3]) else 1)
print(sum(1 for _, proto, _ in ip_packets(sys.argv[2]) if len(sys.argv) < 4 or proto == int(sys.argv[3])))
