/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of [shaper] and [profile]. Part of config_table.c's table, and included nowhere else. */

#define PROFILE(f)                                                                                 \
	.offset = offsetof(struct config_profile, f.items),                                        \
	.size = sizeof(struct config_profile_value),                                               \
	.count_offset = offsetof(struct config_profile, f.count),                                  \
	.items_max = SHAPER_RANGES_MAX + 1, .flags = CONFIG_REPEAT

{ .section = "shaper",
  .key = "mode",
  ENUM(shaper.mode, shaper_names),
  .def = "htb",
  .help = "How output is shaped: htb gives each line a class whose queue is fq_codel, or a fifo "
	  "of some milliseconds where the kernel has no fq_codel; tbf puts a TBF of the "
	  "plan's rate and 50 ms into the class; off shapes nothing." },
	{ .section = "shaper",
	  .key = "up",
	  ENUM(shaper.up, up_names),
	  .def = "htb",
	  .help = "How input is limited: by a class like output's, or by a policer, which "
		  "queues nothing and costs less." },
	{ .section = "shaper",
	  .key = "up-leaf",
	  ENUM(shaper.up_leaf, up_leaf_names),
	  .def = "fifo",
	  .help = "The queue of input's class: a fifo of some milliseconds, or fq_codel where "
		  "the kernel has it, which keeps a ping quicker beside an upload and takes 4 KB "
		  "more for each line. Read when the subscriber device is made." },
	{ .section = "shaper",
	  .key = "default",
	  .type = &config_type_default,
	  FIELD(shaper.default_),
	  .flags = CONFIG_EMPTY,
	  .help = "Of who has no speed of his own: down/up in kbit/s, or with k, M or G behind "
		  "a number, or the name of a profile that holds always. Empty is unshaped, and "
		  "so is 0." },
	{ .section = "shaper",
	  .key = "backhaul-down",
	  NUMBER(shaper.backhaul_down, 0, UINT32_MAX),
	  .def = "0",
	  .help = "kbit/s of all shaped output together: lines share it equally, and lend one "
		  "another what they do not use. 0 is no limit." },
	{ .section = "shaper",
	  .key = "backhaul-up",
	  NUMBER(shaper.backhaul_up, 0, UINT32_MAX),
	  .def = "0",
	  .help = "The same of input; it needs up = htb, as a policer shares nothing." },
	{ .section = "shaper",
	  .key = "queues",
	  NUMBER(shaper.queues, 1, ABI_TREES_MAX),
	  .def = "1",
	  .help = "Transmit queues of the subscriber device that shape, each with a tree of its "
		  "own. More let more processors shape at once; a line stays in one, so a "
		  "backhaul needs 1." },
	{ .section = "shaper",
	  .key = "class-pool",
	  NUMBER(shaper.class_pool, 0, 61000),
	  .def = "256",
	  .help = "Classes made ahead of need, in the background: making one takes the kernel "
		  "the longer the more there are, giving it a plan does not." },
	{ .section = "shaper",
	  .key = "overhead",
	  NUMBER(shaper.overhead, 14, 255),
	  .def = "22",
	  .help = "Octets that count for each packet beside its IP length. 22 are the Ethernet "
		  "and PPPoE headers; a VLAN tag is 4 more." },
	{ .section = "shaper",
	  .key = "police-burst",
	  NUMBER(shaper.police_burst, 10, 10000),
	  .def = "500",
	  .help = "Milliseconds of its rate that a policed line may send at once. TCP needs "
		  "some hundred." },
	{ .section = "shaper",
	  .key = "attributes",
	  .type = &config_type_enum_list,
	  .names = dict_names,
	  .fixed = true,
	  LIST(shaper.attributes, shaper.attribute_count, SHAPER_DICT_COUNT),
	  .def = "profile,rp,mikrotik,cisco,erx,huawei,ascend,wispr,filter-id",
	  .help = "Which RADIUS attributes say a speed, and which of them wins: in each "
		  "direction the first that speaks of it. See SPEED ATTRIBUTES." },
	{ .section = "shaper",
	  .key = "bad-rate",
	  ENUM(shaper.bad_rate, bad_rate_names),
	  .def = "default",
	  .help = "What a login with a malformed speed attribute gets: the default speed, or a "
		  "refusal. The attribute is named in the log." },
	{ .section = "shaper",
	  .key = "time-range",
	  .type = &config_type_time_range,
	  LIST(shaper.time_ranges, shaper.time_range_count, SHAPER_RANGES_MAX),
	  .flags = CONFIG_REPEAT,
	  .help = "A time of day with a name, local time; it may run over midnight. Profiles "
		  "and Filter-Id refer to it, and speeds change in place when it begins and "
		  "ends." },
	{ .section = "shaper",
	  .key = "quota-profile",
	  .type = &config_type_text,
	  FIELD(shaper.quota_profile),
	  .flags = CONFIG_EMPTY,
	  .help = "The profile that a line gets when its volume quota is used up, until its "
		  "counters begin anew. Without one the line ends." },
	{ .section = "profile",
	  .key = "rate",
	  .type = &config_type_profile_rate,
	  PROFILE(rate),
	  .help = "down/up in kbit/s, or with k, M or G behind a number; for always, or while a "
		  "time range holds." },
	{ .section = "profile",
	  .key = "guaranteed",
	  .type = &config_type_profile_rate,
	  PROFILE(guaranteed),
	  .help = "What the line has of the backhaul whatever others do. Without it, an equal "
		  "share." },
	{ .section = "profile",
	  .key = "peak",
	  .type = &config_type_profile_rate,
	  PROFILE(peak),
	  .help = "The most while a burst lasts." },
	{ .section = "profile",
	  .key = "burst",
	  .type = &config_type_profile_burst,
	  PROFILE(burst),
	  .help = "What the line may send at once above its rate, in kilobytes, or with k or M "
		  "behind a number." },
	{ .section = "profile",
	  .key = "priority",
	  .type = &config_type_profile_priority,
	  PROFILE(priority),
	  .min = 1,
	  .max = SHAPER_PRIORITY_LOW,
	  .help = "Who borrows first: 1 to 8, which is the default." },

#undef PROFILE
