/* SPDX-License-Identifier: Apache-2.0 */
/* Names of errnos, signals and signal codes. NULL where a number has none. */
#ifndef DECODE_NAMES_H
#define DECODE_NAMES_H

/* Positive errno, the kernel's internal ones (ERESTARTSYS = 512 ...) included. */
const char *errno_name(int error);
/* What it means, in the words of strerror(3); "" where there are none. */
const char *errno_text(int error);
/* "ENOENT" in any case, or a number. 0 or -EINVAL. */
int errno_parse(const char *name, int *ret);

/* "SIGSEGV"; real-time signals as strace has them: "SIGRTMIN", "SIGRT_2". */
const char *signal_name(int signal);

/* si_code of a siginfo: "SI_USER", "SEGV_MAPERR". */
const char *signal_code_name(int signal, int code);

/* Of a netlink socket: "NETLINK_ROUTE". */
const char *netlink_protocol_name(unsigned protocol);

#endif
