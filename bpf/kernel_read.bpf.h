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

#endif
