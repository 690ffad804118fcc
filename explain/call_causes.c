/* SPDX-License-Identifier: Apache-2.0 */
/* The table of causes that are one failed call.  More special rows come first. */
#include "explain/call_causes.h"

#include <errno.h>
#include <fnmatch.h>
#include <stddef.h>

#define PATHS (ACT_BIT(ACT_OPEN) | ACT_BIT(ACT_LOOK) | ACT_BIT(ACT_CHANGE))
#define PEERS                                                                                      \
	(ACT_BIT(ACT_CONNECT) | ACT_BIT(ACT_OPTION) | ACT_BIT(ACT_SEND) | ACT_BIT(ACT_RECEIVE) |   \
	 ACT_BIT(ACT_READ) | ACT_BIT(ACT_WRITE))
#define CONNECTS (ACT_BIT(ACT_CONNECT) | ACT_BIT(ACT_OPTION))

static const struct call_cause unprivileged = {
	"capability",
	0,
	EPERM,
	NULL,
	NULL,
	NULL,
	"give the container the capability, or run the program as a user that needs none"};

static const struct call_cause refused_by_filter = {
	"seccomp",
	0,
	0,
	NULL,
	"call",
	"a seccomp filter denies the system call",
	"look at the container's securityContext.seccompProfile (docker: --security-opt seccomp)"};

static const struct call_cause rows[] = {
	/* Programs and libraries. */
	{"library", PATHS, ENOENT, "*.so?(.*)", "load the shared library",
	 "it is in none of the "
	 "directories that were searched",
	 "add the package with %s to the image, or set LD_LIBRARY_PATH to where it is"},
	{"not-executable", ACT_BIT(ACT_EXEC), EACCES, NULL, NULL,
	 "the file is not executable, or a directory above it may not be searched",
	 "look at the mode of %s in the image (ls -l): it needs the x bit"},
	{"exec-format", ACT_BIT(ACT_EXEC), ENOEXEC, NULL, NULL,
	 "it is no program for this machine: another architecture, or a script without #! line",
	 "compare 'file %s' with 'uname -m' on the node; build the image for the node's platform"},
	{"missing-program", ACT_BIT(ACT_EXEC), ENOENT, NULL, NULL,
	 "there is no such program, or its interpreter is missing",
	 "look for %s in the image, and at the first line of it if it is a script"},
	{"busy-program", ACT_BIT(ACT_EXEC), ETXTBSY, NULL, NULL, "it is open for writing",
	 "something still writes %s: start it only after it has been closed"},
	{"argument-list", ACT_BIT(ACT_EXEC), E2BIG, NULL, NULL,
	 "arguments and environment are too large",
	 "look at the size of the container's environment and arguments"},
	/* Files. */
	{"wrong-directory", ACT_BIT(ACT_DIRECTORY), ENOENT, NULL, NULL,
	 "there is no such directory", "look at workingDir and the volumes mounted at %s"},
	{"missing-file", PATHS | ACT_BIT(ACT_DIRECTORY), ENOENT, NULL, NULL, NULL,
	 "look whether %s is in the image, or in the ConfigMap, Secret or volume that should bring "
	 "it"},
	{"not-a-directory", 0, ENOTDIR, NULL, NULL, NULL,
	 "a part of %s is a file: look at mountPath and subPath of the volumes"},
	{"is-a-directory", 0, EISDIR, NULL, NULL, NULL,
	 "%s is a directory where a file is wanted: a volume mount of a missing file makes one"},
	{"read-only", 0, EROFS, NULL, NULL, "the filesystem is mounted read-only",
	 "mount a writable volume at the directory of %s, or look at readOnlyRootFilesystem"},
	{"permission", PATHS | ACT_BIT(ACT_DIRECTORY) | ACT_BIT(ACT_EXEC), EACCES, NULL, NULL, NULL,
	 "compare owner and mode of %s (ls -ln) with runAsUser, runAsGroup and fsGroup"},
	{"permission", ACT_BIT(ACT_OPEN) | ACT_BIT(ACT_LOOK), EPERM, NULL, NULL, NULL,
	 "compare owner, mode and attributes (lsattr) of %s with runAsUser"},
	{"exists", 0, EEXIST, NULL, NULL, NULL,
	 "remove the left-over %s, or keep it out of a volume that outlives the container"},
	{"no-space", 0, ENOSPC, NULL, NULL, "no space is left on the device",
	 "look at df for the filesystem of %s, at ephemeral-storage and sizeLimit of the volume"},
	{"no-space", 0, EDQUOT, NULL, NULL, "the disk quota is used up",
	 "look at the quota of the filesystem of %s"},
	{"file-size", 0, EFBIG, NULL, NULL, NULL, "look at ulimit -f of the container"},
	/* Descriptors, memory, processes. */
	{"fd-limit", 0, EMFILE, NULL, NULL, "the process has used up its file descriptors",
	 "raise ulimit -n, or find what keeps descriptors open: the evidence and igrec replay "
	 "tell"},
	{"fd-limit", 0, ENFILE, NULL, NULL, "the node has used up its open files",
	 "look at /proc/sys/fs/file-nr of the node"},
	{"process-limit", ACT_BIT(ACT_FORK), EAGAIN, NULL, NULL,
	 "the limit of processes and threads is reached",
	 "look at pids.max of the container's cgroup (podPidsLimit, --pids-limit) and ulimit -u"},
	{"no-memory", 0, ENOMEM, NULL, NULL, "the memory was refused",
	 "look at ulimit -v, vm.overcommit_memory and what the program was told to take"},
	{"lock", ACT_BIT(ACT_LOCK), 0, NULL, NULL, "another process holds the lock",
	 "find who else uses %s: a second instance, or one that has not ended yet"},
	/* Network. */
	{"refused", PEERS, ECONNREFUSED, NULL, NULL, "nobody listens there",
	 "look whether the service behind %s runs and listens, and at the order of starting"},
	{"missing-file", ACT_BIT(ACT_BIND), ENOENT, "/*", NULL,
	 "there is no such directory for the socket",
	 "look whether the directory of %s is in the image, or which volume should bring it"},
	{"missing-file", CONNECTS, ENOENT, "/*", NULL, "there is no such socket",
	 "look whether the service that makes the socket %s runs, and the volume that shares it"},
	{"permission", CONNECTS, EACCES, NULL, NULL, NULL,
	 "compare owner and mode of the socket %s with runAsUser"},
	{"timeout", PEERS, ETIMEDOUT, NULL, NULL, "there was no answer",
	 "look at NetworkPolicy, firewalls and whether %s is up"},
	{"unreachable", PEERS | ACT_BIT(ACT_BIND), ENETUNREACH, NULL, NULL,
	 "there is no route to that network",
	 "look at the container's interfaces and routes (ip addr, ip route) for %s"},
	{"unreachable", PEERS, EHOSTUNREACH, NULL, NULL, "the host cannot be reached",
	 "look at routes and NetworkPolicy for %s"},
	{"reset", PEERS, ECONNRESET, NULL, NULL, "the peer reset the connection",
	 "look at the log of %s: it closed the connection; perhaps it speaks another protocol"},
	{"broken-pipe", PEERS, EPIPE, NULL, NULL, "the reader has closed it",
	 "look at who reads %s and why it ended"},
	{"address-in-use", 0, EADDRINUSE, NULL, NULL, "the address is in use already",
	 "find who listens on %s (ss -ltnp): a second instance, hostNetwork, or another container "
	 "of "
	 "the pod"},
	{"address-not-available", 0, EADDRNOTAVAIL, NULL, NULL,
	 "the address is none of this host's", "use 0.0.0.0, or the pod's own address, for %s"},
	{"permission", ACT_BIT(ACT_BIND), EACCES, "/*", NULL, NULL,
	 "compare owner and mode of the directory of %s with runAsUser, runAsGroup and fsGroup"},
	{"capability", ACT_BIT(ACT_BIND), EACCES, NULL, NULL,
	 "ports below 1024 take the capability CAP_NET_BIND_SERVICE",
	 "use a port from 1024 on for %s, or add NET_BIND_SERVICE to "
	 "securityContext.capabilities.add"},
	{"address-family", 0, EAFNOSUPPORT, NULL, NULL, NULL,
	 "the node has no IPv6, or not this protocol: configure the program for IPv4"},
	/* What else may be denied or lacking. */
	{"permission", 0, EPERM, NULL, NULL, NULL,
	 "look at the user and the capabilities that the container runs with"},
	{"unsupported", 0, ENOSYS, NULL, NULL, "this kernel does not have the system call",
	 "compare the kernel's version with what the program needs"},
	{"unsupported", 0, EOPNOTSUPP, NULL, NULL, NULL,
	 "the filesystem or protocol of %s lacks the operation"},
	{"io-error", 0, EIO, NULL, NULL, "the device reported an error",
	 "look at the node's kernel log (dmesg) and the volume of %s"},
	{"failed-call", 0, 0, NULL, NULL, NULL, "look at the call in igrec replay --failed"},
};

const struct call_cause *call_cause_of(enum act_kind kind, int error, const char *object,
				       bool refused, bool privileged)
{
	const struct call_cause *row = rows;

	if (refused)
		return &refused_by_filter;
	if (privileged && error == EPERM && kind != ACT_OPEN && kind != ACT_LOOK)
		return &unprivileged;
	while ((row->acts && !(row->acts & ACT_BIT(kind))) || (row->error && row->error != error) ||
	       (row->objects && fnmatch(row->objects, object, FNM_EXTMATCH) != 0))
		row++;
	return row;
}
