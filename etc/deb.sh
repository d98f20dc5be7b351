#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the Debian package of what `make install` has put below BUILD/deb: etc/deb.sh BUILD VERSION.
# Its dependencies are those of the libraries that the programs were linked with. For another processor
# CC is that one's compiler, and DEB_TWIN a build of the same source for this machine, whose packages have
# the same names: nothing here knows the packages of the other's libraries.
set -eu
umask 022
build=$(cd "$1" && pwd) version=$2 etc=$(dirname "$0")
root=$build/deb doc=$build/deb/usr/share/doc/brasberry
maintainer=${DEB_MAINTAINER:-brasberry developers <developers@brasberry.example>}
programs="usr/sbin/brasd usr/sbin/brasmon usr/bin/brasctl usr/lib/brasberry/brasd-deeds usr/lib/brasberry/brasd-snmp"
cc=${CC:-gcc} twin=$(cd "${DEB_TWIN:-$1}" && pwd)
strip=$($cc -print-prog-name=strip)
epoch=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$etc/../CHANGES")}

mkdir -p "$root/DEBIAN" "$doc" "$root/usr/share/lintian/overrides"
for p in $programs; do "$strip" --strip-unneeded --remove-section=.comment "$root/$p"; done
find "$root/usr/share/man" -name '*.[1-8]' -exec gzip -9nf {} +
gzip -9nc "$etc/../CHANGES" > "$doc/NEWS.gz"
install -m 644 "$etc/../README.md" "$etc/deb.copyright" "$doc/"
mv "$doc/deb.copyright" "$doc/copyright"
gzip -9n > "$doc/changelog.gz" << END
brasberry ($version) unstable; urgency=medium

  * NEWS.gz in this folder says what has changed.

 -- $maintainer  $(date -u -R -d "@$epoch")
END
install -m 644 "$etc/deb.lintian" "$root/usr/share/lintian/overrides/brasberry"
(cd "$root" && find etc -type f | sed 's|^|/|' | sort) > "$root/DEBIAN/conffiles"
for s in postinst prerm postrm; do install -m 755 "$etc/deb.$s" "$root/DEBIAN/$s"; done
(cd "$root" && find usr lib -type f -exec md5sum {} + | sort -k 2) > "$root/DEBIAN/md5sums"

# dpkg-shlibdeps wants a source package's folder.
work=$build/deb-work
mkdir -p "$work/debian"
printf 'Source: brasberry\n\nPackage: brasberry\nArchitecture: any\n' > "$work/debian/control"
needed() { # PROGRAM: its libraries; the dynamic linker, which has another name everywhere, is libc's
	readelf -d "$1" | sed -n '/(NEEDED)/s/.*\[\(.*\)\]/\1/p' | grep -v '^ld-linux' | sort
}
known() { [ "$twin" = "$build" ] && echo "$root/$1" || echo "$twin/$(basename "$1")"; } # PROGRAM
for p in $programs; do
	[ "$(needed "$root/$p")" = "$(needed "$(known "$p")")" ] ||
		{ echo "deb: $p needs other libraries than that of $twin" >&2; exit 1; }
done
# shellcheck disable=SC2046 # a list of names
depends=$(cd "$work" && dpkg-shlibdeps -O $(for p in $programs; do echo "-e$(known "$p")"; done) | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "deb: no dependencies found" >&2; exit 1; }

cat > "$root/DEBIAN/control" << END
Package: brasberry
Version: $version
Architecture: $(dpkg-architecture -f -t "$($cc -dumpmachine)" -qDEB_HOST_ARCH)
Maintainer: $maintainer
Installed-Size: $(du -ks --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends, systemd | systemd-standalone-sysusers
Recommends: nftables
Suggests: snmpd, freeradius, bind9, jool-dkms, tayga, prometheus, wireshark
Section: net
Priority: optional
Description: PPPoE access concentrator with an eBPF data plane
 brasd makes this machine the access concentrator of an Internet provider:
 it terminates PPPoE sessions, authenticates and accounts them over RADIUS
 or against a file, shapes their speeds with HTB, and forwards their traffic
 in eBPF, without a network device for each session. A restart or a crash of
 the daemon ends no session.
 .
 It runs access networks with IPv6 only, by router advertisements, DHCPv6
 prefix delegation, NAT64 and DNS64, and copies customers' traffic to a
 monitor. brasctl and a telnet console operate it.
END
dpkg-deb --root-owner-group --build "$root" "$build/brasberry_$version.deb"
