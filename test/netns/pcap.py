#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares captures (pcap, Ethernet), packet for packet.

  pcap.py same A B [HEAD]      the IP packets of both are the same, each as often; else says what differs.
                        Link-local and multicast IPv6 is left out: it ends on the line. Of a TCP SYN
                        only its ports and numbers count: the MSS is clamped between A and B. TCP
                        with data is compared octet for octet and as often: a device may have merged
                        or cut it.
  pcap.py count A [PROTO [HEAD]]   how many IP packets there are (of this protocol's number)
  HEAD "-1" of same: a router is between A and B, which counts the TTL down and has a smaller MTU on
  one side: fragments and ICMP are left out.
  With HEAD, what is wrapped up: so many octets are in front of the Ethernet frame (B's, of same).
"""
import collections
import hashlib
import struct
import sys

PORTS = [struct.pack("!H", p) for p in (4789, 4788, 37008)]


def frames(path):
    data = open(path, "rb").read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at + 16 <= len(data):
        caplen, = struct.unpack(order + "I", data[at + 8:at + 12])
        yield data[at + 16:at + 16 + caplen]
        at += 16 + caplen


def outer(f, head):
    """Is that a tunnel's packet: UDP to a known port, or GRE?"""
    at = 14 + (20 if f[12:14] == b"\x08\x00" else 40)
    proto = f[23] if at == 34 else f[20]
    return not head or proto == 47 or (proto == 17 and f[at + 2:at + 4] in PORTS)


def packet4(p):
    return p[:struct.unpack("!H", p[2:4])[0]], p[9], (p[0] & 15) * 4


def packet6(p):
    return p[:40 + struct.unpack("!H", p[4:6])[0]], p[6], 40


def local6(p):
    return p[24] == 0xff or (p[8] == 0xfe and p[9] & 0xc0 == 0x80) or (p[24] == 0xfe and p[25] & 0xc0 == 0x80)


def ip_packets(path, head=0):
    """(packet, protocol, length of the IP header) of each."""
    for f in frames(path):
        f = f[head:] if outer(f, head) else b""
        kind = f[12:14]
        if kind not in (b"\x08\x00", b"\x86\xdd"):
            continue
        p, proto, ip_len = packet4(f[14:]) if kind == b"\x08\x00" else packet6(f[14:])
        if kind == b"\x86\xdd" and local6(p):
            continue
        yield p, proto, ip_len


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


def is_fragment(p):
    return p[0] >> 4 == 4 and struct.unpack("!H", p[6:8])[0] & 0x3fff


def forwarded(p):
    """As it is on either side of a router: without TTL and the header's checksum."""
    return p[:8] + b"\0" + p[9:10] + b"\0\0" + p[12:] if p[0] >> 4 == 4 else p[:7] + b"\0" + p[8:]


def compared(path, head=0):
    """What is compared, and how often it is there."""
    found, streams = collections.Counter(), collections.defaultdict(list)
    for p, proto, ip_len in ip_packets(path, max(head, 0)):
        if head < 0 and (proto in (1, 58) or is_fragment(p)):
            continue
        p = forwarded(p) if head < 0 else p
        if proto != 6:
            found[p] += 1
            continue
        addresses = p[12:20] if p[0] >> 4 == 4 else p[8:40]
        payload = p[ip_len + (p[ip_len + 12] >> 4) * 4:]
        if payload:
            seq, = struct.unpack("!I", p[ip_len + 4:ip_len + 8])
            streams[addresses + p[ip_len:ip_len + 4]].append((seq, payload))
        elif p[ip_len + 13] & 2:
            found[addresses + p[ip_len:ip_len + 12]] += 1
        else:
            found[p] += 1
    for flow, pieces in streams.items():
        found[flow + stream(pieces)] += 1
    return found


def same(a, b, head=0):
    a, b = compared(a, min(head, 0)), compared(b, head)
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
    sys.exit(0 if same(*sys.argv[2:4], *map(int, sys.argv[4:])) else 1)
wanted = int(sys.argv[3]) if sys.argv[3:] and sys.argv[3] else None
print(sum(wanted in (None, proto) for _, proto, _ in ip_packets(sys.argv[2], *map(int, sys.argv[4:]))))
