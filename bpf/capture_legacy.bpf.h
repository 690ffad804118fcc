/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Captures where a function that is verified on its own cannot have pointers as arguments (before
 * Linux 5.12): they are made in a room of this CPU's, with the call beside it, and copied.  Only
 * programs that never interrupt one another on a CPU come here.
 */
#ifndef CAPTURE_LEGACY_BPF_H
#define CAPTURE_LEGACY_BPF_H

struct legacy_captures {
	struct call_body call;
	struct captures_room room;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct legacy_captures);
} legacy_captures SEC(".maps") __weak;

static __always_inline struct legacy_captures *legacy_captures_here(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&legacy_captures, &key);
}

LEGACY_ALONE int capture_all_here(void)
{
	struct task_state *state = task_state_of(bpf_get_current_task_btf());
	struct legacy_captures *here = legacy_captures_here();

	return here && state ? capture_all(&here->room, &here->call, state) : 0;
}

LEGACY_ALONE int capture_one_here(void)
{
	struct task_state *state = task_state_of(bpf_get_current_task_btf());
	struct legacy_captures *here = legacy_captures_here();

	return here && state ? capture_one(&here->room, &here->call, state) : 0;
}

/* `one`, a constant: by capture_one(), else capture_all(). */
static __always_inline int legacy_capture(void *room, const struct call_body *call, const bool one)
{
	const __u32 most = one ? IGREC_CAPTURE_ROOM : IGREC_CAPTURE_BUDGET;
	struct legacy_captures *here = legacy_captures_here();
	__u32 bytes;

	if (!here)
		return 0;
	bpf_probe_read_kernel(&here->call, sizeof(here->call), call);
	bytes = one ? capture_one_here() : capture_all_here();
	barrier_var(bytes);
	if (bytes > most)
		return 0;
	bpf_probe_read_kernel(room, bytes, &here->room);
	return bytes;
}

#define capture_all(room, call, state) legacy_capture(room, call, 0)
#define capture_one(room, call, state) legacy_capture(room, call, 1)

#endif
