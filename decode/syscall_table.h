/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syscalls of an architecture: names, arguments, where their records go.  One table row
 * (decode/syscalls_*.tbl for the form, decode/overlay.tbl for the meaning) drives both what the
 * kernel programs capture, see decode/syscall_info.h, and what replay prints.
 */
#ifndef DECODE_SYSCALL_TABLE_H
#define DECODE_SYSCALL_TABLE_H

#include "bpf/igrec_abi.h"
#include "decode/layout.h"

enum arch {
	ARCH_X86_64,
	ARCH_ARM64,
	ARCHES,
};

#if defined(__x86_64__)
#define ARCH_HOST ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH_HOST ARCH_ARM64
#else
#error "igrec knows the syscalls of x86_64 and arm64 only"
#endif

/* By uname's name: "x86_64", "aarch64", also "arm64". 0 or -EINVAL. */
int arch_parse(const char *name, enum arch *ret);
/* uname's name. */
const char *arch_name(enum arch arch);

/* Kinds of work, as strace's -e trace=%CLASS has them. */
#define SYSCALL_CLASS_FILE    (1 << 0) /* takes a path */
#define SYSCALL_CLASS_DESC    (1 << 1) /* takes or gives a descriptor */
#define SYSCALL_CLASS_NETWORK (1 << 2)
#define SYSCALL_CLASS_PROCESS (1 << 3)
#define SYSCALL_CLASS_MEMORY  (1 << 4)
#define SYSCALL_CLASS_SIGNAL  (1 << 5)
#define SYSCALL_CLASS_IPC     (1 << 6) /* System V */

/* What strace says of it in parentheses behind a result that is no error. */
enum result_note {
	RESULT_NOTE_NONE,
	RESULT_NOTE_POLL,    /* the files that are ready, or "Timeout" */
	RESULT_NOTE_SELECT,  /* the same of sets, and what is left of the time */
	RESULT_NOTE_LEFT,    /* what is left of the time, or "Timeout" */
	RESULT_NOTE_TIMEOUT, /* 0 is "Timeout" */
};

struct syscall_descriptor {
	const char *name;
	uint16_t nr;
	uint8_t args;	 /* that the kernel takes; arguments.count of them are worth showing */
	bool vital;	 /* to the vital lane */
	uint8_t classes; /* SYSCALL_CLASS_* */
	uint8_t rules;
	uint8_t changed, changed_bytes; /* as in struct igrec_syscall_info */
	uint8_t object, object_arg;
	struct igrec_capture_rule rule[IGREC_CAPTURE_RULES];
	struct field result; /* one that is no error */
	enum result_note note;
	struct layout arguments;
};

/* NULL if the architecture has no such number or name. */
const struct syscall_descriptor *syscall_by_number(enum arch arch, unsigned nr);
const struct syscall_descriptor *syscall_by_name(enum arch arch, const char *name);
/* The same; with `compat` of its 32-bit programs, which are i386's or arm's. */
const struct syscall_descriptor *syscall_of(enum arch arch, unsigned nr, bool compat);
const struct syscall_descriptor *syscall_named(enum arch arch, const char *name, bool compat);

#define SYSCALL_NAME_BYTES 40
/* The name; a visible placeholder ("syscall_499", "compat_syscall_499") if it is not known. */
const char *syscall_name(enum arch arch, unsigned nr, bool compat, char room[SYSCALL_NAME_BYTES]);

/* 0 and one SYSCALL_CLASS_*, or -EINVAL. */
int syscall_class_parse(const char *name, unsigned *ret);
#define SYSCALL_CLASS_WANTED "file, desc, network, process, memory, signal or ipc"

#endif
