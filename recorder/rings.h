/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slots and their rings: made up to the node's memory limit, kept ready in the pool, given
 * out, wiped and used again.
 */
#ifndef RECORDER_RINGS_H
#define RECORDER_RINGS_H

#include <stdint.h>

#include "recorder/hooks.h"

struct rings;

struct rings_settings {
	uint64_t ring_bytes;	/* a multiple of IGREC_BLOCK_BYTES */
	uint64_t memory_bytes;	/* of all rings; 0: of as many as there are slots */
	uint32_t pool;		/* rings to keep ready */
	unsigned start_percent; /* of a ring's blocks, at least one each */
	unsigned vital_percent;
	uint32_t payload; /* enum igrec_payload_policy */
	uint32_t payload_bytes;
};

/*
 * hooks must outlive it; its slot count is the limit. Rings of an adopted set stay what they are:
 * those in use are given out already. 0 or -errno, then nothing is left.
 */
int rings_new(struct hooks *hooks, const struct rings_settings *settings, struct rings **ret);
void rings_free(struct rings *rings);

/*
 * Making rings is slow, so it has three steps: begin picks the slots (returns how many, 0 if the
 * pool holds what it should or the limit is reached), make does the work and may run in another
 * thread, end puts the rings into the pool. One batch at a time.
 */
#define RINGS_BATCH_MAX 32
struct rings_batch {
	struct hooks *hooks;
	uint32_t blocks_each;
	uint32_t count;
	uint32_t slots[RINGS_BATCH_MAX];
	int err;
};
uint32_t rings_batch_begin(struct rings *rings, uint32_t extra, struct rings_batch *ret);
void rings_batch_make(struct rings_batch *batch);
/* 0, or why there are no new ones. */
int rings_batch_end(struct rings *rings, const struct rings_batch *batch);
/* All three steps at once. */
int rings_refill(struct rings *rings);

/*
 * Sizes that some containers are to have, other than ring_bytes: of each, RINGS_RESERVE are kept
 * ready beside the pool as far as the memory goes. At most RINGS_SIZES_MAX are taken.
 */
#define RINGS_SIZES_MAX 8
#define RINGS_RESERVE	2
void rings_set_sizes(struct rings *rings, const uint64_t *bytes, unsigned count);
/* Takes a prepared slot with a ring of such a size: 0, or -EAGAIN if none is ready. */
int rings_take_sized(struct rings *rings, uint64_t bytes, uint32_t *ret_slot);
/* The payload policy of slots not given out yet. */
void rings_set_payload(struct rings *rings, uint32_t payload, uint32_t payload_bytes);
/* One of the pool was taken by a new cgroup. */
void rings_note_taken(struct rings *rings, uint32_t slot);
/* Takes a prepared slot out of the pool: 0, -EAGAIN if one can come, -ENOSPC at the limit. */
int rings_take(struct rings *rings, uint32_t *ret_slot);
/* Gives a slot back: no program finds it from now on; one that had found it may still write. */
void rings_release(struct rings *rings, uint32_t slot, uint64_t now_ns);
/* Wipes what was given back a while ago and puts it into the pool. True if more waits for that. */
bool rings_wipe(struct rings *rings, uint64_t now_ns);

/* Maps the blocks of a slot's ring for as long as they are looked at; NULL if that fails. */
struct igrec_block *rings_map(const struct rings *rings, uint32_t slot);
/* Takes NULL. */
void rings_unmap(const struct rings *rings, uint32_t slot, struct igrec_block *blocks);
uint32_t rings_blocks_count(const struct rings *rings, uint32_t slot);
uint32_t rings_blocks_each(const struct rings *rings); /* of one that is not of another size */
uint32_t rings_in_use(const struct rings *rings);      /* given out */
uint32_t rings_ready(const struct rings *rings);       /* in the pool */
uint32_t rings_max(const struct rings *rings);

#endif
