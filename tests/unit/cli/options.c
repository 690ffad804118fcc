/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: what is understood, and what is refused before anything is done. */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "cli/verb_list.h"
#include "cli/verb_replay.h"
#include "cli/verbs.h"
#include "common/cleanup.h"

#define ARGS_MAX 12

/* argv of a row that ends with NULL, with the verb's name in front. */
static int make_argv(const char *verb, const char *const *args, char **ret)
{
	int argc = 0;

	ret[argc++] = (char *)verb;
	for (; *args; args++)
		ret[argc++] = (char *)*args;
	ret[argc] = NULL;
	return argc;
}

static int parse_replay(const char *const *args, struct replay_query *ret)
{
	static struct cli cli;
	static char *argv[ARGS_MAX + 2];
	int argc = make_argv("replay", args, argv);

	return replay_parse(&cli, argc, argv, ret);
}

static void test_replay_good(void **state)
{
	struct replay_query query;
	static const char *const args[] = {
		"crash-app", "--last", "2s",	   "-e",  "openat,%network",
		"-o",	     "wide",   "--failed", "-p1", NULL};

	assert_int_equal(parse_replay(args, &query), OPTIONS_END);
	assert_string_equal(query.common.target.text, "crash-app");
	assert_int_equal(query.common.target.previous, 1);
	assert_int_equal(query.format, REPLAY_WIDE);
	assert_int_equal(query.filter.count, 3);
	assert_int_equal(query.filter.conditions[0].key, FILTER_LAST);
	assert_string_equal(query.filter.conditions[0].value, "2s");
	assert_int_equal(query.filter.conditions[1].key, FILTER_SYSCALL);
	assert_int_equal(query.filter.conditions[2].key, FILTER_FAILED);
}

static void test_replay_json(void **state)
{
	struct replay_query query;

	assert_int_equal(parse_replay((const char *const[]){"--json", NULL}, &query), OPTIONS_END);
	assert_int_equal(query.format, REPLAY_JSON);
	assert_null(query.common.target.text);
}

static void test_replay_refused(void **state)
{
	static const char *const rows[][4] = {
		{"--last", "2"},
		{"--last"},
		{"--last", "soon"},
		{"-o", "xml"},
		{"--errno", "EFOO"},
		{"--syscall", "frobnicate"},
		{"--syscall", "%frob"},
		{"--slow", "-1ms"},
		{"--lane", "fast"},
		{"--pid", "init"},
		{"--previous", "-1"},
		{"--previous", "one"},
		{"--frobnicate"},
		{"-z"},
		{"a", "b"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct replay_query query;

		print_message("%s %s\n", rows[i][0], rows[i][1] ? rows[i][1] : "");
		assert_int_equal(parse_replay(rows[i], &query), OPTIONS_BAD);
	}
}

static int parse_list(const char *const *args, struct list_query *ret)
{
	static struct cli cli;
	static char *argv[ARGS_MAX + 2];
	int argc = make_argv("list", args, argv);

	return list_parse(&cli, argc, argv, ret);
}

static void test_list(void **state)
{
	static const char *const refused[][4] = {{"-n", "0"},	    {"-n", "x"}, {"--since", "now"},
						 {"--kind", "bad"}, {"a", "b"},	 {"--all"}};
	static const char *const args[] = {"-n",  "3",	     "--namespace", "shop", "--kind",
					   "oom", "--since", "1h",	    "app",  NULL};
	struct list_query query;

	assert_int_equal(parse_list(args, &query), OPTIONS_END);
	assert_int_equal(query.number, 3);
	assert_string_equal(query.target, "app");
	assert_true(query.since_ns > 0);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		assert_int_equal(parse_list(refused[i], &query), OPTIONS_BAD);
}

static void test_list_wants(void **state)
{
	const struct store_entry entry = {.namespace = (char *)"shop",
					  .pod = (char *)"p",
					  .container = (char *)"c",
					  .kind = (char *)"oom",
					  .time_ns = 100};
	struct list_query query = {.since_ns = INT64_MIN};

	assert_true(list_wants(&query, &entry));
	query.since_ns = 101;
	assert_false(list_wants(&query, &entry));
	query = (struct list_query){.namespace = "shop", .kind = "oom"};
	assert_true(list_wants(&query, &entry));
	query.kind = "exit";
	assert_false(list_wants(&query, &entry));
	query = (struct list_query){.namespace = "sho"};
	assert_false(list_wants(&query, &entry));
}

/* Global options are taken wherever they stand, and the verb's own table is not disturbed. */
static void test_global(void **state)
{
	struct cli cli = {0};
	struct list_query query;
	char *argv[] = {(char *)"list",	    (char *)"--store", (char *)"/s", (char *)"app",
			(char *)"--config", (char *)"/c",      NULL};

	assert_int_equal(list_parse(&cli, 6, argv, &query), OPTIONS_END);
	assert_string_equal(cli.store_path, "/s");
	assert_string_equal(cli.config_path, "/c");
	assert_string_equal(query.target, "app");
}

static void test_relative_store(void **state)
{
	struct cli cli = {.config_path = "/dev/null", .store_path = "dumps"};

	assert_int_equal(cli_load_config(&cli), CLI_DONE);
	assert_int_equal(cli.config.store[0], '/');
	assert_non_null(strstr(cli.config.store, "/dumps"));
}

static void test_bad_config(void **state)
{
	struct cli missing = {.config_path = "/nonexistent/igrec.conf"};
	static char path[CONFIG_SOCKET_BYTES + 1];
	struct cli socket = {.config_path = "/dev/null", .socket_path = path};

	memset(path, '/', sizeof(path) - 1);
	assert_int_equal(cli_load_config(&missing), CLI_FAILED);
	assert_int_equal(cli_load_config(&socket), CLI_FAILED);
}

/* Each verb says no to what it does not know; none of them touches anything before that. */
static void test_every_verb_refuses_unknown_options(void **state)
{
	for (const struct verb *verb = verbs; verb->name; verb++) {
		struct cli cli = {.config_path = "/dev/null"};
		char *argv[] = {(char *)verb->name, (char *)"--no-such-option", NULL};

		print_message("%s\n", verb->name);
		assert_int_equal(verb->run(&cli, 2, argv), CLI_USAGE);
	}
}

static void test_tables_fit(void **state)
{
	for (const struct verb *verb = verbs; verb->name; verb++) {
		size_t count = 0;

		for (const struct option_spec *spec = verb->options; spec->name; spec++, count++) {
			assert_non_null(spec->help);
			for (const struct option_spec *g = options_global; g->name; g++)
				assert_string_not_equal(g->name, spec->name);
		}
		assert_true(count + 4 < OPTIONS_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replay_good),
		cmocka_unit_test(test_replay_json),
		cmocka_unit_test(test_replay_refused),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_list_wants),
		cmocka_unit_test(test_global),
		cmocka_unit_test(test_relative_store),
		cmocka_unit_test(test_bad_config),
		cmocka_unit_test(test_every_verb_refuses_unknown_options),
		cmocka_unit_test(test_tables_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
