// SPDX-License-Identifier: GPL-2.0
/*
 * The two programs that every syscall of the node passes.  sys_enter notes the time, sys_exit
 * writes the record: there the arguments still stand in the registers, the kernel has just
 * touched the strings, and the result is known.
 */
#include "capture_call.bpf.h"
#include "mark.bpf.h"
#include "object_walk.bpf.h"
#include "record.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define ERRNO_MAX   4095 /* MAX_ERRNO, include/linux/err.h */
#define EINTR	    4
#define EAGAIN	    11
#define ETIMEDOUT   110
#define PR_SET_NAME 15 /* include/uapi/linux/prctl.h */

/* Failed in a way that does not happen all day: worth a place in the vital lane. */
static __always_inline bool failed_notably(__s64 result)
{
	return result < 0 && result >= -ERRNO_MAX && result != -EAGAIN && result != -EINTR &&
	       result != -ETIMEDOUT;
}

/* Writes result and arguments. */
static __always_inline void fill_call(struct call_body *body, struct pt_regs *regs, __u32 args,
				      __s64 result)
{
	body->result = result;
	switch (args) {
	case 6:
		body->args[5] = SYSCALL_ARG5(regs);
	case 5:
		body->args[4] = SYSCALL_ARG4(regs);
	case 4:
		body->args[3] = SYSCALL_ARG3(regs);
	case 3:
		body->args[2] = SYSCALL_ARG2(regs);
	case 2:
		body->args[1] = SYSCALL_ARG1(regs);
	case 1:
		body->args[0] = SYSCALL_ARG0(regs);
	}
}

static __always_inline void fill_compat_call(struct call_body *body, struct pt_regs *regs,
					     __u32 args, __s64 result)
{
	body->result = (__s32)result;
	switch (args) {
	case 6:
		body->args[5] = COMPAT_ARG5(regs);
	case 5:
		body->args[4] = COMPAT_ARG4(regs);
	case 4:
		body->args[3] = COMPAT_ARG3(regs);
	case 3:
		body->args[2] = COMPAT_ARG2(regs);
	case 2:
		body->args[1] = COMPAT_ARG1(regs);
	case 1:
		body->args[0] = COMPAT_ARG0(regs);
	}
}

/* Header fields that every syscall record has. */
static __always_inline void stamp_call(struct record_place *place, struct task_state *state,
				       __u64 now, __u32 args)
{
	__u64 enter_ns = state->enter_ns;

	record_stamp(place, now, TASK_READ(task_of_state(state), pid), state->nr);
	place->meta |= args << IGREC_META_ARGS_SHIFT;
	if (enter_ns)
		record_set_duration(place, now - enter_ns);
	else
		place->meta |= IGREC_META_NO_ENTRY;
	if (state->compat)
		place->meta |= IGREC_META_COMPAT;
}

/* One record, with `room` (a constant) for captures. */
static __always_inline void record_syscall(struct record_place *place, struct ring_writer *w,
					   struct task_state *state, struct pt_regs *regs,
					   __s64 result, __u64 now, __u32 args, __u32 lane,
					   const __u32 room)
{
	__u32 at, bytes = 8 + args * 8 + room;

	if (!record_begin(place, w, lane, state, bytes, RECORD_PLAIN_BYTES + room))
		return;
	stamp_call(place, state, now, args);
	if (state->compat)
		fill_compat_call(place->body, regs, args, result);
	else
		fill_call(place->body, regs, args, result);
	if (!room) {
		record_commit(place, IGREC_RECORD_SYSCALL);
		return;
	}
	at = record_body_at(place) + 8 + args * 8;
	if (room == IGREC_CAPTURE_ROOM)
		at += capture_one((void *)place->header + at, place->body, state);
	else
		at += capture_all((void *)place->header + at, place->body, state);
	record_commit_used(place, IGREC_RECORD_SYSCALL, at);
}

/*
 * A successful execve is the exec event, and its registers are the new program's already; a new
 * thread's return from the fork is the fork event.
 */
static __always_inline bool is_told_elsewhere(const struct task_state *state, __s64 result)
{
	if (result != 0)
		return false;
	return state->enter_ns ? syscall_is_exec(state->nr, state->compat)
			       : state->nr == TASK_NEWBORN;
}

static __always_inline void set_number(struct task_state *state, __u32 nr)
{
	state->compat = syscall_is_compat(task_of_state(state));
	state->nr = state->compat ? compat_number(nr) : nr;
}

/* What is gone from registers and memory when the new program is there. */
static __noinline void note_exec(struct task_state *state, struct pt_regs *regs)
{
	__u64 argv = syscall_argv(regs, state->nr, state->compat);
	__u64 first = 0;
	long got;

	state->envp = syscall_envp(regs, state->nr, state->compat);
	bpf_probe_read_user(&first, state->compat ? 4 : 8, (void *)argv);
	got = bpf_probe_read_user_str(state->before, sizeof(state->before), (void *)first);
	state->before_read = got > 0 && got < sizeof(state->before);
}

/* The slot was given to someone else since. */
static __noinline void sort_current(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	task_sort(task, task_cgroup_id(task));
}

SEC("tp_btf/sys_enter")
int BPF_PROG(igrec_sys_enter, struct pt_regs *regs, long nr)
{
	struct task_state *state = task_state_at(regs);
	const volatile struct igrec_syscall_info *info;

	if (!state)
		return 0;
	set_number(state, nr);
	info = syscall_info_of(state->nr, state->compat);
	if (info->changed)
		changed_note(state, regs, info->changed, info->changed_bytes);
	if (syscall_is_exec(state->nr, state->compat))
		note_exec(state, regs);
	state->enter_ns = bpf_ktime_get_ns();
	return 0;
}

/* A name given by prctl(2) stands in the task's next marks. */
static __always_inline bool is_renamed(const struct task_state *state, struct pt_regs *regs)
{
	if (state->compat)
		return state->nr == COMPAT_PRCTL && COMPAT_ARG0(regs) == PR_SET_NAME;
	return state->nr == SYSCALL_PRCTL && SYSCALL_ARG0(regs) == PR_SET_NAME;
}

/* Nothing to copy, as for most calls of a server: reads and writes whose payload nobody wants. */
static __always_inline bool captures_nothing(const volatile struct igrec_syscall_info *info,
					     const struct task_state *state, bool extras,
					     const struct igrec_slot *slot, struct pt_regs *regs)
{
	__u64 fd = state->compat ? COMPAT_ARG0(regs) : SYSCALL_ARG0(regs);

	if (info->payload_only)
		return !capture_wants(slot, info->rule[0].flags, fd);
	return !info->rules && !extras;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(igrec_sys_exit, struct pt_regs *regs, long result)
{
	struct task_state *state = task_state_at(regs);
	const volatile struct igrec_syscall_info *info;
	struct record_place place;
	struct ring_writer w;
	struct igrec_slot *slot;
	__u64 now;
	__u32 lane, args;
	bool extras;

	if (!state)
		return 0;
	slot = task_slot(state);
	if (!slot) {
		sort_current();
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (is_told_elsewhere(state, result)) {
		if (state->nr == TASK_NEWBORN)
			set_number(state, SYSCALL_NR(regs));
		state->enter_ns = 0;
		return 0;
	}
	/* With an entry the number is known: after rt_sigreturn the registers are those of the
	 * interrupted code. */
	if (!state->enter_ns)
		set_number(state, SYSCALL_NR(regs));
	if (!ring_open(&w, slot, state->slot))
		return 0;
	info = syscall_info_of(state->nr, state->compat);
	args = info->args;
	barrier_var(args); /* the bound must be checked on what is used below */
	if (args > IGREC_ARGS_MAX)
		args = IGREC_ARGS_MAX;
	lane = info->vital || failed_notably(result) ? IGREC_LANE_VITAL : IGREC_LANE_FLOW;
	extras = capture_has_extras(info, state, result);
	if (captures_nothing(info, state, extras, slot, regs))
		record_syscall(&place, &w, state, regs, result, now, args, lane, 0);
	else if (info->rules == 1 && !extras)
		record_syscall(&place, &w, state, regs, result, now, args, lane,
			       IGREC_CAPTURE_ROOM);
	else
		record_syscall(&place, &w, state, regs, result, now, args, lane,
			       IGREC_CAPTURE_BUDGET);
	if (is_renamed(state, regs))
		task_mark_anew(state);
	state->enter_ns = 0;
	return 0;
}
