/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/keys.h"

#define COUNT 10000

static void test_many(void **state)
{
	struct keys keys = {0};
	char text[32];

	assert_int_equal(keys_find(&keys, "0", 1), KEYS_NONE);
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < COUNT; i++) {
			snprintf(text, sizeof(text), "%u", i);
			assert_int_equal(keys_add(&keys, text, strlen(text)), i);
		}
		assert_int_equal(keys.count, COUNT);
	}
	for (uint32_t i = 0; i < COUNT; i++) {
		size_t bytes;
		const char *key = keys_at(&keys, i, &bytes);

		snprintf(text, sizeof(text), "%u", i);
		assert_int_equal(bytes, strlen(text));
		assert_memory_equal(key, text, bytes);
		assert_int_equal(keys_find(&keys, text, bytes), i);
	}
	assert_int_equal(keys_find(&keys, "x", 1), KEYS_NONE);
	keys_done(&keys);
}

static void test_bytes(void **state)
{
	struct keys keys = {0};

	assert_int_equal(keys_add(&keys, "a\0b", 3), 0);
	assert_int_equal(keys_add(&keys, "a\0c", 3), 1);
	assert_int_equal(keys_add(&keys, "", 0), 2);
	assert_int_equal(keys_add(&keys, "a", 1), 3);
	assert_int_equal(keys_find(&keys, "", 0), 2);
	assert_int_equal(keys_find(&keys, "a\0b", 3), 0);
	keys_done(&keys);
}

static int backwards(const void *a, const void *b, void *user)
{
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;

	return (i < j) - (i > j);
}

static void test_sorted(void **state)
{
	struct keys keys = {0};
	uint32_t *order;

	keys_add(&keys, "a", 1);
	keys_add(&keys, "b", 1);
	keys_add(&keys, "c", 1);
	order = keys_sorted(&keys, backwards, NULL);
	assert_non_null(order);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(order[i], 2 - i);
	free(order);
	keys_done(&keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
