/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: levels, escaping, and the form that systemd's journal reads. */
#include "common/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int saved_stderr = -1;
static FILE *capture;

static int setup(void **state)
{
	capture = tmpfile();
	saved_stderr = dup(STDERR_FILENO);
	dup2(fileno(capture), STDERR_FILENO);
	return 0;
}

static int teardown(void **state)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	fclose(capture);
	unsetenv("JOURNAL_STREAM");
	return 0;
}

static void assert_logged(const char *wanted)
{
	char text[8192];
	size_t bytes;

	rewind(capture);
	bytes = fread(text, 1, sizeof(text) - 1, capture);
	text[bytes] = '\0';
	assert_string_equal(text, wanted);
}

static void test_levels(void **state)
{
	log_init("igrecd", LOG_LEVEL_WARNING);
	log_error("cannot open %s", "x");
	log_warning("low");
	log_info("ready");
	log_debug("detail");
	log_set_level(LOG_LEVEL_DEBUG);
	log_info("ready");
	log_debug("detail");
	assert_logged("igrecd: cannot open x\nigrecd: warning: low\nigrecd: ready\n"
		      "igrecd: debug: detail\n");
}

static void test_escaping(void **state)
{
	log_init("igrec", LOG_LEVEL_INFO);
	log_error("pod \x1b[2J\n \xc3\xa9 \xff \xe2\x80\xae");
	assert_logged("igrec: pod \\x1b[2J\\x0a \xc3\xa9 \\xff \\xe2\\x80\\xae\n");
}

/* A line that is too long is cut, and is still one line. */
static void test_long(void **state)
{
	static char text[5000];
	char line[8192] = "";

	memset(text, '\x01', sizeof(text) - 1);
	log_init("igrec", LOG_LEVEL_INFO);
	log_error("%s", text);
	rewind(capture);
	assert_non_null(fgets(line, sizeof(line), capture));
	assert_true(strlen(line) < 3000);
	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_null(fgets(line, sizeof(line), capture));
}

static void test_journal(void **state)
{
	struct stat st;
	char stream[64];

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init("igrecd", LOG_LEVEL_INFO);
	log_error("bad");
	log_info("good");
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_init("igrecd", LOG_LEVEL_INFO);
	log_info("elsewhere");
	assert_logged("<3>igrecd: bad\n<6>igrecd: good\nigrecd: elsewhere\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escaping, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_journal, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
