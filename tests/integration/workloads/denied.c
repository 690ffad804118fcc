/* SPDX-License-Identifier: Apache-2.0 */
/*
 * denied: mkdirat and getpeername, which the test's seccomp profile denies, and unlinkat and
 * getsockname, which it lets through.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts.h"

/* Both change a length in place, in the same argument. */
static void ask_for_names(void)
{
	struct sockaddr_storage address;
	socklen_t ours = 100, theirs = 50;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	getsockname(fd, (struct sockaddr *)&address, &ours);
	getpeername(fd, (struct sockaddr *)&address, &theirs);
}

int main(void)
{
	fact_call("mkdirat", "/denied/by/seccomp", mkdirat(AT_FDCWD, "/denied/by/seccomp", 0755));
	fact_call("unlinkat", "/let/through", unlinkat(AT_FDCWD, "/let/through", 0));
	ask_for_names();
	return 1;
}
