/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last step of igrecd's setup.  A call that is not on the list fails with ENOSYS, as on a
 * kernel that does not have it: libc and libraries then take another way, and igrecd goes on.  It
 * is never killed for it, since a recorder that dies records nothing.  docs/privacy.md says why
 * each capability stays.
 */
#include "recorder/sandbox.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"

#define BIT(capability) (1ULL << (capability))

/*
 * BPF: new rings, look-ups in maps. SYS_PTRACE: what /proc tells of containers' processes, whose
 * capabilities igrecd does not have any more, and of those who ask over the socket.
 * DAC_READ_SEARCH: the same of other users' processes, and runtimes' files.
 */
#define KEPT (BIT(CAP_BPF) | BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_READ_SEARCH))

static const char *const capability_names[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
};

/* ---- capabilities ----------------------------------------------------------------------- */

static int get_capabilities(uint64_t *ret_permitted)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	*ret_permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	return 0;
}

static int set_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct data[2] = {
		{.effective = (uint32_t)kept, .permitted = (uint32_t)kept},
		{.effective = (uint32_t)(kept >> 32), .permitted = (uint32_t)(kept >> 32)},
	};

	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static int keep_capabilities(uint64_t kept)
{
	uint64_t permitted = 0;
	int err = get_capabilities(&permitted);

	if (err)
		return err;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* Takes CAP_SETPCAP; without it, and without execve, the set of what a program could get
	 * does not matter either. */
	for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
		if (!(kept & BIT(capability)))
			prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
	return set_capabilities(kept & permitted);
}

void sandbox_drop_capabilities(void)
{
	set_capabilities(0);
}

/* ---- system calls ----------------------------------------------------------------------- */

/* clang-format off */
static const char *const calls[] = {
	/* memory */
	"brk", "madvise", "mmap", "mprotect", "mremap", "munmap",
	/* files: the store, /proc, cgroups, what runtimes keep */
	"access", "chmod", "close", "close_range", "copy_file_range", "dup", "dup2", "dup3",
	"faccessat", "faccessat2", "fadvise64", "fallocate", "fchmod", "fchmodat", "fchown",
	"fcntl", "fdatasync", "flock", "fstat", "fstatfs", "fsync", "ftruncate", "getcwd",
	"getdents64", "lseek", "lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat",
	"openat2", "pipe", "pipe2", "pread64", "preadv", "pwrite64", "pwritev", "read",
	"readlink", "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir",
	"stat", "statfs", "statx", "umask", "unlink", "unlinkat", "utimensat", "write",
	"writev",
	/* waiting */
	"clock_getres", "clock_gettime", "clock_nanosleep", "epoll_create1", "epoll_ctl",
	"epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd2", "futex", "gettimeofday",
	"nanosleep", "poll", "ppoll", "pselect6", "restart_syscall", "select", "time",
	"timerfd_create", "timerfd_gettime", "timerfd_settime",
	/* those who ask, over sockets that are there */
	"accept", "accept4", "getpeername", "getsockname", "getsockopt", "recvfrom",
	"recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socketpair",
	/* threads, and the child that looks for a cause */
	"capget", "capset", "exit", "exit_group", "fork", "getcpu", "getegid", "geteuid", "getgid",
	"getpgrp", "getpid", "getppid", "getpriority", "getrandom", "getrlimit", "getrusage",
	"gettid", "getuid", "kill", "membarrier", "prctl", "prlimit64", "rseq",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
	"sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_setscheduler",
	"sched_yield", "set_robust_list", "set_tid_address", "setrlimit", "sigaltstack",
	"sysinfo", "tgkill", "times", "uname", "wait4", "waitid",
#ifdef __SANITIZE_ADDRESS__
	/* which looks for leaks in the end */
	"arch_prctl", "getdents", "personality", "process_vm_readv", "ptrace", "tkill",
#endif
};
/* clang-format on */

/* Calls whose argument `arg`, under `mask`, must be `value`. */
static const struct {
	int call;
	unsigned arg;
	uint64_t mask, value;
} bounded_calls[] = {
#define BPF_COMMAND(command)                                                                       \
	{                                                                                          \
		SCMP_SYS(bpf), 0, UINT32_MAX, command                                              \
	}
	/* Maps of which most are there: no program is loaded or attached any more. */
	BPF_COMMAND(BPF_MAP_CREATE),
	BPF_COMMAND(BPF_MAP_LOOKUP_ELEM),
	BPF_COMMAND(BPF_MAP_UPDATE_ELEM),
	BPF_COMMAND(BPF_MAP_DELETE_ELEM),
	BPF_COMMAND(BPF_MAP_GET_NEXT_KEY),
	BPF_COMMAND(BPF_OBJ_PIN),
	BPF_COMMAND(BPF_OBJ_GET),
	BPF_COMMAND(BPF_MAP_GET_FD_BY_ID),
	BPF_COMMAND(BPF_OBJ_GET_INFO_BY_FD),
	BPF_COMMAND(BPF_MAP_LOOKUP_AND_DELETE_ELEM),
	BPF_COMMAND(BPF_MAP_FREEZE),
	BPF_COMMAND(BPF_MAP_LOOKUP_BATCH),
	BPF_COMMAND(BPF_MAP_UPDATE_BATCH),
	BPF_COMMAND(BPF_MAP_DELETE_BATCH),
	BPF_COMMAND(BPF_ITER_CREATE),
	/* Threads and children, in the namespaces that are there. What clone3() is to do is out of
	 * a filter's sight; it is not on the list, and libc takes clone(). */
	{SCMP_SYS(clone), 0, 0x7e020000, 0},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, FIONBIO},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, FIOCLEX},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, TCGETS},
	{SCMP_SYS(socket), 0, UINT32_MAX, AF_UNIX},
};

/* A name that this architecture, or libseccomp, does not have is passed over. */
static int allow(scmp_filter_ctx filter, const char *name)
{
	int call = seccomp_syscall_resolve_name(name);
	int err = call == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);

	return err == -EDOM ? 0 : err;
}

static int add_rules(scmp_filter_ctx filter)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && !err; i++)
		err = allow(filter, calls[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bounded_calls) && !err; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, bounded_calls[i].call, 1,
				       SCMP_CMP64(bounded_calls[i].arg, SCMP_CMP_MASKED_EQ,
						  bounded_calls[i].mask, bounded_calls[i].value));
	return err;
}

/* Refused calls go to the kernel's log, if it has that. */
static int load_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int err;

	if (!filter)
		return -ENOMEM;
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree instead of a list */
	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!err)
		err = add_rules(filter);
	if (!err)
		err = seccomp_load(filter); /* sets no_new_privs, too */
	seccomp_release(filter);
	return err;
}

int sandbox_enter(bool foreign_store, const char **ret_what)
{
	int err = keep_capabilities(KEPT | (foreign_store ? BIT(CAP_DAC_OVERRIDE) : 0)), next;

	*ret_what = "drop capabilities";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !err) {
		err = -errno;
		*ret_what = "set no_new_privs";
	}
	next = load_filter();
	if (next && !err) {
		err = next;
		*ret_what = "filter system calls";
	}
	return err;
}

/* ---- what holds ------------------------------------------------------------------------- */

int sandbox_look(struct sandbox_state *ret)
{
	AUTO_FCLOSE FILE *status = fopen("/proc/thread-self/status", "re");
	char line[256];
	unsigned long long capabilities;
	unsigned number;

	*ret = (struct sandbox_state){0};
	if (!status)
		return -errno;
	while (fgets(line, sizeof(line), status)) {
		if (sscanf(line, "CapEff: %llx", &capabilities) == 1)
			ret->capabilities = capabilities;
		else if (sscanf(line, "Seccomp: %u", &number) == 1)
			ret->filtered = number == 2;
		else if (sscanf(line, "NoNewPrivs: %u", &number) == 1)
			ret->no_new_privileges = number;
	}
	return 0;
}

void sandbox_capability_names(uint64_t capabilities, char *ret, size_t room)
{
	size_t used = 0;

	snprintf(ret, room, "none");
	for (unsigned i = 0; i < 64; i++) {
		char number[16];
		const char *name = number;

		if (!(capabilities & BIT(i)))
			continue;
		snprintf(number, sizeof(number), "%u", i);
		if (i < ARRAY_SIZE(capability_names))
			name = capability_names[i];
		if (used < room)
			used += (size_t)snprintf(ret + used, room - used, "%s%s", used ? " " : "",
						 name);
	}
}
