/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel programs' share of the syscall table. */
#ifndef DECODE_SYSCALL_INFO_H
#define DECODE_SYSCALL_INFO_H

#include "bpf/igrec_abi.h"

/*
 * Fills the entry of every number for the architecture that this is built for. Numbers that no
 * syscall has, the last among them, get IGREC_ARGS_MAX arguments and no captures.
 */
void syscall_info_fill(struct igrec_syscall_info info[IGREC_SYSCALLS_MAX]);
/*
 * The same for its 32-bit programs. Rules are about memory that looks as in native ones; nothing
 * that is changed in place.
 */
void syscall_info_fill_compat(struct igrec_syscall_info info[IGREC_SYSCALLS_MAX]);

#endif
