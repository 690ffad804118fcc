/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as people write them, in the configuration file and on the command line.
 *
 * Each takes the whole text or fails with -EINVAL (not of this form) or -ERANGE (does not fit);
 * *ret is then unchanged. The PARSE_*_WANTED texts end a sentence that says what was wrong.
 */
#ifndef COMMON_PARSE_H
#define COMMON_PARSE_H

#include <stdint.h>

#define PARSE_SIZE_WANTED     "a size in bytes such as 4096, 512KiB or 1.5G"
#define PARSE_DURATION_WANTED "a duration such as 10ms, 2s, 5m, 1h or 14d"

/* Units B, K M G T, KiB MiB GiB TiB, all powers of 1024, in any case; none: bytes. */
int parse_size(const char *text, uint64_t *ret_bytes);
/* Units ns us ms s m (or min) h d; a unit is needed, except for 0. */
int parse_duration(const char *text, uint64_t *ret_ns);
/* Decimal digits only. */
int parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret);
/* "SIGTERM" or "TERM" in any case, or a number from 1 to 64. */
int parse_signal(const char *text, int *ret);

#endif
