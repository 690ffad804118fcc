/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grid of a clock.  Many clocks move in steps of several nanoseconds (10.02 on an AMD EPYC,
 * 40 on an arm64 timer of 25 MHz), so a time is told as a number of steps and a residue, which is
 * nearly always 0.  Exact whatever the clock does: docs/dump-format.md, "Columns".
 */
#ifndef DUMPER_CLOCK_GRID_H
#define DUMPER_CLOCK_GRID_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_GRID_BITS 20 /* of a nanosecond's fraction */

/* Zero-initialised apart from `step`. */
struct clock_grid {
	uint64_t step;	/* in 2^-20 ns; 0: no grid, residues are 0 */
	uint64_t phase; /* how far the last time lies behind its nanosecond, in 2^-20 ns */
};

/*
 * The step that most of the nanosecond numbers are whole multiples of, as it would be in a struct
 * clock_grid; 0 if there is none that is worth it. Shuffles the numbers.
 */
uint64_t clock_grid_find(uint64_t *ns, size_t count);

/* The way `ns` (signed, modulo 2^64) to the next time, as steps and residue, both signed. */
uint64_t clock_grid_tell(struct clock_grid *grid, uint64_t ns, uint64_t *ret_residue);
/* And back. */
uint64_t clock_grid_ns(struct clock_grid *grid, uint64_t steps, uint64_t residue);

#endif
