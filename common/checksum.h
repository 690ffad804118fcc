/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 64-bit checksums against accidental damage: XXH64 with seed 0, the one home of xxhash.
 * They are no protection against someone who changes data and checksum together.
 */
#ifndef COMMON_CHECKSUM_H
#define COMMON_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* A checksum in the making; plain memory, nothing to free. */
struct checksum {
	uint64_t state[11];
};

uint64_t checksum_of(const void *data, size_t bytes);

void checksum_init(struct checksum *checksum);
void checksum_add(struct checksum *checksum, const void *data, size_t bytes);
/* The value so far; more may be added afterwards. */
uint64_t checksum_value(const struct checksum *checksum);

#endif
