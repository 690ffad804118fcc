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

/* As task_state.nr: the thread was just made, and returns from a fork that it never entered. */
#define TASK_NEWBORN 0xffffffff

/* What a recorded thread needs between two hooks. */
struct task_state {
	__u64 enter_ns; /* of the syscall it is in; 0 outside */
	__u64 envp;	/* of an execve that it is in: gone from the registers when that is done */
	__u32 nr;	/* of that syscall, or TASK_NEWBORN */
	__u32 slot;
	__u32 generation;	   /* of the slot when the thread was tracked */
	__u32 marked[IGREC_LANES]; /* sequence of the lane's block that holds its latest mark */
	__u8 compat;		   /* the syscall that it is in came by the 32-bit entry */
	__u8 before_read;	   /* bit n: before[n] could be read; in an execve: all of it */
	__u16 reserved;
	/* What stood behind the arguments that this syscall changes in place; in an execve,
	 * argv[0], which the kernel drops from a script's argv. */
	__u8 before[IGREC_ARGS_MAX][IGREC_CHANGED_BYTES_MAX];
};

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

/* Slots with a clean ring, ready to be taken. User space pushes, cgroup_mkdir pops; when it is
 * empty the new cgroup is not recorded, counted as NO_RING and told by a notice. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1); /* (set) */
	__uint(key_size, 0);
	__uint(value_size, sizeof(__u32));
} pool SEC(".maps") __weak;

/* Thread -> state: task storage where tracing programs may use it (5.11), else the hash by tid.
 * A full hash leaves the thread unrecorded, counted as NO_TASK. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} task_storage SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536); /* (set to 1 when task storage is used) */
	__type(key, __u32);
	__type(value, struct task_state);
} task_hash SEC(".maps") __weak;

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

/* Fixed at load. */
const volatile bool use_task_storage __weak = true;

static __always_inline void count(enum igrec_counter counter)
{
	__u32 key = counter;
	__u64 *value = bpf_map_lookup_elem(&counters, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
}

#endif
