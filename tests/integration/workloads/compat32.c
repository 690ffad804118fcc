/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compat32: a 32-bit program without libc that makes the same calls with the same arguments in each
 * run, whose addresses do not depend on chance; exit with 1.
 */
#include <asm/unistd_32.h>

#define AT_FDCWD   -100
#define O_CLOEXEC  02000000
#define O_DIRECT   040000
#define WNOHANG	   1
#define PROT_READ  1
#define PRIVATE	   2
#define ANONYMOUS  0x20
#define FIXED	   0x10
#define SYS_SOCKET 1
#define PLACE	   0x30000000L

static char buffer[256];
static long words[8];
static const long socket_arguments[] = {1, 1, 0};

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tand $-16, %esp\n\tcall tour\n");

static long sys(long nr, const long args[6])
{
	static long ebp; /* no operand can be ebp */
	long result;

	ebp = args[5];
	__asm__ volatile("push %%ebp\n\tmov %[f], %%ebp\n\tint $0x80\n\tpop %%ebp"
			 : "=a"(result)
			 : "0"(nr), "b"(args[0]), "c"(args[1]), "d"(args[2]), "S"(args[3]),
			   "D"(args[4]), [f] "m"(ebp)
			 : "memory");
	return result;
}

#define CALL(nr, ...) sys(nr, (const long[6]){__VA_ARGS__})

static void files(void)
{
	long fd = CALL(__NR_open, (long)"/etc/tour", O_CLOEXEC);

	CALL(__NR_openat, AT_FDCWD, (long)"/no/such", O_DIRECT);
	CALL(__NR_read, fd, (long)buffer, 4);
	CALL(__NR_pread64, fd, (long)buffer, 4, 2, 1);
	CALL(__NR__llseek, fd, 1, 2, (long)buffer, 0);
	CALL(__NR_lseek, fd, -1, 1);
	CALL(__NR_fadvise64_64, fd, 0, 1, 2, 0, 3);
	CALL(__NR_fcntl64, fd, 1);
	CALL(__NR_dup2, fd, 9);
	CALL(__NR_fstat64, 9, (long)buffer);
	CALL(__NR_mmap2, PLACE, 4096, PROT_READ, PRIVATE | FIXED, fd, 1);
	CALL(__NR_mmap2, PLACE, 8192, PROT_READ, PRIVATE | ANONYMOUS | FIXED, -1, 0);
	CALL(__NR_munmap, PLACE, 8192);
	CALL(__NR_close, 9);
	CALL(__NR_close, fd);
	CALL(__NR_truncate64, (long)"/no/such", 2, 1);
	CALL(__NR_fallocate, 77, 1, 2, 3, 4, 5);
	CALL(__NR_chown, (long)"/no/such", 0xffff, 1000);
	CALL(__NR_chown32, (long)"/no/such", -1, 1000);
}

static void tour_of_calls(void)
{
	files();
	CALL(__NR_getuid);
	CALL(__NR_getgid32);
	CALL(__NR_socketcall, SYS_SOCKET, (long)socket_arguments);
	CALL(__NR_socket, 1, 1, 0);
	CALL(__NR_waitpid, -1, (long)words, WNOHANG);
	CALL(__NR_poll, (long)words, 0, 1);
	CALL(__NR_clock_getres_time64, 1, (long)words);
	CALL(__NR_rt_sigprocmask, 0, 0, (long)words, 8);
	CALL(__NR_kill, 0x7ffffff0, 15);
	CALL(__NR_umask, 022);
	CALL(__NR_getpriority, 0, 0);
	CALL(__NR_futex_time64, (long)words, 129, 1);
	CALL(500, 1, 2, 3, 4, 5, 6);
}

__attribute__((noreturn, used)) void tour(void)
{
	tour_of_calls();
	for (;;)
		CALL(__NR_exit_group, 1);
}
