/* SPDX-License-Identifier: Apache-2.0 */
/* A number for each different key, from 0 on: what rows are gathered by. */
#ifndef VIEW_KEYS_H
#define VIEW_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define KEYS_NONE UINT32_MAX

/* Zero-initialised is empty. */
struct keys {
	struct buf texts;
	struct key *all;
	size_t count, room;
	uint32_t *slots; /* position in all + 1; a power of two of them */
	size_t n_slots;
};
void keys_done(struct keys *keys);

/* The number of a key; KEYS_NONE if it has none. */
uint32_t keys_find(const struct keys *keys, const void *key, size_t bytes);
/* The same; a new key gets keys->count. KEYS_NONE without memory. */
uint32_t keys_add(struct keys *keys, const void *key, size_t bytes);
/* All numbers in an order, to be freed; NULL without memory. by: as for qsort_r(3). */
uint32_t *keys_sorted(const struct keys *keys, int (*by)(const void *, const void *, void *),
		      void *user);
/* The key again. */
const void *keys_at(const struct keys *keys, uint32_t number, size_t *ret_bytes);

#endif
