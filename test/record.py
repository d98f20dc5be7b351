#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Damages a record (daemon/record.c), or makes it another's, with checksums that are right.

  record.py layout FILE N    another layout        record.py boot FILE    of another boot
  record.py netns FILE       of another network namespace
  record.py head FILE        a bit of the head flips, the checksum stays
  record.py slot FILE N      a bit of what slot N has
  record.py area FILE N      an area of another version
"""
import struct
import sys

LIVE_AT, AREA_AT, AREA_LEN, CELLS_AT, CELL = 2048, 4096, 4096, 3 * 4096, 1024
KEY = (0x6272617362657272, 0x7265636F72642D31)
MASK = (1 << 64) - 1


def rotl(x, b):
    return (x << b | x >> (64 - b)) & MASK


def rounds(v, n):
    for _ in range(n):
        v[0] = (v[0] + v[1]) & MASK
        v[2] = (v[2] + v[3]) & MASK
        v[1] = rotl(v[1], 13) ^ v[0]
        v[3] = rotl(v[3], 16) ^ v[2]
        v[0] = rotl(v[0], 32)
        v[2] = (v[2] + v[1]) & MASK
        v[0] = (v[0] + v[3]) & MASK
        v[1] = rotl(v[1], 17) ^ v[2]
        v[3] = rotl(v[3], 21) ^ v[0]
        v[2] = rotl(v[2], 32)


def siphash(data):
    v = [KEY[0] ^ 0x736F6D6570736575, KEY[1] ^ 0x646F72616E646F6D,
         KEY[0] ^ 0x6C7967656E657261, KEY[1] ^ 0x7465646279746573]
    words = [int.from_bytes(data[i:i + 8], "little") for i in range(0, len(data) // 8 * 8, 8)]
    words.append((len(data) & 255) << 56 | int.from_bytes(data[len(data) // 8 * 8:], "little"))
    for m in words:
        v[3] ^= m
        rounds(v, 2)
        v[0] ^= m
    v[2] ^= 0xFF
    rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def seal(head):
    """magic 8, layout 2, boot 16, namespace 8, sum 8; cell 4, area 4, 1 + n, 2 + n, sum 8"""
    assert head[:7] == b"BRASrec"
    head[34:42] = struct.pack(">Q", siphash(bytes(head[:34])))
    at = 50 + 1 + head[50]
    at += 2 + struct.unpack(">H", head[at:at + 2])[0]
    head[at:at + 8] = struct.pack(">Q", siphash(bytes(head[:at])))


def area(f, version):
    """sum 8; sequence 4, slot 4, generation 4, length 2, flags 2, data: its version is the first octet"""
    f.seek(LIVE_AT + 8)
    at = AREA_AT + (struct.unpack("=I", f.read(4))[0] - 1) * AREA_LEN
    f.seek(at)
    block = bytearray(f.read(AREA_LEN))
    end = 24 + struct.unpack("=H", block[20:22])[0]
    block[24] = version
    block[:8] = struct.pack("=Q", siphash(bytes(block[12:end])))
    f.seek(at)
    f.write(block)


def main(what, path, number="0"):
    with open(path, "r+b") as f:
        head = bytearray(f.read(2048))
        if what == "area":
            area(f, int(number))
            return
        if what == "slot":
            f.seek(CELLS_AT + int(number) * CELL)
            block = struct.unpack("=I", f.read(4))[0] & 0xFFFFFF
            f.seek(CELLS_AT + block * CELL + 8 + 24 + 40)
            octet = f.read(1)[0]
            f.seek(-1, 1)
            f.write(bytes([octet ^ 4]))
            return
        if what == "head":
            head[45] ^= 1
        elif what == "layout":
            head[8:10] = struct.pack(">H", int(number))
        else:
            head[{"boot": 12, "netns": 30}[what]] ^= 1
        if what != "head":
            seal(head)
        f.seek(0)
        f.write(head)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
