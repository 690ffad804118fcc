/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XXH64 from the header-only part of xxhash, so that no library is linked.  Leaf helper of the
 * dump's writer and reader.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/checksum.h"

_Static_assert(sizeof(struct checksum) == sizeof(XXH64_state_t), "struct checksum");

static XXH64_state_t *state_of(struct checksum *checksum)
{
	return (XXH64_state_t *)checksum->state;
}

uint64_t checksum_of(const void *data, size_t bytes)
{
	return XXH64(data, bytes, 0);
}

void checksum_init(struct checksum *checksum)
{
	XXH64_reset(state_of(checksum), 0);
}

void checksum_add(struct checksum *checksum, const void *data, size_t bytes)
{
	if (bytes > 0)
		XXH64_update(state_of(checksum), data, bytes);
}

uint64_t checksum_value(const struct checksum *checksum)
{
	return XXH64_digest((const XXH64_state_t *)checksum->state);
}
