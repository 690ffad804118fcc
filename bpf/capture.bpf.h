/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copying user memory into a record, by the rules of decode/'s table.  Each copying function
 * fills one struct igrec_capture with its data and padding, and returns how many bytes of the
 * record that took.  They are functions of their own, so that the verifier looks at them once.
 */
#ifndef CAPTURE_BPF_H
#define CAPTURE_BPF_H

#include "record.bpf.h"

#include <bpf/bpf_endian.h>

/* Where one capture goes. */
struct capture_room {
	__u8 bytes[IGREC_CAPTURE_ROOM];
};

/* Where one of an iovec goes: room to spare, since the verifier knows the parts, not their sum. */
struct capture_wide_room {
	__u8 bytes[2 * IGREC_CAPTURE_ROOM];
};

/* What is to be copied. */
struct capture_order {
	__u64 user;   /* address */
	__u64 wanted; /* bytes there are */
	__u32 limit;  /* bytes to copy at most, up to IGREC_CAPTURE_PAYLOAD_BYTES */
	__u32 vectors;
	__u32 slot; /* whose counters */
	__u8 arg;
};

/* Fills the header and zeroes the padding behind `bytes` data bytes. */
static __always_inline __u32 capture_close(void *room, __u8 arg, __u8 flags, __u32 bytes)
{
	struct igrec_capture *capture = room;
	__u32 last = (sizeof(*capture) + bytes - 1) & ~7U;
	__u32 padding = (4 - bytes) & 7;

	capture->arg = arg;
	capture->flags = flags;
	capture->bytes = bytes;
	if (padding)
		*(__u64 *)(room + last) &= ~0ULL >> (padding * 8);
	return last + 8;
}

static __always_inline void capture_count(__u32 slot_index, __u8 flags)
{
	struct igrec_slot *slot = bpf_map_lookup_elem(&slots, &slot_index);

	if (!slot)
		return;
	if (flags & IGREC_CAPTURE_TRUNCATED)
		__sync_fetch_and_add(&slot->truncated, 1);
	if (flags & IGREC_CAPTURE_UNREADABLE)
		__sync_fetch_and_add(&slot->unreadable, 1);
}

/* A string that ends with NUL; the NUL is not kept. */
__noinline __weak int capture_string(struct capture_room *room, const struct capture_order *order)
{
	long got;
	char last = 0;

	if (!room || !order)
		return 0;
	got = bpf_probe_read_user_str(room->bytes + sizeof(struct igrec_capture),
				      IGREC_CAPTURE_PATH_BYTES, (void *)order->user);
	if (got <= 0) {
		capture_count(order->slot, IGREC_CAPTURE_UNREADABLE);
		return capture_close(room, order->arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	if (got == IGREC_CAPTURE_PATH_BYTES)
		bpf_probe_read_user(&last, 1, (void *)order->user + IGREC_CAPTURE_PATH_BYTES - 1);
	if (last)
		capture_count(order->slot, IGREC_CAPTURE_TRUNCATED);
	return capture_close(room, order->arg, last ? IGREC_CAPTURE_TRUNCATED : 0,
			     (got - 1) & 0xff);
}

/* `wanted` bytes, at most `limit`. */
__noinline __weak int capture_bytes(struct capture_room *room, const struct capture_order *order)
{
	__u32 bytes;
	__u8 flags = 0;

	if (!room || !order)
		return 0;
	bytes = order->wanted < order->limit ? order->wanted : order->limit;
	if (bytes > IGREC_CAPTURE_PAYLOAD_BYTES)
		bytes = IGREC_CAPTURE_PAYLOAD_BYTES;
	if (bpf_probe_read_user(room->bytes + sizeof(struct igrec_capture), bytes,
				(void *)order->user)) {
		flags = IGREC_CAPTURE_UNREADABLE;
		bytes = 0;
	} else if (bytes < order->wanted) {
		flags = IGREC_CAPTURE_TRUNCATED;
	}
	if (flags)
		capture_count(order->slot, flags);
	return capture_close(room, order->arg, flags, bytes);
}

/* struct iovec, include/uapi/linux/uio.h */
struct user_iovec {
	__u64 base;
	__u64 bytes;
};

/* The bytes that the first vectors hold, as if they were one buffer of `wanted` bytes. */
__noinline __weak int capture_vectors(struct capture_wide_room *room,
				      const struct capture_order *order)
{
	__u32 have = 0, limit;
	__u8 flags = 0;

	if (!room || !order)
		return 0;
	limit = order->wanted < order->limit ? order->wanted : order->limit;
	if (limit > IGREC_CAPTURE_PAYLOAD_BYTES)
		limit = IGREC_CAPTURE_PAYLOAD_BYTES;
	for (__u32 i = 0; i < IGREC_CAPTURE_IOVECS; i++) {
		struct user_iovec vector;
		__u32 take, at, bytes;

		if (i >= order->vectors || have >= limit)
			break;
		if (bpf_probe_read_user(&vector, sizeof(vector), (void *)order->user + i * 16)) {
			flags |= IGREC_CAPTURE_UNREADABLE;
			break;
		}
		take = limit - have;
		if (take > vector.bytes)
			take = vector.bytes;
		/* Linux 6.1 learns nothing of a spilled value from a check of its copy. */
		at = have;
		bytes = take;
		barrier_var(at);
		barrier_var(bytes);
		at &= IGREC_CAPTURE_PAYLOAD_BYTES - 1;
		if (bytes > IGREC_CAPTURE_PAYLOAD_BYTES)
			break;
		if (bpf_probe_read_user(room->bytes + sizeof(struct igrec_capture) + at, bytes,
					(void *)vector.base)) {
			flags |= IGREC_CAPTURE_UNREADABLE;
			break;
		}
		have += take;
	}
	if (have > IGREC_CAPTURE_PAYLOAD_BYTES)
		have = IGREC_CAPTURE_PAYLOAD_BYTES;
	if (have < order->wanted)
		flags |= IGREC_CAPTURE_TRUNCATED;
	if (flags)
		capture_count(order->slot, flags);
	return capture_close(room, order->arg, flags, have);
}

/* Addresses below are none that a program can have (vm.mmap_min_addr): small numbers in an argument
 * that is a pointer only for some commands. */
#define LOWEST_ADDRESS 4096

static __always_inline __u32 capture_number(void *room, __u8 arg, __u32 number)
{
	*(__u32 *)(room + sizeof(struct igrec_capture)) = number;
	return capture_close(room, arg, 0, sizeof(number));
}

#define ARGV_STRINGS_MAX  16
#define ARGV_STRING_BYTES 128

/* The strings of a char *[], each with its NUL. */
__noinline __weak int capture_strings(struct capture_wide_room *room,
				      const struct capture_order *order)
{
	__u32 have = 0;
	__u8 flags = 0;

	if (!room || !order)
		return 0;
	for (__u32 i = 0; i < ARGV_STRINGS_MAX; i++) {
		__u64 string = 0;
		long got;

		if (have > IGREC_CAPTURE_PAYLOAD_BYTES)
			break;
		if (bpf_probe_read_user(&string, sizeof(string), (void *)order->user + i * 8)) {
			flags |= IGREC_CAPTURE_UNREADABLE;
			break;
		}
		if (!string)
			goto whole;
		got = bpf_probe_read_user_str(room->bytes + sizeof(struct igrec_capture) + have,
					      ARGV_STRING_BYTES, (void *)string);
		if (got <= 0) {
			flags |= IGREC_CAPTURE_UNREADABLE;
			break;
		}
		have += got & 0xff;
	}
	flags |= IGREC_CAPTURE_TRUNCATED;
whole:
	if (have > IGREC_CAPTURE_PAYLOAD_BYTES) {
		have = IGREC_CAPTURE_PAYLOAD_BYTES;
		flags |= IGREC_CAPTURE_TRUNCATED;
	}
	if (flags)
		capture_count(order->slot, flags);
	return capture_close(room, order->arg, flags, have);
}

/* How many pointers an array that ends with NULL has. */
__noinline __weak int capture_pointers(struct capture_room *room, const struct capture_order *order)
{
	__u32 count = 0;
	int used;

	if (!room || !order)
		return 0;
	for (; count < IGREC_CAPTURE_COUNT_MAX; count++) {
		__u64 pointer = 0;

		bpf_probe_read_user(&pointer, sizeof(pointer), (void *)order->user + count * 8);
		if (!pointer)
			break;
	}
	used = capture_number(room, order->arg, count);
	if (count == IGREC_CAPTURE_COUNT_MAX)
		room->bytes[offsetof(struct igrec_capture, flags)] = IGREC_CAPTURE_TRUNCATED;
	return used;
}

#define DIRENT_LENGTH_AT 16 /* d_reclen, in both kinds: getdents(2) */

/* How many directory entries `wanted` bytes hold. */
__noinline __weak int capture_dirents(struct capture_room *room, const struct capture_order *order)
{
	__u32 count = 0;
	__u64 at = 0;
	int used;

	if (!room || !order)
		return 0;
	for (; count < IGREC_CAPTURE_COUNT_MAX && at < order->wanted; count++) {
		__u16 length = 0;

		bpf_probe_read_user(&length, sizeof(length),
				    (void *)order->user + at + DIRENT_LENGTH_AT);
		if (!length)
			break;
		at += length;
	}
	used = capture_number(room, order->arg, count);
	if (at < order->wanted)
		room->bytes[offsetof(struct igrec_capture, flags)] = IGREC_CAPTURE_TRUNCATED;
	return used;
}

/* struct user_msghdr, include/linux/socket.h */
struct user_message {
	__u64 name;
	__u32 name_bytes;
	__u32 padding;
	__u64 vectors;
	__u64 n_vectors;
	__u64 control;
	__u64 control_bytes;
	__u64 flags;
};

/* Where a message goes: the parts one behind the other, at last an iovec. */
struct capture_message_room {
	__u8 bytes[IGREC_CAPTURE_BUDGET - 8];
};

static __always_inline __u32 capture_part(struct capture_message_room *room, __u32 at, __u8 arg,
					  __u64 user, __u64 wanted,
					  const struct capture_order *message)
{
	struct capture_order order = {
		.user = user,
		.wanted = wanted,
		.limit = IGREC_CAPTURE_MSG_PART_BYTES,
		.slot = message->slot,
		.arg = arg,
	};

	barrier_var(at);
	if (!user || !wanted || at > sizeof(room->bytes) - sizeof(struct capture_room))
		return at;
	return at + capture_bytes((struct capture_room *)(room->bytes + at), &order);
}

/* What one message points to; `message->limit` 0 leaves out the data. */
static __always_inline __u32 capture_message_parts(struct capture_message_room *room, __u32 at,
						   const struct user_message *header, __u8 parts,
						   const struct capture_order *message)
{
	struct capture_order data = {
		.user = header->vectors,
		.wanted = message->wanted,
		.limit = message->limit,
		.vectors = header->n_vectors < IGREC_CAPTURE_IOVECS ? header->n_vectors
								    : IGREC_CAPTURE_IOVECS,
		.slot = message->slot,
		.arg = parts + IGREC_ARG_MSG_DATA,
	};

	at = capture_part(room, at, parts + IGREC_ARG_MSG_NAME, header->name, header->name_bytes,
			  message);
	at = capture_part(room, at, parts + IGREC_ARG_MSG_IOV, header->vectors,
			  header->n_vectors * 16, message);
	at = capture_part(room, at, parts + IGREC_ARG_MSG_CONTROL, header->control,
			  header->control_bytes, message);
	barrier_var(at);
	if (!data.limit || !data.user ||
	    at > sizeof(room->bytes) - sizeof(struct capture_wide_room))
		return at;
	return at + capture_vectors((struct capture_wide_room *)(room->bytes + at), &data);
}

/* A message: its header, then its parts. */
__noinline __weak int capture_message(struct capture_message_room *room,
				      const struct capture_order *order)
{
	struct user_message header;
	__u32 at;

	if (!room || !order)
		return 0;
	if (bpf_probe_read_user(&header, sizeof(header), (void *)order->user)) {
		capture_count(order->slot, IGREC_CAPTURE_UNREADABLE);
		return capture_close(room, order->arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	__builtin_memcpy(room->bytes + sizeof(struct igrec_capture), &header, sizeof(header));
	at = capture_close(room, order->arg, 0, sizeof(header));
	return capture_message_parts(room, at, &header, 0, order);
}

#define MMSGHDR_BYTES 64 /* struct mmsghdr: a msghdr, msg_len, padding */

/* Several messages: `vectors` headers as one capture, then the parts of the first ones. */
__noinline __weak int capture_messages(struct capture_message_room *room,
				       const struct capture_order *order)
{
	struct capture_order part, array;
	__u32 at;

	if (!room || !order)
		return 0;
	array = *order;
	array.wanted = (__u64)order->vectors * MMSGHDR_BYTES;
	array.limit = IGREC_CAPTURE_MESSAGES * MMSGHDR_BYTES;
	at = capture_bytes((struct capture_room *)room, &array);
	part = *order;
	for (__u32 i = 0; i < IGREC_CAPTURE_MESSAGES; i++) {
		struct user_message header;
		__u32 sent = 0;
		void *user = (void *)order->user + i * MMSGHDR_BYTES;

		if (i >= order->vectors || bpf_probe_read_user(&header, sizeof(header), user))
			break;
		bpf_probe_read_user(&sent, sizeof(sent), user + sizeof(header));
		part.wanted = sent ? sent : order->limit;
		at = capture_message_parts(room, at, &header, i * IGREC_ARG_MSG_PARTS, &part);
	}
	return at;
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
	const struct igrec_slot *slot;
	const __u64 *args; /* in the record */
	__s64 result;
	__u32 slot_index;
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
	unsigned long blocked = bpf_get_current_task_btf()->blocked.sig[0];
	__u32 *half = room + sizeof(struct igrec_capture);

	half[0] = blocked;
	half[1] = blocked >> 32;
	return capture_close(room, arg, 0, sizeof(blocked));
}

/* Bytes of payload that the policy wants of this call. */
static __always_inline __u32 capture_payload_limit(const struct capture_call *call, __u8 flags)
{
	return capture_wants(call->slot, flags, call->args[0]) ? call->slot->payload_bytes : 0;
}

/*
 * Carries one rule out at `room`; returns the bytes it took, 0 if it does not apply. `rooms`, a
 * constant: for how many captures there is room.
 */
static __always_inline __u32 capture_by_rule(const struct capture_call *call,
					     const volatile struct igrec_capture_rule *rule,
					     void *room, const __u32 rooms)
{
	__u64 length = call->args[rule->length_arg & 7];
	struct capture_order order = {
		.user = call->args[rule->arg & 7],
		.limit = IGREC_CAPTURE_PAYLOAD_BYTES,
		.slot = call->slot_index,
		.arg = rule->arg,
	};

	if (rule->kind == IGREC_CAPTURE_BLOCKED)
		return capture_blocked(room, rule->arg);
	if (order.user < LOWEST_ADDRESS ||
	    ((rule->flags & IGREC_CAPTURE_ON_SUCCESS) && call->result < 0))
		return 0;
	if (rule->flags & IGREC_CAPTURE_IS_PAYLOAD) {
		order.limit = capture_payload_limit(call, rule->flags);
		if (!order.limit && rule->kind != IGREC_CAPTURE_MSGHDR)
			return 0;
	}
	switch (rule->kind) {
	case IGREC_CAPTURE_STRING:
		return capture_string(room, &order);
	case IGREC_CAPTURE_IOVEC:
	case IGREC_CAPTURE_IOVEC_RESULT:
		/* A failed call has no total: what the vectors hold is asked for then. */
		order.wanted = call->result > 0 ? call->result : order.limit;
		order.vectors = length < IGREC_CAPTURE_IOVECS ? length : IGREC_CAPTURE_IOVECS;
		return rooms >= 2 ? capture_vectors(room, &order) : 0;
	case IGREC_CAPTURE_ARGV:
		return rooms >= 2 ? capture_strings(room, &order) : 0;
	case IGREC_CAPTURE_MSGHDR:
		if (rooms < 3)
			return 0;
		order.wanted = call->result > 0 ? call->result : order.limit;
		if (rule->unit != MMSGHDR_BYTES)
			return capture_message(room, &order);
		order.vectors = rule->flags & IGREC_CAPTURE_ON_SUCCESS ? call->result : length;
		return capture_messages(room, &order);
	case IGREC_CAPTURE_COUNT:
		return capture_pointers(room, &order);
	case IGREC_CAPTURE_DIRENTS:
		order.wanted = call->result;
		return capture_dirents(room, &order);
	case IGREC_CAPTURE_FIXED:
		order.wanted = rule->unit;
		break;
	case IGREC_CAPTURE_ARG:
		order.wanted = length * rule->unit;
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
	return capture_bytes(room, &order);
}

#endif
