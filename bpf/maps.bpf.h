/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All maps and settings.  "User space" is igrecd.  Sizes marked (set) are set by igrecd before
 * load.  Everything is defined weak: each program file brings the same definition and the
 * linker keeps one.
 */
#ifndef MAPS_BPF_H
#define MAPS_BPF_H

#include "kernel_types.h"

#include <bpf/bpf_helpers.h>

#include "igrec_abi.h"
#include "legacy.bpf.h"

/* A power of two: 8 MiB, which serve stacks in 2 GiB of addresses without a clash. */
#define TASK_STATES 65536

/* As task_state.nr: the thread was just made, and returns from a fork that it never entered. */
#define TASK_NEWBORN 0xffffffff

/* What a recorded thread needs between two hooks: two cache lines, of which most calls use one. */
struct task_state {
	__u64 regs;	/* where the kernel keeps its registers; 0: free, 1: being given out */
	__u64 task;	/* address of its task_struct */
	__u64 enter_ns; /* of the syscall it is in; 0 outside */
	__u64 envp;	/* of an execve that it is in: gone from the registers when that is done */
	__u32 nr;	/* of that syscall, or TASK_NEWBORN */
	__u32 slot;
	__u32 generation;	   /* of the slot when the thread was tracked */
	__u32 marked[IGREC_LANES]; /* sequence of the lane's block that holds its latest mark */
	__u8 compat;		   /* the syscall that it is in came by the 32-bit entry */
	__u8 before_read;	   /* bit n: argument n could be read; in an execve: all of it */
	__u8 reserved[6];
	/* What stood behind the arguments that this syscall changes in place, see before_of(); in
	 * an execve, argv[0], which the kernel drops from a script's argv. */
	__u8 before[IGREC_CHANGED_MAX][IGREC_CHANGED_BYTES_MAX];
};
_Static_assert(sizeof(struct task_state) == 128, "task state");

/* Where a CPU writes next, per slot. */
struct cursor {
	__u32 block[IGREC_LANES];    /* index in the ring */
	__u32 sequence[IGREC_LANES]; /* of that block when this CPU took it; 0 none yet */
};

/* cgroup id -> slot. Written by the cgroup programs and user space; a full map means that the
 * cgroup is not recorded, counted as NO_RING. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u32);
} cgroup_slots SEC(".maps") __weak;

/* slot -> its ring. Written by user space only. Inner maps are arrays of any number of blocks,
 * which BPF_F_INNER_MAP allows from 5.10 on (kernel commit 4a8f87e60f6d). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1); /* (set) */
	__uint(key_size, sizeof(__u32));
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__uint(map_flags, BPF_F_MMAPABLE | BPF_F_INNER_MAP);
			__uint(max_entries, 1);
			__uint(key_size, sizeof(__u32));
			__uint(value_size, IGREC_BLOCK_BYTES);
		});
} rings SEC(".maps") __weak;

/* slot -> struct igrec_slot. User space prepares an entry before it puts the slot into the pool;
 * afterwards the programs count in it and user space reads it by mmap. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* (set) */
	__type(key, __u32);
	__type(value, struct igrec_slot);
} slots SEC(".maps") __weak;

/* slot -> cursor of each CPU. Programs only. 24 bytes per CPU and container. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1); /* (set) */
	__type(key, __u32);
	__type(value, struct cursor);
} cursors SEC(".maps") __weak;

/* Room for one program while it runs. Programs only. */
struct scratch {
	__u8 bytes[4096];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps") __weak;

/* Slots with a clean ring, ready to be taken. User space pushes, cgroup_mkdir pops; when it is
 * empty the new cgroup is not recorded, counted as NO_RING and told by a notice. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1); /* (set) */
	__uint(key_size, 0);
	__uint(value_size, sizeof(__u32));
} pool SEC(".maps") __weak;

/*
 * Kernel stack -> state of the thread that runs on it, see task.bpf.h. Programs only. When the
 * places that a stack may use are full, the thread is not recorded, counted as NO_TASK. Mappable
 * for its alignment to cache lines only.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TASK_STATES);
	__type(key, __u32);
	__type(value, struct task_state);
} task_states SEC(".maps") __weak;

/* Notices to user space. When full the notice is dropped, counted as NOTICES_DROPPED. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} notices SEC(".maps") __weak;

/* enum igrec_counter -> count since load. Programs add, user space reads by mmap. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, IGREC_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps") __weak;

/* For the next igrecd; no program looks at them. One entry: what is pinned here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct igrec_set);
} igrec_set SEC(".maps") __weak;

/* slot -> who has it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* (set) */
	__type(key, __u32);
	__type(value, struct igrec_ledger);
} ledger SEC(".maps") __weak;

/* Bit n: a state was ever put n places behind its own. */
__u32 task_states_spread __weak;

static __always_inline struct scratch *scratch_of_cpu(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&scratch, &key);
}

static __always_inline void count(enum igrec_counter counter)
{
	__u32 key = counter;
	__u64 *value = bpf_map_lookup_elem(&counters, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
}

#endif
