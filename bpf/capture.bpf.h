/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copying user memory into a record: strings, buffers, vectors, counts.  Each copying function
 * fills one struct igrec_capture with its data and padding, and returns how many bytes of the
 * record that took.  They are functions of their own, so that the verifier looks at them once.
 */
#ifndef CAPTURE_BPF_H
#define CAPTURE_BPF_H

#include "maps.bpf.h"

/* Addresses below are none that a program can have (vm.mmap_min_addr): small numbers in an argument
 * that is a pointer only for some commands. */
#define LOWEST_ADDRESS 4096

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
	__u8 second_arg; /* capture_two_strings() */
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
static __always_inline __u32 capture_string(void *room, const struct capture_order *order)
{
	long got;
	char last = 0;

	got = bpf_probe_read_user_str(room + sizeof(struct igrec_capture), IGREC_CAPTURE_PATH_BYTES,
				      (void *)order->user);
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

/* One of capture_two_strings(), of `room_bytes`, a constant. */
static __always_inline __u32 capture_one_string(void *room, __u64 user, __u8 arg, __u32 slot_index,
						const __u32 room_bytes)
{
	long got = bpf_probe_read_user_str(room + sizeof(struct igrec_capture), room_bytes,
					   (void *)user);
	__u32 bytes = got - 1;
	char last = 0;
	__u8 flags = 0;

	if (got <= 0) {
		capture_count(slot_index, IGREC_CAPTURE_UNREADABLE);
		return capture_close(room, arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	if (got == room_bytes)
		bpf_probe_read_user(&last, 1, (void *)user + room_bytes - 1);
	if (last)
		flags = IGREC_CAPTURE_TRUNCATED;
	if (flags)
		capture_count(slot_index, flags);
	barrier_var(bytes); /* the bound must be checked on what is used below */
	if (bytes > room_bytes - 1)
		bytes = room_bytes - 1;
	return capture_close(room, arg, flags, bytes);
}

/* IGREC_CAPTURE_STRINGS: the address of the second is `wanted`, its argument `second_arg`. */
__noinline __weak int capture_two_strings(struct capture_room *room,
					  const struct capture_order *order)
{
	__u32 used = 0;

	if (!room || !order)
		return 0;
	if (order->user >= LOWEST_ADDRESS)
		used = capture_one_string(room->bytes, order->user, order->arg, order->slot,
					  IGREC_CAPTURE_SHORT_BYTES);
	barrier_var(used);
	if (order->wanted < LOWEST_ADDRESS || used > IGREC_CAPTURE_SHORT_BYTES + 8)
		return used;
	return used + capture_one_string(room->bytes + used, order->wanted, order->second_arg,
					 order->slot, IGREC_CAPTURE_SECOND_BYTES);
}

/* A struct of pselect6's last argument, and the mask. */
__noinline __weak int capture_sigmask(struct capture_room *room, const struct capture_order *order)
{
	__u64 mask[3] = {};
	__u32 *to;

	if (!room || !order)
		return 0;
	to = (__u32 *)(room->bytes + sizeof(struct igrec_capture));
	if (bpf_probe_read_user(mask, 2 * sizeof(*mask), (void *)order->user)) {
		capture_count(order->slot, IGREC_CAPTURE_UNREADABLE);
		return capture_close(room, order->arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	if (mask[0] && bpf_probe_read_user(&mask[2], sizeof(*mask), (void *)mask[0])) {
		capture_count(order->slot, IGREC_CAPTURE_UNREADABLE);
		return capture_close(room, order->arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	for (int i = 0; i < 3; i++) {
		to[2 * i] = mask[i];
		to[2 * i + 1] = mask[i] >> 32;
	}
	return capture_close(room, order->arg, 0, sizeof(mask));
}

/* `wanted` bytes, at most `limit`. */
static __always_inline __u32 capture_bytes(void *room, const struct capture_order *order)
{
	__u32 bytes = order->wanted < order->limit ? order->wanted : order->limit;
	__u8 flags = 0;

	barrier_var(bytes); /* the bound must be checked on what is used below */
	if (bytes > IGREC_CAPTURE_PAYLOAD_BYTES)
		bytes = IGREC_CAPTURE_PAYLOAD_BYTES;
	if (bpf_probe_read_user(room + sizeof(struct igrec_capture), bytes, (void *)order->user)) {
		flags = IGREC_CAPTURE_UNREADABLE;
		bytes = 0;
	} else if (bytes < order->wanted) {
		flags = IGREC_CAPTURE_TRUNCATED;
	}
	if (flags)
		capture_count(order->slot, flags);
	return capture_close(room, order->arg, flags, bytes);
}

/* Of each; with its header a multiple of 8, so that the verifier sees two of them fit. */
#define ENDS_BYTES (IGREC_CAPTURE_PAYLOAD_BYTES / 2 - sizeof(struct igrec_capture))

/* More than `limit` bytes: half of it from the beginning, half from the end. */
__noinline __weak int capture_ends(struct capture_room *room, const struct capture_order *order)
{
	__u32 half, used, tail;

	if (!room || !order)
		return 0;
	half = (order->limit + 1) / 2;
	if (half > ENDS_BYTES)
		half = ENDS_BYTES;
	if (bpf_probe_read_user(room->bytes + sizeof(struct igrec_capture), half,
				(void *)order->user)) {
		capture_count(order->slot, IGREC_CAPTURE_UNREADABLE);
		return capture_close(room, order->arg, IGREC_CAPTURE_UNREADABLE, 0);
	}
	capture_count(order->slot, IGREC_CAPTURE_TRUNCATED);
	used = capture_close(room, order->arg, IGREC_CAPTURE_TRUNCATED, half);
	tail = half;
	/* Linux 6.1 learns nothing of a spilled value from a check of its copy. */
	barrier_var(used);
	barrier_var(tail);
	if (used > IGREC_CAPTURE_ROOM / 2 || tail > ENDS_BYTES)
		return used;
	if (bpf_probe_read_user(room->bytes + used + sizeof(struct igrec_capture), tail,
				(void *)order->user + order->wanted - tail))
		return used;
	return used + capture_close(room->bytes + used, IGREC_ARG_TAIL, 0, tail);
}

/* The same as a function of its own. */
__noinline __weak int capture_part_bytes(struct capture_room *room,
					 const struct capture_order *order)
{
	return room && order ? capture_bytes(room, order) : 0;
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

#define DIRENT_LENGTH_AT 16 /* d_reclen, a u16, in both kinds: getdents(2) */
#define DIRENT_BYTES_MIN 24
#define DIRENTS_CHUNK	 sizeof(struct scratch)
#define DIRENTS_CHUNKS	 64 /* 256 KiB; C libraries ask for 32 */

/* On the way through the entries that a call returned. */
struct dirents_walk {
	__u64 user;
	__u64 left; /* bytes */
	__u32 count;
	__u32 reserved;
};

/* Counts the entries that begin in one chunk. 0 when none is left. */
__noinline __weak int dirents_step(struct dirents_walk *walk)
{
	struct scratch *chunk = scratch_of_cpu();
	__u64 at = 0;
	__u32 bytes;

	if (!chunk || !walk || !walk->left)
		return 0;
	bytes = walk->left < DIRENTS_CHUNK ? walk->left : DIRENTS_CHUNK;
	barrier_var(bytes); /* the bound must be checked on what is used below */
	if (bytes > DIRENTS_CHUNK || bpf_probe_read_user(chunk->bytes, bytes, (void *)walk->user))
		return 0;
	for (int i = 0; i < DIRENTS_CHUNK / DIRENT_BYTES_MIN; i++) {
		__u16 length;

		barrier_var(at);
		if (at >= walk->left || at > DIRENTS_CHUNK - DIRENT_BYTES_MIN)
			break;
		length = *(__u16 *)(chunk->bytes + at + DIRENT_LENGTH_AT);
		if (length < DIRENT_BYTES_MIN)
			return 0;
		at += length;
		walk->count++;
	}
	walk->user += at;
	walk->left -= at < walk->left ? at : walk->left;
	return 1;
}

#ifdef IGREC_LEGACY
#include "dirents_legacy.bpf.h"
#endif

/* How many directory entries `wanted` bytes hold. */
__noinline __weak int capture_dirents(struct capture_room *room, const struct capture_order *order)
{
	struct dirents_walk walk = {};
	int used;

	if (!room || !order)
		return 0;
	walk.user = order->user;
	walk.left = order->wanted;
	for (int i = 0; i < DIRENTS_CHUNKS; i++) {
		if (!dirents_step(&walk))
			break;
	}
	used = capture_number(room, order->arg, walk.count);
	if (walk.left)
		room->bytes[offsetof(struct igrec_capture, flags)] = IGREC_CAPTURE_TRUNCATED;
	return used;
}

#endif
