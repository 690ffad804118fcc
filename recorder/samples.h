/* SPDX-License-Identifier: Apache-2.0 */
/* The newest samples of one container; memory is taken once. */
#ifndef RECORDER_SAMPLES_H
#define RECORDER_SAMPLES_H

#include "dumper/snapshot.h"

struct samples {
	struct snapshot_sample *ring; /* owned; NULL: none are kept */
	uint32_t room, count;
	uint32_t next; /* where the next one goes */
};

/* 0 or -ENOMEM. No room keeps none. */
int samples_init(struct samples *samples, uint32_t room);
void samples_done(struct samples *samples);

/* Lets the oldest go if there is no room. */
void samples_add(struct samples *samples, const struct snapshot_sample *sample);
/* All, by time, into a snapshot that has none. 0 or -ENOMEM. */
int samples_copy(const struct samples *samples, struct snapshot *snapshot);

#endif
