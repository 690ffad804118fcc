/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of syscalls that make, change or close descriptors.  A syscall that has no row here
 * but whose result is a descriptor makes one of which nothing else is known.
 */
#include "replay/fd_call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/close_range.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>

#include "common/cleanup.h"

#define F_DUPFD_CLOEXEC_CMD 1030     /* F_LINUX_SPECIFIC_BASE + 6, include/uapi/linux/fcntl.h */
#define OPEN_CLOEXEC	    02000000 /* O_CLOEXEC, the same on x86_64 and arm64 */
#define URING_FLAGS_AT	    8	     /* in struct io_uring_params, linux/io_uring.h */
#define URING_SETUP_SQPOLL  (1 << 1) /* IORING_SETUP_SQPOLL */
#define IN_MEMORY	    0xfd     /* as `flags`: not in an argument */
#define ALWAYS		    0xfe     /* close-on-exec is set whatever the arguments */
#define NEVER		    0xff

static const struct row {
	const char *syscall;
	uint8_t kind;
	uint8_t dir, path;
	uint8_t flags; /* argument that has the close-on-exec flag */
	uint32_t bit;  /* of it */
	const char *name;
} rows[] = {
	{NULL, FD_CALL_NONE, 0, 0, 0, 0, NULL},
	{"open", FD_CALL_OPEN, FD_CALL_NO_ARG, 0, 1, OPEN_CLOEXEC, NULL},
	{"creat", FD_CALL_OPEN, FD_CALL_NO_ARG, 0, NEVER, 0, NULL},
	{"openat", FD_CALL_OPEN, 0, 1, 2, OPEN_CLOEXEC, NULL},
	{"openat2", FD_CALL_UNNAMED, 0, 0, IN_MEMORY, 0, NULL},
	{"open_by_handle_at", FD_CALL_UNNAMED, 0, 0, 2, OPEN_CLOEXEC, NULL},
	{"mq_open", FD_CALL_QUEUE, 0, 0, 1, OPEN_CLOEXEC, NULL},
	{"socket", FD_CALL_SOCKET, 0, 0, 1, OPEN_CLOEXEC, NULL},
	{"accept", FD_CALL_ACCEPT, 0, 0, NEVER, 0, NULL},
	{"accept4", FD_CALL_ACCEPT, 0, 0, 3, OPEN_CLOEXEC, NULL},
	{"pipe", FD_CALL_PAIR, 0, 0, NEVER, 0, "pipe"},
	{"pipe2", FD_CALL_PAIR, 0, 0, 1, OPEN_CLOEXEC, "pipe"},
	{"socketpair", FD_CALL_PAIR, 3, 0, 1, OPEN_CLOEXEC, NULL},
	{"eventfd", FD_CALL_NAMED, 0, 0, NEVER, 0, "anon_inode:[eventfd]"},
	{"eventfd2", FD_CALL_NAMED, 0, 0, 1, OPEN_CLOEXEC, "anon_inode:[eventfd]"},
	{"epoll_create", FD_CALL_NAMED, 0, 0, NEVER, 0, "anon_inode:[eventpoll]"},
	{"epoll_create1", FD_CALL_NAMED, 0, 0, 0, OPEN_CLOEXEC, "anon_inode:[eventpoll]"},
	{"timerfd_create", FD_CALL_NAMED, 0, 0, 1, OPEN_CLOEXEC, "anon_inode:[timerfd]"},
	{"signalfd", FD_CALL_NAMED, 0, 0, NEVER, 0, "anon_inode:[signalfd]"},
	{"signalfd4", FD_CALL_NAMED, 0, 0, 3, OPEN_CLOEXEC, "anon_inode:[signalfd]"},
	{"inotify_init", FD_CALL_NAMED, 0, 0, NEVER, 0, "anon_inode:inotify"},
	{"inotify_init1", FD_CALL_NAMED, 0, 0, 0, OPEN_CLOEXEC, "anon_inode:inotify"},
	{"bpf", FD_CALL_BPF, 0, 0, ALWAYS, 0, NULL},
	{"fsopen", FD_CALL_NAMED, 0, 0, 1, 1, "anon_inode:[fscontext]"},
	{"fspick", FD_CALL_NAMED, 0, 0, 2, 1, "anon_inode:[fscontext]"},
	{"userfaultfd", FD_CALL_NAMED, 0, 0, 0, OPEN_CLOEXEC, "anon_inode:[userfaultfd]"},
	{"fanotify_init", FD_CALL_NAMED, 0, 0, 0, 1, "anon_inode:[fanotify]"},
	{"perf_event_open", FD_CALL_NAMED, 0, 0, 4, 8, "anon_inode:[perf_event]"},
	{"landlock_create_ruleset", FD_CALL_NAMED, 0, 0, ALWAYS, 0,
	 "anon_inode:[landlock-ruleset]"},
	{"memfd_create", FD_CALL_MEMFD, 0, 0, 1, 1, NULL},
	{"pidfd_open", FD_CALL_NAMED, 0, 0, ALWAYS, 0, "anon_inode:[pidfd]"},
	{"io_uring_setup", FD_CALL_IO_URING, 0, 0, ALWAYS, 0, "anon_inode:[io_uring]"},
	{"io_uring_enter", FD_CALL_IO_SUBMIT, 0, 0, NEVER, 0, NULL},
	{"dup", FD_CALL_DUP, 0, 0, NEVER, 0, NULL},
	{"dup2", FD_CALL_DUP, 0, 0, NEVER, 0, NULL},
	{"dup3", FD_CALL_DUP, 0, 0, 2, OPEN_CLOEXEC, NULL},
	{"fcntl", FD_CALL_SET_CLOEXEC, 0, 0, NEVER, 0, NULL},
	{"fcntl64", FD_CALL_SET_CLOEXEC, 0, 0, NEVER, 0, NULL},
	{"ioctl", FD_CALL_SET_CLOEXEC, 0, 0, NEVER, 0, NULL},
	{"close", FD_CALL_CLOSE, 0, 0, NEVER, 0, NULL},
	{"close_range", FD_CALL_CLOSE_RANGE, 0, 0, NEVER, 0, NULL},
	{"recvmsg", FD_CALL_RECEIVE, 0, 0, NEVER, 0, NULL},
	{"recvmmsg", FD_CALL_RECEIVE, 0, 0, NEVER, 0, NULL},
	{"recvmmsg_time64", FD_CALL_RECEIVE, 0, 0, NEVER, 0, NULL},
	{"socketcall", FD_CALL_MULTIPLEXED, 0, 0, NEVER, 0, NULL},
	{"bind", FD_CALL_LOCAL, 0, 0, NEVER, 0, NULL},
	{"getsockname", FD_CALL_LOCAL, 0, 0, NEVER, 0, NULL},
	{"connect", FD_CALL_PEER, 0, 0, NEVER, 0, NULL},
	{"getpeername", FD_CALL_PEER, 0, 0, NEVER, 0, NULL},
	{"chdir", FD_CALL_CHDIR, FD_CALL_NO_ARG, 0, NEVER, 0, NULL},
	{"fchdir", FD_CALL_FCHDIR, 0, 0, NEVER, 0, NULL},
	{"getcwd", FD_CALL_GETCWD, 0, 0, NEVER, 0, NULL},
	{"unlink", FD_CALL_UNLINK, FD_CALL_NO_ARG, 0, NEVER, 0, NULL},
	{"rmdir", FD_CALL_UNLINK, FD_CALL_NO_ARG, 0, NEVER, 0, NULL},
	{"unlinkat", FD_CALL_UNLINK, 0, 1, NEVER, 0, NULL},
	{"rename", FD_CALL_RENAME, FD_CALL_NO_ARG, 0, NEVER, 0, NULL},
	{"renameat", FD_CALL_RENAME, 0, 1, NEVER, 0, NULL},
	{"renameat2", FD_CALL_RENAME, 0, 1, NEVER, 0, NULL},
	{"mount", FD_CALL_MOUNT, 0, 0, NEVER, 0, NULL},
	{"umount2", FD_CALL_MOUNT, 0, 0, NEVER, 0, NULL},
	{"move_mount", FD_CALL_MOUNT, 0, 0, NEVER, 0, NULL},
	{"chroot", FD_CALL_ROOT, 0, 0, NEVER, 0, NULL},
	{"pivot_root", FD_CALL_ROOT, 0, 0, NEVER, 0, NULL},
	{"setns", FD_CALL_ROOT, 0, 0, NEVER, 0, NULL},
	{"unshare", FD_CALL_UNSHARE, 0, 0, NEVER, 0, NULL},
	{"clone", FD_CALL_CLONE, 0, 0, NEVER, 0, NULL},
	{"clone3", FD_CALL_CLONE, 0, 0, NEVER, 0, NULL},
	{"fork", FD_CALL_CLONE, 0, 0, NEVER, 0, NULL},
	{"vfork", FD_CALL_CLONE, 0, 0, NEVER, 0, NULL},
	/* What is left: by the table of syscalls. */
	{NULL, FD_CALL_UNNAMED, 0, 0, NEVER, 0, NULL},
};

static void fill_rows(uint8_t row[IGREC_SYSCALLS_MAX], enum arch arch, bool compat)
{
	for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
		const struct syscall_descriptor *call = syscall_of(arch, nr, compat);

		if (call && call->result.type == VALUE_FD)
			row[nr] = ARRAY_SIZE(rows) - 1;
	}
	for (size_t i = 1; i < ARRAY_SIZE(rows) - 1; i++) {
		const struct syscall_descriptor *call =
			syscall_named(arch, rows[i].syscall, compat);

		if (call)
			row[call->nr] = (uint8_t)i;
	}
}

/* Names are looked up once in the life of a program. */
static struct fd_calls of_arch[ARCHES];

static void fill_all(void)
{
	for (int arch = 0; arch < ARCHES; arch++) {
		fill_rows(of_arch[arch].row[false], (enum arch)arch, false);
		fill_rows(of_arch[arch].row[true], (enum arch)arch, true);
	}
}

void fd_calls_init(struct fd_calls *calls, enum arch arch)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fill_all);
	*calls = of_arch[arch];
}

bool fd_calls_has(const struct fd_calls *calls, unsigned nr, bool compat)
{
	return nr < IGREC_SYSCALLS_MAX && calls->row[compat][nr];
}

static enum cloexec cloexec_of(const struct row *row, const struct event *event)
{
	if (row->flags == ALWAYS)
		return CLOEXEC_ON;
	if (row->flags == NEVER)
		return CLOEXEC_OFF;
	if (row->flags == IN_MEMORY)
		return CLOEXEC_UNKNOWN;
	return event->arg[row->flags] & row->bit ? CLOEXEC_ON : CLOEXEC_OFF;
}

/* fcntl and ioctl: most of them do nothing of interest here. */
static void judge_control(const struct row *row, const struct event *event, struct fd_call *call)
{
	uint32_t command = (uint32_t)event->arg[1];
	bool is_ioctl = row->syscall[0] == 'i';

	if (!is_ioctl && (command == F_DUPFD || command == F_DUPFD_CLOEXEC_CMD)) {
		call->kind = FD_CALL_DUP;
		call->cloexec = command == F_DUPFD ? CLOEXEC_OFF : CLOEXEC_ON;
	} else if (!is_ioctl && command == F_SETFD) {
		call->cloexec = event->arg[2] & FD_CLOEXEC ? CLOEXEC_ON : CLOEXEC_OFF;
	} else if (is_ioctl && command == TIOCGPTPEER) {
		call->kind = FD_CALL_UNNAMED;
		call->cloexec = event->arg[2] & OPEN_CLOEXEC ? CLOEXEC_ON : CLOEXEC_OFF;
	} else if (is_ioctl && (command == FIOCLEX || command == FIONCLEX)) {
		call->cloexec = command == FIOCLEX ? CLOEXEC_ON : CLOEXEC_OFF;
	} else {
		call->kind = FD_CALL_NONE;
	}
}

/*
 * What kernel/bpf/ calls the files of its objects. One that BPF_OBJ_GET opens may be of any kind;
 * other commands that have a result make none.
 */
static void judge_bpf(const struct event *event, struct fd_call *call)
{
	static const char *const names[] = {
		[BPF_MAP_CREATE] = "anon_inode:bpf-map",
		[BPF_MAP_GET_FD_BY_ID] = "anon_inode:bpf-map",
		[BPF_PROG_LOAD] = "anon_inode:bpf-prog",
		[BPF_PROG_GET_FD_BY_ID] = "anon_inode:bpf-prog",
		[BPF_BTF_LOAD] = "anon_inode:btf",
		[BPF_BTF_GET_FD_BY_ID] = "anon_inode:btf",
		[BPF_RAW_TRACEPOINT_OPEN] = "anon_inode:bpf_link",
		[BPF_LINK_CREATE] = "anon_inode:bpf_link",
		[BPF_LINK_GET_FD_BY_ID] = "anon_inode:bpf-link",
		[BPF_ITER_CREATE] = "anon_inode:bpf_iter",
		[BPF_ENABLE_STATS] = "anon_inode:bpf-stats",
	};
	uint32_t command = (uint32_t)event->arg[0];

	call->kind = FD_CALL_NONE;
	if (command == BPF_OBJ_GET)
		call->kind = FD_CALL_UNNAMED;
	else if (command < ARRAY_SIZE(names) && (call->name = names[command]))
		call->kind = FD_CALL_NAMED;
}

/* Its arguments are not on the tape: what it makes has no name. */
static enum fd_call_kind judge_socketcall(const struct event *event)
{
	switch ((uint32_t)event->arg[0]) {
	case SYS_SOCKET:
	case SYS_ACCEPT:
	case SYS_ACCEPT4:
		return FD_CALL_UNNAMED;
	case SYS_SOCKETPAIR:
		return FD_CALL_PAIR;
	case SYS_RECVMSG:
	case SYS_RECVMMSG:
		return FD_CALL_RECEIVE;
	default:
		return FD_CALL_NONE;
	}
}

/* A close that was interrupted, or found that earlier writes failed, has closed all the same. */
static bool has_effect(const struct row *row, const struct event *event)
{
	if (event->result >= 0)
		return true;
	if (row->kind == FD_CALL_CLOSE)
		return event->result != -EBADF;
	return row->kind == FD_CALL_CLONE || row->syscall == NULL ||
	       (row->kind == FD_CALL_PEER && row->syscall[0] == 'c');
}

/* These change nothing of a descriptor that was there already, or make none. */
static bool is_idle(const struct row *row, const struct event *event)
{
	if (row->kind == FD_CALL_NAMED && !strncmp(row->syscall, "signalfd", 8))
		return (int32_t)event->arg[0] != -1;
	/* Without a struct it is asked for its version. */
	if (row->kind == FD_CALL_NAMED && !strncmp(row->syscall, "landlock", 8))
		return event->arg[1] == 0;
	if (row->kind == FD_CALL_IO_SUBMIT)
		return (uint32_t)event->arg[1] == 0;
	return row->kind == FD_CALL_DUP && !strcmp(row->syscall, "dup2") &&
	       (uint32_t)event->arg[0] == (uint32_t)event->arg[1];
}

/* Whether the kernel looks for operations of its own accord: struct io_uring_params has flags. */
static bool may_submit_itself(const struct event *event)
{
	const struct event_capture *params = event_capture_of(event, 1);
	uint32_t flags;

	if (!params || params->bytes < URING_FLAGS_AT + sizeof(flags))
		return true;
	memcpy(&flags, params->data + URING_FLAGS_AT, sizeof(flags));
	return flags & URING_SETUP_SQPOLL;
}

static const struct row *row_of(const struct fd_calls *calls, const struct event *event)
{
	return &rows[event->nr < IGREC_SYSCALLS_MAX ? calls->row[event->compat][event->nr] : 0];
}

static struct fd_call syscall_call(const struct fd_calls *calls, const struct event *event)
{
	const struct row *row = row_of(calls, event);
	struct fd_call call = {
		.kind = row->kind,
		.dir = row->dir,
		.path = row->path,
		.pair = row->dir,
		.name = row->name,
	};

	if (!row->kind || !has_effect(row, event) || is_idle(row, event))
		return (struct fd_call){.kind = FD_CALL_NONE};
	call.cloexec = row->syscall ? cloexec_of(row, event) : CLOEXEC_UNKNOWN;
	if (row->kind == FD_CALL_SET_CLOEXEC)
		judge_control(row, event, &call);
	if (row->kind == FD_CALL_BPF)
		judge_bpf(event, &call);
	if (row->kind == FD_CALL_IO_URING && !may_submit_itself(event))
		call.kind = FD_CALL_NAMED;
	if (row->kind == FD_CALL_MULTIPLEXED)
		call.kind = judge_socketcall(event);
	if (row->kind == FD_CALL_UNNAMED && event->result < 0)
		call.kind = FD_CALL_NONE;
	return call;
}

struct fd_call fd_call_of(const struct fd_calls *calls, const struct event *event)
{
	switch (event->type) {
	case IGREC_RECORD_SYSCALL:
		return syscall_call(calls, event);
	case IGREC_RECORD_FORK:
		return (struct fd_call){.kind = FD_CALL_FORKED};
	case IGREC_RECORD_EXEC:
		return (struct fd_call){.kind = FD_CALL_EXEC};
	case IGREC_RECORD_EXIT:
		return (struct fd_call){.kind = FD_CALL_EXIT};
	default:
		return (struct fd_call){.kind = FD_CALL_NONE};
	}
}

unsigned fd_call_changes(const struct fd_call *call, const struct event *event, int ret_fds[2])
{
	const struct event_capture *pair;

	switch (call->kind) {
	case FD_CALL_OPEN:
	case FD_CALL_QUEUE:
	case FD_CALL_SOCKET:
	case FD_CALL_ACCEPT:
	case FD_CALL_NAMED:
	case FD_CALL_MEMFD:
	case FD_CALL_DUP:
	case FD_CALL_UNNAMED:
	case FD_CALL_IO_URING:
		ret_fds[0] = (int)event->result;
		return 1;
	case FD_CALL_CLOSE:
		ret_fds[0] = (int)event->arg[0];
		return 1;
	case FD_CALL_PAIR:
		pair = event_capture_of(event, call->pair);
		if (!pair || pair->bytes < 2 * sizeof(ret_fds[0]))
			return 0;
		memcpy(ret_fds, pair->data, 2 * sizeof(ret_fds[0]));
		return 2;
	default:
		return 0;
	}
}

bool fd_call_clone_flags(const struct event *event, enum arch arch, uint64_t *ret)
{
	const struct syscall_descriptor *call = syscall_of(arch, event->nr, event->compat);
	const struct event_capture *args;

	if (!call)
		return false;
	*ret = 0;
	if (!strcmp(call->name, "clone")) {
		*ret = event->arg[0];
		return event->args > 0;
	}
	if (strcmp(call->name, "clone3") != 0)
		return true;
	args = event_capture_of(event, 0);
	if (!args || args->bytes < sizeof(*ret))
		return false;
	memcpy(ret, args->data, sizeof(*ret));
	return true;
}
