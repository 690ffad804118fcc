/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slot is spare (it has no ring yet), ready (in the kernel's pool queue) or taken by a cgroup.
 * A ring once made is kept and used again, since giving it back to the kernel and making another
 * each cost an RCU grace period; the memory limit bounds them.  Between uses a ring is wiped whole,
 * so that a container never finds bytes of another; the generation goes up, so that tasks of the
 * earlier use are let go.  A ring is mapped only while it is wiped or read: igrecd's own memory
 * does not grow with what it records.
 */
#include "recorder/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"

/* Programs run to their end in microseconds, but a virtual CPU may be taken away under one. */
#define COOLING_NS 100000000ULL

enum place {
	PLACE_SPARE,
	PLACE_MADE, /* a batch is at it */
	PLACE_READY,
	PLACE_RESERVED, /* ready, of another size than the pool's */
	PLACE_TAKEN,
	PLACE_COOLING, /* given back; a program may still be at its last record */
};

struct ring {
	enum place place;
	uint32_t count; /* of its ring's blocks */
	uint64_t released_ns;
};

struct rings {
	struct hooks *hooks;
	struct rings_settings settings;
	uint32_t blocks_each;
	uint32_t sizes[RINGS_SIZES_MAX]; /* others, in blocks */
	unsigned n_sizes;
	uint64_t blocks_max;  /* the memory limit */
	uint64_t blocks_made; /* those of a batch at work included */
	uint32_t max;
	uint32_t ready;
	uint32_t taken;
	uint32_t cooling;
	struct ring ring[];
};

void rings_free(struct rings *rings)
{
	if (!rings)
		return;
	free(rings);
}

static uint32_t share(uint32_t blocks, unsigned percent)
{
	uint32_t part = blocks * percent / 100;

	return part ? part : 1;
}

static void divide(const struct rings *rings, uint32_t count, struct igrec_slot *slot)
{
	uint32_t start = share(count, rings->settings.start_percent);
	uint32_t vital = share(count, rings->settings.vital_percent);
	uint32_t blocks[IGREC_LANES] = {start, vital, count - start - vital};
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
	divide(rings, rings->ring[index].count, slot);
}

static int offer(struct rings *rings, uint32_t slot)
{
	int err;

	prepare(rings, slot);
	if (rings->ring[slot].count != rings->blocks_each) {
		rings->ring[slot].place = PLACE_RESERVED;
		return 0;
	}
	err = hooks_pool_push(rings->hooks, slot);
	if (err)
		return err;
	rings->ring[slot].place = PLACE_READY;
	rings->ready++;
	return 0;
}

/* Picks spare slots for rings of one size, as far as the memory goes. */
static uint32_t pick(struct rings *rings, uint32_t blocks, uint32_t wanted, struct rings_batch *ret)
{
	*ret = (struct rings_batch){.hooks = rings->hooks, .blocks_each = blocks};
	for (uint32_t slot = 0; slot < rings->max && ret->count < RINGS_BATCH_MAX; slot++) {
		if (ret->count >= wanted || rings->blocks_made + blocks > rings->blocks_max)
			break;
		if (rings->ring[slot].place != PLACE_SPARE)
			continue;
		rings->ring[slot].place = PLACE_MADE;
		rings->blocks_made += blocks;
		ret->slots[ret->count++] = slot;
	}
	return ret->count;
}

static uint32_t reserved(const struct rings *rings, uint32_t blocks)
{
	uint32_t count = 0;

	for (uint32_t slot = 0; slot < rings->max; slot++)
		count += rings->ring[slot].place == PLACE_RESERVED &&
			 rings->ring[slot].count == blocks;
	return count;
}

/* ---- rings of an earlier igrecd ---- */

/* Empties the pool's queue and fills it again, since it cannot be looked into. */
static void find_ready(struct rings *rings)
{
	uint32_t slot, count = 0;

	while (count < rings->max && !hooks_pool_pop(rings->hooks, &slot)) {
		if (slot >= rings->max || !rings->ring[slot].count)
			continue;
		rings->ring[slot].place = PLACE_READY;
		count++;
	}
	for (slot = 0; slot < rings->max; slot++)
		if (rings->ring[slot].place == PLACE_READY && !hooks_pool_push(rings->hooks, slot))
			rings->ready++;
}

/* What is neither ready nor in use may be half wiped. */
static void find_taken(struct rings *rings, uint64_t now_ns)
{
	for (uint32_t slot = 0; slot < rings->max; slot++) {
		struct ring *ring = &rings->ring[slot];

		if (!ring->count || ring->place == PLACE_READY)
			continue;
		if (hooks_slot(rings->hooks, slot)->state == IGREC_SLOT_FREE) {
			ring->place = PLACE_COOLING;
			ring->released_ns = now_ns;
			rings->cooling++;
		} else {
			ring->place = PLACE_TAKEN;
			rings->taken++;
		}
	}
}

static int adopt(struct rings *rings)
{
	for (uint32_t slot = 0; slot < rings->max; slot++) {
		struct ring *ring = &rings->ring[slot];
		struct igrec_block *blocks = NULL;
		int err = hooks_ring_map(rings->hooks, slot, &blocks, &ring->count);

		if (err && err != -ENOENT)
			return err;
		if (!err)
			hooks_ring_unmap(blocks, ring->count);
		rings->blocks_made += err ? 0 : ring->count;
	}
	find_ready(rings);
	find_taken(rings, clock_monotonic_ns());
	return 0;
}

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
	rings->blocks_max = settings->memory_bytes ? settings->memory_bytes / IGREC_BLOCK_BYTES
						   : (uint64_t)max * rings->blocks_each;
	err = hooks_adopted(hooks) ? adopt(rings) : 0;
	if (!err)
		err = rings_refill(rings);
	if (err) {
		rings_free(rings);
		return err;
	}
	*ret = rings;
	return 0;
}

uint32_t rings_batch_begin(struct rings *rings, uint32_t extra, struct rings_batch *ret)
{
	uint32_t wanted = rings->settings.pool + extra;
	uint32_t count = pick(rings, rings->blocks_each,
			      wanted > rings->ready ? wanted - rings->ready : 0, ret);

	for (unsigned i = 0; i < rings->n_sizes && !count; i++) {
		uint32_t ready = reserved(rings, rings->sizes[i]);

		if (ready < RINGS_RESERVE)
			count = pick(rings, rings->sizes[i], RINGS_RESERVE - ready, ret);
	}
	return count;
}

void rings_batch_make(struct rings_batch *batch)
{
	struct igrec_block *made[RINGS_BATCH_MAX];

	batch->err =
		hooks_rings_new(batch->hooks, batch->slots, batch->count, batch->blocks_each, made);
	for (uint32_t i = 0; i < batch->count && !batch->err; i++)
		hooks_ring_unmap(made[i], batch->blocks_each);
}

int rings_batch_end(struct rings *rings, const struct rings_batch *batch)
{
	int err = batch->err;

	for (uint32_t i = 0; i < batch->count; i++) {
		struct ring *ring = &rings->ring[batch->slots[i]];

		if (batch->err) {
			ring->place = PLACE_SPARE;
			rings->blocks_made -= batch->blocks_each;
			continue;
		}
		ring->count = batch->blocks_each;
		if (offer(rings, batch->slots[i]))
			err = -EIO;
	}
	return err;
}

int rings_refill(struct rings *rings)
{
	struct rings_batch batch;

	while (rings_batch_begin(rings, 0, &batch)) {
		int err;

		rings_batch_make(&batch);
		err = rings_batch_end(rings, &batch);
		if (err)
			return err;
	}
	return 0;
}

void rings_set_payload(struct rings *rings, uint32_t payload, uint32_t payload_bytes)
{
	rings->settings.payload = payload;
	rings->settings.payload_bytes = payload_bytes;
	for (uint32_t index = 0; index < rings->max; index++) {
		struct igrec_slot *slot = hooks_slot(rings->hooks, index);

		if (rings->ring[index].place != PLACE_READY &&
		    rings->ring[index].place != PLACE_RESERVED)
			continue;
		slot->payload = payload;
		slot->payload_bytes = payload_bytes;
	}
}

void rings_note_taken(struct rings *rings, uint32_t slot)
{
	if (slot >= rings->max || rings->ring[slot].place != PLACE_READY)
		return;
	rings->ring[slot].place = PLACE_TAKEN;
	rings->ready--;
	rings->taken++;
}

void rings_set_sizes(struct rings *rings, const uint64_t *bytes, unsigned count)
{
	rings->n_sizes = 0;
	for (unsigned i = 0; i < count && rings->n_sizes < RINGS_SIZES_MAX; i++)
		if (bytes[i] / IGREC_BLOCK_BYTES != rings->blocks_each)
			rings->sizes[rings->n_sizes++] = bytes[i] / IGREC_BLOCK_BYTES;
}

int rings_take_sized(struct rings *rings, uint64_t bytes, uint32_t *ret_slot)
{
	for (uint32_t slot = 0; slot < rings->max; slot++) {
		struct ring *ring = &rings->ring[slot];

		if (ring->place != PLACE_RESERVED || ring->count != bytes / IGREC_BLOCK_BYTES)
			continue;
		ring->place = PLACE_TAKEN;
		rings->taken++;
		*ret_slot = slot;
		return 0;
	}
	return -EAGAIN;
}

/* Whether the pool will get a ring again without a container having to end. */
static bool can_come(const struct rings *rings)
{
	for (uint32_t slot = 0; slot < rings->max; slot++) {
		const struct ring *ring = &rings->ring[slot];

		if (ring->place == PLACE_MADE ||
		    (ring->place == PLACE_COOLING && ring->count == rings->blocks_each) ||
		    (ring->place == PLACE_SPARE &&
		     rings->blocks_made + rings->blocks_each <= rings->blocks_max))
			return true;
	}
	return false;
}

int rings_take(struct rings *rings, uint32_t *ret_slot)
{
	if (hooks_pool_pop(rings->hooks, ret_slot))
		return can_come(rings) ? -EAGAIN : -ENOSPC;
	rings_note_taken(rings, *ret_slot);
	return 0;
}

void rings_release(struct rings *rings, uint32_t slot, uint64_t now_ns)
{
	struct ring *ring = &rings->ring[slot];

	if (ring->place != PLACE_TAKEN)
		return;
	hooks_slot(rings->hooks, slot)->state = IGREC_SLOT_FREE;
	hooks_slot(rings->hooks, slot)->generation++; /* from here on no task finds it */
	ring->place = PLACE_COOLING;
	ring->released_ns = now_ns;
	rings->taken--;
	rings->cooling++;
}

static int wipe(const struct rings *rings, uint32_t slot)
{
	struct igrec_block *blocks = rings_map(rings, slot);

	if (!blocks)
		return -EIO;
	memset(blocks, 0, (size_t)rings->ring[slot].count * IGREC_BLOCK_BYTES);
	rings_unmap(rings, slot, blocks);
	return 0;
}

bool rings_wipe(struct rings *rings, uint64_t now_ns)
{
	for (uint32_t slot = 0; slot < rings->max && rings->cooling; slot++) {
		struct ring *ring = &rings->ring[slot];

		if (ring->place != PLACE_COOLING || now_ns - ring->released_ns < COOLING_NS)
			continue;
		if (hooks_slot(rings->hooks, slot)->state != IGREC_SLOT_FREE) {
			/* A new cgroup was just taking it when an adopted set was looked at. */
			ring->place = PLACE_TAKEN;
			rings->cooling--;
			rings->taken++;
		} else if (!wipe(rings, slot)) {
			rings->cooling--;
			offer(rings, slot);
		}
	}
	return rings->cooling;
}

struct igrec_block *rings_map(const struct rings *rings, uint32_t slot)
{
	struct igrec_block *blocks;
	uint32_t count;

	return hooks_ring_map(rings->hooks, slot, &blocks, &count) ? NULL : blocks;
}

void rings_unmap(const struct rings *rings, uint32_t slot, struct igrec_block *blocks)
{
	if (blocks)
		hooks_ring_unmap(blocks, rings->ring[slot].count);
}

uint32_t rings_blocks_count(const struct rings *rings, uint32_t slot)
{
	return rings->ring[slot].count;
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
