/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamps EACH: EACH threads on every CPU.  After the first byte from stdin each makes calls as fast
 * as it can until the second: its n-th call carries its number, n, and a checksum over both.  Of
 * eight calls one fails, and so goes to the vital lane.  Between "ready" and "done", which tells
 * how many calls each thread made, there is no other call but the two reads and the write of
 * "done".
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS_MAX 64

static atomic_int go_on, stop, done;
static atomic_ulong calls[THREADS_MAX];

/* The test computes the same. */
static uint32_t checksum(uint32_t thread, uint32_t n)
{
	uint64_t mixed = ((uint64_t)thread << 32 | n) * 0x9e3779b97f4a7c15ULL;

	return (uint32_t)(mixed >> 32);
}

static void hex(char *at, uint32_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 4)
		at[i] = "0123456789abcdef"[value & 15];
}

/* "/TTTTTTTT-NNNNNNNN-CCCCCCCC", and more of C the longer the record is to be. */
static size_t stamp(char *text, uint32_t thread, uint32_t n)
{
	size_t length = 27 + n % 5 * 9;

	text[0] = '/';
	hex(text + 1, thread);
	text[9] = '-';
	hex(text + 10, n);
	for (size_t at = 18; at + 9 <= length; at += 9) {
		text[at] = '-';
		hex(text + at + 1, checksum(thread, n));
	}
	text[length] = 0;
	return length;
}

static void *write_stamps(void *argument)
{
	uint32_t thread = (uint32_t)(uintptr_t)argument;
	char text[96];

	atomic_fetch_add(&go_on, 1);
	while (atomic_load(&go_on) >= 0)
		;
	for (uint32_t n = 0; !atomic_load(&stop); n++) {
		size_t length = stamp(text, thread, n);

		if (n % 8)
			syscall(SYS_write, 1, text, length);
		else
			syscall(SYS_openat, AT_FDCWD, text, O_RDONLY);
		atomic_store(&calls[thread], n + 1);
	}
	atomic_fetch_add(&done, 1);
	while (atomic_load(&done) > 0)
		;
	return NULL;
}

static void start(pthread_t *ret, int thread, int cpu)
{
	pthread_attr_t attributes;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_attr_init(&attributes);
	pthread_attr_setaffinity_np(&attributes, sizeof(set), &set);
	if (pthread_create(ret, &attributes, write_stamps, (void *)(uintptr_t)thread))
		exit(2);
}

static void wait_for_byte(void)
{
	char byte;

	if (read(0, &byte, 1) != 1)
		exit(2);
}

/* The counts of all threads in one write, to stderr: stdout goes to /dev/null. */
static void say_done(int threads)
{
	char line[THREADS_MAX * 12 + 64];
	int at = snprintf(line, sizeof(line), "{\"fact\":\"done\",\"calls\":[");

	for (int i = 0; i < threads; i++)
		at += snprintf(line + at, sizeof(line) - at, "%s%lu", i ? "," : "",
			       atomic_load(&calls[i]));
	at += snprintf(line + at, sizeof(line) - at, "]}\n");
	syscall(SYS_write, 2, line, at);
}

int main(int argc, char **argv)
{
	int each = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1;
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN), threads = 0;
	int sink = open("/dev/null", O_WRONLY);
	pthread_t thread[THREADS_MAX];

	dup2(sink, 1);
	for (int cpu = 0; cpu < cpus; cpu++)
		for (int i = 0; i < each && threads < THREADS_MAX; i++)
			start(&thread[threads], threads, cpu), threads++;
	while (atomic_load(&go_on) < threads)
		;
	dprintf(2, "{\"fact\":\"ready\",\"threads\":%d}\n", threads);
	wait_for_byte();
	atomic_store(&go_on, -1);
	wait_for_byte();
	atomic_store(&stop, 1);
	while (atomic_load(&done) < threads)
		;
	say_done(threads);
	wait_for_byte();
	return 1; /* threads spin till the end */
}
