/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's OOM killer ended it: how much there was, and how fast it grew. */
#include <inttypes.h>
#include <string.h>

#include "common/escape.h"
#include "explain/rules.h"
#include "explain/words.h"
#include "replay/memory_figures.h"

#define MIB	      (1 << 20)
#define WORTH_TELLING 1000000000ULL /* ns before */

/* The first sample of usage, and when. */
static bool first_usage(const struct snapshot *snapshot, int64_t *ret_bytes, uint64_t *ret_ns)
{
	for (size_t i = 0; i < snapshot->n_samples; i++) {
		if (snapshot->samples[i].memory_bytes < 0)
			continue;
		*ret_bytes = snapshot->samples[i].memory_bytes;
		*ret_ns = snapshot->samples[i].time_ns;
		return true;
	}
	return false;
}

/* The victim's memory when it was chosen; -1 not known. */
static int64_t victim_bytes(const struct snapshot *snapshot, uint32_t tgid)
{
	for (size_t i = 0; i < snapshot->n_oom_tasks; i++)
		if (snapshot->oom_tasks[i].tgid == tgid)
			return snapshot->oom_tasks[i].rss_bytes;
	return -1;
}

/* What a process asked for by mmap, and the moments of the largest three. */
struct growth {
	uint64_t bytes;
	unsigned calls;
	uint32_t largest_entry;
	uint64_t largest;
};

static bool is_anonymous_mapping(const struct facts *facts, const struct event *event)
{
	const struct syscall_descriptor *call = syscall_by_number(facts->arch, event->nr);

	return call && !strcmp(call->name, "mmap") && event->args == 6 &&
	       (event->arg[3] & 0x20 /* MAP_ANONYMOUS */) && (event->arg[2] & 2 /* PROT_WRITE */);
}

static void measure_growth(const struct facts *facts, uint32_t process, struct growth *ret)
{
	for (size_t i = 0; i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];
		struct event event;

		if (act->kind != ACT_MEMORY || act->process != process || act->error)
			continue;
		facts_event(facts, act, &event);
		if (!is_anonymous_mapping(facts, &event))
			continue;
		ret->bytes += event.arg[1];
		ret->calls++;
		if (event.arg[1] > ret->largest) {
			ret->largest = event.arg[1];
			ret->largest_entry = act->entry;
		}
	}
}

static void write_sentence(struct buf *out, const struct facts *facts, uint32_t victim,
			   const struct igrec_oom *oom, const struct growth *growth)
{
	int64_t own = victim_bytes(facts->snapshot, oom->victim_tgid);
	struct memory_figures memory;
	int64_t first_bytes;
	uint64_t first_ns;

	buf_add_text(out, "the kernel killed ");
	if (victim != PROCESS_NONE)
		words_process(out, facts, victim);
	else
		escape_name(out, oom->victim_comm, strnlen(oom->victim_comm, IGREC_COMM_BYTES));
	if (own >= MIB)
		buf_printf(out, ", which had %" PRId64 " MiB of memory,", own / MIB);
	memory_figures_of(facts->snapshot, &memory);
	if (memory.limit_bytes > 0)
		buf_printf(out,
			   " because the container reached its memory limit of %" PRId64 " MiB",
			   memory.limit_bytes / MIB);
	else
		buf_add_text(out, " because memory ran out");
	if (first_usage(facts->snapshot, &first_bytes, &first_ns) &&
	    first_ns + WORTH_TELLING < timeline_zero_ns(facts->timeline)) {
		buf_printf(out, "; it used %" PRId64 " MiB ", first_bytes / MIB);
		words_duration(out, timeline_zero_ns(facts->timeline) - first_ns);
		buf_add_text(out, " before");
	}
	if (growth->bytes >= MIB)
		buf_printf(out, "; %" PRIu64 " MiB were mapped by %u calls on the tape",
			   growth->bytes / MIB, growth->calls);
}

static void add_oom_evidence(struct finding *finding, const struct facts *facts)
{
	for (size_t i = timeline_count(facts->timeline); i > 0; i--) {
		const struct timeline_entry *entry = timeline_at(facts->timeline, i - 1);

		if (entry->kind == TIMELINE_FAILURE)
			finding_add_evidence(finding, i - 1);
		if (entry->kind == TIMELINE_EVENT &&
		    IGREC_META_TYPE(timeline_header(entry).meta) == IGREC_RECORD_OOM) {
			finding_add_evidence(finding, i - 1);
			return;
		}
	}
}

void rule_out_of_memory(const struct facts *facts, const struct candidates *candidates,
			struct findings *findings)
{
	enum failure_kind kind = facts->snapshot->failure.kind;
	bool is_oom = kind == FAILURE_OOM || kind == FAILURE_CHILD_OOM;
	uint32_t victim = facts_culprit(facts);
	struct growth growth = {0};
	struct finding *finding;
	struct event event = {0};
	char comm[IGREC_COMM_BYTES + 1] = "";

	if (timeline_oom(facts->timeline, &event)) {
		victim = facts_process_of(facts, event.oom.victim_tgid, event.time_ns);
		memcpy(comm, event.oom.victim_comm, IGREC_COMM_BYTES);
	} else if (!is_oom) {
		return;
	}
	finding = findings_add(findings, "out-of-memory",
			       is_oom || facts_in_chain(facts, victim) ? CONFIDENCE_CERTAIN
								       : CONFIDENCE_LIKELY,
			       110);
	if (!finding)
		return;
	measure_growth(facts, victim, &growth);
	buf_add_text(&finding->object, victim != PROCESS_NONE ? facts_comm(facts, victim) : comm);
	write_sentence(&finding->sentence, facts, victim, &event.oom, &growth);
	buf_add_text(&finding->next, "look at resources.limits.memory, and at what grew: igrec "
				     "replay -e %memory; igrec info shows the cgroup's figures");
	add_oom_evidence(finding, facts);
	if (growth.largest)
		finding_add_evidence(finding, growth.largest_entry);
}
