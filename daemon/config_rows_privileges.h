/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of [privileges]: part of the table of daemon/config_table.c, and of nothing else. */
	{ .section = "privileges",
	  .key = "user",
	  .type = &config_type_user,
	  FIELD(privileges.user),
	  .def = "auto",
	  .help = "Whom brasd becomes after its start as root, a name or a number. auto: brasberry, "
		  "where there is such a user, else the one it was started as. root: none other. It "
		  "keeps five capabilities in any case: CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF, "
		  "CAP_PERFMON, CAP_NET_BIND_SERVICE; and CAP_SYSLOG where [nat64] log is set. "
		  "Files that a reload reads again must be readable by this user." },
	{ .section = "privileges",
	  .key = "group",
	  .type = &config_type_user,
	  FIELD(privileges.group),
	  .def = "auto",
	  .help = "And its group; auto: the user's own. Its members may use the control socket." },
	{ .section = "privileges",
	  .key = "seccomp",
	  ENUM(privileges.seccomp, seccomp_names),
	  .def = "on",
	  .help = "A list of the system calls that brasd and its scripts may make. on: others fail, "
		  "and those of intruders end the process, which ends no session. log: all may be "
		  "made, and the kernel logs what is not on the list. off: no list." },
