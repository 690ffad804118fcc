/* SPDX-License-Identifier: Apache-2.0 */
/* Two sides -> divergences in the order of time. */
#include "view/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/grow.h"

/*
 * When a stretch begins on a side: when its first call returned, as a wait that tells how a child
 * ended differs after the child did. Of a side that has nothing there, when it went on, or ended.
 */
static uint64_t time_of(const struct diff_side *side, const struct diff_thread *thread, size_t from)
{
	const struct timeline_entry *entry;
	size_t event;

	if (!thread || !thread->count)
		return 0;
	event = from < thread->count ? from : thread->count - 1;
	entry = timeline_at(side->query.timeline, thread->events[event].entry);
	return timeline_header(entry).time_ns;
}

static int add(struct diff *diff, const struct divergence *divergence)
{
	struct divergence *new;

	if (grow_array((void **)&diff->divergences, diff->n_divergences, &diff->divergences_room,
		       sizeof(*diff->divergences)))
		return -ENOMEM;
	new = &diff->divergences[diff->n_divergences++];
	*new = *divergence;
	for (unsigned i = 0; i < 2; i++)
		new->time_ns[i] = time_of(&diff->side[i], new->thread[i], new->from[i]);
	return 0;
}

/* A tape whose beginning was overwritten, or that was taken of a running container, tells nothing
 * of what the other one has there. */
static bool is_beyond_tape(const struct diff *diff, const struct divergence *at)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct diff_side *side = &diff->side[i];
		enum failure_kind kind = timeline_snapshot(side->query.timeline)->failure.kind;
		bool is_first = !at->from[0] || !at->from[1];
		bool is_last = at->to[i] == (at->thread[i] ? at->thread[i]->count : 0);

		if (at->from[i] != at->to[i])
			continue;
		if (!side->is_whole && is_first)
			return true;
		if (kind == FAILURE_REQUESTED && is_last)
			return true;
	}
	return false;
}

static int compare_threads(struct diff *diff, uint32_t key, const struct diff_thread *a,
			   const struct diff_thread *b)
{
	struct align_hunks hunks = {0};
	int err = align(a->events, a->count, b->events, b->count, &hunks);

	diff->matched++;
	for (size_t i = 0; !err && i < hunks.count; i++) {
		const struct divergence divergence = {
			.key = key,
			.thread = {a, b},
			.from = {hunks.all[i].a_from, hunks.all[i].b_from},
			.to = {hunks.all[i].a_to, hunks.all[i].b_to},
			.is_bounded = hunks.is_bounded,
		};

		if (!is_beyond_tape(diff, &divergence))
			err = add(diff, &divergence);
	}
	free(hunks.all);
	return err;
}

/* One side has no such thread. */
static int note_alone(struct diff *diff, const struct diff_thread *thread, unsigned which)
{
	struct divergence divergence = {.key = thread->key};

	divergence.thread[which] = thread;
	divergence.to[which] = thread->count;
	return !thread->count || is_beyond_tape(diff, &divergence) ? 0 : add(diff, &divergence);
}

static int compare(struct diff *diff)
{
	int err = 0;

	for (size_t i = 0; !err && i < diff->side[0].n_threads; i++) {
		const struct diff_thread *a = &diff->side[0].threads[i];
		const struct diff_thread *b = diff_side_thread(&diff->side[1], a->key);

		err = b ? compare_threads(diff, a->key, a, b) : note_alone(diff, a, 0);
	}
	for (size_t i = 0; !err && i < diff->side[1].n_threads; i++) {
		const struct diff_thread *b = &diff->side[1].threads[i];

		if (!diff_side_thread(&diff->side[0], b->key))
			err = note_alone(diff, b, 1);
	}
	return err;
}

/* From when its side began: what both have to be compared by. */
static uint64_t since_begin(const struct diff *diff, const struct divergence *divergence)
{
	unsigned which = divergence->thread[1] ? 1 : 0;
	const struct diff_side *side = &diff->side[which];
	uint64_t begin_ns = UINT64_MAX;

	for (size_t i = 0; i < side->n_threads && i < 1; i++)
		begin_ns = time_of(side, &side->threads[i], 0);
	return divergence->time_ns[which] > begin_ns ? divergence->time_ns[which] - begin_ns : 0;
}

static int by_time(const void *a, const void *b, void *user)
{
	uint64_t left = since_begin(user, a), right = since_begin(user, b);

	if (left != right)
		return left < right ? -1 : 1;
	return (((const struct divergence *)a)->key > ((const struct divergence *)b)->key) -
	       (((const struct divergence *)a)->key < ((const struct divergence *)b)->key);
}

int diff_make(struct diff *diff, const struct view_query *a, const struct view_query *b)
{
	int err;

	*diff = (struct diff){0};
	err = diff_side_read(&diff->side[0], a, &diff->words);
	if (!err)
		err = diff_side_read(&diff->side[1], b, &diff->words);
	for (unsigned i = 0; !err && i < 2; i++)
		err = diff_facts_add(&diff->facts, &diff->side[i], i);
	if (!err)
		err = compare(diff);
	if (!err && diff->n_divergences)
		qsort_r(diff->divergences, diff->n_divergences, sizeof(*diff->divergences), by_time,
			diff);
	return err;
}

void diff_done(struct diff *diff)
{
	keys_done(&diff->words.tokens);
	keys_done(&diff->words.threads);
	for (unsigned i = 0; i < 2; i++)
		diff_side_done(&diff->side[i]);
	diff_facts_done(&diff->facts);
	free(diff->divergences);
}
