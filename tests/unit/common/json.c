/* SPDX-License-Identifier: Apache-2.0 */
/* JSON out of any bytes, and back in. */
#include "common/json.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buf.h"
#include "common/cleanup.h"

static void assert_written(const struct json *json, const char *wanted)
{
	struct buf out = {0};

	assert_int_equal(json_write(json, &out), 0);
	assert_string_equal(buf_text(&out), wanted);
	buf_done(&out);
}

static const struct {
	const char *bytes;
	size_t count;
	const char *written;
} strings[] = {
	{"", 0, "[\"\"]"},
	{"plain", 5, "[\"plain\"]"},
	{"q\"b\\", 4, "[\"q\\\"b\\\\\"]"},
	{"\b\t\n\v\f\r", 6, "[\"\\b\\t\\n\\u000b\\f\\r\"]"},
	{"\0\x1b\x7f", 3, "[\"\\u0000\\u001b\\u007f\"]"},
	{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]"},
	{"a\xffz", 3, "[\"a\xef\xbf\xbdz\"]"},
	{"\xc3", 1, "[\"\xef\xbf\xbd\"]"},
	{"\xed\xa0\x80", 3, "[\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"]"}, /* a surrogate */
	{"\xc0\x80", 2, "[\"\xef\xbf\xbd\xef\xbf\xbd\"]"},		   /* overlong */
	{"\xc2\x9b\xe2\x80\xae", 5, "[\"\\u009b\\u202e\"]"}, /* C1 CSI, right-to-left override */
	{"\xf3\xa0\x80\x81", 4, "[\"\\udb40\\udc01\"]"},     /* an invisible tag */
};

static void test_strings(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		struct json *array = json_new_array();
		struct json *back = NULL;
		struct buf out = {0};

		json_add_bytes(array, NULL, strings[i].bytes, strings[i].count);
		assert_written(array, strings[i].written);
		json_write(array, &out);
		assert_int_equal(json_parse(out.data, out.bytes, &back), 0);
		json_free(back);
		json_free(array);
		buf_done(&out);
	}
}

static void test_object(void **state)
{
	struct json *object = json_new_object();
	struct json *list = json_new_array();

	json_add_int(object, "schema", 1);
	json_add_text(object, "z", "last letter first");
	json_add_text(object, "none", NULL);
	json_add_int(object, "min", INT64_MIN);
	json_add_uint(object, "max", INT64_MAX);
	json_add_uint(object, "over", UINT64_MAX);
	json_add_thousandths(object, "us", 1234567);
	json_add_thousandths(object, "small", -5);
	json_add_thousandths(object, "low", INT64_MIN);
	json_add_bool(object, "yes", true);
	json_add(list, NULL, json_new_object());
	json_add_bool(list, NULL, false);
	json_add(object, "list", list);
	assert_written(object, "{\"schema\":1,\"z\":\"last letter first\",\"none\":null,"
			       "\"min\":-9223372036854775808,\"max\":9223372036854775807,"
			       "\"over\":\"18446744073709551615\",\"us\":1234.567,\"small\":-0.005,"
			       "\"low\":-9223372036854775.808,\"yes\":true,\"list\":[{},false]}");
	assert_null(json_get(object, "z"));
	json_free(object);
}

static void test_members(void **state)
{
	static const char text[] = "{\"b\":\"\\u202e\",\"a\":[1,null]}";
	struct json *from = NULL;
	struct json *object = json_new_object();

	assert_int_equal(json_parse(text, strlen(text), &from), 0);
	json_add_int(object, "schema", 1);
	json_add_members(object, from);
	/* jansson escapes with capitals. */
	assert_written(object, "{\"schema\":1,\"b\":\"\\u202E\",\"a\":[1,null]}");
	json_free(object);
	json_free(from);
}

static void test_out_of_memory_is_reported(void **state)
{
	struct json *object = json_new_object();
	struct buf out = {0};

	json_add(object, "lost", NULL); /* what a failed json_new_object() gives */
	assert_int_equal(json_write(object, &out), -ENOMEM);
	assert_int_equal(out.bytes, 0);
	assert_int_equal(json_write(NULL, &out), -ENOMEM);
	json_add_int(NULL, "a", 1);
	json_free(object);
	json_free(NULL);
	buf_done(&out);
}

static void test_look_up(void **state)
{
	static const char text[] = "{\"n\":5,\"s\":\"x\",\"t\":true,\"a\":[10,20],\"r\":1.5}";
	struct json *json = NULL;
	int64_t n = 0;

	assert_int_equal(json_parse(text, strlen(text), &json), 0);
	assert_int_equal(json_get_int(json, "n", &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(json_get_int(json, "s", &n), -ENOENT);
	assert_int_equal(json_get_int(json, "r", &n), -ENOENT);
	assert_int_equal(json_get_int(json, "none", &n), -ENOENT);
	assert_string_equal(json_get_text(json, "s"), "x");
	assert_null(json_get_text(json, "n"));
	assert_true(json_get_bool(json, "t"));
	assert_false(json_get_bool(json, "n"));
	assert_non_null(json_at(json_get(json, "a"), 1));
	assert_null(json_at(json_get(json, "a"), 2));
	assert_null(json_get(json_get(json, "a"), "n"));
	json_free(json);
}

static void test_unsigned_limits(void **state)
{
	static const char text[] = "{\"hard\":18446744073709551615,\"n\":1024,\"s\":\"x\"}";
	struct json *json = NULL;
	int64_t n = 0;

	assert_int_equal(json_parse(text, strlen(text), &json), 0);
	assert_int_equal(json_get_int(json, "hard", &n), -ENOENT);
	assert_int_equal(json_get_int(json, "n", &n), 0);
	assert_int_equal(n, 1024);
	json_free(json);
}

static void test_bad_text(void **state)
{
	static const char *const texts[] = {"", "{", "{\"a\":1}x", "[1,]", "\"\xff\"", "nul"};
	struct json *json = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(json_parse(texts[i], strlen(texts[i]), &json), -EBADMSG);
	assert_null(json);
}

static void test_file(void **state)
{
	struct json *json = NULL;
	AUTO_CLOSE int fd = open("json_test.json", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	AUTO_CLOSE int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	unlink("json_test.json");
	assert_int_equal(write(fd, "{\"a\":1}", 7), 7);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(json_parse_fd(fd, 6, &json), -EFBIG);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(json_parse_fd(fd, 7, &json), 0);
	json_free(json);
	assert_int_equal(json_parse_fd(directory, 7, &json), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),	 cmocka_unit_test(test_object),
		cmocka_unit_test(test_members),	 cmocka_unit_test(test_out_of_memory_is_reported),
		cmocka_unit_test(test_look_up),	 cmocka_unit_test(test_unsigned_limits),
		cmocka_unit_test(test_bad_text), cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
