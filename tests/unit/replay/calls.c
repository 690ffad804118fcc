/* SPDX-License-Identifier: Apache-2.0 */
/* Single calls as strace prints them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
/* After what it needs. */
#include <cmocka.h>

#include "tests/unit/replay/call_rows.h"

static const struct call_row calls[] = {
	{"openat(AT_FDCWD, \"/etc/x\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)",
	 "openat", -ENOENT, .arg = {AT_CWD, 0x1000, 02000000}, .capture = {TEXT(1, "/etc/x")}},
	{"openat(AT_FDCWD, \"/new\", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3", "openat", 3,
	 .arg = {AT_CWD, 0x1000, 01101, 0100644 & 0777}, .capture = {TEXT(1, "/new")}},
	{"openat(5, \"x\", O_RDWR|O_DIRECTORY) = 4", "openat", 4, .arg = {5, 0x1000, 0200002},
	 .capture = {TEXT(1, "x")}},
	{"openat(AT_FDCWD, \"/long\"..., O_RDONLY) = 3", "openat", 3, .arg = {AT_CWD, 0x1000},
	 .capture = {CUT(1, "/long")}},
	{"openat(AT_FDCWD, <unreadable>, O_RDONLY) = -1 EFAULT (Bad address)", "openat", -EFAULT,
	 .arg = {AT_CWD, 0x1}, .capture = {UNREADABLE(1)}},
	{"openat(AT_FDCWD, NULL, O_RDONLY) = -1 EFAULT (Bad address)", "openat", -EFAULT,
	 .arg = {AT_CWD}},
	{"openat(AT_FDCWD, \"\\n\\33\\\"\\377\", O_RDONLY) = 3", "openat", 3,
	 .arg = {AT_CWD, 0x1000}, .capture = {TEXT(1, "\n\033\"\377")}},
	{"openat(AT_FDCWD, \"/x\", O_RDONLY|0x80000000) = 3", "openat", 3,
	 .arg = {AT_CWD, 0x1000, 0x80000000}, .capture = {TEXT(1, "/x")}},
	{"access(\"/x\", F_OK) = 0", "access", 0, .arg = {0x1000}, .capture = {TEXT(0, "/x")}},
	{"access(\"/x\", R_OK|W_OK) = 0", "access", 0, .arg = {0x1000, 6},
	 .capture = {TEXT(0, "/x")}},
	{"access(\"/x\", 0x8 /* ?_OK */) = -1 EINVAL (Invalid argument)", "access", -EINVAL,
	 .arg = {0x1000, 8}, .capture = {TEXT(0, "/x")}},
	{"mkdir(\"/d\", 000) = 0", "mkdir", 0, .arg = {0x1000}, .capture = {TEXT(0, "/d")}},
	{"mkdir(\"/d\", 01777) = 0", "mkdir", 0, .arg = {0x1000, 01777},
	 .capture = {TEXT(0, "/d")}},
	{"rename(\"/a\", \"/b\") = 0", "rename", 0, .arg = {0x1000, 0x2000},
	 .capture = {TEXT(0, "/a"), TEXT(1, "/b")}},
	{"readlink(\"/l\", \"target\", 4096) = 6", "readlink", 6, .arg = {0x1000, 0x2000, 4096},
	 .capture = {TEXT(0, "/l"), TEXT(1, "target")}},
	{"getcwd(\"/\", 4096) = 2", "getcwd", 2, .arg = {0x1000, 4096},
	 .capture = {TEXT(0, "/\0")}},
	{"read(3, \"a\\0b\", 10) = 3", "read", 3, .arg = {3, 0x1000, 10},
	 .capture = {TEXT(1, "a\0b")}},
	{"write(1, \"abc\"..., 500) = 500", "write", 500, .arg = {1, 0x1000, 500},
	 .capture = {CUT(1, "abc")}},
	{"read(3, 0x1000, 10) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)", "read", -512,
	 .arg = {3, 0x1000, 10}},
	{"close(-1) = -1 EBADF (Bad file descriptor)", "close", -EBADF, .arg = {0xffffffff}},
	{"lseek(3, -1, SEEK_END) = 99", "lseek", 99, .arg = {3, -1UL, 2}},
	{"fcntl(3, F_SETFD, FD_CLOEXEC) = 0", "fcntl", 0, .arg = {3, F_SETFD, 1}},
	{"fcntl(3, F_GETFL) = 0x8000 (flags O_RDONLY|O_LARGEFILE)", "fcntl", 32768,
	 .arg = {3, F_GETFL}},
	{"pipe2([3, 4], O_CLOEXEC) = 0", "pipe2", 0, .arg = {0x1000, 02000000},
	 .capture = {TEXT(0, "\3\0\0\0\4\0\0\0")}},
	{"mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = "
	 "0x7f0000000000",
	 "mmap", 0x7f0000000000, .arg = {0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, 0xffffffff}},
	{"mprotect(0x1000, 4096, PROT_NONE) = 0", "mprotect", 0, .arg = {0x1000, 4096}},
	{"socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3", "socket", 3,
	 .arg = {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 6}},
	{"connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, "
	 "16) "
	 "= -1 ECONNREFUSED (Connection refused)",
	 "connect", -ECONNREFUSED, .arg = {3, 0x1000, 16},
	 .capture = {TEXT(1, "\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0")}},
	{"connect(3, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), "
	 "inet_pton(AF_INET6, \"::1\", &sin6_addr), sin6_scope_id=0}, 28) = 0",
	 "connect", 0, .arg = {3, 0x1000, 28},
	 .capture = {TEXT(1, "\12\0\1\273\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0")}},
	{"connect(3, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110) = 0", "connect", 0,
	 .arg = {3, 0x1000, 110}, .capture = {TEXT(1, "\1\0/run/x\0\0\0\0")}},
	{"bind(3, {sa_family=AF_UNIX, sun_path=@\"hidden\"}, 9) = 0", "bind", 0,
	 .arg = {3, 0x1000, 9}, .capture = {TEXT(1, "\1\0\0hidden")}},
	{"bind(3, {sa_family=AF_UNIX}, 2) = 0", "bind", 0, .arg = {3, 0x1000, 2},
	 .capture = {TEXT(1, "\1\0")}},
	{"accept4(3, NULL, NULL, SOCK_NONBLOCK) = 4", "accept4", 4,
	 .arg = {3, 0, 0, SOCK_NONBLOCK}},
	{"sendto(3, \"hi\", 2, MSG_NOSIGNAL, NULL, 0) = 2", "sendto", 2,
	 .arg = {3, 0x1000, 2, MSG_NOSIGNAL}, .capture = {TEXT(1, "hi")}},
	{"kill(7, SIGTERM) = 0", "kill", 0, .arg = {7, SIGTERM}},
	{"kill(-1, 0) = 0", "kill", 0, .arg = {0xffffffff}},
	{"wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 9", "wait4", 9,
	 .arg = {0xffffffff, 0x1000}, .capture = {TEXT(1, "\0\3\0\0")}},
	{"wait4(9, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], WNOHANG, NULL) = "
	 "9",
	 "wait4", 9, .arg = {9, 0x1000, 1}, .capture = {TEXT(1, "\213\0\0\0")}},
	{"futex(0x1000, FUTEX_WAIT_PRIVATE, 2, NULL) = -1 EAGAIN (Resource temporarily "
	 "unavailable)",
	 "futex", -EAGAIN, .arg = {0x1000, FUTEX_WAIT_PRIVATE, 2}},
	{"futex(0x1000, FUTEX_WAKE_PRIVATE, 1) = 1", "futex", 1,
	 .arg = {0x1000, FUTEX_WAKE_PRIVATE, 1}},
	{"rt_sigprocmask(SIG_BLOCK, [INT CHLD], [], 8) = 0", "rt_sigprocmask", 0,
	 .arg = {0, 0x1000, 0x2000, 8},
	 .capture = {TEXT(1, "\2\0\1\0\0\0\0\0"), TEXT(2, "\0\0\0\0\0\0\0\0")}},
	{"rt_sigprocmask(SIG_SETMASK, ~[KILL STOP], NULL, 8) = 0", "rt_sigprocmask", 0,
	 .arg = {2, 0x1000, 0, 8}, .capture = {TEXT(1, "\377\376\373\377\377\377\377\377")}},
	{"setresuid(-1, 1000, -1) = 0", "setresuid", 0, .arg = {0xffffffff, 1000, 0xffffffff}},
	{"umask(022) = 077", "umask", 077, .arg = {022}},
	{"prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=1024, rlim_max=1024*1024}) = 0", "prlimit64",
	 0, .arg = {0, 7, 0, 0x1000}, .capture = {TEXT(3, "\0\4\0\0\0\0\0\0\0\0\20\0\0\0\0\0")}},
	{"clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=5}, 0x2000) = 0", "clock_nanosleep",
	 0, .arg = {0, 0, 0x1000, 0x2000},
	 .capture = {TEXT(2, "\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0")}},
	{"fcntl(3, F_GETFD) = 0", "fcntl", 0, .arg = {3, F_GETFD}},
	{"fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)", "fcntl", 1, .arg = {3, F_GETFD}},
	{"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=1, l_len=2}) = 0", "fcntl",
	 0, .arg = {3, F_SETLK, 0x1000},
	 .capture = {TEXT(2, "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
	{"ioctl(0, TCGETS, 0x1000) = -1 ENOTTY (Inappropriate ioctl for device)", "ioctl", -ENOTTY,
	 .arg = {0, 0x5401, 0x1000}, .capture = {TEXT(2, "\0\0\0\0\0\0\0\0")}},
	{"ioctl(0, TIOCGWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}) = 0", "ioctl", 0,
	 .arg = {0, 0x5413, 0x1000}, .capture = {TEXT(2, "\30\0\120\0\0\0\0\0")}},
	{"ioctl(0, FIONREAD, [5]) = 0", "ioctl", 0, .arg = {0, 0x541b, 0x1000},
	 .capture = {TEXT(2, "\5\0\0\0")}},
	{"ioctl(3, SNDCTL_TMR_START or TCSETS, 0x1000) = 0", "ioctl", 0,
	 .arg = {3, 0x5402, 0x1000}},
	{"ioctl(3, _IOC(_IOC_READ, 0xfe, 0xed, 0x10), 0x1000) = 0", "ioctl", 0,
	 .arg = {3, 0x8010feed, 0x1000}},
	{"clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, "
	 "child_tidptr=0x7000) = 9",
	 "clone", 9, .arg = {0x1200011, 0, 0, 0x7000, 0}},
	{"clone(child_stack=0x5000, flags=SIGCHLD) = 9", "clone", 9, .arg = {17, 0x5000}},
	{"clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD, stack=0x1000, "
	 "stack_size=0x9000}, "
	 "88) = 9",
	 "clone3", 9, .arg = {0x1000, 88},
	 .capture = {TEXT(0, "\0\101\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\21\0\0\0\0\0\0\0"
			     "\0\20\0\0\0\0\0\0\0\220\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
	{"rt_sigaction(SIGINT, {sa_handler=SIG_IGN, sa_mask=[INT], "
	 "sa_flags=SA_RESTORER|SA_RESTART, "
	 "sa_restorer=0x4000}, NULL, 8) = 0",
	 "rt_sigaction", 0, .arg = {2, 0x1000, 0, 8},
	 .capture = {TEXT(1,
			  "\1\0\0\0\0\0\0\0\0\0\0\24\0\0\0\0\0\100\0\0\0\0\0\0\2\0\0\0\0\0\0\0")}},
	{"sigaltstack({ss_sp=0x3000, ss_flags=0, ss_size=8192}, NULL) = 0", "sigaltstack", 0,
	 .arg = {0x1000},
	 .capture = {TEXT(0, "\0\60\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\40\0\0\0\0\0\0")}},
	{"rt_sigreturn({mask=[CHLD]}) = 0", "rt_sigreturn", 0, .arg = {0},
	 .capture = {TEXT(0, "\0\0\1\0\0\0\0\0")}},
	{"rt_sigreturn() = 0", "rt_sigreturn", 0, .arg = {0}},
	{"wait4(-1, 0x1000, WNOHANG, NULL) = 0", "wait4", 0, .arg = {0xffffffff, 0x1000, 1},
	 .capture = {TEXT(1, "\0\3\0\0")}},
	{"waitid(P_PID, 9, {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=9, si_uid=0, "
	 "si_status=SIGKILL, si_utime=0, si_stime=1 /* 0.01 s */}, WEXITED, NULL) = 0",
	 "waitid", 0, .arg = {1, 9, 0x1000, 4, 0},
	 .capture = {TEXT(2, "\21\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0")}},
	{"waitid(P_ALL, -1, {}, WNOHANG|WEXITED, NULL) = 0", "waitid", 0,
	 .arg = {0, -1UL, 0x1000, 5, 0},
	 .capture = {TEXT(2, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
	{"prctl(PR_SET_NAME, \"worker\") = 0", "prctl", 0, .arg = {15, 0x1000},
	 .capture = {TEXT(1, "worker")}},
	{"prctl(PR_GET_DUMPABLE) = 1 (SUID_DUMP_USER)", "prctl", 1, .arg = {3}},
	{"prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) = 1", "prctl", 1, .arg = {23, 21}},
	{"prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) = 0", "prctl", 0,
	 .arg = {47, 1, 5}},
	{"prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) = 0", "prctl", 0, .arg = {38, 1}},
	{"capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_BPF, "
	 "permitted=1<<CAP_CHOWN, inheritable=0}) = 0",
	 "capget", 0, .arg = {0x1000, 0x2000},
	 .capture = {TEXT(0, "\42\5\10\40\0\0\0\0"),
		     TEXT(1, "\1\0\0\0\1\0\0\0\0\0\0\0\200\0\0\0\0\0\0\0\0\0\0\0")}},
	{"getdents64(3, 0x1000 /* 5 entries */, 32768) = 144", "getdents64", 144,
	 .arg = {3, 0x1000, 32768}, .capture = {TEXT(1, "\5\0\0\0")}},
	{"execve(\"/x\", [\"x\", \"-v\"], 0x2000 /* 1 var */) = -1 ENOENT (No such file or "
	 "directory)",
	 "execve", -ENOENT, .arg = {0x1000, 0x1800, 0x2000},
	 .capture = {TEXT(0, "/x"), TEXT(1, "x\0-v\0"), TEXT(2, "\1\0\0\0")}},
	{"sched_getaffinity(0, 128, [0 1 9]) = 8", "sched_getaffinity", 8, .arg = {0, 128, 0x1000},
	 .capture = {TEXT(2, "\3\2\0\0\0\0\0\0")}},
	{"statx(AT_FDCWD, \"/x\", AT_STATX_SYNC_AS_STAT, STATX_ALL, "
	 "{stx_mask=STATX_MODE|STATX_SIZE, "
	 "stx_attributes=0, stx_mode=S_IFREG|0644, stx_size=7, ...}) = 0",
	 "statx", 0, .arg = {AT_CWD, 0x1000, 0, 0xfff, 0x2000},
	 .capture = {TEXT(1, "/x"),
		     TEXT(4, "\2\2\0\0\0\20\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0"
			     "\244\201\0\0\0\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0")}},
	{"getxattr(\"/x\", \"user.a\", \"v\\0w\", 16) = 3", "getxattr", 3,
	 .arg = {0x1000, 0x1800, 0x2000, 16},
	 .capture = {TEXT(0, "/x"), TEXT(1, "user.a"), TEXT(2, "v\0w")}},
	{"getrusage(RUSAGE_SELF, {ru_utime={tv_sec=1, tv_usec=2}, ru_stime={tv_sec=0, tv_usec=3}, "
	 "...}) = 0",
	 "getrusage", 0, .arg = {0, 0x1000},
	 .capture = {TEXT(1, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0")}},
	{"mknod(\"/f\", S_IFIFO|0600) = 0", "mknod", 0, .arg = {0x1000, 010600},
	 .capture = {TEXT(0, "/f")}},
	{"mknod(\"/d\", S_IFCHR|0600, makedev(0x1, 0x3)) = 0", "mknod", 0,
	 .arg = {0x1000, 020600, 0x103}, .capture = {TEXT(0, "/d")}},
	{"utimensat(3, NULL, [UTIME_NOW, {tv_sec=1, tv_nsec=5} /* "
	 "1970-01-01T00:00:01.000000005+0000 */], "
	 "0) = 0",
	 "utimensat", 0, .arg = {3, 0, 0x1000},
	 .capture = {TEXT(
		 2, "\0\0\0\0\0\0\0\0\377\377\377\77\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0")}},
	{"ioctl(7, FIONBIO, [1]) = 0", "ioctl", 0, .arg = {7, 0x5421, 0x1000},
	 .capture = {TEXT(2, "\1\0\0\0\7\7\7\7")}},
	{"stat(\"/tmp\", {st_mode=S_IFDIR|S_ISVTX|0777, st_size=40, ...}) = 0", "stat", 0,
	 .arg = {0x1000, 0x2000},
	 .capture = {TEXT(0, "/tmp"),
		     TEXT(1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377\103\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\50\0\0\0\0\0\0\0")}},
	{"writev(3, [{iov_base=\"abc\", iov_len=3}, {iov_base=\"\", iov_len=0}, "
	 "{iov_base=\"de\"..., "
	 "iov_len=5}], 3) = 8",
	 "writev", 8, .arg = {3, 0x1000, 3},
	 .capture = {TEXT(1, "\0\20\0\0\0\0\0\0\3\0\0\0\0\0\0\0"
			     "\0\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			     "\0\20\0\0\0\0\0\0\5\0\0\0\0\0\0\0"),
		     CUT(1, "abcde")}},
	{"readv(3, [{iov_base=\"abc\", iov_len=4}, {iov_base=\"\", iov_len=5}], 2) = 3", "readv", 3,
	 .arg = {3, 0x1000, 2},
	 .capture = {TEXT(1, "\0\20\0\0\0\0\0\0\4\0\0\0\0\0\0\0"
			     "\0\20\0\0\0\0\0\0\5\0\0\0\0\0\0\0"),
		     TEXT(1, "abc")}},
	{"writev(3, [{iov_base=0x1000, iov_len=3}], 1) = 3", "writev", 3, .arg = {3, 0x1000, 1},
	 .capture = {TEXT(1, "\0\20\0\0\0\0\0\0\3\0\0\0\0\0\0\0")}},
	{"sendmsg(3, {msg_name={sa_family=AF_UNIX, sun_path=\"/s\"}, msg_namelen=5, "
	 "msg_iov=[{iov_base=\"hi\", iov_len=2}], msg_iovlen=1, "
	 "msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
	 "cmsg_data=[0, 1]}], msg_controllen=24, msg_flags=0}, MSG_NOSIGNAL) = 2",
	 "sendmsg", 2, .arg = {3, 0x1000, MSG_NOSIGNAL},
	 .capture = {TEXT(1, "\0\20\0\0\0\0\0\0\5\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
			     "\0\20\0\0\0\0\0\0\30\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_MSG_NAME, "\1\0/s\0"),
		     TEXT(IGREC_ARG_MSG_IOV, "\0\20\0\0\0\0\0\0\2\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_MSG_CONTROL,
			  "\30\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0"),
		     TEXT(IGREC_ARG_MSG_DATA, "hi")}},
	{"recvmsg(3, {msg_namelen=0}, 0) = -1 EAGAIN (Resource temporarily unavailable)", "recvmsg",
	 -EAGAIN, .arg = {3, 0x1000},
	 .capture = {TEXT(1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
	{"sendmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"a\", "
	 "iov_len=1}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=1}, "
	 "{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"bc\", iov_len=2}], "
	 "msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=2}], 2, 0) = 2",
	 "sendmmsg", 2, .arg = {3, 0x1000, 2},
	 .capture = {TEXT(1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_MSG_IOV, "\0\20\0\0\0\0\0\0\1\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_MSG_DATA, "a"),
		     TEXT(IGREC_ARG_MSG_IOV + IGREC_ARG_MSG_PARTS,
			  "\0\20\0\0\0\0\0\0\2\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_MSG_DATA + IGREC_ARG_MSG_PARTS, "bc")}},
	{"setsockopt(8, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8) = 0", "setsockopt", 0,
	 .arg = {8, SOL_SOCKET, SO_LINGER, 0x1000, 8}, .capture = {TEXT(3, "\1\0\0\0\5\0\0\0")}},
	{"setsockopt(8, SOL_SOCKET, SO_BINDTODEVICE, \"lo\\0\", 3) = 0", "setsockopt", 0,
	 .arg = {8, SOL_SOCKET, SO_BINDTODEVICE, 0x1000, 3}, .capture = {TEXT(3, "lo\0")}},
	{"getsockopt(8, SOL_SOCKET, SO_ERROR, [0], [4]) = 0", "getsockopt", 0,
	 .arg = {8, SOL_SOCKET, SO_ERROR, 0x1000, 0x2000},
	 .capture = {TEXT(3, "\0\0\0\0"), TEXT(4, "\4\0\0\0")}},
	{"accept(3, {sa_family=AF_UNIX}, [2]) = 4", "accept", 4, .arg = {3, 0x1000, 0x2000},
	 .capture = {TEXT(1, "\1\0"), TEXT(2, "\2\0\0\0")}},
	{"connect(14, {sa_family=AF_UNSPEC, sa_data=\"\\0tmp\"}, 6) = 0", "connect", 0,
	 .arg = {14, 0x1000, 6}, .capture = {TEXT(1, "\0\0\0tmp")}},
	{"bind(15, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=0x000003}, 12) = 0", "bind", 0,
	 .arg = {15, 0x1000, 12}, .capture = {TEXT(1, "\20\0\0\0\0\0\0\0\3\0\0\0")}},
	{"poll([{fd=21, events=POLLIN}, {fd=22, events=POLLIN|POLLOUT}, {fd=-1}], 3, 0) = 1 "
	 "([{fd=22, revents=POLLOUT}])",
	 "poll", 1, .arg = {0x1000, 3},
	 .capture = {TEXT(0, "\25\0\0\0\1\0\0\0\26\0\0\0\5\0\4\0\377\377\377\377\1\0\0\0")}},
	{"poll([{fd=21, events=POLLIN}], 1, 10) = 0 (Timeout)", "poll", 0, .arg = {0x1000, 1, 10},
	 .capture = {TEXT(0, "\25\0\0\0\1\0\0\0")}},
	{"epoll_ctl(6, EPOLL_CTL_ADD, 7, {events=EPOLLIN, data={u32=7, u64=4294967303}}) = 0",
	 "epoll_ctl", 0, .arg = {6, 1, 7, 0x1000},
	 .capture = {TEXT(3, "\1\0\0\0\7\0\0\0\1\0\0\0")}},
	{"epoll_wait(6, [{events=EPOLLOUT, data={u32=22, u64=22}}], 8, -1) = 1", "epoll_wait", 1,
	 .arg = {6, 0x1000, 8, 0xffffffff}, .capture = {TEXT(1, "\4\0\0\0\26\0\0\0\0\0\0\0")}},
	{"epoll_wait(6, [], 8, 0) = 0", "epoll_wait", 0, .arg = {6, 0x1000, 8},
	 .capture = {TEXT(1, "")}},
	{"nanosleep({tv_sec=1, tv_nsec=5}, 0x2000) = 0", "nanosleep", 0, .arg = {0x1000, 0x2000},
	 .capture = {TEXT(0, "\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0"),
		     TEXT(1, "\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0")}},
	{"nanosleep({tv_sec=1, tv_nsec=5}, {tv_sec=0, tv_nsec=5}) = ? ERESTART_RESTARTBLOCK "
	 "(Interrupted by signal)",
	 "nanosleep", -516, .arg = {0x1000, 0x2000},
	 .capture = {TEXT(0, "\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0"),
		     TEXT(1, "\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0")}},
	{"futex(0x1000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 1, {tv_sec=1, tv_nsec=5}, "
	 "FUTEX_BITSET_MATCH_ANY) = 0",
	 "futex", 0, .arg = {0x1000, 137 | 256, 1, 0x2000, 7, 0xffffffff},
	 .capture = {TEXT(3, "\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0")}},
	{"futex(0x1000, FUTEX_WAKE_BITSET, 1, 0x5) = 0", "futex", 0,
	 .arg = {0x1000, 10, 1, 0, 0, 5}},
	{"futex(0x1000, FUTEX_REQUEUE_PRIVATE, 1, 2, 0x2000) = 0", "futex", 0,
	 .arg = {0x1000, 131, 1, 2, 0x2000}},
	{"getrandom(\"\\x00\\xfe\", 2, GRND_NONBLOCK) = 2", "getrandom", 2, .arg = {0x1000, 2, 1},
	 .capture = {TEXT(0, "\0\376")}},
	{"shmget(0x1234, 10, IPC_CREAT|0600) = 3", "shmget", 3, .arg = {0x1234, 10, 01600}},
	{"shmget(IPC_PRIVATE, 10, 000) = 3", "shmget", 3, .arg = {0, 10}},
	{"semtimedop(0, [{sem_num=1, sem_op=-1, sem_flg=SEM_UNDO|IPC_NOWAIT}], 1, NULL) = 0",
	 "semtimedop", 0, .arg = {0, 0x1000, 1}, .capture = {TEXT(1, "\1\0\377\377\0\30")}},
	{"timer_create(CLOCK_MONOTONIC, {sigev_signo=SIGUSR2, sigev_notify=SIGEV_SIGNAL}, [2]) = 0",
	 "timer_create", 0, .arg = {1, 0x1000, 0x2000},
	 .capture = {TEXT(1, "\0\0\0\0\0\0\0\0\14\0\0\0\0\0\0\0"), TEXT(2, "\2\0\0\0")}},
	{"sendfile(4, 3, [5] => [8], 3) = 3", "sendfile", 3, .arg = {4, 3, 0x1000, 3},
	 .capture = {TEXT(2, "\10\0\0\0\0\0\0\0")}},
	{"sendfile(4, 3, [5], 3) = -1 EINVAL (Invalid argument)", "sendfile", -EINVAL,
	 .arg = {4, 3, 0x1000, 3}, .capture = {TEXT(2, "\5\0\0\0\0\0\0\0")}},
	{"copy_file_range(3, [5], 4, NULL, 3, 0) = 3", "copy_file_range", 3,
	 .arg = {3, 0x1000, 4, 0, 3}, .capture = {TEXT(1, "\10\0\0\0\0\0\0\0")}},
	{"recvmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"ab\", "
	 "iov_len=9}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=2}], 2, 0, NULL) = 1",
	 "recvmmsg", 1, .arg = {3, 0x1000, 2},
	 .capture = {TEXT(1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_MSG_IOV, "\0\20\0\0\0\0\0\0\11\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_MSG_DATA, "abXY")}},
	{"socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = 15", "socket", 15,
	 .arg = {AF_PACKET, SOCK_RAW, 0x300}},
	{"add_key(\"user\", \"d\", 0x3000, 7, KEY_SPEC_SESSION_KEYRING) = 1000", "add_key", 1000,
	 .arg = {0x1000, 0x2000, 0x3000, 7, 0xfffffffd},
	 .capture = {TEXT(0, "user"), TEXT(1, "d")}},
	{"keyctl(KEYCTL_SET_TIMEOUT, 449158537, 2) = 0", "keyctl", 0, .arg = {15, 449158537, 2}},
	{"keyctl(KEYCTL_LINK, 5, KEY_SPEC_SESSION_KEYRING) = 0", "keyctl", 0,
	 .arg = {8, 5, 0xfffffffd}},
	{"membarrier(MEMBARRIER_CMD_QUERY, 0) = 0x3 "
	 "(MEMBARRIER_CMD_GLOBAL|MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
	 "membarrier", 3, .arg = {0}},
	{"fanotify_mark(5, FAN_MARK_ADD, FAN_ACCESS|FAN_ONDIR, AT_FDCWD, \"/\") = 0",
	 "fanotify_mark", 0, .arg = {5, 1, 0x40000001, AT_CWD, 0x1000}, .capture = {TEXT(4, "/")}},
	{"mq_open(\"q\", O_RDONLY|O_CREAT, 0600, {mq_flags=0, mq_maxmsg=5, mq_msgsize=8, "
	 "mq_curmsgs=0}) = 3",
	 "mq_open", 3, .arg = {0x1000, 0100, 0600, 0x2000},
	 .capture = {TEXT(0, "q"), TEXT(3, "\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0"
					   "\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
	{"personality(PER_LINUX) = 0 (PER_LINUX)", "personality", 0, .arg = {0}},
	{"membarrier(MEMBARRIER_CMD_QUERY, 0) = 0x3 "
	 "(MEMBARRIER_CMD_GLOBAL|MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
	 "membarrier", 3, .arg = {0}},
	{"fanotify_mark(3, FAN_MARK_ADD|FAN_MARK_MOUNT, FAN_ACCESS, AT_FDCWD, \"/\") = 0",
	 "fanotify_mark", 0, .arg = {3, 0x11, 1, AT_CWD, 0x1000}, .capture = {TEXT(4, "/")}},
	{"mount(\"a\", \"b\", 0x1800, MS_BIND, 0x1800) = 0", "mount", 0,
	 .arg = {0x1000, 0x1400, 0x1800, 4096, 0x1800},
	 .capture = {TEXT(0, "a"), TEXT(1, "b"), TEXT(2, "")}},
	{"rt_sigqueueinfo(8, SIGUSR1, {si_signo=SIGUSR1, si_code=SI_QUEUE, si_pid=8, si_uid=0, "
	 "si_int=5, si_ptr=0x5}) = 0",
	 "rt_sigqueueinfo", 0, .arg = {8, 10, 0x1000},
	 .capture = {TEXT(2, "\12\0\0\0\0\0\0\0\377\377\377\377\0\0\0\0\10\0\0\0\0\0\0\0"
			     "\5\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
	{"personality(0xffffffff) = 0 (PER_LINUX)", "personality", 0, .arg = {0xffffffff}},
	{"mincore(0x1000, 8193, [1, 0, 1]) = 0", "mincore", 0, .arg = {0x1000, 8193, 0x2000},
	 .capture = {TEXT(2, "\1\0\1\1\1")}},
	{"personality(0xa2 /* PER_??? */|ADDR_NO_RANDOMIZE) = 0x8 (PER_LINUX32)", "personality", 8,
	 .arg = {0x400a2}},
	{"getppid() = 0", "getppid", 0, .arg = {0}},
};

static void test_calls_as_strace_prints_them(void **state)
{
	check_calls(calls, ARRAY_SIZE(calls));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_as_strace_prints_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
