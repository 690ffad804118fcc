/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's directory: what is listed, removed and published.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "storage/retention.h"
#include "storage/store.h"
#include "tests/support/temp_store.h"

#define OLD    "20200101T000000.000Z_shop_cart_app_exit_00000000000a.igrec"
#define MIDDLE "20210101T000000.000Z_shop_cart_app_oom_00000000000b.igrec"
#define NEW    "20220101T000000.000Z_-_-_app_signal_00000000000c.igrec"

struct fixture {
	char *directory;
	struct store *store;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->directory = temp_directory_new();
	*state = fixture;
	return store_open(fixture->directory, false, &fixture->store);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	store_close(fixture->store);
	temp_directory_remove(fixture->directory);
	free(fixture);
	return 0;
}

static void put(const struct fixture *fixture, const char *file, size_t bytes)
{
	AUTO_FREE char *path = NULL, *data = calloc(1, bytes + 1);

	assert_true(asprintf(&path, "%s/%s", fixture->directory, file) > 0);
	file_write(path, data, bytes);
}

static void refuses_a_directory_of_all(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = NULL;

	assert_int_equal(chmod(fixture->directory, 0777), 0);
	assert_int_equal(store_open(fixture->directory, true, &store), -EPERM);
	assert_null(store);
	/* Reading is no risk, and with the sticky bit nobody can replace another's file. */
	assert_int_equal(store_open(fixture->directory, false, &store), 0);
	store_close(store);
	assert_int_equal(chmod(fixture->directory, 01777), 0);
	assert_int_equal(store_open(fixture->directory, true, &store), 0);
	store_close(store);
}

static void opens(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *path = NULL;
	struct store *store = NULL;
	struct stat info;

	assert_true(asprintf(&path, "%s/new", fixture->directory) > 0);
	assert_int_equal(store_open(path, false, &store), -ENOENT);
	assert_null(store);
	umask(077);
	assert_int_equal(store_open(path, true, &store), 0);
	umask(022);
	assert_string_equal(store_path(store), path);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0750);
	store_close(store);
	assert_int_equal(store_open(path, true, &store), 0);
	store_close(store);
	rmdir(path);
	file_write(path, "", 0);
	assert_int_equal(store_open(path, true, &store), -ENOTDIR);
}

static void lists_dumps_only(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *link = NULL, *directory = NULL;
	struct store_list list;

	assert_int_equal(store_list(fixture->store, &list), 0);
	assert_int_equal(list.count, 0);
	store_list_done(&list);

	put(fixture, MIDDLE, 20);
	put(fixture, NEW, 30);
	put(fixture, OLD, 10);
	put(fixture, ".tmp-0123", 5);
	put(fixture, "README", 5);
	assert_true(asprintf(&link, "%s/20230101T000000.000Z_s_p_c_exit_00000000000d.igrec",
			     fixture->directory) > 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_true(asprintf(&directory, "%s/20230101T000000.000Z_s_p_c_exit_00000000000e.igrec",
			     fixture->directory) > 0);
	assert_int_equal(mkdir(directory, 0700), 0);

	assert_int_equal(store_list(fixture->store, &list), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.entries[0].file, NEW);
	assert_string_equal(list.entries[1].file, MIDDLE);
	assert_string_equal(list.entries[2].file, OLD);
	assert_int_equal(list.entries[0].bytes, 30);
	assert_string_equal(list.entries[0].namespace, "");
	assert_string_equal(list.entries[0].kind, "signal");
	assert_string_equal(list.entries[1].pod, "cart");
	assert_string_equal(list.entries[1].id, "00000000000b");
	assert_int_equal(list.entries[2].time_ns, 1577836800000000000);
	store_list_done(&list);
}

static void publishes(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *temp = NULL, *second = NULL, *path = NULL;
	struct store_list list;
	struct stat info;

	umask(077);
	assert_int_equal(store_temp_new(fixture->store, &temp), 0);
	umask(022);
	assert_int_equal(stat(temp, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0640);
	assert_int_equal(store_list(fixture->store, &list), 0);
	assert_int_equal(list.count, 0);
	store_list_done(&list);

	assert_int_equal(store_temp_commit(fixture->store, temp, NEW), 0);
	assert_int_equal(access(temp, F_OK), -1);
	assert_true(asprintf(&path, "%s/" NEW, fixture->directory) > 0);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0640);

	/* An existing dump is not replaced, a name that is no dump's is not made. */
	assert_int_equal(store_temp_new(fixture->store, &second), 0);
	assert_int_equal(store_temp_commit(fixture->store, second, NEW), -EEXIST);
	free(second);
	second = NULL;
	assert_int_equal(store_temp_new(fixture->store, &second), 0);
	assert_int_equal(store_temp_commit(fixture->store, second, "x/y"), -EINVAL);
	assert_int_equal(temp_directory_count(fixture->directory), 1);
}

/* A directory that somebody removed is made anew; one that somebody made anew is used. */
static void outlives_its_directory(void **state)
{
	static const char *const files[] = {OLD, NEW};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP(store_list_done) struct store_list list = {};
		AUTO_FREE char *temp = NULL;

		assert_int_equal(rmdir(fixture->directory), 0);
		if (i)
			assert_int_equal(mkdir(fixture->directory, 0750), 0);
		assert_int_equal(store_temp_new(fixture->store, &temp), 0);
		assert_int_equal(store_temp_commit(fixture->store, temp, files[i]), 0);
		assert_int_equal(store_list(fixture->store, &list), 0);
		assert_int_equal(list.count, 1);
		assert_int_equal(store_remove(fixture->store, files[i]), 0);
	}
}

static void cleans_and_removes(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *one = NULL, *two = NULL;

	put(fixture, OLD, 10);
	assert_int_equal(store_temp_new(fixture->store, &one), 0);
	assert_int_equal(store_temp_new(fixture->store, &two), 0);
	assert_int_equal(store_clean(fixture->store), 2);
	assert_int_equal(store_clean(fixture->store), 0);
	assert_int_equal(temp_directory_count(fixture->directory), 1);
	assert_int_equal(store_remove(fixture->store, "../" OLD), -EINVAL);
	assert_int_equal(store_remove(fixture->store, OLD), 0);
	assert_int_equal(store_remove(fixture->store, OLD), 0);
	assert_int_equal(temp_directory_count(fixture->directory), 0);
}

static void retention_removes_files(void **state)
{
	struct fixture *fixture = *state;
	struct retention_limits limits = {.total_bytes = 35};
	struct store_list list;

	put(fixture, OLD, 10);
	put(fixture, MIDDLE, 20);
	put(fixture, NEW, 30);
	assert_int_equal(retention_run(fixture->store, &limits), 2);
	assert_int_equal(store_list(fixture->store, &list), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.entries[0].file, NEW);
	store_list_done(&list);
	assert_int_equal(retention_run(fixture->store, &limits), 0);
	limits = (struct retention_limits){.age_ns = 3600000000000};
	assert_int_equal(retention_run(fixture->store, &limits), 1);
}

static void knows_the_space(void **state)
{
	struct fixture *fixture = *state;
	uint64_t bytes = 0;

	assert_int_equal(store_available(fixture->store, &bytes), 0);
	assert_true(bytes > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opens, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_a_directory_of_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lists_dumps_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(publishes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(outlives_its_directory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cleans_and_removes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(retention_removes_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(knows_the_space, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
