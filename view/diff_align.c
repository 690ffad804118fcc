/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The greedy forward algorithm: for each number of differences d, how far one gets on each diagonal
 * k = x - y. What was reached is kept for each d, and followed back from the end.
 */
#include "view/diff_align.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/grow.h"

struct problem {
	const struct align_event *a, *b;
	ptrdiff_t n, m;
	int32_t *reached; /* of d: 2d + 1 diagonals, from -d on, at offset d * d */
	ptrdiff_t d_max;
};

static int32_t *row_of(const struct problem *problem, ptrdiff_t d)
{
	return problem->reached + d * d + d;
}

/* Where a path of d differences comes from on diagonal k: the one above (an insertion) or not. */
static bool comes_from_above(const int32_t *before, ptrdiff_t d, ptrdiff_t k)
{
	return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

/* Whether the end is reached with d differences. */
static bool step(const struct problem *problem, ptrdiff_t d)
{
	int32_t *row = row_of(problem, d);
	const int32_t *before = d ? row_of(problem, d - 1) : NULL;

	for (ptrdiff_t k = -d; k <= d; k += 2) {
		ptrdiff_t x = 0, y;

		if (d)
			x = comes_from_above(before, d, k) ? before[k + 1] : before[k - 1] + 1;
		y = x - k;
		while (x < problem->n && y >= 0 && y < problem->m &&
		       problem->a[x].token == problem->b[y].token) {
			x++;
			y++;
		}
		row[k] = (int32_t)x;
		if (x >= problem->n && y >= problem->m)
			return true;
	}
	return false;
}

static int add_hunk(struct align_hunks *hunks, ptrdiff_t a_from, ptrdiff_t a_to, ptrdiff_t b_from,
		    ptrdiff_t b_to)
{
	struct align_hunk *last = hunks->count ? &hunks->all[hunks->count - 1] : NULL;

	/* Found from the end to the beginning: the next one may lie right before the last. */
	if (last && last->a_from == (size_t)a_to && last->b_from == (size_t)b_to) {
		last->a_from = (size_t)a_from;
		last->b_from = (size_t)b_from;
		return 0;
	}
	if (grow_array((void **)&hunks->all, hunks->count, &hunks->room, sizeof(*hunks->all)))
		return -ENOMEM;
	hunks->all[hunks->count++] =
		(struct align_hunk){(size_t)a_from, (size_t)a_to, (size_t)b_from, (size_t)b_to};
	return 0;
}

static int follow_back(const struct problem *problem, ptrdiff_t d, size_t skipped,
		       struct align_hunks *hunks)
{
	ptrdiff_t x = problem->n, y = problem->m, skip = (ptrdiff_t)skipped;

	for (; d > 0; d--) {
		const int32_t *before = row_of(problem, d - 1);
		ptrdiff_t k = x - y;
		bool above = comes_from_above(before, d, k);
		ptrdiff_t to_x = above ? before[k + 1] : before[k - 1];
		ptrdiff_t to_y = to_x - (above ? k + 1 : k - 1);
		int err = add_hunk(hunks, skip + to_x, skip + to_x + !above, skip + to_y,
				   skip + to_y + above);

		if (err)
			return err;
		x = to_x;
		y = to_y;
	}
	for (size_t i = 0; i < hunks->count / 2; i++) {
		struct align_hunk between = hunks->all[i];

		hunks->all[i] = hunks->all[hunks->count - 1 - i];
		hunks->all[hunks->count - 1 - i] = between;
	}
	return 0;
}

static int solve(struct problem *problem, size_t skipped, struct align_hunks *hunks)
{
	ptrdiff_t rows = problem->d_max + 1;

	problem->reached = calloc((size_t)(rows * rows), sizeof(*problem->reached));
	if (!problem->reached)
		return -ENOMEM;
	for (ptrdiff_t d = 0; d <= problem->d_max; d++) {
		if (step(problem, d))
			return follow_back(problem, d, skipped, hunks);
	}
	hunks->is_bounded = true;
	return add_hunk(hunks, (ptrdiff_t)skipped, (ptrdiff_t)skipped + problem->n,
			(ptrdiff_t)skipped, (ptrdiff_t)skipped + problem->m);
}

int align(const struct align_event *a, size_t a_count, const struct align_event *b, size_t b_count,
	  struct align_hunks *ret)
{
	struct problem problem = {0};
	size_t head = 0, tail = 0;
	int err;

	while (head < a_count && head < b_count && a[head].token == b[head].token)
		head++;
	while (head + tail < a_count && head + tail < b_count &&
	       a[a_count - 1 - tail].token == b[b_count - 1 - tail].token)
		tail++;
	problem.a = a_count ? a + head : NULL;
	problem.b = b_count ? b + head : NULL;
	problem.n = (ptrdiff_t)(a_count - head - tail);
	problem.m = (ptrdiff_t)(b_count - head - tail);
	problem.d_max = problem.n + problem.m;
	if (problem.d_max > ALIGN_DIFFERENCES_MAX)
		problem.d_max = ALIGN_DIFFERENCES_MAX;
	if (!problem.n || !problem.m)
		return problem.n || problem.m
			       ? add_hunk(ret, (ptrdiff_t)head, (ptrdiff_t)head + problem.n,
					  (ptrdiff_t)head, (ptrdiff_t)head + problem.m)
			       : 0;
	err = solve(&problem, head, ret);
	free(problem.reached);
	return err;
}
