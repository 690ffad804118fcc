/* SPDX-License-Identifier: GPL-2.0 */
/* A record: where it goes, its header and mark. See struct igrec_record in igrec_abi.h. */
#ifndef RECORD_BPF_H
#define RECORD_BPF_H

#include "ring.bpf.h"
#include "task.bpf.h"

/* One record being written. */
struct record_place {
	struct igrec_block *block;
	struct igrec_record *header;
	void *body; /* behind header and mark */
	__u64 word;
	__u32 bytes; /* reserved */
	__u32 lane;
	__u16 meta;
};

/* The largest record without captures: header, mark, result, arguments. */
#define RECORD_PLAIN_BYTES                                                                         \
	(sizeof(struct igrec_record) + sizeof(struct igrec_mark) + 8 + IGREC_ARGS_MAX * 8)

/* Fills the mark of the current task, whose state this is. */
extern int mark_fill(struct igrec_mark *mark, const struct task_state *state, __u32 pid_level);

/*
 * Finds room for a record whose part behind the mark takes `body` bytes (a multiple of 8), `most`
 * (a constant) being the largest that header, mark and body can be. The current task's mark is
 * put in front if this block lacks it. Returns false, counted, if there is no room.
 */
static __always_inline bool record_open(struct record_place *place, struct ring_writer *w,
					__u32 lane, struct task_state *state, __u32 body,
					const __u32 most)
{
	__u32 bytes = sizeof(struct igrec_record) + body;
	bool mark = false;

	place->meta = 0;
	place->lane = lane;
	place->block = ring_block(w, lane, most);
	if (!place->block)
		return false;
	if (state && state->marked[lane] != w->cursor->sequence[lane]) {
		mark = true;
		bytes += sizeof(struct igrec_mark);
	}
	place->bytes = bytes;
	place->header = ring_reserve(place->block, bytes, most, &place->word);
	if (!place->header)
		return false;
	place->body = place->header + 1;
	if (mark) {
		state->marked[lane] = IGREC_RESERVE_SEQUENCE(place->word);
		mark_fill(place->body, state, w->slot->pid_level);
		place->body += sizeof(struct igrec_mark);
		place->meta = IGREC_META_MARK;
	}
	if (!w->slot->started)
		place->meta |= IGREC_META_SETUP;
	return true;
}

/* record_open() in the start lane while that has room, else in `lane`; drops are counted. */
static __always_inline bool record_begin(struct record_place *place, struct ring_writer *w,
					 __u32 lane, struct task_state *state, __u32 body,
					 const __u32 most)
{
	if (w->slot->started && !w->slot->start_full &&
	    record_open(place, w, IGREC_LANE_START, state, body, most))
		return true;
	if (record_open(place, w, lane, state, body, most))
		return true;
	__sync_fetch_and_add(&w->slot->lanes[lane].dropped, 1);
	return false;
}

/* Where the body begins in the record; bounded, unlike the difference of two pointers. */
static __always_inline __u32 record_body_at(const struct record_place *place)
{
	return sizeof(struct igrec_record) +
	       (place->meta & IGREC_META_MARK ? sizeof(struct igrec_mark) : 0);
}

/* Fills the header but for meta. */
static __always_inline void record_stamp(struct record_place *place, __u64 time_ns, __u32 tid,
					 __u16 nr)
{
	place->header->cpu = bpf_get_smp_processor_id();
	place->header->nr = nr;
	place->header->time_ns = time_ns;
	place->header->tid = tid;
	place->header->duration = 0;
}

/* The duration in the fewest bits that hold it: see IGREC_META_SHIFT. */
static __always_inline void record_set_duration(struct record_place *place, __u64 duration_ns)
{
	__u32 shift = 0;

	if (duration_ns >> 32) {
		shift = duration_ns >> 42 ? (duration_ns >> 52 ? 3 : 2) : 1;
		duration_ns >>= shift * 10;
	}
	place->header->duration = duration_ns;
	place->meta |= shift << IGREC_META_DURATION_SHIFT;
}

static __always_inline void record_commit(struct record_place *place, enum igrec_record_type type)
{
	place->header->bytes = place->bytes;
	place->header->meta = place->meta | type;
	ring_commit(place->block, place->lane, place->bytes);
}

/* Commits a record whose captures ended at `end`, giving back what they did not need. */
static __always_inline void record_commit_used(struct record_place *place,
					       enum igrec_record_type type, __u32 used)
{
	__u32 bytes = ring_shrink(place->block, place->word, place->bytes, used);

	place->header->bytes = bytes;
	place->header->meta = place->meta | IGREC_META_CAPTURES | type;
	ring_commit(place->block, place->lane, bytes);
}

#endif
