/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel side as the daemon sees it: programs and maps loaded, attached and pinned under one
 * bpffs directory.  The only home of libbpf, with hooks_*.c.
 */
#ifndef RECORDER_HOOKS_H
#define RECORDER_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/igrec_abi.h"

struct hooks;

struct hooks_settings {
	const char *bpffs;    /* directory to pin in; made if its parent is a bpffs */
	uint32_t slots;	      /* containers at most */
	uint32_t ring_blocks; /* of each ring that will be made */
	const char *load_log; /* file for what the verifier says to programs that it refuses */
};

struct hooks_why {
	char text[512]; /* one line for the user: what failed, what to do */
};

/* Whether this kernel and this user may load at all: -ENOENT no BTF, -EPERM no privilege. */
int hooks_check(struct hooks_why *why);

/*
 * Takes over what an earlier igrecd left pinned, if it fits the settings; else opens, loads and
 * pins, and nothing is attached yet: *why then tells why what was there was replaced, "" if nothing
 * was. 0 or -errno with *why filled: those of hooks_check(), of bpffs_make() and bpffs_lock(),
 * others from the kernel. The directory is locked.
 */
int hooks_open(const struct hooks_settings *settings, struct hooks **ret, struct hooks_why *why);
/* Whether an earlier igrecd's set goes on, and which version's the programs are. */
bool hooks_adopted(const struct hooks *hooks);
const char *hooks_version(const struct hooks *hooks);
/* Attaches all programs and pins their links, where they are not: from now on events arrive. */
int hooks_attach(struct hooks *hooks, struct hooks_why *why);
/* Detaches all programs; maps and their contents stay. */
int hooks_detach(struct hooks *hooks);
/* Lets go of the descriptors. What is pinned goes on recording. */
void hooks_close(struct hooks *hooks);
/* bpffs_remove(). */
int hooks_unload(const char *bpffs);

/* Whether the programs are those that Linux before 5.15 takes: see bpf/legacy.bpf.h. */
bool hooks_is_legacy(const struct hooks *hooks);
/* Whether the kernel's tracepoint for OOM kills names the victim; if not, none are told. */
bool hooks_has_oom(const struct hooks *hooks);
uint32_t hooks_slots_max(const struct hooks *hooks);

/* Entry of the mapped slots array; stays valid until close. */
struct igrec_slot *hooks_slot(const struct hooks *hooks, uint32_t slot);
/* Entry of the mapped ledger; stays valid until close. */
struct igrec_ledger *hooks_ledger(const struct hooks *hooks, uint32_t slot);
uint64_t hooks_counter(const struct hooks *hooks, enum igrec_counter counter);

/*
 * Makes a zeroed ring of `blocks` blocks for each of `count` slots and maps them; they stay valid
 * until hooks_ring_unmap(). Waits for the kernel's RCU grace period, some 15 ms, once: not for the
 * loop's thread. 0, -ENOMEM (also the memory cgroup's limit), -errno; then none is made.
 */
int hooks_rings_new(struct hooks *hooks, const uint32_t *slots, uint32_t count, uint32_t blocks,
		    struct igrec_block **ret_rings);
/* Maps the ring that a slot has: 0, -ENOENT if it has none, -errno. */
int hooks_ring_map(struct hooks *hooks, uint32_t slot, struct igrec_block **ret_ring,
		   uint32_t *ret_blocks);
/* Unmaps one: the slot keeps it. */
void hooks_ring_unmap(struct igrec_block *ring, uint32_t blocks);

/* Offers a prepared slot to the next new cgroup; takes one back: -ENOENT if none is left. */
int hooks_pool_push(struct hooks *hooks, uint32_t slot);
int hooks_pool_pop(struct hooks *hooks, uint32_t *ret_slot);
/* Gives a cgroup to a slot; its later tasks are recorded, see hooks_walk_tasks() for those there.
 */
int hooks_cgroup_set(struct hooks *hooks, uint64_t cgroup_id, uint32_t slot);
/* Takes it away again; -ENOENT if the cgroup is not this slot's. */
int hooks_cgroup_delete(struct hooks *hooks, uint64_t cgroup_id, uint32_t slot);
/* Tracks every task of the node that is in a slot's cgroup. */
int hooks_walk_tasks(struct hooks *hooks);

/* Notices: a descriptor to poll for reading, and a call that hands out what is there. */
typedef void (*hooks_notice_fn)(void *context, const struct igrec_notice *notice);
int hooks_notice_fd(const struct hooks *hooks);
int hooks_notices(struct hooks *hooks, hooks_notice_fn fn, void *context);

#endif
