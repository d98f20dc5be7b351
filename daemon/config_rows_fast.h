/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the fast path and of [nat44]. Part of config_table.c's table, and included nowhere
 * else. */

{ .section = "subscriber",
  .key = "fastpath",
  ENUM(subscriber.fastpath, fastpath_names),
  .def = "flows",
  .help = "What goes around the kernel's stack: flows that conntrack has accepted; routed: all "
	  "that is only routed, where there is no stateful firewall; off: nothing. With routed, "
	  "a route's own MTU is heeded where it is locked (ip route ... mtu lock N), and "
	  "what comes from the core is not checked by rp_filter." },
	{ .section = "subscriber",
	  .key = "core",
	  .type = &config_type_core,
	  LIST(subscriber.cores, subscriber.core_count, CONFIG_CORES_MAX),
	  .flags = CONFIG_REPEAT,
	  .help = "An interface to the internet, for the fast path. Default: those of the "
		  "default routes, and that of [nat44] masquerade. Where lines are read by XDP, so "
		  "is it, but for a veth (auto): its other end may leave checksums to be made, "
		  "and such packets go on to tc. It may be an access interface as well, as on a box "
		  "with one port; then it is read by tc." },
	{ .section = "subscriber",
	  .key = "flows",
	  NUMBER(subscriber.flows, 1024, 4194304),
	  .def = "32768",
	  .help = "Flows that the fast path has room for, some 500 octets each; when it is full, "
		  "the one that was idle longest goes back to the stack." },
	{ .section = "subscriber",
	  .key = "flows-per-line",
	  NUMBER(subscriber.flows_per_line, 0, 4194304),
	  .def = "2048",
	  .help = "Flows of one line that may go around the stack at once, so that none fills the "
		  "table that all share. What it has beyond that goes through the stack, as "
		  "long as it lasts. 0: no limit." },
	{ .section = "subscriber",
	  .key = "connections",
	  NUMBER(subscriber.connections, 0, 1048576),
	  .def = "0",
	  .help = "Connections (TCP, and UDP's that conntrack takes for one) that a line may have "
		  "at "
		  "once, so that none fills the table that all share: of each IPv4 address, of "
		  "each delegated prefix, and of each other /64. The packet that would begin one "
		  "more is dropped. 0: no limit. Some thousands are enough for a house. What Jool "
		  "translates conntrack does not know: a line may begin so many of these at once, "
		  "and as many again in each five minutes after, however long they last." },
	{ .section = "subscriber",
	  .key = "spread",
	  .type = &config_type_spread,
	  FIELD(subscriber.spread),
	  .flags = CONFIG_EMPTY,
	  .help = "CPUs that share the work on what lines send, auto: all that are online. A "
		  "network "
		  "card cannot hash inside PPPoE, so that one CPU gets all of it. Where lines are "
		  "read by XDP, it hands each session to one of these, by MAC and session id, and "
		  "packets of a session stay in order; with tc the access interface's receive "
		  "packet steering gives each flow to one. What comes from the core is IP, and spread "
		  "by the queues of its card or by its own rps_cpus. Default: off. When the list changes, some "
		  "packets may overtake others at that moment; none is lost. Handing over costs CPU time of "
		  "its own, more than the fast path itself: it is for lines whose packets are much work "
		  "(firewall, NAT, trees), and for three CPUs or more; measure it." },
	{ .section = "nat44",
	  .key = "masquerade",
	  .type = &config_type_ifname,
	  FIELD(nat44.masquerade),
	  .help = "The core interface whose address subscribers share." },
	{ .section = "nat44",
	  .key = "pool",
	  .type = &config_type_pool,
	  LIST(nat44.pools, nat44.pool_count, 1),
	  .help = "Addresses that subscribers share in place of the interface's; they must be "
		  "routed to this box. A subscriber keeps the same one. Without masquerade they "
		  "are used on every interface." },
	{ .section = "nat44",
	  .key = "block",
	  NUMBER(nat44.block, 0, 64512),
	  .def = "0",
	  .help = "Ports of the shared addresses that each line has for itself, as one block, from "
		  "1024 on; 0: all share all. A line for which no block is left gets no IPv4 "
		  "address. "
		  "TCP, UDP, ICMP and GRE are translated then; what comes from the pools otherwise "
		  "is "
		  "dropped, and a framed route, which has no block, goes out as it is." },
	{ .section = "nat44",
	  .key = "log",
	  .type = &config_type_path,
	  FIELD(nat44.log),
	  .help = "A file that says who had which block, from when and until when; the log says "
		  "so, "
		  "too. Without it, nothing is written." },
	{ .section = "nat44",
	  .key = "log-size",
	  NUMBER(nat44.log_size, 1, 65536),
	  .def = "64",
	  .help = "Megabytes that the file may have; a full one becomes FILE.1, and the one that "
		  "was there before is gone." },
