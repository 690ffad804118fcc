/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of task.bpf.h where BPF has neither bpf_task_pt_regs() nor atomic exchanges. */
#ifndef TASK_LEGACY_BPF_H
#define TASK_LEGACY_BPF_H

#define STACK_BYTES 16384 /* THREAD_SIZE, arch/{x86,arm64}/include/asm/ */

struct task_struct___stack {
	void *stack;
} __attribute__((preserve_access_index));

/* task_pt_regs(), arch/{x86,arm64}/include/asm/processor.h */
static __always_inline struct pt_regs *task_regs(struct task_struct *task)
{
	struct task_struct___stack *owner = (void *)task;

	return TASK_READ(owner, stack) + STACK_BYTES - bpf_core_type_size(struct pt_regs);
}

static __always_inline bool task_claim(struct task_state *state, __u32 place, __u32 behind)
{
	__u32 lock = lock_of_place(place & (TASK_STATES - 1));
	bool free;

	if (!lock_enter(lock))
		return false;
	free = !state->regs;
	if (free)
		state->regs = TASK_TAKEN;
	lock_leave(lock);
	/* That of two at once carries into the next bit: one more place is looked at then. */
	if (free && !(task_states_spread & 1U << behind))
		__sync_fetch_and_add(&task_states_spread, 1U << behind);
	return free;
}

static __always_inline void task_state_publish(struct task_state *state, struct task_struct *task)
{
	*(volatile __u64 *)&state->regs = (__u64)task_regs(task);
}

#endif
