/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the golden tape of arm64 shows: one call of each kind whose numbers, flags or structs are
 * the architecture's own, and the common ones. Many fail, which shows their arguments as well.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define IGNORE(call) ((void)!(call))

static void opened(void)
{
	struct open_how how = {.flags = O_DIRECTORY | O_NOFOLLOW, .resolve = RESOLVE_BENEATH};
	char entries[512];

	int directory = open("/bin", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	IGNORE(syscall(SYS_getdents64, directory, entries, sizeof(entries)));
	fcntl(directory, F_GETFL);
	close(directory);
	open("/bin/sh", O_RDONLY | O_NOFOLLOW);
	open("/bin/sh", O_RDONLY | O_DIRECT);
	open("/nowhere", O_RDWR | O_LARGEFILE | O_SYNC);
	open("/nowhere", O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_APPEND, 0640);
	close(open("/tmp", O_TMPFILE | O_RDWR, 0600));
	close(open("/tmp", O_PATH | O_DIRECTORY));
	IGNORE(syscall(SYS_openat2, AT_FDCWD, "tmp", &how, sizeof(how)));
}

static void written(void)
{
	char bytes[64] = "what is in the file\n";
	struct iovec vectors[] = {{bytes, 4}, {bytes + 4, 9}};
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
	off_t offset = 2;

	int fd = open("/tmp/file", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	IGNORE(write(fd, bytes, strlen(bytes)));
	IGNORE(writev(fd, vectors, 2));
	IGNORE(pwrite(fd, bytes, 5, 100));
	lseek(fd, 0, SEEK_SET);
	IGNORE(read(fd, bytes, sizeof(bytes)));
	IGNORE(readv(fd, vectors, 2));
	IGNORE(pread(fd, bytes, 8, 4));
	IGNORE(preadv2(fd, vectors, 2, 3, RWF_HIPRI));
	fcntl(fd, F_SETLK, &lock);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	flock(fd, LOCK_EX | LOCK_NB);
	IGNORE(ftruncate(fd, 8192));
	fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 4096);
	posix_fadvise(fd, 0, 4096, POSIX_FADV_WILLNEED);
	sync_file_range(fd, 0, 4096, SYNC_FILE_RANGE_WRITE);
	IGNORE(sendfile(fd, fd, &offset, 4));
	fdatasync(fd);
	IGNORE(dup3(fd, 40, O_CLOEXEC));
	close(40);
	close(fd);
}

static void named(void)
{
	struct timespec times[2] = {{1, 2}, {0, UTIME_NOW}};
	struct statx statx_found;
	struct statfs file_system;
	struct stat found;
	char text[64];

	stat("/tmp/file", &found);
	lstat("/bin/sh", &found);
	fstat(0, &found);
	statx(AT_FDCWD, "/tmp/file", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &statx_found);
	statfs("/tmp", &file_system);
	mkdir("/tmp/directory", 0750);
	mknod("/tmp/fifo", S_IFIFO | 0600, 0);
	link("/tmp/file", "/tmp/link");
	symlink("file", "/tmp/symlink");
	IGNORE(readlink("/tmp/symlink", text, sizeof(text)));
	syscall(SYS_renameat2, AT_FDCWD, "/tmp/link", AT_FDCWD, "/tmp/file",
		1 /* RENAME_NOREPLACE */);
	unlink("/tmp/link");
	rmdir("/tmp/directory");
	chmod("/tmp/file", 04755);
	IGNORE(chown("/tmp/file", -1, 0));
	access("/tmp/file", R_OK | X_OK);
	faccessat(AT_FDCWD, "/nowhere", W_OK, AT_EACCESS);
	utimensat(AT_FDCWD, "/tmp/file", times, 0);
	IGNORE(truncate("/tmp/file", 3));
	setxattr("/tmp/file", "user.golden", "yes", 3, XATTR_CREATE);
	getxattr("/tmp/file", "trusted.none", text, sizeof(text));
	IGNORE(getcwd(text, sizeof(text)));
	IGNORE(chdir("/tmp"));
	umask(027);
	mount("none", "/nowhere", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m");
	umount2("/nowhere", MNT_DETACH);
	close(inotify_add_watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "/tmp",
				IN_CREATE | IN_DELETE));
}

static void waited(void)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 0x1234567890};
	struct itimerspec timer = {.it_value.tv_nsec = 1000};
	struct timespec soon = {.tv_nsec = 1000000};
	struct timeval timeout = {.tv_usec = 1000};
	struct pollfd ready[2];
	sigset_t signals;
	uint64_t count = 1;
	fd_set set;
	int ends[2];

	IGNORE(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
	IGNORE(write(ends[1], "through the pipe", 16));
	ready[0] = (struct pollfd){.fd = ends[0], .events = POLLIN};
	ready[1] = (struct pollfd){.fd = ends[1], .events = POLLOUT | POLLERR};
	ppoll(ready, 2, &soon, NULL);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	select(ends[0] + 1, &set, NULL, NULL, &timeout);
	int poller = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(poller, EPOLL_CTL_ADD, ends[0], &event);
	epoll_pwait(poller, &event, 1, 100, NULL);
	int counter = eventfd(1, EFD_NONBLOCK);
	IGNORE(read(counter, &count, sizeof(count)));
	IGNORE(read(counter, &count, sizeof(count))); /* EAGAIN */
	int clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	timerfd_settime(clock, TFD_TIMER_ABSTIME, &timer, NULL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR2);
	signalfd(-1, &signals, SFD_CLOEXEC);
	ioctl(ends[0], FIONREAD, &ready[0].fd);
	ioctl(ends[0], TIOCGWINSZ, &set);
	splice(ends[0], NULL, counter, NULL, 16, SPLICE_F_NONBLOCK);
}

static void sent(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(5432)};
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/nowhere/socket"};
	struct linger linger = {1, 5};
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec vector = {"message", 7};
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	socklen_t bytes = sizeof(address);
	int pair[2], one = 1;

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(int));
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	sendmsg(pair[0], &message, MSG_NOSIGNAL);
	recvmsg(pair[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(server, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	bind(server, (struct sockaddr *)&address, sizeof(address));
	listen(server, 5);
	getsockname(server, (struct sockaddr *)&address, &bytes);
	accept4(server, NULL, NULL, SOCK_CLOEXEC);
	getsockopt(server, SOL_SOCKET, SO_TYPE, &one, &bytes);
	shutdown(server, SHUT_RDWR);
	connect(server, (struct sockaddr *)&local, sizeof(local));
	int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
	sendto(datagrams, "lost", 4, MSG_DONTWAIT, (struct sockaddr *)&address, sizeof(address));
	recvfrom(datagrams, control, sizeof(control), MSG_DONTWAIT | MSG_PEEK, NULL, NULL);
	socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	socket(AF_PACKET, SOCK_RAW, htons(0x800));
}

static void on_signal(int signal)
{
}

static void signalled(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct timespec soon = {.tv_nsec = 1000000};
	struct itimerval timer = {.it_value.tv_usec = 1000};
	stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	sigset_t signals;
	timer_t alarm;

	sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGTERM);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	kill(getpid(), SIGUSR1);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sigtimedwait(&signals, NULL, &soon);
	sigaddset(&signals, SIGALRM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	sigdelset(&signals, SIGALRM);
	sigsuspend(&signals);
	timer_create(CLOCK_MONOTONIC, &event, &alarm);
	syscall(SYS_tgkill, getpid(), gettid(), 0);
	kill(getpid() + 1000000, SIGKILL);
}

static void *thread(void *word)
{
	prctl(PR_SET_NAME, "second");
	syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
	return NULL;
}

static void born(void)
{
	static char *const arguments[] = {"sh", "-c", "exit 3", NULL};
	struct timespec soon = {.tv_nsec = 1000000};
	struct rusage usage;
	pthread_t second;
	siginfo_t info;
	int word = 0, status;

	pid_t child = fork();
	if (!child) {
		execl("/nowhere/program", "program", "argument", NULL);
		_exit(7);
	}
	wait4(child, &status, 0, &usage);
	child = vfork();
	if (!child) {
		execv("/bin/sh", arguments);
		_exit(8);
	}
	waitid(P_PID, (id_t)child, &info, WEXITED);
	wait4(-1, &status, WNOHANG, NULL);
	pthread_create(&second, NULL, thread, &word);
	pthread_join(second, NULL);
	syscall(SYS_futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, &soon, NULL, 0);
	syscall(SYS_futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, &soon, NULL, 0);
}

static void mapped(void)
{
	char *place = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char there[4];

	place[0] = 1;
	mprotect(place, 4096, PROT_READ);
	madvise(place, 4096, MADV_DONTNEED);
	mincore(place, 16384, there);
	msync(place, 4096, MS_SYNC);
	mlock(place, 4096);
	place = mremap(place, 16384, 8192, MREMAP_MAYMOVE);
	munmap(place, 8192);
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_POPULATE, -1, 0);
	IGNORE(ftruncate(memfd_create("golden", MFD_CLOEXEC | MFD_ALLOW_SEALING), 4096));
	IGNORE(sbrk(4096));
}

static void asked(void)
{
	struct timespec now, soon = {.tv_nsec = 1000};
	struct sched_param priority = {.sched_priority = 1};
	struct rlimit limit = {64, 128};
	struct utsname name;
	struct sysinfo info;
	struct rusage usage;
	struct tms ticks;
	char bytes[8];
	cpu_set_t cpus;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &soon, NULL);
	uname(&name);
	sysinfo(&info);
	times(&ticks);
	getrusage(RUSAGE_CHILDREN, &usage);
	getrlimit(RLIMIT_NOFILE, &limit);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, RLIM_INFINITY});
	getpriority(PRIO_PROCESS, 0);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	sched_setscheduler(0, SCHED_FIFO, &priority);
	sched_yield();
	prctl(PR_SET_NAME, "golden");
	prctl(PR_GET_DUMPABLE);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	IGNORE(getrandom(bytes, sizeof(bytes), GRND_NONBLOCK));
	IGNORE(setresuid(-1, -1, -1));
	getgroups(0, NULL);
	personality(0xffffffff);
	unshare(CLONE_NEWNET | CLONE_FS);
	sethostname("golden", 6);
	syscall(SYS_memfd_secret, 0);
	syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	syscall(SYS_bpf, 0, NULL, 0);
	syscall(SYS_keyctl, 0, -3, 0);
	syscall(SYS_pidfd_open, getpid(), 0);
	syscall(SYS_close_range, 3, 20, 4 /* CLOSE_RANGE_CLOEXEC */);
	syscall(500, 1, 2, 3, 4, 5, 6);
}

static void shared(void)
{
	struct sembuf up = {.sem_op = 1, .sem_flg = IPC_NOWAIT};
	struct shmid_ds about;

	int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	void *place = shmat(memory, NULL, SHM_RDONLY);
	shmctl(memory, IPC_STAT, &about);
	shmdt(place);
	shmctl(memory, IPC_RMID, NULL);
	int semaphores = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	semop(semaphores, &up, 1);
	semctl(semaphores, 0, IPC_RMID);
	msgctl(msgget(IPC_PRIVATE, 0600), IPC_RMID, NULL);
	mq_open("/golden", O_RDONLY | O_NONBLOCK);
}

int main(void)
{
	opened();
	written();
	named();
	waited();
	sent();
	signalled();
	born();
	mapped();
	asked();
	shared();
	IGNORE(write(STDOUT_FILENO, "done\n", 5));
	return 1;
}
