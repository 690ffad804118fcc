/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cache of lists: what was kept comes back for the same file and for no other, and a cache file
 * that is not whole counts as none.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "storage/list_cache.h"
#include "tests/support/temp_store.h"

#define DUMPS 50
#define MAKER 77

struct fixture {
	char *directory;
	struct store *store;
	struct store_list list;
};

static char *path_of(const struct fixture *fixture, const char *file)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", fixture->directory, file) > 0);
	return path;
}

/* Lists the store anew; all files count as long unchanged. */
static void list_again(struct fixture *fixture)
{
	store_list_done(&fixture->list);
	assert_int_equal(store_list(fixture->store, &fixture->list), 0);
	for (size_t i = 0; i < fixture->list.count; i++)
		fixture->list.entries[i].changed_ns -= 3600000000000LL;
}

/* Pairs of dumps have the same time. */
static void put_dump(const struct fixture *fixture, unsigned number)
{
	AUTO_FREE char *path = NULL;
	char file[100];

	snprintf(file, sizeof(file), "20261121T2346%02u.123Z_shop_p_c_exit_%012x.igrec", number / 2,
		 number);
	path = path_of(fixture, file);
	file_write(path, "dump", 4);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->directory = temp_directory_new();
	assert_int_equal(store_open(fixture->directory, false, &fixture->store), 0);
	for (unsigned i = 0; i < DUMPS; i++)
		put_dump(fixture, i);
	list_again(fixture);
	assert_int_equal(fixture->list.count, DUMPS);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	store_list_done(&fixture->list);
	store_close(fixture->store);
	temp_directory_remove(fixture->directory);
	free(fixture);
	return 0;
}

static struct list_cache *open_cache(struct fixture *fixture, uint64_t maker)
{
	struct list_cache *cache;

	assert_int_equal(list_cache_open(fixture->store, &fixture->list, maker, &cache), 0);
	return cache;
}

/* Keeps each dump's id for it, and saves. */
static void keep_all(struct fixture *fixture)
{
	struct list_cache *cache = open_cache(fixture, MAKER);

	for (size_t i = 0; i < fixture->list.count; i++)
		assert_int_equal(list_cache_put(cache, i, fixture->list.entries[i].id, 12), 0);
	assert_int_equal(list_cache_save(cache), 0);
	list_cache_close(cache);
}

/* How many entries the cache file knows; each must be right. */
static size_t known(struct fixture *fixture, uint64_t maker)
{
	struct list_cache *cache = open_cache(fixture, maker);
	size_t count = 0, bytes;

	for (size_t i = 0; i < fixture->list.count; i++) {
		const char *kept = list_cache_get(cache, i, &bytes);

		if (!kept)
			continue;
		assert_int_equal(bytes, 12);
		assert_memory_equal(kept, fixture->list.entries[i].id, 12);
		count++;
	}
	list_cache_close(cache);
	return count;
}

static void comes_back(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(known(fixture, MAKER), 0);
	keep_all(fixture);
	assert_int_equal(known(fixture, MAKER), DUMPS);
	assert_int_equal(known(fixture, MAKER + 1), 0);
	list_again(fixture);
	assert_int_equal(fixture->list.count, DUMPS); /* the cache is no dump */
	assert_int_equal(known(fixture, MAKER), DUMPS);
}

/* Each change of a file makes its row unknown; gone and new files leave the others alone. */
static void changed_files(void **state)
{
	struct fixture *fixture = *state;
	struct store_entry *entries;

	keep_all(fixture);
	entries = fixture->list.entries;
	entries[0].bytes++;
	entries[7].inode++;
	entries[DUMPS - 1].changed_ns++;
	assert_int_equal(known(fixture, MAKER), DUMPS - 3);
	assert_int_equal(store_remove(fixture->store, entries[3].file), 0);
	put_dump(fixture, DUMPS + 1);
	list_again(fixture);
	assert_int_equal(fixture->list.count, DUMPS);
	assert_int_equal(known(fixture, MAKER), DUMPS - 1);
}

/* A file could change once more within the clock's step. */
static void fresh_files_are_not_kept(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < fixture->list.count; i++)
		fixture->list.entries[i].changed_ns += 3600000000000LL;
	keep_all(fixture);
	assert_int_equal(known(fixture, MAKER), 0);
}

/* No cut and no flip of the cache file leads to a wrong row. */
static void damaged_cache(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *path = path_of(fixture, ".list-cache");
	AUTO_FREE unsigned char *file = NULL;
	size_t bytes;

	keep_all(fixture);
	file = file_read(path, &bytes);
	for (size_t at = 0; at < bytes; at += 13) {
		file[at] ^= 0x10;
		file_write(path, file, bytes);
		assert_int_equal(known(fixture, MAKER), 0);
		file[at] ^= 0x10;
		file_write(path, file, at);
		assert_int_equal(known(fixture, MAKER), 0);
	}
	file_write(path, file, bytes);
	assert_int_equal(known(fixture, MAKER), DUMPS);
	keep_all(fixture);
	assert_int_equal(temp_directory_count(fixture->directory), DUMPS + 1);
}

/* Not read through a link, and in its place a file that is none. */
static void odd_cache_files(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *path = path_of(fixture, ".list-cache");
	AUTO_FREE char *other = path_of(fixture, "other");

	keep_all(fixture);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink("other", path), 0);
	assert_int_equal(known(fixture, MAKER), 0);
	keep_all(fixture);
	assert_int_equal(known(fixture, MAKER), DUMPS);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(known(fixture, MAKER), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changed_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fresh_files_are_not_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_cache, set_up, tear_down),
		cmocka_unit_test_setup_teardown(odd_cache_files, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
