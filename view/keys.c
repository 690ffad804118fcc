/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table with open addressing.  Keys may be chosen to collide: the tape, which is bounded,
 * bounds what that costs.
 */
#include "view/keys.h"

#include <stdlib.h>

struct key {
	size_t offset, bytes; /* in texts */
	uint64_t hash;
};

void keys_done(struct keys *keys)
{
	buf_done(&keys->texts);
	free(keys->all);
	free(keys->slots);
	*keys = (struct keys){0};
}

/* FNV-1a, finished so that low bits depend on all. */
static uint64_t hash_of(const void *key, size_t bytes)
{
	const unsigned char *at = key;
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ at[i]) * 0x100000001b3;
	return hash ^ hash >> 32;
}

/* Where the key stands, or is to stand. */
static size_t slot_of(const struct keys *keys, const void *key, size_t bytes, uint64_t hash)
{
	size_t slot = hash & (keys->n_slots - 1);

	while (keys->slots[slot]) {
		const struct key *other = &keys->all[keys->slots[slot] - 1];

		if (other->hash == hash && other->bytes == bytes &&
		    (!bytes || !memcmp(keys->texts.data + other->offset, key, bytes)))
			break;
		slot = (slot + 1) & (keys->n_slots - 1);
	}
	return slot;
}

static int grow(struct keys *keys)
{
	size_t room = keys->room ? keys->room * 2 : 64;
	struct key *all = reallocarray(keys->all, room, sizeof(*all));
	uint32_t *slots;

	if (!all)
		return -1;
	keys->all = all;
	slots = calloc(room * 2, sizeof(*slots));
	if (!slots)
		return -1;
	free(keys->slots);
	keys->slots = slots;
	keys->n_slots = room * 2;
	keys->room = room;
	for (size_t i = 0; i < keys->count; i++) {
		size_t slot = keys->all[i].hash & (keys->n_slots - 1);

		while (slots[slot])
			slot = (slot + 1) & (keys->n_slots - 1);
		slots[slot] = (uint32_t)i + 1;
	}
	return 0;
}

uint32_t keys_find(const struct keys *keys, const void *key, size_t bytes)
{
	size_t slot;

	if (!keys->n_slots)
		return KEYS_NONE;
	slot = slot_of(keys, key, bytes, hash_of(key, bytes));
	return keys->slots[slot] ? keys->slots[slot] - 1 : KEYS_NONE;
}

uint32_t keys_add(struct keys *keys, const void *key, size_t bytes)
{
	uint64_t hash = hash_of(key, bytes);
	size_t offset = keys->texts.bytes, slot;

	if (keys->count == keys->room && grow(keys))
		return KEYS_NONE;
	slot = slot_of(keys, key, bytes, hash);
	if (keys->slots[slot])
		return keys->slots[slot] - 1;
	buf_add(&keys->texts, key, bytes);
	if (keys->texts.failed)
		return KEYS_NONE;
	keys->all[keys->count] = (struct key){offset, bytes, hash};
	keys->slots[slot] = (uint32_t)++keys->count;
	return (uint32_t)keys->count - 1;
}

const void *keys_at(const struct keys *keys, uint32_t number, size_t *ret_bytes)
{
	*ret_bytes = keys->all[number].bytes;
	return keys->texts.data + keys->all[number].offset;
}

uint32_t *keys_sorted(const struct keys *keys, int (*by)(const void *, const void *, void *),
		      void *user)
{
	uint32_t *numbers = calloc(keys->count + 1, sizeof(*numbers));

	if (!numbers)
		return NULL;
	for (size_t i = 0; i < keys->count; i++)
		numbers[i] = (uint32_t)i;
	qsort_r(numbers, keys->count, sizeof(*numbers), by, user);
	return numbers;
}
