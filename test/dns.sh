# The lab's world of names: an authoritative named (bind9) in the internet, at $WEB4 and $WEB6. To be
# sourced after test/lab.sh.
#
#   dns_world    v4only.example, both.example, v6only.example, bad.example, and v4only.signed.example

dns_zone() { # NAME RECORD...: a zone file
	local name=$1
	shift
	printf '$TTL 60\n@ SOA ns.%s. admin.%s. 1 60 60 60 60\n@ NS ns\nns A %s\nns AAAA %s\n' \
		"$name" "$name" $WEB4 $WEB6
	printf '%s\n' "$@"
}

dns_zones() { # DIRECTORY
	dns_zone example "v4only A $WEB4" "both A $WEB4" "both AAAA $WEB6" "v6only AAAA $WEB6" \
		"bad A $WEB4" "bad AAAA 2001:db8:bad::1" > "$1/example"
	dns_zone signed.example "v4only A $WEB4" > "$1/signed"
	dns_zone 2.0.192.in-addr.arpa "${WEB4##*.} PTR v4only.example." > "$1/reverse"
	(cd "$1" && dnssec-keygen -q -a ECDSAP256SHA256 signed.example > /dev/null &&
		cat Ksigned*.key >> signed && dnssec-signzone -q -z -o signed.example signed > /dev/null)
}

dns_world() {
	local dir=$LAB_DIR/world
	mkdir "$dir"
	dns_zones "$dir" || fail "no signed zone"
	cat > "$dir/named.conf" <<-END
		options { directory "$dir"; pid-file none; session-keyfile none; recursion no; dnssec-validation no;
			listen-on { $WEB4; }; listen-on-v6 { $WEB6; }; };
		controls { };
		zone "example" { type primary; file "example"; };
		zone "2.0.192.in-addr.arpa" { type primary; file "reverse"; };
		zone "signed.example" { type primary; file "signed.signed"; };
	END
	lab_stop dns > /dev/null 2>&1
	lab_spawn world n named -g -c "$dir/named.conf"
	wait_for 30 n dig +short +time=1 +tries=1 @$WEB6 v4only.example A || fail "the world's name server is silent"
}
