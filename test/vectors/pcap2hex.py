#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns a capture on standard input into a vector: one frame per line, in hex. '>' comes from the
subscriber, '<' from the access concentrator (02:00:00:00:00:01). Only control frames are kept."""
import struct
import sys

CODES = {0x09: "PADI", 0x07: "PADO", 0x19: "PADR", 0x65: "PADS", 0xA7: "PADT"}
PROTOCOLS = {0xC021: "LCP", 0xC023: "PAP", 0xC223: "CHAP", 0x8021: "IPCP", 0x8057: "IPV6CP",
             0x80FD: "CCP"}
SERVER = bytes.fromhex("020000000001")


def describe(frame):
    ethertype, code = struct.unpack_from("!HxB", frame, 12)
    if ethertype == 0x8863:
        return CODES.get(code, "code %d" % code)
    proto, op, ident = struct.unpack_from("!HBB", frame, 20)
    name = PROTOCOLS.get(proto)
    return name and "%s code %d id %d" % (name, op, ident)


def main():
    data = sys.stdin.buffer.read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    print("# %s: taken by test/vectors/take.sh, see README.md" % sys.argv[1])
    off = 24
    while off + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, off + 8)[0]
        frame = data[off + 16:off + 16 + length]
        off += 16 + length
        what = describe(frame)
        if what:
            print("%s %s # %s" % ("<" if frame[6:12] == SERVER else ">", frame.hex(), what))


main()
