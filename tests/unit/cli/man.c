/* SPDX-License-Identifier: Apache-2.0 */
/* The man pages say what the tables of verbs, options and settings say. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/config.h"

static char *read_page(const char *name)
{
	AUTO_FCLOSE FILE *file = NULL;
	char path[4096];
	char *text = calloc(1, 1 << 17);

	snprintf(path, sizeof(path), "%s/%s", MAN_DIR, name);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_true(fread(text, 1, (1 << 17) - 1, file) > 0);
	return text;
}

/* The rest of the page from the line that starts with this text, with a word's end behind it. */
static const char *find_line(const char *page, const char *start)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "\n%s", start);
	for (const char *at = page; (at = strstr(at, wanted)); at++) {
		char after = at[strlen(wanted)];

		if (after == ' ' || after == '\n')
			return at + 1;
	}
	return NULL;
}

/* A copy of the text up to the next line that starts with `end`. */
static char *part_until(const char *from, const char *end)
{
	const char *stop = strstr(from + 1, end);

	return stop ? strndup(from, (size_t)(stop - from)) : strdup(from);
}

static void check_options(const struct verb *verb, const char *part, const char *shared)
{
	for (const struct option_spec *spec = verb->options; spec->name; spec++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "-%s", spec->name);
		if (!strstr(part, wanted) && !strstr(shared, wanted))
			fail_msg("igrec(1) does not have --%s of %s", spec->name, verb->name);
	}
}

static void test_verbs(void **state)
{
	AUTO_FREE char *page = read_page("igrec.1");
	AUTO_FREE char *shared = part_until(find_line(page, ".Ss Options of verbs"), "\n.Sh ");
	const char *section = find_line(page, ".Sh VERBS");

	for (const struct verb *verb = verbs; verb->name; verb++) {
		AUTO_FREE char *part = NULL;
		const char *start;
		char item[64];

		snprintf(item, sizeof(item), ".It Cm %s", verb->name);
		start = find_line(section, item);
		if (!start)
			fail_msg("igrec(1) does not have the verb %s", verb->name);
		part = part_until(start, "\n.It Cm ");
		check_options(verb, part, shared);
	}
}

static void test_global_options(void **state)
{
	AUTO_FREE char *page = read_page("igrec.1");

	for (const struct option_spec *spec = options_global; spec->name; spec++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "-%s", spec->name);
		if (!strstr(page, wanted))
			fail_msg("igrec(1) does not have --%s", spec->name);
	}
}

static size_t check_policy_keys(const char *page)
{
	AUTO_FREE char *section = NULL;
	const char *start = find_line(page, ".Ss Sections policy NAME");
	size_t count;
	const struct config_key *keys = config_policy_keys(&count);

	assert_non_null(start);
	section = part_until(start, "\n.Ss ");
	for (size_t i = 0; i < count; i++) {
		char text[256];

		snprintf(text, sizeof(text), ".It Cm %s", keys[i].name);
		if (!find_line(section, text))
			fail_msg("igrec.conf(5) does not have a policy's %s", keys[i].name);
	}
	return count;
}

/* Only what the table has, and every key of it with its default. */
static void test_settings(void **state)
{
	AUTO_FREE char *page = read_page("igrec.conf.5");
	size_t count, documented = 0;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++) {
		AUTO_FREE char *section = NULL;
		AUTO_FREE char *part = NULL;
		const char *start;
		char text[256];

		snprintf(text, sizeof(text), ".Ss Section %s", keys[i].section);
		start = find_line(page, text);
		assert_non_null(start);
		section = part_until(start, "\n.Ss ");
		snprintf(text, sizeof(text), ".It Cm %s", keys[i].name);
		start = find_line(section, text);
		if (!start)
			fail_msg("igrec.conf(5) does not have %s.%s", keys[i].section,
				 keys[i].name);
		part = part_until(start, "\n.It Cm ");
		snprintf(text, sizeof(text), ".Dq %s ", keys[i].preset);
		if (keys[i].preset[0] && !strstr(part, text))
			fail_msg("igrec.conf(5) does not have the default of %s.%s",
				 keys[i].section, keys[i].name);
	}
	for (const char *at = page; (at = strstr(at, "\n.It Cm ")); at++)
		documented++;
	assert_int_equal(documented, count + check_policy_keys(page));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_global_options),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
