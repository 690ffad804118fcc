/* SPDX-License-Identifier: GPL-2.0 */
/* What of a syscall's memory is copied: the rules of decode/'s table, and the payload policy. */
#ifndef CAPTURE_RULE_BPF_H
#define CAPTURE_RULE_BPF_H

#include "capture_message.bpf.h"
#include "object.bpf.h"

/* From decode/'s tables, fixed at load: of the kernel's own calls, and of the 32-bit entry's. The
 * last entry serves numbers that no syscall has. */
const volatile struct igrec_syscall_info syscall_info[IGREC_SYSCALLS_MAX] = {};
const volatile struct igrec_syscall_info compat_syscall_info[IGREC_SYSCALLS_MAX] = {};

static __always_inline const volatile struct igrec_syscall_info *syscall_info_of(__u32 nr,
										 bool compat)
{
	if (nr >= IGREC_SYSCALLS_MAX)
		nr = IGREC_SYSCALLS_MAX - 1;
	barrier_var(nr); /* else clang drops the mask that the verifier needs */
	nr &= IGREC_SYSCALLS_MAX - 1;
	return compat ? &compat_syscall_info[nr] : &syscall_info[nr];
}

/* Whether the policy wants the payload of this call on `fd`. */
static __always_inline bool capture_wants(const struct igrec_slot *slot, __u8 rule_flags, __u64 fd)
{
	if (slot->payload == IGREC_PAYLOAD_ALL)
		return true;
	if (slot->payload == IGREC_PAYLOAD_NONE)
		return false;
	if (rule_flags & IGREC_CAPTURE_ON_SOCKET)
		return object_is_dns(fd);
	return (rule_flags & IGREC_CAPTURE_ON_FD) && (fd == 1 || fd == 2);
}

/* The body of a syscall's record; arguments beyond those that the call has are any bytes. */
struct call_body {
	__s64 result;
	__u64 args[8];
};

/* The value of a pointer to a socklen_t. */
static __always_inline __u64 capture_pointed(__u64 user)
{
	__u32 value = 0;

	bpf_probe_read_user(&value, sizeof(value), (void *)user);
	return value;
}

static __always_inline __u32 capture_blocked(void *room, __u8 arg)
{
	unsigned long blocked = TASK_READ(bpf_get_current_task_btf(), blocked.sig[0]);
	__u32 *half = room + sizeof(struct igrec_capture);

	half[0] = blocked;
	half[1] = blocked >> 32;
	return capture_close(room, arg, 0, sizeof(blocked));
}

/* Bytes of payload that the policy wants of this call. */
static __always_inline __u32 capture_payload_limit(const struct call_body *call, __u32 slot_index,
						   __u8 flags)
{
	struct igrec_slot *slot = bpf_map_lookup_elem(&slots, &slot_index);

	return slot && capture_wants(slot, flags, call->args[0]) ? slot->payload_bytes : 0;
}

/* Text for people, so its end counts, too. */
static __always_inline bool is_message(const volatile struct igrec_capture_rule *rule, __u64 fd)
{
	return (rule->flags & IGREC_CAPTURE_ON_FD) && (fd == 1 || fd == 2);
}

/* Where `at` is in a room that has `most` bytes, if `need` (constants) are left there; else NULL.
 */
static __always_inline void *capture_place(void *room, __u32 at, const __u32 most, const __u32 need)
{
	barrier_var(at); /* the bound must be checked on what is used */
	return most < need || at > most - need ? NULL : room + at;
}

/*
 * Carries one rule out at `at` of a room that has `most` bytes (a constant), of which there are
 * IGREC_CAPTURE_ROOM left; returns the bytes it took, 0 if it does not apply.
 */
static __always_inline __u32 capture_by_rule(const struct call_body *call, __u32 slot_index,
					     const volatile struct igrec_capture_rule *rule,
					     void *room, __u32 at, const __u32 most)
{
	__u64 length = call->args[rule->length_arg & 7];
	struct capture_order order = {
		.user = call->args[rule->arg & 7],
		.limit = IGREC_CAPTURE_PAYLOAD_BYTES,
		.slot = slot_index,
		.arg = rule->arg,
	};
	void *place;

	if (rule->only_to && (call->args[1] < rule->only_from || call->args[1] > rule->only_to))
		return 0;
	if (rule->kind == IGREC_CAPTURE_BLOCKED)
		return capture_blocked(room + at, rule->arg);
	if ((order.user < LOWEST_ADDRESS && rule->kind != IGREC_CAPTURE_STRINGS) ||
	    ((rule->flags & IGREC_CAPTURE_ON_SUCCESS) && call->result < 0))
		return 0;
	if (rule->flags & IGREC_CAPTURE_IS_PAYLOAD) {
		order.limit = capture_payload_limit(call, slot_index, rule->flags);
		if (!order.limit && rule->kind != IGREC_CAPTURE_MSGHDR)
			return 0;
	}
	switch (rule->kind) {
	case IGREC_CAPTURE_STRING:
		return capture_string(room + at, &order);
	case IGREC_CAPTURE_STRINGS:
		order.wanted = length;
		order.second_arg = rule->length_arg;
		return capture_two_strings(room + at, &order);
	case IGREC_CAPTURE_SIGMASK:
		return capture_sigmask(room + at, &order);
	case IGREC_CAPTURE_IOVEC:
	case IGREC_CAPTURE_IOVEC_RESULT:
		place = capture_place(room, at, most, sizeof(struct capture_wide_room));
		/* A failed call has no total: what the vectors hold is asked for then. */
		order.wanted = call->result > 0 ? call->result : order.limit;
		order.vectors = length < IGREC_CAPTURE_IOVECS ? length : IGREC_CAPTURE_IOVECS;
		return place ? capture_vectors(place, &order) : 0;
	case IGREC_CAPTURE_ARGV:
		place = capture_place(room, at, most, sizeof(struct capture_wide_room));
		return place ? capture_strings(place, &order) : 0;
	case IGREC_CAPTURE_MSGHDR:
		place = capture_place(room, at, most, sizeof(struct capture_message_room));
		if (!place)
			return 0;
		order.wanted = call->result > 0 ? call->result : order.limit;
		if (rule->unit != MMSGHDR_BYTES)
			return capture_message(place, &order);
		order.vectors = rule->flags & IGREC_CAPTURE_ON_SUCCESS ? call->result : length;
		return capture_messages(place, &order);
	case IGREC_CAPTURE_COUNT:
		return capture_pointers(room + at, &order);
	case IGREC_CAPTURE_DIRENTS:
		order.wanted = call->result;
		return capture_dirents(room + at, &order);
	case IGREC_CAPTURE_FIXED:
		order.wanted = rule->unit;
		break;
	case IGREC_CAPTURE_ARG:
		order.wanted = length * rule->unit;
		if (call->result > order.limit && order.wanted > order.limit &&
		    is_message(rule, call->args[0])) {
			if (order.wanted > call->result)
				order.wanted =
					call->result; /* the rest comes with the next write */
			return capture_ends(room + at, &order);
		}
		break;
	case IGREC_CAPTURE_RESULT:
		order.wanted = call->result * rule->unit;
		break;
	case IGREC_CAPTURE_POINTER:
		if (!length)
			return 0;
		order.wanted = capture_pointed(length);
		break;
	default:
		return 0;
	}
	return capture_bytes(room + at, &order);
}

#endif
