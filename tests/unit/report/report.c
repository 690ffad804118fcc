/* SPDX-License-Identifier: Apache-2.0 */
/* What a report is written as, without a browser. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "report/block.h"
#include "report/report.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"

static const char hostile[] = "</script><!--&\"'\xe2\x80\xa8";

/* What a block of that form writes for an array of the hostile text and one more line. */
static char *written(enum block_form form)
{
	AUTO_FREE char *text = NULL;
	size_t bytes = 0;
	struct block block = {.out = open_memstream(&text, &bytes), .form = form};
	struct json *array = json_new_array();

	assert_non_null(block.out);
	json_add_text(array, NULL, hostile);
	block_json(&block, array);
	block_text(&block, "\n1");
	assert_int_equal(block_flush(&block), 0);
	json_free(array);
	block_done(&block);
	assert_int_equal(fclose(block.out), 0);
	return TAKE_PTR(text);
}

static void test_block(void **state)
{
	static const struct {
		enum block_form form;
		const char *text;
	} rows[] = {
		{BLOCK_AS_IS, "[\"</script><!--&\\\"'\\u2028\"]\n1"},
		{BLOCK_IN_PAGE, "[\"\\u003c/script\\u003e\\u003c!--\\u0026\\\"'\\u2028\"]\n1"},
		{BLOCK_ONE_LINE, "[\"</script><!--&\\\"'\\u2028\"]1"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *text = written(rows[i].form);

		assert_string_equal(text, rows[i].text);
	}
}

static void test_html(void **state)
{
	struct buf out = {0};

	html_text(&out, "<a href='x\">&amp;</a>", 21);
	assert_string_equal(buf_text(&out), "&lt;a href=&#39;x&quot;&gt;&amp;amp;&lt;/a&gt;");
	buf_done(&out);
}

/* A report of the sample into a stream; its status. */
static int report_to(FILE *out, bool data_only, struct report_counts *counts)
{
	const struct sample_options options = {.flow_records = 300, .seed = 1};
	struct snapshot *snapshot = sample_snapshot_new(&options);
	struct json *info = json_new_object();
	const struct report report = {
		.snapshot = snapshot,
		.arch = ARCH_HOST,
		.info = info,
		.title = hostile,
		.events = 100,
		.data_only = data_only,
	};
	int err = report_write(&report, out, counts);

	json_free(info);
	snapshot_free(snapshot);
	return err;
}

static void test_data(void **state)
{
	struct report_counts counts;
	AUTO_FREE char *text = NULL;
	struct json *data = NULL;
	size_t bytes = 0, rows = 0;
	FILE *out = open_memstream(&text, &bytes);

	assert_int_equal(report_to(out, true, &counts), 0);
	assert_int_equal(fclose(out), 0);
	assert_ptr_equal(strchr(text, '\n'), text + bytes - 1);
	assert_int_equal(json_parse(text, bytes, &data), 0);
	while (json_at(json_get(data, "events"), rows))
		rows++;
	assert_int_equal(rows, counts.events);
	assert_in_range(rows, 100, 120);
	assert_in_range(counts.left_out, 200, 220);
	assert_false(counts.incomplete);
	json_free(data);
}

static void test_page(void **state)
{
	struct report_counts counts;
	AUTO_FREE char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	assert_int_equal(report_to(out, false, &counts), 0);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "<title>&lt;/script&gt;&lt;!--&amp;&quot;&#39;"));
	assert_non_null(strstr(text, "default-src 'none'; script-src 'sha256-"));
	assert_null(strstr(text, "unsafe-"));
	assert_string_equal(text + bytes - 8, "</html>\n");
}

static void test_full_disk(void **state)
{
	struct report_counts counts;
	AUTO_FCLOSE FILE *full = fopen("/dev/full", "we");

	assert_non_null(full);
	assert_int_equal(report_to(full, false, &counts), -ENOSPC);
	assert_int_equal(report_to(full, true, &counts), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_block),	  cmocka_unit_test(test_html),
		cmocka_unit_test(test_data),	  cmocka_unit_test(test_page),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
