// SPDX-License-Identifier: GPL-2.0
/*
 * The two programs that every syscall of the node passes.  sys_enter notes the time, sys_exit
 * writes the record: there the arguments still stand in the registers, the kernel has just
 * touched the strings, and the result is known.
 */
#include "changed.bpf.h"

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
				       struct task_struct *task, __u64 now, __u32 args)
{
	__u64 enter_ns = state->enter_ns;

	record_stamp(place, now, task->pid, state->nr);
	place->meta |= args << IGREC_META_ARGS_SHIFT;
	if (enter_ns)
		record_set_duration(place, now - enter_ns);
	else
		place->meta |= IGREC_META_NO_ENTRY;
	if (state->compat)
		place->meta |= IGREC_META_COMPAT;
}

/* What is captured behind the memory that rules name: values changed in place, objects. */
struct extras {
	__u64 args[IGREC_ARGS_MAX];
	__s64 result;
	__u32 changed; /* bit n: args[n] */
	__u32 changed_bytes;
	__u32 object;
	__u32 object_arg;
};

/* Room for all of them but long paths of both ends of a pair, which no call makes. */
#define EXTRAS_ROOM (IGREC_CHANGED_MAX * CHANGED_ROOM + OBJECT_ROOM)

struct extras_room {
	__u8 bytes[EXTRAS_ROOM];
};

static __always_inline __u32 capture_pair(struct extras_room *room, __u32 at, __u64 user)
{
	__s32 pair[2];

	if (bpf_probe_read_user(pair, sizeof(pair), (void *)user))
		return at;
	for (int i = 0; i < 2; i++) {
		barrier_var(at); /* the bound must be checked on what is used below */
		if (at > EXTRAS_ROOM - OBJECT_ROOM)
			break;
		at += object_of_fd((struct object_room *)(room->bytes + at), pair[i],
				   IGREC_ARG_OBJECT + i);
	}
	return at;
}

/* A function of its own, so that the verifier looks at it once. Returns the bytes it took. */
__noinline __weak int capture_extras(struct extras_room *room, const struct extras *extras)
{
	__u32 at = 0;

	if (!room || !extras)
		return 0;
	for (__u32 i = 0; i < IGREC_ARGS_MAX; i++) {
		barrier_var(at);
		if (!(extras->changed & 1U << i) || at > EXTRAS_ROOM - OBJECT_ROOM)
			continue;
		at += changed_fill((struct changed_room *)(room->bytes + at), extras->args[i], i,
				   extras->changed_bytes);
	}
	if (!extras->object || extras->result < 0)
		return at;
	if (extras->object == IGREC_OBJECT_OF_PAIR)
		return capture_pair(room, at, extras->args[extras->object_arg & 7]);
	barrier_var(at);
	if (at > EXTRAS_ROOM - OBJECT_ROOM)
		return at;
	return at + object_of_fd((struct object_room *)(room->bytes + at), extras->result,
				 IGREC_ARG_OBJECT);
}

static __always_inline __u32 capture_rest(const struct capture_call *call, void *room,
					  const struct task_state *state,
					  const volatile struct igrec_syscall_info *info)
{
	struct extras extras = {
		.result = call->result,
		.changed = info->changed & state->before_read,
		.changed_bytes = info->changed_bytes,
		.object = info->object,
		.object_arg = info->object_arg,
	};

	for (__u32 i = 0; i < IGREC_ARGS_MAX; i++)
		extras.args[i] = call->args[i];
	return capture_extras(room, &extras);
}

/*
 * All captures of a call that has room for those of `rules` (a constant), and for what it changes
 * and makes if that is all that there can be. Returns their end.
 */
static __always_inline __u32 capture_all(const struct capture_call *call, void *header, __u32 at,
					 const struct task_state *state,
					 const volatile struct igrec_syscall_info *info,
					 const __u32 rules)
{
#pragma unroll
	for (int i = 0; i < rules; i++) {
		barrier_var(at);
		if (at > RECORD_PLAIN_BYTES + i * IGREC_CAPTURE_ROOM)
			break;
		at += capture_by_rule(call, &info->rule[i], header + at, rules - i);
	}
	barrier_var(at);
	if (rules < IGREC_CAPTURE_RULES || !(info->changed | info->object) ||
	    at > RECORD_PLAIN_BYTES + IGREC_CAPTURE_BUDGET - EXTRAS_ROOM)
		return at;
	return at + capture_rest(call, header + at, state, info);
}

/* One record, with `room` (a constant) for captures, among them those of `rules` (a constant). */
static __always_inline void record_syscall(struct ring_writer *w, struct task_state *state,
					   struct pt_regs *regs, __s64 result, __u64 now,
					   const volatile struct igrec_syscall_info *info,
					   __u32 lane, const __u32 rules, const __u32 room)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct record_place place;
	__u32 args = info->args & 7;
	__u32 at;

	if (!record_begin(&place, w, lane, state, 8 + args * 8 + room, RECORD_PLAIN_BYTES + room))
		return;
	stamp_call(&place, state, task, now, args);
	if (!room && state->compat) {
		fill_compat_call(&place, regs, result);
		record_commit(&place, IGREC_RECORD_SYSCALL);
		return;
	}
	at = fill_call(&place, regs, args, result);
	if (!room) {
		record_commit(&place, IGREC_RECORD_SYSCALL);
		return;
	}
	struct capture_call call = {w->slot, (__u64 *)place.body + 1, result, w->index};

	at = capture_all(&call, place.header, at, state, info, rules);
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
	return state->enter_ns ? syscall_is_exec(state->nr, state->compat)
			       : state->nr == TASK_NEWBORN;
}

static __always_inline void set_number(struct task_state *state, struct task_struct *task, __u32 nr)
{
	state->compat = syscall_is_compat(task);
	state->nr = state->compat ? compat_number(nr) : nr;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(igrec_sys_enter, struct pt_regs *regs, long nr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = task_state_of(task);
	const volatile struct igrec_syscall_info *info;

	if (!state)
		return 0;
	set_number(state, task, nr);
	info = syscall_info_of(state->nr, state->compat);
	if (info->changed)
		changed_note(state, regs, info->changed, info->changed_bytes);
	if (syscall_is_exec(state->nr, state->compat))
		state->envp = syscall_envp(regs, state->nr, state->compat);
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

SEC("tp_btf/sys_exit")
int BPF_PROG(igrec_sys_exit, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = task_state_of(task);
	const volatile struct igrec_syscall_info *info;
	struct ring_writer w;
	struct igrec_slot *slot;
	__u64 now;
	__u32 lane;

	if (!state)
		return 0;
	slot = task_slot(state);
	if (!slot) {
		task_sort(task, task_cgroup_id(task));
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (is_told_elsewhere(state, result)) {
		if (state->nr == TASK_NEWBORN)
			set_number(state, task, SYSCALL_NR(regs));
		state->enter_ns = 0;
		return 0;
	}
	/* With an entry the number is known: after rt_sigreturn the registers are those of the
	 * interrupted code. */
	if (!state->enter_ns)
		set_number(state, task, SYSCALL_NR(regs));
	if (!ring_open(&w, slot, state->slot))
		return 0;
	info = syscall_info_of(state->nr, state->compat);
	lane = info->vital || failed_notably(result) ? IGREC_LANE_VITAL : IGREC_LANE_FLOW;
	if (info->rules > 1 || info->changed || info->object)
		record_syscall(&w, state, regs, result, now, info, lane, IGREC_CAPTURE_RULES,
			       IGREC_CAPTURE_BUDGET);
	else if (info->rules)
		record_syscall(&w, state, regs, result, now, info, lane, 1, IGREC_CAPTURE_ROOM);
	else
		record_syscall(&w, state, regs, result, now, info, lane, 0, 0);
	if (is_renamed(state, regs))
		task_mark_anew(state);
	state->enter_ns = 0;
	return 0;
}
