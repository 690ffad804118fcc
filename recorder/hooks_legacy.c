/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs exist twice, made from the same sources: as they are meant, and for kernels whose
 * BPF lacks what they use (bpf/legacy.bpf.h).  Programs, settings and the maps that igrecd knows
 * have the same names in both, so one skeleton serves, with the bytes of either.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "recorder/hooks_set.h"

#include "bpf/igrec_legacy.skel.h"

#define SETTING_AT(skeleton, setting) offsetof(typeof(*((skeleton *)0)->rodata), setting)
#define SAME_SETTING(setting)                                                                      \
	_Static_assert(SETTING_AT(struct igrec_bpf, setting) ==                                    \
			       SETTING_AT(struct igrec_legacy, setting),                           \
		       #setting)
SAME_SETTING(has_rdonly_cast);
SAME_SETTING(syscall_info);
SAME_SETTING(compat_syscall_info);

static bool is_refused(const struct bpf_insn *insns, size_t count)
{
	AUTO_CLOSE int program = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "igrec_check", "GPL",
					       insns, count, NULL);

	return program < 0 && errno == EINVAL;
}

/* Atomic operations that return a value, Linux 5.12. */
static bool lacks_fetching_atomics(void)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_STX | BPF_MEM | BPF_DW,
		 .dst_reg = BPF_REG_10,
		 .src_reg = BPF_REG_0,
		 .off = -8},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW,
		 .dst_reg = BPF_REG_10,
		 .src_reg = BPF_REG_0,
		 .off = -8,
		 .imm = BPF_ADD | BPF_FETCH},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return is_refused(insns, sizeof(insns) / sizeof(insns[0]));
}

bool hooks_need_legacy(void)
{
	return lacks_fetching_atomics() ||
	       libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_task_pt_regs, NULL) == 0;
}

struct igrec_bpf *hooks_skeleton(const struct hooks *hooks)
{
	struct igrec_bpf *skeleton;
	int err;

	if (!hooks->legacy)
		return igrec_bpf__open();
	skeleton = calloc(1, sizeof(*skeleton));
	if (!skeleton)
		return NULL;
	err = igrec_bpf__create_skeleton(skeleton);
	if (!err) {
		skeleton->skeleton->data = igrec_legacy__elf_bytes(&skeleton->skeleton->data_sz);
		err = bpf_object__open_skeleton(skeleton->skeleton, NULL);
	}
	if (!err)
		return skeleton;
	igrec_bpf__destroy(skeleton);
	errno = -err;
	return NULL;
}
