/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading kernel memory through pointers that the verifier knows nothing about.  From Linux 6.2 on
 * bpf_rdonly_cast() gives them a type, and a read is one instruction with a fault handler; before,
 * a call of a helper.
 */
#ifndef KERNEL_READ_BPF_H
#define KERNEL_READ_BPF_H

#include "kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym __weak;

/* Fixed at load: whether the kernel has it. */
const volatile bool has_rdonly_cast __weak = false;

/* pointer->member, where pointer is a struct NAME *; 0 if it leads nowhere. */
#define KERNEL_READ(name, pointer, member)                                                         \
	({                                                                                         \
		typeof(((struct name *)0)->member) value_read = 0;                                 \
		if (has_rdonly_cast)                                                               \
			value_read = ((struct name *)bpf_rdonly_cast(                              \
					      pointer, bpf_core_type_id_kernel(struct name)))      \
					     ->member;                                             \
		else                                                                               \
			bpf_core_read(&value_read, sizeof(value_read),                             \
				      &((struct name *)(pointer))->member);                        \
		value_read;                                                                        \
	})

/* The word at an address; 0 if it leads nowhere. A list_head serves as words, which have no type.
 */
static __always_inline __u64 kernel_word(const void *from)
{
	return (__u64)KERNEL_READ(list_head, from, next);
}

/*
 * Copies `bytes`, up to the constant `most`, a multiple of 16. What is behind them up to the next
 * multiple of 16 is written, too.
 */
static __always_inline void kernel_copy(void *to, const void *from, __u32 bytes, const __u32 most)
{
	if (!has_rdonly_cast) {
		bpf_probe_read_kernel(to, bytes, from);
		return;
	}
	for (__u32 at = 0; at < most; at += 16) {
		struct list_head *words;

		if (at >= bytes)
			break;
		words = bpf_rdonly_cast(from + at, bpf_core_type_id_kernel(struct list_head));
		*(__u64 *)(to + at) = (__u64)words->next;
		*(__u64 *)(to + at + 8) = (__u64)words->prev;
	}
}

#endif
