/* SPDX-License-Identifier: GPL-2.0 */
/* All that is captured of one syscall: what its rules name, what it changed, what it made. */
#ifndef CAPTURE_CALL_BPF_H
#define CAPTURE_CALL_BPF_H

#include "capture_rule.bpf.h"
#include "changed.bpf.h"

struct captures_room {
	__u8 bytes[IGREC_CAPTURE_BUDGET];
};

/* For what is behind the captures of the rules. No call makes a pair of files with long paths. */
#define EXTRAS_ROOM (IGREC_CHANGED_MAX * CHANGED_ROOM + OBJECT_ROOM)

struct extras_room {
	__u8 bytes[EXTRAS_ROOM];
};

static __always_inline __u32 capture_object(struct extras_room *room, __u32 at, __u32 fd, __u8 n)
{
	barrier_var(at); /* the bound must be checked on what is used below */
	if (at > EXTRAS_ROOM - OBJECT_ROOM)
		return at;
	return at +
	       object_of_fd((struct object_room *)(room->bytes + at), fd, IGREC_ARG_OBJECT + n);
}

static __always_inline __u32 capture_cwd(struct extras_room *room, __u32 at)
{
	barrier_var(at);
	if (at > EXTRAS_ROOM - OBJECT_ROOM)
		return at;
	return at + object_of_cwd((struct object_room *)(room->bytes + at),
				  IGREC_ARG_OBJECT + IGREC_OBJECT_CWD);
}

/* Whether the call may have changed something in place, or made an object. */
static __always_inline bool capture_has_extras(const volatile struct igrec_syscall_info *info,
					       const struct task_state *state, __s64 result)
{
	return (info->changed && changed_was_noted(state)) || (info->object && result >= 0);
}

/* What a call changed in place and the objects it made. Returns the bytes that took. */
__noinline __weak int capture_extras(struct extras_room *room, const struct call_body *call,
				     const struct task_state *state)
{
	const volatile struct igrec_syscall_info *info;
	__s32 pair[2];
	__u32 at = 0;

	if (!room || !call || !state)
		return 0;
	info = syscall_info_of(state->nr, state->compat);
	for (__u32 i = 0; i < IGREC_ARGS_MAX; i++) {
		barrier_var(at);
		if (!(info->changed & 1U << i) || at > EXTRAS_ROOM - OBJECT_ROOM)
			continue;
		at += changed_fill((struct changed_room *)(room->bytes + at), state, call->args[i],
				   i, info->changed_bytes);
	}
	if (!info->object || call->result < 0)
		return at;
	if (info->object == IGREC_OBJECT_OF_RESULT)
		return capture_object(room, at, call->result, 0);
	if (info->object == IGREC_OBJECT_OF_CWD)
		return capture_cwd(room, at);
	if (bpf_probe_read_user(pair, sizeof(pair), (void *)call->args[info->object_arg & 7]))
		return at;
	at = capture_object(room, at, pair[0], 0);
	return capture_object(room, at, pair[1], 1);
}

/* A function of its own, so that the verifier looks at it once: the captures of any call. */
__noinline __weak int capture_all(struct captures_room *room, const struct call_body *call,
				  const struct task_state *state)
{
	const volatile struct igrec_syscall_info *info;
	__u32 at = 0;

	if (!room || !call || !state)
		return 0;
	info = syscall_info_of(state->nr, state->compat);
#pragma nounroll
	for (__u32 i = 0; i < IGREC_CAPTURE_RULES; i++) {
		barrier_var(at); /* the bound must be checked on what is used below */
		if (i >= info->rules || at > IGREC_CAPTURE_BUDGET - IGREC_CAPTURE_ROOM)
			break;
		at += capture_by_rule(call, state->slot, &info->rule[i], room, at,
				      IGREC_CAPTURE_BUDGET);
	}
	barrier_var(at);
	if (!capture_has_extras(info, state, call->result) ||
	    at > IGREC_CAPTURE_BUDGET - EXTRAS_ROOM)
		return at;
	return at + capture_extras((struct extras_room *)(room->bytes + at), call, state);
}

/* The capture of a call that has one rule and nothing else. */
static __always_inline __u32 capture_one(void *room, const struct call_body *call,
					 const struct task_state *state)
{
	return capture_by_rule(call, state->slot,
			       &syscall_info_of(state->nr, state->compat)->rule[0], room, 0,
			       IGREC_CAPTURE_ROOM);
}

#ifdef IGREC_LEGACY
#include "capture_legacy.bpf.h"
#endif

#endif
