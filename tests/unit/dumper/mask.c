/* SPDX-License-Identifier: Apache-2.0 */
/* Which texts lose what: each row is what stands in a capture, and what is left of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/literals.h"
#include "dumper/mask.h"
#include "tests/support/must.h"

struct row {
	const char *text, *left; /* left: NULL for all of it */
};

/* Strings of a command line are written with '|' for their NULs. */
static void check(const struct mask *mask, enum mask_form form, const struct row *row)
{
	size_t bytes = strlen(row->text);
	AUTO_FREE unsigned char *text = malloc(bytes + 1);
	const char *left = row->left ? row->left : row->text;

	must(text);
	memcpy(text, row->text, bytes + 1);
	for (size_t i = 0; form == MASK_ARGV && i < bytes; i++)
		if (text[i] == '|')
			text[i] = '\0';
	must((mask_text(mask, form, text, bytes, NULL, NULL) > 0) == (row->left != NULL) ||
	     !fprintf(stderr, "counted wrongly: %s\n", row->text));
	for (size_t i = 0; form == MASK_ARGV && i < bytes; i++)
		if (!text[i])
			text[i] = '|';
	assert_string_equal((char *)text, left);
	assert_int_equal(strlen(left), bytes);
	/* What is covered stays so, and is no secret any more. */
	must(!mask_text(mask, form, text, bytes, NULL, NULL) || form == MASK_ARGV);
}

static void check_all(enum mask_form form, const struct row *rows, size_t count)
{
	struct mask *mask = mask_new(true);

	must(mask);
	for (size_t i = 0; i < count; i++)
		check(mask, form, &rows[i]);
	mask_free(mask);
}

/* Nobody can say what it is, so it is not counted either. */
static void rests_of_words(void **state)
{
	unsigned char text[] = "ter2-Kq9";
	struct mask *mask = mask_new(false);

	must(mask);
	assert_int_equal(mask_text(mask, MASK_REST, text, 8, NULL, NULL), 0);
	assert_string_equal((char *)text, "ter2-Kq9"); /* built-in patterns are off */
	mask_free(mask);
	mask = mask_new(true);
	must(mask);
	assert_int_equal(mask_text(mask, MASK_REST, text, 8, NULL, NULL), 0);
	assert_string_equal((char *)text, "********");
	mask_free(mask);
}

static void values_behind_names(void **state)
{
	static const struct row rows[] = {
		{"password=hunter2", "password=*******"},
		{"DB_PASSWORD=hunter2 next", "DB_PASSWORD=******* next"},
		{"PGPASSWORD=hunter2\n", "PGPASSWORD=*******\n"},
		{"AWS_SECRET_ACCESS_KEY=wJalr/bPx", "AWS_SECRET_ACCESS_KEY=*********"},
		{"MYSQL_PWD=x1", "MYSQL_PWD=**"},
		{"PWD=/srv OLDPWD=/", NULL},
		{"Password: hunter2, user: bob", "Password: ******** user: bob"},
		{"password: 'hunter 2' ok", "password: '********' ok"},
		{"spring.datasource.password = abc", "spring.datasource.password = ***"},
		{"{\"token\":\"a\\\"b\",\"user\":\"bob\"}",
		 "{\"token\":\"****\",\"user\":\"bob\"}"},
		{"{\"token\":12345,\"user\":\"bob\"}", "{\"token\":*****,\"user\":\"bob\"}"},
		{"{\\\"apiKey\\\":\\\"k1\\\",\\\"a\\\":1}",
		 "{\\\"apiKey\\\":\\\"**\\\",\\\"a\\\":1}"},
		{"{\"name\":\"DB_PASSWORD\",\"value\":\"hunter2\"}",
		 "{\"name\":\"DB_PASSWORD\",\"value\":\"*******\"}"},
		{"\"env\":[\"DB_PASSWORD=a b\",\"HOME=/\"]",
		 "\"env\":[\"DB_PASSWORD=***\",\"HOME=/\"]"},
		{"GET /x?token=abc&user=1 HTTP/1.1", "GET /x?token=***&user=1 HTTP/1.1"},
		{"Server=db;User Id=sa;Password=p;x", "Server=db;User Id=sa;Password=***"},
		{"password => \"p1\"", "password => \"**\""},
		{"password := p1", "password := **"},
		{"run --password hunter2 --host h", "run --password ******* --host h"},
		{"[\"--password\", \"hunter2\", \"x\"]", "[\"--password\", \"*******\", \"x\"]"},
		{"token1=abc token=def", "token1=*** token=***"},
		{"PASSWORD=\n", NULL},
		{"password authentication failed for user \"bob\"", NULL},
		{"if password == x", NULL},
		{"token::next, token://x", NULL},
		{"tokenizer: fast, keys=3, secrets: 4", NULL},
		{"{\"password\":null,\"token\":true}", NULL},
		{"2 pass: 3 fail", NULL},
		{"password", NULL},
		{"password=", NULL},
		{"password:", NULL},
		{"--password --host h", NULL},
		{"", NULL},
		{"=", NULL},
	};

	check_all(MASK_TEXT, rows, ARRAY_SIZE(rows));
}

static void headers_urls_and_tokens(void **state)
{
	static const struct row rows[] = {
		{"Authorization: Bearer abc.def-1\r\nHost: h",
		 "Authorization: Bearer *********\r\nHost: h"},
		{"authorization: Basic dXNlcjpwdw==\nx", "authorization: Basic ************\nx"},
		{"Cookie: a=1; b=2\r\nHost: h", "Cookie: ********\r\nHost: h"},
		{"\"Authorization\": \"Bearer abc\", \"x\": 1",
		 "\"Authorization\": \"Bearer ***\", \"x\": 1"},
		{"using bearer abcdef0123 now", "using bearer ********** now"},
		{"bearer authentication is off", NULL},
		{"postgres://app:hunter2@db:5432/x", "postgres://app:*******@db:5432/x"},
		{"redis://:hunter2@cache", "redis://:*******@cache"},
		{"amqp://u:a/b#c@mq/v", "amqp://u:*****@mq/v"},
		{"https://u:p@ss@h/", "https://u:****@h/"},
		{"https://ghxyzghxyzghxyzghxyzgh@github.com/a",
		 "https://**********************@github.com/a"},
		{"postgres://app:hun", "postgres://app:***"},
		{"http://db:5432/a@b http://[::1]:80/ ssh://git@host/x", NULL},
		{"http://h:80", NULL},
		{"key AKIAABCDEFGHIJKLMNOP.", "key *********************"},
		{"ghp_0123456789abcdefghijABCDEFGHIJ x", "********************************** x"},
		{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
		 "****************************************"},
		{"xoxb-123456789012-abc ok", "********************* ok"},
		{"-----BEGIN RSA PRIVATE KEY-----\nMIIE\nAB==\n-----END RSA PRIVATE KEY-----\n",
		 "-----BEGIN RSA PRIVATE KEY-----***********-----END RSA PRIVATE KEY-----\n"},
		{"-----BEGIN PRIVATE KEY-----\nMII", "-----BEGIN PRIVATE KEY-----****"},
		{"task-1 risk-2 ask-abcdefghijklmnopqrstuvwxyz", NULL},
		{"-----BEGIN CERTIFICATE-----\nMIIE", NULL},
	};

	check_all(MASK_TEXT, rows, ARRAY_SIZE(rows));
}

static void command_lines(void **state)
{
	static const struct row rows[] = {
		{"app|--password=a b|--host|h|", "app|--password=***|--host|h|"},
		{"app|--token|a b|--x|", "app|--token|***|--x|"},
		{"app|-password|pw|", "app|-password|**|"},
		{"env|DB_PASSWORD=a&b c|app|", "env|DB_PASSWORD=*****|app|"},
		{"sh|-c|PASSWORD=abc exec foo -v|", "sh|-c|PASSWORD=***************|"},
		{"sh|-c|export PASSWORD=abc; foo|", "sh|-c|export PASSWORD=**** foo|"},
		{"mysql|-uroot|-phunter2|db|", "mysql|-uroot|-p*******|db|"},
		{"/usr/bin/mysqldump|-p|db|", NULL},
		{"sudo|mysql|-phunter2|", "sudo|mysql|-p*******|"},
		{"sshpass|-p|pw|ssh|-p|22|h|", "sshpass|-p|**|ssh|-p|22|h|"},
		{"ssh|-p|22|host|", NULL},
		{"curl|-u|bob:pw|http://h/|", "curl|-u|bob:**|http://h/|"},
		{"curl|-ubob:pw|", "curl|-ubob:**|"},
		{"curl|-u|bob|", NULL},
		{"redis-cli|-h|h|-a|pw|", "redis-cli|-h|h|-a|**|"},
		{"openssl|rsa|-passin|pass:pw|-in|k|", "openssl|rsa|-passin|*******|-in|k|"},
		{"mkdir|-p|/srv/data|", NULL},
		{"app|--password|", NULL},
		{"app|--password", NULL},
		{"||||", NULL},
	};

	check_all(MASK_ARGV, rows, ARRAY_SIZE(rows));
}

static void patterns_of_the_user(void **state)
{
	static const struct row rows[] = {
		{"card 4111-1111 x", "card ********* x"},
		{"pin=1234; pin=5", "pin=****; pin=*"},
		{"password=x", NULL}, /* the built-in ones are off */
	};
	struct mask *mask = mask_new(false);

	assert_int_equal(mask_add_list(mask, "[0-9]{4}-[0-9]{4}  pin=([0-9]+)"), 0);
	assert_int_equal(mask_add(mask, "x*"), 0); /* matches nothing, everywhere */
	assert_int_equal(mask_add(mask, "("), -EINVAL);
	assert_int_equal(mask_add(mask, ""), -EINVAL);
	assert_int_equal(mask_add(mask, "(a)\\1"), -EINVAL);
	assert_int_equal(mask_add(mask, "a{10}{100}"), 0);
	assert_int_equal(mask_add(mask, "(a{1,10}b){101}"), -EINVAL);
	assert_int_equal(mask_add(mask, "a{18446744073709551617}"), -EINVAL);
	assert_int_equal(mask_add(mask, "((((((((((a+)+)+)+)+)+)+)+)+)+)+"), -EINVAL);
	assert_int_equal(mask_add(mask, "a++++++++++++"), -EINVAL);
	assert_int_equal(mask_add(mask, "a+b+c+d+e+f+g+h+i+j+k+l+"), 0);
	for (size_t i = 0; i < 2; i++) {
		struct row row = rows[i];
		char left[64];

		snprintf(left, sizeof(left), "%s", row.left);
		for (char *p = left; *p; p++)
			*p = *p == 'x' ? '*' : *p;
		row.left = left;
		check(mask, MASK_TEXT, &row);
	}
	mask_free(mask);
	mask = mask_new(false);
	check(mask, MASK_TEXT, &rows[2]);
	for (int i = 0; i < MASK_PATTERNS_MAX; i++)
		assert_int_equal(mask_add(mask, "a"), 0);
	assert_int_equal(mask_add(mask, "a"), -ENOSPC);
	mask_free(mask);
}

/* Bytes beyond the text are not looked at, however it ends: the sanitizer watches. */
static void every_cut(void **state)
{
	static const char text[] =
		"x ?token=abc& \"password\": \\\"p\\\" https://u:p@h/ Bearer "
		"abcdefg1 --secret s {\"name\":\"pwd_pass\",\"value\":\"v\"} AKIA "
		"-----BEGIN PRIVATE KEY-----x";
	struct mask *mask = mask_new(true);

	for (size_t begin = 0; begin < sizeof(text); begin++) {
		for (size_t end = begin; end < sizeof(text); end++) {
			AUTO_FREE unsigned char *part = malloc(end - begin + 1);

			memcpy(part, text + begin, end - begin);
			unsigned char *exact = realloc(part, end - begin ? end - begin : 1);

			part = exact;
			mask_text(mask, end % 2 ? MASK_ARGV : MASK_TEXT, part, end - begin, NULL,
				  NULL);
		}
	}
	mask_free(mask);
}

static void cover(struct literals *literals, const char *text, bool cut, const char *left)
{
	char room[64];

	snprintf(room, sizeof(room), "%s", text);
	literals_cover(literals, (unsigned char *)room, strlen(room), cut);
	assert_string_equal(room, left);
}

static void what_was_found_once(void **state)
{
	static const char *const found[] = {"hunter2", "hunter", "hunter2-long", "short",
					    "abcdefgh"};
	struct literals literals = {0};

	for (size_t i = 0; i < ARRAY_SIZE(found); i++)
		literals_add(&literals, (const unsigned char *)found[i], strlen(found[i]));
	literals_add(&literals, (const unsigned char *)"hunter2", 7);
	assert_int_equal(literals.count, 4);
	cover(&literals, "a hunter2 hunter hunter2-long-x short", false,
	      "a ******* ****** ************-x short");
	cover(&literals, "hunter2-lon", false, "*******-lon");
	cover(&literals, "see abcdefg", false, "see abcdefg");
	cover(&literals, "see abcdefg", true, "see *******");
	cover(&literals, "see abcde", true, "see abcde");
	literals_done(&literals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rests_of_words),	   cmocka_unit_test(values_behind_names),
		cmocka_unit_test(headers_urls_and_tokens), cmocka_unit_test(command_lines),
		cmocka_unit_test(patterns_of_the_user),	   cmocka_unit_test(every_cut),
		cmocka_unit_test(what_was_found_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
