/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of DNS: what is read of good ones, and that bad ones end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode/dns.h"

#define HEAD(flags, answers) "\x12\x34" flags "\0\1\0" answers "\0\0\0\0"
#define NAME		     "\3www\7example\3org\0"
#define QUESTION	     NAME "\0\1\0\1"

#define BYTES(text) text, sizeof(text) - 1

static void test_question(void **state)
{
	struct dns_message message;

	assert_true(dns_parse(BYTES(HEAD("\1\0", "\0") QUESTION), &message));
	assert_int_equal(message.id, 0x1234);
	assert_false(message.is_response);
	assert_int_equal(message.type, 1);
	assert_string_equal(message.name, "www.example.org");
	/* As TCP has it. */
	assert_true(dns_parse(BYTES("\0\x21" HEAD("\1\0", "\0") QUESTION), &message));
	assert_string_equal(message.name, "www.example.org");
}

static void test_answers(void **state)
{
	static const char data[] =
		HEAD("\x81\x83", "\3") QUESTION "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3cdn\xc0\x10"
						"\xc0\x2d\0\1\0\1\0\0\1\0\0\4\xc0\0\2\1"
						"\xc0\x2d\0\x1c\0\1\0\0\1\0\0\x10\x20\1"; /* cut */
	struct dns_message message;
	struct dns_answer answer;
	char name[DNS_NAME_BYTES];
	size_t at;

	assert_true(dns_parse(BYTES(data), &message));
	assert_true(message.is_response);
	assert_string_equal(dns_rcode_name(message.rcode), "NXDOMAIN");
	assert_int_equal(message.answers, 3);
	at = message.answers_at;
	assert_true(dns_answer_next(&message, &at, &answer));
	assert_string_equal(dns_type_name(answer.type), "CNAME");
	assert_int_equal(answer.ttl_seconds, 60);
	assert_true(dns_answer_name(&message, &answer, name));
	assert_string_equal(name, "cdn.example.org");
	assert_true(dns_answer_next(&message, &at, &answer));
	assert_int_equal(answer.type, 1);
	assert_memory_equal(answer.data, "\xc0\0\2\1", 4);
	assert_false(dns_answer_next(&message, &at, &answer));
}

static void test_no_messages(void **state)
{
	static const struct {
		const char *data;
		size_t bytes;
	} bad[] = {
		{BYTES("GET / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{BYTES(HEAD("\x28\0", "\0") QUESTION)},		   /* another opcode */
		{BYTES(HEAD("\1\0", "\0") NAME "\0\1\0\3")},	   /* class CHAOS */
		{BYTES(HEAD("\1\0", "\0") "\0\0\1\0\1")},	   /* the root */
		{BYTES(HEAD("\1\0", "\0") "\xc0\x0c\0\1\0\1")},	   /* leads to itself */
		{BYTES(HEAD("\1\0", "\0") "\1a\xc0\x0c\0\1\0\1")}, /* goes round */
		{BYTES(HEAD("\1\0", "\0") "\xc0\0\0\1\0\1")},	   /* into the header */
		{BYTES(HEAD("\1\0", "\0") "\x40zz\0\0\1\0\1")},	   /* no such label */
		{BYTES(HEAD("\1\0", "\0") "\77short\0\0\1\0\1")},
		{BYTES("")},
	};
	struct dns_message message;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(dns_parse(bad[i].data, bad[i].bytes, &message));
}

/* Every part of a good message, and every one with a byte changed, is read without a fault. */
static void test_any_bytes(void **state)
{
	static const char data[] =
		HEAD("\x81\x80", "\2") QUESTION "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3cdn\xc0\x10"
						"\xc0\x2d\0\1\0\1\0\0\1\0\0\4\xc0\0\2\1";
	char name[DNS_NAME_BYTES], changed[sizeof(data)];
	struct dns_message message;
	struct dns_answer answer;

	for (size_t i = 0; i < (sizeof(data) - 1) * 256; i++) {
		size_t bytes = sizeof(data) - 1, at;
		char *copy;

		memcpy(changed, data, sizeof(data));
		changed[i / 256] = (char)i;
		bytes -= i % 7;
		copy = test_malloc(bytes); /* so that reading behind it is seen */
		memcpy(copy, changed, bytes);
		if (dns_parse(copy, bytes, &message)) {
			at = message.answers_at;
			while (dns_answer_next(&message, &at, &answer))
				dns_answer_name(&message, &answer, name);
		}
		test_free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_messages),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
