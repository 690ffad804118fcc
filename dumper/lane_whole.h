/* SPDX-License-Identifier: Apache-2.0 */
/* From when on a lane misses no record. */
#ifndef DUMPER_LANE_WHOLE_H
#define DUMPER_LANE_WHOLE_H

#include "dumper/snapshot.h"

/* A moment behind which no record of the lane is overwritten; 0 if none is. */
uint64_t lane_whole_since(const struct snapshot_lane *lane, uint32_t cpus);

#endif
