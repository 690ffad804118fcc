/* SPDX-License-Identifier: Apache-2.0 */
/* What is left after sandbox_enter(), each in a process of its own; needs no privileges. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

#include "recorder/sandbox.h"

/* 0 or the errno of a call. */
static int result(long returned)
{
	return returned < 0 ? errno : 0;
}

static int no_execve(void)
{
	char *argv[] = {(char *)"/bin/true", NULL};

	return execve(argv[0], argv, NULL) < 0 ? errno : 0;
}

static int no_mount(void)
{
	return result(mount("none", "/", NULL, MS_REMOUNT, NULL));
}

static int no_internet(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int no_program(void)
{
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER};

	return result(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
}

static int no_attaching(void)
{
	union bpf_attr attr = {0};

	return result(syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr)));
}

static int no_namespace(void)
{
	return result(syscall(SYS_unshare, CLONE_NEWUSER));
}

/* By the call that threads are made with. */
static int no_clone_to_namespace(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(0);
	return result(pid);
}

static int no_module(void)
{
	return result(syscall(SYS_init_module, "", 0, ""));
}

static int no_call_of_the_future(void)
{
	return result(syscall(2000));
}

/* The maps go on: what fails, if it does, fails in bpf() itself. */
static int maps(void)
{
	union bpf_attr attr = {.map_fd = (uint32_t)-1};
	int err = result(syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)));

	return err == EBADF || err == EPERM || err == EINVAL ? 0 : err;
}

static int unix_socket(void)
{
	return result(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int files(void)
{
	return result(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
}

static void *look(void *context)
{
	struct sandbox_state *state = context;

	if (sandbox_look(state))
		*state = (struct sandbox_state){0};
	return NULL;
}

/* In a thread that is made afterwards. */
static int threads_state(void)
{
	const uint64_t kept =
		1ULL << CAP_BPF | 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_DAC_READ_SEARCH;
	struct sandbox_state state;
	pthread_t thread;

	if (pthread_create(&thread, NULL, look, &state) || pthread_join(thread, NULL))
		return ENOMEM;
	return state.filtered && state.no_new_privileges && !(state.capabilities & ~kept) ? 0
											  : EPERM;
}

static int child_without_capabilities(void)
{
	struct sandbox_state state;

	sandbox_drop_capabilities();
	return sandbox_look(&state) || state.capabilities ? EPERM : 0;
}

/* What the function returned in a child that has entered. */
static int inside(int (*function)(void))
{
	const char *what;
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(sandbox_enter(false, &what) ? 255 : function());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void what_is_refused(void **state)
{
	int (*const functions[])(void) = {
		no_execve,
		no_mount,
		no_internet,
		no_program,
		no_attaching,
		no_namespace,
		no_module,
		no_clone_to_namespace,
		no_call_of_the_future,
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		assert_int_equal(inside(functions[i]), ENOSYS);
}

static void what_is_left(void **state)
{
	int (*const functions[])(void) = {
		maps, unix_socket, files, threads_state, child_without_capabilities,
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		assert_int_equal(inside(functions[i]), 0);
}

static void names(void **state)
{
	char text[64], room[8];

	sandbox_capability_names(1ULL << CAP_BPF | 1ULL << CAP_CHOWN | 1ULL << 63, text,
				 sizeof(text));
	assert_string_equal(text, "chown bpf 63");
	sandbox_capability_names(0, text, sizeof(text));
	assert_string_equal(text, "none");
	sandbox_capability_names(~0ULL, room, sizeof(room));
	assert_string_equal(room, "chown d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_is_left),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
