# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers `brasctl setup` on a terminal: setup_tty.py EXIT-CODE ANSWER... -- COMMAND...
An answer is what is typed at the next question; "^D" ends the input there. Prints what was on the screen."""
import os
import pty
import select
import sys
import time

code, rest = int(sys.argv[1]), sys.argv[2:]
answers, command = rest[:rest.index("--")], rest[rest.index("--") + 1:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
screen, asked, deadline = b"", 0, time.monotonic() + 30
while time.monotonic() < deadline:
    if not select.select([fd], [], [], 1)[0]:
        continue
    try:
        got = os.read(fd, 4096)
    except OSError:  # EIO: the other end is closed
        break
    if not got:
        break
    screen += got
    # A question ends in "[DEFAULT]: ", and the cursor waits behind it.
    if screen.endswith(b"]: ") and screen.count(b"]: ") > asked:
        asked = screen.count(b"]: ")
        if not answers:
            print("asked more than was expected")
            break
        a = answers.pop(0)
        os.write(fd, b"\x04" if a == "^D" else a.encode() + b"\n")
else:
    print("no end after 30 seconds")
    os.kill(pid, 9)
sys.stdout.write(screen.decode(errors="replace").replace("\r\n", "\n"))
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
if status != code or answers:
    print(f"exit code {status}, not {code}; not asked for: {answers}")
    sys.exit(1)
