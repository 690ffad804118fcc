/* SPDX-License-Identifier: Apache-2.0 */
/* The 32-bit program of the golden tape of arm64: without libc, numbers and arguments of arm. */
#include <asm/unistd.h>

#define AT_FDCWD      -100
#define DIRECTORY     040000 /* O_DIRECTORY; O_DIRECT on i386 */
#define CALL(nr, ...) sys(nr, (const long[6]){__VA_ARGS__})

static char buffer[256];

__asm__(".globl _start\n_start:\n\tbl calls\n");

static long sys(long nr, const long args[6])
{
	register long r7 __asm__("r7") = nr;
	register long r0 __asm__("r0") = args[0];
	register long r1 __asm__("r1") = args[1];
	register long r2 __asm__("r2") = args[2];
	register long r3 __asm__("r3") = args[3];
	register long r4 __asm__("r4") = args[4];
	register long r5 __asm__("r5") = args[5];

	__asm__ volatile("svc #0"
			 : "+r"(r0)
			 : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
			 : "memory");
	return r0;
}

__attribute__((noreturn, used)) void calls(void)
{
	long fd;

	CALL(__ARM_NR_set_tls, (long)buffer);
	fd = CALL(__NR_openat, AT_FDCWD, (long)"/bin", DIRECTORY);
	CALL(__NR_open, (long)"/nowhere", 0400000);
	CALL(__NR_read, fd, (long)buffer, 4);
	CALL(__NR_pread64, fd, (long)buffer, 4, 77, 2, 1);
	CALL(__NR__llseek, fd, 0, 2, (long)buffer, 0);
	CALL(__NR_fcntl64, fd, 3);
	CALL(__NR_fstat64, fd, (long)buffer);
	CALL(__NR_ftruncate64, fd, 77, 0, 1);
	CALL(__NR_fallocate, fd, 1, 0, 1, 4096, 0);
	CALL(__NR_arm_fadvise64_64, fd, 3, 0, 1, 2, 0);
	CALL(__NR_mmap2, 0x30000000, 4096, 3, 0x32, -1, 0);
	CALL(__NR_mmap2, 0x30000000, 4096, 1, 0x12, fd, 1);
	CALL(__NR_munmap, 0x30000000, 4096);
	CALL(__NR_close, fd);
	CALL(__NR_getuid32);
	CALL(__NR_chown, (long)"/nowhere", 0xffff, 1000);
	CALL(__NR_socket, 2, 1, 0);
	CALL(__NR_send, 3, (long)"lost", 4, 0x4000);
	CALL(__NR_clock_gettime64, 1, (long)buffer);
	CALL(__NR_rt_sigprocmask, 0, 0, (long)buffer, 8);
	CALL(__NR_wait4, -1, (long)buffer, 1, 0);
	CALL(__NR_futex_time64, (long)buffer, 129, 1);
	CALL(490, 1, 2, 3, 4, 5, 6);
	for (;;)
		CALL(__NR_exit_group, 3);
}
