/* SPDX-License-Identifier: GPL-2.0 */
/* Where each architecture keeps syscall number and arguments at sys_exit. */
#ifndef SYSCALL_REGS_BPF_H
#define SYSCALL_REGS_BPF_H

#include "kernel_types.h"

#if defined(__TARGET_ARCH_x86)

/* Calling convention: syscall(2), "Architecture calling conventions". */
#define SYSCALL_NR(regs)   ((__u32)(regs)->orig_ax)
#define SYSCALL_ARG0(regs) ((regs)->di)
#define SYSCALL_ARG1(regs) ((regs)->si)
#define SYSCALL_ARG2(regs) ((regs)->dx)
#define SYSCALL_ARG3(regs) ((regs)->r10)
#define SYSCALL_ARG4(regs) ((regs)->r8)
#define SYSCALL_ARG5(regs) ((regs)->r9)

/* The 32-bit entry's: syscall(2) under i386. */
#define COMPAT_ARG0(regs) ((__u32)(regs)->bx)
#define COMPAT_ARG1(regs) ((__u32)(regs)->cx)
#define COMPAT_ARG2(regs) ((__u32)(regs)->dx)
#define COMPAT_ARG3(regs) ((__u32)(regs)->si)
#define COMPAT_ARG4(regs) ((__u32)(regs)->di)
#define COMPAT_ARG5(regs) ((__u32)(regs)->bp)

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */

static __always_inline bool syscall_is_compat(struct task_struct *task)
{
	return TASK_READ(task, thread_info.status) & TS_COMPAT;
}

/* arch/x86/entry/syscalls/syscall_64.tbl */
#define SYSCALL_EXECVE	 59
#define SYSCALL_EXECVEAT 322
#define SYSCALL_PRCTL	 157
/* arch/x86/entry/syscalls/syscall_32.tbl */
#define COMPAT_EXECVEAT 358

#elif defined(__TARGET_ARCH_arm64)

/* regs[0] holds the result at sys_exit; the first argument survives in orig_x0. */
#define SYSCALL_NR(regs)   ((__u32)(regs)->syscallno)
#define SYSCALL_ARG0(regs) ((regs)->orig_x0)
#define SYSCALL_ARG1(regs) ((regs)->regs[1])
#define SYSCALL_ARG2(regs) ((regs)->regs[2])
#define SYSCALL_ARG3(regs) ((regs)->regs[3])
#define SYSCALL_ARG4(regs) ((regs)->regs[4])
#define SYSCALL_ARG5(regs) ((regs)->regs[5])

/* The 32-bit entry's: arm/EABI passes r0 to r5, the low halves of the same registers. */
#define COMPAT_ARG0(regs)  ((__u32)(regs)->orig_x0)
#define COMPAT_ARG1(regs)  ((__u32)(regs)->regs[1])
#define COMPAT_ARG2(regs)  ((__u32)(regs)->regs[2])
#define COMPAT_ARG3(regs)  ((__u32)(regs)->regs[3])
#define COMPAT_ARG4(regs)  ((__u32)(regs)->regs[4])
#define COMPAT_ARG5(regs)  ((__u32)(regs)->regs[5])

#define TIF_32BIT	 22 /* arch/arm64/include/asm/thread_info.h */

static __always_inline bool syscall_is_compat(struct task_struct *task)
{
	return TASK_READ(task, thread_info.flags) & (1UL << TIF_32BIT);
}

/* include/uapi/asm-generic/unistd.h */
#define SYSCALL_EXECVE	 221
#define SYSCALL_EXECVEAT 281
#define SYSCALL_PRCTL	 167
/* arch/arm64/tools/syscall_32.tbl */
#define COMPAT_EXECVEAT	 387

#endif

/* The same in both tables of the 32-bit entry. */
#define COMPAT_EXECVE 11
#define COMPAT_PRCTL  172

/* arm's own calls, arch/arm/include/uapi/asm/unistd.h: 0xf0001 and up. In a record, whose number
 * has 16 bits, they stand behind all others. */
#define COMPAT_PRIVATE	     0xf0000
#define COMPAT_PRIVATE_FIRST 496

static __always_inline __u32 compat_number(__u32 nr)
{
	return nr < COMPAT_PRIVATE ? nr : COMPAT_PRIVATE_FIRST + (nr & 0xf);
}

static __always_inline bool syscall_is_exec(__u32 nr, bool compat)
{
	if (compat)
		return nr == COMPAT_EXECVE || nr == COMPAT_EXECVEAT;
	return nr == SYSCALL_EXECVE || nr == SYSCALL_EXECVEAT;
}

/* execve(path, argv, envp), execveat(dirfd, path, argv, envp, flags) */
static __always_inline __u64 syscall_argv(struct pt_regs *regs, __u32 nr, bool compat)
{
	if (compat)
		return nr == COMPAT_EXECVE ? COMPAT_ARG1(regs) : COMPAT_ARG2(regs);
	return nr == SYSCALL_EXECVE ? SYSCALL_ARG1(regs) : SYSCALL_ARG2(regs);
}

static __always_inline __u64 syscall_envp(struct pt_regs *regs, __u32 nr, bool compat)
{
	if (compat)
		return nr == COMPAT_EXECVE ? COMPAT_ARG2(regs) : COMPAT_ARG3(regs);
	return nr == SYSCALL_EXECVE ? SYSCALL_ARG2(regs) : SYSCALL_ARG3(regs);
}

#endif
