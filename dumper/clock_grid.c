/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the grid of a clock in the times that it gave, and telling times by it.
 *
 * Finding: first coarsely, by numbers so small that a step that is off by a little is still good
 * for them, then finer and finer by larger ones.
 */
#include "dumper/clock_grid.h"

#include <stdbool.h>
#include <stdlib.h>

#define ONE	     (1ULL << CLOCK_GRID_BITS)
#define STEP_MIN_NS  4.0
#define STEP_MAX_NS  300.0
#define STEPS_MAX    64 /* of the numbers that the coarse search looks at */
#define NUMBERS_MIN  32 /* fewer tell nothing */
#define COARSE_MAX   96 /* numbers that the coarse search looks at, which bounds its time */
#define REFINE_TO_NS 1e6
#define REFINE	     16	 /* candidates on each side */
#define NARROWER     8.0 /* from one round of them to the next */
#define SHARE_MIN    0.5 /* of the numbers that lie on the grid, beyond those that do by chance */

/* ---- finding ---------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* How the numbers up to `most` lie beside multiples of a step. */
struct fit {
	double share;	  /* of them within `near_ns`, less what would be by chance */
	double closeness; /* 1: all on multiples, 0: all `near_ns` off or more */
};

static struct fit fit_of(const uint64_t *ns, size_t count, double step, double most, double near_ns)
{
	struct fit fit = {0};
	double by_step = 1 / step;
	size_t used = 0;

	for (; used < count && (double)ns[used] <= most; used++) {
		double number = (double)ns[used];
		double beside = number - (double)(int64_t)(number * by_step + 0.5) * step;

		beside = beside < 0 ? -beside : beside;
		if (beside > near_ns)
			continue;
		fit.share += 1;
		fit.closeness += 1 - beside / near_ns;
	}
	if (used < NUMBERS_MIN)
		return (struct fit){0};
	fit.share = fit.share / (double)used - 2 * near_ns * by_step;
	return fit;
}

/* Candidates stand so close that the numbers looked at fit one of them. */
static double search(const uint64_t *ns, size_t count, double *ret_width)
{
	double best_share = SHARE_MIN, best = 0, width;

	for (double step = STEP_MIN_NS; step < STEP_MAX_NS; step += width) {
		double near_ns = step < 16 ? 1 : step / 16;
		struct fit fit = fit_of(ns, count, step, STEPS_MAX * step, near_ns);

		width = 2 * near_ns / STEPS_MAX;
		if (fit.share > best_share) {
			best_share = fit.share;
			best = step;
			*ret_width = width;
		}
	}
	return best;
}

static double refine(const uint64_t *ns, size_t count, double step, double width)
{
	for (double most = STEPS_MAX * step; most < REFINE_TO_NS; most *= NARROWER) {
		double best = step, closest = 0;

		for (int i = -REFINE; i <= REFINE; i++) {
			double candidate = step + i * width / REFINE;
			struct fit fit = fit_of(ns, count, candidate, most, 1);

			if (fit.closeness > closest) {
				closest = fit.closeness;
				best = candidate;
			}
		}
		step = best;
		width /= NARROWER;
	}
	return step;
}

static double share_of(const uint64_t *ns, size_t count, double step)
{
	return fit_of(ns, count, step, STEPS_MAX * step, 1).share;
}

/* What lies on a clock's grid lies on that of half its step as well. */
static double enlarge(const uint64_t *ns, size_t count, double step)
{
	for (int by = 5; by > 1; by--) {
		while (share_of(ns, count, by * step) > share_of(ns, count, step))
			step *= by;
	}
	return step;
}

/* Sorted, each once. */
static size_t make_set(uint64_t *ns, size_t count)
{
	size_t kept = 0;

	qsort(ns, count, sizeof(*ns), by_value);
	for (size_t i = 0; i < count; i++) {
		if (!kept || ns[i] != ns[kept - 1])
			ns[kept++] = ns[i];
	}
	return kept;
}

uint64_t clock_grid_find(uint64_t *ns, size_t count)
{
	double step, width = 0;

	count = make_set(ns, count);
	step = search(ns, count < COARSE_MAX ? count : COARSE_MAX, &width);
	if (!(step > 0))
		return 0;
	step = enlarge(ns, count, refine(ns, count, step, width));
	return (uint64_t)(step * ONE + 0.5);
}

/* ---- telling ---------------------------------------------------------------------------- */

static uint64_t floor_divide(uint64_t value, uint64_t by)
{
	bool negative = value >> 63;

	return negative ? ~(~value / by) : value / by;
}

/* Whole nanoseconds that so many steps lead to. */
static uint64_t predict(struct clock_grid *grid, uint64_t steps)
{
	uint64_t at = grid->phase + steps * grid->step;

	grid->phase = at % ONE;
	return floor_divide(at, ONE);
}

/* A residue shows that the phase was off: it is near the end that it would have passed, yet not at
 * it, where a step that is the least bit too short would always lead to a residue again. */
static void correct(struct clock_grid *grid, uint64_t residue)
{
	if (residue)
		grid->phase = residue >> 63 ? ONE - ONE / 16 : ONE / 16;
}

uint64_t clock_grid_tell(struct clock_grid *grid, uint64_t ns, uint64_t *ret_residue)
{
	uint64_t steps;

	*ret_residue = 0;
	if (!grid->step)
		return ns;
	steps = floor_divide(ns * ONE + ONE / 2 - grid->phase + grid->step / 2, grid->step);
	*ret_residue = ns - predict(grid, steps);
	correct(grid, *ret_residue);
	return steps;
}

uint64_t clock_grid_ns(struct clock_grid *grid, uint64_t steps, uint64_t residue)
{
	uint64_t ns;

	if (!grid->step)
		return steps;
	ns = predict(grid, steps) + residue;
	correct(grid, residue);
	return ns;
}
