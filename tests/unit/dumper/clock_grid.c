/* SPDX-License-Identifier: Apache-2.0 */
/* The grid of a clock: found in times where there is one, and exact whatever the times are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/clock_grid.h"

#define TIMES 800

static uint32_t roll(uint32_t *dice, uint32_t below)
{
	*dice = *dice * 1664525 + 1013904223;
	return (*dice >> 8) % below;
}

/* Nanoseconds between readings of a clock that moves by step_ns, at most some 10 us each. */
static void read_clock(double step_ns, uint64_t ret[TIMES])
{
	uint64_t steps = 1 << 20, last_ns = (uint64_t)((double)steps * step_ns);
	uint32_t dice = 7;

	for (int i = 0; i < TIMES; i++) {
		uint32_t most_ns = i % 3 ? 600 : 10000;

		steps += 1 + roll(&dice, most_ns / (uint32_t)step_ns + 2);
		ret[i] = (uint64_t)((double)steps * step_ns) - last_ns;
		last_ns += ret[i];
	}
}

static void found(void **state)
{
	static const double steps_ns[] = {8.333,   10.0188, 18.518, 40,
					  41.6667, 52.0833, 100,    279.365};

	for (size_t i = 0; i < ARRAY_SIZE(steps_ns); i++) {
		struct clock_grid grid = {};
		uint64_t ns[TIMES], sorted[TIMES], residue;
		double found_ns;
		unsigned off = 0;

		read_clock(steps_ns[i], ns);
		memcpy(sorted, ns, sizeof(ns));
		grid.step = clock_grid_find(sorted, TIMES);
		found_ns = (double)grid.step / (1 << CLOCK_GRID_BITS);
		assert_true(found_ns > 0.9999 * steps_ns[i] && found_ns < 1.0001 * steps_ns[i]);
		for (int n = 0; n < TIMES; n++) {
			clock_grid_tell(&grid, ns[n], &residue);
			off += residue != 0;
		}
		assert_true(off < TIMES / 4);
	}
}

static void not_found(void **state)
{
	uint64_t ns[TIMES];
	uint32_t dice = 3;

	assert_int_equal(clock_grid_find(ns, 0), 0);
	read_clock(10, ns);
	assert_int_equal(clock_grid_find(ns, 20), 0);
	for (int i = 0; i < TIMES; i++)
		ns[i] = 1 + roll(&dice, 3000);
	assert_int_equal(clock_grid_find(ns, TIMES), 0);
	for (int i = 0; i < TIMES; i++)
		ns[i] = UINT64_MAX - roll(&dice, 3000);
	assert_int_equal(clock_grid_find(ns, TIMES), 0);
}

static void there_and_back(void **state)
{
	static const uint64_t steps[] = {0,	   1,	       1 << CLOCK_GRID_BITS,
					 10505479, 1ULL << 40, UINT64_MAX};
	static const uint64_t ns[] = {0,
				      1,
				      9,
				      10,
				      11,
				      999,
				      1000000,
				      1ULL << 43,
				      1ULL << 44,
				      INT64_MAX,
				      1ULL << 63,
				      UINT64_MAX,
				      UINT64_MAX - 10,
				      -(1ULL << 50)};

	for (size_t s = 0; s < ARRAY_SIZE(steps); s++) {
		struct clock_grid there = {.step = steps[s]}, back = there;

		for (size_t i = 0; i < ARRAY_SIZE(ns) * ARRAY_SIZE(ns); i++) {
			uint64_t now = ns[i % ARRAY_SIZE(ns)] + ns[i / ARRAY_SIZE(ns)];
			uint64_t residue, told = clock_grid_tell(&there, now, &residue);

			assert_true(clock_grid_ns(&back, told, residue) == now);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found),
		cmocka_unit_test(not_found),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
