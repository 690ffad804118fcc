/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks of this project, in nanoseconds: both exist on every kernel, so reading never
 * fails. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* CLOCK_MONOTONIC: that of records and notices. */
static inline uint64_t clock_monotonic_ns(void)
{
	return (uint64_t)clock_read_ns(CLOCK_MONOTONIC);
}

/* CLOCK_REALTIME: since 1970. */
static inline int64_t clock_realtime_ns(void)
{
	return clock_read_ns(CLOCK_REALTIME);
}

#endif
