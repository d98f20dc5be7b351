# SPDX-License-Identifier: GPL-2.0-or-later
# brasberry. `make help` says what there is. Everything built lies under $(B).

B       ?= build
CC      ?= gcc
CLANG   ?= clang-14
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
PREFIX  ?= /usr
DESTDIR ?=
# For another processor: CC, AR and SYSROOT, a tree with that Debian's -dev packages (test/arm64.sh).
SYSROOT ?=
PKG_CONFIG := $(if $(SYSROOT),PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
              PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(shell $(CC) -print-multiarch)/pkgconfig) pkg-config
V       := $(if $(VERBOSE),,@)

PARTS    := base pppoe ppp ipv6 radius shaper nat64 mirror bpf daemon
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wvla -Werror=implicit-function-declaration
CFLAGS   ?= -O2 -g
CFLAGS_  := -std=gnu11 $(WARN) -fno-strict-aliasing -fstack-protector-strong -D_GNU_SOURCE \
            $(SYSROOT:%=--sysroot=%) -I. -I$(B) $(shell $(PKG_CONFIG) --cflags libnl-3.0 libnl-route-3.0) $(CFLAGS) $(SANFLAGS) $(LAYOUT)
LIBS_base  := -lev
LIBS_pppoe := -lnettle -lpcap
LIBS_ppp   := -lnettle
LIBS_radius := -lnettle -lradcli
LIBS_shaper := $(shell $(PKG_CONFIG) --libs libnl-route-3.0 libnl-3.0) -pthread
LIBS_nat64 := $(shell $(PKG_CONFIG) --libs libnl-route-3.0 libnl-3.0)
LIBS_bpf   := -lbpf
LIBS_daemon := $(shell $(PKG_CONFIG) --libs libnl-route-3.0 libnl-3.0) -ljansson -lsystemd \
              -lnetfilter_conntrack -lnftables -lmicrohttpd -lcli -lcrypt -lseccomp -pthread
LIBS_all   := $(LIBS_daemon) $(LIBS_bpf) $(LIBS_pppoe) $(LIBS_ppp) $(LIBS_radius) $(LIBS_base)

src      = $(wildcard $(1)/*.c)
objs     = $(patsubst %.c,$(B)/%.o,$(1))
PART_SRC := $(foreach p,$(PARTS),$(filter-out %.bpf.c,$(call src,$(p))))
CTL_SRC  := $(filter-out console/mib_%,$(call src,console))
DIALER_SRC := $(filter-out %.bpf.c,$(call src,test/dialer))
ARCHIVES := $(foreach p,$(PARTS),$(B)/lib$(p).a)
UNIT     := $(patsubst test/unit/%.c,$(B)/unit/%,$(wildcard test/unit/*_test.c))
BPF_TEST := $(patsubst %.c,$(B)/%,$(filter-out test/bpf/bed.c %.bpf.c,$(wildcard test/bpf/*.c)))
FUZZ     := $(patsubst test/fuzz/%.c,$(B)/fuzz/%,$(wildcard test/fuzz/*_fuzz.c))
BPF_SRC  := $(wildcard bpf/*.bpf.c)
BPF_OBJ  := $(patsubst %.bpf.c,$(B)/%.bpf.o,$(BPF_SRC))
SKELS    := $(if $(BPF_SRC),$(B)/bpf/brasberry.skel.h) \
            $(patsubst %.bpf.c,$(B)/%.skel.h,$(wildcard test/dialer/*.bpf.c test/bench/*.bpf.c))
MULTIARCH := $(shell $(CC) -print-multiarch)
BPF_FLAGS := -O2 -g -target bpf -mcpu=v2 -Wall -Wextra -Wno-unused-parameter -I. -I$(SYSROOT)/usr/include/$(MULTIARCH) $(LAYOUT)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all deps check check-unit check-bpf check-netns check-fast check-vm check-deb killpoints soak storm floods faults arm64 arm64-deb tests asan fuzz bench demo install \
        uninstall deb clean help layers sizes tidy format

all: $(B)/brasd $(B)/brasd-deeds $(B)/brasd-snmp $(B)/brasctl $(B)/brasmon $(if $(DIALER_SRC),$(B)/dialer)

# --- what is built ---------------------------------------------------------------------------

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(V)$(CC) $(CFLAGS_) -MMD -MP -c $< -o $@

# The status page is in the program, with Debian's charting library (libjs-chart.js).
CHART_JS ?= /usr/share/javascript/chart.js/chart.min.js
$(B)/daemon/http_page.o: CFLAGS_ += -DCHART_JS='"$(CHART_JS)"'
$(B)/daemon/http_page.o: $(wildcard etc/http/*) $(CHART_JS)

$(patsubst %.c,$(B)/%.o,$(wildcard bpf/sys*.c)) $(B)/test/dialer/emu.o: | $(SKELS)

define ARCHIVE
$(B)/lib$(1).a: $$(call objs,$$(filter-out %main.c %.bpf.c,$$(call src,$(1))))
	@rm -f $$@
	$(V)$(AR) rcs $$@ $$^
endef
$(foreach p,$(PARTS) console,$(eval $(call ARCHIVE,$(p))))

$(B)/libdialer.a: $(call objs,$(filter-out %/main.c,$(DIALER_SRC)))
	@rm -f $@
	$(V)$(AR) rcs $@ $^

$(B)/brasd: $(B)/daemon/main.o $(B)/libdaemon.a $(B)/libconsole.a $(B)/libbpf_.stamp $(ARCHIVES)
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $< $(B)/libdaemon.a $(B)/libconsole.a $(B)/libpppoe.a $(B)/libppp.a $(B)/libipv6.a \
		$(B)/libradius.a $(B)/libshaper.a $(B)/libnat64.a $(B)/libmirror.a $(B)/libbpf.a $(B)/libbase.a \
		$(LIBS_all) -o $@
	@echo "built $@"

$(B)/brasd-deeds: $(B)/daemon/deeds_main.o $(B)/libdaemon.a $(B)/libnat64.a $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -lsystemd -lseccomp $(LIBS_base) -o $@
	@echo "built $@"

# net-snmp's headers are not as strict as we are, and its libraries want to be linked by hand.
$(B)/console/mib_agent_sys.o: CFLAGS_ += -Wno-strict-prototypes
$(B)/brasd-snmp: $(B)/console/mib_main.o $(B)/libconsole.a $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -lnetsnmpmibs -lnetsnmpagent -lnetsnmp -ljansson $(LIBS_base) -o $@
	@echo "built $@"

# The same, but it dies where a test says: test/netns/killpoints.sh.
$(B)/brasd-kill: $(B)/test/killpoint.o $(B)/brasd
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $(B)/daemon/main.o $< $(B)/libdaemon.a $(B)/libconsole.a $(B)/libpppoe.a $(B)/libppp.a \
		$(B)/libipv6.a $(B)/libradius.a $(B)/libshaper.a $(B)/libnat64.a $(B)/libmirror.a $(B)/libbpf.a $(B)/libbase.a \
		$(LIBS_all) -o $@

# Preloaded into brasd, it makes a call fail: test/faults.sh.
$(B)/fault.so: test/fault.c Makefile
	@mkdir -p $(@D)
	$(V)$(CC) -std=gnu11 $(WARN) -D_GNU_SOURCE -O1 -g -fPIC -shared $< -o $@

# As it might be one day, with another layout of maps and record: test/netns/upgrade.sh. Which of its
# files are too old is known to the make that builds it.
.PHONY: next
next:
	+$(V)$(MAKE) --no-print-directory B=$(B)/next LAYOUT=-DBRASD_NEXT $(B)/next/brasd
$(B)/brasd-next: next
	@cmp -s $(B)/next/brasd $@ || cp $(B)/next/brasd $@

$(B)/libbpf_.stamp: $(SKELS)
	@mkdir -p $(@D) && touch $@

$(B)/brasctl: $(call objs,$(CTL_SRC)) $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -ljansson -lcrypt $(LIBS_base) -o $@
	@echo "built $@"

$(B)/brasmon: $(B)/mirror/main.o $(B)/libmirror.a $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -ljansson -lbpf $(LIBS_base) -o $@
	@echo "built $@"

$(B)/dialer: $(call objs,$(DIALER_SRC)) $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -lbpf -lnettle -lpcap $(LIBS_base) -o $@
	@echo "built $@"

# --- the data plane: one object per hook, linked into one -----------------------------------------

$(B)/%.bpf.o: %.bpf.c Makefile
	@mkdir -p $(@D)
	$(V)$(CLANG) $(BPF_FLAGS) -MMD -MP -c $< -o $@

$(B)/bpf/brasberry.linked.o: $(BPF_OBJ)
	$(V)$(BPFTOOL) gen object $@ $^

$(B)/bpf/brasberry.skel.h: $(B)/bpf/brasberry.linked.o
	$(V)$(BPFTOOL) gen skeleton $< name brasberry_bpf > $@

$(B)/test/%.skel.h: $(B)/test/%.bpf.o
	$(V)$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf > $@

# --- tests: each unit test links its own part (the name up to the first _) and base ------------

part_of  = $(firstword $(subst _, ,$(notdir $(1))))
unit_libs = $(if $(filter daemon,$(1)),$(foreach p,daemon console pppoe ppp ipv6 radius shaper nat64 mirror bpf base,$(B)/lib$(p).a),$(sort $(B)/lib$(1).a) $(B)/libbase.a)

.SECONDEXPANSION:
$(B)/unit/%: $(B)/test/unit/%.o $$(call unit_libs,$$(call part_of,$$*))
	@mkdir -p $(@D)
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $< $(call unit_libs,$(call part_of,$*)) -lcmocka -lnettle \
		$(if $(filter daemon,$(call part_of,$*)),$(LIBS_all)) $(if $(filter bpf dialer,$(call part_of,$*)),-lbpf) \
		$(if $(filter pppoe,$(call part_of,$*)),-lpcap) $(if $(filter radius,$(call part_of,$*)),$(LIBS_radius)) \
		$(if $(filter console nat64,$(call part_of,$*)),-ljansson -lcrypt) \
		$(LIBS_base) -o $@

# Tests of the data plane's programs run them, so they reach behind the loader's interface.
$(patsubst %.c,$(B)/%.o,$(filter-out %.bpf.c,$(wildcard test/bpf/*.c))): | $(SKELS) $(B)/test/bpf/bench.bpf.o
$(BPF_TEST): $(B)/test/bpf/%: $(B)/test/bpf/%.o $(B)/test/bpf/bed.o $(B)/libbpf.a $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -lcmocka $(LIBS_bpf) $(LIBS_base) -o $@

# Fuzz targets link their part's sources (not its doors to the system), compiled with the fuzzer's instrumentation.
FUZZ_SAN   := address,undefined -fno-sanitize-recover=undefined
# Tables that a server has from the start are small there: they are made for each input, and fill.
FUZZ_FLAGS := -DPPPOE_WAIT_MAX=16 -DPPPOE_DELAYED_MAX=16 -DPPPOE_PADT_BUCKETS=64 -std=gnu11 -g -O1 -D_GNU_SOURCE -I. -I$(B) -fsanitize=fuzzer-no-link,$(FUZZ_SAN)
fuzz_src = $(filter-out %/sys.c radius/sys% shaper/sys% mirror/sys% nat64/sys% %_sys.c %/main.c %/mib_main.c %/brasctl.c %.bpf.c,$(if $(filter daemon,$(1)),$(foreach p,base pppoe ppp ipv6 shaper nat64 mirror,$(call src,$(p))) $(wildcard daemon/config*.c daemon/users*.c daemon/usage*.c daemon/period.c daemon/pool*.c),$(call src,$(1)) $(if $(filter base,$(1)),,$(call src,base))))
# Files of daemon/ that do not stand alone come with the one target that has the rest of what they call.
fuzz_more_daemon_thaw_fuzz := daemon/freeze.c daemon/lease_freeze.c daemon/plan_keep.c daemon/table.c daemon/names.c daemon/tally.c
fuzz_more_daemon_record_fuzz := daemon/record.c daemon/record_open.c
fuzz_more_daemon_http_fuzz := daemon/http_path.c
fuzz_more_daemon_deeds_fuzz := daemon/deeds_wire.c daemon/deeds_table.c
fuzz_more_daemon_keep_area_fuzz := daemon/keep_area.c
fuzz_more_daemon_nat44_fuzz := daemon/blocks.c daemon/nat44_stat.c daemon/nft.c
fuzz_more_daemon_history_fuzz := daemon/history.c
fuzz_more_daemon_mask_fuzz := daemon/mask.c daemon/monitor_packet.c
fuzz_more_daemon_returns_fuzz := daemon/returns.c
fuzz_more_daemon_whole_fuzz := $(addprefix daemon/,session.c login.c grant.c table.c tally.c names.c dae.c match.c freeze.c lease_freeze.c plan_keep.c acct.c dhcp.c line.c \
	given6.c lease.c advert.c record.c record_open.c keep.c keep_area.c adopt.c health.c trace.c log_share.c source.c plan.c plan_show.c command.c command_config.c control.c \
	show.c accel.c path.c drops.c ping.c) console/tree.c $(filter-out radius/sys% %_sys.c,$(call src,radius))
fuzz_less_daemon_whole_fuzz := base/loop.c base/log.c base/log_out.c # it has its own
fuzz_obj = $(patsubst %.c,$(B)/fuzz-obj/%.o,$(1))
$(B)/fuzz-obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(V)$(CLANG) $(FUZZ_FLAGS) -MMD -MP -c $< -o $@
# No input is compared in these, and much time was spent in watching them compare.
$(B)/fuzz-obj/base/wheel.o $(B)/fuzz-obj/base/siphash.o: FUZZ_FLAGS += -fno-sanitize-coverage=trace-cmp
$(B)/fuzz/%: $(B)/fuzz-obj/test/fuzz/%.o $$(call fuzz_obj,$$(filter-out $$(fuzz_less_$$*),$$(call fuzz_src,$$(call part_of,$$*)) $$(fuzz_more_$$*)))
	@mkdir -p $(@D)
	$(V)$(CLANG) -fsanitize=fuzzer,$(FUZZ_SAN) $^ -lnettle -lev -ljansson -lcrypt -o $@

# Namespace and BPF tests run together: those that measure come after all others.
NETNS_NEEDS := $(B)/brasd-kill $(B)/brasd-next $(B)/fault.so $(B)/dhcp6-tap $(B)/bench-gen
check: deps layers all check-unit $(NETNS_NEEDS) $(BPF_TEST)
	@test/run-netns.sh $(B) $(wildcard test/netns/*.sh test/bpf/*.sh); rc=$$?; test/summary.sh $(B) && exit $$rc

check-unit: $(UNIT)
	@test/run-unit.sh $(B) $(UNIT) $(wildcard test/unit/*_test.sh)

check-bpf: all $(BPF_TEST)
	@test/run-netns.sh $(B) $(wildcard test/bpf/*.sh)

check-netns: all $(NETNS_NEEDS)
	@test/run-netns.sh $(B) $(wildcard test/netns/*.sh)

# Tests that have nothing to do with the fast path, with their traffic on it: the results are the same.
check-fast: all $(B)/brasd-kill
	@test/fast_suite.sh $(B) $(FAST_TESTS)

killpoints: all $(B)/brasd-kill
	@B=$(B) KILLPOINTS=all test/netns/killpoints.sh
	@B=$(B) KILLPOINTS=all test/netns/killpoints_nat64.sh

# Everything that "check" and "check-vm" run, and does not run it.
tests: $(UNIT) $(BPF_TEST) $(NETNS_NEEDS)

# Cross-built, on Debian's arm64 kernel (emulated): what a Raspberry Pi 4 would run.
arm64:
	@test/arm64.sh

# The package for it, in $(B)/arm64.
arm64-deb: all
	@test/arm64.sh deb

# T seconds in all, half of them in each mode; LINES and SEED as test/netns/soak.sh has them.
T ?= 3600
LINES ?= 2000
soak: all
	@SOAK_T=$$(($(T) / 2)) SOAK_LINES=$(LINES) $(if $(SEED),SOAK_SEED=$(SEED)) test/netns/soak.sh $(B)

# A reconnect storm of STORM_LINES; floods by FLOODS_LOGINS logins. Rows of their tables go to $(B)/storm.md, $(B)/floods.md.
STORM_LINES ?= 60000
STORM_BOUND ?= 120
storm: all
	@rm -f $(B)/storm.md
	@LAB_MODES=$${LAB_MODES:-xdp} STORM_LINES=$(STORM_LINES) STORM_BOUND=$(STORM_BOUND) STORM_TABLE=$(B)/storm.md test/netns/storm.sh && cat $(B)/storm.md

FLOODS_LOGINS ?= 2000
FLOODS_RATE   ?= 100
floods: all
	@rm -f $(B)/floods.md
	@FLOODS_LOGINS=$(FLOODS_LOGINS) FLOODS_RATE=$(FLOODS_RATE) FLOODS_TABLE=$(B)/floods.md test/netns/floods.sh && cat $(B)/floods.md

# Each call that can fail does, in turn: hours. FAULTS="dial a" (a step, a kind of call): those alone.
FAULTS ?= all
faults: all $(B)/fault.so
	@B=$(B) FAULTS="$(FAULTS)" test/faults.sh

check-vm: deps-vm all deb
	@test/run-vm.sh $(B) $(wildcard test/vm/*.sh)

asan:
	+$(V)$(MAKE) B=$(B)/asan CFLAGS="-O1 -g" \
		SANFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" \
		all check-unit

FUZZ_RUNS ?= 200000
fuzz: $(FUZZ)
	@test/run-fuzz.sh $(B) $(FUZZ_RUNS) $(FUZZ)

$(B)/test/bench/gen.o: | $(B)/test/bench/gen.skel.h
$(B)/bench-gen: $(B)/test/bench/gen.o
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -lbpf -o $@

$(B)/bench-kppp: $(B)/test/bench/kppp.o
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -o $@

$(B)/bench-shaper: $(B)/test/bench/shaper.o $(B)/libshaper.a $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ $(LIBS_shaper) $(LIBS_base) -o $@

# A wire with the DHCPv6 server at its other end, for real clients: test/netns/dhcp6clients.sh.
$(B)/dhcp6-tap: $(B)/test/vectors/dhcp6_tap.o $(B)/libipv6.a $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -o $@

$(B)/bench-dhcp6: $(B)/test/bench/dhcp6.o $(B)/libipv6.a $(B)/libbase.a
	$(V)$(CC) $(CFLAGS_) $(LDFLAGS) $^ -o $@

bench: deps-vm all $(B)/bench-gen $(B)/bench-kppp $(B)/bench-shaper $(B)/bench-dhcp6
	@test/bench/run.sh $(B)

demo: deps all
	@B=$(B) test/demo$(if $(filter 1,$(MIRROR)),_mirror,$(if $(filter 1,$(IPV6ONLY)),_ipv6only)).sh

# --- the state of the house ------------------------------------------------------------------

layers:
	@test/layers.sh
sizes:
	@test/sizes.sh
tidy: $(SKELS)
	$(V)printf '%s\n' $(PART_SRC) $(CTL_SRC) | xargs -P 2 -I{} clang-tidy --quiet {} -- -std=gnu11 \
		-D_GNU_SOURCE -I. -isystem $(B) $(shell $(PKG_CONFIG) --cflags libnl-3.0)
format:
	$(V)clang-format -i $(foreach d,$(PARTS) console test/unit test/fuzz test/dialer test/bench,$(wildcard $(d)/*.c $(d)/*.h))

.PHONY: deps-vm
deps:
	@test/deps.sh
deps-vm:
	@test/deps.sh vm

install: all
	install -D -m 755 $(B)/brasd $(DESTDIR)$(PREFIX)/sbin/brasd
	install -D -m 755 $(B)/brasd-deeds $(DESTDIR)$(PREFIX)/lib/brasberry/brasd-deeds
	install -D -m 755 $(B)/brasd-snmp $(DESTDIR)$(PREFIX)/lib/brasberry/brasd-snmp
	install -D -m 644 etc/BRASBERRY-MIB.txt $(DESTDIR)$(PREFIX)/share/snmp/mibs/BRASBERRY-MIB.txt
	install -D -m 644 console/brasd-snmp.8 $(DESTDIR)$(PREFIX)/share/man/man8/brasd-snmp.8
	install -D -m 755 $(B)/brasctl $(DESTDIR)$(PREFIX)/bin/brasctl
	install -D -m 755 $(B)/brasmon $(DESTDIR)$(PREFIX)/sbin/brasmon
	install -D -m 644 mirror/brasmon.h $(DESTDIR)$(PREFIX)/include/brasmon.h
	install -D -m 644 etc/brasmon.lua $(DESTDIR)$(PREFIX)/share/brasberry/brasmon.lua
	install -D -m 640 etc/brasd.conf $(DESTDIR)/etc/brasberry/brasd.conf.sample
	install -D -m 640 etc/users $(DESTDIR)/etc/brasberry/users.sample
	install -D -m 644 etc/dictionary.brasberry $(DESTDIR)/etc/brasberry/dictionary.brasberry
	install -D -m 644 etc/grafana.json $(DESTDIR)$(PREFIX)/share/brasberry/grafana.json
	install -D -m 644 etc/apparmor.named $(DESTDIR)/etc/apparmor.d/abstractions/brasberry-named
	install -D -m 644 etc/brasd.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/brasd.conf.5
	install -D -m 644 daemon/brasd.8 $(DESTDIR)$(PREFIX)/share/man/man8/brasd.8
	install -D -m 644 daemon/brasberry.7 $(DESTDIR)$(PREFIX)/share/man/man7/brasberry.7
	install -D -m 644 console/brasctl.1 $(DESTDIR)$(PREFIX)/share/man/man1/brasctl.1
	install -D -m 644 etc/brasctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/brasctl
	install -D -m 644 mirror/brasmon.1 $(DESTDIR)$(PREFIX)/share/man/man1/brasmon.1
	for u in brasd@.service brasd-deeds@.service brasd-deeds@.socket brasd-snmp@.service; do \
		install -D -m 644 systemd/$$u $(DESTDIR)/lib/systemd/system/$$u || exit 1; done
	install -D -m 644 systemd/brasberry.sysusers $(DESTDIR)/usr/lib/sysusers.d/brasberry.conf

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/brasd $(DESTDIR)$(PREFIX)/bin/brasctl $(DESTDIR)$(PREFIX)/sbin/brasmon \
		$(DESTDIR)$(PREFIX)/lib/brasberry/brasd-deeds $(DESTDIR)$(PREFIX)/lib/brasberry/brasd-snmp \
		$(DESTDIR)$(PREFIX)/share/snmp/mibs/BRASBERRY-MIB.txt $(DESTDIR)$(PREFIX)/share/man/man8/brasd-snmp.8 \
		$(DESTDIR)/lib/systemd/system/brasd-snmp@.service \
		$(DESTDIR)$(PREFIX)/include/brasmon.h $(DESTDIR)$(PREFIX)/share/brasberry/brasmon.lua \
		$(DESTDIR)/etc/brasberry/brasd.conf.sample $(DESTDIR)/etc/brasberry/users.sample \
		$(DESTDIR)/etc/brasberry/dictionary.brasberry \
		$(DESTDIR)$(PREFIX)/share/brasberry/grafana.json \
		$(DESTDIR)/etc/apparmor.d/abstractions/brasberry-named \
		$(DESTDIR)$(PREFIX)/share/man/man5/brasd.conf.5 $(DESTDIR)$(PREFIX)/share/man/man8/brasd.8 \
		$(DESTDIR)$(PREFIX)/share/man/man7/brasberry.7 \
		$(DESTDIR)$(PREFIX)/share/man/man1/brasctl.1 $(DESTDIR)$(PREFIX)/share/man/man1/brasmon.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/brasctl \
		$(DESTDIR)/lib/systemd/system/brasd@.service \
		$(DESTDIR)/lib/systemd/system/brasd-deeds@.service \
		$(DESTDIR)/lib/systemd/system/brasd-deeds@.socket \
		$(DESTDIR)/usr/lib/sysusers.d/brasberry.conf

# The package: what `install` installs, and what lintian has nothing against.
VERSION ?= 0.1
deb: all
	@rm -rf $(B)/deb $(B)/deb-work
	$(V)$(MAKE) --no-print-directory install DESTDIR=$(B)/deb > /dev/null
	@CC="$(CC)" etc/deb.sh $(B) $(VERSION)

check-deb: deb
	@test/package.sh $(B)

clean:
	rm -rf $(B)

help:
	@sed -n 's/^## //p' Makefile

## all          build/brasd, its helpers build/brasd-deeds and brasd-snmp, build/brasctl and the test dialer
## check        what every commit must pass: layers, unit, BPF and namespace tests (root)
## check-unit   the unit tests alone: seconds, no root
## killpoints   brasd dies before each write in turn: a thousand and more (root; half an hour)
## soak         T seconds (3600) of a random life of LINES lines (2000); SEED: the same again (root)
## storm        STORM_LINES (60000) dial at once, all end at once, and dial again; build/storm.md (root)
## floods       FLOODS_LOGINS (2000) log in during each kind of flood; build/floods.md (root; an hour)
## faults       each call that may fail does, in turn: memory, netlink, maps, disk, ...; FAULTS="STEP KIND" (root; hours)
## check-vm     real pppd under Debian's kernel (QEMU; root)
## arm64        cross-built, under Debian's arm64 kernel (QEMU; root; ten minutes)
## arm64-deb    the package for arm64, cross-built: build/arm64/brasberry_*.deb (root)
## asan         the unit tests with address and undefined-behaviour sanitizers
## fuzz         every fuzz target, FUZZ_RUNS executions each (default 200000)
## bench        prints the tables of test/bench (root)
## demo         a whole ISP in network namespaces; KEEP=1 leaves it up; IPV6ONLY=1: without IPv4; MIRROR=1: watched (root)
## check-deb    builds the package and has lintian look at it
## check-fast   tests of other parts, their traffic around the stack (root)
## layers sizes tidy format   the state of the house
## install uninstall deb clean

-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)
