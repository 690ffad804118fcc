/* SPDX-License-Identifier: GPL-2.0 */
/* Tasks: whose they are, and the state kept for those that are recorded. */
#ifndef TASK_BPF_H
#define TASK_BPF_H

#include "maps.bpf.h"

#include <bpf/bpf_core_read.h>

static __always_inline __u64 task_cgroup_id(struct task_struct *task)
{
	return TASK_READ(task, cgroups, dfl_cgrp, kn, id);
}

static __always_inline struct task_state *task_state_of(struct task_struct *task)
{
	__u32 tid;

	if (use_task_storage) {
		/* Most tasks of the node have no storage at all: seen without a call. */
		if (bpf_core_field_exists(task->bpf_storage) && !task->bpf_storage)
			return NULL;
		return bpf_task_storage_get(&task_storage, task, NULL, 0);
	}
	tid = TASK_READ(task, pid);
	return bpf_map_lookup_elem(&task_hash, &tid);
}

static __always_inline struct task_state *task_state_new(struct task_struct *task)
{
	static const struct task_state empty; /* not on the stack: it is large */
	__u32 tid;

	if (use_task_storage)
		return bpf_task_storage_get(&task_storage, task, NULL,
					    BPF_LOCAL_STORAGE_GET_F_CREATE);
	tid = TASK_READ(task, pid);
	bpf_map_update_elem(&task_hash, &tid, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&task_hash, &tid);
}

static __always_inline void task_state_delete(struct task_struct *task)
{
	__u32 tid;

	if (use_task_storage) {
		bpf_task_storage_delete(&task_storage, task);
		return;
	}
	tid = TASK_READ(task, pid);
	bpf_map_delete_elem(&task_hash, &tid);
}

/* A thread other than the leader called execve and got the leader's tid. */
static __always_inline void task_hash_rename(__u32 from, __u32 to)
{
	struct task_state *state = bpf_map_lookup_elem(&task_hash, &from);

	if (!state)
		return;
	bpf_map_update_elem(&task_hash, &to, state, BPF_ANY);
	bpf_map_delete_elem(&task_hash, &from);
}

/* The slot of a tracked task, or NULL if the slot has since been given to someone else. */
static __always_inline struct igrec_slot *task_slot(const struct task_state *state)
{
	__u32 index = state->slot;
	struct igrec_slot *slot = bpf_map_lookup_elem(&slots, &index);

	if (!slot || slot->generation != state->generation)
		return NULL;
	return slot;
}

/* Who the task is has changed: its next record in each lane says so. */
static __always_inline void task_mark_anew(struct task_state *state)
{
	state->marked[IGREC_LANE_START] = 0;
	state->marked[IGREC_LANE_VITAL] = 0;
	state->marked[IGREC_LANE_FLOW] = 0;
}

/* Begins to record a task as one of the slot, or moves it there. */
static __always_inline void task_track(struct task_struct *task, __u32 index)
{
	struct igrec_slot *slot = bpf_map_lookup_elem(&slots, &index);
	struct task_state *state = task_state_of(task);
	struct igrec_slot *old;

	if (!slot)
		return;
	if (state) {
		old = task_slot(state);
		if (old == slot)
			return;
		if (old)
			__sync_fetch_and_add(&old->tasks, -1);
	} else {
		state = task_state_new(task);
	}
	if (!state) {
		count(IGREC_COUNTER_NO_TASK);
		return;
	}
	state->slot = index;
	state->generation = slot->generation;
	task_mark_anew(state);
	__sync_fetch_and_add(&slot->tasks, 1);
}

/* Stops recording a task. */
static __always_inline void task_untrack(struct task_struct *task, struct task_state *state)
{
	struct igrec_slot *slot = task_slot(state);

	if (slot)
		__sync_fetch_and_add(&slot->tasks, -1);
	task_state_delete(task);
}

/* Starts or stops recording by the cgroup that the task is in. */
static __always_inline void task_sort(struct task_struct *task, __u64 cgroup_id)
{
	__u32 *index = bpf_map_lookup_elem(&cgroup_slots, &cgroup_id);
	struct task_state *state;

	if (index) {
		task_track(task, *index);
		return;
	}
	state = task_state_of(task);
	if (state)
		task_untrack(task, state);
}

/* The id in the container's pid namespace; where that is not known, in the task's own. */
static __always_inline __u32 task_ns_tid(struct task_struct *task, const struct igrec_slot *slot)
{
	struct pid *pid = TASK_READ(task, thread_pid);
	struct upid upid = {};
	__u32 level;

	if (!pid)
		return 0;
	level = TASK_READ(pid, level);
	if (slot && slot->pid_level && slot->pid_level < level)
		level = slot->pid_level;
	bpf_probe_read_kernel(&upid, sizeof(upid), &pid->numbers[level]);
	return upid.nr;
}

static __always_inline __u32 task_ns_level(struct task_struct *task)
{
	struct pid *pid = TASK_READ(task, thread_pid);

	return pid ? TASK_READ(pid, level) : 0;
}

/* The wait status of the process, at the exit of its last thread (kernel/exit.c). */
#define SIGNAL_GROUP_EXIT 0x00000004

static __always_inline int task_group_exit_code(struct task_struct *task)
{
	if (task->signal->flags & SIGNAL_GROUP_EXIT)
		return task->signal->group_exit_code;
	return task->group_leader->exit_code;
}

#endif
