/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From syscall numbers to kinds of acts, by name, so that both architectures share one table.
 */
#include "replay/act.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>

#include "common/cleanup.h"
#include "decode/value.h"

#define ERRNO_MAX 4095 /* MAX_ERRNO, include/linux/err.h */

static const struct {
	enum act_kind kind;
	const char *names; /* each between spaces */
} rows[] = {
	{ACT_OPEN, " open openat openat2 creat open_by_handle_at "},
	{ACT_LOOK, " stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat "
		   "statfs getxattr lgetxattr inotify_add_watch "},
	{ACT_CHANGE,
	 " mkdir mkdirat rmdir mknod mknodat unlink unlinkat rename renameat renameat2 link linkat "
	 "symlink symlinkat truncate chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat "
	 "utime utimes utimensat setxattr lsetxattr fsetxattr "},
	{ACT_DIRECTORY, " chdir fchdir chroot pivot_root "},
	{ACT_EXEC, " execve execveat "},
	{ACT_FORK, " clone clone3 fork vfork "},
	{ACT_CONNECT, " connect "},
	{ACT_BIND, " bind "},
	{ACT_LISTEN, " listen "},
	{ACT_ACCEPT, " accept accept4 "},
	{ACT_SOCKET, " socket socketpair "},
	{ACT_SEND, " sendto sendmsg sendmmsg "},
	{ACT_RECEIVE, " recvfrom recvmsg recvmmsg "},
	{ACT_OPTION, " getsockopt setsockopt "},
	{ACT_READ, " read pread64 readv preadv preadv2 getdents getdents64 "},
	{ACT_WRITE, " write pwrite64 writev pwritev pwritev2 sendfile splice copy_file_range "},
	{ACT_SYNC, " fsync fdatasync sync syncfs sync_file_range msync "},
	{ACT_ALLOCATE, " fallocate ftruncate "},
	{ACT_LOCK, " flock "},
	{ACT_MEMORY, " mmap brk mremap mprotect mlock mlockall mlock2 shmget shmat memfd_create "},
	{ACT_WAIT, " wait4 waitid "},
	{ACT_SLEEP,
	 " nanosleep clock_nanosleep poll ppoll select pselect6 epoll_wait epoll_pwait "
	 "epoll_pwait2 pause rt_sigtimedwait rt_sigsuspend io_getevents semop semtimedop msgrcv "},
	{ACT_FUTEX, " futex futex_wait futex_waitv "},
	{ACT_DESCRIPTOR, " dup dup2 dup3 pipe pipe2 epoll_create epoll_create1 eventfd eventfd2 "
			 "inotify_init inotify_init1 timerfd_create signalfd signalfd4 "},
	{ACT_PRIVILEGE,
	 " setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid capset mount "
	 "umount2 unshare setns sethostname settimeofday clock_settime adjtimex reboot swapon "
	 "init_module finit_module delete_module ptrace bpf perf_event_open iopl ioperm "
	 "sched_setscheduler setpriority ioprio_set fsopen open_tree syslog keyctl kexec_load "
	 "quotactl userfaultfd process_vm_readv io_uring_setup add_key move_mount fsmount "},
	{ACT_LIMIT, " setrlimit prlimit64 "},
	{ACT_KILL, " kill tkill tgkill pidfd_send_signal rt_sigqueueinfo "},
	{ACT_TIDY, " close close_range munmap madvise exit exit_group rt_sigaction rt_sigprocmask "
		   "rt_sigreturn sigaltstack fstat lseek getpid gettid getppid getuid geteuid "
		   "getgid getegid gettimeofday clock_gettime sched_yield ioctl umask shutdown "
		   "set_robust_list rseq arch_prctl prctl set_tid_address getrandom uname sysinfo "
		   "times getrusage epoll_ctl "},
};

static enum act_kind kind_of_name(const char *name)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", name);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strstr(rows[i].names, word))
			return rows[i].kind;
	}
	return ACT_OTHER;
}

/* Names are looked up once in the life of a program. */
static struct act_table tables[ARCHES];

static void fill_tables(void)
{
	for (unsigned i = 0; i < ARCHES * 2 * IGREC_SYSCALLS_MAX; i++) {
		unsigned nr = i % IGREC_SYSCALLS_MAX, compat = i / IGREC_SYSCALLS_MAX % 2;
		unsigned arch = i / IGREC_SYSCALLS_MAX / 2;
		const struct syscall_descriptor *call = syscall_of((enum arch)arch, nr, compat);

		tables[arch].kind[compat][nr] =
			(uint8_t)(call ? kind_of_name(call->name) : ACT_OTHER);
	}
}

void act_table_init(struct act_table *table, enum arch arch)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fill_tables);
	*table = tables[arch];
}

static bool is_lock_command(uint64_t command)
{
	return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||
	       command == F_OFD_SETLKW;
}

static enum act_kind kind_of_fcntl(const struct event *event)
{
	if (event->args < 2)
		return ACT_TIDY;
	if (is_lock_command(event->arg[1]))
		return ACT_LOCK;
	if (event->arg[1] == F_DUPFD || event->arg[1] == F_DUPFD_CLOEXEC)
		return ACT_DESCRIPTOR;
	return ACT_TIDY;
}

enum act_kind act_kind_of_any(const struct act_table *table, enum arch arch,
			      const struct event *event)
{
	const struct syscall_descriptor *call;
	enum act_kind kind;

	if (event->nr >= IGREC_SYSCALLS_MAX)
		return ACT_OTHER;
	kind = (enum act_kind)table->kind[event->compat][event->nr];
	if (kind != ACT_OTHER)
		return kind;
	call = syscall_of(arch, event->nr, event->compat);
	if (call && !strcmp(call->name, "fcntl"))
		return kind_of_fcntl(event);
	return ACT_OTHER;
}

enum act_kind act_kind_of(const struct act_table *table, enum arch arch, const struct event *event)
{
	return event->compat ? ACT_OTHER : act_kind_of_any(table, arch, event);
}

const char *act_verb(enum act_kind kind)
{
	static const char *const verbs[ACT_KINDS] = {
		[ACT_OPEN] = "open",
		[ACT_LOOK] = "find",
		[ACT_CHANGE] = "change",
		[ACT_DIRECTORY] = "change to the directory",
		[ACT_EXEC] = "run",
		[ACT_FORK] = "start a process or thread",
		[ACT_CONNECT] = "connect to",
		[ACT_BIND] = "bind",
		[ACT_LISTEN] = "listen on",
		[ACT_ACCEPT] = "accept a connection on",
		[ACT_SOCKET] = "make a socket",
		[ACT_SEND] = "send to",
		[ACT_RECEIVE] = "receive from",
		[ACT_OPTION] = "connect to",
		[ACT_READ] = "read",
		[ACT_WRITE] = "write to",
		[ACT_SYNC] = "sync",
		[ACT_ALLOCATE] = "allocate room in",
		[ACT_LOCK] = "lock",
		[ACT_MEMORY] = "allocate memory",
		[ACT_DESCRIPTOR] = "make a descriptor",
	};

	return kind < ACT_KINDS ? verbs[kind] : NULL;
}

int act_error(const struct event *event)
{
	if (event->type != IGREC_RECORD_SYSCALL || event->result >= 0 || event->result < -ERRNO_MAX)
		return 0;
	return (int)-event->result;
}
