/* SPDX-License-Identifier: GPL-2.0 */
/* Tasks: whose they are, and the state kept for those that are recorded. */
#ifndef TASK_BPF_H
#define TASK_BPF_H

#include "kernel_read.bpf.h"
#include "maps.bpf.h"

static __always_inline __u64 task_cgroup_id(struct task_struct *task)
{
	return TASK_READ(task, cgroups, dfl_cgrp, kn, id);
}

/*
 * A thread's state is found by where its registers lie while it is in the kernel: at the top of its
 * stack, which is its own as long as it lives.  So the programs that every syscall passes know
 * without any call whether the thread is recorded.  Stacks of 16 KiB lie 32 KiB apart, with their
 * guard page (kernel/fork.c, alloc_thread_stack_node(); arm64 aligns them so): the address in units
 * of that is the state's place, and the next few places serve for stacks that clash.
 */
#define STACK_SHIFT 15
#define TASK_PLACES 8
#define TASK_TAKEN  1 /* as task_state.regs */

static __always_inline __u32 task_place(const struct pt_regs *regs)
{
	__u32 low;

	/* The verifier takes the lower half of a pointer for a number, which may be shifted; the
	 * compiler would shift first. */
	asm("%0 = %1" : "=w"(low) : "w"((__u32)(unsigned long)regs));
	return low >> STACK_SHIFT;
}

static __always_inline struct task_state *task_state_in(__u32 place)
{
	__u32 index = place & (TASK_STATES - 1);

	return bpf_map_lookup_elem(&task_states, &index);
}

/* The state of a stack whose own place has another's. */
static __noinline struct task_state *task_state_behind(const struct pt_regs *regs)
{
	__u32 place = task_place(regs);

#pragma nounroll
	for (__u32 i = 1; i < TASK_PLACES; i++) {
		struct task_state *state = task_state_in(place + i);

		if (state && state->regs == (__u64)regs)
			return state;
	}
	return NULL;
}

/* The state of the thread whose registers these are; NULL if it is not recorded. */
static __always_inline struct task_state *task_state_at(const struct pt_regs *regs)
{
	struct task_state *state = task_state_in(task_place(regs));

	if (state && state->regs == (__u64)regs)
		return state;
	return task_states_spread & ~1U ? task_state_behind(regs) : NULL;
}

#ifdef IGREC_LEGACY
#include "task_legacy.bpf.h"
#else

static __always_inline struct pt_regs *task_regs(struct task_struct *task)
{
	return (void *)bpf_task_pt_regs(task);
}

/* Whether a place was free, and is taken now; `behind`: how far behind the stack's own. */
static __always_inline bool task_claim(struct task_state *state, __u32 place, __u32 behind)
{
	if (__sync_val_compare_and_swap(&state->regs, 0, TASK_TAKEN))
		return false;
	__sync_fetch_and_or(&task_states_spread, 1U << behind);
	return true;
}

static __always_inline void task_state_publish(struct task_state *state, struct task_struct *task)
{
	/* Atomic for its order behind what was written before. */
	__sync_lock_test_and_set(&state->regs, (__u64)task_regs(task));
}

#endif

static __always_inline struct task_state *task_state_of(struct task_struct *task)
{
	struct task_state *state = task_state_at(task_regs(task));

	return state && state->task == (__u64)task ? state : NULL;
}

/* The task of a state found by registers, which is the current one. */
static __always_inline struct task_struct *task_of_state(const struct task_state *state)
{
	if (has_rdonly_cast)
		return bpf_rdonly_cast((void *)state->task,
				       bpf_core_type_id_kernel(struct task_struct));
	return bpf_get_current_task_btf();
}

/* A state for a task that has none; NULL if its places are full. It is found by nobody before
 * task_state_publish(). */
static __always_inline struct task_state *task_state_new(struct task_struct *task)
{
	__u32 place = task_place(task_regs(task));

#pragma nounroll
	for (__u32 i = 0; i < TASK_PLACES; i++) {
		struct task_state *state = task_state_in(place + i);

		if (!state || !task_claim(state, place + i, i))
			continue;
		state->task = (__u64)task;
		state->enter_ns = 0;
		state->nr = 0;
		state->before_read = 0;
		return state;
	}
	return NULL;
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

/* Stops recording a task. */
static __always_inline void task_untrack(struct task_state *state)
{
	struct igrec_slot *slot = task_slot(state);

	if (slot)
		__sync_fetch_and_add(&slot->tasks, -1);
	state->regs = 0;
}

/* Frees the state of a task's stack: its own, or that of a thread which had the stack before and
 * whose exit no program saw. */
static __always_inline void task_forget(struct task_struct *task)
{
	struct task_state *state = task_state_at(task_regs(task));

	if (state)
		task_untrack(state);
}

/* Begins to record a task as one of the slot, or moves it there. */
static __noinline void task_track(struct task_struct *task, __u32 index)
{
	struct igrec_slot *slot = bpf_map_lookup_elem(&slots, &index);
	struct task_state *state = task_state_of(task), *fresh;
	struct igrec_slot *old;

	if (!slot)
		return;
	if (state) {
		old = task_slot(state);
		if (old == slot)
			return;
		if (old)
			__sync_fetch_and_add(&old->tasks, -1);
		fresh = state;
	} else {
		task_forget(task);
		fresh = task_state_new(task);
	}
	if (!fresh) {
		count(IGREC_COUNTER_NO_TASK);
		return;
	}
	fresh->slot = index;
	fresh->generation = slot->generation;
	task_mark_anew(fresh);
	__sync_fetch_and_add(&slot->tasks, 1);
	if (!state)
		task_state_publish(fresh, task);
}

/* Starts or stops recording by the cgroup that the task is in. */
static __noinline void task_sort(struct task_struct *task, __u64 cgroup_id)
{
	__u32 *index = bpf_map_lookup_elem(&cgroup_slots, &cgroup_id);

	if (index)
		task_track(task, *index);
	else
		task_forget(task);
}

/* Where the kernel keeps the task's id in the pid namespace of that depth; in its own one, if the
 * depth is 0 or beyond that. NULL if the task is gone. */
static __always_inline struct upid *task_upid(struct task_struct *task, __u32 pid_level)
{
	struct pid *pid = TASK_READ(task, thread_pid);
	__u32 level;

	if (!pid)
		return NULL;
	level = TASK_READ(pid, level);
	return &pid->numbers[pid_level && pid_level < level ? pid_level : level];
}

/* The id in the container's pid namespace; where that is not known, in the task's own. */
static __always_inline __u32 task_ns_tid(struct task_struct *task, const struct igrec_slot *slot)
{
	struct upid upid = {};

	bpf_probe_read_kernel(&upid, sizeof(upid), task_upid(task, slot ? slot->pid_level : 0));
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
	if (TASK_READ(task, signal, flags) & SIGNAL_GROUP_EXIT)
		return TASK_READ(task, signal, group_exit_code);
	return TASK_READ(task, group_leader, exit_code);
}

#endif
