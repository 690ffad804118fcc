/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be said about recording on this machine without loading a program into the kernel.
 * What the kernel really accepted, igrecd tells over its socket.
 */
#include "cli/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/text.h"
#include "common/cleanup.h"

const char *doctor_state_name(enum doctor_state state)
{
	static const char *const names[] = {"ok", "warn", "fail"};

	return names[state];
}

static void find(struct doctor_finding *ret, enum doctor_state state, const char *name,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

static void find(struct doctor_finding *ret, enum doctor_state state, const char *name,
		 const char *format, ...)
{
	va_list args;

	ret->state = state;
	ret->name = name;
	va_start(args, format);
	vsnprintf(ret->text, sizeof(ret->text), format, args);
	va_end(args);
}

void doctor_kernel(struct doctor_finding *ret)
{
	struct utsname name;

	uname(&name);
	if (!strcmp(name.machine, "x86_64") || !strcmp(name.machine, "aarch64"))
		find(ret, DOCTOR_OK, "kernel", "%s %s", name.release, name.machine);
	else
		find(ret, DOCTOR_FAIL, "kernel", "%s %s: igrecd records on x86_64 and aarch64 only",
		     name.release, name.machine);
}

void doctor_btf(const char *vmlinux_path, struct doctor_finding *ret)
{
	if (!access(vmlinux_path, R_OK))
		find(ret, DOCTOR_OK, "btf", "%s", vmlinux_path);
	else
		find(ret, DOCTOR_FAIL, "btf",
		     "%s: %s: use a kernel built with CONFIG_DEBUG_INFO_BTF=y (5.10 or newer)",
		     vmlinux_path, strerror(errno));
}

/* Whether the file has a line that ends with this word. */
static bool has_word(const char *path, const char *word)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while (file && (n = getline(&line, &room, file)) > 0) {
		size_t bytes = strlen(word);

		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) >= bytes && !strcmp(line + strlen(line) - bytes, word))
			return true;
	}
	return false;
}

/* The directory itself is made by igrecd; what counts is the filesystem it will be on. */
void doctor_bpffs(const char *directory, struct doctor_finding *ret)
{
	AUTO_FREE char *path = strdup(directory);
	struct statfs fs;
	char *slash;

	while (path && statfs(path, &fs) < 0 && (slash = strrchr(path, '/')) && slash != path)
		*slash = '\0';
	if (path && !statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC)
		find(ret, DOCTOR_OK, "bpffs", "%s is on a bpf filesystem", directory);
	else if (has_word("/proc/filesystems", "\tbpf"))
		find(ret, DOCTOR_WARN, "bpffs",
		     "%s is on no bpf filesystem: run \"mount -t bpf bpf /sys/fs/bpf\"", directory);
	else
		find(ret, DOCTOR_FAIL, "bpffs",
		     "this kernel has no bpf filesystem: use one built with CONFIG_BPF_SYSCALL=y");
}

/* The mount point of the first cgroup2 in a mountinfo file, proc(5). */
static bool find_cgroup2(const char *mountinfo_path, char *ret, size_t room)
{
	AUTO_FCLOSE FILE *file = fopen(mountinfo_path, "re");
	AUTO_FREE char *line = NULL;
	size_t bytes = 0;

	while (file && getline(&line, &bytes, file) > 0) {
		char where[256];

		if (!strstr(line, " - cgroup2 ") ||
		    sscanf(line, "%*s %*s %*s %*s %255s", where) != 1)
			continue;
		snprintf(ret, room, "%s", where);
		return true;
	}
	return false;
}

void doctor_cgroups(const char *mountinfo_path, struct doctor_finding *ret)
{
	char where[256];

	if (find_cgroup2(mountinfo_path, where, sizeof(where)))
		find(ret, DOCTOR_OK, "cgroups", "default hierarchy (cgroup2) at %s", where);
	else
		find(ret, DOCTOR_FAIL, "cgroups",
		     "no cgroup2 is mounted: run \"mount -t cgroup2 none /sys/fs/cgroup/unified\" "
		     "or "
		     "boot with systemd.unified_cgroup_hierarchy=1");
}

/* "none [integrity] confidentiality": the one in brackets is on. */
void doctor_lockdown(const char *lockdown_path, struct doctor_finding *ret)
{
	AUTO_FCLOSE FILE *file = fopen(lockdown_path, "re");
	char line[128] = "";

	if (file && fgets(line, sizeof(line), file) && strstr(line, "[confidentiality]"))
		find(ret, DOCTOR_FAIL, "lockdown",
		     "the kernel is locked down for confidentiality, which forbids BPF to read: "
		     "boot "
		     "with lockdown=integrity or none");
	else
		find(ret, DOCTOR_OK, "lockdown", "BPF may read kernel memory");
}

#define CAPABILITY(bit) (1ULL << (bit))
/* include/uapi/linux/capability.h */
#define CAP_SYS_ADMIN_BIT 21
#define CAP_PERFMON_BIT	  38
#define CAP_BPF_BIT	  39

static uint64_t effective_capabilities(const char *status_path)
{
	AUTO_FCLOSE FILE *file = fopen(status_path, "re");
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	uint64_t bits = 0;

	while (file && getline(&line, &room, file) > 0) {
		if (sscanf(line, "CapEff: %" SCNx64, &bits) == 1)
			break;
	}
	return bits;
}

void doctor_privileges(const char *status_path, struct doctor_finding *ret)
{
	uint64_t bits = effective_capabilities(status_path);
	uint64_t both = CAPABILITY(CAP_BPF_BIT) | CAPABILITY(CAP_PERFMON_BIT);

	if ((bits & CAPABILITY(CAP_SYS_ADMIN_BIT)) || (bits & both) == both)
		find(ret, DOCTOR_OK, "privileges", "enough to run igrecd");
	else
		find(ret, DOCTOR_WARN, "privileges",
		     "not enough to run igrecd: run as root (dumps can be read without)");
}

void doctor_store(const struct config *config, struct doctor_finding *ret)
{
	struct statvfs fs;
	struct text available, wanted;
	uint64_t keep_bytes, available_bytes;

	if (statvfs(config->store, &fs) < 0) {
		find(ret, DOCTOR_WARN, "store",
		     "%s: %s: igrecd makes it when it starts, or name another with --store DIR",
		     config->store, strerror(errno));
		return;
	}
	keep_bytes = config_space_bytes(&config->free_space, (uint64_t)fs.f_blocks * fs.f_frsize);
	available_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	text_size(&available, available_bytes);
	text_size(&wanted, keep_bytes);
	if (access(config->store, W_OK | X_OK) < 0)
		find(ret, DOCTOR_WARN, "store", "%s cannot be written by this user: %s",
		     config->store, strerror(errno));
	else if (available_bytes < keep_bytes)
		find(ret, DOCTOR_WARN, "store",
		     "%s has %s free, less than the %s of retention.free-space: new dumps are "
		     "removed early; free some space",
		     config->store, available.text, wanted.text);
	else
		find(ret, DOCTOR_OK, "store", "%s, %s free", config->store, available.text);
}

/* The first directory of a list that is there, as it is called on the node; NULL: none. */
static const char *first_there(const char *host_root, const char *list, struct text *to)
{
	while (*list) {
		size_t bytes = strcspn(list, " ");
		char path[2 * CONFIG_PATH_BYTES];

		snprintf(path, sizeof(path), "%s%.*s", strcmp(host_root, "/") ? host_root : "",
			 (int)bytes, list);
		snprintf(to->text, sizeof(to->text), "%.*s", (int)bytes, list);
		if (!access(path, F_OK))
			return to->text;
		list += bytes;
		list += strspn(list, " ");
	}
	return NULL;
}

void doctor_runtimes(const struct config *config, struct doctor_finding *ret)
{
	const struct {
		const char *name, *list;
	} runtimes[] = {
		{"containerd", config->containerd},
		{"docker", config->docker},
		{"podman, cri-o", config->storage},
		{"runc", config->runc},
		{"crun", config->crun},
	};
	size_t used = 0;

	find(ret, DOCTOR_OK, "runtimes", "%s", "");
	for (size_t i = 0; i < ARRAY_SIZE(runtimes) && used < sizeof(ret->text); i++) {
		struct text there;

		if (!first_there(config->host_root, runtimes[i].list, &there))
			continue;
		used += (size_t)snprintf(ret->text + used, sizeof(ret->text) - used, "%s%s in %s",
					 used ? ", " : "", runtimes[i].name, there.text);
	}
	if (!used)
		find(ret, DOCTOR_WARN, "runtimes",
		     "no runtime's directory is below %s: containers are called by their cgroups; "
		     "see section runtimes of igrec.conf(5)",
		     config->host_root);
}

void doctor_daemon(const char *socket_path, struct doctor_finding *ret)
{
	int err = client_probe(socket_path);

	if (!err)
		find(ret, DOCTOR_OK, "igrecd", "answers at %s", socket_path);
	else if (err == -EACCES || err == -EPERM)
		find(ret, DOCTOR_WARN, "igrecd", "%s: not permitted: run as root to ask it",
		     socket_path);
	else
		find(ret, DOCTOR_WARN, "igrecd", "does not run (%s: %s): start it", socket_path,
		     strerror(-err));
}
