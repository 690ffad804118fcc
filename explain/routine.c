/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of what is routinely looked for in vain. */
#include "explain/routine.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "common/cleanup.h"

/* Files that libraries and runtimes look for, and go on without. */
static const char *const optional[] = {
	"/etc/ld.so.*",
	"*/glibc-hwcaps*",
	"*/locale/*",
	"*/LC_*",
	"*.mo",
	"*/locale-archive",
	"*/gconv*",
	"*/nscd/*",
	"/etc/localtime",
	"/etc/nsswitch.conf",
	"/etc/gai.conf",
	"/etc/host.conf",
	"/etc/selinux*",
	"/sys/fs/selinux*",
	"/selinux*",
	"*/pyvenv.cfg",
	"*.pyc",
	"*/__pycache__*",
	"*/pybuilddir.txt",
	"*._pth",
	"*/python3*.zip",
	"*/sitecustomize*",
	"*/usercustomize*",
	"*.abi3.so",
	"*.cpython-*",
	"*/__init__.*so",
	"*.class",
	"*.pth",
	"*rc",
	"*/.*rc",
	"*/.gitconfig",
	"/etc/gitconfig",
	"*/git/config",
	"/sys/fs/cgroup*",
	"/sys/kernel/*",
	"/sys/devices/*",
	"/proc/*",
	"/dev/tty",
	"*/terminfo/*",
	"*/openssl.cnf",
	"*/.netrc",
	"*/.inputrc",
	"*/charset.alias",
	"*/zoneinfo/*",
	"*/package.json",
	"*/.node_modules*",
	"*/lib*/tls/*",
	"*/haswell*",
	"*/x86_64/*",
	"*/resolv.conf.d*",
	"*/.pgpass",
	"*/.my.cnf",
	"/etc/ssl/*",
	"*/hsperfdata_*",
	"/dev/hugepages*",
	"*/libnss_*",
	"/var/run/nscd*",
	"/run/systemd/*",
	"*/.profile",
	"/etc/passwd.d*",
	"<*>",
	"*/<*>",
	"*.pmc",
	"/etc/suid-debug",
	"/etc/krb5*",
	"*/krb5cc_*",
	"/etc/mdns.allow",
	"/etc/malloc.conf",
	"/dev/log",
	"/run/host*",
	"*/userdb",
	"*/sysctl.d*",
	"/etc/default/*",
	"*/.bash*",
	"/usr/local/lib/site_*",
	"/usr/lib/cargo*",
};

/* "Is this a terminal?", "is there such a process?": no is an answer. */
static bool is_answer(enum act_kind kind, int error)
{
	if (kind == ACT_TIDY)
		return error == ENOTTY || error == EINVAL || error == ESPIPE || error == EBADF ||
		       error == ENOTCONN || error == ENOENT || error == EPERM;
	if (kind == ACT_WAIT)
		return error == ECHILD;
	if (kind == ACT_LOOK)
		return error == EINVAL || error == ENODATA || error == EOPNOTSUPP;
	if (kind == ACT_OTHER)
		return error == ENOSYS || error == EINVAL || error == ENODATA || error == ESRCH ||
		       error == ENOTCONN || error == ENOTSOCK;
	if (kind == ACT_KILL)
		return error == ESRCH;
	/* A message that nobody wants. */
	if (kind == ACT_WRITE)
		return error == EBADF;
	return kind == ACT_FUTEX || kind == ACT_SLEEP;
}

bool routine_is(enum act_kind kind, int error, const char *object)
{
	const char *slash = strrchr(object, '/');

	if (is_answer(kind, error))
		return true;
	if (error != ENOENT && error != ENOTDIR && error != EACCES && error != EINVAL &&
	    error != ENOTTY && error != EPERM && error != EEXIST && error != ENXIO)
		return false;
	/* A directory that is there already, a file that need not be removed. */
	if (kind == ACT_CHANGE && (error == ENOENT || error == EEXIST))
		return true;
	/* A user's own settings. */
	if (slash && slash[1] == '.' && slash[2])
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++) {
		if (!fnmatch(optional[i], object, 0))
			return true;
	}
	return false;
}
