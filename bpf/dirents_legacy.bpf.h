/* SPDX-License-Identifier: GPL-2.0 */
/* As capture_legacy.bpf.h, for the steps through directory entries. */
#ifndef DIRENTS_LEGACY_BPF_H
#define DIRENTS_LEGACY_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dirents_walk);
} legacy_walk SEC(".maps") __weak;

static __always_inline struct dirents_walk *legacy_walk_here(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&legacy_walk, &key);
}

LEGACY_ALONE int dirents_step_here(void)
{
	return dirents_step(legacy_walk_here());
}

static __always_inline int legacy_dirents_step(struct dirents_walk *walk)
{
	struct dirents_walk *here = legacy_walk_here();
	int more;

	if (!here)
		return 0;
	*here = *walk;
	more = dirents_step_here();
	*walk = *here;
	return more;
}

#define dirents_step(walk) legacy_dirents_step(walk)

#endif
