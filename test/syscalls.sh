#!/bin/bash
# Which system calls brasd makes once its filter is on, against the filter's list: test/syscalls.sh BUILD TEST... runs
# tests with a brasd that perf(1) watches (linux-perf is no dependency of anything else), and says what it called that is
# not listed, and what is listed that it did not call. Root. Hooks' programs are children, and are not counted.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) out=$(mktemp -d)
shift
trap 'rm -rf "$out"' EXIT
mkdir "$out/b"
ln -s "$build"/* "$out/b/"
rm "$out/b/brasd"
cat > "$out/b/brasd" << END
#!/bin/bash
perf record -q -m 4M -e raw_syscalls:sys_enter -p \$\$ -o "$out/\$\$.\$RANDOM.data" > /dev/null 2>&1 &
sleep 1
exec "$build/brasd" "\$@"
END
chmod +x "$out/b/brasd"

# Calls of the process itself and its threads, after its last seccomp() [317 on x86-64], if it was filtered at all.
calls() { # FILE PID
	perf script -i "$1" -F pid,tid,trace 2> /dev/null | awk -v me="$2" '
		{ split($1, a, "/"); if (a[1] != me) next
		  if ($3 == 317) { delete seen; filtered = 1 } else seen[$3] = 1 }
		END { if (filtered) for (n in seen) print n }'
}

for t in "$@"; do
	B=$out/b bash "$t" > "$out/log" 2>&1 && echo "ok   $t" || { echo "FAIL $t"; grep -m 1 -A 5 "^FAIL" "$out/log"; }
	for f in "$out"/*.data; do
		pid=$(basename "$f")
		[ -s "$f" ] && calls "$f" "${pid%%.*}" >> "$out/seen"
		rm -f "$f"
	done
done
python3 - "$here/../daemon/seccomp_sys.c" "$out/seen" << 'END'
import re
import sys

header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
name = {int(n): s for s, n in re.findall(r"#define __NR_(\w+) (\d+)", open(header).read())}
seen = {name[int(n)] for n in open(sys.argv[2])}
groups = {g: re.findall(r'"(\w+)"', body) for g, body in
          re.findall(r"static const char \*const (\w+)\[\] = \{(.*?)\};", open(sys.argv[1]).read(), re.S)}
own = ("memory", "files", "sockets", "waiting", "threads", "self", "dataplane")
listed = {s for g in own for s in groups[g]} | {"clone", "clone3"}
for g in own:
    print("%s, not called: %s" % (g, " ".join(s for s in groups[g] if s not in seen)))
print("called: %d; called and not listed: %s" % (len(seen), " ".join(sorted(seen - listed)) or "none"))
sys.exit(bool(seen - listed))
END
