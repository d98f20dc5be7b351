-- SPDX-License-Identifier: GPL-2.0-or-later
-- Wireshark and tshark read a virtual port of brasberry by this: tshark -X lua_script:brasmon.lua -i brasmon0
-- The layout is that of brasmon.h; see brasmon(1).
local proto = Proto("brasmon", "brasberry monitor")
local kinds = { [1] = "IP", [2] = "PPPoE", [3] = "RADIUS" }
local ways = { [1] = "up", [2] = "down" }
local reasons = { [0] = "goes on", "pppoe-malformed", "unknown-session", "wrong-mac", "ip-malformed",
	"spoofed-ip4", "spoofed-ip6", "ip4-multicast", "not-open", "no-session", "stale", "too-big",
	"link-local", "port-down", "control-rate", "discovery-rate", "label-forged", "mirror-return",
	"rate", "rogue-ra", "rogue-redirect", "rogue-dhcp6", "routed-nd", "spoofed-nd",
	"spoofed-target", "ip6-fragment", "ip6-extension", "local6-malformed", "dhcp6-rate", "error" }
local f = {
	version = ProtoField.uint8("brasmon.version", "Version"),
	head = ProtoField.uint8("brasmon.head_len", "Header length"),
	kind = ProtoField.uint8("brasmon.kind", "Kind", base.DEC, kinds),
	way = ProtoField.uint8("brasmon.direction", "Direction", base.DEC, ways),
	verdict = ProtoField.uint16("brasmon.verdict", "Verdict", base.DEC, reasons),
	sid = ProtoField.uint16("brasmon.sid", "PPPoE session"),
	slot = ProtoField.uint32("brasmon.slot", "Slot"),
	generation = ProtoField.uint32("brasmon.generation", "Generation"),
	len = ProtoField.uint32("brasmon.len", "Original length"),
	caplen = ProtoField.uint32("brasmon.caplen", "Captured length"),
	time = ProtoField.uint64("brasmon.time", "Time, ns since 1970"),
}
proto.fields = f

-- What Ethernet hands over begins 14 octets into the frame.
function proto.dissector(buf, pinfo, tree)
	if buf:len() < 34 then
		return 0
	end
	local head = buf(1, 1):uint() - 14
	if head < 34 or head > buf:len() then
		return 0
	end
	local t = tree:add(proto, buf(0, head))
	t:add(f.version, buf(0, 1))
	t:add(f.head, buf(1, 1))
	t:add(f.kind, buf(2, 1))
	t:add(f.way, buf(3, 1))
	t:add(f.verdict, buf(4, 2))
	t:add(f.sid, buf(6, 2))
	t:add(f.slot, buf(10, 4))
	t:add(f.generation, buf(14, 4))
	t:add(f.len, buf(18, 4))
	t:add(f.caplen, buf(22, 4))
	t:add(f.time, buf(26, 8))
	local rest = buf(head, math.min(buf(22, 4):uint(), buf:len() - head)):tvb()
	local name = "ip"
	if buf(2, 1):uint() == 2 then
		name = "eth_withoutfcs"
	elseif rest:len() > 0 and bit.rshift(rest(0, 1):uint(), 4) == 6 then
		name = "ipv6"
	end
	return head + Dissector.get(name):call(rest, pinfo, tree)
end

DissectorTable.get("ethertype"):add(0x88b5, proto)
