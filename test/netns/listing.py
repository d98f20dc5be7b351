#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists all sessions by the control socket.
listing.py loop SOCKET LEAST TIMES: again and again (TIMES 0: for ever), "list N" for each; exit 1
when one is not whole or has fewer than LEAST. listing.py stall SOCKET: asks and does not read until
the other end closes; exit 1 when all had been sent, or when that takes two minutes."""
import json, os, select, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import control

COMMAND = b"show sessions"


def ask(path):
    return control.send(path, COMMAND, 120)


def read_all(s):
    return b"".join(control.pieces(s))


def loop(path, least, times):
    done = 0
    while not times or done < times:
        head, _, body = read_all(ask(path)).partition(b"\n")
        rows = json.loads(body)
        ids = {r["acct-session-id"] for r in rows}
        if head != b"0" or len(rows) < least or len(ids) != len(rows):
            sys.exit(f"status {head}, {len(rows)} rows, {len(ids)} of them different")
        done += 1
        print("list", len(rows), flush=True)


def stall(path):
    s = ask(path)
    hangup = select.poll()
    hangup.register(s, 0)
    if not hangup.poll(120000):
        sys.exit("it is not sent away")
    try:
        json.loads(read_all(s).partition(b"\n")[2])
    except (json.JSONDecodeError, ConnectionError):
        return
    sys.exit("it had the whole list")


if sys.argv[1] == "loop":
    loop(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
else:
    stall(sys.argv[2])
