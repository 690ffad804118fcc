/* SPDX-License-Identifier: GPL-2.0 */
/* As capture_legacy.bpf.h, for the steps through directory entries. */
#ifndef DIRENTS_LEGACY_BPF_H
#define DIRENTS_LEGACY_BPF_H

struct legacy_dirents {
	struct dirents_walk walk;
	struct capture_room room;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct legacy_dirents);
} legacy_dirents SEC(".maps") __weak;

static __always_inline struct legacy_dirents *legacy_dirents_here(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&legacy_dirents, &key);
}

LEGACY_ALONE int dirents_step_here(void)
{
	struct legacy_dirents *here = legacy_dirents_here();

	return here ? dirents_step(&here->room, &here->walk) : 0;
}

static __always_inline int legacy_dirents_step(struct dirents_walk *walk)
{
	struct legacy_dirents *here = legacy_dirents_here();
	int more;

	if (!here)
		return 0;
	here->walk = *walk;
	more = dirents_step_here();
	*walk = here->walk;
	return more;
}

#define dirents_step(room, walk) legacy_dirents_step(walk)

#endif
