/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Linux 5.10 lacks, for the second compile of the same programs with -DIGREC_LEGACY.  Atomic
 * operations that return a value (5.12) are missed in ring_legacy.bpf.h only; here is the rest.
 */
#ifndef LEGACY_BPF_H
#define LEGACY_BPF_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#ifdef IGREC_LEGACY

/* The current task is a mere number to the verifier before 5.11. */
#define bpf_get_current_task_btf() ((struct task_struct *)bpf_get_current_task())
#define TASK_READ(task, ...)	   BPF_CORE_READ(task, __VA_ARGS__)

/* Before 5.12 a function that is verified on its own cannot have pointers as arguments. libbpf
 * makes hidden ones static, which are verified with each of their calls. */
#define LEGACY_ALONE __attribute__((noinline, weak)) /* with numbers as arguments */
#undef __noinline
#define __noinline __attribute__((noinline, visibility("hidden")))

/*
 * Nor does the verifier then forget what it knew of their results, and follows each possibility on
 * its own, too many: whatever is checked before use is made a number that it knows nothing of.
 */
volatile union {
	__u64 whole;
	__u32 half;
} legacy_zero __weak;
#undef barrier_var
#define barrier_var(var)                                                                           \
	asm volatile(""                                                                            \
		     : "=r"(var)                                                                   \
		     : "0"((var) + __builtin_choose_expr(sizeof(var) == 8, legacy_zero.whole,      \
							 legacy_zero.half)))

#else

/* TASK_READ(task, a, b): task->a->b, where task may be the current one. */
#define TASK_READ(task, ...) ___arrow(task, __VA_ARGS__)

#endif
#endif
