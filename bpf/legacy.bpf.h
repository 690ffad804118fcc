/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Linux before 5.15 lacks, for the second compile of the same programs with -DIGREC_LEGACY:
 * docs/kernels.md.  What takes more than a few lines is in headers of its own, *_legacy.bpf.h.
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

/*
 * Locks are elements in a hash, which the kernel adds and deletes for one program at a time. Nobody
 * waits for one. Lock -> nothing. Programs only, each holds one: there are no more than run at
 * once.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u32);
} locks SEC(".maps") __weak;

#define LOCK_BLOCK_BITS 12 /* a ring has 4096 blocks at most (common/config.c) */
#define LOCK_OF_PLACE	0x80000000

/* 0 is no lock. */
static __always_inline __u32 lock_of_block(__u32 slot_index, __u32 block_index)
{
	return ((slot_index << LOCK_BLOCK_BITS | block_index) + 1) & ~LOCK_OF_PLACE;
}

/* Of a place in the map task_states. */
static __always_inline __u32 lock_of_place(__u32 index)
{
	return LOCK_OF_PLACE | index;
}

static __always_inline bool lock_enter(__u32 lock)
{
	__u32 nothing = 0;

	return !bpf_map_update_elem(&locks, &lock, &nothing, BPF_NOEXIST);
}

static __always_inline void lock_leave(__u32 lock)
{
	bpf_map_delete_elem(&locks, &lock);
}

#else

/* TASK_READ(task, a, b): task->a->b, where task may be the current one. */
#define TASK_READ(task, ...) ___arrow(task, __VA_ARGS__)

#endif
#endif
