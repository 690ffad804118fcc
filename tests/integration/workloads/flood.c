/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flood WARMUP CALLS PORT: without libc, so that every single syscall is known and counted.
 *   WARMUP getppid calls, which fill the start lane; an open of /etc/flood; a connect to
 *   127.0.0.1:PORT; "ready", and a read of stdin; then CALLS syscalls on each of two threads,
 *   a line that says how many calls of each kind were completed, exit with 1.
 */
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/sched.h>
#include <stdatomic.h>
#include <stddef.h>

#define SECOND_STACK_BYTES 65536

static unsigned long warmup, calls, port;
static int empty_pipe[2];
static atomic_ulong second_done;
static _Alignas(16) char second_stack[SECOND_STACK_BYTES];

/* Completed calls by kind, both threads' together once second_done is set. */
static struct {
	unsigned long getppid, read, openat, socket, connect, write, pipe2, clone;
} count;

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n"
	"\tcall flood\n");

static long sys(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

/* The child has a stack without our frame: it must not come back out of here. */
static void spawn(long flags, void *stack)
{
	long result;

	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\tcall second\n1:"
			 : "=a"(result)
			 : "a"(__NR_clone), "D"(flags), "S"(stack), "d"(0)
			 : "rcx", "r11", "memory");
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x0, sp\n\tbl flood\n");

static long sys(long nr, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}

static void spawn(long flags, void *stack)
{
	register long x8 __asm__("x8") = __NR_clone;
	register long x0 __asm__("x0") = flags;
	register void *x1 __asm__("x1") = stack;

	__asm__ volatile("svc 0\n\tcbnz x0, 1f\n\tbl second\n1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1)
			 : "x30", "memory");
}
#endif

static unsigned long number(const char *text)
{
	unsigned long value = 0;

	while (*text >= '0' && *text <= '9')
		value = value * 10 + (unsigned long)(*text++ - '0');
	return value;
}

static char *put(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static char *put_count(char *at, const char *name, unsigned long value)
{
	char digits[20];
	int n = 0;

	at = put(put(put(at, ",\""), name), "\":");
	do
		digits[n++] = (char)('0' + value % 10);
	while (value /= 10);
	while (n)
		*at++ = digits[--n];
	return at;
}

/* The write that says it is counted, too. */
static void say_counts(const char *fact)
{
	char line[512];
	char *at = put(put(put(line, "{\"fact\":\""), fact), "\"");

	count.write++;
	at = put_count(at, "getppid", count.getppid);
	at = put_count(at, "read", count.read);
	at = put_count(at, "openat", count.openat);
	at = put_count(at, "socket", count.socket);
	at = put_count(at, "connect", count.connect);
	at = put_count(at, "write", count.write);
	at = put_count(at, "pipe2", count.pipe2);
	at = put_count(at, "clone", count.clone);
	at = put(at, "}\n");
	sys(__NR_write, 1, (long)line, at - line, 0);
}

static void open_and_connect(void)
{
	struct {
		unsigned short family, port;
		unsigned char address[4];
		char zero[8];
	} peer = {2, (unsigned short)(port << 8 | port >> 8), {127, 0, 0, 1}, {0}};

	sys(__NR_openat, AT_FDCWD, (long)"/etc/flood", O_RDONLY, 0);
	count.openat++;
	long fd = sys(__NR_socket, 2, 1, 0, 0);
	count.socket++;
	sys(__NR_connect, fd, (long)&peer, sizeof(peer), 0);
	count.connect++;
}

/* Half of its calls fail with EAGAIN, as those of a busy event loop do. */
__attribute__((used, noreturn)) void second(void)
{
	char byte;

	for (unsigned long i = 0; i < calls / 2; i++) {
		sys(__NR_getppid, 0, 0, 0, 0);
		sys(__NR_read, empty_pipe[0], (long)&byte, 1, 0);
	}
	atomic_store(&second_done, 1);
	for (;;)
		;
}

static void two_threads(void)
{
	sys(__NR_pipe2, (long)empty_pipe, O_NONBLOCK, 0, 0);
	count.pipe2++;
	spawn(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
	      second_stack + SECOND_STACK_BYTES);
	count.clone++;
	for (unsigned long i = 0; i < calls; i++)
		sys(__NR_getppid, 0, 0, 0, 0);
	while (!atomic_load(&second_done))
		;
	count.getppid += calls + calls / 2;
	count.read += calls / 2;
}

__attribute__((used, noreturn)) void flood(char **stack)
{
	char byte;

	/* stack: argc, then argv */
	warmup = number(stack[2]);
	calls = number(stack[3]);
	port = number(stack[4]);
	for (unsigned long i = 0; i < warmup; i++)
		sys(__NR_getppid, 0, 0, 0, 0);
	count.getppid = warmup;
	open_and_connect();
	say_counts("ready");
	sys(__NR_read, 0, (long)&byte, 1, 0);
	count.read++;
	two_threads();
	say_counts("done");
	for (;;)
		sys(__NR_exit_group, 1, 0, 0, 0);
}
