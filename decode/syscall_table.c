/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-ups in the generated syscall tables, and their share for the kernel programs.  The data
 * is constant; every number of every tape goes through here, so numbers are checked.
 */
#include "decode/syscall_table.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "decode/syscall_info.h"
#include "decode/tables.h"

/* [arch][1]: of its 32-bit programs. */
static const struct syscall_descriptor *const *const tables[ARCHES][2] = {
	[ARCH_X86_64] = {syscall_table_x86_64, syscall_table_i386},
	[ARCH_ARM64] = {syscall_table_arm64, syscall_table_arm},
};

static const struct {
	const char *name;
	enum arch arch;
} arches[] = {
	{"x86_64", ARCH_X86_64},
	{"aarch64", ARCH_ARM64},
	{"arm64", ARCH_ARM64},
};

static const struct {
	const char *name;
	unsigned class;
} classes[] = {
	{"file", SYSCALL_CLASS_FILE},	    {"desc", SYSCALL_CLASS_DESC},
	{"network", SYSCALL_CLASS_NETWORK}, {"process", SYSCALL_CLASS_PROCESS},
	{"memory", SYSCALL_CLASS_MEMORY},   {"signal", SYSCALL_CLASS_SIGNAL},
	{"ipc", SYSCALL_CLASS_IPC},
};

int arch_parse(const char *name, enum arch *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++) {
		if (!strcmp(name, arches[i].name)) {
			*ret = arches[i].arch;
			return 0;
		}
	}
	return -EINVAL;
}

const char *arch_name(enum arch arch)
{
	return arch == ARCH_ARM64 ? "aarch64" : "x86_64";
}

const struct syscall_descriptor *syscall_of(enum arch arch, unsigned nr, bool compat)
{
	return nr < IGREC_SYSCALLS_MAX ? tables[arch][compat][nr] : NULL;
}

const struct syscall_descriptor *syscall_by_number(enum arch arch, unsigned nr)
{
	return syscall_of(arch, nr, false);
}

const struct syscall_descriptor *syscall_named(enum arch arch, const char *name, bool compat)
{
	for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
		const struct syscall_descriptor *call = syscall_of(arch, nr, compat);

		if (call && !strcmp(call->name, name))
			return call;
	}
	return NULL;
}

const struct syscall_descriptor *syscall_by_name(enum arch arch, const char *name)
{
	return syscall_named(arch, name, false);
}

const char *syscall_name(enum arch arch, unsigned nr, bool compat, char room[SYSCALL_NAME_BYTES])
{
	const struct syscall_descriptor *call = syscall_of(arch, nr, compat);

	if (call)
		return call->name;
	snprintf(room, SYSCALL_NAME_BYTES, "%ssyscall_%u", compat ? "compat_" : "", nr);
	return room;
}

int syscall_class_parse(const char *name, unsigned *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (!strcmp(name, classes[i].name)) {
			*ret = classes[i].class;
			return 0;
		}
	}
	return -EINVAL;
}

static bool is_payload_only(const struct syscall_descriptor *call)
{
	const struct igrec_capture_rule *rule = &call->rule[0];

	return call->rules == 1 && !call->changed && !call->object &&
	       (rule->flags & IGREC_CAPTURE_IS_PAYLOAD) && rule->kind != IGREC_CAPTURE_MSGHDR;
}

static void fill(struct igrec_syscall_info info[IGREC_SYSCALLS_MAX], bool compat)
{
	for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
		const struct syscall_descriptor *call = syscall_of(ARCH_HOST, nr, compat);

		info[nr] = (struct igrec_syscall_info){.args = IGREC_ARGS_MAX};
		if (!call)
			continue;
		info[nr].args = call->args;
		info[nr].vital = call->vital;
		info[nr].rules = call->rules;
		info[nr].changed = call->changed;
		info[nr].changed_bytes = call->changed_bytes;
		info[nr].object = call->object;
		info[nr].object_arg = call->object_arg;
		info[nr].payload_only = is_payload_only(call);
		memcpy(info[nr].rule, call->rule, sizeof(call->rule));
	}
}

void syscall_info_fill(struct igrec_syscall_info info[IGREC_SYSCALLS_MAX])
{
	fill(info, false);
}

void syscall_info_fill_compat(struct igrec_syscall_info info[IGREC_SYSCALLS_MAX])
{
	fill(info, true);
	for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++)
		info[nr].changed = 0;
}
