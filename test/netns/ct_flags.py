#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""TCP flags that conntrack has for the connections to a port, which conntrack(8) does not show:

  ct_flags.py PORT       a line "ORIGINAL REPLY" for each, in decimal; 8 is liberal

ctnetlink as in linux/netfilter/nfnetlink_conntrack.h: CTA_TUPLE_ORIG (1) has CTA_TUPLE_PROTO (2) with
CTA_PROTO_DST_PORT (3); CTA_PROTOINFO (4) has CTA_PROTOINFO_TCP (1) with the flags of both directions
(4, 5), each an octet and its mask.
"""
import socket
import struct
import sys

GET, DUMP, DONE, ERROR = 1 << 8 | 1, 0x301, 3, 2


def attributes(data):
    out = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4:
            break
        out[kind & 0x3FFF] = data[4:size]
        data = data[(size + 3) & ~3:]
    return out


def within(data, *path):
    for kind in path:
        data = attributes(data).get(kind, b"")
    return data


def show(entry, port):
    if within(entry, 1, 2, 3) == struct.pack("!H", port) and within(entry, 4, 1):
        print(*(within(entry, 4, 1, kind)[0] for kind in (4, 5)))


def main():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)  # NETLINK_NETFILTER
    s.send(struct.pack("=IHHIIBBH", 20, GET, DUMP, 1, 0, 0, 0, 0))
    while True:
        data = s.recv(1 << 17)
        while data:
            size, kind = struct.unpack_from("=IH", data)
            if kind == ERROR:
                raise SystemExit("conntrack's dump: error")
            if kind == DONE:
                return
            show(data[20:size], int(sys.argv[1]))
            data = data[(size + 3) & ~3:]


main()
