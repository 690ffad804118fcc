/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who a task is: struct igrec_mark in igrec_abi.h.  One in thirty records or so has it, so it is a
 * function of its own, which leaves the others' way short.
 *
 * For syscalls.bpf.c alone, as object_walk.bpf.h.
 */
#ifndef MARK_BPF_H
#define MARK_BPF_H

#include "kernel_read.bpf.h"
#include "record.bpf.h"

static __always_inline __u32 mark_ns_tid(struct task_struct *task, __u32 pid_level)
{
	return KERNEL_READ(upid, task_upid(task, pid_level), nr);
}

__noinline int mark_fill(struct igrec_mark *mark, const struct task_state *state, __u32 pid_level)
{
	struct task_struct *task;

	if (!mark || !state)
		return 0;
	task = task_of_state(state);
	mark->tgid = TASK_READ(task, tgid);
	mark->ns_tid = mark_ns_tid(task, pid_level);
	mark->ns_tgid = mark_ns_tid(TASK_READ(task, group_leader), pid_level);
	mark->reserved = 0;
	kernel_copy(mark->comm, task->comm, sizeof(mark->comm), sizeof(mark->comm));
	return 0;
}

#endif
