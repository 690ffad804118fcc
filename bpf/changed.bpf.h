/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a call changes in place: noted at sys_enter, put beside what it became at sys_exit.  See
 * IGREC_ARG_CHANGED in igrec_abi.h.
 */
#ifndef CHANGED_BPF_H
#define CHANGED_BPF_H

#include "capture.bpf.h"
#include "syscall_regs.bpf.h"
#include "task.bpf.h"

/* A capture's header and both values, padded; and as much as the verifier takes padding for. */
#define CHANGED_ROOM (16 + 2 * IGREC_CHANGED_BYTES_MAX)

struct changed_room {
	__u8 bytes[CHANGED_ROOM];
};

/* Where the value behind an argument is kept. No call changes two whose numbers differ by four. */
static __always_inline void *before_of(const struct task_state *state, __u32 arg)
{
	return (void *)state->before[arg & (IGREC_CHANGED_MAX - 1)];
}

static __always_inline void changed_note_one(struct task_state *state, __u32 bytes, __u64 user,
					     const __u32 arg)
{
	if (user >= LOWEST_ADDRESS && bytes <= IGREC_CHANGED_BYTES_MAX &&
	    !bpf_probe_read_user(before_of(state, arg), bytes, (void *)user))
		state->before_read |= 1U << arg;
}

static __noinline void changed_note(struct task_state *state, struct pt_regs *regs, __u32 args,
				    __u32 bytes)
{
	state->before_read = 0;
	if (args & 1 << 0)
		changed_note_one(state, bytes, SYSCALL_ARG0(regs), 0);
	if (args & 1 << 1)
		changed_note_one(state, bytes, SYSCALL_ARG1(regs), 1);
	if (args & 1 << 2)
		changed_note_one(state, bytes, SYSCALL_ARG2(regs), 2);
	if (args & 1 << 3)
		changed_note_one(state, bytes, SYSCALL_ARG3(regs), 3);
	if (args & 1 << 4)
		changed_note_one(state, bytes, SYSCALL_ARG4(regs), 4);
	if (args & 1 << 5)
		changed_note_one(state, bytes, SYSCALL_ARG5(regs), 5);
}

/* Whether the call that made this entry noted any. Without an entry (seccomp) what was noted is
 * another call's. */
static __always_inline bool changed_was_noted(const struct task_state *state)
{
	return state->enter_ns && state->before_read;
}

/* A value before and after: the capture of argument `arg`. Returns the bytes it took. */
__noinline __weak int changed_fill(struct changed_room *room, const struct task_state *state,
				   __u64 user, __u32 arg, __u32 bytes)
{
	void *data;

	if (!room || !state || arg >= IGREC_ARGS_MAX || bytes > IGREC_CHANGED_BYTES_MAX)
		return 0;
	if (!changed_was_noted(state) || !(state->before_read & 1U << arg))
		return 0;
	data = room->bytes + sizeof(struct igrec_capture);
	bpf_probe_read_kernel(data, bytes, before_of(state, arg));
	if (bpf_probe_read_user(data + bytes, bytes, (void *)user))
		return 0;
	return capture_close(room, IGREC_ARG_CHANGED + arg, 0, 2 * bytes);
}

#endif
