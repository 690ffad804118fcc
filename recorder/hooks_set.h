/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel side as recorder/hooks*.c share it; private to them. */
#ifndef RECORDER_HOOKS_SET_H
#define RECORDER_HOOKS_SET_H

#include <bpf/libbpf.h>
#include <limits.h>

#include "recorder/hooks.h" /* the skeleton needs the types of igrec_abi.h */

#include "bpf/igrec.skel.h"

#define LINK_PREFIX	 "link_" /* of the names that links are pinned under */
#define HOOKS_PATH_BYTES (PATH_MAX + 64)

struct hooks {
	struct igrec_bpf *skeleton;
	struct ring_buffer *notices;
	int walk;		     /* link of the iterator over tasks; -1 before hooks_attach() */
	struct igrec_slot *slots;    /* mapped */
	uint64_t *counters;	     /* mapped */
	struct igrec_set *set;	     /* mapped */
	struct igrec_ledger *ledger; /* mapped */
	uint32_t slots_max;
	uint32_t ring_blocks;
	bool adopted; /* an earlier igrecd's set goes on */
	bool has_oom;
	bool has_rdonly_cast;
	bool legacy;	    /* the programs are those for BPF without what Linux 5.15 has */
	hooks_notice_fn fn; /* during hooks_notices() */
	void *context;
	int lock; /* of the bpffs directory: one igrecd at a time */
	char bpffs[PATH_MAX];
};

/*
 * Goes on with what an earlier igrecd pinned in hooks->bpffs: opens the skeleton with those maps.
 * 0; -ENOENT: nothing is there; -ESTALE: what is there does not fit, *why tells what.
 */
int hooks_adopt(struct hooks *hooks, const struct hooks_settings *settings, struct hooks_why *why);
/* Whether this kernel lacks what the usual programs use. */
bool hooks_need_legacy(void);
/* Opens the skeleton of the programs for this kernel: hooks->legacy. NULL with errno. */
struct igrec_bpf *hooks_skeleton(const struct hooks *hooks);
/* Fits a skeleton to the settings and to what the kernel has. */
void hooks_configure(const struct hooks *hooks, struct igrec_bpf *skeleton);

/* Fills *why, returns err. */
int hooks_explain(struct hooks_why *why, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
