/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tour: a fixed row of calls, whose arguments and results are the same in every run, between two
 * marker paths.  strace of the same program says what the tape must show.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void files(void)
{
	char bytes[16], path[64];
	struct stat st;

	int fd = open("/etc/tour", O_RDONLY | O_CLOEXEC);
	(void)!read(fd, bytes, sizeof(bytes));
	lseek(fd, 3, SEEK_SET);
	fstat(fd, &st);
	int copy = dup(fd);
	close(fd);
	close(copy);
	close(copy); /* EBADF */
	open("/etc/tour/below", O_WRONLY | O_CREAT, 0640);
	stat("/nowhere", &st);
	access("/etc/tour", R_OK);
	(void)!readlink("/link", path, sizeof(path));
	(void)!chdir("/etc");
	(void)!chdir("/nowhere");
	mkdir("/etc/tour", 0700);
	rmdir("/nowhere/dir");
	unlink("/nowhere/file");
	rename("/nowhere/a", "/nowhere/b");
	symlink("target", "/etc/tour/link");
}

static void sockets(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/nowhere/socket"};

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	connect(tcp, (struct sockaddr *)&in, sizeof(in));
	close(tcp);
	int local = socket(AF_UNIX, SOCK_DGRAM, 0);
	connect(local, (struct sockaddr *)&un, sizeof(un));
	close(local);
	connect(99, (struct sockaddr *)&in, sizeof(in));
}

int main(void)
{
	(void)!chdir("/tour/begin");
	files();
	sockets();
	(void)!write(99, "x", 1);
	(void)!write(STDERR_FILENO, "the end\n", 8);
	(void)!chdir("/tour/end");
	return 7;
}
