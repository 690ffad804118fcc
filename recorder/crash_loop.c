/* SPDX-License-Identifier: Apache-2.0 */
/* See crash_loop.h. Bounded: of more containers than there is room for, the oldest is let go. */
#include "recorder/crash_loop.h"

static struct crash_loop *loop_of(struct crash_loops *loops, uint64_t key)
{
	size_t oldest = 0;

	for (size_t i = 0; i < loops->count; i++) {
		if (loops->of[i].key == key)
			return &loops->of[i];
		if (loops->of[i].last_ns < loops->of[oldest].last_ns)
			oldest = i;
	}
	if (loops->count < CRASH_LOOPS_MAX)
		oldest = loops->count++;
	loops->of[oldest] = (struct crash_loop){.key = key};
	return &loops->of[oldest];
}

static bool goes_on(const struct crash_loop *loop, const struct crash_loop_end *end,
		    uint64_t window_ns)
{
	if (!loop->ends || end->ended_ns - loop->last_ns > window_ns)
		return false;
	if (end->restart >= 0)
		return end->restart > 0;
	return end->started_ns - loop->last_ns <= CRASH_LOOP_PAUSE_NS ||
	       end->started_ns < loop->last_ns;
}

bool crash_loop_note(struct crash_loops *loops, const struct crash_loop_end *end)
{
	struct crash_loop *loop;
	uint64_t rounds;

	if (!loops->limit || (end->how == CRASH_LOOP_STOPPED && end->restart < 0))
		return false;
	loop = loop_of(loops, end->key);
	if (!goes_on(loop, end, loops->window_ns))
		loop->ends = 0;
	loop->ends++;
	loop->last_ns = end->ended_ns;
	rounds = loop->ends / loops->limit;
	if (end->how == CRASH_LOOP_STOPPED && end->restart == 0)
		return false;
	return rounds && loop->ends % loops->limit == 0 && !(rounds & (rounds - 1));
}
