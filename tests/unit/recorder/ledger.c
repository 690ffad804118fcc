/* SPDX-License-Identifier: Apache-2.0 */
/* What one igrecd writes about a container, the next one reads; damage is told, not believed. */
#include "recorder/ledger.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOT	   7
#define GENERATION 42

static struct igrec_ledger entry;

static int set_up(void **state)
{
	struct container *container = container_new(SLOT, 4711, "/kubepods/pod1/abc", 1000);

	assert_non_null(container);
	memset(&entry, 0, sizeof(entry));
	container->generation = GENERATION;
	*state = container;
	return 0;
}

static int tear_down(void **state)
{
	container_free(*state);
	return 0;
}

static void give_names(struct container *container)
{
	container->identity.container = strdup("app \"x\"\n\033[31m");
	container->identity.pod = strdup("web-0");
	container->identity.restart = 3;
	container->named = true;
	container->confirmed = true;
}

static void set_failure(struct failure *failure)
{
	*failure = (struct failure){
		.kind = FAILURE_SIGNAL,
		.signal = 11,
		.core = true,
		.time_ns = 5000000000123,
		.tgid = 99,
		.ns_tgid = 1,
		.comm = "app",
	};
}

static struct container *load(void)
{
	struct container *container = NULL;

	assert_int_equal(ledger_load(&entry, SLOT, GENERATION, &container), 0);
	return container;
}

static void all_of_it_comes_back(void **state)
{
	struct container *container = *state, *again;

	give_names(container);
	container->ended = true;
	container->oom_tgid = 12;
	ledger_save(&entry, container);
	again = load();
	assert_int_equal(again->slot, SLOT);
	assert_int_equal(again->cgroup_id, 4711);
	assert_int_equal(again->seen_ns, 1000);
	assert_string_equal(again->path, "/kubepods/pod1/abc");
	assert_true(again->confirmed && again->named && again->ended && !again->pending);
	assert_int_equal(again->oom_tgid, 12);
	assert_string_equal(again->identity.container, container->identity.container);
	assert_string_equal(again->identity.pod, "web-0");
	assert_null(again->identity.image);
	assert_int_equal(again->identity.restart, 3);
	container_free(again);
}

/* Waiting for its snapshot, or for its dump to be written: the next igrecd has to dump it. */
static void failures_are_pending_again(void **state)
{
	struct container *container = *state, *again;

	for (int written = 0; written < 2; written++) {
		container->pending = !written;
		container->writing = written;
		set_failure(written ? &container->unwritten : &container->failure);
		ledger_save(&entry, container);
		again = load();
		assert_true(again->pending && again->failure.late && again->failure.core);
		assert_int_equal(again->failure.kind, FAILURE_SIGNAL);
		assert_int_equal(again->failure.signal, 11);
		assert_int_equal(again->failure.time_ns, 5000000000123);
		assert_int_equal(again->failure.tgid, 99);
		assert_string_equal(again->failure.comm, "app");
		container_free(again);
	}
	container->writing = 0;
	ledger_save(&entry, container);
	again = load();
	assert_false(again->pending);
	container_free(again);
}

static void other_generations_are_not_believed(void **state)
{
	struct container *again;

	ledger_save(&entry, *state);
	assert_int_equal(ledger_load(&entry, SLOT, GENERATION + 1, &again), -ENOENT);
	ledger_clear(&entry);
	assert_int_equal(ledger_load(&entry, SLOT, GENERATION, &again), -ENOENT);
}

static void names_too_long_are_left_out(void **state)
{
	struct container *container = *state, *again;

	give_names(container);
	container->identity.image = malloc(8000);
	assert_non_null(container->identity.image);
	memset(container->identity.image, 'x', 7999);
	container->identity.image[7999] = 0;
	ledger_save(&entry, container);
	again = load();
	assert_true(again->confirmed && !again->named);
	container_free(again);
}

/* Any byte may be lost when a machine's memory is damaged: nothing crashes, nothing leaks. */
static void damage_is_told(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{\"generation\":42}",
		"{\"generation\":42,\"path\":7}",
		"{\"generation\":42,\"path\":\"/a\",\"failure\":{\"kind\":\"nonsense\"}}",
	};
	struct container *again;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		entry.bytes = strlen(texts[i]);
		memcpy(entry.text, texts[i], strlen(texts[i]));
		assert_int_not_equal(ledger_load(&entry, SLOT, GENERATION, &again), 0);
	}
	entry.bytes = sizeof(entry.text) + 1;
	assert_int_equal(ledger_load(&entry, SLOT, GENERATION, &again), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_of_it_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failures_are_pending_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_generations_are_not_believed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(names_too_long_are_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_is_told, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
