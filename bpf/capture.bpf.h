/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copying user memory into a record, by the rules of decode/'s table.  Each function appends one
 * struct igrec_capture at byte `at` of the record and returns where the next one begins.  The
 * caller keeps `at` low enough that IGREC_CAPTURE_ROOM bytes fit.
 */
#ifndef CAPTURE_BPF_H
#define CAPTURE_BPF_H

#include "record.bpf.h"

#include <bpf/bpf_endian.h>

/* Closes a capture of `bytes` data bytes: header, zeroed padding. */
static __always_inline __u32 capture_close(void *record, __u32 at, __u8 arg, __u8 flags,
					   __u32 bytes)
{
	struct igrec_capture *capture = record + at;
	__u32 last = (sizeof(*capture) + bytes - 1) & ~7U;
	__u32 padding = (4 - bytes) & 7;

	capture->arg = arg;
	capture->flags = flags;
	capture->bytes = bytes;
	if (padding)
		*(__u64 *)(record + at + last) &= ~0ULL >> (padding * 8);
	return at + last + 8;
}

/* A string that ends with NUL; the NUL is not kept. */
static __always_inline __u32 capture_string(void *record, __u32 at, __u8 arg, __u64 user,
					    struct igrec_slot *slot)
{
	void *data = record + at + sizeof(struct igrec_capture);
	long got = bpf_probe_read_user_str(data, IGREC_CAPTURE_PATH_BYTES, (void *)user);
	__u8 flags = 0;
	char last = 0;

	if (got <= 0) {
		if (!user)
			return at;
		__sync_fetch_and_add(&slot->unreadable, 1);
		return capture_close(record, at, arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	if (got == IGREC_CAPTURE_PATH_BYTES) {
		bpf_probe_read_user(&last, 1, (void *)user + IGREC_CAPTURE_PATH_BYTES - 1);
		if (last) {
			flags = IGREC_CAPTURE_TRUNCATED;
			__sync_fetch_and_add(&slot->truncated, 1);
		}
	}
	return capture_close(record, at, arg, flags, (got - 1) & 0xff);
}

/* `wanted` bytes, at most `limit`. */
static __always_inline __u32 capture_bytes(void *record, __u32 at, __u8 arg, __u64 user,
					   __u64 wanted, __u32 limit, struct igrec_slot *slot)
{
	void *data = record + at + sizeof(struct igrec_capture);
	__u32 bytes = wanted < limit ? wanted : limit;
	__u8 flags = 0;

	if (bytes > IGREC_CAPTURE_PAYLOAD_BYTES)
		bytes = IGREC_CAPTURE_PAYLOAD_BYTES;
	if (!user)
		return at;
	if (bpf_probe_read_user(data, bytes, (void *)user)) {
		__sync_fetch_and_add(&slot->unreadable, 1);
		return capture_close(record, at, arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	if (bytes < wanted) {
		flags = IGREC_CAPTURE_TRUNCATED;
		__sync_fetch_and_add(&slot->truncated, 1);
	}
	return capture_close(record, at, arg, flags, bytes);
}

/* struct iovec, include/uapi/linux/uio.h */
struct user_iovec {
	__u64 base;
	__u64 bytes;
};

/* The bytes that the first vectors hold, as if they were one buffer of `wanted` bytes. */
static __always_inline __u32 capture_iovec(void *record, __u32 at, __u8 arg, __u64 user,
					   __u64 vectors, __u64 wanted, __u32 limit,
					   struct igrec_slot *slot)
{
	__u32 start = at + sizeof(struct igrec_capture);
	__u32 have = 0;
	__u8 flags = 0;

	if (limit > wanted)
		limit = wanted;
	if (limit > IGREC_CAPTURE_PAYLOAD_BYTES)
		limit = IGREC_CAPTURE_PAYLOAD_BYTES;
#pragma unroll
	for (int i = 0; i < IGREC_CAPTURE_IOVECS; i++) {
		struct user_iovec vector;
		__u32 take;

		if (i >= vectors || have >= limit)
			break;
		if (bpf_probe_read_user(&vector, sizeof(vector), (void *)user + i * 16)) {
			flags |= IGREC_CAPTURE_UNREADABLE;
			break;
		}
		take = limit - have;
		if (take > vector.bytes)
			take = vector.bytes;
		if (take > IGREC_CAPTURE_PAYLOAD_BYTES || have > IGREC_CAPTURE_PAYLOAD_BYTES - take)
			break;
		if (bpf_probe_read_user(record + start + have, take, (void *)vector.base)) {
			flags |= IGREC_CAPTURE_UNREADABLE;
			break;
		}
		have += take;
	}
	if (flags & IGREC_CAPTURE_UNREADABLE)
		__sync_fetch_and_add(&slot->unreadable, 1);
	if (have < wanted) {
		flags |= IGREC_CAPTURE_TRUNCATED;
		__sync_fetch_and_add(&slot->truncated, 1);
	}
	return capture_close(record, at, arg, flags, have);
}

/* The remote port of a socket fd is 53: a stub resolver asking (RFC 1035). */
static __always_inline bool capture_is_dns(__u64 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = task->files->fdt;
	struct file *file = NULL;
	struct socket *socket = NULL;
	struct sock *sock;

	if (fd >= table->max_fds)
		return false;
	bpf_probe_read_kernel(&file, sizeof(file), &table->fd[fd]);
	if (!file)
		return false;
	socket = BPF_CORE_READ(file, private_data);
	sock = BPF_CORE_READ(socket, sk);
	return BPF_CORE_READ(sock, __sk_common.skc_dport) == bpf_htons(53);
}

/* Whether the policy wants the payload of this call on `fd`. */
static __always_inline bool capture_wants(const struct igrec_slot *slot, __u8 rule_flags, __u64 fd)
{
	if (slot->payload == IGREC_PAYLOAD_ALL)
		return true;
	if (slot->payload == IGREC_PAYLOAD_NONE)
		return false;
	if (rule_flags & IGREC_CAPTURE_ON_SOCKET)
		return capture_is_dns(fd);
	return fd == 1 || fd == 2;
}

/* What a rule works on. */
struct capture_call {
	struct igrec_slot *slot;
	const __u64 *args; /* in the record */
	__s64 result;
};

/* `vectors`: there is room for the two captures' worth that an iovec rule takes. */
static __always_inline __u32 capture_by_rule(const struct capture_call *call,
					     const volatile struct igrec_capture_rule *rule,
					     void *record, __u32 at, const bool vectors)
{
	__u8 arg = rule->arg;
	__u64 user = call->args[arg & 7];
	__u64 length = call->args[rule->length_arg & 7];
	__u32 limit = IGREC_CAPTURE_PAYLOAD_BYTES;
	__u32 pointed = 0;
	__u64 wanted;

	if ((rule->flags & IGREC_CAPTURE_ON_SUCCESS) && call->result < 0)
		return at;
	if (rule->flags & IGREC_CAPTURE_IS_PAYLOAD) {
		if (!capture_wants(call->slot, rule->flags, call->args[0]))
			return at;
		limit = call->slot->payload_bytes;
	}
	switch (rule->kind) {
	case IGREC_CAPTURE_STRING:
		return capture_string(record, at, arg, user, call->slot);
	case IGREC_CAPTURE_IOVEC:
		if (!vectors)
			return at;
		/* A failed call has no total; what the vectors hold is asked for then. */
		return capture_iovec(record, at, arg, user, length,
				     call->result > 0 ? call->result : limit, limit, call->slot);
	case IGREC_CAPTURE_IOVEC_RESULT:
		if (!vectors)
			return at;
		return capture_iovec(record, at, arg, user, length, call->result, limit,
				     call->slot);
	case IGREC_CAPTURE_FIXED:
		wanted = rule->unit;
		break;
	case IGREC_CAPTURE_ARG:
		wanted = length * rule->unit;
		break;
	case IGREC_CAPTURE_RESULT:
		wanted = call->result * rule->unit;
		break;
	case IGREC_CAPTURE_POINTER:
		if (!length)
			return at;
		bpf_probe_read_user(&pointed, sizeof(pointed), (void *)length);
		wanted = pointed;
		break;
	default:
		return at;
	}
	return capture_bytes(record, at, arg, user, wanted, limit, call->slot);
}

#endif
