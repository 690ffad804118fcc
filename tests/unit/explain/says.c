/* SPDX-License-Identifier: Apache-2.0 */
/* What messages of real programs say. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

#include "explain/says.h"

static void errnos_are_said_in_many_ways(void **state)
{
	static const struct {
		const char *text;
		int error;
		bool said, exactly;
	} rows[] = {
		{"cat: /x: No such file or directory", ENOENT, true, true},
		{"[Errno 2] no such file", ENOENT, true, true},
		{"Error: ENOENT: missing", ENOENT, true, true},
		{"open() failed (2: gone)", ENOENT, true, true},
		{"(13: Permission denied)", ENOENT, false, false},
		{"os error 22", ENOENT, false, false},
		{"config not found", ENOENT, true, false},
		{"all is well", ENOENT, false, false},
		{"dial tcp 10.0.0.1:80: connect: connection refused", ECONNREFUSED, true, true},
		{"could not connect to server", ECONNREFUSED, true, false},
		{"mount: /mnt: permission denied.", EPERM, true, true},
		{"EPERMISSIVE", EPERM, false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (says_errno(rows[i].text, rows[i].error) != rows[i].said)
			fail_msg("says_errno: %s", rows[i].text);
		if (says_errno_exactly(rows[i].text, rows[i].error) != rows[i].exactly)
			fail_msg("says_errno_exactly: %s", rows[i].text);
	}
}

static void objects_are_named_whole_or_in_part(void **state)
{
	static const struct {
		const char *text, *object;
		bool said;
	} rows[] = {
		{"cannot open '/etc/app.conf'", "/etc/app.conf", true},
		{"cannot open app.conf", "/etc/app.conf", true},
		{"cannot open myapp.config", "/etc/app.conf", false},
		{"cannot open a", "/etc/a", false},
		{"bind() to 0.0.0.0:80 failed", "0.0.0.0:80", true},
		{"cannot bind port 8080", "0.0.0.0:8080", true},
		{"cannot bind port 18080", "0.0.0.0:8080", false},
		{"host 10.1.2.3 is down", "10.1.2.3:443", true},
		{"host 127.0.0.1 is down", "127.0.0.1:443", false},
		{"anything", "", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (says_object(rows[i].text, rows[i].object) != rows[i].said)
			fail_msg("says_object: %s, %s", rows[i].text, rows[i].object);
	}
}

static void warnings_are_told_from_errors(void **state)
{
	static const struct {
		const char *line;
		enum tone tone;
	} rows[] = {
		{"listening on port 80", TONE_PLAIN},
		{"[warn] could not open /x, using defaults", TONE_WARNING},
		{"error: cannot open /x", TONE_ERROR},
		{"2026/01/01 [emerg] bind() failed", TONE_FATAL},
		{"panic: runtime error", TONE_FATAL},
		{"[ERROR] Aborting", TONE_CLOSING},
		{"error: no port\nAborting", TONE_ERROR},
		{"FATAL: cannot open license, exiting", TONE_FATAL},
		{"could not open license, aborting", TONE_ERROR},
		{"FATAL: exiting", TONE_CLOSING},
		{"error: aborting", TONE_CLOSING},
		{"Error: Could not create the Java Virtual Machine.", TONE_CLOSING},
		{"  File \"/usr/lib/error.py\", line 1", TONE_PLAIN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (says_tone(rows[i].line, strlen(rows[i].line)) != rows[i].tone)
			fail_msg("%s", rows[i].line);
	}
}

static void places_in_files(void **state)
{
	assert_true(says_position("/etc/a.conf:12: stray", "/etc/a.conf"));
	assert_true(says_position("a.conf, line 3: stray", "/etc/a.conf"));
	assert_false(says_position("/etc/a.conf: stray", "/etc/a.conf"));
	assert_true(says_place_of_source("/srv/app.js:12\nx.y\n"));
	assert_true(says_place_of_source("node:internal/x:12\nx.y\n"));
	assert_false(says_place_of_source("listening on 10.0.0.9:80\n"));
	assert_false(says_place_of_source("10.0.0.9:80\n"));
	assert_false(says_place_of_source("http://localhost:3000\n"));
	assert_false(says_place_of_source("http://localhost:3000\nready\n"));
	assert_false(says_place_of_source("/srv/app.js:12\n"));
	assert_false(says_place_of_source("/srv/app.js:12\n  \n"));
	assert_false(says_place_of_source("/srv/app.js:12"));
	assert_false(says_place_of_source(""));
}

static void words_are_whole(void **state)
{
	assert_true(says_words("needs Version 3", "root|version"));
	assert_true(says_words("BadCertificate", "certificate"));
	assert_true(says_words("PG_VERSION", "version"));
	assert_true(says_words("two versions", "version*"));
	assert_false(says_words("two versions", "version"));
	assert_false(says_words("conversion failed", "version*"));
	assert_true(says_words("a conversion of a version", "version"));
	assert_true(says_words("usage: app", "usage:"));
	assert_false(says_words("anything", ""));
}

static void words_that_happen_to_be_names(void **state)
{
	assert_true(says_object_by_chance("unknown host", "/run/host"));
	assert_false(says_object_by_chance("no /run/host", "/run/host"));
	assert_false(says_object_by_chance("no app.conf", "/etc/app.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errnos_are_said_in_many_ways),
		cmocka_unit_test(objects_are_named_whole_or_in_part),
		cmocka_unit_test(warnings_are_told_from_errors),
		cmocka_unit_test(places_in_files),
		cmocka_unit_test(words_are_whole),
		cmocka_unit_test(words_that_happen_to_be_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
