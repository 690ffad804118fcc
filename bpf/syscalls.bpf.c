// SPDX-License-Identifier: GPL-2.0
/*
 * The two programs that every syscall of the node passes.  sys_enter notes the time, sys_exit
 * writes the record: there the arguments still stand in the registers, the kernel has just
 * touched the strings, and the result is known.
 */
#include "capture.bpf.h"
#include "syscall_regs.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define ERRNO_MAX   4095 /* MAX_ERRNO, include/linux/err.h */
#define EINTR	    4
#define EAGAIN	    11
#define ETIMEDOUT   110
#define PR_SET_NAME 15 /* include/uapi/linux/prctl.h */

/* From decode/'s table, fixed at load. The last entry serves numbers that no syscall has. */
const volatile struct igrec_syscall_info syscall_info[IGREC_SYSCALLS_MAX] = {};

static __always_inline const volatile struct igrec_syscall_info *syscall_info_of(__u32 nr,
										 bool compat)
{
	if (nr >= IGREC_SYSCALLS_MAX || compat)
		nr = IGREC_SYSCALLS_MAX - 1;
	barrier_var(nr); /* else clang drops the mask that the verifier needs */
	return &syscall_info[nr & (IGREC_SYSCALLS_MAX - 1)];
}

/* Failed in a way that does not happen all day: worth a place in the vital lane. */
static __always_inline bool failed_notably(__s64 result)
{
	return result < 0 && result >= -ERRNO_MAX && result != -EAGAIN && result != -EINTR &&
	       result != -ETIMEDOUT;
}

/* Writes result and arguments; returns where they end in the record. */
static __always_inline __u32 fill_call(const struct record_place *place, struct pt_regs *regs,
				       __u32 args, __s64 result)
{
	__s64 *body = place->body;
	__u64 *arg = (__u64 *)(body + 1);

	*body = result;
	switch (args) {
	case 6:
		arg[5] = SYSCALL_ARG5(regs);
	case 5:
		arg[4] = SYSCALL_ARG4(regs);
	case 4:
		arg[3] = SYSCALL_ARG3(regs);
	case 3:
		arg[2] = SYSCALL_ARG2(regs);
	case 2:
		arg[1] = SYSCALL_ARG1(regs);
	case 1:
		arg[0] = SYSCALL_ARG0(regs);
	}
	return record_body_at(place) + 8 + args * 8;
}

/* The same for the 32-bit entry, whose table entry is the one for unknown numbers: six. */
static __always_inline void fill_compat_call(const struct record_place *place, struct pt_regs *regs,
					     __s64 result)
{
	__s64 *body = place->body;
	__u64 *arg = (__u64 *)(body + 1);

	*body = (__s32)result;
	arg[0] = COMPAT_ARG0(regs);
	arg[1] = COMPAT_ARG1(regs);
	arg[2] = COMPAT_ARG2(regs);
	arg[3] = COMPAT_ARG3(regs);
	arg[4] = COMPAT_ARG4(regs);
	arg[5] = COMPAT_ARG5(regs);
}

/* Header fields that every syscall record has. */
static __always_inline void stamp_call(struct record_place *place, struct task_state *state,
				       struct task_struct *task, __u64 now, __u16 nr, __u32 args)
{
	__u64 enter_ns = state->enter_ns;

	record_stamp(place, now, task->pid, nr);
	place->meta |= args << IGREC_META_ARGS_SHIFT;
	if (enter_ns)
		record_set_duration(place, now - enter_ns);
	else
		place->meta |= IGREC_META_NO_ENTRY;
	if (syscall_is_compat(task))
		place->meta |= IGREC_META_COMPAT;
}

/* One record, with room for `rules` (a constant) captures. */
static __always_inline void record_syscall(struct ring_writer *w, struct task_state *state,
					   struct pt_regs *regs, __u32 nr, __s64 result, __u64 now,
					   const volatile struct igrec_syscall_info *info,
					   __u32 lane, const __u32 rules)
{
	const __u32 room = rules > 1 ? IGREC_CAPTURE_BUDGET : rules * IGREC_CAPTURE_ROOM;
	struct task_struct *task = bpf_get_current_task_btf();
	struct record_place place;
	__u32 args = info->args & 7;
	__u32 at;

	if (!record_begin(&place, w, lane, state, 8 + args * 8 + room, RECORD_PLAIN_BYTES + room))
		return;
	stamp_call(&place, state, task, now, nr, args);
	if (!rules && args == IGREC_ARGS_MAX && syscall_is_compat(task)) {
		fill_compat_call(&place, regs, result);
		record_commit(&place, IGREC_RECORD_SYSCALL);
		return;
	}
	at = fill_call(&place, regs, args, result);
	if (!rules) {
		record_commit(&place, IGREC_RECORD_SYSCALL);
		return;
	}
	struct capture_call call = {w->slot, (__u64 *)place.body + 1, result, w->index};
#pragma unroll
	for (int i = 0; i < rules; i++) {
		barrier_var(at); /* the bound must be checked on what is used below */
		if (at > RECORD_PLAIN_BYTES + i * IGREC_CAPTURE_ROOM)
			break;
		at += capture_by_rule(&call, &info->rule[i], (void *)place.header + at, rules - i);
	}
	record_commit_used(&place, IGREC_RECORD_SYSCALL, at);
}

/*
 * A successful execve is the exec event, and its registers are the new program's already; a new
 * thread's return from the fork is the fork event.
 */
static __always_inline bool is_told_elsewhere(const struct task_state *state, __s64 result)
{
	if (result != 0)
		return false;
	return state->enter_ns ? syscall_is_exec(state->nr) : state->nr == TASK_NEWBORN;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(igrec_sys_enter, struct pt_regs *regs, long nr)
{
	struct task_state *state = task_state_of(bpf_get_current_task_btf());

	if (!state)
		return 0;
	state->nr = nr;
	if (syscall_is_exec(nr))
		state->envp = syscall_envp(regs, nr);
	state->enter_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(igrec_sys_exit, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = task_state_of(task);
	const volatile struct igrec_syscall_info *info;
	struct ring_writer w;
	struct igrec_slot *slot;
	__u32 nr, lane;
	__u64 now;

	if (!state)
		return 0;
	slot = task_slot(state);
	if (!slot) {
		task_sort(task, task_cgroup_id(task));
		return 0;
	}
	now = bpf_ktime_get_ns();
	/* After rt_sigreturn the registers are those of the interrupted code. */
	nr = state->enter_ns ? state->nr : SYSCALL_NR(regs);
	if (is_told_elsewhere(state, result)) {
		state->enter_ns = 0;
		state->nr = nr;
		return 0;
	}
	if (!ring_open(&w, slot, state->slot))
		return 0;
	info = syscall_info_of(nr, syscall_is_compat(task));
	lane = info->vital || failed_notably(result) ? IGREC_LANE_VITAL : IGREC_LANE_FLOW;
	if (info->rules == 0)
		record_syscall(&w, state, regs, nr, result, now, info, lane, 0);
	else if (info->rules == 1)
		record_syscall(&w, state, regs, nr, result, now, info, lane, 1);
	else
		record_syscall(&w, state, regs, nr, result, now, info, lane, IGREC_CAPTURE_RULES);
	if (nr == SYSCALL_PRCTL && SYSCALL_ARG0(regs) == PR_SET_NAME)
		task_mark_anew(state);
	state->enter_ns = 0;
	return 0;
}
