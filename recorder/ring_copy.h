/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying a ring while the kernel writes into it.  Each block is copied only at rest, and kept
 * only if it is still the same block after the copy; nothing torn or overwritten passes as data.
 */
#ifndef RECORDER_RING_COPY_H
#define RECORDER_RING_COPY_H

#include "dumper/snapshot.h"

/*
 * Copies all lanes of the slot; `ring` is its mapped blocks. 0, or -ENOMEM with all lanes empty.
 * The lanes are owned by the snapshot that they are part of.
 */
int ring_copy(const struct igrec_slot *slot, const struct igrec_block *ring,
	      struct snapshot_lane ret_lanes[IGREC_LANES]);

/* Records in the lane now, overwritten ones not counted; and the time of the oldest, 0 if none. */
uint64_t ring_lane_records(const struct igrec_lane_state *lane, const struct igrec_block *ring,
			   uint64_t *ret_oldest_ns);

#endif
