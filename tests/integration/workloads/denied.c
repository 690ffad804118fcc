/* SPDX-License-Identifier: Apache-2.0 */
/* denied: mkdirat, which the test's seccomp profile denies, and unlinkat, which it lets through. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts.h"

int main(void)
{
	fact_call("mkdirat", "/denied/by/seccomp", mkdirat(AT_FDCWD, "/denied/by/seccomp", 0755));
	fact_call("unlinkat", "/let/through", unlinkat(AT_FDCWD, "/let/through", 0));
	return 1;
}
