/* SPDX-License-Identifier: Apache-2.0 */
/* From system calls that failed with EPERM to the capability that they need, capabilities(7). */
#include "explain/capability.h"

#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"

static const struct {
	const char *capability;
	const char *names; /* each between spaces */
} rows[] = {
	{"CAP_SYS_ADMIN",
	 " mount umount2 pivot_root unshare setns sethostname setdomainname swapon "
	 "swapoff quotactl fsopen fsmount move_mount open_tree "},
	{"CAP_CHOWN", " chown lchown fchown fchownat "},
	{"CAP_FOWNER", " chmod fchmod fchmodat fchmodat2 utime utimes utimensat "},
	{"CAP_SETUID", " setuid setreuid setresuid setfsuid "},
	{"CAP_SETGID", " setgid setregid setresgid setgroups setfsgid "},
	{"CAP_SETPCAP", " capset "},
	{"CAP_SYS_CHROOT", " chroot "},
	{"CAP_MKNOD", " mknod mknodat "},
	{"CAP_SYS_TIME", " settimeofday clock_settime adjtimex clock_adjtime stime "},
	{"CAP_SYS_BOOT", " reboot kexec_load kexec_file_load "},
	{"CAP_SYS_MODULE", " init_module finit_module delete_module "},
	{"CAP_SYS_PTRACE", " ptrace process_vm_readv process_vm_writev pidfd_getfd "},
	{"CAP_BPF", " bpf "},
	{"CAP_PERFMON", " perf_event_open "},
	{"CAP_SYS_RAWIO", " iopl ioperm "},
	{"CAP_SYS_NICE", " sched_setscheduler sched_setparam sched_setattr setpriority ioprio_set "
			 "mbind migrate_pages move_pages "},
	{"CAP_SYS_RESOURCE", " setrlimit prlimit64 "},
	{"CAP_IPC_LOCK", " mlock mlock2 mlockall shmctl "},
	{"CAP_SYSLOG", " syslog "},
	{"CAP_KILL", " kill tgkill tkill pidfd_send_signal "},
	{"CAP_SYS_PACCT", " acct "},
	{"CAP_NET_ADMIN", " setsockopt "},
};

const char *capability_of(enum arch arch, const struct event *event)
{
	const struct syscall_descriptor *call = syscall_by_number(arch, event->nr);
	char word[SYSCALL_NAME_BYTES + 2];

	if (!call || event->compat)
		return NULL;
	if (!strcmp(call->name, "socket"))
		return "CAP_NET_RAW"; /* raw and packet sockets: raw(7), packet(7) */
	if (!strcmp(call->name, "ioctl"))
		return "CAP_NET_ADMIN"; /* of network devices: netdevice(7) */
	snprintf(word, sizeof(word), " %s ", call->name);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strstr(rows[i].names, word))
			return rows[i].capability;
	}
	return NULL;
}
