/* SPDX-License-Identifier: Apache-2.0 */
/* What tools/gen_tables.py makes of the tables; for decode/ alone. */
#ifndef DECODE_TABLES_H
#define DECODE_TABLES_H

#include "decode/syscall_table.h"

/* By number; NULL where there is no syscall. */
extern const struct syscall_descriptor *const syscall_table_x86_64[IGREC_SYSCALLS_MAX];
extern const struct syscall_descriptor *const syscall_table_i386[IGREC_SYSCALLS_MAX];
extern const struct syscall_descriptor *const syscall_table_arm64[IGREC_SYSCALLS_MAX];
extern const struct syscall_descriptor *const syscall_table_arm[IGREC_SYSCALLS_MAX];

struct errno_row {
	int number;
	const char *name;
	const char *text;
};
extern const struct errno_row errno_rows[]; /* by rising number */
extern const unsigned errno_count;

extern const struct name_set *const set_of_signal;
extern const struct name_set *const set_of_si_code;
extern const struct name_set *const set_of_si_code_ill;
extern const struct name_set *const set_of_si_code_fpe;
extern const struct name_set *const set_of_si_code_segv;
extern const struct name_set *const set_of_si_code_bus;
extern const struct name_set *const set_of_si_code_trap;
extern const struct name_set *const set_of_si_code_cld;
extern const struct name_set *const set_of_si_code_poll;
extern const struct name_set *const set_of_si_code_sys;
extern const struct name_set *const set_of_netlink_protocol;

/* Of each protocol of AF_NETLINK; those without rows are empty, the last one is for them. */
struct netlink_layouts {
	const struct layout *header, *payload; /* both of the whole message */
};
#define NETLINK_PROTOCOLS 32 /* MAX_LINKS, include/uapi/linux/netlink.h */
extern const struct layout *const netlink_error_layout; /* attributes of NLMSG_ERROR */
extern const struct netlink_layouts netlink_layouts[NETLINK_PROTOCOLS];

#endif
