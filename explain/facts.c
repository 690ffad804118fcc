/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timeline -> facts, in one pass.  Memory is bounded by the tape's size, which is the ring's, and
 * by the limits of facts_build.h.
 */
#include "explain/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "explain/facts_build.h"

#define START_NS 100000000ULL /* between a fork and the first exec behind it */

/* ---- whose ----------------------------------------------------------------------------------- */

uint32_t facts_process_of(const struct facts *facts, uint32_t tgid, uint64_t time_ns)
{
	return process_spans_find(&facts->spans, tgid, time_ns);
}

const char *facts_comm(const struct facts *facts, uint32_t process)
{
	const char *comm = "";

	if (process != PROCESS_NONE)
		comm = process_comm(&facts->processes, &facts->processes.all[process]);
	return comm[0] ? comm : "the program";
}

uint64_t facts_end_ns(const struct facts *facts, uint32_t process)
{
	uint64_t end_ns = process == PROCESS_NONE ? 0 : facts->processes.all[process].end_ns;

	return end_ns ? end_ns : timeline_zero_ns(facts->timeline);
}

uint32_t facts_culprit(const struct facts *facts)
{
	return facts->n_chain ? facts->chain[facts->n_chain - 1] : PROCESS_NONE;
}

bool facts_in_chain(const struct facts *facts, uint32_t process)
{
	for (unsigned i = 0; i < facts->n_chain; i++) {
		if (facts->chain[i] == process)
			return true;
	}
	return false;
}

bool facts_start_is_lost(const struct facts *facts, uint32_t process)
{
	struct timeline_whole whole = timeline_whole(facts->timeline);
	const struct process *of = &facts->processes.all[process];
	uint64_t first_ns;

	if (of->parent != PROCESS_NONE || of->first_deed == PROCESS_NONE)
		return false;
	first_ns = facts->processes.deeds[of->first_deed].time_ns;
	if (timeline_is_incomplete(facts->timeline))
		return true;
	return first_ns < whole.vital_since_ns + START_NS &&
	       (first_ns < whole.start_from_ns || first_ns > whole.start_to_ns);
}

/* ---- acts ------------------------------------------------------------------------------------ */

void facts_event(const struct facts *facts, const struct act *act, struct event *ret)
{
	/* Arguments that a damaged record lacks read as 0. */
	memset(ret->arg, 0, sizeof(ret->arg));
	timeline_event(timeline_at(facts->timeline, act->entry), ret);
}

uint64_t facts_time_ns(const struct facts *facts, uint32_t entry)
{
	return timeline_at(facts->timeline, entry)->time_ns;
}

size_t facts_first_after(const struct facts *facts, uint32_t entry)
{
	size_t low = 0, high = facts->n_acts;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (facts->acts[middle].entry <= entry)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#define WORK                                                                                       \
	(ACT_BIT(ACT_OPEN) | ACT_BIT(ACT_EXEC) | ACT_BIT(ACT_FORK) | ACT_BIT(ACT_CONNECT) |        \
	 ACT_BIT(ACT_BIND) | ACT_BIT(ACT_LISTEN) | ACT_BIT(ACT_ACCEPT) | ACT_BIT(ACT_SYNC) |       \
	 ACT_BIT(ACT_DIRECTORY))

unsigned facts_work_after(const struct facts *facts, uint32_t process, uint32_t entry)
{
	unsigned work = 0;

	for (size_t i = facts_first_after(facts, entry); i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];

		if (act->process == process && !act->error && (WORK & ACT_BIT(act->kind)))
			work++;
	}
	return work;
}

/* ---- gathering ------------------------------------------------------------------------------- */

char *facts_keep(struct facts *facts, const void *text, size_t bytes)
{
	char *kept;

	if (facts->text_bytes + bytes > FACTS_TEXT_MAX)
		bytes = 0;
	kept = malloc(bytes + 1);
	if (!kept)
		return NULL;
	if (bytes)
		memcpy(kept, text, bytes);
	kept[bytes] = '\0';
	facts->text_bytes += bytes;
	return kept;
}

static int add_act(struct facts *facts, const struct timeline_entry *entry, size_t index,
		   const struct event *event)
{
	uint32_t tgid = timeline_task_of(facts->timeline, entry)->tgid;

	if (facts->n_acts == facts->acts_room) {
		size_t room = facts->acts_room ? facts->acts_room * 2 : 1024;
		struct act *grown = reallocarray(facts->acts, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		facts->acts = grown;
		facts->acts_room = room;
	}
	facts->acts[facts->n_acts++] = (struct act){
		.entry = (uint32_t)index,
		.process = facts_process_of(facts, tgid, event->time_ns),
		.error = (int16_t)(entry->in_flight ? 0 : act_error(event)),
		.kind = (uint8_t)act_kind_of(&facts->table, facts->arch, event),
		.in_flight = entry->in_flight,
	};
	return 0;
}

static int take_entry(struct facts *facts, struct objects *objects, size_t index)
{
	const struct timeline_entry *entry = timeline_at(facts->timeline, index);
	struct event event;
	int err;

	if (entry->kind != TIMELINE_EVENT || timeline_is_setup(entry) != facts->setup_only)
		return 0;
	memset(event.arg, 0, sizeof(event.arg));
	timeline_event(entry, &event);
	if (event.type != IGREC_RECORD_SYSCALL && event.type != IGREC_RECORD_EXEC)
		return 0;
	err = add_act(facts, entry, index, &event);
	if (err || event.type != IGREC_RECORD_SYSCALL)
		return err;
	objects_seek(objects, index);
	err = facts_add_failed(facts, objects, &event, (uint32_t)facts->n_acts - 1);
	if (!err)
		err = facts_add_message(facts, &event, &facts->acts[facts->n_acts - 1]);
	return err;
}

static int gather(struct facts *facts)
{
	struct objects *objects = NULL;
	int err = objects_new(facts->timeline, facts->arch, OBJECT_STYLE_ADDRESS, &objects);

	for (size_t i = 0; !err && i < timeline_count(facts->timeline); i++)
		err = take_entry(facts, objects, i);
	objects_free(objects);
	return err;
}

int facts_init(const struct timeline *timeline, enum arch arch, struct facts *ret)
{
	struct facts facts = {
		.timeline = timeline, .snapshot = timeline_snapshot(timeline), .arch = arch};
	int err = processes_init(timeline, &facts.processes);

	if (err)
		return err;
	act_table_init(&facts.table, arch);
	facts.setup_only = !timeline_has_started(timeline) &&
			   facts.snapshot->failure.kind != FAILURE_REQUESTED;
	err = process_spans_init(&facts.processes, &facts.spans);
	if (!err)
		err = gather(&facts);
	if (err) {
		facts_done(&facts);
		return err;
	}
	for (size_t i = 0; i < facts.n_messages; i++)
		facts.messages[i].tone = says_tone(facts.messages[i].text, facts.messages[i].bytes);
	facts_find_chain(&facts);
	*ret = facts;
	return 0;
}

void facts_done(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_failed; i++) {
		free(facts->failed[i].object);
		free(facts->failed[i].given);
	}
	for (size_t i = 0; i < facts->n_messages; i++)
		free(facts->messages[i].text);
	free(facts->failed);
	free(facts->messages);
	free(facts->acts);
	process_spans_done(&facts->spans);
	processes_done(&facts->processes);
	*facts = (struct facts){0};
}
