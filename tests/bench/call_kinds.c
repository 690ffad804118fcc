/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that bench_calls makes: a function each, and a table of their names. */
#include "tests/bench/call_kinds.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

#define ARGUMENT_BYTES (100 << 10)

static char long_path[PATH_MAX];
static char *exec_argv[] = {"/bin/true", NULL, NULL};

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void call_write(void)
{
	static const char text[64] =
		"a line of a program's log, sixty-four bytes long, more or less";

	syscall(SYS_write, STDOUT_FILENO, text, sizeof(text));
}

static void call_openat(void)
{
	syscall(SYS_openat, AT_FDCWD, "/etc/app/config.yaml", O_RDONLY);
}

static void call_open_read_close(void)
{
	char buffer[64];
	int fd = syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY);

	(void)!syscall(SYS_read, fd, buffer, sizeof(buffer));
	syscall(SYS_close, fd);
}

static void call_stat(void)
{
	struct stat file;

	syscall(SYS_newfstatat, AT_FDCWD, "/etc/hostname", &file, 0);
}

static void call_fstat(void)
{
	struct stat file;

	syscall(SYS_fstat, STDIN_FILENO, &file);
}

static void call_fcntl(void)
{
	syscall(SYS_fcntl, STDIN_FILENO, F_GETFL);
}

static void call_pread(void)
{
	static char buffer[64];
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	syscall(SYS_pread64, fd, buffer, sizeof(buffer), 0);
}

static void call_writev(void)
{
	static char text[64];
	static const struct iovec vectors[2] = {{text, 32}, {text + 32, 32}};
	static int null = -1;

	if (null < 0)
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	syscall(SYS_writev, null, vectors, 2);
}

static void call_poll(void)
{
	struct pollfd none[2] = {{.fd = -1}, {.fd = -1}};

	syscall(SYS_poll, none, 2, 0);
}

static void call_unmapped(void)
{
	syscall(SYS_openat, AT_FDCWD, (const char *)8, O_RDONLY);
}

static void call_long_path(void)
{
	syscall(SYS_openat, AT_FDCWD, long_path, O_RDONLY);
}

static void run(char **argv)
{
	pid_t child = vfork();

	if (child == 0) {
		execve(argv[0], argv, NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

static void call_exec(void)
{
	run(exec_argv);
}

static void call_find(void)
{
	run((char *[]){"/usr/bin/find", "/usr/include", NULL});
}

static void *return_at_once(void *nothing)
{
	return nothing;
}

static void call_thread(void)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, return_at_once, NULL))
		pthread_join(thread, NULL);
}

static const struct call_kind kinds[] = {
	{"getppid", call_getppid},   {"write", call_write},
	{"openat", call_openat},     {"open-read-close", call_open_read_close},
	{"stat", call_stat},	     {"fstat", call_fstat},
	{"fcntl", call_fcntl},	     {"pread", call_pread},
	{"writev", call_writev},     {"poll", call_poll},
	{"unmapped", call_unmapped}, {"long-path", call_long_path},
	{"exec", call_exec},	     {"find", call_find},
	{"thread", call_thread},
};

const struct call_kind *call_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

void call_kinds_init(void)
{
	static char argument[ARGUMENT_BYTES];

	memset(argument, 'a', sizeof(argument) - 1);
	exec_argv[1] = argument;
	for (size_t i = 0; i < sizeof(long_path) - 1; i++)
		long_path[i] = i % 64 ? 'p' : '/';
}
