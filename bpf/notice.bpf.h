/* SPDX-License-Identifier: GPL-2.0 */
/* Telling user space. A notice that does not fit is dropped and counted. */
#ifndef NOTICE_BPF_H
#define NOTICE_BPF_H

#include "task.bpf.h"

/* Reserves a notice about a slot: `bytes` a constant. Submit it, or see it counted if NULL. */
static __always_inline struct igrec_notice *notice_new(enum igrec_notice_type type, __u32 slot,
						       __u64 cgroup_id, const __u32 bytes)
{
	struct igrec_notice *notice = bpf_ringbuf_reserve(&notices, bytes, 0);

	if (!notice) {
		count(IGREC_COUNTER_NOTICES_DROPPED);
		return NULL;
	}
	__builtin_memset(notice, 0, IGREC_NOTICE_SHORT_BYTES);
	notice->type = type;
	notice->slot = slot;
	notice->cgroup_id = cgroup_id;
	notice->time_ns = bpf_ktime_get_ns();
	return notice;
}

/* A notice about a process of a recorded container. */
static __always_inline void notice_process(enum igrec_notice_type type,
					   const struct task_state *state,
					   const struct igrec_slot *slot, struct task_struct *task,
					   bool init, int code, __u32 rss_pages)
{
	struct igrec_notice *notice =
		notice_new(type, state->slot, slot->cgroup_id, IGREC_NOTICE_SHORT_BYTES);

	if (!notice)
		return;
	notice->generation = state->generation;
	notice->tgid = task->tgid;
	notice->ns_tgid = task_ns_tid(task->group_leader, slot);
	notice->ns_level = task_ns_level(task);
	notice->init = init;
	notice->code = code;
	notice->rss_pages = rss_pages;
	bpf_probe_read_kernel(notice->comm, sizeof(notice->comm), task->group_leader->comm);
	bpf_ringbuf_submit(notice, 0);
}

#endif
