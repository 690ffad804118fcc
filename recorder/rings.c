/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots are in one of three places: spare (no ring), ready (in the kernel's pool queue) or taken
 * by a cgroup.  Between uses a ring is wiped whole, so that a container never finds bytes of
 * another; the generation goes up, so that tasks of the earlier use are let go.
 */
#include "recorder/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

enum place {
	PLACE_SPARE,
	PLACE_READY,
	PLACE_TAKEN,
};

struct ring {
	enum place place;
	struct igrec_block *blocks; /* NULL: none made */
};

struct rings {
	struct hooks *hooks;
	struct rings_settings settings;
	uint32_t blocks_each;
	uint32_t max;
	uint32_t ready;
	uint32_t taken;
	struct ring ring[];
};

int rings_new(struct hooks *hooks, const struct rings_settings *settings, struct rings **ret)
{
	uint32_t max = hooks_slots_max(hooks);
	struct rings *rings = calloc(1, sizeof(*rings) + max * sizeof(rings->ring[0]));
	int err;

	if (!rings)
		return -ENOMEM;
	rings->hooks = hooks;
	rings->settings = *settings;
	rings->blocks_each = settings->ring_bytes / IGREC_BLOCK_BYTES;
	rings->max = max;
	err = rings_refill(rings);
	if (err) {
		rings_free(rings);
		return err;
	}
	*ret = rings;
	return 0;
}

void rings_free(struct rings *rings)
{
	if (!rings)
		return;
	for (uint32_t slot = 0; slot < rings->max; slot++)
		if (rings->ring[slot].blocks)
			hooks_ring_unmap(rings->ring[slot].blocks, rings->blocks_each);
	free(rings);
}

static uint32_t share(uint32_t blocks, unsigned percent)
{
	uint32_t part = blocks * percent / 100;

	return part ? part : 1;
}

static void divide(const struct rings *rings, struct igrec_slot *slot)
{
	uint32_t start = share(rings->blocks_each, rings->settings.start_percent);
	uint32_t vital = share(rings->blocks_each, rings->settings.vital_percent);
	uint32_t blocks[IGREC_LANES] = {start, vital, rings->blocks_each - start - vital};
	uint32_t first = 0;

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		slot->lanes[lane] = (struct igrec_lane_state){
			.next = slot->lanes[lane].next,
			.base = slot->lanes[lane].next,
			.first_block = first,
			.blocks = blocks[lane],
		};
		first += blocks[lane];
	}
}

/* The slot as a new container finds it. */
static void prepare(struct rings *rings, uint32_t index)
{
	struct igrec_slot *slot = hooks_slot(rings->hooks, index);

	slot->state = IGREC_SLOT_FREE;
	slot->generation++;
	slot->cgroup_id = 0;
	slot->payload = rings->settings.payload;
	slot->payload_bytes = rings->settings.payload_bytes;
	slot->started = 0;
	slot->start_full = 0;
	slot->init_tgid = 0;
	slot->tasks = 0;
	slot->taken_ns = 0;
	slot->truncated = 0;
	slot->unreadable = 0;
	divide(rings, slot);
}

static int find_spare(struct rings *rings, uint32_t *ret_slot)
{
	for (uint32_t slot = 0; slot < rings->max; slot++) {
		struct ring *ring = &rings->ring[slot];
		int err;

		if (ring->place != PLACE_SPARE)
			continue;
		err = hooks_ring_new(rings->hooks, slot, rings->blocks_each, &ring->blocks);
		if (err)
			return err;
		prepare(rings, slot);
		*ret_slot = slot;
		return 0;
	}
	return -ENOSPC;
}

static int offer(struct rings *rings, uint32_t slot)
{
	int err = hooks_pool_push(rings->hooks, slot);

	if (err)
		return err;
	rings->ring[slot].place = PLACE_READY;
	rings->ready++;
	return 0;
}

int rings_refill(struct rings *rings)
{
	uint32_t slot;

	while (rings->ready < rings->settings.pool) {
		int err = find_spare(rings, &slot);

		if (err == -ENOSPC)
			return 0;
		if (!err)
			err = offer(rings, slot);
		if (err)
			return err;
	}
	return 0;
}

void rings_note_taken(struct rings *rings, uint32_t slot)
{
	if (rings->ring[slot].place != PLACE_READY)
		return;
	rings->ring[slot].place = PLACE_TAKEN;
	rings->ready--;
	rings->taken++;
}

int rings_take(struct rings *rings, uint32_t *ret_slot)
{
	int err = find_spare(rings, ret_slot);

	if (err)
		return err;
	rings->ring[*ret_slot].place = PLACE_TAKEN;
	rings->taken++;
	return 0;
}

void rings_release(struct rings *rings, uint32_t slot)
{
	struct ring *ring = &rings->ring[slot];

	if (ring->place != PLACE_TAKEN)
		return;
	rings->taken--;
	prepare(rings, slot);
	if (rings->ready < rings->settings.pool) {
		memset(ring->blocks, 0, (size_t)rings->blocks_each * IGREC_BLOCK_BYTES);
		if (!offer(rings, slot))
			return;
	}
	hooks_ring_free(rings->hooks, slot, ring->blocks, rings->blocks_each);
	ring->blocks = NULL;
	ring->place = PLACE_SPARE;
}

const struct igrec_block *rings_blocks(const struct rings *rings, uint32_t slot)
{
	return rings->ring[slot].blocks;
}

uint32_t rings_blocks_each(const struct rings *rings)
{
	return rings->blocks_each;
}

uint32_t rings_in_use(const struct rings *rings)
{
	return rings->taken;
}

uint32_t rings_ready(const struct rings *rings)
{
	return rings->ready;
}

uint32_t rings_max(const struct rings *rings)
{
	return rings->max;
}
