/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library's functions under other rule.  A definition in the program goes before the one
 * in a shared library, for libsqlite3 and libzstd as well.  No header that declares these
 * functions is included: hardened builds turn some of them into macros there.
 */
/* Libraries must find these calls in place of libc's, although all else is hidden. */
#pragma GCC visibility push(default)

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include "tests/support/faults.h"

static struct {
	int armed, hit;
	enum fault_where where;
	enum fault_action action;
	unsigned left, rounds;
} plan;

long syscall(long number, ...);

void fault_arm(enum fault_where where, enum fault_action action, unsigned nth)
{
	plan.where = where;
	plan.action = action;
	plan.left = nth;
	plan.hit = 0;
	plan.rounds++;
	plan.armed = 1;
}

int fault_disarm(void)
{
	plan.armed = 0;
	return plan.hit;
}

/* Whether this call is the one. */
static int strikes(enum fault_where where)
{
	if (!plan.armed || plan.where != where || (plan.left > 0 && --plan.left > 0))
		return 0;
	plan.armed = plan.action == FAULT_STAYS;
	plan.hit = 1;
	if (plan.action == FAULT_KILLS)
		syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
	if (where == FAULT_IN_MEMORY)
		errno = ENOMEM;
	else
		errno = plan.rounds % 2 && plan.action != FAULT_STAYS ? EIO : ENOSPC;
	return 1;
}

/* ---- files ------------------------------------------------------------------------------ */

#define CWD (-100) /* AT_FDCWD */

#define FILE_CALL(type, name, parameters, ...)                                                     \
	type name parameters;                                                                      \
	type name parameters                                                                       \
	{                                                                                          \
		return strikes(FAULT_IN_FILES) ? -1 : (type)syscall(__VA_ARGS__);                  \
	}

FILE_CALL(ssize_t, write, (int fd, const void *data, size_t bytes), SYS_write, fd, data, bytes)
FILE_CALL(ssize_t, pwrite, (int fd, const void *data, size_t bytes, off_t at), SYS_pwrite64, fd,
	  data, bytes, at)
FILE_CALL(ssize_t, pwrite64, (int fd, const void *data, size_t bytes, off_t at), SYS_pwrite64, fd,
	  data, bytes, at)
FILE_CALL(int, ftruncate, (int fd, off_t bytes), SYS_ftruncate, fd, bytes)
FILE_CALL(int, ftruncate64, (int fd, off_t bytes), SYS_ftruncate, fd, bytes)
FILE_CALL(int, fsync, (int fd), SYS_fsync, fd)
FILE_CALL(int, fdatasync, (int fd), SYS_fdatasync, fd)
FILE_CALL(int, fchmod, (int fd, mode_t mode), SYS_fchmod, fd, mode)
FILE_CALL(int, renameat2,
	  (int from_dir, const char *from, int to_dir, const char *to, unsigned flags),
	  SYS_renameat2, from_dir, from, to_dir, to, flags)

FILE_CALL(int, mkdir, (const char *path, mode_t mode), SYS_mkdirat, CWD, path, mode)

/* The system's call fills another struct than the C library's; that is there under a second name.
 */
int fstatvfs64(int fd, void *ret);
int fstatvfs(int fd, void *ret);
int fstatvfs(int fd, void *ret)
{
	return strikes(FAULT_IN_FILES) ? -1 : fstatvfs64(fd, ret);
}

#define OPEN_CALL(name, at_parameter, at)                                                          \
	int name(at_parameter const char *path, int flags, ...);                                   \
	int name(at_parameter const char *path, int flags, ...)                                    \
	{                                                                                          \
		va_list args;                                                                      \
		int mode;                                                                          \
                                                                                                   \
		va_start(args, flags);                                                             \
		mode = va_arg(args, int);                                                          \
		va_end(args);                                                                      \
		return strikes(FAULT_IN_FILES) ? -1                                                \
					       : (int)syscall(SYS_openat, at, path, flags, mode);  \
	}

#define NO_PARAMETER
#define DIRECTORY_PARAMETER int dir_fd,

OPEN_CALL(open, NO_PARAMETER, CWD)
OPEN_CALL(open64, NO_PARAMETER, CWD)
OPEN_CALL(openat, DIRECTORY_PARAMETER, dir_fd)
OPEN_CALL(openat64, DIRECTORY_PARAMETER, dir_fd)

/* ---- memory ----------------------------------------------------------------------------- */

#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t bytes);
void *REAL(calloc)(size_t count, size_t bytes);
void *REAL(realloc)(void *data, size_t bytes);

void *malloc(size_t bytes)
{
	return strikes(FAULT_IN_MEMORY) ? (void *)0 : REAL(malloc)(bytes);
}

void *calloc(size_t count, size_t bytes)
{
	return strikes(FAULT_IN_MEMORY) ? (void *)0 : REAL(calloc)(count, bytes);
}

void *realloc(void *data, size_t bytes)
{
	return strikes(FAULT_IN_MEMORY) ? (void *)0 : REAL(realloc)(data, bytes);
}

#pragma GCC visibility pop
