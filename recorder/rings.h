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
	uint32_t pool;		/* rings to keep ready */
	unsigned start_percent; /* of a ring's blocks, at least one each */
	unsigned vital_percent;
	uint32_t payload; /* enum igrec_payload_policy */
	uint32_t payload_bytes;
};

/* hooks must outlive it; its slot count is the limit. 0 or -errno, then nothing is left. */
int rings_new(struct hooks *hooks, const struct rings_settings *settings, struct rings **ret);
void rings_free(struct rings *rings);

/* Makes rings until the pool holds what it should or the limit is reached. 0 or -errno. */
int rings_refill(struct rings *rings);
/* One of the pool was taken by a new cgroup. */
void rings_note_taken(struct rings *rings, uint32_t slot);
/*
 * A slot for a cgroup that came without one: a prepared slot that is not in the pool. 0,
 * -ENOSPC at the limit, -errno.
 */
int rings_take(struct rings *rings, uint32_t *ret_slot);
/* Wipes the slot's ring and puts it back into the pool, or frees it if the pool is full. */
void rings_release(struct rings *rings, uint32_t slot);

/* The blocks of a slot's ring; NULL if it has none. */
const struct igrec_block *rings_blocks(const struct rings *rings, uint32_t slot);
uint32_t rings_blocks_each(const struct rings *rings);
uint32_t rings_in_use(const struct rings *rings); /* given out */
uint32_t rings_ready(const struct rings *rings);  /* in the pool */
uint32_t rings_max(const struct rings *rings);

#endif
