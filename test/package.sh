#!/bin/bash
# Proves: the Debian package is one that lintian accepts, that has every program, manual page and
# unit, and whose programs run and accept the sample: test/package.sh BUILD. Nothing is installed.
set -eu
build=$(cd "${1:-build}" && pwd)
deb=$(ls "$build"/brasberry_*.deb)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() { echo "package: $*"; exit 1; }

lintian --allow-root --fail-on error,warning "$deb" || fail "lintian has found something"
dpkg-deb -x "$deb" "$dir"
for f in usr/sbin/brasd usr/sbin/brasmon usr/bin/brasctl usr/lib/brasberry/brasd-{deeds,snmp} \
	usr/share/man/man{1/brasctl.1,1/brasmon.1,5/brasd.conf.5,7/brasberry.7,8/brasd.8,8/brasd-snmp.8}.gz \
	lib/systemd/system/{brasd@.service,brasd-snmp@.service,brasd-deeds@.service,brasd-deeds@.socket} \
	usr/lib/sysusers.d/brasberry.conf usr/share/snmp/mibs/BRASBERRY-MIB.txt etc/brasberry/{brasd.conf,users}.sample \
	usr/share/doc/brasberry/{copyright,changelog.gz,NEWS.gz}; do
	[ -e "$dir/$f" ] || fail "$f is missing"
done
conffiles=$(dpkg-deb -I "$deb" conffiles)
[ "$(cd "$dir" && find etc -type f -printf '/%p\n' | sort)" = "$conffiles" ] ||
	fail "conffiles are not what lies in etc"
cp "$dir/etc/brasberry/brasd.conf.sample" "$dir/brasd.conf"
"$dir/usr/sbin/brasd" -t -c "$dir/brasd.conf" || fail "the sample is refused"
"$dir/usr/bin/brasctl" --help > "$dir/help" || fail "brasctl does not run"
units=$(printf "$dir/lib/systemd/system/%s " brasd@lab.service brasd-deeds@lab.service brasd-deeds@lab.socket brasd-snmp@lab.service)
# The units' programs are not installed here: that alone may be wrong with them.
# shellcheck disable=SC2086
if SYSTEMD_UNIT_PATH="$dir/lib/systemd/system:" systemd-analyze verify --man=no $units 2>&1 |
	grep -F brasd | grep -v 'is not executable: No such file'; then
	fail "systemd has found something"
fi
for s in postinst prerm postrm; do
	dpkg-deb -I "$deb" $s | sh -n || fail "$s is no shell script"
done
echo "package: ok, $(dpkg-deb -c "$deb" | wc -l) files"
