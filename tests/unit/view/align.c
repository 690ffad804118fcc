/* SPDX-License-Identifier: Apache-2.0 */
/* Alignments: right, as short as the shortest, and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/diff_align.h"

#define LENGTH_MAX 24

static void fill(struct align_event *events, const char *text)
{
	for (size_t i = 0; text[i]; i++)
		events[i] = (struct align_event){(uint32_t)text[i], (uint32_t)i};
}

/* By the definition: the longest common subsequence. */
static size_t longest(const struct align_event *a, size_t n, const struct align_event *b, size_t m)
{
	static size_t table[LENGTH_MAX + 1][LENGTH_MAX + 1];

	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			if (!i || !j)
				table[i][j] = 0;
			else if (a[i - 1].token == b[j - 1].token)
				table[i][j] = table[i - 1][j - 1] + 1;
			else
				table[i][j] = table[i - 1][j] > table[i][j - 1] ? table[i - 1][j]
										: table[i][j - 1];
		}
	}
	return table[n][m];
}

/* What lies between the hunks is the same on both sides; returns how much that is. */
static size_t check(const struct align_event *a, size_t n, const struct align_event *b, size_t m,
		    const struct align_hunks *hunks)
{
	size_t i = 0, j = 0, common = 0;

	for (size_t h = 0; h <= hunks->count; h++) {
		size_t a_from = h < hunks->count ? hunks->all[h].a_from : n;
		size_t b_from = h < hunks->count ? hunks->all[h].b_from : m;

		assert_true(a_from >= i && b_from >= j && a_from - i == b_from - j);
		for (; i < a_from; i++, j++, common++)
			assert_int_equal(a[i].token, b[j].token);
		if (h == hunks->count)
			break;
		i = hunks->all[h].a_to;
		j = hunks->all[h].b_to;
		assert_true(i > a_from || j > b_from);
	}
	assert_int_equal(i, n);
	assert_int_equal(j, m);
	return common;
}

static void test_known(void **state)
{
	struct align_event a[8], b[8];
	struct align_hunks hunks = {0};

	fill(a, "abcabba");
	fill(b, "cbabac");
	assert_int_equal(align(a, 7, b, 6, &hunks), 0);
	assert_int_equal(check(a, 7, b, 6, &hunks), 4);
	free(hunks.all);
	hunks = (struct align_hunks){0};
	assert_int_equal(align(a, 7, a, 7, &hunks), 0);
	assert_int_equal(hunks.count, 0);
	assert_int_equal(align(a, 0, b, 6, &hunks), 0);
	assert_int_equal(hunks.count, 1);
	assert_int_equal(check(a, 0, b, 6, &hunks), 0);
	free(hunks.all);
}

static void test_shortest(void **state)
{
	struct align_event a[LENGTH_MAX], b[LENGTH_MAX];
	unsigned seed = 1;

	for (unsigned round = 0; round < 5000; round++) {
		size_t n = (size_t)rand_r(&seed) % (LENGTH_MAX + 1);
		size_t m = (size_t)rand_r(&seed) % (LENGTH_MAX + 1);
		uint32_t letters = 1 + (uint32_t)rand_r(&seed) % 5;
		struct align_hunks hunks = {0};

		for (size_t i = 0; i < n; i++)
			a[i].token = (uint32_t)rand_r(&seed) % letters;
		for (size_t i = 0; i < m; i++)
			b[i].token = (uint32_t)rand_r(&seed) % letters;
		assert_int_equal(align(a, n, b, m, &hunks), 0);
		assert_false(hunks.is_bounded);
		assert_int_equal(check(a, n, b, m, &hunks), longest(a, n, b, m));
		free(hunks.all);
	}
}

/* Beyond the bound there is one hunk, without what both begin and end with. */
static void test_bounded(void **state)
{
	size_t count = 5000;
	struct align_event *a = calloc(count, sizeof(*a)), *b = calloc(count, sizeof(*b));
	struct align_hunks hunks = {0};

	assert_true(a && b);
	for (size_t i = 0; i < count; i++) {
		bool common = i < 10 || i >= count - 20;

		a[i].token = (uint32_t)i;
		b[i].token = (uint32_t)(common ? i : i + count);
	}
	assert_int_equal(align(a, count, b, count, &hunks), 0);
	assert_true(hunks.is_bounded);
	assert_int_equal(hunks.count, 1);
	assert_int_equal(check(a, count, b, count, &hunks), 30);
	free(hunks.all);
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_shortest),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
