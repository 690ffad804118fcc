/* SPDX-License-Identifier: Apache-2.0 */
/* What igrec makes of what comes over the socket, from an igrecd that the test plays. */
#include "cli/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "common/json.h"

#define SOCKET "client_test.sock"

static int listen_here(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(SOCKET);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* One answer to one client, who must have sent this line. Ends the process. */
static void serve(int fd, const char *wanted, const char *answer, size_t bytes)
{
	char request[256];
	int client = accept(fd, NULL, NULL);
	ssize_t n = recv(client, request, sizeof(request), 0);
	bool right = n == (ssize_t)strlen(wanted) && !memcmp(request, wanted, (size_t)n);

	while (bytes) {
		n = send(client, answer, bytes, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		answer += n;
		bytes -= (size_t)n;
	}
	_exit(right ? 0 : 1);
}

struct seen {
	size_t lines;
	char names[64];
};

static enum cli_status take(const struct json *object, void *user)
{
	struct seen *seen = user;
	const char *name = json_get_text(object, "n");

	seen->lines++;
	strncat(seen->names, name ? name : "?", sizeof(seen->names) - strlen(seen->names) - 1);
	return CLI_DONE;
}

static enum cli_status ask(const char *container, const char *wanted, const char *answer,
			   size_t bytes, struct seen *ret)
{
	struct cli cli = {.config_path = "/dev/null", .socket_path = SOCKET};
	int fd = listen_here();
	pid_t server = fork();
	enum cli_status status;
	int ended;

	if (!server)
		serve(fd, wanted, answer, bytes);
	close(fd);
	*ret = (struct seen){0};
	status = client_request(&cli, container ? "dump" : "ps", container, take, ret);
	assert_int_equal(waitpid(server, &ended, 0), server);
	assert_int_equal(ended, 0);
	unlink(SOCKET);
	return status;
}

#define PS "{\"verb\":\"ps\"}\n"

static const struct {
	const char *answer;
	enum cli_status status;
	const char *names;
} rows[] = {
	{"{\"n\":\"a\"}\n{\"n\":\"b\"}\n", CLI_DONE, "ab"},
	{"", CLI_DONE, ""},
	{"\n\n{\"n\":\"a\"}\n", CLI_DONE, "a"},
	{"{\"n\":\"a\"}\n{\"error\":\"no\",\"status\":3}\n", CLI_NO_MATCH, "a"},
	{"{\"error\":\"no\",\"status\":1}\n{\"n\":\"a\"}\n", CLI_FAILED, ""},
	{"{\"error\":\"no\",\"status\":0}\n", CLI_FAILED, ""},
	{"{\"error\":\"no\"}\n", CLI_FAILED, ""},
	{"{\"n\":\"a\"}", CLI_FAILED, ""},
	{"{\"n\":\"a\"}\nnonsense\n", CLI_FAILED, "a"},
	{"[1]\n", CLI_DONE, "?"},
};

static void test_answers(void **state)
{
	struct seen seen;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *answer = rows[i].answer;

		print_message("%s\n", answer);
		assert_int_equal(ask(NULL, PS, answer, strlen(answer), &seen), rows[i].status);
		assert_string_equal(seen.names, rows[i].names);
	}
}

static void test_container(void **state)
{
	static const char answer[] = "{\"n\":\"file\"}\n";
	struct seen seen;

	assert_int_equal(ask("a\"b", "{\"verb\":\"dump\",\"container\":\"a\\\"b\"}\n", answer,
			     strlen(answer), &seen),
			 CLI_DONE);
	assert_string_equal(seen.names, "file");
}

static void test_endless_line(void **state)
{
	size_t bytes = 4 << 20;
	AUTO_FREE char *answer = malloc(bytes);
	struct seen seen;

	memset(answer, ' ', bytes);
	assert_int_equal(ask(NULL, PS, answer, bytes, &seen), CLI_FAILED);
	assert_int_equal(seen.lines, 0);
}

static void test_nobody_there(void **state)
{
	struct cli cli = {.config_path = "/dev/null", .socket_path = SOCKET};
	int fd;

	unlink(SOCKET);
	assert_int_equal(client_request(&cli, "ps", NULL, take, NULL), CLI_FAILED);
	fd = listen_here();
	close(fd); /* the file stays, as after a killed igrecd */
	assert_int_equal(client_request(&cli, "ps", NULL, take, NULL), CLI_FAILED);
	unlink(SOCKET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_container),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
