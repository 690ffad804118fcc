/* SPDX-License-Identifier: Apache-2.0 */
/* Which dumps a TARGET means. */
#include "cli/target.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "cli/target.h"
#include "common/cleanup.h"
#include "tests/support/temp_store.h"

#define ENTRY(file_, namespace_, pod_, container_, id_)                                            \
	{                                                                                          \
		.file = (char *)(file_), .namespace = (char *)(namespace_), .pod = (char *)(pod_), \
		.container = (char *)(container_), .id = (char *)(id_)                             \
	}

static struct store_entry entries[] = {
	ENTRY("a.igrec", "shop", "cart-1", "app", "aa11"),
	ENTRY("b.igrec", "shop", "cart-1", "proxy", "ab22"),
	ENTRY("c.igrec", "bank", "cart-1", "app", "cc33"),
	ENTRY("d.igrec", "", "", "crash-app", "ca5e"),
	ENTRY("e.igrec", "", "", "cc33", "ee55"),
	ENTRY("f.igrec", "shop", "cart-1", "app", "ff66"),
	ENTRY("g.igrec", "", "", "a-b", "9977"),
};
static const struct store_list list = {entries, ARRAY_SIZE(entries)};

static const struct {
	const char *text;
	const char *matches; /* first letters of the files */
	unsigned workloads;
} rows[] = {
	{"c.igrec", "c", 1},
	{"crash-app", "d", 1},
	{"app", "acf", 2},
	{"proxy", "b", 1},
	{"cart-1", "abcf", 2},
	{"shop/cart-1", "abf", 2},
	{"shop/cart-1/app", "af", 1},
	{"shop/cart-1/ap", "", 0},
	{"shop", "", 0},
	{"/cart-1", "", 0},
	{"aa", "a", 1},
	{"a", "ab", 2},
	{"aa11", "a", 1},
	{"aa112", "", 0},
	{"cc33", "e", 1}, /* a name goes before an id */
	{"cc3", "c", 1},
	{"a/b", "", 0},
	{"crash", "", 0},
	{"", "", 0},
};

static void test_match(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t indexes[ARRAY_SIZE(entries)];
		char letters[ARRAY_SIZE(entries) + 1] = "";
		size_t count = target_match(&list, rows[i].text, indexes);

		print_message("%s\n", rows[i].text);
		for (size_t j = 0; j < count; j++)
			letters[j] = entries[indexes[j]].file[0];
		assert_string_equal(letters, rows[i].matches);
		assert_int_equal(target_workloads(&list, indexes, count), rows[i].workloads);
	}
}

/* What file names cannot hold matches what they hold of it. */
static void test_reduced_name(void **state)
{
	struct store_entry entry = ENTRY("a.igrec", "", "", "my_odd-name", "aa11");
	struct store_list one = {&entry, 1};
	size_t index;

	entry.container = (char *)"";
	assert_int_equal(target_match(&one, "", &index), 0);
}

static enum cli_status resolve(const char *store, const struct target *target,
			       struct target_paths *ret)
{
	struct cli cli = {.config_path = "/dev/null", .store_path = store};

	return target_resolve(&cli, target, ret);
}

static void test_resolve(void **state)
{
	char *store = temp_directory_new();
	char *path = sample_dump_new(store, 10);
	static const char *const good[] = {NULL, "crash-app", "shop/crash-app-7d4b9c6f5-x2x7q",
					   "shop/crash-app-7d4b9c6f5-x2x7q/crash-app",
					   "crash-app-7d4b9c6f5-x2x7q"};
	struct target_paths paths = {0};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(resolve(store, &(struct target){.text = good[i]}, &paths),
				 CLI_DONE);
		assert_int_equal(paths.count, 1);
		assert_string_equal(paths.paths[0], path);
		target_paths_done(&paths);
	}
	assert_int_equal(resolve(store, &(struct target){.text = path}, &paths), CLI_DONE);
	assert_string_equal(paths.paths[0], path);
	target_paths_done(&paths);
	assert_int_equal(resolve(store, &(struct target){.text = "crash-app", .all = true}, &paths),
			 CLI_DONE);
	assert_int_equal(paths.count, 1);
	target_paths_done(&paths);
	free(path);
	temp_directory_remove(store);
}

static void test_resolve_nothing(void **state)
{
	char *store = temp_directory_new();
	char *path;
	struct target_paths paths = {0};

	assert_int_equal(resolve(store, &(struct target){0}, &paths), CLI_NO_MATCH);
	path = sample_dump_new(store, 10);
	assert_int_equal(resolve(store, &(struct target){.text = "foo"}, &paths), CLI_NO_MATCH);
	assert_int_equal(
		resolve(store, &(struct target){.text = "crash-app", .previous = 1}, &paths),
		CLI_NO_MATCH);
	assert_int_equal(resolve(store, &(struct target){.text = path, .previous = 1}, &paths),
			 CLI_USAGE);
	assert_int_equal(resolve(store, &(struct target){.text = "./foo.igrec"}, &paths),
			 CLI_FAILED);
	assert_int_equal(resolve("/nonexistent", &(struct target){0}, &paths), CLI_FAILED);
	assert_int_equal(paths.count, 0);
	free(path);
	temp_directory_remove(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_reduced_name),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_resolve_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
