/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The retention plan: examples, and properties that hold for any store.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/statvfs.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "storage/retention.h"

#define S   1000000000LL
#define NOW (1000 * S)

/* "a3:10" is workload a, at second 3, 10 bytes; blanks separate. Newest first, as a list is. */
static struct store_list list_of(const char *text)
{
	struct store_list list = {.entries = calloc(64, sizeof(*list.entries))};
	int used;

	for (; *text; text += used) {
		struct store_entry *entry = &list.entries[list.count++];
		char workload;
		unsigned second, bytes;

		assert_int_equal(sscanf(text, " %c%u:%u%n", &workload, &second, &bytes, &used), 3);
		assert_true(asprintf(&entry->file, "%c%u", workload, second) > 0);
		assert_true(asprintf(&entry->pod, "%c", workload) > 0);
		entry->namespace = strdup("n");
		entry->container = strdup("c");
		entry->time_ns = second * S;
		entry->bytes = bytes;
	}
	return list;
}

/* The plan as "file(reason) ..." in the order of removal. */
static char *text_of(const struct store_list *list, const struct retention_plan *plan)
{
	char *text = strdup("");

	for (size_t i = 0; i < plan->count; i++) {
		char *longer = NULL;

		assert_true(asprintf(&longer, "%s%s%s(%s)", text, i ? " " : "",
				     list->entries[plan->remove[i]].file, plan->reason[i]) >= 0);
		free(text);
		text = longer;
	}
	return text;
}

static void examples(void **state)
{
	static const struct {
		const char *list;
		struct retention_limits limits;
		uint64_t available;
		const char *wanted;
	} cases[] = {
		{"", {1, 1, 1, 1}, 0, ""},
		{"a3:10 a2:10 a1:10", {}, 0, ""},
		{"a3:10 a2:10 a1:10", {.total_bytes = 30}, 0, ""},
		/* The middle first, its oldest before its newer. */
		{"a5:10 a4:10 a3:10 a2:10 a1:10",
		 {.total_bytes = 20},
		 0,
		 "a2(size) a3(size) a4(size)"},
		/* Then the newest, then the first. */
		{"a3:10 a2:10 a1:10", {.total_bytes = 10}, 0, "a2(size) a3(size)"},
		{"a3:10 a2:10 a1:10", {.total_bytes = 5}, 0, "a2(size) a3(size) a1(size)"},
		/* A repeat goes before any workload's first. */
		{"b9:10 b8:10 a2:10", {.total_bytes = 20}, 0, "b9(size)"},
		/* The workload with most dumps gives first, and no other loses its only dump. */
		{"b9:10 a4:10 a3:10 a2:10 a1:10",
		 {.total_bytes = 20},
		 0,
		 "a2(size) a3(size) a4(size)"},
		/* Of as many dumps, the larger. */
		{"b6:20 b5:20 b4:20 a3:10 a2:10 a1:10", {.total_bytes = 80}, 0, "b5(size)"},
		/* Only dumps left: the oldest. */
		{"c3:10 b2:10 a1:10", {.total_bytes = 15}, 0, "a1(size) b2(size)"},
		{"a999:1 a990:1 a10:1", {.age_ns = 20 * S}, 0, "a10(age)"},
		{"a999:1 a980:1", {.age_ns = 20 * S}, 0, ""},
		/* A clock that went back makes nothing old. */
		{"a2000:1", {.age_ns = 1 * S}, 0, ""},
		{"a5:1 a4:1 a3:1 a2:1 a1:1 b1:1",
		 {.per_workload = 3},
		 0,
		 "a2(workload) a3(workload)"},
		{"a3:1 a2:1 a1:1", {.per_workload = 1}, 0, "a2(workload) a1(workload)"},
		{"a3:10 a2:10 a1:10", {.free_bytes = 100}, 95, "a2(space)"},
		{"a3:10 a2:10 a1:10", {.free_bytes = 100}, 75, "a2(space) a3(space) a1(space)"},
		/* Out of reach: others fill the disk. */
		{"a3:10 a2:10 a1:10", {.free_bytes = 100}, 5, "a2(space)"},
		{"a4:10 a3:10 a2:10 a1:10",
		 {.age_ns = 998 * S, .per_workload = 2, .total_bytes = 10},
		 0,
		 "a1(age) a3(workload) a4(size)"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct store_list list = list_of(cases[i].list);
		struct retention_plan plan;
		AUTO_FREE char *text = NULL;

		assert_int_equal(
			retention_plan(&list, &cases[i].limits, cases[i].available, NOW, &plan), 0);
		text = text_of(&list, &plan);
		if (strcmp(text, cases[i].wanted) != 0)
			fail_msg("case %zu: \"%s\" instead of \"%s\"", i, text, cases[i].wanted);
		retention_plan_done(&plan);
		store_list_done(&list);
	}
}

/* A dump to come, "a9", and what goes for 25 bytes of it. */
static void room(void **state)
{
	static const struct {
		const char *list, *coming, *wanted; /* NULL: it is the one to go */
	} cases[] = {
		{"", "a9", NULL},
		/* The first of its workload drives out repeats, then the oldest firsts. */
		{"b3:10 b2:10 b1:10 c1:10", "a9", "b2(room) b3(room) b1(room)"},
		{"c3:10 b2:30 d1:20", "a9", "d1(room) b2(room)"},
		/* The newest of its workload: the one before it is a repeat now. */
		{"a3:30 a1:10 b1:10", "a9", "a3(room)"},
		/* A repeat never drives out a first. */
		{"a3:10 b2:30 c1:20", "a9", NULL},
		{"a3:10 b2:30 c4:30 c1:20", "a9", "c4(room)"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct store_list list = list_of(cases[i].list);
		struct dump_name coming;
		struct retention_plan plan;
		int err;

		dump_name_set(&coming, 9 * S, "n", "a", "c", "exit", "0123456789ab");
		err = retention_plan_room(&list, &coming, 25, &plan);
		assert_int_equal(err, cases[i].wanted ? 0 : -ENOSPC);
		if (!err) {
			AUTO_FREE char *text = text_of(&list, &plan);

			assert_string_equal(text, cases[i].wanted);
			retention_plan_done(&plan);
		}
		store_list_done(&list);
	}
}

static unsigned dice;

static unsigned roll(unsigned below)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % below;
}

static struct store_list random_list(void)
{
	char text[2048] = "";
	unsigned count = roll(40), second = 900;

	for (unsigned i = 0; i < count; i++) {
		size_t used = strlen(text);

		second -= 1 + roll(20);
		snprintf(text + used, sizeof(text) - used, "%s%c%u:%u", i ? " " : "",
			 'a' + (int)roll(5), second, roll(50));
	}
	return list_of(text);
}

static bool is_removed(const struct retention_plan *plan, size_t index)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->remove[i] == index)
			return true;
	}
	return false;
}

static bool same_workload(const struct store_list *list, size_t a, size_t b)
{
	return strcmp(list->entries[a].pod, list->entries[b].pod) == 0;
}

/* Whether the dump is the oldest (direction 1) or newest (-1) of its workload. */
static bool is_end(const struct store_list *list, size_t index, int direction)
{
	for (size_t i = 0; i < list->count; i++) {
		int64_t later = list->entries[index].time_ns - list->entries[i].time_ns;

		if (same_workload(list, index, i) && later * direction > 0)
			return false;
	}
	return true;
}

static void check_sums(const struct store_list *list, const struct retention_limits *limits,
		       const struct retention_plan *plan)
{
	uint64_t kept = 0, removed = 0;

	for (size_t i = 0; i < list->count; i++)
		*(is_removed(plan, i) ? &removed : &kept) += list->entries[i].bytes;
	assert_int_equal(removed, plan->bytes);
	if (limits->total_bytes)
		assert_true(kept <= limits->total_bytes);
	for (size_t i = 0; i < plan->count; i++) {
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(plan->remove[i], plan->remove[j]);
	}
}

/* While a dump of the middle is kept, no first and no newest dump goes, but for its age. */
static void check_ends(const struct store_list *list, const struct retention_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		size_t gone = plan->remove[i];

		if (strcmp(plan->reason[i], "age") == 0)
			continue;
		for (size_t kept = 0; kept < list->count; kept++) {
			if (!same_workload(list, gone, kept) || is_removed(plan, kept))
				continue;
			if (is_end(list, gone, 1) || is_end(list, gone, -1))
				assert_true(is_end(list, kept, 1) || is_end(list, kept, -1));
		}
	}
}

static void check_counts(const struct store_list *list, const struct retention_limits *limits,
			 const struct retention_plan *plan)
{
	for (size_t i = 0; i < list->count; i++) {
		unsigned kept = 0;

		for (size_t j = 0; j < list->count; j++)
			kept += same_workload(list, i, j) && !is_removed(plan, j);
		if (limits->per_workload)
			assert_true(kept <= limits->per_workload);
	}
}

static void properties(void **state)
{
	for (unsigned seed = 1; seed <= 2000; seed++) {
		struct retention_limits limits;
		struct retention_plan plan;
		struct store_list list;

		dice = seed;
		list = random_list();
		limits = (struct retention_limits){
			.total_bytes = roll(2) ? roll(600) : 0,
			.free_bytes = roll(2) ? roll(600) : 0,
			.per_workload = roll(2) ? roll(6) : 0,
		};
		assert_int_equal(retention_plan(&list, &limits, roll(600), NOW, &plan), 0);
		check_sums(&list, &limits, &plan);
		check_ends(&list, &plan);
		check_counts(&list, &limits, &plan);
		retention_plan_done(&plan);
		store_list_done(&list);
	}
}

static void limits_come_from_the_configuration(void **state)
{
	struct retention_limits limits;
	struct config config;
	struct store *store;
	struct statvfs fs;

	config_init(&config);
	config.free_space = (struct config_space){.percent = 10};
	assert_int_equal(store_open(".", false, &store), 0);
	assert_int_equal(statvfs(".", &fs), 0);
	assert_int_equal(retention_limits_of(&config, store, &limits), 0);
	assert_int_equal(limits.total_bytes, config.total_bytes);
	assert_int_equal(limits.age_ns, config.age_ns);
	assert_int_equal(limits.per_workload, config.per_workload);
	assert_int_equal(limits.free_bytes, (uint64_t)fs.f_blocks * fs.f_frsize / 100 * 10);
	store_close(store);
}

static void pods_of_a_deployment_are_one_workload(void **state)
{
	static const char *const pods[] = {"web-7d4b9c5f66-x2v4k", "web-7d4b9c5f66-b9c8d",
					   "web-59f4d5c8b7-zk8sf", "db-0", "db-1"};
	struct store_list list = {.entries = calloc(5, sizeof(*list.entries)), .count = 5};
	struct retention_limits limits = {.per_workload = 2};
	struct retention_plan plan;
	AUTO_FREE char *text = NULL;

	for (size_t i = 0; i < list.count; i++) {
		list.entries[i] = (struct store_entry){
			.file = strdup(pods[i]),
			.namespace = strdup("n"),
			.pod = strdup(pods[i]),
			.container = strdup("c"),
			.time_ns = (int64_t)(9 - i) * S,
		};
	}
	assert_int_equal(retention_plan(&list, &limits, 0, NOW, &plan), 0);
	text = text_of(&list, &plan);
	assert_string_equal(text, "web-7d4b9c5f66-b9c8d(workload)");
	retention_plan_done(&plan);
	store_list_done(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pods_of_a_deployment_are_one_workload),
		cmocka_unit_test(examples),
		cmocka_unit_test(room),
		cmocka_unit_test(properties),
		cmocka_unit_test(limits_come_from_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
