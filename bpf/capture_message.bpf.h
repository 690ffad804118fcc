/* SPDX-License-Identifier: GPL-2.0 */
/* Copying a message of sendmsg(2) and recvmsg(2): the header, and what it points to. */
#ifndef CAPTURE_MESSAGE_BPF_H
#define CAPTURE_MESSAGE_BPF_H

#include "capture.bpf.h"

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
	return at + capture_part_bytes((struct capture_room *)(room->bytes + at), &order);
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

/* A header that was copied into the room, behind a capture's own. */
static __always_inline const struct user_message *
captured_header(const struct capture_message_room *room, __u32 at)
{
	return (const void *)room->bytes + sizeof(struct igrec_capture) + at;
}

/* A message: its header, then its parts. */
__noinline __weak int capture_message(struct capture_message_room *room,
				      const struct capture_order *order)
{
	__u32 at;

	if (!room || !order)
		return 0;
	if (bpf_probe_read_user(room->bytes + sizeof(struct igrec_capture),
				sizeof(struct user_message), (void *)order->user)) {
		capture_count(order->slot, IGREC_CAPTURE_UNREADABLE);
		return capture_close(room, order->arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	at = capture_close(room, order->arg, 0, sizeof(struct user_message));
	return capture_message_parts(room, at, captured_header(room, 0), 0, order);
}

#define MMSGHDR_BYTES 64 /* struct mmsghdr: a msghdr, msg_len, padding */

/* Several messages: `vectors` headers as one capture, then the parts of the first ones. */
__noinline __weak int capture_messages(struct capture_message_room *room,
				       const struct capture_order *order)
{
	struct capture_order part;
	__u32 at;

	if (!room || !order)
		return 0;
	part = *order;
	part.wanted = (__u64)order->vectors * MMSGHDR_BYTES;
	part.limit = IGREC_CAPTURE_MESSAGES * MMSGHDR_BYTES;
	at = capture_part_bytes((struct capture_room *)room, &part);
	if (((const struct igrec_capture *)room)->flags & IGREC_CAPTURE_UNREADABLE)
		return at;
	part.limit = order->limit;
#pragma unroll
	for (__u32 i = 0; i < IGREC_CAPTURE_MESSAGES; i++) {
		const struct user_message *header = captured_header(room, i * MMSGHDR_BYTES);
		__u32 sent;

		if (i >= order->vectors)
			break;
		sent = *(const __u32 *)(header + 1); /* msg_len */
		part.wanted = sent ? sent : order->limit;
		at = capture_message_parts(room, at, header, i * IGREC_ARG_MSG_PARTS, &part);
	}
	return at;
}

#endif
