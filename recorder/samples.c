/* SPDX-License-Identifier: Apache-2.0 */
/* See samples.h: an array that is written round and round. */
#include "recorder/samples.h"

#include <errno.h>
#include <stdlib.h>

int samples_init(struct samples *samples, uint32_t room)
{
	*samples = (struct samples){.room = room};
	if (!room)
		return 0;
	samples->ring = calloc(room, sizeof(*samples->ring));
	return samples->ring ? 0 : -ENOMEM;
}

void samples_done(struct samples *samples)
{
	free(samples->ring);
	*samples = (struct samples){0};
}

void samples_add(struct samples *samples, const struct snapshot_sample *sample)
{
	if (!samples->ring)
		return;
	samples->ring[samples->next] = *sample;
	samples->next = (samples->next + 1) % samples->room;
	if (samples->count < samples->room)
		samples->count++;
}

int samples_copy(const struct samples *samples, struct snapshot *snapshot)
{
	if (!samples->count)
		return 0;
	snapshot->samples = calloc(samples->count, sizeof(*snapshot->samples));
	if (!snapshot->samples)
		return -ENOMEM;
	for (uint32_t i = 0; i < samples->count; i++)
		snapshot->samples[i] =
			samples->ring[(samples->next + samples->room - samples->count + i) %
				      samples->room];
	snapshot->n_samples = samples->count;
	return 0;
}
