/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket's manners: who is answered, what is refused, what is left of it. */
#include "recorder/control.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define CLIENTS	   20 /* more than are served at once */
#define NOBODY	   65534
#define TURNS	   20
#define ANSWER_MAX 512

static uv_loop_t loop;
static struct control *control;
static char directory[] = "/tmp/igrec-control-XXXXXX";
static struct sockaddr_un address;

static void on_request(void *context, struct control_client *client, const struct json *request)
{
	struct json *json = json_new_object();

	json_add_text(json, "heard", json_get_text(request, "verb"));
	control_reply(client, json);
	control_finish(client);
}

static int set_up(void **state)
{
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	if (!mkdtemp(directory) || chmod(directory, 0755))
		return -1;
	address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", directory);
	uv_loop_init(&loop);
	return control_open(&loop, address.sun_path, on_request, NULL, &control);
}

static void turn(int times)
{
	for (int i = 0; i < times; i++)
		uv_run(&loop, UV_RUN_NOWAIT);
}

static int tear_down(void **state)
{
	control_close(control);
	control = NULL;
	uv_run(&loop, UV_RUN_DEFAULT);
	unlink(address.sun_path);
	return uv_loop_close(&loop) || rmdir(directory) ? -1 : 0;
}

static int open_client(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What comes back, as a text; *ret_ended whether the connection has ended. */
static const char *answer_of(int fd, bool *ret_ended)
{
	static char text[ANSWER_MAX];
	ssize_t got = recv(fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = 0;
	if (got > 0) {
		turn(TURNS);
		*ret_ended = recv(fd, text + got, 1, 0) == 0;
	} else {
		*ret_ended = got == 0 || errno == ECONNRESET;
	}
	return text;
}

static void requests(void **state)
{
	static char endless[5000];
	static const struct {
		const char *request, *answer; /* "": ended without one; NULL: not ended */
	} cases[] = {
		{"{\"verb\":\"ps\"}\n", "{\"heard\":\"ps\"}\n"},
		{"{}\n", "{\"heard\":null}\n"},
		{"[1]\n", "{\"heard\":null}\n"},
		{"{\"verb\":\"a\"}\n{\"verb\":\"b\"}\n", "{\"heard\":\"a\"}\n"},
		{"hello\n", "{\"error\":\"the request is not JSON\",\"status\":1}\n"},
		{"\n", "{\"error\":\"the request is not JSON\",\"status\":1}\n"},
		{endless, ""},
		{"{\"verb\":", NULL},
	};

	memset(endless, '[', sizeof(endless) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CLOSE int fd = open_client();
		const char *answer;
		bool ended;

		assert_true(fd >= 0);
		send(fd, cases[i].request, strlen(cases[i].request), MSG_NOSIGNAL);
		turn(TURNS);
		answer = answer_of(fd, &ended);
		assert_string_equal(answer, cases[i].answer ? cases[i].answer : "");
		assert_int_equal(ended, cases[i].answer != NULL);
	}
}

/* Asks from a child in other circumstances; whether it got an answer. */
static bool answered(void (*change)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		static const char request[] = "{\"verb\":\"ps\"}\n";
		struct timeval patience = {.tv_sec = 120};
		char byte;
		int fd;

		change();
		fd = open_client();
		if (fd < 0)
			_exit(2);
		fcntl(fd, F_SETFL, 0);
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
		_exit(recv(fd, &byte, 1, 0) == 1 ? 0 : 1);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		uv_run(&loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

static void stay(void)
{
}

static void become_nobody(void)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(3);
}

/* As a container's root: it has a pid namespace of its own. */
static void enter_container(void)
{
	pid_t pid;
	int status;

	if (unshare(CLONE_NEWPID))
		_exit(3);
	pid = fork();
	if (pid == 0)
		return; /* goes on as the namespace's first process */
	_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 4);
}

static void who_is_answered(void **state)
{
	struct stat st;

	assert_int_equal(stat(address.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(answered(stay));
	if (geteuid() != 0)
		skip();
	assert_false(answered(become_nobody));
	/* Not even if somebody opens the file to all. */
	assert_int_equal(chmod(address.sun_path, 0666), 0);
	assert_true(answered(stay));
	assert_false(answered(become_nobody));
	assert_false(answered(enter_container));
}

static void many_clients(void **state)
{
	int fds[CLIENTS];
	bool ended;
	int served = 0;

	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = open_client();
		turn(3);
	}
	for (int i = 0; i < CLIENTS; i++) {
		answer_of(fds[i], &ended);
		served += fds[i] >= 0 && !ended;
		close(fds[i]);
	}
	assert_in_range(served, 1, CLIENTS - 1);
	turn(TURNS);
	assert_true(answered(stay));
}

/* Nothing that is no socket is removed or followed. */
static void planted_paths(void **state)
{
	struct control *second = NULL;
	char target[64], link[64];
	AUTO_CLOSE int fd = -1;
	struct stat st;

	snprintf(target, sizeof(target), "%s/target", directory);
	snprintf(link, sizeof(link), "%s/link", directory);
	fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(symlink(target, link), 0);
	assert_true(control_open(&loop, link, on_request, NULL, &second) < 0);
	assert_true(control_open(&loop, target, on_request, NULL, &second) < 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(target, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(unlink(link), 0);
	assert_int_equal(unlink(target), 0);
	/* One that answers is somebody's. */
	assert_int_equal(control_open(&loop, address.sun_path, on_request, NULL, &second),
			 -EADDRINUSE);
	turn(TURNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_clients, set_up, tear_down),
		cmocka_unit_test_setup_teardown(planted_paths, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
