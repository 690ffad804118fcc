// SPDX-License-Identifier: GPL-2.0
/*
 * The life of cgroups.  A new one gets a ready ring at once, so that the first syscall of whoever
 * enters it is on the tape; user space then looks at its name and keeps the ring or takes it back.
 * One below a confirmed container shares that container's slot.
 */
#include "notice.bpf.h"

#include <bpf/bpf_tracing.h>

static __always_inline void tell_new(__u32 slot, __u64 cgroup_id, const char *path)
{
	struct igrec_notice *notice =
		notice_new(IGREC_NOTICE_CGROUP_NEW, slot, cgroup_id, sizeof(struct igrec_notice));
	long got;

	if (!notice)
		return;
	got = bpf_probe_read_kernel_str(notice->path, sizeof(notice->path), path);
	notice->path_bytes = got > 0 ? got - 1 : 0;
	bpf_ringbuf_submit(notice, 0);
}

/* The slot of the container that this new cgroup lies in, or NULL. */
static __always_inline __u32 *inherited_slot(struct cgroup *cgroup)
{
	struct cgroup_subsys_state *parent = cgroup->self.parent;
	struct igrec_slot *slot;
	__u64 parent_id;
	__u32 *index;

	if (!parent)
		return NULL;
	parent_id = parent->cgroup->kn->id;
	index = bpf_map_lookup_elem(&cgroup_slots, &parent_id);
	if (!index)
		return NULL;
	slot = bpf_map_lookup_elem(&slots, index);
	return slot && slot->state == IGREC_SLOT_CONFIRMED ? index : NULL;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(igrec_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	struct igrec_slot *slot;
	__u32 *inherited, index;
	__u64 id;

	if (cgroup->root->hierarchy_id != 0)
		return 0;
	id = cgroup->kn->id;
	inherited = inherited_slot(cgroup);
	if (inherited) {
		if (bpf_map_update_elem(&cgroup_slots, &id, inherited, BPF_ANY))
			count(IGREC_COUNTER_NO_RING);
		return 0;
	}
	if (bpf_map_pop_elem(&pool, &index)) {
		count(IGREC_COUNTER_NO_RING);
		tell_new(IGREC_SLOT_NO_RING, id, path);
		return 0;
	}
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot)
		return 0;
	slot->cgroup_id = id;
	slot->taken_ns = bpf_ktime_get_ns();
	slot->state = IGREC_SLOT_TENTATIVE;
	if (bpf_map_update_elem(&cgroup_slots, &id, &index, BPF_ANY))
		count(IGREC_COUNTER_NO_RING);
	tell_new(index, id, path);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(igrec_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	struct igrec_notice *notice;
	struct igrec_slot *slot;
	__u32 *found, index;
	__u64 id;

	if (cgroup->root->hierarchy_id != 0)
		return 0;
	id = cgroup->kn->id;
	found = bpf_map_lookup_elem(&cgroup_slots, &id);
	if (!found)
		return 0;
	index = *found;
	bpf_map_delete_elem(&cgroup_slots, &id);
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot || slot->cgroup_id != id)
		return 0;
	notice = notice_new(IGREC_NOTICE_CGROUP_GONE, index, id, IGREC_NOTICE_SHORT_BYTES);
	if (!notice)
		return 0;
	notice->generation = slot->generation;
	bpf_ringbuf_submit(notice, 0);
	return 0;
}

/* The tracepoint names the leader only; the other threads of a group are walked by user space. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(igrec_cgroup_attach, struct cgroup *to, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	struct igrec_notice *notice;
	__u64 id;

	if (to->root->hierarchy_id != 0)
		return 0;
	id = to->kn->id;
	if (task->mm) /* a leader that has exited before its threads is never heard of again */
		task_sort(task, id);
	if (!threadgroup || task->signal->nr_threads <= 1)
		return 0;
	notice = notice_new(IGREC_NOTICE_MOVED, 0, id, IGREC_NOTICE_SHORT_BYTES);
	if (notice)
		bpf_ringbuf_submit(notice, 0);
	return 0;
}
