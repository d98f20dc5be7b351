#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares captures (pcap, Ethernet), packet for packet.

  pcap.py same A B [HEAD]      the IP packets of both are the same, each as often; else says what differs.
                        Link-local and multicast IPv6 is left out: it ends on the line. Of a TCP SYN
                        only its ports and numbers count: the MSS is clamped between A and B. TCP
                        with data is compared octet for octet and as often: a device may have merged
                        or cut it.
  pcap.py count A [PROTO [HEAD]]   how many IP packets there are (of this protocol's number)
  pcap.py edge A B      A is a capture of the access link: its PPPoE session frames are taken off, and same
  pcap.py through A B INSIDE[,INSIDE]... [PREFIX/96]   A is on the other side of a translator (NAT44, NAT64) than
                        B: the same, but for what it changes: the inside end's address and port (one of
                        the prefixes INSIDE, as hex digits), TTL, checksums, an echo's id, fragments
                        (put together); with PREFIX, IPv6 to and from it is the IPv4 inside
  HEAD "-1" of same: a router is between A and B, which counts the TTL down and has a smaller MTU on
  one side: fragments and ICMP are left out.
  With HEAD, what is wrapped up: so many octets are in front of the Ethernet frame (B's, of same).
"""
import collections
import hashlib
import socket
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


def session_packets(path):
    """As ip_packets, of PPPoE session frames, untagged."""
    for f in frames(path):
        length, proto = struct.unpack("!HH", f[18:22]) if f[12:14] == b"\x88\x64" else (0, 0)
        p = f[22:20 + length]
        if proto == 0x21:
            yield packet4(p)
        elif proto == 0x57 and not local6(p):
            yield packet6(p)


def fragment(p, proto, ip_len):
    """(key, offset, more, data, protocol) of a fragment, IPv4's or IPv6's, or None."""
    if proto == 44 and p[0] >> 4 == 6:
        word, = struct.unpack("!H", p[42:44])
        return p[8:40] + p[44:48], word & 0xfff8, word & 1, p[48:], p[40]
    if is_fragment(p):
        word, = struct.unpack("!H", p[6:8])
        return p[4:6] + p[9:10] + p[12:20], (word & 0x1fff) * 8, word & 0x2000, p[ip_len:], proto
    return None


def put_together(packets):
    """Fragments as one packet, in the place of the last one."""
    parts = {}
    for p, proto, ip_len in packets:
        f = fragment(p, proto, ip_len)
        if not f:
            yield p, proto, ip_len
            continue
        key, offset, more, data, proto = f
        have = parts.setdefault(key, {})
        have[offset] = (data, more)
        whole, more = b"", 1
        while len(whole) in have and more:
            data, more = have[len(whole)]
            whole += data
        if not more:
            del parts[key]
            head = p[:4] + b"\0\0\0\0" + p[8:ip_len] if p[0] >> 4 == 4 else p[:6] + bytes([proto]) + p[7:40]
            yield head + whole, proto, ip_len


def ends(p, prefix):
    """Source and destination; IPv4's where a translator's prefix is one of them."""
    if p[0] >> 4 == 4:
        return p[12:16], p[16:20]
    src, dst = p[8:24], p[24:40]
    if prefix and prefix in (src[:12], dst[:12]):
        return [a[12:] if a[:12] == prefix else b"inside" for a in (src, dst)]
    return src, dst


def through(path, inside, prefix):
    """What a translator leaves as it is, and how often it is there."""
    found, streams = collections.Counter(), collections.defaultdict(list)
    for p, proto, ip_len in put_together(ip_packets(path)):
        src, dst = ends(p, prefix)
        up, down = (a == b"inside" or any(a.startswith(i) for i in inside) for a in (src, dst))
        if up == down:
            continue
        other, port, l4 = (dst, p[ip_len + 2:ip_len + 4], p[ip_len:]) if up else (src, p[ip_len:ip_len + 2], p[ip_len:])
        key = (up, other)
        if proto == 17:
            found[key + (17, port, l4[8:])] += 1
        elif proto == 6:
            payload, (seq,) = l4[(l4[12] >> 4) * 4:], struct.unpack("!I", l4[4:8])
            if payload:
                streams[key + (6, port)].append((seq, payload))
            else:
                found[key + (6, port, l4[4:12], l4[13] & 0x17)] += 1
        elif proto in (1, 58):
            kind = {128: 8, 129: 0}.get(l4[0], l4[0]) if proto == 58 else l4[0]
            found[key + ((1, kind, l4[6:]) if kind in (0, 8) else (1, kind, l4[1]))] += 1
        else:
            found[key + (proto, l4)] += 1
    for key, pieces in streams.items():
        found[key + (stream(pieces),)] += 1
    return found


def compared(path, head=0, packets=None):
    """What is compared, and how often it is there."""
    found, streams = collections.Counter(), collections.defaultdict(list)
    for p, proto, ip_len in packets or ip_packets(path, max(head, 0)):
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
    return equal(compared(a, min(head, 0)), compared(b, head))


def equal(a, b):
    if a and a == b:
        return True
    only_a, only_b = a - b, b - a
    print(f"{sum(a.values())} and {sum(b.values())} packets and streams; {sum(only_a.values())} only in the "
          f"first, {sum(only_b.values())} only in the second")
    for name, only in (("first", only_a), ("second", only_b)):
        for p, n in list(only.items())[:3]:
            print(f"  {name}, {n} times: {p[:200].hex() if isinstance(p, bytes) else str(p)[:400]}")
    return False


if sys.argv[1] == "same":
    sys.exit(0 if same(*sys.argv[2:4], *map(int, sys.argv[4:])) else 1)
if sys.argv[1] == "edge":
    sys.exit(0 if equal(compared(sys.argv[2], 0, session_packets(sys.argv[2])), compared(sys.argv[3])) else 1)
if sys.argv[1] == "through":
    inside = [bytes.fromhex(i) for i in sys.argv[4].split(",")]
    prefix = socket.inet_pton(socket.AF_INET6, sys.argv[5].split("/")[0])[:12] if sys.argv[5:] else b""
    sys.exit(0 if equal(*(through(path, inside, prefix) for path in sys.argv[2:4])) else 1)
wanted = int(sys.argv[3]) if sys.argv[3:] and sys.argv[3] else None
print(sum(wanted in (None, proto) for _, proto, _ in ip_packets(sys.argv[2], *map(int, sys.argv[4:]))))
